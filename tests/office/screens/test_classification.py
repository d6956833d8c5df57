"""The screens of the classification: the tree, a version as a diff, a new one looked at first; axe-clean."""

import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

PAGE = "/office/classification/"


def upload(*, orphan: bool = False, name: str = "Clothing <b>") -> dict[str, Any]:
    """A workbook in which a class has another name, and one another code, or none."""
    from ellwand.office.registry import classes, sheets
    from ellwand.office.registry.columns import CLASSES, LINKS

    tree = classes.rows_of(classes.last())
    next(r for r in tree if r["code"] == "3")["name_en"] = name
    next(r for r in tree if r["code"] == "1.1.01")["code"] = "1.1.09"
    links = [] if orphan else [{"old": "1.1.01", "new": "1.1.09"}]
    parts: Any = {"classes": (CLASSES, tree), "correspondence": (LINKS, links)}
    return {"sheet": SimpleUploadedFile("classes.xlsx", sheets.write("xlsx", parts))}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_screen_opens(sqlite_office: Any, language: str) -> None:
    clerk, aud = (sqlite_office.client(n, language=language) for n in ("cai", "aud"))
    looked = clerk.post(f"{PAGE}import/", upload())["Location"]
    for client, addresses in (
        (aud, (PAGE, f"{PAGE}version/1/")), (clerk, (PAGE, f"{PAGE}import/", looked, looked + "?all=1"))
    ):  # fmt: skip
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 200 and "{%" not in answer.content.decode(), address
    assert aud.get(looked).status_code == 403
    assert clerk.get(f"{PAGE}version/9/").status_code == 404


def test_a_version_is_looked_at_and_then_in_force(office: Any) -> None:
    from ellwand.office.registry.models import Classification, Item

    clerk = office.client("cai")
    looked = clerk.post(f"{PAGE}import/", upload(orphan=True))["Location"]
    page = clerk.get(looked).content.decode()
    assert "has no successor" in page and "Bring it into force" not in page and "Clothing &lt;b&gt;" in page
    assert clerk.post(looked, {"reason": "why"}).status_code == 422
    cells = openpyxl.load_workbook(io.BytesIO(clerk.get(f"{looked}report.xlsx").content)).active
    assert cells is not None and cells.max_row == 4
    looked = clerk.post(f"{PAGE}import/", upload())["Location"]
    page = clerk.get(looked).content.decode()
    assert "→ 1.1.09" in page and "from 1.1.01" in page and "Bring it into force" in page
    assert Classification.objects.count() == 1
    assert clerk.post(looked, {"reason": ""}).status_code == 422
    assert clerk.post(looked, {"reason": "numbered anew"})["Location"] == f"{PAGE}version/2/"
    assert Item.objects.get(code="I00001").ea == "1.1.09"
    page = office.client("aud", language="zh-hans").get(f"{PAGE}version/2/").content.decode()
    assert "来自 1.1.01" in page and "numbered anew" in page
    book = openpyxl.load_workbook(io.BytesIO(clerk.get(f"{PAGE}export.xlsx").content))
    assert book.sheetnames == ["classes", "correspondence", "items"]
    assert "1.1.09" in clerk.get(f"{PAGE}export.csv").content.decode()


@pytest.mark.browser
def test_axe_finds_nothing(sqlite_office: Any, serve: Any, sign_in: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    served = serve(sqlite_office)
    clerk = sqlite_office.client("cai")
    faulty, good = (clerk.post(f"{PAGE}import/", upload(orphan=o))["Location"] for o in (True, False))
    for width in (390, 1440):
        page = sign_in(served, "cai", language="zh-hans" if width == 390 else "en", width=width)
        for address in (PAGE, f"{PAGE}version/1/", f"{PAGE}import/", faulty, f"{good}?all=1"):
            page.goto(served.base + address)
            results = Axe().run(page)
            assert not results.response["violations"], (address, results.generate_report())
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
