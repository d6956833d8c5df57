"""The review queue of a round: which quotes the rules flag, ranked by influence on the index, and what is open."""

from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Max
from django_tasks import task

from ellwand.engine.errors import DataError
from ellwand.office import clock, setup
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.quotes.models import Quote
from ellwand.office.review import alerts, cases, standing
from ellwand.office.review.decisions import small
from ellwand.office.review.models import Check, Decision, Flag
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Round
from ellwand.office.rounds.producing import Produced, produce
from ellwand.production.method import Method
from ellwand.production.validate import MEASURE, REVIEW

FLAGGED = ("queried", "excluded", "edited")
BATCH = 400
SHOWN = (
    *(f.name for f in Flag._meta.fields),
    *(f"quote__{n}" for n in ("round", "price", "unit__code", "unit__name_zh", "unit__name_en")),
    *(f"quote__item__{n}" for n in ("code", "ea", "name_zh", "name_en")),
)
"""What the list of flags reads; the rest of a quote is read when it is looked at."""


def last_check(found: Round) -> Check | None:
    """The last check of a round; None where there is none."""
    return Check.objects.filter(round=found).order_by("-number").first()


def is_stale(found: Round, check: Check) -> bool:
    """Whether quotes came in since the check that no decision of a reviewer made."""
    return Quote.objects.filter(round=found, pk__gt=check.last_quote, made_by__isnull=True).exists()


def check(found: Round, by: User | None = None) -> Check:
    """Run the production over the round and keep what it flags. DataError for a round that is not in review."""
    if found.state != states.REVIEWING:
        raise DataError(f"round {found.code} is {found.state}; its quotes are checked while it is reviewing")
    seen = Quote.objects.filter(round=found).aggregate(last=Max("pk"))["last"] or 0
    made = produce(found)
    rows = _flagged(made)
    found_alerts = alerts.find(*_lines(found, made), setup.current().alerts)
    with transaction.atomic():
        work.lock(found)
        number = (
            Check.objects.filter(round=found).order_by("-number").values_list("number", flat=True).first() or 0
        ) + 1
        quotes = Quote.objects.current().filter(round=found, pk__lte=seen)
        stored = Check(
            round=found, number=number, inputs=made.inputs, last_quote=seen, quotes=quotes.count(), by=by,
            at=clock.now(),
        )  # fmt: skip
        stored.save()
        ids = {(u, i): pk for pk, u, i in quotes.values_list("pk", "unit__code", "item__code")}
        flags = []
        for rank, row in enumerate(rows, 1):
            pk = ids.get((row.pop("unit"), row.pop("item")))
            # A quote that came in while the production ran is judged by the next check, which is due then.
            if pk is not None:
                flags.append(Flag(of=stored, quote_id=pk, rank=rank, **row))
        Flag.objects.bulk_create(flags, batch_size=BATCH)
        opened = cases.open_cases(found, found_alerts)
        trail.append(
            by, "review.check", f"round/{found.code}",
            after={"check": number, "inputs": made.inputs, "flags": len(flags), "cases": [c.pk for c in opened]},
        )  # fmt: skip
    return stored


@task()
def check_round(code: str) -> int:
    """Check a round that came into review; one that was checked since, or has left it, is let alone."""
    found = work.find(code)
    last = last_check(found)
    if found.state != states.REVIEWING or (last is not None and not is_stale(found, last)):
        return 0
    return check(found).number


def flags_of(found: Round) -> list[standing.Standing]:
    """All flags of the last check and where each quote stands, the largest influence first."""
    last = last_check(found)
    if last is None:
        return []
    rows = last.flags.select_related("quote", "quote__unit", "quote__item").only(*SHOWN).order_by("rank")
    return standing.standings(found, list(rows))


def open_flags(found: Round) -> list[standing.Standing]:
    """Flags of quotes that wait for a reviewer."""
    return [s for s in flags_of(found) if s.state == standing.OPEN]


def returned(found: Round) -> list[Decision]:
    """Quotes that wait for their collectors, with what each is asked."""
    waiting = [s.last for s in flags_of(found) if s.state == standing.RETURNED and s.last is not None]
    return list(Decision.objects.filter(pk__in=[d.pk for d in waiting]).select_related("unit", "item", "quote", "by"))


