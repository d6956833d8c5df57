"""Any query, any address and any header: an answer or a problem that names the field, never a fault of the program."""

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.usefixtures("demo")
CALM = settings(
    max_examples=250, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)
WHERE = (
    "/api/v1/observations", "/api/v1/series", "/api/v1/series/1.1", "/api/v1/codes", "/data/1.1.csv", "/data/price.px",
    "/index/1.1.json", "/en/index/1.1/revisions.md", "/feed/releases.atom", "/en/calendar.ics", "/home.csv",
    "/sitemap.xml", "/llms.txt",
)  # fmt: skip
NAMES = (
    "series",
    "from",
    "to",
    "asOf",
    "vintage",
    "includeHistory",
    "firstNObservations",
    "lastNObservations",
    "x",
    "",
)
VALUES = (
    "0",
    "1.1",
    "0,1.1",
    "2026-W47",
    "2026-W45",
    "true",
    "1",
    "",
    "2026-11-23T12:00:00 08:00",
    "now",
    "-1",
    "null",
)
TEXT = st.one_of(st.sampled_from(VALUES), st.text(max_size=30), st.from_regex(r"[0-9]{4}-W?[0-9]{1,2}", fullmatch=True))


@pytest.fixture(autouse=True)
def no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.web import limits

    monkeypatch.setattr(limits._Count, "one_more", lambda *_: 1)


def told(answer: Any, query: str) -> None:
    """That an answer is one of those that are promised."""
    assert answer.status_code in (200, 301, 304, 400, 404), (answer.status_code, query)
    assert "\n" not in str(answer.headers.get("Link", ""))
    if answer.status_code in (400, 404) and answer["Content-Type"] == "application/problem+json":
        content = json.loads(answer.content)
        assert content["status"] == answer.status_code and content["detail"] and content["detail_zh"]
        assert len(answer.content) < 4000
    elif answer.status_code == 200:
        assert answer["Cache-Control"].startswith("public, max-age=") and answer["ETag"]


@CALM
@given(where=st.sampled_from(WHERE), pairs=st.lists(st.tuples(st.sampled_from(NAMES), TEXT), max_size=4))
@example(where=WHERE[0], pairs=[("asOf", "0001-01-01T00:00:00+14:00")])
@example(where=WHERE[0], pairs=[("asOf", "9999-12-31T23:59:59-14:00")])
@example(where=WHERE[0], pairs=[("from", "0000-W00"), ("to", "9999-W53")])
@example(where=WHERE[0], pairs=[("from", "٢٠٢٦-W٤٧")])
@example(where=WHERE[0], pairs=[("lastNObservations", "²")])
def test_any_query(where: str, pairs: list[tuple[str, str]]) -> None:
    from django.test import Client

    query = urlencode([(name, value.encode("utf-8", "surrogatepass")) for name, value in pairs])
    told(Client(SERVER_NAME="localhost").get(f"{where}?{query}"), query)


@CALM
@given(st.sampled_from(WHERE), st.binary(max_size=40))
def test_any_bytes_as_query(where: str, query: bytes) -> None:
    from django.test import Client

    answer = Client(SERVER_NAME="localhost").get(where, QUERY_STRING=query.decode("latin-1"))
    told(answer, repr(query))


@CALM
@given(st.text(min_size=1, max_size=30), st.sampled_from(("api/v1/series/", "data/", "index/", "feed/", "releases/")))
@example("../settings.toml", "data/")
@example("1.1.csv\x00", "data/")
@example("%2e%2e/%2e%2e/record.sqlite3", "data/")
def test_any_address(name: str, root: str) -> None:
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    for ending in ("", ".csv", ".json", ".atom", ".zip"):
        answer = client.get(f"/{root}{quote(name.encode('utf-8', 'surrogatepass'), safe='/')}{ending}")
        assert answer.status_code in (200, 301, 302, 400, 404), (name, root, ending)


@CALM
@given(
    accept=st.one_of(st.text(max_size=60), st.sampled_from(["*/*;q=0", "text/html", "application/xml;q=2", "a/b,,;"])),
    match=st.text(max_size=40),
    since=st.one_of(st.text(max_size=40), st.just("Mon, 23 Nov 2026 04:00:00 GMT")),
    where=st.sampled_from(WHERE),
)
def test_any_header(accept: str, match: str, since: str, where: str) -> None:
    from django.test import Client

    def plain(text: str) -> str:
        return text.encode("latin-1", "ignore").decode("latin-1").replace("\n", "").replace("\r", "")

    headers = {"accept": plain(accept), "if-none-match": plain(match), "if-modified-since": plain(since)}
    told(Client(SERVER_NAME="localhost").get(where, headers=headers), repr(headers))


def test_names_that_look_like_pages_are_data(sqlite_week: Any) -> None:
    evil = '<img src=x onerror="alert(1)">'
    sqlite_week.public("2022-W01")
    client = sqlite_week.office.client()
    for address in (f"/api/v1/series/{quote(evil)}", f"/data/{quote(evil)}.csv", f"/feed/index-{quote(evil)}.atom"):
        answer = client.get(address)
        assert answer.status_code == 404 and answer["Content-Type"] == "application/problem+json"
        assert (
            answer["X-Content-Type-Options"] == "nosniff" and "default-src 'self'" in answer["Content-Security-Policy"]
        )
