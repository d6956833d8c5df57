"""The plan for the end of an index (rule 43): what happens when it ceases, and what its users go over to.

An index cannot go live without the text in both languages. A simulated market ends with its demo; of it that is said
unless somebody stated a plan.
"""

from django.db import transaction

from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.registry.deciding import text
from ellwand.office.registry.models import Cessation, Market

FAMILY = "price"
SIMULATED = (
    "模拟市场：演示结束即停止，没有人依赖其数字；已发布的各期随档案保留。",
    "A simulated market: it ends with the demonstration, nobody relies on its figures, and what was released stays in "
    "the archive.",
)


def plan(family: str = FAMILY) -> tuple[str, str]:
    """The plan in Chinese and English, "" where there is none."""
    row = Cessation.objects.filter(family=family).order_by("-pk").first()
    if row is not None:
        return row.zh, row.en
    market = Market.objects.first()
    return SIMULATED if market is not None and market.simulated else ("", "")


def missing(family: str = FAMILY) -> bool:
    """Whether the plan lacks a language."""
    return not all(one.strip() for one in plan(family))


def fault(family: str = FAMILY) -> str | None:
    """Why an index can't go live, None where its plan is there in both languages."""
    if not missing(family):
        return None
    return f"index {family}: no plan for its end is stated in both languages (rule 43); a clerk states it"


def state(zh: str, en: str, by: User, family: str = FAMILY) -> Cessation:
    """State the plan in both languages; the one before it is kept."""
    role = people.require(by, "registers.change")
    zh, en = text(zh, "plan in Chinese"), text(en, "plan in English")
    with transaction.atomic():
        made = Cessation(family=family, zh=zh, en=en, by=by, at=clock.now())
        made.save()
        after = {"zh": made.zh, "en": made.en}
        trail.append(by, "cessation.state", f"cessation/{family}", role=role, after=after)
    return made
