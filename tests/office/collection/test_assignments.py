"""S2: the clerk's list of units with links, messages and routes; links and blank sheets to print; who may what."""

import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest

from ellwand.engine.errors import DataError

ROUND = "price-2022-W02"
ADDRESS = f"/office/rounds/{ROUND}/assignments/"


def _round() -> Any:
    from ellwand.office.rounds import work

    return work.find(ROUND)


def _unit(code: str = "U0001") -> Any:
    from ellwand.office.registry.models import Unit

    return Unit.objects.get(code=code)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_list_and_its_filters(collecting: Any, language: str) -> None:
    client = collecting.client("cai", language=language)
    page = client.get(ADDRESS).content.decode()
    assert page.count('name="unit"') == 20 and not re.search(r"<style|\sstyle=|\son\w+=", page)
    one = client.get(ADDRESS, {"q": "u0003"}).content.decode()
    assert one.count('name="unit"') == 1 and "U0003" in one
    some = client.get(ADDRESS, {"source": "S01"}).content.decode()
    assert 0 < some.count('name="unit"') < 20
    assert client.get(ADDRESS, {"route": "col"}).content.decode().count('name="unit"') == 0


def test_links_are_made_printed_sent_and_taken_back(collecting: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from ellwand.office import setup
    from ellwand.office.audit.models import Entry
    from ellwand.office.collection import links
    from ellwand.office.collection.models import Link, Message

    monkeypatch.setattr(setup, "_used", [replace(collecting.home, senders=("file",))])
    client, unit = collecting.client("cai"), _unit()
    assert client.post(ADDRESS, {"act": "issue", "whom": "ticked"}).status_code == 422
    assert client.post(ADDRESS, {"act": "issue", "whom": "ticked", "unit": unit.pk}).status_code == 302
    assert client.post(ADDRESS, {"act": "issue", "whom": "all"}).status_code == 302
    assert Link.objects.filter(round=_round()).count() == 20
    link = Link.objects.get(unit=unit)
    token = links.token_of(link)
    # The list itself shows no link; the page to print does, and that it was asked for is on record.
    assert token not in client.get(ADDRESS).content.decode()
    page = client.post(ADDRESS + "?q=U0001", {"act": "print", "whom": "all"}).content.decode()
    assert f"/r/{token}/" in page and page.count("data:image/svg+xml;base64,") == 1
    last = Entry.objects.order_by("-sequence")[0]
    assert last.act == "links.print" and last.after == {"links": ["U0001/1"]}
    assert client.post(ADDRESS, {"act": "send", "whom": "ticked", "unit": unit.pk}).status_code == 302
    assert Message.objects.get().kind == "link"
    assert "on its way" in client.get(ADDRESS).content.decode()
    assert client.post(ADDRESS, {"act": "revoke", "link": link.pk, "reason": ""}).status_code == 422
    assert client.post(ADDRESS, {"act": "revoke", "link": link.pk, "reason": "wrong shop"}).status_code == 302
    assert "taken back" in client.get(ADDRESS).content.decode() and links.find(token).state == "revoked"
    assert client.post(ADDRESS, {"act": "dance", "whom": "all"}).status_code == 422


def test_routes(collecting: Any) -> None:
    from ellwand.office.audit.models import Entry
    from ellwand.office.collection import routes
    from ellwand.office.collection.models import Stop

    client = collecting.client("sun")
    ids = [_unit(c).pk for c in ("U0003", "U0001", "U0002")]
    assert client.post(ADDRESS, {"act": "route", "unit": ids}).status_code == 422
    assert client.post(ADDRESS, {"act": "route", "unit": ids, "collector": "wen"}).status_code == 422
    assert client.post(ADDRESS, {"act": "route", "unit": ids, "collector": "col"}).status_code == 302
    assert [(s.unit.code, s.position) for s in Stop.objects.order_by("position")] == [
        ("U0001", 1), ("U0002", 2), ("U0003", 3),
    ]  # fmt: skip
    assert Entry.objects.order_by("-sequence")[0].after["units"] == {"U0001": 1, "U0002": 2, "U0003": 3}
    # Another one goes behind; the same again changes nothing; back to its link.
    assert routes.assign([_unit("U0004"), _unit()], collecting.user("col"), collecting.user("cai")) == 1
    assert routes.in_force()[_unit("U0004").pk].position == 4
    assert client.post(ADDRESS, {"act": "route", "unit": ids[:1], "collector": "-"}).status_code == 302
    assert routes.in_force()[ids[0]].collector is None and Stop.objects.count() == 5
    assert client.get(ADDRESS, {"route": "col"}).content.decode().count('name="unit"') == 3


def test_blank_price_sheets(collecting: Any) -> None:
    from ellwand.office.collection import due
    from ellwand.office.registry.models import Item

    hidden = Item.objects.get(code="I00006")
    hidden.more = {**hidden.more, due.POLICY: "no"}
    hidden.save()
    client = collecting.client("cai", language="zh-hans")
    answer = client.get(f"{ADDRESS}U0001.xlsx")
    assert answer["Content-Disposition"].endswith('"2022-W02-U0001.xlsx"')
    cells = [[c.value for c in row] for row in openpyxl.load_workbook(io.BytesIO(answer.content)).active]
    rows = {row[1]: row for row in cells[5:]}
    assert set(rows) == {"I00005", "I00006", "I00008"}
    assert rows["I00005"][5] == 8.06 and rows["I00006"][5] is None
    answer = client.get(f"/office/rounds/{ROUND}/sheets.zip", {"source": "S01"})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert "2022-W02-U0001.xlsx" in archive.namelist() and 1 < len(archive.namelist()) < 20
    assert client.get(f"/office/rounds/{ROUND}/sheets.zip", {"q": "nobody"}).status_code == 422
    assert client.get(f"{ADDRESS}U9999.xlsx").status_code == 404


def test_who_may(collecting: Any) -> None:
    for name, read, write in (("cai", 200, 302), ("sun", 200, 302), ("sta", 200, 403), ("col", 403, 403)):
        client = collecting.client(name)
        assert client.get(ADDRESS).status_code == read, name
        assert client.post(ADDRESS, {"act": "issue", "whom": "all"}).status_code == write, name
        # Links and sheets are for those who make them.
        assert client.get(f"{ADDRESS}U0001.xlsx").status_code == (200 if write == 302 else 403)
    assert 'name="unit"' not in collecting.client("sta").get(ADDRESS).content.decode()


def test_links_are_for_rounds_that_collect(collecting: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office.collection import links
    from ellwand.office.rounds import work

    collecting.at(monkeypatch, 2022, 1, 14, 10)
    found = _round()
    work.settle(found)
    with pytest.raises(DataError, match="closed"):
        links.issue(found, [_unit()], collecting.user("cai"))
    with pytest.raises(DataError, match="closed"):
        links.issue(found, [_unit()], collecting.user("cai"), purpose=links.ANSWER)
    with pytest.raises(DataError, match="not known"):
        links.issue(found, [_unit()], collecting.user("cai"), purpose="other")
