"""The plan for the end of the index, and what its users go over to (rule 43)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import CLERK
from ellwand.office.registry import cessation
from ellwand.office.registry.models import Cessation
from ellwand.office.screens import desk
from ellwand.office.screens.access import screen, user_of
from ellwand.office.screens.page import show
from ellwand.office.screens.words import say


@screen("office/cessation/", "cessation", read="registers.read", write="registers.change")
def cessation_(request: HttpRequest) -> HttpResponse:
    """The plan in both languages, and the earlier ones; the clerk states it."""
    if request.method == "POST":
        cessation.state(request.POST.get("zh", ""), request.POST.get("en", ""), user_of(request))
        messages.success(request, say("计划已登记，并将公开。", "The plan is stated, and public from now on."))
        return redirect("cessation")
    zh, en = cessation.plan()
    rows = list(Cessation.objects.select_related("by").order_by("-pk"))
    context = {"zh": zh, "en": en, "missing": cessation.missing(), "own": bool(rows), "rows": rows}
    return show(request, "office/cessation.html", context, section="registers")


def _duty(user: User) -> list[desk.Duty]:
    if CLERK not in user.roles or not cessation.missing():
        return []
    words = say(
        "写明停用计划：没有它指数不能发布", "State the plan for the end of the index; nothing goes live without it"
    )
    return [desk.Duty(words, reverse("cessation"))]


desk.DUTIES.append(_duty)
