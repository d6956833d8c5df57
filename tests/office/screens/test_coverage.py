"""S4, coverage: the response, who is missing, and the moves to review."""

import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from ellwand.office.review import coverage
from ellwand.office.rounds import work
from ellwand.office.rounds.models import SignedException


def test_who_has_reported(office: Any) -> None:
    found = office.collect("2022-W01")
    seen = coverage.of(found)
    assert seen.whole.due == sum(r.due for r in seen.sources) == sum(r.due for r in seen.classes)
    assert seen.whole.came == sum(r.came for r in seen.classes) <= seen.whole.due
    missing = sum(s.missing for _, units in seen.silent for s in units)
    assert missing == seen.whole.due - seen.whole.came
    told = work.facts_of(found)["response"]
    assert (told is None) == (seen.whole.share >= seen.target)
    text = office.client("sun").get(f"/office/rounds/{found.code}/coverage/").content.decode()
    for _, units in seen.silent:
        for s in units:
            assert f"<small>{s.unit.code}</small>" in text
    assert text.count("<meter") == 1 + len(seen.sources) + len(seen.classes)


def test_the_moves_and_who_makes_them(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    office.at(monkeypatch, 2022, 1, 5, 3)
    found = work.plan("2022-W01", office.user("cai"))
    address = f"/office/rounds/{found.code}/coverage/"
    cai, sun = office.client("cai", language="zh-hans"), office.client("sun")
    assert "开始采价" in cai.get(address).content.decode()
    assert (
        "Collecting has not begun" in sun.get(address).content.decode()
        or "to the cut-off" in sun.get(address).content.decode()
    )
    assert 'id="sign"' in sun.get(address).content.decode()
    # The clerk can't sign; the supervisor signs, the clerk begins.
    assert cai.post(address, {"act": "move", "target": "collecting"}).status_code == 422
    assert sun.post(address, {"act": "sign", "sign": " "}).status_code == 422
    assert cai.post(address, {"act": "sign", "sign": "x"}).status_code == 403
    assert sun.post(address, {"act": "sign", "sign": "small market"}).status_code == 302
    # What holds or is signed asks for no reason.
    assert 'id="sign"' not in sun.get(address).content.decode()
    assert sun.post(address, {"act": "sign", "sign": "again"}).status_code == 422
    assert cai.post(address, {"act": "move", "target": "reviewing"}).status_code == 422
    assert cai.post(address, {"act": "move", "target": "collecting"}).status_code == 302
    assert found.state == "collecting"
    office.at(monkeypatch, 2022, 1, 8, 5)
    page = sun.get(address).content.decode()
    assert found.state == "closed" and "Hand over to review" in page and "The cut-off has passed" in page
    assert sun.post(address, {"act": "move", "target": "reviewing"}).status_code == 422
    assert sun.post(address, {"act": "move", "target": "reviewing", "sign": "strike"}).status_code == 302
    assert found.state == "reviewing"
    assert SignedException.objects.get(guard="response").reason == "strike"
    assert "strike" in sun.get(address).content.decode()
    for name, status in (("aud", 200), ("rui", 200), ("col", 403), ("wen", 403)):
        assert office.client(name).get(address).status_code == status
    assert office.client("aud").post(address, {"act": "move"}).status_code == 403


def test_late_data_by_exception(office: Any) -> None:
    found = office.sign_open("2022-W01")
    work.settle(found)
    address = f"/office/rounds/{found.code}/coverage/"
    sun = office.client("sun")
    with office.quotes.open("rb") as file:
        assert sun.post(address, {"act": "late", "file": file, "sign": ""}).status_code == 422
    assert sun.post(address, {"act": "late", "sign": "x"}).status_code == 422
    assert found.quotes.count() == 0
    path = Path(office.home.path) / "late.csv"
    row = coverage.of(found).silent[0][1][0].unit
    item = row.assignments.select_related("item").order_by("pk")[0].item
    path.write_text(f"period,unit,item,price\n2022-W01,{row.code},{item.code},9\n", encoding="utf-8")
    with path.open("rb") as file:
        answer = sun.post(address, {"act": "late", "file": file, "sign": "storm"}, follow=True)
    assert "1 added" in answer.content.decode()
    assert found.quotes.count() == 1 and found.exceptions.get(guard="late").reason == "storm"


def test_reminders_go_to_those_who_are_missing(sqlite_office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office.screens import coverage as screen

    sqlite_office.at(monkeypatch, 2022, 1, 5, 3)
    found = sqlite_office.sign_open("2022-W01")
    address = f"/office/rounds/{found.code}/coverage/"
    sent: list[tuple[str, list[int], str]] = []
    room = ModuleType("reminders")

    def remind(found: Any, ids: list[int], by: Any) -> Any:
        sent.append((found.code, ids, by.username))
        return SimpleNamespace(going=len(ids), today=1, unreached=("U0001",))

    room.remind = remind  # type: ignore[attr-defined]
    name = "tests_reminders_of_coverage"
    monkeypatch.setattr(screen, "REMINDERS", name)
    sun = sqlite_office.client("sun")
    assert "Remind all" not in sun.get(address).content.decode()
    assert sun.post(address, {"act": "remind"}).status_code == 422
    monkeypatch.setitem(sys.modules, name, room)
    assert "Remind all" in sun.get(address).content.decode()
    silent = coverage.of(found).silent
    assert sun.post(address, {"act": "remind"}).status_code == 302
    assert sun.post(address, {"act": "remind", "source": silent[0][0].code}).status_code == 302
    everybody = [s.unit.pk for _, units in silent for s in units]
    assert sent == [
        (found.code, everybody, "sun"), (found.code, [s.unit.pk for s in silent[0][1]], "sun"),
    ]  # fmt: skip
    assert not re.search(r"\sstyle=|<style", sun.get(address).content.decode())


@pytest.mark.browser
def test_nothing_bars_anybody(sqlite_office: Any, serve: Any, sign_in: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    found = sqlite_office.collect("2022-W01")
    sqlite_office.review(found)
    served = serve(sqlite_office)
    for language in ("zh-hans", "en"):
        for width in (390, 1440):
            page = sign_in(served, "max", language=language, width=width)
            for screen in ("coverage", "imputation"):
                page.goto(f"{served.base}/office/rounds/{found.code}/{screen}/")
                results = Axe().run(page)
                assert not results.response["violations"], results.generate_report()
                assert page.evaluate("document.documentElement.scrollWidth") <= width
