"""Our site and Datasette on the same table, in one run: a page of a series, and the JSON of nine series.

Datasette serves the SQLite file of the newest release, whose observations are those that our pages and our interface
show. Requests go one after the other, in turn to both, so that other work on the machine falls on both alike.
"""

import gzip
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.measure import ROOT, WorkError

OWN = ROOT / ".venv-bench" / "bin" / "datasette"
BLOCKS = 6
"""How often it is one's turn."""
NINE, LAST = 9, 100
"""Series and periods of an answer in JSON."""


def program() -> str:
    """Datasette's program. WorkError where it is not installed."""
    found = str(OWN) if OWN.is_file() else shutil.which("datasette")
    if found is None:
        raise WorkError("absent: Datasette is not installed; `make bench-peers` installs it beside the project")
    return found


def version() -> str:
    """Datasette's version. WorkError where it is not installed."""
    done = subprocess.run([program(), "--version"], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip().rpartition(" ")[2]


@contextmanager
def datasette(file: Path) -> Iterator[tuple[str, int]]:
    """Serve an SQLite file that nobody changes: its address and the number of the process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [program(), "serve", "--immutable", str(file), "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        base = f"http://127.0.0.1:{port}"
        for _ in range(300):
            if process.poll() is not None:
                break
            try:
                urllib.request.urlopen(base + "/-/versions.json", timeout=5).close()
                yield base, process.pid
                return
            except OSError:
                time.sleep(0.2)
        raise WorkError("failed: Datasette does not answer")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def theirs(file: Path, codes: dict[str, str], periods: list[str]) -> dict[str, list[str]]:
    """Addresses of Datasette for the same rows. codes : series by code, in our order."""
    table, names = f"/{file.stem}/observations", list(codes.values())
    quote, first = urllib.parse.quote, periods[-LAST:][0]
    pages = [f"{table}?series={quote(name)}&_size={LAST}&_sort_desc=period" for name in names]
    many = [
        f"{table}.json?series__in={quote(','.join(names[k : k + NINE]))}&period__gte={first}&_size=1000&_shape=objects"
        for k in range(0, len(names) - NINE + 1, NINE)
    ]
    return {"page of a series": pages, "JSON of 900 points": many}


def ours(codes: dict[str, str]) -> dict[str, list[str]]:
    """Our addresses: each page and each answer is asked for once, so nobody has it ready."""
    names = list(codes)
    many = [
        f"/api/v1/observations?series={','.join(names[k : k + NINE])}&lastNObservations={LAST}"
        for k in range(0, len(names) - NINE + 1, NINE)
    ]
    return {"page of a series": [f"/index/{name}/" for name in names], "JSON of 900 points": many}


def get(address: str) -> bytes:
    """The body of an address as it comes over the wire."""
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return bytes(answer.read())


def compared(own: tuple[str, int], other: tuple[str, int], file: Path, codes: dict[str, str], periods: list[str],
             cpu_of: Any) -> dict[str, Any]:  # fmt: skip
    """Processor milliseconds and bytes of an answer of ours, and of Datasette's, in turn."""
    sides = {"ours": (*own, ours(codes)), "datasette": (*other, theirs(file, codes, periods))}
    out: dict[str, Any] = {}
    for what in ("page of a series", "JSON of 900 points"):
        spent, sizes, counts = dict.fromkeys(sides, 0.0), dict.fromkeys(sides, 0), dict.fromkeys(sides, 0)
        for base, _, lists in sides.values():
            get(base + lists[what][-1])
        for block in range(BLOCKS):
            for name, (base, pid, lists) in sides.items():
                addresses = lists[what][:-1][block::BLOCKS]
                before = cpu_of(pid)
                for address in addresses:
                    sizes[name] += len(get(base + address))
                spent[name] += cpu_of(pid) - before
                counts[name] += len(addresses)
        cost = {name: 1000 * spent[name] / counts[name] for name in sides}
        out[what] = {
            **{
                name: {"answers": counts[name], "cpu_ms": round(cost[name], 1), "bytes": sizes[name] // counts[name]}
                for name in sides
            },
            "ratio": round(cost["ours"] / cost["datasette"], 3),
        }
    return out


def plain(body: bytes) -> bytes:
    """A body without its packing."""
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
