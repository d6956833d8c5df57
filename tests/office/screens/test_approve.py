"""S10 to S13: from the preview to a release that appears at its minute, in both languages and without script."""

import re
from typing import Any

import pytest


def test_from_the_preview_to_the_minute(week: Any) -> None:
    from ellwand.office import clock
    from ellwand.office.alerts.models import Subscriber
    from ellwand.office.approvals import tasks
    from ellwand.office.approvals.models import PreviewView, SealingRun
    from ellwand.office.record import reading

    office = week.office
    found = week.drafted()
    base = f"/office/rounds/{found.code}"
    sta, tex = office.client("sta", language="en"), office.client("tex", language="zh-hans")
    # The preview first.
    assert "Open the preview first" in week.page(sta, f"{base}/approve/")
    text = week.page(sta, f"{base}/preview/")
    for words in ("Under embargo until", "sta ·", "What will be public", "outputs/history.csv", "texts/price.zh.md"):
        assert words in text
    total = found.compilations.get().observations.get(level=0)
    assert total.published in text and text.count('class="bound" href="#price') > 3
    for target in set(re.findall(r'class="bound" href="#([^"]+)"', text)):
        assert f'id="{target}"' in text
    assert PreviewView.objects.get().by.username == "sta"
    assert sta.get(f"{base}/preview/")["Cache-Control"] == "private, no-store"
    assert "You sign:" in week.page(sta, f"{base}/approve/")
    given = week.signature(sta, f"{base}/approve/", "statistics")
    bare = {k: v for k, v in given.items() if not k.startswith("check-total")}
    assert sta.post(f"{base}/approve/", bare).status_code == 422
    assert sta.post(f"{base}/approve/", {**given, "hash": "0" * 64}).status_code == 422
    assert tex.post(f"{base}/approve/", given).status_code == 422 and found.state == "drafted"
    assert sta.post(f"{base}/approve/", given).status_code == 302
    assert found.state == "stat_approved"
    assert "请先打开预览" in week.page(tex, f"{base}/approve/")
    text = week.page(tex, f"{base}/preview/")
    assert "发布前不得外传" in text and "将要发布的内容" in text and total.name_zh in text
    assert tex.post(f"{base}/approve/", week.signature(tex, f"{base}/approve/", "text")).status_code == 302
    assert found.state == "text_approved"
    # The seal, by the worker.
    clerk = {language: office.client("cai", language=language) for language in ("en", "zh-hans")}
    text = week.page(clerk["en"], f"{base}/schedule/")
    assert "Seal and schedule" in text and "Clock synchronised" in text and re.search(r"In <span[^>]*>1 d 1 h", text)
    assert clerk["en"].post(f"{base}/schedule/", {"act": "schedule"}).status_code == 302
    assert "完成后本页自动更新" in week.page(clerk["zh-hans"], f"{base}/schedule/")
    assert clerk["en"].get(f"{base}/schedule/progress/").json()["ended"] is False
    tasks.seal.func(SealingRun.objects.get().pk)
    assert clerk["en"].get(f"{base}/schedule/progress/").json() == {
        "step": "done", "done": 0, "total": 0, "ended": True,
    } or clerk["en"].get(f"{base}/schedule/progress/").json()["step"] == "done"  # fmt: skip
    assert found.state == "scheduled"
    assert "time alone makes it public" in week.page(clerk["en"], f"{base}/schedule/")
    assert "到时自动公开" in week.page(clerk["zh-hans"], f"{base}/schedule/")
    release = "price-2022-W01-1"
    assert "embargoed" in week.page(office.client("col"), "/office/releases/")
    assert total.published not in week.page(office.client("col"), f"/office/releases/{release}/")
    # One second before: nothing. At the instant: there, for both languages.
    week.at(2022, 1, 10, 3, 59, 59)
    assert reading.figures() == []
    assert "The round is scheduled" in week.page(clerk["en"], f"{base}/after/")
    assert clerk["en"].get(f"/office/releases/{release}/correct/").status_code == 422
    week.at(2022, 1, 10, 4, 0, 0)
    assert reading.figures(["price/total"])[0].observation.published == total.published
    tasks.after.func(reading.release(release).pk)
    assert "in time" in week.page(clerk["en"], f"{base}/after/") and "准时" in week.page(
        clerk["zh-hans"], f"{base}/after/"
    )
    assert "Shows since its instant" in week.page(clerk["en"], f"{base}/after/")
    for k, (kind, confirmed) in enumerate((("email", True), ("email", True), ("email", False), ("webhook", True))):
        Subscriber(
            kind=kind, address=f"reader{k}@example.org", language="en", key=str(k), asked_at=clock.now(),
            confirmed_at=clock.now() if confirmed else None,
        ).save()  # fmt: skip
    page = week.page(clerk["en"], f"{base}/after/")
    rows = re.findall(r'<tr><th scope="row">(E-mail|Webhook)</th>(.*?)</tr>', page)
    assert [(n, re.findall(r">(\d+)<", row)) for n, row in rows] == [
        ("E-mail", ["2", "1", "0", "0", "0"]), ("Webhook", ["1", "0", "0", "0", "0"]),
    ]  # fmt: skip
    assert "example.org" not in page
    for language, words in (("en", "public"), ("zh-hans", "已发布")):
        assert words in week.page(clerk[language], "/office/releases/")
    answer = clerk["en"].post(f"/office/releases/{release}/")
    assert answer.status_code == 302 and "came out equal" in week.page(clerk["en"], f"/office/releases/{release}/")


