"""The Spark driver: strata as groups of rows on the workers, each computed by the same kernels as on one machine.

Spark checks the rows, counts them and sums integers and decimals. A stratum goes to one worker as an Arrow table; one
that is too large goes in pieces of its products (`partial.py`), whose parts are summed here in a fixed order.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

try:
    from pyspark.sql import functions as fn
    from pyspark.sql import types as st
except ImportError as error:
    raise ImportError("the Spark driver needs PySpark: install ellwand[spark]") from error

from ellwand.engine import local
from ellwand.engine.blas import single_thread
from ellwand.engine.cells import Cells, Columns, encode, read_cells
from ellwand.engine.cells import _strata as strata_of
from ellwand.engine.errors import DataError
from ellwand.engine.partial import Pieces, separable
from ellwand.engine.periods import find
from ellwand.engine.plan import Plan
from ellwand.engine.plugins import load_methods
from ellwand.engine.spark_checks import Rows, refuse_duplicates, refuse_rows, refuse_text, without_pandas_warning
from ellwand.engine.spark_files import index_path
from ellwand.engine.unit_values import _cells as summed_cells
from ellwand.formulas.panel import Array, Panel

CELLS = 5_000_000
"""Rows of a stratum beyond which it is computed in pieces."""
CELLS_KEY = "ellwand.spark.cells"
"""Spark setting that overrides CELLS."""
DECIMAL_DIGITS = 38


def run(plan: Plan, data: Any, columns: Columns, on_duplicate: str) -> Any:
    """Index of every stratum of a Spark DataFrame, computed at once.

    Returns a Spark DataFrame with the columns [by..., period, index, matched, status], sorted by strata and period.
    DataError as `cells.read_cells`, with the labels of the first rows in place of their numbers (a Spark table has
    none); DataError too for a stratum of more than `ellwand.spark.cells` rows by a method that is no sum over products.
    """
    with without_pandas_warning():
        spark = data.sparkSession
        rows = Rows.of(data, columns, plan.method.quantities or on_duplicate == "unit_value")
        refuse_text(rows)
        if on_duplicate == "unit_value" and columns.extra:
            raise ValueError("on_duplicate='unit_value' cannot merge rows with characteristics; merge them beforehand")
        stats = _statistics(rows)
        _, periods = encode(stats["t"], is_period=True)
        plan.check_periods(len(periods))
        for name, wanted in (("base", plan.base), ("weight_base_period", plan.params.get("weight_base_period"))):
            if wanted is not None:
                find(periods.to_pylist(), wanted, name)
        merged = on_duplicate == "unit_value" and _fits_decimal(rows, stats)
        frame = _summed(rows, stats) if merged else _plain(rows)
        job = Job(_spec(plan), rows.columns, plan.method.quantities, on_duplicate, merged, periods)
        table = _compute(Run(plan, rows, stats, frame, job, _limit(spark)))
        names = [*columns.by, columns.period, "index", "matched", "status"]
        schema = st.StructType([st.StructField(n, f.dataType) for n, f in zip(names, rows.result(), strict=True)])
        return spark.createDataFrame(table.rename_columns(names), schema=schema)


def _limit(spark: Any) -> int:
    given = spark.conf.get(CELLS_KEY, None)
    if given is None:
        return CELLS
    if not str(given).isdigit() or int(given) < 1:
        raise ValueError(f"the Spark setting {CELLS_KEY} is {given!r}; it must be a whole number of rows, 1 or more")
    return int(given)


# -- what a worker needs ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Job:
    """What a worker needs to compute: the plan's arguments, the columns, the calendar."""

    spec: dict[str, Any]
    columns: Columns
    quantities: bool
    on_duplicate: str
    merged: bool
    periods: pa.Array

    def plan(self) -> Plan:
        load_methods()
        return Plan.of(**self.spec)

    def cells(self, table: pa.Table) -> Cells:
        """Checked cells of a group of rows on the calendar of all rows."""
        if self.merged:
            periods = self.periods.cast(table.schema.field(self.columns.period).type)
            return summed_cells(table, self.columns, periods)
        cells = read_cells(table, self.columns, needs_quantity=self.quantities, on_duplicate=self.on_duplicate)
        position = pc.index_in(cells.periods, value_set=self.periods.cast(cells.periods.type))
        cells.period = position.to_numpy(zero_copy_only=False).astype(np.int64)[cells.period]
        cells.periods = self.periods
        return cells


