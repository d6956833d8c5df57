"""S5, the review queue: by forms without script, and by keyboard in a browser."""

from decimal import Decimal
from typing import Any

import pytest

from ellwand.office.quotes.models import Quote
from ellwand.office.review import queue, standing
from ellwand.office.review.models import Case, Decision, Flag

JSON = {"HTTP_ACCEPT": "application/json"}


def prepare(office: Any, number: int = 6) -> Any:
    """A round in review with some wrong prices, checked."""
    from ellwand.office import clock

    office.collect("2022-W01")
    found = office.collect("2022-W02")
    rows = Quote.objects.current().filter(round=found, price__gt=1).order_by("item__code", "unit__code")
    for k, q in enumerate(list(rows[:number])):
        factor = Decimal(10) if k % 3 == 0 else Decimal("2.7183")
        Quote(
            round=found, unit=q.unit, item=q.item, version=q.version + 1, supersedes=q,
            price=(q.price * factor).quantize(Decimal("0.01")), unit_of_measure=q.unit_of_measure,
            currency=q.currency, by=office.user("sun"), at=clock.now(), reason="test", remark="new dye",
        ).save()  # fmt: skip
    office.review(found)
    queue.check(found)
    return found


def form(client: Any, address: str, act: str) -> dict[str, str]:
    """The hidden fields of an act's form on a page."""
    import re

    text = client.get(address).content.decode()
    block = next(b for b in re.findall(r"<form.*?</form>", text, re.S) if f'name="act" value="{act}"' in b)
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', block)) | {"act": act}


def test_the_queue_before_a_check_and_after(office: Any) -> None:
    found = office.collect("2022-W01")
    address = f"/office/rounds/{found.code}/review/"
    rui = office.client("rui")
    assert "will be listed here" in rui.get(address).content.decode()
    office.review(found)
    assert "Check now" in rui.get(address).content.decode()
    assert rui.post(address, {"act": "check"}).status_code == 302
    assert queue.last_check(found).by.username == "rui"
    assert "Check now" not in rui.get(address).content.decode()
    for name, status in (("aud", 200), ("sta", 200), ("cai", 403), ("col", 403)):
        assert office.client(name).get(address).status_code == status
    assert office.client("aud").post(address, {"act": "check"}).status_code == 403
    assert rui.post(address, {"act": "dance"}).status_code == 422


def test_a_whole_queue_by_plain_forms(office: Any) -> None:
    found = prepare(office)
    rui = office.client("rui", language="zh-hans")
    address = f"/office/rounds/{found.code}/review/"
    for _ in range(len(queue.open_flags(found))):
        first = queue.open_flags(found)[0].flag
        page = rui.get(address).content.decode()
        assert f'data-flag="{first.pk}"' in page and "价格走势" in page and "<svg" in page
        act = "correct" if first.proposal is not None else "accept"
        part = f"{address}{first.pk}/"
        data = form(rui, address, act)
        if act == "accept":
            data |= {"code": "market_moved"}
        answer = rui.post(part, data)
        assert (answer.status_code, answer["Location"]) == (302, address)
    assert queue.open_flags(found) == []
    assert "清单已处理完" in rui.get(address).content.decode()
    first = queue.flags_of(found)[0].flag
    assert "已作的决定" in rui.get(f"{address}?q={first.pk}").content.decode()


def test_a_script_is_told_what_happened(office: Any) -> None:
    found = prepare(office)
    rui, max_ = office.client("rui"), office.client("max")
    flag = queue.open_flags(found)[0].flag
    part = f"/office/rounds/{found.code}/review/{flag.pk}/"
    data, other = form(rui, part, "accept"), form(max_, part, "exclude")
    done = rui.post(part, data, **JSON)
    assert (done.status_code, done.json()["state"], done.json()["words"]) == (200, "settled", "accepted")
    # The same request again is the same decision; another person's is told who was faster.
    assert rui.post(part, data, **JSON).status_code == 200
    late = max_.post(part, other, **JSON)
    assert (late.status_code, Decision.objects.count()) == (409, 1)
    assert late.json()["message"].startswith("rui was faster: accepted at")
    assert max_.post(part, other).status_code == 409
    wrong = form(rui, part, "correct") | {"price": "abc"}
    answer = rui.post(part, wrong, **JSON)
    assert (answer.status_code, answer.json()["message"][:12]) == (422, "price: 'abc'")
    assert rui.post(part, {"act": "accept"}).status_code == 422
    assert rui.get(f"/office/rounds/{found.code}/review/999999/").status_code == 422
    assert office.client("aud").post(part, data).status_code == 403


