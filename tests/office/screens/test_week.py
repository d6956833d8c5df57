"""The whole week in a real browser: four people take the demo's open round from collecting to public.

A clerk checks the response and works through the review queue by keyboard, a compiler compiles and writes, two others
approve, the clerk schedules; time alone makes it public, and the site shows it at that instant, in both languages.
"""

import contextlib
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def demo(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, office_at: Any) -> Any:
    """A small demo, whose cut-off the test itself brings near once the stalls have reported."""
    from ellwand.office import setup
    from ellwand.office.demo import weeks
    from ellwand.office.demo.make import make

    url = ""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").create(request.getfixturevalue("tables_postgres"))
    monkeypatch.setenv("DATABASE_URL", url) if url else monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(weeks, "CUTOFF", timedelta(minutes=20))
    made = make(tmp_path / "office", count=2, items=80, units=40, version="test")
    yield office_at(made.folder, url), made, request.param
    setup.disconnect("default")


def bring_near(found: Any, by: Any) -> None:
    """Let the cut-off be in a moment."""
    from ellwand.office import clock
    from ellwand.office.registry.models import Issue

    last, now = found.issue, clock.now().replace(microsecond=0)
    Issue(
        family=last.family, period=last.period, number=last.number + 1, cutoff_at=now + timedelta(seconds=2),
        release_at=last.release_at, by=by, at=now, reason="the test's cut-off",
    ).save()  # fmt: skip


