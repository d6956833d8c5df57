"""What several processes share beside the record: one limit is one limit, however many answer."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest


def test_a_value_is_added_once_and_ends(sqlite_office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office.shared import Shared

    one, other = Shared("", {}), Shared("", {})
    assert one.add("code", "y", 30) and not other.add("code", "y", 30)
    assert other.get("code") == "y" and other.get("nothing", 7) == 7
    one.set("times", [1.5, 2.5], None)
    assert other.get("times") == [1.5, 2.5] and other.touch("times", 60) and not other.touch("nothing")
    assert one.delete("times") and not one.delete("times") and other.get("times") is None
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 31)
    assert one.get("code") is None and other.add("code", True, 30) and one.get("code") is True
    one.clear()
    assert other.get("code") is None
    with pytest.raises(ValueError, match="holds no number"):
        one.incr("code")


def test_the_file_is_the_owners_and_is_begun_anew_when_it_is_spoilt(sqlite_office: Any) -> None:
    from ellwand.office.shared import FILE, Shared, folder

    path = folder() / FILE
    Shared("", {}).set("a", 1)
    assert path.stat().st_mode & 0o77 == 0
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    path.write_bytes(b"no database at all" * 500)
    again = Shared("", {})
    assert again.get("a") is None
    again.set("a", 2)
    assert again.incr("a") == 3


def test_a_flood_pushes_nothing_out(sqlite_office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office import shared

    monkeypatch.setattr(shared, "MOST", 50)
    monkeypatch.setattr(shared, "SWEEP", 10)
    cache = shared.Shared("", {})
    cache.set("limit", 9, 600)
    for k in range(200):
        cache.add(f"flood-{k}", 1, 3600)
    assert cache.get("limit") == 9


ANSWERING = """
import json, sys
from ellwand.office import setup
setup.office(sys.argv[1])
from ellwand.office.shared import Shared
from ellwand.web.limits import _Count
cache, readers = Shared("", {}), _Count(shared=True)
cache.add("n", 0)
print(json.dumps([(cache.incr("n"), readers.one_more("10.0.0.1", 7)) for _ in range(200)]))
"""
"""A process that answers: it counts up, and reads for one address."""


def test_processes_count_together(sqlite_office: Any) -> None:
    command = [sys.executable, "-c", ANSWERING, str(sqlite_office.home.path)]
    environment = sqlite_office.environment
    running = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    found = [pair for process in running for pair in json.loads(process.communicate(timeout=300)[0])]
    wanted = list(range(1, 401))
    assert sorted(pair[0] for pair in found) == wanted and sorted(pair[1] for pair in found) == wanted


def test_readers_are_counted_apart_and_anew_in_each_window(sqlite_office: Any) -> None:
    from ellwand.web.limits import SLOTS, TRIED, _Count

    count = _Count()
    assert [count.one_more("a", 1), count.one_more("a", 1), count.one_more("b", 1), count.one_more("a", 2)] == [
        1, 2, 1, 1,
    ]  # fmt: skip
    # A flood of addresses takes no place from who has read much.
    for _ in range(50):
        count.one_more("busy", 3)
    for k in range(2 * SLOTS // TRIED):
        count.one_more(f"flood-{k}", 3)
    assert count.one_more("busy", 3) == 51


def test_one_address_has_one_share_of_all_processes(sqlite_office: Any) -> None:
    """A real server of two processes: what is left of a share goes down by one with each request, whoever answers."""
    from ellwand import web
    from ellwand.office import serve

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = serve.server(port, "127.0.0.1", web.APPLICATION, 2)
    log = sqlite_office.home.path / "server.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(command, env=sqlite_office.environment, stdout=stream, stderr=stream,
                                   start_new_session=True)  # fmt: skip
    try:
        left, children = [], set()
        until = time.monotonic() + 120
        while time.monotonic() < until and len(left) < 60:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/problems", timeout=30) as answer:
                    left.append(int(answer.headers["RateLimit-Remaining"]))
            except OSError:
                time.sleep(0.2)
        children = set(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split())
        # A new window may begin meanwhile.
        steps = [a - b for a, b in pairwise(left)]
        assert len(left) == 60 and sum(step != 1 for step in steps) <= 1, (left, log.read_text()[-2000:])
        assert len(children) >= 2
    finally:
        os.killpg(process.pid, 9)
        process.wait()
