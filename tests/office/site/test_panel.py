"""Sources and units of the panel: counts for all, names only of units that agreed."""

from typing import Any


def test_sources_in_both_languages(sqlite_office: Any, monkeypatch: Any) -> None:
    sqlite_office.at(monkeypatch, 2022, 2, 2)
    en = sqlite_office.client().get("/en/sources/").content.decode()
    zh = sqlite_office.client().get("/sources/").content.decode()
    assert "Raw Material Market" in en and "原料市场" in zh
    assert "20 sample units" in en and "20 家样本单位" in zh


def test_only_units_that_agreed_are_named(sqlite_office: Any, monkeypatch: Any) -> None:
    from ellwand.office.registry.models import Unit

    sqlite_office.at(monkeypatch, 2022, 2, 2)
    one, other = Unit.objects.order_by("code")[:2]
    before = sqlite_office.client().get("/en/units/").content.decode()
    assert one.name_en not in before and "No unit has agreed" in before
    # Who agreed to report has not agreed to be named.
    Unit.objects.update(consent="2022-01-03, written")
    client = sqlite_office.client()
    for address in ("/en/units/", "/units/", "/units.csv", "/api/v1/units"):
        assert one.name_en not in client.get(address).content.decode(), address
    Unit.objects.filter(pk=one.pk).update(more={**one.more, "named": "2022-01-03, written"})
    for address in ("/en/units/", "/units.csv", "/api/v1/units"):
        after = client.get(address).content.decode()
        assert one.name_en in after and other.name_en not in after, address
