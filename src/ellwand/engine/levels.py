"""From changes to levels and back: `chain`, `unchain`, `rebase`, `average`, `rates`."""

import dataclasses
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ellwand.engine.indices import CHANGE, LEVEL, Indices
from ellwand.engine.periods import natural_key, text_of
from ellwand.formulas import chaining
from ellwand.formulas.panel import Array


def _with(x: Indices, values: Array, kind: str, reason: str) -> Indices:
    status = np.where(np.isfinite(values), x.status, np.where(x.status == "ok", reason, x.status))
    return dataclasses.replace(x, values=values, kind=kind, status=status.astype(object))


def year_and_part(label: Any) -> tuple[int, int]:
    """Year of a period and its number within the year: month, quarter or ISO week. ValueError for other labels."""
    numbers = [p for p in natural_key(text_of(label)) if isinstance(p, int)]
    if len(numbers) < 2 or not 1000 <= numbers[0] <= 9999:
        raise ValueError(f"period {label!r} does not name a year and a month, quarter or week, such as 2026-11")
    return numbers[0], numbers[1]


def link_periods(periods: tuple[Any, ...], link: int | None) -> NDArray[np.int64]:
    """Position of each period's link: in the year before, the period numbered `link` (None: the last); -1 if none."""
    parts = [year_and_part(p) for p in periods]
    ends: dict[int, int] = {}
    for t, (year, part) in enumerate(parts):
        if link is None or part == link:
            ends[year] = t
    return np.asarray([ends.get(year - 1, -1) for year, _ in parts], dtype=np.int64)


def chain(x: Indices, *, link: int | str | None = None, base: Any = None) -> Indices:
    """Levels: the running product of changes, the first period 1.

    link : for indices on a link period (of `unchain`): "last" or the number of the month, quarter or week of the year
    before (12: December). base : period whose level becomes 1. A gap breaks the chain: null from there on.
    """
    x.need(CHANGE, "chain")
    if link is None:
        values = chaining.chain(x.values)
    else:
        values = chaining.chain_links(x.values, link_periods(x.periods, None if link == "last" else int(link)))
    out = _with(x, values, LEVEL, "the chain is broken at an earlier period")
    return out if base is None else rebase(out, base)


def unchain(x: Indices, *, link: int | str | None = None) -> Indices:
    """Changes from levels: on the period before, or on the link period in the year before (as in `chain`)."""
    x.need(LEVEL, "unchain")
    if link is None:
        values = chaining.changes(x.values)
    else:
        values = chaining.unchain(x.values, link_periods(x.periods, None if link == "last" else int(link)))
    return dataclasses.replace(_with(x, values, CHANGE, "no level in the period before"), made=(), quotes=None)


def rebase(x: Indices, base: Any, value: float = 1.0) -> Indices:
    """Levels with `value` in the reference period: a period, or a year whose mean over all its periods is taken.

    ValueError for a period outside the calendar; a series without level there becomes null.
    """
    x.need(LEVEL, "rebase")
    texts = [text_of(p) for p in x.periods]
    if text_of(base) in texts:
        at = np.asarray([texts.index(text_of(base))])
    else:
        at = np.asarray([t for t, p in enumerate(texts) if p.startswith(f"{text_of(base)}-")], dtype=np.intp)
        if not len(at):
            at = np.asarray([x.period(base)])
    return _with(x, chaining.rebase(x.values, at, value), LEVEL, f"no level in the reference period {base}")


def rates(x: Indices, lag: int) -> Indices:
    """Changes in per cent on the period `lag` earlier."""
    x.need(LEVEL, "rates")
    return _with(x, chaining.rates(x.values, lag), "rate", "no level in the period compared with")


def average(x: Indices, *, window: int | None = None, to: str | None = None, partial: bool = False) -> Indices:
    """Arithmetic means of levels over blocks of periods.

    window : number of periods a block, from the first on, named by its first period. to : "month", "quarter" or
    "year" instead; an ISO week belongs to the month of its Thursday. A block that is not complete is left out unless
    `partial`. A block with a null level is null.
    """
    x.need(LEVEL, "average")
    if (window is None) == (to is None):
        raise ValueError("average needs either window, a number of periods, or to, one of month, quarter, year")
    T = len(x.periods)
    if window is not None:
        if window < 1:
            raise ValueError(f"window is {window}; it must be 1 or more")
        starts = range(0, T if partial else T - window + 1, window)
        blocks = [np.arange(a, min(a + window, T)) for a in starts]
        names: list[Any] = [x.periods[int(b[0])] for b in blocks]
    else:
        names, blocks = _calendar_blocks(x.periods, str(to), partial)
    if not blocks:
        raise ValueError("no block of periods is complete; give partial=True to average what there is")
    values = chaining.block_means(x.values, blocks)
    matched = np.stack([x.matched[:, b].sum(axis=1) for b in blocks], axis=1)
    status = np.where(np.isfinite(values), "ok", "a period of the block has no level").astype(object)
    return dataclasses.replace(
        x, periods=tuple(names), values=values, matched=matched, status=status, quotes=None, made=()
    )


def _first_day(label: Any) -> tuple[date, date]:
    """The day that places a period, and that of the next: Thursday of a week, first day of a month or quarter."""
    if isinstance(label, date):
        return label, label + timedelta(days=1)
    text = text_of(label)
    year, part = year_and_part(label)
    if "W" in text.upper():
        day = date.fromisocalendar(year, part, 4)
        return day, day + timedelta(days=7)
    months = 3 if "Q" in text.upper() else 1
    month = (part - 1) * months + 1
    after = month + months
    return date(year, month, 1), date(year + (after > 12), (after - 1) % 12 + 1, 1)


def _calendar_blocks(periods: tuple[Any, ...], to: str, partial: bool) -> tuple[list[Any], list[NDArray[np.intp]]]:
    namers = {
        "month": lambda d: f"{d.year:04d}-{d.month:02d}",
        "quarter": lambda d: f"{d.year:04d}-Q{(d.month - 1) // 3 + 1}",
        "year": lambda d: f"{d.year:04d}",
    }
    if to not in namers:
        raise ValueError(f"to is {to!r}; allowed: {', '.join(namers)}")
    name = namers[to]
    days = [_first_day(p) for p in periods]
    groups: dict[str, list[int]] = {}
    for t, (day, _) in enumerate(days):
        groups.setdefault(name(day), []).append(t)
    names: list[Any] = []
    blocks: list[NDArray[np.intp]] = []
    for label, at in groups.items():
        step = days[at[0]][1] - days[at[0]][0]
        before = days[at[0]][0] - min(step, timedelta(days=28))
        complete = name(before) != label and name(days[at[-1]][1]) != label
        complete = complete and all(days[a][1] == days[b][0] for a, b in zip(at, at[1:], strict=False))
        if complete or partial:
            names.append(label)
            blocks.append(np.asarray(at, dtype=np.intp))
    return names, blocks
