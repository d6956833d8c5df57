"""S3, collecting on a phone: without a connection, once each, conflicts shown, receipts listed."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ellwand.office.collection.models import Delivery, Receipt, Stop
from ellwand.office.quotes.models import Quote
from ellwand.office.registry.models import Unit
from ellwand.office.rounds.models import Round

SEND, LIST = "/office/collect/send/", "/office/collect/list/"
WEIGHT = 120_000


def next_period() -> str:
    """A week whose cut-off is still to come."""
    year, week, _ = (datetime.now(UTC) + timedelta(days=7)).isocalendar()
    return f"{year}-W{week:02d}"


def give_route(office: Any, collector: str = "col", most: int = 3) -> list[Unit]:
    """Put units on somebody's way."""
    from ellwand.office.collection import due

    rows = due.of_units(Round.objects.order_by("-pk")[0], [u.pk for u in Unit.objects.all()])
    units = [u for u in Unit.objects.order_by("code") if len(rows[u.pk]) > 1][:most]
    for k, unit in enumerate(units):
        Stop(
            unit=unit, collector=office.user(collector), position=k + 1, by=office.user("cai"), at=datetime.now(UTC)
        ).save()
    return units


@pytest.fixture
def opened(office: Any) -> Any:
    """An office with a round that collects now, and a route for col."""
    office.sign_open(next_period())
    give_route(office)
    return office


def quote(row: tuple[str, str], key: str, **more: Any) -> dict[str, Any]:
    return {"unit": row[0], "item": row[1], "price": "12.5", "type": "deal", "key": key, "seen": 0, **more}


def rows_of(client: Any) -> list[tuple[str, str]]:
    found = client.get(LIST).json()
    return [(stop["unit"], row["item"]) for stop in found["stops"] for row in stop["rows"]]


def send(office: Any, client: Any, quotes: list[dict[str, Any]], name: str = "col") -> Any:
    body = {"round": Round.objects.get().code, "quotes": quotes}
    return client.post(
        SEND, json.dumps(body), content_type="application/json", headers={"Ellwand-User": str(office.user(name).pk)}
    )


def test_each_entry_counts_once(opened: Any) -> None:
    client = opened.client("col")
    rows = rows_of(client)
    given = [quote(row, f"k{k}") for k, row in enumerate(rows[:3])]
    first = send(opened, client, given).json()
    assert [q["outcome"] for q in first["quotes"]] == ["added"] * 3
    # The answer got lost, the phone sends all of it again, with one more.
    again = send(opened, client, [*given, quote(rows[3], "k3")]).json()
    assert [(q["outcome"], q["again"]) for q in again["quotes"]] == [("added", True)] * 3 + [("added", False)]
    assert [q["receipt"] for q in again["quotes"][:3]] == [first["receipt"]] * 3
    assert (Quote.objects.count(), Delivery.objects.count(), Receipt.objects.count()) == (4, 4, 2)
    now = client.get(LIST).json()["stops"][0]["rows"][0]["now"]
    assert (now["price"], now["by"], now["quote"]) == ("12.5", "col", first["quotes"][0]["quote"])


def test_another_version_was_entered_meanwhile(opened: Any) -> None:
    """Of two entries the one that was made later is in force; both are kept, and both senders see it."""
    Stop(unit=Unit.objects.order_by("code")[0], collector=None, position=1, by=opened.user("cai"), at=datetime.now(UTC))
    client = opened.client("col")
    row = rows_of(client)[0]
    Stop(
        unit=Unit.objects.get(code=row[0]), collector=None, position=1, by=opened.user("cai"), at=datetime.now(UTC)
    ).save()
    # Nobody enters a quote before its round is there.
    begun = Round.objects.get().at
    early, late = ((begun + timedelta(milliseconds=k)).isoformat() for k in (1, 2))
    sun = opened.client("sun")
    theirs = send(opened, sun, [quote(row, "s1", price="13", made_at=late)], "sun").json()["quotes"][0]
    mine = send(opened, client, [quote(row, "c1", made_at=early)]).json()["quotes"][0]
    assert (mine["outcome"], mine["conflict"], mine["now"]["price"], mine["now"]["by"]) == ("older", True, "13", "sun")
    assert Quote.objects.current().get().price == 13 and Delivery.objects.filter(outcome="older").count() == 1
    settled = send(opened, client, [quote(row, "c2", seen=theirs["quote"], reason="asked again")]).json()["quotes"][0]
    assert (settled["outcome"], settled["conflict"]) == ("changed", False)
    kept = Quote.objects.current().get()
    assert (kept.version, kept.price, kept.reason) == (2, 12.5, "asked again")


