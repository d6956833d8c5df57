"""Parents and their parts: declared or read from the series codes, and what their figures must satisfy."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ellwand.engine.errors import DataError
from ellwand.production.audit import weights
from ellwand.production.audit.declared import Composite
from ellwand.production.audit.figures import Figure, Interval, true_change
from ellwand.production.audit.labels import Period, period
from ellwand.production.audit.rows import Finding
from ellwand.production.audit.series import Issue, Series

KINDS = {"previous": "previous issue", "year start": "year start"}
"""Bases on which a weighted mean holds the parent within its parts; over a year a new basket may lie in between."""

SLACK = 0.05
"""Percentage points by which a parent may leave parts that are complete only as far as the file knows: what a part
with a tenth of the weight explains by moving half a per cent."""

LEVEL_SLACK = 0.01
"""The same for levels, relative: linking can carry a parent so far out of its parts."""

UNROUNDED = 0.02
"""Percentage points allowed where a change stands without a level, so that its own rounding error is not known."""


@dataclass(frozen=True)
class _Set:
    """Parts held to be complete for the given issues. known: why, for the message; "" if declared."""

    parent: Series
    parts: tuple[Series, ...]
    issues: tuple[Issue, ...]
    known: str = ""
    weights: tuple[float, ...] | None = None
    linked: bool = False

    def at(self, issue: Issue) -> list[Issue] | None:
        """The parts' issues of a period; None unless all are there."""
        found = [part.at(issue.period.index, issue.period.form) for part in self.parts]
        return [part for part in found if part] if all(found) else None

    def levels(self) -> Iterator[tuple[Issue, Figure, list[Figure]]]:
        """Issues in which the levels of parent and all parts are printed."""
        for issue in self.issues:
            at = self.at(issue)
            levels = [part.level for part in at if part.level] if at else []
            if issue.level and len(levels) == len(self.parts):
                yield issue, issue.level, levels


def composites(everything: Sequence[Series], declared: Sequence[Composite]) -> Iterator[Finding]:
    """Every parent against its parts.

    Declared parts are taken at their word. Of a parent without declaration two sets of parts are tried: all direct
    parts that the file ever prints, in issues that print all of them (codes alone cannot tell whether an unpublished
    part exists, so some slack is given); and any set for which constant weights reproduce the parent so sharply that no
    unpublished part fits in (see `weights.leave_no_room`).
    """
    table = {(series.name, series.frequency): series for series in everything}
    for composite in declared:
        if not any(name == composite.parent for name, _ in table):
            continue
        for frequency in sorted({f for name, f in table if name == composite.parent}):
            chosen = _declared(composite, frequency, table)
            if chosen and chosen.weights:
                yield from _declared_weights(chosen)
                yield from _parents_range(chosen, 0.0, 0.0, set())
            elif chosen:
                drifted, linked = ([], set()) if chosen.linked else _explain(chosen)
                yield from drifted
                yield from _parents_range(chosen, 0.0, 0.0, linked)
    named = {composite.parent for composite in declared}
    for parent in everything:
        if parent.name in named:
            continue
        children = _children(parent, everything)
        if len(children) < 2:
            continue
        full = _Set(parent, tuple(children), tuple(parent.issues), "the file prints no other part of it")
        for chosen in _demonstrated(parent, children):
            drifted, linked = _explain(chosen)
            yield from drifted
            yield from _parents_range(chosen, SLACK, LEVEL_SLACK, linked)
            if chosen.parts == full.parts:
                break
        else:
            yield from _parents_range(full, SLACK, LEVEL_SLACK, _explain(full)[1])


def _declared(composite: Composite, frequency: str, table: dict[tuple[str, str], Series]) -> _Set | None:
    parent = table[composite.parent, frequency]
    parts = [table.get((name, frequency)) for name in composite.parts]
    if not all(parts):
        return None
    ends: list[Period | None] = []
    for field, label in (("from", composite.first), ("until", composite.last)):
        try:
            ends.append(period(label, frequency) if label else None)
        except ValueError as error:
            raise DataError(f"composite {composite.parent!r}, field {field}: {label!r}: {error}") from error
    first, last = ends
    issues = tuple(
        issue
        for issue in parent.issues
        if (first is None or issue.period.index >= first.index) and (last is None or issue.period.index <= last.index)
    )
    return _Set(parent, tuple(p for p in parts if p), issues, "", composite.weights, composite.linked)


