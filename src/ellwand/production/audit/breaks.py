"""Levels that leave their series: breaks between two issues, and values with the decimal point displaced."""

from collections.abc import Iterator
from statistics import median, quantiles

from ellwand.production.audit.figures import possible_change
from ellwand.production.audit.rows import Finding
from ellwand.production.audit.series import Issue, Series, step

LEAST = 5.0
"""Per cent: a smaller change is never called a break."""

TIMES_LARGEST, TIMES_FEW, FEW = 3.0, 5.0, 6
"""A break is at least 3 times the largest other change of the series, 5 times with fewer than 6 others ..."""

TIMES_USUAL, MANY = 10.0, 20
"""... or, with so many others, this many times the size that nine changes in ten do not pass."""

FACTOR = 5.0
"""A level this many times above or below the others of its series is no level of it."""


def breaks(series: Series) -> Iterator[Finding]:
    """Changes on the previous issue out of all proportion to the others of the series.

    At the start of a series such a break comes from starting up; inside it, from a new base or sample without notice.
    At least three other changes are needed, inside the series six, and not all 0. Sizes are compared by their
    intervals, the least that this change can be with the most that the others can be, so that coarse rounding makes no
    break.
    """
    moves = [(before, issue, move) for before, issue in _pairs(series) if (move := _move(before, issue))]
    for i, (before, issue, (change, least, _)) in enumerate(moves):
        rest = [move for j, (_, _, move) in enumerate(moves) if j != i]
        if least < LEAST or len(rest) < 3 or not any(printed for printed, _, _ in rest):
            continue
        others = [most for _, _, most in rest]
        start = before is not None and before is series.issues[0]
        if not start and len(others) < FEW:
            continue
        isolated = least >= (TIMES_LARGEST if len(others) >= FEW else TIMES_FEW) * max(others)
        if not isolated and not (len(others) >= MANY and least >= TIMES_USUAL * quantiles(others, n=10)[8]):
            continue
        where = "the start of the series: a start-up break" if start else "a break inside the series"
        largest = max(abs(printed) for printed, _, _ in rest)
        yield Finding(
            series.name,
            issue.label,
            "level-break",
            f"the level changes by {change:.2f} % at {where}; the other {len(others)} changes reach {largest:.2f} %; "
            "levels before and after are not comparable without a notice",
        )


def _pairs(series: Series) -> Iterator[tuple[Issue | None, Issue]]:
    previous: Issue | None = None
    for issue in series.issues:
        near = previous is not None and step(previous, issue) == 1 and previous.period.form == issue.period.form
        yield previous if near else None, issue
        previous = issue


def _move(before: Issue | None, issue: Issue) -> tuple[float, float, float] | None:
    """Change on the previous issue in per cent, with the least and the most that its size can be.

    As printed, else from the levels of neighbouring periods.
    """
    change = issue.change("previous")
    possible = change.interval if change else None
    if possible is None and before and before.level and issue.level:
        possible = possible_change(issue.level, before.level)
    if possible is None:
        return None
    low, high = possible.lo, possible.hi
    printed = change.value if change else (low + high) / 2
    return printed, max(low, -high, 0.0), max(-low, high)


def misplaced(series: Series) -> Iterator[Finding]:
    """Levels several times above or below both the median of the series and their neighbours."""
    held = [(issue, issue.level.value) for issue in series.issues if issue.level]
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
