"""S1, the sample book, and the plan for the end of the index, as screens; in both languages, axe-clean."""

from typing import Any

import pytest

PAGE = "/office/registers/sample-book/"


def _item(office: Any) -> tuple[str, str, str]:
    """A unit, an item at its end that is due there, and another item of its elementary aggregate."""
    from ellwand.office.registry import taking
    from ellwand.office.registry.models import Assignment

    one = Assignment.objects.select_related("unit", "item").filter(valid_to="").order_by("pk")[0]
    content = f"item,ea,unit_of_measure,valid_to\nN1,{one.item.ea},kg,\n{one.item.code},{one.item.ea},kg,2022-W02\n"
    done = taking.take_sheet(taking.book_of("items"), content.encode(), office.user("cai"), "<b>new</b> goods")
    assert not done.faults
    return one.unit.code, one.item.code, "N1"


def test_from_what_is_needed_to_the_replacement(office: Any, stopped: Any) -> None:
    from ellwand.office.registry.models import Rotation

    clerk = office.client("cai")
    unit, old, new = _item(office)
    assert "items at their end" in clerk.get("/office/").content.decode()
    page = clerk.get(PAGE).content.decode()
    assert f"{PAGE}replace/?old={old}" in page and "Units without a signed code of conduct" in page
    page = clerk.get(f"{PAGE}replace/?old={old}").content.decode()
    assert f'value="{unit}"' in page and f'value="{new}"' in page and "a regression on its characteristics" in page
    assert clerk.get(f"{PAGE}replace/?old=I99999").status_code == 422
    given = {"unit": unit, "old": old, "new": new, "period": "2022-W02", "link": "overlap", "overlap_price": "9.9",
             "reason": "<i>gone</i>"}  # fmt: skip
    assert clerk.post(f"{PAGE}replace/", {**given, "overlap_price": ""}).status_code == 422
    assert office.client("sta").post(f"{PAGE}replace/", given).status_code == 403
    page = clerk.post(f"{PAGE}replace/", given, follow=True).content.decode()
    assert f"{new} replaces {old}" in page and "&lt;i&gt;gone" in page and "9.9" in page
    assert Rotation.objects.get().unit.code == unit
    assert "9.9" in office.client("aud").get(f"{PAGE}log.csv").content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_screen_opens(sqlite_office: Any, stopped: Any, language: str) -> None:
    _, old, _ = _item(sqlite_office)
    for name, addresses in {
        "cai": (PAGE, f"{PAGE}replace/", f"{PAGE}replace/?old={old}", "/office/cessation/"),
        "aud": (PAGE, "/office/cessation/"),
    }.items():
        client = sqlite_office.client(name, language=language)
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 200 and "{%" not in answer.content.decode(), address


@pytest.mark.browser
def test_axe_finds_nothing(sqlite_office: Any, serve: Any, sign_in: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    _, old, _ = _item(sqlite_office)
    served = serve(sqlite_office)
    for width in (390, 1440):
        page = sign_in(served, "cai", language="zh-hans" if width == 390 else "en", width=width)
        for address in (PAGE, f"{PAGE}replace/", f"{PAGE}replace/?old={old}", "/office/cessation/"):
            page.goto(served.base + address)
            results = Axe().run(page)
            assert not results.response["violations"], (address, results.generate_report())
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