def _children(parent: Series, everything: Iterable[Series]) -> list[Series]:
    """Series one step below a parent, of its frequency; `x/total` stands above all other `x/...`."""
    path = parent.name.split("/")
    stem = path[:-1] if path[-1] == "total" and len(path) > 1 else path
    return [
        series
        for series in everything
        if series.frequency == parent.frequency
        and series is not parent
        and (code := series.name.split("/"))[:-1] == stem
        and not code[-1].startswith("total")
    ]


def _parents_range(chosen: _Set, slack: float, level_slack: float, linked: set[int]) -> Iterator[Finding]:
    """A weighted mean lies between its parts, in levels on one base and in changes on one basis.

    linked: periods in which the levels are those of a chained index and prove nothing.
    """
    count = len(chosen.parts)
    why = f"all parts: {chosen.known}; declare the parts if there are others" if chosen.known else "declared parts"
    for issue in chosen.issues:
        at = chosen.at(issue)
        for kind, words in KINDS.items() if at else ():
            own = issue.change(kind)
            theirs = [part.change(kind) for part in at or ()]
            if own is None or not all(theirs):
                continue
            pairs = [(part.change(kind), part.level) for part in at or ()]
            ranges = [true_change(change, level) for change, level in pairs if change]
            bare = UNROUNDED if issue.level is None or any(level is None for _, level in pairs) else 0.0
            hull = Interval(min(r.lo for r in ranges), max(r.hi for r in ranges))
            if not true_change(own, issue.level).meets(hull, max(slack, bare)):
                printed = [change for change in theirs if change]
                yield Finding(
                    chosen.parent.name,
                    issue.label,
                    "parent-range",
                    f"change {own.text} on the {words} lies outside its {count} parts, "
                    f"{_range(printed, chosen.parts)} ({why})",
                )
    for issue, level, levels in () if chosen.linked else chosen.levels():
        hull = Interval(min(x.interval.lo for x in levels), max(x.interval.hi for x in levels))
        if issue.period.index not in linked and not level.interval.meets(hull, level_slack * level.value):
            yield Finding(
                chosen.parent.name,
                issue.label,
                "parent-range",
                f"value {level.text} lies outside its {count} parts, {_range(levels, chosen.parts)} ({why})",
            )


def _range(figures: Sequence[Figure], parts: Sequence[Series]) -> str:
    low, high = (choose(range(len(parts)), key=lambda i: figures[i].value) for choose in (min, max))
    names = [parts[i].name.split("/")[-1] for i in (low, high)]
    return f"{figures[low].text} ({names[0]}) to {figures[high].text} ({names[1]})"


def _declared_weights(chosen: _Set) -> Iterator[Finding]:
    """Declared weights must give the parent's level."""
    for issue, level, levels in () if chosen.linked else chosen.levels():
        pairs = list(zip(chosen.weights or (), levels, strict=True))
        mean = Interval(sum(w * x.interval.lo for w, x in pairs), sum(w * x.interval.hi for w, x in pairs))
        if not mean.meets(level.interval):
            yield Finding(
                chosen.parent.name,
                issue.label,
                "composite-weights",
                f"value {level.text}; the declared weights give {mean.text()}"
                + _implied(chosen, level, levels, "; the figures imply"),
            )


def _explain(chosen: _Set) -> tuple[list[Finding], set[int]]:
    """Issues whose figures no weights explain that also explain the issues before; and the periods on linked levels.

    After such an issue the weights are sought anew, unless the next issue returns to the old ones: then it stood alone.
    From a new start the weights may have another sum than 1 if enough issues ask for it, as a chained index does; so a
    link or a new basket is one finding, and its levels may leave the range of the parts.
    """
    held = list(chosen.levels())
    rows = {sums: [weights.rows_of(level, levels, sums) for _, level, levels in held] for sums in _SUMS}
    findings: list[Finding] = []
    linked: set[int] = set()
    inside: list[int] = []
    sums, restarted = weights.PLAIN, False
    fit: weights.Matrix | None = None
    for i, (issue, level, levels) in enumerate(held):
        if not inside:
            sums, fit = _sums_from(i, len(chosen.parts), rows), None
        if fit is None or float((rows[sums][i] @ fit).max()) > 0:
            fits, found = _solve(rows[sums], (*inside, i))
            if not fits and restarted and sums == weights.PLAIN and len(inside) + 1 >= len(chosen.parts) + 2:
                fits, found = _solve(rows[weights.LINKED], (*inside, i))
                sums = weights.LINKED if fits else sums
            if fits:
                fit = found
            elif not inside:
                continue  # outside the range of its parts: `_parents_range` reports it
            else:
                findings.append(_drifted(chosen, issue, level, levels, [held[k] for k in inside]))
                if i + 1 < len(held) and _solve(rows[sums], (*inside, i + 1))[0]:
                    continue
                restarted, inside = True, []
                sums = _sums_from(i, len(chosen.parts), rows)
                fits, fit = _solve(rows[sums], (i,))
                if not fits:
                    continue
        inside.append(i)
        if sums == weights.LINKED:
            linked |= {held[k][0].period.index for k in inside}
    return findings, linked


