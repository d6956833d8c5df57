"""The published figures as the pages draw them: facts and words of one language, of what is public now.

They are read through the gate of `office.record.reading` and kept in the process until something else is public: what
is kept is named by the releases that it came from, so that no figure shows before its instant or after its correction.
"""

from datetime import datetime
from threading import Lock
from typing import Any

import pyarrow as pa

from ellwand.engine.periods import natural_key
from ellwand.office import setup
from ellwand.office.record import reading
from ellwand.office.record.models import Release
from ellwand.production.calendar import fill
from ellwand.production.method import parse_method
from ellwand.production.report.facts import COLUMNS, COUNTS, MEASURES, Facts
from ellwand.production.report.quotes import Quotes
from ellwand.production.report.view import Background, View
from ellwand.production.report.words import Words
from ellwand.web.site.page import Language

SHOWN = 158
"""Periods that the pages draw: three years and a little."""
NAMED = ("series", "code", "parent", "level", "name_zh", "name_en", "simulated")


def view(language: Language, at: datetime | None = None) -> View | None:
    """What was public at an instant (default: now) in a language; None before the first release.

    Raises:
        DataError: the instant has not come.
    """
    found = reading.public(at=at, withdrawn=False)
    if not found:
        return None
    facts, background = _kept(found, at)
    rules = background.method.release
    words = Words(language, facts.kind, rules.decimals, rules.change_decimals)
    return View(facts, Quotes.from_table(None, facts), background, words)


Key = tuple[str, tuple[tuple[int, str], ...]]
_known: dict[Key, tuple[Facts, Background]] = {}
_lock = Lock()
MOST = 6
"""Sets of releases whose facts are kept: the latest one, and what readers of vintages ask for."""


def _kept(found: list[Release], at: datetime | None) -> tuple[Facts, Background]:
    """Facts of exactly these releases: read once, however many readers ask in the minute of a release."""
    key = (str(setup.current().path), tuple((r.pk, r.manifest) for r in found))
    if key not in _known:
        with _lock:
            if key not in _known:
                made = _facts(found, at)
                for old in list(_known)[: max(0, len(_known) + 1 - MOST)]:
                    _known.pop(old, None)
                _known[key] = made
    return _known[key]


def _facts(found: list[Release], at: datetime | None) -> tuple[Facts, Background]:
    last = max(found, key=lambda r: (natural_key(r.period), r.number))
    seen = sorted({r.period for r in found}, key=natural_key)
    periods = fill(seen)[-SHOWN:]
    there: dict[tuple[str, str], dict[str, Any]] = {}
    for one in reading.figures(periods=periods, at=at):
        row = one.observation
        there[row.series, row.period] = {name: getattr(row, name) for name in COLUMNS}
    own = {series: row for (series, period), row in there.items() if period == last.period}
    rows = []
    for series, now in own.items():
        for period in periods:
            row_ = there.get((series, period)) or _empty(period)
            # A class keeps the name and place that it has now.
            rows.append({**row_, **{name: now[name] for name in NAMED}})
    return Facts.from_table(_table(rows)), _background(last)


def _empty(period: str) -> dict[str, Any]:
    blank: dict[str, Any] = {**dict.fromkeys(MEASURES), **dict.fromkeys(COUNTS, 0)}
    return {**blank, "period": period, "grade": "S", "status": "not_collected"}


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    kinds = dict.fromkeys(MEASURES, pa.float64()) | dict.fromkeys((*COUNTS, "level"), pa.int64())
    kinds["simulated"] = pa.bool_()
    return pa.table({n: pa.array([row[n] for row in rows], kinds.get(n, pa.string())) for n in COLUMNS})


def _background(last: Release) -> Background:
    row = last.compilation.method
    made = reading.manifest(last)
    return Background(
        market_zh=made.market["name_zh"],
        market_en=made.market["name_en"],
        method=parse_method(row.text, f"{row.name} {row.version}").method,
        method_digest=row.digest,
        version=str(made.versions.get("ellwand", "")),
    )
