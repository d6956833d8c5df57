"""Search: Chinese words of two letters, codes, pinyin; only what is public; the same in both databases."""

from typing import Any

import pytest

from ellwand.web.search.pieces import pieces, pinyin, question


def test_pieces() -> None:
    assert pieces("服装面料，涤纶DTY 150D/48F") == "服装 装面 面料 涤纶 dty 150d 48f"
    assert pieces("ＰＯＹ ｆdy Café") == "poy fdy cafe"
    assert pieces("布") == "布" and pieces("…!") == ""
    assert pinyin("面料").split() == ["mianliao", "ml", "liao", "l"]


def test_questions() -> None:
    assert question("价格指数") == ('"价格 格指 指数"', [])
    assert question("grey fabric 布") == ('"grey"* AND "fabric"*', ["布"])
    assert question("\" OR '* --") == ('"or"*', []) and question("%_\\") == ("", [])


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("面料", "服装面料"),
        ("坯布", "坯布"),
        ("价格指数", "总指数"),
        ("涤纶", "涤纶"),
        ("ＰＯＬＹｅster", "涤纶"),
        ("mianliao", "服装面料"),
        ("fzml", "服装面料"),
        ("布", "坯布"),
        ("grey fabric", "坯布"),
    ],
)
def test_words_are_found(demo: Any, get: Any, asked: str, title: str) -> None:
    import re

    text = get("/search", {"q": asked}).content.decode()
    titles = [re.sub(r"<[^>]+>", "", t) for t in re.findall(r'</span> <a href="[^"]+">(.*?)</a>', text)]
    assert any(title in t for t in titles), titles


def test_english_words(demo: Any, get: Any) -> None:
    text = get("/en/search?q=grey+fabric").content.decode()
    assert '<a href="/en/index/2/">' in text and "<mark>" in text
    assert get("/en/search?q=zzzz").content.decode().count("Nothing found") == 1


def test_what_is_asked_is_text_and_nothing_else(demo: Any, get: Any) -> None:
    for asked in (
        "<script>alert(1)</script>",
        '" OR doc MATCH "a',
        "'; DROP TABLE doc; --",
        "NEAR(a b)",
        "*",
        "a" * 9000,
    ):
        answer = get("/en/search", {"q": asked})
        assert answer.status_code == 200 and "<script" not in answer.content.decode()
    for number in ("0", "-1", "x", "51", "99999"):
        assert get("/en/search", {"q": "fabric", "page": number}).status_code == 400
    assert get("/en/search", {"q": "fabric", "page": "2"}).status_code == 200


def test_nothing_is_found_before_its_instant(week: Any) -> None:
    found = week.scheduled()
    client, due = week.office.client(), found.issue.release_at
    titles = {}
    for name, root, asked in (("zh", "/", "第1周"), ("en", "/en/", "Week 1")):
        text = client.get(f"{root}search", {"q": asked}).content.decode()
        assert "comments/price/price-2022-W01" not in text
        titles[name] = text
    week.at(due.year, due.month, due.day, due.hour, due.minute)
    for name, root, asked in (("zh", "/", "第1周"), ("en", "/en/", "Week 1")):
        text = client.get(f"{root}search", {"q": asked}).content.decode()
        assert "comments/price/price-2022-W01" in text and text != titles[name]


def test_an_index_that_is_gone_is_made_anew(sqlite_office: Any) -> None:
    from ellwand.web.moments import moment
    from ellwand.web.search import index

    client = sqlite_office.client()
    assert client.get("/en/search?q=cut").status_code == 200
    path = index.place(moment())
    assert path.is_file() and path.parent.stat().st_mode & 0o077 == 0
    path.unlink()
    assert client.get("/en/search?q=calendar").content.decode().count("/en/calendar/") > 1
    assert path.is_file()
