"""Packing: equal inputs give equal bytes, nothing published changes in silence, nothing is left half done."""

import csv
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from ellwand.engine.errors import DataError
from ellwand.office.releases import (
    Approval,
    Packer,
    bound_texts,
    make_key,
    pack,
    prepare,
    read_archive,
    read_manifest,
    read_private,
    seal,
    text_hash_of,
    verify_archive,
    verify_release,
)
from ellwand.office.releases.market import Market
from ellwand.office.releases.snapshot import Snapshots
from ellwand.office.releases.tables import read_observations
from ellwand.production.comment.bound import Bound
from ellwand.production.compile import compile_book
from ellwand.production.folder import read_folder
from ellwand.production.method import parse_method, read_method
from ellwand.production.observations import Results

Make = Callable[..., Path]
T = datetime(2022, 7, 18, 4, tzinfo=UTC)


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_equal_inputs_give_equal_bytes(archive: Path, make: Make, texts: Path, tmp_path: Path) -> None:
    again = make(tmp_path / "again", "2022-W28", texts=texts)
    assert contents(again) == contents(archive / "price-2022-W28-1")
    third = archive / "price-2022-W30-1"
    shutil.copytree(archive / "price-2022-W29-1", tmp_path / "other" / "price-2022-W29-1")
    again = make(tmp_path / "other", "2022-W30", tmp_path / "other" / "price-2022-W29-1", texts=texts)
    assert contents(again) == contents(third)


def test_issues_in_turn_are_those_made_alone(
    archive: Path, market: Path, office_key: Any, texts: Path, tmp_path: Path
) -> None:
    """One reading of the folder for all issues: every byte as by a call for each, which reads what was known then."""
    packer = Packer(market, tmp_path / "a", read_method("careful"), version="test")
    previous = None
    for week, period in enumerate(("2022-W28", "2022-W29", "2022-W30")):
        at = T + timedelta(weeks=week)
        previous = packer.pack(period, at=at, previous=previous, key=office_key, texts=texts)
    assert contents(tmp_path / "a") == contents(archive)


@pytest.mark.parametrize("name", ["careful", "keqiao", "minimal"])
def test_an_issue_knows_nothing_of_what_comes_later(market: Path, tmp_path: Path, name: str) -> None:
    """The cut of the whole market at a period is, bit for bit, the production over the inputs of that issue."""
    method = read_method(name)
    whole = Market(market, method)
    for period in ("2022-W05", "2022-W06", "2022-W21"):
        t = whole.at(period)
        cut = whole.compiled(t)
        Snapshots(whole).write(tmp_path / period, t, None, {})
        alone = compile_book(read_folder(tmp_path / period), method)
        for part in ("level", "weight", "contribution", "imputed", "carried", "grade", "status", "suppressed"):
            one, other = getattr(cut, part), getattr(alone, part)
            assert np.array_equal(one, other, equal_nan=one.dtype.kind == "f"), (period, part)
        for part in ("price", "before", "state", "verdict", "rule", "reference", "way", "run"):
            one, other = getattr(cut.line, part), getattr(alone.line, part)
            assert np.array_equal(one, other, equal_nan=one.dtype.kind == "f"), (period, part)
        assert cut.line.markup == alone.line.markup
        assert Results.of(cut, t, t).quality() == Results.of(alone, t, t).quality()


def test_an_earlier_week_is_linked(archive: Path, make: Make, texts: Path, tmp_path: Path, monkeypatch: Any) -> None:
    first, second = (archive / f"price-2022-W{week}-1" / "inputs" / "quotes" for week in (28, 29))
    for path in first.iterdir():
        assert path.samefile(second / path.name)
    assert {p.name for p in second.iterdir()} - {p.name for p in first.iterdir()} == {"2022-W29.parquet"}

    def refused(*_: Any, **__: Any) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refused)
    shutil.copytree(archive / "price-2022-W28-1", tmp_path / "a" / "price-2022-W28-1")
    made = make(tmp_path / "a", "2022-W29", tmp_path / "a" / "price-2022-W28-1", texts=texts)
    assert contents(made) == contents(archive / "price-2022-W29-1")
    assert all(p.stat().st_nlink == 1 for p in (made / "inputs" / "quotes").iterdir())