def budget(found: Round) -> float:
    """Index points that quotes decided in a batch may move the total by in all, less what batches have used."""
    limit = method_in_force(found.period).validate.review_share
    last = last_check(found)
    if last is None:
        return limit
    used = Flag.objects.filter(of=last, quote__decisions__small=True).values_list("influence", flat=True)
    return float(limit - sum(abs(v or 0.0) for v in used))


def method_in_force(period: str = "") -> Method:
    """The method in force for a period, "" for the present week."""
    return work.rules_in_force(period).method


def below(found: Round, flags: list[standing.Standing]) -> list[standing.Standing]:
    """Open flags that may be decided in a batch."""
    return small(flags, budget(found))


def objection(found: Round) -> str | None:
    """Why the queue does not let the round go on; None if it is empty and up to date."""
    last = last_check(found)
    if last is None:
        return "the quotes were not checked yet; run the check of the review queue"
    if is_stale(found, last):
        return "quotes changed since the last check; run the check of the review queue again"
    count = dict.fromkeys((standing.OPEN, standing.RETURNED, standing.JUDGED), 0)
    for one in flags_of(found):
        if one.state in count:
            count[one.state] += 1
    waits = cases.undecided(found)
    told = [
        f"{n} {words}"
        for n, words in (
            (count[standing.OPEN], "flagged quotes have no decision"),
            (count[standing.RETURNED], "quotes are with their collectors"),
            (count[standing.JUDGED], "judgements have no second reader"),
            (waits, "cases of conspicuous reporting are not decided"),
        )
        if n
    ]
    return ", ".join(told) or None


def _flagged(made: Produced) -> list[dict[str, Any]]:
    """What the production flags in the round's period, ranked by influence."""
    results, t = made.results, made.t
    c = results.compiled
    period = c.book.periods[t]
    table = results.quotes()
    kept = ("unit", "item", "verdict", "rule", "reference", "low", "high", "proposal", "price", "score")
    columns = {n: table[n].to_pylist() for n in (*kept, "period")}
    before = int(c.previous[t])
    level = float(c.level[0, before]) if before >= 0 and np.isfinite(c.level[0, before]) else None
    out = []
    for k, when in enumerate(columns.pop("period")):
        if when != period or columns["verdict"][k] not in FLAGGED:
            continue
        # What a reviewer decided is no question any more, and a conversion of measures by the register is none.
        if columns["rule"][k] == REVIEW or (columns["verdict"][k], columns["rule"][k]) == ("edited", MEASURE):
            continue
        row = {n: columns[n][k] for n in kept}
        score, price = row.pop("score"), float(row.pop("price") or 0)
        way = -1.0 if row["reference"] is not None and price < row["reference"] else 1.0
        row["influence"] = None if score is None or level is None else way * score / 100 * level
        row["rule"] = row["rule"] or ""
        out.append(row)
    # Without a price to compare with, an influence is unknown: those come first, because nothing bounds it.
    out.sort(key=lambda r: (r["influence"] is not None, -abs(r["influence"] or 0), r["item"], r["unit"]))
    return out


def _lines(found: Round, made: Produced) -> tuple[list[alerts.Line], Any]:
    """The quotes of the round with the price used before, and the cut-off."""
    c, t = made.results.compiled, made.t
    book, line = c.book, c.line
    rows = np.flatnonzero((book.row[:, t] >= 0) & np.isfinite(line.reference[:, t]) & (book.price[:, t] > 0))
    units, items = book.units.codes, book.items.codes
    came = {
        (u, i): (at, version)
        for u, i, at, version in Quote.objects.current()
        .filter(round=found)
        .values_list("unit__code", "item__code", "at", "version")
    }
    out = []
    for s in rows.tolist():
        unit, item = units[int(book.unit[s])], items[int(book.item[s])]
        if (unit, item) in came and line.reference[s, t] > 0:
            at, version = came[unit, item]
            out.append(alerts.Line(unit, item, float(line.reference[s, t]), float(book.price[s, t]), at, version))
    issue = found.issue
    return out, None if issue is None else issue.cutoff_at
