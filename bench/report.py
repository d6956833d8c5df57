"""What the figures say: bound by the machine, verdict on each target, and the table."""

from typing import Any

from bench.tasks import Counts, Target, Task

MET, NOT_MET, OPEN = "met", "not met", "not judged"


def roofline(counts: Counts, limits: dict[str, float], cpu: float) -> dict[str, Any]:
    """Least time on one thread, and how many times it was taken.

    The bound is the longer of the time to move the bytes and the time to do the operations.
    """
    memory, arithmetic = counts.bytes / limits["bytes_per_s"], counts.flops / limits["flops_per_s"]
    bound = max(memory, arithmetic)
    return {
        "bytes": counts.bytes,
        "flops": counts.flops,
        "memory_s": memory,
        "arithmetic_s": arithmetic,
        "bound_s": bound,
        "bound_by": "memory" if memory >= arithmetic else "arithmetic",
        "times_bound": cpu / bound,
    }


def verdicts(task: Task, result: dict[str, Any]) -> list[dict[str, Any]]:
    """Each target of a task with the figure found and "met", "not met" or "not judged", and why."""
    return [_verdict(target, result) for target in task.targets]


def _verdict(target: Target, result: dict[str, Any]) -> dict[str, Any]:
    out = {"text": target.text, "limit": target.limit, "value": None, "verdict": OPEN, "reason": ""}
    ours = result["ours"]
    if "cpu_s" not in ours:
        return {**out, "reason": ours["state"]}
    if target.measure == "cpu":
        return _judged(out, ours["cpu_s"])
    if target.measure == "wall":
        return _judged(out, ours["wall_s"])
    if target.measure == "p95":
        return _judged(out, result["waited_s"]["p95"])
    if target.measure == "peak":
        return _judged(out, ours["peak_bytes"])
    if target.measure == "task":
        other = result["in_turn"][target.of]
        if "cpu_s" not in other:
            return {**out, "reason": f"{target.of}: {other['state']}"}
        return _judged(out, ours["cpu_s"] / other["cpu_s"])
    peer = result["peers"][target.of]
    if peer["state"] == "ok":
        return _judged(out, ours["cpu_s"] / peer["cpu_s"])
    if peer["state"].startswith("not finished"):
        # The peer would have needed longer than its limit, so that the true ratio is below this one.
        most = ours["cpu_s"] / peer["limit_s"]
        if most <= target.limit:
            return {**out, "value": most, "verdict": MET, "reason": f"{target.of}: {peer['state']}"}
    return {**out, "reason": f"{target.of}: {peer['state']}"}


def _judged(out: dict[str, Any], value: float) -> dict[str, Any]:
    return {**out, "value": value, "verdict": MET if value <= out["limit"] else NOT_MET}


def table(results: dict[str, Any]) -> str:
    """All figures as text."""
    machine = results["machine"]
    packages = ", ".join(f"{k} {v or 'absent'}" for k, v in machine["packages"].items())
    lines = [
        f"{machine['processor']}, {machine['cores']} cores; {machine['system']}; Python {machine['python']}",
        packages,
        f"one thread: {machine['bytes_per_s'] / 1e9:.1f} GB/s copied, {machine['flops_per_s'] / 1e9:.1f} Gflop/s "
        f"multiplied; " + ("one run each" if results["repeat"] == 1 else f"medians of {results['repeat']} runs"),
        "peers: R " + str(results["peers"]["R"] or "absent") + "; " + "; ".join(_peer_lines(results["peers"])),
        "",
        f"{'task':<20}{'rows':>12}{'CPU s':>9}{'range':>17}{'wall s':>9}{'peak MB':>9}{'rows/CPU s':>13}"
        f"{'x yardstick':>12}{'bound s':>9}{'x bound':>9}",
    ]
    for task in results["tasks"]:
        lines.append(_row(task))
        if task["roofline"]:
            lines.append("    " + _roofline_row(task, machine))
        for name, peer in task["peers"].items():
            lines.append("    " + _peer_row(name, peer))
        for name, other in task["in_turn"].items():
            if "cpu_s" in other:
                lines.append(f"    {name}, run in turn with it: {other['cpu_s']:.3f} s CPU")
        for target in task["targets"]:
            found = "" if target["value"] is None else f" ({_figure(target)})"
            why = f": {target['reason']}" if target["reason"] else ""
            size = "" if task["full_size"] else " [not at full size]"
            lines.append(f"    target {target['text']}: {target['verdict']}{found}{why}{size}")
    return "\n".join(lines)


def _peer_lines(peers: dict[str, Any]) -> list[str]:
    return [f"{n} {p['version'] or p['state']}" for n, p in peers.items() if n != "R"]


def _figure(target: dict[str, Any]) -> str:
    value = target["value"]
    if target["text"].endswith(" GB"):
        return f"{value / 1e9:.2f} GB"
    return f"{value:.2f} s" if target["text"].endswith(("CPU", " s")) else f"{value:.3f}"


def _row(task: dict[str, Any]) -> str:
    ours, roof = task["ours"], task["roofline"]
    if "cpu_s" not in ours:
        return f"{task['name']:<20}{task['rows']:>12,}  {ours['state']}"
    ratio = task["ratio_to_yardstick"]
    spread = f"{min(ours['cpu_runs_s']):.3f}-{max(ours['cpu_runs_s']):.3f}"
    yardstick = "absent" if ratio is None else f"{ratio:.2f}"
    return (
        f"{task['name']:<20}{task['rows']:>12,}{ours['cpu_s']:>9.3f}{spread:>17}{ours['wall_s']:>9.3f}"
        f"{ours['peak_bytes'] / 1e6:>9.0f}{ours['rows_per_cpu_s']:>13,.0f}{yardstick:>12}"
        f"{roof['bound_s']:>9.4f}{roof['times_bound']:>9.1f}"
    )


def _roofline_row(task: dict[str, Any], machine: dict[str, Any]) -> str:
    """Bytes and operations of the algorithm, the rates of the machine, and what lies between the bound and the run."""
    roof = task["roofline"]
    return (
        f"roofline: {roof['bytes'] / 1e6:,.1f} MB moved at {machine['bytes_per_s'] / 1e9:.1f} GB/s, "
        f"{roof['flops'] / 1e6:,.1f} Mflop at {machine['flops_per_s'] / 1e9:.1f} Gflop/s: {roof['bound_s']:.4f} s, "
        f"bound by {roof['bound_by']}; left between {task['ours']['cpu_s'] - roof['bound_s']:.3f} s "
        f"({roof['times_bound']:.1f} times the bound)"
    )


def _peer_row(name: str, peer: dict[str, Any]) -> str:
    if peer["state"] != "ok":
        return f"{name}: {peer['state']}"
    far = peer.get("difference")
    agree = "" if far is None else f", largest log difference {far:.1e}"
    ratio = f", ours is {peer['ratio']:.3f} of it" if "ratio" in peer else ""
    return f"{name} {peer['version']}: {peer['cpu_s']:.3f} s CPU, {peer['peak_bytes'] / 1e6:.0f} MB{ratio}{agree}"