def test_hashes_before_approval(market: Path, archive: Path, office_key: Any, tmp_path: Path) -> None:
    method = read_method("careful")
    bound = {"zh": Bound("zh", "2022-W28", "涨\n"), "en": Bound("en", "2022-W28", "Up\n")}
    texts = bound_texts(bound, {"zh": "依据\n", "en": "Why\n"})
    assert sorted(texts) == [
        "price.en.json", "price.en.md", "price.zh.json", "price.zh.md", "rationale.en.md", "rationale.zh.md",
    ]  # fmt: skip
    with prepare(market, tmp_path / "a", method, period="2022-W28", version="test") as bare:
        told = bare.stat_hash, bare.with_texts(texts).text_hash
        assert bare.text_hash != told[1]
    assert list((tmp_path / "a").iterdir()) == []
    assert told[0] == read_manifest(archive / "price-2022-W28-1")[0].stat_hash
    approvals = [Approval("stat approver", told[0]), Approval("text approver", told[1])]
    with prepare(market, tmp_path / "a", method, period="2022-W28", version="test", texts=texts) as ready:
        assert (ready.stat_hash, ready.text_hash) == told
        with pytest.raises(DataError, match=r"approval by the x: signs 000.*approve it anew"):
            seal(ready, at=T, approvals=[Approval("x", "0" * 64)])
        made = seal(ready, at=T + timedelta(hours=3), key=office_key, approvals=approvals, audit_head="1" * 64)
        with pytest.raises(DataError, match="is there already"):
            seal(ready, at=T)
    manifest, _ = read_manifest(made)
    assert (manifest.stat_hash, manifest.text_hash) == told and manifest.approvals == tuple(approvals)
    assert verify_release(made).fault is None
    quality = (made / "report" / "quality.json").read_bytes()
    assert text_hash_of(told[0], texts, quality) == told[1]
    for name in texts:
        assert text_hash_of(told[0], texts | {name: texts[name] + b" "}, quality) != told[1]
    assert text_hash_of(told[0], texts, quality + b" ") != told[1]


def test_a_bound_text_is_of_the_text_beside_it(market: Path, tmp_path: Path) -> None:
    bound = {"zh": Bound("zh", "2022-W28", "涨\n"), "en": Bound("en", "2022-W28", "Up\n")}
    texts = bound_texts(bound, {"zh": "依据\n", "en": "Why\n"})
    for name, data, message in (
        ("price.en.md", b"Down\n", r"price\.en\.json: its text is not that of price\.en\.md"),
        ("price.en.json", texts["price.zh.json"], r"price\.en\.json: is of zh and 2022-W28, not of en"),
        ("price.en.json", b"{}", r"price\.en\.json: no bound text"),
    ):
        with pytest.raises(DataError, match=message):
            prepare(market, tmp_path / "a", read_method(), period="2022-W28", texts=texts | {name: data})
    with pytest.raises(DataError, match="rationale: is there in zh; give zh and en"):
        bound_texts(bound, {"zh": "依据"})


def test_results_that_a_round_has_made(market: Path, archive: Path, make: Make, texts: Path, tmp_path: Path) -> None:
    method = read_method("careful")
    last = "2022-W30"
    shutil.copytree(archive / "price-2022-W29-1", tmp_path / "a" / "price-2022-W29-1")
    shown = Results.of(compile_book(read_folder(market), method), 20)
    made = make(tmp_path / "a", last, tmp_path / "a" / "price-2022-W29-1", texts=texts, results=shown)
    assert contents(made) == contents(archive / "price-2022-W30-1")
    other = Path(shutil.copytree(market, tmp_path / "m"))
    with (other / "closures.csv").open("a", encoding="utf-8") as stream:
        stream.write("\n")
    with pytest.raises(DataError, match=r"closures\.csv: is not what the results were compiled from"):
        make(tmp_path / "b", last, directory=other, results=shown)
    with pytest.raises(DataError, match="the results are of method"):
        make(tmp_path / "b", last, method=read_method("minimal"), results=shown)


def test_a_chain_that_went_on_meanwhile(market: Path, archive: Path, make: Make, tmp_path: Path) -> None:
    copy = tmp_path / "a"
    first = Path(shutil.copytree(archive / "price-2022-W28-1", copy / "price-2022-W28-1"))
    with prepare(market, copy, read_method("careful"), period="2022-W30", previous=first) as ready:
        make(copy, "2022-W29", first)
        with pytest.raises(DataError, match="price-2022-W29-1 was sealed meanwhile; prepare it anew"):
            seal(ready, at=T + timedelta(weeks=2))


