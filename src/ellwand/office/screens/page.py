"""Showing a screen: its template in the frame, and the progress of its round on top."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from ellwand.office import clock
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Round
from ellwand.office.screens.access import SCREENS
from ellwand.office.screens.vocabulary import state_words
from ellwand.office.screens.words import instant, say

STEPS: tuple[tuple[str, str, str, str], ...] = (
    (states.COLLECTING, "coverage", "采价", "Collect"),
    (states.REVIEWING, "review", "审核", "Review"),
    (states.COMPILED, "compile", "编制", "Compile"),
    (states.DRAFTED, "text", "撰写", "Write"),
    (states.TEXT_APPROVED, "approve", "批准", "Approve"),
    (states.SCHEDULED, "schedule", "排期", "Schedule"),
    (states.PUBLIC, "after", "发布", "Public"),
)
"""Steps of a round: the state in which the step's work is finished or (collect, review) done, its screen, words."""

DOING = {
    states.PLANNED: 0, states.COLLECTING: 0, states.CLOSED: 0, states.REVIEWING: 1, states.COMPILED: 3,
    states.DRAFTED: 4, states.STAT_APPROVED: 4, states.TEXT_APPROVED: 5, states.SCHEDULED: 6, states.PUBLIC: 7,
    states.POSTPONED: 5, states.WITHDRAWN: 7,
}  # fmt: skip
"""The step that is being worked on in each state; the compile step is done by the move to compiled."""


def show(
    request: HttpRequest, template: str, context: dict[str, Any], *, section: str = "", found: Round | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    """Answer with a screen. section : entry of the menu that it belongs to. found : round whose strip is shown."""
    whole = {"section": section or ("rounds" if found else ""), **context}
    if found is not None:
        work.settle(found)
        whole |= {"round": found, "steps": steps(found), "clock_words": clock_words(found), "state": found.state}
        whole["state_words"] = state_words(whole["state"])
    return render(request, template, whole, status=status)


def steps(found: Round) -> list[dict[str, Any]]:
    """The steps of a round for the strip: words, address, and done, now or next."""
    doing = DOING[found.state]
    return [
        {
            "words": say(zh, en),
            "address": reverse(name, args=[found.code]) if name in SCREENS else "",
            "state": "done" if k < doing else "now" if k == doing else "next",
        }
        for k, (_, name, zh, en) in enumerate(STEPS)
    ]


def clock_words(found: Round) -> str:
    """The next instant of a round in words."""
    issue = found.issue
    if issue is None:
        return ""
    now = clock.now()
    if now < issue.cutoff_at and found.state in (states.PLANNED, states.COLLECTING):
        return say("截止：{at}", "Cut-off {at}", at=instant(issue.cutoff_at))
    if now < issue.release_at:
        return say("发布：{at}", "Release {at}", at=instant(issue.release_at))
    return say("发布时间：{at}", "Release was due {at}", at=instant(issue.release_at))
