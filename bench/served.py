"""`python -m bench.served [DEMO]`: what readers get from a served site: weight, latency, the minute of a release.

DEMO is the folder of a demo on SQLite (`ellwand demo --no-serve`); it is copied, so that nothing is written into it.
What else is needed (an office on PostgreSQL, the minute of a release) is a small demo that is made for it. Reader and
server share the machine. Where Datasette is installed, it serves the same table in turn with ours.
"""

import argparse
import asyncio
import gzip
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench import side_by_side
from bench.measure import ROOT, WorkError

Check = Callable[[float, str, bytes], str]
PAGES = ("/", "/index/", "/index/1/", "/comments/price/", "/releases/", "/calendar/")
CONNECTIONS = 32


@dataclass
class Load:
    """What a run of requests met. seconds : of each answer. wrong : what was wrong with answers, the first few."""

    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    errors: int = 0

    def at(self, share: float) -> float:
        """The latency that a share of the answers kept, in milliseconds."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")

    def as_dict(self) -> dict[str, Any]:
        """For the table."""
        return {
            "answers": len(self.seconds), "errors": self.errors,
            "wrong_answers": len(self.wrong), "wrong": self.wrong[:5],
            "p50_ms": round(self.at(0.5), 1), "p95_ms": round(self.at(0.95), 1), "p99_ms": round(self.at(0.99), 1),
        }  # fmt: skip


@contextmanager
def served(folder: Path, url: str = "") -> Iterator[tuple[str, int]]:
    """Serve an office: its address and the number of the process that answers."""
    from ellwand import web
    from ellwand.office import serve

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "ELLWAND_DIR": str(folder), **({"DATABASE_URL": url} if url else {})}
    process = subprocess.Popen(
        serve.server(port, "127.0.0.1", web.APPLICATION, serve.cores()), env=environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        base = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                with urllib.request.urlopen(base + "/", timeout=30):
                    break
            except OSError:
                time.sleep(0.2)
        yield base, process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def cpu_of(pid: int) -> float:
    """Seconds of processor time of a process and its children, on Linux."""
    tick, total = os.sysconf("SC_CLK_TCK"), 0.0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(words[2]) == os.getpgid(pid):
            total += (int(words[11]) + int(words[12])) / tick
    return total


async def _one(
    host: str, port: int, addresses: "asyncio.Queue[tuple[float, str] | None]", load: Load, check: Check
) -> None:
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None
    while (job := await addresses.get()) is not None:
        due, address = job
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection(host, port)
            assert reader is not None
            asked = time.time()
            writer.write(f"GET {address} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept-Encoding: gzip\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = re.search(r"(?i)content-length: (\d+)", head)
            body = await reader.readexactly(int(length[1])) if length else b""
            if "content-encoding: gzip" in head.lower():
                body = gzip.decompress(body)
            # From when it was due: a reader who had to wait for his turn has waited.
            load.seconds.append(time.time() - due)
            status = head.split(" ", 2)[1]
            if status != "200":
                load.errors += 1
                load.wrong.append(f"{address}: {status}")
            elif told := check(asked, address, body):
                load.wrong.append(f"{address}: {told}")
        except (OSError, asyncio.IncompleteReadError) as error:
            load.errors += 1
            load.wrong.append(f"{address}: {error}")
            writer = None
    if writer is not None:
        writer.close()


async def _run(base: str, addresses: list[str], rate: float, seconds: float, check: Check) -> Load:
    host, _, port = base.removeprefix("http://").partition(":")
    queue: asyncio.Queue[tuple[float, str] | None] = asyncio.Queue()
    load = Load()
    workers = [asyncio.create_task(_one(host, int(port), queue, load, check)) for _ in range(CONNECTIONS)]
    begun = time.time()
    for k in range(int(rate * seconds)):
        due = begun + k / rate
        if (wait := due - time.time()) > 0:
            await asyncio.sleep(wait)
        queue.put_nowait((due, addresses[k % len(addresses)]))
    for _ in workers:
        queue.put_nowait(None)
    await asyncio.gather(*workers)
    return load


def load(base: str, addresses: list[str], rate: float, seconds: float, check: Check = lambda *_: "") -> Load:
    """Ask for addresses in turn at a rate. check : what is wrong with an answer asked for at an instant, or ""."""
    return asyncio.run(_run(base, addresses, rate, seconds, check))


def get(address: str) -> bytes:
    """The packed body of an address."""
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return bytes(answer.read())


def weights(base: str) -> dict[str, Any]:
    """Bytes of pages as they come over the wire, with style sheets and scripts, and the number of requests."""
    out = {}
    for page in PAGES:
        whole = get(base + page)
        text = gzip.decompress(whole).decode()
        parts = set(re.findall(r'(?:href|src)="(/(?:static|style)/[^"]+\.(?:css|js))"', text))
        out[page] = {"bytes": len(whole) + sum(len(get(base + part)) for part in parts), "requests": 1 + len(parts)}
    return out


def series(base: str) -> dict[str, str]:
    """Series by code, as the interface lists them."""
    rows = json.loads(side_by_side.plain(get(f"{base}/api/v1/series")))["data"]
    return {row["code"]: row["series"] for row in rows}


def reading(folder: Path, url: str, rate: float) -> dict[str, Any]:
    """Weights, series pages at a rate that nobody asked for before, and the processor's time of answers, one by one."""
    with served(folder, url) as (base, pid):
        codes = series(base)
        pages = [f"{root}index/{code}/" for code in codes for root in ("/", "/en/")]
        out: dict[str, Any] = {"weights": weights(base)} if not url else {}
        # Every page is asked for again only after more than the second for which it is kept.
        out[f"series pages, {rate:g} a second"] = load(base, pages, rate, 20).as_dict()
        many = side_by_side.ours(codes)["JSON of 900 points"]
        out["page, made"] = spent(base, pid, pages)
        out["page, kept"] = spent(base, pid, [pages[0]] * 500)
        out["900 points, first"] = spent(base, pid, many)
        out["900 points, other periods"] = spent(base, pid, [a.replace("=100", "=99") for a in many])
    return out


