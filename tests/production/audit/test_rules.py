"""Each rule on small tables: what it finds, where, and what it leaves alone."""

import io
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest

from ellwand.cli import main
from ellwand.engine.errors import DataError
from ellwand.production.audit import COLUMNS, RULES, Composite, audit, audit_file, read_composites

Rows = Sequence[Sequence[str]]
Keys = Callable[..., list[tuple[str, str, str]]]
W, M, Q, PREVIOUS = "weekly", "monthly", "quarterly", "previous issue"


def weeks(levels: Sequence[float], start: date = date(2024, 3, 4)) -> list[tuple[str, ...]]:
    """A weekly series with its changes on the previous issue."""
    rows = [("price/total", start.isoformat(), W, f"{levels[0]:.2f}", "", "")]
    for i, (a, b) in enumerate(pairwise(levels), 1):
        day = (start + timedelta(weeks=i)).isoformat()
        rows.append(("price/total", day, W, f"{b:.2f}", f"{100 * (b / a - 1):.2f}", PREVIOUS))
    return rows


STEADY = weeks([100, 100.4, 101.1, 100.9, 101.6, 102.0, 101.2, 101.9, 102.5, 102.4])


def test_a_sound_listing_is_silent(keys: Keys) -> None:
    assert keys(STEADY) == []
    assert keys(STEADY[::-1]) == [], "latest first is an order too"


# --- one row by itself ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["0", "0.00", "-97.77", "n/a", "97,7", "nan", "inf", "1e9999", "1_000", "--"])
def test_impossible_value(keys: Keys, value: str) -> None:
    assert keys([("x", "2024-01", M, value)]) == [("x", "2024-01", "impossible-value")]


@pytest.mark.parametrize("value", ["97.77", "1,252.22", "+97.8", "1E+2", " 97 "])
def test_possible_value(keys: Keys, value: str) -> None:
    assert keys([("x", "2024-01", M, value)]) == []


@pytest.mark.parametrize(
    ("change", "basis", "faulty"),
    [
        ("-13.39", "previous month", False),
        ("60.84", "same period last year", False),
        ("-100", "previous month", True),
        ("-51", "previous month", True),
        ("101", "previous month", True),
        ("101", "same period last year", False),
        ("-99", "same period last year", True),
        ("1001", "beginning of year", True),
        ("up", "previous month", True),
        ("\N{MINUS SIGN}0.85%", "previous month", False),
    ],
)
def test_absurd_change(keys: Keys, change: str, basis: str, faulty: bool) -> None:
    assert keys([("x", "2024-05", M, "100", change, basis)]) == [("x", "2024-05", "impossible-value")] * faulty


def test_no_figure_at_all(keys: Keys) -> None:
    assert keys([("x", "2024-05", M)]) == [("x", "2024-05", "impossible-value")]


def test_displaced_decimal_point(keys: Keys) -> None:
    rows = [("x", f"2024-0{i}", M, value) for i, value in enumerate(["105.1", "104.9", "1051.0", "105.3", "105.2"], 1)]
    assert ("x", "2024-03", "impossible-value") in keys(rows)
    rows[2] = ("x", "2024-03", M, "10.51")
    assert ("x", "2024-03", "impossible-value") in keys(rows)


@pytest.mark.parametrize(
    ("label", "frequency"),
    [
        ("2024-03-11", W),
        ("20240311", W),
        ("issue 20240311", W),
        ("2024-W11", W),
        ("2024-03-11/2024-03-17", W),
        ("2024-03", M),
        ("2024-03-01", M),
        ("March 2024", M),
        ("2024年3月", M),
        ("2024-Q1", Q),
        ("2024-03-29", Q),
        ("2024-03", Q),
        ("2024", "annual"),
        ("2024-12-31", "yearly"),
        ("2024-03-11", "daily"),
        ("date unknown (reprint)", W),
        ("2020-W53", W),
    ],
)
def test_periods(keys: Keys, label: str, frequency: str) -> None:
    assert keys([("x", label, frequency, "100")]) == []


