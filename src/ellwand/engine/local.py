"""The local driver: strata in threads, each computed by the same kernels as everywhere else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ellwand.engine.blas import single_thread, workers
from ellwand.engine.cells import Cells
from ellwand.engine.hedonic import Observations, design
from ellwand.engine.periods import find
from ellwand.engine.plan import NO_DATA, Plan, Series

Progress = Callable[[int, int, str], None]


def run(plan: Plan, cells: Cells, names: tuple[str, ...], progress: Progress | None = None) -> pa.Table:
    """Index of every stratum: columns [by..., period, index, matched, status], one row per stratum and period."""
    T = len(cells.periods)
    plan.check_periods(T)
    labels = cells.periods.to_pylist()
    base = None if plan.base is None else find(labels, plan.base, "base")
    weight_base = plan.params.get("weight_base_period")
    if weight_base is not None:
        weight_base = find(labels, weight_base, "weight_base_period")
    Z = design(cells.extra) if plan.method.kind == "hedonic" else None

    def one(job: tuple[int, NDArray[np.intp]]) -> Series:
        _, rows = job
        panel, first = cells.panel(rows)
        observations = None
        if Z is not None:
            order = rows[np.lexsort((cells.product[rows], cells.period[rows]))]
            value = None if cells.quantity is None else (cells.price * cells.quantity)[order]
            observations = Observations(np.log(cells.price[order]), cells.period[order] - first, value, Z[order])
        series = plan.run(
            panel,
            None if base is None else base - first,
            None if weight_base is None else _within(weight_base - first, panel.periods),
            observations,
        )
        return _on_calendar(series, first, T)

    jobs = list(cells.by_stratum())
    out: list[Series] = []
    with single_thread():
        if len(jobs) == 1:
            out = [one(jobs[0])]
        else:
            with ThreadPoolExecutor(workers()) as pool:
                for done, series in enumerate(pool.map(one, jobs), start=1):
                    out.append(series)
                    if progress:
                        progress(done, len(jobs), "strata")
    return assemble(cells.strata, cells.periods, out, names)


def _within(column: int, periods: int) -> int | None:
    return column if 0 <= column < periods else None


def _on_calendar(series: Series, first: int, T: int) -> Series:
    """A stratum's series on the calendar of all strata."""
    n = len(series.index)
    if n == T:
        return series
    index = np.full(T, np.nan)
    matched = np.zeros(T, dtype=np.int64)
    status = [NO_DATA] * T
    index[first : first + n] = series.index
    matched[first : first + n] = series.matched
    status[first : first + n] = series.status
    return Series(index, matched, status)


def assemble(strata: pa.Table, periods: pa.Array, series: list[Series], names: tuple[str, ...]) -> pa.Table:
    """The result table from the strata's series, in the order of strata and periods."""
    T, n = len(periods), len(series)
    index = np.concatenate([s.index for s in series])
    columns: dict[str, object] = {}
    if strata.num_columns:
        repeat = pa.array(np.repeat(np.arange(n), T))
        for name in strata.column_names:
            columns[name] = strata[name].take(repeat)
    columns[names[0]] = periods.take(pa.array(np.tile(np.arange(T), n)))
    columns["index"] = pa.array(index, mask=np.isnan(index))
    columns["matched"] = pa.array(np.concatenate([s.matched for s in series]))
    columns["status"] = pa.array([text for s in series for text in s.status])
    return pa.table(columns)
