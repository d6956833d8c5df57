"""The tasks: what is computed on which rows, the figures to reach, and what the algorithm must move and multiply."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import data, office, stages

PANEL_PERIODS = 25
WEEKS = 104
WINDOW = 25
SLIPS_PER_CELL = 5
QUOTE_PERIODS = 120
QUOTES_PER_STRATUM = 25

Params = dict[str, int]


@dataclass(frozen=True)
class Target:
    """A figure to reach.

    measure : "cpu" or "wall" (seconds), "peak" (bytes), "p95" (seconds within which 95 of 100 requests are answered),
    "peer" (CPU time over the peer's) or "task" (another task's).
    limit : the figure may be at most this. of : the peer or task compared with.
    """

    measure: str
    limit: float
    of: str = ""

    @property
    def text(self) -> str:
        if self.measure == "cpu":
            return f"at most {self.limit:g} s of CPU"
        if self.measure == "wall":
            return f"at most {self.limit:g} s"
        if self.measure == "p95":
            return f"95 % answered within {self.limit:g} s"
        if self.measure == "peak":
            return f"at most {self.limit / 1e9:g} GB"
        return f"at most {self.limit:g} x {self.of}"


@dataclass(frozen=True)
class Counts:
    """What the algorithm cannot do without. bytes : moved to or from memory; flops : multiplications and additions."""

    bytes: float
    flops: float


@dataclass(frozen=True)
class Task:
    """One task. params : sizes for a wished number of rows; prepare : makes the data and gives its folder."""

    name: str
    title: str
    full: int
    params: Callable[[int], Params]
    prepare: Callable[[Path, Params], Path]
    counts: Callable[[Params, int], Counts]
    targets: tuple[Target, ...]
    peers: tuple[str, ...] = ()
    large: bool = False
    notes: dict[str, str] = field(default_factory=dict)


def _panel_params(rows: int) -> Params:
    return {"products": max(4, round(rows / (0.8 * PANEL_PERIODS))), "periods": PANEL_PERIODS}


def _panel(root: Path, params: Params) -> Path:
    return data.panel(root, products=params["products"], periods=params["periods"])


def _slip_params(rows: int) -> Params:
    return {"rows": rows, "strata": max(2, min(200, rows // 5000))}


def _slips(root: Path, params: Params) -> Path:
    return data.transactions(root, rows=params["rows"], strata=params["strata"], periods=WEEKS, per_cell=SLIPS_PER_CELL)


def _quote_params(rows: int) -> Params:
    strata = max(10, min(200, rows // (QUOTE_PERIODS * QUOTES_PER_STRATUM) // 10 * 10))
    return {"strata": strata, "products": max(2, rows // (strata * QUOTE_PERIODS))}


def _quotes(root: Path, params: Params) -> Path:
    return data.quotes(root, strata=params["strata"], periods=QUOTE_PERIODS, products=params["products"])


def _panel_counts(products: int) -> Callable[[Params, int], Counts]:
    """Panel methods: rows read once, P and Q written and read once, and `products` T x T matrix products."""

    def counts(params: Params, rows: int) -> Counts:
        cells = params["products"] * params["periods"]
        return Counts(24.0 * rows + 32.0 * cells, products * 2.0 * cells * params["periods"])

    return counts


def _slip_counts(params: Params, rows: int) -> Counts:
    """Slips decoded to two codes, a price and a quantity (20 bytes), written and read once; cells (32 bytes) likewise.

    Three matrix products of every pair of weeks that share a window.
    """
    products = rows / (0.8 * WEEKS * SLIPS_PER_CELL)
    cells = products * WEEKS
    return Counts(2 * 20.0 * rows + 2 * 32.0 * cells, 3 * 2.0 * cells * WINDOW)


def _quote_counts(params: Params, rows: int) -> Counts:
    """Quotes (three codes and a price, 20 bytes) read once; logs, relatives and contributions written and read once.

    A contribution of every quote is carried to each of three levels: a multiplication and an addition each.
    """
    return Counts(20.0 * rows + 3 * 16.0 * rows, 10.0 * rows)


def _edit_params(rows: int) -> Params:
    weeks = 25
    return {"weeks": weeks, "items": max(20, round(rows / weeks / stages.QUOTES_PER_ITEM))}


def _market(root: Path, params: Params) -> Path:
    return stages.market(root, weeks=params["weeks"], items=params["items"])


def _edit_counts(params: Params, rows: int) -> Counts:
    """Prices, references, bounds and prices used: ten columns of doubles a quote; some thirty operations each."""
    return Counts(80.0 * rows, 30.0 * rows)


def _week_params(rows: int) -> Params:
    # The rows are those of all weeks, of which the last is worked on.
    weeks = 156
    return {"weeks": weeks, "items": max(20, round(rows / weeks / stages.QUOTES_PER_ITEM))}


def _week_counts(params: Params, rows: int) -> Counts:
    """The week's quotes as in `edit`, and the whole history's price ratios read once for the intervals."""
    return Counts(80.0 * rows / params["weeks"] + 16.0 * rows, 30.0 * rows / params["weeks"] + 4.0 * rows)


def _pairs_params(rows: int) -> Params:
    return {"pairs": max(50, rows)}


def _pairs(root: Path, params: Params) -> Path:
    return stages.week_of_pairs(root, pairs=params["pairs"])


def _replicate_counts(params: Params, rows: int) -> Counts:
    """A weight for each unit and replicate, drawn, written and read; a multiplication and an addition for each pair."""
    return Counts(2 * 8.0 * rows / 6 * 1000, 2.0 * rows * 1000)


def _sheet_params(rows: int) -> Params:
    return {"quotes": max(40, rows)}


def _sheet(root: Path, params: Params) -> Path:
    return office.sheet(root, quotes=params["quotes"])


def _sheet_counts(params: Params, rows: int) -> Counts:
    """Five cells of about ten bytes, read from the file and written to the record; each is compared a few times."""
    return Counts(2 * 50.0 * rows, 100.0 * rows)


def _history(database: str) -> Callable[[Path, Params], Path]:
    def history(root: Path, params: Params) -> Path:
        return office.history(root, weeks=params["weeks"], items=params["items"], database=database)

    return history


def _office(database: str, title: str) -> tuple[Task, ...]:
    """The tasks of the office's record on a database; its server's own seconds are none of our process's CPU."""
    return (
        Task(
            f"office-import-{database}",
            f"10,000 quotes from one Excel file into a round of the record, {title}",
            10_000,
            _sheet_params,
            _sheet,
            _sheet_counts,
            (Target("wall", 6.0),),
        ),
        Task(
            f"office-week-{database}",
            f"The open week of a three-year history in the record, validated, imputed, compiled and stored, {title}",
            936_000,
            _week_params,
            _history(database),
            _week_counts,
            (Target("wall", 5.0),),
        ),
        Task(
            f"office-review-{database}",
            f"Pages of the review queue of a three-year history in the record, as the server makes them, {title}",
            936_000,
            _week_params,
            _history(database),
            _week_counts,
            (Target("p95", 0.15),),
        ),
        Task(
            f"office-collect-{database}",
            f"50 collectors who send 100 quotes each to the server at once, {title}",
            5_000,
            _sheet_params,
            _sheet,
            _sheet_counts,
            (Target("p95", 0.5),) if database == "postgresql" else (),
        ),
    )


