"""Tasks of the production line: quotes validated and imputed, replicates of a week, a week in a long history."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.data import cached, keep, read_columns, work_folder, write_columns

QUOTES_PER_ITEM = 2.15
"""Quotes of a week for each item in force, at the least: about 2.5 units an item, some missing or closed."""

Work = Callable[[], list[float]]


def market(root: Path, *, weeks: int, items: int, seed: int = 40) -> Path:
    """A simulated market, with units in proportion to its items."""
    folder, there = cached(root, f"market-weeks={weeks}-items={items}-seed={seed}")
    if there:
        return folder
    from ellwand.market import simulate

    work = work_folder(root)
    simulate(work / "market", weeks=weeks, items=items, units=max(10, items * 10 // 16), seed=seed)
    for part in (work / "market").iterdir():
        part.rename(work / part.name)
    (work / "market").rmdir()
    return keep(work, folder)


def week_of_pairs(root: Path, *, pairs: int, aggregates: int = 130, seed: int = 50) -> Path:
    """Log price ratios of one week: item, unit and elementary aggregate of each pair, three levels of classes."""
    folder, there = cached(root, f"week-pairs={pairs}-aggregates={aggregates}-seed={seed}")
    if there:
        return folder
    rng = np.random.default_rng(seed)
    item = np.sort(rng.integers(0, max(1, pairs // 3), pairs))
    ea = item * aggregates // (int(item.max()) + 1)
    work = work_folder(root)
    columns = {"item": item, "ea": ea, "unit": rng.integers(0, max(4, pairs // 6), pairs)}
    write_columns(work, {**columns, "log_ratio": rng.normal(0.001, 0.02, pairs), "price": np.ones(pairs)})
    return keep(work, folder)


def edit(folder: Path) -> Work:
    """Validation, replacement and imputation of all quotes by the default method; the book is read before."""
    from ellwand.production.folder import read_folder
    from ellwand.production.line import run_line
    from ellwand.production.method import read_method

    book, method = read_folder(folder), read_method().method

    def work() -> list[float]:
        line = run_line(book, method)
        return [float(np.nanmean(np.log(line.price[:, t]))) for t in range(len(book.periods))]

    return work


def week(folder: Path) -> Work:
    """All stages of the last week of a long history by the default method: validation to intervals and tables.

    The history up to the week before is worked on before the clock, as an office has done it by then.
    """
    import dataclasses

    from ellwand.production.compile import compile_line
    from ellwand.production.folder import read_folder
    from ellwand.production.line import continue_line, run_line
    from ellwand.production.method import read_method
    from ellwand.production.observations import Results

    book, method = read_folder(folder), read_method()
    T = len(book.periods) - 1
    cut = {name: getattr(book, name)[:, :T] for name in ("row", "price", "due", "closed")}
    past = run_line(dataclasses.replace(book, periods=book.periods[:T], **cut), method.method)

    def work() -> list[float]:
        compiled = compile_line(continue_line(past, book), method)
        results = Results.of(compiled, T, T)
        table = results.observations()
        results.quotes()
        return [float(x) for x in table["index"].drop_null().to_pylist()]

    return work


def replicates(folder: Path) -> Work:
    """1,000 bootstrap replicates of the week through the tree, with standard errors of every class."""
    from ellwand.engine.blas import single_thread
    from ellwand.formulas.variance import Pairs, bootstrap_draws, carry, deviations, standard_error, with_base

    c = read_columns(folder)
    aggregates = int(c["ea"].max()) + 1
    groups = [np.arange(aggregates), np.arange(aggregates) // 4, np.arange(aggregates) // 26, np.zeros(aggregates, int)]
    members = np.concatenate([np.eye(int(g.max()) + 1)[g].T for g in groups])
    stratum = np.arange(int(c["unit"].max()) + 1) % 10
    weights = np.random.default_rng(1).uniform(0.5, 2.0, aggregates)

    def work() -> list[float]:
        pairs = Pairs(c["log_ratio"][:, None], c["ea"], c["unit"], c["item"])
        draws = bootstrap_draws(stratum, 1000, 1)
        log = np.zeros((aggregates, 2))
        log[:, 1] = np.bincount(c["ea"], c["log_ratio"]) / np.bincount(c["ea"])
        with single_thread():
            stream = with_base(deviations(pairs, draws, conditional_on_items=True))
            levels = carry(stream, log, members, [(0, weights)])
            return [float(x) for x in standard_error(np.log(levels[:, 1]), draws)]

    return work


def totals(folder: Path) -> Work:
    """Pandas: the sum of prices by period, the least anyone can do."""
    import pandas as pd

    if (folder / "quotes").is_dir():
        files = sorted((folder / "quotes").glob("*.parquet"))
        frame = pd.concat([pd.read_parquet(f, columns=["period", "price"]) for f in files])
        frame["price"] = frame["price"].astype("float64")
        return lambda: list(frame["price"].groupby(frame["period"]).sum())
    frame = pd.DataFrame(read_columns(folder))
    return lambda: list(frame["price"].groupby(frame["ea"]).sum())


def quotes_in(folder: Path) -> int:
    """Quotes of a simulated market."""
    return int(json.loads((folder / "market.json").read_text(encoding="utf-8"))["counts"]["quotes"])
