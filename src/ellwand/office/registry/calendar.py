"""The calendar of issues: twelve months ahead by the rules of the office, weeks without an issue, changes of a date.

A date is announced at least four weeks ahead. A later change demands a public reason, and the old date is kept: an
issue is never changed, it gets a further number. "The previous issue" is the last one published, which may be weeks
back.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office import clock, setup
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import may
from ellwand.office.audit import trail
from ellwand.office.audit.models import Entry
from ellwand.office.registry.models import Holiday, Issue, Market
from ellwand.office.rounds import states
from ellwand.office.rounds.instants import last_day, week_of
from ellwand.office.rounds.models import Round

FAMILY = "price"
MONTHS = 12
NOTICE = timedelta(days=28)
"""How long before its instant an issue is announced."""
MISSING, PAST = "missing", "past"
RULES = "by the rules of the calendar"
DIVIDER = " / "
"""Between the two languages of a reason."""
AHEAD = "calendar.ahead"
LONGEST = 200


@dataclass(frozen=True)
class Planned:
    """An issue with the dates that it had. issue : as it stands. before : earlier versions, the first one first."""

    issue: Issue
    before: tuple[Issue, ...]

    @property
    def late(self) -> bool:
        """Whether its instant was announced less than four weeks ahead, at first or by a change."""
        return not self.issue.skipped and self.issue.at > self.issue.release_at - NOTICE


def weeks(first: date, last: date) -> list[str]:
    """The weeks from that of one day to that of another, both included."""
    out, day = [], first
    while day <= last or day.isocalendar()[:2] == last.isocalendar()[:2]:
        out.append(week(day))
        day += timedelta(days=7)
    return out


def week(day: date) -> str:
    """The week of a day."""
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02d}"


def wanted(months: int = MONTHS) -> list[str]:
    """The weeks whose release lies ahead, up to so many months from now."""
    home, now = setup.current(), clock.now()
    today = now.astimezone(home.time_zone).date()
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    end = date(year, month + 1, min(today.day, 28))
    found = weeks(today - timedelta(days=21), end)
    return [p for p in found if home.calendar.instants(p)[1] > now]


def issues(family: str = FAMILY) -> dict[str, Planned]:
    """All issues of a family in the order of time, with the dates that they had."""
    found: dict[str, list[Issue]] = {}
    for one in Issue.objects.filter(family=family).select_related("by").order_by("number"):
        found.setdefault(one.period, []).append(one)
    return {p: Planned(found[p][-1], tuple(found[p][:-1])) for p in sorted(found, key=natural_key)}


def gaps(months: int = MONTHS, family: str = FAMILY) -> list[str]:
    """Weeks ahead that stand in no calendar, neither with an issue nor as skipped."""
    there = set(Issue.objects.filter(family=family).values_list("period", flat=True))
    return [p for p in wanted(months) if p not in there]


def holidays() -> dict[str, Holiday]:
    """The periods without an issue that were entered and not called off."""
    last = {h.period: h for h in Holiday.objects.order_by("number")}
    return {p: h for p, h in last.items() if not h.called_off}


def said(zh: str, en: str) -> str:
    """A public reason in both languages, as an issue keeps it. DataError where one is missing."""
    for name, text in (("Chinese", zh), ("English", en)):
        if not text.strip() or len(text) > LONGEST or not text.isprintable():
            raise DataError(
                f"reason in {name}: {len(text.strip())} characters; the public is told why, on one line of {LONGEST}"
            )
    if DIVIDER in zh:
        raise DataError(f"reason in Chinese: holds {DIVIDER!r}, which divides the languages; write another sign")
    return f"{zh.strip()}{DIVIDER}{en.strip()}"


def noticed(zh: str, en: str) -> str:
    """A public notice in both languages as an issue keeps its reason, whatever signs and lines it has."""
    one, other = (" ".join(text.split()) for text in (zh, en))
    return f"{one.replace(DIVIDER, '/')}{DIVIDER}{other}"


def told(reason: str) -> tuple[str, str]:
    """The reason of an issue in Chinese and English; one that was given in one language only is both."""
    if reason == RULES:
        return "按日历规则", RULES
    zh, _, en = reason.partition(DIVIDER)
    return zh, en or zh


def ahead(by: User, months: int = MONTHS, family: str = FAMILY) -> list[Issue]:
    """Put every week of the next months into the calendar that is not in it; what was added. No gap remains."""
    role = people.require(by, "registers.change")
    return _extend(by, by, role, months, family)


def keep_ahead(family: str = FAMILY) -> list[Issue]:
    """What the clock does every night: extend the calendar by the rules that a clerk has applied before.

    Nothing where nobody has done so yet, or whoever did holds the role no more; the desk tells the clerks then.
    """
    last = Entry.objects.filter(act=AHEAD, object=f"calendar/{family}", actor__gt=0).order_by("-sequence")
    by = User.objects.filter(pk__in=last.values_list("actor", flat=True)[:1], is_active=True).first()
    if by is None or not may(by.roles, "registers.change"):
        return []
    return _extend(by, None, "", MONTHS, family)


def _extend(by: User, actor: User | None, role: str, months: int, family: str) -> list[Issue]:
    """Add what is missing. by : whose calendar it is. actor : who extends it, None for the clock."""
    calendar = setup.current().calendar
    with transaction.atomic():
        Market.objects.select_for_update().first()
        closed, now = holidays(), clock.now()
        made = []
        for period in gaps(months, family):
            cutoff, release = calendar.instants(period)
            off = closed.get(period)
            issue = Issue(
                family=family, period=period, number=1, cutoff_at=cutoff, release_at=release, skipped=off is not None,
                by=by, at=now, reason=said(off.reason_zh, off.reason_en) if off else RULES,
            )  # fmt: skip
            issue.save()
            made.append(issue)
        if made:
            after = {"first": made[0].period, "last": made[-1].period, "issues": len(made)}
            trail.append(actor, AHEAD, f"calendar/{family}", role=role, after=after, reason=RULES)
    return made


def change(period: str, by: User, cutoff_at: datetime, release_at: datetime, zh: str, en: str) -> Issue:
    """Give an issue another date, with a public reason; the old date is kept. DataError says what stands in the way."""
    role = people.require(by, "registers.change")
    reason = said(zh, en)
    with transaction.atomic():
        old = _open(period)
        if old.skipped:
            raise DataError(f"{period}: has no issue; restore it first, then give it a date")
        now = clock.now()
        if release_at <= now:
            raise DataError(f"{period}: the release {release_at.isoformat()} lies in the past; give an instant ahead")
        if cutoff_at >= release_at:
            raise DataError(f"{period}: the cut-off {cutoff_at.isoformat()} does not lie before the release")
        if (cutoff_at, release_at) == (old.cutoff_at, old.release_at):
            raise DataError(f"{period}: both instants are as they were; give another one")
        if cutoff_at != old.cutoff_at and (old.cutoff_at <= now or not is_collected(period)):
            raise DataError(f"{period}: the cut-off has passed; only the release can move")
        if cutoff_at != old.cutoff_at and cutoff_at <= now:
            raise DataError(f"{period}: the cut-off {cutoff_at.isoformat()} lies in the past; give an instant ahead")
        return further(old, by, role, cutoff_at, release_at, skipped=False, reason=reason)


def skip(period: str, by: User, zh: str, en: str) -> Issue:
    """Take an issue out of the calendar beforehand, with a public reason."""
    role = people.require(by, "registers.change")
    reason = said(zh, en)
    with transaction.atomic():
        old = _open(period)
        if old.skipped:
            raise DataError(f"{period}: is skipped already")
        if state_of(period) not in ("", states.PLANNED):
            raise DataError(f"{period}: its round is under way; postpone it, with a notice")
        return further(old, by, role, old.cutoff_at, old.release_at, skipped=True, reason=reason)


def further(
    old: Issue, by: User, role: str, cutoff: datetime, release: datetime, *, skipped: bool, reason: str
) -> Issue:
    """A further version of an issue, inside the caller's transaction; the old one is kept."""
    made = Issue(
        family=old.family, period=old.period, number=old.number + 1, cutoff_at=cutoff, release_at=release,
        skipped=skipped, by=by, at=clock.now(), reason=reason,
    )  # fmt: skip
    made.save()
    trail.append(
        by, "calendar.change", f"calendar/{old.family}/{old.period}", role=role, before=_entry(old), after=_entry(made),
        reason=reason,
    )  # fmt: skip
    return made


