"""A backup of either database restores on either one, whole or not at all."""

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from ellwand.engine.errors import DataError
from ellwand.office.append_only import AppendOnly, ImmutableError
from ellwand.office.audit import trail
from ellwand.office.backup import backup, restore
from ellwand.office.rounds import snapshot, work


def contents() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    return {m._meta.label: list(m._base_manager.order_by("pk").values_list()) for m in apps.get_models()}


@pytest.fixture
def full(office: Any) -> Any:
    """An office with a compiled round and a file in its archive."""
    from ellwand.office.rounds.compiling import compile_round

    found = office.collect("2022-W01")
    office.review(found)
    compile_round(found.code, office.user("max"), sign="small")
    (office.home.archive / "price-2022-W01.1").mkdir()
    (office.home.archive / "price-2022-W01.1" / "manifest.json").write_text("{}")
    return office


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_there_and_back(
    full: Any, target: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, inputs = contents(), snapshot.take(work.find("price-2022-W01")).hash
    count, head, _ = trail.verify()
    kept = backup(full.home, tmp_path / "b.zip")
    assert (kept.entries, kept.head) == (count, head)
    assert (tmp_path / "b.zip").stat().st_mode & 0o777 == 0o600
    if target == "postgresql":
        monkeypatch.setenv("DATABASE_URL", request.getfixturevalue("postgres").create())
    else:
        monkeypatch.delenv("DATABASE_URL", raising=False)
    home, entries = restore(tmp_path / "b.zip", tmp_path / "again")
    assert entries == count
    assert home.is_sqlite is (target == "sqlite")
    assert contents() == before
    assert snapshot.take(work.find("price-2022-W01")).hash == inputs
    assert (home.archive / "price-2022-W01.1" / "manifest.json").read_text() == "{}"
    assert home.secret_key == full.home.secret_key
    assert not (home.keys / "signing-key.pem").exists()
    # Work goes on: new rows get new numbers, and old ones are protected again.
    again = work.plan("2022-W02", full.user("cai"))
    assert trail.verify((count, head))[2] is None
    with pytest.raises(ImmutableError):
        again.delete()
    from django.db import IntegrityError, connection, transaction

    for model in apps.get_models():
        if issubclass(model, AppendOnly) and model._base_manager.exists():
            with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f'DELETE FROM "{model._meta.db_table}"')


def test_the_private_key_only_if_asked(sqlite_office: Any, tmp_path: Path) -> None:
    backup(sqlite_office.home, tmp_path / "b.zip", with_key=True)
    secret = (sqlite_office.home.keys / "signing-key.pem").read_bytes()
    home, _ = restore(tmp_path / "b.zip", tmp_path / "again")
    assert (home.keys / "signing-key.pem").read_bytes() == secret
    assert (home.keys / "signing-key.pem").stat().st_mode & 0o777 == 0o600
    backup(home, tmp_path / "c.zip")
    with zipfile.ZipFile(tmp_path / "c.zip") as found:
        assert [n for n in found.namelist() if n.startswith("keys/")] == ["keys/public-key.pem"]


def rewrite(path: Path, change: Callable[[dict[str, bytes]], Any]) -> None:
    with zipfile.ZipFile(path) as given:
        parts = {n: given.read(n) for n in given.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w") as out:
        for name, data in parts.items():
            out.writestr(name, data)


def _manifest(parts: dict[str, bytes], change: Callable[[Any], Any]) -> None:
    found = json.loads(parts["manifest.json"])
    change(found)
    parts["manifest.json"] = json.dumps(found).encode()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda p: p.update({"settings.toml": p["settings.toml"].replace(b"0.8", b"0.7")}), "another SHA-256"),
        (lambda p: p.update({"settings.toml": p["settings.toml"] + b"#"}), "another size"),
        (lambda p: p.pop("settings.toml"), "no backup, or was damaged"),
        (lambda p: p.pop("manifest.json"), "no backup, or was damaged"),
        (lambda p: _manifest(p, lambda m: m.update(format=3)), "is of format 3"),
        (lambda p: _manifest(p, lambda m: m["parts"].pop("record.sqlite3")), "lacks record.sqlite3"),
        (lambda p: _manifest(p, lambda m: m["parts"].update({"../x": {"bytes": 1, "sha256": ""}})), "no part"),
        (lambda p: _manifest(p, lambda m: m["parts"].update({"/x": {"bytes": 1, "sha256": ""}})), "no part"),
        (lambda p: _manifest(p, lambda m: m["parts"].update({"web/x": {"bytes": 1, "sha256": ""}})), "no part"),
    ],
)
def test_a_changed_backup_restores_nothing(sqlite_office: Any, tmp_path: Path, change: Any, told: str) -> None:
    path = tmp_path / "b.zip"
    backup(sqlite_office.home, path)
    rewrite(path, change)
    with pytest.raises(DataError, match=told.replace(".", r"\.")):
        restore(path, tmp_path / "again")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b.zip", "office"]