@pytest.mark.parametrize(
    ("label", "frequency"),
    [
        ("2024-03", W),
        ("2024-Q1", W),
        ("2024", M),
        ("2024-W11", M),
        ("2024-Q1", M),
        ("2024-02", Q),
        ("2024", Q),
        ("2024-05", "annual"),
        ("2024-W05", "daily"),
        ("2024-13", M),
        ("2024-00", M),
        ("2024-02-30", W),
        ("2024-W53", W),
        ("2024-Q5", Q),
        ("2024-03-11/2024-03-24", W),
        ("2024-03-17/2024-03-11", W),
        ("spring", M),
        ("0000", "annual"),
        ("", M),
        ("2024-03", "fortnightly"),
        ("2024-03", ""),
    ],
)
def test_period_label(keys: Keys, label: str, frequency: str) -> None:
    assert keys([("x", label, frequency, "100")]) == [("x", label, "period-label")]


@pytest.mark.parametrize(
    ("basis", "frequency", "faulty"),
    [
        ("previous issue", W, False),
        ("Previous Week", W, False),
        ("on the previous month", M, False),
        ("previous issue (date approximate)", W, False),
        ("beginning of the year", M, False),
        ("December", M, False),
        ("year-on-year", M, False),
        ("Year-to-Date", M, False),
        ("compared with the same month last year", M, False),
        ("环比", M, False),
        ("January 2024", M, False),
        ("January 2024", W, False),
        ("same week last year", W, False),
        ("", M, True),
        ("previous month", W, True),
        ("previous week", M, True),
        ("previous quarter", M, True),
        ("same week last year", M, True),
        ("beginning of year", "annual", True),
        ("Christmas", M, True),
        ("base", M, True),
        ("2024-W02", M, True),
        ("2024-06", M, True),
        ("2024-07", M, True),
    ],
)
def test_basis_label(keys: Keys, basis: str, frequency: str, faulty: bool) -> None:
    label = {"annual": "2024", W: "2024-06-03"}.get(frequency, "2024-06")
    expected = [("x", label, "basis-label")] * faulty
    assert keys([("x", label, frequency, "100", "1.00", basis)]) == expected


@pytest.mark.parametrize(
    ("words", "change", "faulty"),
    [
        ("rose slightly", "0.05", False),
        ("fell", "-0.05", False),
        ("fell", "0.05", True),
        ("上涨", "-0.30", True),
        ("微跌", "0.30", True),
        ("下跌", "-0.30", False),
        ("unchanged", "0.04", False),
        ("unchanged", "3.79", True),
        ("rose", "0.00", False),
        ("fell, then rose", "0.10", True),
        ("blue", "0.10", True),
    ],
)
def test_direction(keys: Keys, words: str, change: str, faulty: bool) -> None:
    expected = [("x", "2024-06", "direction")] * faulty
    assert keys([("x", "2024-06", M, "100", change, "previous month", words)]) == expected


# --- the calendar --------------------------------------------------------------------------------------------------


def test_duplicates(keys: Keys) -> None:
    row = ("x", "2024-05", M, "100.00", "1.00", "previous month")
    assert keys([row, row]) == [("x", "2024-05", "duplicate-issue")]
    assert keys([row, ("x", "2024-05", M, "100.01")]) == [("x", "2024-05", "duplicate-issue")]
    assert keys([row, (*row[:4], "1.02", PREVIOUS)]) == [("x", "2024-05", "duplicate-issue")]
    assert keys([row, (*row[:4], "1.0", PREVIOUS)]) == [], "the same figure with fewer digits, under another name"
    assert keys([row, ("x", "2024-05-01", M, "100.0", "3.00", "same month last year")]) == []
    undated = ("x", "date unknown", W, "99.35", "-0.21", PREVIOUS)
    assert keys([undated, ("x", "date unknown", W, "99.85", "0.71", "year start")]) == [
        ("x", "date unknown", "duplicate-issue")
    ]


