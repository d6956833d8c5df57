"""Faults of the calendar: an issue printed twice, absent, out of order or on another weekday."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from ellwand.production.audit.figures import Interval, implied_base
from ellwand.production.audit.labels import name
from ellwand.production.audit.rows import Finding, Row
from ellwand.production.audit.series import Issue, Series, step

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def duplicates(rows: Iterable[Row]) -> Iterator[Finding]:
    """One series and period with two levels, two changes on one basis, or the same row twice.

    The same figure once more under another name of its basis, or with fewer digits, is no fault.
    """
    groups: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in rows:
        when = (row.period.index, row.period.form) if row.period else row.label
        groups[row.series, row.frequency, when].append(row)
    for group in groups.values():
        for i, row in enumerate(group):
            for other in group[:i]:
                if message := _clash(other, row):
                    yield Finding(row.series, row.label, "duplicate-issue", f"row {row.line}: {message}")
                    break


def _clash(first: Row, second: Row) -> str | None:
    if first.level and second.level and not first.level.interval.overlaps(second.level.interval):
        return f"value {second.level.text}, but row {first.line} prints {first.level.text} for the same period"
    same = first.basis_text.lower() == second.basis_text.lower()
    alike = same or (first.basis and first.basis == second.basis)
    if alike and first.change and second.change and not first.change.interval.overlaps(second.change.interval):
        return (
            f"change {second.change.text} on {second.basis_text}, but row {first.line} prints {first.change.text} "
            f"on {first.basis_text}"
        )
    if same and bool(first.level) == bool(second.level) and bool(first.change) == bool(second.change):
        return f"the issue stands twice, as in row {first.line}"
    return None


def weekdays(series: Series) -> Iterator[Finding]:
    """Weekly issues dated on another weekday than at least two thirds of the series.

    Two in succession on one other day are a new custom, or a time of its own, and no fault.
    """
    dated = [issue for issue in series.issues if issue.period.frequency == "weekly" and issue.period.day]
    if not dated:
        return
    counts = Counter(issue.period.start.weekday() for issue in dated)
    usual, often = counts.most_common(1)[0]
    if often < 3 or often * 3 < len(dated) * 2:
        return
    days = [None, *(issue.period.start.weekday() for issue in dated), None]
    for before, day, after, issue in zip(days, days[1:], days[2:], dated, strict=False):
        if day is not None and day != usual and day not in (before, after):
            yield Finding(
                series.name,
                issue.label,
                "issue-weekday",
                f"the date is a {_DAYS[day]}; {often} of the {len(dated)} issues are dated on a {_DAYS[usual]}",
            )


def order(series: Series) -> Iterator[Finding]:
    """Issues printed out of the order of time, inside a listing that otherwise goes one way; one finding if in none."""
    for run in series.listings:
        inside = {id(issue) for issue in run}
        printed = [issue for issue in series.printed if id(issue) in inside]
        up = _longest([issue.period.index for issue in printed])
        down = _longest([-issue.period.index for issue in printed])
        kept = up if len(up) >= len(down) else down
        way = "earlier to later" if kept is up else "later to earlier"
        displaced = [issue for i, issue in enumerate(printed) if i not in kept]
        if len(displaced) * 3 > len(printed) and len(displaced) > 1:
            message = (
                f"{len(displaced)} of {len(printed)} issues from {run[0].label} to {run[-1].label} are out of order"
            )
            yield Finding(series.name, displaced[0].label, "issue-order", message)
            continue
        for issue in displaced:
            message = f"row {issue.rows[0].line}: printed out of order; the listing goes from {way}"
            yield Finding(series.name, issue.label, "issue-order", message)


def _longest(numbers: list[int]) -> set[int]:
    """Positions of a longest rising selection."""
    tails: list[int] = []
    ends: list[int] = []
    before = [-1] * len(numbers)
    for i, number in enumerate(numbers):
        place = bisect_left(tails, number)
        before[i] = ends[place - 1] if place else -1
        tails[place : place + 1] = [number]
        ends[place : place + 1] = [i]
    out: set[int] = set()
    at = ends[-1] if ends else -1
    while at >= 0:
        out.add(at)
        at = before[at]
    return out


def missing(everything: list[Series]) -> Iterator[Finding]:
    """Periods absent from the file although the publisher did not skip them.

    A publisher may skip a week; the change of the next issue is then a change on the last one printed, and fits it. One
    series that shows the skip speaks for its family. A change that does not fit shows that an issue lies between (or
    that the change is wrong). Without such a change the absence counts only inside a listing, see `Series.listings`.
    Days without trade are too common to say anything.
    """
    skipped = {
        (series.family, series.frequency, a.period.index, b.period.index)
        for series in everything
        for a, b in pairwise(series.issues)
        if step(a, b) > 1 and _fits(a, b)
    }
    for series in everything:
        for a, b, listed in series.gaps:
            fits = _fits(a, b)
            alike = (series.family, series.frequency, a.period.index, b.period.index) in skipped
            if series.frequency == "daily" or fits or (fits is None and (alike or not listed)):
                continue
            absent = [name(series.frequency, i) for i in range(a.period.index + 1, b.period.index)]
            message = f"no issue between {a.label} and {b.label} ({', '.join(absent)})"
            change = b.change("previous")
            if change and fits is False:
                message += f"; the change {change.text} of {b.label} on its previous issue does not fit the level of "
                message += f"{a.label}: an issue was published in between, or the change is wrong"
            else:
                message += ", and no change on the previous issue shows that none was published"
            yield Finding(series.name, absent[0], "missing-issue", message)


def _fits(a: Issue, b: Issue) -> bool | None:
    """Whether the printed change of b on the previous issue fits the level of a; None if one is not printed."""
    base: Interval | None = None
    change = b.change("previous")
    if b.level and change:
        base = implied_base(b.level, change)
    if base is None or a.level is None:
        return None
    return base.meets(a.level.interval)
