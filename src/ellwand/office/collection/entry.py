"""Taking in what units and collectors send, by whatever way: one queue, one set of checks, every version kept.

Each line is taken in as a whole or not at all, and stands for itself. A line that arrives again finds itself by its
key, and nothing happens twice. A line that something newer has overtaken is kept and shown, and does not count.
"""

import fcntl
import hashlib
import os
import secrets
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, NamedTuple

from django.db import connection, transaction

from ellwand.engine.errors import DataError
from ellwand.office import clock, plain, setup, shared
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import UNIT
from ellwand.office.audit import trail
from ellwand.office.collection import checks, due
from ellwand.office.collection.checks import Checker, Finding, Known, Said
from ellwand.office.collection.dates import read_date
from ellwand.office.collection.due import Goods
from ellwand.office.collection.messages import fault
from ellwand.office.collection.models import Delivery, Link, Opening, Receipt
from ellwand.office.collection.offices import Office
from ellwand.office.collection.registers import Register
from ellwand.office.collection.rows import Quote as Read
from ellwand.office.quotes.models import Quote
from ellwand.office.review import queue
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Round

ADDED, CHANGED, UNCHANGED, ANSWERED, LATE, OLDER, ASKED, REFUSED = (
    "added", "changed", "unchanged", "answered", "late", "older", "asked", "refused",
)  # fmt: skip
OUTCOMES: Final = (ADDED, CHANGED, UNCHANGED, ANSWERED, LATE, OLDER, ASKED, REFUSED)
"""What becomes of a line: a first quote; a new version; it says what is there; the answer to a quote sent back; it came
after the cut-off and waits for a supervisor; something entered later is there already, which stays in force; a rule
asks for a reason; a rule forbids it. Of the last two nothing is kept: the sender corrects the line and sends it again.
"""
KEPT: Final = frozenset((ADDED, CHANGED, UNCHANGED, ANSWERED, LATE, OLDER))
WAYS: Final = ("link", "collector", "sheet", "odk", "api")
ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Of receipt numbers: nothing that is misread or misheard."""
MOST: Final = 2000
"""Lines of one submission."""
SAME_FIELDS: Final = ("price", "quantity", "status", "kind", "remark", "reported", "reported_measure")


@dataclass(frozen=True)
class Sender:
    """Who sends. way : one of `WAYS`. by : of the office; None for a unit, which sends by link from an opening of it.

    with_type : every price must say its class (deal, firm offer, asking).
    """

    way: str
    by: User | None = None
    link: Link | None = None
    opening: Opening | None = None
    with_type: bool = True

    @property
    def name(self) -> str:
        """Who it is, for keys: those of one sender are not those of another."""
        return f"user:{self.by.pk}" if self.by else f"unit:{self.link.unit_id}" if self.link else ""


@dataclass(frozen=True)
class Line:
    """A line of a submission. key : made by the sending machine, new for each line that says something new.

    made_at : when it was entered by the sender's clock, None for now. seen : id of the quote that the sender saw in
    force, 0 for none, None where he saw nothing.
    """

    said: Said
    key: str
    made_at: datetime | None = None
    seen: int | None = None


@dataclass
class Result:
    """What became of a line. again : it had arrived before. conflict : somebody else reported it since it was seen.

    quote : the version in force then. other : the version that was in force before, where there is a conflict.
    """

    line: Line
    outcome: str
    findings: list[Finding] = field(default_factory=list)
    quote: Quote | None = None
    receipt: str = ""
    again: bool = False
    conflict: bool = False
    other: Quote | None = None


def key_of(sender: Sender, key: str) -> str:
    """The key of a delivery: SHA-256 of who sends and of the line's own key. DataError for an empty or long one."""
    if not 0 < len(key) <= 200:
        raise DataError(f"key: {key[:20]!r} has {len(key)} characters; give 1 to 200, as a UUID")
    return hashlib.sha256(f"{sender.name}|{key}".encode()).hexdigest()


def new_number() -> str:
    """A receipt number that nobody guesses."""
    made = "".join(secrets.choice(ALPHABET) for _ in range(10))
    return f"{made[:5]}-{made[5:]}"


_one = threading.RLock()
_deep = 0
TURN = ".turn"
"""Name of the file, beside the record, that the process whose turn it is holds."""


