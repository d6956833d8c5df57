"""Every kind of page, also those behind a link: axe finds nothing, and without script no figure is missing."""

import re
from collections import Counter
from typing import Any

import pytest

ROOTS = {"zh": "/", "en": "/en/"}
FIGURE = re.compile(r"[+−]?\d[\d,]*(?:\.\d+)?")


def _share(kinds: list[str], language: str, thorough: bool) -> list[str]:
    """The kinds that are looked at in a language: each in one of them, in both where everything is looked at."""
    return kinds if thorough else kinds[language == "zh" :: 2]


def _looks(language: str, thorough: bool) -> list[tuple[int, str]]:
    """Width and light of the windows in which the pages of a language are looked at."""
    looks = [(1200, "light"), (390, "dark")]
    return [*looks, (390, "light"), (1200, "dark")] if thorough else looks[language == "zh" :][:1]


@pytest.mark.browser
@pytest.mark.parametrize("language", ROOTS)
def test_axe_finds_nothing_on_any_kind_of_page(
    chromium: Any, site: Any, kinds: Any, thorough: bool, language: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    found = []
    for width, scheme in _looks(language, thorough):
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        for kind in _share(kinds, language, thorough):
            page.goto(site.base + ROOTS[language] + kind)
            for fault in axe.run(page).response["violations"]:
                found.append((kind, width, scheme, fault["id"], fault["nodes"][0]["html"][:200]))
        context.close()
    assert found[:10] == []


@pytest.mark.browser
@pytest.mark.parametrize("language", ROOTS)
def test_without_script_every_figure_is_there(
    chromium: Any, site: Any, kinds: Any, thorough: bool, language: str
) -> None:
    texts: dict[bool, dict[str, Counter[str]]] = {}
    for script in (True, False):
        context = chromium.new_context(viewport={"width": 1200, "height": 900}, java_script_enabled=script)
        page = context.new_page()
        page.goto(site.base)
        texts[script] = {}
        for kind in _share(kinds, language, thorough):
            page.goto(site.base + ROOTS[language] + kind, wait_until="load" if script else "domcontentloaded")
            texts[script][kind] = Counter(FIGURE.findall(page.locator("main").inner_text()))
        context.close()
    lost = {kind: with_ - texts[False][kind] for kind, with_ in texts[True].items()}
    assert {kind: figures for kind, figures in lost.items() if figures} == {}
    assert sum(sum(counted.values()) for counted in texts[False].values()) > 1000
