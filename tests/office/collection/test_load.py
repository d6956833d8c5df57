"""Fifty collectors send a hundred quotes each at once, to a real server: none is lost, none is there twice."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from bench import collect
from ellwand.office.audit import trail
from ellwand.office.audit.models import Entry
from ellwand.office.collection.models import Answer, Delivery, Receipt
from ellwand.office.quotes.models import Quote

COLLECTORS, EACH = 50, 100


@pytest.mark.parametrize("together", [25, 1])
def test_none_lost_and_none_twice(office: Any, serve: Any, together: int) -> None:
    if together == 1 and not office.url:
        pytest.skip("five thousand requests one by one are sent to PostgreSQL only")
    code, collectors = collect.furnish(COLLECTORS, EACH, weeks=2)
    served = serve(office)
    answers = collect.send_all(served.base, code, collectors, together=together, twice=7)
    every = [a for one in answers for a in one]
    assert Counter(a.status for a in every) == {200: len(every)}
    requests = COLLECTORS * EACH // together
    assert len(every) > requests
    # Every quote is there, in one version, as its collector sent it.
    rows = Quote.objects.filter(round__code=code).values_list(
        "unit__code", "item__code", "version", "price", "by__username"
    )
    sent = {
        (unit, item, 1, f"{12.5 + k / 100:.2f}", f"c{k:02d}")
        for k, one in enumerate(collectors) for unit, item in one.cells
    }  # fmt: skip
    there = [(u, i, v, f"{p:.2f}", by) for u, i, v, p, by in rows]
    assert len(there) == len(sent) == COLLECTORS * EACH and set(there) == sent
    assert Delivery.objects.count() == COLLECTORS * EACH
    # A receipt for each request, an entry of the trail for each receipt, and the chain holds.
    assert Receipt.objects.count() == Answer.objects.count() == requests
    assert {a.receipt for a in every} == set(Receipt.objects.values_list("number", flat=True))
    assert Entry.objects.filter(act="quotes.report").count() == requests
    assert trail.verify()[2] is None
    waited = [a.seconds for a in every]
    figures = {"p50": collect.percentile(waited, 50), "p95": collect.percentile(waited, 95), "longest": max(waited)}
    print(
        f"\n{COLLECTORS} collectors x {EACH} quotes, {together} a request, {'PostgreSQL' if office.url else 'SQLite'}:"
    )
    print(json.dumps({k: round(v, 3) for k, v in figures.items()}))
