"""Validation of a period's quotes: edit rules, outlier rules, errors by a known factor, prices that come again.

Every quote gets a verdict, the rule behind it, the accepted interval and, where an error by a factor is found, a
proposed price. Nothing is deleted. Source: CPI Manual 2020, chapter 5.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ellwand.engine.errors import DataError
from ellwand.formulas.editing import outliers
from ellwand.formulas.systematic import SLIPS, digit_slips, systematic_errors
from ellwand.formulas.textile_units import conversion_factors
from ellwand.production import plugins
from ellwand.production.book import NONE, Array, Book, Codes, Mask
from ellwand.production.method import Outlier, Validate
from ellwand.production.past import Arrays
from ellwand.production.relation import Usual
from ellwand.production.rules import check, parse_rules, violations

ACCEPTED, EDITED, QUERIED, EXCLUDED = 1, 2, 3, 4
"""Verdicts: used as quoted; used as corrected by a recorded rule; used, and asked about; set aside."""

_DECIMAL = {"ten times": 10.0, "a tenth": 0.1, "hundred times": 100.0, "a hundredth": 0.01}
_YARD = {"per yard for per metre": 0.9144, "per metre for per yard": 1 / 0.9144}
_PACK = {
    "double": 2.0, "half": 0.5, "per dozen for per piece": 12.0, "per piece for per dozen": 1 / 12,
    "thousand times": 1000.0, "a thousandth": 0.001,
}  # fmt: skip
FACTORS = ("decimal", "yard_metre", "kg_metre", "pack", "exchange_rate", "vat", "digits")
"""Kinds of systematic error that a method may name; digits: two digits swapped, or one wrong."""

PRICE, CURRENCY, MEASURE, ENTRY, RELATION, REVIEW = (
    "price", "currency", "unit_of_measure", "entry", "relation", "review",
)  # fmt: skip
"""Rules that every method has: a price must be a number above 0, in the market's currency, in a unit of measure that
can be converted into the item's, a first price near those of the item's other units, a newly set price near the usual
place of its series in its class, and what a reviewer decided holds."""

RIGHT, WRONG = "accepted", "excluded"
"""Decisions of a reviewer in the column `review` of the quotes: the price is right, or it is set aside."""


@dataclass(frozen=True)
class Verdicts:
    """Of the quotes of one period: which series, and for each the price to use (NaN if set aside) and why.

    restart : series whose earlier price was the wrong one: they begin anew, and no change is measured.
    """

    series: Codes
    price: Array
    verdict: NDArray[np.int8]
    rule: NDArray[np.int16]
    low: Array
    high: Array
    reference: Array
    proposal: Array
    restart: Mask


class Validator:
    """Judges the quotes of a book, period after period, by the rules of a method.

    ValueError (RuleError) for a rule set that contradicts itself or names an unknown field.
    """

    def __init__(self, book: Book, rules: Validate) -> None:
        self.book, self.rules = book, rules
        items = book.items
        self.measure = np.array(items.column("unit_of_measure"), dtype=object)[book.item]
        self.gsm = items.numbers("gsm")[book.item]
        self.width = items.numbers("width_cm")[book.item]
        self.columns = _columns(book)
        self._reviewed = _reviews(book)
        fields: dict[str, Any] = {name: _kind(values) for name, values in self.columns.items()}
        tables = [{k: v for k, v in vars(rule).items() if v != ""} for rule in rules.rule]
        self.edits = parse_rules(tables, fields | _SERIES | _ITEM)
        self.warnings = check(self.edits)
        self.names: list[str] = [PRICE, CURRENCY, MEASURE, ENTRY, RELATION, REVIEW]
        self.names += [rule.name for rule in rules.rule]
        self.names += [f"outlier {k + 1}: {o.rule}" for k, o in enumerate(rules.outlier)]
        self.names += [f"factor: {kind}" for kind in FACTORS]
        self.names += ["confirmed"]
        self._cells, self._above = _cells(book)
        self._held = np.full(book.series, np.nan)
        self._count = np.zeros(book.series, dtype=np.int64)
        self._settled = np.zeros(book.series, dtype=np.int64)
        self._usual = Usual(book, rules.relation) if rules.relation.k > 0 else None
        self._kg_per_m = self.gsm / 1000 * self.width / 100

    def memory(self) -> Arrays:
        """What was learned so far, by name."""
        own = {"held": self._held, "count": self._count, "settled": self._settled}
        return own if self._usual is None else {**own, **self._usual.memory()}

    def resume(self, known: Arrays, at: Codes) -> None:
        """Take over what an earlier validator learned. at : position here of each of its series.

        ValueError where the one judged by the usual place of a price and the other does not.
        """
        self._held[at], self._count[at], self._settled[at] = known["held"], known["count"], known["settled"]
        if (self._usual is None) == ("normal" in known):
            raise ValueError("the method judges by the usual place of a price, or does not, other than the line knows")
        if self._usual is not None:
            self._usual.resume(known, at)

    def impossible(self, series: Codes, price: Array) -> tuple[Mask, NDArray[np.int16]]:
        """Imputed prices that a hard edit rule on price and item forbids, and the rule; they are not used."""
        bad, rule = np.zeros(len(series), dtype=bool), np.full(len(series), NONE, dtype=np.int16)
        fixed = {"price", *_ITEM}
        edits = [e for e in self.edits if e.kind == "hard" and e.needed | e.asked <= fixed]
        columns = {"price": price, **self._item_columns(series)}
        for edit, broken in zip(edits, violations(edits, columns) if edits else [], strict=True):
            rule[broken & ~bad] = self._rule(edit.name)
            bad |= broken
        return bad, rule

    def _item_columns(self, series: Codes) -> dict[str, Any]:
        return {
            "gsm": self.gsm[series],
            "width_cm": self.width[series],
            "item_unit_of_measure": self.measure[series],
            "market_currency": np.full(len(series), self.book.currency, dtype=object),
        }

    def _rule(self, name: str) -> int:
        return self.names.index(name)

    def judge(self, t: int, reference: Array, since: NDArray[np.int64]) -> Verdicts:
        """Verdicts on the quotes of period t.

        reference : price used in the period before, NaN for a series not in force. since : periods since its price
        was last seen. Source of the rules: the method.
        """
        book = self.book
        series = np.flatnonzero(book.row[:, t] != NONE)
        rows = book.row[series, t]
        raw = book.price[series, t]
        n = len(series)
        verdict = np.full(n, ACCEPTED, dtype=np.int8)
        rule = np.full(n, NONE, dtype=np.int16)
        proposal = np.full(n, np.nan)
        price = raw.copy()

        def exclude(at: Mask, name: str) -> None:
            fresh = at & (verdict != EXCLUDED)
            verdict[fresh], rule[fresh] = EXCLUDED, self._rule(name)

        decided = self._reviewed[rows]
        exclude(decided == -1, REVIEW)
        with np.errstate(invalid="ignore"):
            exclude(~((raw > 0) & (raw < np.inf)), PRICE)
        self._measures(series, rows, price, verdict, rule, exclude)
        ref = reference[series]
        ratio = np.where(verdict == EXCLUDED, np.nan, price / ref)
        self._edits(t, series, rows, price, ref, ratio, verdict, rule, exclude)
        ratio[verdict == EXCLUDED] = np.nan
        # Whom the hard edits let pass and a reviewer found right: nothing below sets it aside, corrects or queries it.
        right = (decided == 1) & (verdict != EXCLUDED)
        converted = right & (verdict == EDITED)
        flagged, low, high = self._outliers(series, ratio, ref, since[series], verdict, rule)
        if self._usual is not None:
            flagged |= self._relation(self._usual, series, ratio, reference, since[series], verdict, rule, low, high)
        flagged |= self._entry(series, price, reference, verdict, rule)
        self._factors(series, ratio, price, ref, flagged, verdict, rule, proposal)
        verdict[right], rule[right] = ACCEPTED, self._rule(REVIEW)
        # A price in another unit of measure is right as converted, and remains marked as such.
        verdict[converted], rule[converted] = EDITED, self._rule(MEASURE)
        proposal[right], flagged[right] = np.nan, False
        restart = self._confirm(series, price, price / ref, flagged, np.isfinite(ref), verdict, rule)
        edited = (verdict == EDITED) & np.isfinite(proposal)
        used = np.where(edited, proposal, price)
        used[verdict == EXCLUDED] = np.nan
        if self._usual is not None:
            # A price that was confirmed or found right is where the series stands from now on.
            confirmed = (rule == self._rule("confirmed")) | right
            self._usual.learn(series, np.log(used), np.log(ref), restart | confirmed)
        return Verdicts(series, used, verdict, rule, low, high, ref, proposal, restart)

    def _measures(self, series: Codes, rows: Codes, price: Array, verdict: Any, rule: Any, exclude: Any) -> None:
        """Another currency is set aside; another unit of measure is converted, or set aside where it cannot be."""
        if "currency" in self.columns:
            given = self.columns["currency"][rows]
            exclude((given != self.book.currency) & (given != ""), CURRENCY)
        if "unit_of_measure" not in self.columns:
            return
        given, wanted = self.columns["unit_of_measure"][rows], self.measure[series]
        other = np.flatnonzero((given != wanted) & (given != "") & (verdict != EXCLUDED))
        if not len(other):
            return
        factor = np.full(len(other), np.nan)
        for k, i in enumerate(other.tolist()):
            try:
                one, _ = conversion_factors(given[i], wanted[i], self.gsm[series[i]], self.width[series[i]])
                factor[k] = float(one)
            except ValueError:
                continue
        cannot = np.zeros(len(series), dtype=bool)
        cannot[other[~np.isfinite(factor)]] = True
        exclude(cannot, MEASURE)
        can = other[np.isfinite(factor)]
        price[can] *= factor[np.isfinite(factor)]
        verdict[can], rule[can] = EDITED, self._rule(MEASURE)

    def _edits(
        self, t: int, series: Codes, rows: Codes, price: Array, ref: Array, ratio: Array, verdict: Any, rule: Any,
        exclude: Any,
    ) -> None:  # fmt: skip
        if not self.edits:
            return
        columns: dict[str, Any] = {name: values[rows] for name, values in self.columns.items()}
        columns |= {"price": price, "reference": ref, "ratio": ratio, **self._item_columns(series)}
        for edit, broken in zip(self.edits, violations(self.edits, columns), strict=True):
            if edit.kind == "hard":
                exclude(broken, edit.name)
            else:
                fresh = broken & (verdict == ACCEPTED)
                verdict[fresh], rule[fresh] = QUERIED, self._rule(edit.name)

    def _outliers(
        self, series: Codes, ratio: Array, ref: Array, since: NDArray[np.int64], verdict: Any, rule: Any
    ) -> tuple[Mask, Array, Array]:
        low, high = np.full(len(series), -np.inf), np.full(len(series), np.inf)
        flagged = np.zeros(len(series), dtype=bool)
        wide = 1 + self.rules.gap_widening * np.maximum(since - 1, 0)
        for k, one in enumerate(self.rules.outlier):
            below, above = self._bounds(one, series, ratio, ref, wide)
            with np.errstate(invalid="ignore"):
                hit = (ratio < below * (1 - 1e-12)) | (ratio > above * (1 + 1e-12))
            low, high = np.maximum(low, below), np.minimum(high, above)
            name = self._rule(f"outlier {k + 1}: {one.rule}")
            if one.kind == "hard":
                fresh = hit & (verdict != EXCLUDED)
                verdict[fresh], rule[fresh] = EXCLUDED, name
                flagged |= fresh
            else:
                fresh = hit & (verdict == ACCEPTED)
                verdict[fresh], rule[fresh] = QUERIED, name
        have = np.isfinite(ratio)
        return flagged, np.where(have, low, np.nan), np.where(have, high, np.nan)

    def _relation(
        self, usual: Usual, series: Codes, ratio: Array, reference: Array, since: NDArray[np.int64], verdict: Any,
        rule: Any, low: Array, high: Array,
    ) -> Mask:  # fmt: skip
        """Newly set prices far from the usual place of their series; the accepted intervals become narrower."""
        usual.forget(~np.isfinite(reference))
        before = np.log(reference[series])
        below, above, hit = usual.judge(series, np.log(ratio) + before, before, since.astype(np.float64))
        low[:], high[:] = np.fmax(low, below), np.fmin(high, above)
        verdict[hit], rule[hit] = EXCLUDED, self._rule(RELATION)
        return hit

    def _bounds(self, one: Outlier, series: Codes, ratio: Array, ref: Array, wide: Array) -> tuple[Array, Array]:
        """Accepted interval of the ratio, wider (in logs, about the middle) for each period without a price."""
        given = dict(one.params)
        row = plugins.outlier_rules()[one.rule]
        found = outliers(
            row,
            ratio,
            self._cells[one.group][series],
            parent=self._above,
            previous=ref if row.previous else None,
            c=one.fallback,
            changed_only=one.changed_only,
            pool_below=one.minimum,
            fixed_below=min(5, one.minimum),
            **given,
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            bottom, top = np.log(found.low), np.log(found.high)
        middle = np.where(np.isfinite(bottom) & np.isfinite(top), (bottom + top) / 2, 0.0)
        return np.exp(middle + (bottom - middle) * wide), np.exp(middle + (top - middle) * wide)

    def _entry(self, series: Codes, price: Array, reference: Array, verdict: Any, rule: Any) -> Mask:
        """A first price far from those of the item's other units, or, where there are none, from its aggregate's.

        Other units in force come first; where all units of an item begin together, the middle of the others is taken,
        and of two that disagree the one is wrong that lies further from the middle of the aggregate.
        """
        flagged = np.zeros(len(series), dtype=bool)
        new = np.flatnonzero(~np.isfinite(reference[series]) & (verdict != EXCLUDED))
        if self.rules.entry_bound <= 0 or not len(new):
            return flagged
        book, own, log = self.book, series[new], np.log(price[new])
        have = np.flatnonzero(np.isfinite(reference))
        n, leaves = len(book.items.at), len(book.classification.leaves)
        item, ea = book.item[own], book.aggregate[own]
        known = _middles(book.item[have], np.log(reference[have]), n)[item]
        fellows = _others_middle(item, log)
        everyone = np.concatenate([have, own])
        x = np.concatenate([np.log(reference[have]), log])
        middle = _middles(book.aggregate[everyone], x, leaves)[ea]
        many = np.bincount(book.aggregate[everyone], minlength=leaves)[ea] >= LEAST
        bound = np.log1p(self.rules.entry_bound)
        with np.errstate(invalid="ignore"):
            hit = np.abs(log - known) > bound
            hit |= np.isnan(known) & (np.abs(log - fellows) > bound) & (np.abs(log - middle) > np.abs(fellows - middle))
            if self.rules.entry_bound_class > 0:
                alone = np.isnan(known) & np.isnan(fellows) & many
                hit |= alone & (np.abs(log - middle) > np.log1p(self.rules.entry_bound_class))
        at = new[hit]
        verdict[at], rule[at] = EXCLUDED, self._rule(ENTRY)
        flagged[at] = True
        return flagged

    def _factors(
        self, series: Codes, ratio: Array, price: Array, ref: Array, flagged: Mask, verdict: Any, rule: Any,
        proposal: Array,
    ) -> None:  # fmt: skip
        """Errors by a known factor: the proposal, and the verdict where the method accepts such corrections."""
        rules = self.rules.systematic
        look = flagged if rules.only_outliers else np.isfinite(ratio) & (verdict != EXCLUDED) | flagged
        at = np.flatnonzero(look & np.isfinite(ratio))
        if not len(at) or not rules.factors:
            return
        factors: dict[str, float] = {}
        kind_of: dict[str, str] = {}
        own: dict[str, Any] = {}
        for kind, table in (("decimal", _DECIMAL), ("yard_metre", _YARD), ("pack", _PACK)):
            if kind in rules.factors:
                factors |= table
                kind_of |= dict.fromkeys(table, kind)
        for kind, value in (
            ("kg_metre", self._kg_per_m[series[at]]),
            ("exchange_rate", rules.exchange_rate),
            ("vat", rules.vat),
        ):
            if kind in rules.factors:
                own[kind] = value
                kind_of |= {kind: kind, f"1 / {kind}": kind}
        found = systematic_errors(ratio[at], price[at], own=own, tolerance=rules.tolerance, factors=factors)
        proposed, kinds = found.proposed.copy(), [kind_of[n] for n in found.names]
        hit = found.code >= 0
        kind_at = np.array([kinds[c] if c >= 0 else "" for c in found.code.tolist()], dtype=object)
        if "yard_metre" in rules.factors:
            # A yard is another length than a metre: goods sold by weight or by the piece have no such error.
            wrong = (kind_at == "yard_metre") & ~np.isin(self.measure[series[at]], ("m", "yd"))
            hit, proposed[wrong] = hit & ~wrong, np.nan
        if "digits" in rules.factors:
            slips = digit_slips(np.round(price[at], 4), ref[at], tolerance=rules.tolerance)
            take = ~hit & (slips.code >= 0)
            proposed[take], kind_at[take] = slips.proposed[take], "digits"
            hit |= take
        proposal[at[hit]] = proposed[hit]
        for kind in dict.fromkeys(kind_at[hit].tolist()):
            mine = at[hit & (kind_at == kind)]
            rule[mine] = self._rule(f"factor: {kind}")
            verdict[mine] = EDITED if kind in rules.accept else EXCLUDED

    def _confirm(
        self, series: Codes, price: Array, ratio: Array, flagged: Mask, known: Mask, verdict: Any, rule: Any
    ) -> Mask:
        """A flagged price that comes again is used; every other quote ends the wait. Returns the series that restart.

        Where the price before had itself come only once, it was the wrong one of the two, and no change is measured;
        nor is one that is larger than any real change. Else the change is real; but an error by a known factor stays
        one however often it comes.
        """
        rules = self.rules.confirm
        held, count = self._held[series], self._count[series]
        with np.errstate(invalid="ignore", divide="ignore"):
            again = flagged & (np.abs(np.log(price) - np.log(held)) <= rules.tolerance)
        count = np.where(again, count + 1, np.where(flagged, 1, 0))
        settled = np.where(known, self._settled[series], 0)
        firm = settled >= rules.after
        done = flagged & (count >= rules.after) & ~(firm & (verdict == EDITED))
        verdict[done], rule[done] = ACCEPTED, self._rule("confirmed")
        self._held[series] = np.where(flagged & ~done, price, np.nan)
        self._count[series] = np.where(done, 0, count)
        # A price that was only converted from another unit of measure is as good as any.
        fine = (verdict != EXCLUDED) & ((verdict != EDITED) | (rule == self._rule(MEASURE)))
        self._settled[series] = np.where(done, rules.after, np.where(fine, settled + 1, settled))
        with np.errstate(invalid="ignore", divide="ignore"):
            possible = np.abs(np.log(ratio)) <= np.log1p(rules.largest)
        return np.asarray(done & ~(firm & possible))


_SERIES = {"price": "number", "reference": "number", "ratio": "number"}
_ITEM = {"gsm": "number", "width_cm": "number", "item_unit_of_measure": "text", "market_currency": "text"}
_RESERVED = {"period", "unit", "item", "price", "review", *_SERIES, *_ITEM}


def _columns(book: Book) -> dict[str, Any]:
    """Further columns of the quotes as arrays for the edit rules: numbers as doubles, the rest as texts."""
    out: dict[str, Any] = {}
    for name in book.quotes.column_names:
        kind = book.quotes[name].type
        if name in _RESERVED or name == "quote":
            continue
        column = book.quotes[name]
        if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            out[name] = np.asarray(column.cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64)
        elif pa.types.is_string(kind) or pa.types.is_dictionary(kind) or pa.types.is_boolean(kind):
            coded = column.combine_chunks()
            coded = coded if pa.types.is_dictionary(kind) else coded.dictionary_encode()
            labels = np.array(["" if v is None else str(v) for v in coded.dictionary.to_pylist()] + [""], dtype=object)
            out[name] = labels[coded.indices.fill_null(len(labels) - 1).to_numpy(zero_copy_only=False)]
    return out


def _reviews(book: Book) -> NDArray[np.int8]:
    """What a reviewer decided of each quote: 1 right, -1 set aside, 0 nothing. DataError for another word."""
    out = np.zeros(book.quotes.num_rows, dtype=np.int8)
    if REVIEW not in book.quotes.column_names:
        return out
    coded = book.quotes[REVIEW].cast(pa.string()).combine_chunks().dictionary_encode()
    said = coded.dictionary.to_pylist()
    codes = coded.indices.fill_null(len(said)).to_numpy(zero_copy_only=False)
    for k, value in enumerate(said):
        if value not in ("", RIGHT, WRONG):
            row = int(np.flatnonzero(codes == k)[0]) + 1
            raise DataError(
                f"quotes row {row}, field {REVIEW}: {value!r} is no decision; write {RIGHT} or {WRONG}, or leave it "
                "empty where nobody decided"
            )
    meaning = np.array([{RIGHT: 1, WRONG: -1}.get(value, 0) for value in [*said, ""]], dtype=np.int8)
    out[:] = meaning[codes]
    return out


LEAST = 5
"""Prices that the middle of an aggregate needs to judge a first price."""


def _middles(codes: Codes, values: Array, size: int) -> Array:
    """Median of the values of each code, NaN for a code without."""
    out = np.full(size, np.nan)
    order = np.lexsort((values, codes))
    c, v = codes[order], values[order]
    if len(c):
        start = np.flatnonzero(np.r_[True, c[1:] != c[:-1]])
        count = np.diff(np.r_[start, len(c)])
        out[c[start]] = (v[start + (count - 1) // 2] + v[start + count // 2]) / 2
    return out


def _others_middle(codes: Codes, values: Array) -> Array:
    """Of each value, the median of the other values of its code, NaN where it is alone."""
    order = np.lexsort((values, codes))
    c, v = codes[order], values[order]
    first = np.searchsorted(c, c, side="left")
    count = np.searchsorted(c, c, side="right") - first
    place = np.arange(len(c)) - first
    # Positions of the two middle ones among the others; those at or after the value's own place move up by one.
    lower, upper = (count - 2) // 2, (count - 1) // 2
    many = count > 1
    lower, upper = lower + (lower >= place), upper + (upper >= place)
    middle = (v[np.where(many, first + lower, 0)] + v[np.where(many, first + upper, 0)]) / 2 if len(c) else v
    out = np.full(len(c), np.nan)
    out[order] = np.where(many, middle, np.nan)
    return out


def _kind(values: Any) -> str:
    return "number" if values.dtype.kind == "f" else "text"


def _cells(book: Book) -> tuple[dict[str, Codes], Codes]:
    """Cell of every series for each kind of group, as positions of classes; and the class above each."""
    parent = np.asarray(book.classification.parents, dtype=np.intp)
    leaf = book.classification.tree.leaves[book.aggregate]
    above = np.where(parent[leaf] >= 0, parent[leaf], leaf)
    return {"ea": leaf, "parent": above, "all": np.zeros_like(leaf)}, parent


__all__ = ["ACCEPTED", "EDITED", "EXCLUDED", "FACTORS", "QUERIED", "SLIPS", "Validator", "Verdicts"]
