"""Verifying: one altered byte, field, figure or link is named; a sound release is recomputed to equal bytes."""

import csv
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ellwand.cli import main
from ellwand.office.releases import (
    NoReleaseError,
    make_key,
    read_archive,
    read_manifest,
    read_private,
    read_public,
    verify_archive,
    verify_release,
)
from ellwand.office.releases.canonical import canonical
from ellwand.office.releases.manifest import Manifest

FILES = (
    "inputs/assignments.csv", "inputs/basket.csv", "inputs/classification.csv", "inputs/closures.csv",
    "inputs/items.csv", "inputs/market.json", "inputs/quotes/2022-W01.parquet",
    "inputs/quotes/2022-W30.parquet", "inputs/sources.csv", "inputs/units.csv",
    "manifest.json", "method.toml", "outputs/history.csv", "outputs/history.json", "outputs/history.sqlite",
    "outputs/history.xlsx", "outputs/observations.csv", "outputs/releases.csv", "public-key.pem",
    "report/quality.json", "report/report.html", "texts/price.en.md", "texts/price.zh.md",
)  # fmt: skip

Reseal = Callable[..., None]


def fault(folder: Path, *keys: Any) -> tuple[str, str]:
    """File or value at fault, and why; that there is one is asserted."""
    found = verify_release(folder, keys).fault
    assert found is not None
    return found.what, found.why


def test_a_sound_archive(archive: Path, public_key: Any) -> None:
    found = list(verify_archive(archive, [public_key]))
    assert [c.name for c in found] == ["price-2022-W28-1", "price-2022-W29-1", "price-2022-W30-1"]
    for checked, periods in zip(found, (28, 29, 30), strict=True):
        assert checked.fault is None, checked.line
        assert checked.recomputed and checked.other_bytes == () and checked.trusted
        assert checked.files == len(FILES) - 2 + periods
        assert "recomputed, equal bytes" in checked.line
    assert [c.linked for c in found] == [None, "price-2022-W28-1", "price-2022-W29-1"]


def test_a_public_copy(public: Path, public_key: Any) -> None:
    found = list(verify_archive(public, [public_key]))
    assert [c.fault for c in found] == [None] * 3
    assert {c.recomputed for c in found} == {None}
    assert "public copy, nothing to recompute" in found[0].line


def test_the_list_of_files_is_the_folder(archive: Path) -> None:
    folder = archive / "price-2022-W30-1"
    weeks = {f"inputs/quotes/2022-W{week:02}.parquet" for week in range(1, 31)}
    assert {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} == {*FILES, *weeks}


