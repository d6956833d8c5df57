"""What the processes of one office share beside the record: limits of signing in, codes that were used, tokens counted.

Django's cache in one small file, DIR/cache/limits.sqlite3, so that a limit is one limit however many processes answer.
It is the owner's alone, is on no backup, and holds plain JSON, so that reading it runs nothing.
"""

import contextlib
import json
import os
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

from ellwand.office import setup

FOLDER, FILE = "cache", "limits.sqlite3"
EVER = 1e15
"""The instant at which ends what never ends."""
SWEEP = 500
"""Entries that are added by a process between two looks for those that have ended."""
MOST = 1_000_000
"""Entries beyond which the newest give way, so that a flood pushes out nothing that was there before it."""
TABLE = "CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, value, until REAL NOT NULL) WITHOUT ROWID"


def folder() -> Path:
    """The folder of what the office keeps beside its record, made if it is not there."""
    path = setup.current().path / FOLDER
    path.mkdir(mode=0o700, exist_ok=True)
    return path


class Shared(BaseCache):
    """The cache of the office in use. A whole number is counted up by one process at a time."""

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._own = threading.local()
        self._added = 0

    def _file(self) -> sqlite3.Connection:
        """The connection of the thread that asks to the file of the office in use."""
        place = (os.getpid(), str(setup.current().path))
        if getattr(self._own, "place", None) != place:
            self._own.file, self._own.place = _opened(folder() / FILE), place
        file: sqlite3.Connection = self._own.file
        return file

    def _key(self, key: Any, version: int | None) -> str:
        made: str = self.make_and_validate_key(key, version=version)
        return made

    def _until(self, timeout: Any) -> float:
        given = self.get_backend_timeout(timeout)
        return EVER if given is None else float(given)

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value if there is none; whether there was none."""
        self._sweep()
        done = self._file().execute(
            "INSERT INTO kept VALUES (?1, ?2, ?3) ON CONFLICT (key) DO UPDATE SET value = ?2, until = ?3 "
            "WHERE until <= ?4",
            (self._key(key, version), _written(value), self._until(timeout), time.time()),
        )
        return done.rowcount == 1

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """A value, or what is given for none."""
        asked = (self._key(key, version), time.time())
        row = self._file().execute("SELECT value FROM kept WHERE key = ? AND until > ?", asked).fetchone()
        return default if row is None else _read(row[0])

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Keep a value."""
        self._sweep()
        given = (self._key(key, version), _written(value), self._until(timeout))
        self._file().execute("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", given)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Let a value last from now; whether there is one."""
        given = (self._until(timeout), self._key(key, version), time.time())
        return self._file().execute("UPDATE kept SET until = ? WHERE key = ? AND until > ?", given).rowcount == 1

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Forget a value; whether there was one."""
        given = (self._key(key, version), time.time())
        done = self._file().execute("DELETE FROM kept WHERE key = ? RETURNING until > ?", given).fetchall()
        return bool(done and done[0][0])

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Count a whole number up, for all processes at once. ValueError for one that is not there."""
        given = (delta, self._key(key, version), time.time())
        done = self._file().execute(
            "UPDATE kept SET value = value + ? WHERE key = ? AND until > ? AND typeof(value) = 'integer' "
            "RETURNING value", given,
        ).fetchall()  # fmt: skip
        if not done:
            raise ValueError(f"key {key!r}: holds no number")
        return int(done[0][0])

    def clear(self) -> None:
        """Forget everything."""
        self._file().execute("DELETE FROM kept")

    def _sweep(self) -> None:
        """Now and then, forget what has ended."""
        self._added += 1
        if self._added % SWEEP == 0:
            file = self._file()
            file.execute("DELETE FROM kept WHERE until <= ?", (time.time(),))
            (count,) = file.execute("SELECT COUNT(*) FROM kept").fetchone()
            if count > MOST:
                file.execute("DELETE FROM kept WHERE key IN (SELECT key FROM kept ORDER BY until DESC LIMIT ?)",
                             (count - MOST + SWEEP,))  # fmt: skip


def _opened(path: Path) -> sqlite3.Connection:
    """The file, made if it is not there; one that a fault of the disk spoilt is begun anew."""
    try:
        return _ready(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        for end in ("", "-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        return _ready(path)


def _ready(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    file = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
    try:
        # What it holds is good for an hour at most, so nothing waits for the disk.
        file.execute("PRAGMA synchronous = OFF")
        file.execute("PRAGMA journal_mode = WAL").fetchone()
        file.execute(TABLE)
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            file.close()
        raise
    return file


def _written(value: Any) -> Any:
    return value if type(value) is int else json.dumps(value)


def _read(value: Any) -> Any:
    return value if type(value) is int else json.loads(value)
