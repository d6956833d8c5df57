"""What a query asks: the path and the parameters of SDMX-REST 2, read strictly; a parameter that it lacks is an error.

Source: SDMX-REST 2.2, data queries.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import unquote

from ellwand.engine.errors import DataError
from ellwand.production.report.periods import read
from ellwand.web.moments import instant
from ellwand.web.sdmx.components import ATTRIBUTES, BY_ID, DATASET, KEY, OBS_VALUE, OBSERVATION, SERIES, TIME_PERIOD
from ellwand.web.sdmx.faults import missing, syntax

ALL = "*"
Test = Callable[[str], bool]

DATA = (
    "asOf", "attributes", "dimensionAtObservation", "firstNObservations", "includeHistory", "lastNObservations",
    "limit", "measures", "offset", "updatedAfter",
)  # fmt: skip
AVAILABILITY = ("asOf", "mode", "references", "updatedAfter")
STRUCTURE = ("asOf", "detail", "references")
UNSUPPORTED = ("sort", "reportingYearStartDay")
"""Parameters of the standard that this service does not have."""
MOST = 1_000_000
"""The largest number that a parameter may name."""
MOST_KEYS, MOST_TESTS = 500, 100
"""Keys of a query, and values that its filters name: each is held against every observation."""


@dataclass(frozen=True)
class Parameters:
    """The parameters of a query. filters : of components, each a list of tests of which all must hold."""

    as_of: str | None = None
    history: bool = False
    first: int | None = None
    last: int | None = None
    offset: int = 0
    limit: int | None = None
    updated: datetime | None = None
    flat: bool = False
    components: frozenset[str] = frozenset()
    filters: dict[str, list[Test]] = field(default_factory=dict)
    mode: str = "exact"
    references: str = "none"
    detail: str = "full"


def parameters(query: str, known: tuple[str, ...]) -> Parameters:
    """Parameters of a query string as the address holds it. SdmxError for one that is unknown, twice or wrong."""
    given: dict[str, str] = {}
    filters: dict[str, list[Test]] = {}
    tests = 0
    for part in filter(None, query.split("&")):
        name, _, value = (unquote(p) for p in part.partition("="))
        if name.startswith("c["):
            id_ = name[2:-1]
            if known is STRUCTURE or not name.endswith("]") or id_ not in BY_ID:
                raise syntax(name, value, f"no such component; there are {', '.join(BY_ID)}")
            tests += 1 + value.count(",") + value.count("+")
            if tests > MOST_TESTS:
                raise syntax(name, value[:40], f"filters name {MOST_TESTS} values at most; ask in several queries")
            filters.setdefault(id_, []).append(_filter(name, id_, value))
            continue
        if name in given:
            raise syntax(name, value, "stands twice")
        if name not in known:
            if name in UNSUPPORTED and known is not STRUCTURE:
                raise missing(f"{name}: this service does not have it")
            raise syntax(name, value, f"no such parameter; there are {', '.join(known)}")
        given[name] = value
    return Parameters(
        as_of=given.get("asOf"),
        history=_choice(given, "includeHistory", "false", ("true", "false")) == "true",
        first=_number(given, "firstNObservations", 1),
        last=_number(given, "lastNObservations", 1),
        offset=_number(given, "offset", 0) or 0,
        limit=_number(given, "limit", 1),
        updated=instant("updatedAfter", given["updatedAfter"]) if "updatedAfter" in given else None,
        flat=_flat(given.get("dimensionAtObservation", TIME_PERIOD)),
        components=_shown(given.get("attributes", "dsd"), given.get("measures", "all")),
        filters=filters,
        mode=_choice(given, "mode", "exact", ("exact", "available")),
        references=given.get("references", "none"),
        detail=given.get("detail", "full"),
    )


def keys(text: str) -> list[tuple[str, ...]]:
    """Keys with wildcards: `W.0.INDEX`, `*.*.INDEX`, several with a comma, or `*` for all."""
    if text == ALL:
        return [(ALL,) * len(KEY)]
    if text.count(",") >= MOST_KEYS:
        raise syntax("key", text[:40], f"names {MOST_KEYS} keys at most; ask in several queries, or for * and filter")
    out = []
    for one in text.split(","):
        parts = tuple(one.split("."))
        if len(parts) != len(KEY) or not all(parts):
            raise syntax("key", one, f"has one part for each of {'.'.join(KEY)}, * for any value")
        out.append(parts)
    return out


def names(text: str) -> frozenset[str] | None:
    """Ids of a path, several with a comma; None for all."""
    return None if text == ALL else frozenset(text.split(","))


def of_version(text: str, version: str) -> bool:
    """Whether a version is asked for: exact, * all, ~ the latest, + or 1.0+ the latest stable."""
    if not re.fullmatch(r"[~+*]|\d+[+]?(\.\d+[+]?){0,2}", text):
        raise syntax("version", text, "is a version as 1.0, * for all or ~ for the latest")
    return text in (ALL, "~", "+") or text.replace("+", "") == version


def span(text: str) -> tuple[date, date] | None:
    """First and last day of a period, a year, a day or an instant; None for what is none of these."""
    if re.fullmatch(r"\d{4}", text):
        year = int(text)
        return (date(year, 1, 1), date(year, 12, 31)) if year else None
    plain = re.sub(r"-M(?=\d)", "-", text.partition("T")[0])
    try:
        found = read(plain)
    except DataError:
        return None
    return found.first, found.last


def _filter(name: str, id_: str, text: str) -> Test:
    """A test from `op:value`, + for and, a comma for or; and binds more strongly."""
    either = [[_test(name, id_, one) for one in both.split("+")] for both in text.split(",")]
    return lambda value: any(all(test(value) for test in both) for both in either)


def _test(name: str, id_: str, text: str) -> Test:
    found = re.fullmatch(r"(eq|ne|lt|le|gt|ge|co|nc|sw|ew):(.*)", text)
    op, wanted = (found[1], found[2]) if found else ("eq", text)
    if not wanted:
        raise syntax(name, text, "has no value")
    if id_ == TIME_PERIOD:
        return _time(name, op, wanted)
    if op in ("lt", "le", "gt", "ge"):
        raise missing(f"{name}: {op} is there for {TIME_PERIOD} only")
    tests: dict[str, Test] = {
        "eq": lambda v: v == wanted,
        "ne": lambda v: v != wanted,
        "co": lambda v: wanted in v,
        "nc": lambda v: wanted not in v,
        "sw": lambda v: v.startswith(wanted),
        "ew": lambda v: v.endswith(wanted),
    }
    return tests[op]


def _time(name: str, op: str, wanted: str) -> Test:
    bounds = span(wanted)
    if bounds is None:
        raise syntax(name, wanted, "is a period as 2026-W05, 2026-02, 2026-Q1, 2026 or 2026-02-03")
    first, last = bounds

    def test(period: str) -> bool:
        found = read(period)
        inside = first <= found.first and found.last <= last
        return {
            "eq": inside, "ne": not inside, "ge": found.first >= first, "gt": found.first > last,
            "le": found.last <= last, "lt": found.last < first,
        }[op]  # fmt: skip

    if op not in ("eq", "ne", "ge", "gt", "le", "lt"):
        raise missing(f"{name}: {op} is there for texts only")
    return test


def _number(given: dict[str, str], name: str, least: int) -> int | None:
    if name not in given:
        return None
    text = given[name]
    if not re.fullmatch(r"[0-9]{1,7}", text) or not least <= int(text) <= MOST:
        raise syntax(name, text, f"is a whole number from {least} to {MOST}")
    return int(text)


def _choice(given: dict[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = given.get(name, default)
    if value not in allowed:
        raise syntax(name, value, f"is one of {', '.join(allowed)}")
    return value


def _flat(text: str) -> bool:
    if text not in (TIME_PERIOD, "AllDimensions"):
        if text in KEY:
            raise missing(f"dimensionAtObservation: {text}: this service has {TIME_PERIOD} and AllDimensions")
        raise syntax("dimensionAtObservation", text, f"is {TIME_PERIOD} or AllDimensions")
    return text == "AllDimensions"


def _shown(attributes: str, measures: str) -> frozenset[str]:
    """Ids of the measure and the attributes that an answer shows."""
    groups = {"series": SERIES, "obs": OBSERVATION, "dataset": DATASET}
    out: set[str] = set()
    for one in attributes.split(","):
        if one in ("dsd", "all"):
            out |= {c.id for c in ATTRIBUTES}
        elif one in groups:
            out |= {c.id for c in ATTRIBUTES if c.place == groups[one]}
        elif one in {c.id for c in ATTRIBUTES}:
            out.add(one)
        elif one not in ("none", "msd"):
            raise syntax("attributes", one, f"is dsd, all, none, dataset, series, obs or {', '.join(_ids())}")
    for one in measures.split(","):
        if one in ("all", OBS_VALUE):
            out.add(OBS_VALUE)
        elif one != "none":
            raise syntax("measures", one, f"is all, none or {OBS_VALUE}")
    return frozenset(out)


def _ids() -> list[str]:
    return [c.id for c in ATTRIBUTES]