@pytest.mark.parametrize("path", FILES)
@pytest.mark.parametrize("trusting", [True, False])
def test_one_altered_byte_is_named(one: Path, public_key: Any, path: str, trusting: bool) -> None:
    keys = [public_key] if trusting else []
    original = (one / path).read_bytes()
    for at in {0, len(original) // 3, len(original) // 2, len(original) - 1}:
        data = bytearray(original)
        data[at] ^= 1
        (one / path).write_bytes(data)
        assert fault(one, *keys)[0] == path, at
    (one / path).write_bytes(original + b"\n")
    assert fault(one, *keys)[0] == path
    (one / path).write_bytes(original[:-1])
    assert fault(one, *keys)[0] == path


@pytest.mark.parametrize("path", [p for p in FILES if p != "manifest.json"])
def test_a_file_that_is_missing_or_a_link(one: Path, public_key: Any, path: str, tmp_path: Path) -> None:
    (one / path).rename(tmp_path / "aside")
    assert fault(one, public_key) == (path, "is missing")
    (one / path).symlink_to(tmp_path / "aside")
    what, why = fault(one, public_key)
    assert what == path and "link" in why
    (one / path).unlink()
    os.mkfifo(one / path)
    what, why = fault(one, public_key)
    assert what == path and "plain file" in why


@pytest.mark.parametrize(
    "path", ["extra.txt", "outputs/.hidden", "inputs/x/y.csv", "texts/a.zh.md", "signing-key.pem", "a\nb"]
)
def test_an_added_file_is_named(one: Path, public_key: Any, path: str) -> None:
    (one / path).parent.mkdir(exist_ok=True)
    (one / path).write_text("x")
    what, why = fault(one, public_key)
    assert path.startswith(what) and "not" in why
    (one / path).unlink()
    (one / "empty").mkdir()
    assert fault(one, public_key)[0] in ("empty", "inputs/x")


def test_links_to_folders_are_not_followed(one: Path, public_key: Any, tmp_path: Path) -> None:
    (one / "outputs").rename(tmp_path / "elsewhere")
    (one / "outputs").symlink_to(tmp_path / "elsewhere")
    assert fault(one, public_key) == ("outputs", "is a link; a release holds plain files only")
    (one / "outputs").unlink()
    (tmp_path / "elsewhere").rename(one / "outputs")
    (one / "manifest.json").rename(tmp_path / "m.json")
    (one / "manifest.json").symlink_to(tmp_path / "m.json")
    assert fault(one, public_key)[0] == "manifest.json"


def test_half_of_the_inputs_is_no_public_copy(one: Path, public_key: Any) -> None:
    (one / "inputs" / "quotes" / "2022-W30.parquet").unlink()
    assert fault(one, public_key) == ("inputs/quotes/2022-W30.parquet", "is missing")
    for path in (one / "inputs").rglob("*.*"):
        path.unlink()
    (one / "inputs" / "quotes").rmdir()
    assert fault(one, public_key) == ("inputs/assignments.csv", "is missing")


OTHER: dict[str, Any] = {
    "release": "price-2022-W30-2", "family": "orders", "period": "2022-W29", "number": 2, "at": "2022-08-01T03:59:59Z",
    "simulated": False, "market": {"currency": "USD", "name_en": "x", "name_zh": "x"}, "versions": {"ellwand": "x"},
    "writers": {}, "inputs": "0" * 64, "stat_hash": "1" * 64, "text_hash": "2" * 64,
    "approvals": [{"role": "stat approver", "sha256": "1" * 64}], "files": [], "revised_from": "2022-W01",
    "audit_head": "3" * 64, "previous": None, "previous_manifest": "4" * 64, "key_id": "5" * 64,
    "signature": "AAAA", "schema": "ellwand-release-2",
}  # fmt: skip


def test_every_field_has_another_value_here() -> None:
    assert set(OTHER) == set(Manifest.__dataclass_fields__)


@pytest.mark.parametrize("field", sorted(OTHER))
@pytest.mark.parametrize("trusting", [True, False])
def test_every_field_of_the_manifest_is_protected(one: Path, public_key: Any, field: str, trusting: bool) -> None:
    content = json.loads((one / "manifest.json").read_bytes())
    for change in (content | {field: OTHER[field]}, {k: v for k, v in content.items() if k != field}):
        (one / "manifest.json").write_bytes(canonical(change))
        assert fault(one, *([public_key] if trusting else []))[0] == "manifest.json"


@pytest.mark.parametrize("member", ["path", "bytes", "sha256", "public"])
def test_every_member_of_the_list_is_protected(one: Path, public_key: Any, member: str) -> None:
    content = json.loads((one / "manifest.json").read_bytes())
    other = {"path": "outputs/other.csv", "bytes": 1, "sha256": "0" * 64}
    for number in range(len(content["files"])):
        changed = json.loads(json.dumps(content))
        entry = changed["files"][number]
        entry[member] = not entry["public"] if member == "public" else other[member]
        (one / "manifest.json").write_bytes(canonical(changed))
        assert fault(one, public_key)[0] == "manifest.json"


def test_bytes_that_are_not_canonical(one: Path) -> None:
    data = (one / "manifest.json").read_bytes()
    for other in (json.dumps(json.loads(data)).encode(), data + b" ", b"\xef\xbb\xbf" + data, b"[]", b"{}", b"",
                  b"[" * 100_000, data.replace(b'"number":1', b'"number":1.0'),
                  data[:-1] + b',"stat_hash":"x"}'):  # fmt: skip
        (one / "manifest.json").write_bytes(other)
        assert fault(one)[0] == "manifest.json"


@pytest.mark.parametrize(
    "path",
    [
        "../outside.csv", "outputs/../../outside", "/etc/hostname", "outputs//x", "./x", "a/.", "", "a\\b", "C:x",
        "a\x00b", "a\nb", "x" * 300, "manifest.json", "inputs/../x", "method.toml/x",
    ],
)  # fmt: skip
def test_paths_that_leave_the_folder(one: Path, reseal: Reseal, office_key: Any, path: str) -> None:
    content = json.loads((one / "manifest.json").read_bytes())
    content["files"] = sorted(
        [*content["files"], {"path": path, "bytes": 0, "sha256": "0" * 64, "public": True}], key=lambda f: f["path"]
    )
    (one / "manifest.json").write_bytes(canonical(content))
    what, why = fault(one)
    assert what == "manifest.json" and ("files" in why), why


def test_a_very_long_list_and_a_very_large_manifest(one: Path) -> None:
    content = json.loads((one / "manifest.json").read_bytes())
    entry = {"bytes": 0, "sha256": "0" * 64, "public": True}
    content["files"] = sorted([*content["files"], *({"path": f"x/{i:06}", **entry} for i in range(10_001))],
                              key=lambda f: f["path"])  # fmt: skip
    (one / "manifest.json").write_bytes(canonical(content))
    assert "a release has 10000 at most" in fault(one)[1]
    with (one / "manifest.json").open("wb") as stream:
        stream.truncate(1 << 34)
    assert "is no manifest" in fault(one)[1]


def test_many_added_files_are_not_read(one: Path, public_key: Any) -> None:
    for i in range(2000):
        (one / f"a{i}").write_text("x")
    assert fault(one, public_key) == ("a0", "is not in the manifest")


def test_another_key(one: Path, public_key: Any, reseal: Reseal, tmp_path: Path) -> None:
    make_key(tmp_path / "thief")
    thief = read_private(tmp_path / "thief")
    what, why = fault(one, read_public(tmp_path / "thief"))
    assert what == "manifest.json" and "is signed by the key" in why
    assert verify_release(one, [read_public(tmp_path / "thief"), public_key]).fault is None
    # Whoever forges a release signs it with a key of his own and puts that into the folder.
    (one / "public-key.pem").write_bytes((tmp_path / "thief" / "public-key.pem").read_bytes())
    _set(one, "0", "2022-W30", "index", "200.0", "published", "200.00")
    reseal(one, thief, key_id=read_key_id(tmp_path / "thief"))
    what, why = fault(one, public_key)
    assert what == "manifest.json" and "not by" in why
    assert fault(one)[0] == "outputs/history.csv"


def read_key_id(folder: Path) -> str:
    from ellwand.office.releases.keys import key_id

    return key_id(read_public(folder))


def test_a_signature_that_was_taken_off(one: Path, public_key: Any) -> None:
    content = json.loads((one / "manifest.json").read_bytes())
    (one / "public-key.pem").unlink()
    content |= {"key_id": None, "signature": None}
    content["files"] = [f for f in content["files"] if f["path"] != "public-key.pem"]
    (one / "manifest.json").write_bytes(canonical(content))
    assert fault(one, public_key) == ("manifest.json", "is not signed, and a key was given")


def _set(folder: Path, code: str, period: str, *pairs: str) -> None:
    """Write other figures into an observation, in both tables."""
    for name in ("history.csv", "observations.csv"):
        path = folder / "outputs" / name
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        for row in rows:
            if (row["code"], row["period"]) == (code, period):
                row |= dict(zip(pairs[::2], pairs[1::2], strict=True))
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


@pytest.mark.parametrize(
    ("column", "value"),
    [("published", "123.45"), ("index", "123.4567"), ("change_previous", ""), ("grade", "A+"), ("units", "99"),
     ("status", "x"), ("low", "1.0"), ("name_en", "Other"), ("method", "other 1"), ("simulated", "false")],
)  # fmt: skip
def test_a_figure_that_the_inputs_do_not_give(
    one: Path, public_key: Any, reseal: Reseal, column: str, value: str
) -> None:
    """Sealed anew with the office's own key: only recomputing finds it."""
    _set(one, "0", "2022-W30", column, value)
    reseal(one)
    what, why = fault(one, public_key)
    assert what == "outputs/history.csv"
    assert why.startswith(f"price/total 2022-W30, {column}: published {value or 'none'}, computed ")


def test_a_figure_within_nine_digits_is_equal_and_told(one: Path, public_key: Any, reseal: Reseal) -> None:
    """As from a machine that adds in another order: every digit is sealed, nine are compared."""
    rows = list(csv.DictReader(io.StringIO((one / "outputs" / "history.csv").read_text(encoding="utf-8"))))
    (row,) = (r for r in rows if (r["code"], r["period"]) == ("0", "2022-W30"))
    _set(one, "0", "2022-W30", "index", repr(float(row["index"]) * (1 + 2e-10)))
    reseal(one)
    found = verify_release(one, [public_key])
    assert found.fault is None, found.line
    assert "outputs/history.csv" in found.other_bytes
    _set(one, "0", "2022-W30", "index", repr(float(row["index"]) * (1 + 2e-9)))
    reseal(one)
    what, why = fault(one, public_key)
    assert what == "outputs/history.csv" and why.startswith("price/total 2022-W30, index: published ")


def test_an_old_observation_that_was_changed(one: Path, public_key: Any, reseal: Reseal) -> None:
    _set(one, "0", "2022-W20", "published", "55.55")
    reseal(one)
    what, why = fault(one, public_key)
    assert what == "outputs/history.csv" and "price/total 2022-W20, published: published 55.55, computed" in why


def test_an_observation_that_is_missing(one: Path, public_key: Any, reseal: Reseal) -> None:
    path = one / "outputs" / "history.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[:5] + lines[6:]) + "\n", encoding="utf-8")
    reseal(one)
    what, why = fault(one, public_key)
    assert what == "outputs/history.csv" and "is missing; the inputs give it" in why
    path.write_text("\n".join([*lines, lines[-1]]) + "\n", encoding="utf-8")
    reseal(one)
    assert "stands twice" in fault(one, public_key)[1]


def test_other_formats_must_hold_the_same_figures(one: Path, public_key: Any, reseal: Reseal) -> None:
    path = one / "outputs" / "history.sqlite"
    original = path.read_bytes()
    con = sqlite3.connect(path)
    con.execute("UPDATE observations SET published = 1 WHERE series = 'price/total' AND period = '2022-W30'")
    con.commit()
    con.close()
    reseal(one)
    what, why = fault(one, public_key)
    assert what == "outputs/history.sqlite" and "price/total 2022-W30: published" in why and "1.00" in why
    con = sqlite3.connect(path)
    con.execute("DROP TABLE observations")
    con.close()
    reseal(one)
    assert fault(one, public_key)[0] == "outputs/history.sqlite"
    path.write_bytes(original)

    path = one / "outputs" / "history.json"
    original = path.read_bytes()
    content = json.loads(original)
    size = content["size"]
    content["value"][(size[1] - 1) * size[2]] = 1.0
    path.write_text(json.dumps(content), encoding="utf-8")
    reseal(one)
    assert "2022-W30" in fault(one, public_key)[1]
    # Other spacing is no other figure: it is told, and no fault.
    path.write_text(json.dumps(json.loads(original)), encoding="utf-8")
    reseal(one)
    found = verify_release(one, [public_key])
    assert found.fault is None and found.other_bytes == ("outputs/history.json",)
    assert "equal figures in other bytes: outputs/history.json" in found.line
    path.write_bytes(original)

    import openpyxl

    path = one / "outputs" / "history.xlsx"
    book = openpyxl.load_workbook(path)
    cells = (cell for row in book["Levels"].iter_rows() for cell in row)
    next(cell for cell in cells if isinstance(cell.value, float)).value = 1
    book.save(path)
    reseal(one)
    what, why = fault(one, public_key)
    assert what == "outputs/history.xlsx" and "price/total" in why


@pytest.mark.parametrize(
    ("path", "old", "new", "named"),
    [
        ("inputs/basket.csv", "0.0", "0.1", "manifest.json"),
        ("report/quality.json", '"quotes"', '"quotas"', "report/quality.json"),
        ("method.toml", "grade_b = 0.1", "grade_b = 0.2", "method.toml"),
        ("outputs/releases.csv", "2022-08-01", "2022-08-02", "outputs/releases.csv"),
        ("outputs/observations.csv", "price/total", "price/other", "outputs/observations.csv"),
    ],
)
def test_files_that_are_sealed_and_wrong(
    one: Path, public_key: Any, reseal: Reseal, path: str, old: str, new: str, named: str
) -> None:
    text = (one / path).read_text(encoding="utf-8")
    assert old in text
    (one / path).write_text(text.replace(old, new), encoding="utf-8")
    reseal(one)
    assert fault(one, public_key)[0] == named


def names(parent: Path, *keys: Any) -> dict[str, str]:
    return {c.name: str(c.fault) for c in verify_archive(parent, keys) if c.fault}


def test_a_release_that_is_missing(public: Path, public_key: Any) -> None:
    shutil.rmtree(public / "price-2022-W29-1")
    assert names(public, public_key) == {
        "price-2022-W30-1": "price-2022-W29-1: is missing: price-2022-W30-1 follows it"
    }
    alone = verify_release(public / "price-2022-W30-1", [public_key])
    assert alone.fault is None and "follows price-2022-W29-1 (not at hand)" in alone.line


def test_the_first_release_is_missing(public: Path, public_key: Any) -> None:
    shutil.rmtree(public / "price-2022-W28-1")
    assert list(names(public, public_key)) == ["price-2022-W29-1"]


def test_a_release_that_was_replaced(public: Path, make: Any, archive: Path, public_key: Any, tmp_path: Path) -> None:
    """The office makes the second release once more, an hour later, and signs it: sound in itself, not in the chain."""
    from datetime import UTC, datetime

    shutil.copytree(archive / "price-2022-W28-1", tmp_path / "b" / "price-2022-W28-1")
    made = make(tmp_path / "b", "2022-W29", tmp_path / "b" / "price-2022-W28-1",
                at=datetime(2022, 7, 25, 5, tzinfo=UTC))  # fmt: skip
    shutil.rmtree(public / "price-2022-W29-1")
    shutil.copytree(made, public / "price-2022-W29-1")
    found = names(public, public_key)
    assert list(found) == ["price-2022-W30-1"]
    assert found["price-2022-W30-1"].startswith("price-2022-W29-1/manifest.json: is not the one that price-2022-W30-1")
    assert fault(public / "price-2022-W30-1", public_key)[0] == "price-2022-W29-1/manifest.json"


def test_copies_and_rivals(public: Path, public_key: Any) -> None:
    shutil.copytree(public / "price-2022-W30-1", public / "copy")
    found = names(public, public_key)
    assert "stands twice" in found["price-2022-W30-1"]


def test_a_folder_without_manifest_in_an_archive(public: Path, public_key: Any) -> None:
    (public / "price-2022-W29-1" / "manifest.json").unlink()
    found = names(public, public_key)
    assert found["price-2022-W29-1"] == "manifest.json: is missing"
    (public / ".unfinished").mkdir()
    assert set(names(public, public_key)) == {"price-2022-W29-1", "price-2022-W30-1"}


def test_history_that_the_release_before_does_not_have(public: Path, public_key: Any, reseal: Reseal) -> None:
    """In a public copy nothing is recomputed, but the releases before say what was published."""
    last = public / "price-2022-W30-1"
    inputs = [f for f in json.loads((last / "manifest.json").read_bytes())["files"] if not f["public"]]
    _set(last, "0", "2022-W28", "published", "55.55")
    reseal(last)
    content = json.loads((last / "manifest.json").read_bytes())
    assert inputs and not [f for f in content["files"] if not f["public"]]
    what, why = fault(last, public_key)
    assert what == "outputs/history.csv"
    assert why.startswith("price/total 2022-W28, published: 55.55; price-2022-W29-1/outputs/history.csv has ")


def test_a_sound_release_after_an_altered_one(public: Path, public_key: Any) -> None:
    (public / "price-2022-W29-1" / "outputs" / "history.csv").write_text("x")
    found = names(public, public_key)
    assert found["price-2022-W29-1"].startswith("outputs/history.csv: has 1 bytes")
    assert found["price-2022-W30-1"].startswith("price-2022-W29-1/outputs/history.csv: is not as sealed")
    assert len(found) == 2


def test_folders_that_are_no_release(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(NoReleaseError):
            verify_release(folder)
        with pytest.raises(NoReleaseError):
            list(verify_archive(folder))
        with pytest.raises(NoReleaseError):
            read_archive(folder)


def test_the_command(public: Path, key_folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    key = str(key_folder / "public-key.pem")
    assert main(["verify", "--all", str(public), "--key", key]) == 0
    out = capsys.readouterr()
    # Whatever takes long says how far it is.
    assert len(out.out.splitlines()) == 4 and out.out.endswith("\n3 releases: all is well\n")
    assert all(" releases (" in line for line in out.err.splitlines())
    assert main(["verify", str(public / "price-2022-W28-1")]) == 0
    assert "a key that nobody vouched for" in capsys.readouterr().out
    (public / "price-2022-W29-1" / "outputs" / "history.csv").write_text("x")
    assert main(["verify", "--all", str(public)]) == 1
    out = capsys.readouterr()
    assert len(out.out.splitlines()) == 2 and out.out.endswith("\n3 releases: 2 at fault\n")
    assert "price-2022-W29-1: FAILED: outputs/history.csv: has 1 bytes" in out.err
    for wrong in (["verify", str(tmp_path / "none")], ["verify", str(tmp_path)], ["verify"],
                  ["verify", str(public), "--all", str(public)], ["verify", "--all", str(tmp_path / "none")],
                  ["verify", str(public / "price-2022-W28-1"), "--key", str(tmp_path / "k.pem")]):  # fmt: skip
        assert main(wrong) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert main(["release", "list", str(public), "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [r["release"] for r in listed] == ["price-2022-W28-1", "price-2022-W29-1", "price-2022-W30-1"]
    assert listed[1]["manifest_sha256"] == read_manifest(public / "price-2022-W29-1")[1]
    assert main(["release", "list", str(public)]) == 0
    assert "price-2022-W29-1  2022-07-25T04:00:00Z" in capsys.readouterr().out


def test_the_command_without_the_extra() -> None:
    code = "import sys; sys.modules['rfc8785'] = None; from ellwand.cli import main; sys.exit(main(['verify', 'x']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "ellwand verify: releases need the package rfc8785: pip install 'ellwand[office]'\n"
