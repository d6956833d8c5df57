"""Charts in a browser: the cursor speaks, ECharts comes when asked for and only then, pictures are saved."""

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
BUILT = ROOT / "src/ellwand/web/site/static/site/interactive.js"


def test_the_interactive_chart_is_built_from_its_sources() -> None:
    folder = ROOT / "frontend"
    digest = hashlib.sha256()
    for name in ("interactive.js", "package.json", "package-lock.json"):
        digest.update((folder / name).read_bytes())
    built = BUILT.read_text(encoding="utf-8")
    assert f"built from {digest.hexdigest()}" in built.splitlines()[0], "cd frontend && npm ci && npm run build"
    for lock in (folder / "package-lock.json", folder / "checks" / "package-lock.json"):
        assert '"resolved"' not in lock.read_text(encoding="utf-8"), lock
    assert not re.search(r"https?://(?!www\.w3\.org)", built), "the built file names an address"


def test_the_notice_of_the_works_that_it_holds() -> None:
    text = BUILT.with_name("interactive.notice.txt").read_text(encoding="utf-8")
    assert "Apache ECharts" in text and "zrender" in text and "Redistribution and use" in text


def test_a_chart_says_its_points_as_they_were_published(demo: Any, get: Any) -> None:
    import html
    import json

    from ellwand.office.record import reading

    text = get("/en/index/1/").content.decode()
    held = json.loads(html.unescape(re.findall(r'data-points="([^"]+)"', text)[0]))
    figures = {f.observation.period: f.observation for f in reading.figures(["price/1"])}
    assert held["lines"][0]["levels"] == [o.published for o in figures.values()]
    assert len(held["days"]) == len(held["periods"]) == len(figures)
    assert "on the previous issue" in held["lines"][0]["said"][-1] and "Simulated market" in held["simulated"]


@pytest.fixture
def opened(served: Any, chromium: Any) -> Any:
    """A function: a page of the demo in a browser, with what went wrong in it and what it asked for."""
    contexts = []

    def open_(path: str, **more: Any) -> Any:
        context = chromium.new_context(viewport={"width": 1200, "height": 900}, **more)
        contexts.append(context)
        page = context.new_page()
        page.faults, page.asked = [], []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on("console", lambda m: page.faults.append(m.text) if m.type == "error" else None)
        page.on("request", lambda r: page.asked.append(r.url))
        page.base = served.base
        page.goto(served.base + path)
        return page

    yield open_
    for context in contexts:
        context.close()


@pytest.mark.browser
def test_the_cursor_speaks(opened: Any) -> None:
    page = opened("/en/index/1/")
    plot, reading = page.locator(".plot").first, page.locator(".reading").first
    still = reading.inner_text()
    assert reading.get_attribute("aria-live") == "polite"
    plot.focus()
    page.keyboard.press("End")
    last = reading.inner_text()
    page.keyboard.press("ArrowLeft")
    before = reading.inner_text()
    page.keyboard.press("Home")
    first = reading.inner_text()
    assert last.startswith("Raw materials, week 47 of") or re.match(r"Raw materials, week \d+ of \d{4}: [\d.]+, ", last)
    assert len({first, before, last}) == 3 and first.endswith(": 100.00")
    page.keyboard.press("PageDown")
    assert reading.inner_text() == last
    page.keyboard.press("Escape")
    assert reading.inner_text() == still and not page.evaluate("document.activeElement.className.includes('plot')")
    assert not page.faults


@pytest.mark.browser
def test_several_lines_are_said_together(opened: Any) -> None:
    page = opened("/explore/?series=1,2")
    page.locator(".plot").first.focus()
    page.keyboard.press("Home")
    assert "原料 100.00，坯布 100.00" in page.locator(".reading").first.inner_text()


@pytest.mark.browser
def test_the_library_comes_when_it_is_asked_for(opened: Any) -> None:
    page = opened("/en/index/1/")
    assert not any("interactive" in address for address in page.asked)
    button = page.get_by_role("button", name="Open interactive chart")
    button.click()
    page.wait_for_selector(".live canvas")
    assert sum("interactive" in address for address in page.asked) == 1
    assert all(address.startswith(page.base) for address in page.asked if not address.startswith(("data:", "blob:")))
    page.get_by_role("button", name="Back to the still chart").click()
    assert page.locator(".live").count() == 0 and page.locator(".plot svg").first.is_visible()
    assert not page.faults


@pytest.mark.browser
def test_without_the_library_the_picture_stays(opened: Any) -> None:
    page = opened("/en/index/1/")
    page.route("**/interactive*.js", lambda route: route.abort())
    page.get_by_role("button", name="Open interactive chart").click()
    page.locator(".reading", has_text="did not load").first.wait_for(state="attached")
    assert page.locator(".plot svg").first.is_visible()


@pytest.mark.browser
def test_a_picture_is_saved(opened: Any, tmp_path: Path) -> None:
    page = opened("/en/index/1/", accept_downloads=True)
    with page.expect_download() as saved:
        page.get_by_role("button", name="PNG").click()
    saved.value.save_as(tmp_path / "chart.png")
    data = (tmp_path / "chart.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n" and int.from_bytes(data[16:20], "big") == 2080


@pytest.mark.browser
def test_without_script_everything_is_there(opened: Any) -> None:
    page = opened("/en/index/1/", java_script_enabled=False)
    assert page.locator(".plot svg").first.is_visible() and page.locator("#figures + .scroll tbody tr").count() == 3
    page.goto(page.base + "/en/explore/?series=1,2")
    page.get_by_label("Measure").select_option("previous")
    page.get_by_role("button", name="Show").click()
    assert page.url.endswith("/en/explore/?series=1,2&show=previous")
    page.locator("#find").fill("grey fabric")
    page.locator("#find").press("Enter")
    assert page.get_by_role("link", name="Grey fabrics", exact=True).count() >= 1
