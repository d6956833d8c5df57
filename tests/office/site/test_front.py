"""What stands before the site: kept for a second and never over an instant, packed, and nobody's own."""

import gzip
import urllib.request
from datetime import timedelta
from typing import Any

import pytest

BODY = b"<p>" + b"a page of the site " * 100


class Behind:
    """An application that counts, and answers as it is told."""

    def __init__(self, **headers: str) -> None:
        self.calls: list[dict[str, Any]] = []
        self.headers = {"Content-Type": "text/html", "Cache-Control": "public, max-age=300"} | {
            k.replace("_", "-"): v for k, v in headers.items()
        }

    def __call__(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        self.calls.append(environ)
        start("200 OK", list(self.headers.items()))
        return [BODY + str(len(self.calls)).encode()]


def ask(front: Any, path: str = "/", **more: str) -> tuple[str, dict[str, str], bytes]:
    said: list[Any] = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "HTTP_HOST": "localhost", **more}
    body = b"".join(front(environ, lambda status, headers, _=None: said.extend([status, dict(headers)])))
    return said[0], said[1], body


@pytest.fixture
def instants(sqlite_office: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A clock that the test moves, and the next instant of a release."""
    from datetime import UTC, datetime

    from ellwand.office import clock
    from ellwand.office.record import reading

    class At:
        now = datetime(2022, 1, 10, 3, 59, 59, 500_000, tzinfo=UTC)
        next = datetime(2022, 1, 10, 4, tzinfo=UTC)

    monkeypatch.setattr(clock, "now", lambda: At.now)
    monkeypatch.setattr(reading, "next_instant", lambda: At.next if At.next > At.now else None)
    return At


def test_kept_for_a_second_and_not_over_an_instant(instants: Any) -> None:
    from ellwand.web.front import Front

    front = Front(Behind())
    first = ask(front)[2]
    assert ask(front)[2] == first
    instants.now += timedelta(milliseconds=499)
    assert ask(front)[2] == first
    instants.now += timedelta(milliseconds=1)
    # The instant: half a second after it was made, and it is made anew.
    second = ask(front)[2]
    assert second != first
    instants.now += timedelta(milliseconds=999)
    assert ask(front)[2] == second
    instants.now += timedelta(milliseconds=1)
    assert ask(front)[2] != second


def test_what_was_made_later_is_not_given_by_a_clock_that_was_set_back(instants: Any) -> None:
    from ellwand.web.front import Front

    front = Front(Behind())
    instants.now = instants.next + timedelta(milliseconds=100)
    after = ask(front)[2]
    assert ask(front)[2] == after
    instants.now -= timedelta(hours=1)
    assert ask(front)[2] != after


def test_each_address_host_and_form_is_kept_by_itself(instants: Any) -> None:
    from ellwand.web.front import Front

    behind = Behind()
    front = Front(behind)
    ask(front, "/index/")
    ask(front, "/en/index/")
    ask(front, "/index/", QUERY_STRING="a=1")
    ask(front, "/index/", HTTP_HOST="elsewhere")
    ask(front, "/index/", HTTP_ACCEPT="text/csv")
    assert len(behind.calls) == 5


@pytest.mark.parametrize(
    "headers",
    [{"Set_Cookie": "a=1"}, {"Cache_Control": "private, no-store"}, {"Vary": "Cookie"}, {"Cache_Control": "no-store"}],
)
def test_what_is_somebodys_own_is_made_for_him(instants: Any, headers: dict[str, str]) -> None:
    from ellwand.web.front import Front

    behind = Behind(**headers)
    front = Front(behind)
    for name in ("a", "b"):
        _, told, body = ask(front, "/complaints/", HTTP_COOKIE=f"who={name}", HTTP_ACCEPT_ENCODING="gzip")
        assert behind.calls[-1]["HTTP_COOKIE"] == f"who={name}"
        assert "Content-Encoding" not in told and body.endswith(str(len(behind.calls)).encode())


def test_a_shared_answer_is_made_without_cookies(instants: Any) -> None:
    from ellwand.web.front import Front

    behind = Behind()
    ask(Front(behind), HTTP_COOKIE="sessionid=secret", HTTP_IF_NONE_MATCH='"x"')
    assert "HTTP_COOKIE" not in behind.calls[0] and "HTTP_IF_NONE_MATCH" not in behind.calls[0]


@pytest.mark.parametrize("path", ["/office/", "/accounts/login/", "/r/abc/"])
def test_the_office_is_not_touched(instants: Any, path: str) -> None:
    from ellwand.web.front import Front

    behind = Behind()
    front = Front(behind)
    for _ in range(2):
        told = ask(front, path, HTTP_COOKIE="a=1", HTTP_ACCEPT_ENCODING="gzip")[1]
        assert "Content-Encoding" not in told
    assert len(behind.calls) == 2 and behind.calls[0]["HTTP_COOKIE"] == "a=1"


def test_packed_where_it_is_taken(instants: Any) -> None:
    from ellwand.web.front import Front

    front = Front(Behind())
    plain = ask(front)
    packed = ask(front, HTTP_ACCEPT_ENCODING="br, gzip;q=0.8")
    assert packed[1]["Content-Encoding"] == "gzip" and "Accept-Encoding" in packed[1]["Vary"]
    assert gzip.decompress(packed[2]) == plain[2] and len(packed[2]) < len(plain[2]) / 5
    assert ask(front, HTTP_ACCEPT_ENCODING="gzip;q=0")[2] == plain[2]
    tag = plain[1]["ETag"]
    assert ask(front, HTTP_IF_NONE_MATCH=tag)[0].startswith("304")
    assert ask(front, HTTP_IF_NONE_MATCH=packed[1]["ETag"])[:1] == ("304 Not Modified",)
    status, told, body = ask(front, REQUEST_METHOD="HEAD")
    assert (status, body, told["Content-Length"]) == ("200 OK", b"", str(len(plain[2])))


def test_the_served_site_is_packed_and_ruled(week: Any, serve: Any) -> None:
    """A real server: pages in few bytes, their rule for caches, and a form that is nobody else's."""
    week.public()
    served = serve(week.office)

    def get(path: str) -> Any:
        request = urllib.request.Request(served.base + path, headers={"Accept-Encoding": "gzip"})
        return urllib.request.urlopen(request, timeout=30)

    for path in ("/", "/en/", "/index/", "/en/index/"):
        with get(path) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
            assert answer.headers["ETag"] and not answer.headers["Set-Cookie"]
            assert len(answer.read()) < 60_000
    with get("/complaints/") as answer:
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Content-Encoding"] is None
