"""The observations that answer a query, one row each, as texts by component: what every format is written from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, product
from typing import Any

from ellwand.office.editorial.models import Statement
from ellwand.office.record import reading
from ellwand.office.record.reading import Given
from ellwand.office.releases.canonical import write_instant
from ellwand.production.report.periods import read
from ellwand.web import query
from ellwand.web.moments import Moment
from ellwand.web.query import Point
from ellwand.web.sdmx import ids
from ellwand.web.sdmx.asking import ALL, Parameters
from ellwand.web.sdmx.components import INDICATORS, KEY, OBS_VALUE, TIME_PERIOD
from ellwand.web.sdmx.faults import SdmxError

LETTERS = {"week": "W", "month": "M", "quarter": "Q", "day": "D"}
STATUSES = {"suppressed": "Q", "not_collected": "L", "no_price": "O"}
LIMITS = {"INDEX": ("low", "high"), "CHANGE_PREVIOUS": ("change_low", "change_high")}
"""Columns of the interval of an indicator."""
FIGURES = {column: name for name, column in query.PUBLISHED.items()}
"""Names of published figures in the log of corrections, by column."""
COLUMNS = (
    "code", "period", "status", "grade", "matched", "units", "quotes", "imputed_share", "low", "high", "change_low",
    "change_high", *FIGURES,
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """An observation. values : texts by component, "" where there is none. given : the release that published it."""

    values: dict[str, str]
    given: Given

    @property
    def key(self) -> tuple[str, ...]:
        """The values of the dimensions but time."""
        return tuple(self.values[d] for d in KEY)

    @property
    def period(self) -> str:
        """The period."""
        return self.values[TIME_PERIOD]


@dataclass(frozen=True)
class Answer:
    """The rows of a family that answer a query, in the order of keys, periods and releases."""

    seen: Moment
    rows: tuple[Row, ...]
    asked: Parameters

    @property
    def family(self) -> str:
        """The family."""
        return self.seen.standing.family

    @cached_property
    def releases(self) -> list[Given]:
        """The releases that the rows come from, in the order in which they became public."""
        there = {r.given.key for r in self.rows}
        return [g for g in self.seen.standing.given if g.key in there]


def answer(seen: Moment, keys: Sequence[tuple[str, ...]], asked: Parameters) -> Answer:
    """Rows of a family for keys and parameters; none where nothing public answers."""
    codes = {k[KEY.index("CLASS")] for k in keys}
    # Only what is known is asked of the record.
    wanted = None if ALL in codes else [c for c in map(ids.class_of, codes) if c in query.codes_of(seen)]
    points = reading.points(seen.standing, COLUMNS, wanted, _periods(seen, asked), history=asked.history)
    if asked.updated is None and set(asked.filters) <= {TIME_PERIOD}:
        points = _cut(points, asked)
    if len(points) > query.MOST_POINTS:
        raise SdmxError(
            510, f"key: these are {len(points)} observations, and an answer holds {query.MOST_POINTS}; {query.FILES[1]}"
        )
    wanted_here = {i for k in keys for i in (INDICATORS if k[-1] == ALL else (k[-1],))}
    corrected, common, asked_keys = _corrected(seen), constant(seen), frozenset(keys)
    rows = []
    for columns, given, _ in points:
        if asked.updated is not None and given.since <= asked.updated:
            continue
        made = _of(dict(zip(COLUMNS, columns, strict=True)), given, corrected, common, wanted_here)
        rows += [r for r in made if _matches(r, asked_keys) and _passes(r, asked)]
    # What comes in the order of classes and periods is put into that of keys; the rest of the order stays.
    order = {code: k for k, code in enumerate(dict.fromkeys(r.values["CLASS"] for r in rows))}
    place = {name: k for k, name in enumerate(INDICATORS)}
    rows.sort(key=lambda r: (order[r.values["CLASS"]], place[r.values["INDICATOR"]]))
    cut = _ends(rows, asked)[asked.offset :]
    return Answer(seen, tuple(cut if asked.limit is None else cut[: asked.limit]), asked)


def _periods(seen: Moment, asked: Parameters) -> list[str] | None:
    """The periods that the filters let through; None for all."""
    tests = asked.filters.get(TIME_PERIOD, [])
    if not tests:
        return None
    return [p for p in query.published_periods(seen) if all(test(p) for test in tests)]


def _cut(points: list[Point], asked: Parameters) -> list[Point]:
    """Of each class the observations of its first and last periods, where nothing else decides which rows remain."""
    if asked.first is None and asked.last is None:
        return points
    periods: dict[str, dict[str, None]] = {}
    for (code, period, *_), _, _ in points:
        periods.setdefault(code, {})[period] = None
    kept = {code: _kept(list(own), asked) for code, own in periods.items()}
    return [p for p in points if p[0][1] in kept[p[0][0]]]


def _kept(periods: list[str], asked: Parameters) -> set[str]:
    return set(periods[: asked.first or 0]) | set(periods[-asked.last :] if asked.last else ())


def _of(
    row: dict[str, Any], given: Given, corrected: dict[tuple[str, str, str, str], str], constant_: dict[str, str],
    wanted: Collection[str],
) -> list[Row]:  # fmt: skip
    """The rows of an observation of the record, one for each indicator that is wanted."""
    common = {
        "FREQ": LETTERS[read(row["period"]).kind],
        "CLASS": ids.code_of(row["code"]),
        TIME_PERIOD: row["period"],
        "GRADE": row["grade"],
        "REASON": row["status"],
        "MATCHED": str(row["matched"]),
        "UNITS": str(row["units"]),
        "QUOTES": str(row["quotes"]),
        "IMPUTED_SHARE": _text(row["imputed_share"]),
        "METHOD": given.method,
        "VINTAGE": given.code,
        "RELEASED": write_instant(given.since),
        **constant_,
    }
    out = []
    for indicator, (_, _, column, unit) in INDICATORS.items():
        if indicator not in wanted:
            continue
        value = row[column]
        number = corrected.get((given.code, row["code"], row["period"], FIGURES[column]), "")
        low, high = LIMITS.get(indicator, ("", ""))
        own = {
            "INDICATOR": indicator,
            OBS_VALUE: value,
            "OBS_STATUS": status(row["status"], row["grade"], value, bool(number)),
            "LOWER": _text(row[low]) if low and value else "",
            "UPPER": _text(row[high]) if high and value else "",
            "CORRECTION": number,
            "UNIT_MEASURE": unit,
        }
        out.append(Row({**common, **own}, given))
    return out


def status(reason: str, grade: str, value: str, corrected: bool) -> str:
    """The code of CL_OBS_STATUS: first whether there is a value, then what a reader must know of it first."""
    if not value:
        return STATUSES.get(reason, "M")
    if corrected:
        return "R"
    if reason in ("imputed", "carried"):
        return "E"
    return "U" if grade == "C" else "A"


def constant(seen: Moment) -> dict[str, str]:
    """What holds for all observations: the licence, in both languages, and whether the figures are simulated."""
    stated = Statement.objects.filter(name="licence", at__lte=seen.at).order_by("pk").last()
    there = query.series(seen)
    return {
        "LICENCE": f"{stated.zh} / {stated.en}" if stated else "",
        "SIMULATED": "true" if there and there[0].simulated else "false",
    }


def is_simulated(answers: Sequence[Answer]) -> bool:
    """Whether figures of an answer are simulated."""
    return any(r.values["SIMULATED"] == "true" for a in answers for r in a.rows[:1])


def _corrected(seen: Moment) -> dict[tuple[str, str, str, str], str]:
    """Numbers of public corrections by the release that carries them, class, period and figure."""
    return {
        (entry["release"], c["series"], c["period"], c["figure"]): str(entry["number"])
        for entry in reversed(query.corrections(seen))
        for c in entry["changes"]
    }


def _matches(row: Row, keys: frozenset[tuple[str, ...]]) -> bool:
    """Whether a key is among those asked for, as it is or with wildcards; however many these are."""
    return any(key in keys for key in product(*((part, ALL) for part in row.key)))


def _passes(row: Row, asked: Parameters) -> bool:
    return all(test(row.values[id_]) for id_, tests in asked.filters.items() for test in tests)


def _ends(rows: list[Row], asked: Parameters) -> list[Row]:
    """The first and the last observations of each series, by periods; all vintages of a period count as one."""
    if asked.first is None and asked.last is None:
        return rows
    out = []
    for _, part in groupby(rows, key=lambda r: r.key):
        series = list(part)
        periods = list(dict.fromkeys(r.period for r in series))
        kept = _kept(periods, asked)
        out += [r for r in series if r.period in kept]
    return out


def _text(value: float | None) -> str:
    return "" if value is None else repr(value)
