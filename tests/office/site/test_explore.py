"""Compare and rebase: the address is the view; what is wrong in it is named."""

import csv
import io
from typing import Any

import pytest


def test_an_address_is_written_once(demo: Any, get: Any) -> None:
    answer = get("/en/explore/?series=1&series=2&series=&show=level&base=&from=&to=")
    assert answer.status_code == 302 and answer["Location"] == "/en/explore/?series=1,2"
    dropped = get("/en/explore/?series=1,2&show=previous&base=2020-W01")
    assert dropped["Location"] == "/en/explore/?series=1,2&show=previous"
    assert get("/en/explore/?series=1,2").status_code == 200


def test_rebased_series_are_100_in_their_base(demo: Any, get: Any) -> None:
    from ellwand.office.record import reading

    periods = [r.period for r in reading.public()]
    text = get(f"/en/explore/data.csv?series=0,1&base={periods[1]}").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO("".join(line for line in text.splitlines(True) if not line.startswith("#")))))
    assert rows[0] == ["period", "0", "1"] and [r[0] for r in rows[1:]] == periods
    assert rows[2][1:] == ["100.00", "100.00"]
    exact = {f.observation.period: f.observation.index for f in reading.figures(["price/1"])}
    assert float(rows[3][2]) == pytest.approx(exact[periods[2]] / exact[periods[1]] * 100, abs=0.00501)
    page = get(f"/en/explore/?series=0,1&base={periods[1]}").content.decode()
    assert rows[3][2] in page and "these are not published figures" in page


def test_changes_are_those_that_were_published(demo: Any, get: Any) -> None:
    from ellwand.office.record import reading

    last = reading.latest()
    assert last is not None
    (figure,) = reading.figures(["price/1"], [last.period])
    text = get("/explore/data.csv?series=1&show=previous").content.decode("utf-8-sig")
    assert f"{float(figure.observation.published_change_previous):+.2f}".replace("+0.00", "0.00") in text


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("series=none", 404, "none"),
        ("series=0&show=log", 400, "previous"),
        ("series=0&base=1999-W01", 400, "choose one of"),
        ("series=0&from=2026-W99", 400, "choose one of"),
        ("series=0&colour=red", 400, "colour"),
        ("series=0,1,2,3,4,5,1.1", 400, "6 lines at most"),
        ("series=0&vintage=price-2001-W01-1", 404, "price-2001-W01-1"),
        ("series=%3Cscript%3E", 404, "&lt;script&gt;"),
    ],
)
def test_what_is_wrong_is_named(demo: Any, get: Any, query: str, status: int, words: str) -> None:
    answer = get(f"/en/explore/?{query}")
    assert answer.status_code == status and words in answer.content.decode()
    assert get(f"/explore/?{query}").status_code == status


def test_a_reversed_range(demo: Any, get: Any) -> None:
    from ellwand.office.record import reading

    periods = [r.period for r in reading.public()]
    answer = get(f"/en/explore/?series=0&from={periods[2]}&to={periods[0]}")
    assert answer.status_code == 400 and "exchange the two" in answer.content.decode()


def test_ten_thousand_series_are_too_many(demo: Any, get: Any) -> None:
    answer = get("/en/explore/?series=" + ",".join(str(k) for k in range(1500)))
    assert answer.status_code == 400


def test_before_the_first_release(sqlite_office: Any) -> None:
    assert "After the first release" in sqlite_office.client().get("/en/explore/").content.decode()
    assert sqlite_office.client().get("/en/explore/chart.svg?series=0").status_code == 404
