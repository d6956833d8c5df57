"""The versions of the method: proposals with comments, replies, parallel runs and decisions; the yearly review."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from ellwand.engine.errors import DataError
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import CLERK, STAT_APPROVER
from ellwand.office.collection.messages import SheetError
from ellwand.office.collection.text import decode
from ellwand.office.registry import effect, methods, sheets, tasks
from ellwand.office.registry.columns import METHODS
from ellwand.office.registry.deciding import DECIDE
from ellwand.office.registry.models import MethodComment, MethodProposal, MethodReview, MethodVersion
from ellwand.office.rounds import work
from ellwand.office.screens import desk
from ellwand.office.screens.access import screen, user_of
from ellwand.office.screens.page import show
from ellwand.office.screens.registers import OTHERS, Other, as_file, form_of, sheet_of
from ellwand.office.screens.words import say

STATES = {
    methods.OPEN: ("征求意见中", "open for comments"),
    methods.UNANSWERED: ("意见待答复", "comments to be answered"),
    methods.DUE: ("待决定", "to be decided"),
    methods.DECIDED: ("已决定", "decided"),
}
WAYS = {
    methods.OPEN: ("意见征求至 {n}", "Comments are open until {n}."),
    methods.UNANSWERED: ("{n} 条意见尚未答复", "{n} comments have no reply."),
    methods.NO_RUN: ("尚未并行试算", "No parallel run is stored."),
}
SHORT = 1
"""Levels of classes that the table of an effect shows at first."""


def effect_of(figures: dict[str, Any]) -> dict[str, Any]:
    """A stored effect for its tables: the total in each issue, the classes of the last one, the largest difference."""
    lines = effect.lines(figures)
    return {
        "periods": figures["periods"],
        "total": [(p, a, b, None if a is None or b is None else b - a) for p, a, b in effect.total(figures)],
        "short": [line for line in lines if line.level <= SHORT],
        "deep": [line for line in lines if line.level > SHORT],
        "largest": effect.largest(figures),
    }


def _versions() -> list[dict[str, Any]]:
    """The versions of the method, the newest first, with the period from which each is in force."""
    force = work.method_in_force()[0] if MethodVersion.objects.exists() else None
    return [
        {"row": row, "from": d.effective_from if (d := getattr(row, "decision", None)) else "",
         "force": force is not None and row.pk == force.pk}
        for row in MethodVersion.objects.select_related("by", "decision").order_by("-pk")
    ]  # fmt: skip


@screen("office/methods/", "methods", read="registers.read", write="registers.change")
def methods_(request: HttpRequest) -> HttpResponse:
    """All versions and proposals; the clerk records the yearly review."""
    if request.method == "POST":
        methods.review(request.POST.get("findings", ""), user_of(request))
        messages.success(request, say("复核已记录。", "The review is recorded."))
        return redirect("methods")
    rows = [
        {"row": p, "state": methods.state_of(p), "words": say(*STATES[methods.state_of(p)]),
         "decision": methods.decision_of(p)}
        for p in MethodProposal.objects.select_related("by").order_by("-pk")
    ]  # fmt: skip
    context = {
        "versions": _versions(),
        "proposals": rows,
        "due": methods.review_due(),
        "overdue": methods.review_overdue(),
        "reviews": MethodReview.objects.select_related("by", "method").order_by("-pk"),
    }
    return show(request, "office/methods.html", context, section="registers")


@screen("office/methods/propose/", "method_propose", read="registers.change", write="registers.change")
def propose(request: HttpRequest) -> HttpResponse:
    """Put a method file up for comment."""
    if request.method == "POST":
        post = request.POST
        given = methods.Proposed(
            text=_text(sheet_of(request)), summary_zh=post.get("summary_zh", ""),
            summary_en=post.get("summary_en", ""), comments_until=_day(post.get("comments_until", "")),
            effective_from=post.get("effective_from", "").strip(),
        )  # fmt: skip
        made = methods.propose(given, user_of(request))
        messages.success(request, say("已公开征求意见。", "The proposal is open for comments."))
        return redirect("proposal", number=made.pk)
    context = {"least": methods.LEAST, "earliest": methods.earliest(), "force": work.method_in_force()[0]}
    return show(request, "office/method_propose.html", context, section="registers")


def _text(content: bytes) -> str:
    try:
        return decode(content)[0]
    except SheetError as error:
        raise DataError(f"sheet: {error}") from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise DataError(f"comments_until {text!r}: is no date; write it as 2027-03-11") from error


@screen("office/methods/proposal/<int:number>/", "proposal", read="registers.read", write=DECIDE)
def proposal(request: HttpRequest, number: int) -> HttpResponse:
    """A proposal: what it changes, what is said of it, its parallel run, and its decision by somebody else."""
    found = MethodProposal.objects.select_related("by").filter(pk=number).first()
    if found is None:
        raise Http404
    if request.method == "POST":
        _act(request, found)
        return redirect("proposal", number=number)
    decision, state = methods.decision_of(found), methods.state_of(found)
    run = found.runs.select_related("by", "method").order_by("-pk").first()
    asked = tasks.asked(tasks.parallel, found.pk)
    own = user_of(request)
    context = {
        "found": found,
        "state": state,
        "words": say(*STATES[state]),
        "decision": decision,
        "changes": methods.differences(methods.before(found).text, found.text),
        "before": methods.before(found),
        "comments": [
            {"row": c, "replies": list(c.replies.select_related("by").order_by("pk"))}
            for c in found.comments.filter(answers__isnull=True).select_related("by").order_by("pk")
        ],
        "run": run,
        "effect": effect_of(run.figures) if run else None,
        "asked": asked,
        "ways": [
            say(*WAYS[why], n=n) for why, n in ([] if decision else methods.standing_in_the_way(found, accept=True))
        ],
        "may_decide": own.pk != found.by_id and bool(own.roles & {CLERK, STAT_APPROVER}),
        "is_open": state == methods.OPEN,
    }
    return show(request, "office/proposal.html", context, section="registers")


def _act(request: HttpRequest, found: MethodProposal) -> None:
    by, post = user_of(request), request.POST
    act = post.get("act", "")
    if act == "comment":
        methods.comment(found, post.get("author", ""), post.get("text", ""), by)
        said = say("意见已记录。", "The comment is recorded.")
    elif act == "reply":
        to = MethodComment.objects.filter(proposal=found, pk=_number(post.get("to", ""))).first()
        if to is None:
            raise DataError("to: no comment of this proposal; choose one on the page")
        methods.reply(to, post.get("text", ""), by)
        said = say("答复已记录。", "The reply is recorded.")
    elif act == "run":
        methods.may_run(found, by)
        tasks.ask(tasks.parallel, found.pk, by)
        said = say("并行试算已交给后台。", "The parallel run is under way.")
    elif act in ("accept", "refuse"):
        methods.decide(
            found, by, accept=act == "accept", effective_from=post.get("effective_from", "").strip(),
            reason=post.get("reason", ""),
        )  # fmt: skip
        said = say("决定已记录。", "The decision is recorded.")
    else:
        raise DataError(f"act {act!r} is not known; there are comment, reply, run, accept, refuse")
    messages.success(request, said)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 12 else 0


@screen("office/methods/<int:number>.toml", "method_file", read="registers.read")
def method_file(request: HttpRequest, number: int) -> HttpResponse:
    """The file of a version."""
    row = MethodVersion.objects.filter(pk=number).first()
    if row is None:
        raise Http404
    return _file(row)


@screen("office/methods/proposal/<int:number>.toml", "proposal_file", read="registers.read")
def proposal_file(request: HttpRequest, number: int) -> HttpResponse:
    """The file of a proposal."""
    row = MethodProposal.objects.filter(pk=number).first()
    if row is None:
        raise Http404
    return _file(row)


def _file(row: MethodVersion | MethodProposal) -> HttpResponse:
    answer = HttpResponse(row.text.encode(), content_type="application/toml")
    answer["Content-Disposition"] = f'attachment; filename="{row.name}-{row.version}.toml"'
    answer["Cache-Control"] = "no-store"
    return answer


@screen("office/methods/export.<str:form>", "methods_export", read="registers.read")
def methods_export(request: HttpRequest, form: str) -> HttpResponse:
    """The versions and what was decided, as a sheet."""
    rows = []
    for v in reversed(_versions()):
        row, decision = v["row"], getattr(v["row"], "decision", None)
        rows.append(
            {"name": row.name, "version": row.version, "digest": row.digest, "effective_from": v["from"],
             "taken_in": row.at.isoformat(), "by": row.by.username,
             "reason": decision.reason if decision else row.reason}
        )  # fmt: skip
    return as_file(sheets.write(form_of(form), {"methods": (METHODS, rows)}), "methods", form_of(form))


def _duty(user: User) -> list[desk.Duty]:
    """What waits: comments to answer, proposals of others to decide, an overdue review."""
    out = []
    for p in MethodProposal.objects.filter(decision__isnull=True):
        state, address = methods.state_of(p), reverse("proposal", args=[p.pk])
        waiting = len(methods.unanswered(p))
        if waiting and CLERK in user.roles:
            words = say("方法提案 {v}：{n} 条意见待答复", "Method {v}: {n} comments to answer", v=p.version, n=waiting)
            out.append(desk.Duty(words, address))
        elif state == methods.DUE and p.by_id != user.pk and user.roles & {CLERK, STAT_APPROVER}:
            out.append(desk.Duty(say("方法提案 {v}：待决定", "Method {v}: decide the proposal", v=p.version), address))
    if CLERK in user.roles and methods.review_overdue():
        words = say("方法年度复核已逾期（{d}）", "The yearly review of the method is overdue ({d})",
                    d=methods.review_due())  # fmt: skip
        out.append(desk.Duty(words, reverse("methods")))
    return out


def _other() -> Other:
    return Other(say("方法版本", "Versions of the method"), "methods", MethodVersion.objects.count(), "methods_export")


desk.DUTIES.append(_duty)
OTHERS.append(_other)
