"""The instant as of which a reader reads: now, one that he names, or that of a vintage. Pages and programs share it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.once import once
from ellwand.office.record import reading
from ellwand.office.record.present import look
from ellwand.office.record.reading import Ahead, Given, Standing
from ellwand.office.releases.canonical import read_instant, write_instant
from ellwand.web.problems import ProblemError, unknown_release

SETTLED = timedelta(hours=1)
"""How long after an instant what was public at it is taken for complete: acts of the office end long before."""
LOST_PLUS = re.compile(r"(.*:\d\d) (\d\d:\d\d)")
"""An offset whose + became a blank in an address."""
FORM = ("写成 2024-12-30T12:00:00+08:00 或以 Z 结尾", "write it as 2024-12-30T12:00:00+08:00 or end it in Z")


@dataclass(frozen=True)
class Moment:
    """What a reader sees: the releases of a family that were public at an instant, and the issues ahead of then.

    named : whether the reader named the instant; then everything is read as it was then. pinned : whether that is long
    enough ago that the answer will never be another one.
    """

    at: datetime
    named: bool
    pinned: bool
    standing: Standing
    ahead: tuple[Ahead, ...]

    @property
    def last(self) -> Given | None:
        """The release of the newest period; None before the first one."""
        return self.standing.last

    @property
    def release(self) -> Given | None:
        """The release that the answer is of: the last one that became public and was not withdrawn."""
        return next((g for g in reversed(self.standing.given) if g.withdrawn is None), None)

    @property
    def vintage(self) -> str:
        """Its name; "" before the first one."""
        return self.release.code if self.release else ""

    @property
    def issued(self) -> datetime | None:
        """When it became public."""
        return self.release.since if self.release else None

    @property
    def next(self) -> Ahead | None:
        """The next issue of the family, as the calendar stood at the moment."""
        return next((one for one in self.ahead if one.family == self.standing.family), None)

    @property
    def next_at(self) -> datetime | None:
        """The instant of the next release."""
        return self.next.release_at if self.next else None

    @property
    def mark(self) -> str:
        """What names the content: with one mark, everything that is read from releases and calendar is the same."""
        known = [g.code for g in self.standing.given]
        parts = [str(p) for p in self.standing.mark[3:]]
        ahead = f"{self.next.key}@{write_instant(self.next.release_at)}" if self.next else ""
        return "|".join([*known[-1:], *parts, ahead])


def moment(as_of: str | None = None, vintage: str | None = None, family: str = reading.FAMILY) -> Moment:
    """The moment that a request names; now, if it names none.

    as_of : an instant as text. vintage : name of a public release: as it stood when that became public. ProblemError
    names what is wrong; a release that is not public is unknown.
    """
    if as_of is not None and vintage is not None:
        raise ProblemError(
            "conflicting-parameters", field="vintage", value=vintage,
            rule=("与 asOf 同时给出", "is given beside asOf"), remedy=("二者只给一个", "give one of the two"),
        )  # fmt: skip
    if vintage is not None:
        found = [g for g in reading.standing(family).given if g.code == vintage]
        if not found:
            raise unknown_release("vintage", vintage)
        return _at(found[-1].since, family)
    if as_of is not None:
        return _at(instant("asOf", as_of), family)
    return _now(family)


@once
def _now(family: str) -> Moment:
    return Moment(look()[0], False, False, reading.standing(family), reading.ahead())


def _at(at: datetime, family: str) -> Moment:
    pinned = at <= clock.now() - SETTLED
    return Moment(at, True, pinned, reading.standing(family, at), reading.ahead(at))


def instant(field: str, text: str) -> datetime:
    """An instant that a request names. ProblemError for one that can't be read, or has not come."""
    whole = LOST_PLUS.sub(r"\1+\2", text)
    try:
        at = read_instant(whole)
    except (DataError, OverflowError) as error:
        raise ProblemError(
            "invalid-value", field=field, value=text,
            rule=("不是带时差的时间", "is no instant with its offset from UTC"), remedy=FORM,
        ) from error  # fmt: skip
    if at > clock.now():
        raise ProblemError(
            "future-instant", field=field, value=text,
            rule=("时间还没有到，到时公布什么现在不知道", "lies in the future; what will be public then is not known"),
            remedy=("给出已过去的时间，或不给此参数", "give an instant that has passed, or leave the parameter out"),
        )  # fmt: skip
    return at.astimezone(UTC)