def _spec(plan: Plan) -> dict[str, Any]:
    """The plan as arguments: methods hold functions, which are found by name on the worker."""
    own = {"method": plan.method.name, "output": plan.output, "base": plan.base}
    return {**own, "window": plan.window, "splice": plan.splice, **plan.params}


def _stratum_worker(job: Job, schema: pa.Schema) -> Callable[[pa.Table], pa.Table]:
    """The function that computes one stratum on a worker. An error goes back as a row: the driver says it better."""

    def compute(table: pa.Table) -> pa.Table:
        try:
            out = local.run(job.plan(), job.cells(table), (job.columns.period,))
        except DataError as error:
            return pa.Table.from_pylist([{"error": str(error)}], schema=schema)
        return out.append_column("error", pa.nulls(out.num_rows, pa.string())).select(schema.names).cast(schema)

    return compute


@dataclass(frozen=True)
class Extent:
    """Where a stratum lies: its number, first calendar position and the periods with data from there on."""

    number: int
    first: int
    active: Any
    totals: Array | None = None


def _piece_worker(
    job: Job, extents: dict[tuple[Any, ...], Extent], schema: pa.Schema, totals_only: bool
) -> Callable[[pa.Table], pa.Table]:
    """The function that computes what one piece of a stratum adds."""

    def compute(table: pa.Table) -> pa.Table:
        extent = extents[tuple(table[name][0].as_py() for name in job.columns.by)]
        row: dict[str, Any] = {"stratum": extent.number, "piece": table["piece"][0].as_py()}
        try:
            panel = _on_extent(job.cells(table), extent)
        except DataError as error:
            return pa.Table.from_pylist([{**row, "error": str(error)}], schema=schema)
        pieces = Pieces(job.plan(), extent.active)
        with single_thread():
            vector = pieces.totals(panel) if totals_only else pieces.vector(panel, extent.totals)
        return pa.Table.from_pylist([{**row, "parts": vector.tobytes()}], schema=schema)

    return compute


def _on_extent(cells: Cells, extent: Extent) -> Panel:
    """A piece's panel over all periods of its stratum."""
    panel, first = cells.panel(np.arange(len(cells.price)))
    T, at = len(extent.active), first - extent.first

    def widened(X: Array) -> Array:
        if X.shape[1] == T:
            return X
        out = np.zeros((len(X), T))
        out[:, at : at + X.shape[1]] = X
        return out

    return Panel(widened(panel.P), None if panel._Q is None else widened(panel.Q))


# -- tables of rows in Spark -----------------------------------------------------------------------------------------
def _statistics(rows: Rows) -> pa.Table:
    """Rows of each stratum and period, with the largest numbers. DataError for rows that no index may rest on."""
    numbers = [fn.count(fn.lit(1)).alias("n"), fn.max("p").alias("top_p")]
    if rows.columns.quantity:
        numbers.append(fn.max("q").alias("top_q"))
    counts = [fn.count(fn.when(rule.broken, 1)).alias(f"rule{k}") for k, rule in enumerate(rows.rules)]
    keys = [*rows.columns.by, "t"]
    stats = rows.frame.groupBy(*keys).agg(*numbers, *counts).toArrow()
    if not stats.num_rows:
        raise DataError("the data holds no row with a price; nothing can be computed")
    for k, rule in enumerate(rows.rules):
        broken = pc.sum(stats[f"rule{k}"]).as_py()
        if broken:
            refuse_rows(rows, rule, broken)
    return stats.sort_by([(name, "ascending") for name in keys]).combine_chunks()


def _fits_decimal(rows: Rows, stats: pa.Table) -> bool:
    """Whether values can be summed exactly: integers or decimals whose sums stay within a decimal's digits."""
    if rows.digits("p") is None or rows.digits("q") is None:
        return False
    longest = len(str(pc.sum(stats["n"]).as_py()))
    return sum(_precision(rows, stats, name)[0] for name in "pq") + 1 + longest <= DECIMAL_DIGITS


