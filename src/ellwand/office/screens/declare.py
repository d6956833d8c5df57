"""The yearly declaration of interests (rule 36)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import may
from ellwand.office.cases import declarations
from ellwand.office.cases.models import Declaration
from ellwand.office.screens.access import screen, user_of
from ellwand.office.screens.desk import DUTIES, Duty
from ellwand.office.screens.page import show
from ellwand.office.screens.words import say


@screen("office/declare/", "declare", read="interests.declare", write="interests.declare")
def declare(request: HttpRequest) -> HttpResponse:
    """Declare one's interests; what one declared before."""
    user = user_of(request)
    if request.method == "POST":
        none, text = request.POST.get("none") == "on", request.POST.get("interests", "").strip()
        declarations.declare(user, text or (str(say("无", "none")) if none else ""))
        messages.success(request, say("声明已记录，一年内有效。", "Your declaration is recorded; it holds for a year."))
        return redirect("declare")
    context = {
        "until": declarations.expires(user),
        "in_force": declarations.in_force(user),
        "due": declarations.is_due(user),
        "before": Declaration.objects.filter(user=user).order_by("-pk"),
    }
    return show(request, "office/declare.html", context, section="cases")


def duty(user: User) -> list[Duty]:
    """The declaration that is due, for the desk."""
    if not may(user.roles, "interests.declare") or not declarations.is_due(user):
        return []
    if declarations.expires(user) is None or not declarations.in_force(user):
        words = say(
            "申报利益关系：没有有效声明，不能批准任何发布", "Declare your interests: without it you approve nothing"
        )
    else:
        words = say("申报利益关系：现有声明即将到期", "Declare your interests: your declaration ends soon")
    return [Duty(words, reverse("declare"))]


DUTIES.append(duty)
