"""Submissions of ODK and KoBo in a round: exports taken in, and entries that could not be, tried again."""

from django.contrib import messages
from django.db.models import Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from ellwand.engine.errors import DataError
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import may
from ellwand.office.collection import walk
from ellwand.office.collection.entry import KEPT
from ellwand.office.collection.messages import SheetError
from ellwand.office.collection.models import Instance
from ellwand.office.collection.odk import interface, taking
from ellwand.office.collection.sheets import LIMITS
from ellwand.office.registry.models import Unit
from ellwand.office.rounds import work
from ellwand.office.rounds.models import Round
from ellwand.office.screens.access import screen, user_of
from ellwand.office.screens.page import show
from ellwand.office.screens.words import is_chinese, say

SHOWN = 200
"""Submissions that the screen shows, the last ones."""


@screen("office/rounds/<str:code>/odk/", "odk", read=("quotes.enter", "assignments.route"), write="quotes.enter")
def odk(request: HttpRequest, code: str) -> HttpResponse:
    """What came from ODK and KoBo; acting takes an export in, or tries again what was not taken in."""
    found = work.find(code)
    if request.method == "POST":
        by, act = user_of(request), request.POST.get("act", "")
        if act == "import":
            _import(request, found, by)
        elif act == "again":
            _again(request, found, by)
        else:
            raise DataError(f"act {act!r} is not known; there are import, again")
        return HttpResponseRedirect(reverse("odk", args=[code]))
    last = Instance.objects.filter(round=found).values("key").annotate(last=Max("pk")).values("last")
    rows = Instance.objects.filter(pk__in=last).select_related("by").order_by("-pk")
    user = user_of(request)
    if not may(user.roles, "assignments.route"):
        # A collector sees his own submissions, and what waits of units that came to his route.
        rows = rows.filter(Q(by=user) | Q(pk__in=_of_route(rows.filter(open__gt=0), user)))
    context = {
        "open": [{"row": r, "entries": _open(r)} for r in rows.filter(open__gt=0)[:SHOWN]],
        "rows": [{"row": r, "taken": r.said["taken"], "receipt": _receipt(r)} for r in rows[:SHOWN]],
        "count": rows.count(),
        "address": request.build_absolute_uri(interface.ROOT),
    }
    return show(request, "office/odk.html", context, found=found)


def _of_route(rows: QuerySet[Instance], user: User) -> list[int]:
    """Submissions that hold entries of units on somebody's route and of no others."""
    mine = set(Unit.objects.filter(pk__in=[pk for pk, _ in walk.units_of(user)]).values_list("code", flat=True))
    return [pk for pk, said in rows.values_list("pk", "said") if {q["unit"] for q in said["quotes"]} <= mine]


def _open(row: Instance) -> list[dict[str, str]]:
    """The entries that were not taken in, with their problems in words."""
    message, remedy = ("message_zh", "remedy_zh") if is_chinese() else ("message_en", "remedy_en")
    stop = "；" if is_chinese() else "; "
    return [
        {
            "unit": q["unit"], "item": q["item"],
            "said": " ".join(stop.join(filter(None, (p[message], p[remedy]))) for p in q["problems"]),
        }
        for q in row.said["quotes"]
        if q["outcome"] not in KEPT
    ]  # fmt: skip


def _receipt(row: Instance) -> str:
    return next((q["receipt"] for q in row.said["quotes"] if q["receipt"]), "")


def _import(request: HttpRequest, found: Round, by: User) -> None:
    file = request.FILES.get("file")
    if file is None or not file.name:
        raise DataError("file: missing; choose the CSV or the ZIP that the form server exported")
    if (file.size or 0) > LIMITS.size:
        raise DataError(f"file: {file.size} bytes; at most {LIMITS.size} are read: export a shorter time")
    try:
        taken, rejected = taking.take_export(file.read(), file.name, found, by)
    except SheetError as error:
        said = error.fault
        raise DataError(
            f"{said.message_zh}；{said.remedy_zh}" if is_chinese() else f"{said.message_en}; {said.remedy_en}"
        ) from error
    messages.success(
        request,
        say(
            "新提交{n}份（{q}条报价）；先前已有{again}份；审核中被拒{r}份未导入；{open}条未接收。",
            "{n} new submissions ({q} quotes); {again} were known; {r} that were rejected there are left out; "
            "{open} entries were not taken in.",
            n=sum(not t.again for t in taken), q=sum(t.said["taken"] for t in taken if not t.again),
            again=sum(t.again for t in taken), r=len(rejected), open=sum(t.said["refused"] for t in taken),
        ),
    )  # fmt: skip


def _again(request: HttpRequest, found: Round, by: User) -> None:
    """Try one again; who brought it does, or whoever may enter quotes for its units."""
    text = request.POST.get("instance", "")
    row = Instance.objects.filter(pk=int(text), round=found).first() if text.isdecimal() and len(text) < 18 else None
    if row is None:
        raise DataError(f"instance {text!r} is not there; use the buttons of the screen")
    taken = taking.again(row, by)
    words = "已接收{n}条，仍有{open}条未接收。", "{n} taken in, {open} are still open."
    messages.success(request, say(*words, n=taken.said["taken"], open=taken.said["refused"]))
