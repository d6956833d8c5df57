"""The trail (34): what each role sees of it, what is kept, and the evidence pack that verifies without the office."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.db import Error as DatabaseError
from django.db import connection, transaction

from ellwand.engine.errors import DataError
from ellwand.office.append_only import ImmutableError
from ellwand.office.audit.search import Wanted, oldest, search, visible


def test_each_role_sees_its_part_of_the_trail(office: Any) -> None:
    from ellwand.office.accounts.models import User
    from ellwand.office.audit.models import Entry

    office.collect("2022-W01")
    cai = office.user("cai")
    assert visible(office.user("aud")).count() == Entry.objects.count()
    assert {e.actor for e in visible(cai)} == {cai.pk}
    assert {e.object.partition("/")[0] for e in visible(office.user("sta"))} == {"round"}
    assert not visible(User.objects.create(username="nobody")).exists()


def test_searching_the_trail(office: Any) -> None:
    office.collect("2022-W01")
    aud = office.user("aud")
    every = search(aud, Wanted())
    assert [e.sequence for e in every] == sorted((e.sequence for e in every), reverse=True)
    assert {e.actor for e in search(aud, Wanted(actor="sun"))} == {office.user("sun").pk}
    assert {e.object for e in search(aud, Wanted(object="round/price-2022-W01", act="round."))} == {
        "round/price-2022-W01"
    }
    assert [e.act for e in search(aud, Wanted(text="FIRST Account"))] == ["user.add"]
    day = every[0].when.astimezone(office.home.time_zone).date().isoformat()
    assert search(aud, Wanted(first=day, last=day)) == every
    assert not search(aud, Wanted(last="2020-01-01"))
    assert every[0].sequence not in {e.sequence for e in search(aud, Wanted(), before=every[0].sequence)}
    with pytest.raises(DataError, match=r"first day 'x'.*2026-01-31"):
        search(aud, Wanted(first="x"))
    with pytest.raises(DataError, match="nobody has this name"):
        search(aud, Wanted(actor="noone"))


def test_nothing_of_the_trail_is_ever_purged(office: Any) -> None:
    """Kept five years or more: there is no purge, of old entries neither, by the program nor around it."""
    from ellwand.office.audit.models import Entry

    office.collect("2022-W01")
    before = Entry.objects.count()
    with pytest.raises(ImmutableError):
        Entry.objects.filter(at__lt="2100").delete()
    for statement in ("DELETE FROM audit_entry WHERE at < '2100'", "UPDATE audit_entry SET reason = ''"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Entry.objects.count() == before
    first = oldest()
    assert first is not None and first["sequence"] == 1


@pytest.fixture
def packed(sqlite_office: Any, tmp_path: Path) -> Path:
    """An evidence pack as the auditor gets it."""
    found = sqlite_office.collect("2022-W01")
    sqlite_office.collect("2022-W02")
    answer = sqlite_office.client("aud").get("/office/audit/pack/", {"round": found.code})
    assert answer["Content-Type"] == "application/zip"
    file = tmp_path / "pack.zip"
    file.write_bytes(answer.content)
    return file


def _changed(file: Path, name: str, change: Any) -> Path:
    out = file.with_name(f"changed-{file.name}")
    with zipfile.ZipFile(file) as given, zipfile.ZipFile(out, "w") as made:
        for part in given.namelist():
            made.writestr(part, change(given.read(part)) if part == name else given.read(part))
    return out


def test_an_evidence_pack_verifies_without_the_office(sqlite_office: Any, packed: Path, tmp_path: Path) -> None:
    import subprocess
    import sys

    from ellwand.office.audit.evidence import verify_pack
    from ellwand.office.releases import make_key

    found = verify_pack(packed)
    assert found["round"] == "price-2022-W01" and found["entries"] >= 3
    with zipfile.ZipFile(packed) as given:
        entries = json.loads(given.read("entries.json"))
        rows = json.loads(given.read("decisions.json"))
        readme = given.read("README.md").decode()
    assert {e["object"].partition("-W")[2][:2] for e in entries if e["object"].startswith("round/")} == {"01"}
    assert "rounds.Move" in rows and "rounds.SignedException" in rows and "quotes.Quote" not in rows
    assert "离线核验" in readme and "verifies off-line" in readme
    # By the command, in a process that knows of no office, with the key that the office publishes.
    command = [sys.executable, "-m", "ellwand.cli", "audit-log", "verify", "--pack", str(packed)]
    environment = {k: v for k, v in sqlite_office.environment.items() if k != "ELLWAND_DIR"}
    key = str(sqlite_office.home.keys / "public-key.pem")
    done = subprocess.run([*command, "--key", key], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "all in their places" in done.stdout
    make_key(tmp_path / "other")
    done = subprocess.run(
        [*command, "--key", str(tmp_path / "other")], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and "not signed by this key" in done.stderr


@pytest.mark.parametrize(
    ("part", "change", "told"),
    [
        ("entries.json", lambda b: b.replace(b"round.move", b"round.made"), "entries.json has another SHA-256"),
        ("decisions.json", lambda b: b.replace(b"small", b"large"), "decisions.json has another SHA-256"),
        ("chain.txt", lambda b: b[:-66], "chain.txt has another SHA-256"),
        ("manifest.json", lambda b: b.replace(b"W01", b"W02"), "not signed by this key"),
        ("signature.txt", lambda _: b"AAAA", "not signed by this key"),
        ("README.md", lambda b: b + b"x", "README.md has another SHA-256"),
    ],
)
def test_an_altered_pack_is_named(packed: Path, part: str, change: Any, told: str) -> None:
    from ellwand.office.audit.evidence import verify_pack

    with pytest.raises(DataError, match=told):
        verify_pack(_changed(packed, part, change))


def test_an_entry_that_was_changed_before_signing_shows_by_its_hash(sqlite_office: Any, packed: Path) -> None:
    """Whoever holds the key can sign a false pack, but no false entry fits into the chain."""
    from ellwand.office.audit import evidence
    from ellwand.office.releases import keys
    from ellwand.office.releases.canonical import canonical

    with zipfile.ZipFile(packed) as given:
        files = {name: given.read(name) for name in given.namelist()}
    entries = json.loads(files["entries.json"])
    entries[0]["reason"] = "another one"
    files["entries.json"] = canonical(entries)
    manifest = json.loads(files["manifest.json"])
    manifest["files"]["entries.json"]["sha256"] = evidence._digest(files["entries.json"])
    files["manifest.json"] = canonical(manifest)
    files["signature.txt"] = keys.sign(keys.read_private(sqlite_office.home.keys), files["manifest.json"]).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, data in files.items():
            made.writestr(name, data)
    packed.write_bytes(stream.getvalue())
    with pytest.raises(DataError, match="was changed: its content gives another hash"):
        evidence.verify_pack(packed)


def test_what_is_no_pack_is_said(tmp_path: Path) -> None:
    from ellwand.office.audit.evidence import verify_pack

    file = tmp_path / "x.zip"
    with pytest.raises(DataError, match="can't be read as an evidence pack"):
        verify_pack(file)
    file.write_bytes(b"PK nothing")
    with pytest.raises(DataError, match="can't be read as an evidence pack"):
        verify_pack(file)
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("a.txt", "x")
    with pytest.raises(DataError, match=r"is no evidence pack; it holds a\.txt"):
        verify_pack(file)


def test_a_pack_is_made_on_either_database(office: Any, tmp_path: Path) -> None:
    from ellwand.office.audit.evidence import pack, verify_pack

    file = tmp_path / "p.zip"
    file.write_bytes(pack(office.collect("2022-W01")))
    assert verify_pack(file)["round"] == "price-2022-W01"