@pytest.mark.browser
def test_a_week_from_the_stall_to_the_release(demo: Any, serve: Any, sign_in: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import Error

    from ellwand.office import clock
    from ellwand.office.collection import links
    from ellwand.office.record import reading
    from ellwand.office.registry.models import Issue
    from ellwand.office.review import coverage as responses

    office, made, database = demo
    language = "en" if database == "sqlite" else "zh-hans"
    served = serve(office)
    found = made.open
    base = f"{served.base}/office/rounds/{found.code}"
    acts = {"clicks": 0, "keys": 0}
    faults: list[str] = []

    def window(name: str, width: int = 1440) -> Any:
        page = sign_in(served, name, language=language, width=width)
        page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
        return page

    def click(page: Any, selector: str) -> None:
        acts["clicks"] += 1
        page.locator(selector).first.click()
        page.wait_for_load_state()

    def clean(page: Any) -> None:
        results = Axe().run(page)
        assert not results.response["violations"], results.generate_report()

    def until(page: Any, selector: str, seconds: int = 60) -> None:
        """Look at a page again and again until it shows something."""
        for _ in range(2 * seconds):
            if page.locator(selector).count():
                return
            time.sleep(0.5)
            # A page that reloads by itself at the same moment aborts ours.
            with contextlib.suppress(Error):
                page.reload()
        raise AssertionError(f"{selector} did not come: {page.inner_text('main')[:600]}")

    # A stall on its phone, by its signed link: no account, no password.
    silent = next(u for _, units in responses.of(found).silent for u in units).unit
    (link,) = links.issue(found, [silent], office.user("sun"))
    stall = window("", 390)
    stall.goto(served.base + links.address_of(link))
    clean(stall)
    if digits := links.digits_of(silent):
        stall.fill("#digits", digits)
    click(stall, "button.main")
    clean(stall)
    cards = stall.locator("article.item").count()
    stall.locator("article.item input[name^=same-]").first.check()
    second = stall.locator("article.item").nth(1)
    if cards > 1:
        # As a phone in Chinese types them: full-width digits.
        price = (second.get_attribute("data-last") or "20").translate({48 + k: 0xFF10 + k for k in range(10)})
        second.locator("input[name^=price-]").fill(price)
    for k in range(min(2, cards)):
        stall.locator("article.item").nth(k).locator("input[name^=type-][value=deal]").check()
    acts["clicks"] += 4
    click(stall, ".bar button.main")
    assert stall.locator(".receipt .big").count() == 1, stall.inner_text("main")[:1500]
    clean(stall)
    assert found.quotes.current().filter(unit=silent).count() == min(2, cards)

    # The clerk: the cut-off has passed; response, then the queue by keyboard.
    chen = window("chen")
    bring_near(found, office.user("chen"))
    time.sleep(max(0.0, (found.issue.cutoff_at - clock.now()).total_seconds()) + 1)
    chen.goto(f"{base}/coverage/")
    clean(chen)
    if chen.locator("#sign").count():
        chen.fill("#sign", "a small demonstration")
    click(chen, "button[value=move]")
    assert found.state == "reviewing", chen.inner_text("main")[:800]
    chen.goto(f"{base}/review/")
    until(chen, ".tally")
    clean(chen)
    total = chen.locator(".flags li").count()
    for _ in range(total):
        shown = chen.evaluate("document.documentElement.dataset.shown")
        if shown == "done":
            break
        acts["keys"] += 1
        chen.keyboard.press("a")
        chen.wait_for_selector(f'html:not([data-shown="{shown}"])', state="attached")
    chen.reload()
    assert chen.locator(".flags li.open").count() == 0
    while chen.locator("form:has(input[name=case])").count():
        chen.locator("form:has(input[name=case]) input[name=reason]").first.fill("seen: simulated")
        click(chen, "form:has(input[name=case]) button")

    # The compiler, who is the writer too.
    lin = window("lin")
    lin.goto(f"{base}/compile/")
    clean(lin)
    click(lin, "form:has(input[value=compile]) button.main")
    for _ in range(120):
        run = found.runs.order_by("-pk").first()
        last_step = run.steps.order_by("-number").first() if run else None
        if found.state == "compiled" or (last_step is not None and last_step.state == "refused"):
            break
        time.sleep(0.5)
    if found.state != "compiled":
        # Cells below their rule: the supervisor signs, with the reason; then it is compiled.
        chen.goto(f"{base}/compile/sign/")
        while chen.locator("form:has(input[name=guard]) textarea").count():
            chen.locator("form:has(input[name=guard]) textarea").first.fill("a small demonstration market")
            click(chen, "form:has(input[name=guard]) button")
        lin.goto(f"{base}/compile/")
        click(lin, "form:has(input[value=compile]) button.main")
        for _ in range(120):
            if found.state == "compiled":
                break
            time.sleep(0.5)
    assert found.state == "compiled", lin.inner_text("main")[:1500]
    lin.goto(f"{base}/compile/")
    clean(lin)
    lin.goto(f"{base}/text/")
    click(lin, "form:has(input[value=generate]) button.main")
    clean(lin)
    lin.goto(f"{base}/rationale/")
    lin.fill("textarea[name=zh][id^=own]", "本期采价按计划完成，没有需要另作说明的判断。")
    lin.fill("textarea[name=en][id^=own]", "Collection went by plan, and nothing called for a judgement of its own.")
    click(lin, "form.judgement button.main")
    clean(lin)
    lin.goto(f"{base}/text/")
    click(lin, "form:has(input[value=hand_over]) button.main")
    assert found.state == "drafted", lin.inner_text("main")[:1500]

    # Two others approve what they looked at.
    for name, kind, state in (("wang", "statistics", "stat_approved"), ("zhao", "text", "text_approved")):
        page = window(name)
        page.goto(f"{base}/preview/")
        clean(page)
        page.goto(f"{base}/approve/")
        clean(page)
        form = f"form:has(input[value={kind}])"
        for box in page.locator(f"{form} input[type=checkbox]").all():
            acts["clicks"] += 1
            box.check()
        click(page, f"{form} button.main")
        assert found.state == state, page.inner_text("main")[:1500]

    # A near instant, so that the test need not wait half an hour; both approvals hold.
    last = found.issue
    due = clock.now().replace(microsecond=0) + timedelta(seconds=40)
    Issue(
        family=last.family, period=last.period, number=last.number + 1, cutoff_at=last.cutoff_at, release_at=due,
        by=office.user("chen"), at=clock.now(), reason="the test's instant",
    ).save()  # fmt: skip
    chen.goto(f"{base}/schedule/")
    clean(chen)
    click(chen, "form:has(input[value=schedule]) button.main")
    for _ in range(120):
        if found.state in ("scheduled", "public"):
            break
        time.sleep(0.5)
    chen.goto(f"{base}/schedule/")
    assert found.state in ("scheduled", "public"), chen.inner_text("main")[:1500]

    # Before the instant nothing; at the instant everything, in both languages.
    reader = sign_in(served, "", width=390)
    code = f"{found.code}-1"
    if clock.now() < due - timedelta(seconds=3):
        for root in ("/", "/en/"):
            reader.goto(served.base + root)
            assert code not in reader.content()
            assert reader.goto(f"{served.base}{root}releases/{code}/").status == 404
    time.sleep(max(0.0, (due - clock.now()).total_seconds()) + 1)
    figure = next(f.observation for f in reading.figures(["price/total"], [found.period]))
    for root in ("/", "/en/"):
        reader.goto(served.base + root)
        assert code in reader.content() and figure.published in reader.inner_text("main")
        assert reader.goto(f"{served.base}{root}releases/{code}/").status == 200
    faults = [f for f in faults if "404" not in f]
    assert faults == []
    print(f"\na week on {database} in {language}: {total} flags, {acts['keys']} keys, {acts['clicks']} clicks")
