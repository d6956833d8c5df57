"""Which weeks a demo shows."""

from datetime import UTC, datetime

import pytest

from ellwand.office.demo.weeks import shortened, weeks
from ellwand.office.home import Home
from ellwand.office.rounds.instants import Calendar, Hour


def _calendar() -> Calendar:
    from zoneinfo import ZoneInfo

    return Calendar(Hour.of(-2, "17:00"), Hour.of(1, "12:00"), ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("now", "last", "then"),
    [
        (datetime(2026, 11, 25, 4, tzinfo=UTC), "2026-W47", "2026-W48"),
        # On Monday before noon the week before last is the last one that is out.
        (datetime(2026, 11, 30, 3, 59, tzinfo=UTC), "2026-W47", "2026-W48"),
        (datetime(2026, 11, 30, 4, 0, tzinfo=UTC), "2026-W48", "2026-W49"),
        (datetime(2027, 1, 6, tzinfo=UTC), "2026-W53", "2027-W01"),
    ],
)
def test_the_last_week_that_is_out_and_the_next_one(now: datetime, last: str, then: str) -> None:
    found = weeks(3, now, _calendar())
    assert (found.released[-1], found.open) == (last, then)
    assert len(found.released) == 3


def test_the_week_of_the_new_year_has_no_issue() -> None:
    found = weeks(104, datetime(2026, 11, 25, 4, tzinfo=UTC), _calendar())
    assert found.closed == ("2025-W05", "2026-W08")
    assert not set(found.closed) & set(found.released)
    assert len(found.released) == 104 and found.count == 107
    # The New Year of 2026 is the 17th of February: the week after the last release is not the next one with an issue.
    assert weeks(2, datetime(2026, 2, 18, tzinfo=UTC), _calendar()).open == "2026-W09"


def test_cut_off_and_release_of_the_open_round() -> None:
    cutoff, release = shortened(datetime(2026, 11, 25, 4, 1, 30, tzinfo=UTC))
    assert cutoff == datetime(2026, 11, 25, 4, 4, 30, tzinfo=UTC)
    assert release == datetime(2026, 11, 25, 4, 35, tzinfo=UTC)


def test_an_office_checks_its_clock_unless_it_is_told() -> None:
    assert Home.clock == "checked"
