"""Extending a multilateral series: the window rolls on and each new estimate is spliced on what is published.

Let N be the new window's levels, O the previous window's own, Y the published series. The link at a period c that
both windows hold is `Y_t = R_c N_t / N_c`, where R is the old window scaled to the last published level, or the
published series itself (the variants "on published").
Sources: Krsinich (2016), de Haan (2015), Diewert and Fox (2017), Chessa (2016, 2019), Lamboray (2017).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ellwand.formulas.panel import Array

SPLICES = ("movement", "window", "half", "mean", "wisp", "hasp", "mean_pub", "fbew", "fbmw")
"""movement, window, half, mean: on the recalculated series; wisp, hasp, mean_pub: window, half, mean on the published
series; fbew, fbmw: fixed base expanding and moving window."""

ON_PUBLISHED = {"wisp": "window", "hasp": "half", "mean_pub": "mean"}


@dataclass(frozen=True)
class Levels:
    """Log levels (NaN where there are none) and, if nothing could be estimated, the reason."""

    log: Array
    reason: str = ""


Estimate = Callable[[int, int], Levels]
"""Levels of the window of periods first..last (both included)."""


def link(new: Array, reference: Array, window: int, splice: str) -> float:
    """Log level of the last period of `new`.

    new, reference : log levels over the `window` periods of the new window; `reference` is NaN in the last one (and
    wherever there is no level). splice : movement, window, half or mean. NaN if the link period has no level.
    """
    gap = reference[:-1] - new[:-1]
    usable = np.isfinite(gap)
    if not usable.any():
        return float("nan")
    if splice == "mean":
        ratio = float(gap[usable].mean())
    else:
        position = {"movement": np.flatnonzero(usable)[-1], "window": 0, "half": (window + 1) // 2 - 1}[splice]
        ratio = float(gap[position])
    return ratio + float(new[-1])


def extend(estimate: Estimate, active: Sequence[bool], window: int, splice: str) -> tuple[Array, list[str]]:
    """Log levels of every period, the first 0, and a reason for each that could not be computed ("" if it could).

    active : periods with data. window : length in periods of the calendar, at least 2.
    The first window stands as estimated; every later period is linked by `splice`.
    """
    T = len(active)
    first = estimate(0, min(window, T) - 1)
    Y = np.full(T, np.nan)
    reasons = [""] * T
    head = len(first.log)
    Y[:head] = first.log
    for t in range(head):
        if not np.isfinite(Y[t]):
            reasons[t] = first.reason or "no data in this period"
    if first.reason:
        reasons[head:] = [f"the first window is not computable: {first.reason}"] * (T - head)
        return Y, reasons
    old = np.full(T, np.nan)
    old[:head] = Y[:head]
    for t in range(window, T):
        if not active[t]:
            reasons[t] = "no data in this period"
            continue
        base = (t - 1) // (window - 1) * (window - 1)
        start = base if splice == "fbew" else t - window + 1
        levels = estimate(start, t)
        if levels.reason:
            reasons[t] = levels.reason
            continue
        if splice in ("fbew", "fbmw"):
            Y[t] = Y[base] + levels.log[-1] - levels.log[base - start]
        else:
            reference = Y if splice in ON_PUBLISHED else old
            Y[t] = link(levels.log, reference[start : t + 1], window, ON_PUBLISHED.get(splice, splice))
        if not np.isfinite(Y[t]):
            reasons[t] = "the link period of the splice has no level"
            continue
        # The window just estimated, scaled to the level just published, is the old one of the next period.
        # Windows never start earlier than the one before: what lies before this start is not read again.
        old[start : t + 1] = levels.log + (Y[t] - levels.log[-1])
    return Y, reasons


def splice_windows(windows: Sequence[Array], splice: str = "mean") -> Array:
    """Splice finished windows: levels, each one period later than the one before and of the same length.

    The first stands as it is (divided by its first level); the others add one period each. `splice`: any but
    fbew and fbmw, which need the data. Raises ValueError for windows of different length or an unknown splice.
    """
    if splice not in SPLICES[:7]:
        raise ValueError(f"unknown splice {splice!r}; allowed for finished windows: {', '.join(SPLICES[:7])}")
    width = {len(w) for w in windows}
    if len(width) != 1 or max(width) < 2:
        raise ValueError(f"windows must have one length of at least 2 periods, given lengths: {sorted(width)}")
    length = width.pop()
    logs = [np.log(np.asarray(w, dtype=np.float64)) for w in windows]

    def estimate(first: int, last: int) -> Levels:
        return Levels(logs[first] - logs[first][0])

    T = length + len(windows) - 1
    return np.asarray(np.exp(extend(estimate, [True] * T, length, splice)[0]))
