"""Conduct: complaints and their deadlines, declarations, drills; the public form of a complaint, with its receipt."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from ellwand.engine.errors import DataError
from ellwand.office import clock, setup
from ellwand.office.accounts import limits
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import may
from ellwand.office.cases import complaints, declarations, drills
from ellwand.office.cases.models import Complaint
from ellwand.office.screens.access import ANYBODY, screen, user_of
from ellwand.office.screens.desk import DUTIES, Duty
from ellwand.office.screens.faults import too_many
from ellwand.office.screens.page import show
from ellwand.office.screens.words import instant, is_chinese, say

STATE_WORDS = {
    complaints.RECEIVED: ("已收到", "received"),
    complaints.ACKNOWLEDGED: ("已受理", "acknowledged"),
    complaints.ANSWERED: ("已答复", "answered"),
    complaints.APPEALED: ("已申诉", "appealed"),
    complaints.DECIDED: ("申诉已裁定", "appeal decided"),
}
NEXT = {
    complaints.RECEIVED: (complaints.ACKNOWLEDGED, "受理投诉", "Acknowledge the complaint"),
    complaints.ACKNOWLEDGED: (complaints.ANSWERED, "答复投诉", "Answer the complaint"),
    complaints.APPEALED: (complaints.DECIDED, "裁定申诉", "Decide the appeal"),
}
"""By state: the step that the office owes, and its words."""
FORMS_AN_HOUR, LOOKS_AN_HOUR = 5, 60
"""Complaints, and looks at receipts, that one address may send in an hour."""


def state_words(state: str) -> str:
    """The state of a complaint in words."""
    return say(*STATE_WORDS[state])


def _row(found: Complaint) -> dict[str, object]:
    now = complaints.standing(found)
    return {"complaint": found, "standing": now, "state": state_words(now.state)}


@screen("office/cases/", "cases", read="complaints.read")
def cases(request: HttpRequest) -> HttpResponse:
    """All complaints, the counts of the year, declarations and drills."""
    year = clock.now().astimezone(setup.current().time_zone).year
    people = User.objects.filter(is_active=True).order_by("username")
    context = {
        "waiting": [_row(found) for found, _ in complaints.waiting()],
        "done": [r for r in map(_row, Complaint.objects.order_by("-pk")[:200]) if r["standing"].due is None],  # type: ignore[attr-defined]
        "year": year,
        "counts": complaints.yearly(year),
        "undeclared": [p for p in people if may(p.roles, "interests.declare") and not declarations.in_force(p)],
        "drill": drills.last(),
        "drill_due": (age := drills.age()) is None or age > drills.DUE,
    }
    return show(request, "office/cases.html", context, section="cases")


@screen("office/cases/<int:pk>/", "case", read="complaints.read", write=("complaints.answer", "complaints.appeal"))
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """One complaint, its course, and the next step."""
    found = Complaint.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    if request.method == "POST":
        if request.POST.get("act") == "forget":
            complaints.forget(found, user_of(request), request.POST.get("reason", ""))
        else:
            complaints.step(found, request.POST.get("act", ""), user_of(request), request.POST.get("text", ""))
        return redirect("case", pk=pk)
    row = _row(found)
    step = NEXT.get(row["standing"].state)  # type: ignore[attr-defined]
    context = {
        **row,
        "events": [{"event": e, "words": state_words(e.kind)} for e in complaints.events(found)],
        "step": {"act": step[0], "words": say(*step[1:])}
        if step and may(user_of(request).roles, complaints.ACTS[step[0]])
        else None,
        "contact": getattr(found, "contact", None),
    }
    return show(request, "office/case.html", context, section="cases")


@screen("complaints/new/", "complain", read=ANYBODY, write=ANYBODY)
def complain(request: HttpRequest) -> HttpResponse:
    """The public form of a complaint; its receipt."""
    if request.method != "POST":
        return show(request, "office/complain.html", {"given": {}})
    if request.POST.get("website"):
        # A field that people do not see: whoever fills it in is a program.
        return redirect("complain")
    given = {name: request.POST.get(name, "") for name in ("subject", "text", "name", "address")}
    if limits.is_over(request, "complain", FORMS_AN_HOUR):
        return too_many(request)
    try:
        made = complaints.receive(**given, language="zh" if is_chinese() else "en")
    except DataError as error:
        field = str(error).partition(":")[0]
        return show(request, "office/complain.html", {"given": given, "fault": str(error), "field": field}, status=422)
    return redirect(reverse("complaint", args=[made.receipt]) + "?new=1")


@screen("complaints/<str:receipt>/", "complaint", read=ANYBODY, write=ANYBODY)
def complaint(request: HttpRequest, receipt: str) -> HttpResponse:
    """What who complained sees by his receipt: where it stands, the answers, and the way to appeal."""
    if limits.is_over(request, "receipt", LOOKS_AN_HOUR):
        return too_many(request)
    found = complaints.find(receipt)
    if request.method == "POST":
        complaints.appeal(found, request.POST.get("text", ""))
        return redirect("complaint", receipt=found.receipt)
    context = {
        **_row(found),
        "events": [{"event": e, "words": state_words(e.kind)} for e in complaints.events(found)],
        "new": bool(request.GET.get("new")),
        "until": complaints.acknowledge_until(found),
        "may_appeal": complaints.standing(found).state == complaints.ANSWERED,
    }
    return show(request, "office/complaint.html", context)


def duties(user: User) -> list[Duty]:
    """Complaints that wait for somebody; an overdue one rises to the admin."""
    held, out = user.roles, []
    if not (may(held, "complaints.answer") or may(held, "complaints.appeal")):
        return []
    for found, now in complaints.waiting():
        act, zh, en = NEXT[now.state]
        risen = now.overdue and may(held, "complaints.appeal")
        if not may(held, complaints.ACTS[act]) and not risen:
            continue
        late = say("（已逾期）", " (overdue)") if now.overdue else ""
        words = say(
            "{what}：{receipt}，期限 {at}{late}", "{what}: {receipt}, until {at}{late}", what=say(zh, en),
            receipt=found.receipt, at=instant(now.due), late=late,
        )  # fmt: skip
        out.append(Duty(words, reverse("case", args=[found.pk])))
    return out


def drill_duty(user: User) -> list[Duty]:
    """The restore drill that is due, for the admin."""
    age = drills.age()
    if not may(user.roles, "users.change") or (age is not None and age <= drills.DUE):
        return []
    return [Duty(say("该演练备份恢复了", "A restore drill is due"), reverse("cases"))]


DUTIES.append(duties)
DUTIES.append(drill_duty)
