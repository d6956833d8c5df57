"""The published figures as the pages draw them: facts and words of one language, of what is public now.

They are read through the gate of `office.record.reading` and kept in the process until something else is public: what
is kept is named by the releases that it came from, so that no figure shows before its instant or after its correction.
"""

from threading import Lock
from typing import Any

import pyarrow as pa

from ellwand.office.record import reading
from ellwand.office.registry.models import MethodVersion
from ellwand.production.calendar import fill
from ellwand.production.method import parse_method
from ellwand.production.report.facts import COLUMNS, COUNTS, MEASURES, Facts
from ellwand.production.report.quotes import Quotes
from ellwand.production.report.view import Background, View
from ellwand.production.report.words import Words
from ellwand.web.moments import Moment, moment
from ellwand.web.query import names, published_periods
from ellwand.web.site.page import Language

SHOWN = 158
"""Periods that the pages draw: three years and a little."""
NAMED = ("series", "code", "parent", "level", "name_zh", "name_en", "simulated")


def view(language: Language, seen: Moment | None = None, code: str = "") -> View | None:
    """What was public at a moment (default: now) in a language; None before the first release.

    code : of an old vintage only this series is wanted, with the total, what is above and what is below it.
    """
    seen = seen or moment()
    if seen.last is None:
        return None
    if code and seen.vintage != moment().vintage:
        facts, background = _facts(seen, around(seen, code))
    else:
        facts, background = _kept(seen)
    rules = background.method.release
    words = Words(language, facts.kind, rules.decimals, rules.change_decimals)
    return View(facts, Quotes.from_table(None, facts), background, words)


_known: dict[tuple[Any, ...], tuple[Facts, Background]] = {}
_lock = Lock()
MOST = 6
"""Sets of releases whose facts are kept: the latest one, and what readers of vintages ask for."""


def _kept(seen: Moment) -> tuple[Facts, Background]:
    """Facts of exactly these releases: read once, however many readers ask in the minute of a release."""
    key = seen.standing.mark
    if (known := _known.get(key)) is not None:
        return known
    with _lock:
        if (known := _known.get(key)) is None:
            known = _facts(seen)
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


def _facts(seen: Moment, codes: set[str] | None = None) -> tuple[Facts, Background]:
    last = seen.last
    assert last is not None
    periods = fill(published_periods(seen))[-SHOWN:]
    there: dict[tuple[str, str], dict[str, Any]] = {}
    for row, _, _ in reading.points(seen.standing, COLUMNS, None if codes is None else sorted(codes), periods):
        one = dict(zip(COLUMNS, row, strict=True))
        there[one["series"], one["period"]] = one
    own = {series: row for (series, period), row in there.items() if period == last.period}
    rows = []
    for series, now in own.items():
        for period in periods:
            row_ = there.get((series, period)) or _empty(period)
            # A class keeps the name and place that it has now.
            rows.append({**row_, **{name: now[name] for name in NAMED}})
    return Facts.from_table(_table(rows)), _background(seen)


def _empty(period: str) -> dict[str, Any]:
    blank: dict[str, Any] = {**dict.fromkeys(MEASURES), **dict.fromkeys(COUNTS, 0)}
    return {**blank, "period": period, "grade": "S", "status": "not_collected"}


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    kinds = dict.fromkeys(MEASURES, pa.float64()) | dict.fromkeys((*COUNTS, "level"), pa.int64())
    kinds["simulated"] = pa.bool_()
    return pa.table({n: pa.array([row[n] for row in rows], kinds.get(n, pa.string())) for n in COLUMNS})


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
