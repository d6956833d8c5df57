"""The site as it is served: a small demo with a correction and a complaint, a browser, and Node where it is there."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("django", reason="the office's packages are not installed")

# The browser's driver keeps an event loop in the thread of the tests.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

HERE = Path(__file__).parent
TOOLS = HERE.parents[1] / "frontend" / "checks"
LEAST_NODE = (18, 19)
"""The oldest Node on which the tools run."""
WEEKS, ITEMS, UNITS = 3, 80, 40


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Lighthouse first: it measures how quick a page is, so nothing else may be running yet."""
    items.sort(key=lambda item: "lighthouse" not in item.nodeid)


@dataclass(frozen=True)
class Site:
    """A served site. base : its address. last : newest release. receipt : of a complaint. folder : of its office."""

    base: str
    last: str
    receipt: str
    folder: Path


@pytest.fixture(scope="session")
def thorough() -> bool:
    """Whether everything is looked at, and not one of each kind."""
    return bool(os.environ.get("ELLWAND_THOROUGH"))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A demo of three weeks, one of them corrected, served as its office would."""
    folder = tmp_path_factory.mktemp("web") / "office"
    last, receipt = _made(folder)
    settings = folder / "settings.toml"
    # One reader follows every address of the site within a minute.
    text, count = re.subn(r"(?m)^requests_per_minute = \d+", "requests_per_minute = 0", settings.read_text("utf-8"))
    assert count == 1
    settings.write_text(text, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "ELLWAND_DIR")}
    command = [sys.executable, "-m", "ellwand.cli", "serve", "--dir", str(folder), "--port", str(port)]
    with (folder / "served.log").open("wb") as log:
        running = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            _wait(base, running)
            yield Site(base, last, receipt, folder)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGTERM)
            running.wait(timeout=30)


def _wait(base: str, running: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        if running.poll() is not None:
            raise RuntimeError("the server ended")
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(f"{base}/calendar/", timeout=10).close()
            return
        time.sleep(0.2)
    raise RuntimeError("the server does not answer")


def _made(folder: Path) -> tuple[str, str]:
    """Make the office; the name of its newest release, and the receipt of a complaint."""
    from ellwand import web
    from ellwand.office import setup

    web.enable()
    setup.prepare()
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        from ellwand.office.demo.make import make

        made = make(folder, count=WEEKS, items=ITEMS, units=UNITS, version="test")
        from ellwand.office.approvals import ntp
        from ellwand.office.cases import complaints
        from ellwand.office.record import reading

        patch.setattr(ntp, "kernel", lambda: (0, 0))
        _correct(made.released)
        receipt = complaints.receive("A figure", "It seems too high.", language="en").receipt
        last = reading.latest()
        setup.disconnect("default")
    assert last is not None
    return last.code, receipt


def _correct(released: tuple[str, ...]) -> None:
    """Correct the issue before the newest one: a price of it was typed wrongly."""
    from django.db import transaction

    from ellwand.office import clock
    from ellwand.office.accounts.four_eyes import Person
    from ellwand.office.approvals import checklists, corrections, previews, sealing, signing
    from ellwand.office.audit import trail
    from ellwand.office.demo import people
    from ellwand.office.quotes.models import Quote
    from ellwand.office.rounds.models import Round

    clerk, author = people.user(people.CLERK), people.user(people.AUTHOR)
    row = corrections.open_(
        f"price-{released[-2]}-1", "price/total", released[-2], "data", clerk, cause_zh="录入有误。",
        cause_en="Typed wrongly.", found_by="the unit", found_how="its own price", first_seen=clock.now(),
    )  # fmt: skip
    old = Quote.objects.current().filter(round__period=released[-2], price__isnull=False).order_by("pk")[0]
    fields = {f.attname: getattr(old, f.attname) for f in Quote._meta.concrete_fields if f.attname != "id"}
    fields |= {"version": old.version + 1, "supersedes_id": old.pk, "price": old.price * Decimal("1.3"),
               "at": clock.now(), "reason": "a slip"}  # fmt: skip
    with transaction.atomic():
        Quote(**fields).save()
        trail.append(people.user(people.COLLECTS), "quote.change", f"quote/{old.pk}", reason="a slip")
    corrections.recompute(row, author)
    corrections.write_texts(row, author)
    newest = Round.objects.get(period=released[-1])
    for kind, name in (("statistics", people.STATISTICS), ("text", people.TEXTS)):
        user = people.user(name)
        previews.look(newest, user, row)
        person = Person(user.pk, user.roles, declared=True, second_factor=True)
        answers = {item.key: True for item in checklists.LISTS[kind]}
        signing.approve(newest, kind, person, answers, "looked at", correction=row)
    sealing.seal(newest, clerk, correction=row)


def _program() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip("no Chromium on this machine: on Debian, apt-get install chromium fonts-noto-cjk")
    return found


@pytest.fixture(scope="session")
def chromium_program() -> str:
    """Where Chromium lies. Skips where there is none."""
    return _program()


@pytest.fixture(scope="session")
def chromium(chromium_program: str) -> Iterator[Any]:
    """A browser."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium_program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def node() -> Any:
    """Run a script of the tools in Node: a function of its name and words. Skips where Node or a tool is missing."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("no Node on this machine: on Debian, apt-get install nodejs npm")
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    version = tuple(int(part) for part in said.strip().lstrip("v").split(".")[:2])
    if version < LEAST_NODE:
        pytest.skip(f"Node {said.strip()} is older than {'.'.join(map(str, LEAST_NODE))}")
    wanted = json.loads((TOOLS / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    missing = [name for name in wanted if not (TOOLS / "node_modules" / name / "package.json").is_file()]
    if missing:
        pytest.skip(f"{' and '.join(missing)} not installed: npm ci --ignore-scripts --prefix frontend/checks")

    def run(script: str, *words: str, given: str = "", limit: float = 300) -> Any:
        done = subprocess.run(
            [program, str(TOOLS / script), *words], input=given, capture_output=True, text=True, check=False,
            timeout=limit, cwd=TOOLS,
        )  # fmt: skip
        assert not done.returncode, f"{script}: {done.stderr[-3000:]}"
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="session")
def crawling() -> Any:
    """The module beside this one that follows every address."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("web_crawl", HERE / "crawl.py")
    assert spec and spec.loader
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