def test_missing_issue(keys: Keys) -> None:
    rows = [row for row in STEADY if row[1] != "2024-04-01"]
    assert keys(rows) == [("price/total", "2024-04-01", "missing-issue")]


def test_missing_issue_without_changes(keys: Keys) -> None:
    rows = [row[:4] for row in STEADY if row[1] != "2024-04-01"]
    assert keys(rows) == [("price/total", "2024-04-01", "missing-issue")]
    assert keys(rows[:5]) == [], "too few issues to be a listing"


def test_skipped_issue_is_not_missing(keys: Keys) -> None:
    """The change after the gap is on the last issue printed."""
    rows = [row for row in STEADY if row[1] != "2024-04-01"]
    i = next(i for i, row in enumerate(rows) if row[1] == "2024-04-08")
    change = f"{100 * (float(rows[i][3]) / float(rows[i - 1][3]) - 1):.2f}"
    rows[i] = (*rows[i][:4], change, PREVIOUS)
    assert keys(rows) == []
    sister = [("price/raw materials", *row[1:4]) for row in rows]
    assert keys([*rows, *sister]) == [], "one series speaks for its family"
    assert keys([*rows, *[("orders/raw materials", *row[1:]) for row in sister]]) == [
        ("orders/raw materials", "2024-04-01", "missing-issue")
    ]


def test_scattered_issues_miss_nothing(keys: Keys) -> None:
    assert keys([STEADY[0], STEADY[2], STEADY[5], STEADY[9]]) == []


def test_out_of_order(keys: Keys) -> None:
    rows = [*STEADY[:4], STEADY[5], STEADY[4], *STEADY[6:]]
    (found,) = keys(rows)
    assert found[1] in (STEADY[4][1], STEADY[5][1])
    assert found[2] == "issue-order"
    moved = [STEADY[7], *STEADY[:7], *STEADY[8:]]
    assert keys(moved) == [("price/total", STEADY[7][1], "issue-order")]


def test_a_listing_in_no_order_is_one_finding(keys: Keys) -> None:
    shuffled = [STEADY[i] for i in (4, 1, 8, 0, 6, 3, 9, 2, 7, 5)]
    assert [rule for _, _, rule in keys(shuffled)] == ["issue-order"]


def test_weekday(keys: Keys) -> None:
    rows = [row if row[1] != "2024-04-01" else (row[0], "2024-04-02", *row[2:]) for row in STEADY]
    assert keys(rows) == [("price/total", "2024-04-02", "issue-weekday")]
    assert keys([*STEADY[:2], (STEADY[2][0], "2024-03-19", *STEADY[2][2:])]) == [], "two Mondays are no custom yet"
    moved = {"2024-04-29": "2024-04-30", "2024-05-06": "2024-05-07"}
    assert keys([(row[0], moved.get(row[1], row[1]), *row[2:]) for row in STEADY]) == [], "a new custom"


# --- changes -------------------------------------------------------------------------------------------------------


def test_change_on_previous_issue(examine: Callable[..., list[dict[str, str]]]) -> None:
    rows = [row if row[1] != "2024-04-01" else (*row[:4], "0.93", PREVIOUS) for row in STEADY]
    (finding,) = examine(rows)
    assert (finding["period"], finding["rule"]) == ("2024-04-01", "change-on-previous")
    assert "the levels 101.60 and 100.90 (2024-03-25) allow 0.684 to 0.704" in finding["message"]


def test_few_digits_allow_more(keys: Keys) -> None:
    """106.3 is anything from 106.25 to 106.35."""
    rows = [("x", "2024-05", M, "106.3"), ("x", "2024-06", M, "106.3", "0.09", PREVIOUS)]
    assert keys(rows) == []
    assert keys([("x", "2024-05", M, "106.30"), (*rows[1][:3], "106.30", "0.09", PREVIOUS)]) != []


