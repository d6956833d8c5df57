"""S11, approve: the checklist, the hash that is signed, a comment, one act; two people, each with a second factor."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from ellwand.engine.errors import DataError
from ellwand.office.accounts.four_eyes import ROLE, Kind
from ellwand.office.accounts.roles import may
from ellwand.office.approvals import checklists, content, previews, signing, standing
from ellwand.office.approvals.models import STATISTICS, TEXT, Correction
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Round
from ellwand.office.screens import refusals
from ellwand.office.screens.access import person, screen, user_of
from ellwand.office.screens.page import show
from ellwand.office.screens.words import is_chinese, say

KIND_WORDS = {STATISTICS: ("统计数据", "Statistics"), TEXT: ("文稿", "Text")}
KINDS: tuple[Kind, ...] = (STATISTICS, TEXT)  # type: ignore[assignment]
OPEN = {STATISTICS: states.DRAFTED, TEXT: states.STAT_APPROVED}


@screen(
    "office/rounds/<str:code>/approve/", "approve", read=("round.read", "texts.read", "release.schedule"),
    write=("approve.statistics", "approve.text"),
)  # fmt: skip
def approve(request: HttpRequest, code: str) -> HttpResponse:
    """Both approvals of a round; acting signs one, or sends the round back."""
    found = work.find(code)
    if request.method == "POST":
        if request.POST.get("act") == "back":
            target = request.POST.get("target", "")
            work.move(found, target, user_of(request), reason=request.POST.get("reason", ""))
            messages.info(request, say("已退回，原因已记录。", "Sent back; the reason is in the record."))
        else:
            sign(request, found)
        return HttpResponseRedirect(reverse("approve", args=[code]))
    fallen = standing.check(found)
    kind = kind_of(found.state)
    context: dict[str, Any] = {
        "fallen": why(fallen) if fallen else None,
        "kinds": [card(request, found, one, open_=one == kind) for one in KINDS],
        "reached": found.state in states.ORDER and states.ORDER.index(found.state) >= states.ORDER.index("drafted"),
        "log": log(found),
        "may_back": may(user_of(request).roles, "approve.statistics") or may(user_of(request).roles, "approve.text"),
        "running": found.state in (states.DRAFTED, states.STAT_APPROVED, states.TEXT_APPROVED),
        "address": reverse("preview", args=[code]),
    }
    return show(request, "office/approve.html", context, found=found)


def kind_of(state: str) -> str:
    """Which approval a state waits for."""
    return next((kind for kind, waits in OPEN.items() if waits == state), "")


def sign(request: HttpRequest, found: Round, correction: Correction | None = None) -> None:
    """Sign what a form says. DataError says what stands in the way."""
    kind = request.POST.get("kind", "")
    if kind not in KINDS:
        raise DataError(f"kind {kind!r}: approve the statistics or the text")
    answers = {item.key: request.POST.get(f"check-{item.key}") == "yes" for item in checklists.LISTS[kind]}
    signing.approve(
        found, kind, person(request), answers, request.POST.get("comment", ""),
        signed=request.POST.get("hash", "-"), correction=correction,
    )  # fmt: skip
    messages.success(request, say("已签署：{kind}。", "Signed: {kind}.", kind=say(*KIND_WORDS[kind])))


def card(request: HttpRequest, found: Round, kind: Kind, *, open_: bool, correction: Correction | None = None) -> Any:
    """One of the two approvals for the page: signed, open to the user, or why not."""
    row = standing.approval(found, kind, correction)
    out: dict[str, Any] = {"kind": kind, "words": say(*KIND_WORDS[kind]), "row": row, "open": open_ and row is None}
    user = user_of(request)
    if not out["open"] or ROLE[kind] not in user.roles:
        return out | {"mine": False}
    try:
        now = content.of(found, correction)
    except DataError as error:
        return out | {"mine": True, "why": [why(str(error))]}
    hash_ = now.hash_of(kind)
    return out | {
        "mine": True,
        "hash": hash_,
        "seen": previews.opened(found, user, kind, hash_),
        "why": [why(told) for told in signing.why_not(found, kind, person(request), correction)],
        "items": [{"key": i.key, "words": i.zh if is_chinese() else i.en} for i in checklists.LISTS[kind]],
    }


def why(told: str) -> dict[str, str]:
    """What stands in the way in the language in use, and as the record says it where it has no words of ours."""
    zh = refusals.in_chinese(told) if is_chinese() else None
    return {"words": zh, "lang": "zh-Hans"} if zh else {"words": told, "lang": "en"}


def log(found: Round) -> list[dict[str, Any]]:
    """What was signed and taken back, the newest first."""
    rows = found.approvals.filter(correction=None).select_related("by", "void", "void__by").order_by("-pk")
    return [
        {"row": r, "words": say(*KIND_WORDS[r.kind]), "void": getattr(r, "void", None)}
        for r in rows
    ]  # fmt: skip
