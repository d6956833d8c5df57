"""S4, coverage: who has reported and who has not, the time left, and the moves from planned to review."""

import importlib
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import CLERK, COLLECTOR, SUPERVISOR, may
from ellwand.office.review import coverage as responses
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Round
from ellwand.office.screens.access import screen, user_of
from ellwand.office.screens.page import show
from ellwand.office.screens.words import say

REMINDERS = "ellwand.office.collection.reminders"
LARGEST = 20 << 20
"""Bytes of a file of late quotes."""
GUARD_WORDS = {
    "metadata": ("登记册", "Registers"),
    "assignments": ("采价任务", "Assignments"),
    "calendar": ("发布日历", "Calendar"),
    "minimum": ("样本下限", "Fewest units"),
    "response": ("回收率", "Response"),
    "late": ("迟报", "Late data"),
}


@screen(
    "office/rounds/<str:code>/coverage/", "coverage",
    read=("assignments.route", "exceptions.read", "registers.read", "review.read"),
    write=("registers.change", "exceptions.sign"),
)  # fmt: skip
def coverage(request: HttpRequest, code: str) -> HttpResponse:
    """Coverage; acting begins to collect, hands over to review, reminds, or lets late quotes in."""
    found = work.find(code)
    work.settle(found)
    if request.method == "POST":
        _act(request, found)
        return HttpResponseRedirect(reverse("coverage", args=[code]))
    by = user_of(request)
    seen = responses.of(found)
    state = found.state
    target = {states.PLANNED: states.COLLECTING, states.CLOSED: states.REVIEWING}.get(state)
    shown = _guards(found, target) if target else []
    context: dict[str, Any] = {
        "seen": seen,
        "enough": seen.whole.share >= seen.target,
        "sources": seen.sources,
        "left": _left(found),
        "target": target,
        "guards": shown,
        "unmet": any(g["why"] is not None and g["signable"] and not g["signed"] for g in shown),
        "may_move": target is not None and not by.roles.isdisjoint(states.rule_of(state, target).roles),
        "may_sign": SUPERVISOR in by.roles,
        "collects": may(by.roles, "assignments.route"),
        "may_remind": _reminders() is not None
        and state == states.COLLECTING
        and not by.roles.isdisjoint((CLERK, SUPERVISOR)),
        "may_admit": {SUPERVISOR, COLLECTOR} <= by.roles and state in (states.CLOSED, states.REVIEWING),
        "exceptions": [
            {"row": e, "words": say(*GUARD_WORDS.get(e.guard, (e.guard, e.guard)))}
            for e in found.exceptions.filter(guard__in=GUARD_WORDS).select_related("by").order_by("pk")
        ],
    }
    return show(request, "office/coverage.html", context, found=found)


