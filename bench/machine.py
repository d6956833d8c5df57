"""What the machine can do on one thread: bytes copied and floating-point operations multiplied in a second.

Seconds are of CPU time, as in the tasks, so that other work on the machine does not pass for a slow machine.
"""

import os
import platform
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

COPY_BYTES = 1 << 28
ORDER = 1536
TRIES = 5


def bandwidth() -> float:
    """Bytes moved in a second by a copy of a large array: each byte is read once and written once."""
    source = np.ones(COPY_BYTES // 8)
    target = np.empty_like(source)
    best = np.inf
    for _ in range(TRIES):
        start = time.process_time()
        np.copyto(target, source)
        best = min(best, time.process_time() - start)
    return float(2 * COPY_BYTES / best)


def matrix_multiply() -> float:
    """Operations in a second of a product of square matrices of doubles (2 n^3 for each)."""
    rng = np.random.default_rng(1)
    A, B = rng.random((ORDER, ORDER)), rng.random((ORDER, ORDER))
    best = np.inf
    for _ in range(TRIES):
        start = time.process_time()
        A @ B
        best = min(best, time.process_time() - start)
    return float(2 * ORDER**3 / best)


def limits() -> dict[str, Any]:
    """Both, measured now. The caller sets the matrix library to one thread."""
    return {"bytes_per_s": bandwidth(), "flops_per_s": matrix_multiply()}


def description() -> dict[str, Any]:
    """Processor, system and versions."""
    packages: dict[str, str | None] = {}
    for name in ("ellwand", "numpy", "pyarrow", "duckdb", "pandas"):
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            packages[name] = None
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": cores,
        "python": platform.python_version(),
        "packages": packages,
    }


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
