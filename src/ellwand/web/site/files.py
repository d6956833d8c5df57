"""Files and frames of a series: the chart as SVG, the citations, the page that others embed; pinned to a vintage."""

from typing import Any

from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.clickjacking import xframe_options_exempt

from ellwand.office.screens.words import say
from ellwand.web.answers import told
from ellwand.web.moments import moment
from ellwand.web.site import charts, picture, provenance
from ellwand.web.site.cite import citations
from ellwand.web.site.page import TAGS, Language, Shown, page, render, where
from ellwand.web.site.series import chart_of, found, seen_of, title


@page("index/<str:code>/chart.svg", "chart")
def chart(request: HttpRequest, language: Language, code: str) -> HttpResponse:
    """The chart as a picture of its own."""
    seen = seen_of(request)
    shown, one = found(seen, language, code)
    drawn = chart_of(shown, one, seen, [])
    if drawn is None:
        raise Http404
    source = provenance.source(request, shown, seen, title(shown, one), where("series", language, code=code), language)
    body = charts.drawing(shown, drawn, picture.WIDTH - 2 * picture.SIDE, picture.HEIGHT)
    text = picture.sheet(body, drawn.title, drawn.sub, [source.line, source.address], TAGS[language])
    answer = HttpResponse(text, content_type="image/svg+xml; charset=utf-8")
    answer["Content-Disposition"] = f'inline; filename="{code}-{source.vintage}.svg"'
    told(answer, seen)
    return answer


@page("index/<str:code>/cite.<str:extension>", "cite")
def cite(request: HttpRequest, language: Language, code: str, extension: str) -> HttpResponse:
    """A citation as a file: bib, ris or csl.json."""
    seen = seen_of(request)
    shown, one = found(seen, language, code)
    source = provenance.source(request, shown, seen, title(shown, one), where("series", language, code=code), language)
    for form in citations(source, code):
        if form.extension == extension:
            answer = HttpResponse(form.text, content_type=f"{form.kind}; charset=utf-8")
            answer["Content-Disposition"] = f'attachment; filename="{code}-{source.vintage}.{extension}"'
            told(answer, seen)
            return answer
    raise Http404


@page("embed/<str:code>/", "embed")
def embed(request: HttpRequest, language: Language, code: str) -> HttpResponseBase:
    """The chart and the newest figures for the frame of another page: no cookie, no script."""
    seen = seen_of(request)
    shown, one = found(seen, language, code)
    drawn = chart_of(shown, one, seen, [])
    source = provenance.source(request, shown, seen, title(shown, one), where("series", language, code=code), language)
    newer = moment().vintage
    context: dict[str, Any] = {
        "name": shown.words.name(one),
        "level": shown.words.level(float(one.index[shown.facts.last])),
        "chart": charts.figure(shown, drawn, 320),
        "source": source,
        "address": where("series", language, code=code) + f"?vintage={source.vintage}",
        "newer": where("series", language, code=code) if newer != source.vintage else "",
    }
    shown_page = Shown("site/embed.html", say("{name}", "{name}", name=context["name"]), context)
    answer = framed(request, language, shown_page)
    told(answer, seen)
    return answer


def framed(request: HttpRequest, language: Language, shown: Shown) -> HttpResponseBase:
    """A page that every other one may hold in a frame."""

    @xframe_options_exempt
    @csp_replace({"frame-ancestors": ["*"]})
    def bare(request: HttpRequest) -> HttpResponseBase:
        return render(request, language, shown)

    return bare(request)
