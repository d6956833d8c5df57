"""The figures in the page are those of the tables, rounded once and half away from zero, and they add up."""

import math
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from ellwand.engine.errors import DataError
from ellwand.production.report.facts import Facts, rounded
from ellwand.production.report.periods import read
from ellwand.production.report.words import Words

LANGUAGES = ("zh", "en")


def last_rows(observations: pa.Table) -> dict[str, dict]:
    """Rows of the newest period by code."""
    newest = max(observations["period"].to_pylist())
    return {row["code"]: row for row in observations.filter(pc.equal(observations["period"], newest)).to_pylist()}


def written(value: float | None, digits: int, sign: bool = False) -> str:
    """A figure as a reader writes it who rounds the CSV by hand."""
    if value is None:
        return "–"
    exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP) + 0
    text = f"{exact:+,}" if sign and exact else f"{exact:,}"
    return text.replace("-", "−")


def whole(value: float | None, digits: int) -> int | None:
    if value is None:
        return None
    return int(Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP).scaleb(digits))


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (1.005, 2, "1.01"),
        (-1.005, 2, "-1.01"),
        (0.125, 2, "0.13"),
        (-0.125, 2, "-0.13"),
        (2.675, 2, "2.68"),
        (-0.004, 2, "0.00"),
        (99.9949, 2, "99.99"),
        (1234567.5, 0, "1234568"),
    ],
)
def test_rounding_is_half_away_from_zero_on_the_decimal_text(value: float, digits: int, expected: str) -> None:
    assert str(rounded(value, digits)) == expected


def test_no_figure_is_rounded_to_a_number() -> None:
    assert rounded(math.nan) is None
    assert rounded(math.inf) is None
    assert Words("en").level(math.nan) == "–"


@pytest.mark.parametrize("language", LANGUAGES)
def test_class_table_shows_the_figures_of_the_observations(compiled, page, rows, language) -> None:
    last = last_rows(compiled.observations)
    shown = rows(page, f"classes-table-{language}")
    names = {row[f"name_{language}"]: row for row in last.values() if row["level"] <= 1}
    assert len(shown) == len(names)
    for cells in shown:
        row = names[cells[0]]
        assert cells[2] == written(row["index"], 2)
        assert cells[7] == written(row["contribution"], 3, sign=True)
        assert cells[8] == row["grade"]
        unclear = row["change_low"] is not None and row["change_low"] <= 0 <= row["change_high"]
        change = written(row["change_previous"], 2, sign=True)
        assert change in cells[3]
        if unclear and change != "0.00":
            assert Words(language)("unclear") in cells[3]
        else:
            assert Words(language)("unclear") not in cells[3]


def test_some_change_is_clear_and_some_is_not(compiled) -> None:
    last = [r for r in last_rows(compiled.observations).values() if r["change_low"] is not None]
    assert any(r["change_low"] <= 0 <= r["change_high"] for r in last)
    series = Facts.from_table(compiled.observations)
    clear = {one.code: bool(one.clear[series.last]) for one in series.series}
    for row in last:
        assert clear[row["code"]] == (not row["change_low"] <= 0 <= row["change_high"])


def test_page_carries_every_figure_of_every_series(compiled, page, figures) -> None:
    held = figures(page)
    table = compiled.observations
    at = {period: t for t, period in enumerate(held["periods"])}
    assert list(at) == sorted(set(table["period"].to_pylist()))
    for row in table.to_pylist():
        one, t = held["series"][row["code"]], at[row["period"]]
        assert one["i"][t] == whole(row["index"], 2)
        assert one["c"][t] == whole(row["change_previous"], 2)
        assert one["p"][t] == whole(row["contribution"], 3)
        assert one["m"][t] == row["matched"]
        assert one["x"][t] == row["excluded"]
        for away, limit in (("l", "low"), ("h", "high")):
            expected = None if row[limit] is None or row["index"] is None else whole(row[limit], 2) - one["i"][t]
            assert one[away][t] == expected


def test_quotes_of_the_page_are_those_of_the_drill_table_and_add_up(compiled, page, figures, hidden_codes) -> None:
    held = figures(page)["quotes"]
    last = last_rows(compiled.observations)
    drill = compiled.drill.to_pylist()
    hidden = hidden_codes
    kept = [row for row in drill if row["ea"] not in hidden]
    assert hidden, "the small market suppresses nothing: the test says nothing of hidden quotes"
    assert kept, "the small market hides all quotes: the test says nothing of shown ones"
    assert set(held["hidden"]) == hidden
    assert len(held["item"]) == len(kept)
    for code, (first, stop) in held["spans"].items():
        own = [row for row in kept if row["ea"] == code]
        assert [held["items"][k][0] for k in held["item"][first:stop]] == [row["item"] for row in own]
        assert held["quoted"][first:stop] == [whole(row["quoted"], 4) for row in own]
        assert held["price"][first:stop] == [whole(row["price"], 4) for row in own]
        assert held["before"][first:stop] == [whole(row["compared_with"], 4) for row in own]
        points = [v for v in held["points"][first:stop] if v is not None]
        assert sum(points) / 1e8 == pytest.approx(last[code]["contribution"], abs=1e-6)
    assert not {row["item"] for row in drill if row["ea"] in hidden} & {row[0] for row in held["items"]}


