"""Submissions of ODK and KoBo into a round: through the same door as all others, each instance once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model, Q

from ellwand.engine.errors import DataError
from ellwand.office import clock, setup
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.collection import entry, routes, sending, walk
from ellwand.office.collection.checks import Finding, Said
from ellwand.office.collection.dates import read_date
from ellwand.office.collection.entry import Line, Result, Sender
from ellwand.office.collection.messages import Fault, SheetError
from ellwand.office.collection.models import Instance
from ellwand.office.collection.odk.export import read_export
from ellwand.office.collection.odk.submissions import Said as Entered
from ellwand.office.collection.odk.submissions import Submission, read_submission
from ellwand.office.collection.problems import outside
from ellwand.office.registry.models import Item, Unit
from ellwand.office.rounds.models import Round

NONE_SEEN = 0
"""A form shows no version in force; so whatever is there was entered without its sender knowing."""


@dataclass(frozen=True)
class Instances(Sender):
    """Who sends an instance. It is known again by its own id, whoever brings it: the phone, or an export."""

    @property
    def name(self) -> str:
        """The same for all."""
        return "odk"


@dataclass(frozen=True)
class Taken:
    """What became of a submission. said : as of a batch. again : it had come before."""

    instance: str
    said: Mapping[str, Any]
    again: bool = False

    @property
    def problems(self) -> list[Mapping[str, Any]]:
        """What was not taken in, and why."""
        return [p for q in self.said["quotes"] if q["outcome"] not in entry.KEPT for p in q["problems"]]


def round_for(form: str) -> Round:
    """The round that a form belongs to: ours bear its code; those of others are of the round that collects now."""
    found = Round.objects.filter(code=form).first() or walk.round_of()
    if found is None:
        raise DataError("no round is open; quotes come in when one is collecting")
    return found


def take_xml(content: bytes, by: User) -> Taken:
    """Take in a submission as a phone sends it. SheetError for one that can't be read; then nothing is kept."""
    people.require(by, "quotes.enter")
    submission = read_submission(content)
    return take(submission, content.decode("utf-8", "replace"), round_for(submission.form), by)


def take_export(content: bytes, name: str, found: Round, by: User) -> tuple[list[Taken], tuple[str, ...]]:
    """Take in the submissions of an export; what became of each, and ids of those that were rejected before."""
    people.require(by, "quotes.enter")
    export = read_export(content, name)
    return [
        take(one, json.dumps(asdict(one), ensure_ascii=False), found, by) for one in export.submissions
    ], export.rejected


def again(instance: Instance, by: User) -> Taken:
    """Try what was not taken in of a submission once more, as after a change of a route or a register."""
    people.require(by, "quotes.enter")
    text = instance.content
    if text.lstrip().startswith("<"):
        submission = read_submission(text.encode())
    else:
        said = json.loads(text)
        submission = Submission(**{**said, "entries": tuple(Entered(**e) for e in said["entries"])})
    return take(submission, text, instance.round, by)


def take(submission: Submission, content: str, found: Round, by: User) -> Taken:
    """Take in one submission. The same id a second time gives the same answer; only what was open is tried again."""
    if (last := _last(submission.id)) is not None and not last.open:
        return Taken(submission.id, last.said, True)
    if not submission.entries:
        return Taken(submission.id, sending.answer_of(found.code, []))
    try:
        with entry.turn(), transaction.atomic():
            said = _said(submission, found, by)
            if last is not None and _outcomes(said) == _outcomes(last.said):
                return Taken(submission.id, last.said, True)
            Instance(
                key=submission.id, number=last.number + 1 if last else 1, round=found, form=submission.form[:200],
                version=submission.version[:200], content=content, said=said, open=said["refused"], by=by,
                at=clock.now(),
            ).save()  # fmt: skip
    except IntegrityError:
        # The same instance twice at the same moment: the other one was first.
        if (before := _last(submission.id)) is None:
            raise
        return Taken(submission.id, before.said, True)
    return Taken(submission.id, said)


def _last(key: str) -> Instance | None:
    return Instance.objects.filter(key=key).order_by("-number").first()


