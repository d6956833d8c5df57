"""What makes a row of a register good: its fields, what it names in other registers, and what lies beside it. Pure.

A row is taken as a whole or not at all; one that leans on a refused row of the same sheet is refused with it.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.formulas.catalogue import suggest
from ellwand.office.collection.measures import measure_of
from ellwand.office.collection.messages import SheetError
from ellwand.office.registry.columns import Book, Column
from ellwand.office.registry.faults import Fault, fault
from ellwand.office.rounds.instants import last_day

Row = dict[str, str]
Refuse = Callable[[Fault], None]
LONG = {"code": 60, "see": 60, "period": 20, "day": 20, "figure": 30, "measure": 30, "instant": 40}
"""Characters that a field may have, by its kind; texts have 200."""
TEXT = 200
KINDS = ("rename", "split", "merge", "move")
"""How a class may change from one version of the classification to the next."""
_CODE = re.compile(r"[^\s/\\]+")
_SHARE = re.compile(r"([^:;,]+):\s*([0-9]+(?:\.[0-9]+)?)\s*%?")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


@dataclass(frozen=True)
class Known:
    """What rows may name. codes : of each register. leaves : classes that items and weights may belong to."""

    codes: Mapping[str, Collection[str]]
    leaves: Collection[str]


@dataclass
class Checked:
    """Rows of a sheet sorted out. new, changed : numbers and whole rows. unchanged : their number."""

    new: list[tuple[int, Row]] = field(default_factory=list)
    changed: list[tuple[int, Row]] = field(default_factory=list)
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def good(self) -> list[Row]:
        """The rows that change something."""
        return [row for _, row in (*self.new, *self.changed)]

    @property
    def refused(self) -> int:
        """Number of rows with a fault."""
        return len({f.row for f in self.faults if f.rule != "column"})


def check(
    book: Book, rows: Sequence[tuple[int, Row]], there: Mapping[str, Row], known: Known, faults: Sequence[Fault] = ()
) -> Checked:
    """Sort the rows of a sheet. there : rows in force by code. faults : what reading the sheet has found."""
    out = Checked(faults=list(faults))
    bad = {f.row for f in faults if f.rule != "column"}

    def refuse(found: Fault) -> None:
        out.faults.append(found)
        bad.add(found.row)

    near = Near()
    seen: dict[str, int] = {}
    whole: dict[int, Row] = {}
    for number, given in rows:
        plain = {k: v.strip() for k, v in given.items()}
        code = book.code_of(plain)
        # Columns that the sheet has not stay as they are; an empty cell empties its field.
        row = {**{c.name: "" for c in book.columns}, **there.get(code, {}), **plain}
        whole[number] = row
        for found in fields(book, number, row, known, plain, near):
            refuse(found)
        if number in bad:
            continue
        if code in seen:
            refuse(fault(number, book.keys[0], code, "twice", first=seen[code]))
        seen.setdefault(code, number)
    _own(book, whole, bad, there, refuse, near)
    if book.name == "assignments":
        _overlaps(whole, bad, there, refuse)
    for number, row in whole.items():
        if number in bad:
            continue
        before = there.get(book.code_of(row))
        if before is None:
            out.new.append((number, row))
        elif _filled(before) == _filled(row):
            out.unchanged += 1
        else:
            out.changed.append((number, row))
    out.faults.sort(key=lambda f: f.row)
    return out


class Near:
    """What somebody may have meant by a code that is not there; for the first ones, because looking takes time."""

    def __init__(self, most: int = 30) -> None:
        self.left = most

    def fault(self, number: int, c: Column, value: str, codes: Collection[str]) -> Fault:
        """The fault of a code that no row of a register has."""
        near, self.left = "", self.left - 1
        if codes and self.left >= 0:
            near = suggest(value, list(codes)[:2000])
        return fault(number, c.name, value, "unknown", to=c.to, near_en=near or "enter that row first",
                     near_zh=f"请填写已登记的编号（{near}）" if near else "请先登记该行")  # fmt: skip


def _filled(row: Row) -> Row:
    return {k: v for k, v in row.items() if v}


def fields(book: Book, number: int, row: Row, known: Known, given: Row, near: Near) -> list[Fault]:
    """The faults of the fields of one row, as far as they show without the other rows of its sheet."""
    out = []
    for c in book.columns:
        value = row.get(c.name, "")
        if (found := _field(book, number, c, value, known, near)) is not None:
            out.append(found)
    for name in given.keys() - set(book.by_name):
        value = given[name]
        if len(value) > TEXT:
            out.append(fault(number, name, value, "long", limit=TEXT))
        elif not value.isprintable():
            out.append(fault(number, name, value, "characters"))
    start, stop = row.get("valid_from", ""), row.get("valid_to", "")
    if not out and start and stop and natural_key(stop) < natural_key(start):
        out.append(fault(number, "valid_to", stop, "order", start=start))
    return out


def _field(book: Book, number: int, c: Column, value: str, known: Known, near: Near) -> Fault | None:
    if not value:
        return fault(number, c.name, value, "needed") if c.needed else None
    most = LONG.get(c.kind, TEXT)
    if len(value) > most:
        return fault(number, c.name, value, "long", limit=most)
    if not value.isprintable():
        return fault(number, c.name, value, "characters")
    if c.kind == "see":
        return None if c.to == book.name else _seen(number, c, value, known, near)
    rule = _BROKEN[c.kind](value) if c.kind in _BROKEN else ""
    return fault(number, c.name, value, rule, choices=", ".join(KINDS)) if rule else None


def _seen(number: int, c: Column, value: str, known: Known, near: Near) -> Fault | None:
    codes = known.codes.get(c.to, ())
    if c.name == "ea":
        if value in known.leaves:
            return None
        if value in codes:
            return fault(number, c.name, value, "leaf")
    elif value in codes:
        return None
    return near.fault(number, c, value, codes)


def _broken_code(value: str) -> str:
    return "" if _CODE.fullmatch(value) else "code"


def _broken_period(value: str) -> str:
    try:
        last_day(value)
    except DataError:
        return "period"
    return ""


def _broken_day(value: str) -> str:
    try:
        return "" if date.fromisoformat(value).isoformat() == value else "day"
    except ValueError:
        return "day"


def instant(value: str) -> datetime:
    """An instant of a sheet; one without a zone has none. ValueError for a text that is none."""
    if len(value) < len("2027-03-12 17:00"):
        raise ValueError(value)
    return datetime.fromisoformat(value)


def _broken_instant(value: str) -> str:
    try:
        instant(value)
    except ValueError:
        return "instant"
    return ""


def _broken_figure(value: str) -> str:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return "figure"
    return "" if number.is_finite() and number > 0 else "figure"


def _broken_composition(value: str) -> str:
    parts = [_SHARE.fullmatch(p.strip()) for p in re.split(r"[;,]", value) if p.strip()]
    if not parts or not all(parts):
        return "composition"
    return "" if sum(Decimal(p[2]) for p in parts if p) == 100 else "composition"


def _broken_measure(value: str) -> str:
    try:
        measure_of(value)
    except SheetError:
        return "measure"
    return ""


_BROKEN: Mapping[str, Callable[[str], str]] = {
    "code": _broken_code,
    "period": _broken_period,
    "day": _broken_day,
    "figure": _broken_figure,
    "composition": _broken_composition,
    "measure": _broken_measure,
    "instant": _broken_instant,
    "yes": lambda value: "" if value == "yes" else "yes",
    "email": lambda value: "" if _MAIL.fullmatch(value) else "email",
    "choice": lambda value: "" if value in KINDS else "choice",
}


def _own(
    book: Book, whole: Mapping[int, Row], bad: set[int], there: Mapping[str, Row], refuse: Refuse, near: Near
) -> None:
    """Rows that name rows of their own register: those of the sheet that are good, and those in force."""
    named = [c for c in book.columns if c.kind == "see" and c.to == book.name]
    for c in named:
        while True:
            codes = set(there) | {book.code_of(r) for n, r in whole.items() if n not in bad}
            fresh = False
            for number, row in whole.items():
                value = row.get(c.name, "")
                if number in bad or not value:
                    continue
                if value == book.code_of(row):
                    refuse(fault(number, c.name, value, "itself"))
                    fresh = True
                elif value not in codes:
                    refuse(near.fault(number, c, value, codes))
                    fresh = True
            if not fresh:
                break
        after = {**there, **{book.code_of(r): r for n, r in whole.items() if n not in bad}}
        for number, row in whole.items():
            if number in bad or not row.get(c.name):
                continue
            at, steps = row[c.name], {book.code_of(row)}
            while at and at not in steps:
                steps.add(at)
                at = after.get(at, {}).get(c.name, "")
            if at == book.code_of(row):
                refuse(fault(number, c.name, row[c.name], "circle"))


def _overlaps(whole: Mapping[int, Row], bad: set[int], there: Mapping[str, Row], refuse: Refuse) -> None:
    """An item is assigned once at a unit in a period."""
    spans: dict[tuple[str, str], dict[str, tuple[Row, int]]] = {}
    for row in there.values():
        spans.setdefault((row["unit"], row["item"]), {})[row["valid_from"]] = (row, 0)
    given = [(n, r) for n, r in whole.items() if n not in bad]
    for number, row in given:
        spans.setdefault((row["unit"], row["item"]), {})[row["valid_from"]] = (row, number)
    for number, row in given:
        for start, (other, n) in spans[row["unit"], row["item"]].items():
            if start != row["valid_from"] and not (n and n > number) and _meet(row, other):
                refuse(fault(number, "valid_from", row["valid_from"], "overlap",
                             other=f"{start or '…'}–{other['valid_to'] or '…'}"))  # fmt: skip
                break


def _meet(a: Row, b: Row) -> bool:
    def before(x: str, y: str) -> bool:
        return bool(x and y) and natural_key(x) < natural_key(y)

    return not before(a["valid_to"], b["valid_from"]) and not before(b["valid_to"], a["valid_from"])
