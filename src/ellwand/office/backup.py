"""Backup of an office in one file, and its restoration into an empty folder, on SQLite or PostgreSQL.

The file is a ZIP: manifest.json (SHA-256 of everything else), record.sqlite3, settings.toml, archive/, keys/,
pictures/. What several releases share, as the quotes of old weeks, is held once and linked again when it is restored.
A record on PostgreSQL is copied row by row into an SQLite file, so that a backup of either database restores
on both.
"""

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models import Model

from ellwand.engine.errors import DataError
from ellwand.office import clock, settings, setup
from ellwand.office import home as homes
from ellwand.office.audit import trail
from ellwand.office.home import ARCHIVE, KEYS, PICTURES, RECORD, SETTINGS, Home
from ellwand.office.releases.keys import PRIVATE

MANIFEST = "manifest.json"
FORMAT = 2
"""The first format holds every part by itself, and is read by the same rules."""
COPY = "copy"
"""Name of the connection to the other database while rows are copied."""

BATCH = 200


@dataclass(frozen=True)
class Kept:
    """What a backup holds: its file, the number of its parts and of entries of the audit trail, and the head."""

    path: Path
    parts: int
    entries: int
    head: str


def backup(home: Home, file: str | Path, *, with_key: bool = False) -> Kept:
    """Write a backup of the office in use. with_key : with the private key that signs releases.

    DataError for a file that is there already, or a trail that does not verify.
    """
    target = Path(file)
    if target.exists():
        raise DataError(f"{target}: is there already; give another name")
    with tempfile.TemporaryDirectory(prefix="ellwand-backup-") as folder:
        # The record first: a release that is sealed meanwhile is in the archive and not yet in the record.
        record = Path(folder) / RECORD
        if home.is_sqlite:
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(record)])
        else:
            _to_sqlite(record)
        count, head, fault = trail.verify()
        if fault:
            raise DataError(f"the audit trail is at fault: {fault}; nothing was written")
        parts = {RECORD: record, SETTINGS: home.path / SETTINGS}
        for name in (ARCHIVE, KEYS, PICTURES):
            for path in sorted((home.path / name).rglob("*")):
                if path.is_file() and not path.is_symlink() and (with_key or path.name != PRIVATE):
                    parts[path.relative_to(home.path).as_posix()] = path
        _write(target, parts)
    return Kept(target, len(parts), count, head)


def _write(target: Path, parts: dict[str, Path]) -> None:
    listed = {name: {"bytes": p.stat().st_size, "sha256": _digest(p)} for name, p in parts.items()}
    manifest = {"format": FORMAT, "made_at": clock.now().isoformat(timespec="seconds"), "parts": listed}
    partial = target.with_name(f".{target.name}.part")
    # Settings hold a secret: nobody else may read the file, from its first byte on.
    handle = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "w+b") as stream:
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as out:
                out.writestr(MANIFEST, json.dumps(manifest, indent=2))
                held: set[str] = set()
                for name, path in parts.items():
                    if not _is_shared(name) or listed[name]["sha256"] not in held:
                        out.write(path, name)
                        held.add(str(listed[name]["sha256"]))
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _is_shared(name: str) -> bool:
    """Whether a part may be held once for all that are equal: files of sealed releases, which nobody changes."""
    return PurePosixPath(name).parts[0] == ARCHIVE


def restore(file: str | Path, directory: str | Path) -> tuple[Home, int]:
    """Restore a backup into a new or empty folder; the office and the number of entries of its trail.

    DATABASE_URL says where the record goes, if it is set; that database must be empty. DataError for a file that was
    damaged or is no backup; the folder is as it was then.
    """
    folder = Path(directory)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError(f"{folder}: is not empty; give a new or empty folder")
    source = Path(file)
    if not source.is_file():
        raise DataError(f"{source}: no such file; give a backup")
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _extract(source, work)
        home = setup.use(homes.read(work))
        if not home.is_sqlite:
            _from_sqlite(work / RECORD)
            (work / RECORD).unlink()
        elif missing := setup.pending():
            raise DataError(f"{source}: was made by another version; its record lacks {', '.join(missing)}")
        count, _, fault = trail.verify()
        if fault:
            raise DataError(f"{source}: the audit trail is at fault: {fault}")
        connections.close_all()
        if folder.exists():
            folder.rmdir()
        work.rename(folder)
    except BaseException:
        connections.close_all()
        shutil.rmtree(work, ignore_errors=True)
        raise
    return setup.use(homes.read(folder)), count


