"""S0, the desk: what waits for me today, and the state of the running rounds."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import (
    CLERK,
    COMPILER,
    REVIEWER,
    STAT_APPROVER,
    SUPERVISOR,
    TEXT_APPROVER,
    WRITER,
)
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Round
from ellwand.office.screens import access
from ellwand.office.screens.access import SCREENS, SIGNED_IN, screen, user_of
from ellwand.office.screens.page import clock_words, show, steps
from ellwand.office.screens.vocabulary import state_words
from ellwand.office.screens.words import say

RUNNING = 6
"""Rounds that the desk looks at: the last ones that are not public."""


@dataclass(frozen=True)
class Duty:
    """Something that waits for the user: words, address."""

    words: str
    address: str


WAITS: tuple[tuple[str, str, str, str, str], ...] = (
    (states.PLANNED, CLERK, "coverage", "开始采价", "Begin to collect"),
    (states.COLLECTING, SUPERVISOR, "coverage", "催报：查看尚未报价的样本单位", "See who has not reported"),
    (states.CLOSED, SUPERVISOR, "coverage", "核对回收率，送交审核", "Check the response, hand over to review"),
    (states.REVIEWING, REVIEWER, "review", "处理审核清单", "Work through the review queue"),
    (states.REVIEWING, COMPILER, "compile", "审核完成后编制指数", "Compile when the queue is empty"),
    (states.COMPILED, WRITER, "text", "撰写价格评述", "Write the price comment"),
    (states.DRAFTED, STAT_APPROVER, "approve", "批准统计数据", "Approve the statistics"),
    (states.STAT_APPROVED, TEXT_APPROVER, "approve", "批准文稿", "Approve the text"),
    (states.TEXT_APPROVED, CLERK, "schedule", "安排发布", "Schedule the release"),
    (states.SCHEDULED, CLERK, "schedule", "等待发布时刻", "Wait for the instant of release"),
)
"""State, role, screen and words of what waits."""

DUTIES: list[Callable[[User], list[Duty]]] = []
"""Further duties that other rooms know of: declarations, complaints, reminders."""


def duties(user: User, rounds: list[Round]) -> list[Duty]:
    """What waits for somebody, the oldest round first."""
    held = user.roles
    out = [
        Duty(f"{found.period}: {say(zh, en)}", reverse(name, args=[found.code]))
        for found in rounds
        for state, role, name, zh, en in WAITS
        if found.state == state and role in held and name in SCREENS
    ]
    for more in DUTIES:
        out += more(user)
    return out


@screen("office/", "desk", read=SIGNED_IN)
def desk(request: HttpRequest) -> HttpResponse:
    """The desk."""
    rounds = work.running(RUNNING)
    for found in rounds:
        work.settle(found)
    shown = [{"round": r, "state": state_words(r.state), "clock": clock_words(r), "steps": steps(r)} for r in rounds]
    context = {"duties": duties(user_of(request), rounds), "rounds": shown}
    return show(request, "office/desk.html", context, section="desk")


@screen("office/rounds/", "rounds", read=SIGNED_IN)
def rounds_(request: HttpRequest) -> HttpResponse:
    """All rounds, the newest first."""
    shown = [{"round": r, "state": state_words(r.state), "issue": r.issue} for r in work.all_rounds()]
    return show(request, "office/rounds.html", {"rounds": shown}, section="rounds")


@screen("office/rounds/<str:code>/", "round", read=SIGNED_IN)
def round_(request: HttpRequest, code: str) -> HttpResponse:
    """A round: its moves, its exceptions and where it stands."""
    found = work.find(code)
    context = {
        "moves": [
            {"move": m, "source": state_words(m.source), "target": state_words(m.target)}
            for m in found.moves.select_related("by").order_by("number")
        ],
        "exceptions": found.exceptions.select_related("by").order_by("pk"),
        "imports": found.imports.select_related("by").order_by("pk"),
        "issue": found.issue,
        "quotes": found.quotes.filter(successor__isnull=True).count(),
    }
    return show(request, "office/round.html", context, found=found)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A plain 404, without a hint of what may be there."""
    return access.told(request, "", 404)
