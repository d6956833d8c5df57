"""Versions of the method: what can't be proposed, what is decided once, what the public reads of it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ellwand.engine.errors import DataError


def changed(version: str = "2.0", least: int = 4) -> str:
    """The office's method with another minimum of units."""
    from ellwand.office.registry.models import MethodVersion

    row = MethodVersion.objects.order_by("pk")[0]
    assert "minimum_units = 3" in row.text
    text = row.text.replace(f'version = "{row.version}"', f'version = "{version}"')
    return text.replace("minimum_units = 3", f"minimum_units = {least}")


def given(**other: Any) -> Any:
    from ellwand.office.registry.methods import Proposed

    whole = Proposed(changed(), "提高最低单位数", "More units are asked for", date(2022, 1, 25), "2022-W06")
    return replace(whole, **other)


def proposed(office: Any, **other: Any) -> Any:
    from ellwand.office.registry import methods

    return methods.propose(given(**other), office.user("cai"))


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"summary_zh": " "}, "summary in Chinese"),
        ({"summary_en": ""}, "summary in English"),
        ({"text": "name = 3"}, "the proposed file"),
        ({"comments_until": date(2022, 1, 20)}, "give 14 days at least"),
        ({"effective_from": "2022-W04"}, "begins on 2022-01-24, and comments are open"),
        ({"effective_from": "soon"}, "no period"),
    ],
)
def test_what_can_not_be_proposed(
    sqlite_office: Any, monkeypatch: pytest.MonkeyPatch, other: dict[str, Any], told: str
) -> None:
    from ellwand.office.registry.models import MethodProposal

    sqlite_office.at(monkeypatch, 2022, 1, 11, 3)
    with pytest.raises(DataError, match=told):
        proposed(sqlite_office, **other)
    assert not MethodProposal.objects.exists()


def test_a_version_stands_for_one_content(sqlite_office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office.registry.models import MethodVersion

    sqlite_office.at(monkeypatch, 2022, 1, 11, 3)
    own = MethodVersion.objects.get()
    with pytest.raises(DataError, match="holds this version"):
        proposed(sqlite_office, text=changed(own.version))
    with pytest.raises(DataError, match="differs in nothing"):
        proposed(sqlite_office, text=changed("9", least=3) + "# a remark\n")
    proposed(sqlite_office)
    with pytest.raises(DataError, match="holds this version"):
        proposed(sqlite_office)


def test_a_refused_proposal_changes_nothing(sqlite_office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office.registry import methods
    from ellwand.office.registry.models import MethodVersion

    sqlite_office.at(monkeypatch, 2022, 1, 11, 3)
    made = proposed(sqlite_office)
    sqlite_office.at(monkeypatch, 2022, 1, 26, 3)
    methods.decide(made, sqlite_office.user("sta"), accept=False, effective_from="", reason="not needed")
    assert MethodVersion.objects.count() == 1
    with pytest.raises(DataError, match="decided already"):
        methods.run_parallel(made, sqlite_office.user("cai"))


def test_after_a_release_no_folder_brings_a_method(sqlite_week: Any) -> None:
    from ellwand.office.registry.market import import_market
    from ellwand.office.registry.models import MethodVersion

    office = sqlite_week.office
    sqlite_week.public()
    with pytest.raises(DataError, match="takes the way of a proposal"):
        import_market(office.market, office.user("cai"), method="minimal")
    assert MethodVersion.objects.count() == 1


def test_the_parallel_run_of_a_public_issue_is_public(sqlite_week: Any) -> None:
    from ellwand.office.registry import methods, public

    week, office = sqlite_week, sqlite_week.office
    found = week.public()
    office.collect("2022-W02")
    made = methods.propose(given(comments_until=date(2022, 2, 1), effective_from="2022-W08"), office.user("cai"))
    methods.run_parallel(made, office.user("cai"))
    (told,) = public.proposals()
    # Of the round that is not public nothing is computed.
    assert told.figures is not None and told.figures["periods"] == [found.period]


def test_a_run_does_not_show_a_correction_before_its_release(sqlite_week: Any) -> None:
    from ellwand.office.registry import methods

    week, office = sqlite_week, sqlite_week.office
    week.public()
    week.at(2022, 1, 16, 3)
    week.public("2022-W02")
    week.at(2022, 1, 18, 3)
    made = methods.propose(given(comments_until=date(2022, 2, 5), effective_from="2022-W08"), office.user("cai"))
    assert methods.run_parallel(made, office.user("cai")).figures["periods"][-1] == "2022-W02"
    week.change_quote("2022-W02")
    with pytest.raises(DataError, match="no longer give the figure that is public"):
        methods.run_parallel(made, office.user("cai"))
