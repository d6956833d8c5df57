"""The screens of the method: proposing, comments and replies, the parallel run, the decision; axe-clean."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

PAGE = "/office/methods/"


def text_of(version: str = "2.0") -> str:
    from ellwand.office.registry.models import MethodVersion

    row = MethodVersion.objects.order_by("pk")[0]
    text = row.text.replace(f'version = "{row.version}"', f'version = "{version}"')
    return text.replace("minimum_units = 3", "minimum_units = 4")


def form(**other: str) -> dict[str, Any]:
    sheet = SimpleUploadedFile("method.toml", other.pop("text", "").encode() or text_of().encode())
    return {"sheet": sheet, "summary_zh": "提高<b>最低</b>单位数", "summary_en": "More <b>units</b>",
            "comments_until": "2022-01-25", "effective_from": "2022-W06", **other}  # fmt: skip


def test_from_the_proposal_to_the_decision(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office.registry import tasks
    from ellwand.office.registry.models import MethodProposal, MethodVersion

    office.collect("2022-W01")
    office.at(monkeypatch, 2022, 1, 11, 3)
    clerk, sta = office.client("cai"), office.client("sta", language="zh-hans")
    assert "There is no proposal" in clerk.get(PAGE).content.decode()
    assert clerk.post(f"{PAGE}propose/", form(comments_until="soon")).status_code == 422
    assert clerk.post(f"{PAGE}propose/", form(text="name = 3")).status_code == 422
    address = clerk.post(f"{PAGE}propose/", form())["Location"]
    page = clerk.get(address).content.decode()
    assert "More &lt;b&gt;units" in page and "quality.minimum_units" in page
    assert "提高&lt;b&gt;最低" in sta.get(address).content.decode()
    assert clerk.post(address, {"act": "comment", "author": "A chamber", "text": "<i>Too many"}).status_code == 302
    assert "&lt;i&gt;Too many" in clerk.get(address).content.decode()
    assert clerk.post(address, {"act": "run"}).status_code == 302
    assert "It is being computed" in clerk.get(address).content.decode()
    made = MethodProposal.objects.get()
    tasks.parallel.func(made.pk, office.user("cai").pk)
    assert "总指数最大差异" in sta.get(address).content.decode()
    office.at(monkeypatch, 2022, 1, 26, 3)
    assert "1 comments to answer" in clerk.get("/office/").content.decode()
    comment = made.comments.get()
    assert clerk.post(address, {"act": "reply", "to": "999", "text": "x"}).status_code == 422
    assert clerk.post(address, {"act": "reply", "to": comment.pk, "text": "We need them."}).status_code == 302
    assert "待决定" in sta.get("/office/").content.decode()
    assert "decide the proposal" not in clerk.get("/office/").content.decode()
    decision = {"act": "accept", "effective_from": "2022-W06", "reason": "agreed"}
    assert clerk.post(address, decision).status_code == 422
    assert office.client("aud").post(address, decision).status_code == 403
    assert sta.post(address, {"act": "burn"}).status_code == 422
    assert sta.post(address, decision).status_code == 302
    page = sta.get(address).content.decode()
    assert "已采纳" in page and 'value="accept"' not in page
    row = MethodVersion.objects.order_by("-pk")[0]
    assert sta.get(f"{PAGE}{row.pk}.toml").content.decode() == row.text
    assert sta.get(f"{PAGE}proposal/{made.pk}.toml").content.decode() == row.text
    assert sta.get(f"{PAGE}999.toml").status_code == 404
    text = sta.get(f"{PAGE}export.csv").content.decode("utf-8-sig")
    assert text.count("\r\n") == 3 and "2022-W06" in text


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_screen_opens(sqlite_office: Any, stopped: Any, language: str) -> None:
    clerk = sqlite_office.client("cai", language=language)
    address = clerk.post(f"{PAGE}propose/", form())["Location"]
    for one in (PAGE, f"{PAGE}propose/", address):
        page = clerk.get(one)
        assert page.status_code == 200 and "{%" not in page.content.decode(), one
    assert clerk.post(PAGE, {"findings": ""}).status_code == 422
    assert clerk.post(PAGE, {"findings": "It holds <well>."}).status_code == 302
    assert "It holds &lt;well&gt;." in sqlite_office.client("aud", language=language).get(PAGE).content.decode()


@pytest.mark.browser
def test_axe_finds_nothing(sqlite_office: Any, serve: Any, sign_in: Any) -> None:
    from datetime import timedelta

    from axe_playwright_python.sync_playwright import Axe

    from ellwand.office.registry import calendar, methods

    sqlite_office.collect("2022-W01")
    until = methods.earliest()
    given = methods.Proposed(text_of(), "改", "A change", until, calendar.week(until + timedelta(days=8)))
    made = methods.propose(given, sqlite_office.user("cai"))
    methods.comment(made, "A chamber", "Too many.", sqlite_office.user("cai"))
    methods.run_parallel(made, sqlite_office.user("cai"))
    served = serve(sqlite_office)
    for width in (390, 1440):
        for name in ("cai", "sta"):
            page = sign_in(served, name, language="zh-hans" if width == 390 else "en", width=width)
            for address in (PAGE, f"{PAGE}proposal/{made.pk}/", *((f"{PAGE}propose/",) if name == "cai" else ())):
                page.goto(served.base + address)
                results = Axe().run(page)
                assert not results.response["violations"], (address, results.generate_report())
                assert page.evaluate("document.documentElement.scrollWidth") <= width, address
