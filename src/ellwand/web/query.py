"""What readers ask of published figures: the one set of functions from which pages, API, files and feeds answer.

Everything here is read as of a `Moment`, through the gate of `office.record.reading`. What comes back is plain: texts
for decimals, so that nobody rounds them, None where there is no figure, instants in UTC as 2024-12-30T04:00:00Z.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office import clock, setup
from ellwand.office.approvals.corrections import log
from ellwand.office.record import reading
from ellwand.office.record.reading import Given
from ellwand.office.releases.canonical import write_instant
from ellwand.production.observations import COUNTS
from ellwand.production.report.periods import read
from ellwand.web.moments import Moment
from ellwand.web.problems import ProblemError, unknown_code

MOST_SERIES = 500
"""Series that one request may name; who wants more takes the file of the family."""
MOST_POINTS = 50_000
"""Observations that one answer holds."""
FILES = ("全部数据在文件里：/data/price.csv", "files hold everything: /data/price.csv")

PUBLISHED = {
    "value": "published",
    "change_previous": "published_change_previous",
    "change_year_start": "published_change_year_start",
    "change_last_year": "published_change_last_year",
}
"""Published figures, rounded once by the method: their names for readers, and as columns of the record."""
EXACT = ("index", "low", "high", "contribution", "weight", "imputed_share")
"""Figures at full precision."""
POINT = (
    "series", "period", *PUBLISHED, "status", "grade", *EXACT, *COUNTS, "method", "vintage", "issued", "revised",
    "correction",
)  # fmt: skip
"""Fields of an observation for readers."""
COLUMNS = ("code", "period", *PUBLISHED.values(), "status", "grade", *EXACT, *COUNTS)


@dataclass(frozen=True)
class Asked:
    """What of the observations is asked for. codes, periods : None for all. first, last : so many of each series."""

    codes: tuple[str, ...] | None = None
    periods: tuple[str, ...] | None = None
    history: bool = False
    first: int | None = None
    last: int | None = None


Point = tuple[tuple[Any, ...], Given, bool]
"""Columns of an observation, the release that gave it, whether an earlier release had another value."""


def points(seen: Moment, asked: Asked) -> list[Point]:
    """The observations asked for, in the order of series and periods, as the record holds them (`COLUMNS`).

    ProblemError for a code that nothing public names, and for more than an answer holds.
    """
    if asked.codes is not None:
        known(seen, asked.codes)
    found = _first_or_last(seen, asked) if asked.first or asked.last else _read(seen, asked, asked.codes, asked.periods)
    few_enough(len(found))
    return found


def known(seen: Moment, codes: Sequence[str]) -> None:
    """ProblemError for a code that nothing public names."""
    there = codes_of(seen)
    for code in codes:
        if code not in there:
            raise unknown_code("series", code)


def few_enough(count: int) -> None:
    """ProblemError for more observations than an answer holds."""
    if count > MOST_POINTS:
        raise ProblemError(
            "too-much", field="series", value="",
            rule=(f"{count} 个观测值，一次最多 {MOST_POINTS} 个",
                  f"these are {count} observations, and an answer holds {MOST_POINTS}"),
            remedy=(f"减少分类或时期；{FILES[0]}", f"ask for fewer series or periods; {FILES[1]}"),
        )  # fmt: skip


def _read(seen: Moment, asked: Asked, codes: tuple[str, ...] | None, periods: tuple[str, ...] | None) -> list[Point]:
    return reading.points(seen.standing, COLUMNS, codes, periods, history=asked.history)


def _first_or_last(seen: Moment, asked: Asked) -> list[Point]:
    """The first or last periods of each series. Where a series has gaps or has ended, all its periods are read."""
    there = published_periods(seen) if asked.periods is None else list(asked.periods)
    most = asked.first or asked.last or 0
    window = there[:most] if asked.first else there[-most:]
    if not window:
        return []
    found = _read(seen, asked, asked.codes, tuple(window))
    if len(window) == len(there):
        return found
    had = Counter(code for code, _ in {(p[0][0], p[0][1]) for p in found})
    edge = natural_key(window[-1 if asked.first else 0])
    short = [
        one.code
        for one in codes_of(seen).values()
        if (asked.codes is None or one.code in asked.codes)
        and had[one.code] < most
        and (natural_key(one.last) > edge if asked.first else natural_key(one.first) < edge)
    ]
    if not short:
        return found
    whole = [p for p in found if p[0][0] not in set(short)]
    whole += _cut(_read(seen, asked, tuple(short), asked.periods), asked)
    order = {code: place for place, code in enumerate(codes_of(seen))}
    return sorted(whole, key=lambda p: order[p[0][0]])


def _cut(found: list[Point], asked: Asked) -> list[Point]:
    """The first or last periods of each series, all their vintages."""
    out: list[Point] = []
    rows: dict[str, dict[str, list[Point]]] = {}
    for one in found:
        rows.setdefault(one[0][0], {}).setdefault(one[0][1], []).append(one)
    for by_period in rows.values():
        periods = list(by_period)
        for period in periods[: asked.first] if asked.first else periods[-(asked.last or 0) :]:
            out += by_period[period]
    return out


def shown(seen: Moment, one: Point) -> dict[str, Any]:
    """An observation as readers get it (`POINT`)."""
    row, given, revised = one
    n = 2 + len(PUBLISHED)
    out: dict[str, Any] = {"series": row[0], "period": row[1]}
    out |= {name: value or None for name, value in zip(PUBLISHED, row[2:n], strict=True)}
    out |= {"status": row[n], "grade": row[n + 1]}
    exact = row[n + 2 : n + 2 + len(EXACT)]
    out |= {name: None if value is None else repr(value) for name, value in zip(EXACT, exact, strict=True)}
    out |= dict(zip(COUNTS, row[n + 2 + len(EXACT) :], strict=True))
    fixed = corrected(seen).get((given.code, row[0], row[1]))
    return out | {
        "method": given.method, "vintage": given.code, "issued": write_instant(given.since), "revised": revised,
        "correction": fixed,
    }  # fmt: skip


def observations(seen: Moment, asked: Asked) -> list[dict[str, Any]]:
    """The observations asked for, as readers get them."""
    return [shown(seen, one) for one in points(seen, asked)]


def of_period(seen: Moment, codes: Sequence[str], period: str) -> list[dict[str, Any]]:
    """The observations of series that are known to be there, in one period, as readers get them."""
    return [shown(seen, one) for one in reading.points(seen.standing, COLUMNS, codes, [period])]


@dataclass(frozen=True)
class Named:
    """A series as the newest public release that holds it names it. first, last : periods of its observations."""

    code: str
    series: str
    parent: str
    level: int
    name_zh: str
    name_en: str
    simulated: bool
    first: str
    last: str


def series(seen: Moment) -> list[Named]:
    """All series that were ever published, the total first, then by code; each with the names that it has now."""
    return list(codes_of(seen).values())


def names(seen: Moment) -> list[Named]:
    """The series of the newest period alone, which is quickly read for an old vintage too; the total first."""
    last = seen.last
    if last is None:
        return []
    rows = reading.points(seen.standing, NAMING, periods=(last.period,))
    return [Named(*(*row, last.period, last.period)) for row, _, _ in rows]


def one_series(seen: Moment, code: str, field: str = "code") -> Named:
    """A series. ProblemError for a code that nothing public names."""
    found = codes_of(seen).get(code)
    if found is None:
        raise unknown_code(field, code)
    return found


def codes_of(seen: Moment) -> dict[str, Named]:
    """All series by code. It is kept in the process for the releases that it was read from."""
    return _codes(seen.standing.mark, _Held(seen))


class _Held:
    """What belongs to a mark and does not count in what is kept."""

    def __init__(self, seen: Moment) -> None:
        self.seen = seen

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)

    def __hash__(self) -> int:
        return 0


NAMING = ("code", "series", "parent", "level", "name_zh", "name_en", "simulated")
"""Columns that name a series."""


@lru_cache(maxsize=8)
def _codes(mark: tuple[Any, ...], held: _Held) -> dict[str, Named]:
    columns = NAMING
    standing = held.seen.standing
    spans = reading.spans(standing)
    found = []
    # A series keeps the names of the newest period that holds it.
    for period in dict.fromkeys(last for _, last in spans.values()):
        ends = [code for code, (_, last) in spans.items() if last == period]
        for row, _, _ in reading.points(standing, columns, ends, [period]):
            found.append(Named(*(*row, *spans[row[0]])))
    return {n.code: n for n in sorted(found, key=lambda n: reading.order_of(n.series))}


def corrected(seen: Moment) -> dict[tuple[str, str, str], int]:
    """Numbers of corrections by release, series (code) and period of the figures that they changed."""
    return _corrected(seen.standing.mark, _Held(seen))


@lru_cache(maxsize=8)
def _corrected(mark: tuple[Any, ...], held: _Held) -> dict[tuple[str, str, str], int]:
    return {
        (row["release"], change["series"], change["period"]): row["number"]
        for row in corrections(held.seen)
        for change in row["changes"]
    }


def corrections(seen: Moment) -> list[dict[str, Any]]:
    """The log of corrections that were public, the newest first; series by their codes, figures as in `POINT`."""
    known = {g.code for g in seen.standing.given}
    rows = [row for row in log() if row["release"] in known]
    codes = {n.series: n.code for n in series(seen)} if rows else {}
    named = {column: name for name, column in PUBLISHED.items()}

    def coded(of: dict[str, Any]) -> dict[str, Any]:
        return {**of, "series": codes.get(of["series"], of["series"])}

    return [
        coded(row)
        | {
            "first_seen": write_instant(datetime.fromisoformat(row["first_seen"])),
            "corrected_at": write_instant(datetime.fromisoformat(row["corrected_at"])),
            "changes": [coded(c) | {"figure": named.get(c["figure"], c["figure"])} for c in row["changes"]],
        }
        for row in rows
    ]


def releases(seen: Moment) -> list[dict[str, Any]]:
    """The releases that were public, the newest first; a withdrawn one says so."""
    return [release(one) for one in reversed(seen.standing.given)]


def release(one: Given) -> dict[str, Any]:
    """A release as readers get it."""
    gone = one.withdrawn
    return {
        "release": one.code,
        "period": one.period,
        "number": one.number,
        "issued": write_instant(one.since),
        "method": one.method,
        "method_sha256": one.method_digest,
        "manifest_sha256": one.manifest,
        "stat_hash": one.stat_hash,
        "text_hash": one.text_hash,
        "supersedes": one.supersedes or None,
        "revised_from": one.revised_from or None,
        "reason": one.reason or None,
        "withdrawn": {"at": write_instant(gone), "zh": one.withdrawn_zh, "en": one.withdrawn_en} if gone else None,
    }


def periods_between(seen: Moment, first: str | None, last: str | None) -> tuple[str, ...] | None:
    """The public periods from one to another (both included), None if neither is given.

    ProblemError for a label of another kind, for one that lies in the future, and for a range that is reversed.
    """
    if first is None and last is None:
        return None
    for field, label in (("from", first), ("to", last)):
        if label is not None:
            _known_period(seen, field, label)
    if first is not None and last is not None and natural_key(first) > natural_key(last):
        raise ProblemError(
            "reversed-range", field="to", value=last,
            rule=(f"早于 from {first}", f"lies before from {first}"), remedy=("交换两个值", "exchange the two"),
        )  # fmt: skip
    return tuple(
        label
        for label in published_periods(seen)
        if (first is None or natural_key(label) >= natural_key(first))
        and (last is None or natural_key(label) <= natural_key(last))
    )


def published_periods(seen: Moment) -> list[str]:
    """The periods of which figures are public, in the order of time."""
    return sorted({g.period for g in seen.standing.given if g.withdrawn is None}, key=natural_key)


def _known_period(seen: Moment, field: str, label: str) -> None:
    there = published_periods(seen)
    example = there[-1] if there else "2024-W05"
    wrong = ProblemError(
        "invalid-value", field=field, value=label,
        rule=("不是这个系列的时期", "is no period like those of the series"),
        remedy=(f"写成 {example} 的样子", f"write it like {example}"),
    )  # fmt: skip
    try:
        period = read(label)
    except (DataError, ValueError, OverflowError) as error:
        raise wrong from error
    if period.kind != read(example).kind:
        raise wrong
    today = clock.now().astimezone(setup.current().time_zone).date()
    if period.first > today:
        raise ProblemError(
            "invalid-value", field=field, value=label,
            rule=("时期还没有开始", "the period has not begun"),
            remedy=("给出已开始的时期，或不给此参数", "give a period that has begun, or leave the parameter out"),
        )  # fmt: skip


def split_codes(text: str) -> tuple[str, ...]:
    """Codes of a list that commas divide, each once. ProblemError for an empty one or too many."""
    out = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    if len(out) > MOST_SERIES:
        raise ProblemError(
            "too-much", field="series", value=f"{len(out)} series",
            rule=(f"一次最多 {MOST_SERIES} 个分类", f"one request names {MOST_SERIES} series at most"),
            remedy=(f"分几次要；{FILES[0]}", f"ask in several requests; {FILES[1]}"),
        )  # fmt: skip
    if "" in out:
        raise ProblemError(
            "invalid-value", field="series", value=text,
            rule=("有空的代码", "holds an empty code"),
            remedy=("用逗号分隔代码，例如 0,1.1", "divide codes by commas, as 0,1.1"),
        )  # fmt: skip
    return out


def texts_of(rows: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """Rows with every value as text, for tables: empty where there is none."""
    return [{k: "" if v is None else str(v) for k, v in row.items()} for row in rows]