def test_year_start_readings(keys: Keys) -> None:
    """December is the start of the year; so, if the label allows it, is January."""
    history = [("x", "2023-12", M, "100.00"), ("x", "2024-01", M, "102.00", "2.00", PREVIOUS)]
    may = ("x", "2024-05", M, "104.00")
    assert keys([*history, (*may, "4.00", "beginning of year")]) == []
    assert keys([*history, (*may, "1.96", "beginning of year")]) == []
    assert keys([*history, (*may, "4.00", "December")]) == []
    assert keys([*history, (*may, "1.96", "December")]) == [("x", "2024-05", "change-on-year-start")]
    assert keys([*history, (*may, "3.00", "beginning of year")]) == [("x", "2024-05", "change-on-year-start")]


def test_year_start_of_weeks(keys: Keys) -> None:
    levels = [100 + 0.3 * i for i in range(16)]
    rows = weeks(levels, date(2023, 12, 4))
    march = (*rows[-1][:4], "{change}", "beginning of year")
    at = {row[1]: float(row[3]) for row in rows}
    right = f"{100 * (float(march[3]) / at['2023-12-25'] - 1):.2f}"
    assert keys([*rows, (*march[:4], right, march[5])]) == []
    wrong = f"{float(right) + 1:.2f}"
    assert keys([*rows, (*march[:4], wrong, march[5])]) == [("price/total", march[1], "change-on-year-start")]
    without = [row for row in rows if row[1] not in ("2023-12-25", "2024-01-01")]
    assert ("price/total", march[1], "change-on-year-start") not in keys([*without, (*march[:4], wrong, march[5])])


def test_common_year_start(keys: Keys) -> None:
    rows = [("x", f"2024-0{month}", M, f"{100 + month:.2f}", f"{month:.2f}", "year start") for month in (3, 5, 7, 9)]
    assert keys(rows) == []
    rows[2] = (*rows[2][:4], "7.50", "year start")
    assert keys(rows) == [("x", "2024-07", "year-start-base")], "the odd one is reported, wherever it stands"
    assert keys(rows[1:3]) == [("x", "2024-07", "year-start-base")]


@pytest.mark.parametrize(("frequency", "now", "before"), [(M, "2024-05", "2023-05"), (Q, "2024-Q2", "2023-Q2")])
def test_last_year(keys: Keys, frequency: str, now: str, before: str) -> None:
    rows = [("x", before, frequency, "100.00"), ("x", now, frequency, "104.00", "4.00", "same period last year")]
    assert keys(rows) == []
    assert keys([rows[0], (*rows[1][:4], "5.00", "year on year")]) == [("x", now, "change-on-last-year")]


def test_last_year_of_weeks(keys: Keys) -> None:
    now = ("x", "2025-06-16", W, "104.00")
    near = [("x", "2024-06-17", W, "100.00")]
    assert keys([*near, (*now, "4.00", "same week last year")]) == []
    assert keys([*near, (*now, "5.00", "same week last year")]) == [("x", "2025-06-16", "change-on-last-year")]
    assert keys([("x", "2024-06-10", W, "100.00"), (*now, "5.00", "same period last year")]) == []
    beside = [*near, ("x", "2024-06-24", W, "99.05")]
    assert keys([*beside, (*now, "5.00", "same period last year")]) == [], "the week beside it may be meant"


def test_change_on_a_named_period(keys: Keys) -> None:
    rows = [("x", "2024-01", M, "100.00"), ("x", "2024-03", M, "100.40", "0.40", "January 2024")]
    assert keys(rows) == []
    assert keys([rows[0], (*rows[1][:4], "0.50", "January 2024")]) == [("x", "2024-03", "change-on-period")]


# --- breaks --------------------------------------------------------------------------------------------------------


