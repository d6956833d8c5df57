"""Complaints: the form with its receipt, the deadlines, the counts of every year, and where a complaint stands."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import register_converter
from django.urls.converters import StringConverter

from ellwand.engine.errors import DataError
from ellwand.office import clock, setup
from ellwand.office.accounts import limits
from ellwand.office.cases import complaints as record
from ellwand.office.cases.models import Complaint
from ellwand.office.screens.cases import FORMS_AN_HOUR, LOOKS_AN_HOUR, state_words
from ellwand.office.screens.words import say
from ellwand.web.site.page import Language, Shown, page, where

FIELDS = ("subject", "text", "name", "address")


class Receipt(StringConverter):
    """A receipt number in an address, in either case."""

    regex = r"\d{4}-[0-9A-Za-z]{5}-[0-9A-Za-z]{5}"


register_converter(Receipt, "receipt")


@page("complaints/", "complaints", forms=True)
def complaints(request: HttpRequest, language: Language) -> Shown | HttpResponse:
    """The form; a complaint that was sent leads to its receipt."""
    given = {name: request.POST.get(name, "") for name in FIELDS}
    fault = field = ""
    if request.method == "POST":
        if request.POST.get("website"):
            # A field that people do not see: whoever fills it in is a program.
            return redirect(where("complaints", language))
        if limits.is_over(request, "complain", FORMS_AN_HOUR):
            return too_many()
        try:
            made = record.receive(**given, language=language)
        except DataError as error:
            fault = str(error)
            field = fault.partition(":")[0]
        else:
            return redirect(where("complaint", language, receipt=made.receipt) + "?new=1")
    context: dict[str, Any] = {
        "given": given,
        "fault": fault,
        "field": field,
        "years": years(),
        "acknowledge": record.ACKNOWLEDGE_DAYS,
        "answer": record.ANSWER_DAYS,
        "form": True,
    }
    return Shown("site/complaints.html", say("投诉与报错", "Complaints and errors"), context, 422 if fault else 200)


def years() -> list[dict[str, int]]:
    """The counts of every year since the first complaint, the newest first; of this year in any case."""
    zone = setup.current().time_zone
    now = clock.now().astimezone(zone).year
    first = Complaint.objects.order_by("at").values_list("at", flat=True).first()
    start = first.astimezone(zone).year if first else now
    return [{"year": year, **record.yearly(year)} for year in range(now, start - 1, -1)]


@page("complaints/<receipt:receipt>/", "complaint", forms=True)
def complaint(request: HttpRequest, language: Language, receipt: str) -> Shown | HttpResponse:
    """What who complained sees by his receipt: where it stands, the answers, and the way to appeal."""
    if limits.is_over(request, "receipt", LOOKS_AN_HOUR):
        return too_many()
    try:
        found = record.find(receipt)
    except DataError:
        message = say("没有这个回执号，请再核对一次。", "No complaint has this receipt number; look at it again.")
        return Shown("site/told.html", say("没有这份投诉", "There is no such complaint"), {"message": message}, 404)
    if request.method == "POST":
        record.appeal(found, request.POST.get("text", ""))
        return redirect(where("complaint", language, receipt=found.receipt))
    now = record.standing(found)
    context: dict[str, Any] = {
        "complaint": found,
        "standing": now,
        "state": state_words(now.state),
        "events": [{"event": e, "words": state_words(e.kind)} for e in record.events(found)],
        "new": bool(request.GET.get("new")),
        "until": record.acknowledge_until(found),
        "may_appeal": now.state == record.ANSWERED,
        "form": True,
    }
    return Shown("site/complaint.html", say("投诉回执 {n}", "Receipt {n}", n=found.receipt), context)


def too_many() -> Shown:
    """More forms than a person sends in an hour."""
    message = say("这一小时内提交得太多，请稍后再来。", "Too many in this hour; come back later.")
    return Shown("site/told.html", say("请稍后再来", "Come back later"), {"message": message}, 429)
