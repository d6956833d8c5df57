"""Versions of the method: proposal, comment period, replies, parallel run, decision, effective date, yearly review.

A method is in force from a period that begins after the comments have ended (rule 22). Nobody decides his own proposal.
The method that came with the market is the office's first and needs no proposal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office import clock, setup
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.record import reading
from ellwand.office.registry import effect
from ellwand.office.registry.deciding import decider, not_begun, text
from ellwand.office.registry.models import (
    Market,
    MethodComment,
    MethodDecision,
    MethodProposal,
    MethodReview,
    MethodVersion,
    ParallelRun,
)
from ellwand.office.rounds import work
from ellwand.office.rounds.instants import week_of
from ellwand.production.method import parse_method
from ellwand.production.report.periods import read
from ellwand.production.schema import SchemaError

LEAST = 14
"""Days that comments are open, at least."""
REVIEW = 365
"""Days after which the method in force is reviewed."""
SIZE = 200_000
"""Bytes that a method file may have."""
TOTAL, SAME = "price/total", 1e-6
"""The series by which a run is held against what is public, and the difference of levels that texts of them leave."""
OPEN, UNANSWERED, DUE, DECIDED, NO_RUN = "open", "unanswered", "due", "decided", "run"
WAYS = {
    OPEN: "comments are open until {}",
    UNANSWERED: "{} comments have no reply",
    NO_RUN: "no parallel run is stored; compute it first",
}
"""What stands in the way of a decision."""


@dataclass(frozen=True)
class Proposed:
    """What is put up for comment. text : of the method file. effective_from : first period by it."""

    text: str
    summary_zh: str
    summary_en: str
    comments_until: date
    effective_from: str


def today() -> date:
    """The day that it is in the zone of the office."""
    return clock.now().astimezone(setup.current().time_zone).date()


def first_day(period: str) -> date:
    """The first day of a period. DataError for a text that is none."""
    try:
        return read(period).first
    except ValueError as error:
        raise DataError(f"effective_from {period!r}: is no period; write it as 2026-W05") from error


def propose(given: Proposed, by: User) -> MethodProposal:
    """Put a method up for comment. DataError for a file that is no method, a known version, or dates out of order."""
    role = people.require(by, "registers.change")
    zh, en = text(given.summary_zh, "summary in Chinese"), text(given.summary_en, "summary in English")
    if len(given.text.encode()) > SIZE:
        raise DataError(f"the method file has more than {SIZE} bytes")
    try:
        file = parse_method(given.text, "the proposed file")
    except SchemaError as error:
        raise DataError(str(error)) from error
    name, version = file.method.name, file.method.version
    held = (
        MethodVersion.objects.filter(name=name, version=version),
        MethodProposal.objects.filter(name=name, version=version),
    )
    if any(rows.exists() for rows in held):
        raise DataError(f"method {name} {version}: the office holds this version; give the changed method a new one")
    own = work.method_in_force()[0]
    if all(setting == "version" for setting, _, _ in differences(own.text, given.text)):
        raise DataError(f"method {name} {version}: differs in nothing from {own.version}, which is in force")
    if given.comments_until < earliest():
        raise DataError(f"comments until {given.comments_until}: give {LEAST} days at least, from {today()}")
    _after(given.effective_from, given.comments_until)
    with transaction.atomic():
        made = MethodProposal(
            name=name, version=version, text=given.text, digest=file.digest, summary_zh=zh, summary_en=en,
            comments_until=given.comments_until,
            effective_from=given.effective_from, by=by, at=clock.now(),
        )  # fmt: skip
        made.save()
        after = {"version": version, "digest": file.digest, "comments_until": str(given.comments_until),
                 "effective_from": given.effective_from}  # fmt: skip
        trail.append(by, "method.propose", f"method/{name}/{version}", role=role, after=after)
    return made


def earliest() -> date:
    """The first day until which comments on a proposal of today may be open."""
    return today() + timedelta(days=LEAST)


def _after(period: str, until: date) -> None:
    """DataError for a period that begins before the comments have ended."""
    start = first_day(period)
    if start <= until:
        raise DataError(
            f"effective_from {period}: begins on {start}, and comments are open until {until}; give a later period"
        )
    not_begun(period, "effective_from")


def comment(proposal: MethodProposal, author: str, said: str, by: User) -> MethodComment:
    """Record what somebody says of a proposal while comments are open. by : who takes it down."""
    role = people.require(by, "registers.change")
    author, said = text(author, "author", 200), text(said, "comment")
    if today() > proposal.comments_until:
        raise DataError(f"method {proposal.version}: comments ended on {proposal.comments_until}")
    _undecided(proposal)
    return _say(proposal, None, author, said, by, role)


def reply(to: MethodComment, said: str, by: User) -> MethodComment:
    """The office's reply to a comment."""
    role = people.require(by, "registers.change")
    said = text(said, "reply")
    if to.answers_id is not None:
        raise DataError("this is a reply itself; answer the comment")
    _undecided(to.proposal)
    return _say(to.proposal, to, by.username, said, by, role)


