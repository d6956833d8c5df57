"""Tokens: the admin makes and revokes them on a screen, the secret is shown once, the auditor reads."""

import re
from typing import Any

import pytest

from ellwand.office.collection import tokens
from ellwand.office.collection.models import ApiToken, TokenRevocation

ADDRESS = "/office/tokens/"


def test_made_shown_once_and_revoked(office: Any) -> None:
    ada, aud = office.client("ada"), office.client("aud")
    assert "No token yet" in aud.get(ADDRESS).content.decode()
    given = {"act": "make", "label": "till <b>", "user": "col", "scope": ["quotes", "odk"], "days": "30"}
    made = ada.post(ADDRESS, given).content.decode()
    (secret,) = re.findall(r"ellwand_[\w-]{43}", made)
    found = tokens.find(secret)
    assert found is not None and (found.user.username, found.scopes) == ("col", ["quotes", "odk"])
    assert ApiToken.objects.get(pk=found.pk).label == "till <b>"
    page = ada.get(ADDRESS).content.decode()
    assert secret not in page and "till &lt;b&gt;" in page and "good</span>" in page
    assert "Revoke" in page and "Revoke</button>" not in aud.get(ADDRESS).content.decode()
    assert ada.post(ADDRESS, {"act": "revoke", "token": str(found.pk)}).status_code == 302
    assert tokens.find(secret) is None and TokenRevocation.objects.get().by.username == "ada"
    assert "revoked</span>" in office.client("ada").get(ADDRESS).content.decode()
    for wrong in (
        {"act": "revoke", "token": str(found.pk)}, {"act": "revoke", "token": "x"}, {"act": "x"},
        given | {"days": "many"}, given | {"days": "0"}, given | {"label": " "}, given | {"scope": []},
        given | {"user": "rui"}, given | {"user": "nobody"},
    ):  # fmt: skip
        assert ada.post(ADDRESS, wrong).status_code == 422, wrong
    assert ApiToken.objects.count() == 1
    for name in ("col", "cai", "aud"):
        assert office.client(name).post(ADDRESS, given).status_code == 403


def test_the_description_for_people(sqlite_office: Any) -> None:
    for language, said in (("zh-hans", "报价接口"), ("en", "The quote interface")):
        page = sqlite_office.client("col", language=language).get("/office/api/").content.decode()
        assert said in page and "Idempotency-Key" in page and "/office/api/v1/quotes" in page


@pytest.mark.browser
def test_nothing_bars_anybody(sqlite_office: Any, serve: Any, sign_in: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    tokens.make(sqlite_office.user("col"), "till", ["quotes"], 30, sqlite_office.user("ada"))
    served = serve(sqlite_office)
    for language in ("zh-hans", "en"):
        for width in (390, 1440):
            page = sign_in(served, "ada", language=language, width=width)
            for address in (ADDRESS, "/office/api/"):
                page.goto(f"{served.base}{address}")
                results = Axe().run(page)
                assert not results.response["violations"], results.generate_report()
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
