"""What strangers write into addresses and forms: never a fault of the program, never a way to another host, no toil."""

from typing import Any

import pytest

NINES = "9" * 5000
"""More digits than the language turns into a number."""
NUL = "%00"
SDMX = "/sdmx/v2/data/dataflow/*/*/*/"
WRONG = [
    f"/news/?page={NINES}", f"/en/market-news/?page={NINES}", f"/knowledge/quality/?page={NINES}", "/news/?page=0",
    f"{SDMX}*.$D800$.*", f"{SDMX}*.$0$.*", f"{SDMX}*.{NUL}.*", f"{SDMX}*.$FFFFFFFFFF$.*",
    f"{SDMX}*?c[TIME_PERIOD]=9999-W52", f"{SDMX}*?c[TIME_PERIOD]=0000-W01",
    f"{SDMX}{','.join(['*.0.INDEX'] * 501)}", f"{SDMX}*?c[GRADE]={','.join('A' * 101)}",
    "/api/v1/observations?asOf=0001-01-01T00:00:00%2B14:00", "/api/v1/observations?from=9999-W52",
    f"/api/v1/observations?series={NUL}", f"/releases/{NUL}/", f"/releases/price-2022-W01-1/files/{NUL}",
    f"/comments/price/{NUL}/", f"/index/{NUL}/", f"/complaints/{NUL}/", f"/me/{NUL}/", f"/knowledge/method/{NUL}/",
    f"/explore/?series={NUL}", f"/news/?page={NUL}", f"/r/{NUL}/",
]  # fmt: skip


def visitor() -> Any:
    from django.core.cache import cache
    from django.test import Client

    cache.clear()
    return Client(SERVER_NAME="localhost", raise_request_exception=False)


@pytest.fixture
def reader(sqlite_week: Any) -> Any:
    sqlite_week.public()
    return visitor()


def test_what_strangers_write(week: Any) -> None:
    """Wrong addresses, links to other hosts, and forms, one after the other, on both databases."""
    week.public()
    reader = visitor()
    told = {address[:80]: reader.get(address).status_code for address in WRONG}
    assert {address: status for address, status in told.items() if not 400 <= status < 500} == {}
    # A path that begins like a host never becomes a link to that host, on the page that says that it is not there.
    for path in ("/en//evil.example/", "/en/%5Cevil.example/", "/en/%09/evil.example/", "/en///evil.example/"):
        page = reader.get(path).content.decode()
        links = [part.split('"')[0] for part in page.split('href="')[1:]]
        assert links and not [x for x in links if x[:1] == "/" and (x[1:2] in ("/", "\\") or not x.isprintable())]
    given = {"subject": "a\0b", "text": "x", "name": "", "address": ""}
    assert reader.post("/complaints/", given).status_code == 400
    assert reader.post("/en/complaints/", {**given, "subject": "ab"}).status_code == 302


def test_many_wishes_are_looked_up_once(reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A form with a thousand equal topics asks the record no more often than one with three."""
    from ellwand.office.alerts import subscribing

    asked: list[int] = []
    codes = subscribing.codes
    monkeypatch.setattr(subscribing, "codes", lambda: asked.append(1) or codes())
    form = {"kind": "email", "address": "a@example.org", "topic": ["release"] * 1000, "series": "0"}
    assert reader.post("/me/", form).status_code == 302
    assert len(asked) == 1
    assert "0" in codes()


def test_a_question_weighs_what_it_takes(reader: Any) -> None:
    """Long questions push answers out of the memory of the process as long answers do."""
    from ellwand.web.kept import Kept
    from ellwand.web.moments import moment

    kept, seen = Kept(10_000), moment()
    for k in range(50):
        kept.get(seen, ("x" * 1000, str(k)), lambda: b"short")
    assert 0 < len(kept.bodies) < 10 and kept.size <= 10_000


def test_today_is_as_of_now(reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures as of today are those of now, whatever part of a second it is."""
    from datetime import timedelta

    from ellwand.office import clock

    now = clock.now() + timedelta(microseconds=123456)
    monkeypatch.setattr(clock, "now", lambda: now)
    assert reader.get("/en/index/0/revisions/?asOf=2022-01-10").status_code == 200
