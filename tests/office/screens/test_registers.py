"""The screens of the registers: lists, a row with its history, sheets in and out; in both languages, axe-clean."""

import io
import re
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

LISTS = "/office/registers/list"
ADDRESSES = (
    "/office/registers/", f"{LISTS}/units/", f"{LISTS}/items/?q=polyester&state=in_force", f"{LISTS}/items/row/I00001/",
    f"{LISTS}/items/?as_of=2000-01-01", f"{LISTS}/assignments/?page=2", f"{LISTS}/closures/",
)  # fmt: skip
CLERKS = (f"{LISTS}/items/new/", f"{LISTS}/items/import/")


def upload(text: str, name: str = "sheet.csv") -> dict[str, Any]:
    return {"sheet": SimpleUploadedFile(name, text.encode())}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_screen_opens(sqlite_office: Any, language: str) -> None:
    for name, addresses in {"cai": (*ADDRESSES, *CLERKS), "aud": ADDRESSES}.items():
        client = sqlite_office.client(name, language=language)
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 200, (name, address)
            page = answer.content.decode()
            assert "{%" not in page and "{n}" not in page
            # Only the clerk is offered to change anything.
            assert ("登记一行" in page or "Enter a row" in page) <= (name == "cai")


def test_a_row_from_entering_to_its_history(office: Any) -> None:
    from ellwand.office.registry.models import Item

    clerk = office.client("cai")
    row = {"item": "N1", "ea": "9.9", "unit_of_measure": "kg", "composition": "cotton:60", "reason": "visit"}
    answer = clerk.post(f"{LISTS}/items/new/", row)
    page = answer.content.decode()
    assert answer.status_code == 422 and not Item.objects.filter(code="N1").exists()
    assert "is in no row of the register classes" in page and "is no list of fibre shares" in page
    assert 'value="N1"' in page and 'value="visit"' in page
    row |= {"ea": "1.1.01", "composition": "cotton:60;ramie:40"}
    assert clerk.post(f"{LISTS}/items/new/", row).status_code == 302
    assert clerk.post(f"{LISTS}/items/new/", row).status_code == 422
    address = f"{LISTS}/items/row/N1/"
    found = re.search(r'name="seen" value="(\d+)"', clerk.get(address).content.decode())
    assert found is not None
    seen = found[1]
    change = {**row, "item": "I00001", "name_en": "<b>Ramie</b>", "reason": "named", "seen": seen}
    assert clerk.post(address, {**change, "reason": " "}).status_code == 422
    assert clerk.post(address, change).status_code == 302
    # A code is no field that changes.
    assert Item.objects.get(code="N1").name_en == "<b>Ramie</b>"
    page = office.client("aud").get(address).content.decode()
    assert "named" in page and "&lt;b&gt;Ramie&lt;/b&gt;" in page and "Name in English" in page and ">cai<" in page
    # Somebody who has not seen that change does not undo it.
    late = clerk.post(address, {**change, "name_en": "Hemp"})
    assert late.status_code == 422 and "somebody else changed it" in late.content.decode()
    assert office.client("aud").post(address, change).status_code == 403


def test_an_assignment_without_an_end_of_its_code(sqlite_office: Any) -> None:
    """A code whose last part is empty has an address, too."""
    from django.urls import reverse

    from ellwand.office.registry import taking

    book = taking.book_of("assignments")
    taking.take_sheet(book, b"unit,item,valid_from\nU0001,I00040,\n", sqlite_office.user("cai"), "visit")
    code = "U0001/I00040/"
    assert code in taking.rows_of(book)
    address = reverse("register_row", kwargs={"register": "assignments", "key": code})
    assert sqlite_office.client("cai").get(address).status_code == 200


def test_a_sheet_is_looked_at_and_then_taken_in(office: Any) -> None:
    from ellwand.office.registry.models import Source

    clerk = office.client("cai", language="zh-hans")
    address = f"{LISTS}/sources/import/"
    assert clerk.post(address, upload("")).status_code == 422
    assert clerk.post(address).status_code == 422
    answer = clerk.post(address, upload("source,name_zh,kind\nS90,新街,street\nS 91,坏,street\nS90,又,street\n"))
    looked = answer["Location"]
    page = clerk.get(looked).content.decode()
    assert "编号不得含空格或斜线" in page and "与第2行重复" in page
    assert not Source.objects.filter(code="S90").exists()
    report = clerk.get(f"{looked}report.xlsx")
    cells = openpyxl.load_workbook(io.BytesIO(report.content)).active
    assert cells is not None and [c.value for c in cells["A"]][1:] == ["3", "4"]
    assert clerk.get(f"{looked}report.pdf").status_code == 404
    assert clerk.post(looked, {"reason": ""}).status_code == 422
    assert clerk.post(looked, {"reason": "新开"}, follow=True).content.decode().count("新增 1 行") == 1
    assert Source.objects.get(code="S90").name_zh == "新街"
    assert not Source.objects.filter(code="S 91").exists()
    assert clerk.get(f"{address}{'0' * 64}/").status_code == 422
    assert office.client("aud").get(looked).status_code == 403


def test_a_register_leaves_as_a_sheet(sqlite_office: Any) -> None:
    reader = sqlite_office.client("sta")
    text = reader.get(f"{LISTS}/units/export.csv").content.decode("utf-8-sig")
    assert text.startswith("unit,source,name_zh,name_en") and text.count("\r\n") == 21
    book = openpyxl.load_workbook(io.BytesIO(reader.get(f"{LISTS}/units/export.xlsx?template=1").content))
    assert book["units"].max_row == 1
    assert reader.get(f"{LISTS}/units/export.csv?as_of=1999-01-01").content.decode().count("\r\n") == 1
    assert reader.get(f"{LISTS}/units/export.csv?as_of=yesterday").status_code == 422
    assert reader.get(f"{LISTS}/nothing/export.csv").status_code == 422


@pytest.mark.browser
def test_axe_finds_nothing(sqlite_office: Any, serve: Any, sign_in: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    served = serve(sqlite_office)
    clerk = sqlite_office.client("cai")
    looked = clerk.post(f"{LISTS}/sources/import/", upload("source,kind\nS90,street\nS 91,street\n"))["Location"]
    for width in (390, 1440):
        page = sign_in(served, "cai", language="zh-hans" if width == 390 else "en", width=width)
        for address in (*ADDRESSES, *CLERKS, looked):
            page.goto(served.base + address)
            results = Axe().run(page)
            assert not results.response["violations"], (address, results.generate_report())
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
