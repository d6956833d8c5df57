"""Checks a quoted figure in words: the reader and the guard of the comment, over what was public."""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office.editorial.facts import filled, table_of
from ellwand.office.record import reading
from ellwand.office.record.reading import Given
from ellwand.office.registry.models import MethodVersion
from ellwand.production.calendar import fill
from ellwand.production.comment import FactTable
from ellwand.production.comment.dates import agrees
from ellwand.production.comment.facts import parts
from ellwand.production.comment.findings import Finding
from ellwand.production.comment.guard import Guard
from ellwand.production.comment.reader import Claim
from ellwand.production.method import parse_method
from ellwand.production.report.facts import COLUMNS
from ellwand.web import query
from ellwand.web.agents import provenance
from ellwand.web.moments import Moment

Json = dict[str, Any]
CHINESE = re.compile("[\u3400-\u9fff]")
SHOWN = 158
"""Periods before the issue that the facts hold."""
WRONG = ("figure", "no_fact", "direction", "size", "basis", "period", "unit", "name", "stale")
UNREAD = ("unreadable", "outside", "language")
STATED = ("change", "level", "contribution", "interval", "share", "count", "coverage", "pull", "top", "all", "nobody",
          "still", "no_figure", "no_previous", "no_year", "includes")  # fmt: skip
MEASURES = {
    "index": "published", "change_previous": "published_change_previous",
    "change_year_start": "published_change_year_start", "change_last_year": "published_change_last_year",
}  # fmt: skip
VERDICTS = {
    "supported": ("与公布的数字一致", "agrees with what was published"),
    "superseded": ("曾经公布，后来更正", "was published once, and corrected since"),
    "contradicted": ("与公布的数字不符", "disagrees with what was published"),
    "partly read": ("读懂的部分一致，其余读不懂", "what could be read agrees; the rest could not be read"),
    "not published": ("该期没有公布的数字", "nothing is published of that period"),
    "nothing to check": ("没有可核对的数字或方向", "states no figure or direction that can be checked"),
}


def verify(seen: Moment, text: str, issue: str | None, language: Any) -> Json:
    """What the record says of a text. DataError where nothing is public, or the issue is unknown."""
    if seen.last is None:
        raise DataError("claim: nothing is public yet")
    tongue: Any = language or ("zh" if CHINESE.search(text) else "en")
    given = _issue(seen, issue) if issue else _meant(seen, text, tongue)
    if given is None:
        return _told(seen, "not published", None, tongue)
    guard = Guard(text, tongue, facts(seen, given.period))
    guard.read()
    found = [f for f in guard.found() if f.kind in (*WRONG, *UNREAD)]
    stated = [c for c in guard.reading.claims if c.kind in STATED]
    wrong = [f for f in found if f.kind in WRONG and not _nameless(guard, f)]
    superseded = [s for f in wrong if (s := _superseded(seen, guard, f)) is not None]
    named = [n for s in _series_of(stated) if (n := query.codes_of(seen).get(_code(seen, s))) is not None]
    return {
        **_told(seen, _verdict(stated, found, wrong, len(superseded)), given, tongue),
        "claims": [_claim(guard, c, found) for c in stated],
        "findings": [_finding(f) for f in found],
        "superseded": superseded,
        "citations": [_cited(seen, n, given.period) for n in named],
        "pages": [provenance.pages(f"index/{n.code}/") for n in named],
    }


def _told(seen: Moment, verdict: str, given: Given | None, language: str) -> Json:
    """The head of an answer. given : the release that the text was held against, None for none."""
    zh, en = VERDICTS[verdict]
    return {
        "provenance": provenance.of(seen), "verdict": verdict, "meaning": {"zh": zh, "en": en},
        "issue": given.period if given else None, "release": given.code if given else None, "language": language,
        "claims": [], "findings": [], "superseded": [], "citations": [], "pages": [],
    }  # fmt: skip


def _cited(seen: Moment, one: query.Named, period: str) -> dict[str, str]:
    """The citation of a series in a period, of the vintage that its value is of."""
    points = reading.points(seen.standing, ("published",), [one.code], [period])
    ((value,), given, _) = points[-1]
    return provenance.citation(one, given, period, value)


def _verdict(stated: Sequence[Claim], found: Sequence[Finding], wrong: Sequence[Finding], superseded: int) -> str:
    if wrong:
        return "superseded" if superseded == len(wrong) else "contradicted"
    if not stated:
        return "nothing to check"
    return "partly read" if found else "supported"