def _entry(issue: Issue) -> dict[str, object]:
    return {
        "cutoff_at": issue.cutoff_at.isoformat(), "release_at": issue.release_at.isoformat(), "skipped": issue.skipped,
    }  # fmt: skip


def fixed(period: str, family: str = FAMILY) -> str:
    """Why the date of a period may not move, "" where it may: MISSING, PAST, or the state of its round.

    A round that is scheduled, or held, changes its instant by postponing, with a notice.
    """
    last_day(period)
    issue = Issue.objects.filter(family=family, period=period).order_by("-number").first()
    if issue is None:
        return MISSING
    state = state_of(period, family)
    if state in (states.SCHEDULED, states.PUBLIC, states.POSTPONED, states.WITHDRAWN):
        return state
    return PAST if not state and issue.release_at <= clock.now() else ""


def _open(period: str, family: str = FAMILY) -> Issue:
    """The issue of a period, if its date may still move; others wait. DataError says why it may not."""
    Market.objects.select_for_update().first()
    # Who seals the round meanwhile comes first, or waits.
    Round.objects.select_for_update().filter(family=family, period=period).first()
    if why := fixed(period, family):
        said = {MISSING: "is not in the calendar; extend the calendar first", PAST: "its instant has passed"}
        raise DataError(
            f"{period}: " + said.get(why, f"its round is {why}; only postponing, with a notice, changes its date")
        )
    return Issue.objects.filter(family=family, period=period).order_by("-number")[0]


