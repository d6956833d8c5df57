"""Use in contracts: what to write and how to compute, with an example of figures that are public now."""

from decimal import ROUND_HALF_UP, Decimal

from django.http import HttpRequest
from django.utils.safestring import SafeString

from ellwand.office.pages import marks
from ellwand.office.record import reading
from ellwand.office.registry.models import Market
from ellwand.office.registry.public import plan
from ellwand.office.screens.words import name_of, say
from ellwand.web.moments import moment
from ellwand.web.query import series
from ellwand.web.site.about import texts
from ellwand.web.site.page import Language, Shown, page, root_of, where

PRICE = Decimal("12.00")
"""Of the contract in the example, in the market's currency a metre."""
CENT = Decimal("0.01")


@page("knowledge/contracts/", "contracts")
def contracts(request: HttpRequest, language: Language) -> Shown:
    """Use in contracts."""
    market = Market.objects.first()
    name = next((n.name_zh if language == "zh" else n.name_en for n in series(moment()) if n.code == "0"), "")
    values = {
        "root": root_of(language),
        "code": "0",
        "name": name or say("总指数", "General index"),
        "market": name_of(market) if market else say("指数办公室", "the index office"),
        "example": example(language),
        "end": end(language),
    }
    html = SafeString(marks.html(texts("contracts")[language].format_map(values)))
    context = {"html": html, "back": ("knowledge/", say("指数知识", "Index knowledge"))}
    return Shown("site/text.html", say("在合同中使用指数", "Use in contracts"), context)


def example(language: Language) -> str:
    """The example: the total of the first and the last period that are public, in their latest vintages."""
    rows = reading.points(moment().standing, ("period", "published"), codes=["0"])
    shown = [(row[0], Decimal(row[1]), given) for row, given, _ in rows if row[1]]
    if len(shown) < 2:
        return say("至少公布两期指数后，这里会有一个用真实数字算的例子。",
                   "Once two issues are public, an example with their figures stands here.")  # fmt: skip
    (first, start, of_first), (last, now, of_last) = shown[0], shown[-1]
    from_, to = (where("series", language, code="0") + f"?vintage={given.code}" for given in (of_first, of_last))
    price = settled(PRICE, start, now)
    market = Market.objects.first()
    currency = market.currency if market else ""
    return say(
        "合同价每米 {m} {p}，起点为 {a}（指数 [{x}]({f})）。{b} 的指数是 [{y}]({t})，"
        "新价 = {p} × {y} ÷ {x} = **{m} {q}**。",
        "The price is {m} {p} a metre from {a} on (index [{x}]({f})). The index of {b} is [{y}]({t}), so the new price "
        "is {p} × {y} ÷ {x} = **{m} {q}**.",
        m=currency, p=PRICE, a=first, x=start, b=last, y=now, q=price, f=from_, t=to,
    )  # fmt: skip


def end(language: Language) -> str:
    """The office's plan for the end of the index, "" where none is stated."""
    told = plan()[0 if language == "zh" else 1]
    return (
        say("本办公室对指数终止的安排：{t}", " The office's plan for the end of this index: {t}", t=told)
        if told
        else ""
    )


def settled(price: Decimal, start: Decimal, now: Decimal) -> Decimal:
    """The price of a contract brought forward from one value of an index to another one, rounded once to the cent."""
    return (price * now / start).quantize(CENT, ROUND_HALF_UP)
