"""The published figures as the pages draw them: facts and words of one language, of what is public now.

They are read through the gate of `office.record.reading` and kept in the process until something else is public: what
is kept is named by the releases that it came from, so that no figure shows before its instant or after its correction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np

from ellwand.office.record import reading
from ellwand.office.record.reading import Given
from ellwand.office.registry.models import MethodVersion
from ellwand.production.calendar import fill
from ellwand.production.method import parse_method
from ellwand.production.report.facts import COUNTS, MEASURES, Facts, Series
from ellwand.production.report.quotes import Quotes
from ellwand.production.report.view import Background, View
from ellwand.production.report.words import Words
from ellwand.web.moments import Moment, moment
from ellwand.web.query import names, published_periods
from ellwand.web.site.page import Language

SHOWN = 158
"""Periods that the pages draw: three years and a little."""
NAMED = ("code", "parent", "level", "name_zh", "name_en")
READ = ("period", "series", *NAMED, "grade", "status", "simulated", "published", *MEASURES, *COUNTS)
"""Columns that are read: these first, then figures, then counts."""
FIGURES = len(READ) - len(MEASURES) - len(COUNTS)


@dataclass(frozen=True)
class Told:
    """What stands beside a figure: its level as it was published, the release that gave it, whether it was revised."""

    level: str
    release: Given
    revised: bool


@dataclass(frozen=True, eq=False)
class Read:
    """What was read of a set of releases. told : by series and period."""

    facts: Facts
    background: Background
    told: Mapping[str, Mapping[str, Told]]

    views: dict[Language, View] = field(default_factory=dict)

    def view(self, language: Language) -> View:
        """Facts and words of a language; both languages are drawn from one set of facts."""
        if language not in self.views:
            rules = self.background.method.release
            words = Words(language, self.facts.kind, rules.decimals, rules.change_decimals)
            self.views[language] = View(self.facts, Quotes.from_table(None, self.facts), self.background, words)
        return self.views[language]


def view(language: Language, seen: Moment | None = None, code: str = "") -> View | None:
    """What was public at a moment (default: now) in a language; None before the first release. code : as of `read`."""
    found = read(seen, code)
    return found.view(language) if found else None


def read(seen: Moment | None = None, code: str = "") -> Read | None:
    """What was public at a moment (default: now); None before the first release.

    code : of an old vintage only this series is wanted, with the total, what is above and what is below it.
    """
    seen = seen or moment()
    if seen.last is None:
        return None
    if code and seen.vintage != moment().vintage:
        return _read(seen, around(seen, code))
    return _kept(seen)


_known: dict[tuple[Any, ...], Read] = {}
_lock = Lock()
MOST = 6
"""Sets of releases whose facts are kept: the latest one, and what readers of vintages ask for."""


def _kept(seen: Moment) -> Read:
    """Facts of exactly these releases: read once, however many readers ask in the minute of a release."""
    key = seen.standing.mark
    if (known := _known.get(key)) is not None:
        return known
    with _lock:
        if (known := _known.get(key)) is None:
            known = _read(seen)
            for old in list(_known)[: max(0, len(_known) + 1 - MOST)]:
                del _known[old]
            _known[key] = known
    return known


def around(seen: Moment, code: str) -> set[str]:
    """Codes of a series, of all above it, of those below it, and of the total and its parts."""
    parents = {n.code: n.parent for n in names(seen)}
    out = {c for c, parent in parents.items() if parent == code} | {c for c, p in parents.items() if not parents.get(p)}
    while code in parents:
        out.add(code)
        code = parents[code]
    return out


def _read(seen: Moment, codes: set[str] | None = None) -> Read:
    last = seen.last
    assert last is not None
    periods = fill(published_periods(seen))[-SHOWN:]
    rows: dict[str, dict[str, tuple[Any, ...]]] = {}
    told: dict[str, dict[str, Told]] = {}
    found = reading.points(seen.standing, READ, None if codes is None else sorted(codes), periods)
    for row, given, revised in found:
        rows.setdefault(row[1], {})[row[0]] = row
        told.setdefault(row[1], {})[row[0]] = Told(row[FIGURES - 1], given, revised)
    # A class has the name and place that it has now; one that the last release left out is not drawn.
    there = [_series(own, own[last.period], periods) for own in rows.values() if last.period in own]
    simulated = any(own[last.period][FIGURES - 2] for own in rows.values() if last.period in own)
    return Read(Facts.of_series(periods, there, simulated), _background(seen), told)


BLANK = (None,) * len(MEASURES) + (0,) * len(COUNTS)


def _series(own: dict[str, tuple[Any, ...]], now: tuple[Any, ...], periods: tuple[str, ...]) -> Series:
    """A series through all periods; where a period has no row there is no figure."""
    held = [own.get(period) for period in periods]
    columns = list(zip(*(BLANK if row is None else row[FIGURES:] for row in held), strict=True))
    # Numbers that are not there become NaN.
    figures = {name: np.array(columns[k], dtype=np.float64) for k, name in enumerate(MEASURES)}
    counts = {name: np.array(columns[len(MEASURES) + k], dtype=np.int64) for k, name in enumerate(COUNTS)}
    named = dict(zip(("series", *NAMED), now[1:], strict=False)) | {"parent": now[3] or ""}
    grade, status = FIGURES - 4, FIGURES - 3
    return Series(
        **named, **figures, **counts,  # type: ignore[arg-type]
        grade=tuple("S" if row is None else row[grade] or "" for row in held),
        status=tuple("not_collected" if row is None else row[status] for row in held),
    )  # fmt: skip


def _background(seen: Moment) -> Background:
    last = seen.last
    assert last is not None
    row = MethodVersion.objects.filter(digest=last.method_digest).order_by("-pk")[0]
    made = reading.manifest(reading.release(last.code, seen.at))
    return Background(
        market_zh=made.market["name_zh"],
        market_en=made.market["name_en"],
        method=parse_method(row.text, f"{row.name} {row.version}").method,
        method_digest=row.digest,
        version=str(made.versions.get("ellwand", "")),
    )
