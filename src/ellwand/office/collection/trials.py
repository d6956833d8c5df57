"""Trial runs of price sheets: what a file would do, kept with the file, and then the taking in of just that."""

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.collection.models import Trial
from ellwand.office.quotes.adding import There
from ellwand.office.quotes.intake import Taken, import_quotes
from ellwand.office.quotes.looking import Looked, look
from ellwand.office.quotes.models import Import
from ellwand.office.registry.models import Item, Unit
from ellwand.office.rounds import work
from ellwand.office.rounds.models import Round

LARGEST: Final = 20 << 20
"""Bytes of a sheet."""
ACTS: Final = ("quotes.enter", "assignments.route")
"""Who may try a sheet; taking it in needs the first."""


@dataclass(frozen=True)
class Tried:
    """What a trial run shows. added, changed, unchanged : of the record. before : the file was taken in already."""

    trial: Trial
    looked: Looked
    added: int
    changed: int
    unchanged: int
    before: Import | None


def run(found: Round, name: str, content: bytes, by: User) -> Tried:
    """Try a sheet and keep it. DataError for a file that can't be read as a whole; then nothing is kept."""
    role = _may(by)
    if not content:
        raise DataError("sheet: the file is empty; save it again and send it")
    if len(content) > LARGEST:
        raise DataError(f"sheet: larger than {LARGEST >> 20} MB; split it, or remove pictures from it")
    name = PurePath(name.replace("\\", "/")).name[:300] or "sheet"
    looked = look(content, name, found)
    with transaction.atomic():
        trial = Trial(
            round=found, name=name, digest=hashlib.sha256(content).hexdigest(), fingerprint=looked.result.fingerprint,
            content=content, by=by, at=clock.now(),
        )  # fmt: skip
        trial.save()
        trail.append(
            by, "sheet.try", f"round/{found.code}", role=role,
            after={"trial": trial.pk, "file": name, "sha256": trial.digest, **_counts(looked)},
        )  # fmt: skip
    return _tried(trial, looked)


def find(found: Round, pk: int) -> Tried:
    """A trial run of a round, made again. DataError for one that is not there."""
    trial = Trial.objects.filter(round=found, pk=pk).first()
    if trial is None:
        raise DataError(f"trial {pk}: is none of round {found.code}; try the sheet again")
    return _tried(trial, look(bytes(trial.content), trial.name, found))


def take_in(tried: Tried, by: User, *, reason: str = "", sign: str = "") -> Taken:
    """Take a sheet in as its trial run showed it.

    reason : confirms what soft rules ask about. sign : of a supervisor, after the cut-off. DataError where registers or
    prices changed since, so that the sheet now gives something else, and for questions without a reason.
    """
    trial, found = tried.trial, tried.trial.round
    if tried.before is None and tried.looked.result.fingerprint != trial.fingerprint:
        raise DataError(f"{trial.name}: gives another result than its trial run; registers changed: try it again")
    if tried.before is None and tried.looked.questions and len(reason.strip()) < 2:
        raise DataError(
            f"reason: empty; {len(tried.looked.questions)} prices are far from the last ones or break a soft rule: say "
            "why they are right, or correct the sheet"
        )
    if not tried.looked.quotes:
        raise DataError(f"{trial.name}: no row can be taken in; correct the sheet")
    with tempfile.TemporaryDirectory(prefix="ellwand-") as folder:
        path = Path(folder) / trial.name
        path.write_bytes(bytes(trial.content))
        return import_quotes(path, found.code, by, reason=reason.strip(), sign=sign)


def last(found: Round, most: int = 20) -> list[Trial]:
    """The last trial runs of a round, without their files."""
    return list(Trial.objects.filter(round=found).select_related("by").defer("content").order_by("-pk")[:most])


def _may(by: User) -> str:
    """The role by which somebody may try a sheet. RefusedError if none."""
    for act in ACTS[1:]:
        try:
            return people.require(by, act)
        except people.RefusedError:
            continue
    return people.require(by, ACTS[0])


def _counts(looked: Looked) -> dict[str, int]:
    summary = looked.result.summary
    return {k: summary[k] for k in ("rows", "accepted", "refused")} | {"questions": len(looked.questions)}


def _tried(trial: Trial, looked: Looked) -> Tried:
    there = There.of(trial.round_id).quotes
    units, items = dict(Unit.objects.values_list("code", "pk")), dict(Item.objects.values_list("code", "pk"))
    added = changed = unchanged = 0
    for q in looked.quotes:
        old = there.get((units[q.unit], items[q.item]))
        if old is None:
            added += 1
        elif old[2].says == q.says:
            unchanged += 1
        else:
            changed += 1
    before = Import.objects.filter(round=trial.round_id, digest=trial.digest).select_related("by").first()
    work.settle(trial.round)
    return Tried(trial, looked, added, changed, unchanged, before)
