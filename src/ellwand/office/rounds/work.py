"""The work on a round: plan it, move it, and let time move it. Every move is an entry of the audit trail."""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.formulas.catalogue import suggest
from ellwand.office import clock, plain, setup
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.registry.models import (
    Assignment,
    Basket,
    Classification,
    Closure,
    Issue,
    Market,
    MethodVersion,
)
from ellwand.office.rounds import providers, states
from ellwand.office.rounds.instants import last_day, week_of
from ellwand.office.rounds.models import Move, Round, SignedException
from ellwand.office.rounds.states import SIGNS
from ellwand.production.method import MethodFile, parse_method

FAMILY = "price"
Facts = dict[str, str | None]


def find(code: str) -> Round:
    """A round by its code. DataError for one that is not there."""
    # Asked by every request of a machine: one plain statement, and its moment as Django would read it.
    found = next(iter(Round.objects.raw("SELECT * FROM rounds_round WHERE code = %s", [code])), None)
    if found is None:
        codes = list(Round.objects.values_list("code", flat=True)[:2000])
        raise DataError(f"round {code!r} is not there; " + (suggest(code, codes) if codes else "open one first"))
    return found


def all_rounds(family: str = "") -> list[Round]:
    """All rounds (of a family), the newest first."""
    rounds = Round.objects.filter(family=family) if family else Round.objects.all()
    return sorted(rounds, key=lambda r: natural_key(r.period), reverse=True)


def running(most: int) -> list[Round]:
    """Rounds that are not public yet, the oldest first; of many the last ones."""
    done = Move.objects.filter(target__in=(states.PUBLIC, states.WITHDRAWN)).values("round")
    found = sorted(Round.objects.exclude(pk__in=done), key=lambda r: natural_key(r.period))
    return found[-most:]


def lock(found: Round) -> None:
    """Wait for others that work on the round, and keep them waiting until the transaction ends."""
    Round.objects.select_for_update().get(pk=found.pk)


def plan(period: str, by: User, family: str = FAMILY) -> Round:
    """The round of a period, planned, with its issue in the calendar by the rules of the office.

    A round that is there already is returned as it is.
    """
    last_day(period)
    there = Round.objects.filter(family=family, period=period).first()
    if there is not None:
        return there
    role = people.require(by, "registers.change")
    with transaction.atomic():
        now = clock.now()
        issue = Issue.objects.filter(family=family, period=period).order_by("-number").first()
        if issue is None:
            cutoff, release = setup.current().calendar.instants(period)
            issue = Issue(
                family=family, period=period, number=1, cutoff_at=cutoff, release_at=release, by=by, at=now,
                reason="by the rules of the calendar",
            )  # fmt: skip
            issue.save()
        found = Round(code=f"{family}-{period}", family=family, period=period, by=by, at=now)
        found.save()
        trail.append(
            by,
            "round.plan",
            f"round/{found.code}",
            role=role,
            after={"cutoff_at": issue.cutoff_at.isoformat(), "release_at": issue.release_at.isoformat()},
        )
    return found


def open_round(period: str, by: User, *, family: str = FAMILY, sign: str = "", reason: str = "") -> Round:
    """Plan the round of a period, if it is not there, and begin to collect. DataError says what stands in the way."""
    found = plan(period, by, family)
    if found.state == states.PLANNED:
        move(found, states.COLLECTING, by, sign=sign, reason=reason)
    settle(found)
    return found


def settle(found: Round) -> None:
    """Let time move the round: collecting to closed at the cut-off, scheduled to public at the instant of release."""
    source = found.state
    target = {states.COLLECTING: states.CLOSED, states.SCHEDULED: states.PUBLIC}.get(source)
    if target is None or not _is_over(found, source):
        return
    if states.objections(states.rule_of(source, target), (), time_facts(found)):
        return
    with transaction.atomic():
        lock(found)
        # Another one may have been faster.
        if found.state == source:
            record_move(found, target, None)


def _is_over(found: Round, state: str) -> bool:
    """Whether the instant has come that ends a state; asked by every request, mostly in vain."""
    name = "cutoff_at" if state == states.COLLECTING else "release_at"
    rows = plain.select(
        f"SELECT {name} <= %s FROM registry_issue WHERE family = %s AND period = %s ORDER BY number DESC LIMIT 1",
        plain.instant(clock.now()), found.family, found.period,
    )  # fmt: skip
    return bool(rows and rows[0][0])


