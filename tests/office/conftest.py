"""Offices to test on: SQLite always, PostgreSQL where its programs are installed."""

import contextlib
import fcntl
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("django", reason="the office's packages are not installed")

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import DEFAULT_DB_ALIAS, connections

from ellwand import web
from ellwand.market import simulate
from ellwand.office import home as homes
from ellwand.office import setup

# The browser's driver keeps an event loop in the thread of the tests.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
web.enable()
setup.prepare()
# A million rounds for each password of each office under test would be a third of the time that setting it up takes.
PBKDF2PasswordHasher.iterations = 1000

PERIODS = tuple(f"2022-W{k:02d}" for k in range(1, 9))
WORKERS = {
    "ada": ["admin"],
    "cai": ["clerk"],
    "col": ["collector"],
    "sun": ["collector", "supervisor"],
    "rui": ["reviewer"],
    "max": ["compiler", "supervisor", "reviewer"],
    "aud": ["auditor"],
    "wen": ["writer"],
    "sta": ["stat_approver"],
    "tex": ["text_approver"],
}
"""The people of the office under test, and their roles."""


TABLES = "tables.sqlite3"
_migrate = setup.migrate


@pytest.fixture(scope="session", autouse=True)
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The tables of an empty record are made once for all processes of the tests; new records are copies of them."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def migrate(alias: str = DEFAULT_DB_ALIAS) -> None:
        connection, path = connections[alias], shared / TABLES
        name = Path(str(connection.settings_dict["NAME"]))
        if connection.vendor != "sqlite" or not name.is_absolute() or name.exists():
            if setup.pending(alias):
                _migrate(alias)
            return
        with (shared / f"{TABLES}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                _migrate(alias)
                with connection.cursor() as cursor:
                    cursor.execute("VACUUM INTO %s", [str(path)])
                return
        shutil.copyfile(path, name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(setup, "migrate", migrate)
        yield


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small simulated market."""
    folder = tmp_path_factory.mktemp("market") / "m"
    simulate(folder, weeks=8, items=40, units=20)
    return folder


@dataclass
class Office:
    """An office under test. url : DATABASE_URL, "" for SQLite. market : the folder that its registers came from."""

    home: homes.Home
    url: str
    market: Path

    @property
    def quotes(self) -> Path:
        """The quotes of all periods."""
        return self.market / "quotes" / "2022.parquet"

    def user(self, name: str) -> Any:
        """Somebody of the office."""
        from ellwand.office.accounts import people

        return people.find(name)

    def at(self, monkeypatch: pytest.MonkeyPatch, *when: int) -> None:
        """Set the clock of the office (UTC)."""
        from ellwand.office import clock

        instant = datetime(*when, tzinfo=UTC)
        monkeypatch.setattr(clock, "now", lambda: instant)

    def collect(self, period: str) -> Any:
        """An opened round with its quotes, which came in after the cut-off."""
        from ellwand.office.quotes.intake import import_quotes
        from ellwand.office.rounds import work

        work.plan(period, self.user("cai"))
        found = self.sign_open(period)
        import_quotes(self.quotes, found.code, self.user("sun"), sign="taken over", only_period=True)
        return found

    def sign_open(self, period: str) -> Any:
        """Open a round although aggregates have few units."""
        from ellwand.office.rounds import work
        from ellwand.office.rounds.models import SignedException

        found = work.plan(period, self.user("cai"))
        if found.state == "planned":
            SignedException(
                round=found, guard="minimum", what="few", by=self.user("sun"), at=datetime.now(UTC), reason="small"
            ).save()
            work.open_round(period, self.user("cai"))
        return found

    def review(self, found: Any) -> None:
        """Take a round into review."""
        from ellwand.office.rounds import work

        work.move(found, "reviewing", self.user("sun"), sign="small market")

    def client(self, name: str = "", *, language: str = "en", second_factor: bool = True) -> Any:
        """A browser of somebody who is signed in (nobody: no name), and who has declared his interests."""
        import time

        from django.conf import settings
        from django.test import Client

        client = Client(SERVER_NAME="localhost", raise_request_exception=True)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        if name:
            user = self.user(name)
            type(user).objects.filter(pk=user.pk).update(must_change_password=False)
            client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
            session = client.session
            methods = [{"method": "password", "at": time.time()}]
            if second_factor:
                methods.append({"method": "mfa", "type": "totp", "at": time.time()})
            session["account_authentication_methods"] = methods
            session["account_authentication_methods_user"] = str(user.pk)
            session.save()
        return client

    def declare(self, *names: str) -> None:
        """Declarations of interest of these people."""
        from ellwand.office.cases import declarations

        for name in names:
            declarations.declare(self.user(name), "none")

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a process that works in the office."""
        out = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "ELLWAND_DIR")}
        return out | {"ELLWAND_DIR": str(self.home.path)} | ({"DATABASE_URL": self.url} if self.url else {})

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """A command in a process of its own."""
        import sys

        return subprocess.run(
            [sys.executable, "-m", "ellwand.cli", *words], env=self.environment, capture_output=True, text=True,
            check=False, timeout=120,
        )  # fmt: skip


