"""Files and frames of a series, pinned to a vintage: its chart as SVG, PNG and PDF, citations, the page to embed."""

from datetime import datetime
from typing import Any

from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.clickjacking import xframe_options_exempt

from ellwand.office.approvals.corrections import log
from ellwand.office.screens.words import say
from ellwand.production.report.view import View
from ellwand.web.answers import ASK_AGAIN, told
from ellwand.web.kept import BODIES
from ellwand.web.moments import moment
from ellwand.web.site import charts, picture, provenance, typeset
from ellwand.web.site.cite import citations
from ellwand.web.site.page import TAGS, Language, Shown, page, render, where
from ellwand.web.site.series import chart_of, found, seen_of, title

KINDS = {"svg": "image/svg+xml; charset=utf-8", "png": "image/png", "pdf": "application/pdf"}
"""Forms of a chart as a file, by the ending of its address."""


@page("index/<str:code>/chart.svg", "chart")
def chart(request: HttpRequest, language: Language, code: str) -> HttpResponse:
    """The chart as a picture of its own."""
    return _chart(request, language, code, "svg")


@page("index/<str:code>/chart.png", "chart_png")
def chart_png(request: HttpRequest, language: Language, code: str) -> HttpResponse:
    """The same in points, for programs that take no SVG; where the typesetter is installed."""
    return _chart(request, language, code, "png")


@page("index/<str:code>/chart.pdf", "chart_pdf")
def chart_pdf(request: HttpRequest, language: Language, code: str) -> HttpResponse:
    """The same as a document, whose text can be selected; where the typesetter is installed."""
    return _chart(request, language, code, "pdf")


def _chart(request: HttpRequest, language: Language, code: str, kind: str) -> HttpResponse:
    if kind != "svg" and not typeset.is_there():
        raise Http404
    seen = seen_of(request)
    held, one = found(seen, code)
    shown = held.view(language)
    drawn = chart_of(shown, one, held, seen)
    if drawn is None:
        raise Http404
    source = provenance.source(request, shown, seen, title(shown, one), where("series", language, code=code), language)

    def made() -> bytes:
        text = sheet(shown, drawn, source)
        if kind == "svg":
            return text.encode("utf-8")
        content = {
            "title": drawn.title, "publisher": source.publisher, "language": language,
            "day": [int(source.year), int(source.month), int(source.day)], "region": typeset.REGIONS[language],
            "chart": text, "alt": f"{drawn.title} {drawn.sub}",
        }  # fmt: skip
        if kind == "png":
            return typeset.png("chart", content)
        return typeset.pdf("chart", content, provenance.vintage(seen).since)

    key = ("chart", kind, code, language, source.address)
    body = BODIES.get(seen, key, made)
    answer = HttpResponse(body, content_type=KINDS[kind])
    answer["Content-Disposition"] = f'inline; filename="{code}-{source.vintage}.{kind}"'
    told(answer, seen)
    return answer


def sheet(shown: View, drawn: charts.Chart, source: provenance.Source) -> str:
    """A chart as a picture that stands alone."""
    body = charts.drawing(shown, drawn, picture.WIDTH - 2 * picture.SIDE, picture.HEIGHT)
    return picture.sheet(body, drawn.title, drawn.sub, [source.line, source.address], TAGS[language_of(shown)])


def language_of(shown: View) -> Language:
    """The language of what is shown."""
    return "zh" if shown.language == "zh" else "en"


@page("index/<str:code>/cite.<str:extension>", "cite")
def cite(request: HttpRequest, language: Language, code: str, extension: str) -> HttpResponse:
    """A citation as a file: bib, ris or csl.json."""
    seen = seen_of(request)
    held, one = found(seen, code)
    shown = held.view(language)
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
    held, one = found(seen, code)
    shown = held.view(language)
    drawn = chart_of(shown, one, held, seen)
    source = provenance.source(request, shown, seen, title(shown, one), where("series", language, code=code), language)
    newer = moment().vintage
    context: dict[str, Any] = {
        "name": shown.words.name(one),
        "level": shown.words.level(float(one.index[shown.facts.last])),
        "chart": charts.figure(shown, drawn, 320),
        "source": source,
        "address": where("series", language, code=code) + f"?vintage={source.vintage}",
        "newer": where("series", language, code=code) if newer != source.vintage else "",
        "corrected": [
            c
            for c in log()
            if datetime.fromisoformat(c["corrected_at"]) > seen.at
            and any(x["series"] == one.series for x in c["changes"])
        ],
    }
    shown_page = Shown("site/embed.html", say("{name}", "{name}", name=context["name"]), context)
    answer = framed(request, language, shown_page)
    told(answer, seen)
    # The figures are those of the vintage for ever; that there are newer or corrected ones must not come late.
    answer["Cache-Control"] = ASK_AGAIN
    return answer


def framed(request: HttpRequest, language: Language, shown: Shown) -> HttpResponseBase:
    """A page that every other one may hold in a frame."""

    @xframe_options_exempt
    @csp_replace({"frame-ancestors": ["*"]})
    def bare(request: HttpRequest) -> HttpResponseBase:
        return render(request, language, shown)

    return bare(request)
