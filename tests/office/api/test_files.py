"""The files of series and families: each read back by a reader of its own, to the numbers of the sealed history."""

import csv
import io
import json
import math
import sqlite3
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ellwand.office.releases.jsonstat import COUNTS, MEASURES
from ellwand.web.data.formats import FORMATS

pytestmark = pytest.mark.usefixtures("demo")
NAMES = ("price", "0", "1", "1.1")
Cells = dict[tuple[str, str, str], float | None]


@pytest.fixture
def sealed(demo: Path) -> list[dict[str, str]]:
    """The history of the newest release."""
    last = sorted((demo / "archive").iterdir())[-1]
    return list(csv.DictReader(io.StringIO((last / "outputs" / "history.csv").read_text(encoding="utf-8"))))


def expected(sealed: list[dict[str, str]], name: str) -> Cells:
    """Every measure of every period, by code; None where there is no figure."""
    return {
        (row["code"], row["period"], measure): float(row[measure]) if row[measure] else None
        for row in sealed
        if name in ("price", row["code"])
        for measure in MEASURES
    }


def same(found: Cells, wanted: Cells) -> None:
    assert set(found) == set(wanted)
    for key, value in wanted.items():
        assert found[key] == value, (key, found[key], value)


@pytest.mark.parametrize("name", NAMES)
def test_csv(program: Any, sealed: list[dict[str, str]], name: str) -> None:
    answer = program.get(f"/data/{name}.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8"))))
    assert rows == [r for r in sealed if name in ("price", r["code"])]
    assert answer["Content-Disposition"].endswith(f'"{name}-{answer["Ellwand-Vintage"]}.csv"')


@pytest.mark.parametrize("name", NAMES)
def test_json_stat_by_pyjstat(program: Any, sealed: list[dict[str, str]], name: str) -> None:
    pyjstat = pytest.importorskip("pyjstat.pyjstat")
    text = program.get(f"/data/{name}.json").content.decode("utf-8")
    frame = pyjstat.Dataset.read(text).write("dataframe", naming="id")
    codes = {r["series"]: r["code"] for r in sealed}
    found = {
        (codes[row["series"]], row["period"], row["measure"]): None if math.isnan(row["value"]) else row["value"]
        for row in frame.to_dict("records")
    }
    same(found, expected(sealed, name))
    told = json.loads(text)
    assert told["extension"]["release"] == sealed[-1]["release"] and told["updated"]
    assert any(n.startswith("release") for n in told["note"])
    assert any(n.startswith("licence: 知识共享") for n in told["note"]), told["note"]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", NAMES)
def test_px_by_pyaxis(program: Any, sealed: list[dict[str, str]], name: str, language: str, tmp_path: Path) -> None:
    pyaxis = pytest.importorskip("pyaxis.pyaxis")
    data = program.get(f"/data/{name}.px").content
    path = tmp_path / "file.px"
    path.write_bytes(data)
    made = pyaxis.parse(str(path), encoding="utf-8", lang=language)
    words = {(zh if language == "zh" else en): m for m, (zh, en) in MEASURES.items()}
    series, measure, period = ("系列", "指标", "时期") if language == "zh" else ("series", "measure", "period")
    found = {
        (row[series].split(" ", 1)[0], row[period], words[row[measure]]): None
        if isinstance(row["DATA"], float)
        else float(row["DATA"])
        for row in made["DATA"].to_dict("records")
    }
    same(found, expected(sealed, name))
    names = {r["code"]: r["name_zh" if language == "zh" else "name_en"] for r in sealed}
    assert {tuple(v.split(" ", 1)) for v in made["DATA"][series]} == {
        (c, n) for c, n in names.items() if name in ("price", c)
    }
    assert max(len(line) for line in data.decode("utf-8").splitlines() if not line[0].isdigit()) <= 256
    note = "".join(made["METADATA"]["NOTE"])
    assert ("模拟" if language == "zh" else "simulated") in note and sealed[-1]["release"] in note
    assert note.count("Creative Commons") == 1


@pytest.mark.parametrize("name", NAMES)
def test_xlsx_by_openpyxl(program: Any, sealed: list[dict[str, str]], name: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(program.get(f"/data/{name}.xlsx").content))
    wanted = {(r["series"], r["period"]): float(r["published"]) if r["published"] else None
              for r in sealed if name in ("price", r["code"])}  # fmt: skip
    rows = list(book["Levels"].iter_rows(min_row=2, values_only=True))
    found = {(row[0], period): value for row in rows[1:] for period, value in zip(rows[0][4:], row[4:], strict=True)}
    assert found == wanted
    notes = {row[0].value: row[1].value for row in book["Notes"].iter_rows()}
    assert notes["release"] == sealed[-1]["release"] and "simulated" in notes["simulated"]
    assert "Creative Commons" in notes["licence"] and "知识共享" in notes["licence"]
    assert [row[0].value for row in book["Notes"].iter_rows()].count("licence") == 1
    if name != "price":
        assert notes["series"].startswith(f"{name} ")