def state_of(period: str, family: str = FAMILY) -> str:
    """The state of the round of a period, "" where there is none."""
    found = Round.objects.filter(family=family, period=period).first()
    return found.state if found else ""


def is_collected(period: str) -> bool:
    """Whether quotes of a period are still to come."""
    return state_of(period) in ("", states.PLANNED, states.COLLECTING)


def call_off(period: str, by: User, zh: str, en: str) -> None:
    """A week has its issue after all, with a public reason."""
    role = people.require(by, "registers.change")
    reason = said(zh, en)
    with transaction.atomic():
        issue = _open(period)
        if not issue.skipped:
            raise DataError(f"{period}: has its issue; nothing is called off")
        if issue.release_at <= clock.now():
            raise DataError(f"{period}: its instant has passed")
        old = holidays().get(period)
        if old is not None:
            Holiday(
                period=period, number=old.number + 1, reason_zh=old.reason_zh, reason_en=old.reason_en,
                called_off=True, by=by, at=clock.now(),
            ).save()  # fmt: skip
        further(issue, by, role, issue.cutoff_at, issue.release_at, skipped=False, reason=reason)


def previous(period: str, family: str = FAMILY) -> str | None:
    """The period of the issue before: the last one that was published, however many weeks back; None for the first."""
    from ellwand.office.record.models import Release

    limit = natural_key(period)
    public = Release.objects.public(clock.now()).filter(family=family, withdrawal__isnull=True)
    before = [p for p in public.values_list("period", flat=True).distinct() if natural_key(p) < limit]
    return max(before, key=natural_key, default=None)


def log(family: str = FAMILY) -> list[tuple[Issue, Issue]]:
    """The public log: every change of a date as the version before and after it, the newest first."""
    out = []
    for planned in issues(family).values():
        versions = (*planned.before, planned.issue)
        out += list(pairwise(versions))
    return sorted(out, key=lambda pair: pair[1].at, reverse=True)


def this_week() -> str:
    """The week that it is now in the zone of the office."""
    return week_of(clock.now(), setup.current().time_zone)
