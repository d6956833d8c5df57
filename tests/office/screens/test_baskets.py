"""The screens of the baskets: preparing one, its effect on the index, the decision by somebody else; axe-clean."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

PAGE = "/office/baskets/"


def given(content: str = "", **other: str) -> dict[str, Any]:
    from ellwand.office.registry.models import Basket

    rows = [(w.ea, w.weight) for w in Basket.objects.order_by("pk")[0].weights.order_by("pk")]
    other_weights = {"1.1.01": "0.157600", "3.3.01": "0.053214"}
    text = "\n".join(["ea,weight", *(f"{ea},{other_weights.get(ea, w)}" for ea, w in rows)])
    return {"sheet": SimpleUploadedFile("w.csv", (content or text).encode()), "valid_from": "2022-W03",
            "reason": "survey <2021>", **other}  # fmt: skip


def test_from_the_sheet_to_the_decision(office: Any) -> None:
    from ellwand.office.registry import tasks
    from ellwand.office.registry.models import Basket, BasketDraft

    for period in ("2022-W01", "2022-W02"):
        office.collect(period)
    clerk, sta = office.client("cai"), office.client("sta", language="zh-hans")
    answer = clerk.post(PAGE, given("ea,weight\n1.1.01,0.5\n"))
    page = answer.content.decode()
    assert answer.status_code == 422 and "the weights sum to 0.5" in page and "survey &lt;2021&gt;" in page
    assert clerk.post(PAGE, given(valid_from="")).status_code == 422
    address = clerk.post(PAGE, given())["Location"]
    draft = BasketDraft.objects.get()
    page = clerk.get(address).content.decode()
    assert "It is being computed" in page and "10.0000" in page and "−10.0000" in page
    tasks.basket.func(draft.pk, office.user("cai").pk)
    page = clerk.get(address).content.decode()
    assert "Largest difference of the total" in page and 'value="accept"' not in page
    assert "看影响并决定" in sta.get("/office/").content.decode()
    assert clerk.post(address, {"act": "accept", "reason": "agreed"}).status_code == 422
    assert sta.post(address, {"act": "burn", "reason": "agreed"}).status_code == 422
    assert sta.post(address, {"act": "accept", "reason": ""}).status_code == 422
    assert office.client("aud").post(address, {"act": "accept", "reason": "x"}).status_code == 403
    assert Basket.objects.count() == 1
    assert sta.post(address, {"act": "accept", "reason": "agreed"}).status_code == 302
    made = Basket.objects.order_by("-pk")[0]
    page = sta.get(f"{PAGE}{made.pk}/").content.decode()
    assert "备选与影响" in page and "15.7600" in page
    text = sta.get(f"{PAGE}{made.pk}/export.csv").content.decode("utf-8-sig")
    assert "1.1.01,0.157600" in text
    assert "1.1.01,0.157600" in sta.get(f"{PAGE}export.csv").content.decode("utf-8-sig")
    assert sta.get(f"{PAGE}999/").status_code == sta.get(f"{PAGE}draft/999/").status_code == 404


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_screen_opens(sqlite_office: Any, language: str) -> None:
    from ellwand.office.registry.models import Basket

    clerk = sqlite_office.client("cai", language=language)
    address = clerk.post(PAGE, given())["Location"]
    for client in (clerk, sqlite_office.client("aud", language=language)):
        for one in (PAGE, f"{PAGE}{Basket.objects.get().pk}/", address):
            page = client.get(one)
            assert page.status_code == 200 and "{%" not in page.content.decode(), one


@pytest.mark.browser
def test_axe_finds_nothing(sqlite_office: Any, serve: Any, sign_in: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    from ellwand.office.registry import baskets
    from ellwand.office.registry.models import Basket, BasketDraft

    for period in ("2022-W01", "2022-W02"):
        sqlite_office.collect(period)
    address = sqlite_office.client("cai").post(PAGE, given())["Location"]
    baskets.show_effect(BasketDraft.objects.get(), sqlite_office.user("cai"))
    served = serve(sqlite_office)
    for width in (390, 1440):
        for name in ("cai", "sta"):
            page = sign_in(served, name, language="zh-hans" if width == 390 else "en", width=width)
            for one in (PAGE, f"{PAGE}{Basket.objects.get().pk}/", address):
                page.goto(served.base + one)
                results = Axe().run(page)
                assert not results.response["violations"], (one, results.generate_report())
                assert page.evaluate("document.documentElement.scrollWidth") <= width, one