def _precision(rows: Rows, stats: pa.Table, name: str) -> tuple[int, int]:
    """Digits in all and after the point that the largest number of a column takes."""
    scale = rows.digits(name) or 0
    return len(str(int(pc.max(stats[f"top_{name}"]).as_py()))) + scale, scale


def _summed(rows: Rows, stats: pa.Table) -> Any:
    """Exact sums for each stratum, product and period."""
    price, quantity = (fn.col(name).cast(st.DecimalType(*_precision(rows, stats, name))) for name in "pq")
    return rows.frame.groupBy(*rows.columns.by, "i", "t").agg(
        fn.sum(price * quantity).cast("double").alias("v"),
        fn.sum(quantity).cast("double").alias("q"),
        fn.min("p").cast("double").alias("p"),
        fn.count(fn.lit(1)).cast("int").alias("n"),
    )


def _plain(rows: Rows) -> Any:
    """The rows with prices and quantities as doubles."""
    numbers = [fn.col(n).cast("double").alias(n) for n in ("p", "q") if n in rows.frame.columns]
    return rows.frame.select(*rows.columns.by, "i", "t", *numbers, *rows.columns.extra)


# -- the run ---------------------------------------------------------------------------------------------------------
@dataclass
class Run:
    """One run: strata that fit a worker as groups, the large ones in pieces.

    number : stratum of each row of `stats`. large : numbers of the strata beyond the limit.
    """

    plan: Plan
    rows: Rows
    stats: pa.Table
    frame: Any
    job: Job
    limit: int
    number: Any = field(init=False)
    strata: pa.Table = field(init=False)
    sizes: Any = field(init=False)
    large: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.number, self.strata = strata_of(self.stats, self.rows.columns.by)
        self.sizes = np.bincount(self.number, self.stats["n"].to_numpy()).astype(np.int64)
        self.large = np.flatnonzero(self.sizes > self.limit).tolist()
        if self.large and self.job.on_duplicate == "unit_value":
            self._count_merged()

    def label(self, s: int) -> tuple[Any, ...]:
        return tuple(self.strata[name][s].as_py() for name in self.rows.columns.by)

    def named(self, s: int) -> str:
        return ", ".join(f"{n} {v}" for n, v in zip(self.rows.names.by, self.label(s), strict=True))

    def within(self, numbers: list[int]) -> Any:
        """Condition: the row belongs to one of these strata."""
        if not self.rows.columns.by:
            return fn.lit(bool(numbers))
        if len(self.rows.columns.by) == 1:
            return fn.col(self.rows.columns.by[0]).isin([self.label(s)[0] for s in numbers])
        each = (
            reduce(
                lambda a, b: a & b,
                (fn.col(n) == fn.lit(v) for n, v in zip(self.rows.columns.by, self.label(s), strict=True)),
            )
            for s in numbers
        )
        return reduce(lambda a, b: a | b, each)

    def _count_merged(self) -> None:
        """Sizes of the large strata after the merge: transactions may be many more than cells."""
        keys = [*self.rows.columns.by, "i", "t"]
        cells = self.rows.frame.filter(self.within(self.large)).select(*keys).distinct()
        found = cells.groupBy(*self.rows.columns.by).agg(fn.count(fn.lit(1)).alias("n")).toArrow().to_pylist()
        sizes = {tuple(row[name] for name in self.rows.columns.by): row["n"] for row in found}
        for s in self.large:
            self.sizes[s] = sizes[self.label(s)]
        self.large = [s for s in self.large if self.sizes[s] > self.limit]


def _compute(run: Run) -> pa.Table:
    """The result table, sorted by strata and period."""
    if run.large and not separable(run.plan):
        s = run.large[0]
        of = f"stratum {run.named(s)}" if run.rows.columns.by else "the data, which is one stratum,"
        raise DataError(
            f"{of} has {run.sizes[s]} product-periods, more than the {run.limit} that one worker takes "
            f"({CELLS_KEY}), and {run.plan.method.name} is no sum over products, so it cannot be computed in pieces; "
            "make smaller strata with by, raise the setting if the workers have the memory, or take a GEKS of a "
            "separable formula, wtpd or gk"
        )
    tables = []
    if len(run.large) < run.strata.num_rows:
        frame = run.frame.filter(~run.within(run.large)) if run.large else run.frame
        tables.append(_small(run, frame))
    if run.large:
        tables.append(_large(run))
    table = pa.concat_tables(tables).combine_chunks()
    codes, _ = strata_of(table, run.rows.columns.by)
    periods = run.job.periods.cast(table.schema.field("t").type)
    position = pc.index_in(table["t"], value_set=periods).to_numpy(zero_copy_only=False)
    return table.take(pa.array(np.lexsort((position, codes))))


