"""Index classification: the whole tree with levels, changes and contributions."""

from typing import Any

from django.http import HttpRequest

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
    return Shown("site/index.html", say("指数分类", "Index classification"), context)
