"""What a compilation leaves beside its observations, kept in the same transaction: see `models.Sheet`."""

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.apps import apps
from django.db.models import Count, QuerySet
from numpy.typing import NDArray

from ellwand.engine.periods import natural_key
from ellwand.office import setup
from ellwand.office.editorial.models import Sheet
from ellwand.office.quotes.models import Quote
from ellwand.office.record.models import Compilation
from ellwand.office.releases.figures import CARRIED
from ellwand.office.rounds.models import Round
from ellwand.office.rounds.producing import BACK, Produced, earlier
from ellwand.production.book import NONE
from ellwand.production.compile import Compiled
from ellwand.production.line import CORRECTED, OBSERVED, REPLACED

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
COMPARED = tuple(c for c in CARRIED if c not in ("series", "period"))
SHOWN = 60
"""Periods before the issue that its facts know: a year and a few, so that every basis lies among them."""
CLOSE = 1e-9
"""Relative difference of figures that count as equal: processors differ in the last bits."""


def keep(made: Compilation, produced: Produced, rows: Rows) -> Sheet:
    """Keep the sheet of a compilation. rows : the observations of all periods that the production showed."""
    results = produced.results
    levels, periods, t = results.levels[0], results.compiled.book.periods, produced.t
    past = [[periods[u], float(levels[u]) if np.isfinite(levels[u]) else None] for u in range(max(t - SHOWN, 0), t)]
    sheet = Sheet(
        compilation=made,
        past=past,
        checks=checks(made, rows),
        concentrated=concentrated(results.compiled, t, setup.current().concentration),
        counts=counts(made.round),
        drill=packed(results.drill(t)),
    )
    sheet.save()
    return sheet


def packed(table: pa.Table) -> bytes:
    """A table as Parquet."""
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd", compression_level=9)
    return out.getvalue()


def drill_of(made: Compilation) -> pa.Table | None:
    """The price series of a compilation's period; None for a compilation that kept none."""
    content = Sheet.objects.filter(compilation=made).values_list("drill", flat=True).first()
    return None if content is None else pq.read_table(io.BytesIO(bytes(content)))


def checks(made: Compilation, rows: Rows) -> list[list[Any]]:
    """The last issues against what today's inputs give: period, number of the compilation, first difference or ""."""
    family = Compilation.objects.filter(round__family=made.round.family)
    out: list[list[Any]] = []
    for period in earlier(made.round)[-BACK:]:
        last = family.filter(round__period=period).order_by("-number").first()
        if last is not None and last.method_digest == made.method_digest:
            out.append([period, last.number, difference(last, rows.get(period, ()))])
    return out


def difference(old: Compilation, fresh: Sequence[Mapping[str, Any]]) -> str:
    """The first figure of a compilation that comes out otherwise: series, column, what it was and is; "" for none."""
    by_series = {row["series"]: row for row in fresh}
    for was in old.observations.order_by("pk").values("series", *COMPARED):
        now = by_series.get(was["series"])
        if now is None:
            return f"{was['series']}: is there no more"
        for name in COMPARED:
            if not _equal(was[name], now[name]):
                return f"{was['series']}, {name}: {was[name]} -> {now[name]}"
    return ""


def _equal(old: Any, new: Any) -> bool:
    if isinstance(old, float) and isinstance(new, float):
        return abs(old - new) <= CLOSE * max(1.0, abs(old))
    return bool(old == new)


def concentrated(compiled: Compiled, t: int, limit: float) -> list[list[Any]]:
    """Classes with a figure of which one unit has more than `limit` of the weight: code, and its share (rule 28)."""
    share = largest_shares(compiled, t)
    shown = np.isfinite(compiled.level[:, t]) & ~compiled.suppressed[:, t]
    codes = compiled.book.classification.codes
    return [[codes[k], round(float(share[k]), 4)] for k in np.flatnonzero(shown & (share > limit)).tolist()]


def largest_shares(compiled: Compiled, t: int) -> NDArray[np.float64]:
    """Of each class the largest share of one unit in the weight of its own quotes; 0 where it has none."""
    line, book = compiled.line, compiled.book
    parent = np.asarray(book.classification.parents, dtype=np.intp)
    out = np.zeros(len(parent))
    leaf = book.classification.tree.leaves[book.aggregate]
    used = np.isin(line.state[:, t], (OBSERVED, CORRECTED, REPLACED))
    weight = np.where(used, compiled.weight[:, t], 0.0)
    node, unit = leaf, book.unit
    below = True
    while len(node):
        pairs, at = np.unique(np.stack([node, unit]), axis=1, return_inverse=True)
        of_unit = np.bincount(at.ravel(), weight)
        total = np.bincount(node, weight, minlength=len(parent))
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = np.where(total[pairs[0]] > 0, of_unit / total[pairs[0]], 0.0)
        np.maximum.at(out, pairs[0], shares)
        if below:
            weight, below = weight * compiled.aggregated.weights[leaf, t], False
        up = parent[node]
        keep_ = up != NONE
        node, unit, weight = up[keep_], unit[keep_], weight[keep_]
    return out


def counts(found: Round) -> dict[str, Any]:
    """Counts of a round: its quotes with a price by class of input, in all and of each class of the first level (rule
    25), unsigned ones (rule 37), those that changed after they came in; and what reviewers decided last of each quote,
    by act.
    """
    from ellwand.office.review.coverage import tops

    quotes = Quote.objects.current().filter(round=found, price__isnull=False)
    return {
        "inputs": {row["kind"]: row["n"] for row in quotes.values("kind").order_by("kind").annotate(n=Count("pk"))},
        "inputs_of": _by_class(quotes, tops()),
        "unsigned": quotes.filter(unit__conduct_signed="").count(),
        "changed": quotes.filter(supersedes__isnull=False).count(),
        "decided": decided(found),
    }


def _by_class(quotes: QuerySet[Quote], tops: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Quotes by class of the first level and class of input."""
    out: dict[str, Counter[str]] = {}
    for row in quotes.values("item__ea", "kind").order_by("item__ea", "kind").annotate(n=Count("pk")):
        top = tops.get(row["item__ea"])
        out.setdefault(top.code if top else row["item__ea"], Counter())[row["kind"]] += row["n"]
    return {code: dict(sorted(out[code].items())) for code in sorted(out, key=natural_key)}


def decided(found: Round) -> dict[str, int]:
    """How many quotes of a round were decided last by each act of the review (rule 29: judgement is counted)."""
    decisions = apps.get_app_config("review").models.get("decision")
    if decisions is None:
        return {}
    rows = decisions._default_manager.filter(round=found).order_by("pk").values_list("unit", "item", "act")
    last = {(unit, item): act for unit, item, act in rows}
    return dict(sorted(Counter(last.values()).items()))
