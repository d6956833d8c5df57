"""S7, compile: start the compilation and see it go; then all levels, what changed, and down to single quotes."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse

from ellwand.engine.errors import DataError
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import COMPILER, may
from ellwand.office.editorial import runs, view
from ellwand.office.editorial.models import Sheet
from ellwand.office.record.models import Compilation
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Round
from ellwand.office.screens.access import screen, user_of
from ellwand.office.screens.page import show
from ellwand.office.screens.vocabulary import state_words
from ellwand.office.screens.words import is_chinese, name_of, say
from ellwand.production.report.method_notes import donor_words, rule_words
from ellwand.production.report.texts import TEXTS, Language

GUARD_WORDS = {
    "figures": ("本期数据", "Figures of the issue"),
    "queue": ("审核清单", "Review queue"),
    "cells": ("数据充足", "Enough data"),
    "recompute": ("重新计算", "Recomputation"),
    "minimum": ("样本下限", "Fewest units"),
    "response": ("回收率", "Response"),
}
GUARD_HELP = {
    "figures": ("本期没有可发布的数据。", "The period has no figures that could be published."),
    "queue": ("还有报价待核：请审核员处理完清单。", "Quotes are in query: a reviewer works through the queue first."),
    "cells": (
        "有分类样本单位过少、推算过多或一家独大，因而不公布。",
        "Some classes are hidden: too few units, too much imputed, or one unit that dominates.",
    ),
    "recompute": (
        "用现在的数据和程序重新计算，前几期的结果有变化。",
        "Computed again with today's inputs and program, an earlier issue comes out otherwise.",
    ),
}
ROLE_WORDS = {"supervisor": ("主管", "supervisor"), "reviewer": ("审核员", "reviewer")}
SHOWN = 400
"""Price series of a class that one page lists."""


@screen("office/rounds/<str:code>/compile/", "compile", read="round.read", write="round.compile")
def compile_(request: HttpRequest, code: str) -> HttpResponse:
    """The compile view; acting starts a run, or takes the round back to review."""
    found = work.find(code)
    if request.method == "POST":
        by = user_of(request)
        if request.POST.get("act") == "back":
            work.move(found, states.REVIEWING, by, reason=request.POST.get("reason", ""))
        else:
            runs.start(found, by, request.POST.get("sign", ""))
        return HttpResponseRedirect(reverse("compile", args=[code]))
    work.settle(found)
    progress = runs.last(found)
    made = found.compilations.select_related("method", "by").order_by("-number").first()
    context: dict[str, Any] = {
        "progress": progress,
        "running": progress is not None and progress.state == runs.RUNNING,
        "obstacles": _obstacles(found, progress, user_of(request)),
        "may_compile": may(user_of(request).roles, "round.compile"),
        "signs": _signs(user_of(request)),
        "exceptions": [
            {"row": e, "words": say(*GUARD_WORDS.get(e.guard, (e.guard, e.guard)))}
            for e in found.exceptions.select_related("by").order_by("pk")
        ],
        "made": made,
        "current": made is not None and states.ORDER.index(states.COMPILED) <= _place(found),
        "waits": state_words(found.state),
    }
    if made is not None:
        context |= _result(made)
    return show(request, "office/compile.html", context, found=found)


def _place(found: Round) -> int:
    return states.ORDER.index(found.state) if found.state in states.ORDER else len(states.ORDER)


def _signs(user: User) -> str:
    """Roles of a user that sign exceptions from the guards of compiling, in words."""
    held = [role for role in ("supervisor", "reviewer") if role in user.roles]
    return say("、", " and ").join(say(*ROLE_WORDS[r]) for r in held)


def _obstacles(found: Round, progress: runs.Progress | None, user: User) -> list[dict[str, Any]]:
    """What kept the last run from compiling, and who may sign it."""
    if progress is None or progress.state != runs.REFUSED or found.state != states.REVIEWING:
        return []
    signed = set(found.exceptions.values_list("guard", flat=True))
    return [
        {
            "guard": guard,
            "words": say(*GUARD_WORDS.get(guard, ("未能编制", "Not compiled"))),
            "help": say(*GUARD_HELP[guard]) if guard in GUARD_HELP else "",
            "why": why,
            "who": say(*ROLE_WORDS[states.SIGNS[guard]]) if guard in states.SIGNS else "",
            "signed": guard in signed,
            "may_sign": guard in states.SIGNS and states.SIGNS[guard] in user.roles,
        }
        for guard, why in runs.obstacles(progress.words)
    ]


def _result(made: Compilation) -> dict[str, Any]:
    rows = view.tree(made)
    sheet = Sheet.objects.filter(compilation=made).first()
    quality = json.loads(made.quality)
    last = quality["last"]
    rule = _rule_words(made)
    found = view.lines(made) if sheet is not None else []
    before, earlier = view.previous_issue(made), view.earlier_compilation(made)
    return {
        "rows": rows,
        "total": rows[0] if rows else None,
        "band": view.band(rows),
        "before": before,
        "earlier": earlier,
        "revised": [r for r in rows if r.revised],
        "influential": [_shown(line, made) for line in view.influential(found)],
        "checks": [{"period": p, "number": n, "why": w} for p, n, w in (sheet.checks if sheet else [])],
        "changed": [1 for _, _, w in (sheet.checks if sheet else []) if w],
        "concentrated": _concentrated(rows, sheet),
        "quality": last,
        "verdicts": [
            (say("采用", "Accepted"), last["verdicts"].get("accepted", 0)),
            (say("更正", "Corrected"), last["verdicts"].get("edited", 0)),
            (say("待核", "In query"), last["verdicts"].get("queried", 0)),
            (say("剔除", "Set aside"), last["verdicts"].get("excluded", 0)),
        ],
        "by_rule": [(rule(name), sum(n.values())) for name, n in sorted(last["by_rule"].items())],
        "imputed": sum(n for k, n in last["series_by_status"].items() if k.startswith("I")),
        "series": sum(last["series_by_status"].values()),
        "grades": quality["grades_last"],
    }


def _concentrated(rows: list[view.Row], sheet: Sheet | None) -> list[tuple[str, float]]:
    names = {r.now.code: name_of(r.now) for r in rows}
    return [(names.get(code, code), part) for code, part in (sheet.concentrated if sheet else [])]


def _language() -> Language:
    return "zh" if is_chinese() else "en"


def _rule_words(made: Compilation) -> Any:
    from ellwand.office.editorial.facts import method_of

    method = method_of(made)
    return lambda name: rule_words(method, name, _language()) if name else ""


def _shown(line: view.Line, made: Compilation) -> dict[str, Any]:
    """A price series in words."""
    state = TEXTS[f"state_{line.status[:1]}"][0 if is_chinese() else 1] if line.status else ""
    return {
        "line": line,
        "item": (line.item_zh if is_chinese() else line.item_en) or line.item,
        "unit": (line.unit_zh if is_chinese() else line.unit_en) or line.unit,
        "status": state,
        "donor": donor_words(f"I-{line.donor}", _language()) if line.status.startswith("I") and line.donor else "",
    }


@screen("office/rounds/<str:code>/compile/progress/", "compile_progress", read="round.read")
def compile_progress(request: HttpRequest, code: str) -> HttpResponse:
    """How far the last run has come, for the page that waits."""
    found = runs.last(work.find(code))
    if found is None:
        return JsonResponse({"state": "none", "done": 0, "total": 0})
    return JsonResponse({"state": found.state, "done": found.done, "total": found.total, "run": found.run.pk})


@screen(
    "office/rounds/<str:code>/compile/sign/", "compile_sign", read=("exceptions.read", "review.read"),
    write=("exceptions.sign", "review.decide"),
)  # fmt: skip
def compile_sign(request: HttpRequest, code: str) -> HttpResponse:
    """What kept a run from compiling, for whoever may sign an exception from it; no figure is shown here."""
    found = work.find(code)
    if request.method == "POST":
        runs.sign(found, request.POST.get("guard", ""), user_of(request), request.POST.get("reason", ""))
        return HttpResponseRedirect(reverse("compile_sign", args=[code]))
    context = {"obstacles": _obstacles(found, runs.last(found), user_of(request)), "compiler": COMPILER}
    return show(request, "office/compile_sign.html", context, found=found)


@screen("office/rounds/<str:code>/compile/<str:series>/", "compiled_class", read="round.read")
def compiled_class(request: HttpRequest, code: str, series: str) -> HttpResponse:
    """A class down to its quotes. series : the code of the class."""
    found = work.find(code)
    made = found.compilations.select_related("method").order_by("-number").first()
    if made is None:
        raise DataError(f"round {code} is not compiled yet; there are no figures to look at")
    rows = view.tree(made)
    row = next((r for r in rows if r.now.code == series), None)
    if row is None:
        raise DataError(f"class {series!r} is not in the compilation of {code}; choose one in the compile view")
    mine = view.below(view.lines(made), rows, row.now.series)
    rule = _rule_words(made)
    names = {r.now.code: name_of(r.now) for r in rows}
    parents = [r for r in rows if row.now.series.startswith(r.now.series + "/") or (r.now.level == 0 and r is not row)]
    context = {
        "row": row,
        "parents": parents,
        "parts": [r for r in rows if r.now.parent == row.now.code],
        "lines": [
            {**_shown(line, made), "rule": rule(line.rule), "class": names.get(line.ea, line.ea)}
            for line in mine[:SHOWN]
        ],
        "count": len(mine),
        "left": max(len(mine) - SHOWN, 0),
        "leaf": not any(r.now.parent == row.now.code for r in rows),
    }
    return show(request, "office/compiled_class.html", context, found=found)
