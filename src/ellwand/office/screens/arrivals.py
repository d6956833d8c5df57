"""Entries that need somebody: late ones (rule 31), those that met another report, and what the review sent back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from ellwand.engine.errors import DataError
from ellwand.office.accounts.roles import CLERK, SUPERVISOR
from ellwand.office.collection import due, late, reminders
from ellwand.office.collection.models import Delivery
from ellwand.office.quotes.models import Quote
from ellwand.office.registry.models import Unit
from ellwand.office.review import acts
from ellwand.office.review.models import Decision
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Round
from ellwand.office.screens.access import screen, user_of
from ellwand.office.screens.link_cards import CLASSES, STATUSES
from ellwand.office.screens.page import show
from ellwand.office.screens.words import say

SHOWN = 200
WAY_WORDS = {
    "link": ("链接", "link"), "collector": ("采价员", "collector"), "sheet": ("价格表", "sheet"),
    "odk": ("ODK", "ODK"), "api": ("接口", "interface"),
}  # fmt: skip


def way_words(way: str) -> str:
    """The way by which something came."""
    return say(*WAY_WORDS[way])


def said_words(said: dict[str, Any]) -> str:
    """The class of a price, or the code in its place, in words; as it was sent where it is none of ours."""
    key = str(said.get("status") or said.get("type") or "")
    return next((say(zh, en) for code, zh, en in (*CLASSES, *STATUSES) if code == key), key)


@screen(
    "office/rounds/<str:code>/arrivals/", "arrivals", read=("assignments.route", "exceptions.read"),
    write=("exceptions.sign", "assignments.route"),
)  # fmt: skip
def arrivals(request: HttpRequest, code: str) -> HttpResponse:
    """What waits for somebody; acting decides of late entries, and asks units about quotes that were sent back."""
    found = work.find(code)
    work.settle(found)
    if request.method == "POST":
        _act(request, found)
        return HttpResponseRedirect(reverse("arrivals", args=[code]))
    held = user_of(request).roles
    returned = returned_of(found)
    context: dict[str, Any] = {
        "late": [
            {"row": d, "way": way_words(d.receipt.way), "said": d.said, "kind": said_words(d.said)}
            for d in late.waiting(found)[:SHOWN]
        ],
        "decided": Delivery.objects.filter(receipt__round=found, admission__isnull=False)
        .select_related("unit", "item", "admission", "admission__by", "admission__made__receipt__round")
        .order_by("-pk")[:SHOWN],
        "conflicts": [
            {"row": d, "way": way_words(d.receipt.way), "versions": _versions(d)}
            for d in Delivery.objects.filter(receipt__round=found, conflict=True)
            .select_related("unit", "item", "receipt", "receipt__by", "quote")
            .order_by("-pk")[:SHOWN]
        ],
        "returned": returned,
        "by_unit": len({r["decision"].unit_id for r in returned if not r["collector"]}),
        "may_sign": SUPERVISOR in held,
        "may_ask": not held.isdisjoint((SUPERVISOR, CLERK)) and found.state == states.REVIEWING,
        "in_time": found.state in (states.CLOSED, states.REVIEWING),
    }
    return show(request, "office/arrivals.html", context, found=found)


def returned_of(found: Round) -> list[dict[str, Any]]:
    """Quotes that wait for an answer: what is asked, and of whom: the collector who reported, else the unit itself."""
    units = set(Decision.objects.filter(round=found, act=acts.SEND_BACK).values_list("unit", flat=True))
    out = []
    for decision in due.returned(found, units).values():
        first = (
            Quote.objects.filter(round=found, unit=decision.unit_id, item=decision.item_id)
            .select_related("by")
            .order_by("version")[0]
        )
        collector = first.by if first.by and first.collection_method == "collector" else None
        out.append(
            {"decision": decision, "asked": say(*acts.CODES[acts.SEND_BACK][decision.code]), "collector": collector}
        )
    return sorted(out, key=lambda r: (r["decision"].unit_id, r["decision"].item_id))


def _versions(delivery: Delivery) -> list[Quote]:
    rows = Quote.objects.filter(round=delivery.receipt.round_id, unit=delivery.unit_id, item=delivery.item_id)
    return list(rows.select_related("by").order_by("-version")[:10])


def _act(request: HttpRequest, found: Round) -> None:
    by, act = user_of(request), request.POST.get("act", "")
    if act == "ask":
        ids = {r["decision"].unit_id for r in returned_of(found) if not r["collector"]}
        if not ids:
            raise DataError("units: none has a quote that was sent back and waits for its answer")
        done = reminders.send(found, ids, by, reminders.ANSWER)
        said = say("正在询问{n}个样本单位。", "{n} units are being asked.", n=done.going)
        if done.today:
            said += say("{n}个今天已问过。", " {n} were asked today.", n=done.today)
        if done.unreached:
            names = Unit.objects.filter(code__in=done.unreached)
            said += say("{n}个没有可用的联系方式：{who}", " {n} have no address that a sender reaches: {who}",
                        n=len(names), who=", ".join(done.unreached[:8]))  # fmt: skip
        messages.success(request, said)
        return
    if act not in ("admit", "carry", "leave"):
        raise DataError(f"act {act!r} is not known; use the buttons of the screen")
    pk = request.POST.get("delivery", "")
    delivery = (
        Delivery.objects.select_related("receipt__round", "unit", "item", "receipt__by", "receipt__link")
        .filter(receipt__round=found, pk=int(pk) if pk.isdecimal() and len(pk) < 18 else 0)
        .first()
    )
    if delivery is None:
        raise DataError(f"entry {pk!r}: is none of round {found.code}; open the screen again")
    reason = request.POST.get("reason", "")
    if act == "admit":
        late.admit(delivery, by, reason)
        messages.success(request, say("已签署例外，计入本期。", "The exception is signed; it counts in this period."))
    elif act == "carry":
        late.carry(delivery, by, reason)
        messages.success(request, say("已归入下一期。", "It was taken into the next period."))
    else:
        late.leave_out(delivery, by, reason)
        messages.success(request, say("不予采用，留存备查。", "It was left out, and stays on record."))
