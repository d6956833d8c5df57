"""S3b, self-report: the page that a unit opens by its signed link, on any phone, without an account or a script."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from ellwand.office import clock, setup
from ellwand.office.accounts import limits
from ellwand.office.collection import bands, due, entry, links, pictures
from ellwand.office.collection.models import Delivery, Link, Opening, Receipt
from ellwand.office.registry.models import Market
from ellwand.office.rounds.models import Round
from ellwand.office.screens.access import ANYBODY, screen
from ellwand.office.screens.link_cards import Card, cards_of, lines_of
from ellwand.office.screens.words import say

GUESSES, DIGITS, SENDINGS = 120, 5, 120
"""What there may be in an hour: addresses that are no link, from one address; wrong digits, and forms, of one link."""
RETURN = timedelta(days=60)
"""How long after its instant a link still shows the unit its own prices."""
PAGE = 40
"""Items on a page."""
GONE = {
    links.EXPIRED: (
        ("本期报价已截止", "Reporting for this period is over"),
        ("本链接已于 {at} 失效。已收到的报价不受影响；下期请用新链接。",
         "This link expired at {at}. What you reported is safe; the next period has a link of its own."),
    ),
    links.REVOKED: (
        ("此链接已停用", "This link was taken back"),
        ("办公室已停用此链接，可能已另发新链接。请查看最近收到的消息，或联系办公室。",
         "The office took this link back, and may have sent you another one. Look at your last message, or ask the "
         "office."),
    ),
    links.CLOSED: (
        ("现在不能报价", "No quotes are taken now"),
        ("本期尚未开始采价，或已经截止。请稍后再试，或联系办公室。",
         "The period has not begun, or is over. Try again later, or ask the office."),
    ),
}  # fmt: skip


@screen("r/<str:token>/", "link", read=ANYBODY, write=ANYBODY)
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The page of a link: confirm the phone, report, get a receipt. What is no good link gets a page that says so."""
    opened = links.find(token)
    if opened is None:
        over = limits.is_over(request, "link", GUESSES)
        return _told(request, "many" if over else "altered", 429 if over else 404)
    if opened.state != links.GOOD:
        return _told(request, opened.state, 410, opened.link, token)
    found = opened.link
    opening = links.opening_of(found, request.COOKIES.get(_cookie(found), ""))
    if opening is None:
        return _open(request, token, found, "link")
    if request.method == "POST":
        if limits.is_over_for(str(found.pk), "link.send", SENDINGS):
            return _told(request, "many", 429)
        return _send(request, token, found, opening)
    return _form(request, token, found, opening)


@screen("r/<str:token>/market/", "link_market", read=ANYBODY, write=ANYBODY)
def link_market(request: HttpRequest, token: str) -> HttpResponse:
    """The respondent's return: the unit's own prices of a released period against the bands of their groups.

    A link shows the last released period before its own; when its own is released, it shows that.
    """
    opened = links.find(token)
    if opened is None:
        over = limits.is_over(request, "link", GUESSES)
        return _told(request, "many" if over else "altered", 429 if over else 404)
    found = opened.link
    seen = _released(found)
    if opened.state == links.REVOKED or clock.now() > found.expires_at + RETURN:
        return _told(request, links.REVOKED if opened.state == links.REVOKED else links.EXPIRED, 410, found)
    if links.opening_of(found, request.COOKIES.get(_cookie(found), "")) is None:
        return _open(request, token, found, "link_market")
    context = {
        "link": found,
        "round": None,
        "period": seen.period if seen else "",
        "bands": bands.of(seen, found.unit) if seen else [],
        "fewest": setup.current().band_units,
        "currency": Market.objects.get().currency,
        "back": opened.state == links.GOOD,
        "token": token,
    }
    return render(request, "office/link_market.html", context)


def _released(found: Link) -> Round | None:
    """The released round that a link shows: its own, else the last one before it."""
    own = bands.released(found.round.family)
    if own is not None and own.pk == found.round_id:
        return own
    return bands.released(found.round.family, found.round.period)


def _cookie(found: Link) -> str:
    return f"r{found.pk}"


