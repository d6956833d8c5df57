"""One at a time in the archive: a lock that the system takes away from a process that dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ellwand.engine.errors import DataError
from ellwand.office import setup

NAME = ".lock"
PATIENCE = 120.0
"""Seconds that somebody waits for another one who prepares or seals a release."""


@contextmanager
def locked(patience: float = PATIENCE) -> Iterator[None]:
    """Hold the archive of the office in use. DataError if another one holds it for too long."""
    archive = setup.current().archive
    archive.mkdir(parents=True, exist_ok=True)
    handle = os.open(archive / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        until = time.monotonic() + patience
        while not _taken(handle):
            if time.monotonic() >= until:
                raise DataError("another release is being prepared or sealed; try again in a minute")
            time.sleep(0.05)
        yield
    finally:
        # Closing gives the lock back.
        os.close(handle)


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
