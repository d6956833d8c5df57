"""The calendar in both languages: issues ahead, weeks without one, and the log of changed dates."""

from datetime import timedelta
from typing import Any

import pytest


def test_the_calendar_in_both_languages(sqlite_office: Any) -> None:
    from ellwand.office import clock
    from ellwand.office.registry.models import Issue

    now, by = clock.now(), sqlite_office.user("cai")
    due = now + timedelta(days=3)
    first = Issue(family="price", period="2026-W05", number=1, cutoff_at=now, release_at=due, by=by, at=now, reason="r")
    first.save()
    later = due + timedelta(days=1)
    Issue(
        family="price", period="2026-W05", number=2, cutoff_at=now, release_at=later, by=by, at=now, reason="a <flood>"
    ).save()
    en = sqlite_office.client().get("/en/calendar/")
    zh = sqlite_office.client().get("/calendar/")
    text, chinese = en.content.decode(), zh.content.decode()
    assert en["Content-Language"] == "en" and zh["Content-Language"] == "zh-Hans"
    assert "Week 5 2026" in text and "a &lt;flood&gt;" in text and "Changes of dates" in text
    assert "2026年第5周" in chinese and "变动记录" in chinese
    assert 'hreflang="zh-Hans" href="http://localhost/calendar/"' in text and 'href="/calendar/?' not in text


def test_an_unknown_page_in_the_language_of_its_address(sqlite_office: Any) -> None:
    for address, words in (("/en/nothing/", "There is no page here"), ("/nothing/", "没有这个页面")):
        answer = sqlite_office.client().get(address)
        assert answer.status_code == 404 and words in answer.content.decode()


def test_a_page_takes_no_forms(sqlite_office: Any) -> None:
    assert sqlite_office.client().post("/calendar/").status_code == 405


def test_an_issue_that_is_not_out_at_its_instant_is_said_to_be_overdue(
    demo: Any, get: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not among the releases: the calendar, the status and the home page say that it was announced and is not out."""
    from ellwand.office import clock
    from ellwand.office.record import reading

    due, names = demo.open.issue.release_at, (f"{demo.open.code}-1", "overdue")
    last = reading.latest()
    assert last is not None
    pages = [f"{root}{page}" for root in ("/", "/en/") for page in ("", "calendar/", "status/")]
    words = ('"state wait">尚未发布<', '"state wait">not out yet<')

    def shown() -> dict[str, str]:
        return {page: get(page).content.decode() for page in pages}

    monkeypatch.setattr(clock, "now", lambda: due - timedelta(seconds=1))
    assert reading.overdue() == () and not [p for p, text in shown().items() if any(w in text for w in words)]
    monkeypatch.setattr(clock, "now", lambda: due)
    assert [one.period for one in reading.overdue()] == [demo.open.period]
    for page, text in shown().items():
        assert words[page.startswith("/en/")] in text and names[0] not in text, page
    calendar = shown()["/en/calendar/"]
    released = calendar[calendar.index("Lately released") :]
    week = int(demo.open.period[-2:])
    assert f"Week {week} " not in released and f"/releases/{last.code}/" in released


def test_the_demo_announces_its_short_week_once(demo: Any) -> None:
    from ellwand.office.registry.models import Issue

    rows = list(Issue.objects.filter(period=demo.open.period).values_list("cutoff_at", "release_at"))
    assert len(rows) == len(set(rows))
