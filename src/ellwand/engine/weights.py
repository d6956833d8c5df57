"""Weights of the elementary aggregates: one basket, or several that follow one another."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ellwand.engine.classification import Classification
from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key, text_of
from ellwand.engine.source import need, open_source
from ellwand.formulas.catalogue import suggest
from ellwand.formulas.panel import Array

Baskets = list[tuple[int, Array]]


def read_baskets(
    weights: Any, classification: Classification, periods: list[Any], code: str = "ea", total: float | None = None
) -> Baskets:
    """Baskets in the order of time: the first period whose change they weight, and a weight for each leaf.

    weights : a mapping of code to weight, or a table with the columns `code`, weight and, for several baskets,
    valid_from (a basket holds from its first period on that is in the data, and its weights stand at the prices of the
    period before). A leaf that a basket does not list weighs nothing in it. total : what the weights of each basket
    must sum to, within 1e-9 of it (1 for shares, 1000 for per mille); None: any sum, weights are value weights.

    DataError for an unknown or repeated code, a negative or missing weight, a class above the leaves, a basket without
    weight or with another sum than `total`, or a first basket that comes too late.
    """
    rows = _rows(weights, code)
    leaf_at = {c: i for i, c in enumerate(classification.leaves)}
    groups: dict[Any, Array] = {}
    seen: set[tuple[Any, str]] = set()
    for n, (start, name, value) in enumerate(rows, start=1):
        if name not in leaf_at:
            if name in classification.position:
                raise DataError(
                    f"weights row {n}, field {code}: {name!r} is a class above the elementary aggregates; weights "
                    "stand at the elementary aggregates and are summed upwards"
                )
            raise DataError(
                f"weights row {n}, field {code}: {name!r} is no class of the classification, which serves all baskets;"
                " a class that was renamed is given by its present code; " + suggest(name, leaf_at)
            )
        if (start, name) in seen:
            raise DataError(f"weights row {n}, field {code}: {name!r} stands twice in one basket")
        try:
            number = float("nan") if value is None or isinstance(value, bool) else float(value)
        except (TypeError, ValueError):
            number = float("nan")
        if not 0 <= number < float("inf"):
            raise DataError(f"weights row {n}, field weight: {value}: a weight must be a finite number, 0 or above")
        seen.add((start, name))
        groups.setdefault(start, np.zeros(len(leaf_at)))[leaf_at[name]] = number
    keys = [natural_key(text_of(p)) for p in periods]
    out: dict[int, Array] = {}
    for start in sorted(groups, key=lambda s: () if s is None else natural_key(text_of(s))):
        if not groups[start].sum() > 0:
            raise DataError(f"{_named(start)} has no weight above 0; give the weight of at least one class")
        sum_ = float(groups[start].sum())
        if total is not None and abs(sum_ - total) > 1e-9 * abs(total):
            raise DataError(f"the weights of {_named(start)} sum to {sum_!r} and must sum to {total!r}; correct them")
        later = [t for t, k in enumerate(keys) if start is None or k >= natural_key(text_of(start))]
        if later:
            out[later[0]] = groups[start]
    if 0 not in out:
        raise DataError(f"no basket is in force in the first period {text_of(periods[0])}; the first is too late")
    return sorted(out.items())


def _named(start: Any) -> str:
    return "the basket" if start is None else f"the basket of {text_of(start)}"


def _rows(weights: Any, code: str) -> list[tuple[Any, str, Any]]:
    if isinstance(weights, Mapping):
        return [(None, str(k), v) for k, v in weights.items()]
    source = open_source(weights, text_columns=(code,))
    for name, role in ((code, "code"), ("weight", "weight")):
        need(source.columns, name, role)
    columns = [code, "weight", *(["valid_from"] if "valid_from" in source.columns else [])]
    table = source.arrow(columns)
    starts = table["valid_from"].to_pylist() if len(columns) == 3 else [None] * table.num_rows
    codes = [str(c) for c in table[code].to_pylist()]
    return list(zip(starts, codes, table["weight"].to_pylist(), strict=True))
