"""With the keyboard alone, over every kind of page, in both languages: everything is reached, in the order in which it
is read, and shows that it is; nothing holds the reader; what opens also closes.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

ROOTS = {"zh": "/", "en": "/en/"}
PHONE, WIDE = 390, 1200

# Before each key, what the reader stands on is written down: what it is, and whether he sees that he stands there.
WATCH = """
window.stops = [];
window.order = null;
window.standing = () => {
  window.order ??= new Map([...document.querySelectorAll("*")].map((one, k) => [one, k]));
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return { index: -1 };
  const box = one.getBoundingClientRect(), style = getComputedStyle(one);
  const over = document.elementFromPoint(
    Math.min(Math.max(box.left + Math.min(box.width / 2, 20), 0), innerWidth - 1), box.top + box.height / 2);
  return {
    index: window.order.get(one), html: one.outerHTML.slice(0, 160),
    drawn: parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none",
    seen: box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight && box.right > 0
      && box.left < innerWidth,
    covered: over !== null && !one.contains(over) && !over.contains(one),
  };
};
addEventListener("keydown", (event) => { if (event.key === "Tab") window.stops.push(window.standing()); }, true);
"""
# Everything that a reader may use: shown, not switched off, of the kinds that take a key; of a choice, what is chosen.
USABLE = """() => [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, iframe, [tabindex='0']"
  )].filter((one) => {
    if (one.disabled || one.closest("[inert], .trap")) return false;
    if (one.type === "radio" && !one.checked) return false;
    return one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length;
  }).map((one) => ({ index: [...document.querySelectorAll("*")].indexOf(one), html: one.outerHTML.slice(0, 160) }))"""
# Things wider than the window, unless they stand in something that is scrolled by itself.
WIDER = """() => document.documentElement.scrollWidth > document.documentElement.clientWidth"""


@pytest.fixture
def window(chromium: Any, site: Any) -> Iterator[Any]:
    """Open a page: a function of its address and the width of the window."""
    contexts = []

    def open_(address: str, width: int = WIDE, **more: Any) -> Any:
        given = {"viewport": {"width": width, "height": 900}, "reduced_motion": "reduce", **more}
        context = chromium.new_context(**given)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.add_init_script(WATCH)
        page.goto(site.base + address)
        return page

    yield open_
    for context in contexts:
        context.close()


def walk(page: Any, count: int, key: str = "Tab") -> list[dict[str, Any]]:
    """What a reader stood on who pressed a key so often; the first and last are where he came from and where he is."""
    page.evaluate("() => { window.stops = []; }")
    for _ in range(count):
        page.keyboard.press(key)
    stops: list[dict[str, Any]] = page.evaluate("() => [...window.stops, window.standing()]")
    return stops


def faults(page: Any, address: str) -> list[Any]:
    """What is wrong with a page for somebody who has only a keyboard."""
    usable = page.evaluate(USABLE)
    _, *stops, end = walk(page, len(usable) + 1)
    indices = [stop["index"] for stop in stops]
    # Behind the last thing lies the browser itself, or the first thing again.
    out: list[Any] = [] if end["index"] in (-1, *indices[:1]) else [(address, "goes on", end)]
    if indices != sorted(set(indices)):
        out.append((address, "not each thing once, in the order of the page", indices))
    # A frame for other sites has no menu to be skipped.
    if stops and "skip" not in stops[0].get("html", "") and "/embed/" not in address:
        out.append((address, "the way to the content is not first", stops[0]))
    out += [(address, "not reached", one["html"]) for one in usable if one["index"] not in indices]
    for stop in stops:
        for what in ("drawn", "seen"):
            if not stop.get(what):
                out.append((address, f"not {what}", stop.get("html")))
        if stop.get("covered"):
            out.append((address, "covered", stop["html"]))
    return out


@pytest.mark.browser
@pytest.mark.parametrize("language", ROOTS)
def test_every_kind_of_page_is_walked_through(window: Any, kinds: Any, site: Any, language: str) -> None:
    page = window(ROOTS[language])
    found = []
    for kind in kinds:
        page.goto(site.base + ROOTS[language] + kind)
        found += faults(page, ROOTS[language] + kind)
    assert len(kinds) > 35 and found[:10] == []


@pytest.mark.browser
@pytest.mark.parametrize("language", ROOTS)
def test_backwards_it_is_the_same_way(window: Any, language: str) -> None:
    for kind in ("", "index/1/", "explore/?series=1,2,3", "complaints/"):
        page = window(ROOTS[language] + kind)
        count = len(page.evaluate(USABLE)) + 1
        # Beyond the first and the last thing lies the browser itself.
        there = [stop["index"] for stop in walk(page, count)][1:-1]
        back = [stop["index"] for stop in walk(page, count, "Shift+Tab")][1:-1]
        assert len(there) > 20 and back == there[::-1], kind
        page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("language", ROOTS)
def test_no_page_is_wider_than_a_phone(window: Any, kinds: Any, site: Any, language: str) -> None:
    page = window(ROOTS[language], PHONE, has_touch=True, is_mobile=True)
    wide = []
    for kind in kinds:
        page.goto(site.base + ROOTS[language] + kind)
        if page.evaluate(WIDER):
            wide.append(kind)
    assert wide == []


@pytest.mark.browser
@pytest.mark.parametrize("language", ROOTS)
def test_the_menu_is_skipped(window: Any, language: str) -> None:
    page = window(ROOTS[language] + "index/1/")
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    assert skip.evaluate("one => one === document.activeElement && one.getBoundingClientRect().left >= 0")
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.querySelector('main').contains(document.activeElement)")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "first", "last"),
    [
        ("zh", r"^原料，\d{4}年第\d+周：100\.00$", r"^原料，\d{4}年第\d+周：\d+\.\d\d，较上期 [+−]?\d+\.\d\d\s?%"),
        ("en", r"^Raw materials, week \d+ of \d{4}: 100\.00$",
         r"^Raw materials, week \d+ of \d{4}: \d+\.\d\d, [+−]?\d+\.\d\d\s?% on the previous issue"),
    ],
)  # fmt: skip
def test_the_cursor_of_a_chart_says_period_value_and_change(window: Any, language: str, first: str, last: str) -> None:
    page = window(ROOTS[language] + "index/1/")
    plot, reading = page.locator(".plot").first, page.locator(".reading").first
    still = reading.inner_text()
    assert reading.get_attribute("aria-live") == "polite"
    assert plot.get_attribute("aria-label") and plot.get_attribute("aria-roledescription")
    keys = page.locator(f"#{plot.get_attribute('aria-describedby')}").text_content()
    assert keys and "Esc" in keys
    page.locator(".tools").first.locator("button, a").first.focus()
    page.keyboard.press("Shift+Tab")
    assert plot.evaluate("one => one === document.activeElement")
    assert re.match(last, reading.inner_text()), reading.inner_text()
    said = [reading.inner_text()]
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
        said.append(reading.inner_text())
    assert len(set(said)) == 3 and re.match(first, said[-1]), said
    page.keyboard.press("ArrowLeft")
    assert reading.inner_text() == said[-1]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    assert reading.inner_text() == said[0]
    page.keyboard.press("Escape")
    assert reading.inner_text() == still
    # Whoever leaves with Escape goes on from where he was.
    page.keyboard.press("Tab")
    assert page.evaluate("() => !!document.activeElement.closest('.tools')")


@pytest.mark.browser
@pytest.mark.parametrize("language", ROOTS)
def test_what_opens_also_closes(window: Any, language: str) -> None:
    page = window(ROOTS[language] + "index/1/")
    folded = page.locator("details:not([open]) > summary")
    for k in range(folded.count()):
        summary = page.locator("details > summary").nth(k)
        was = summary.evaluate("one => one.parentElement.open")
        for key in ("Enter", "Space"):
            summary.focus()
            page.keyboard.press(key)
            assert summary.evaluate("one => one.parentElement.open") is not was, key
            was = not was
    button = page.locator(".tools button[aria-expanded]").first
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".live canvas")
    assert button.get_attribute("aria-expanded") == "true"
    assert button.evaluate("one => one === document.activeElement")
    page.keyboard.press("Escape")
    page.wait_for_selector(".live", state="detached")
    assert button.get_attribute("aria-expanded") == "false" and page.locator(".plot svg").first.is_visible()
    assert button.evaluate("one => one === document.activeElement")


@pytest.mark.browser
@pytest.mark.parametrize("language", ROOTS)
def test_the_newcomers_way_takes_four_keys_of_enter(window: Any, site: Any, language: str) -> None:
    """Home, a series, its file, how to verify it."""
    page = window(ROOTS[language], accept_downloads=True)
    page.locator(f"a[href='{ROOTS[language]}index/1/']").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/index/1/")
    page.locator("a[href^='/data/1.csv']").first.focus()
    with page.expect_download() as saved:
        page.keyboard.press("Enter")
    assert saved.value.suggested_filename.endswith(".csv")
    page.locator(f"a[href='{ROOTS[language]}releases/{site.last}/']").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/releases/{site.last}/")
    assert "ellwand verify" in page.locator("main").inner_text()


@pytest.mark.browser
@pytest.mark.parametrize("language", ROOTS)
def test_search_and_forms_are_filled_in_and_sent(window: Any, language: str) -> None:
    page = window(ROOTS[language])
    page.locator("#find").focus()
    page.keyboard.type("面料" if language == "zh" else "fabrics")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*")
    assert page.locator(".hits a").count()
    page = window(ROOTS[language] + "explore/?series=1,2")
    page.locator("#show").focus()
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#show").input_value()
    page.locator("form.explore button").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**show={chosen}*")
