"""S12 and S13: holding, resuming, the drill, and withdrawing, on the screen."""

from typing import Any

WORDS = {"reason": "a fault was found", "zh": "推迟发布。", "en": "The release is postponed."}


def test_hold_and_resume(sqlite_week: Any) -> None:
    from ellwand.office.record import reading

    week, office = sqlite_week, sqlite_week.office
    found = week.scheduled()
    address = f"/office/rounds/{found.code}/schedule/"
    clerk, ada = office.client("cai"), office.client("ada", language="zh-hans")
    assert "Hold the release" not in clerk.get(address).content.decode()
    assert clerk.post(address, {"act": "hold", **WORDS}).status_code == 403
    assert ada.post(address, {"act": "drill", "zh": "演练", "en": "Drill"}).status_code == 302
    assert found.state == "scheduled" and "演练成功" in ada.get(address).content.decode()
    assert ada.post(address, {"act": "hold", **WORDS, "en": ""}).status_code == 422 and found.state == "scheduled"
    assert ada.post(address, {"act": "hold", **WORDS}).status_code == 302
    assert found.state == "postponed" and "已暂停" in ada.get(address).content.decode()
    week.at(2022, 1, 10, 5)
    assert reading.latest() is None
    sta = office.client("sta")
    assert sta.post(address, {"act": "resume", "at": "soon", **WORDS}).status_code == 422
    assert sta.post(address, {"act": "resume", "at": "2022-01-10T16:00", **WORDS}).status_code == 302
    assert found.state == "text_approved" and found.issue.release_at.isoformat() == "2022-01-10T08:00:00+00:00"
    page = clerk.get(address).content.decode()
    assert "Seal and schedule" in page and "The release is postponed." in page
    assert clerk.post(address, {"act": "x"}).status_code == 422


def test_withdraw_by_both(sqlite_week: Any) -> None:
    week, office = sqlite_week, sqlite_week.office
    found = week.public()
    address = f"/office/rounds/{found.code}/after/"
    sta, tex = office.client("sta"), office.client("tex", language="zh-hans")
    assert "Sign the withdrawal" in sta.get(address).content.decode()
    assert sta.post(address, {"kind": "statistics", **WORDS}).status_code == 302
    assert found.state == "public" and "a fault was found" in tex.get(address).content.decode()
    assert sta.post(address, {"kind": "text", **WORDS}).status_code == 403
    assert tex.post(address, {"kind": "text", **WORDS}).status_code == 302
    assert found.state == "withdrawn" and "已撤回" in tex.get(address).content.decode()
    page = office.client("aud").get("/office/releases/price-2022-W01-1/").content.decode()
    assert "withdrawn" in page and "推迟发布。" in page


def test_a_state_too_early(sqlite_week: Any) -> None:
    office = sqlite_week.office
    found = sqlite_week.compiled()
    client = office.client("cai")
    assert "The round is compiled" in client.get(f"/office/rounds/{found.code}/schedule/").content.decode()
    answer = client.post(f"/office/rounds/{found.code}/schedule/", {"act": "schedule"})
    assert answer.status_code == 422 and found.state == "compiled"