@pytest.fixture(scope="session")
def kinds(site: Site) -> list[str]:
    """One address of every kind of page below the root of a language, and those with a query that people use."""
    period = site.last.removeprefix("price-").rsplit("-", 1)[0]
    from ellwand.office import setup

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        patch.setenv("ELLWAND_DIR", str(site.folder))
        setup.office(site.folder)
        import ellwand.web.urls  # noqa: F401
        from ellwand.office.pages.reading import current
        from ellwand.web.moments import moment
        from ellwand.web.site.page import PAGES

        last = moment().last
        assert last is not None
        articles = {e.draft.article.section: e.address for e in current()}
        setup.disconnect("default")
        entries = list(PAGES.values())
    out = []
    for entry in entries:
        address = entry.address.replace("<str:digest>", last.method_digest).replace("<str:issue>", period)
        address = address.replace("<slug:policy>", "revision").replace("<receipt:receipt>", site.receipt)
        address = address.replace("<str:code>", last.code if entry.name == "release" else "1")
        if entry.name.startswith("article_"):
            address = articles.get(entry.name.removeprefix("article_"), "<none>")
        is_page = not address or address.endswith("/") or entry.name == "search"
        if "<" not in address and is_page and entry.name not in ("comments", "alerts_sent"):
            out.append(address)
    return [
        *dict.fromkeys(out),
        "search?q=面料",
        "search?q=zzzz",
        "explore/?series=1,2,3",
        "index/1/?vintage=" + site.last,
    ]