def _small(run: Run, frame: Any) -> pa.Table:
    """Strata that fit a worker, each a group of rows."""
    schema = st.StructType([*run.rows.result(), st.StructField("error", st.StringType())])
    worker = _stratum_worker(run.job, run.rows.arrow_schema(schema))
    table = frame.groupBy(*run.rows.columns.by).applyInArrow(worker, schema).toArrow()
    _raise(run, table)
    return table.drop_columns(["error"]).cast(run.rows.arrow_schema(st.StructType(run.rows.result())))


def _large(run: Run) -> pa.Table:
    """Strata in pieces: buckets of products, whose vectors are summed in the order of the buckets."""
    extents: dict[tuple[Any, ...], Extent] = {}
    position = pc.index_in(run.stats["t"], value_set=run.job.periods).to_numpy(zero_copy_only=False)
    for s in run.large:
        at = position[run.number == s]
        active = np.zeros(int(at.max() - at.min()) + 1, dtype=bool)
        active[at - at.min()] = True
        extents[run.label(s)] = Extent(s, int(at.min()), active)
    # Half of the limit a piece on average: hashing is uneven.
    count = int(np.ceil(2 * max(run.sizes[s] for s in run.large) / run.limit))
    frame = run.frame.filter(run.within(run.large))
    frame = frame.withColumn("piece", fn.pmod(fn.xxhash64("i"), fn.lit(count)).cast("int"))
    pieces = {extent.number: Pieces(run.plan, extent.active) for extent in extents.values()}
    if next(iter(pieces.values())).needs_totals:
        totals = _sum_pieces(run, frame, extents, totals_only=True)
        extents = {label: replace(e, totals=totals[e.number]) for label, e in extents.items()}
    vectors = _sum_pieces(run, frame, extents, totals_only=False)
    T = len(run.job.periods)
    base = None if run.plan.base is None else find(run.job.periods.to_pylist(), run.plan.base, "base")
    series = []
    with single_thread():
        for extent in extents.values():
            own = pieces[extent.number].series(vectors[extent.number], None if base is None else base - extent.first)
            series.append(local._on_calendar(own, extent.first, T))
    table = local.assemble(run.strata.take(pa.array(run.large)), run.job.periods, series, ("t",))
    return table.cast(run.rows.arrow_schema(st.StructType(run.rows.result())))


def _sum_pieces(run: Run, frame: Any, extents: dict[tuple[Any, ...], Extent], *, totals_only: bool) -> dict[int, Array]:
    """The sum of the vectors of each stratum's pieces."""
    fields = {"stratum": st.IntegerType(), "piece": st.IntegerType(), "parts": st.BinaryType()}
    schema = st.StructType([st.StructField(n, t) for n, t in {**fields, "error": st.StringType()}.items()])
    worker = _piece_worker(run.job, extents, run.rows.arrow_schema(schema), totals_only)
    table = frame.groupBy(*run.rows.columns.by, "piece").applyInArrow(worker, schema).toArrow()
    _raise(run, table)
    table = table.sort_by([("stratum", "ascending"), ("piece", "ascending")])
    out: dict[int, Array] = {}
    for s, parts in zip(table["stratum"].to_pylist(), table["parts"], strict=True):
        vector = np.frombuffer(parts.as_buffer(), dtype=np.float64)
        out[s] = out[s] + vector if s in out else vector
    return out


def _raise(run: Run, table: pa.Table) -> None:
    """DataError if a worker found one: duplicates with their labels, else the worker's own words."""
    texts = pc.drop_null(table["error"])
    if len(texts):
        refuse_duplicates(run.rows, run.job.on_duplicate)
        raise DataError(pc.min(texts).as_py())


__all__ = ["CELLS", "CELLS_KEY", "index_path", "run"]