def _extract(source: Path, work: Path) -> None:
    try:
        with zipfile.ZipFile(source) as given:
            manifest = json.loads(given.read(MANIFEST))
            if manifest.get("format") not in range(1, FORMAT + 1):
                raise DataError(f"{source}: is of format {manifest.get('format')}; this version reads 1 to {FORMAT}")
            listed = manifest["parts"]
            if {RECORD, SETTINGS} - set(listed):
                raise DataError(f"{source}: lacks {RECORD} or {SETTINGS}; it is no backup of an office")
            names, first = set(given.namelist()), dict[str, Path]()
            for name, told in listed.items():
                path = PurePosixPath(name)
                known = (RECORD, SETTINGS, ARCHIVE, KEYS, PICTURES)
                if path.is_absolute() or ".." in path.parts or path.parts[0] not in known:
                    raise DataError(f"{source}: holds {name!r}, which is no part of an office")
                if name not in names and _is_shared(name) and told["sha256"] in first:
                    _link(first[told["sha256"]], work / name)
                    continue
                _extract_part(given, name, told, work / name, source)
                if _is_shared(name):
                    first.setdefault(told["sha256"], work / name)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{source}: is no backup, or was damaged: {error}") from error
    (work / ARCHIVE).mkdir(exist_ok=True)
    (work / KEYS).mkdir(exist_ok=True)


def _extract_part(given: zipfile.ZipFile, name: str, told: dict[str, Any], target: Path, source: Path) -> None:
    if given.getinfo(name).file_size != told["bytes"]:
        raise DataError(f"{source}: {name} has another size than the manifest says; the file was changed")
    target.parent.mkdir(parents=True, exist_ok=True)
    secret = name == SETTINGS or target.name == PRIVATE
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if secret else 0o644)
    with os.fdopen(handle, "wb") as out, given.open(name) as stream:
        shutil.copyfileobj(stream, out)
    if _digest(target) != told["sha256"]:
        raise DataError(f"{source}: {name} has another SHA-256 than the manifest says; the file was changed")


def _link(first: Path, target: Path) -> None:
    """One file under a second name, as it was in the archive; a copy where the disk knows no links."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(first, target)
    except OSError:
        shutil.copy2(first, target)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _to_sqlite(target: Path) -> None:
    """Copy the record of PostgreSQL, as of one instant, into a new SQLite file."""
    setup.connect(COPY, settings.sqlite(str(target)))
    try:
        setup.migrate(COPY)
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            _copy_rows(DEFAULT_DB_ALIAS, COPY)
        with connections[COPY].cursor() as cursor:
            # One file, without its log beside it.
            cursor.execute("PRAGMA journal_mode=DELETE")
    finally:
        setup.disconnect(COPY)


def _from_sqlite(source: Path) -> None:
    """Copy the record of an SQLite file into the empty database in use."""
    from ellwand.office.audit.models import Entry

    setup.connect(COPY, settings.sqlite(str(source)))
    try:
        if missing := setup.pending(COPY):
            raise DataError(f"the backup was made by another version; its record lacks {', '.join(missing)}")
        setup.migrate()
        if Entry.objects.exists():
            raise DataError("the database that DATABASE_URL names holds a record already; give an empty one")
        with transaction.atomic():
            _copy_rows(COPY, DEFAULT_DB_ALIAS)
            resets = connection.ops.sequence_reset_sql(no_style(), _models())
            with connection.cursor() as cursor:
                for statement in resets:
                    cursor.execute(statement)
    finally:
        setup.disconnect(COPY)


def _models() -> list[type[Model]]:
    return list(apps.get_models(include_auto_created=True))


@contextmanager
def _as_it_was(model: type[Model]) -> Iterator[None]:
    """Keep the instants of rows that other packages' tables set to the present one when a row is written."""
    fields = [f for f in model._meta.local_concrete_fields if getattr(f, "auto_now_add", False)]
    for field in fields:
        field.auto_now_add = False  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for field in fields:
            field.auto_now_add = True  # type: ignore[attr-defined]


def _copy_rows(source: str, target: str) -> None:
    """Copy all rows of all tables, in one transaction of the target; foreign keys are checked at its end."""
    with transaction.atomic(using=target):
        for model in _models():
            if model._meta.app_label in ("contenttypes", "auth"):
                # Django fills these on its own when tables are made; those of the source count.
                model._base_manager.using(target).all().delete()
        for model in _models():
            rows: list[Model] = []
            with _as_it_was(model):
                for row in model._base_manager.using(source).order_by("pk").iterator(chunk_size=BATCH):
                    rows.append(row)
                    if len(rows) == BATCH:
                        model._base_manager.using(target).bulk_create(rows)
                        rows = []
                model._base_manager.using(target).bulk_create(rows)
