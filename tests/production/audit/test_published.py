"""Real publications: every fault that figures can show is found, and nothing else.

Facts from the China Keqiao Textile Index: `open data` is the redistributor's table of the publisher's series (source 5
of the domain brief), the comments are the publisher's monthly texts and their reprints.
"""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ellwand.cli import main
from ellwand.production.audit import Composite, audit_file
from ellwand.production.audit.figures import figure, implied_base

Rows = Sequence[Sequence[str]]
Keys = Callable[..., list[tuple[str, str, str]]]

UNSOUND = {
    # The first price issue is followed by a fall of 13.39 %; no other change in the file passes 2 %.
    ("price/total", "2007-06-11", "level-break"),
    # Circulation and production made up the total half and half in 2007 and April 2008; the weight of circulation
    # implied by the later issues is 0.580, 0.755, 0.708, 0.696, 0.695, 0.719.
    ("prosperity/total", "2021-06", "composite-weights"),
    ("prosperity/total", "2022-12", "composite-weights"),
    ("prosperity/total", "2023-02", "composite-weights"),
    ("prosperity/total", "2023-03", "composite-weights"),
    ("prosperity/total", "2023-04", "composite-weights"),
    ("prosperity/total", "2023-05", "composite-weights"),
    # -1.67 while circulation changed by -1.43 and production by +0.02.
    ("prosperity/total", "2021-06", "parent-range"),
    # -0.91 while its four parts changed between -0.08 and +7.42.
    ("prosperity/circulation", "2019-09", "parent-range"),
    # -1.09 while its two parts changed by +1.16 and +1.33.
    ("prosperity/circulation/confidence", "2021-06", "parent-range"),
    # "+25.79 % on beginning of year"; on December it is -9.62 %.
    ("foreign trade/prosperity", "2023-04", "change-on-year-start"),
    # "+2.70 % on beginning of year"; on December it is -9.50 %.
    ("foreign trade/price", "2023-04", "change-on-year-start"),
}


def test_value_file(value_file: Path) -> None:
    found = audit_file(value_file)
    assert {(f.series, f.period, f.rule) for f in found.findings} == UNSOUND
    assert len(found.findings) == len(UNSOUND)
    assert found.rows == 252


