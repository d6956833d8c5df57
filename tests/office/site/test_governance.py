"""The public page of the self-test: what was found last, as it was found, in both languages and for programs."""

import json
import re
from html import unescape
from typing import Any

import pytest

LANGUAGES = (("zh", "/"), ("en", "/en/"))


def _text(address: str) -> str:
    from django.test import Client

    answer = Client(SERVER_NAME="localhost").get(address)
    assert answer.status_code == 200, address
    return str(answer.content.decode())


def _rows(text: str) -> list[tuple[str, str]]:
    """Number and the rest of each line, without markup."""
    found = re.findall(r'<tr id="feature-(\d+)">(.*?)</tr>', text)
    return [(number, unescape(re.sub(r"<[^>]+>", " ", rest))) for number, rest in found]


@pytest.mark.parametrize(("language", "root"), LANGUAGES)
def test_before_the_first_self_test_the_requirements_stand_there(sqlite_office: Any, language: str, root: str) -> None:
    text = _text(f"{root}about/governance/")
    assert ("还没有做过自检" if language == "zh" else "No self-test was made yet") in text
    assert [number for number, _ in _rows(text)] == [str(n) for n in range(1, 51)]
    assert json.loads(_text(f"{root}about/governance.json"))["lines"] == []


def test_every_principle_is_explained() -> None:
    from ellwand.office.audit.features import FEATURES
    from ellwand.web.site.governance import PRINCIPLES, WORDS

    known = {letters for letters, _, _ in PRINCIPLES}
    for one in FEATURES.values():
        assert one.source in WORDS or all(
            part.split()[0] in known or part.isdigit() for part in one.source.split(", ")
        ), one


@pytest.mark.parametrize(("language", "root"), LANGUAGES)
def test_every_line_is_shown_as_it_was_found(office: Any, language: str, root: str) -> None:
    from ellwand.office.audit import selftest

    row = selftest.keep()
    text = _text(f"{root}about/governance/")
    rows = _rows(text)
    for line, (number, shown) in zip(selftest.lines_of(row), rows, strict=True):
        assert str(line.number) == number
        zh = language == "zh"
        assert (line.name_zh if zh else line.name_en) in shown
        assert (line.detail_zh if zh else line.detail_en) in shown
        assert selftest.OUTCOMES[line.outcome][0 if zh else 1] in shown
    told = json.loads(_text(f"{root}about/governance.json"))
    assert told["passed"] == row.passed and told["lines"] == row.lines
    assert f'href="{root}about/governance/"' in _text(f"{root}about/")


def test_what_does_not_hold_is_said_on_top(sqlite_office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office.audit import live, selftest

    assert live is not None
    monkeypatch.setitem(selftest.CHECKS, 12, lambda: selftest.Found(False, "缺<1>张", "1 table <bare>"))
    row = selftest.keep()
    assert row.failed >= 1
    text = _text("/en/about/governance/")
    assert '<a href="#feature-12">12</a>' in text and "did not pass" in text and "1 table &lt;bare&gt;" in text
    assert "未通过" in _text("/about/governance/")