def _told(request: HttpRequest, why: str, status: int, found: Link | None = None, token: str = "") -> HttpResponse:
    """A page that says why there is no form here, and what to do."""
    context: dict[str, Any] = {"why": why}
    if why in GONE and found is not None:
        head, text = GONE[why]
        from ellwand.office.screens.words import instant

        context |= {"head": say(*head), "text": say(*text, at=instant(found.expires_at))}
        if why == links.EXPIRED and token and clock.now() <= found.expires_at + RETURN:
            context["market_address"] = reverse("link_market", args=[token])
    answer = render(request, "office/link_told.html", context, status=status)
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _open(request: HttpRequest, token: str, found: Link, back: str) -> HttpResponse:
    """Ask for the last digits of the unit's number; a phone that gave them need not give them again."""
    wrong = ""
    if request.method == "POST":
        if limits.is_over_for(str(found.pk), "link.digits", DIGITS + 1):
            return _told(request, "many", 429)
        opening = links.open_on(found, request.POST.get("digits", "")[:40])
        if opening is not None:
            answer: HttpResponse = redirect(back, token=token)
            answer.set_cookie(
                _cookie(found), links.sign(opening), path=reverse("link", args=[token]), httponly=True, samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE, expires=found.expires_at + RETURN,
            )  # fmt: skip
            return answer
        wrong = say(
            "号码后四位不符，请核对。多次输错后须等待一小时。",
            "These are not the last four digits. After some wrong tries you have to wait an hour.",
        )
    context = {"link": found, "digits": bool(links.digits_of(found.unit)), "wrong": wrong}
    return render(request, "office/link_open.html", context, status=422 if wrong else 200)


def _form(
    request: HttpRequest, token: str, found: Link, opening: Opening, *, cards: list[Card] | None = None,
    stored: Receipt | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The cards of the unit's items."""
    items = _items(found)
    pages = max(1, -(-len(items) // PAGE))
    asked = request.GET.get("page", "")
    page = min(int(asked[:6]), pages) if asked.isdecimal() and int(asked[:6]) > 0 else 1
    here = items[(page - 1) * PAGE : page * PAGE]
    number = request.GET.get("receipt", "").replace("\0", "")
    receipt = stored or Receipt.objects.filter(link=found, number=number).first()
    context = {
        "link": found,
        "round": None,
        "period": found.round.period,
        "cards": cards if cards is not None else cards_of(found.round, here, links_of=found),
        "due": len(items),
        "came": sum(d.quote is not None and d.asked is None for d in items),
        "answering": found.purpose == links.ANSWER,
        "currency": Market.objects.get().currency,
        "receipt": receipt,
        "deliveries": _deliveries(receipt),
        "key": entry.new_number(),
        "page": page,
        "pages": list(range(1, pages + 1)),
        "left": _left(found),
        "phones": Opening.objects.filter(link=found).count(),
        "wrong": status != 200,
        "address": reverse("link", args=[token]),
        "market_address": reverse("link_market", args=[token]) if _released(found) else "",
    }
    return render(request, "office/link.html", context, status=status)


def _items(found: Link) -> list[due.Due]:
    """What the unit is asked for by a link: all that is due, or the quotes that were sent back."""
    rows = due.of_unit(found.round, found.unit)
    return [d for d in rows if d.asked is not None] if found.purpose == links.ANSWER else rows


def _deliveries(receipt: Receipt | None) -> list[Delivery]:
    if receipt is None:
        return []
    return list(receipt.deliveries.select_related("item", "quote", "quote__supersedes").order_by("pk"))


def _left(found: Link) -> tuple[int, int, int]:
    """Days, hours and minutes until the link expires."""
    minutes = int((found.expires_at - clock.now()).total_seconds() // 60)
    return minutes // 1440, minutes // 60 % 24, minutes % 60


def _send(request: HttpRequest, token: str, found: Link, opening: Opening) -> HttpResponse:
    """Take in what was filled in; what can't be taken so is shown again with what is wrong."""
    items = _items(found)
    sender = entry.Sender("link", link=found, opening=opening)
    lines = lines_of(request.POST, items)
    wrong_pictures: dict[str, str] = {}
    results = entry.take(found.round, lines, sender) if lines else []
    for one in items:
        for file in request.FILES.getlist(f"photo-{one.item.pk}"):
            try:
                pictures.keep(found.round, found.unit, one.item, file.read(), None, "unit")
            except pictures.PictureError as error:
                wrong_pictures[one.item.code] = say(error.zh, error.en)
    failed = {r.line.said.item: r for r in results if r.outcome not in entry.KEPT}
    kept = next((r.receipt for r in results if r.receipt), "")
    if failed or wrong_pictures:
        again = [d for d in items if d.item.code in failed or d.item.code in wrong_pictures]
        cards = cards_of(found.round, again, results=failed, pictures=wrong_pictures, links_of=found)
        receipt = Receipt.objects.filter(number=kept).first() if kept else None
        return _form(request, token, found, opening, cards=cards, stored=receipt, status=422)
    answer = redirect("link", token=token)
    if kept:
        answer["Location"] += f"?receipt={kept}"
    return answer
