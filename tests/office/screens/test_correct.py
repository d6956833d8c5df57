"""S14: a correction on the screen, from the wrong value to the further release; and the alarm on the list."""

from typing import Any

GIVEN = {
    "series": "price/total", "kind": "data", "cause_zh": "报价录入有误。", "cause_en": "A quote was typed wrongly.",
    "found_by": "the unit", "found_how": "in its return", "first_seen": "2022-01-17T14:00",
}  # fmt: skip


def test_from_the_wrong_value_to_the_release(week: Any) -> None:
    from ellwand.office.approvals import corrections
    from ellwand.office.approvals.models import Correction
    from ellwand.office.record import reading

    office = week.office
    week.public()
    week.at(2022, 1, 16, 3)
    found = week.public("2022-W02")
    week.at(2022, 1, 17, 7)
    cai, max_, wen = office.client("cai"), office.client("max", language="zh-hans"), office.client("wen")
    address = "/office/releases/price-2022-W02-1/correct/"
    first = reading.figures(["price/total"], ["2022-W02"])[0].observation.published
    assert first in week.page(cai, address)
    assert cai.post(address, {**GIVEN, "cause_zh": ""}).status_code == 422
    assert cai.post(address, {**GIVEN, "first_seen": ""}).status_code == 422
    answer = cai.post(address, GIVEN)
    assert answer.status_code == 302
    route = answer["Location"]
    assert "Waits for a compiler." in week.page(cai, route)
    week.change_quote("2022-W02")
    assert "重算一切相关数字" in week.page(max_, route)
    assert max_.post(route, {"act": "compute"}).status_code == 302
    assert "严重：总指数改变" in week.page(max_, route) and "Serious" in week.page(cai, route)
    new = corrections.recomputation(Correction.objects.get()).new_value
    assert new != first and new in week.page(max_, route) and new in week.page(wen, route)
    for name in ("cai", "sun", "rui"):
        # Under embargo a corrected figure is for whoever computes, writes or approves it.
        assert new not in week.page(office.client(name), route)
    assert wen.post(route, {"act": "write"}).status_code == 302
    for name, kind in (("sta", "statistics"), ("tex", "text")):
        client = office.client(name)
        assert "Open the preview first" in week.page(client, route)
        assert "Preview of correction 1" in week.page(client, f"{route}preview/")
        assert client.post(route, week.signature(client, route, kind)).status_code == 302
    assert "Seal and publish the correction" in week.page(cai, route)
    assert cai.post(route, {"act": "publish", "at": ""}).status_code == 302
    figure = reading.figures(["price/total"], ["2022-W02"])[0]
    assert figure.revised and figure.observation.published != first and figure.release.code == "price-2022-W02-2"
    text = week.page(cai, route)
    assert "price-2022-W02-2" in text and first in text and figure.observation.published in text
    listed = week.page(office.client("aud"), "/office/releases/")
    assert "superseded" in listed and "price-2022-W02-2" in listed
    assert "1</a>" in week.page(office.client("aud", language="zh-hans"), "/office/corrections/")
    assert found.state == "public"


def test_the_alarm_is_asked_for(sqlite_week: Any) -> None:
    from ellwand.office.approvals import tasks

    week, office = sqlite_week, sqlite_week.office
    week.public()
    client = office.client("cai")
    assert client.post("/office/releases/").status_code == 302
    assert tasks.nightly.func() == []
    assert "equal" in week.page(client, "/office/releases/")
    assert office.client("aud").post("/office/releases/").status_code == 403
