"""Index knowledge: the method by version, the glossary, contracts, quality reports, all from what the program does."""

import re
from decimal import Decimal
from typing import Any

import pytest

LANGUAGES = (("zh", "/"), ("en", "/en/"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from ellwand.office import setup
    from ellwand.office.demo.make import make

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        demo = make(tmp_path_factory.mktemp("knowledge") / "office", count=3, items=80, units=40, version="test")
        yield demo
        setup.disconnect("default")


@pytest.fixture
def demo(made: Any, use: Any) -> Any:
    """The demo, in use again after tests of other offices."""
    use(made.folder, "")
    return made


def _get(address: str) -> Any:
    from django.test import Client

    return Client(SERVER_NAME="localhost").get(address)


def _text(address: str) -> str:
    answer = _get(address)
    assert answer.status_code == 200, address
    return str(answer.content.decode())


def test_the_method_in_both_languages(sqlite_office: Any) -> None:
    from ellwand.office.registry.models import MethodVersion

    row = MethodVersion.objects.get()
    en = sqlite_office.client().get("/en/knowledge/").content.decode()
    zh = sqlite_office.client().get("/knowledge/").content.decode()
    assert "geometric mean of price ratios" in en and "几何平均" in zh
    assert row.digest in en and row.digest in zh
    file = sqlite_office.client().get(f"/knowledge/method/{row.digest}.toml")
    assert file.content.decode() == row.text
    assert sqlite_office.client().get(f"/en/knowledge/method/{row.digest}/").status_code == 200
    assert sqlite_office.client().get("/en/knowledge/method/none/").status_code == 404


@pytest.mark.parametrize(("language", "root"), LANGUAGES)
def test_the_glossary_is_that_of_the_program(demo: Any, language: str, root: str) -> None:
    from ellwand.office.registry.models import Class
    from ellwand.production.compile import STATUSES
    from ellwand.production.report.texts import SLIGHT, SMALL, TEXTS
    from ellwand.production.report.words import VERBS

    text = _text(f"{root}knowledge/glossary/")
    for status in STATUSES:
        assert f"<code>{status}</code>" in text
        assert all(words in text for words in TEXTS[f"status_{status}"])
    for verbs in VERBS.values():
        assert all(word in text for words in verbs.values() for word in words)
    assert f"{SLIGHT:.2f}" in text and f"{SMALL:.2f}" in text
    listed = re.findall(r'<td lang="zh-Hans">(.*?)</td><td lang="en">(.*?)</td></tr>', text)
    from html import unescape

    pairs = {(unescape(zh), unescape(en)) for zh, en in listed}
    shown = Class.objects.filter(classification__number=1).values_list("name_zh", "name_en")
    assert shown.count() > 20 and pairs >= set(shown)


def test_a_word_has_one_meaning_and_one_translation() -> None:
    from ellwand.web.site.glossary import TERMS

    for column in range(4):
        words = [row[column].lower() for row in TERMS.values()]
        assert len(words) == len(set(words)) and all(words)


@pytest.mark.parametrize(("language", "root"), LANGUAGES)
def test_the_example_of_a_contract_is_right(demo: Any, language: str, root: str) -> None:
    from ellwand.office.record import reading

    text = _text(f"{root}knowledge/contracts/")
    found = re.search(r"([\d.]+) × ([\d.]+) ÷ ([\d.]+) = <strong>\w+ ([\d.]+)</strong>", text)
    assert found is not None
    price, now, start, new = map(Decimal, found.groups())
    levels = {f.observation.period: f.observation.published for f in reading.figures(["price/total"])}
    assert levels[demo.released[0]] == str(start) and levels[demo.released[-1]] == str(now)
    assert abs(price * now / start - new) <= Decimal("0.005")
    # Both values lead to their series, in the vintage that gave them.
    for period, level in ((demo.released[0], start), (demo.released[-1], now)):
        assert f'<a href="{root}index/0/?vintage=price-{period}-1">{level}</a>' in text
    assert "{" not in text.partition("<main")[2].partition("</main>")[0]


def test_a_contract_knows_the_plan_for_the_end_of_the_index(sqlite_office: Any) -> None:
    from ellwand.office.registry import cessation

    client = sqlite_office.client()
    assert "ends with the demonstration" in client.get("/en/knowledge/contracts/").content.decode()
    cessation.state("终止前一年公告。", "A year of notice.", sqlite_office.user("cai"))
    assert "A year of notice." in client.get("/en/knowledge/contracts/").content.decode()
    assert "终止前一年公告。" in client.get("/knowledge/contracts/").content.decode()


def test_before_two_issues_there_is_no_example(sqlite_office: Any) -> None:
    assert "two issues are public" in _text("/en/knowledge/contracts/")
    assert "No index has been released yet" in _text("/en/knowledge/quality/")
    assert "from the first release on" in _text("/en/knowledge/glossary/")


def test_contracts_say_the_same_in_both_languages() -> None:
    from ellwand.office.pages import marks
    from ellwand.web.site.about import names_in, texts

    both = texts("contracts")
    assert names_in(both["zh"]) == names_in(both["en"])
    shape = [re.findall(r"<(h2|h3|p|ul|ol|li|blockquote)>", marks.html(t)) for t in both.values()]
    assert shape[0] == shape[1]


@pytest.mark.parametrize(
    ("start", "now", "new"), [("100", "100", "12.00"), ("99.99", "105.20", "12.63"), ("3", "2", "8.00")]
)
def test_settling(start: str, now: str, new: str) -> None:
    from ellwand.web.site.contracts import PRICE, settled

    assert str(settled(PRICE, Decimal(start), Decimal(now))) == new


@pytest.mark.parametrize(("language", "root"), LANGUAGES)
def test_quality_is_that_of_the_sealed_reports(demo: Any, language: str, root: str) -> None:
    import json

    from ellwand.office.record import reading

    text = _text(f"{root}knowledge/quality/")
    rows = re.findall(r'<tr><th scope="row"><a href="([^"]*)">(.*?)</a></th>(.*?)</tr>', text)
    assert [period for _, period, _ in rows] == list(reversed(demo.released))
    for address, period, cells in rows:
        release = next(r for r in reading.public() if r.period == period)
        told = json.loads(reading.file(release, "report/quality.json").read_text())
        assert f"{100 * told['last']['response_rate']:.1f} %" in cells and f">{told['last']['used']:,}<" in cells
        assert _get(address).status_code == 200
        for link in re.findall(r'href="([^"]*)"', cells):
            assert _get(link).status_code == 200, link


def test_quality_shows_nothing_before_its_instant(demo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    from ellwand.office import clock
    from ellwand.office.record import reading

    last = reading.latest()
    assert last is not None
    monkeypatch.setattr(clock, "now", lambda: last.release_at - timedelta(seconds=1))
    assert last.period not in _text("/en/knowledge/quality/")
    monkeypatch.setattr(clock, "now", lambda: last.release_at)
    assert last.period in _text("/en/knowledge/quality/")
    for bad, status in (("2", 404), ("0", 400), ("x", 400)):
        assert _get(f"/en/knowledge/quality/?page={bad}").status_code == status


@pytest.mark.parametrize(("language", "root"), LANGUAGES)
def test_the_demo_fills_every_section_and_says_that_it_is_simulated(demo: Any, language: str, root: str) -> None:
    for section in ("news", "market-news"):
        text = _text(f"{root}{section}/")
        addresses = re.findall(rf'<h2><a href="({root}{section}/[a-z-]+/)"', text)
        assert len(addresses) >= 2
        for address in addresses:
            assert ("模拟" if language == "zh" else "simulated") in _text(address)
    knowledge = _text(f"{root}knowledge/")
    for address in set(re.findall(rf'href="({root}knowledge/[^"#]+/)"', knowledge)):
        _text(address)
    assert "from-stall-to-figure" in knowledge and "this-demonstration" in _text(f"{root}about/")


PAGES = (
    "news/", "news/weekly-releases-begin/", "news/reading-room/", "market-news/", "market-news/autumn-fair/",
    "knowledge/", "knowledge/glossary/", "knowledge/contracts/", "knowledge/quality/",
    "knowledge/from-stall-to-figure/", "about/", "about/this-demonstration/", "about/roles/", "about/accessibility/",
    "about/contact/", "about/governance/", "about/policies/release/", "about/policies/early-access/",
)  # fmt: skip


def test_no_page_carries_script_or_style_of_its_own_and_none_is_heavy(demo: Any) -> None:
    import gzip

    for _, root in LANGUAGES:
        for path in PAGES:
            answer = _get(root + path)
            text = answer.content.decode()
            assert not re.search(r"<style|\sstyle=|\son\w+=|<script", text), path
            assert not re.search(r"(src|href)=[\"']https?://(?!localhost/)", text), path
            assert "unsafe" not in answer["Content-Security-Policy"], path
            # With the three style sheets (16 kB together) a page of words stays below 60 kB.
            assert len(gzip.compress(answer.content)) < 40_000, path


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_browser_axe_finds_nothing(made: Any, serve: Any, chromium: Any, scheme: str) -> None:
    axe_module = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    import os
    from types import SimpleNamespace

    environment = {**os.environ, "ELLWAND_DIR": str(made.folder)}
    home = SimpleNamespace(path=made.folder)
    served = serve(SimpleNamespace(environment=environment, home=home))
    axe = axe_module.Axe()
    for width in (320, 390, 1440):
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        for _, root in LANGUAGES:
            for path in PAGES:
                page.goto(served.base + root + path)
                found = axe.run(page).response["violations"]
                assert not found, (path, width, [(v["id"], v["nodes"][0]["html"][:200]) for v in found])
                wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
                assert not wide, (path, width)
        context.close()
