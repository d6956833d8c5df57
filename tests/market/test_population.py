"""The population of sellers: the sampled ones are as good as drawn from it."""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ellwand.market import REGIMES
from ellwand.market.population import SELLERS, population_index
from ellwand.market.prices import filled, simulate_prices
from ellwand.market.structure import build_market
from ellwand.market.tree import build_tree
from ellwand.market.weeks import closures, weeks_from

Reader = Callable[[Path], list[dict[str, str]]]


def paths(table: list[dict[str, str]], column: str) -> dict[str, np.ndarray]:
    out = defaultdict(list)
    for r in table:
        out[r["code"]].append(float(r[column]))
    return {code: np.array(path) for code, path in out.items()}


def test_the_population_has_the_classes_and_weeks_of_the_sample(calm: Path, rows: Reader, summary: dict) -> None:
    sample, population = rows(calm / "truth/classes.csv"), rows(calm / "truth/population.csv")
    assert list(population[0]) == ["code", "period", "index_population", "simulated"]
    assert [(r["code"], r["period"]) for r in population] == [(r["code"], r["period"]) for r in sample]
    everyone, some = paths(population, "index_population"), paths(sample, "index_true")
    assert all(np.isclose(path[0], 1, rtol=1e-14) for path in everyone.values())
    assert (everyone["0"] != some["0"])[1:].any()
    assert summary["parameters"]["population_sellers"] == SELLERS
    # The total of the sample is near that of the population, the general movement being the same.
    assert np.abs(np.log(some["0"] / everyone["0"])).max() < 0.005


def test_classes_of_the_population_follow_from_its_aggregates(calm: Path, rows: Reader) -> None:
    index = paths(rows(calm / "truth/population.csv"), "index_population")
    periods = [r["period"] for r in rows(calm / "truth/classes.csv") if r["code"] == "0"]
    basket = rows(calm / "basket.csv")
    for code in ("0", "4"):
        for k, period in enumerate(periods):
            begin = max(r["valid_from"] for r in basket if r["valid_from"] <= period)
            part = [r for r in basket if r["valid_from"] == begin and (code == "0" or r["ea"].startswith(code + "."))]
            weight = np.array([float(r["weight"]) for r in part])
            at = periods.index(part[0]["price_reference"])
            relative = np.array([index[r["ea"]][k] / index[r["ea"]][at] for r in part])
            assert np.isclose(index[code][k], index[code][at] * (weight @ relative) / weight.sum(), rtol=1e-9)


def test_the_sample_is_an_unbiased_draw_from_the_population() -> None:
    """Sample less population, over the standard error that the spread of the sellers of one item predicts."""
    regime, weeks, items, units = REGIMES["calm"], weeks_from("2022-W01", 60), 400, 200
    scores = []
    for seed in (1, 2):
        streams = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(5)]
        market = build_market(build_tree(items, streams[0]), items, units, len(weeks), regime, streams[1])
        prices = simulate_prices(market, weeks, closures(weeks, units, streams[2]), regime, streams[3])
        done: list[int] = []
        population = population_index(market, weeks, prices.target, regime, streams[4], done.append)
        assert done[-1] == 100
        item, unit = filled(market.items.at)[market.pair_item], market.units.at[market.pair_unit]
        fixed = market.base()[item] + market.unit_effect[unit] + market.pair_effect[:, None]
        pure = np.log(prices.pair) - fixed
        move = pure[:, -1] - pure[:, 0]
        sellers = np.bincount(market.pair_item)
        mean = np.bincount(market.pair_item, move) / sellers
        spread = ((move - mean[market.pair_item]) ** 2).sum() / (sellers - 1).sum()
        count = np.bincount(market.aggregate)
        error = np.sqrt(np.bincount(market.aggregate, spread / sellers)) / count
        scores.append(np.log(prices.aggregate[:, -1] / population[:, -1]) / error)
    z = np.concatenate(scores)
    assert abs(z.mean()) < 4 / np.sqrt(z.size)
    assert 0.85 < z.std() < 1.2
