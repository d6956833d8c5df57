"""The link on a phone in a browser, with and without script, light and dark; the clerk's screens: nothing bars."""

from typing import Any

import pytest


@pytest.fixture
def shop(sqlite_office: Any, serve: Any) -> Any:
    """A served office whose round collects now, and a link of U0001 with its telephone."""
    from datetime import timedelta

    from django.utils import timezone

    from ellwand.office import clock
    from ellwand.office.collection import links
    from ellwand.office.registry.models import Issue, Unit
    from ellwand.office.rounds import work

    sqlite_office.collect("2022-W01")
    now = clock.now()
    by = sqlite_office.user("cai")
    Issue(
        family="price", period="2022-W02", number=1, cutoff_at=now + timedelta(hours=30), reason="a test", by=by,
        release_at=now + timedelta(days=4), at=now,
    ).save()  # fmt: skip
    found = sqlite_office.sign_open("2022-W02")
    assert found.state == "collecting" and timezone.is_aware(now)
    unit = Unit.objects.get(code="U0001")
    unit.more = {**unit.more, "phone": "0575-8412 5678"}
    unit.save()
    work.settle(found)
    link = links.issue(found, [unit], by)[0]
    return serve(sqlite_office), links.address_of(link)


def _phone(chromium: Any, base: str, language: str, *, script: bool = True, dark: bool = False) -> Any:
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, java_script_enabled=script,
        color_scheme="dark" if dark else "light",
    )  # fmt: skip
    context.add_cookies([{"name": "django_language", "value": language, "url": base}])
    page = context.new_page()
    page.set_default_timeout(20_000)
    return page


@pytest.mark.browser
def test_a_stall_reports_without_a_script(shop: Any, chromium: Any) -> None:
    served, address = shop
    page = _phone(chromium, served.base, "zh-hans", script=False)
    page.goto(served.base + address)
    page.fill("#digits", "5678")
    page.click("button.main.wide")
    cards = page.locator("article.item")
    assert cards.count() == 3
    cards.nth(0).locator("input[name^=price-]").fill("80.6")
    cards.nth(0).locator("input[value=deal]").check()
    cards.nth(1).locator("input[name^=same-]").check()
    cards.nth(1).locator("input[value=asking]").check()
    page.click(".bar .main")
    # One is in, the other one asks for its reason.
    assert page.locator(".receipt .big").inner_text() and cards.count() == 1
    assert "+900 %" in cards.inner_text()
    cards.locator("select[name^=reason-]").select_option("terms")
    page.click(".bar .main")
    assert page.locator("article.is-done").count() == 2
    # The other one keeps its place on a screen of its own, and nothing runs out of it.
    height = page.locator("article.is-open").bounding_box()["height"]
    assert height >= 844 - 140
    page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize(("language", "dark"), [("zh-hans", False), ("en", True)])
def test_nothing_bars_anybody_and_the_script_helps(shop: Any, chromium: Any, language: str, dark: bool) -> None:
    from axe_playwright_python.sync_playwright import Axe

    served, address = shop
    page = _phone(chromium, served.base, language, dark=dark)
    faults: list[str] = []
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" and "422" not in m.text else None)
    page.on("pageerror", lambda e: faults.append(str(e)))

    def look(what: str) -> None:
        found = Axe().run(page)
        assert not found.response["violations"], f"{what}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, what

    page.goto(served.base + address)
    look("confirm")
    page.fill("#digits", "0000")
    page.click("button.main.wide")
    look("wrong digits")
    page.fill("#digits", "5678")
    page.click("button.main.wide")
    look("form")
    card = page.locator("article.item").nth(0)
    same, price = card.locator("input[name^=same-]"), card.locator("input[name^=price-]")
    same.check()
    price.fill("80.6")
    # One answer an item; the question comes at once, with the place for the reason.
    assert not same.is_checked() and "+900 %" in card.locator(".far").inner_text()
    assert card.locator("select[name^=reason-]").is_visible() and "1" in page.locator(".count").inner_text()
    card.locator("input[value=deal]").check()
    page.click(".bar .main")
    page.wait_for_selector("article.is-wrong")
    look("to be confirmed")
    page.locator("select[name^=reason-]").select_option("market_moved")
    page.click(".bar .main")
    page.wait_for_selector(".receipt")
    look("receipt")
    # Everything that is touched is large enough for a thumb.
    touched = "main button, main .chip, main input[type=text], main input:not([type]), main select, main summary"
    small = page.eval_on_selector_all(
        touched, "all => all.filter(e => e.offsetParent && e.offsetHeight < 44).map(e => e.outerHTML.slice(0, 80))"
    )
    assert small == []
    page.goto(served.base + address[:-5] + "/")
    look("no such link")
    assert not [f for f in faults if "404" not in f]
    page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1440])
def test_the_screens_of_the_clerk(shop: Any, sign_in: Any, width: int, workbook: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    served, _ = shop
    base = f"{served.base}/office/rounds/price-2022-W02"
    sheet = workbook([("样本单位", "产品编号", "价格"), ("U0001", "I00005", 80.6), ("U0001", "I00006", "七块")])
    for language in ("zh-hans", "en"):
        page = sign_in(served, "sun", language=language, width=width)

        def look(what: str, page: Any = page) -> None:
            found = Axe().run(page)
            assert not found.response["violations"], f"{what}: {found.generate_report()}"
            assert page.evaluate("document.documentElement.scrollWidth") <= width, what

        page.goto(f"{base}/assignments/")
        look("assignments")
        page.check("input[value=all]")
        page.click("button[value=print]")
        page.wait_for_selector(".slips")
        look("links to print")
        page.goto(f"{base}/sheets/")
        page.set_input_files("#sheet", {"name": "周报价.xlsx", "mimeType": "application/zip", "buffer": sheet})
        page.click("button[value=try]")
        page.wait_for_selector(".counts")
        look("a trial run")
        page.goto(f"{base}/arrivals/")
        look("arrivals")
        page.context.close()
