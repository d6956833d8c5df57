"""The checks of one entry: what can't be (hard), and what its sender must confirm with a reason (soft). Pure.

An entry is read as a row of a price sheet is, by the same rules and messages. Then the edit rules of the method are put
to it, the fixed bounds of its outlier rules about the last price, and the bound of a first price about the item's other
units. What the method judges by the whole group is left to the review, which sees the group.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from statistics import median
from typing import Any, Final, Literal

import numpy as np

from ellwand.office.collection.columns import Column
from ellwand.office.collection.messages import Fault, fault
from ellwand.office.collection.offices import Office
from ellwand.office.collection.problems import Problems
from ellwand.office.collection.rows import Quote, RowReader
from ellwand.office.collection.sheets import Cell, Row, Table
from ellwand.production.expressions import RuleError
from ellwand.production.method import Validate
from ellwand.production.rules import Rule, parse_rule, violations

FIELDS: Final = ("unit", "item", "price", "unit_of_measure", "status", "type", "quantity", "remark")
"""What an entry may say, by the names of `columns.FIELD_NAMES`."""

KINDS: Final = {
    "price": "number", "reference": "number", "ratio": "number", "quantity": "number", "gsm": "number",
    "width_cm": "number", "unit_of_measure": "text", "currency": "text", "collected_on": "text",
    "collection_method": "text", "item_unit_of_measure": "text", "market_currency": "text", "status": "text",
}  # fmt: skip
"""Fields of an entry that edit rules may name; a rule that names another one is put to the quote in the review."""

LARGEST_CHANGE: Final = 20
"""Ratio above which a change is told as a multiple, since no per cent is read then."""
LONGEST: Final = 500
"""Most characters of a remark or a reason."""

SHIFTS: Final = ((10.0, "10"), (0.1, "1/10"), (100.0, "100"), (0.01, "1/100"), (1000.0, "1000"), (0.001, "1/1000"))
YARDS: Final = ((0.9144, "m", "yd"), (1 / 0.9144, "yd", "m"))
NEAR: Final = 0.03
"""How near to a known factor, in logs, a ratio is where the entry is asked about it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that an entry meets. hard : it can't be taken in so; else a reason confirms it. field : what to look at.

    Both languages say the fault and what to do.
    """

    rule: str
    hard: bool
    field: str
    message_zh: str
    message_en: str
    remedy_zh: str = ""
    remedy_en: str = ""

    @classmethod
    def of(cls, said: Fault, field_: str, hard: bool = True) -> "Finding":
        """The finding of a rule of `messages.MESSAGES`."""
        return cls(said.rule, hard, field_, said.message_zh, said.message_en, said.remedy_zh, said.remedy_en)


@dataclass(frozen=True, slots=True)
class Known:
    """What an entry is checked against.

    reference : last price of the item at the unit, per the item's unit of measure. gap : periods since (1: the one
    before). shown : whether the sender may see it. peers : last prices of the item at other units.
    """

    reference: Decimal | None = None
    gap: int = 1
    shown: bool = True
    peers: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """An entry as it was sent, in texts. same : the price of last time holds. reason : confirms what is soft."""

    unit: str
    item: str
    price: str = ""
    same: bool = False
    status: str = ""
    type: str = ""
    quantity: str = ""
    remark: str = ""
    unit_of_measure: str = ""
    reason: str = ""

    @property
    def empty(self) -> bool:
        """Whether it says nothing."""
        return not (self.same or any(getattr(self, f).strip() for f in ("price", "status", "quantity", "remark")))

    def as_texts(self) -> dict[str, Any]:
        """What was said, without what was left empty."""
        return {k: v for k in self.__slots__ if (v := getattr(self, k)) not in ("", False)}


@dataclass
class Checker:
    """Checks the entries of one submission. rules : of the method in force. with_type : every price must say its class.

    method : how the quotes were collected, as the record calls it.
    """

    office: Office
    rules: Validate
    method: str
    with_type: bool = True

    def check(self, said: Sequence[Said], known: Sequence[Known]) -> list[tuple[Quote | None, list[Finding]]]:
        """The quote that each entry gives, None where a hard rule forbids it; and all that it meets.

        known : what each is checked against.
        """
        found = _Faults()
        reader = RowReader(Table("", 0, tuple(COLUMNS.values()), (), ()), COLUMNS, self.office, found, None, False)
        read = [self._one(s, k, reader, found) for s, k in zip(said, known, strict=True)]
        at = [k for k, (quote, _) in enumerate(read) if quote is not None]
        quotes = [q for q, _ in read if q is not None]
        for k, more in zip(
            at, meets(self.rules, self.office, self.method, quotes, [known[k] for k in at]), strict=True
        ):
            read[k][1].extend(more)
        return [(None if any(f.hard for f in found) else quote, found) for quote, found in read]

    def _one(self, said: Said, known: Known, reader: RowReader, found: "_Faults") -> tuple[Quote | None, list[Finding]]:
        """An entry by itself, before the rules of the method."""
        out: list[Finding] = []
        price = said.price.strip()
        if said.same and (price or said.status.strip()):
            out.append(_SAME_AND_OTHER)
        elif said.same and known.reference is None:
            out.append(_NOTHING_BEFORE)
        elif said.same and known.reference is not None:
            price = f"{known.reference.normalize():f}"
        for name in ("remark", "reason"):
            if len(getattr(said, name)) > LONGEST:
                out.append(Finding.of(fault("cell too long", limit=LONGEST), name))
        before = len(found.faults)
        quote = reader.read(Row(1, [_cell(price if f == "price" else getattr(said, f)) for f in FIELDS]), None, None)
        out += [Finding.of(fault_, name) for name, fault_ in found.faults[before:]]
        if quote is None or any(f.hard for f in out):
            return None, out
        if quote.status == "substituted" and not quote.remark:
            out.append(_SUBSTITUTE_UNNAMED)
        if self.with_type and quote.price is not None and not quote.type:
            out.append(_CLASS_MISSING)
        return quote, out


def _cell(text: str) -> Cell:
    said = text.strip()
    return Cell(said, said, "text") if said else _EMPTY


_EMPTY: Final = Cell()
COLUMNS: Final = {name: Column(k, name, (name,)) for k, name in enumerate(FIELDS)}
"""An entry as the row of a sheet."""


class _Faults(Problems):
    """The faults of a row, without its place: an entry has none."""

    def __init__(self) -> None:
        super().__init__("")
        self.faults: list[tuple[str, Fault]] = []

    def add(self, row: int, column: Column | None, field: str, value: str, said: Fault) -> None:
        """Note a fault."""
        super().add(row, column, field, value, said)
        self.faults.append((field, said))


def meets(
    rules: Validate, office: Office, method: str, quotes: Sequence[Quote], known: Sequence[Known]
) -> list[list[Finding]]:
    """What each of some quotes meets: edit rules, and the distance from the last price or those of other units."""
    out: list[list[Finding]] = [[] for _ in quotes]
    at = [k for k, q in enumerate(quotes) if q.price is not None and q.status != "substituted"]
    edits = entry_rules(rules)
    if edits and at:
        columns = _columns(office, method, [quotes[k] for k in at], [known[k] for k in at])
        for rule, fired in zip(edits, violations(edits, columns), strict=True):
            for k in np.flatnonzero(fired).tolist():
                out[at[k]].append(_of_rule(rule))
    for k in at:
        price = quotes[k].price
        if price is not None:
            out[k] += _far(rules, price, known[k], quotes[k].unit_of_measure)
    return out


def _columns(office: Office, method: str, quotes: Sequence[Quote], known: Sequence[Known]) -> dict[str, Any]:
    """The fields of quotes as the edit rules read them."""
    entries = [office.items.entries[q.item] for q in quotes]
    price = np.array([float(q.price or 0) for q in quotes])
    ref = np.array([np.nan if k.reference is None else float(k.reference) for k in known])
    texts: dict[str, list[str]] = {
        "unit_of_measure": [q.unit_of_measure for q in quotes], "currency": [q.currency for q in quotes],
        "collected_on": [q.date for q in quotes], "collection_method": [method] * len(quotes),
        "item_unit_of_measure": [str(e.get("unit_of_measure") or "") for e in entries],
        "market_currency": [office.currency] * len(quotes), "status": [q.status for q in quotes],
    }  # fmt: skip
    return {
        "price": price, "reference": ref, "ratio": price / ref,
        "quantity": np.array([np.nan if q.quantity is None else float(q.quantity) for q in quotes]),
        "gsm": np.array([_figure(e.get("gsm")) for e in entries]),
        "width_cm": np.array([_figure(e.get("width_cm")) for e in entries]),
        **{name: np.array(values, dtype=object) for name, values in texts.items()},
    }  # fmt: skip


def _far(rules: Validate, price: Decimal, known: Known, measure: str) -> list[Finding]:
    """Prices far from the last one, or, where there is none, from those of the item's other units."""
    if known.reference is not None and known.reference > 0:
        ratio = float(price / known.reference)
        limit = bound(rules, known.gap)
        if limit is None or abs(math.log(ratio)) <= math.log1p(limit) + 1e-12:
            return []
        return [_changed(ratio, known, measure)]
    if known.peers and rules.entry_bound > 0:
        middle = float(median(known.peers))
        if middle > 0 and abs(math.log(float(price) / middle)) > math.log1p(rules.entry_bound):
            return [_FIRST_FAR]
    return []