def _say(
    proposal: MethodProposal, answers: MethodComment | None, author: str, said: str, by: User, role: str
) -> MethodComment:
    with transaction.atomic():
        made = MethodComment(proposal=proposal, answers=answers, author=author, text=said, by=by, at=clock.now())
        made.save()
        act = "method.reply" if answers else "method.comment"
        thing = f"method/{proposal.name}/{proposal.version}"
        trail.append(by, act, thing, role=role, after={"comment": made.pk, "answers": answers.pk if answers else None})
    return made


def unanswered(proposal: MethodProposal) -> list[MethodComment]:
    """Comments without a reply."""
    return list(proposal.comments.filter(answers__isnull=True, replies__isnull=True).order_by("pk"))


def may_run(proposal: MethodProposal, by: User) -> str:
    """The role by which somebody has a parallel run made. DataError for a proposal that is decided."""
    role = people.require(by, "registers.change")
    _undecided(proposal)
    return role


def run_parallel(proposal: MethodProposal, by: User) -> ParallelRun:
    """Compute and keep the last issues by the method in force and by the proposed one."""
    role = may_run(proposal, by)
    file = parse_method(proposal.text, f"{proposal.name} {proposal.version}")
    found = effect.of_method(file)
    last = effect.last_round()
    own, _ = work.method_in_force(last.period if last else "")
    _as_published(found, own)
    with transaction.atomic():
        made = ParallelRun(
            proposal=proposal, method=own, inputs=found.inputs, figures=found.figures, by=by, at=clock.now()
        )
        made.save()
        largest = effect.largest(found.figures)
        after = {"inputs": found.inputs, "largest": None if largest is None else f"{largest:.6f}"}
        thing = f"method/{proposal.name}/{proposal.version}"
        trail.append(by, "method.parallel", thing, role=role, after=after)
    return made


def _as_published(found: effect.Effect, own: MethodVersion) -> None:
    """DataError where the method in force gives other figures than are public: a run is shown, a pending mend not."""
    now = {period: before for period, before, _ in effect.total(found.figures)}
    for f in reading.figures([TOTAL], list(now)):
        told, level = now[f.observation.period], f.observation.index
        if f.release.compilation.method_id != own.pk or level is None or told is None:
            continue
        if abs(float(told) - level) > SAME:
            raise DataError(
                f"{f.observation.period}: the quotes no longer give the figure that is public; make the run after the "
                "correction is released"
            )


def decide(proposal: MethodProposal, by: User, *, accept: bool, effective_from: str, reason: str) -> MethodDecision:
    """End a proposal: a method in force from a period, or none. DataError lists what stands in the way."""
    role = decider(by, proposal.by, "proposal")
    reason = text(reason, "reason")
    with transaction.atomic():
        Market.objects.select_for_update().first()
        _undecided(proposal)
        if told := standing_in_the_way(proposal, accept=accept):
            raise DataError("; ".join(WAYS[why].format(n) for why, n in told))
        method = None
        if accept:
            _after(effective_from, proposal.comments_until)
            if natural_key(effective_from) < natural_key(proposal.effective_from):
                raise DataError(f"effective_from {effective_from}: was announced as {proposal.effective_from}")
            method = MethodVersion(
                name=proposal.name, version=proposal.version, text=proposal.text, digest=proposal.digest, by=by,
                at=clock.now(), reason=reason,
            )  # fmt: skip
            method.save()
        made = MethodDecision(
            proposal=proposal, method=method, accepted=accept, effective_from=effective_from if accept else "", by=by,
            at=clock.now(), reason=reason,
        )  # fmt: skip
        made.save()
        after = {"accepted": accept, "effective_from": made.effective_from, "digest": proposal.digest}
        trail.append(
            by, "method.decide", f"method/{proposal.name}/{proposal.version}", role=role, after=after, reason=reason
        )
    return made