def test_sound_rows_alone_are_silent(value_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    faulty = {(series, period) for series, period, _ in UNSOUND}
    with value_file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    sound = tmp_path / "sound.csv"
    with sound.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(row for row in rows if (row[0], row[1]) not in faulty)
    assert main(["audit", str(sound)]) == 0
    assert capsys.readouterr().out == "no findings in 233 rows\n"


W, M = "weekly", "monthly"
PREVIOUS, MONTH, START, LAST = "previous issue", "previous month", "beginning of year", "same period last year"

SUMMER_2007: Rows = [  # open data
    ("price/total", "2007-06-04", W, "112.88"),
    ("price/total", "2007-06-11", W, "97.77", "-13.39", PREVIOUS),
    ("price/total", "2007-06-18", W, "97.98", "0.21", PREVIOUS),
    ("price/total", "2007-06-25", W, "99.86", "1.92", PREVIOUS),
    ("price/total", "2007-07-02", W, "100.44", "0.58", PREVIOUS),
]
PROSPERITY_2007: Rows = [  # open data; April 2008 from a reprinted comment
    row
    for month, total, circulation, production in [
        ("2007-06", "1105.95", "862.60", "1349.30"),
        ("2007-07", "1090.81", "855.77", "1325.86"),
        ("2007-08", "1254.97", "830.11", "1679.83"),
        ("2007-09", "1137.48", "837.70", "1437.26"),
        ("2007-10", "1136.22", "825.53", "1446.91"),
        ("2008-04", "1064.23", "745.36", "1383.10"),
    ]
    for row in (
        ("prosperity/total", month, M, total),
        ("prosperity/circulation", month, M, circulation),
        ("prosperity/production", month, M, production),
    )
]
PROSPERITY_2023: Rows = [  # open data; January 2023 had no issue
    row
    for month, total, change, circulation, production in [
        ("2022-12", "1115.95", "-3.71", "1183.50", "908.33"),
        ("2023-02", "1140.71", "2.22", "1233.00", "916.41"),
        ("2023-03", "1235.31", "8.29", "1389.60", "881.62"),
        ("2023-04", "1307.75", "5.86", "1485.11", "902.97"),
        ("2023-05", "1321.09", "1.02", "1473.07", "932.58"),
    ]
    for row in (
        ("prosperity/total", month, M, total, change, PREVIOUS),
        ("prosperity/circulation", month, M, circulation),
        ("prosperity/production", month, M, production),
    )
]
SEPTEMBER_2019: Rows = [  # the publisher's comment 4109
    ("prosperity/circulation", "2019-09", M, "1173.50", "-0.91", MONTH),
    ("prosperity/circulation/benefit", "2019-09", M, "1668.69", "3.79", MONTH),
    ("prosperity/circulation/capital turnover speed", "2019-09", M, "1264.23", "7.42", MONTH),
    ("prosperity/circulation/market demand outlook", "2019-09", M, "1101.07", "1.50", MONTH),
    ("prosperity/circulation/confidence", "2019-09", M, "981.07", "-0.08", MONTH),
]
JUNE_2021: Rows = [  # reprinted comment
    ("prosperity/circulation/confidence", "2021-06", M, "982.49", "-1.09", MONTH),
    ("prosperity/circulation/confidence/market demand judgement", "2021-06", M, "955.75", "1.16", MONTH),
    ("prosperity/circulation/confidence/market outlook judgement", "2021-06", M, "974.65", "1.33", MONTH),
]
TRADE_2023: Rows = [  # January from open data and comment 4700, April from comment 4726
    ("foreign trade/prosperity", "2023-01", M, "693.81", "-12.49", PREVIOUS),
    ("foreign trade/price", "2023-01", M, "181.50", "3.31", PREVIOUS),
    ("foreign trade/prosperity", "2023-04", M, "716.59", "25.79", START),
    ("foreign trade/price", "2023-04", M, "158.99", "2.70", START),
]
YEAR_2024: Rows = [  # reprinted weekly comments
    ("price/total", "2024-03-11", W, "105.58", "0.26", PREVIOUS),
    ("price/total", "2024-03-11", W, "105.58", "0.42", START),
    ("price/total", "2024-03-11", W, "105.58", "-0.85", LAST),
    ("price/total", "2024-03-25", W, "104.89", "0.04", PREVIOUS),
    ("price/total", "2024-03-25", W, "104.89", "-0.24", START),
    ("price/total", "2024-03-25", W, "104.89", "-1.58", LAST),
]
YEAR_2025: Rows = [
    ("price/total", "2025-06-09", W, "105.08", "0.52", START),
    ("price/total", "2025-06-16", W, "104.68", "-0.38", PREVIOUS),
    ("price/total", "2025-06-16", W, "104.68", "0.15", START),
]


def test_start_up_break(keys: Keys) -> None:
    assert keys(SUMMER_2007) == [("price/total", "2007-06-11", "level-break")]


def test_constant_weights_of_2007_are_silent(keys: Keys) -> None:
    assert keys(PROSPERITY_2007) == []


def test_drifting_weights(examine: Callable[..., list[dict[str, str]]]) -> None:
    found = examine([*PROSPERITY_2007, *PROSPERITY_2023])
    assert [(f["series"], f["period"], f["rule"]) for f in found] == [
        ("prosperity/total", month, "composite-weights")
        for month in ("2022-12", "2023-02", "2023-03", "2023-04", "2023-05")
    ]
    assert "0.7545 to 0.7546 for circulation" in found[0]["message"]
    assert "the weight 0.5000 for circulation" in found[0]["message"]


def test_declared_parts_need_no_history(keys: Keys) -> None:
    pair = ("prosperity/circulation", "prosperity/production")
    assert keys(PROSPERITY_2023) == []
    drift = keys(PROSPERITY_2023, [Composite("prosperity/total", pair)])
    assert [period for _, period, _ in drift] == ["2023-02", "2023-03", "2023-04", "2023-05"]


def test_skipped_january_2023_is_no_missing_issue(keys: Keys) -> None:
    longer = [
        *PROSPERITY_2023,
        ("prosperity/total", "2022-11", M, "1158.95"),
        ("prosperity/circulation", "2022-11", M, "1200.00"),
    ]
    assert not [key for key in keys(longer) if key[2] == "missing-issue"]


def test_parent_outside_its_parts(keys: Keys) -> None:
    assert keys(SEPTEMBER_2019) == [("prosperity/circulation", "2019-09", "parent-range")]
    assert keys(JUNE_2021) == [("prosperity/circulation/confidence", "2021-06", "parent-range")]


@pytest.mark.parametrize("absent", range(1, 5))
def test_parts_that_the_file_knows_but_lacks(keys: Keys, absent: int) -> None:
    """A part printed in another month only: nothing follows from the others."""
    rows = [row if i != absent else (row[0], "2019-10", *row[2:]) for i, row in enumerate(SEPTEMBER_2019)]
    assert keys(rows) == []


def test_parts_declared_to_be_more_than_printed(keys: Keys) -> None:
    parts = tuple(f"prosperity/circulation/confidence/{name} judgement" for name in ("market demand", "market outlook"))
    unpublished = "prosperity/circulation/confidence/own business"
    assert keys(JUNE_2021, [Composite("prosperity/circulation/confidence", (*parts, unpublished))]) == []
    declared = keys(JUNE_2021, [Composite("prosperity/circulation/confidence", parts)])
    assert set(declared) == {("prosperity/circulation/confidence", "2021-06", "parent-range")}
    assert len(declared) == 2, "change and level: 982.49 lies above 955.75 and 974.65 too"


def test_changes_on_beginning_of_year(examine: Callable[..., list[dict[str, str]]]) -> None:
    found = {f["series"]: f for f in examine(TRADE_2023)}
    assert {f["rule"] for f in found.values()} == {"change-on-year-start"}
    assert "change -9.62 to -9.61" in found["foreign trade/prosperity"]["message"]
    assert "change -9.51 to -9.49" in found["foreign trade/price"]["message"]


def test_right_changes_on_beginning_of_year_are_silent(keys: Keys) -> None:
    right = {"25.79": "-9.62", "2.70": "-9.50"}
    assert keys([(*row[:4], right.get(row[4], row[4]), row[5]) for row in TRADE_2023]) == []
    january = {"25.79": "3.28", "2.70": "-12.40"}
    assert keys([(*row[:4], january.get(row[4], row[4]), row[5]) for row in TRADE_2023]) == []


def test_common_start_of_year(examine: Callable[..., list[dict[str, str]]]) -> None:
    assert examine(YEAR_2024) == []
    assert examine(YEAR_2025) == []
    wrong = [row if row[4] != "0.15" else (*row[:4], "0.25", row[5]) for row in YEAR_2025]
    (finding,) = examine(wrong)
    assert (finding["period"], finding["rule"]) == ("2025-06-16", "year-start-base")
    assert "2025-06-09" in finding["message"]
    assert "104.526 to 104.547" in finding["message"], "(105.08 +- 0.005) / (1.0052 +- 0.00005)"


@pytest.mark.parametrize(("rows", "low", "high"), [(YEAR_2024, 105.13, 105.15), (YEAR_2025, 104.526, 104.533)])
def test_implied_start_of_year(rows: Rows, low: float, high: float) -> None:
    """The domain brief: 2024 105.13 to 105.15; 2025 104.526 to 104.533."""
    bases = [implied_base(figure(row[3]), figure(row[4])) for row in rows if row[5] == START]
    digits = len(str(low).split(".")[1])
    assert round(float(max(base.lo for base in bases)), digits) == low
    assert round(float(min(base.hi for base in bases)), digits) == high


def test_rounded_changes_are_not_compared_for_equality(keys: Keys) -> None:
    """97.98 to 99.86: the rounded levels give 1.9188, printed 1.92. 112.69 on 112.88 could be -0.16 to -0.18."""
    rows = [("x", "2024-01-01", W, "112.88"), ("x", "2024-01-08", W, "112.69", "", PREVIOUS)]
    for change, silent in [("-0.15", False), ("-0.16", True), ("-0.17", True), ("-0.18", True), ("-0.19", False)]:
        found = keys([rows[0], (*rows[1][:4], change, PREVIOUS)])
        assert (found == []) == silent, change


def test_direction_word_against_sign(keys: Keys) -> None:
    """Comment 4109: benefit "decreased ... increased by 3.79 %"."""
    row = SEPTEMBER_2019[1]
    assert keys([(*row, "decreased")]) == [(row[0], "2019-09", "direction")]
    assert keys([(*row, "decreased ... increased by 3.79 %")]) == [(row[0], "2019-09", "direction")]
    assert keys([(*row, "increased")]) == []


def test_january_called_december(keys: Keys) -> None:
    """The value and change of January 2023 under the label of December beside the table's own row."""
    rows = [
        ("foreign trade/price", "2022-12", M, "181.50", "3.31", MONTH),
        ("foreign trade/price", "2023-01", M, "181.50", "3.31", PREVIOUS),
    ]
    assert keys(rows) == [("foreign trade/price", "2023-01", "period-label")]


def test_january_called_december_beside_december(keys: Keys) -> None:
    """December 2022 was 175.68 (181.50 less 3.31 %)."""
    rows = [
        ("foreign trade/price", "2022-12", M, "175.68"),
        ("foreign trade/price", "2022-12", M, "181.50", "3.31", MONTH),
    ]
    assert keys(rows) == [("foreign trade/price", "2022-12", "duplicate-issue")]
