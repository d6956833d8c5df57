"""The cards of the self-report: one item each, what to show of it, and what was filled in as lines."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ellwand.office.collection import checks, due, entry, measures
from ellwand.office.collection.checks import Said
from ellwand.office.collection.models import Link, Picture
from ellwand.office.collection.template import specification
from ellwand.office.quotes.models import Quote
from ellwand.office.review import acts
from ellwand.office.rounds import work
from ellwand.office.rounds.models import Round
from ellwand.office.screens.words import is_chinese, say

CLASSES = (
    ("deal", "成交价", "Deal"),
    ("firm_offer", "确认报价", "Firm offer"),
    ("asking", "挂牌价", "Asking price"),
)
STATUSES = (
    ("out_of_stock", "缺货", "Out of stock"),
    ("closed", "停业", "Closed"),
    ("substituted", "替代", "Substituted"),
)
REASONS = (
    ("market_moved", "行情变动", "the market moved"),
    ("costs", "原料或汇率变动", "raw material or exchange rate moved"),
    ("terms", "数量或付款条件不同", "another quantity or other terms"),
    ("promotion", "促销", "promotion"),
    ("quality", "规格或质量不同", "another specification or quality"),
    ("corrected", "更正上次填报", "corrects what was reported"),
)
"""Why a price is far from the last one, or replaces one that was reported: codes and words."""
FIELDS = ("price", "status", "type", "quantity", "remark", "reason", "more")


@dataclass
class Card:
    """An item on the page. given : what was filled in and could not be taken. versions : what was reported before."""

    due: due.Due
    spec: str
    measure: str
    classes: list[tuple[str, str, bool]]
    statuses: list[tuple[str, str, bool]]
    reasons: list[tuple[str, str, bool]]
    given: Mapping[str, Any] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    asks: bool = False
    versions: list[Quote] = field(default_factory=list)
    photos: int = 0
    wrong_photo: str = ""
    asked: str = ""
    limit: float | None = None

    @property
    def has_status(self) -> bool:
        """Whether a code in place of a price was given."""
        return any(on for _, _, on in self.statuses)

    @property
    def last(self) -> str:
        """The last price where it may be shown."""
        return f"{self.due.last.price.normalize():f}" if self.due.last and self.due.shown else ""


def cards_of(
    found: Round, rows: Sequence[due.Due], *, results: Mapping[str, entry.Result] | None = None,
    pictures: Mapping[str, str] | None = None, links_of: Link,
) -> list[Card]:  # fmt: skip
    """The cards of items. results : what could not be taken, by item. pictures : photographs that were refused."""
    language: checks.Language = "zh" if is_chinese() else "en"
    versions: dict[int, list[Quote]] = {}
    for q in Quote.objects.filter(round=found, unit=links_of.unit).order_by("-version"):
        versions.setdefault(q.item_id, []).append(q)
    photos: dict[int, int] = {}
    for item in Picture.objects.filter(round=found, unit=links_of.unit).values_list("item", flat=True):
        photos[item] = photos.get(item, 0) + 1
    rules = work.method_in_force(found.period)[1].method.validate if rows else None
    out = []
    for one in rows:
        code = one.item.code
        result = (results or {}).get(code)
        said = result.line.said if result else None
        kind = said.type if said else one.last.kind if one.last else ""
        reason = said.reason if said else ""
        out.append(
            Card(
                one,
                specification(due.entry_of(one.item), language),
                measures.name_of(one.item.unit_of_measure, language),
                [(c, say(zh, en), c == kind) for c, zh, en in CLASSES],
                [(c, say(zh, en), bool(said) and c == said.status) for c, zh, en in STATUSES],  # type: ignore[union-attr]
                [(c, say(zh, en), reason.startswith(f"{zh} · {en}")) for c, zh, en in REASONS],
                given=_given(said),
                findings=[checks.told(f, language) for f in result.findings] if result else [],
                asks=bool(result) and any(not f.hard for f in result.findings),  # type: ignore[union-attr]
                versions=versions.get(one.item.pk, []),
                photos=photos.get(one.item.pk, 0),
                wrong_photo=(pictures or {}).get(code, ""),
                asked=say(*acts.CODES[acts.SEND_BACK][one.asked.code])
                + (f"{say('：', ': ')}{one.asked.reason}" if one.asked.reason else "")
                if one.asked
                else "",
                limit=checks.bound(rules, one.last.gap) if rules and one.last and one.shown else None,
            )
        )
    return out


def _given(said: Said | None) -> dict[str, Any]:
    if said is None:
        return {}
    return {"price": said.price, "same": said.same, "quantity": said.quantity, "remark": said.remark}


def lines_of(given: Mapping[str, Any], rows: Sequence[due.Due]) -> list[entry.Line]:
    """What was filled in, as lines; items that were left as they are give none."""
    form = str(given.get("key", ""))[:40] or entry.new_number()
    shut = bool(given.get("shut"))
    reasons = {code: f"{zh} · {en}" for code, zh, en in REASONS}
    out = []
    for one in rows:
        pk = one.item.pk
        # The null character, which PostgreSQL keeps in no text, becomes a sign that can be seen.
        got = {n: str(given.get(f"{n}-{pk}", "")).replace("\0", "\ufffd").strip()[:2000] for n in FIELDS}
        same = given.get(f"same-{pk}") == "yes" and one.shown
        chosen = reasons.get(got["reason"], "")
        reason = ": ".join(part for part in (chosen, got["more"]) if part)
        said = Said(
            one.unit.code, one.item.code, price=got["price"], same=same, status=got["status"], type=got["type"],
            quantity=got["quantity"], remark=got["remark"], reason=reason,
        )  # fmt: skip
        if shut and said.empty and one.quote is None:
            said = Said(one.unit.code, one.item.code, status="closed", reason=reason)
        if said.empty:
            continue
        content = hashlib.sha256(repr(sorted(said.as_texts().items())).encode()).hexdigest()
        seen = str(given.get(f"seen-{pk}", ""))
        out.append(
            entry.Line(said, f"{form}:{pk}:{content}", seen=int(seen) if seen.isdecimal() and len(seen) < 18 else None)
        )
    return out
