"""Looking at a price sheet before anything is taken in: its quotes, its problems, and what the method asks about."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from ellwand.engine.errors import DataError
from ellwand.office.collection import checks, due
from ellwand.office.collection.checks import Finding, Known
from ellwand.office.collection.dates import read_date
from ellwand.office.collection.messages import Fault, SheetError
from ellwand.office.collection.offices import Office
from ellwand.office.collection.problems import Problem, Problems
from ellwand.office.collection.quotes import Result, read_quotes
from ellwand.office.collection.registers import Register
from ellwand.office.collection.rows import Quote as Read
from ellwand.office.collection.sheets import Book, read_book
from ellwand.office.quotes.layout import Given, Sheet
from ellwand.office.registry.models import Assignment, Item, Market, Unit
from ellwand.office.registry.problems import Problem as Told
from ellwand.office.rounds import work
from ellwand.office.rounds.models import Round

BACK = 4
"""Rounds in which the last prices of a sheet are looked for: a sheet may hold a whole week."""


class UnreadableError(DataError):
    """A file that can't be read as a whole. fault : why, in both languages."""

    def __init__(self, name: str, fault: Fault) -> None:
        super().__init__(f"{name}: {fault.message_en}; {fault.remedy_en}")
        self.fault = fault


@dataclass(frozen=True)
class Question:
    """A quote of a sheet that a soft rule asks about: its place, and what is asked."""

    quote: Read
    finding: Finding


@dataclass(frozen=True)
class Looked:
    """What a price sheet gives. result : with the hard rules of the method among its problems."""

    book: Book
    result: Result
    questions: tuple[Question, ...]

    @property
    def quotes(self) -> list[Given]:
        """The quotes, ready for the record."""
        return [given_of(q) for q in self.result.accepted]

    def sheet(self, name: str) -> Sheet:
        """The same as `intake` takes it in. name : of the file."""
        problems = [
            Told(f"{name}, {p.sheet}", p.row, p.field, f"{p.message_en}; {p.remedy_en}") for p in self.result.problems
        ]
        return Sheet(self.quotes, problems, len(self.result.refused))


def given_of(q: Read) -> Given:
    """A quote of a sheet as the record takes it. The price of a substitute is no price of the item."""
    return Given(
        row=q.row, unit=q.unit, item=q.item, price=None if q.status == "substituted" else q.price, quantity=q.quantity,
        texts={
            "unit_of_measure": q.unit_of_measure, "currency": q.currency, "collected_on": q.date,
            "collection_method": "sheet",
        },
        status=q.status, kind=q.type, remark=q.remark, reported="" if q.reported is None else f"{q.reported:f}",
        reported_measure=q.reported_measure,
    )  # fmt: skip


def look(content: bytes, name: str, found: Round) -> Looked:
    """Read a price sheet as units send it: any order of columns, Chinese or English headers.

    UnreadableError for a file that can't be read as a whole.
    """
    market = Market.objects.get()
    units, items = _units(), {i.code: i for i in Item.objects.all()}
    entries = {code: due.entry_of(item) for code, item in items.items()}
    spans = Assignment.objects.values_list("unit__code", "item__code", "valid_from", "valid_to")
    in_force = lru_cache(maxsize=None)(work.in_force)
    wanted = {(unit, item) for unit, item, start, stop in spans if in_force(found.period, start, stop)}
    try:
        book = read_book(content, name)
        result = read_quotes(book, units, entries, found.period, currency=market.currency, assignments=wanted or None)
    except SheetError as error:
        raise UnreadableError(name, error.fault) from error
    office = Office(
        Register("unit", units), Register("item", entries), read_date(found.period).value, market.currency, None, {},
        "1900",
    )  # fmt: skip
    known = _known(found, result.accepted, items)
    rules = work.method_in_force(found.period)[1].method.validate
    met = checks.meets(rules, office, "sheet", result.accepted, known)
    hard = {k: [f for f in one if f.hard] for k, one in enumerate(met)}
    questions = tuple(
        Question(q, f) for k, q in enumerate(result.accepted) if not hard[k] for f in met[k] if not f.hard
    )
    return Looked(book, _without(book, result, hard), questions)


def _units() -> dict[str, dict[str, Any]]:
    rows = Unit.objects.values_list("code", "name_zh", "name_en")
    return {code: {"name_zh": zh, "name_en": en} for code, zh, en in rows}


def _known(found: Round, quotes: Sequence[Read], items: dict[str, Item]) -> list[Known]:
    """What each quote is checked against."""
    units = dict(Unit.objects.values_list("code", "pk"))
    cells = [(units[q.unit], items[q.item].pk) for q in quotes]
    known = due.known(found, set(cells), BACK)
    return [known[cell] for cell in cells]


def _without(book: Book, result: Result, hard: dict[int, list[Finding]]) -> Result:
    """A result without the quotes that a hard rule forbids, which are among its problems instead."""
    bad = {k for k, found in hard.items() if found}
    if not bad:
        return result
    tables = {t.name: t for t in book.sheets}
    more: list[Problem] = []
    for k in sorted(bad):
        q = result.accepted[k]
        column = next((c for c in tables[q.sheet].columns if c.fields == ("price",)), None)
        told = Problems(q.sheet)
        for f in hard[k]:
            said = Fault(f.rule, f.message_en, f.message_zh, f.remedy_en, f.remedy_zh)
            told.add(q.row, column, "price", "" if q.reported is None else f"{q.reported:f}", said)
        more += told.found
    order = {name: n for n, name in enumerate(tables)}
    return replace(
        result,
        accepted=tuple(q for k, q in enumerate(result.accepted) if k not in bad),
        problems=tuple(sorted([*result.problems, *more], key=lambda p: (order[p.sheet], p.row))),
        refused=tuple(
            sorted(
                [*result.refused, *((result.accepted[k].sheet, result.accepted[k].row) for k in bad)],
                key=lambda place: (order[place[0]], place[1]),
            )
        ),
    )
