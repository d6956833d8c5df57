"""The scores of a compilation against the truth of its market; `docs/score.md` says how each is meant."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc

from ellwand.engine.errors import DataError
from ellwand.production.book import Array, Codes, Mask
from ellwand.production.compile import compile_book
from ellwand.production.folder import read_folder
from ellwand.production.method import Method, MethodFile, Systematic, Validate
from ellwand.production.score.arithmetic import (
    Found,
    group_movement,
    harmonic,
    holds,
    last_seen,
    log_error,
    mean,
    mean_square_root,
)
from ellwand.production.score.read import Tables, distinct, places, read_tables

Progress = Callable[[int, int, str], None]
Figures = dict[str, Any]

COPY, YARD = "stale_copy", "yard_metre"
"""Kinds of error that a target or a second figure is about, by the names of docs/market.md."""
RIGHT = 0.005
"""A correction is right within half a per cent of the true price."""
TAIL = 13
"""Periods of which the bias at the end is the mean."""
LEAST_F1, LEAST_YARD, MOST_ERROR, COVERAGE = 0.93, 0.85, 0.10, (0.93, 0.97)
"""Targets: F1 of editing, recall of yards, error of a level-1 index in per cent, coverage of 95 % intervals."""


@dataclass(frozen=True)
class Target:
    """A figure and what it must be. met : None where there is no figure to judge."""

    name: str
    value: float | None
    rule: str
    met: bool | None


@dataclass(frozen=True)
class Score:
    """All figures (see docs/score.md for the keys), and the targets."""

    figures: Figures
    targets: tuple[Target, ...]

    @property
    def met(self) -> bool:
        """Whether every target that could be judged is met."""
        return all(t.met is not False for t in self.targets)


def score_folder(
    directory: str | Path, compilation: str | Path | None = None, progress: Progress | None = None
) -> Score:
    """Scores of a compilation of a simulated market. DataError for a folder without truth or compilation."""
    folder = Path(directory)
    compiled = folder / "compiled" if compilation is None else Path(compilation)
    tables = read_tables(folder, compiled)
    raw = _unedited(folder, tables, progress)
    figures: Figures = {
        "market": str(folder),
        "method": {"name": tables.method.method.name, "version": tables.method.method.version},
        "periods": [tables.periods[0], tables.periods[-1]],
        "editing": editing(tables),
        "indices": indices(tables, raw),
        "imputation": imputation(tables),
        "intervals": coverage(tables),
    }
    return Score(figures, tuple(_targets(figures)))


def editing(tables: Tables) -> Figures:
    """What the flags (quotes set aside or corrected) found: over all, by kind of error, by rule; right corrections."""
    quotes, errors = tables.compiled["quotes.parquet"], tables.truth["errors.parquet"]
    at = np.asarray(pc.index_in(quotes["quote"], value_set=errors["quote"].combine_chunks()).fill_null(-1).to_numpy())
    wrong = at >= 0
    kind_of_error, kinds = distinct(errors["kind"])
    kind = np.where(wrong, kind_of_error[at], -1)
    if wrong.sum() == 0 and len(kind_of_error):
        raise DataError("no quote of the compilation is among the errors of the truth; they are of different markets")
    verdict = np.asarray(quotes["verdict"].to_pylist(), dtype=object)
    edited = verdict == "edited"
    flagged: Mask = edited | (verdict == "excluded")
    everything = Found.of(flagged, wrong)
    copy = kind == kinds.index(COPY) if COPY in kinds else np.zeros(len(kind), dtype=bool)
    by_kind: Figures = {}
    for name in sorted(kinds):
        one = Found.of(flagged & (kind == kinds.index(name)), kind == kinds.index(name))
        # A flag names no kind of error, so every kind shares the precision of all flags.
        by_kind[name] = {
            "errors": one.errors,
            "found": one.right,
            "recall": one.recall,
            "f1": harmonic(everything.precision, one.recall),
        }
    rule, rules = distinct(quotes["rule"])
    by_rule: Figures = {}
    for number, name in enumerate(rules):
        mine = flagged & (rule == number)
        if mine.any() and name:
            count = np.bincount(kind[mine & wrong], minlength=len(kinds))
            by_rule[name] = _found(Found.of(mine, wrong)) | {
                "kinds": {kinds[k]: int(count[k]) for k in np.argsort(-count, kind="stable") if count[k]}
            }
    true_price = np.where(wrong, errors["true_price"].cast("float64").to_numpy()[at], np.nan)
    price_used = quotes["used"].to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        near = np.abs(np.log(price_used) - np.log(true_price)) <= np.log1p(RIGHT)
    return {
        "all": _found(everything),
        "without_stale_copy": _found(Found.of(flagged & ~copy, wrong & ~copy)),
        "by_kind": by_kind,
        "by_rule": dict(sorted(by_rule.items(), key=lambda pair: -pair[1]["flagged"])),
        "corrected": int(edited.sum()),
        "corrected_right": int((edited & near).sum()),
        "corrected_right_share": float((edited & near).sum() / edited.sum()) if edited.any() else None,
        "right_within": RIGHT,
    }


def _found(found: Found) -> Figures:
    return {**vars(found), "precision": found.precision, "recall": found.recall, "f1": found.f1}


def level_one(tables: Tables) -> dict[str, tuple[str, str]]:
    """Classes of level 1 with their names in Chinese and English."""
    o = tables.compiled["observations.parquet"]
    first = o.filter(pc.and_(pc.equal(o["level"], 1), pc.equal(o["period"], tables.periods[0])))
    names = zip(*(first[c].to_pylist() for c in ("code", "name_zh", "name_en")), strict=True)
    return {code: (zh, en) for code, zh, en in names}


def _unedited(folder: Path, tables: Tables, progress: Progress | None) -> Array:
    """Levels of the same method over the same quotes without outlier rules and corrections, classes x periods.

    Hard edit rules stay, because a price of 0 has no logarithm; nothing else keeps an error out.
    """
    found = compile_book(read_folder(folder), _without_editing(tables.method), progress)
    at = {p: t for t, p in enumerate(found.book.periods)}
    row = {c: k for k, c in enumerate(found.book.classification.codes)}
    return np.asarray(found.level[np.ix_([row[c] for c in tables.codes], [at[p] for p in tables.periods])])


def _without_editing(given: MethodFile) -> MethodFile:
    method: Method = given.method
    plain = Validate(rule=method.validate.rule, systematic=Systematic(factors=()), entry_bound=0.0)
    return replace(given, method=replace(method, validate=plain, variance=replace(method.variance, replicates=0)))


def indices(tables: Tables, raw: Array) -> Figures:
    """Root mean square error and bias of the total and of every level-1 index, in per cent, and before editing."""
    index = tables.matrix(tables.compiled["observations.parquet"], "index", tables.codes)
    truth = tables.matrix(tables.truth["classes.csv"], "index_true", tables.codes)
    after = 100 * log_error(index, truth)
    before = 100 * log_error(np.where(np.isfinite(index), raw, np.nan), truth)
    names = level_one(tables)
    out: Figures = {}
    for k, code in enumerate(tables.codes):
        if k == 0 or code in names:
            zh, en = names.get(code, ("总指数", "total"))
            out[code] = {
                "name_zh": zh,
                "name_en": en,
                "rmse_before": mean_square_root(before[k]),
                "rmse": mean_square_root(after[k]),
                "bias_last_13": mean(after[k][-TAIL:]),
            }
    return out


def imputation(tables: Tables) -> Figures:
    """Error of imputed prices of missing quotes, by level-1 class: root mean square of logs, in per cent.

    The movement since the price was last seen, against that of the item's true price; beside it the same for
    carry-forward (no movement) and for the mean movement of the elementary aggregate.
    """
    prices, quotes = tables.compiled["prices.parquet"], tables.compiled["quotes.parquet"]
    T = len(tables.periods)
    item, items = distinct(prices["item"])
    unit, units = distinct(prices["unit"])
    key, series = np.unique(item * len(units) + unit, return_inverse=True)
    t = places(prices["period"], tables.periods)
    status = np.asarray(prices["status"].to_pylist(), dtype=object)
    shape = (len(key), T)

    def matrix(values: Any, empty: float, kind: type) -> Any:
        out: Any = np.full(shape, empty, dtype=kind)
        out[series, t] = values
        return out

    log_price = np.log(matrix(prices["price"].to_numpy(), np.nan, np.float64))
    # A series that begins anew has no relative: its jump is no change of price.
    step = np.log(matrix(prices["relative"].to_numpy(), np.nan, np.float64))
    imputed = matrix([s.startswith("I") for s in status], False, bool)
    seen = matrix(np.isin(status, ("O", "E", "R")), False, bool)
    standing = matrix(np.isin(status, ("O", "E", "R", "C")), False, bool)
    q_item, q_unit = places(quotes["item"], items), places(quotes["unit"], units)
    q_key = np.where((q_item >= 0) & (q_unit >= 0), q_item * len(units) + q_unit, -1)
    row = np.minimum(np.searchsorted(key, q_key), len(key) - 1)
    inside = key[row] == q_key
    quoted = np.zeros(shape, dtype=bool)
    quoted[row[inside], places(quotes["period"], tables.periods)[inside]] = True

    ea, eas = distinct(prices["ea"])
    aggregate = np.zeros(len(key), dtype=np.intp)
    aggregate[series] = ea
    item_of = key // len(units)
    truth = np.log(tables.matrix(tables.truth["prices.parquet"], "price", items, row="item"))[item_of]
    # Donors: seen in both periods; a first price of a replacement has none before it.
    donor = matrix(np.isin(status, ("O", "E")), False, bool) & np.isfinite(step)
    donor[:, 1:] &= standing[:, :-1]
    donor[:, 0] = False
    moved = group_movement(step, donor, aggregate, len(eas))[aggregate]

    s, now = np.nonzero(imputed & ~quoted)
    then = last_seen(seen)[s, now]
    s, now, then = s[then >= 0], now[then >= 0], then[then >= 0]
    true = truth[s, now] - truth[s, then]
    errors = {
        "imputed": log_price[s, now] - log_price[s, then] - true,
        "carry_forward": -true,
        "class_mean": moved[s, now] - moved[s, then] - true,
    }
    top = _tops(tables, eas)[aggregate[s]]
    out: Figures = {}
    for code, (zh, en) in level_one(tables).items():
        mine = (top == code) & np.isfinite(true)
        out[code] = {
            "name_zh": zh,
            "name_en": en,
            "prices": int(mine.sum()),
            **{name: _per_cent(mean_square_root(e[mine])) for name, e in errors.items()},
        }
    return out


def _per_cent(value: float | None) -> float | None:
    return None if value is None else 100 * value


def _tops(tables: Tables, eas: list[str]) -> Any:
    """The level-1 class of each elementary aggregate."""
    o = tables.compiled["observations.parquet"]
    parent = dict(zip(o["code"].to_pylist(), o["parent"].to_pylist(), strict=True))
    first = level_one(tables)

    def climb(code: str) -> str:
        while code and code not in first:
            code = parent.get(code, "")
        return code

    return np.array([climb(e) for e in eas], dtype=object)


def coverage(tables: Tables) -> Figures:
    """How often intervals hold the population's index, by level-1 class: levels on the first period, and changes."""
    o = tables.compiled["observations.parquet"]
    column = {c: tables.matrix(o, c, tables.codes) for c in ("index", "low", "high", "change_low", "change_high")}
    population = tables.matrix(tables.truth["population.csv"], "index_population", tables.codes)
    first = _first(column["index"])
    at = np.arange(len(first))
    base, true_base = column["index"][at, first][:, None], population[at, first][:, None]
    true_level = population / true_base
    low, high = column["low"] / base, column["high"] / base
    low[at, first] = np.nan  # the base is no estimate
    true_change = np.full_like(population, np.nan)
    true_change[:, 1:] = 100 * (population[:, 1:] / population[:, :-1] - 1)
    true_change[:, 1:] = np.where(np.isfinite(column["index"][:, :-1]), true_change[:, 1:], np.nan)
    out: Figures = {"classes": {}, "level": tables.method.method.variance.level}
    for code, (zh, en) in level_one(tables).items():
        k = tables.codes.index(code)
        out["classes"][code] = {
            "name_zh": zh,
            "name_en": en,
            "levels": holds(low[k], high[k], true_level[k]),
            "changes": holds(column["change_low"][k], column["change_high"][k], true_change[k]),
        }
    for name in ("levels", "changes"):
        given = [row[name] for row in out["classes"].values() if row[name] is not None]
        out[name] = float(np.mean(given)) if given else None
    return out