def move(
    found: Round, target: str, by: User, *, sign: str = "", reason: str = "", known: Mapping[str, str | None] = {},
    inputs: str = "",
) -> Move:  # fmt: skip
    """Move a round. DataError lists all that stands in the way; nothing has changed then.

    sign : the reason with which the user signs exceptions from guards that do not hold and that he may sign.
    known : facts of guards that only the caller can know.
    """
    with transaction.atomic():
        lock(found)
        source = found.state
        rule = states.rule_of(source, target)
        held = by.roles
        facts: Facts = {**facts_of(found, reason, rule.guards), **known}
        for guard in rule.guards:
            if guard not in facts and guard in providers.GUARDS:
                facts[guard] = providers.GUARDS[guard](found, by, target)
        signed = set(found.exceptions.values_list("guard", flat=True))
        broken = [g for g in rule.guards if facts.get(g) is not None and g in SIGNS and g not in signed]
        signing = [g for g in broken if sign.strip() and SIGNS[g] in held]
        if told := states.objections(rule, held, facts, signed | set(signing)):
            raise DataError(f"round {found.code} can't move from {source} to {target}: " + "; ".join(told))
        for guard in signing:
            what = str(facts[guard])
            SignedException(round=found, guard=guard, what=what, by=by, at=clock.now(), reason=sign).save()
            trail.append(
                by, "exception.sign", f"round/{found.code}", role=SIGNS[guard], after={"guard": guard, "what": what},
                reason=sign,
            )  # fmt: skip
        return record_move(found, target, by, role=min(rule.roles & held), reason=reason, inputs=inputs)


def record_move(
    found: Round, target: str, by: User | None, *, role: str = "", reason: str = "", inputs: str = ""
) -> Move:
    """Add a move and its entry in the trail; the caller has locked the round and checked the rule."""
    last = found.moves.order_by("-number").values_list("number", flat=True).first() or 0
    source = found.state
    made = Move(
        round=found, number=last + 1, source=source, target=target, by=by, at=clock.now(), reason=reason, inputs=inputs
    )
    made.save()
    back = target in states.ORDER and source in states.ORDER and states.ORDER.index(target) < states.ORDER.index(source)
    after: dict[str, object] = {"state": target, "inputs": inputs}
    if back:
        after["void"] = states.voided(target)
    trail.append(
        by, "round.move", f"round/{found.code}", role=role, before={"state": source}, after=after, reason=reason
    )
    for tell in providers.AFTER.values():
        tell(found, source, target, by, reason)
    return made


def in_force(period: str, valid_from: str, valid_to: str) -> bool:
    """Whether a span of periods (both included, empty: open) holds a period."""
    key = natural_key(period)
    return (not valid_from or natural_key(valid_from) <= key) and (not valid_to or key <= natural_key(valid_to))


class Due(NamedTuple):
    """A quote that is due, by ids; a model for each of ten thousand would take a second."""

    unit: int
    item: int
    ea: str


def due_in(period: str) -> list[Due]:
    """The quotes that are due in a period by the assignments in force."""
    holds = cache(lambda start, stop: in_force(period, start, stop))
    rows = Assignment.objects.values_list("unit_id", "item_id", "item__ea", "valid_from", "valid_to")
    return [Due(unit, item, ea) for unit, item, ea, start, stop in rows if holds(start, stop)]


def method_in_force(period: str = "") -> tuple[MethodVersion, MethodFile]:
    """The method in force for a period, "" for the present week. DataError where there is none.

    It is the last one that was decided with an effective period up to this one; before any decision, the office's
    first: what came with a market.
    """
    row = MethodVersion.objects.get(pk=_in_force(period)[0])
    return row, _parsed(row.text, f"{row.name} {row.version}")


def rules_in_force(period: str = "") -> MethodFile:
    """What the method in force for a period says, without its row: its text is not even read if it was before."""
    _, *known_by = _in_force(period)
    known = _read.get(tuple(known_by))
    if known is None:
        # The digest is that of the content, and rows are never changed: what has it says the same in every office.
        known = method_in_force(period)[1]
        if len(_read) >= KEPT:
            _read.clear()
        _read[tuple(known_by)] = known
    return known


KEPT = 16
"""Methods that are kept as read."""
_read: dict[tuple[str, ...], MethodFile] = {}


