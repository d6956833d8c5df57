"""Press and embed kit: what to call the index, how to cite it, what may be put into another page, and whom to ask."""

from typing import Any

from django.http import HttpRequest

from ellwand.office.screens.words import say
from ellwand.web.moments import moment
from ellwand.web.site import charts, provenance, typeset, values
from ellwand.web.site.cite import plain
from ellwand.web.site.figures import view
from ellwand.web.site.page import Language, Shown, page, where
from ellwand.web.site.series import embeds, title


@page("press/", "press")
def press(request: HttpRequest, language: Language) -> Shown:
    """The kit, for the total and each class of the first level."""
    seen = moment()
    shown = view(language, seen)
    words = say("媒体与嵌入", "Press and embed kit")
    if shown is None:
        return Shown("site/press.html", words, {"next": seen.next})
    facts, last = shown.facts, shown.facts.last
    rows: list[dict[str, Any]] = []
    for one in (facts.total, *facts.at_level(1)):
        address = where("series", language, code=one.code)
        rows.append(
            {
                "name": shown.words.name(one),
                "pattern": values.pattern(shown, one),
                "level": shown.words.level(float(one.index[last])),
                "finding": charts.title_of(shown, one),
                "address": address,
                "pictures": [
                    (kind, where(name, language, code=one.code) + f"?vintage={seen.vintage}")
                    for kind, name in (("SVG", "chart"), ("PNG", "chart_png"), ("PDF", "chart_pdf"))
                    if kind == "SVG" or typeset.is_there()
                ],
                "embeds": embeds(request, language, one.code, seen.vintage, title(shown, one)),
                "cite": plain(provenance.source(request, shown, seen, title(shown, one), address, language)),
            }
        )
    context = {"rows": rows, "vintage": seen.vintage, "licence": provenance.licence(language)}
    return Shown("site/press.html", words, context)