def test_another_clock_zone_and_hash_seed_give_equal_bytes(
    archive: Path, market: Path, key_folder: Path, texts: Path, tmp_path: Path, make: Make
) -> None:
    call = ["release", "pack", str(market), "--period", "2022-W28", "--at", "2022-07-18T12:00:00+08:00", "-o",
            str(tmp_path / "a"), "--key", str(key_folder), "--texts", str(texts)]  # fmt: skip
    code = f"import sys, ellwand; ellwand.__version__ = 'test'; from ellwand.cli import main; sys.exit(main({call!r}))"
    environment = os.environ | {"PYTHONHASHSEED": "77", "TZ": "America/St_Johns", "LC_ALL": "C", "PYTHONUTF8": "0"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, capture_output=True)
    assert contents(tmp_path / "a" / "price-2022-W28-1") == contents(archive / "price-2022-W28-1")


def test_what_comes_later_and_the_order_of_rows_do_not_count(
    archive: Path, market: Path, make: Make, texts: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(market, tmp_path / "m"))
    for file in (other / "quotes").iterdir():
        table = pq.read_table(file)
        table = table.filter(pc.less_equal(table["period"], "2022-W28"))
        pq.write_table(table.take(pa.array(range(table.num_rows - 1, -1, -1))), file)
    for name, column in (("assignments.csv", 2), ("closures.csv", 1)):
        lines = (other / name).read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if line.split(",")[column] <= "2022-W28" or line == lines[0]]
        (other / name).write_text("\n".join(kept) + "\n", encoding="utf-8")
    again = make(tmp_path / "a", "2022-W28", directory=other, texts=texts)
    assert contents(again) == contents(archive / "price-2022-W28-1")
    for week in range(1, 29):
        quotes = pq.read_table(again / "inputs" / "quotes" / f"2022-W{week:02}.parquet")
        assert set(quotes["period"].to_pylist()) == {f"2022-W{week:02}"}
    assert not (again / "inputs" / "quotes" / "2022-W29.parquet").exists()


def test_the_folder_holds_what_it_should(archive: Path) -> None:
    folder = archive / "price-2022-W29-1"
    assert set(contents(folder)) == {
        *(f"inputs/{n}" for n in ("assignments.csv", "basket.csv", "classification.csv", "closures.csv", "items.csv",
                                  "market.json", "sources.csv", "units.csv")),
        *(f"inputs/quotes/2022-W{week:02}.parquet" for week in range(1, 30)),
        *(f"outputs/{n}" for n in ("history.csv", "history.json", "history.sqlite", "history.xlsx", "observations.csv",
                                   "releases.csv")),
        "report/quality.json", "report/report.html", "texts/price.en.md", "texts/price.zh.md",
        "manifest.json", "method.toml", "public-key.pem",
    }  # fmt: skip
    manifest, _ = read_manifest(folder)
    assert manifest.at == "2022-07-25T04:00:00Z"
    assert manifest.previous == "price-2022-W28-1"
    assert manifest.simulated
    assert [f.path for f in manifest.files if not f.public] == sorted(p for p in contents(folder) if "inputs/" in p)
    assert {"classification", "basket", "method", "ellwand", "numpy", "pyarrow", "duckdb"} <= set(manifest.versions)
    assert not any(p.name.startswith(".") for p in archive.iterdir())


def test_history_grows_by_the_issue(archive: Path) -> None:
    before = read_observations(archive / "price-2022-W29-1" / "outputs" / "history.csv")
    now = read_observations(archive / "price-2022-W30-1" / "outputs" / "history.csv")
    issue = read_observations(archive / "price-2022-W30-1" / "outputs" / "observations.csv")
    assert [r for r in now if r["period"] != "2022-W30"] == before
    assert [r for r in now if r["period"] == "2022-W30"] == issue
    assert {r["release"] for r in issue} == {"price-2022-W30-1"}
    assert {r["release"] for r in before} == {"price-2022-W28-1", "price-2022-W29-1"}
    assert {r["simulated"] for r in now} == {"true"}


def test_hashes_cover_what_they_should(archive: Path, make: Make, texts: Path, tmp_path: Path) -> None:
    first, _ = read_manifest(archive / "price-2022-W28-1")
    # A new instant voids no approval; a comma voids that of the text; a quote voids both.
    later, _ = read_manifest(make(tmp_path / "t", "2022-W28", texts=texts, at=T + timedelta(hours=1)))
    assert (later.stat_hash, later.text_hash) == (first.stat_hash, first.text_hash)
    other = Path(shutil.copytree(texts, tmp_path / "texts"))
    (other / "price.en.md").write_text("The total rose, slightly.\n", encoding="utf-8")
    comma, _ = read_manifest(make(tmp_path / "c", "2022-W28", texts=other))
    assert comma.stat_hash == first.stat_hash
    assert comma.text_hash != first.text_hash