def test_what_is_refused_on_the_way(opened: Any) -> None:
    client = opened.client("col")
    row = rows_of(client)[0]
    # Somebody else signed in on this phone since.
    answer = send(opened, client, [quote(row, "k")], "sun")
    assert answer.status_code == 409 and Quote.objects.count() == 0
    for body in ("", "[]", "x" * ((1 << 20) + 1)):
        headers = {"Ellwand-User": str(opened.user("col").pk)}
        answer = client.post(SEND, body, content_type="application/json", headers=headers)
        assert answer.status_code in (413, 422) and answer.json()["problems"]
    without = quote(row, "k")
    del without["key"]
    assert send(opened, client, [without]).status_code == 422
    assert client.get(SEND).status_code == 405
    for name in ("cai", "rui", "aud"):
        assert opened.client(name).get(LIST).status_code == 403
        assert send(opened, opened.client(name), [quote(row, "k")], name).status_code == 403
    assert Quote.objects.count() == 0


def test_the_pages_on_the_phone(sqlite_office: Any) -> None:
    """The worker keeps exactly the files that are there; nothing in them is from elsewhere, and all of it is light."""
    client = sqlite_office.client("col")
    program = client.get("/office/collect/worker.js").content.decode()
    files = json.loads(program.partition("const FILES = ")[2].partition(";\n")[0])
    page = client.get("/office/collect/")
    assert page.status_code == 200
    weight = len(page.content) + len(program)
    from django.contrib.staticfiles import finders

    for file in files[1:]:
        found = finders.find(file.removeprefix("/static/"))
        assert found, file
        text = open(found, encoding="utf-8").read()  # noqa: PTH123, SIM115
        weight += len(text.encode())
        assert "https://" not in text and "http://" not in text.replace("http://www.w3.org/2000/svg", "")
        if file.endswith(".js"):
            assert "innerHTML" not in text and "eval(" not in text
            imported = {part.split('"')[0] for part in text.split('from "./')[1:]}
            assert {f"{file.rpartition('/')[0]}/{name}" for name in imported} <= set(files)
    assert weight <= WEIGHT, weight


def until(page: Any, condition: str, seconds: int = 20) -> None:
    """Wait until a condition holds in the page (its policy forbids what would evaluate a text there)."""
    for _ in range(10 * seconds):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{condition}: {page.inner_text('body')[:800]}")