def test_a_judgement_shows_to_its_second_reader(office: Any) -> None:
    found = prepare(office)
    flag = queue.open_flags(found)[0].flag
    part = f"/office/rounds/{found.code}/review/{flag.pk}/"
    rui, max_ = office.client("rui"), office.client("max")
    data = form(rui, part, "judge") | {"price": "3", "reason": "closed", "evidence": "visit", "alternative": "none"}
    assert rui.post(part, data, **JSON).json()["state"] == "judged"
    assert "Countersign <kbd>" not in rui.get(part).content.decode()
    assert "Countersign <kbd>" in max_.get(part).content.decode()
    assert max_.post(part, form(max_, part, "countersign"), **JSON).json()["state"] == "settled"
    text = max_.get(part).content.decode()
    assert "Evidence: visit" in text and "judgement countersigned" in text


def test_the_small_ones_together_and_a_case(office: Any) -> None:
    found = prepare(office)
    address = f"/office/rounds/{found.code}/review/"
    rui = office.client("rui")
    small = queue.below(found, queue.flags_of(found))
    answer = rui.post(address, {"act": "small", "key": "k"}, follow=True)
    assert f"{len(small)} quotes were left to the rules" in answer.content.decode()
    case = Case(round=found, kind="push", subject="U1", evidence=[], at=found.at)
    case.save()
    data = {"act": "case", "case": case.pk, "code": "explained", "reason": "list price"}
    assert rui.post(address, data | {"reason": ""}).status_code == 422
    assert rui.post(address, data | {"case": 77}).status_code == 422
    assert rui.post(address, data).status_code == 302
    assert "list price" in rui.get(address).content.decode()


@pytest.mark.browser
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_queue_by_keyboard_alone(sqlite_office: Any, serve: Any, sign_in: Any, language: str) -> None:
    """From first to last without a mouse; prints how many keys a flag takes."""
    from axe_playwright_python.sync_playwright import Axe

    found = prepare(sqlite_office, 12)
    total = len(queue.open_flags(found))
    served = serve(sqlite_office)
    page = sign_in(served, "rui", language=language, width=1440)
    faults: list[str] = []
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.goto(f"{served.base}/office/rounds/{found.code}/review/")
    results = Axe().run(page)
    assert not results.response["violations"], results.generate_report()
    keys = 0

    def press(key: str) -> None:
        nonlocal keys
        keys += len(key) if key.replace(".", "").isdigit() else 1
        page.keyboard.type(key) if len(key) > 1 and key[0].isdigit() else page.keyboard.press(key)

    plan = ["a", "p", "x2", "r1", "m1", "c"]
    for turn in range(total):
        shown = page.evaluate("document.documentElement.dataset.shown")
        want = plan[turn % len(plan)]
        if want == "p" and page.locator('[data-key="p"]').count() == 0:
            want = "a"
        if want == "c":
            press("c")
            page.keyboard.press("Control+A")
            flag = Flag.objects.get(pk=shown)
            price = f"{flag.reference:.2f}"
            press(price)
            press("Enter")
        else:
            for key in want:
                press(key)
        page.wait_for_selector(f'html:not([data-shown="{shown}"])', state="attached")
    assert page.evaluate("document.documentElement.dataset.shown") == "done"
    states = [s.state for s in queue.flags_of(found)]
    assert standing.OPEN not in states and states.count(standing.RETURNED) == total // 6 + (total % 6 > 3)
    # One is taken back and accepted instead: next, take back, accept.
    page.keyboard.press("n")
    page.wait_for_selector('html:not([data-shown="done"])', state="attached")
    page.keyboard.press("u")
    page.wait_for_selector(".flags li.open")
    page.wait_for_selector('[data-key="a"] .main, [data-key="p"] .main')
    page.keyboard.press("a")
    page.wait_for_selector('html[data-shown="done"]', state="attached")
    assert faults == []
    print(f"\nreview queue, {language}: {total} flags by {keys} keys, {keys / total:.2f} a flag")
    assert keys <= 3 * total
