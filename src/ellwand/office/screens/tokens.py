"""Tokens of the collection's interface: the admin makes and revokes them, the auditor reads."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import COLLECTOR
from ellwand.office.collection import tokens
from ellwand.office.collection.models import ApiToken
from ellwand.office.screens.access import screen, user_of
from ellwand.office.screens.page import show
from ellwand.office.screens.words import say

SCOPE_WORDS = {
    "assignments": ("读取采价任务", "read assignments"),
    "quotes": ("报送价格", "send quotes"),
    "odk": ("ODK / KoBo 提交", "send from ODK or KoBo"),
}
DEFAULT_DAYS = 90


@screen("office/tokens/", "tokens", read="users.read", write="users.change")
def tokens_(request: HttpRequest) -> HttpResponse:
    """All tokens; a new one, and an end to one."""
    by = user_of(request)
    if request.method == "POST":
        act = request.POST.get("act", "")
        if act == "make":
            return _make(request, by)
        if act == "revoke":
            tokens.revoke(_token(request.POST.get("token", "")), by)
            messages.success(request, say("令牌已作废，即时生效。", "The token is revoked, from now on."))
            return redirect("tokens")
        raise DataError(f"act {act!r} is not known; there are make, revoke")
    now = clock.now()
    rows = [
        {"token": t, "state": tokens.standing(t, now), "scopes": _words(t.scopes)}
        for t in ApiToken.objects.select_related("user", "by", "revocation__by").order_by("-pk")
    ]
    collectors = [u for u in User.objects.filter(is_active=True).order_by("username") if COLLECTOR in u.roles]
    context = {
        "rows": rows,
        "collectors": collectors,
        "scopes": [(s, say(*SCOPE_WORDS[s])) for s in tokens.SCOPES],
        "days": DEFAULT_DAYS,
        "most": tokens.DAYS,
    }
    return show(request, "office/tokens.html", context, section="users")


def _words(scopes: list[str]) -> str:
    return str(say("、", ", ")).join(str(say(*SCOPE_WORDS[s])) for s in scopes)


def _token(text: str) -> ApiToken:
    found = ApiToken.objects.filter(pk=int(text)).first() if text.isdecimal() and len(text) < 18 else None
    if found is None:
        raise DataError(f"token {text!r} is not there; use the buttons of the screen")
    return found


def _make(request: HttpRequest, by: User) -> HttpResponse:
    given = request.POST
    days = given.get("days", "")
    if not (days.isascii() and days.isdecimal() and len(days) < 6):
        raise DataError(f"days: {days!r} is no number; write one from 1 to {tokens.DAYS}")
    user = people.find(given.get("user", ""))
    made, secret = tokens.make(user, given.get("label", ""), given.getlist("scope"), int(days), by)
    return show(request, "office/token_once.html", {"token": made, "secret": secret}, section="users")
