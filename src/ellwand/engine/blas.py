"""BLAS on one thread while strata run in parallel: same bytes every time, and no two pools of threads in a fight."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

_lock = Lock()
_depth = 0
_before = 0


@lru_cache(maxsize=1)
def _functions() -> tuple[Any, Any] | None:
    """The thread setter and getter of NumPy's bundled OpenBLAS; None where NumPy is built on another library."""
    folder = Path(np.__file__).parent.parent / "numpy.libs"
    for library in sorted(folder.glob("*openblas*")):
        try:
            handle = ctypes.CDLL(str(library))
        except OSError:
            continue
        for name in ("scipy_openblas_{}_num_threads64_", "openblas_{}_num_threads64_", "openblas_{}_num_threads"):
            setter, getter = getattr(handle, name.format("set"), None), getattr(handle, name.format("get"), None)
            if setter and getter:
                return setter, getter
    return None


@contextmanager
def single_thread() -> Iterator[None]:
    """Within it, matrix products use one thread. Nested and concurrent use is safe."""
    global _depth, _before  # noqa: PLW0603 - the library's setting is global too
    functions = _functions()
    if functions is None:
        yield
        return
    setter, getter = functions
    with _lock:
        if _depth == 0:
            _before = getter()
            setter(1)
        _depth += 1
    try:
        yield
    finally:
        with _lock:
            _depth -= 1
            if _depth == 0:
                setter(_before)


def workers() -> int:
    """Threads for strata: the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)