def test_sqlite(program: Any, sealed: list[dict[str, str]], tmp_path: Path) -> None:
    path = tmp_path / "price.sqlite"
    path.write_bytes(program.get("/data/price.sqlite").content)
    with sqlite3.connect(path) as con:
        found = {(s, p): v for s, p, v in con.execute("SELECT series, period, published FROM observations")}
    assert found == {(r["series"], r["period"]): float(r["published"]) if r["published"] else None for r in sealed}


@pytest.mark.parametrize("name", ["price", "1.1"])
def test_csvw_describes_every_column(program: Any, name: str) -> None:
    told = json.loads(program.get(f"/data/{name}.csv-metadata.json").content)
    table = program.get(f"/data/{told['url']}").content.decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(table)))
    columns = told["tableSchema"]["columns"]
    assert [c["name"] for c in columns] == list(rows[0])
    kinds = {"decimal": float, "double": float, "integer": int, "string": str}
    for column in columns:
        assert all(d["@value"] for d in column["dc:description"])
        for row in rows:
            if column["datatype"] == "boolean":
                assert row[column["name"]] in ("true", "false")
            elif row[column["name"]]:
                kinds[column["datatype"]](row[column["name"]])
    keys = [tuple(r[k] for k in told["tableSchema"]["primaryKey"]) for r in rows]
    assert len(keys) == len(set(keys))
    assert told["dc:identifier"] and told["dc:issued"]["@value"] and told["dc:license"][1]["@value"]


def test_every_past_vintage_gives_the_same_bytes(demo: Path, program: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office import clock
    from ellwand.office.record import reading
    from ellwand.office.releases.build import DATABASE, HISTORY, JSONSTAT, WORKBOOK
    from ellwand.web import kept
    from ellwand.web.data import addresses

    pinned = {}
    for one in reading.public():
        at = one.release_at.isoformat().replace("+00:00", "Z")
        for ext, path in {"csv": HISTORY, "json": JSONSTAT, "xlsx": WORKBOOK, "sqlite": DATABASE}.items():
            given = program.get(f"/data/price.{ext}?asOf={at}")
            assert given.content == (demo / "archive" / one.code / path).read_bytes()
        for name in NAMES:
            for ext, form in FORMATS.items():
                if name == "price" or form.of_series:
                    by_name = program.get(f"/data/{name}.{ext}?vintage={one.code}")
                    assert by_name["Cache-Control"] == "public, max-age=31536000, immutable"
                    assert by_name["Ellwand-Vintage"] == one.code
                    assert by_name.content == program.get(f"/data/{name}.{ext}?asOf={at}").content
                    pinned[f"/data/{name}.{ext}?vintage={one.code}"] = by_name.content
        pinned[f"/releases/{one.code}.zip"] = b"".join(program.get(f"/releases/{one.code}.zip").streaming_content)
    later = clock.now() + timedelta(days=400)
    monkeypatch.setattr(clock, "now", lambda: later)
    monkeypatch.setattr(addresses, "BODIES", kept.Kept(0))
    for address, content in pinned.items():
        answer = program.get(address)
        assert (b"".join(answer.streaming_content) if answer.streaming else answer.content) == content, address


def test_the_bundle_verifies_and_holds_no_inputs(demo: Path, program: Any, tmp_path: Path) -> None:
    from ellwand.office.releases import verify_release

    code = program.json("/api/v1/releases")["vintage"]
    answer = program.get(f"/releases/{code}.zip")
    data = b"".join(answer.streaming_content)
    assert answer["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert packed.testzip() is None
        assert not [n for n in packed.namelist() if "/inputs" in n]
        packed.extractall(tmp_path)
    checked = verify_release(tmp_path / code, ())
    assert checked.fault is None, checked.line
    again = program.get(f"/releases/{code}.zip", 304, **{"if-none-match": answer["ETag"]})
    assert not again.content


def test_what_is_not_there(program: Any) -> None:
    for address, kind in (
        ("/data/zz.csv", "unknown-code"),
        ("/data/%3Cb%3E.csv", "unknown-code"),
        ("/data/0.sqlite", "unknown-address"),
        ("/data/0.parquet", "unknown-address"),
        ("/data/price.csv?vintage=price-2031-W01-1", "unknown-release"),
        ("/releases/price-2031-W01-1.zip", "unknown-release"),
    ):
        told = json.loads(program.get(address, 404).content)
        assert told["type"].endswith(kind), address
        assert "<b>" not in told["detail"] or "%3C" not in address or told["errors"][0]["value"] == "<b>"
    program.problem("/data/0.csv?series=1", 400, "unknown-parameter", "series")
    program.problem("/data/0.csv?asOf=2999-01-01T00:00:00Z", 400, "future-instant", "asOf")
    assert json.loads(program.get("/data/0.csv?asOf=2001-01-01T00:00:00Z", 404).content)["status"] == 404


def test_no_series_has_the_code_of_a_family(program: Any) -> None:
    from ellwand.web.data.addresses import FAMILIES

    assert not {r["code"] for r in program.json("/api/v1/codes")["data"]} & set(FAMILIES)


def test_measures_of_counts_are_whole(sealed: list[dict[str, str]]) -> None:
    assert all(row[c].isdigit() for row in sealed for c in COUNTS)
