"""When a round closes and when its release appears: instants from the period and the rules of the calendar."""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ellwand.engine.errors import DataError

FORMS = {
    "week": re.compile(r"(\d{4})-W(\d{2})"),
    "quarter": re.compile(r"(\d{4})-Q([1-4])"),
    "month": re.compile(r"(\d{4})-(\d{2})"),
}


@dataclass(frozen=True)
class Hour:
    """An hour some days after the last day of a period; negative days lie before it."""

    days: int
    at: time

    @classmethod
    def of(cls, days: int, at: str) -> "Hour":
        """From a number of days and a time as 17:00. ValueError for another form."""
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", at):
            raise ValueError(f"at is {at!r}; write it as 17:00")
        return cls(days, time.fromisoformat(at))


@dataclass(frozen=True)
class Calendar:
    """The rules of the calendar, in the zone of the market."""

    cutoff: Hour
    release: Hour
    zone: ZoneInfo

    def instants(self, period: str) -> tuple[datetime, datetime]:
        """Cut-off and release of a period, in UTC."""
        last = last_day(period)
        return self._instant(last, self.cutoff), self._instant(last, self.release)

    def _instant(self, last: date, hour: Hour) -> datetime:
        return datetime.combine(last + timedelta(days=hour.days), hour.at, self.zone).astimezone(UTC)


def last_day(period: str) -> date:
    """The last day of a week, month or quarter. DataError for a text that is none."""
    for kind, form in FORMS.items():
        match = form.fullmatch(period)
        if match is None:
            continue
        year, part = int(match[1]), int(match[2])
        try:
            if kind == "week":
                return date.fromisocalendar(year, part, 7)
            month = part if kind == "month" else 3 * part
            return date(year, month, calendar.monthrange(year, month)[1])
        except ValueError as error:
            raise DataError(f"period {period!r}: {error}") from error
    raise DataError(f"period {period!r}: is no period; write it as 2026-W05, 2026-02 or 2026-Q1")


def week_of(instant: datetime, zone: ZoneInfo) -> str:
    """The week in which an instant lies, in a zone."""
    year, week, _ = instant.astimezone(zone).isocalendar()
    return f"{year}-W{week:02d}"
