"""S6, imputation: which missing prices are filled, from which donors, and the grades that follow; a preview."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse

from ellwand.engine.errors import DataError
from ellwand.office.registry.models import Class, Item, Unit
from ellwand.office.review import filled
from ellwand.office.rounds import states, work
from ellwand.office.rounds.producing import current
from ellwand.office.screens.access import screen
from ellwand.office.screens.page import show
from ellwand.office.screens.words import is_chinese, name_of, say
from ellwand.production.report.method_notes import donor_words
from ellwand.production.report.texts import Language

PAGE = 100
WHY = {
    "units": ("样本单位太少", "too few units"),
    "imputed": ("推算份额过大", "too much is imputed"),
    "dominance": ("一家独大，或为保护其他分类而隐藏", "one unit dominates, or hidden to protect another class"),
}


@screen("office/rounds/<str:code>/imputation/", "imputation", read=("round.read", "review.read"))
def imputation(request: HttpRequest, code: str) -> HttpResponse:
    """The imputation of a round as its quotes and decisions stand now."""
    found = work.find(code)
    work.settle(found)
    context: dict[str, Any] = {"none": ""}
    if found.state in (states.PLANNED, states.COLLECTING):
        context["none"] = say(
            "采价截止后，这里会列出推算的价格。", "Once the cut-off has passed, filled prices are listed here."
        )
        return show(request, "office/imputation.html", context, found=found)
    try:
        made = current(found)
    except DataError as error:
        context["none"] = str(error)
        return show(request, "office/imputation.html", context, found=found)
    seen = filled.of(made)
    names = _names()
    book = made.results.compiled.book
    chosen = request.GET.get("class", "")
    inside = _inside(made.results.compiled.book.classification, chosen)
    prices = [p for p in seen.prices if not chosen or p.ea in inside]
    page = Paginator(prices, PAGE).get_page(request.GET.get("page"))
    item_codes, unit_codes = book.items.codes, book.units.codes
    items = Item.objects.in_bulk([item_codes[p.item] for p in page], field_name="code")
    units = Unit.objects.in_bulk([unit_codes[p.unit] for p in page], field_name="code")
    context |= {
        "seen": seen,
        "filled": len(seen.prices),
        "letters": [(k, _letter(k), n) for k, n in sorted(seen.letters.items(), key=lambda kv: -kv[1])],
        "classes": [(g, names.get(g.code, g.code)) for g in seen.classes],
        "grades": [(g, sum(c.grade == g for c in seen.classes)) for g in ("A", "B", "C", "S")],
        "below": [(g, names.get(g.code, g.code), say(*WHY[g.why])) for g in seen.below],
        "chosen": chosen,
        "chosen_name": names.get(chosen, chosen),
        "page": page,
        "rows": [
            {
                "p": p,
                "item": name_of(items[item_codes[p.item]]),
                "unit": name_of(units[unit_codes[p.unit]]),
                "letter": _letter(p.letter),
                "change": 100 * (p.price / p.before - 1) if p.price and p.before else None,
            }
            for p in page
        ],
    }
    return show(request, "office/imputation.html", context, found=found)


def _letter(letter: str) -> str:
    language: Language = "zh" if is_chinese() else "en"
    if letter == "C":
        return say("停业，价格不变", "closed, price stands")
    return donor_words(letter, language)


def _names() -> dict[str, str]:
    rows = Class.objects.order_by("classification__number", "position")
    return {c.code: name_of(c) for c in rows}


def _inside(classification: Any, code: str) -> set[str]:
    """Elementary aggregates at or below a class."""
    codes, parents = list(classification.codes), list(classification.parents)
    if code not in codes:
        return set()
    top = codes.index(code)
    out = set()
    for k, one in enumerate(codes):
        at = k
        while at >= 0 and at != top:
            at = parents[at]
        if at == top:
            out.add(one)
    return out