class Server:
    """A PostgreSQL server of the tests, on a unix socket in a folder of its own."""

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self.user = next((u for u in ("postgres", "nobody") if _known(u)), None) if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(self.folder, self.user)
        self._run("initdb", "-D", str(self.folder / "data"), "-A", "trust", "-U", "ellwand", "-E", "UTF8", "-N")
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c fsync=off"
        self._run(
            "pg_ctl", "-D", str(self.folder / "data"), "-w", "-o", options, "-l", str(self.folder / "log"), "start"
        )
        self.made = 0

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [str(self.programs / program), *words], user=self.user, cwd=self.folder, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, check=False, timeout=120,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}")

    def url(self, name: str) -> str:
        """The URL of a database."""
        return f"postgres://ellwand@/{name}?host={self.folder}"

    def name(self, url: str) -> str:
        """The name of the database of a URL."""
        return str(urlsplit(url).path.lstrip("/"))

    def create(self, template: str = "template1") -> str:
        """A new database, equal to another one; its URL."""
        import psycopg

        self.made += 1
        name = f"office_{self.made}"
        with psycopg.connect(f"host={self.folder} user=ellwand dbname=postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)


def _known(user: str) -> bool:
    import pwd

    with contextlib.suppress(KeyError):
        return pwd.getpwnam(user) is not None
    return False


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server. Skips where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    program = shutil.which("pg_ctl") or (found[-1] if found else None)
    if program is None:
        pytest.skip("no PostgreSQL on this machine")
    if os.geteuid() == 0 and not (_known("postgres") or _known("nobody")):
        pytest.skip("PostgreSQL does not run as root, and there is no other user")
    try:
        server = Server(Path(program).parent)
    except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"PostgreSQL can't be started: {error}")
    yield server
    setup.disconnect("default")
    server.stop()


def _furnish(market: Path) -> None:
    """People and registers."""
    from ellwand.office.accounts import people
    from ellwand.office.registry.market import import_market

    people.first_admin("ada")
    for name, roles in WORKERS.items():
        if name != "ada":
            people.add(name, roles, people.find("ada"))
    import_market(market, people.find("cai"))


def _use(path: Path, url: str) -> homes.Home:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        if url:
            patch.setenv("DATABASE_URL", url)
        return setup.use(homes.read(path))


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory, market: Path) -> Path:
    """The folder of an office with people and registers, on SQLite."""
    folder = tmp_path_factory.mktemp("office") / "o"
    homes.create(folder)
    _use(folder, "")
    setup.migrate()
    _furnish(market)
    setup.disconnect("default")
    return folder


@pytest.fixture(scope="session")
def tables_postgres(postgres: Server, furnished: Path) -> str:
    """The name of a database with empty tables."""
    url = postgres.create()
    _use(furnished, url)
    setup.migrate()
    setup.disconnect("default")
    return postgres.name(url)


@pytest.fixture(scope="session")
def furnished_postgres(postgres: Server, tables_postgres: str, furnished: Path, market: Path) -> str:
    """The name of a database with people and registers."""
    url = postgres.create(tables_postgres)
    _use(furnished, url)
    _furnish(market)
    setup.disconnect("default")
    return postgres.name(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path: Path, furnished: Path, market: Path) -> Iterator[Office]:
    """An office with people and registers, and no round."""
    folder = tmp_path / "office"
    shutil.copytree(furnished, folder)
    url = ""
    if request.param == "postgresql":
        template = request.getfixturevalue("furnished_postgres")
        url = request.getfixturevalue("postgres").create(template)
        (folder / homes.RECORD).unlink()
    yield Office(_use(folder, url), url, market)
    setup.disconnect("default")