def test_who_sees_a_preview(sqlite_week: Any) -> None:
    from ellwand.office.approvals import previews
    from ellwand.office.approvals.models import PreviewView

    office = sqlite_week.office
    found = sqlite_week.drafted()
    base = f"/office/rounds/{found.code}"
    for name in ("cai", "wen", "max", "col"):
        assert office.client(name).get(f"{base}/preview/").status_code == 403
        assert office.client(name).get(f"{base}/early/").status_code == 404
    assert not PreviewView.objects.exists()
    previews.grant(office.user("col"), "Ms Col", office.user("ada"), "a briefing", period="2022-W01")
    assert "col ·" in sqlite_week.page(office.client("col"), f"{base}/early/")
    assert PreviewView.objects.get().by.username == "col"


def test_an_approval_that_fell_is_told(sqlite_week: Any) -> None:
    office = sqlite_week.office
    found = sqlite_week.approved()
    sqlite_week.change_quote()
    text = sqlite_week.page(office.client("sta"), f"/office/rounds/{found.code}/approve/")
    assert text.count("void</span>") == 2 and "was changed since it was compiled" in text
    assert "失效" in sqlite_week.page(office.client("tex", language="zh-hans"), f"/office/rounds/{found.code}/approve/")


def test_a_round_is_sent_back(sqlite_week: Any) -> None:
    office = sqlite_week.office
    found = sqlite_week.approved()
    client, address = office.client("tex"), f"/office/rounds/{found.code}/approve/"
    assert client.post(address, {"act": "back", "target": "compiled", "reason": ""}).status_code == 422
    assert client.post(address, {"act": "back", "target": "compiled", "reason": "a word"}).status_code == 302
    assert found.state == "compiled"


def test_the_screens_in_a_browser(sqlite_week: Any, serve: Any, sign_in: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    office = sqlite_week.office
    found = sqlite_week.drafted()
    previewed = ("preview", "approve", "schedule", "after")
    sqlite_week.approve(found, "statistics")
    served = serve(office)
    for name, language, width in (("tex", "zh-hans", 390), ("tex", "en", 1440)):
        window = sign_in(served, name, language, width)
        for screen in previewed:
            window.goto(f"{served.base}/office/rounds/{found.code}/{screen}/")
            assert axe.run(window).violations_count == 0, (screen, axe.run(window).generate_report())
            assert window.evaluate("document.documentElement.scrollWidth <= innerWidth"), (screen, width)
        for address in ("releases", "corrections"):
            window.goto(f"{served.base}/office/{address}/")
            assert axe.run(window).violations_count == 0, (address, axe.run(window).generate_report())
