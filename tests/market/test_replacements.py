"""Replacements: specifications carry most of the quality difference, and some overlap for a week."""

from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from ellwand.market import REGIMES, simulate
from ellwand.market.structure import FINISHES, GRADES

Reader = Callable[[Path], list[dict[str, str]]]


@pytest.fixture(scope="module")
def churn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("churn")
    simulate(folder, weeks=80, items=260, units=120, seed=5, regime="churn")
    return folder


def test_specifications_carry_most_of_the_quality_difference(churn: Path, rows: Reader) -> None:
    items = {r["item"]: r for r in rows(churn / "items.csv")}
    effect = {f[1]: f[2] for some in FINISHES.values() for f in some} | {g[1]: g[2] for g in GRADES}
    whole, shown = [], []
    for r in rows(churn / "truth/replacements.csv"):
        old, new = items[r["old"]], items[r["new"]]
        assert new["replaces"] == r["old"]
        assert new["ea"] == old["ea"]
        finishes = {f[1]: f[2] for f in FINISHES[new["ea"][0]]}
        expected = finishes[new["finish"]] - finishes[old["finish"]] + effect[new["grade"]] - effect[old["grade"]]
        for column, elasticity in (("gsm", 0.6), ("width_cm", 0.5)):
            if new[column]:
                expected += elasticity * np.log(float(new[column]) / float(old[column]))
        # The ratio that the specifications explain can be recomputed from the register alone.
        assert np.log(float(r["quality_ratio_specified"])) == pytest.approx(expected, abs=1e-9)
        whole.append(np.log(float(r["quality_ratio"])))
        shown.append(expected)
    unseen = np.array(whole) - shown
    assert 0.6 < 1 - np.var(unseen) / np.var(whole) < 0.95
    assert np.std(unseen) == pytest.approx(REGIMES["churn"].quality_sd, rel=0.15)
    assert np.mean(np.array(shown) != 0) > 0.6


def test_a_third_of_the_replacements_overlap_for_one_week(churn: Path, rows: Reader) -> None:
    items = {r["item"]: r for r in rows(churn / "items.csv")}
    replacements = rows(churn / "truth/replacements.csv")
    share = np.mean([r["overlap"] != "" for r in replacements])
    assert share == pytest.approx(REGIMES["churn"].overlap, abs=0.07)
    due = defaultdict(list)
    for a in rows(churn / "assignments.csv"):
        due[a["item"]].append(a)
    table = pq.read_table(churn / "quotes").to_pylist()
    quoted = {(q["item"], q["period"], q["unit"]) for q in table}
    true = {(r["item"], r["period"]): r["price"] for r in pq.read_table(churn / "truth/prices.parquet").to_pylist()}
    labelled = {e["quote"] for e in pq.read_table(churn / "truth/errors.parquet").to_pylist()}
    both, met = 0, Counter()
    ratios = []
    price = {(q["item"], q["unit"], q["period"]): float(q["price"]) for q in table if q["quote"] not in labelled}
    for r in replacements:
        period, old, new = r["period"], r["old"], r["new"]
        assert items[new]["valid_from"] == period
        last = {a["unit"] for a in due[old] if a["valid_to"] == period}
        first = {a["unit"] for a in due[new] if a["valid_from"] == period}
        if r["overlap"]:
            both += 1
            assert r["overlap"] == period == items[old]["valid_to"]
            assert last
            assert last <= first
            assert (old, period) in true
            for unit in last & first:
                met[(old, period, unit) in quoted, (new, period, unit) in quoted] += 1
                if (old, unit, period) in price and (new, unit, period) in price:
                    gap = np.log(price[new, unit, period] / price[old, unit, period])
                    ratios.append(gap - np.log(float(r["quality_ratio"])))
        else:
            assert items[old]["valid_to"] < period
            assert not last
            assert (old, period) not in true
    assert both > 30
    # A visit that finds one of the two finds both.
    assert set(met) == {(True, True), (False, False)}
    # In the week of overlap a unit's two prices differ by the quality and the rise hidden in the replacement.
    assert np.mean(ratios) == pytest.approx(REGIMES["churn"].markup, abs=4 * np.std(ratios) / np.sqrt(len(ratios)))