def test_break_inside_a_series(keys: Keys) -> None:
    levels = [100, 100.4, 101.1, 100.9, 101.6, 82.0, 82.5, 82.2, 82.9]
    assert keys(weeks(levels)) == [("price/total", "2024-04-08", "level-break")]
    assert keys([row[:4] for row in weeks(levels)]) == [("price/total", "2024-04-08", "level-break")]


def test_few_other_changes_make_no_break(keys: Keys) -> None:
    """Prosperity from June to October 2007 and 2023: +15.05 % with four others of 9.36 % and less."""
    assert keys(weeks([100, 99.5, 114.5, 114.0, 113.2, 113.4])) == []
    assert keys(weeks([100, 86.6, 86.8, 88.5, 89.0])) == [("price/total", "2024-03-11", "level-break")]


def test_a_lively_series_has_no_break(keys: Keys) -> None:
    assert keys(weeks([100, 92, 99, 104, 97, 91, 96])) == []


# --- parents and parts ---------------------------------------------------------------------------------------------


def tree(total: Sequence[str], *parts: Sequence[str]) -> Rows:
    names = ["p/total", *(f"p/{chr(97 + i)}" for i in range(len(parts)))]
    rows = [(f"2024-{i + 1:02d}", names[j], row[i]) for j, row in enumerate((total, *parts)) for i in range(len(row))]
    return [(name, month, M, value) for month, name, value in rows]


def test_parent_range_needs_every_part(keys: Keys) -> None:
    rows = [
        ("p/total", "2024-05", M, "100.00", "0.50", PREVIOUS),
        ("p/a", "2024-05", M, "98.00", "0.10", PREVIOUS),
        ("p/b", "2024-05", M, "103.00", "0.30", PREVIOUS),
    ]
    assert keys(rows) == [("p/total", "2024-05", "parent-range")]
    assert keys([*rows, ("p/c", "2024-04", M, "99.00")]) == [], "a third part exists and is not printed"
    assert keys(rows[:2]) == [], "one part is never all"
    deeper = [
        (row[0].replace("p/total", "p/q").replace("p/a", "p/q/a").replace("p/b", "p/q/b"), *row[1:]) for row in rows
    ]
    assert keys(deeper) == [("p/q", "2024-05", "parent-range")]
    assert keys(rows, [Composite("p/total", ("p/a", "p/b", "p/hidden"))]) == []


def test_level_outside_parts(keys: Keys) -> None:
    rows = tree(["120.00"], ["98.00"], ["103.00"])
    assert keys(rows) == [("p/total", "2024-01", "parent-range")]
    assert keys(tree(["103.50"], ["98.00"], ["103.00"])) == [], "linking may carry a parent so far"
    pair = Composite("p/total", ("p/a", "p/b"))
    assert keys(tree(["103.50"], ["98.00"], ["103.00"]), [pair]) == [("p/total", "2024-01", "parent-range")]
    linked = Composite("p/total", ("p/a", "p/b"), linked=True)
    assert keys(rows, [linked]) == []


def test_declared_weights(examine: Callable[..., list[dict[str, str]]], tmp_path: Path) -> None:
    declaration = tmp_path / "parts.toml"
    declaration.write_text(
        '[[composite]]\nparent = "p/total"\nparts = ["p/a", "p/b"]\nweights = [0.5, 0.5]\nuntil = "2024-02"\n'
        '[[composite]]\nparent = "p/total"\nparts = ["p/a", "p/b"]\nweights = [0.6, 0.4]\nfrom = "2024-03"\n'
    )
    rows = tree(["100.00", "101.00", "100.40"], ["98.00", "100.00", "99.00"], ["102.00", "102.00", "102.50"])
    assert examine(rows, read_composites(declaration)) == []
    (finding,) = examine(rows, [*read_composites(declaration)[:1], Composite("p/total", ("p/a", "p/b"), (0.5, 0.5))])
    assert (finding["period"], finding["rule"]) == ("2024-03", "composite-weights")
    assert "the declared weights give 100.745 to 100.755" in finding["message"]


