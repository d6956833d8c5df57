"""Other packages on the same rows, where they are installed: found, run with limits, and never left out in silence."""

import json
import re
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from bench.measure import WorkError

SCRIPT = Path(__file__).with_name("peers.R")
NAMES = ("gpindex", "multilateral", "IndexNumR", "piar")
MEMORY = 8 << 30
"""Bytes of address space that a peer may take, so that it fails rather than the machine."""


def found() -> dict[str, Any]:
    """R's version and each package's, null where absent, with the reason."""
    program = shutil.which("Rscript")
    if program is None:
        return {"R": None, **{n: {"version": None, "state": "absent: Rscript is not installed"} for n in NAMES}}
    listing = ", ".join(f'"{n}"' for n in NAMES)
    code = (
        f"cat(as.character(getRversion()), '\\n'); for (n in c({listing})) "
        "cat(n, if (nzchar(system.file(package = n))) as.character(packageVersion(n)) else '-', '\\n')"
    )
    done = subprocess.run([program, "-e", code], capture_output=True, text=True, timeout=60, check=False)
    lines = [line.split() for line in done.stdout.splitlines() if line.strip()]
    versions = {line[0]: line[1] for line in lines[1:] if len(line) == 2}
    out: dict[str, Any] = {"R": lines[0][0] if lines else None}
    for name in NAMES:
        version = versions.get(name, "-")
        out[name] = (
            {"version": None, "state": f"absent: the R package {name} is not installed"}
            if version == "-"
            else {"version": version, "state": "present"}
        )
    return out


def _limits() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def run(package: str, task: str, folder: Path, timeout: float) -> dict[str, Any]:
    """CPU and wall seconds, peak bytes and index levels of one run. Raises WorkError with the reason."""
    program = shutil.which("Rscript")
    if program is None:
        raise WorkError("absent: Rscript is not installed")
    with tempfile.TemporaryDirectory() as scratch:
        answer = Path(scratch) / "answer.json"
        command = [program, "--vanilla", str(SCRIPT), package, task, str(folder), str(answer)]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=timeout, check=False, preexec_fn=_limits
            )
        except subprocess.TimeoutExpired:
            raise WorkError(f"not finished in {timeout:g} s") from None
        if done.returncode or not answer.exists():
            lines = [x for x in done.stderr.splitlines() if x.strip() and "halted" not in x and "Calls:" not in x]
            said = re.sub(r"\s+", " ", " ".join(lines[-2:])).strip() or f"exit status {done.returncode}"
            if "cannot allocate" in said:
                said = f"wants more than {MEMORY >> 30} GiB of memory ({said})"
            raise WorkError(f"failed: {said}")
        out: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
        return out