@pytest.mark.browser
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_day_without_a_connection(opened: Any, serve: Any, sign_in: Any, language: str) -> None:
    """A phone opens the page, loses the net, is filled in, started again, and sends everything once it is back."""
    from axe_playwright_python.sync_playwright import Axe

    zh = language == "zh-hans"
    served = serve(opened)
    page = sign_in(served, "col", language=language, width=390, height=780)
    faults: list[str] = []
    page.on("pageerror", lambda e: faults.append(str(e)))
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" and "ERR_INTERNET" not in m.text else None)

    def clean() -> None:
        results = Axe().run(page)
        assert not results.response["violations"], results.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the phone"

    loaded: list[int] = []
    page.on(
        "response", lambda r: loaded.append(int(r.headers.get("content-length", 0))) if "/static/" in r.url else None
    )
    page.goto(f"{served.base}/office/collect/")
    page.wait_for_selector("html[data-ready]")
    until(page, "navigator.serviceWorker.controller !== null")
    assert sum(loaded) + 20_000 <= WEIGHT
    clean()
    stalls = page.locator(".way a")
    assert stalls.count() == 3

    # Without a connection, and after the phone was switched off.
    page.context.set_offline(True)
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert stalls.count() == 3
    assert ("无网络" if zh else "No connection") in page.inner_text("#bar")
    clean()
    stalls.first.click()
    page.wait_for_selector(".items")
    due = page.locator(".items a").count()
    clean()
    page.locator(".items a").first.click()
    page.wait_for_selector(".pad")
    clean()
    total = 0
    # The pad for the thumb; what is missing is said at once.
    page.locator("button.main").click()
    assert ("请填写价格" if zh else "Give the price") in page.inner_text(".told")
    for digit in "12.5":
        page.locator(".pad button", has_text=digit).first.click()
    assert page.input_value("#price") == "12.5"
    page.locator("button.main").click()
    assert ("价格类型" if zh else "type of price") in page.inner_text(".told")

    def enter(kind: str) -> None:
        """Choose and keep; the next card, or the list, is another address."""
        here = page.evaluate("location.hash")
        page.locator(f"input[value={kind}]").check()
        page.locator("button.main").click()
        until(page, f"location.hash !== {json.dumps(here)} && !document.querySelector('input[value={kind}]:checked')")

    enter("deal")
    total += 1
    for _ in range(due - 1):
        enter("out_of_stock")
        total += 1
    page.wait_for_selector(".items")
    assert page.locator(".items .state.wait").count() == due
    # The whole stall is closed.
    page.goto(f"{served.base}/office/collect/#/")
    stalls.nth(1).click()
    page.wait_for_selector(".items")
    more = page.locator(".items a").count()
    page.get_by_role("button", name="整个摊位停业" if zh else "The whole stall is closed").click()
    clean()
    page.locator(".sure button.grave").click()
    page.wait_for_selector(".way")
    total += more
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert (f"{total} 项待发送" if zh else f"{total} waiting") in page.inner_text("#bar")
    assert Quote.objects.count() == 0

    # Meanwhile somebody in the office enters the first row later than the phone did.
    first = json.loads(opened.client("col").get(LIST).content)["stops"][0]
    unit, item = first["unit"], first["rows"][0]["item"]
    Stop(
        unit=Unit.objects.get(code=unit), collector=None, position=1, by=opened.user("cai"), at=datetime.now(UTC)
    ).save()
    send(opened, opened.client("sun"), [quote((unit, item), "office", price="13")], "sun")
    Stop(
        unit=Unit.objects.get(code=unit), collector=opened.user("col"), position=1, by=opened.user("cai"),
        at=datetime.now(UTC),
    ).save()  # fmt: skip

    # Back again: everything goes out by itself, once.
    page.context.set_offline(False)
    until(page, "document.querySelector('#bar .line:not(.wait)') !== null")
    page.wait_for_selector(".note.error a")
    assert Quote.objects.count() == total and Delivery.objects.filter(receipt__by=opened.user("col")).count() == total
    clean()
    page.locator(".note.error a").click()
    page.wait_for_selector("section.note")
    conflict = page.locator("section.note")
    assert "13" in conflict.inner_text() and "12.5" in conflict.inner_text() and "sun" in conflict.inner_text()
    clean()
    page.fill("#reason", "asked again")
    page.locator("button.main").click()
    until(page, "document.querySelector('#bar .line:not(.wait)') !== null")
    for _ in range(100):
        if Quote.objects.count() == total + 1:
            break
        page.wait_for_timeout(100)
    kept = Quote.objects.current().get(unit__code=unit, item__code=item)
    assert (kept.version, float(kept.price), kept.reason, kept.by.username) == (2, 12.5, "asked again", "col")

    # What was sent, with the receipts of the record.
    page.goto(f"{served.base}/office/collect/#/sent")
    page.wait_for_selector(".receipt code")
    shown = {e.inner_text() for e in page.locator(".receipt code").all()}
    assert shown == set(Receipt.objects.filter(by=opened.user("col")).values_list("number", flat=True))
    clean()

    # The other language, also without a connection.
    page.context.set_offline(True)
    page.locator("#language").click()
    assert ("Sent" if zh else "已报送") in page.inner_text("h1")
    page.context.set_offline(False)
    assert faults == []
