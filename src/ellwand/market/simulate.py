"""The front door of the simulated market: one call, one folder, known truth."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ellwand.market import files, transactions, truth, write
from ellwand.market.population import SELLERS, population_index
from ellwand.market.prices import simulate_prices
from ellwand.market.quotes import DOLLAR, KINDS, collect, measures
from ellwand.market.regimes import regime_named
from ellwand.market.structure import build_market
from ellwand.market.tree import build_baskets, build_tree
from ellwand.market.weeks import closures, weeks_from

Progress = Callable[[int, int, str], None]
"""Called with the steps done, the steps in all, and what was done."""


def simulate(
    directory: str | Path,
    *,
    weeks: int = 156,
    items: int | None = None,
    units: int | None = None,
    seed: int = 7,
    regime: str = "calm",
    rows: int | None = None,
    start: str = "2022-W01",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Write a simulated market with known truth into a folder, and return its summary.

    directory : an empty or new folder, or the folder of an earlier simulated market, which is replaced.
    weeks : ISO weeks from `start`, 2 or more.
    items, units : representative products and sample units in force; by default those of the regime (1600 and 1000,
        small 160 and 60). At least 10 each.
    seed : equal arguments give files of equal bytes on one machine.
    regime : calm, inflation, sticky, volatile, churn or small; see `ellwand.market.regimes`.
    rows : also write exactly so many rows of transactions in 200 strata; at least 200.
    ValueError for an argument out of its range, an unknown regime, or a folder with other files.
    """
    parameters = regime_named(regime)
    items = parameters.items if items is None else items
    units = parameters.units if units is None else units
    _check(weeks=(weeks, 2), items=(items, 10), units=(units, 10), seed=(seed, 0))
    if rows is not None:
        _check(rows=(rows, transactions.STRATA))
    calendar = weeks_from(start, weeks)
    folder = Path(directory)
    write.prepare(folder)
    say = progress or (lambda done, total, what: None)
    steps = 5 + 100 + (transactions.STRATA if rows is not None else 0)

    listed = files.listing(calendar, with_transactions=rows is not None)
    summary: dict[str, Any] = {
        "simulated": True,
        "complete": False,
        "marker_zh": write.MARK_ZH,
        "marker_en": write.MARK_EN,
        "name_zh": "模拟纺织品市场",
        "name_en": "Simulated Textile Market",
        "currency": "CNY",
        "seed": seed,
        "regime": regime,
        "weeks": weeks,
        "start": start,
        "first_period": calendar.labels[0],
        "last_period": calendar.labels[-1],
        "items": items,
        "units": units,
        "rows": rows,
        "parameters": {
            **parameters.parameters(),
            "dollar": DOLLAR,
            "population_sellers": SELLERS,
            "error_kinds": {name: share for name, share, _ in KINDS},
        },
        "files": listed,
    }
    # Written first, so that a folder that was left half done is known as ours, and last, when it is complete.
    write.write_json(folder / write.DESCRIPTION, summary)

    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(7)]
    tree = build_tree(items, streams[0])
    market = build_market(tree, items, units, weeks, parameters, streams[1])
    shut = closures(calendar, units, streams[2])
    say(1, steps, "steps: structure")
    prices = simulate_prices(market, calendar, shut, parameters, streams[3])
    baskets = build_baskets(tree, calendar, prices.aggregate, parameters.weight_sd, streams[4])
    say(2, steps, "steps: prices")
    files.write_registry(folder, market, calendar, shut, baskets)
    say(3, steps, "steps: registers")
    quotes = collect(market, calendar, shut, prices, parameters, streams[5])
    files.write_quotes(folder, market, calendar, quotes)
    say(4, steps, "steps: quotes")
    population = population_index(
        market,
        calendar,
        prices.target,
        parameters,
        streams[6],
        lambda done: say(4 + done, steps, "steps: population of sellers"),
    )
    index = truth.write_truth(folder, market, calendar, prices, population, baskets)
    say(105, steps, "steps: truth")
    if rows is not None:
        transactions.write_transactions(
            folder, rows, calendar.labels, seed, lambda done: say(105 + done, steps, "steps: transactions")
        )
    wrong = quotes.kind >= 0
    summary["counts"] = {
        "aggregates": len(tree.aggregates),
        "items": int(market.items.slot.size),
        "units": int(market.units.slot.size),
        "pairs": int(market.pair_item.size),
        "replacements": int((market.items.before >= 0).sum()),
        "overlaps": int(market.overlap.sum()),
        "quotes_due": quotes.expected,
        "quotes_due_open": quotes.open,
        "quotes": int(quotes.pair.size),
        "errors": int(wrong.sum()),
        "errors_by_kind": {kind[0]: int((quotes.kind == k).sum()) for k, kind in enumerate(KINDS)},
        "transactions": rows or 0,
    }
    summary["measured"] = measures(quotes)
    summary["index_true_last"] = index
    summary["complete"] = True
    write.write_json(folder / write.DESCRIPTION, summary)
    return summary


def _check(**given: tuple[Any, int]) -> None:
    """ValueError for an argument that is no whole number or is below its least value."""
    for name, (value, least) in given.items():
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise ValueError(f"{name} is {value!r}; give a whole number of at least {least}")
        if value < least:
            raise ValueError(f"{name} is {value}; give at least {least}")