def test_one_odd_issue_does_not_change_the_weights(keys: Keys) -> None:
    a = [98.0, 100.0, 97.0, 103.0, 99.0, 101.0, 104.0, 96.0]
    b = [102.0, 99.0, 104.0, 98.0, 101.0, 97.0, 95.0, 105.0]
    total = [0.3 * x + 0.7 * y for x, y in zip(a, b, strict=True)]
    sound = tree(*([f"{x:.2f}" for x in row] for row in (total, a, b)))
    assert keys(sound) == []
    total[5] += 0.4
    odd = tree(*([f"{x:.2f}" for x in row] for row in (total, a, b)))
    assert keys(odd) == [("p/total", "2024-06", "composite-weights")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[composite]]\nparent = 'p'\n", "composite 1, field parts"),
        ("[[composite]]\nparent = 'p'\nparts = ['a']\n", "at least two"),
        ("[[composite]]\nparent = 'p'\nparts = ['a', 'a']\n", "different"),
        ("[[composite]]\nparent = 'p'\nparts = ['a', 'b']\nweights = [1]\n", "one weight"),
        ("[[composite]]\nparent = 'p'\nparts = ['a', 'b']\nweights = [0.5, 0.6]\n", "the sum is 1.1"),
        ("[[composite]]\nparent = 'p'\nparts = ['a', 'b']\nweights = [1.5, -0.5]\n", "0 or more"),
        ("[[composite]]\nparent = 'p'\nparts = ['a', 'b']\nweights = [nan, 1]\n", "finite"),
        ("[[composite]]\nparent = 'p'\nparts = ['a', 'b']\nweight = [1, 0]\n", "unknown field weight"),
        ("[composite]\nparent = 'p'\n", r"\[\[composite\]\]"),
        ("[[composite]\n", "line 1"),
        ("", "nothing"),
    ],
)
def test_wrong_declarations(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "parts.toml"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        read_composites(path)


def test_declared_period_must_fit_the_frequency() -> None:
    table = pa.table(
        {name: [row[i] if i < 4 else "" for row in tree(["1"], ["1"], ["1"])] for i, name in enumerate(COLUMNS)}
    )
    with pytest.raises(DataError, match="field from: '2024-W01'"):
        audit(table, [Composite("p/total", ("p/a", "p/b"), first="2024-W01")])


# --- reading and writing -------------------------------------------------------------------------------------------

HEADER = ",".join(COLUMNS)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "holds no rows"),
        (b"series,period,frequency,value\n", "no column change_pct, change_basis"),
        (HEADER.encode() + b",value\n", "the column value stands twice"),
        (HEADER.encode() + b"\n", "holds no rows"),
        (HEADER.encode() + b"\nx,2024-01,monthly,1\n", "row 1 has 4 fields, the header has 6"),
        (HEADER.encode() + b"\nx,2024-01,monthly,1,,\n,2024-01,monthly,1,,\n", "row 2, field series: empty"),
        (HEADER.encode() + b"\nx,2024-01,monthly,1,,\xff\n", "line 2 holds the byte 0xff"),
        (HEADER.encode() + b'\nx,"2024-01,monthly,1,,\n', "line 2 is no CSV"),
        (b"PK\x03\x04\0\0", "zero byte"),
    ],
)
def test_unreadable_files(tmp_path: Path, data: bytes, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "published.csv"
    path.write_bytes(data)
    assert main(["audit", str(path)]) == 2
    out = capsys.readouterr()
    assert out.out == ""
    assert words in out.err
    assert out.err.count("\n") == 1


def test_absent_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", str(tmp_path / "none.csv")]) == 2
    assert "none.csv" in capsys.readouterr().err


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "published.csv"
    text = "\N{BYTE ORDER MARK}note," + HEADER + "\nfirst,x,2024-01,monthly,0,,\nsecond,x,2024-02,monthly,100,,\n"
    path.write_text(text, encoding="utf-8")
    assert main(["audit", str(path), "--json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)
    assert list(finding) == ["series", "period", "rule", "message"]
    assert finding["message"] == "row 1: value 0: an index level is above 0"
    assert main(["audit", str(path)]) == 1
    table = capsys.readouterr().out
    assert "impossible-value" in table
    assert table.endswith("1 finding in 1 series, 2 rows\n")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.replace(",0,", ",99,").encode())))
    assert main(["audit", "-"]) == 0
    assert capsys.readouterr().out == "no findings in 2 rows\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.replace(",0,", ",99,").encode())))
    assert main(["audit", "-", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_command_with_parts(tmp_path: Path) -> None:
    path, parts = tmp_path / "published.csv", tmp_path / "parts.toml"
    rows = tree(["103.50"], ["98.00"], ["103.00"])
    path.write_text("\n".join([HEADER, *(",".join((*row, "", "")) for row in rows)]))
    parts.write_text('[[composite]]\nparent = "p/total"\nparts = ["p/a", "p/b"]\n')
    assert main(["audit", str(path)]) == 0
    assert main(["audit", str(path), "--parts", str(parts)]) == 1
    assert main(["audit", str(path), "--parts", str(tmp_path / "none.toml")]) == 2


def test_arrow_table_of_numbers_and_dates() -> None:
    table = pa.table(
        {
            "series": ["x", "x"],
            "period": pa.array([date(2024, 3, 4), date(2024, 3, 11)]),
            "frequency": ["weekly", "weekly"],
            "value": pa.array([105.3, 105.58]),
            "change_pct": pa.array([None, 5.26]),
            "change_basis": pa.array([None, "previous issue"]),
        }
    )
    found = audit(table)
    assert found.schema.names == ["series", "period", "rule", "message"]
    assert found.to_pylist()[0]["rule"] == "change-on-previous"
    assert audit(table.slice(0, 1)).num_rows == 0
    with pytest.raises(DataError, match="no column value"):
        audit(table.drop(["value"]))


def test_arrow_table_of_instants_and_decimals() -> None:
    table = pa.table(
        {
            "series": ["x"],
            "period": pa.array([datetime(2024, 3, 1)]),
            "frequency": ["monthly"],
            "value": pa.array([Decimal("106.30")], pa.decimal128(9, 2)),
            "change_pct": pa.array([Decimal("0.10")], pa.decimal128(5, 2)),
            "change_basis": ["March 2023"],
        }
    )
    before = table.set_column(1, "period", pa.array([datetime(2023, 3, 1)]))
    before = before.set_column(4, "change_pct", pa.array([None], pa.decimal128(5, 2)))
    (finding,) = audit(pa.concat_tables([before, table])).to_pylist()
    assert (finding["period"], finding["rule"]) == ("2024-03-01", "change-on-period")
    assert "the levels 106.30 and 106.30" in finding["message"]


def test_unrounded_floats_are_not_held_to_their_last_bit() -> None:
    """A change computed in binary from levels with all their digits."""
    a, b = 105.3 / 3, 105.58 / 3
    table = pa.table(
        {
            "series": ["x", "x"],
            "period": ["2024-01", "2024-02"],
            "frequency": ["monthly"] * 2,
            "value": [a, b],
            "change_pct": [None, 100 * (b / a - 1)],
            "change_basis": [None, "previous month"],
        }
    )
    assert audit(table).num_rows == 0


def test_every_rule_is_described(tmp_path: Path) -> None:
    assert all(RULES.values())
    page = Path(__file__).resolve().parents[3] / "docs" / "audit.md"
    text = page.read_text(encoding="utf-8")
    assert [rule for rule in RULES if f"`{rule}`" not in text] == []
    assert audit_file.__doc__