@pytest.fixture
def sqlite_office(tmp_path: Path, furnished: Path, market: Path) -> Iterator[Office]:
    """The same, on SQLite only."""
    folder = tmp_path / "office"
    shutil.copytree(furnished, folder)
    yield Office(_use(folder, ""), "", market)
    setup.disconnect("default")


@pytest.fixture
def periods() -> tuple[str, ...]:
    """The periods of the market."""
    return PERIODS


@pytest.fixture(scope="session")
def use() -> Any:
    """Make an office of a folder the one in use."""
    return _use


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The clock of the office, standing in the week of the first period before the cut-off."""
    from ellwand.office import clock

    monkeypatch.setattr(clock, "now", lambda: datetime(2022, 1, 5, 3, 0, tzinfo=UTC))
    return clock


@dataclass
class Served:
    """An office that answers browsers, with its worker. processes : of the server and the worker."""

    office: Office
    base: str
    processes: dict[str, "subprocess.Popen[bytes]"]
    commands: dict[str, list[str]]

    def start(self, name: str) -> None:
        """Start a process (again)."""
        with self.log(name).open("ab") as log:
            self.processes[name] = subprocess.Popen(
                self.commands[name], env=self.office.environment, stdout=log, stderr=log, start_new_session=True
            )

    def log(self, name: str) -> Path:
        """Where a process writes what it has to say."""
        return Path(self.office.environment["ELLWAND_DIR"]) / f"{name}.log"

    def kill(self, name: str) -> None:
        """End a process at once, without a word."""
        import signal

        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes[name].wait()

    def wait(self) -> None:
        """Wait until the server answers."""
        import time
        import urllib.error
        import urllib.request

        for _ in range(150):
            if self.processes["server"].poll() is not None:
                raise RuntimeError("the server ended")
            try:
                with urllib.request.urlopen(f"{self.base}/accounts/login/", timeout=5):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.2)
        raise RuntimeError("the server does not answer")


@pytest.fixture
def serve() -> Iterator[Any]:
    """Serve offices: a function from an office to its `Served`; everything ends with the test."""
    import socket

    from ellwand.office import serve as serving

    running: list[Served] = []

    def start(office: Office) -> Served:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        made = Served(
            office, f"http://127.0.0.1:{port}", {},
            {"server": serving.server(port, "127.0.0.1", web.APPLICATION), "worker": serving.worker()},
        )  # fmt: skip
        running.append(made)
        for name in made.commands:
            made.start(name)
        made.wait()
        return made

    yield start
    for made in running:
        for name in made.processes:
            made.kill(name)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A browser. Skips where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def sign_in(chromium: Any) -> Iterator[Any]:
    """Open a browser window of somebody: a function of served office, name, language and width; gives a page."""
    from http.cookies import SimpleCookie

    contexts = []

    def open_(served: Served, name: str = "", language: str = "en", width: int = 1440, height: int = 900) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": height}, has_touch=width < 700)
        contexts.append(context)
        jar: SimpleCookie = served.office.client(name, language=language).cookies
        context.add_cookies([{"name": k, "value": m.value, "url": served.base} for k, m in jar.items()])
        page = context.new_page()
        page.set_default_timeout(20_000)
        return page

    yield open_
    for context in contexts:
        context.close()


OWN = {
    "zh": "样本稳定，推算主要来自未报价的单位，没有采用人工判断的数值。",
    "en": "The sample was stable; imputation fills units that did not report; no value was judged by hand.",
}


@dataclass
class Week:
    """The office's work on rounds, hour by hour. at : sets the clock (UTC)."""

    office: Any
    at: Callable[..., None]

    def compiled(self, period: str = "2022-W01") -> Any:
        """A round that is compiled."""
        from ellwand.office.rounds import compiling

        found = self.office.collect(period)
        self.office.review(found)
        compiling.compile_round(found.code, self.office.user("max"), sign="small market")
        return found

    def drafted(self, period: str = "2022-W01") -> Any:
        """A round whose texts went to the approvers."""
        return self.written(self.compiled(period))

    def written(self, found: Any) -> Any:
        """A compiled round whose texts are written and go to the approvers."""
        from ellwand.office.editorial import drafts, rationale
        from ellwand.office.rounds import work

        writer = self.office.user("wen")
        drafts.generate(found, writer)
        rationale.save(found, OWN, writer)
        work.move(found, "drafted", writer)
        return found

    def approve(self, found: Any, kind: str, name: str = "", **more: Any) -> Any:
        """Look at the preview and sign."""
        from ellwand.office.approvals import checklists, previews, signing

        user = self.office.user(name or {"statistics": "sta", "text": "tex"}[kind])
        previews.look(found, user, more.get("correction"))
        answers = {item.key: True for item in checklists.LISTS[kind]}
        return signing.approve(found, kind, self.person(user.username), answers, "looked at", **more)

    def person(self, name: str, second_factor: bool = True) -> Any:
        """Somebody as the rule of four eyes sees him."""
        from ellwand.office.accounts.four_eyes import Person

        user = self.office.user(name)
        return Person(user.pk, user.roles, declared=True, second_factor=second_factor)

    def approved(self, period: str = "2022-W01") -> Any:
        """A round with both approvals."""
        found = self.drafted(period)
        for kind in ("statistics", "text"):
            self.approve(found, kind)
        return found

    def scheduled(self, period: str = "2022-W01") -> Any:
        """A round that waits for its instant."""
        from ellwand.office.approvals import scheduling

        found = self.approved(period)
        scheduling.schedule(found, self.office.user("cai"))
        return found

    def public(self, period: str = "2022-W01") -> Any:
        """A round that is public."""
        from ellwand.office.rounds import work

        found = self.scheduled(period)
        instant = found.issue.release_at
        self.at(instant.year, instant.month, instant.day, instant.hour, instant.minute)
        work.settle(found)
        assert found.state == "public"
        return found

    def page(self, client: Any, address: str, status: int = 200) -> str:
        """A page as somebody sees it, without script or style of its own."""
        answer = client.get(address)
        text: str = answer.content.decode()
        assert answer.status_code == status, text[:2000]
        assert not re.search(r"<style|\sstyle=|\son\w+=", text), address
        return text

    def signature(self, client: Any, address: str, kind: str) -> dict[str, str]:
        """What the form of an approval sends, all lines confirmed."""
        from ellwand.office.approvals import checklists

        (hash_,) = re.findall(r'name="hash" value="(\w{64})"', self.page(client, address))
        given = {"act": "approve", "kind": kind, "hash": hash_, "comment": "looked at"}
        return given | {f"check-{item.key}": "yes" for item in checklists.LISTS[kind]}

    def change_quote(self, period: str = "2022-W01") -> None:
        """A new version of a quote, as a late correction of it would be."""
        from django.db import transaction

        from ellwand.office import clock
        from ellwand.office.audit import trail
        from ellwand.office.quotes.models import Quote

        old = Quote.objects.current().filter(round__period=period, price__isnull=False).order_by("pk")[0]
        with transaction.atomic():
            fields = {f.attname: getattr(old, f.attname) for f in Quote._meta.concrete_fields if f.attname != "id"}
            fields |= {"version": old.version + 1, "supersedes_id": old.pk, "price": old.price * Decimal("1.3"),
                       "at": clock.now(), "reason": "a slip"}  # fmt: skip
            Quote(**fields).save()
            trail.append(self.office.user("sun"), "quote.change", f"quote/{old.pk}", reason="a slip")


