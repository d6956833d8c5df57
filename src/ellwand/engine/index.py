"""The front door: `index` and `methods`."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from ellwand.engine import local
from ellwand.engine.cells import Columns, read_cells
from ellwand.engine.local import Progress
from ellwand.engine.plan import Plan
from ellwand.engine.plugins import load_methods
from ellwand.engine.source import Source, need, open_source
from ellwand.engine.unit_values import aggregated, can_aggregate
from ellwand.formulas.catalogue import TABLE

DUPLICATES = ("error", "unit_value")
RESULT = ("index", "matched", "status")


def index(
    data: Any,
    method: str,
    *,
    period: str = "period",
    product: str = "product",
    price: str = "price",
    quantity: str = "quantity",
    by: str | Sequence[str] | None = None,
    output: str = "chained",
    base: Any = None,
    window: int | None = None,
    splice: str | None = None,
    on_duplicate: str = "error",
    progress: Progress | None = None,
    **params: Any,
) -> Any:
    """Price index of every stratum and period.

    data : pyarrow Table, pandas or polars DataFrame (or anything with the Arrow PyCapsule interface), DuckDB relation,
        Spark DataFrame, or a path: a CSV or Parquet file, a folder or a glob of them.
    method : a name or synonym of `methods()`; further keywords are that method's parameters.
    period, product, price, quantity : names of the columns. Prices are in one currency and unit of measure a product.
        Methods without weights need no quantity column.
    by : column or columns that make the strata; each stratum gets an index of its own.
    output : for bilateral methods "chained" (product of period-on-period indices) or "fixedbase" (direct on `base`).
    base : period whose index is 1.0; None: the first period of each stratum.
    window, splice : for multilateral methods the number of periods estimated together and how later windows are
        linked; without a window all periods are estimated at once.
    on_duplicate : a product twice in a period: "error", or "unit_value" (value / quantity, quantities summed).

    Returns a table of the kind of `data` (a path gives a pyarrow Table): columns [by..., period, index, matched,
    status], one row per stratum and period. `matched` counts the products that enter the comparison (bilateral: sold
    in both periods; multilateral: sold in another period of the window too). `status` is "ok" or the reason why
    `index` is null.

    Raises ValueError for an unknown method, parameter or column, DataError for data that no index may be computed
    from. Source: CPI Manual (2020) chapters 8 to 10.
    """
    load_methods()
    plan = Plan.of(method, output=output, base=base, window=window, splice=splice, **params)
    if on_duplicate not in DUPLICATES:
        raise ValueError(f"on_duplicate is {on_duplicate!r}; allowed: {', '.join(DUPLICATES)}")
    strata = (by,) if isinstance(by, str) else tuple(by or ())
    if type(data).__module__.startswith("pyspark."):
        from ellwand.engine import spark

        columns = _columns(list(data.columns), plan, period, product, price, quantity, strata, on_duplicate)
        return spark.run(plan, data, columns, on_duplicate)
    source = open_source(data, text_columns=(product, *strata))
    columns = _columns(source.columns, plan, period, product, price, quantity, strata, on_duplicate)
    return source.back(_run(source, plan, columns, on_duplicate, progress))


def _run(source: Source, plan: Plan, columns: Columns, on_duplicate: str, progress: Progress | None) -> pa.Table:
    if can_aggregate(source, columns, on_duplicate):
        return aggregated(source, plan, columns, progress)
    cells = read_cells(
        source.arrow(columns.used), columns, needs_quantity=plan.method.quantities, on_duplicate=on_duplicate
    )
    return local.run(plan, cells, (columns.period,), progress)


def _columns(
    names: list[str],
    plan: Plan,
    period: str,
    product: str,
    price: str,
    quantity: str,
    by: tuple[str, ...],
    on_duplicate: str,
) -> Columns:
    """The columns that are used, all of them there. ValueError if one is not."""
    extra = tuple(plan.params.get("characteristics") or ())
    for name, role in ((period, "period"), (product, "product"), (price, "price")):
        need(names, name, role)
    for name in by:
        need(names, name, "by")
    for name in extra:
        need(names, name, "characteristics")
    chosen = [*by, period]
    for name in chosen:
        if name in RESULT:
            raise ValueError(f"the column {name!r} would stand twice in the result; rename it")
    if len({period, product, price, quantity, *by}) < 4 + len(by):
        raise ValueError(
            f"one column is named for two roles: {period}, {product}, {price}, {quantity}, {', '.join(by)}"
        )
    if plan.method.quantities or on_duplicate == "unit_value" or plan.params.get("weights") == "shares":
        need(names, quantity, "quantity")
    return Columns(period, product, price, quantity if quantity in names else None, by, extra)


def methods() -> pa.Table:
    """Every method: name, family, formula, properties, reference, parameters, synonyms, whether it needs quantities."""
    load_methods()
    rows = [
        {
            "name": m.name,
            "family": m.family,
            "formula": m.formula,
            "properties": ", ".join(m.properties),
            "reference": m.reference,
            "parameters": ", ".join(
                f"{k}={p.default}" if not p.required else f"{k} (needed)" for k, p in m.params.items()
            ),
            "synonyms": ", ".join(m.aliases),
            "quantities": m.quantities,
        }
        for m in TABLE.values()
    ]
    return pa.Table.from_pylist(rows)
