"""What a reviewer decided of a quote stands above every rule but the hard ones."""

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ellwand.engine.errors import DataError
from ellwand.market import simulate
from ellwand.production.folder import read_folder
from ellwand.production.line import continue_line, run_line
from ellwand.production.method import read_method

FIXED = '[[validate.outlier]]\nrule = "fixed"\nfallback = 0.1'
SOFT = '[[validate.rule]]\nname = "steady"\nkind = "soft"\nmust = "ratio between 0.9 and 1.1"'
HARD = '[[validate.rule]]\nname = "cheap"\nkind = "hard"\nmust = "price < 100"'
FACTORS = '[validate.systematic]\nfactors = ["decimal"]\naccept = ["decimal"]\nonly_outliers = false'
OTHERS = {"i2/u2": [20, 20, 20], "i3/u3": [30, 30, 30], "i4/u4": [9, 9, 9]}


def decided(price: float, review: str, **more: Any) -> dict[str, Any]:
    return {"price": price, "review": review, **more}


@pytest.mark.parametrize("rules", [FIXED, SOFT, FACTORS])
@pytest.mark.parametrize("price", [20, 100])
def test_an_accepted_price_is_used_as_quoted(bench: Any, rules: str, price: float) -> None:
    market = {**OTHERS, "i1/u1": [10, {"price": price, "review": ""}, price]}
    before = bench.run(bench.market(market), rules).quotes("i1/u1")[1]
    market["i1/u1"][1]["review"] = "accepted"
    found = bench.run(bench.market(market), rules)
    row = found.quotes("i1/u1")[1]
    assert (row["verdict"], row["rule"], row["used"], row["review"]) == ("accepted", "review", price, "accepted")
    assert row["proposal"] is None
    assert found.statuses("i1/u1") == ["O", "O", "O"]
    assert found.index("a")[1] == pytest.approx(100 * (price / 10) ** 0.25)
    if rules != FACTORS or price == 100:
        assert before["rule"] != "review" and (before["verdict"], before["used"]) != ("accepted", price)


def test_a_first_price_found_right_begins_the_series(bench: Any) -> None:
    entry = "[validate]\nentry_bound = 0.5"
    market = {"i1/u1": [10, 10, 10], "i1/u2": [10, 10, 10], "i1/u3": [None, decided(40, ""), 40], **OTHERS}
    assert bench.run(bench.market(market), entry).quotes("i1/u3")[0]["rule"] == "entry"
    market["i1/u3"][1]["review"] = "accepted"
    assert bench.run(bench.market(market), entry).used("i1/u3")[-2:] == [40, 40]


def test_an_excluded_price_is_imputed_and_waits_for_no_confirmation(bench: Any) -> None:
    market = {**OTHERS, "i1/u1": [10, decided(10, "excluded"), 10]}
    found = bench.run(bench.market(market))
    row = found.quotes("i1/u1")[1]
    assert (row["verdict"], row["rule"], row["used"]) == ("excluded", "review", None)
    assert found.statuses("i1/u1") == ["O", "I-t", "O"]
    # A wrong price that was set aside by hand does not count as having come once.
    wrong = {**OTHERS, "i1/u1": [10, decided(30, "excluded"), 30]}
    assert bench.run(bench.market(wrong), FIXED).quotes("i1/u1")[2]["verdict"] == "excluded"


def test_hard_rules_still_hold(bench: Any) -> None:
    market = {
        "i1/u1": [10, decided(-1, "accepted"), 10],
        "i2/u2": [20, decided(20, "accepted", currency="USD"), 20],
        "i3/u3": [30, decided(30, "accepted", unit_of_measure="kg"), 30],
        "i4/u4": [9, decided(900, "accepted"), 9],
    }
    found = bench.run(bench.market(market), HARD)
    said = [found.quotes(pair)[1] for pair in market]
    assert [r["rule"] for r in said] == ["price", "currency", "unit_of_measure", "cheap"]
    assert {r["verdict"] for r in said} == {"excluded"}


def test_a_converted_price_is_right_as_converted(bench: Any) -> None:
    market = {**OTHERS, "i1/u1": [10, decided(20 * 0.9144, "accepted", unit_of_measure="yd"), 20]}
    found = bench.run(bench.market(market), FIXED)
    row = found.quotes("i1/u1")[1]
    assert (row["verdict"], row["rule"]) == ("edited", "unit_of_measure")
    assert row["used"] == pytest.approx(20)


def test_another_word_is_refused_with_row_and_remedy(bench: Any) -> None:
    market = {**OTHERS, "i1/u1": [10, decided(10, "ok"), 10]}
    said = "quotes row 11, field review: 'ok' is no decision; write accepted or excluded"
    with pytest.raises(DataError, match=re.escape(said)):
        bench.run(bench.market(market))


def test_a_column_without_decisions_changes_nothing(bench: Any) -> None:
    plain = {**OTHERS, "i1/u1": [10, 30, 10]}
    empty = {**OTHERS, "i1/u1": [10, decided(30, ""), 10]}
    one, two = (bench.run(bench.market(m), FIXED) for m in (plain, empty))
    assert one.index("a") == two.index("a")


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A market in which every quote that a rule spoke of was decided, by turns accepted, excluded and left."""
    folder = tmp_path_factory.mktemp("review") / "market"
    simulate(folder, weeks=30, items=120, units=50, seed=5, regime="churn")
    book = read_folder(folder)
    line = run_line(book, read_method().method)
    s, t = np.nonzero((book.row >= 0) & (line.rule >= 0))
    decisions = np.full(book.quotes.num_rows, "", dtype=object)
    decisions[book.row[s, t]] = np.array(["accepted", "excluded", ""], dtype=object)[np.arange(len(s)) % 3]
    assert {"accepted", "excluded"} <= set(decisions.tolist())
    shutil.rmtree(folder / "quotes")
    table = book.quotes.append_column("review", pa.array(decisions.tolist(), pa.string()))
    pq.write_table(table, folder / "quotes.parquet")
    return folder


@pytest.mark.parametrize("behind", [1, 9])
def test_a_line_goes_on_bit_by_bit(reviewed: Path, behind: int) -> None:
    book, method = read_folder(reviewed), read_method().method
    T = len(book.periods) - behind
    past = run_line(book.until(T), method)
    found, whole = continue_line(past, book), run_line(book, method)
    for name in ("price", "before", "state", "verdict", "rule", "low", "high", "reference", "proposal", "run"):
        np.testing.assert_array_equal(getattr(found, name), getattr(whole, name), err_msg=name)
    assert (whole.rule == whole.rules.index("review")).any()


def test_no_rule_but_a_hard_one_speaks_against_a_reviewer(reviewed: Path) -> None:
    """By the method with all its rules."""
    book, method = read_folder(reviewed), read_method()
    line = run_line(book, method.method)
    said = np.array(book.quotes["review"].to_pylist(), dtype=object)
    s, t = np.nonzero(book.row >= 0)
    decision, rule = said[book.row[s, t]], np.array(line.rules, dtype=object)[line.rule[s, t]]
    hard = {r.name for r in method.method.validate.rule if r.kind == "hard"}
    right, wrong = (set(rule[decision == word].tolist()) for word in ("accepted", "excluded"))
    assert "review" in right and right <= {"review", "price", "currency", "unit_of_measure"} | hard
    assert wrong == {"review"}
