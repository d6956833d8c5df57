"""What the office keeps beside its record to be fast: DIR/cache, which may be deleted at any time.

Nothing in it is believed for its name. Columns of quotes are hashed again whenever they are read, and a line of past
periods is used only where the hashes of all that went into it are those of today (`producing`). The folder is the
owner's alone, like the record beside it; files hold plain arrays and run nothing.
"""

import contextlib
import hashlib
import os
import platform
import tempfile
from functools import lru_cache
from importlib.metadata import entry_points
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from ellwand.office import shared
from ellwand.office.releases.canonical import canonical, digest

FOLDER = shared.FOLDER


def folder() -> Path:
    """The folder, made if it is not there."""
    return shared.folder()


def write(name: str, content: bytes | memoryview) -> None:
    """Put a file in its place whole, or not at all. A full disk is no error: nothing is kept then."""
    with contextlib.suppress(OSError):
        handle, made = tempfile.mkstemp(dir=folder(), prefix=f".{name}-")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            Path(made).replace(folder() / name)
        except BaseException:
            Path(made).unlink(missing_ok=True)
            raise


def libraries() -> dict[str, str]:
    """Versions of what computes, as a compilation records them."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pyarrow": pa.__version__,
        "duckdb": duckdb.__version__,
    }


@lru_cache(maxsize=1)
def program() -> str:
    """SHA-256 of the program as it computes here: its source, the libraries, plug-ins and the processor's kind."""
    root = Path(__file__).parents[2]
    sources = {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for part in ("formulas", "engine", "production")
        for path in sorted((root / part).rglob("*.py"))
    }
    plugged = [
        [point.group, point.name, point.value, point.dist.version if point.dist else ""]
        for group in ("ellwand.outlier_rules", "ellwand.donor_sets", "ellwand.methods")
        for point in sorted(entry_points(group=group), key=lambda p: p.name)
    ]
    return digest(canonical([sources, libraries(), plugged, platform.machine()]))
