"""The pages about the office: policies true to the program, in both languages; roles from the table that decides."""

import re
from typing import Any

import pytest

LANGUAGES = (("zh", "/"), ("en", "/en/"))


def _get(address: str) -> Any:
    from django.test import Client

    return Client(SERVER_NAME="localhost").get(address)


def _text(address: str) -> str:
    answer = _get(address)
    assert answer.status_code == 200, address
    return str(answer.content.decode())


def test_every_policy_says_the_same_in_both_languages() -> None:
    from ellwand.office.pages import marks
    from ellwand.production.method import read_method
    from ellwand.web.site.about import POLICIES, names_in, texts, values

    told = {x: values(x, read_method().method) for x in ("zh", "en")}  # type: ignore[arg-type]
    for name in (*POLICIES, "accessibility"):
        zh, en = texts(name)["zh"], texts(name)["en"]
        assert names_in(zh) == names_in(en), name
        assert names_in(zh) <= told["zh"].keys(), name
        shape = [re.findall(r"<(h2|h3|p|ul|ol|li)>", marks.html(text)) for text in (zh, en)]
        assert shape[0] == shape[1], name
        assert not marks.wrong_links(zh.format_map(told["zh"])) and not marks.wrong_links(en.format_map(told["en"]))
        # Figures stand in the program and in the method, and not a second time in a text.
        assert not re.findall(r"(?<![\w-])\d+(?:\.\d+)?\s?(?:个工作日|天内|家，|%|working days|days|units)", zh + en), (
            name
        )


@pytest.mark.parametrize(("language", "root"), LANGUAGES)
def test_policies_give_the_values_of_the_program(sqlite_office: Any, language: str, root: str) -> None:
    from ellwand.office.cases import complaints
    from ellwand.web.site.about import POLICIES, policy_of

    for name in POLICIES:
        text = _text(f"{root}about/policies/{name}/")
        assert "{" not in text.partition("<main")[2].partition("</main>")[0]
        assert policy_of(name, "zh").digest[:16] in text
        assert policy_of(name, "zh").digest == policy_of(name, "en").digest
    text = _text(f"{root}about/policies/complaints/")
    days = {"zh": ("{}个工作日", "{}天内答复"), "en": ("within {} working days", "within {} days")}[language]
    assert days[0].format(complaints.ACKNOWLEDGE_DAYS) in text and days[1].format(complaints.ANSWER_DAYS) in text
    text = _text(f"{root}about/policies/confidentiality/")
    # The method of the office says three units and 85 %.
    assert ("少于3家" in text and "超过85%" in text) if language == "zh" else "fewer than 3 units" in text
    assert _get(f"{root}about/policies/none/").status_code == 404


def test_a_threshold_of_another_method_stands_in_the_policy() -> None:
    from dataclasses import replace

    from ellwand.production.method import read_method
    from ellwand.web.site.about import values

    method = read_method().method
    other = replace(method, quality=replace(method.quality, minimum_units=5, dominance=0.7))
    assert (values("en", other)["minimum_units"], values("en", other)["dominance"]) == ("5", "70 %")


@pytest.mark.parametrize(("language", "root"), LANGUAGES)
def test_the_list_of_early_access_is_public(sqlite_office: Any, language: str, root: str) -> None:
    from ellwand.office.approvals import previews

    address = f"{root}about/policies/early-access/"
    assert ("名单为空" if language == "zh" else "The list is empty") in _text(address)
    assert ("无人" if language == "zh" else "nobody") in _text(f"{root}about/")
    person, by = sqlite_office.user("col"), sqlite_office.user("ada")
    previews.grant(person, "Minister <Li>", by, "briefing", period="2022-W01")
    text = _text(address)
    assert "Minister &lt;Li&gt;" in text and "briefing" in text and "col" not in re.findall(r">(\w+)<", text)
    assert ("1人" if language == "zh" else "1 named") in _text(f"{root}about/")
    previews.grant(person, "Minister <Li>", by, "over", period="2022-W01", held=False)
    assert "Minister" not in _text(address)


def test_the_age_of_the_last_drill_is_public(sqlite_office: Any) -> None:
    from ellwand.office import clock
    from ellwand.office.cases.models import Drill

    assert "none has passed yet" in _text("/en/about/")
    Drill(kind="restore", by=sqlite_office.user("ada"), at=clock.now(), passed=True, found={}).save()
    assert "none has passed yet" not in _text("/en/about/") and "passed" in _text("/en/about/")


@pytest.mark.parametrize(("language", "root"), LANGUAGES)
def test_the_matrix_of_roles_is_the_one_that_decides(sqlite_office: Any, language: str, root: str) -> None:
    from ellwand.office.accounts.roles import MAY, ROLES
    from ellwand.web.site.roles_words import ACTS, NAMES

    # An act or a role that is new needs its words in roles_words.py.
    assert MAY.keys() == ACTS.keys() and set(ROLES) == NAMES.keys()
    rows = re.findall(r'<tr><th scope="row">.*?<code>([\w.]+)</code>.*?</th>(.*?)</tr>', _text(f"{root}about/roles/"))
    assert [act for act, _ in rows] == list(MAY)
    for act, cells in rows:
        marks = ["●" in cell for cell in re.findall(r"<td>(.*?)</td>", cells)]
        assert marks == [role in MAY[act] for role in ROLES], act


@pytest.mark.parametrize(("language", "root"), LANGUAGES)
def test_the_other_pages(sqlite_office: Any, language: str, root: str) -> None:
    about = _text(f"{root}about/")
    links = set(re.findall(rf'href="({root}about/[^"#]+)', about))
    assert {f"{root}about/roles/", f"{root}about/accessibility/", f"{root}about/contact/"} <= links
    for address in links:
        _text(address)
    assert ("还没有公布联系方式" if language == "zh" else "not stated an address") in _text(f"{root}about/contact/")
    assert "WCAG 2.2" in _text(f"{root}about/accessibility/")
