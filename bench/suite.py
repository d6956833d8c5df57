"""The run of all tasks: prepare, measure ours, the yardstick and the peers, then compare."""

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import peers
from bench.machine import description
from bench.measure import Measured, WorkError, in_child, median
from bench.report import roofline, verdicts
from bench.tasks import Params, Task, as_dict

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
LONG = 15.0
"""CPU seconds of a first run beyond which a peer or a yardstick is not run again."""


def say(text: str) -> None:
    """A line on what is being done, beside the results."""
    print(text, file=sys.stderr, flush=True)


def run(tasks: list[Task], *, rows: int | None, repeat: int, timeout: float, root: Path) -> dict[str, Any]:
    """Results of the tasks as plain data."""
    say("machine: bandwidth and matrix product")
    limits = in_child({"part": "limits"}, 300, ONE_THREAD)
    known = peers.found()
    results: list[dict[str, Any]] = []
    for task in tasks:
        results.append(_one(task, rows, repeat, timeout, root, known))
    for task, result in zip(tasks, results, strict=True):
        if "cpu_s" in result["ours"]:
            result["roofline"] = roofline(
                task.counts(result["params"], result["rows"]), limits, result["ours"]["cpu_s"]
            )
        else:
            result["roofline"] = None
        result["targets"] = verdicts(task, result, {r["name"]: r for r in results})
    machine = {**description(), **limits}
    return {"machine": machine, "peers": known, "repeat": repeat, "tasks": results}


def _one(
    task: Task, rows: int | None, repeat: int, timeout: float, root: Path, known: dict[str, Any]
) -> dict[str, Any]:
    wished = rows or task.full
    params: Params = task.params(wished)
    say(f"{task.name}: rows")
    made = in_child({"part": "prepare", "task": task.name, "params": params, "root": str(root.resolve())}, 3600)
    folder, n = Path(made["folder"]), int(made["rows"])
    result: dict[str, Any] = {**as_dict(task, params), "rows": n, "full_size": wished >= task.full}
    own = _python("ours", task, folder, repeat)
    result["ours"] = own.as_dict(n) if isinstance(own, Measured) else {"state": own}
    measure = _python("yardstick", task, folder, repeat)
    if isinstance(measure, Measured):
        result["yardstick"] = measure.as_dict(n)
    else:
        result["yardstick"] = {"state": measure}
    both = isinstance(own, Measured) and isinstance(measure, Measured)
    result["ratio_to_yardstick"] = own.cpu / measure.cpu if both else None  # type: ignore[union-attr]
    result["peers"] = {
        name: _peer(name, known[name], task, folder, repeat, timeout, own if isinstance(own, Measured) else None)
        for name in task.peers
    }
    return result


def _python(part: str, task: Task, folder: Path, repeat: int) -> Measured | str:
    """The medians, or the reason why there are none."""
    answers: list[dict[str, Any]] = []
    for i in range(repeat):
        say(f"{task.name}: {part} {i + 1}/{repeat}")
        try:
            answers.append(in_child({"part": part, "task": task.name, "folder": str(folder)}, 3600))
        except WorkError as failure:
            return f"failed: {failure}"
        if part != "ours" and answers[0]["cpu"] > LONG:
            break
    return median(answers)


def _peer(
    name: str, known: dict[str, Any], task: Task, folder: Path, repeat: int, timeout: float, own: Measured | None
) -> dict[str, Any]:
    out: dict[str, Any] = {"version": known["version"], "state": known["state"]}
    if known["version"] is None:
        return out
    answers: list[dict[str, Any]] = []
    for i in range(repeat):
        say(f"{task.name}: {name} {i + 1}/{repeat}")
        try:
            answers.append(peers.run(name, task.name, folder, timeout))
        except WorkError as failure:
            return {**out, "state": str(failure), "limit_s": timeout}
        if answers[0]["cpu"] > LONG:
            break
    found = median(answers)
    out |= {"state": "ok", "cpu_s": found.cpu, "wall_s": found.wall, "peak_bytes": found.peak, "cpu_runs_s": found.runs}
    if own is not None:
        out["ratio"] = own.cpu / found.cpu
        out["difference"] = difference(own.values, found.values)
    return out


def difference(ours: Sequence[float | None], theirs: Sequence[float | None]) -> float | None:
    """Largest distance of two series on the log scale; None where they cannot be compared."""
    if len(ours) != len(theirs) or not ours:
        return None
    worst = 0.0
    for a, b in zip(ours, theirs, strict=True):
        if a is None or b is None or a <= 0 or b <= 0:
            return None
        worst = max(worst, abs(math.log(a / b)))
    return worst
