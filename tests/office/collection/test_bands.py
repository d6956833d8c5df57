"""The respondent's return: own price against the band of others, after the release only, and of enough units only."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client


@pytest.fixture
def released(week: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The first week is public, the second one collects; bands of three others."""
    from django.core.cache import cache

    from ellwand.office import setup

    cache.clear()
    week.scheduled()
    monkeypatch.setattr(setup, "_used", [replace(week.office.home, band_units=3)])
    return week


def _unit(code: str) -> Any:
    from ellwand.office.registry.models import Unit

    return Unit.objects.get(code=code)


CROWD = {f"U{3 + k:04d}": Decimal("7.8") + k * Decimal("0.1") for k in range(7)}
"""Prices of I00005 at seven other units: 7.8, 7.9 ... 8.4."""


def _crowd(period: str = "2022-W01", factor: str = "1") -> None:
    """Have other units report I00005 too."""
    from ellwand.office import clock
    from ellwand.office.quotes.models import Quote
    from ellwand.office.registry.models import Item
    from ellwand.office.rounds import work

    found, item = work.find(f"price-{period}"), Item.objects.get(code="I00005")
    for k, (code, price) in enumerate(CROWD.items()):
        step = Decimal(factor) + (k - 3) * Decimal("0.01") if factor != "1" else Decimal(1)
        Quote(
            round=found, unit=_unit(code), item=item, version=1, price=(price * step).quantize(Decimal("0.0001")),
            unit_of_measure="kg", currency="CNY", at=clock.now(),
        ).save()  # fmt: skip


def _at_release(week: Any) -> Any:
    from ellwand.office.rounds import work

    found = work.find("price-2022-W01")
    instant = found.issue.release_at
    week.at(instant.year, instant.month, instant.day, instant.hour, instant.minute)
    return found


def test_nothing_before_the_instant(released: Any) -> None:
    from ellwand.office.collection import bands

    assert bands.released("price") is None
    found = _at_release(released)
    assert bands.released("price") == found
    assert bands.released("price", "2022-W01") is None


def _band(found: Any, item: str = "I00005") -> Any:
    from ellwand.office.collection import bands

    (band,) = [b for b in bands.of(found, _unit("U0001")) if b.item.code == item]
    return band


def test_the_band_is_the_middle_half_of_the_others(released: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy as np

    from ellwand.office import setup
    from ellwand.office.quotes.models import Quote

    found = _at_release(released)
    own = Quote.objects.current().get(round=found, unit__code="U0001", item__code="I00005").price
    assert _band(found).kind == "few"
    _crowd()
    rows = Quote.objects.current().filter(round=found, item__code="I00005").exclude(unit__code="U0001")
    others = [float(q.price) for q in rows]
    band = _band(found)
    low, high = np.quantile(others, [0.25, 0.75])
    assert (band.kind, band.units, band.price) == ("price", len(others), own) and len(others) >= 7
    assert (band.low, band.high) == pytest.approx((low, high))
    assert band.place == ("below" if float(own) < low else "above" if float(own) > high else "within")
    # One unit fewer than the settings ask for: no band of prices, and with no period before none of changes.
    monkeypatch.setattr(setup, "_used", [replace(released.office.home, band_units=len(others) + 1)])
    band = _band(found)
    assert (band.kind, band.low, band.high, band.place, band.units) == ("few", None, None, "", 0)


def test_what_the_review_set_aside_is_in_no_band(released: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office.quotes.models import Quote
    from ellwand.office.rounds import snapshot

    found = _at_release(released)
    _crowd()
    before = _band(found)
    pk = Quote.objects.get(round=found, unit__code="U0003", item__code="I00005").pk
    monkeypatch.setattr(snapshot, "REVIEWS", [lambda rounds: {pk: "excluded"}])
    assert _band(found).units == before.units - 1 and _band(found).low > before.low


def test_the_changes_of_a_group_where_an_item_has_few_units(week: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two weeks: changes of the aggregate, each unit once."""
    from ellwand.office import setup
    from ellwand.office.collection import bands

    week.public()
    _crowd()
    found = week.office.collect("2022-W02")
    _crowd("2022-W02", "1.10")
    earlier = bands.released("price")
    assert earlier.period == "2022-W01"
    monkeypatch.setattr(bands, "released", lambda family, before="": earlier)
    monkeypatch.setattr(setup, "_used", [replace(week.office.home, band_units=5)])
    # I00006 is of the same aggregate, and hardly anybody else reports it.
    band = _band(found, "I00006")
    assert band.kind == "change" and band.units >= 7 and band.change == 0
    # Theirs rose by 7 to 13 per cent.
    assert 0.05 < band.low < band.high < 0.13 and band.place == "below"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_of_a_link(released: Any, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    from ellwand.office import setup
    from ellwand.office.collection import links
    from ellwand.office.rounds import work

    unit = _unit("U0001")
    unit.more = {**unit.more, "phone": "0575-8412 5678"}
    unit.save()
    monkeypatch.setattr(setup, "_used", [replace(released.office.home, band_units=5)])
    released.at(2022, 1, 9, 4)
    released.office.sign_open("2022-W02")
    link = links.issue(work.find("price-2022-W02"), [unit], released.office.user("cai"))[0]
    address = links.address_of(link) + "market/"
    client = Client(SERVER_NAME="localhost")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    # The phone is confirmed here too.
    assert unit.name_zh not in client.get(address).content.decode() or "digits" in client.get(address).content.decode()
    assert client.post(address, {"digits": "5678"})["Location"] == address
    price = "8.06"
    before = client.get(address).content.decode()
    assert ("尚无已发布" if language == "zh-hans" else "Nothing is released yet") in before and price not in before
    assert "market/" not in client.get(links.address_of(link)).content.decode()
    _at_release(released)
    _crowd()
    page = client.get(address).content.decode()
    assert price in page and ("居中一半" if language == "zh-hans" else "Middle half") in page
    # Nothing of anybody else: neither a code nor a name.
    others = [_unit(code) for code in CROWD]
    assert not any(o.code in page or o.name_zh in page or o.name_en in page for o in others)
    assert "market/" in client.get(links.address_of(link)).content.decode()
    # After its cut-off the link shows it still; taken back it shows nothing.
    released.at(2022, 1, 14, 10)
    assert client.get(address).status_code == 200
    assert "market/" in client.get(links.address_of(link)).content.decode()
    released.at(2022, 4, 14, 10)
    assert client.get(address).status_code == 410
    released.at(2022, 1, 11, 10)
    links.revoke(link, released.office.user("cai"), "lost")
    assert client.get(address).status_code == 410


def test_the_setting_has_a_floor(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.engine.errors import DataError
    from ellwand.office import home as homes

    monkeypatch.delenv("DATABASE_URL", raising=False)
    made = homes.create(tmp_path / "o")
    path = made.path / homes.SETTINGS
    path.write_text(path.read_text().replace("band_units = 5 ", "band_units = 2 "))
    with pytest.raises(DataError, match="band_units: 2; at least 3"):
        homes.read(made.path)
    assert Decimal(made.band_units) == 5
