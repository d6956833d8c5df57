"""The page in a real browser: both languages, two widths, keyboard alone, without script, and what axe finds."""

import re
import shutil
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDTHS = (390, 1440)
LANGUAGES = ("zh", "en")
TAGS = {"zh": "zh-Hans", "en": "en"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    where = shutil.which("chromium") or shutil.which("chromium-browser")
    if where is None:
        pytest.skip("no Chromium; on Debian: apt-get install chromium fonts-noto-cjk")
    playwright = pytest.importorskip("playwright.sync_api", reason="no Playwright; pip install playwright")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=where, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def visit(browser: Any, report: Path) -> Iterator[Callable[..., Any]]:
    """Opens the page at a place; fails the test if the page writes to the console or asks for anything."""
    contexts, said = [], []

    def open_(place: str = "", *, width: int = 1440, **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, locale="en-GB", **options)
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.on(
            "request", lambda asked: said.append(asked.url) if not asked.url.startswith(("file:", "data:")) else None
        )
        tab.goto(report.as_uri() + place)
        return tab

    yield open_
    for context in contexts:
        context.close()
    assert said == []


@pytest.fixture(scope="module")
def leaf(compiled: Any, hidden_codes: set[str]) -> dict[str, Any]:
    """A quote of the newest issue that is shown: its aggregate, item and unit."""
    return next(
        row for row in compiled.drill.to_pylist()
        if row["ea"] not in hidden_codes and row["status"] == "O" and row["contribution"]
    )  # fmt: skip


def below_first(tab: Any) -> Any:
    return tab.locator("main:visible .below")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_one_language_stands_in_front_and_the_page_never_scrolls_sideways(visit, leaf, language, width) -> None:
    for place in (f"#{language}", f"#{language}/{leaf['ea']}/{leaf['item']}.{leaf['unit']}"):
        tab = visit(place, width=width)
        assert tab.locator("main:visible").count() == 1
        assert tab.locator("main:visible").get_attribute("lang") == TAGS[language]
        assert tab.evaluate("document.documentElement.lang") == TAGS[language]
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        for mark in tab.locator("main details summary:visible").all():
            mark.click()
        assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_language_switch_keeps_the_place(visit, leaf) -> None:
    tab = visit(f"#en/{leaf['ea']}/{leaf['item']}.{leaf['unit']}")
    assert leaf["unit_en"] in tab.locator("main:visible .quote").inner_text()
    title = tab.title()
    tab.locator("#language-en").focus()
    tab.keyboard.press("ArrowLeft")
    assert tab.locator("main:visible").get_attribute("lang") == "zh-Hans"
    assert leaf["unit_zh"] in tab.locator("main:visible .quote").inner_text()
    assert tab.title() != title
    assert tab.evaluate("location.hash").startswith("#zh/")


def settled(tab: Any, condition: str, given: str) -> None:
    """Wait until a condition holds; the page's policy forbids the driver's own way of waiting."""
    for _ in range(100):
        if tab.evaluate(condition, given):
            return
        tab.wait_for_timeout(20)
    raise AssertionError(f"never true for {given!r}: {condition}")


def tab_to(tab: Any, selector: str, most: int = 60) -> None:
    """Press Tab until the focus is on an element."""
    for _ in range(most):
        if tab.evaluate("s => document.activeElement.matches(s)", selector):
            return
        tab.keyboard.press("Tab")
    raise AssertionError(f"{most} times Tab did not reach {selector}")


def test_keyboard_alone_goes_from_the_total_to_a_single_quote_and_back(visit, compiled, leaf) -> None:
    tab = visit("#en/0")
    above = {row["code"]: row["parent"] for row in compiled.observations.to_pylist()}
    way = [leaf["ea"]]
    while above[way[0]]:
        way.insert(0, above[way[0]])
    for code in way[1:]:
        tab_to(tab, f'.parts a[href="#en/{code}"]')
        tab.keyboard.press("Enter")
        settled(tab, "code => document.activeElement.querySelector('code')?.textContent === code", code)
    quote = f"#en/{leaf['ea']}/{leaf['item']}.{leaf['unit']}"
    tab_to(tab, f'.quotes a[href="{quote}"]', most=200)
    tab.keyboard.press("Enter")
    tab.wait_for_selector("main:visible .quote")
    assert tab.evaluate("document.activeElement.className") == "quote"
    said = tab.locator("main:visible .quote").inner_text()
    assert leaf["unit_en"] in said
    assert f"{leaf['price']:.2f}" in said
    tab.keyboard.press("Escape")
    settled(tab, "quote => document.activeElement.getAttribute('href') === quote", quote)
    assert tab.locator("main:visible .quote").count() == 0


def test_the_first_links_of_the_page_lead_into_the_tree(visit) -> None:
    tab = visit("#en")
    tab.locator('main:visible .tree a[href="#en/1"]').click()
    assert tab.locator("main:visible .class-name code").inner_text() == "1"
    tab.go_back()
    assert tab.evaluate("location.hash") == "#en"


def test_shown_quotes_are_those_of_the_table_and_add_to_the_class(visit, compiled, leaf) -> None:
    tab = visit(f"#en/{leaf['ea']}")
    own = [row for row in compiled.drill.to_pylist() if row["ea"] == leaf["ea"]]
    shown = [
        [cell.strip() for cell in line.locator("th, td").all_inner_texts()]
        for line in below_first(tab).locator("tbody tr").all()
    ]

    def written(value: float, digits: int) -> str:
        exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
        return f"{exact:+}".replace("-", "−") if exact else f"{abs(exact)}"

    assert sorted(line[4] for line in shown) == sorted(
        "–" if row["contribution"] is None else written(row["contribution"], 5) for row in own
    )
    assert sorted(re.sub("[▲▼]", "", line[3]).strip() for line in shown) == sorted(
        "–" if row["relative"] is None else written(100 * (row["relative"] - 1), 2) for row in own
    )
    feet = [line.locator("td").nth(3).inner_text() for line in below_first(tab).locator("tfoot tr").all()]
    newest = max(compiled.observations["period"].to_pylist())
    figure = next(
        row["contribution"]
        for row in compiled.observations.to_pylist()
        if row["code"] == leaf["ea"] and row["period"] == newest
    )
    assert feet == [written(figure, 5)] * 2


def test_quotes_of_a_suppressed_class_are_not_shown(visit, hidden_codes) -> None:
    tab = visit(f"#en/{min(hidden_codes)}")
    assert "not shown" in below_first(tab).inner_text()
    assert below_first(tab).locator("tbody tr").count() == 0


def test_chart_is_read_with_the_keyboard(visit, compiled) -> None:
    tab = visit("#en")
    plot, reading = (
        tab.locator("main:visible figure > .plot").first,
        tab.locator("main:visible figure > .reading").first,
    )
    plot.focus()
    tab.keyboard.press("Home")
    assert "100.00" in reading.inner_text()
    tab.keyboard.press("End")
    newest = reading.inner_text()
    tab.keyboard.press("ArrowLeft")
    assert reading.inner_text() != newest
    assert "interval" in reading.inner_text()
    tab.keyboard.press("Escape")
    assert tab.evaluate("document.activeElement === document.body")


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_script_all_classes_and_the_files_are_there(visit, compiled, language) -> None:
    tab = visit(java_script_enabled=False)
    tab.locator(f"label[for=language-{language}]").click()
    assert tab.locator("main:visible").get_attribute("lang") == TAGS[language]
    tab.locator("main:visible .show-leaves").check()
    names = {row[f"name_{language}"] for row in compiled.observations.to_pylist()}
    assert names <= set(tab.locator("main:visible .tree .name:visible").all_inner_texts())
    assert tab.locator(".explorer:visible").count() == 0
    assert tab.locator("main:visible noscript a[href='prices.parquet']").is_visible()


@pytest.mark.parametrize(("language", "width", "scheme"), [("zh", 320, "dark"), ("en", 1280, "light")])
def test_axe_finds_nothing(visit, leaf, language, width, scheme) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install axe-playwright-python")
    tab = visit(f"#{language}/{leaf['ea']}/{leaf['item']}.{leaf['unit']}", width=width, color_scheme=scheme)
    tab.locator("main:visible details summary").last.click()
    found = axe.Axe().run(tab, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found] == []


def test_targets_are_large_enough(visit) -> None:
    tab = visit("#en", width=390)
    small = tab.evaluate(
        """() => [...document.querySelectorAll('main summary, label, header input[type=checkbox], .path a, select')]
          .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 24).map((one) => one.outerHTML)"""
    )
    assert small == []
