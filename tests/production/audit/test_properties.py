"""Whatever the figures: a series that is computed and rounded rightly is silent, and a planted fault is found."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ellwand.production.audit import Composite
from ellwand.production.audit.weights import exist, solve

Row = tuple[str, ...]
Keys = Callable[..., list[tuple[str, str, str]]]

LAX = settings(
    max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def rounded(x: Fraction, digits: int, rule: str) -> Decimal:
    """Exactly rounded; the level of a market may be any rational."""
    scaled = Decimal((x * 10 ** (digits + 12)).__floor__()).scaleb(-12)
    return scaled.quantize(Decimal(1), rounding=rule).scaleb(-digits)


def printed(x: Decimal, strip: bool) -> str:
    """With all its digits, or as spreadsheets drop the zeros at the end."""
    return f"{x.normalize():f}" if strip else f"{x:f}"


@dataclass(frozen=True)
class Style:
    """How a publisher prints."""

    level_digits: int
    change_digits: int
    rule: str
    from_rounded: bool
    strip: bool


STYLES = st.builds(
    Style,
    level_digits=st.integers(0, 4),
    change_digits=st.integers(0, 4),
    rule=st.sampled_from([ROUND_HALF_UP, ROUND_HALF_EVEN]),
    from_rounded=st.booleans(),
    strip=st.booleans(),
)
STEPS = st.lists(st.integers(-400, 400), min_size=4, max_size=70)
"""Changes from issue to issue in hundredths of a per cent: livelier ones could pass for a break."""


def label(frequency: str, i: int) -> str:
    if frequency == "weekly":
        return (date(2021, 11, 1) + timedelta(weeks=i)).isoformat()
    if frequency == "monthly":
        return f"{2021 + (10 + i) // 12}-{(10 + i) % 12 + 1:02d}"
    if frequency == "quarterly":
        return f"{2021 + (3 + i) // 4}-Q{(3 + i) % 4 + 1}"
    return str(1950 + i)


YEARLY = {"weekly": 52, "monthly": 12, "quarterly": 4, "annual": 1}


def path(start: int, steps: list[int]) -> list[Fraction]:
    levels = [Fraction(start)]
    for step in steps:
        levels.append(levels[-1] * (1 + Fraction(step, 10_000)))
    return levels


def publish(
    name: str, frequency: str, levels: list[Fraction], style: Style, skipped: set[int], bases: str
) -> list[Row]:
    """Rows of one series as a publisher makes them: every basis in `bases`, weeks in `skipped` without issue."""
    shown = [Fraction(rounded(x, style.level_digits, style.rule)) for x in levels]
    used = shown if style.from_rounded else levels
    rows: list[Row] = []
    issued = [i for i in range(len(levels)) if i not in skipped]
    for place, i in enumerate(issued):
        year = label(frequency, i)[:4]
        earlier = [j for j in issued[:place] if label(frequency, j)[:4] < year]
        against: dict[str, int] = {}
        if "p" in bases and place:
            against["previous issue"] = issued[place - 1]
        if "s" in bases and earlier and frequency != "annual":
            against["beginning of year"] = earlier[-1]
        if "y" in bases and (j := i - YEARLY[frequency]) in issued:
            against["same period last year"] = j
        value = printed(rounded(levels[i], style.level_digits, style.rule), style.strip)
        for basis, j in against.items():
            change = rounded(100 * (used[i] / used[j] - 1), style.change_digits, style.rule)
            word = "rose" if change > 0 else "fell" if change < 0 else "unchanged"
            rows.append((name, label(frequency, i), frequency, value, printed(change, style.strip), basis, word))
        if not against:
            rows.append((name, label(frequency, i), frequency, value))
    return rows


@LAX
@given(
    st.sampled_from(sorted(YEARLY)),
    st.integers(30, 3000),
    STEPS,
    STYLES,
    st.sets(st.integers(1, 40), max_size=5),
    st.sampled_from(["psy", "p", "ps", "py"]),
)
def test_sound_series_are_silent(
    keys: Keys, frequency: str, start: int, steps: list[int], style: Style, skipped: set[int], bases: str
) -> None:
    assert keys(publish("price/total", frequency, path(start, steps), style, skipped, bases)) == []


@LAX
@given(st.sampled_from(["weekly", "monthly"]), st.integers(30, 3000), STEPS, STYLES, st.sampled_from(["", "s", "y"]))
def test_sound_series_without_changes_on_the_previous_issue(
    keys: Keys, frequency: str, start: int, steps: list[int], style: Style, bases: str
) -> None:
    assert keys(publish("price/total", frequency, path(start, steps), style, set(), bases)) == []


TREES = st.integers(2, 5).flatmap(
    lambda k: st.tuples(
        st.lists(st.integers(1, 20), min_size=k, max_size=k),
        st.lists(st.integers(60, 160), min_size=k, max_size=k),
        st.integers(4, 24).flatmap(
            lambda n: st.lists(st.lists(st.integers(-400, 400), min_size=n, max_size=n), min_size=k, max_size=k)
        ),
    )
)


def compose(tree: Any, style: Style, bases: str = "psy") -> tuple[list[Row], Composite]:
    raw, starts, steps = tree
    weights = [Fraction(w, sum(raw)) for w in raw]
    parts = [path(start, moves) for start, moves in zip(starts, steps, strict=True)]
    total = [sum((w * x for w, x in zip(weights, at, strict=True)), Fraction(0)) for at in zip(*parts, strict=True)]
    names = [f"price/{chr(97 + i)}" for i in range(len(parts))]
    rows = publish("price/total", "monthly", total, style, set(), bases)
    for name, levels in zip(names, parts, strict=True):
        rows += publish(name, "monthly", levels, style, set(), bases)
    return rows, Composite("price/total", tuple(names), tuple(weights))


@LAX
@given(TREES, STYLES)
def test_sound_composites_are_silent(keys: Keys, tree: Any, style: Style) -> None:
    rows, composite = compose(tree, style)
    assert keys(rows) == []
    assert keys(rows, [composite]) == []
    assert keys(rows, [Composite(composite.parent, composite.parts)]) == []


@LAX
@given(TREES, STYLES, st.data())
def test_absent_parts_raise_no_alarm(keys: Keys, tree: Any, style: Style, data: st.DataObject) -> None:
    """One part is printed in the first issue only: nothing can be concluded from the others."""
    rows, composite = compose(tree, style)
    hidden = data.draw(st.sampled_from(composite.parts))
    kept = [row for row in rows if row[0] != hidden or row[1] == "2021-11"]
    assert [key for key in keys(kept) if key[2] == "parent-range"] == []


# --- planted faults ------------------------------------------------------------------------------------------------

FINE = Style(2, 2, ROUND_HALF_UP, False, False)
MOVES = st.lists(st.integers(-400, 400).filter(lambda step: abs(step) > 20), min_size=30, max_size=60)


def weekly(moves: list[int], bases: str = "psy") -> list[Row]:
    return publish("price/total", "weekly", path(100, moves), FINE, set(), bases)


@LAX
@given(
    MOVES,
    st.data(),
    st.sampled_from(["previous issue", "beginning of year"]),
    st.integers(7, 900).flatmap(lambda x: st.sampled_from([x, -x])),
)
def test_planted_change(keys: Keys, moves: list[int], data: st.DataObject, basis: str, off: int) -> None:
    """A change off by 0.07 points or more."""
    rows = weekly(moves)
    places = [
        i for i, row in enumerate(rows) if row[5:6] == (basis,) and not row[1].startswith(("2022-01-0", "2023-01-0"))
    ]
    i = data.draw(st.sampled_from(places))
    rows[i] = (*rows[i][:4], f"{float(rows[i][4]) + off / 100:.2f}", basis)
    found = keys(rows)
    rules = {"previous issue": {"change-on-previous"}, "beginning of year": {"change-on-year-start", "year-start-base"}}
    readings = [float(row[3]) for row in rows if row[1] in ("2021-12-20", "2021-12-27", "2022-01-03", "2022-01-10")]
    implied = float(rows[i][3]) / (1 + float(rows[i][4]) / 100)
    if basis == "beginning of year":
        assume(all(abs(implied / reading - 1) > 0.001 for reading in readings))
    assert any(period == rows[i][1] and rule in rules[basis] for _, period, rule in found)


@LAX
@given(MOVES, st.data(), st.sampled_from(["0", "-1", "x", "1e3000"]))
def test_planted_value(keys: Keys, moves: list[int], data: st.DataObject, value: str) -> None:
    rows = weekly(moves)
    i = data.draw(st.integers(0, len(rows) - 1))
    rows[i] = (*rows[i][:3], value, *rows[i][4:])
    assert ("price/total", rows[i][1], "impossible-value") in keys(rows)


@LAX
@given(MOVES, st.data())
def test_planted_displaced_point(keys: Keys, moves: list[int], data: st.DataObject) -> None:
    rows = weekly(moves, "")
    i = data.draw(st.integers(0, len(rows) - 1))
    rows[i] = (*rows[i][:3], f"{float(rows[i][3]) * data.draw(st.sampled_from([0.1, 10])):.3f}")
    low, high = min(float(row[3]) for row in weekly(moves, "")), max(float(row[3]) for row in weekly(moves, ""))
    assume(high < 1.9 * low)
    assert ("price/total", rows[i][1], "impossible-value") in keys(rows)


@LAX
@given(MOVES, st.data())
def test_planted_duplicate_gap_and_order(keys: Keys, moves: list[int], data: st.DataObject) -> None:
    rows = weekly(moves, "p")
    i = data.draw(st.integers(2, len(rows) - 4))
    gone, after = rows[i], rows[i + 1]
    assert ("price/total", gone[1], "duplicate-issue") in keys([*rows[:i], gone, *rows[i:]])
    fits = abs(100 * (float(after[3]) / float(rows[i - 1][3]) - 1) - float(after[4])) < 0.05
    assume(not fits)
    assert ("price/total", gone[1], "missing-issue") in keys([*rows[:i], *rows[i + 1 :]])
    swapped = [*rows[:i], after, gone, *rows[i + 2 :]]
    assert {period for _, period, rule in keys(swapped) if rule == "issue-order"} <= {gone[1], after[1]}
    assert any(rule == "issue-order" for _, _, rule in keys(swapped))


@LAX
@given(MOVES, st.data())
def test_planted_labels(keys: Keys, moves: list[int], data: st.DataObject) -> None:
    rows = weekly(moves, "p")
    i = data.draw(st.integers(1, len(rows) - 1))
    row = rows[i]
    tuesday = (date.fromisoformat(row[1]) + timedelta(days=1)).isoformat()
    for at, new, rule in [
        (1, tuesday, "issue-weekday"),
        (1, row[1][:7], "period-label"),
        (5, "previous month", "basis-label"),
        (5, "the day before", "basis-label"),
        (5, "", "basis-label"),
        (6, "fell" if float(row[4]) > 0 else "rose", "direction"),
    ]:
        wrong = (*row[:at], new, *row[at + 1 :])
        assert ("price/total", wrong[1], rule) in keys([*rows[:i], wrong, *rows[i + 1 :]])


@LAX
@given(MOVES, st.data(), st.sampled_from([0.6, 0.7, 1.5, 1.8]))
def test_planted_break(keys: Keys, moves: list[int], data: st.DataObject, factor: float) -> None:
    """Levels before an issue on another base, whether the changes tell it or are not printed."""
    levels = path(100, moves)
    i = data.draw(st.integers(1, len(levels) - 1))
    broken = [x * Fraction(factor) if j < i else x for j, x in enumerate(levels)]
    for bases in ("p", ""):
        rows = publish("price/total", "weekly", broken, FINE, set(), bases)
        assert ("price/total", label("weekly", i), "level-break") in keys(rows)


@LAX
@given(TREES, st.data(), st.sampled_from([-1, 1]))
def test_planted_parent(keys: Keys, tree: Any, data: st.DataObject, sign: int) -> None:
    """A parent's change half a point beyond all parts'."""
    rows, _ = compose(tree, FINE, "p")
    at = [i for i, row in enumerate(rows) if row[0] == "price/total" and len(row) > 4]
    i = data.draw(st.sampled_from(at))
    parts = [float(row[4]) for row in rows if row[1] == rows[i][1] and row[0] != "price/total"]
    rows[i] = (*rows[i][:4], f"{(max(parts) if sign > 0 else min(parts)) + 0.5 * sign:.2f}", "previous month")
    assert ("price/total", rows[i][1], "parent-range") in keys(rows)


@LAX
@given(
    st.lists(st.integers(-400, 400), min_size=16, max_size=16),
    st.lists(st.integers(-400, 400), min_size=16, max_size=16),
    st.integers(20, 80),
    st.integers(20, 80),
)
def test_planted_drift(keys: Keys, first: list[int], second: list[int], before: int, after: int) -> None:
    a, b = path(110, first), path(90, second)
    shift = Fraction(after - before, 100)
    total = [Fraction(before, 100) * x + (1 - Fraction(before, 100)) * y for x, y in zip(a, b, strict=True)]
    moved = [t + shift * (x - y) if i >= 10 else t for i, (t, x, y) in enumerate(zip(total, a, b, strict=True))]
    rows = publish("p/total", "monthly", moved, FINE, set(), "")
    rows += publish("p/a", "monthly", a, FINE, set(), "") + publish("p/b", "monthly", b, FINE, set(), "")
    pair = ("p/a", "p/b")
    old = [before / 100, 1 - before / 100]
    assume(abs(float(shift * (a[10] - b[10]))) > 0.05)
    weights = tuple(Fraction(str(round(w, 2))) for w in old)
    assert ("p/total", label("monthly", 10), "composite-weights") in keys(rows, [Composite("p/total", pair, weights)])
    gap = [float(x - y) for x, y in zip(a[:10], b[:10], strict=True)]
    assume(max(abs(g) for g in gap) * abs(float(shift)) > 0.5)
    drift = {period for _, period, rule in keys(rows, [Composite("p/total", pair)]) if rule == "composite-weights"}
    assert min(drift, default="none") == label("monthly", 10)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("k", [2, 3, 5])
def test_a_chained_index_is_reported_at_its_links_only(keys: Keys, k: int, seed: int) -> None:
    """A new basket every twelve issues, linked: no weights with the sum 1 explain the levels after the first link."""
    rng = np.random.default_rng(seed)
    parts = [path(100, [int(step) for step in rng.normal(0, 150, 36).clip(-400, 400)]) for _ in range(k)]
    total = [Fraction(100)]
    for i in range(1, 37):
        if i % 12 == 1:
            raw = [Fraction(int(w)) for w in rng.integers(1, 10, k)]
            weights, at = [w / sum(raw) for w in raw], i - 1
            base = total[at]
        total.append(base * sum(w * p[i] / p[at] for w, p in zip(weights, parts, strict=True)))
    rows = publish("p/total", "monthly", total, FINE, set(), "")
    names = [f"p/{chr(97 + i)}" for i in range(k)]
    for name, levels in zip(names, parts, strict=True):
        rows += publish(name, "monthly", levels, FINE, set(), "")
    found = keys(rows)
    after = [{label("monthly", i) for i in range(link, link + 4)} for link in (13, 25)]
    assert {period for _, period, _ in found} <= after[0] | after[1]
    assert all(sum(period in months for _, period, _ in found) <= 3 for months in after)
    assert keys(rows, [Composite("p/total", tuple(names), linked=True)]) == []


# --- the weights behind the rule -----------------------------------------------------------------------------------


@LAX
@given(st.integers(2, 5), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_game_value(k: int, m: int, seed: int) -> None:
    """No mixture of rows does better for the other side: the value is proved from both ends."""
    rng = np.random.default_rng(seed)
    conditions = rng.normal(size=(m, k)).round(1)
    value, w = solve(conditions)
    assert w.min() >= -1e-12
    assert w.sum() == pytest.approx(1)
    assert (conditions @ w).max() == pytest.approx(value, abs=1e-9)
    against, y = solve(-conditions.T)
    assert -against == pytest.approx(value, abs=1e-9)
    assert (y @ conditions).min() == pytest.approx(value, abs=1e-9)
    assert exist(conditions - value)
    assert not exist(conditions - value + 1e-6)
