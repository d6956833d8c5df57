"""Declarations of interest (36): due on the desk before they end, and no approval without one in force."""

from typing import Any

import pytest

from ellwand.engine.errors import DataError
from ellwand.office.accounts.four_eyes import Person, Work, objections
from ellwand.office.cases import declarations


def test_a_declaration_lasts_a_year_and_reminds_a_month_before(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office.screens.declare import duty

    sta = office.user("sta")
    office.at(monkeypatch, 2022, 1, 3, 2)
    assert ["approve nothing" in str(d.words) or "不能批准" in str(d.words) for d in duty(sta)] == [True]
    declarations.declare(sta, "none")
    assert duty(sta) == [] and declarations.in_force(sta)
    office.at(monkeypatch, 2022, 12, 6, 2)
    assert declarations.in_force(sta) and len(duty(sta)) == 1
    office.at(monkeypatch, 2023, 1, 5, 2)
    assert not declarations.in_force(sta)

    def may(kind: Any) -> list[str]:
        return objections(kind, Person(sta.pk, sta.roles, declarations.in_force(sta), True), Work())

    assert ["rule 36" in o for o in may("statistics")] == [True]
    declarations.declare(sta, "none")
    assert may("statistics") == []
    # The auditor works on no release and writes nothing.
    assert duty(office.user("aud")) == []


def test_the_screen(office: Any) -> None:
    from ellwand.office.audit.models import Entry
    from ellwand.office.cases.models import Declaration

    client = office.client("sta")
    assert client.post("/office/declare/", {"interests": ""}).status_code == 422
    assert client.post("/office/declare/", {"none": "on"}).status_code == 302
    assert client.post("/office/declare/", {"interests": "shares of a mill"}).status_code == 302
    assert [d.interests for d in Declaration.objects.order_by("pk")] == ["none", "shares of a mill"]
    assert "shares of a mill" in client.get("/office/declare/").content.decode()
    # The trail tells that he declared, not what.
    assert "mill" not in str(list(Entry.objects.filter(act="interests.declare").values()))
    assert office.client("aud").post("/office/declare/", {"none": "on"}).status_code == 403


def test_an_empty_declaration_is_none(sqlite_office: Any) -> None:
    with pytest.raises(DataError, match="interests: empty"):
        declarations.declare(sqlite_office.user("sta"), "  ")
