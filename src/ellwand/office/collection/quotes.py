"""Rows of a price sheet as quotes, or as problems: each row gives the one or the other, and nothing is half-imported.

Nothing here knows a database or a clock. The result is a function of the file, the registers and the period, so that
what a trial run shows is what the import does; `Result.fingerprint` tells whether two results are the same.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ellwand.formulas.textile_units import measure
from ellwand.office.collection.dates import read_date
from ellwand.office.collection.headings import heading_basis, read_above, settle
from ellwand.office.collection.messages import Fault, SheetError, fault
from ellwand.office.collection.offices import Office
from ellwand.office.collection.problems import Problem, Problems
from ellwand.office.collection.registers import Entry, Register
from ellwand.office.collection.rows import Quote, RowReader, digest_of
from ellwand.office.collection.sheets import Book


@dataclass(frozen=True, slots=True)
class Result:
    """What a file gives. Every row below a header is in exactly one of accepted, repeated and refused.

    accepted : new quotes. repeated : quotes that were known before. problems : why other rows are refused.
    refused : (sheet, row) of these. notices : on the file. digest : SHA-256 of the file. same_file : it was known.
    """

    accepted: tuple[Quote, ...]
    repeated: tuple[Quote, ...]
    problems: tuple[Problem, ...]
    refused: tuple[tuple[str, int], ...]
    notices: tuple[Fault, ...]
    digest: str
    period: str
    same_file: bool = False

    @property
    def summary(self) -> dict[str, Any]:
        """Counts: rows, accepted, with a price, without one, converted, repeated, refused, and problems by rule."""
        priced = sum(q.price is not None for q in self.accepted)
        return {
            "rows": len(self.accepted) + len(self.repeated) + len(self.refused),
            "accepted": len(self.accepted),
            "priced": priced,
            "without_price": len(self.accepted) - priced,
            "converted": sum(q.reported_measure != q.unit_of_measure for q in self.accepted),
            "repeated": len(self.repeated),
            "refused": len(self.refused),
            "problems": dict(sorted(Counter(p.rule for p in self.problems).items())),
        }

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the whole result: equal for a trial run and the import that follows it, if nothing changed."""
        quotes = [
            [q.key, q.sheet, q.row, str(q.price), q.unit_of_measure, [n.message_en for n in q.notes]]
            for q in (*self.accepted, *self.repeated)
        ]
        problems = [[p.sheet, p.row, p.column, p.rule, p.message_en, p.remedy_en] for p in self.problems]
        notices = [n.message_en for n in self.notices]
        counts = [len(self.accepted), self.same_file, self.digest, self.period]
        return digest_of([quotes, problems, self.refused, notices, counts])


def _without_doubles(quotes: Sequence[Quote], problems: Mapping[str, Problems]) -> list[Quote]:
    """Quotes without those whose unit and item stand twice.

    Rows that say the same are kept once. Where they differ nobody can know which one is right, so none is kept.
    """
    groups: dict[tuple[str, str], list[Quote]] = {}
    for q in quotes:
        groups.setdefault((q.unit, q.item), []).append(q)
    out = []
    for group in groups.values():
        if len({q.key for q in group}) == 1:
            out.append(group[0])
            for q in group[1:]:
                said = fault("row repeated", value=_place(group[0], q))
                problems[q.sheet].add(q.row, None, "", "", said)
        else:
            for q in group:
                others = ", ".join(_place(o, q) for o in group[:10])
                problems[q.sheet].add(q.row, None, "", "", fault("row twice", value=others))
    return sorted(out, key=lambda q: (list(problems).index(q.sheet), q.row))


def _place(of: Quote, seen_from: Quote) -> str:
    return str(of.row) if of.sheet == seen_from.sheet else f"{of.sheet}!{of.row}"


def read_quotes(
    book: Book,
    units: Mapping[str, Entry],
    items: Mapping[str, Entry],
    period: str,
    *,
    unit: str | None = None,
    currency: str = "CNY",
    assignments: Collection[tuple[str, str]] | None = None,
    measures: Mapping[str, str] | None = None,
    known_files: Collection[str] = (),
    known_keys: Collection[str] = (),
) -> Result:
    """The quotes of a file, and what is wrong with its other rows.

    units : by code, with name_zh and name_en. items : by code, with the names, unit_of_measure (as `textile_units`
    calls it), and gsm, width_cm and pack where prices are to be converted. period : as 2024-W11, 2024-03 or 2024-Q1.
    unit : the unit that sent the file, if that is known; rows of others are then refused. currency : of the prices.
    assignments : pairs of unit and item that are due; None to accept every pair. measures : further words for units of
    measure. known_files : digests of files that were read before, only to say so. known_keys : keys of the quotes in
    force; rows that say the same are `repeated`, and not accepted again.
    ValueError for a period, unit, currency or item of the arguments that is not known.
    """
    try:
        span = read_date(period).value
    except SheetError as error:
        raise ValueError(f"period {period!r} is not known; write it as 2024-W11, 2024-03 or 2024-Q1") from error
    if unit is not None and unit not in units:
        raise ValueError(f"unit {unit!r} is not among the units; give one of them")
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        raise ValueError(f"currency is {currency!r}; write its code of three letters, as CNY")
    named = [(f"item {code!r}", entry.get("unit_of_measure")) for code, entry in items.items()]
    named += [(f"the word {word!r}", value) for word, value in (measures or {}).items()]
    for what, value in named:
        if not value:
            raise ValueError(f"{what} has no unit_of_measure; give every one a unit")
        try:
            measure(str(value))
        except ValueError as error:
            raise ValueError(f"{what}: {error}") from error
    unit_register, item_register = Register("unit", units), Register("item", items)
    office = Office(unit_register, item_register, span, currency, assignments, measures or {}, book.system)
    problems = {t.name: Problems(t.name) for t in book.sheets}
    read: list[Quote] = []
    for table in book.sheets:
        found = problems[table.name]
        own, basis = read_above(table, unit, office, found)
        columns = settle(table, office, found)
        basis = heading_basis(table, columns, office, found) or basis
        if found.found:
            # The header or what stands above it is wrong: no row can be trusted.
            continue
        if not {"unit", "unit_name"} & set(columns) and own is None:
            found.add(table.header, None, "unit", "", fault("unit not given"))
            continue
        reader = RowReader(table, columns, office, found, basis)
        quotes = [q for row in table.rows if (q := reader.read(row, unit, own)) is not None]
        if reader.commas:
            # Where some prices have decimal commas, a comma before three digits may be one as well.
            doubted = dict(reader.thousands)
            for q in quotes:
                if q.row in doubted:
                    said = fault("thousands in doubt", value=doubted[q.row])
                    found.add(q.row, columns.get("price"), "price", doubted[q.row], said)
            quotes = [q for q in quotes if q.row not in doubted]
        read += quotes
    single = _without_doubles(read, problems)
    known = frozenset(known_keys)
    accepted = tuple(q for q in single if q.key not in known)
    repeated = tuple(q for q in single if q.key in known)
    kept = {(q.sheet, q.row) for q in single}
    refused = tuple((t.name, r.number) for t in book.sheets for r in t.rows if (t.name, r.number) not in kept)
    listed = [p for t in book.sheets for p in sorted(problems[t.name].found, key=lambda p: p.row)]
    same = book.digest in set(known_files)
    return Result(accepted, repeated, tuple(listed), refused, book.notices, book.digest, span.label, same)
