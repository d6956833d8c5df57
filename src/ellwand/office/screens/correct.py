"""S14, correct: pick the value, name class and cause, compute what depends on it, two approvals, public."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.accounts.roles import may
from ellwand.office.approvals import corrections, routes, sealing, standing
from ellwand.office.approvals.models import STATISTICS, TEXT
from ellwand.office.record import reading
from ellwand.office.screens.access import screen, user_of
from ellwand.office.screens.approve import KINDS, card, sign
from ellwand.office.screens.page import show
from ellwand.office.screens.schedule import instant_given
from ellwand.office.screens.words import name_of, say

CLASS_WORDS = {
    "data": ("数据", "Data"), "method": ("方法", "Method"), "transcription": ("录入", "Transcription"),
    "system": ("系统", "System"),
}  # fmt: skip
SIZE_WORDS = {
    "minor": (
        "轻微：没有公布数字改变",
        "Minor: no published figure changes",
        "随下一期发布",
        "with the next regular issue",
    ),
    "significant": ("重要：有公布数字改变", "Significant: a published figure changes", "当日更正", "the same day"),
    "serious": ("严重：总指数改变", "Serious: a headline changes", "立即更正并在首页公告", "at once, with a notice"),
}
STATE_WORDS = {
    routes.OPENED: ("待重算", "to be computed"), routes.COMPUTED: ("待撰写", "to be written"),
    routes.WRITTEN: ("待批准数据", "statistics to be approved"), routes.STAT: ("待批准文稿", "text to be approved"),
    routes.BOTH: ("待发布", "to be published"), routes.SEALED: ("等待时刻", "waits for its instant"),
    routes.PUBLIC: ("已发布", "public"),
}  # fmt: skip
FIGURE_WORDS = {
    "published": ("指数", "Index"), "published_change_previous": ("比上期 %", "On previous issue, %"),
    "published_change_year_start": ("比年初 %", "On year start, %"),
    "published_change_last_year": ("比上年同期 %", "On last year, %"), "grade": ("等级", "Grade"),
    "status": ("状态", "Status"),
}  # fmt: skip
READ = ("correction.open", "audit.release")
SEES = ("round.read", "texts.read")
"""Who sees the new figures of a correction before they are public."""
SHOWN = 200
"""Changed figures that the page lists; all of them are in the record."""


@screen("office/corrections/", "corrections", read=READ)
def corrections_(request: HttpRequest) -> HttpResponse:
    """All corrections, the newest first."""
    rows = [
        {"row": row, "state": say(*STATE_WORDS[routes.stage(row).state]), "class": say(*CLASS_WORDS[row.kind])}
        for row in routes.everything()
    ]
    latest = reading.latest()
    return show(request, "office/corrections.html", {"rows": rows, "latest": latest}, section="releases")


@screen("office/releases/<str:release>/correct/", "correct", read="correction.open", write="correction.open")
def correct(request: HttpRequest, release: str) -> HttpResponse:
    """Pick the wrong value of a release, and say what is wrong."""
    one = reading.release(release)
    if request.method == "POST":
        given = request.POST
        seen = given.get("first_seen", "")
        row = corrections.open_(
            release, given.get("series", ""), one.period, given.get("kind", ""), user_of(request),
            cause_zh=given.get("cause_zh", ""), cause_en=given.get("cause_en", ""),
            found_by=given.get("found_by", ""), found_how=given.get("found_how", ""),
            first_seen=_seen(seen),
        )  # fmt: skip
        return HttpResponseRedirect(reverse("correction", args=[row.number]))
    context = {
        "release": one,
        "figures": reading.figures(periods=[one.period], family=one.family),
        "classes": [(key, say(*words)) for key, words in CLASS_WORDS.items()],
        "picked": request.GET.get("series", ""),
    }
    return show(request, "office/correct.html", context, section="releases")


def _seen(text: str) -> datetime:
    if not text.strip():
        raise DataError("first_seen: empty; say when the error was seen first")
    return instant_given(text)


@screen(
    "office/corrections/<int:number>/", "correction", read=READ,
    write=("round.compile", "texts.write", "approve.statistics", "approve.text", "release.schedule"),
)  # fmt: skip
def correction(request: HttpRequest, number: int) -> HttpResponse:
    """A correction on its route; acting computes, writes, approves or publishes it."""
    row = routes.find(number)
    if request.method == "POST":
        _act(request, row)
        return HttpResponseRedirect(reverse("correction", args=[number]))
    stage = routes.stage(row)
    done = corrections.recomputation(row)
    found, held = corrections.round_of(row), user_of(request).roles
    waits = {routes.WRITTEN: STATISTICS, routes.STAT: TEXT}.get(stage.state, "")
    # The new figures are under embargo too: they are for whoever computes, writes or approves them.
    sees = stage.state == routes.PUBLIC or any(may(held, act) for act in SEES)
    figure = next(iter(reading.figures([row.series], [row.period], family=row.release.family)), None)
    names = {f.observation.series: name_of(f.observation) for f in reading.figures(periods=[row.period])}
    context: dict[str, Any] = {
        "row": row,
        "name": name_of(figure.observation) if figure else row.series,
        "class": say(*CLASS_WORDS[row.kind]),
        "stage": stage,
        "state_of": say(*STATE_WORDS[stage.state]),
        "route": [
            {"words": say(*STATE_WORDS[s]), "now": s == stage.state,
             "done": routes.ROUTE.index(s) < routes.ROUTE.index(stage.state)}
            for s in routes.ROUTE
        ],
        "done": done,
        "sees": sees,
        "size": SIZE_WORDS[done.size] if done else None,
        "size_words": say(*SIZE_WORDS[done.size][:2]) if done else "",
        "size_when": say(*SIZE_WORDS[done.size][2:]) if done else "",
        "changes": [
            {**c, "name": names.get(c["series"], c["series"]), "words": say(*FIGURE_WORDS[c["figure"]])}
            for c in (done.changes[:SHOWN] if done and sees else [])
        ],
        "more": max(len(done.changes) - SHOWN, 0) if done and sees else 0,
        "release": corrections.release_of(row),
        "kinds": [card(request, found, kind, open_=kind == waits, correction=row) for kind in KINDS] if done else [],
        "held": standing.approvals(found, row),
        "may": {act: may(held, key) for act, key in
                (("compute", "round.compile"), ("write", "texts.write"), ("publish", "release.schedule"))},
        "of_round": found,
        "address": reverse("correction_preview", args=[number]),
    }  # fmt: skip
    return show(request, "office/correction.html", context, section="releases")


def _act(request: HttpRequest, row: Any) -> None:
    by, given = user_of(request), request.POST
    match given.get("act", ""):
        case "compute":
            corrections.recompute(row, by)
        case "write":
            corrections.write_texts(row, by, given.get("reason", ""))
        case "approve":
            sign(request, corrections.round_of(row), row)
        case "publish":
            at = instant_given(given["at"]) if given.get("at", "").strip() else None
            made = sealing.seal(corrections.round_of(row), by, correction=row, at=at)
            public = made.release_at <= clock.now()
            said = say("已发布 {c}。", "{c} is public.", c=made.code)
            wait = say("{c} 已封存，等待时刻。", "{c} is sealed and waits for its instant.", c=made.code)
            messages.success(request, said if public else wait)
        case act:
            raise DataError(f"act {act!r} is not known here")