def _first(values: Array) -> Codes:
    """Position of the first finite value of each row, 0 where there is none."""
    have = np.isfinite(values)
    return np.asarray(np.where(have.any(axis=1), have.argmax(axis=1), 0), dtype=np.intp)


def _targets(figures: Figures) -> Iterator[Target]:
    f1 = figures["editing"]["all"]["f1"]
    yield Target("F1 of editing", f1, f">= {LEAST_F1}", None if f1 is None else f1 >= LEAST_F1)
    yard = figures["editing"]["by_kind"].get(YARD, {}).get("recall")
    yield Target("recall of yard for metre", yard, f">= {LEAST_YARD}", None if yard is None else yard >= LEAST_YARD)
    classes = list(figures["indices"].values())[1:]
    errors = [row["rmse"] for row in classes if row["rmse"] is not None]
    worst = max(errors) if errors else None
    rule = f"<= {MOST_ERROR:.2f} %"
    yield Target("largest error of a level-1 index, %", worst, rule, None if worst is None else worst <= MOST_ERROR)
    ratios = [r["imputed"] / r["carry_forward"] for r in figures["imputation"].values() if r["carry_forward"]]
    largest = max(ratios) if ratios else None
    yield Target(
        "imputation error over that of carry-forward, worst class",
        largest,
        "< 1",
        None if not ratios else max(ratios) < 1,
    )
    for name in ("levels", "changes"):
        share = figures["intervals"][name]
        met = None if share is None else COVERAGE[0] <= share <= COVERAGE[1]
        yield Target(f"coverage of {name}", share, f"{COVERAGE[0]} to {COVERAGE[1]}", met)
