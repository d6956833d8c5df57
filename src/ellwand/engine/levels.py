"""From changes to levels and back: `chain`, `unchain`, `rebase`, `average`, `rates`."""

import dataclasses
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ellwand.engine.dates import blocks_of, days_of, is_complete, year_and_part
from ellwand.engine.indices import CHANGE, LEVEL, RATE, Indices
from ellwand.engine.periods import text_of
from ellwand.formulas import chaining
from ellwand.formulas.panel import Array


def _with(x: Indices, values: Array, kind: str, reason: str) -> Indices:
    status = np.where(np.isfinite(values), x.status, np.where(x.status == "ok", reason, x.status))
    return dataclasses.replace(x, values=values, kind=kind, status=status.astype(object))


def links_of(periods: tuple[Any, ...], link: int | str | None) -> chaining.Links:
    """Positions of each period's reference for a named link, see `unchain`. ValueError for another name."""
    if link is None:
        return chaining.previous(len(periods))
    whole = isinstance(link, int) and not isinstance(link, bool)
    if not whole and link not in ("last", "year"):
        raise ValueError(
            f"link is {link!r}; allowed: None (the period before), 'last', 'year', or the number of a month, quarter or"
            " week such as 12"
        )
    years = [year_and_part(p) for p in periods]
    of: dict[int, list[int]] = {}
    for t, (year, part) in enumerate(years):
        if link == "last":
            of[year] = [t]
        elif link == "year":
            of.setdefault(year, []).append(t)
        elif part == link:
            of[year] = [t]
    if link == "year":
        # A year that the data does not hold whole has no mean; the first whole one is its own reference.
        of = {year: at for year, at in of.items() if is_complete(periods, at, "year")}
        if of:
            of.setdefault(min(of) - 1, of[min(of)])
    none: list[int] = []
    return [np.asarray(of.get(year - 1, none), dtype=np.intp) for year, _ in years]


def chain(x: Indices, *, link: int | str | None = None, base: Any = None) -> Indices:
    """Levels from changes.

    Changes on the period before: their running product, the first period 1. Changes on a link (of `unchain`, or
    aggregated from such): the change times the level of its link, the first link 1. A gap breaks the chain: null from
    there on, or as far as the link reaches.

    link : the link that the changes are on, as in `unchain`; None: the one that they know of. base : period, or year,
    whose level becomes 1. ValueError for levels, or for another link than that of the changes.
    """
    x.need(CHANGE, "chain")
    if link is not None and link != x.link:
        on = "the period before" if x.link is None else f"the link {x.link!r}"
        raise ValueError(f"link is {link!r} and these are changes on {on}; leave link out")
    if x.link is None:
        values, reason = chaining.chain(x.values), "the chain is broken at an earlier period"
    else:
        values = chaining.chain_links(x.values, links_of(x.periods, x.link))
        reason = "no link period before it has a level"
    out = dataclasses.replace(_with(x, values, LEVEL, reason), link=None)
    return out if base is None else rebase(out, base)


def unchain(x: Indices, *, link: int | str | None = None) -> Indices:
    """Changes from levels: `I_t / I_d`, d the reference of t.

    link : what the changes are on. None: the period before. A number: the period with this number (month, quarter or
    ISO week) in the year before, so 12 is the December link of monthly indices. "last": the last period of the year
    before. "year": the mean of the year before (annual overlap); the first whole year is on its own mean.

    Null, with the reason, where the reference has no level or lies before the data. `chain` is the inverse, up to the
    level of the first link. ValueError for changes, another link, or periods that do not name a year.
    """
    x.need(LEVEL, "unchain")
    if link is None:
        values, reason = chaining.changes(x.values), "no level in the period before"
    else:
        values, reason = chaining.unchain(x.values, links_of(x.periods, link)), "no level in the link period"
    return dataclasses.replace(_with(x, values, CHANGE, reason), made=(), quotes=None, link=link)


def rebase(x: Indices, base: Any, value: float = 1.0) -> Indices:
    """Levels with `value` in the reference period.

    base : a period; or a year, whose arithmetic mean over all its periods becomes `value`. value : 1, or 100.

    The result's `factor` holds what each series was multiplied by. A series without level in the reference period is
    null, with the reason. ValueError for changes, a period outside the calendar, a year that the data does not hold
    whole, or a value that is not above 0.
    """
    x.need(LEVEL, "rebase")
    if not 0 < value < float("inf"):
        raise ValueError(f"value is {value!r}; it must be a finite number above 0")
    texts = [text_of(p) for p in x.periods]
    if text_of(base) in texts:
        at = np.asarray([texts.index(text_of(base))], dtype=np.intp)
    else:
        at = np.asarray([t for t, p in enumerate(texts) if p.startswith(f"{text_of(base)}-")], dtype=np.intp)
        if not len(at):
            at = np.asarray([x.period(base)], dtype=np.intp)
        elif not is_complete(x.periods, at.tolist(), "year"):
            raise ValueError(
                f"base is the year {base} and the data holds {len(at)} of its periods, {texts[at[0]]} to "
                f"{texts[at[-1]]}; a reference year must be whole: name another, or one period"
            )
    values = chaining.rebase(x.values, at, value)
    out = _with(x, values, LEVEL, f"no level in the reference period {base}")
    return dataclasses.replace(out, factor=value / x.values[:, at].mean(axis=1))


