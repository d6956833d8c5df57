"""The screen of ODK and KoBo: an export is taken in once, what was not taken in is told and tried again."""

from typing import Any

import pytest

from ellwand.office.collection import due
from ellwand.office.collection.models import Instance
from ellwand.office.quotes.models import Quote
from ellwand.office.registry.models import Unit
from ellwand.office.rounds.models import Round

ADDRESS = "/office/rounds/price-2022-W01/odk/"


def export(office: Any, path: Any) -> tuple[Any, Any]:
    """A flat export with a good entry, and one of an item that is not there."""
    office.sign_open("2022-W01")
    rows = due.of_units(Round.objects.get(), [u.pk for u in Unit.objects.all()])
    one = next(r for found in rows.values() for r in found)
    path.write_text(
        "样本单位;产品编号;单价;_uuid;_submission_time\n"
        f"{one.unit.code};{one.item.code};12.5;A;2022-01-05T02:00:00\n"
        f"{one.unit.code};I999;3;B;2022-01-05T02:00:00\n",
        encoding="utf-8",
    )
    return one, path


def test_an_export_is_taken_in_once(office: Any, stopped: Any, tmp_path: Any) -> None:
    one, path = export(office, tmp_path / "kobo.csv")
    col = office.client("col")
    assert "Nothing yet" in col.get(ADDRESS).content.decode()
    for n in range(2):
        with path.open("rb") as file:
            page = col.post(ADDRESS, {"act": "import", "file": file}, follow=True).content.decode()
        assert ("2 new submissions (1 quotes)" if n == 0 else "2 were known") in page
        assert "no item is called I999" in page.replace("&#x27;", "'")
    assert (Quote.objects.count(), Instance.objects.count()) == (1, 2)
    assert Quote.objects.get().price == 12.5 and Quote.objects.get().item == one.item
    again = {"act": "again", "instance": str(Instance.objects.get(key="B").pk)}
    assert "0 taken in, 1 are still open" in col.post(ADDRESS, again, follow=True).content.decode()
    assert Instance.objects.count() == 2
    for wrong in ({"act": "again", "instance": "x"}, {"act": "import"}, {"act": "x"}):
        assert col.post(ADDRESS, wrong).status_code == 422
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with (tmp_path / "x.csv").open("rb") as file:
        answer = col.post(ADDRESS, {"act": "import", "file": file})
    assert answer.status_code == 422 and "no column of instances" in answer.content.decode()
    for name, status in (("cai", 403), ("rui", 403), ("aud", 403)):
        assert office.client(name).post(ADDRESS, again).status_code == status
    assert office.client("cai").get(ADDRESS).status_code == 200


def test_a_collector_sees_his_own_submissions(sqlite_office: Any, stopped: Any, tmp_path: Any) -> None:
    from ellwand.office.accounts import people
    from ellwand.office.collection.models import Stop

    office = sqlite_office
    one, path = export(office, tmp_path / "kobo.csv")
    people.add("other", ["collector"], office.user("ada"))
    with path.open("rb") as file:
        office.client("col").post(ADDRESS, {"act": "import", "file": file})

    def seen(name: str) -> tuple[bool, bool]:
        page = office.client(name).get(ADDRESS).content.decode()
        return "no item is called I999" in page.replace("&#x27;", "'"), "<code>A</code>" in page

    assert seen("col") == (True, True) and seen("cai") == (True, True)
    assert seen("other") == (False, False)
    # What waits goes with the way; what was taken in stays with who sent it.
    Stop(unit=one.unit, collector=office.user("other"), position=1, by=office.user("cai"), at=stopped.now()).save()
    assert seen("other") == (True, False)


@pytest.mark.browser
def test_nothing_bars_anybody(sqlite_office: Any, stopped: Any, tmp_path: Any, serve: Any, sign_in: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    _, path = export(sqlite_office, tmp_path / "kobo.csv")
    with path.open("rb") as file:
        sqlite_office.client("col").post(ADDRESS, {"act": "import", "file": file})
    served = serve(sqlite_office)
    for language in ("zh-hans", "en"):
        for width in (390, 1440):
            page = sign_in(served, "col", language=language, width=width)
            page.goto(f"{served.base}{ADDRESS}")
            results = Axe().run(page)
            assert not results.response["violations"], results.generate_report()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
