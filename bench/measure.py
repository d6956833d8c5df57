"""CPU time, wall time and peak memory of one piece of work, each time in a process of its own."""

import json
import os
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Measured:
    """Medians over the runs. peak : bytes of resident memory at the highest, data and interpreter included."""

    cpu: float
    wall: float
    peak: int
    runs: list[float]
    values: list[float]

    def as_dict(self, rows: int) -> dict[str, Any]:
        return {
            "cpu_s": self.cpu,
            "wall_s": self.wall,
            "peak_bytes": self.peak,
            "rows_per_cpu_s": rows / self.cpu,
            "cpu_runs_s": self.runs,
        }


class WorkError(Exception):
    """A piece of work that gave no figures, with the reason."""


def cpu_now() -> float:
    """User and system seconds of this process, its threads and its ended children."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def peak_now() -> int:
    """Highest resident memory of this process or of one of its children, in bytes.

    The counter of the resource module starts at the parent's size where a process was started by vfork; the kernel's
    own mark of this process does not, so that it goes first where there is one.
    """
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="utf-8"))
        if found:
            return max(int(found[1]) * 1024, children)
    unit = 1 if sys.platform == "darwin" else 1024
    return max(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit, children)


def timed(work: Callable[[], list[float]]) -> dict[str, Any]:
    """Run once in this process."""
    cpu, wall = cpu_now(), time.perf_counter()
    values = work()
    return {
        # A clock tick is the least that can be told apart; 0 would make ratios meaningless.
        "cpu": max(cpu_now() - cpu, 1e-6),
        "wall": time.perf_counter() - wall,
        "peak": peak_now(),
        "values": values,
    }


def in_child(job: dict[str, Any], timeout: float, environment: dict[str, str] | None = None) -> dict[str, Any]:
    """The answer of `python -m bench.child` to a job. Raises WorkError with the last line of what it said."""
    command = [sys.executable, "-m", "bench.child", json.dumps(job)]
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise WorkError(f"not finished in {timeout:g} s") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise WorkError(lines[-1].removeprefix("bench.measure.WorkError: "))
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def median(answers: list[dict[str, Any]]) -> Measured:
    """Medians of several answers."""
    return Measured(
        cpu=statistics.median(a["cpu"] for a in answers),
        wall=statistics.median(a["wall"] for a in answers),
        peak=int(statistics.median(a["peak"] for a in answers)),
        runs=[a["cpu"] for a in answers],
        values=answers[0]["values"],
    )
