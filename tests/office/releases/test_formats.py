"""The formats of a release read back: every one holds the same figures, in a form that its readers accept."""

import csv
import json
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from ellwand.engine.errors import DataError
from ellwand.office.releases.canonical import canonical, canonical_table, read_instant, write_instant
from ellwand.office.releases.database import write_database
from ellwand.office.releases.figures import COLUMNS, FIGURES, PUBLISHED, SEALED, Observation, Row, rounded
from ellwand.office.releases.jsonstat import MEASURES
from ellwand.office.releases.sheets import Sheet, letters, string, write_sheets
from ellwand.office.releases.tables import RELEASES, sealed
from ellwand.production.observations import COUNTS


@pytest.fixture
def release(archive: Path) -> Path:
    """The last release; only read."""
    return archive / "price-2022-W30-1"


@pytest.fixture
def history(release: Path) -> list[Row]:
    """Its history as text."""
    with (release / "outputs" / "history.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def number(text: str) -> float | None:
    return None if text == "" else float(text)


def test_csv(release: Path, history: list[Row]) -> None:
    data = (release / "outputs" / "history.csv").read_bytes()
    assert b"\r" not in data and not data.startswith(b"\xef\xbb\xbf")
    assert tuple(history[0]) == COLUMNS
    assert len({(r["series"], r["period"]) for r in history}) == len(history) == 65 * 30
    for row in history:
        for name, source in PUBLISHED.items():
            assert (row[name] == "") == (row[source] == "")
            if row[name]:
                assert len(row[name].partition(".")[2]) == 2
                assert abs(float(row[name]) - float(row[source])) <= 0.005 + 1e-9
        for name in FIGURES:
            assert row[name] == "" or repr(float(row[name])) == row[name]


def test_xlsx(release: Path, history: list[Row]) -> None:
    book = openpyxl.load_workbook(release / "outputs" / "history.xlsx")
    assert book.sheetnames == ["Issue", "Levels", "Changes", "Notes"]
    for sheet in book.worksheets[:-1]:
        assert "simulated" in sheet["A1"].value and "模拟" in sheet["A1"].value
    names = [cell.value for cell in book["Issue"][2]]
    rows = [dict(zip(names, cells, strict=True)) for cells in book["Issue"].iter_rows(min_row=3, values_only=True)]
    issue = {row["series"]: row for row in rows}
    assert len(issue) == len(rows) == 65
    for row in history:
        if row["period"] != "2022-W30":
            continue
        cells = issue[row["series"]]
        for name in PUBLISHED:
            assert cells[name] == number(row[name])
        for name in ("low", "high", "contribution", "imputed_share"):
            # A workbook keeps 16 digits.
            given_ = number(row[name])
            assert cells[name] == (None if given_ is None else pytest.approx(given_, rel=1e-15))
        for name in ("units", "quotes", "observed", "imputed", "excluded", "level"):
            assert cells[name] == int(row[name]) and isinstance(cells[name], int)
        assert (cells["name_zh"], cells["grade"] or "") == (row["name_zh"], row["grade"])
    for title, name in (("Levels", "published"), ("Changes", "published_change_previous")):
        header = [cell.value for cell in book[title][2]]
        assert header[4:] == [f"2022-W{week:02}" for week in range(1, 31)]
        found = {}
        for cells in book[title].iter_rows(min_row=3, values_only=True):
            found |= {(cells[0], period): value for period, value in zip(header[4:], cells[4:], strict=True)}
        assert found == {(row["series"], row["period"]): number(row[name]) for row in history}
    assert book["Levels"]["F3"].number_format == "0.00"
    assert book.properties.created == datetime(2022, 8, 1, 4)
    notes = {row[0].value: row[1].value for row in book["Notes"].iter_rows()}
    assert notes["release"] == "price-2022-W30-1"
    assert notes["public from"] == "2022-08-01T04:00:00Z"
    assert "simulated" in notes["simulated"]


def test_texts_that_a_sheet_has_no_signs_for(tmp_path: Path) -> None:
    given_ = ["a\x00b", "<&>\"'", " two  blanks ", "_x0041_", "总指数", "a\nb"]
    rows = [string(f"A{n}", text_) for n, text_ in enumerate(given_, start=1)]
    write_sheets(tmp_path / "a.xlsx", [Sheet("S", rows, (0, 1))], "t", datetime(2022, 8, 1, 4))
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert [unescape(book["S"][f"A{n}"].value) for n in range(1, len(given_) + 1)] == given_
    with pytest.raises(DataError, match="a cell holds 32,767"):
        string("A1", "x" * 40_000)
    assert [letters(k) for k in (0, 25, 26, 701, 702, 16_383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


def test_jsonstat(release: Path, history: list[Row]) -> None:
    data = json.loads((release / "outputs" / "history.json").read_text(encoding="utf-8"))
    assert (data["version"], data["class"]) == ("2.0", "dataset")
    assert data["id"] == ["series", "period", "measure"]
    assert data["role"] == {"time": ["period"], "metric": ["measure"]}
    assert set(data["dimension"]) == set(data["id"])
    index = []
    for name, size in zip(data["id"], data["size"], strict=True):
        category = data["dimension"][name]["category"]
        assert len(category["index"]) == len(set(category["index"])) == size
        assert set(category["label"]) == set(category["index"])
        index.append(category["index"])
    assert index[1] == sorted(index[1])
    assert len(data["value"]) == data["size"][0] * data["size"][1] * data["size"][2]
    assert data["updated"] == "2022-08-01T04:00:00Z"
    assert data["extension"]["simulated"] is True
    for row in history:
        s, p = index[0].index(row["series"]), index[1].index(row["period"])
        for k, name in enumerate(index[2]):
            at = (s * data["size"][1] + p) * data["size"][2] + k
            assert data["value"][at] == number(row[name])
            assert data["status"].get(str(at), "") == (row["grade"] if k == 0 else "")
    assert set(index[2]) == set(MEASURES) == set(data["extension"]["label_zh"]["measure"])


def test_sqlite(release: Path, history: list[Row], archive: Path) -> None:
    con = sqlite3.connect(f"{(release / 'outputs' / 'history.sqlite').as_uri()}?mode=ro", uri=True)
    con.row_factory = sqlite3.Row
    assert con.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert con.execute("PRAGMA foreign_key_check").fetchall() == []
    found = {(r["series"], r["period"]): r for r in con.execute("SELECT * FROM observations")}
    assert len(found) == len(history)
    for row in history:
        cells = found[row["series"], row["period"]]
        for name in (*FIGURES, *PUBLISHED):
            assert cells[name] == number(row[name])
        for name in COUNTS:
            assert cells[name] == int(row[name])
        assert (cells["simulated"], cells["release"]) == (1, row["release"])
    releases = [dict(r) for r in con.execute("SELECT * FROM releases ORDER BY at")]
    assert [r["release"] for r in releases] == sorted(p.name for p in archive.iterdir())
    assert [r["previous"] for r in releases] == [None, *(r["release"] for r in releases[:-1])]
    for listed in releases:
        manifest = json.loads((archive / listed["release"] / "manifest.json").read_bytes())
        assert (listed["stat_hash"], listed["at"]) == (manifest["stat_hash"], manifest["at"])
    series = {r["series"]: r for r in con.execute("SELECT * FROM series")}
    assert series["price/total"]["parent"] is None and series["price/total"]["name_zh"] == "总指数"
    issue = con.execute("SELECT * FROM issue").fetchall()
    assert {r["period"] for r in issue} == {"2022-W30"} and len(issue) == 65
    assert [r["period"] for r in con.execute("SELECT * FROM total")] == sorted({r["period"] for r in history})
    assert con.execute("SELECT note FROM notes WHERE name = 'release'").fetchone()[0] == "price-2022-W30-1"
    con.close()


def test_the_list_of_releases(release: Path) -> None:
    with (release / "outputs" / "releases.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0]) == RELEASES
    assert [r["period"] for r in rows] == ["2022-W28", "2022-W29", "2022-W30"]


def test_the_report_is_public(release: Path, history: list[Row]) -> None:
    text = (release / "report" / "report.html").read_text(encoding="utf-8")
    total = next(r for r in history if r["series"] == "price/total" and r["period"] == "2022-W30")
    assert total["published"] in text and "模拟" in text
    quality = json.loads((release / "report" / "quality.json").read_text(encoding="utf-8"))
    assert quality["last_period"] == "2022-W30"


def test_every_column_has_a_place_in_the_database(tmp_path: Path, history: list[Row]) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        write_database(tmp_path / "x.sqlite", history[:1], [], _heading())


def _heading() -> Any:
    from ellwand.office.releases.heading import Heading

    return Heading("x", "x", "CNY", "price-2022-W30-1", "price", "2022-W30", "2022-08-01T04:00:00Z", "m 1", "0" * 64,
                   2, 2, True)  # fmt: skip


TEXT = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=12))


@given(st.lists(st.lists(TEXT, max_size=4), max_size=5), st.lists(st.text("abc_", min_size=1), max_size=3))
@settings(max_examples=200, deadline=None)
def test_tables_are_canonical(rows: list[list[str | None]], columns: list[str]) -> None:
    assert canonical_table(columns, rows) == rfc8785.dumps({"rows": rows, "columns": columns})


def test_observations_are_canonical(history: list[Row]) -> None:
    rows = [[row[c] or None for c in SEALED] for row in history]
    assert sealed(history) == sealed([Observation(row) for row in history]) == canonical_table(SEALED, rows)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(1 << 53) + 1, (1 << 53) - 1), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=4), inner, max_size=4)),
    max_leaves=12,
)


