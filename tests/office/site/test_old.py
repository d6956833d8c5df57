"""Old addresses lead to their successors for good."""

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("address", "successor"),
    [
        ("/Comments/detial.php?name=0&id=4109", "/comments/price/"),
        ("/Comments/detial.php?name=1&id=7", "/comments/outlook/"),
        ("/comments/detial.php", "/comments/price/"),
        ("/News/detial.php?id=2960&name=0", "/news/"),
        ("/News/detial.php?id=91&name=1", "/market-news/"),
        ("/en/News/detial.php?id=91&name=2", "/en/news/"),
        ("/Knowledge/list.aspx", "/knowledge/"),
        ("/index.php", "/"),
        ("/en/default.html", "/en/"),
        ("/search.php?keyword=面料", "/search?q=%E9%9D%A2%E6%96%99"),
    ],
)
def test_old_addresses(sqlite_office: Any, address: str, successor: str) -> None:
    answer = sqlite_office.client().get(address)
    assert answer.status_code == 301 and answer["Location"] == successor


def test_the_english_host_leads_to_the_english_pages(sqlite_office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["en.example.org"])
    answer = sqlite_office.client().get("/Comments/detial.php?name=0&id=1", SERVER_NAME="en.example.org")
    assert answer["Location"] == "/en/comments/price/"


@pytest.mark.parametrize("address", ["/News/detial.php.bak", "/Other/detial.php", "/wp-login.php"])
def test_what_never_was_is_not_there(sqlite_office: Any, address: str) -> None:
    assert sqlite_office.client().get(address).status_code == 404
