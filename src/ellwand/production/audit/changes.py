"""Printed changes against printed levels, by interval arithmetic, for every basis."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from ellwand.production.audit.figures import Figure, Interval, implied_base, possible_change
from ellwand.production.audit.rows import Finding, Row
from ellwand.production.audit.series import Issue, Series, step

_YEAR = {"monthly": 12, "quarterly": 4, "annual": 1}


def changes(series: Series) -> Iterator[Finding]:
    """All checks of one series' changes."""
    yield from _previous(series)
    yield from _named(series)
    yield from _last_year(series)
    yield from _year_start(series)


def _against(series: Series, issue: Issue, row: Row, base: Issue, rule: str) -> Finding | None:
    """The finding if a row's change cannot be the change from a base issue; None if it can, or a level is absent."""
    level = row.level or issue.level
    if not (level and row.change and base.level):
        return None
    implied = implied_base(level, row.change)
    if implied is None or implied.meets(base.level.interval):
        return None
    allowed = possible_change(level, base.level)
    return Finding(
        series.name,
        issue.label,
        rule,
        f"row {row.line}: change {row.change.text} on {row.basis_text}; the levels {level.text} and "
        f"{base.level.text} ({base.label}) allow {allowed.text() if allowed else 'none'}",
    )


def _previous(series: Series) -> Iterator[Finding]:
    """On the previous issue, where the file holds it: the next period of the calendar, so that none lies between.

    Where periods are absent the previous issue may be one that the file lacks: see `issues.missing`.
    """
    for base, issue in zip(series.issues, series.issues[1:], strict=False):
        if step(base, issue) != 1 or base.period.form != issue.period.form:
            continue
        for row in issue.changes("previous"):
            finding = _against(series, issue, row, base, "change-on-previous")
            if finding and _same_value(base, issue, row):
                yield Finding(
                    series.name,
                    issue.label,
                    "period-label",
                    f"row {row.line}: {base.label} and {issue.label} print the same value and the same change "
                    f"{row.change.text if row.change else ''} on the previous issue; one value carries two labels, so "
                    "one of them is wrong",
                )
            elif finding:
                yield finding


def _same_value(base: Issue, issue: Issue, row: Row) -> bool:
    if not (base.level and issue.level and base.level.value == issue.level.value and row.change):
        return False
    return row.change.value != 0 and any(
        other.change is not None and other.change.value == row.change.value for other in base.changes("previous")
    )


def _named(series: Series) -> Iterator[Finding]:
    """On a period that the basis names."""
    for issue in series.issues:
        for row in issue.changes("period"):
            target = row.basis.target if row.basis else None
            if target is None:
                continue
            if target.index >= issue.period.index:
                yield Finding(
                    series.name,
                    issue.label,
                    "basis-label",
                    f"row {row.line}: the change is on {row.basis_text}, which is not before {issue.label}",
                )
                continue
            base = series.at(target.index, issue.period.form)
            finding = _against(series, issue, row, base, "change-on-period") if base else None
            if finding:
                yield finding


def _last_year(series: Series) -> Iterator[Finding]:
    """On the same period of last year.

    For weeks that is the week 52 weeks earlier, or the one with the same number, which is 53 weeks earlier across a
    year of 53 weeks; publishers also move it by a week. A finding needs the levels of both, and none of them fits.
    """
    for issue in series.issues:
        for row in issue.changes("last year"):
            if series.frequency in _YEAR:
                offsets, needed = [_YEAR[series.frequency]], {_YEAR[series.frequency]}
            elif series.frequency == "weekly":
                offsets, needed = [52, 51, 53], {52, 53} if _long_year(issue) else {52}
            else:
                return
            bases = {k: series.at(issue.period.index - k, issue.period.form) for k in offsets}
            if any((base := bases[k]) is None or base.level is None for k in needed):
                continue
            tried = [base for base in bases.values() if base and base.level]
            findings = [_against(series, issue, row, base, "change-on-last-year") for base in tried]
            if findings and findings[0] and all(findings):
                yield findings[0]


def _long_year(issue: Issue) -> bool:
    year = issue.period.start.year
    return any(date(y, 12, 28).isocalendar().week == 53 for y in (year - 1, year))