def entry_rules(rules: Validate) -> tuple[Rule, ...]:
    """The edit rules of a method that can be put to an entry: those that name no other field than `KINDS`."""
    return _parsed(tuple(tuple(sorted(vars(rule).items())) for rule in rules.rule))


@lru_cache(maxsize=8)
def _parsed(tables: tuple[tuple[tuple[str, str], ...], ...]) -> tuple[Rule, ...]:
    out = []
    for table in tables:
        try:
            out.append(parse_rule({k: v for k, v in table if v != ""}, KINDS))  # type: ignore[arg-type]
        except RuleError:
            # The field is of a file's own column, which no entry has.
            continue
    return tuple(out)


def bound(rules: Validate, gap: int) -> float | None:
    """How far a price may lie from the last one without a question: within 1/(1+c) .. 1+c; None: the method says none.

    It is the narrowest fixed bound of the outlier rules, wider for each period without a price, as in the production.
    """
    if not rules.outlier:
        return None
    c = min(o.fallback for o in rules.outlier)
    return float(np.expm1(math.log1p(c) * (1 + rules.gap_widening * max(gap - 1, 0))))


def _figure(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return float("nan")


def _of_rule(rule: Rule) -> Finding:
    return Finding(
        rule.name,
        rule.kind == "hard",
        "price",
        rule.message_zh or f"不符合规则“{rule.name}”：{rule.must_text}",
        rule.message_en or f"breaks the rule {rule.name!r}: {rule.must_text}",
        "" if rule.kind == "soft" else "请更正",
        "" if rule.kind == "soft" else "correct it",
    )


def _changed(ratio: float, known: Known, measure: str) -> Finding:
    """The question about a price far from the last one. Where that is hidden, its size is not given away."""
    hint_zh, hint_en = "", ""
    for factor, word in SHIFTS:
        if abs(math.log(ratio / factor)) <= NEAR:
            hint_zh, hint_en = (
                f"约为上次的{word}倍，请查小数点",
                f"; that is about {word} times it: look at the point",
            )
    for factor, own, other in YARDS:
        if measure == own and abs(math.log(ratio / factor)) <= NEAR / 10:
            hint_zh, hint_en = f"像是按{other}计价", f"; that looks like a price per {other}"
    if known.shown:
        change = f"{100 * (ratio - 1):+.0f} %".replace("-", "\u2212")
        zh, en = f"比上次价格{change}", f"the price is {change} on the last one"
        if ratio > LARGEST_CHANGE:
            zh, en = f"是上次价格的{ratio:.0f}倍", f"the price is {ratio:.0f} times the last one"
        zh, en = zh + (f"（{hint_zh}）" if hint_zh else ""), en + hint_en
    else:
        zh, en = "与上次价格相差很大", "the price is far from the last one"
    return Finding("change", False, "price", zh, en, "无误请说明原因，有误请更正", "give the reason, or correct it")


_SAME_AND_OTHER = Finding(
    "same and other", True, "price", "既选了“与上次相同”，又填了价格或状态",
    "both “same as last time” and a price or status are given", "请只保留一项", "keep one of them",
)  # fmt: skip
_NOTHING_BEFORE = Finding(
    "nothing before", True, "price", "上次没有价格，无法“与上次相同”", "there is no last price to be the same as",
    "请填写价格", "write the price",
)  # fmt: skip
_SUBSTITUTE_UNNAMED = Finding(
    "substitute unnamed", True, "remark", "已选“替代”，但没有写明替代的产品",
    "substituted, but the other product is not named", "请在备注中写明替代产品及规格",
    "write in the remark which product it is",
)  # fmt: skip
_CLASS_MISSING = Finding(
    "class missing", True, "type", "没有说明价格类型", "the class of the price is not said",
    "请选择成交价、确认报价或挂牌价", "choose deal, firm offer or asking",
)  # fmt: skip
_FIRST_FAR = Finding(
    "first price", False, "price", "首次报价与其他单位的价格相差很大",
    "the first price is far from those of other units", "无误请说明原因，有误请更正", "give the reason, or correct it",
)  # fmt: skip


def confirmed(findings: Sequence[Finding], reason: str) -> bool:
    """Whether an entry may be taken in: nothing hard, and a reason where something is soft."""
    return not any(f.hard for f in findings) and (not findings or len(reason.strip()) >= 2)


Language = Literal["zh", "en"]


def told(finding: Finding, language: Language) -> str:
    """A finding and its remedy in one sentence."""
    message, remedy = (
        (finding.message_zh, finding.remedy_zh) if language == "zh" else (finding.message_en, finding.remedy_en)
    )
    return message + ((("；" if language == "zh" else "; ") + remedy) if remedy else "")


def as_json(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings as machines get them: rule, hard, field, and message with remedy in both languages."""
    names = ("rule", "hard", "field", "message_zh", "message_en", "remedy_zh", "remedy_en")
    return [{name: getattr(f, name) for name in names} for f in findings]
