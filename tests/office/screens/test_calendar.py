"""The screen of the calendar: extending it, moving and skipping an issue, sheets; in both languages, axe-clean."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

PAGES = ("/office/calendar/", "/office/calendar/issue/2022-W05/")
CLERKS = ("/office/calendar/holidays/", "/office/calendar/dates/")
WHY = {"reason_zh": "春节休市", "reason_en": "Spring Festival <closed>"}


def upload(text: str) -> dict[str, Any]:
    return {"sheet": SimpleUploadedFile("sheet.csv", text.encode())}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_screen_opens(sqlite_office: Any, stopped: Any, language: str) -> None:
    clerk = sqlite_office.client("cai", language=language)
    assert ("日历是空的" if language != "en" else "The calendar is empty") in clerk.get(PAGES[0]).content.decode()
    assert clerk.get(PAGES[1]).status_code == 422
    clerk.post(PAGES[0])
    for address in (*PAGES, *CLERKS):
        answer = clerk.get(address)
        assert answer.status_code == 200 and "{%" not in answer.content.decode(), address
    reader = sqlite_office.client("col", language=language)
    for address in PAGES:
        page = reader.get(address).content.decode()
        assert '<form method="post">' not in page and "reason_zh" not in page
    assert reader.post(PAGES[0]).status_code == 403


def test_moving_skipping_and_restoring(office: Any, stopped: Any) -> None:
    from ellwand.office.registry import calendar

    clerk = office.client("cai")
    assert "Extend the calendar by 53 issues" in clerk.get("/office/").content.decode()
    clerk.post(PAGES[0])
    assert "Extend the calendar" not in clerk.get("/office/").content.decode()
    issue = PAGES[1]
    dates = {"cutoff_at": "2022-02-04T17:00", "release_at": "2022-02-08T12:00"}
    assert clerk.post(issue, {"act": "move", **dates, "reason_zh": "", "reason_en": ""}).status_code == 422
    assert clerk.post(issue, {"act": "move", **dates, **WHY, "release_at": "soon"}).status_code == 422
    assert clerk.post(issue, {"act": "burn", **WHY}).status_code == 422
    assert clerk.post(issue, {"act": "move", **dates, **WHY}).status_code == 302
    page = clerk.get(PAGES[0]).content.decode()
    assert "Spring Festival &lt;closed&gt;" in page and "2022-02-07 12:00 UTC+08:00" in page
    assert "春节休市" in office.client("aud", language="zh-hans").get(PAGES[0]).content.decode()
    assert clerk.post(issue, {"act": "skip", **WHY}).status_code == 302
    assert calendar.issues()["2022-W05"].issue.skipped
    assert clerk.post(issue, {"act": "restore", **WHY}).status_code == 302
    assert len(calendar.issues()["2022-W05"].before) == 3
    assert "2022-W05" in clerk.get("/office/calendar/export.csv").content.decode()


def test_the_screen_of_a_scheduled_issue_offers_no_change(sqlite_week: Any) -> None:
    found = sqlite_week.scheduled()
    clerk = sqlite_week.office.client("cai")
    page = clerk.get(f"/office/calendar/issue/{found.period}/").content.decode()
    assert "only postponing, with a notice" in page and "reason_zh" not in page


def test_sheets_are_looked_at_first(sqlite_office: Any, stopped: Any) -> None:
    from ellwand.office.registry import calendar

    clerk = sqlite_office.client("cai")
    clerk.post(PAGES[0])
    looked = clerk.post(CLERKS[0], upload("period,reason_zh,reason_en\n2022-W05,春节,<b>Festival\n2022-W99,春节,x\n"))
    page = clerk.get(looked["Location"]).content.decode()
    assert "&lt;b&gt;Festival" in page and "is no period" in page and not calendar.holidays()
    digest = looked["Location"].rpartition("=")[2]
    assert clerk.get(f"/office/calendar/holidays/{digest}/report.csv").content.decode("utf-8-sig").count("\r\n") == 2
    assert clerk.get(f"/office/calendar/nothing/{digest}/report.csv").status_code == 404
    assert clerk.post(CLERKS[0], {"digest": digest, "reason": ""}).status_code == 422
    assert clerk.post(CLERKS[0], {"digest": digest, "reason": "council"}).status_code == 302
    assert set(calendar.holidays()) == {"2022-W05"}
    assert "<b>Festival" not in clerk.get(PAGES[0]).content.decode()
    looked = clerk.post(
        CLERKS[1], upload("period,release_at,reason_zh,reason_en\n2022-W09,2022-03-08 10:00,改,Moved\n")
    )
    assert "2022-03-08 10:00" in clerk.get(looked["Location"]).content.decode()
    clerk.post(CLERKS[1], {"digest": looked["Location"].rpartition("=")[2]})
    assert len(calendar.issues()["2022-W09"].before) == 1


@pytest.mark.browser
def test_axe_finds_nothing(sqlite_office: Any, serve: Any, sign_in: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    from ellwand.office.registry import calendar

    made = calendar.ahead(sqlite_office.user("cai"))
    calendar.skip(made[9].period, sqlite_office.user("cai"), "春节", "Spring Festival")
    served = serve(sqlite_office)
    for width in (390, 1440):
        page = sign_in(served, "cai", language="zh-hans" if width == 390 else "en", width=width)
        issues = [f"/office/calendar/issue/{made[k].period}/" for k in (5, 9)]
        for address in (PAGES[0], *issues, *CLERKS):
            page.goto(served.base + address)
            results = Axe().run(page)
            assert not results.response["violations"], (address, results.generate_report())
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