TASKS: tuple[Task, ...] = (
    Task(
        "geks",
        "GEKS-Törnqvist, one window of 25 periods",
        1_000_000,
        _panel_params,
        _panel,
        _panel_counts(3),
        (Target("peer", 0.6, "gpindex"),),
        ("gpindex", "multilateral", "IndexNumR"),
    ),
    Task(
        "wtpd",
        "Weighted time-product dummy, the same rows",
        1_000_000,
        _panel_params,
        _panel,
        _panel_counts(1),
        (Target("peer", 0.1, "multilateral"),),
        ("multilateral", "IndexNumR"),
    ),
    Task(
        "gk",
        "Geary-Khamis, the same rows",
        1_000_000,
        _panel_params,
        _panel,
        _panel_counts(1),
        (Target("task", 1.0, "wtpd"),),
        ("IndexNumR",),
    ),
    Task(
        "transactions",
        "Slips in Parquet to unit values to CCDI, 104 weeks, window 25, mean splice",
        10_000_000,
        _slip_params,
        _slips,
        _slip_counts,
        (Target("cpu", 10.0), Target("peak", 1e9)),
    ),
    Task(
        "transactions-large",
        "The same with ten times the rows",
        100_000_000,
        _slip_params,
        _slips,
        _slip_counts,
        (Target("cpu", 70.0), Target("peak", 4e9)),
        large=True,
    ),
    Task(
        "hierarchy",
        "Survey quotes, 120 periods, three levels: imputation, chaining, contributions",
        600_000,
        _quote_params,
        _quotes,
        _quote_counts,
        (Target("peer", 1.0, "piar"),),
        ("piar",),
    ),
    Task(
        "edit",
        "Quotes validated, linked and imputed by the default method",
        100_000,
        _edit_params,
        _market,
        _edit_counts,
        (Target("cpu", 2.5),),
    ),
    Task(
        "week",
        "The last week of a three-year history, 6,000 quotes a week, all stages",
        936_000,
        _week_params,
        _market,
        _week_counts,
        (Target("cpu", 3.0),),
    ),
    Task(
        "replicates",
        "1,000 bootstrap replicates of a week of quotes through the tree",
        12_000,
        _pairs_params,
        _pairs,
        _replicate_counts,
        (Target("cpu", 5.0),),
    ),
    *_office("sqlite", "SQLite"),
    *_office("postgresql", "PostgreSQL"),
)


def chosen(only: list[str], large: bool) -> list[Task]:
    """The tasks named (by name or by number from 1), or all of them; large ones only if asked for or named."""
    if not only:
        return [t for t in TASKS if large or not t.large]
    out = []
    for name in only:
        found = [t for i, t in enumerate(TASKS, 1) if name in (t.name, str(i))]
        if not found:
            raise ValueError(f"no task {name!r}; the tasks are {', '.join(t.name for t in TASKS)}")
        out += found
    return [t for t in TASKS if t in out]


def count_rows(task: Task, folder: Path) -> int:
    """Rows of the data that were made, without reading them."""
    if (folder / "rows.json").exists():
        return int((folder / "rows.json").read_text(encoding="utf-8"))
    if (folder / "market.json").exists():
        return stages.quotes_in(folder)
    prices = folder / "price.f8"
    if prices.exists():
        return prices.stat().st_size // 8
    import pyarrow.parquet as pq

    return sum(int(pq.read_metadata(p).num_rows) for p in folder.rglob("*.parquet"))


def as_dict(task: Task, params: Params) -> dict[str, Any]:
    return {"name": task.name, "title": task.title, "params": params}