@contextmanager
def turn() -> Iterator[None]:
    """One after the other, in the order in which they come: SQLite has one writer, and lets others wait by chance."""
    global _deep  # noqa: PLW0603 - how often the thread that holds the lock is in here
    if connection.vendor != "sqlite":
        yield
        return
    with _one:
        if _deep:
            yield
            return
        handle = os.open(shared.folder() / TURN, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            # Of other processes too. The system gives the lock back when one dies.
            fcntl.flock(handle, fcntl.LOCK_EX)
            _deep = 1
            yield
        finally:
            _deep = 0
            os.close(handle)


def take(
    found: Round, lines: Sequence[Line], sender: Sender, *, key: str | None = None,
    also: Callable[[list[Result]], None] | None = None,
) -> list[Result]:  # fmt: skip
    """Take lines into a round; what became of each, in their order.

    key : of the submission as a whole, where the sending machine gives it one. also : what belongs into the same
    transaction. RefusedError for somebody who may not enter quotes, DataError for a round that takes none; then nothing
    is taken in.
    """
    if sender.way not in WAYS:
        raise ValueError(f"way {sender.way!r} is not known; there are {', '.join(WAYS)}")
    if not sender.by and not (sender.way == "link" and sender.link):
        raise ValueError("somebody sends: a user of the office, or a unit by its link")
    if len(lines) > MOST:
        raise DataError(f"{len(lines)} lines; at most {MOST} come in together: send them in parts")
    role = people.require(sender.by, "quotes.enter") if sender.by else UNIT
    work.settle(found)
    alone = not connection.in_atomic_block
    with turn(), transaction.atomic():
        _hold(found, alone)
        state = found.state
        if state == states.PLANNED:
            raise DataError(f"round {found.code} is planned; quotes come in when it is collecting")
        results = Taking(found, sender, state, role).run(lines, key)
        if also is not None:
            also(results)
    if alone:
        _settle_on_disk()
    return results


def _hold(found: Round, alone: bool) -> None:
    """Keep the round from moving while quotes come in; on PostgreSQL many may come in at once.

    alone : the transaction is of these quotes only, and does not wait for the disk itself: see `_settle_on_disk`.
    """
    if connection.vendor == "postgresql":
        wait = "set_config('synchronous_commit', 'off', true)" if alone else "1"
        plain.select(f"SELECT {wait} FROM rounds_round WHERE id = %s FOR SHARE", found.pk)
    # On SQLite a transaction that writes is alone from its beginning.


def _settle_on_disk() -> None:
    """Wait on PostgreSQL until what was committed is on the disk; only then is anybody told.

    The trail lets one transaction at a time append, until its end. If each waited for the disk in there, all others
    would wait with it, one write of the disk after the other; so they wait together afterwards, for one write. The log
    is written in order: when this message is on the disk, so is what was committed before.
    """
    if connection.vendor == "postgresql":
        plain.select("SELECT pg_logical_emit_message(true, 'ellwand', '')")


class Place(NamedTuple):
    """A unit as the checks of a submission need it."""

    pk: int
    code: str
    name_zh: str
    name_en: str


class Taking:
    """The taking in of one submission, inside its transaction."""

    def __init__(self, found: Round, sender: Sender, state: str, role: str, signer: User | None = None) -> None:
        # signer : who lets a late entry in; it is of whoever sent it all the same.
        self.found, self.sender, self.state, self.role, self.signer = found, sender, state, role, signer
        self.now = clock.now()

    def run(self, lines: Sequence[Line], key: str | None) -> list[Result]:
        """Take lines in; see `take`."""
        lines = [self._timed(line) for line in lines]
        keys = [key_of(self.sender, line.key) for line in lines]
        # In one order, so that two who send for the same units wait for each other and do not block one another.
        codes = {line.said.unit for line in lines}
        self.units = _places(codes)
        known = _known(keys)
        checked = self._check({k: line for k, line in zip(keys, lines, strict=True) if k not in known})
        number = new_number()
        out: list[Result] = []
        made: list[tuple[str, Result, Quote | None]] = []
        first: dict[str, Result] = {}
        for line, digest in zip(lines, keys, strict=True):
            if (before := known.get(digest)) is not None:
                out.append(_again(line, before))
                continue
            if digest in first:
                # The same line twice in one submission.
                twin = first[digest]
                out.append(Result(line, twin.outcome, quote=twin.quote, receipt=twin.receipt, again=True))
                continue
            result, new = self._line(line, *checked[digest])
            if result.outcome in KEPT:
                result.receipt = number
                made.append((digest, result, new))
                first[digest] = result
            out.append(result)
        if made:
            self._keep(number, made, key)
        if any(r.outcome == ANSWERED and not r.again for r in out):
            # What was answered is judged anew at once.
            code = self.found.code
            transaction.on_commit(lambda: queue.check_round.enqueue(code))
        return out

    def _timed(self, line: Line) -> Line:
        """A line whose clock is believed: nobody entered it before its period and its round began, or in the future."""
        if line.made_at is None:
            return line
        start = datetime.combine(read_date(self.found.period).value.start, time.min, setup.current().time_zone)
        return line if min(start, self.found.at) <= line.made_at <= self.now else replace(line, made_at=None)

    def _check(self, lines: Mapping[str, Line]) -> dict[str, tuple[Read | None, list[Finding]]]:
        """What each line gives and meets, by its key; all are checked together."""
        if not lines:
            return {}
        self._load(list(lines.values()))
        own = {k: self._stranger(self.units.get(line.said.unit)) for k, line in lines.items()}
        fine = {k: line.said for k, line in lines.items() if own[k] is None}
        known = [self.known.get(self._cell(said), Known()) for said in fine.values()]
        out = dict(zip(fine, self.checker.check(list(fine.values()), known), strict=True))
        return out | {k: (None, [found]) for k, found in own.items() if found is not None}

    def _cell(self, said: Said) -> due.Cell:
        unit, item = self.units.get(said.unit), self.items.get(said.item)
        return (unit.pk, item.pk) if unit and item else (0, 0)

    def _load(self, lines: Sequence[Line]) -> None:
        """The registers, quotes and last prices that these lines need."""
        self.items = due.goods({line.said.item for line in lines})
        ids = [u.pk for u in self.units.values()]
        rows = plain.among(
            "SELECT unit_id, item_id, valid_from, valid_to FROM registry_assignment WHERE unit_id IN", ids
        )
        holds = lru_cache(maxsize=None)(work.in_force)
        self.due = {(u, i) for u, i, start, stop in rows if holds(self.found.period, start, stop)}
        cells = {
            (self.units[line.said.unit].pk, self.items[line.said.item].pk)
            for line in lines
            if line.said.unit in self.units and line.said.item in self.items
        }
        self.known = due.known(self.found, cells, items={i.pk: i for i in self.items.values()})
        self.there = due.quotes_of(self.found, ids)
        self.entered = _entered(self.there.values())
        self.asked = due.returned(self.found, ids) if self.state == states.REVIEWING else {}
        stops = plain.among("SELECT id, unit_id, collector_id FROM collection_stop WHERE unit_id IN", ids)
        self.routes = {unit: collector for _, unit, collector in sorted(stops)}
        (currency,) = plain.select("SELECT currency FROM registry_market")[0]
        office = Office(
            Register("unit", {u.code: {"name_zh": u.name_zh, "name_en": u.name_en} for u in self.units.values()}),
            Register("item", {i.code: due.entry_of(i) for i in self.items.values()}),
            read_date(self.found.period).value, currency,
            {(u.code, i.code) for u in self.units.values() for i in self.items.values() if (u.pk, i.pk) in self.due},
            {}, "1900",
        )  # fmt: skip
        self.checker = Checker(
            office, queue.method_in_force(self.found.period).validate, self.sender.way, self.sender.with_type
        )

    def _line(self, line: Line, read: Read | None, findings: list[Finding]) -> tuple[Result, Quote | None]:
        """What becomes of a line, and the version that it makes (not saved)."""
        said = line.said
        unit, item = self.units.get(said.unit), self.items.get(said.item)
        cell = self._cell(said)
        there = self.there.get(cell)
        if read is None or unit is None or item is None:
            return Result(line, REFUSED, findings or _by_another_name(said, unit is None, item is None), there), None
        if not checks.confirmed(findings, said.reason):
            return Result(line, ASKED, findings, there), None
        if self.state == states.COLLECTING:
            return self._open(line, read, findings, unit, item, there)
        if (asked := self.asked.get(cell)) is not None and self._same_sender(asked.quote):
            new = self._version(read, unit, item, there, said.reason or "answer to the review", line)
            return self._result(line, ANSWERED, findings, new, there), new
        return Result(line, LATE, findings, other=there), None

    def _stranger(self, unit: Place | None) -> Finding | None:
        """Why the sender may not report for a unit."""
        if unit is None:
            return None
        if self.sender.link is not None and unit.pk != self.sender.link.unit_id:
            said = fault("another unit", value=unit.code, limit=self.sender.link.unit.code)
            return Finding.of(said, "unit")
        collector = self.routes.get(unit.pk)
        if self.sender.by is not None and collector is not None and collector != self.sender.by.pk:
            return Finding(
                "another route", True, "unit", f"样本单位{unit.code}由其他采价员负责",
                f"unit {unit.code} is on the route of another collector", "请联系主管调整路线",
                "ask the supervisor to change the route",
            )  # fmt: skip
        return None

    def _same_sender(self, quote: Quote) -> bool:
        """Whether a quote that was sent back is the sender's own: the unit's, or that of the same collector."""
        if self.sender.link is not None:
            return quote.unit_id == self.sender.link.unit_id
        # Versions that a reviewer made since are not a collector's.
        first = Quote.objects.filter(round=self.found, unit=quote.unit_id, item=quote.item_id).order_by("version")[0]
        return self.sender.by is not None and first.by_id == self.sender.by.pk

    def _open(
        self, line: Line, read: Read, findings: list[Finding], unit: Place, item: Goods, there: Quote | None
    ) -> tuple[Result, Quote | None]:
        """A line before the cut-off."""
        new = self._version(read, unit, item, there, line.said.reason, line)
        if there is None:
            return self._result(line, ADDED, findings, new, None), new
        if _says(new) == _says(there):
            return Result(line, UNCHANGED, findings, there), None
        overtaken = line.seen is not None and line.seen != there.pk
        since = self.entered.get(there.pk)
        if overtaken and line.made_at is not None and since is not None and line.made_at < since:
            return Result(line, OLDER, findings, there, conflict=True, other=there), None
        new.reason = line.said.reason.strip() or "reported again"
        result = self._result(line, CHANGED, findings, new, there)
        result.conflict, result.other = overtaken, there if overtaken else None
        return result, new

    def _result(self, line: Line, outcome: str, findings: list[Finding], new: Quote, there: Quote | None) -> Result:
        self.there[new.unit_id, new.item_id] = new
        return Result(line, outcome, findings, new)

    def _version(self, read: Read, unit: Place, item: Goods, there: Quote | None, reason: str, line: Line) -> Quote:
        at = min(line.made_at or self.now, self.now).astimezone(setup.current().time_zone)
        substituted = read.status == "substituted"
        return Quote(
            round_id=self.found.pk, unit_id=unit.pk, item_id=item.pk,
            version=there.version + 1 if there else 1, **({"supersedes": there} if there else {}),
            # The price of another product is kept as reported; it is no price of this item.
            price=None if substituted else read.price, unit_of_measure=read.unit_of_measure, currency=read.currency,
            quantity=read.quantity, collected_on=at.date().isoformat(), collection_method=self.sender.way,
            status=read.status, kind=read.type, remark=read.remark,
            reported="" if read.reported is None else f"{read.reported:f}", reported_measure=read.reported_measure,
            by_id=self.sender.by.pk if self.sender.by else None, at=self.now, reason=reason.strip(),
        )  # fmt: skip

    def _keep(self, number: str, made: list[tuple[str, Result, Quote | None]], key: str | None) -> None:
        """Keep what was taken in: a receipt, the new versions, the lines as they came, and one entry of the trail."""
        by, link, opening = self.sender.by, self.sender.link, self.sender.opening
        one = next(iter(self.units.values())).pk if len(self.units) == 1 else None
        receipt = plain.add(
            Receipt, GIVEN,
            [(number, self.found.pk, self.sender.way, by.pk if by else None, link.unit_id if link else one,
              link.pk if link else None, opening.pk if opening else None, key_of(self.sender, key) if key else None,
              self.now)],
        )[0]  # fmt: skip
        new = [q for _, _, q in made if q is not None]
        _save(new)
        rows = []
        for digest, result, _ in made:
            line, cell = result.line, self._cell(result.line.said)
            rows.append(
                (digest, receipt, *cell, min(line.made_at or self.now, self.now), result.outcome, result.conflict,
                 result.quote.pk if result.quote else None, line.said.as_texts(), [f.rule for f in result.findings])
            )  # fmt: skip
        plain.add(Delivery, DELIVERED, rows)
        counts = {o: n for o in OUTCOMES if (n := sum(r.outcome == o for _, r, _ in made))}
        trail.append(
            self.signer or self.sender.by, "quotes.report", f"round/{self.found.code}", role=self.role,
            after={"receipt": number, "way": self.sender.way, **counts,
                   "units": sorted({r.line.said.unit for _, r, _ in made})},
        )  # fmt: skip


def _places(codes: Collection[str]) -> dict[str, Place]:
    """The units of these codes, by code, held against others who send for them until the transaction ends."""
    if not codes:
        return {}
    # On SQLite a transaction that writes is alone from its beginning.
    hold = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    marks = ", ".join(["%s"] * len(codes))
    rows = plain.select(
        f"SELECT id, code, name_zh, name_en FROM registry_unit WHERE code IN ({marks}) ORDER BY id{hold}", *codes
    )
    return {row[1]: Place(*row) for row in rows}


GIVEN: Final = ("number", "round_id", "way", "by_id", "unit_id", "link_id", "opening_id", "key", "at")
DELIVERED: Final = (
    "key", "receipt_id", "unit_id", "item_id", "made_at", "outcome", "conflict", "quote_id", "said", "findings",
)  # fmt: skip
QUOTED: Final = tuple(str(f.column) for f in Quote._meta.concrete_fields if not f.primary_key)


def _save(rows: list[Quote]) -> None:
    """Save new versions; those that follow one another in one submission one after the other."""
    while rows:
        now: list[Quote] = []
        later: list[Quote] = []
        cells: set[tuple[int, int]] = set()
        for row in rows:
            cell = (row.unit_id, row.item_id)
            (later if cell in cells else now).append(row)
            cells.add(cell)
            if row.supersedes is not None:
                row.supersedes_id = row.supersedes.pk
        ids = plain.add(Quote, QUOTED, [[row.__dict__[name] for name in QUOTED] for row in now])
        for row, pk in zip(now, ids, strict=True):
            row.pk, row._state.adding, row._state.db = pk, False, connection.alias
        rows = later


def _known(keys: Sequence[str]) -> dict[str, Delivery]:
    """The lines among these that have arrived before, with what became of them; most submissions have none."""
    if not plain.some('SELECT 1 FROM collection_delivery WHERE "key" IN', keys):
        return {}
    rows = Delivery.objects.filter(key__in=keys).select_related("receipt", "quote", "quote__item")
    return {d.key: d for d in rows}


def _by_another_name(said: Said, unit: bool, item: bool) -> list[Finding]:
    """A line that names its unit or item otherwise than by the code, as one beside it does."""
    near = {"near_zh": "请填写编号", "near_en": "give the code"}
    wrong = [("unit", said.unit)] * unit + [("item", said.item)] * item
    return [Finding.of(fault(f"{name} unknown", value=value, **near), name) for name, value in wrong]


def _again(line: Line, before: Delivery) -> Result:
    return Result(
        line, before.outcome, quote=before.quote, receipt=before.receipt.number, again=True, conflict=before.conflict
    )


def _entered(quotes: Any) -> dict[int, datetime]:
    """When quotes were entered, by the clock of who sent them; those that came otherwise, when they were taken in."""
    rows = {q.pk: q.at for q in quotes}
    if not rows:
        return rows
    rows |= dict(
        Delivery.objects.filter(quote__in=list(rows), outcome__in=(ADDED, CHANGED, ANSWERED)).values_list(
            "quote", "made_at"
        )
    )
    return rows


def _says(quote: Quote) -> tuple[Any, ...]:
    """What a quote says, without when and how."""
    out: list[Any] = []
    for name in SAME_FIELDS:
        value = getattr(quote, name)
        out.append(value.normalize() if isinstance(value, Decimal) else value)
    return tuple(out)


def results_by_outcome(results: Sequence[Result]) -> Mapping[str, list[Result]]:
    """Results by their outcome."""
    out: dict[str, list[Result]] = {}
    for r in results:
        out.setdefault(r.outcome, []).append(r)
    return out
