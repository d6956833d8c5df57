"""The tools: what an agent may ask, as a table of names, schemas and functions. All only read, by the gate of time.

Figures come as texts, as the other interfaces give them, so that no program rounds them. DataError is told in words.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ellwand.engine.errors import DataError
from ellwand.office.record import reading
from ellwand.office.releases.canonical import write_instant
from ellwand.web import query
from ellwand.web.agents import claims, finding, lineage, provenance
from ellwand.web.moments import Moment, moment
from ellwand.web.query import Asked, Named
from ellwand.web.site.comments_ import blocks, text_of

Json = dict[str, Any]
MOST = 200
"""Observations that one answer holds; an agent reads words, and whoever wants everything takes the files."""
LONGEST = 2000
"""Characters of a claim."""


@dataclass(frozen=True)
class Tool:
    """A tool. properties : JSON schemas of its arguments. needed : of those the ones that must be given."""

    name: str
    title: str
    words: str
    properties: dict[str, Json]
    needed: tuple[str, ...]
    run: Callable[..., Json]

    @property
    def schema(self) -> Json:
        """The JSON schema of the arguments; others than these are errors."""
        return {
            "type": "object", "properties": self.properties, "required": list(self.needed),
            "additionalProperties": False,
        }  # fmt: skip


TOOLS: dict[str, Tool] = {}
CODE: Json = {"type": "string", "minLength": 1, "maxLength": 60, "description": "code of a series, as 0 or 1.1"}
CODES: Json = {"type": "array", "items": CODE, "minItems": 1, "maxItems": 20, "description": "codes of series"}
PERIOD: Json = {"type": "string", "maxLength": 20, "description": "a period, as 2026-W47"}
AS_OF: Json = {"type": "string", "maxLength": 40, "description": "as it was public then, as 2026-11-23T12:00:00+08:00"}
VINTAGE: Json = {"type": "string", "maxLength": 80, "description": "name of a release, as price-2026-W47-1"}


def tool(title: str, words: str, needed: tuple[str, ...] = (), **properties: Json) -> Callable[..., Any]:
    """Enter a function into the table of tools."""

    def keep(function: Callable[..., Json]) -> Callable[..., Json]:
        TOOLS[function.__name__] = Tool(function.__name__, title, words, properties, needed, function)
        return function

    return keep


@tool(
    "Indices",
    "Families of indices and their classes with code, names in Chinese and English, level, parent and periods. "
    "max_level 0 is the total only, 1 (default) its classes too.",
    max_level={"type": "integer", "minimum": 0, "maximum": 20, "description": "deepest level of the tree to list"},
)  # fmt: skip
def list_indices(max_level: int = 1) -> Json:
    """All families with their series down to a level."""
    families = []
    for family in reading.families():
        seen = moment(family=family)
        there = query.series(seen)
        shown = [_series(n) for n in there if n.level <= max_level]
        families.append({"provenance": provenance.of(seen), "series_in_all": len(there), "series": shown})
    return {"families": families}


@tool(
    "Search series", "Find series by a name or a part of one in Chinese or English, or by code.", ("query",),
    query={"type": "string", "minLength": 1, "maxLength": 200, "description": "words of the name, or a code"},
    limit={"type": "integer", "minimum": 1, "maximum": 50},
)  # fmt: skip
def search_series(query: str, limit: int = 10) -> Json:
    """Series that words name."""
    seen = moment()
    found = finding.search(query, _all(seen))
    return {"provenance": provenance.of(seen), "found": len(found), "series": [_series(n) for n in found[:limit]]}


@tool(
    "Observations",
    "Published values of series with changes in per cent, status, grade (A own reports to C mostly imputed, S not "
    "published), interval, counts, method, vintage and a citation each. Without from, to or last: the newest value.",
    ("series",), series=CODES, **{"from": PERIOD, "to": PERIOD}, as_of=AS_OF, vintage=VINTAGE,
    last={"type": "integer", "minimum": 1, "maximum": MOST, "description": "so many periods of each series"},
    include_history={"type": "boolean", "description": "all vintages of every value"},
)  # fmt: skip
def get_observations(
    series: Sequence[str], last: int | None = None, as_of: str | None = None, vintage: str | None = None,
    include_history: bool = False, **span: str,
) -> Json:  # fmt: skip
    """Published values."""
    seen = moment(as_of, vintage)
    periods = query.periods_between(seen, span.get("from"), span.get("to"))
    if periods is None and last is None:
        last = 1
    found = query.points(seen, Asked(tuple(dict.fromkeys(series)), periods, include_history, last=last))
    if len(found) > MOST:
        raise DataError(f"series, from, to: these are {len(found)} values, and an answer holds {MOST}; ask for fewer")
    rows = []
    for one in found:
        row = query.shown(seen, one)
        named = query.one_series(seen, row["series"])
        row["citation"] = provenance.citation(named, one[1], row["period"], row["value"])
        rows.append(row)
    named_ = {code: _series(query.one_series(seen, code)) for code in dict.fromkeys(series)}
    return {"provenance": provenance.of(seen), "series": named_, "observations": rows}


@tool(
    "Release", "One release (the newest by default): when, by which method, hashes, corrections, and the text of the "
    "price comment.", release=VINTAGE,
    language={"enum": ["zh", "en"], "description": "of the comment; default en"},
)  # fmt: skip
def get_release(release: str | None = None, language: Any = "en") -> Json:
    """A release with its comment."""
    seen = moment(vintage=release)
    given = next((g for g in seen.standing.given if g.code == (release or seen.vintage)), None)
    if given is None:
        raise DataError("release: none is public yet")
    row = reading.release(given.code)
    comment = [b.text for b in blocks(text_of(row, "price", language))]
    log = [c for c in query.corrections(moment()) if given.code in (c["release"], *c["releases"])]
    public = [f for f in reading.manifest(row).files if f.public]
    return {
        "provenance": provenance.of(seen),
        "release": query.release(given),
        "page": provenance.pages(f"releases/{given.code}/"),
        "comment": comment,
        "comment_page": provenance.pages(f"comments/price/{given.code}/"),
        "files": [{"path": f.path, "bytes": f.bytes, "sha256": f.sha256} for f in public],
        "corrections": log,
    }


@tool(
    "Compare",
    "Compare two to ten series: levels rebased to 100 in a period, and the change of each over the span, computed from "
    "levels at full precision and rounded once. Computed here, not published.",
    ("series", "from", "to"),
    series={**CODES, "minItems": 2, "maxItems": 10}, **{"from": PERIOD, "to": PERIOD}, as_of=AS_OF, vintage=VINTAGE,
)  # fmt: skip
def compare(series: Sequence[str], as_of: str | None = None, vintage: str | None = None, **span: str) -> Json:
    """Several series over a span, each 100 in its first period."""
    seen = moment(as_of, vintage)
    first, last = span["from"], span["to"]
    periods = query.periods_between(seen, first, last) or ()
    found = query.observations(seen, Asked(tuple(dict.fromkeys(series)), periods))
    level = {(r["series"], r["period"]): r["index"] for r in found}
    rows = []
    for code in dict.fromkeys(series):
        start, end = level.get((code, first)), level.get((code, last))
        base = Decimal(start) if start else None
        rebased = {
            p: _rounded(100 * Decimal(value) / base) if base and (value := level.get((code, p))) else None
            for p in periods
        }
        change = _rounded(100 * (Decimal(end) / base - 1)) if base and end else None
        why = None if change else f"no published level in {first if not start else last}"
        rows.append(
            {**_series(query.one_series(seen, code)), "change_percent": change, "reason": why, "rebased": rebased}
        )
    note = f"computed from published levels; {first} = 100; rounded to two decimals"
    return {"provenance": provenance.of(seen), "from": first, "to": last, "note": note, "series": rows}


@tool(
    "Explain a value",
    "Where a published value comes from: counts of quotes and units, weight, imputed share, interval, what its parts "
    "contributed, method version, releases and corrections, who approved by role.",
    ("series", "period"),
    series=CODE, period=PERIOD, as_of=AS_OF, vintage=VINTAGE,
)  # fmt: skip
def explain_value(series: str, period: str, as_of: str | None = None, vintage: str | None = None) -> Json:
    """The lineage of a value."""
    return lineage.explain(moment(as_of, vintage), series, period)


@tool(
    "Next releases", "The issues ahead with their exact instants, of all families.",
    count={"type": "integer", "minimum": 1, "maximum": 60},
)  # fmt: skip
def next_releases(count: int = 4) -> Json:
    """The calendar ahead."""
    seen = moment()
    rows = [
        {"family": one.family, "period": one.period, "release_at": write_instant(one.release_at)}
        for one in seen.ahead[:count]
    ]
    return {"provenance": provenance.of(seen), "calendar": provenance.pages("calendar/"), "releases": rows}


@tool(
    "Verify a claim",
    "Check a sentence in Chinese or English that quotes the index: every figure, direction word, name and period is "
    "read and compared with what was published. Name the class as the index names it.",
    ("claim",),
    claim={"type": "string", "minLength": 1, "maxLength": LONGEST, "description": "one or several sentences"},
    issue={"type": "string", "maxLength": 80, "description": "period or release that the claim is about; default: the "
           "period that it names, else the newest"},
    language={"enum": ["zh", "en"]}, as_of=AS_OF,
)  # fmt: skip
def verify_claim(claim: str, issue: str | None = None, language: Any = None, as_of: str | None = None) -> Json:
    """What the record says of a quoted figure."""
    return claims.verify(moment(as_of), claim, issue, language)


def _all(seen: Moment) -> list[Named]:
    return query.series(seen)


def _series(one: Named) -> Json:
    return {
        "code": one.code, "name_zh": one.name_zh, "name_en": one.name_en, "level": one.level,
        "parent": one.parent or None, "first_period": one.first, "last_period": one.last,
        "page": provenance.pages(f"index/{one.code}/"),
    }  # fmt: skip


def _rounded(value: Decimal) -> str:
    shown = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return str(shown if shown else abs(shown))