def _outcomes(said: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    return [(q["outcome"], [p["rule"] for p in q["problems"]]) for q in said["quotes"]]


def _said(submission: Submission, found: Round, by: User) -> dict[str, Any]:
    """What becomes of the entries, in their order; those with a wrong date are refused before they are looked at."""
    lines = lines_of(submission, found)
    faults = [_wrong_date(e.fields.get("date", ""), found.period) for e in submission.entries]
    good = [line for line, wrong in zip(lines, faults, strict=True) if wrong is None]
    # A submission has a key of its own once; what is tried again comes in under those of its entries.
    first = not Instance.objects.filter(key=submission.id).exists()
    sender = Instances("odk", by=by, with_type=False)
    results = iter(entry.take(found, good, sender, key=submission.id if first else None))
    merged = [
        next(results) if wrong is None else Result(line, entry.REFUSED, [Finding.of(wrong, "date")])
        for line, wrong in zip(lines, faults, strict=True)
    ]
    return sending.answer_of(found.code, merged)


def _wrong_date(day: str, period: str) -> Fault | None:
    """Why a date that an entry names can't be; None for a day or period within that of the round, and for none."""
    if not day:
        return None
    within = read_date(period).value
    try:
        span = read_date(day, within.end.year).value
    except SheetError as error:
        return error.fault
    return None if span.within(within) else outside(day, within)


def lines_of(submission: Submission, found: Round) -> list[Line]:
    """The entries as lines. Units and items may be given by their names, where only one bears it."""
    entries = [e.fields for e in submission.entries]
    units, items = _codes(Unit, "unit", entries), _codes(Item, "item", entries)
    out = []
    for e in submission.entries:
        f = e.fields
        unit, item = f.get("unit") or f.get("unit_name", ""), f.get("item") or f.get("item_name", "")
        said = Said(
            unit=units.get(unit, unit), item=items.get(item, item), price=f.get("price", ""),
            status=f.get("status", ""), type=f.get("type", ""), quantity=f.get("quantity", ""),
            remark=f.get("remark", ""), unit_of_measure=f.get("unit_of_measure", ""), reason=f.get("reason", ""),
        )  # fmt: skip
        made = made_at(submission.made_at, f.get("date", ""), found.period)
        out.append(Line(said, f"{submission.id}#{e.number}", made, NONE_SEEN))
    return out


def _codes(model: type[Model], what: str, entries: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The code that each text of a unit or item means: a code itself, or a name that one entry bears."""
    texts = {t for e in entries for t in (e.get(what, ""), e.get(f"{what}_name", "")) if t}
    rows = model._default_manager.filter(Q(code__in=texts) | Q(name_zh__in=texts) | Q(name_en__in=texts))
    out: dict[str, str] = {}
    several: set[str] = set()
    for code, zh, en in rows.values_list("code", "name_zh", "name_en"):
        for name in {zh, en} & texts:
            if out.setdefault(name, code) != code:
                several.add(name)
    for name in several:
        del out[name]
    return out | {code: code for code in rows.values_list("code", flat=True)}


def made_at(said: str, day: str, period: str) -> datetime | None:
    """When an entry was made: the day that it names, else the phone's own clock; None where neither can be read."""
    zone = setup.current().time_zone
    if day:
        try:
            span = read_date(day, read_date(period).value.end.year).value
        except SheetError:
            span = None
        if span is not None and span.start == span.end:
            return datetime.combine(span.start, time(12), zone).astimezone(UTC)
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return None
    # Form servers write their own instants in UTC without saying so.
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def picture_cells(submission: Submission, found: Round, by: User) -> list[tuple[str, Unit, Item]]:
    """The pictures that a submission names: file, unit, item; of entries whose unit and item are known.

    Those of units on the route of another collector are left out, as their quotes are.
    """
    lines = lines_of(submission, found)
    named = [
        (e.fields["picture"], line)
        for e, line in zip(submission.entries, lines, strict=True)
        if e.fields.get("picture")
    ]
    units = {u.code: u for u in Unit.objects.filter(code__in={line.said.unit for _, line in named})}
    items = {i.code: i for i in Item.objects.filter(code__in={line.said.item for _, line in named})}
    there = routes.in_force([u.pk for u in units.values()])
    others = {pk for pk, stop in there.items() if stop.collector_id not in (None, by.pk)}
    units = {code: u for code, u in units.items() if u.pk not in others}
    return [
        (file, units[line.said.unit], items[line.said.item])
        for file, line in named
        if line.said.unit in units and line.said.item in items
    ]
