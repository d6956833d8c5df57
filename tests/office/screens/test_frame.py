"""What every screen shares: signing in, the second factor, roles, languages, and the content security policy."""

import re
from typing import Any

import pytest


def test_a_stranger_is_asked_to_sign_in(sqlite_office: Any) -> None:
    answer = sqlite_office.client().get("/office/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=")


@pytest.mark.parametrize(("name", "second", "status"), [("cai", False, 200), ("rui", False, 302), ("rui", True, 200)])
def test_who_reviews_or_approves_needs_a_second_factor(
    sqlite_office: Any, name: str, second: bool, status: int
) -> None:
    answer = sqlite_office.client(name, second_factor=second).get("/office/")
    assert answer.status_code == status
    if status == 302:
        assert answer["Location"] == "/accounts/2fa/"


def test_the_desk_in_both_languages(sqlite_office: Any) -> None:
    sqlite_office.collect("2022-W01")
    en = sqlite_office.client("sun", language="en").get("/office/").content.decode()
    zh = sqlite_office.client("sun", language="zh-hans").get("/office/").content.decode()
    assert 'lang="en"' in en and "What waits for you today" in en and "Week 1 2022" in en
    assert 'lang="zh-Hans"' in zh and "今天等您处理的事" in zh and "2022年第1周" in zh
    assert "Simulated market" in en and "模拟市场" in zh


def test_no_page_carries_script_or_style_of_its_own(sqlite_office: Any) -> None:
    for address in ("/office/", "/office/rounds/", "/accounts/2fa/", "/accounts/password/change/"):
        answer = sqlite_office.client("cai").get(address)
        text = answer.content.decode()
        assert (
            "script-src" in answer["Content-Security-Policy"]
            or "default-src 'self'" in answer["Content-Security-Policy"]
        )
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text), address
        assert not re.search(r"(src|href)=[\"']https?://", text), address


def test_an_unknown_address_says_nothing(sqlite_office: Any) -> None:
    answer = sqlite_office.client("cai").get("/office/rounds/none/")
    assert answer.status_code == 422
    assert sqlite_office.client("cai").get("/nowhere/").status_code == 404