def _week(office: Office, monkeypatch: pytest.MonkeyPatch) -> Week:
    from ellwand.office.approvals import ntp

    monkeypatch.setattr(ntp, "kernel", lambda: (0, 0))
    week = Week(office, lambda *when: office.at(monkeypatch, *when))
    week.at(2022, 1, 9, 3)
    office.declare("sta", "tex")
    return week


@pytest.fixture
def week(office: Any, monkeypatch: pytest.MonkeyPatch) -> Week:
    """On both databases, on the Sunday before the first release."""
    return _week(office, monkeypatch)


@pytest.fixture
def sqlite_week(sqlite_office: Any, monkeypatch: pytest.MonkeyPatch) -> Week:
    """The same, on SQLite only."""
    return _week(sqlite_office, monkeypatch)


@pytest.fixture(scope="session")
def week_of() -> Any:
    """The work on rounds in an office that a test made itself: of its folder, of what sets its clock, of its market."""

    def of(folder: Path, patch: pytest.MonkeyPatch, market: Path) -> Week:
        return _week(Office(_use(folder, ""), "", market), patch)

    return of


def _corrected(week: Week) -> Any:
    from ellwand.office.approvals import corrections, sealing

    office = week.office
    week.public()
    week.at(2022, 1, 16, 3)
    week.public("2022-W02")
    week.at(2022, 1, 23, 3)
    last = week.public("2022-W03")
    week.at(2022, 1, 24, 6)
    row = corrections.open_(
        "price-2022-W02-1", "price/total", "2022-W02", "data", office.user("cai"), cause_zh="录入有误。",
        cause_en="Typed wrongly.", found_by="the unit", found_how="its own price",
        first_seen=datetime(2022, 1, 17, 6, tzinfo=UTC),
    )  # fmt: skip
    week.change_quote("2022-W02")
    corrections.recompute(row, office.user("max"))
    corrections.write_texts(row, office.user("wen"))
    for kind in ("statistics", "text"):
        week.approve(last, kind, correction=row)
    sealing.seal(last, office.user("cai"), correction=row, at=datetime(2022, 1, 24, 7, tzinfo=UTC))
    return row, week