def decision_of(proposal: MethodProposal) -> MethodDecision | None:
    """How a proposal was decided; None while it is not."""
    return MethodDecision.objects.filter(proposal=proposal).select_related("by", "method").first()


def before(proposal: MethodProposal) -> MethodVersion:
    """The method that was in force in the week of a proposal: what it would change."""
    return work.method_in_force(week_of(proposal.at, setup.current().time_zone))[0]


def standing_in_the_way(proposal: MethodProposal, *, accept: bool) -> list[tuple[str, str]]:
    """Why a proposal can't be decided yet: OPEN with the day, UNANSWERED with the number, NO_RUN."""
    out = []
    if today() <= proposal.comments_until:
        out.append((OPEN, str(proposal.comments_until)))
    if waiting := unanswered(proposal):
        out.append((UNANSWERED, str(len(waiting))))
    if accept and not proposal.runs.exists():
        out.append((NO_RUN, ""))
    return out


def _undecided(proposal: MethodProposal) -> None:
    if MethodDecision.objects.filter(proposal=proposal).exists():
        raise DataError(f"method {proposal.version}: is decided already; make a new proposal")


def state_of(proposal: MethodProposal) -> str:
    """Where a proposal stands: open for comments, comments unanswered, due for a decision, decided."""
    if MethodDecision.objects.filter(proposal=proposal).exists():
        return DECIDED
    if today() <= proposal.comments_until:
        return OPEN
    return UNANSWERED if unanswered(proposal) else DUE


def review(findings: str, by: User) -> MethodReview:
    """Record the yearly review of the method in force."""
    role = people.require(by, "registers.change")
    findings = text(findings, "findings")
    method, _ = work.method_in_force()
    with transaction.atomic():
        made = MethodReview(method=method, findings=findings, by=by, at=clock.now())
        made.save()
        trail.append(
            by, "method.review", f"method/{method.name}/{method.version}", role=role, after={"review": made.pk}
        )
    return made


def review_due() -> date | None:
    """The day by which the method in force is reviewed: a year after its last review, or after it was taken in."""
    last = MethodReview.objects.order_by("-at").values_list("at", flat=True).first()
    taken = MethodVersion.objects.order_by("-at").values_list("at", flat=True).first()
    known = [at for at in (last, taken) if at is not None]
    if not known:
        return None
    return max(known).astimezone(setup.current().time_zone).date() + timedelta(days=REVIEW)


def review_overdue() -> bool:
    """Whether the yearly review is overdue (rule 24)."""
    due = review_due()
    return due is not None and today() > due


def differences(old: str, new: str) -> list[tuple[str, str, str]]:
    """What two method files say differently: name of the setting, before, after."""
    import tomllib

    a, b = (_flat(tomllib.loads(one)) for one in (old, new))
    return [(k, a.get(k, ""), b.get(k, "")) for k in sorted({*a, *b}) if a.get(k) != b.get(k)]


def _flat(given: object, at: str = "") -> dict[str, str]:
    if isinstance(given, Mapping):
        parts = [(f"{at}.{k}" if at else str(k), v) for k, v in given.items()]
    elif isinstance(given, list) and any(isinstance(v, Mapping) for v in given):
        parts = [(f"{at}[{k + 1}]", v) for k, v in enumerate(given)]
    else:
        return {at: str(given)}
    return {name: text for key, value in parts for name, text in _flat(value, key).items()}