def _solve(rows: Sequence[weights.Matrix], issues: Sequence[int]) -> tuple[bool, weights.Matrix]:
    violation, found = weights.solve(np.vstack([rows[i] for i in issues]))
    return violation <= weights.TOLERANCE, found


def _drifted(
    chosen: _Set,
    issue: Issue,
    level: Figure,
    levels: list[Figure],
    before: Sequence[tuple[Issue, Figure, list[Figure]]],
) -> Finding:
    message = (
        f"value {level.text}: no constant weights of {', '.join(p.name for p in chosen.parts)} explain it together "
    )
    message += f"with {_span([held[0] for held in before])}"
    message += _implied(chosen, level, levels, "; this issue implies")
    message += _implied(chosen, *before[-1][1:], ", the one before")
    message += "; a new basket or a link needs a notice: declare it"
    return Finding(chosen.parent.name, issue.label, "composite-weights", message)


_SUMS = (weights.PLAIN, weights.LINKED)


def _sums_from(start: int, parts: int, rows: dict[tuple[float, ...], list[weights.Matrix]]) -> tuple[float, ...]:
    """Which sum of weights explains a stretch: 1 unless two issues more than parts contradict it and allow another."""
    plain, linked = (np.vstack(rows[sums][start : start + parts + 2]) for sums in _SUMS)
    if len(plain) < 2 * (parts + 2) or weights.exist(plain) or not weights.exist(linked):
        return weights.PLAIN
    return weights.LINKED


def _span(issues: Sequence[Issue]) -> str:
    if len(issues) == 1:
        return issues[0].label
    return f"the {len(issues)} issues from {issues[0].label} to {issues[-1].label}"


def _implied(chosen: _Set, level: Figure, levels: Sequence[Figure], words: str) -> str:
    """The implied weight of the first of two parts, for a message."""
    ends = weights.share(level, levels[0], levels[1]) if len(levels) == 2 else None
    if ends is None:
        return ""
    low, high = (f"{end:.4f}" for end in ends)
    return f"{words} the weight {low}{f' to {high}' if high != low else ''} for {chosen.parts[0].name.split('/')[-1]}"


def _demonstrated(parent: Series, children: Sequence[Series]) -> Iterator[_Set]:
    """Sets of parts that constant weights show to be complete.

    Tried are the sets that some issue prints, with every issue that prints all of a set's levels. At least two issues
    more than parts must in succession allow constant weights and leave no room for an unpublished part.
    """
    tried: set[tuple[str, ...]] = set()
    for issue in parent.issues:
        present = [
            child
            for child in children
            if (at := child.at(issue.period.index, issue.period.form)) is not None and at.level is not None
        ]
        names = tuple(child.name for child in present)
        if not issue.level or len(present) < 2 or names in tried:
            continue
        tried.add(names)
        chosen = _Set(parent, tuple(present), tuple(parent.issues), "constant weights of these reproduce its level")
        if _complete(chosen):
            yield chosen


def _complete(chosen: _Set) -> bool:
    held = [(level, levels) for _, level, levels in chosen.levels()]
    need = len(chosen.parts) + 2
    start = 0
    fit: weights.Matrix | None = None
    conditions = [weights.rows_of(level, levels) for level, levels in held]
    for i in range(len(held)):
        if fit is None or float((conditions[i] @ fit).max()) > 0:
            violation, found = weights.solve(np.vstack(conditions[start : i + 1]))
            if violation > weights.TOLERANCE:
                start, fit = i, None
                continue
            fit = found
        count = i + 1 - start
        # Asked at a growing distance, so that a long listing is not solved anew for every issue.
        due = count >= need and (count - need) & (count - need - 1) == 0 if count > need else count == need
        if (due or i + 1 == len(held)) and count >= need and weights.leave_no_room(held[start : i + 1]):
            return True
    return False
