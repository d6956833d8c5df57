"""The results of a compilation as tables: observations, quotes with their verdicts, prices used, quality."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ellwand.engine.periods import natural_key
from ellwand.production.book import NONE, Array, Codes, Mask
from ellwand.production.compile import STATUSES, Compiled, quote_contributions, ratios
from ellwand.production.line import ABSENT, IMPUTED, REPLACED, STATES
from ellwand.production.replace import WAYS
from ellwand.production.validate import ACCEPTED, EDITED, EXCLUDED, MEASURE, QUERIED
from ellwand.production.variance import Intervals, intervals

VERDICTS = {ACCEPTED: "accepted", EDITED: "edited", QUERIED: "queried", EXCLUDED: "excluded"}


@dataclass(frozen=True)
class Results:
    """A compilation and its intervals, with the tables made of them. periods : the periods that the tables show."""

    compiled: Compiled
    intervals: Intervals | None
    periods: tuple[int, ...]

    @classmethod
    def of(cls, compiled: Compiled, start: int = 0, stop: int | None = None) -> "Results":
        """Results of the periods start..stop (positions, both included); the intervals are computed here."""
        last = len(compiled.book.periods) - 1 if stop is None else stop
        periods = tuple(range(start, last + 1))
        return cls(compiled, intervals(compiled, periods), periods)

    @cached_property
    def levels(self) -> Array:
        """Index levels, NaN where there is no issue or the class is suppressed."""
        c = self.compiled
        return np.where(c.issued[None, :] & ~c.suppressed, c.level, np.nan)

    def observations(self) -> pa.Table:
        """One row for each class and period: see docs/compile.md for the columns."""
        c, book = self.compiled, self.compiled.book
        at = np.asarray(self.periods, dtype=np.intp)
        n, T = len(book.classification.codes), len(at)
        codes = list(book.classification.codes)
        rows = [book.classes.at[code] for code in codes]
        zh, en = book.classes.column("name_zh"), book.classes.column("name_en")
        parents = [codes[p] if p >= 0 else "" for p in book.classification.parents]
        paths = self._paths()
        repeat = pa.array(np.repeat(np.arange(n), T))

        def text(values: list[str]) -> pa.Array:
            return pa.array(values, pa.string()).take(repeat)

        def figures(values: Array, shown: Mask | None = None) -> pa.Array:
            part = np.asarray(values[:, at], dtype=np.float64)
            good = np.isfinite(part)
            if shown is not None:
                good &= shown[:, at]
            return pa.array(part.ravel(), mask=~good.ravel())

        def whole(name: str) -> pa.Array:
            return pa.array(c.counts[name][:, at].ravel())

        shown = np.isfinite(self.levels)
        # A class's weight stands at its price of the period before, and its contribution is measured from the issue
        # before: what was hidden then would follow from them.
        hidden = c.suppressed
        weighed = ~np.concatenate([hidden[:, :1], hidden[:, :-1]], axis=1)
        contributed = shown & ~hidden[:, np.maximum(c.previous, 0)]
        before, year_start, last_year = self.changes()
        weights = c.aggregated.weights / c.aggregated.weights[0]
        i = self.intervals
        blank = np.full(c.level.shape, np.nan)
        columns: dict[str, Any] = {
            "series": text(paths),
            "code": text(codes),
            "parent": text(parents),
            "level": pa.array((book.classification.tree.depth[np.repeat(np.arange(n), T)]).astype(np.int64)),
            "name_zh": text([zh[r] for r in rows]),
            "name_en": text([en[r] for r in rows]),
            "period": pa.array([book.periods[t] for t in at], pa.string()).take(pa.array(np.tile(np.arange(T), n))),
            "index": figures(self.levels),
            "change_previous": figures(before),
            "change_year_start": figures(year_start),
            "change_last_year": figures(last_year),
            "se": figures(i.se if i else blank, shown),
            "low": figures(i.low if i else blank, shown),
            "high": figures(i.high if i else blank, shown),
            "change_se": figures(i.change_se if i else blank, shown),
            "change_low": figures(i.change_low if i else blank, shown),
            "change_high": figures(i.change_high if i else blank, shown),
            "contribution": figures(c.contribution, contributed),
            "weight": figures(weights, weighed),
            "grade": pa.array(c.grade[:, at].ravel().tolist(), pa.string()),
            "imputed_share": figures(c.imputed),
            "carried_share": figures(c.carried),
            **{name: whole(name) for name in COUNTS},
            "status": pa.array(c.status[:, at].ravel().tolist(), pa.string()),
            "simulated": pa.array([book.simulated] * (n * T)),
        }
        return pa.table(columns)

    def _paths(self) -> list[str]:
        """Series codes as paths: price/total, price/1, price/1/1.1 ..."""
        book = self.compiled.book
        out: list[str] = []
        for k, p in enumerate(book.classification.parents):
            if p < 0:
                out.append("price/total")
            elif book.classification.parents[p] < 0:
                out.append(f"price/{book.classification.codes[k]}")
            else:
                out.append(f"{out[p]}/{book.classification.codes[k]}")
        return out

    @property
    def previous(self) -> Codes:
        """Position of the previous issue of each period, NONE for the first."""
        return self.compiled.previous

    @cached_property
    def year_starts(self) -> Codes:
        """Position of the last issue of the year before each period, NONE where there is none."""
        years = [natural_key(p)[1] if len(natural_key(p)) > 1 else 0 for p in self.compiled.book.periods]
        last: dict[int, int] = {}
        for t, year in enumerate(years):
            if self.compiled.issued[t]:
                last[year] = t
        return np.array([last.get(y - 1, NONE) for y in years], dtype=np.intp)

    @cached_property
    def last_years(self) -> Codes:
        """Position of the same period a year before: 52 weeks, 12 months or 4 quarters; NONE where there is none."""
        keys = [natural_key(p) for p in self.compiled.book.periods]
        lags = {("", "-W", ""): 52, ("", "-", ""): 12, ("", "-Q", ""): 4, ("", ""): 1}
        # Periods of another kind have no year: there is nothing to compare with.
        lag = lags.get(keys[0][::2], len(keys))
        return np.where(np.arange(len(keys)) >= lag, np.arange(len(keys)) - lag, NONE)

    def changes(self) -> tuple[Array, Array, Array]:
        """Changes in per cent on the previous issue, on the last issue of the year before, and on a year before."""
        rules = self.compiled.method.method.release
        levels = self.levels
        if rules.changes == "published":
            levels = half_away(levels, rules.decimals)

        def on(base: Codes) -> Array:
            with np.errstate(invalid="ignore"):
                out = 100 * (levels / levels[:, np.maximum(base, 0)] - 1)
            return np.where(base == NONE, np.nan, out)

        return on(self.previous), on(self.year_starts), on(self.last_years)

    def quotes(self) -> pa.Table:
        """Every quote of the periods shown, with verdict, rule, accepted interval, proposal and score.

        The score is the influence on the total, in percentage points: weight times the log distance from the
        reference. They stand in the order of period, elementary aggregate, item and unit; none is left out.
        """
        book, line = self.compiled.book, self.compiled.line
        s, t = self._cells(book.row != NONE)
        order = np.lexsort((s, t))
        s, t = s[order], t[order]
        rows = pa.array(book.row[s, t])
        names = [*line.rules]
        rule = line.rule[s, t]
        with np.errstate(divide="ignore", invalid="ignore"):
            # A price converted from another unit of measure is compared as converted.
            converted = (line.verdict[s, t] == EDITED) & (rule == names.index(MEASURE))
            log = np.log(np.where(converted, line.price[s, t], book.price[s, t]) / line.reference[s, t])
        score = self._influence(s, t, log)
        kept = [n for n in ("quote", "period", "unit", "item", "price", "unit_of_measure", "currency", "quantity",
                          "review")
                if n in book.quotes.column_names]  # fmt: skip
        out = {n: book.quotes[n].take(rows) for n in kept}
        out |= {
            "ea": pa.array(book.classification.leaves).take(pa.array(book.aggregate[s])),
            "verdict": pa.array([VERDICTS[int(v)] for v in line.verdict[s, t]], pa.string()),
            "rule": pa.array([names[r] if r != NONE else None for r in rule.tolist()], pa.string()),
            "reference": _figures(line.reference[s, t]),
            "low": _figures(line.low[s, t].astype(np.float64)),
            "high": _figures(line.high[s, t].astype(np.float64)),
            "proposal": _figures(line.proposal[s, t]),
            "used": _figures(np.where(line.verdict[s, t] == EXCLUDED, np.nan, line.price[s, t])),
            "score": _figures(score),
            "simulated": pa.array([book.simulated] * len(s)),
        }
        return pa.table(out).combine_chunks()

    def _cells(self, mask: Mask) -> tuple[Codes, Codes]:
        keep = np.zeros(mask.shape[1], dtype=bool)
        keep[list(self.periods)] = True
        s, t = np.nonzero(mask & keep[None, :])
        return s, t

    def _influence(self, s: Codes, t: Codes, log: Array) -> Array:
        c, book = self.compiled, self.compiled.book
        share = book.classification.tree.multipliers(c.aggregated.shares, 0)
        node = book.classification.tree.leaves[book.aggregate[s]]
        count = np.maximum(c.counts["due"][node, t], 1)
        weight = np.where(c.weight[s, t] > 0, c.weight[s, t], 1 / count)
        # A price of 0 has no distance, and so no score.
        distance = np.where(np.isfinite(log), np.abs(log), np.nan)
        return np.asarray(100 * share[node, t] * weight * distance)

    def prices(self) -> pa.Table:
        """Every series and period in force or due: price used, what it is compared with, status, donors, link."""
        book, line = self.compiled.book, self.compiled.line
        s, t = self._cells((line.state != ABSENT) | book.due | (book.row != NONE))
        x = ratios(line)
        return pa.table(
            {
                "item": pa.array(book.items.codes).take(pa.array(book.item[s])),
                "unit": pa.array(book.units.codes).take(pa.array(book.unit[s])),
                "ea": pa.array(book.classification.leaves).take(pa.array(book.aggregate[s])),
                "period": pa.array(book.periods).take(pa.array(t)),
                "price": _figures(line.price[s, t]),
                "compared_with": _figures(line.before[s, t]),
                "relative": _figures(x[s, t]),
                "status": self.statuses().take(pa.array(s * len(book.periods) + t)),
                "donors": pa.array(line.donors[s, t].astype(np.int64), mask=line.state[s, t] != IMPUTED),
                "run": pa.array(line.run[s, t].astype(np.int64)),
                "rule": pa.array([line.rules[r] if r != NONE else None for r in line.rule[s, t].tolist()], pa.string()),
                "link": pa.array([WAYS[w] if w != NONE else None for w in line.way[s, t].tolist()], pa.string()),
                "simulated": pa.array([book.simulated] * len(s)),
            }
        )

    def statuses(self) -> pa.Array:
        """Status code of every series and period, in the order of the matrices: O, E, I-t ..., C, R, X, N."""
        line = self.compiled.line
        letters = line.letters()
        labels = [*STATES, *letters, "X"]
        codes = line.state.astype(np.int64)
        # A quote that was set aside, and no price in its place.
        codes = np.where((line.verdict == EXCLUDED) & np.isnan(line.price), len(labels) - 1, codes)
        codes = np.where((codes == IMPUTED) & (line.level != NONE), len(STATES) + line.level, codes)
        return pa.array(labels, pa.string()).take(pa.array(codes.ravel()))

    def drill(self, t: int) -> pa.Table:
        """Every series of one period with names, for the report: from a class down to single quotes."""
        c, book, line = self.compiled, self.compiled.book, self.compiled.line
        s = np.flatnonzero((line.state[:, t] != ABSENT) | (book.row[:, t] != NONE))
        x = ratios(line)[:, t]
        rule = line.rule[s, t]
        status = self.statuses().take(pa.array(s * len(book.periods) + t)).to_pylist()
        verdict = line.verdict[s, t]
        status = ["X" if v == EXCLUDED else code for v, code in zip(verdict, status, strict=True)]

        def named(register: Any, at: Codes, name: str) -> pa.Array:
            return pa.array(register.column(name), pa.string()).take(pa.array(at))

        donor = [line.letters()[k] if k != NONE else None for k in line.level[s, t].tolist()]
        previous = line.before[s, t]
        return pa.table(
            {
                "ea": pa.array(book.classification.leaves).take(pa.array(book.aggregate[s])),
                "item": pa.array(book.items.codes).take(pa.array(book.item[s])),
                "item_zh": named(book.items, book.item[s], "name_zh"),
                "item_en": named(book.items, book.item[s], "name_en"),
                "unit_of_measure": named(book.items, book.item[s], "unit_of_measure"),
                "unit": pa.array(book.units.codes).take(pa.array(book.unit[s])),
                "unit_zh": named(book.units, book.unit[s], "name_zh"),
                "unit_en": named(book.units, book.unit[s], "name_en"),
                "quoted": _figures(book.price[s, t]),
                "price": _figures(line.price[s, t]),
                "compared_with": _figures(previous),
                "relative": _figures(x[s]),
                "status": pa.array(status, pa.string()),
                "rule": pa.array([line.rules[r] if r != NONE else None for r in rule.tolist()], pa.string()),
                "donor": pa.array(donor, pa.string()),
                "donors": pa.array(line.donors[s, t].astype(np.int64)),
                "contribution": _figures(quote_contributions(c, t)[s]),
            }
        )

    def headline(self) -> list[str]:
        """The last issue in words: the total with its three changes and its interval, for the command."""
        c, book = self.compiled, self.compiled.book
        issued = [t for t in self.periods if c.issued[t]]
        if not issued:
            return ["no period has an issue"]
        t, decimals = issued[-1], c.method.method.release.decimals
        if not np.isfinite(self.levels[0, t]):
            return [f"{book.periods[t]}: no figure for the total: {STATUSES[str(c.status[0, t])]}"]
        parts = [f"{book.periods[t]}: total {self.levels[0, t]:.{decimals}f}"]
        for name, values in zip(
            ("on the previous issue", "on the year start", "on last year"), self.changes(), strict=True
        ):
            if np.isfinite(values[0, t]):
                parts.append(f"{values[0, t]:+.{decimals}f} % {name}")
        out = [", ".join(parts)]
        if self.intervals is not None and np.isfinite(self.intervals.low[0, t]):
            level = 100 * c.method.method.variance.level
            i = self.intervals
            out.append(f"{level:g} % interval {i.low[0, t]:.{decimals}f} to {i.high[0, t]:.{decimals}f}")
        return out

    def quality(self) -> dict[str, Any]:
        """The quality report of the last period shown and of all of them: response, verdicts by rule, imputation."""
        c, book, line = self.compiled, self.compiled.book, self.compiled.line
        at = list(self.periods)
        last = max((t for t in at if c.issued[t]), default=at[-1])

        def rates(part: list[int]) -> dict[str, Any]:
            due = int((book.due & ~book.closed)[:, part].sum())
            quotes = int((book.row[:, part] != NONE).sum())
            used = int(np.isin(line.verdict[:, part], (ACCEPTED, EDITED, QUERIED)).sum())
            by_rule = {
                name: {
                    VERDICTS[v]: int(((line.rule[:, part] == r) & (line.verdict[:, part] == v)).sum())
                    for v in VERDICTS
                    if ((line.rule[:, part] == r) & (line.verdict[:, part] == v)).any()
                }
                for r, name in enumerate(line.rules)
            }
            statuses = self.statuses().to_numpy(zero_copy_only=False).reshape(line.state.shape)[:, part]
            labels, number = np.unique(statuses[statuses != ""], return_counts=True)
            return {
                "due_of_open_units": due,
                "quotes": quotes,
                "response_rate": quotes / due if due else None,
                "used": used,
                "verdicts": {VERDICTS[v]: int((line.verdict[:, part] == v).sum()) for v in VERDICTS},
                "by_rule": {k: v for k, v in by_rule.items() if v},
                "series_by_status": dict(zip(labels.tolist(), number.tolist(), strict=True)),
                "replacements": {
                    WAYS[w]: int((line.way[:, part] == w).sum())
                    for w in range(len(WAYS))
                    if (line.way[:, part] == w).any()
                },
            }

        report: dict[str, Any] = {
            "simulated": book.simulated,
            "last_period": book.periods[last],
            "last": rates([last]),
            "all": rates(at),
            "periods_without_issue": [book.periods[t] for t in at if not c.issued[t]],
            "grades_last": {
                g: int((c.grade[:, last] == g).sum()) for g in ("A", "B", "C", "S") if (c.grade[:, last] == g).any()
            },
            "mean_price_change_hidden_in_replacements": line.markup,
        }
        if self.intervals is not None:
            i = self.intervals
            report["variance"] = {
                "replicates": i.replicates,
                "pair_periods": vars(i.report),
                "interval_of_last_total": [float(i.low[0, last]), float(i.high[0, last])],
            }
        return report


COUNTS = (
    "matched", "units", "due", "quotes", "observed", "corrected", "replaced", "imputed", "carried", "not_collected",
    "excluded", "queried",
)  # fmt: skip


def _figures(values: NDArray[Any]) -> pa.Array:
    return pa.array(np.asarray(values, dtype=np.float64), mask=~np.isfinite(values))


def half_away(values: Array, decimals: int) -> Array:
    """Rounded half away from zero, as a published figure is."""
    scale = 10.0**decimals
    # The decimal text decides: 1.005 as typed is a half, though its double lies below.
    return np.asarray(np.sign(values) * np.floor(np.round(np.abs(values) * scale, 9) + 0.5) / scale)


__all__ = ["COUNTS", "REPLACED", "Results", "half_away"]
