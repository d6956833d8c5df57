"""What every screen shows around its own content: the market, the user, and what he may open."""

from typing import Any

from django.http import HttpRequest

from ellwand.office import setup
from ellwand.office.accounts import second_factor
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import may
from ellwand.office.registry.models import Market
from ellwand.office.screens.access import ANYBODY, SCREENS, SIGNED_IN
from ellwand.office.screens.words import is_chinese, say

MENU: tuple[tuple[str, str, str], ...] = (
    ("desk", "工作台", "Desk"),
    ("rounds", "编制期次", "Rounds"),
    ("releases", "发布", "Releases"),
    ("pages", "新闻与页面", "News and pages"),
    ("registers", "登记册", "Registers"),
    ("calendar", "发布日历", "Calendar"),
    ("cases", "投诉与声明", "Conduct"),
    ("users", "用户", "Users"),
    ("auditor", "审计", "Audit"),
)
"""Entries of the menu: name of the screen, words. A screen that somebody may not open is not shown to him."""


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context of every page."""
    user = getattr(request, "user", None)
    held = user.roles if isinstance(user, User) else frozenset()
    market = Market.objects.first()
    out: dict[str, Any] = {
        "market": market,
        "simulated": bool(market and market.simulated),
        "lang": "zh-Hans" if is_chinese() else "en",
        "zone": str(setup.current().time_zone) if setup.has_office() else "UTC",
        "held": sorted(held),
        "menu": [],
        "must_set_up": False,
    }
    if isinstance(user, User):
        out["must_set_up"] = second_factor.is_needed(held) and not second_factor.was_used(request)
    # Who has to do something about his account first is offered nothing else.
    if isinstance(user, User) and not (out["must_set_up"] or user.must_change_password):
        out["menu"] = [(name, say(zh, en)) for name, zh, en in MENU if name in SCREENS and _open(name, held)]
    return out


def _open(name: str, held: frozenset[str]) -> bool:
    acts = SCREENS[name].read
    return SIGNED_IN in acts or ANYBODY in acts or any(may(held, act) for act in acts)
