"""Taking a file of quotes into a round: every row as a whole or not at all, every file once."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.quotes.adding import Act, Row, There, add, row_of
from ellwand.office.quotes.layout import Given, Sheet, check_file, has_layout, read_sheet
from ellwand.office.quotes.models import Import
from ellwand.office.registry.models import Item, Unit
from ellwand.office.registry.problems import Problem
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Round, SignedException

LATE = (states.CLOSED, states.REVIEWING)
"""States in which a late quote may come in by a signed exception."""


@dataclass
class Taken:
    """What an import did. again : when the same file had been taken in before; then nothing was done."""

    name: str
    round: str
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    elsewhere: int = 0
    problems: list[Problem] = field(default_factory=list)
    again: datetime | None = None


def import_quotes(
    file: str | Path, round_code: str, by: User, *, reason: str = "", sign: str = "", only_period: bool = False
) -> Taken:
    """Take the quotes of a file into a round.

    reason : why quotes that are there already change; the file's name if empty. sign : the reason of a signed exception
    for quotes after the cut-off (the user must hold the role supervisor too). only_period : leave out rows of other
    periods; without it they are problems. A quote that says what the record says is left as it is; one that says
    something else becomes a new version. RefusedError, DataError: nothing was taken in.
    """
    path = Path(file)
    check_file(path)
    role = people.require(by, "quotes.enter")
    found = work.find(round_code)
    work.settle(found)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if again := _before(found, path.name, digest):
        return again
    sheet = _read(path, found, only_period)
    out = Taken(path.name, found.code, refused=sheet.refused, elsewhere=sheet.elsewhere, problems=sheet.problems)
    with transaction.atomic():
        work.lock(found)
        if again := _before(found, path.name, digest):
            return again
        late = _admit(found, by, sign, path.name)
        source = _add(found, sheet.quotes, path.name, digest, by, reason or f"file {path.name}", out)
        if late:
            late.save()
        trail.append(
            by,
            "quotes.import",
            f"round/{found.code}",
            role=role,
            after={
                "file": path.name, "sha256": digest, "import": source, "added": out.added, "changed": out.changed,
                "unchanged": out.unchanged, "refused": out.refused, "late": sign if late else "",
            },
            reason=reason,
        )  # fmt: skip
    return out


def _before(found: Round, name: str, digest: str) -> Taken | None:
    there = Import.objects.filter(round=found, digest=digest).first()
    return Taken(name, found.code, again=there.at) if there else None


def _admit(found: Round, by: User, sign: str, name: str) -> SignedException | None:
    """The signed exception for late quotes, None where none is needed. DataError where quotes can't come in."""
    state = found.state
    if state == states.COLLECTING:
        return None
    if state not in LATE:
        raise DataError(f"round {found.code} is {state}; quotes come in while it is collecting")
    if not sign.strip():
        raise DataError(
            f"round {found.code} is {state}: the cut-off has passed; a late quote belongs to the next period, or a "
            "supervisor signs an exception with --sign REASON"
        )
    people.require(by, "exceptions.sign")
    return SignedException(
        round=found, guard="late", what=f"quotes of {name} after the cut-off", by=by, at=clock.now(), reason=sign
    )


def _add(found: Round, quotes: Sequence[Given], name: str, digest: str, by: User, reason: str, out: Taken) -> int:
    """Add the quotes that are new or say something new; the number of the import."""
    units = dict(Unit.objects.values_list("code", "pk"))
    items = dict(Item.objects.values_list("code", "pk"))
    there = There.of(found.pk).quotes
    now = clock.now()
    new: list[Row] = []
    for q in quotes:
        unit, item = units[q.unit], items[q.item]
        old = there.get((unit, item))
        if old is not None and old[2].says == q.says:
            out.unchanged += 1
            continue
        out.added, out.changed = (out.added + 1, out.changed) if old is None else (out.added, out.changed + 1)
        new.append(row_of(q, unit, item, old))
    source = Import(
        round=found, name=name, digest=digest, by=by, at=now, added=out.added, changed=out.changed,
        unchanged=out.unchanged, refused=out.refused,
    )  # fmt: skip
    source.save()
    add(new, Act(found.pk, source.pk, by.pk, now, reason))
    return int(source.pk)


def _read(path: Path, found: Round, only_period: bool) -> Sheet:
    if has_layout(path):
        units = set(Unit.objects.values_list("code", flat=True))
        items = set(Item.objects.values_list("code", flat=True))
        return read_sheet(path, found.period, units, items, only_period=only_period)
    from ellwand.office.quotes.looking import look

    return look(path.read_bytes(), path.name, found).sheet(path.name)
