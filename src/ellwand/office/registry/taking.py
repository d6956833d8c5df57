"""Taking rows of a register in: from a sheet or a form, checked row by row, with who, when and why.

A wrong row stops nothing and is never half taken in. A dry run says what would happen and changes nothing.
"""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.registry import history, rotation, sheets
from ellwand.office.registry.checks import Checked, Known, Row, check
from ellwand.office.registry.columns import BOOKS, Book
from ellwand.office.registry.market import Act, Taken, upsert
from ellwand.office.registry.models import (
    Assignment,
    Change,
    Class,
    Classification,
    Closure,
    Correspondence,
    Item,
    Market,
    Source,
    Unit,
)
from ellwand.office.rounds import kept

MODELS: Mapping[str, type[Any]] = {
    "sources": Source, "units": Unit, "items": Item, "assignments": Assignment, "closures": Closure,
}  # fmt: skip
OWN = {"sources": "source", "units": "unit", "items": "item"}
"""The column that holds a row's own code."""
KEEP = 24 * 3600
"""Seconds that a sheet lies beside the record between its dry run and its taking in."""


def book_of(name: str) -> Book:
    """A register by its name. DataError for one that is none."""
    if name not in BOOKS:
        raise DataError(f"register {name!r} is not there; there are {', '.join(BOOKS)}")
    return BOOKS[name]


def rows_of(book: Book) -> dict[str, Row]:
    """The rows in force now, by code."""
    columns: tuple[str, ...] = MODELS[book.name].COLUMNS
    own = OWN.get(book.name, "")
    paths = [
        "code" if n == own else f"{n}__code" if MODELS[book.name]._meta.get_field(n).is_relation else n for n in columns
    ]
    out = {}
    for found in MODELS[book.name].objects.order_by("pk").values_list(*paths, "more"):
        row = {n: "" if v is None else str(v) for n, v in zip(columns, found, strict=False)}
        row |= {k: str(v) for k, v in sorted(found[-1].items())}
        out[book.code_of(row)] = row
    return out


def known() -> Known:
    """The codes of all registers. Renamed classes may still be named by their old codes."""
    version = Classification.objects.order_by("-number").first()
    classes = list(Class.objects.filter(classification=version).values_list("code", "parent"))
    renamed = set(Correspondence.objects.filter(classification=version, kind="rename").values_list("old", flat=True))
    codes = {code for code, _ in classes}
    found = {name: set(MODELS[name].objects.values_list("code", flat=True)) for name in OWN}
    return Known({**found, "classes": codes}, (codes - {parent for _, parent in classes}) | renamed)


def dry_run(book: Book, content: bytes) -> Checked:
    """What taking a sheet in would do. DataError where it is no use as a whole."""
    read = sheets.read(content, book)
    return check(book, read.rows, rows_of(book), known(), read.faults)


def take_sheet(book: Book, content: bytes, by: User, reason: str) -> Checked:
    """Take in the good rows of a sheet, in one transaction; the wrong ones are told."""
    role = people.require(by, "registers.change")
    _need(reason)
    read = sheets.read(content, book)
    with transaction.atomic():
        _alone()
        done = check(book, read.rows, rows_of(book), known(), read.faults)
        if done.good:
            store(book, done.good, by, reason)
            after = {"added": len(done.new), "changed": len(done.changed), "refused": done.refused,
                     "sheet": hashlib.sha256(content).hexdigest()}  # fmt: skip
            trail.append(by, "registers.sheet", f"register/{book.name}", role=role, after=after, reason=reason)
    return done


def take_row(book: Book, row: Row, by: User, reason: str, *, new: bool, seen: int | None = None) -> Checked:
    """Take in one row of a form; nothing if it has a fault. new : whether it must not be there yet, else it must.

    seen : last change of the row that the form showed; DataError where another one came in between.
    """
    role = people.require(by, "registers.change")
    _need(reason)
    with transaction.atomic():
        _alone()
        there = rows_of(book)
        code = book.code_of({k: v.strip() for k, v in row.items()})
        if not new and code not in there:
            raise DataError(f"{book.name} {code}: is not there")
        if new and code in there:
            raise DataError(f"{book.name} {code}: is there already; open it to change it")
        if seen is not None and seen != history.last_of(book, code):
            raise DataError(f"{book.name} {code}: somebody else changed it meanwhile; open it again and look")
        done = check(book, [(1, row)], there, known())
        if done.good:
            store(book, done.good, by, reason)
            trail.append(
                by, "registers.row", f"register/{book.name}/{code}", role=role, before=there.get(code),
                after=done.good[0], reason=reason,
            )  # fmt: skip
    return done


def store(book: Book, rows: list[Row], by: User, reason: str, *, log: bool = True) -> list[Change]:
    """Add and change rows that were checked, with their history; inside the caller's transaction.

    log : whether what it means for the sample is logged here.
    """
    ids = {
        name: dict(MODELS[f"{name}s"].objects.values_list("code", "pk"))
        for name in ("source", "unit", "item")
        if name in MODELS[book.name].COLUMNS and OWN.get(book.name) != name
    }
    act = Act(by, clock.now(), reason)
    changes = upsert(MODELS[book.name], book.name, OWN.get(book.name, ""), rows, act, Taken(), ids or None)
    if log:
        rotation.note(changes, by, act.at, reason)
    if book.name == "units":
        _end(changes, by, reason)
    return changes


def _end(changes: list[Change], by: User, reason: str) -> None:
    """Close the assignments of units that have got an end: nothing is due there any more, and the log says so."""
    ends = {c.code: c.after["valid_to"] for c in changes if c.after and c.after["valid_to"] != (c.before or {}).get(
        "valid_to", "")}  # fmt: skip
    key = natural_key
    open_ = [
        {**row, "valid_to": ends[row["unit"]]}
        for row in rows_of(BOOKS["assignments"]).values()
        if ends.get(row["unit"])
        and (not row["valid_to"] or key(row["valid_to"]) > key(ends[row["unit"]]))
        and key(row["valid_from"]) <= key(ends[row["unit"]])
    ] if any(ends.values()) else []  # fmt: skip
    if open_:
        store(BOOKS["assignments"], open_, by, reason)


def _need(reason: str) -> None:
    if not reason.strip():
        raise DataError("reason: empty; say why the register changes")


def _alone() -> None:
    """One change of the registers at a time: others wait until the transaction ends."""
    Market.objects.select_for_update().first()


@dataclass(frozen=True)
class Upload:
    """A sheet that waits between its dry run and its taking in. digest : SHA-256 of its bytes."""

    digest: str
    content: bytes


def keep(content: bytes) -> Upload:
    """Lay a sheet beside the record for a day."""
    digest = hashlib.sha256(content).hexdigest()
    folder = kept.folder()
    for old in folder.glob("sheet-*"):
        if time.time() - old.stat().st_mtime > KEEP:
            old.unlink(missing_ok=True)
    kept.write(f"sheet-{digest}", content)
    return Upload(digest, content)


def kept_sheet(digest: str) -> Upload:
    """A sheet that was laid beside the record. DataError where it is gone."""
    path: Path = kept.folder() / f"sheet-{digest}"
    if len(digest) != 64 or not digest.isalnum() or not path.is_file():
        raise DataError("the sheet is not here any more; send it again")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise DataError("the sheet was changed; send it again")
    return Upload(digest, content)