def test_where_a_backup_may_go(sqlite_office: Any, tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    backup(sqlite_office.home, path)
    with pytest.raises(DataError, match="is there already"):
        backup(sqlite_office.home, path)
    with pytest.raises(DataError, match="is not empty"):
        restore(path, sqlite_office.home.path)
    with pytest.raises(DataError, match="no such file"):
        restore(tmp_path / "none.zip", tmp_path / "again")
    (tmp_path / "text.zip").write_text("no zip")
    with pytest.raises(DataError, match="is no backup"):
        restore(tmp_path / "text.zip", tmp_path / "again")
    (tmp_path / "empty").mkdir()
    assert restore(path, tmp_path / "empty")[0].path == (tmp_path / "empty").resolve()


def test_a_database_that_is_not_empty(sqlite_office: Any, tmp_path: Path, request: Any, monkeypatch: Any) -> None:
    backup(sqlite_office.home, tmp_path / "b.zip")
    server, template = request.getfixturevalue("postgres"), request.getfixturevalue("furnished_postgres")
    monkeypatch.setenv("DATABASE_URL", server.create(template))
    with pytest.raises(DataError, match="holds a record already"):
        restore(tmp_path / "b.zip", tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_a_broken_trail_is_not_backed_up(sqlite_office: Any, tmp_path: Path) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER audit_entry_no_delete")
        cursor.execute("DELETE FROM audit_entry WHERE sequence = 2")
    with pytest.raises(DataError, match="entry 2 is missing"):
        backup(sqlite_office.home, tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()
    assert not list(tmp_path.glob(".b*"))


def test_what_releases_share_is_held_once(sqlite_office: Any, tmp_path: Path) -> None:
    archive = sqlite_office.home.archive
    for name in ("price-2022-W01-1", "price-2022-W02-1", "price-2022-W03-1"):
        (archive / name).mkdir()
        (archive / name / "quotes.parquet").write_bytes(b"the quotes of the first week")
    (archive / "price-2022-W03-1" / "own.csv").write_text("its own\n")
    backup(sqlite_office.home, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as found:
        assert sum(n.endswith("quotes.parquet") for n in found.namelist()) == 1
    home, _ = restore(tmp_path / "b.zip", tmp_path / "again")
    found_again = sorted(home.archive.glob("*/quotes.parquet"))
    assert [p.read_bytes() for p in found_again] == [b"the quotes of the first week"] * 3
    assert {p.stat().st_nlink for p in found_again} == {3}
    assert (home.archive / "price-2022-W03-1" / "own.csv").read_text() == "its own\n"

    # A backup of the first format, in which every part is by itself, is read as well; a part that is nowhere is not.
    def apart(parts: dict[str, bytes]) -> None:
        for name in ("price-2022-W02-1", "price-2022-W03-1"):
            parts[f"archive/{name}/quotes.parquet"] = b"the quotes of the first week"
        _manifest(parts, lambda m: m.update(format=1))

    shutil.copyfile(tmp_path / "b.zip", tmp_path / "old.zip")
    rewrite(tmp_path / "old.zip", apart)
    home, _ = restore(tmp_path / "old.zip", tmp_path / "old")
    assert len(list(home.archive.glob("*/quotes.parquet"))) == 3
    rewrite(tmp_path / "b.zip", lambda p: p.pop("archive/price-2022-W01-1/quotes.parquet"))
    with pytest.raises(DataError, match="was damaged"):
        restore(tmp_path / "b.zip", tmp_path / "damaged")