@given(JSON)
@settings(max_examples=300, deadline=None)
def test_documents_are_canonical(value: Any) -> None:
    try:
        wanted = rfc8785.dumps(value)
    except rfc8785.CanonicalizationError:
        with pytest.raises(ValueError):
            canonical(value)
        return
    assert canonical(value) == wanted


def test_floats_are_refused() -> None:
    with pytest.raises(DataError, match="write figures as strings"):
        canonical({"a": [1, {"b": 0.1}]})
    assert canonical({"b": 1, "a": "é"}) == '{"a":"é","b":1}'.encode()


@pytest.mark.parametrize(
    ("given_", "written"),
    [
        ("2024-12-30T12:00:00+08:00", "2024-12-30T04:00:00Z"),
        ("2024-12-31T23:59:59-01:00", "2025-01-01T00:59:59Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
    ],
)
def test_instants(given_: str, written: str) -> None:
    assert write_instant(read_instant(given_)) == written


@pytest.mark.parametrize("wrong", ["2024-12-30T12:00:00", "2024-12-30", "noon", "2024-12-30T12:00:00.5Z"])
def test_instants_that_are_none(wrong: str) -> None:
    with pytest.raises(DataError, match="instant"):
        read_instant(wrong)


def test_rounding() -> None:
    assert rounded([1.005, -0.004, -0.005, None, 99.995, 2.675], 2) == ["1.01", "0.00", "-0.01", "", "100.00", "2.68"]
    assert rounded([0.5, 1.5, -0.5], 0) == ["1", "2", "-1"]
