"""News on the site: in both languages, a marked notice where one is missing, old addresses, the feed."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ellwand.engine.errors import DataError

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def publish(sqlite_office: Any, words: dict[str, str]) -> Any:
    from ellwand.office.pages import publishing, writing

    def make(section: str = "news", **change: str) -> Any:
        wen = sqlite_office.user("wen")
        return publishing.publish(writing.start(section, words | change, wen), wen)

    make.office = sqlite_office  # type: ignore[attr-defined]
    return make


def _text(publish: Any, address: str, status: int = 200) -> str:
    answer = publish.office.client().get(address)
    assert answer.status_code == status, address
    return str(answer.content.decode())


def test_empty_sections_say_what_will_be_there(publish: Any) -> None:
    for root, news, market in (("/", "还没有新闻", "还没有市场动态"), ("/en/", "No news yet", "No market news yet")):
        assert news in _text(publish, f"{root}news/") and market in _text(publish, f"{root}market-news/")
        feed = ET.fromstring(_text(publish, f"{root}feed/notices.atom"))
        assert not feed.findall(f"{ATOM}entry") and feed.findtext(f"{ATOM}updated") == "1970-01-01T00:00:00+00:00"


def test_both_languages_at_the_same_path(publish: Any) -> None:
    publish()
    publish("market-news", slug="mills", title_en="Mills open", source="A paper", source_url="https://paper.example/1")
    zh, en = _text(publish, "/news/autumn-fair/"), _text(publish, "/en/news/autumn-fair/")
    assert 'lang="zh-Hans"' in zh and "秋季展会" in zh and "2022年1月4日" in zh and 'href="/en/news/autumn-fair/"' in zh
    assert 'lang="en"' in en and "Autumn fair" in en and "2022-01-04" in en and 'href="/news/autumn-fair/"' in en
    assert "Autumn fair" in _text(publish, "/en/news/") and "Mills open" not in _text(publish, "/en/news/")
    market = _text(publish, "/en/market-news/mills/")
    assert 'href="https://paper.example/1"' in market and "A paper" in market
    assert "模拟" in zh and "simulated" in en


def test_a_missing_language_is_marked_and_never_filled_in(publish: Any) -> None:
    publish(slug="only-zh", title_en="", lead_en="", body_en="")
    publish(slug="only-en", title_zh="", lead_zh="", body_zh="")
    en, zh = _text(publish, "/en/news/only-zh/"), _text(publish, "/news/only-en/")
    assert "This article has no text in Chinese yet" not in en
    assert "This article has no text in English yet" in en and 'href="/news/only-zh/"' in en and "十月" not in en
    assert '<h1 lang="zh-Hans">秋季展会</h1>' in en
    assert "这篇文章还没有中文文本" in zh and 'href="/en/news/only-en/"' in zh and "October" not in zh
    assert '<h1 lang="en">Autumn fair</h1>' in zh
    listed = _text(publish, "/en/news/")
    assert "Chinese only" in listed and 'lang="zh-Hans">秋季展会' in listed
    # A feed has one language: what lacks it is not in it.
    for root, slug in (("/", "only-zh"), ("/en/", "only-en")):
        feed = ET.fromstring(_text(publish, f"{root}feed/notices.atom"))
        assert [e.find(f"{ATOM}link").get("href") for e in feed.findall(f"{ATOM}entry")] == [  # type: ignore[union-attr]
            f"http://localhost{root}news/{slug}/"
        ]


def test_old_addresses_and_old_editions(publish: Any, words: dict[str, str]) -> None:
    from ellwand.office.pages import publishing, writing

    first = publish()
    wen = publish.office.user("wen")
    draft = writing.save(first.article, words | {"slug": "fair", "lead_en": "Two days."}, wen, base=1)
    publishing.publish(draft, wen)
    answer = publish.office.client().get("/en/news/autumn-fair/")
    assert answer.status_code == 301 and answer["Location"] == "/en/news/fair/"
    now = _text(publish, "/en/news/fair/")
    assert "Two days." in now and 'href="/en/news/fair/?edition=1"' in now
    old = _text(publish, "/en/news/fair/?edition=1")
    assert "Three days." in old and "a later one has replaced" in old
    for bad in ("9", "x", "<b>"):
        assert "&lt;b&gt;" in (text := _text(publish, f"/en/news/fair/?edition={bad}", 400)) or bad != "<b>", text
    feed = ET.fromstring(_text(publish, "/en/feed/notices.atom"))
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}id", "").endswith(f"notice/{first.article_id}")
    assert entry.findtext(f"{ATOM}title") == "[Simulated] Autumn fair"
    assert "<h2>When</h2>" in entry.findtext(f"{ATOM}content", "")
    answer = publish.office.client().get("/en/feed/notices.atom")
    again = publish.office.client().get("/en/feed/notices.atom", HTTP_IF_NONE_MATCH=answer["ETag"])
    assert again.status_code == 304 and "must-revalidate" in answer["Cache-Control"]
    publishing.withdraw(first.article, wen, "off")
    assert "off" in _text(publish, "/en/news/fair/", 410)
    assert not ET.fromstring(_text(publish, "/en/feed/notices.atom")).findall(f"{ATOM}entry")


def test_pages_of_the_list(publish: Any) -> None:
    for n in range(21):
        publish(slug=f"n-{n}", day=f"2022-01-{n + 1:02d}", title_en=f"Number {n}.")
    first, second = _text(publish, "/en/news/"), _text(publish, "/en/news/?page=2")
    assert "Number 20." in first and "Number 1." in first and "Number 0." not in first and "?page=2" in first
    assert "Number 0." in second and "Number 1." not in second and 'rel="prev"' in second
    _text(publish, "/en/news/?page=3", 404)
    for bad in ("0", "-1", "x", "１", "9" * 30):
        _text(publish, f"/en/news/?page={bad}", 400)


def test_free_pages_stand_beside_the_fixed_ones(publish: Any) -> None:
    publish("knowledge", slug="history", day="", title_en="History of the index")
    assert "History of the index" in _text(publish, "/en/knowledge/history/")
    assert 'href="/en/knowledge/history/"' in _text(publish, "/en/knowledge/")
    with pytest.raises(DataError, match="slug"):
        publish("knowledge", slug="glossary")
    for address in ("/en/news/none/", "/news/%E7%A7%8B/", "/en/news/AUTUMN/", "/pictures/none.jpg"):
        _text(publish, address, 404)
