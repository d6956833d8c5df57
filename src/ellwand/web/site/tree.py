"""Index classification: the whole tree with levels, changes and contributions."""

from typing import Any

from django.http import HttpRequest

from ellwand.office.registry.models import Class
from ellwand.office.registry.public import successors
from ellwand.office.screens.words import say
from ellwand.production.report.tree import strip
from ellwand.web.site import tables
from ellwand.web.site.figures import view
from ellwand.web.site.page import Language, Shown, page


@page("index/", "index")
def index(request: HttpRequest, language: Language) -> Shown:
    """The tree of classes."""
    shown = view(language)
    context: dict[str, Any] = {"tree": None}
    if shown is not None:
        finding, cloth = strip(shown)
        period = shown.words.period(shown.facts.periods[shown.facts.last])
        context = {"finding": finding, "cloth": cloth, "tree": tables.tree(shown, language), "period": period}
    context["became"] = became(language)
    return Shown("site/index.html", say("指数分类", "Index classification"), context)


KINDS = {
    "rename": ("改名", "renamed"),
    "split": ("拆分", "split"),
    "merge": ("合并", "merged"),
    "move": ("移动", "moved"),
}


def became(language: Language) -> list[dict[str, Any]]:
    """What classes of earlier versions became, the newest version first."""
    side = 0 if language == "zh" else 1
    names = {
        (number, code): pair[side]
        for number, code, *pair in Class.objects.values_list("classification__number", "code", "name_zh", "name_en")
    }
    return [
        {
            "version": one.version,
            "at": one.at,
            "reason": one.reason,
            "kind": KINDS.get(one.kind, (one.kind, one.kind))[side],
            "old": one.old,
            "old_name": names.get((one.version - 1, one.old), ""),
            "new": one.new,
            "new_name": names.get((one.version, one.new), ""),
            "share": one.share,
        }
        for one in sorted(successors(), key=lambda b: -b.version)
    ]