@pytest.fixture
def changed(market: Path, tmp_path: Path) -> Path:
    """The market with one old price raised by 3 per cent."""
    other = Path(shutil.copytree(market, tmp_path / "changed"))
    (file,) = (other / "quotes").iterdir()
    table = pq.read_table(file)
    price = table["price"].to_pylist()
    at = table["period"].to_pylist().index("2022-W20")
    price[at] = price[at] * 103 / 100
    column = pa.array([round(p, 4) for p in price], table["price"].type)
    pq.write_table(table.set_column(table.column_names.index("price"), "price", column), file)
    return other


def test_a_published_figure_never_changes_in_silence(archive: Path, make: Make, changed: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(archive, tmp_path / "a"))
    shutil.rmtree(copy / "price-2022-W30-1")
    previous = copy / "price-2022-W29-1"
    with pytest.raises(DataError, match=r"price/.* 2022-W\d\d, \w+: published .*, computed .*--revised-from"):
        make(copy, "2022-W30", previous, directory=changed)
    assert sorted(p.name for p in copy.iterdir()) == ["price-2022-W28-1", "price-2022-W29-1"]
    made = make(copy, "2022-W30", previous, directory=changed, revised_from="2022-W20")
    rows = read_observations(made / "outputs" / "history.csv")
    assert {r["release"] for r in rows if r["period"] >= "2022-W20"} == {"price-2022-W30-1"}
    assert {r["release"] for r in rows if r["period"] < "2022-W20"} == {"price-2022-W28-1"}
    assert verify_release(made).fault is None
    with pytest.raises(DataError, match="lies after the period"):
        make(tmp_path / "b", "2022-W28", revised_from="2022-W29")


def test_a_correction_is_a_new_release(archive: Path, make: Make, public_key: Any, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(archive, tmp_path / "a"))
    last = copy / "price-2022-W30-1"
    with pytest.raises(DataError, match="is there already, and a release never changes"):
        make(copy, "2022-W30", last)
    with pytest.raises(DataError, match="has number 3; after price-2022-W30-1 comes number 2"):
        make(copy, "2022-W30", last, number=3)
    with pytest.raises(DataError, match="lies before price-2022-W30-1; to correct an older issue"):
        make(copy, "2022-W29", last, number=2)
    make(copy, "2022-W30", last, number=2)
    assert [c.fault for c in verify_archive(copy, [public_key])] == [None] * 4
    assert [r.manifest.release for r in read_archive(copy)][-2:] == ["price-2022-W30-1", "price-2022-W30-2"]


