"""The run of all tasks: prepare, measure ours, the yardstick and the peers, then compare."""

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import collect, peers
from bench.machine import description
from bench.measure import Measured, WorkError, in_child, median
from bench.report import roofline, verdicts
from bench.tasks import Params, Task, as_dict

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
LONG = 15.0
"""CPU seconds of a first run beyond which a peer or a yardstick is not run again."""

SHORT, SHORT_TIMES = 1.0, 3
"""CPU seconds of a first run of ours below which it is run so many times as often: short runs vary more."""


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
        result["targets"] = verdicts(task, result)
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
    rivals = [target.of for target in task.targets if target.measure == "task"]
    own, *others = _python("ours", [task.name, *rivals], folder, repeat)
    result["ours"] = own.as_dict(n) if isinstance(own, Measured) else {"state": own}
    if isinstance(own, Measured) and task.name.startswith(("office-collect", "office-review")):
        result["waited_s"] = {f"p{share}": collect.percentile(own.values, share) for share in (50, 95, 100)}
    (measure,) = _python("yardstick", [task.name], folder, repeat)
    if isinstance(measure, Measured):
        result["yardstick"] = measure.as_dict(n)
    else:
        result["yardstick"] = {"state": measure}
    both = isinstance(own, Measured) and isinstance(measure, Measured)
    result["ratio_to_yardstick"] = own.cpu / measure.cpu if both else None  # type: ignore[union-attr]
    result["in_turn"] = {
        name: other.as_dict(n) if isinstance(other, Measured) else {"state": other}
        for name, other in zip(rivals, others, strict=True)
    }
    result["peers"] = {
        name: _peer(name, known[name], task, folder, repeat, timeout, own if isinstance(own, Measured) else None)
        for name in task.peers
    }
    return result


def _python(part: str, names: list[str], folder: Path, repeat: int) -> list[Measured | str]:
    """The medians of each task, or the reason why there are none; several tasks are run in turn on the same rows."""
    answers: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    failures: dict[str, str] = {}
    times, i = repeat, 0
    while i < times and not failures:
        for name in names:
            say(f"{name}: {part} {i + 1}/{times}")
            try:
                answers[name].append(in_child({"part": part, "task": name, "folder": str(folder)}, 3600))
            except WorkError as failure:
                failures[name] = f"failed: {failure}"
        first = answers[names[0]][0]["cpu"] if answers[names[0]] else 0.0
        if part == "ours":
            times = repeat * SHORT_TIMES if first < SHORT else repeat
        elif first > LONG:
            break
        i += 1
    return [failures[n] if n in failures else median(answers[n]) for n in names if n in failures or answers[n]]


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
