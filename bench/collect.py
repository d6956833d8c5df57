"""Fifty collectors who send their quotes at the same time, to a real server: what each request waited, what is there.

The office is one of a day's work: each collector has stalls of five items on his way, with weeks of prices before. All
of them wait at one door and begin together; what a phone sends a second time, because an answer was lost, comes again
here too.
"""

import http.client
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

FIELDS = 5
"""Items of a stall."""


@dataclass(frozen=True)
class Collector:
    """A collector: his token, and the unit and item of each of his quotes."""

    token: str
    cells: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """An answer to a request. seconds : from sending to the last byte. outcomes : of its quotes, in order."""

    seconds: float
    status: int
    outcomes: Sequence[str]
    receipt: str


def next_week() -> str:
    """A week whose cut-off is still to come."""
    year, week, _ = (datetime.now(UTC) + timedelta(days=7)).isocalendar()
    return f"{year}-W{week:02d}"


def furnish(collectors: int, quotes: int, *, weeks: int) -> tuple[str, list[Collector]]:
    """Put collectors, stalls and earlier weeks into the office in use; the round that collects, and the collectors.

    The office has registers, a clerk cai, a collector and supervisor sun, and an admin ada.
    """
    from django.db import transaction

    from ellwand.office.accounts import people
    from ellwand.office.collection import tokens
    from ellwand.office.collection.models import Stop
    from ellwand.office.quotes.models import Quote
    from ellwand.office.registry.models import Assignment, Item, Unit
    from ellwand.office.rounds import work

    cai, sun, ada = (people.find(name) for name in ("cai", "sun", "ada"))
    now, stalls = datetime.now(UTC), quotes // FIELDS
    like, place = Item.objects.order_by("pk")[0], Unit.objects.order_by("pk")[0]
    first = f"{now.year - 1}-W01"
    period = next_week()
    found = work.plan(period, cai)
    with transaction.atomic():
        items = Item.objects.bulk_create(
            Item(code=f"Z{k:04d}", ea=like.ea, name_zh=f"品{k}", name_en=f"item {k}", unit_of_measure="m", more={})
            for k in range(100)
        )
        units = Unit.objects.bulk_create(
            Unit(code=f"Y{k:05d}", source=place.source, name_zh=f"店{k}", name_en=f"shop {k}", more={})
            for k in range(collectors * stalls)
        )
        cells = [(u, items[(k * FIELDS + j) % len(items)]) for k, u in enumerate(units) for j in range(FIELDS)]
        Assignment.objects.bulk_create(Assignment(unit=u, item=i, valid_from=first, more={}) for u, i in cells)
        monday = now.date() - timedelta(days=now.weekday())
        for back in range(weeks):
            year, week, _ = (monday - timedelta(weeks=back)).isocalendar()
            before = work.plan(f"{year}-W{week:02d}", cai)
            Quote.objects.bulk_create(
                [
                    Quote(
                        round=before, unit=u, item=i, version=1, price="12.5", unit_of_measure="m", currency="CNY",
                        kind="deal", collection_method="collector", by=sun, at=now,
                    )
                    for u, i in cells
                ],
                batch_size=2000,
            )  # fmt: skip
        work.record_move(found, "collecting", None)
        out = []
        for k in range(collectors):
            name = f"c{k:02d}"
            people.add(name, ["collector"], ada)
            user = people.find(name)
            mine = units[k * stalls : (k + 1) * stalls]
            Stop.objects.bulk_create(
                Stop(unit=u, collector=user, position=n, by=cai, at=now) for n, u in enumerate(mine)
            )
            _, secret = tokens.make(user, "load", ["quotes"], 1, ada)
            own = cells[k * quotes : (k + 1) * quotes]
            out.append(Collector(secret, [(u.code, i.code) for u, i in own]))
    return found.code, out


def send_all(
    base: str, code: str, collectors: Sequence[Collector], *, together: int, twice: int = 0
) -> list[list[Answer]]:
    """Send all quotes of all collectors at once; the answers of each. together : quotes of a request.

    twice : every so manieth request is sent a second time, as a phone does that had no answer; 0 for none.
    """
    door = threading.Barrier(len(collectors))
    out: list[list[Answer]] = [[] for _ in collectors]
    faults: list[BaseException] = []

    def run(k: int) -> None:
        try:
            connection = _connection(base)
            door.wait()
            for n in range(0, len(collectors[k].cells), together):
                body = _body(code, collectors[k].cells[n : n + together], k)
                for _ in range(1 + bool(twice and (k + n // together) % twice == 0)):
                    out[k].append(_post(connection, collectors[k].token, f"collector-{k:02d}-{n:04d}", body))
        except BaseException as error:
            faults.append(error)
            door.abort()

    threads = [threading.Thread(target=run, args=(k,)) for k in range(len(collectors))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if faults:
        raise faults[0]
    return out


def _connection(base: str) -> http.client.HTTPConnection:
    host, _, port = base.removeprefix("http://").partition(":")
    return http.client.HTTPConnection(host, int(port), timeout=120)


def _body(code: str, cells: Sequence[tuple[str, str]], k: int) -> bytes:
    price = f"{12.5 + k / 100:.2f}"
    quotes = [{"unit": u, "item": i, "price": price, "type": "deal", "seen": 0} for u, i in cells]
    return json.dumps({"round": code, "quotes": quotes}).encode()


def _post(connection: http.client.HTTPConnection, token: str, key: str, body: bytes) -> Answer:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key, "Content-Type": "application/json"}
    start = time.perf_counter()
    connection.request("POST", "/office/api/v1/quotes", body, headers)
    answer = connection.getresponse()
    content = answer.read()
    seconds = time.perf_counter() - start
    said: dict[str, Any] = json.loads(content)
    return Answer(seconds, answer.status, [q["outcome"] for q in said.get("quotes", ())], said.get("receipt", ""))


def percentile(seconds: Sequence[float], share: int) -> float:
    """The least seconds within which so many of 100 requests were answered."""
    ranked = sorted(seconds)
    return ranked[max(0, -(-share * len(ranked) // 100) - 1)]