@pytest.fixture(scope="session")
def corrected_offices() -> dict[str, tuple[Path, str, int]]:
    """Offices with a correction, by their database, which nobody may change: folder, name of database, correction."""
    return {}


@pytest.fixture
def corrected(
    week: Any, corrected_offices: dict[str, tuple[Path, str, int]], request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:  # fmt: skip
    """An office in which the second of three releases was corrected: the correction, and the office's week."""
    from ellwand.office.approvals.models import Correction

    office, vendor = week.office, setup.vendor()
    server = request.getfixturevalue("postgres") if office.url else None
    path = office.home.path
    if vendor not in corrected_offices:
        row, _ = _corrected(week)
        setup.disconnect("default")
        kept = tmp_path_factory.mktemp("corrected") / vendor
        shutil.copytree(path, kept)
        name = server.name(server.create(server.name(office.url))) if server else ""
        corrected_offices[vendor] = (kept, name, row.pk)
    else:
        kept, name, _ = corrected_offices[vendor]
        setup.disconnect("default")
        shutil.rmtree(path)
        shutil.copytree(kept, path)
        office.url = server.create(name) if server else ""
    office.home = _use(path, office.url)
    week.at(2022, 1, 24, 6)
    return Correction.objects.get(pk=corrected_offices[vendor][2]), week


@pytest.fixture(scope="session")
def corrected_of() -> Any:
    """The same of the work in an office that a test made itself."""
    return _corrected


@pytest.fixture
def office_at() -> Any:
    """Offices that a test made itself: a function from folder, DATABASE_URL and market to an `Office`."""

    def use(folder: Path, url: str = "", market: Path | None = None) -> Office:
        return Office(_use(folder, url), url, market or folder / "market")

    return use


@pytest.fixture(scope="session")
def words() -> dict[str, str]:
    """The form of an article in both languages."""
    return {
        "slug": "autumn-fair", "day": "2022-01-04", "title_zh": "秋季展会", "title_en": "Autumn fair",
        "lead_zh": "三天。", "lead_en": "Three days.", "body_zh": "## 时间\n\n十月。", "body_en": "## When\n\nOctober.",
    }  # fmt: skip


@pytest.fixture(scope="session")
def photograph() -> Callable[..., bytes]:
    """Make a picture file: a function of its size, its kind, and what else Pillow takes."""

    def make(size: tuple[int, int] = (1600, 900), kind: str = "JPEG", **extra: Any) -> bytes:
        import io

        from PIL import Image

        out = io.BytesIO()
        Image.effect_mandelbrot(size, (-2, -1.5, 1, 1.5), 30).convert("RGB").save(out, kind, **extra)
        return out.getvalue()

    return make


@pytest.fixture(scope="session")
def pages() -> ModuleType:
    """What runs the examples of the documentation, for pages whose examples ask an office that answers."""
    path = Path(__file__).parents[1] / "docs" / "conftest.py"
    spec = importlib.util.spec_from_file_location("pages_of_docs", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