def _nameless(guard: Guard, one: Finding) -> bool:
    """Whether a finding is of words that name no class: they are not read, and not wrong."""
    return any(c.kind == "nameless" and c.start == one.start for c in guard.reading.claims)


def _issue(seen: Moment, issue: str) -> Given:
    """The release of an issue: by its name, or the last one of a period. DataError for one that is not public."""
    found = [g for g in seen.standing.given if issue in (g.code, g.period) and g.withdrawn is None]
    if not found:
        there = query.published_periods(seen)
        raise DataError(f"issue {issue!r}: is not public; the periods run from {there[0]} to {there[-1]}")
    return found[-1]


def _meant(seen: Moment, text: str, language: Any) -> Given | None:
    """The issue that a text names, None for one that is not public; the newest for a text that names none."""
    last = seen.last
    assert last is not None
    reading_ = Guard(text, language, facts(seen, last.period)).reading
    days = [c.days for c in reading_.claims if c.kind == "period" and not c.basis and c.days is not None]
    for period in reversed(query.published_periods(seen)):
        if days and agrees(days[0], period):
            return _issue(seen, period)
    return None if days else last


def facts(seen: Moment, period: str) -> FactTable:
    """The facts of an issue as the public reads them at a moment."""
    return _facts(seen.standing.mark, period, _Held(seen))


class _Held:
    """What belongs to a mark and does not count in what is kept."""

    def __init__(self, seen: Moment) -> None:
        self.seen = seen

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=8)
def _facts(mark: tuple[Any, ...], period: str, held: _Held) -> FactTable:
    seen = held.seen
    before = [p for p in query.published_periods(seen) if natural_key(p) <= natural_key(period)]
    periods = fill(before)[-SHOWN:]
    rows = [
        dict(zip(COLUMNS, values, strict=True))
        for values, _, _ in reading.points(seen.standing, COLUMNS, None, periods)
    ]
    there = {(row["series"], row["period"]): row for row in rows}
    own = [row for row in rows if row["period"] == period]
    given = _issue(seen, period)
    method = MethodVersion.objects.filter(digest=given.method_digest).order_by("pk").last()
    assert method is not None
    parsed = parse_method(method.text, f"{method.name} {method.version}").method
    return table_of(filled(own, there, periods, {}), period, parsed, None)


def _superseded(seen: Moment, guard: Guard, one: Finding) -> Json | None:
    """The earlier vintage in which the stated figure stood; None if it never did."""
    figures = [
        c.value
        for c in guard.reading.claims
        if c.value is not None
        and any(s <= one.start < e for s, e in ((c.start, c.end), *(x for x in (c.label, c.named) if x)))
    ]
    if one.kind in ("direction", "size", "period") or not one.fact or not figures:
        return None
    series, period, measure = parts(one.fact)
    if measure not in MEASURES:
        return None
    code, figure = _code(seen, series), abs(figures[0])
    for (value,), given, _ in reading.points(seen.standing, (MEASURES[measure],), [code], [period], history=True):
        if value and abs(Decimal(value)) == figure:
            return {"series": code, "period": period, "measure": measure, "value": value, "vintage": given.code}
    return None


def _code(seen: Moment, series: str) -> str:
    return next((n.code for n in query.series(seen) if n.series == series), series)


def _series_of(stated: Sequence[Claim]) -> list[str]:
    return list(dict.fromkeys(s for c in stated for s in c.series[:1]))


def _claim(guard: Guard, one: Claim, found: Sequence[Finding]) -> Json:
    """A claim as it was read, and whether it agrees."""
    spans = [(one.start, one.end), *(s for s in (one.word, one.label, one.named) if s)]
    own = [f for f in found if any(f.start < end and start < f.start + f.length for start, end in spans)]
    series = one.series[0] if one.series else ""
    fact = None
    if series in guard.table.series:
        measure = {"level": "index", "contribution": "contribution"}.get(one.kind, "")
        measure = measure or (f"change_{one.basis}" if one.kind == "change" else "")
        fact = guard.table.of(series, measure) if measure else None
    return {
        "words": guard.text[one.start : one.end],
        "kind": one.kind,
        "series": guard.table.series[series].code if series in guard.table.series else None,
        "stated": None if one.value is None else str(one.value),
        "direction": {1: "up", -1: "down", 0: "unchanged"}.get(one.way) if one.way is not None else None,
        "compared_with": one.basis or None,
        "published": None if fact is None or fact.value is None else str(fact.value),
        "agrees": not own,
    }


def _finding(one: Finding) -> Json:
    return {"kind": one.kind, "words": one.text, "start": one.start, "message": one.message, "fact": one.fact or None}
