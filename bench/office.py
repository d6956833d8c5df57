"""Tasks of the office's record: a file taken in, the open week of a long history compiled, collectors at once.

Each on SQLite and on PostgreSQL; where PostgreSQL's programs are not there, its task says so. What an office has done
before (registers, earlier weeks, the first run of the week's past) is done before the clock.
"""

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.data import cached, keep, work_folder
from bench.measure import WorkError
from bench.stages import market

Work = Callable[[], list[float]]
SHEET, FIRST = "quotes.xlsx", "2022-W01"
PEOPLE = {"cai": ["clerk"], "sun": ["collector", "supervisor"], "max": ["compiler", "supervisor", "reviewer"]}


def sheet(root: Path, *, quotes: int, seed: int = 60) -> Path:
    """A small market for the registers, and so many quotes of its first week in one workbook, as Excel has it."""
    items = max(20, quotes // 8)
    folder, there = cached(root, f"sheet-quotes={quotes}-seed={seed}")
    if there:
        return folder
    import csv

    import xlsxwriter

    made = market(root, weeks=2, items=items, seed=seed)
    work = work_folder(root)
    shutil.copytree(made, work, dirs_exist_ok=True)
    with (work / "items.csv").open(encoding="utf-8") as stream:
        goods = [row for row in csv.DictReader(stream) if row["valid_from"] <= FIRST]
    with (work / "units.csv").open(encoding="utf-8") as stream:
        shops = [row["unit"] for row in csv.DictReader(stream) if row["valid_from"] <= FIRST]
    with (work / "assignments.csv").open(encoding="utf-8") as stream:
        given = list(csv.DictReader(stream))
    known = {(row["unit"], row["item"]) for row in given}
    pairs = [(shops[(7 * k + j) % len(shops)], item) for k, item in enumerate(goods) for j in range(9)]
    pairs = pairs[:quotes]
    # Every quote of the file is due, so that none of them is refused.
    with (work / "assignments.csv").open("a", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(given[0]), lineterminator="\n")
        for unit, item in pairs:
            if (unit, item["item"]) not in known:
                known.add((unit, item["item"]))
                writer.writerow({"unit": unit, "item": item["item"], "valid_from": FIRST})
    book = xlsxwriter.Workbook(work / SHEET)
    page = book.add_worksheet()
    page.write_row(0, 0, ("样本单位", "产品编号", "计量单位", "价格", "备注"))
    for k, (unit, item) in enumerate(pairs, 1):
        page.write_row(k, 0, (unit, item["item"], item["unit_of_measure"], 10 + k % 997 / 100, f"备注{k}"))
    book.close()
    (work / "rows.json").write_text(str(len(pairs)), encoding="utf-8")
    return keep(work, folder)


def programs() -> Path:
    """The folder of PostgreSQL's programs. WorkError where they are not there."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    program = shutil.which("pg_ctl") or (found[-1] if found else None)
    if program is None:
        raise WorkError("PostgreSQL's programs are not on this machine")
    return Path(program).parent


class Server:
    """A PostgreSQL server on a socket of its own, as durable as a real one. data : a folder of an earlier one."""

    def __init__(self, data: Path | None = None) -> None:
        self.programs = programs()
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self.data, self.user = self.folder / "data", None
        if os.geteuid() == 0:
            # The server does not run as root.
            names = {entry.pw_name for entry in pwd.getpwall()}
            self.user = next((name for name in ("postgres", "nobody") if name in names), None)
            if self.user is None:
                raise WorkError("PostgreSQL does not run as root, and there is no other user")
        if data is not None:
            shutil.copytree(data, self.data)
        self._own()
        if data is None:
            self._run("initdb", "-D", str(self.data), "-A", "trust", "-U", "ellwand", "-E", "UTF8")
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}'"
        self._run("pg_ctl", "-D", str(self.data), "-w", "-o", options, "-l", str(self.folder / "log"), "start")
        self.url = f"postgres://ellwand@/postgres?host={self.folder}"

    def _own(self) -> None:
        """Everything belongs to who runs the server, and to nobody else."""
        for path in (self.folder, *self.folder.rglob("*")) if self.user else ():
            shutil.chown(path, self.user)
        if self.data.exists():
            self.data.chmod(0o700)

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [str(self.programs / program), *words], user=self.user, cwd=self.folder, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, check=False, timeout=300,
        )  # fmt: skip
        if done.returncode:
            raise WorkError(f"{program}: {done.stderr.strip()}")

    def stop(self, keep_in: Path | None = None) -> None:
        """Stop the server and remove its folder. keep_in : where its data go before."""
        self._run("pg_ctl", "-D", str(self.data), "-w", "-m", "fast", "stop")
        if keep_in is not None:
            shutil.copytree(self.data, keep_in)
        shutil.rmtree(self.folder, ignore_errors=True)


def _django() -> None:
    """The tables' classes can be imported only after this."""
    from ellwand.office import setup

    setup.prepare()


def use(path: Path, url: str) -> None:
    """Make the office of a folder the one in use."""
    from ellwand.office import home, setup

    os.environ.pop(home.DATABASE, None)
    if url:
        os.environ[home.DATABASE] = url
    setup.use(home.read(path))


def furnish(path: Path, url: str, registers: Path) -> None:
    """A new office with people and the registers of a market."""
    from ellwand.office import home, setup
    from ellwand.office.accounts import people
    from ellwand.office.registry.market import import_market

    home.create(path)
    use(path, url)
    setup.migrate()
    people.first_admin("ada")
    for name, roles in PEOPLE.items():
        people.add(name, roles, people.find("ada"))
    import_market(registers, people.find("cai"))


def to_state(code: str, *states: str) -> None:
    """Move a round without its guards: what led to the state is no part of the task."""
    from django.db import transaction

    from ellwand.office.rounds import work

    found = work.find(code)
    with transaction.atomic():
        work.lock(found)
        for state in states:
            work.record_move(found, state, None)


def history(root: Path, *, weeks: int, items: int, database: str) -> Path:
    """An office with all weeks of a market, the last of them in review, and what it kept of the weeks before."""
    folder, there = cached(root, f"history-weeks={weeks}-items={items}-{database}")
    if there:
        return folder
    made = market(root, weeks=weeks, items=items)
    work = work_folder(root)
    shutil.copytree(made, work, dirs_exist_ok=True, ignore=shutil.ignore_patterns("truth"))
    try:
        server = Server() if database == "postgresql" else None
    except WorkError:
        # The task itself says that it can't be run.
        return keep(work, folder)
    _django()
    from ellwand.office import setup
    from ellwand.office.accounts import people
    from ellwand.office.quotes.bulk import bring_quotes
    from ellwand.office.rounds import producing
    from ellwand.office.rounds import work as rounds

    furnish(work / "office", server.url if server else "", made)
    brought = bring_quotes(made, people.find("sun"), planner=people.find("cai"))
    producing.produce(rounds.find(brought.rounds[-1]))
    to_state(brought.rounds[-1], "collecting", "closed", "reviewing")
    setup.disconnect("default")
    if server:
        server.stop(work / "data")
    return keep(work, folder)


def _ready(folder: Path, database: str) -> str:
    """A place for an office that is gone when the process ends, and its database: the URL."""
    if database == "sqlite":
        return ""
    data = folder / "data"
    server = Server(data if data.is_dir() else None)
    atexit.register(server.stop)
    return server.url


def _place() -> Path:
    path = Path(tempfile.mkdtemp(prefix="office-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path / "office"


def taking_in(database: str) -> Callable[[Path], Work]:
    """The workbook into an open round: read, checked and stored, with import and audit entry."""

    def prepare(folder: Path) -> Work:
        _django()
        from ellwand.office.accounts import people
        from ellwand.office.quotes.intake import import_quotes
        from ellwand.office.rounds import work as rounds

        furnish(_place(), _ready(folder, database), folder)
        found = rounds.plan(FIRST, people.find("cai"))
        to_state(found.code, "collecting")
        by = people.find("sun")

        def work() -> list[float]:
            taken = import_quotes(folder / SHEET, found.code, by, sign="the cut-off was years ago")
            if taken.refused or taken.problems:
                raise WorkError(f"{taken.refused} rows were refused: {taken.problems[0]}")
            return [float(taken.added)]

        return work

    return prepare


def compiling(database: str) -> Callable[[Path], Work]:
    """The open week: validation to intervals, compared with the last issues, and the observations stored."""

    def prepare(folder: Path) -> Work:
        _django()
        from ellwand.office.accounts import people
        from ellwand.office.rounds.compiling import compile_round
        from ellwand.office.rounds.models import Round

        url = _ready(folder, database)
        place = _place()
        shutil.copytree(folder / "office", place)
        use(place, url)
        code = Round.objects.order_by("-period").values_list("code", flat=True)[0]
        by = people.find("max")

        def work() -> list[float]:
            made = compile_round(code, by, sign="bench")
            found = made.compilation.observations.order_by("pk").values_list("index", flat=True)
            return [x for x in found if x is not None]

        return work

    return prepare


QUOTES_SEEN = 40
"""Pages of single quotes that a reviewer opens, the largest influence first."""


def reviewing(database: str) -> Callable[[Path], Work]:
    """The queue and the pages of its first quotes, made for a reviewer: the seconds that each page took the server."""

    def prepare(folder: Path) -> Work:
        _django()
        import time

        from bench import accounts
        from ellwand.office.review import queue
        from ellwand.office.rounds.models import Round

        url, place = _ready(folder, database), _place()
        shutil.copytree(folder / "office", place)
        use(place, url)
        found = Round.objects.order_by("-period")[0]
        queue.check(found)
        first = f"/office/rounds/{found.code}/review/"
        pages = [first, *(f"{first}{s.flag.pk}/" for s in queue.open_flags(found)[:QUOTES_SEEN])]
        reader = accounts.signed_in("max")

        def work() -> list[float]:
            seconds = []
            for page in pages:
                start = time.perf_counter()
                answer = reader.get(page)
                seconds.append(time.perf_counter() - start)
                if answer.status_code != 200:
                    raise WorkError(f"{page}: the server answered {answer.status_code}")
            return seconds

        return work

    return prepare


COLLECTORS, EACH, TOGETHER = 50, 100, 25
"""Fifty collectors with a hundred quotes each; a phone sends 25 at a time."""


def collecting(database: str) -> Callable[[Path], Work]:
    """Fifty collectors who send all their quotes at once to a real server; the seconds that each request waited."""

    def prepare(folder: Path) -> Work:
        _django()
        from bench import collect
        from ellwand.office import setup
        from ellwand.office.quotes.models import Quote

        place, url = _place(), _ready(folder, database)
        furnish(place, url, folder)
        quotes = int((folder / "rows.json").read_text(encoding="utf-8"))
        code, collectors = collect.furnish(COLLECTORS, quotes // COLLECTORS, weeks=8)
        setup.disconnect("default")
        base = _serve(place, url)

        def work() -> list[float]:
            answers = collect.send_all(base, code, collectors, together=TOGETHER)
            every = [a for one in answers for a in one]
            if wrong := sorted({a.status for a in every} - {200}):
                raise WorkError(f"the server answered {wrong[0]}")
            there = Quote.objects.filter(round__code=code).count()
            if there != quotes:
                raise WorkError(f"{there} of {quotes} quotes are there")
            return [a.seconds for a in every]

        return work

    return prepare


def _serve(place: Path, url: str) -> str:
    """Serve an office until the process ends; its address."""
    import socket
    import time
    import urllib.error
    import urllib.request

    from ellwand.office import home, serve

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if k != home.DATABASE} | {home.FOLDER: str(place)}
    process = subprocess.Popen(
        serve.server(port, "127.0.0.1", processes=serve.cores()),
        env=environment | ({home.DATABASE: url} if url else {}),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    atexit.register(_end, process)
    base = f"http://127.0.0.1:{port}"
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{base}/accounts/login/", timeout=5):
                return base
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise WorkError("the server does not answer")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the server with all of its own."""
    import contextlib
    import signal

    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def least(folder: Path) -> Work:
    """Pandas: the workbook read and its prices summed."""
    import pandas as pd

    return lambda: [float(pd.read_excel(folder / SHEET)["价格"].sum())]


TASK_KINDS = (
    ("office-import", taking_in), ("office-week", compiling), ("office-review", reviewing),
    ("office-collect", collecting),
)  # fmt: skip
TASKS = {f"{name}-{database}": make(database) for name, make in TASK_KINDS for database in ("sqlite", "postgresql")}
"""The tasks by name."""
