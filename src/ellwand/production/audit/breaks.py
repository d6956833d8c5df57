"""Levels that leave their series: breaks between two issues, and values with the decimal point displaced."""

from collections.abc import Iterator
from statistics import median, quantiles

from ellwand.production.audit.rows import Finding
from ellwand.production.audit.series import Issue, Series, step

LEAST = 5.0
"""Per cent: a smaller change is never called a break."""

TIMES_LARGEST = 3.0
"""A break is at least this many times the largest other change of the series ..."""

TIMES_USUAL, MANY = 10.0, 20
"""... or, with so many others, this many times the size that nine changes in ten do not pass."""

FACTOR = 5.0
"""A level this many times above or below the others of its series is no level of it."""


def breaks(series: Series) -> Iterator[Finding]:
    """Changes on the previous issue out of all proportion to the others of the series.

    At the start of a series such a break comes from starting up; inside it, from a new base or sample without notice.
    At least three other changes are needed.
    """
    moves = [(before, issue, size) for before, issue in _pairs(series) if (size := _move(before, issue)) is not None]
    for i, (before, issue, change) in enumerate(moves):
        others = [abs(size) for j, (_, _, size) in enumerate(moves) if j != i]
        if abs(change) < LEAST or len(others) < 3 or not max(others):
            continue
        isolated = abs(change) >= TIMES_LARGEST * max(others)
        if not isolated and not (len(others) >= MANY and abs(change) >= TIMES_USUAL * quantiles(others, n=10)[8] > 0):
            continue
        start = before is not None and before is series.issues[0]
        where = "the start of the series: a start-up break" if start else "a break inside the series"
        yield Finding(
            series.name,
            issue.label,
            "level-break",
            f"the level changes by {change:.2f} % at {where}; the other {len(others)} changes reach "
            f"{max(others):.2f} %; levels before and after are not comparable without a notice",
        )


def _pairs(series: Series) -> Iterator[tuple[Issue | None, Issue]]:
    previous: Issue | None = None
    for issue in series.issues:
        near = previous is not None and step(previous, issue) == 1 and previous.period.form == issue.period.form
        yield previous if near else None, issue
        previous = issue


def _move(before: Issue | None, issue: Issue) -> float | None:
    """Change on the previous issue in per cent: as printed, else from the levels of neighbouring periods."""
    change = issue.change("previous")
    if change:
        return float(change.value)
    if before and before.level and issue.level:
        return 100 * (float(issue.level.value) / float(before.level.value) - 1)
    return None


def misplaced(series: Series) -> Iterator[Finding]:
    """Levels several times above or below both the median of the series and their neighbours."""
    held = [(issue, float(issue.level.value)) for issue in series.issues if issue.level]
    if len(held) < 4:
        return
    middle = median(level for _, level in held)
    for i, (issue, level) in enumerate(held):
        around = [middle, *(held[j][1] for j in (i - 1, i + 1) if 0 <= j < len(held))]
        if all(level >= FACTOR * other for other in around) or all(level * FACTOR <= other for other in around):
            yield Finding(
                series.name,
                issue.label,
                "impossible-value",
                f"row {issue.rows[0].line}: value {issue.level.text if issue.level else ''}; the median of the series "
                f"is {middle:g}; look for a displaced decimal point or another series' value",
            )