def _year_start(series: Series) -> Iterator[Finding]:
    """On the start of the year: against the levels around it, and all issues of a year against one another."""
    implied: dict[tuple[int, bool], list[tuple[Interval, Issue, Row]]] = defaultdict(list)
    for issue in series.issues:
        for row in issue.changes("year start"):
            level = row.level or issue.level
            year = issue.period.year
            if year is None or level is None or row.change is None or row.basis is None:
                continue
            base = implied_base(level, row.change)
            if base is None:
                continue
            bases = _start_levels(series, year, issue.period.form, row.basis.strict)
            if bases and not any(base.meets(interval) for interval, _ in bases):
                told = " or ".join(f"{text} ({_change_text(level, interval)})" for interval, text in bases)
                yield Finding(
                    series.name,
                    issue.label,
                    "change-on-year-start",
                    f"row {row.line}: change {row.change.text} on {row.basis_text} implies the level {base.text()} at "
                    f"the start of {year}; it was {told}",
                )
            else:
                implied[year, row.basis.strict].append((base, issue, row))
    for (year, _), group in implied.items():
        yield from _common_base(series, year, group)


def _change_text(level: Figure, base: Interval) -> str:
    if base.lo <= 0:
        return "no change follows"
    low, high = 100 * (level.interval.lo / base.hi - 1), 100 * (level.interval.hi / base.lo - 1)
    return f"change {low:.2f} to {high:.2f}"


def _start_levels(series: Series, year: int, form: str, strict: bool) -> list[tuple[Interval, str]]:
    """What the start of a year can mean, or nothing if the file does not hold enough to tell.

    The last issue of the previous year, as printed or as implied by the first change of the year; unless the label
    says so in words, also the first issue of the year. Weekly issues are dated around the week they report, so three
    weeks are possible and all must be known.
    """
    if series.frequency in ("monthly", "quarterly"):
        last = year * _YEAR[series.frequency] - 1
        closing = _level_at(series, last, form)
        if closing is None:
            return []
        first = series.at(last + 1, form)
        opening = [(first.level.interval, f"{first.level.text} in {first.label}")] if first and first.level else []
        return [closing] if strict else [closing, *opening]
    if series.frequency == "weekly":
        week = (date(year - 1, 12, 31).toordinal() - 1) // 7
        found = [_level_at(series, week + k, form) for k in (0, -1, 1)]
        return [level for level in found if level] if all(found) else []
    return []


def _level_at(series: Series, index: int, form: str) -> tuple[Interval, str] | None:
    """The level of a period, printed, or implied by the change that the next one prints."""
    issue = series.at(index, form)
    if issue and issue.level:
        return issue.level.interval, f"{issue.level.text} in {issue.label}"
    after = series.at(index + 1, form)
    change = after.change("previous") if after else None
    if issue or after is None or after.level is None or change is None:
        return None
    base = implied_base(after.level, change)
    return (base, f"{base.text()} as {after.label} implies by {change.text}") if base else None


def _common_base(series: Series, year: int, group: list[tuple[Interval, Issue, Row]]) -> Iterator[Finding]:
    """Issues of a year whose implied year-start levels do not meet those of the others.

    Intervals on a line that meet pairwise meet in common, so the largest set that shares a point is found at one of
    their lower ends; the others are reported, each with the one it contradicts. Of two alone the later is reported.
    """
    best: list[tuple[Interval, Issue, Row]] = []
    for point in (interval.lo for interval, _, _ in group):
        sharing = [member for member in group if member[0].lo <= point <= member[0].hi]
        if len(sharing) > len(best):
            best = sharing
    for member in group:
        interval, issue, row = member
        if member in best:
            continue
        clash = next((m for m in best if not m[0].meets(interval)), None)
        if clash is None or row.change is None:
            continue
        other, against, witness = clash
        yield Finding(
            series.name,
            issue.label,
            "year-start-base",
            f"row {row.line}: {issue.label} implies the level {interval.text()} at the start of {year}, "
            f"{against.label} (row {witness.line}) implies {other.text()}; one year has one start",
        )
