"""The simulated market keeps the promises of its documentation."""

import hashlib
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from ellwand.market import REGIMES, simulate

Reader = Callable[[Path], list[dict[str, str]]]


def digests(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def test_equal_arguments_give_equal_bytes(calm: Path, arguments: dict, tmp_path: Path) -> None:
    simulate(tmp_path / "again", **arguments)
    assert digests(tmp_path / "again") == digests(calm)
    simulate(tmp_path / "other", **(arguments | {"seed": 4}))
    assert digests(tmp_path / "other")["quotes/2022.parquet"] != digests(calm)["quotes/2022.parquet"]


def test_a_folder_is_replaced_but_foreign_files_are_not_touched(tmp_path: Path) -> None:
    simulate(tmp_path, weeks=60, items=20, units=20, rows=400)
    simulate(tmp_path, weeks=5, items=20, units=20)
    assert not (tmp_path / "quotes/2023.parquet").exists()
    assert not (tmp_path / "transactions").exists()
    (tmp_path / "mine.txt").write_text("kept")
    with pytest.raises(ValueError, match=r"mine\.txt"):
        simulate(tmp_path, weeks=5, items=20, units=20)
    assert (tmp_path / "mine.txt").read_text() == "kept"


def test_every_file_is_listed_and_marked(calm: Path, rows: Reader, summary: dict) -> None:
    assert summary["simulated"] is True
    assert summary["complete"] is True
    assert set(summary["files"]) | {"market.json"} == set(digests(calm))
    for name in summary["files"]:
        if name.endswith(".csv"):
            assert {r["simulated"] for r in rows(calm / name)} == {"true"}, name
        else:
            assert pq.read_schema(calm / name).metadata[b"simulated"] == b"true", name


@pytest.mark.parametrize("regime", sorted(REGIMES))
def test_shares_of_missing_errors_and_unchanged(regime: str, tmp_path: Path) -> None:
    given = {} if regime == "small" else {"items": 300, "units": 150}
    summary = simulate(tmp_path, weeks=80, regime=regime, seed=11, **given)
    counts, measured, p = summary["counts"], summary["measured"], REGIMES[regime]
    assert measured["missing_share"] == pytest.approx(1 - counts["quotes"] / counts["quotes_due_open"])
    assert measured["missing_share"] == pytest.approx(p.missing, abs=0.012)
    assert measured["error_share"] == pytest.approx(counts["errors"] / counts["quotes"])
    assert measured["error_share"] == pytest.approx(p.errors, abs=0.001)
    table = pq.read_table(tmp_path / "quotes", columns=["period", "unit", "item", "price"]).to_pylist()
    weeks = {label: k for k, label in enumerate(sorted({r["period"] for r in table}))}
    price = {(r["unit"], r["item"], weeks[r["period"]]): r["price"] for r in table}
    same = [value == price[u, i, w + 1] for (u, i, w), value in price.items() if (u, i, w + 1) in price]
    assert measured["unchanged_share"] == pytest.approx(np.mean(same))
    bounds = {"sticky": (0.80, 0.92), "volatile": (0.28, 0.45)}.get(regime, (0.47, 0.63))
    assert bounds[0] < np.mean(same) < bounds[1]
    pairs = len(table) / len(weeks) / counts["pairs"]
    assert 0.75 < pairs < 0.95


def test_about_two_and_a_half_units_quote_an_item(summary: dict, arguments: dict) -> None:
    assert 2.2 < summary["counts"]["pairs"] / arguments["items"] < 2.7


def test_true_prices_agree_with_quotes_without_error(calm: Path, quotes: list[dict]) -> None:
    truth = {(r["item"], r["period"]): r["price"] for r in pq.read_table(calm / "truth/prices.parquet").to_pylist()}
    bad = set(pq.read_table(calm / "truth/errors.parquet")["quote"].to_pylist())
    gap = [np.log(float(q["price"]) / truth[q["item"], q["period"]]) for q in quotes if q["quote"] not in bad]
    assert abs(np.mean(gap)) < 0.02
    assert np.std(gap) < 0.08  # permanent levels of units and pairs, and stickiness


def test_true_index_follows_from_true_prices_ratios_and_weights(calm: Path, rows: Reader) -> None:
    """The truth recomputed from its files alone, with plain loops."""
    ea_of = {r["item"]: r["ea"] for r in rows(calm / "items.csv")}
    ratio = {r["new"]: (r["old"], float(r["quality_ratio"])) for r in rows(calm / "truth/replacements.csv")}
    assert {r["item"]: r["replaces"] for r in rows(calm / "items.csv") if r["replaces"]} == {
        new: old for new, (old, _) in ratio.items()
    }
    overlap = {(r["old"], r["overlap"]) for r in rows(calm / "truth/replacements.csv") if r["overlap"]}
    assert overlap
    by_period: dict[str, dict[str, float]] = defaultdict(dict)
    for r in pq.read_table(calm / "truth/prices.parquet").to_pylist():
        by_period[r["period"]][r["item"]] = r["price"]
    periods = sorted(by_period)
    true = {(r["code"], r["period"]): float(r["index_true"]) for r in rows(calm / "truth/classes.csv")}
    level = dict.fromkeys(set(ea_of.values()), 1.0)
    paths = {periods[0]: dict(level)}
    for before, now in pairwise(periods):
        moves = defaultdict(list)
        for item, price in by_period[now].items():
            if (item, now) in overlap:
                continue  # counted through its replacement
            if item in by_period[before]:
                moves[ea_of[item]].append(np.log(price / by_period[before][item]))
            elif item in ratio and ratio[item][0] in by_period[before]:
                old, quality = ratio[item]
                moves[ea_of[item]].append(np.log(price / quality / by_period[before][old]))
        for ea in level:
            level[ea] *= np.exp(np.mean(moves[ea]))
            assert level[ea] == pytest.approx(true[ea, now], rel=1e-9)
        paths[now] = dict(level)
    baskets: dict[str, list[dict[str, str]]] = defaultdict(list)
    for r in rows(calm / "basket.csv"):
        baskets[r["valid_from"]].append(r)
    assert list(baskets) == ["2022-W01", "2023-W01"]
    assert {r["price_reference"] for r in baskets["2023-W01"]} == {"2022-W52"}
    assert {r["weight_reference"] for r in baskets["2023-W01"]} == {"2022"}
    for members in baskets.values():
        assert sum(Decimal(r["weight"]) for r in members) == 1
        assert all(Decimal(r["weight"]) > 0 for r in members)
    for code in ("0", "1", "3", "2.2"):
        for period in periods:
            basket = baskets[max(b for b in baskets if b <= period)]
            part = [r for r in basket if code == "0" or r["ea"].startswith(code + ".")]
            reference = part[0]["price_reference"]
            total = sum(float(r["weight"]) for r in part)
            link = sum(float(r["weight"]) * paths[period][r["ea"]] / paths[reference][r["ea"]] for r in part) / total
            assert true[code, period] == pytest.approx(true[code, reference] * link, rel=1e-9)


def test_the_registers_agree_with_each_other_and_with_the_quotes(
    calm: Path, rows: Reader, quotes: list[dict], summary: dict
) -> None:
    classes = {r["code"]: r for r in rows(calm / "classification.csv")}
    assert classes["0"]["parent"] == ""
    assert all(r["parent"] in classes for r in classes.values() if r["code"] != "0")
    items = {r["item"]: r for r in rows(calm / "items.csv")}
    units = {r["unit"]: r for r in rows(calm / "units.csv")}
    sources = {r["source"] for r in rows(calm / "sources.csv")}
    assert all(classes[r["ea"]]["level"] == "3" for r in items.values())
    assert all(r["source"] in sources for r in units.values())
    labels = sorted({r["period"] for r in rows(calm / "truth/classes.csv")})
    position = {label: k for k, label in enumerate(labels)}
    due = set()
    for a in rows(calm / "assignments.csv"):
        first, last = position[a["valid_from"]], position.get(a["valid_to"], len(labels) - 1)
        for register, code in ((items, a["item"]), (units, a["unit"])):
            assert register[code]["valid_from"] <= a["valid_from"]
            assert register[code]["valid_to"] == "" or "" < a["valid_to"] <= register[code]["valid_to"]
        span = {(a["unit"], a["item"], k) for k in range(first, last + 1)}
        assert not span & due
        due |= span
    shut = {(c["unit"], position[c["period"]]) for c in rows(calm / "closures.csv")}
    seen = {(q["unit"], q["item"], position[q["period"]]) for q in quotes}
    assert len(seen) == len(quotes)
    assert seen <= due
    assert not {(u, k) for u, _, k in seen} & shut
    assert summary["counts"]["quotes_due"] == len(due)
    assert summary["counts"]["quotes_due_open"] == sum((u, k) not in shut for u, _, k in due)
    for q in quotes:
        year, week, _ = q["collected_on"].isocalendar()
        assert f"{year}-W{week:02d}" == q["period"]
        assert q["unit_of_measure"] == items[q["item"]]["unit_of_measure"]


def test_the_market_closes_for_the_chinese_new_year(quotes: list[dict]) -> None:
    count = defaultdict(int)
    for q in quotes:
        count[q["period"]] += 1
    usual = np.median(list(count.values()))
    # 1 February 2022 and 22 January 2023 are New Year's days.
    for holiday, after in (("2022-W05", "2022-W06"), ("2023-W03", "2023-W04")):
        assert count[holiday] < 0.1 * usual
        assert count[after] < 0.35 * usual
    assert count["2022-W09"] > 0.85 * usual


def test_raw_materials_lead_the_cloth_made_of_them(rows: Reader, tmp_path: Path) -> None:
    simulate(tmp_path, weeks=200, items=260, units=120, seed=5, regime="volatile")
    paths = defaultdict(list)
    for r in rows(tmp_path / "truth/classes.csv"):
        paths[r["code"]].append(np.log(float(r["index_true"])))
    move = {code: np.diff(path) for code, path in paths.items()}
    for code, lag in (("2", 4), ("3", 8)):
        raw, cloth = move["1"], move[code]
        together = np.corrcoef(raw, cloth)[0, 1]
        later = max(np.corrcoef(raw[:-k], cloth[k:])[0, 1] for k in range(lag, lag + 3))
        assert later > 0.2
        assert later > together


def test_transactions_are_exact_sorted_and_marked(tmp_path: Path) -> None:
    n, weeks = 40_123, 30
    simulate(tmp_path / "a", weeks=weeks, items=20, units=20, seed=2, rows=n)
    folder = tmp_path / "a/transactions"
    assert len(list(folder.iterdir())) == 200
    sizes = []
    for k in range(200):
        file = pq.ParquetFile(folder / f"ea=E{k:03d}/part-0.parquet")
        assert [str(t) for t in file.schema_arrow.types] == ["string", "string", "decimal128(10, 2)", "int32"]
        sizes.append(file.metadata.num_rows)
    assert sum(sizes) == n
    assert max(sizes) - min(sizes) <= 1
    table = pq.read_table(folder, partitioning=None)
    assert min(table["quantity"].to_pylist()) >= 1
    assert min(table["price"].to_pylist()) > 0
    first = pq.read_table(folder / "ea=E000/part-0.parquet", partitioning=None)["period"].to_pylist()
    assert first == sorted(first)
    plain = simulate(tmp_path / "b", weeks=weeks, items=20, units=20, seed=2)
    with_rows = digests(tmp_path / "a")
    for name, digest in digests(tmp_path / "b").items():
        assert digest == with_rows[name] or name == "market.json"
    assert plain["counts"]["transactions"] == 0


def test_sales_are_larger_at_lower_prices(tmp_path: Path) -> None:
    simulate(tmp_path, weeks=40, items=20, units=20, seed=2, rows=200_000)
    table = pq.read_table(tmp_path / "transactions/ea=E007/part-0.parquet", partitioning=None)
    cells: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for r in table.to_pylist():
        cell = cells[r["product"], r["period"]]
        cell[0] += float(r["price"]) * r["quantity"]
        cell[1] += r["quantity"]
    by_product = defaultdict(list)
    for (product, _), (value, quantity) in cells.items():
        by_product[product].append((np.log(value / quantity), np.log(quantity)))
    pairs = np.concatenate([np.array(v) - np.mean(v, axis=0) for v in by_product.values() if len(v) > 5])
    assert np.corrcoef(pairs.T)[0, 1] < -0.1
    assert pairs[:, 0].min() < np.log(0.75)  # sales and clearances


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"weeks": 1}, "weeks is 1"),
        ({"weeks": 2.5}, "weeks is 2.5"),
        ({"items": 9}, "items is 9"),
        ({"units": True}, "units is True"),
        ({"seed": -1}, "seed is -1"),
        ({"rows": 199}, "rows is 199"),
        ({"regime": "wild"}, "calm, inflation, sticky, volatile, churn, small"),
        ({"start": "2022-W60"}, "2022-W60"),
        ({"start": "2022-01"}, "2022-01"),
        ({"start": "1999-W01"}, "2007 to 2045"),
        ({"weeks": 10**6}, "2007 to 2045"),
    ],
)
def test_wrong_arguments_are_named_and_write_nothing(arguments: dict, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        simulate(tmp_path / "m", **arguments)
    assert not (tmp_path / "m").exists()


def test_the_smallest_market(rows: Reader, tmp_path: Path) -> None:
    summary = simulate(tmp_path, weeks=2, items=10, units=10, start="2020-W53")
    assert summary["counts"]["aggregates"] == 5
    assert {r["level"] for r in rows(tmp_path / "classification.csv")} == {"0", "1", "2", "3"}
    assert sorted(p.name for p in (tmp_path / "quotes").iterdir()) == ["2020.parquet", "2021.parquet"]
    assert len({r["valid_from"] for r in rows(tmp_path / "basket.csv")}) == 2
