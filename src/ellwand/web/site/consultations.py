"""Consultations: changes of the method that are proposed, with comments and replies, and every version of it."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest

from ellwand.office import clock, setup
from ellwand.office.registry import effect
from ellwand.office.registry import methods as methods_
from ellwand.office.registry.models import MethodProposal
from ellwand.office.screens.words import say
from ellwand.web.site.knowledge import methods
from ellwand.web.site.page import Language, Shown, page


@page("consultations/", "consultations")
def consultations(request: HttpRequest, language: Language) -> Shown:
    """What is proposed, what became of earlier proposals, and the versions of the method."""
    today = clock.now().astimezone(setup.current().time_zone).date()
    ahead: list[dict[str, Any]] = []
    done: list[dict[str, Any]] = []
    rows = MethodProposal.objects.select_related("decision", "decision__method").order_by("-pk")
    for one in rows.prefetch_related("comments", "runs"):
        decision = getattr(one, "decision", None)
        entry: dict[str, Any] = {
            "proposal": one,
            "summary": one.summary_zh if language == "zh" else one.summary_en,
            "decision": decision,
            "open": decision is None and today <= one.comments_until,
            "days": max(0, (one.comments_until - today + timedelta(days=1)).days),
            "threads": _threads(one),
            "changes": methods_.differences(methods_.before(one).text, one.text),
            "run": _run(one, language),
        }
        (ahead if decision is None else done).append(entry)
    context = {"ahead": ahead, "done": done, "versions": methods()}
    return Shown("site/consultations.html", say("意见征集", "Consultations"), context)


def _run(one: MethodProposal, language: Language) -> dict[str, Any] | None:
    """The last parallel run over issues that are public: total and level-1 classes by the method in force and by the
    proposed one; None where there is none.
    """
    runs = sorted(one.runs.all(), key=lambda r: r.pk)
    figures = effect.of_public(runs[-1].figures) if runs else None
    if not figures or not figures["periods"]:
        return None
    return {
        "periods": figures["periods"],
        "rows": [
            {"code": c["code"], "name": c["name_zh" if language == "zh" else "name_en"] or c["code"],
             "pairs": list(zip(c["before"], c["after"], strict=True))}
            for c in figures["classes"] if c["level"] <= 1
        ],
    }  # fmt: skip


def _threads(one: MethodProposal) -> list[dict[str, Any]]:
    """The comments on a proposal, each with its replies, in the order in which they came."""
    comments = sorted(one.comments.all(), key=lambda c: c.pk)
    return [
        {"comment": c, "replies": [r for r in comments if r.answers_id == c.pk]}
        for c in comments
        if c.answers_id is None
    ]