def _left(found: Round) -> tuple[int, int] | None:
    """Hours and minutes to the cut-off; None when it has passed or there is none."""
    issue = found.issue
    if issue is None or issue.cutoff_at <= clock.now():
        return None
    minutes = int((issue.cutoff_at - clock.now()).total_seconds() // 60)
    return minutes // 60, minutes % 60


def _guards(found: Round, target: str) -> list[dict[str, Any]]:
    """The guards of the next move: whether each holds, and whether somebody signed an exception."""
    facts = work.facts_of(found)
    signed = set(found.exceptions.values_list("guard", flat=True))
    return [
        {
            "words": say(*GUARD_WORDS.get(guard, (guard, guard))),
            "why": facts.get(guard),
            "signed": guard in signed,
            "signable": guard in states.SIGNS,
        }
        for guard in states.rule_of(found.state, target).guards
    ]


def _act(request: HttpRequest, found: Round) -> None:
    given, by = request.POST, user_of(request)
    act = given.get("act", "")
    if act == "move":
        target = {states.PLANNED: states.COLLECTING, states.CLOSED: states.REVIEWING}.get(found.state)
        if target is None or target != given.get("target"):
            raise DataError(f"round {found.code} is {found.state} now; open the screen again")
        work.move(found, target, by, sign=given.get("sign", ""))
        if target == states.REVIEWING:
            done = say(
                "已送交审核，报价正在检查；请看上方的“审核”。",
                "Handed over; the quotes are being checked. Go on at Review, above.",
            )
        else:
            done = say("已开始采价。", "Collecting has begun.")
        messages.success(request, done)
    elif act == "sign":
        _sign(found, by, given.get("sign", ""))
    elif act == "remind":
        _remind(request, found, by)
    elif act == "late":
        _admit(request, found, by)
    else:
        raise DataError(f"act {act!r} is not known; use the buttons of the screen")


def _sign(found: Round, by: User, reason: str) -> None:
    """Sign the exceptions of the next move for somebody else to make it, as a supervisor for the clerk."""
    from django.db import transaction

    from ellwand.office.accounts import people
    from ellwand.office.audit import trail
    from ellwand.office.rounds.models import SignedException

    people.require(by, "exceptions.sign")
    target = {states.PLANNED: states.COLLECTING, states.CLOSED: states.REVIEWING}.get(found.state)
    if target is None:
        raise DataError(f"round {found.code} is {found.state}; there is nothing to sign here")
    if not reason.strip():
        raise DataError("sign: empty; say why the round may go on although the guard does not hold")
    with transaction.atomic():
        work.lock(found)
        facts = work.facts_of(found)
        signed = set(found.exceptions.values_list("guard", flat=True))
        broken = [
            g for g in states.rule_of(found.state, target).guards
            if facts.get(g) is not None and g not in signed and states.SIGNS.get(g) == SUPERVISOR
        ]  # fmt: skip
        if not broken:
            raise DataError(f"round {found.code}: every guard that may be signed holds or is signed already")
        for guard in broken:
            what = str(facts[guard])
            row = SignedException(round=found, guard=guard, what=what, by=by, at=clock.now(), reason=reason.strip())
            row.save()
            trail.append(
                by, "exception.sign", f"round/{found.code}", role=SUPERVISOR, after={"guard": guard, "what": what},
                reason=reason.strip(),
            )  # fmt: skip


def _reminders() -> ModuleType | None:
    """The room that sends reminders, where the office has it."""
    try:
        return importlib.import_module(REMINDERS)
    except ModuleNotFoundError as error:
        if error.name != REMINDERS:
            raise
        return None


def _remind(request: HttpRequest, found: Round, by: User) -> None:
    room = _reminders()
    if room is None:
        raise DataError("reminders: this office sends none; call the units, their contacts are in the list")
    asked = request.POST.get("source", "")
    ids = [
        s.unit.pk
        for source, units in responses.of(found).silent
        if asked in ("", source.code if source else "-")
        for s in units
    ]
    if not ids:
        raise DataError("reminders: every unit has reported; there is nobody to remind")
    done = room.remind(found, ids, by)
    said = say("已向{n}个样本单位发送催报。", "{n} units are being reminded.", n=done.going)
    if done.today:
        said += say("{n}个今天已催报过。", " {n} were reminded today already.", n=done.today)
    if done.unreached:
        said += say("{n}个没有可用的联系方式。", " {n} have no address that a sender reaches.", n=len(done.unreached))
    messages.success(request, said)


def _admit(request: HttpRequest, found: Round, by: User) -> None:
    """Take a file of late quotes in by a signed exception."""
    from ellwand.office.quotes.intake import import_quotes

    file = request.FILES.get("file")
    if file is None or not file.name:
        raise DataError("file: missing; choose the file with the late quotes")
    if (file.size or 0) > LARGEST:
        raise DataError(f"file: larger than {LARGEST >> 20} MB; split it")
    with tempfile.TemporaryDirectory(prefix="ellwand-") as folder:
        path = Path(folder) / Path(file.name).name
        path.write_bytes(file.read())
        taken = import_quotes(path, found.code, by, sign=request.POST.get("sign", ""))
    words = "迟报：新增{a}条，更改{c}条，拒收{r}行。", "Late data: {a} added, {c} changed, {r} refused."
    messages.success(request, say(*words, a=taken.added, c=taken.changed, r=taken.refused))