def test_a_chain_has_one_end(archive: Path, make: Make, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(archive, tmp_path / "a"))
    with pytest.raises(DataError, match="the last price-2022-W30-1; give it as the previous"):
        make(copy, "2022-W30", number=2)
    with pytest.raises(DataError, match="the chain of price ends with price-2022-W30-1"):
        make(copy, "2022-W29", copy / "price-2022-W28-1", number=2)
    with pytest.raises(DataError, match=r"is of 2022-.*, before price-2022-W30-1"):
        make(copy, "2022-W30", copy / "price-2022-W30-1", number=2, at=T)
    with pytest.raises(DataError, match="is of the family price, not orders"):
        make(tmp_path / "b", "2022-W30", copy / "price-2022-W30-1", family="orders")
    (copy / "price-2022-W30-1" / "outputs" / "history.csv").write_text("altered")
    with pytest.raises(DataError, match=r"previous release .* outputs/history.csv: has 7 bytes"):
        make(copy, "2022-W30", copy / "price-2022-W30-1", number=2)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"family": "Price"}, "family 'Price'"),
        ({"family": "../x"}, "family"),
        ({"number": 0}, "number 0"),
    ],
)
def test_wrong_arguments(make: Make, tmp_path: Path, more: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        make(tmp_path / "a", "2022-W28", **more)
    assert not (tmp_path / "a").exists()


def test_periods_without_an_issue(market: Path, tmp_path: Path) -> None:
    at = T
    with pytest.raises(DataError, match="period '2022-W31' is not in"):
        pack(market, tmp_path / "a", read_method(), period="2022-W31", at=at)
    text = read_method("careful").text
    assert "minimum_open" in text
    strict = parse_method(re.sub(r"minimum_open *= *[\d.]+", "minimum_open = 0.9", text))
    with pytest.raises(DataError, match=r"has no issue: .*minimum_open"):
        pack(market, tmp_path / "a", strict, period="2022-W05", at=at)
    assert list((tmp_path / "a").iterdir()) == []


def test_texts_stand_in_both_languages(make: Make, tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "price.zh.md").write_text("涨", encoding="utf-8")
    with pytest.raises(DataError, match=r"price\.en\.md is missing"):
        make(tmp_path / "a", "2022-W28", texts=folder)
    (folder / "price.zh.md").rename(folder / "price.md")
    with pytest.raises(DataError, match=r"write a text as NAME\.zh\.md"):
        make(tmp_path / "a", "2022-W28", texts=folder)
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("step", ["write_database", "keep", "check_files"])
def test_a_full_disk_leaves_nothing(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    # The package has a function of the module's name.
    module = sys.modules[f"ellwand.office.releases.{'build' if step == 'write_database' else 'pack'}"]

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, step, full)
    with pytest.raises(OSError, match="No space left"):
        make(tmp_path / "a", "2022-W28")
    assert list((tmp_path / "a").iterdir()) == []


@pytest.mark.parametrize("delay", [0.0, 0.4, 1.2])
def test_a_killed_pack_leaves_no_half_release(market: Path, make: Make, tmp_path: Path, delay: float) -> None:
    archive = tmp_path / "a"
    call = ["release", "pack", str(market), "--period", "2022-W28", "--at", "2022-07-18T04:00:00Z", "-o", str(archive)]
    code = f"import sys; from ellwand.cli import main; sys.exit(main({call!r}))"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as work:
        while work.poll() is None and not (archive.is_dir() and any(archive.iterdir())):
            time.sleep(0.01)
        time.sleep(delay)
        work.kill()
    for folder in archive.iterdir():
        assert folder.name.startswith(".") or verify_release(folder).fault is None
    if not (archive / "price-2022-W28-1").exists():
        make(archive, "2022-W28")
    assert [c.fault for c in verify_archive(archive)] == [None]


def test_names_of_people_stay_outside(market: Path, make: Make, tmp_path: Path) -> None:
    other = Path(shutil.copytree(market, tmp_path / "m"))
    lines = (other / "units.csv").read_text(encoding="utf-8").splitlines()
    told = [f"{line},{'phone' if i == 0 else '13900000000'}" for i, line in enumerate(lines)]
    (other / "units.csv").write_text("\n".join(told) + "\n", encoding="utf-8")
    (file,) = (other / "quotes").iterdir()
    table = pq.read_table(file)
    pq.write_table(table.append_column("collector", pa.array(["Ms Secret"] * table.num_rows)), file)
    made = make(tmp_path / "a", "2022-W28", directory=other)
    with (made / "inputs" / "units.csv").open(encoding="utf-8") as stream:
        units = list(csv.DictReader(stream))
    assert set(units[0]) == {"unit", "source", "valid_from", "valid_to", "simulated"}
    assert "collector" not in pq.read_schema(made / "inputs" / "quotes" / "2022-W28.parquet").names
    names = [line.split(",")[2] for line in lines[1:]]
    for path, data in contents(made).items():
        assert b"13900000000" not in data and b"Ms Secret" not in data, path
        assert not any(name.encode() in data for name in names), path
    report = (made / "report" / "report.html").read_text(encoding="utf-8")
    assert not any(u["unit"] in report for u in units)


def test_keys(tmp_path: Path, archive: Path) -> None:
    made = make_key(tmp_path / "k")
    assert len(made) == 64
    assert stat.S_IMODE((tmp_path / "k" / "signing-key.pem").stat().st_mode) == 0o600
    with pytest.raises(DataError, match="is there already"):
        make_key(tmp_path / "k")
    with pytest.raises(DataError, match="lies in a release"):
        make_key(archive / "price-2022-W28-1" / "keys")
    (tmp_path / "k" / "signing-key.pem").chmod(0o644)
    with pytest.raises(DataError, match="others may read it"):
        read_private(tmp_path / "k")
    with pytest.raises(DataError, match="no such key file"):
        read_private(tmp_path / "none")
    private = [p for p in archive.rglob("*") if p.is_file() and b"PRIVATE KEY" in p.read_bytes()]
    assert private == []


def test_a_release_that_is_not_signed(make: Make, public_key: Any, tmp_path: Path) -> None:
    made = make(tmp_path / "a", "2022-W28", key=None)
    assert "not signed" in verify_release(made).line
    fault = verify_release(made, [public_key]).fault
    assert fault and fault.what == "manifest.json" and "is not signed" in fault.why
    assert json.loads((made / "manifest.json").read_bytes())["key_id"] is None
