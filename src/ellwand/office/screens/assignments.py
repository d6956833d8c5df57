"""S2, assignments: who reports how in a round; links to print, copy and send; routes; price sheets to print."""

from collections import Counter
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office import setup
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import may
from ellwand.office.audit import trail
from ellwand.office.collection import due, links, printing, reminders, routes, senders
from ellwand.office.collection.models import Link, Message, Opening, Receipt, Stop
from ellwand.office.registry.models import Assignment, Source, Unit
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Round
from ellwand.office.screens.access import screen, user_of
from ellwand.office.screens.page import show
from ellwand.office.screens.registers import as_file
from ellwand.office.screens.words import is_chinese, say

PAGE = 100
"""Units on a page."""
MOST = 400
"""Links or sheets made at once."""


@dataclass
class Row:
    """A unit of the round: what it owes and has sent, by whom or what it reports, and how it was told."""

    unit: Unit
    due: int
    came: int
    stop: Stop | None
    link: Link | None
    phones: int
    receipts: int
    message: Message | None
    reach: str


@screen(
    "office/rounds/<str:code>/assignments/", "assignments", read=("assignments.route", "registers.read"),
    write="assignments.route",
)  # fmt: skip
def assignments(request: HttpRequest, code: str) -> HttpResponse:
    """The units of the round; acting makes, prints, sends or takes back links, and changes routes."""
    found = work.find(code)
    work.settle(found)
    units = _units(found, request.GET.get("source", ""), request.GET.get("route", ""), request.GET.get("q", ""))
    if request.method == "POST":
        return _act(request, found, units)
    pages = max(1, -(-len(units) // PAGE))
    asked = request.GET.get("page", "")
    page = min(int(asked[:6]), pages) if asked.isdecimal() and int(asked[:6]) > 0 else 1
    every = routes.in_force()
    load = Counter(every[u.pk].collector for u in _all(found) if u.pk in every)
    context = {
        "rows": _rows(found, units[(page - 1) * PAGE : page * PAGE]),
        "count": len(units),
        "page": page,
        "pages": list(range(1, pages + 1)),
        "sources": Source.objects.order_by("code"),
        "collectors": routes.collectors(),
        "load": sorted((n, c.username) for c, n in load.items() if c is not None),
        "without": sum(u.pk not in every or every[u.pk].collector_id is None for u in _all(found)),
        "asked": {k: request.GET.get(k, "") for k in ("source", "route", "q")},
        "query": request.GET.urlencode(),
        "may": may(user_of(request).roles, "assignments.route"),
        "open": found.state in (states.PLANNED, states.COLLECTING),
        "answering": found.state == states.REVIEWING,
        "collecting": found.state == states.COLLECTING,
        "good": len(links.good_links(found)),
        "senders": ", ".join(setup.current().senders),
    }
    return show(request, "office/assignments.html", context, found=found)


def _all(found: Round) -> list[Unit]:
    """Units that owe something in the round, by code."""
    spans = Assignment.objects.values_list("unit", "valid_from", "valid_to")
    wanted = {u for u, start, stop in spans if work.in_force(found.period, start, stop)}
    rows = Unit.objects.filter(pk__in=wanted).select_related("source")
    return sorted(rows, key=lambda u: natural_key(u.code))


def _units(found: Round, source: str, route: str, text: str) -> list[Unit]:
    """Units of the round by source, by route ("-": none) and by a part of their code or name."""
    out = [u for u in _all(found) if source in ("", u.source.code if u.source else "-")]
    if route:
        there = routes.in_force([u.pk for u in out])
        names = {pk: s.collector.username for pk, s in there.items() if s.collector}
        out = [u for u in out if names.get(u.pk, "-") == route]
    text = text.strip().lower()
    return [u for u in out if text in f"{u.code} {u.name_zh} {u.name_en}".lower()] if text else out


def _rows(found: Round, units: list[Unit]) -> list[Row]:
    ids = [u.pk for u in units]
    owed = due.of_units(found, ids)
    stops = routes.in_force(ids)
    last: dict[int, Link] = {}
    for row in Link.objects.filter(round=found, unit__in=ids).select_related("revocation").order_by("pk"):
        last[row.unit_id] = row
    phones = Counter(Opening.objects.filter(link__in=[k.pk for k in last.values()]).values_list("link", flat=True))
    receipts = Counter(Receipt.objects.filter(round=found, unit__in=ids).values_list("unit", flat=True))
    told: dict[int, Message] = {}
    for message in Message.objects.filter(round=found, unit__in=ids).select_related("dispatch").order_by("pk"):
        told[message.unit_id] = message
    try:
        ways = senders.of(setup.current())
    except DataError:
        ways = []
    out = []
    for u in units:
        link = last.get(u.pk)
        way = senders.choose(u, ways)
        out.append(
            Row(
                u, len(owed[u.pk]), sum(d.quote is not None for d in owed[u.pk]), stops.get(u.pk), link,
                phones[link.pk] if link else 0, receipts[u.pk], told.get(u.pk),
                f"{way[0].name}: {way[1]}" if way else "",
            )
        )  # fmt: skip
    return out


def _chosen(request: HttpRequest, units: list[Unit]) -> list[Unit]:
    """The units that a form is about: those that are ticked, or all of the list. DataError for none."""
    if request.POST.get("whom") == "all":
        out = units
    else:
        ticked = {int(v) for v in request.POST.getlist("unit") if v.isdecimal() and len(v) < 18}
        out = [u for u in units if u.pk in ticked]
    if not out:
        raise DataError("units: none is chosen; tick some, or choose the whole list")
    return out


def _act(request: HttpRequest, found: Round, units: list[Unit]) -> HttpResponse:
    by, act = user_of(request), request.POST.get("act", "")
    if act == "revoke":
        pk = request.POST.get("link", "")
        link = Link.objects.filter(round=found, pk=int(pk) if pk.isdecimal() and len(pk) < 18 else 0).first()
        if link is None:
            raise DataError(f"link {pk!r}: is none of round {found.code}; open the screen again")
        links.revoke(link, by, request.POST.get("reason", ""))
        messages.success(request, say("链接已停用。", "The link was taken back."))
    elif act in ("issue", "print", "send", "route"):
        chosen = _chosen(request, units)
        if act in ("issue", "print") and len(chosen) > MOST:
            raise DataError(f"units: {len(chosen)} at once; at most {MOST}: choose a source first")
        if act == "print":
            return _print(request, found, chosen, by)
        _do(request, found, chosen, by, act)
    else:
        raise DataError(f"act {act!r} is not known; use the buttons of the screen")
    query = request.GET.urlencode()
    return HttpResponseRedirect(reverse("assignments", args=[found.code]) + (f"?{query}" if query else ""))


def _purpose(found: Round) -> str:
    """What links of a round are for now: reports, or in its review answers to what was sent back."""
    return links.ANSWER if found.state == states.REVIEWING else links.REPORT


def _do(request: HttpRequest, found: Round, chosen: list[Unit], by: User, act: str) -> None:
    if act == "issue":
        made = links.issue(found, chosen, by, purpose=_purpose(found))
        messages.success(request, say("{n}个样本单位有有效链接。", "{n} units have a good link.", n=len(made)))
    elif act == "send":
        done = reminders.send(found, [u.pk for u in chosen], by, reminders.LINK)
        said = say("正在向{n}个样本单位发送链接。", "Links are on their way to {n} units.", n=done.going)
        if done.today:
            said += say("{n}个今天已收到。", " {n} had theirs today.", n=done.today)
        if done.unreached:
            said += say("{n}个没有可用的联系方式：{who}", " {n} have no address that a sender reaches: {who}",
                        n=len(done.unreached), who=", ".join(done.unreached[:8]))  # fmt: skip
        messages.success(request, said)
    else:
        name = request.POST.get("collector", "")
        collector = people.find(name) if name not in ("", "-") else None
        if not name:
            raise DataError("collector: none is chosen; choose one, or “by link”")
        n = routes.assign(chosen, collector, by)
        messages.success(request, say("已更改{n}个样本单位的路线。", "The route of {n} units was changed.", n=n))


def _print(request: HttpRequest, found: Round, chosen: list[Unit], by: User) -> HttpResponse:
    """A page with the links of units, to print or to copy from; who asked for it is on record."""
    made = links.issue(found, chosen, by, purpose=_purpose(found))
    site = setup.current().outgoing.site
    from django.db import transaction

    with transaction.atomic():
        trail.append(
            by, "links.print", f"round/{found.code}", role=people.require(by, "assignments.route"),
            after={"links": [f"{k.unit.code}/{k.number}" for k in made]},
        )  # fmt: skip
    rows = [{"link": k, "address": (a := site + links.address_of(k)), "square": printing.square(a)} for k in made]
    return show(request, "office/links_print.html", {"rows": rows, "period": found.period}, section="rounds")


@screen("office/rounds/<str:code>/assignments/<str:unit>.xlsx", "price_sheet", read="assignments.route")
def price_sheet(request: HttpRequest, code: str, unit: str) -> HttpResponse:
    """The price sheet of a unit."""
    found, row = work.find(code), Unit.objects.filter(code=unit).first()
    if row is None:
        raise Http404
    try:
        made = printing.sheet(found, row, "zh" if is_chinese() else "en")
    except ValueError as error:
        raise DataError(str(error)) from error
    return as_file(made, printing.file_name(found, row), "xlsx")


@screen("office/rounds/<str:code>/sheets.zip", "price_sheets", read="assignments.route")
def price_sheets(request: HttpRequest, code: str) -> HttpResponse:
    """The price sheets of the units that the list shows, in one ZIP."""
    found = work.find(code)
    units = _units(found, request.GET.get("source", ""), request.GET.get("route", ""), request.GET.get("q", ""))
    if len(units) > MOST:
        raise DataError(f"units: {len(units)} at once; at most {MOST}: choose a source first")
    try:
        made = printing.sheets(found, units, "zh" if is_chinese() else "en")
    except ValueError as error:
        raise DataError(str(error)) from error
    answer = HttpResponse(made, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{found.period}-sheets.zip"'
    return answer
