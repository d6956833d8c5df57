"""The audited table as series: issues in the order of time, with what is printed for each."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from ellwand.production.audit.figures import Figure
from ellwand.production.audit.labels import Period
from ellwand.production.audit.rows import Row


@dataclass
class Issue:
    """All rows of one series for one period. The level is the finest one printed."""

    period: Period
    label: str
    rows: list[Row] = field(default_factory=list)

    @cached_property
    def level(self) -> Figure | None:
        """The level, None if only changes are printed."""
        levels = [row.level for row in self.rows if row.level]
        return min(levels, key=lambda level: level.half) if levels else None

    def changes(self, kind: str) -> Iterator[Row]:
        """Rows with a change on this kind of basis."""
        return (row for row in self.rows if row.change and row.basis and row.basis.kind == kind)

    def change(self, kind: str) -> Figure | None:
        """The finest change printed on this kind of basis."""
        return min((row.change for row in self.changes(kind) if row.change), key=lambda c: c.half, default=None)


@dataclass
class Series:
    """One series of one frequency: its dated issues by time, and the file's order of their first rows."""

    name: str
    frequency: str
    issues: list[Issue]
    printed: list[Issue]

    @cached_property
    def _places(self) -> dict[tuple[int, str], int]:
        return {(issue.period.index, issue.period.form): i for i, issue in enumerate(self.issues)}

    def at(self, index: int, form: str) -> Issue | None:
        """The issue of a period, written in the same form."""
        place = self._places.get((index, form))
        return None if place is None else self.issues[place]

    @cached_property
    def family(self) -> str:
        """What stands before the first stroke of the code: series of one family are released together."""
        return self.name.split("/")[0]

    @cached_property
    def runs(self) -> list[list[Issue]]:
        """Issues in time, cut wherever more than three periods are absent or the form of the label changes."""
        out: list[list[Issue]] = []
        for issue in self.issues:
            if out and out[-1][-1].period.form == issue.period.form and step(out[-1][-1], issue) <= 4:
                out[-1].append(issue)
            else:
                out.append([issue])
        return out

    @cached_property
    def listings(self) -> list[list[Issue]]:
        """The runs in which the file holds nearly every period, so that the place of an issue says something.

        Three issues at least, and at most one gap in five steps. A file of scattered issues has none; a single issue
        beyond a gap at the end of a run may come from another source and is left out.
        """
        out = []
        for run in self.runs:
            stretches = _stretches(run)
            while len(stretches) > 1 and len(stretches[0]) == 1:
                del stretches[0]
            while len(stretches) > 1 and len(stretches[-1]) == 1:
                del stretches[-1]
            listed = [issue for stretch in stretches for issue in stretch]
            if len(listed) >= 3 and (len(stretches) - 1) * 5 <= len(listed) - 1:
                out.append(listed)
        return out

    @cached_property
    def gaps(self) -> list[tuple[Issue, Issue, bool]]:
        """Where one to three periods are absent between two issues before and two after that follow closely.

        With the flag whether the gap lies inside a listing.
        """
        listed = {id(issue) for listing in self.listings for issue in listing}
        out = []
        for run in self.runs:
            for before, after in pairwise(_stretches(run)):
                if len(before) >= 2 and len(after) >= 2:
                    a, b = before[-1], after[0]
                    out.append((a, b, id(a) in listed and id(b) in listed))
        return out


def _stretches(run: Sequence[Issue]) -> list[list[Issue]]:
    """A run cut at its gaps."""
    out: list[list[Issue]] = []
    for issue in run:
        if out and step(out[-1][-1], issue) == 1:
            out[-1].append(issue)
        else:
            out.append([issue])
    return out


def step(earlier: Issue, later: Issue) -> int:
    """Periods from one issue to another; from a Friday to the Monday after it is one step of a daily series."""
    days = later.period.index - earlier.period.index
    if later.period.frequency == "daily" and 1 < days <= 3 and earlier.period.start.weekday() + days == 7:
        return 1
    return days


def collect(rows: Iterable[Row]) -> list[Series]:
    """The series of a table in the order in which they first appear."""
    issues: dict[tuple[str, str], dict[tuple[int, str], Issue]] = defaultdict(dict)
    for row in rows:
        if row.frequency and row.period:
            held = issues[row.series, row.frequency]
            key = (row.period.index, row.period.form)
            held.setdefault(key, Issue(row.period, row.label)).rows.append(row)
    return [
        Series(name, frequency, [held[key] for key in sorted(held)], list(held.values()))
        for (name, frequency), held in issues.items()
    ]
