"""What the public may read of the registers: dates of issues with their changes. The site reads this, and no table."""

from dataclasses import dataclass
from datetime import datetime

from ellwand.office.registry import calendar
from ellwand.office.registry.calendar import FAMILY


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
        zh, en = _reason(period, one.number, one.reason, one.release_at, family)
        out.append(Dated(period, one.release_at, one.skipped, bool(planned.before), zh, en))
    return out


def moves(family: str = FAMILY) -> list[Moved]:
    """The public log of the calendar: every change with its reason, the newest first; the old date is kept (rule 9)."""
    out = []
    for old, new in calendar.log(family):
        zh, en = _reason(new.period, new.number, new.reason, new.release_at, family)
        out.append(
            Moved(new.period, None if old.skipped else old.release_at, None if new.skipped else new.release_at,
                  zh, en, new.at)
        )  # fmt: skip
    return out


def _reason(period: str, number: int, reason: str, at: datetime, family: str) -> tuple[str, str]:
    """The reason in both languages; of a date that a postponed round was given, the notice that was published."""
    if number > 1:
        from ellwand.office.approvals.models import Notice

        notices = Notice.objects.filter(round__family=family, round__period=period, new_at=at).order_by("-pk")
        if (told := notices.first()) is not None:
            return told.zh, told.en
    return calendar.told(reason)
