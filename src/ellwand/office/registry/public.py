"""What the public may read of the registers: dates of issues with their changes, proposals of methods with comments,
what classes became, the rotation of the sample, the plan for the end of an index.

The site reads this, and no table.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ellwand.office.registry import calendar, cessation, effect, methods
from ellwand.office.registry.calendar import FAMILY
from ellwand.office.registry.models import Correspondence, Item, MethodProposal, Rotation


@dataclass(frozen=True)
class Dated:
    """An issue of the calendar. at : its instant, UTC. skipped : there is none, for the public reason."""

    period: str
    at: datetime
    skipped: bool
    moved: bool
    reason_zh: str
    reason_en: str


@dataclass(frozen=True)
class Moved:
    """A change of a date, or of there being an issue. old, new : instants, UTC, None for no issue. at : announced."""

    period: str
    old: datetime | None
    new: datetime | None
    reason_zh: str
    reason_en: str
    at: datetime


def dates(family: str = FAMILY) -> list[Dated]:
    """All issues of a family in the order of their periods, as the calendar has them now."""
    out = []
    for period, planned in calendar.issues(family).items():
        one = planned.issue
        zh, en = calendar.told(one.reason)
        out.append(Dated(period, one.release_at, one.skipped, bool(planned.before), zh, en))
    return out


def moves(family: str = FAMILY) -> list[Moved]:
    """The public log of the calendar: every change with its reason, the newest first; the old date is kept (rule 9)."""
    out = []
    for old, new in calendar.log(family):
        zh, en = calendar.told(new.reason)
        out.append(
            Moved(new.period, None if old.skipped else old.release_at, None if new.skipped else new.release_at,
                  zh, en, new.at)
        )  # fmt: skip
    return out


@dataclass(frozen=True)
class Said:
    """A comment on a proposal, in its author's words, with the office's reply, "" while there is none."""

    author: str
    text: str
    at: datetime
    reply: str
    replied_at: datetime | None


@dataclass(frozen=True)
class Proposal:
    """A proposed method. state : of `methods` (open, unanswered, due, decided). text : of the method file.

    effective_from : as decided, else as announced. accepted, reason, decided_at : None, "" and None before a decision.
    changes : settings that differ from the method that was in force then, as name, before, after. figures : the
    parallel run as of `effect.Effect`, of issues that are public only; None where there is none.
    """

    name: str
    version: str
    text: str
    summary_zh: str
    summary_en: str
    proposed_at: datetime
    comments_until: date
    effective_from: str
    state: str
    comments: list[Said]
    changes: list[tuple[str, str, str]]
    figures: dict[str, Any] | None
    accepted: bool | None
    reason: str
    decided_at: datetime | None


def proposals() -> list[Proposal]:
    """All proposals of methods with comments, replies, parallel runs and decisions, the newest first (rule 22)."""
    return [_proposal(one) for one in MethodProposal.objects.order_by("-pk")]


def _proposal(one: MethodProposal) -> Proposal:
    decision = methods.decision_of(one)
    run = one.runs.order_by("-pk").first()
    return Proposal(
        one.name, one.version, one.text, one.summary_zh, one.summary_en, one.at, one.comments_until,
        decision.effective_from if decision and decision.accepted else one.effective_from, methods.state_of(one),
        [_said(c) for c in one.comments.filter(answers__isnull=True).order_by("pk")],
        methods.differences(methods.before(one).text, one.text), effect.of_public(run.figures) if run else None,
        decision.accepted if decision else None, decision.reason if decision else "",
        decision.at if decision else None,
    )  # fmt: skip


def _said(comment: Any) -> Said:
    reply = comment.replies.order_by("pk").first()
    return Said(comment.author, comment.text, comment.at, reply.text if reply else "", reply.at if reply else None)


@dataclass(frozen=True)
class Became:
    """What a class of an earlier version became. kind : rename, split, merge or move. version : that began with it.

    share : of the old class's weight, as text, "" where nothing is shared out.
    """

    old: str
    new: str
    kind: str
    share: str
    version: int
    reason: str
    at: datetime


def successors(code: str = "") -> list[Became]:
    """What a class became, or all of them, in the order of the versions (rule 44)."""
    found = Correspondence.objects.select_related("classification").order_by("classification__number", "pk")
    rows = found.filter(old=code) if code else found
    return [
        Became(r.old, r.new, r.kind, str(r.more.get("share", "")), r.classification.number, r.classification.reason,
               r.classification.at)
        for r in rows
    ]  # fmt: skip


@dataclass(frozen=True)
class Rotated:
    """A change of the sample. kind : entry, exit or replacement. link : of `rotation.LINKS`, "" for an exit.

    source : code of the collecting stop, "" where none is known. The unit is not named: who reports is nobody's
    business unless it has agreed. item, replaced : codes; ea : elementary aggregate; names in both languages.
    """

    kind: str
    period: str
    source: str
    item: str
    item_zh: str
    item_en: str
    ea: str
    replaced: str
    link: str
    at: datetime


def rotations() -> list[Rotated]:
    """The log of the sample's rotation, the newest first (rule 45); reasons and prices stay in the office."""
    items = {code: row for code, *row in Item.objects.values_list("code", "name_zh", "name_en", "ea")}
    out = []
    for r in Rotation.objects.select_related("unit__source").order_by("-pk"):
        zh, en, ea = items.get(r.item, ("", "", ""))
        source = r.unit.source.code if r.unit.source else ""
        out.append(Rotated(r.kind, r.period, source, r.item, zh, en, ea, r.replaced, r.link, r.at))
    return out


def plan(family: str = FAMILY) -> tuple[str, str]:
    """The plan for the end of an index in Chinese and English, "" where there is none (rule 43)."""
    return cessation.plan(family)