def test_contributions_of_parts_add_to_their_class(compiled) -> None:
    last = last_rows(compiled.observations)
    for code, row in last.items():
        parts = [one["contribution"] for one in last.values() if one["parent"] == code]
        if parts and row["contribution"] is not None and None not in parts:
            assert sum(parts) == pytest.approx(row["contribution"], abs=1e-12)


def test_counts_by_rule_are_those_of_the_observations(compiled, page, rows) -> None:
    total = last_rows(compiled.observations)["0"]
    aside = sum(int(row[1]) for row in rows(page, "rules-table-en") if row[1] != "–")
    mended = sum(int(row[2]) for row in rows(page, "rules-table-en") if row[2] != "–")
    assert aside == total["excluded"] > 0
    assert mended == total["corrected"] > 0
    counted = rows(page, "counts-table-en")[0]
    names = ["due", "quotes", "matched", "units", "corrected", "excluded", "replaced", "imputed", "carried"]
    assert counted[1 : 1 + len(names)] == [f"{total[name]:,}" for name in names]


def test_series_stand_in_the_natural_order_of_their_codes(compiled) -> None:
    table = compiled.observations
    renamed = {"2": "10", "3": "2", "1": "1"}
    codes = [renamed.get(code, code) for code in table["code"].to_pylist()]
    parents = [renamed.get(code, code) for code in table["parent"].to_pylist()]
    table = table.set_column(table.column_names.index("code"), "code", pa.array(codes))
    table = table.set_column(table.column_names.index("parent"), "parent", pa.array(parents))
    order = [one.code for one in Facts.from_table(table).at_level(1)]
    assert order == sorted(order, key=int)
    assert order.index("2") < order.index("10")


@pytest.mark.parametrize(
    ("label", "zh", "en", "days"),
    [
        ("2024-W05", "2024年第5周", "week 5 of 2024", "29 January to 4 February 2024"),
        ("2020-W53", "2020年第53周", "week 53 of 2020", "28 December 2020 to 3 January 2021"),
        ("2024-05", "2024年5月", "May 2024", ""),
        ("2024-Q1", "2024年第1季度", "quarter 1 of 2024", "1 January to 31 March 2024"),
        ("2024-05-31", "2024年5月31日", "31 May 2024", ""),
    ],
)
def test_periods_in_words(label: str, zh: str, en: str, days: str) -> None:
    assert Words("zh").period(label) == zh
    assert Words("en").period(label) == en
    assert Words("en").span(label) == days


@pytest.mark.parametrize("label", ["2023-W53", "2024-13", "2024-Q5", "t1", "2024", "2023-02-29"])
def test_periods_without_a_calendar_are_refused_by_name(label: str) -> None:
    with pytest.raises(DataError, match=label):
        read(label)


@pytest.mark.parametrize(("form", "year", "words"), [("month", 12, "Monthly"), ("quarter", 4, "Quarterly")])
def test_months_and_quarters_make_a_page(compiled, figures, form, year, words) -> None:
    table = compiled.observations
    weeks = sorted(set(table["period"].to_pylist()))
    letter = "-" if form == "month" else "-Q"
    name = {
        week: f"{2000 + t // year}{letter}{t % year + 1:0{2 if form == 'month' else 1}d}"
        for t, week in enumerate(weeks)
    }
    labels = pa.array([name[week] for week in table["period"].to_pylist()])
    table = table.set_column(table.column_names.index("period"), "period", labels)
    background = compiled.background
    links = tuple(name[link] for link in background.links)
    text = compiled.page(observations=table, background=type(background)(**{**vars(background), "links": links}))
    assert f"{words} price index" in text
    held = figures(text)
    assert held["year"] == year
    assert held["periods"] == [name[week] for week in weeks]
    # Months are not of one length: the first chart has a gap where an issue is missing and nowhere else.
    levels = [row["index"] is not None for row in table.to_pylist() if row["level"] == 0]
    pieces = sum(here and not before for before, here in pairwise([False, *levels]))
    line = text.split('class="line main"', 1)[0].rsplit('d="', 1)[1]
    assert line.count("M") == pieces


def test_a_first_issue_makes_a_page(compiled) -> None:
    table = compiled.observations
    first = table.filter(pc.equal(table["period"], min(table["period"].to_pylist())))
    text = compiled.page(observations=first, drill=None)
    assert "The total index stands at 100.00" in text
    assert Words("zh")("sentence_first", level="100.00") in text


def test_a_missing_column_is_named(compiled) -> None:
    with pytest.raises(DataError, match="change_low"):
        compiled.page(observations=compiled.observations.drop_columns(["change_low"]))
    with pytest.raises(DataError, match="donors"):
        compiled.page(drill=compiled.drill.drop_columns(["donors"]))


def test_quotes_of_an_unknown_aggregate_are_refused(compiled) -> None:
    strange = pa.array(["no such code", *compiled.drill["ea"].to_pylist()[1:]])
    with pytest.raises(DataError, match="no such code"):
        compiled.page(drill=compiled.drill.set_column(0, "ea", strange))


def test_without_intervals_nothing_is_said_of_them(compiled, page) -> None:
    table = compiled.observations
    for name in ("se", "low", "high", "change_se", "change_low", "change_high"):
        table = table.set_column(table.column_names.index(name), name, pa.nulls(table.num_rows, pa.float64()))
    text = compiled.page(observations=table)
    assert "interval of the level" in page
    assert "interval of the level" not in text
    assert np.all([one.clear.all() for one in Facts.from_table(table).series])