def rates(
    x: Indices,
    lag: int | None = None,
    *,
    on: str | None = None,
    events: Iterable[date] | None = None,
    weeks: tuple[int, int] = (-4, 7),
) -> Indices:
    """Changes in per cent.

    lag : on the period so many periods earlier, as they stand in the data. on : by the calendar instead: "previous"
    period of the data; "year": the same month or quarter a year earlier, the week 52 weeks (364 days) earlier;
    "event": as "year", but a week at a distance of `weeks` from an event is compared with the week at the same
    distance from the event of the year before. events : days of the event, one a year (Chinese New Year). weeks :
    first and last distance in weeks; the event's own week is 0.

    `compared` names the period that each rate is on, and the table has it as compared_with. Null, with the reason,
    where that period is not in the data or has no level. ValueError for changes, for both or neither of lag and on,
    an unknown `on`, events without on="event", or periods without a calendar.
    """
    x.need(LEVEL, "rates")
    if (lag is None) == (on is None):
        raise ValueError("rates needs either lag, a number of periods, or on, one of previous, year, event")
    if events is not None and on != "event":
        raise ValueError("events belong to on='event'")
    T = len(x.periods)
    if lag is not None or on == "previous":
        lag = 1 if lag is None else lag
        if isinstance(lag, bool) or int(lag) != lag or lag < 1:
            raise ValueError(f"lag is {lag!r}; it must be a whole number of periods, 1 or more")
        earlier = np.maximum(np.arange(T) - int(lag), -1)
    elif on in ("year", "event"):
        if on == "event" and not events:
            raise ValueError("on='event' needs events, the days of the event")
        earlier = _a_year_before(x.periods, sorted(events or ()), weeks)
    else:
        raise ValueError(f"on is {on!r}; allowed: previous, year, event")
    out = _with(x, chaining.rates_on(x.values, earlier), RATE, "no level in the period compared with")
    compared = tuple(None if e < 0 else x.periods[e] for e in earlier.tolist())
    return dataclasses.replace(out, compared=compared, factor=None)


def _a_year_before(periods: tuple[Any, ...], events: list[date], weeks: tuple[int, int]) -> NDArray[np.intp]:
    """Position of the period a year before each; by distance from the event where one of `events` is near."""
    days, unit = days_of(periods)
    at = {day: t for t, day in enumerate(days)}
    if events and unit != "week":
        raise ValueError("on='event' is for weekly indices; the periods of these are no weeks")
    # The Thursday of the week of each event.
    centres = [e + timedelta(days=4 - e.isoweekday()) for e in events]
    out = np.full(len(periods), -1, dtype=np.intp)
    for t, day in enumerate(days):
        if unit == "week":
            before = day - timedelta(days=364)
            for earlier, centre in pairwise(centres):
                distance = (day - centre).days // 7
                if weeks[0] <= distance <= weeks[1]:
                    before = earlier + timedelta(days=7 * distance)
        else:
            before = day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
        out[t] = at.get(before, -1)
    return out


def average(
    x: Indices, *, window: int | None = None, to: str | None = None, mean: str = "arithmetic", partial: bool = False
) -> Indices:
    """Means of levels over blocks of periods.

    window : number of periods a block, from the first on, named by its first period. to : "month", "quarter" or
    "year" instead; an ISO week belongs to the month, quarter and year of its Thursday. mean : "arithmetic", or
    "geometric" (the monthly figure of a weekly price index). partial : keep a block that the data does not hold whole;
    otherwise it is left out.

    A block with a null level is null. ValueError for changes, for both or neither of window and to, an unknown mean,
    periods without a calendar, or if no block is whole.
    """
    x.need(LEVEL, "average")
    if (window is None) == (to is None):
        raise ValueError("average needs either window, a number of periods, or to, one of month, quarter, year")
    if mean not in chaining.MEANS:
        raise ValueError(f"mean is {mean!r}; allowed: {', '.join(chaining.MEANS)}")
    T = len(x.periods)
    names: list[Any]
    if window is not None:
        if isinstance(window, bool) or int(window) != window or window < 1:
            raise ValueError(f"window is {window!r}; it must be a whole number of periods, 1 or more")
        starts = range(0, T if partial else T - window + 1, window)
        blocks = [np.arange(a, min(a + window, T)) for a in starts]
        names = [x.periods[int(b[0])] for b in blocks]
    else:
        grouped = blocks_of(x.periods, str(to))
        kept = {n: at for n, at in grouped.items() if partial or is_complete(x.periods, at, str(to))}
        names, blocks = list(kept), [np.asarray(at, dtype=np.intp) for at in kept.values()]
    if not blocks:
        raise ValueError("no block of periods is complete; give partial=True to average what there is")
    values = chaining.block_means(x.values, blocks, mean)
    matched = np.stack([x.matched[:, b].sum(axis=1) for b in blocks], axis=1)
    status = np.where(np.isfinite(values), "ok", "a period of the block has no level").astype(object)
    return dataclasses.replace(
        x, periods=tuple(names), values=values, matched=matched, status=status, quotes=None, made=(), factor=None
    )