def spent(base: str, pid: int, addresses: list[str]) -> dict[str, Any]:
    """Processor milliseconds of an answer, asked for one after the other."""
    get(base + addresses[-1])
    before, wire = cpu_of(pid), 0
    for address in addresses[:-1]:
        wire += len(get(base + address))
    count = len(addresses) - 1
    return {"answers": count, "cpu_ms": round(1000 * (cpu_of(pid) - before) / count, 1), "bytes": wire // count}


def beside(folder: Path) -> dict[str, Any]:
    """Ours and Datasette on the table of the newest release; why not, where Datasette is not installed."""
    try:
        known = side_by_side.version()
    except WorkError as error:
        return {"state": str(error)}
    with served(folder) as own:
        told = json.loads(side_by_side.plain(get(f"{own[0]}/api/v1/observations?series=0")))
        periods = [row["period"] for row in told["data"]]
        file = folder / "archive" / told["vintage"] / "outputs" / "history.sqlite"
        with side_by_side.datasette(file) as other:
            found = side_by_side.compared(own, other, file, series(own[0]), periods, cpu_of)
    return {"version": known, **found}


def on_postgresql(place: Path, weeks: int) -> dict[str, Any]:
    """The same of an office on PostgreSQL; why not, where its programs are not there."""
    from bench import office
    from ellwand.office import home, setup

    try:
        server = office.Server()
    except WorkError as error:
        return {"state": str(error)}
    try:
        os.environ[home.DATABASE] = server.url
        made(place, weeks)
        setup.disconnect("default")
        del os.environ[home.DATABASE]
        return reading(place, server.url, 100)
    finally:
        os.environ.pop(home.DATABASE, None)
        server.stop()


def made(folder: Path, weeks: int) -> None:
    """A demo with a reader's history: all classes, few items, no limit on what an address may read."""
    from ellwand.office.demo.make import make

    make(folder, count=weeks, items=200, units=100, version="bench")
    unlimited(folder)


def unlimited(folder: Path) -> None:
    """Let one address read as much as it likes: all readers of the bench come from one."""
    rules = folder / "settings.toml"
    text = re.sub(r"(?m)^requests_per_minute = \d+", "requests_per_minute = 0", rules.read_text("utf-8"))
    rules.write_text(text, encoding="utf-8")


def scheduled(folder: Path) -> tuple[str, datetime]:
    """A small demo whose open round becomes public in a minute: the release's name and its instant."""
    from ellwand.office import clock
    from ellwand.office.accounts.four_eyes import Person
    from ellwand.office.approvals import checklists, ntp, previews, scheduling, signing
    from ellwand.office.demo import people, weeks
    from ellwand.office.demo.make import make
    from ellwand.office.editorial import drafts, rationale
    from ellwand.office.registry.models import Issue
    from ellwand.office.review import cases, queue
    from ellwand.office.rounds import compiling, work
    from ellwand.office.rounds.models import SignedException

    weeks.CUTOFF = timedelta(seconds=20)
    ntp.kernel = lambda: (0, 0)
    found = make(folder, count=4, items=200, units=100, version="bench").open
    clerk, author = people.user(people.CLERK), people.user(people.AUTHOR)
    assert found.issue is not None
    time.sleep(max(0.0, (found.issue.cutoff_at - clock.now()).total_seconds()) + 0.5)
    work.settle(found)
    work.move(found, "reviewing", clerk, sign="bench")
    queue.check(found)
    for case in found.alerts.filter(decisions=None):
        cases.decide(case, "explained", "bench", clerk)
    for guard in ("queue", "cells"):
        SignedException(round=found, guard=guard, what="any", by=clerk, at=clock.now(), reason="bench").save()
    compiling.compile_round(found.code, author, sign="bench", version="bench")
    drafts.generate(found, author)
    rationale.save(found, {"zh": "本期采价按计划完成。", "en": "Collection went by plan."}, author)
    work.move(found, "drafted", author)
    for kind, name in (("statistics", people.STATISTICS), ("text", people.TEXTS)):
        user = people.user(name)
        previews.look(found, user)
        person = Person(user.pk, user.roles, declared=True, second_factor=True)
        signing.approve(found, kind, person, {item.key: True for item in checklists.LISTS[kind]})
    last, due = found.issue, clock.now().replace(microsecond=0) + timedelta(seconds=60)
    assert last is not None
    Issue(
        family=last.family, period=last.period, number=last.number + 1, cutoff_at=last.cutoff_at, release_at=due,
        by=clerk, at=clock.now(), reason="bench",
    ).save()  # fmt: skip
    return scheduling.schedule(found, clerk).code, due


def release_minute(folder: Path, rate: float, seconds: float) -> dict[str, Any]:
    """Readers over the instant of a release: errors, anything early, and how long after it everything is there."""
    name, due = scheduled(folder)
    instant, late = due.timestamp(), [0.0]
    told = name.encode()

    def check(asked: float, address: str, body: bytes) -> str:
        if told in body and asked < instant - 0.05:
            return f"shown {instant - asked:.2f} s early"
        if told not in body and asked > instant:
            late[0] = max(late[0], asked - instant)
            if asked > instant + 1:
                return f"not there {asked - instant:.2f} s after the instant"
        return ""

    addresses = ["/", "/en/", "/releases/", "/en/releases/", "/index/", "/en/index/", "/feed/releases.atom"]
    with served(folder) as (base, _):
        shown = [a for a in addresses if _names_releases(base + a)]
        begin = instant - seconds / 2
        time.sleep(max(0.0, begin - time.time()))
        made = load(base, shown, rate, seconds, check)
    return {**made.as_dict(), "last_old_answer_s": round(late[0], 2), "addresses": shown}


def _names_releases(address: str) -> bool:
    body = get(address)
    body = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
    return re.search(rb"price-\d{4}-W\d\d-\d", body) is not None


def verdicts(found: dict[str, Any]) -> list[str]:
    """Each target with the figure that was found."""
    out = []

    def judge(words: str, value: float | None, limit: float, unit: str) -> None:
        if value is None:
            out.append(f"{words}, at most {limit:g} {unit}: not judged")
        else:
            out.append(f"{words}, at most {limit:g} {unit}: {'met' if value <= limit else 'not met'} ({value:g})")

    for name, rate in (("sqlite", 50), ("postgresql", 100)):
        part = found.get(name, {})
        pages = part.get(f"series pages, {rate} a second", {})
        judge(f"{name}: 95 % of pages at {rate} a second", pages.get("p95_ms"), 100, "ms")
        judge(f"{name}: errors at {rate} a second", pages.get("errors"), 0, "")
        judge(f"{name}: 900 points, first", part.get("900 points, first", {}).get("cpu_ms"), 10, "ms of CPU")
    heaviest = max((p["bytes"] for p in found.get("sqlite", {}).get("weights", {}).values()), default=None)
    judge("heaviest page", heaviest, 60_000, "bytes")
    minute = found["release minute"]
    judge("release minute: errors", minute["errors"], 0, "")
    judge("release minute: wrong answers", minute["wrong_answers"], 0, "")
    judge("release minute: last old answer", minute["last_old_answer_s"], 1, "s")
    for what, each in found["side by side"].items():
        if isinstance(each, dict):
            judge(f"{what}: CPU of ours over Datasette's", each["ratio"], 1, "")
    if state := found["side by side"].get("state"):
        out.append(f"side by side: {state}")
    if state := found["postgresql"].get("state"):
        out.append(f"postgresql: {state}")
    return out


def main(arguments: list[str]) -> int:
    """Print the figures as JSON, and the targets. Exit status 0 when it has run, whatever the speed."""
    parser = argparse.ArgumentParser(prog="python -m bench.served", description=__doc__)
    parser.add_argument("demo", nargs="?", type=Path, help="folder of a demo on SQLite; without it one is made")
    parser.add_argument("--rate", type=float, default=500, help="requests a second in the minute of a release")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--weeks", type=int, default=104, help="released weeks of the demos that are made")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "served.json", metavar="OUT")
    given = parser.parse_args(arguments)
    from ellwand import web
    from ellwand.office import setup

    web.enable()
    setup.prepare()
    out: dict[str, Any] = {"load average before": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory(prefix="served-") as place:
        folder = Path(place) / "demo"
        if given.demo:
            shutil.copytree(given.demo, folder, symlinks=True)
            unlimited(folder)
        else:
            made(folder, given.weeks)
            setup.disconnect("default")
        out["sqlite"] = reading(folder, "", 50)
        out["side by side"] = beside(folder)
        out["postgresql"] = on_postgresql(Path(place) / "postgresql", given.weeks)
        out["release minute"] = release_minute(Path(place) / "small", given.rate, given.seconds)
    out["load average after"] = os.getloadavg()[0]
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(out, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(out, indent=1, ensure_ascii=False))
    print("\n".join(verdicts(out)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