def _in_force(period: str) -> tuple[Any, ...]:
    """Id, name, version and digest of the method in force."""
    limit = natural_key(period or week_of(clock.now(), setup.current().time_zone))
    decided = plain.select(
        "SELECT effective_from, method_id FROM registry_methoddecision WHERE accepted ORDER BY id DESC"
    )
    begun = [(natural_key(start), pk) for start, pk in decided if natural_key(start) <= limit]
    # Of two with one effective period the later decision counts.
    pk = max(begun, key=lambda d: d[0])[1] if begun else None
    undecided = "NOT EXISTS (SELECT 1 FROM registry_methoddecision d WHERE d.method_id = m.id)"
    which = undecided if pk is None else "id = %s"
    rows = plain.select(
        f"SELECT id, name, version, digest FROM registry_methodversion m WHERE {which} ORDER BY id DESC LIMIT 1",
        *([] if pk is None else [pk]),
    )
    if not rows:
        raise DataError("the office has no method; `ellwand import market FOLDER` takes one in")
    return rows[0]


@lru_cache(maxsize=4)
def _parsed(text: str, name: str) -> MethodFile:
    """A method that was read before is not read again."""
    return parse_method(text, name)


def time_facts(found: Round) -> Facts:
    """Facts of the guards of time."""
    issue, now = found.issue, clock.now()
    out: Facts = {}
    if issue is not None:
        out["cutoff"] = None if issue.cutoff_at <= now else f"it is at {issue.cutoff_at.isoformat()}"
        out["due"] = None if issue.release_at <= now else f"it is {issue.release_at.isoformat()}"
    return out


def facts_of(found: Round, reason: str = "", guards: Iterable[str] | None = None) -> Facts:
    """What the record says of the guards: None where one holds, else why not. Of others nothing is known here.

    guards : those that are asked for, None for all; some take a look at every assignment.
    """
    issue = found.issue
    wanted = set(states.GUARDS if guards is None else guards)
    out = time_facts(found)
    if issue is None:
        out["calendar"] = f"{found.period} is not in the calendar"
    else:
        out["calendar"] = f"{found.period} is skipped: {issue.reason}" if issue.skipped else None
    out["reason"] = None if reason.strip() else "it is empty"
    if wanted & {"metadata", "minimum"}:
        out["metadata"] = _metadata(found.period)
    if not wanted & {"assignments", "minimum", "response"}:
        return out
    due = due_in(found.period)
    out["assignments"] = None if due else f"no assignment is in force in {found.period}"
    if "minimum" in wanted and out["metadata"] is None:
        out["minimum"] = _minimum(found.period, due)
    if "response" in wanted:
        out["response"] = _response(found, due)
    return out


def _metadata(period: str) -> str | None:
    lacks = [
        what
        for what, there in (
            ("a market", Market.objects.exists()),
            ("a classification", Classification.objects.exists()),
            ("a method", MethodVersion.objects.exists()),
            (
                f"a basket in force in {period}",
                any(in_force(period, v, "") for v in Basket.objects.values_list("valid_from", flat=True)),
            ),
        )
        if not there
    ]
    return f"there is no {', no '.join(w.removeprefix('a ') for w in lacks)}" if lacks else None


def _minimum(period: str, due: list[Due]) -> str | None:
    least = method_in_force(period)[1].method.quality.minimum_units
    start = max(
        (v for v in Basket.objects.values_list("valid_from", flat=True) if in_force(period, v, "")), key=natural_key
    )
    basket = Basket.objects.filter(valid_from=start).order_by("-number")[0]
    weighted = {w.ea for w in basket.weights.all() if float(w.weight) > 0}
    units: dict[str, set[int]] = {ea: set() for ea in weighted}
    for d in due:
        units.setdefault(d.ea, set()).add(d.unit)
    few = sorted((ea for ea in weighted if len(units[ea]) < least), key=natural_key)
    if not few:
        return None
    shown = ", ".join(few[:5]) + (" ..." if len(few) > 5 else "")
    return f"{len(few)} of {len(weighted)} elementary aggregates have fewer than {least} units: {shown}"


def _response(found: Round, due: list[Due]) -> str | None:
    closed = set(Closure.objects.filter(period=found.period).values_list("unit_id", flat=True))
    wanted = {(d.unit, d.item) for d in due if d.unit not in closed}
    if not wanted:
        return None
    came = set(found.quotes.values_list("unit_id", "item_id"))
    share, target = len(wanted & came) / len(wanted), setup.current().response_target
    if share >= target:
        return None
    return f"{share:.1%} of {len(wanted)} due quotes are there; the target is {target:.0%}"
