"""The addresses of twins: that of the page, without its last stroke, with .json, .csv or .md."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import translation

from ellwand.web.answers import LANGUAGES, answered, door, only
from ellwand.web.moments import moment
from ellwand.web.site.page import CODES, PAGES, TAGS, Language, root_of, where
from ellwand.web.twins.pages import TWINS
from ellwand.web.twins.table import as_csv, as_json, as_markdown

KINDS = {"json": "application/json", "csv": "text/csv", "md": "text/markdown"}
"""Endings and their media types."""
HOME = "home"
"""What the home page, which has no name, is called with an ending."""
FIXED = ("sources", "units", "status", "data", "fabrics", "outlook")
"""Twins that are of no vintage: they show what is now."""


def below(address: str, ext: str) -> str:
    """The address of a twin below the root of a language."""
    return f"{address.rstrip('/') or HOME}.{ext}"


def answer_of(name: str, ext: str, language: Language) -> Callable[..., HttpResponseBase]:
    """What answers a twin."""

    def answer(request: HttpRequest, **parts: Any) -> HttpResponse:
        only(request, () if name in FIXED else ("vintage", "asOf"))
        seen = moment(request.GET.get("asOf"), request.GET.get("vintage"))
        with translation.override(CODES[language]):
            table = TWINS[name](seen, **parts)
            page = where(name, language, **parts)
            if ext == "json":
                content = as_json(table, seen, page)
            elif ext == "csv":
                content = as_csv(table, seen)
            else:
                whole = request.build_absolute_uri
                content = as_markdown(table, seen, whole(page), whole(twin_of(page, "csv")))
        links = (f'<{page}>; rel="alternate"; type="text/html"',)
        tag = TAGS[language] if ext == "md" else LANGUAGES
        return answered(request, content, seen, kind=KINDS[ext], links=links, language=tag)

    return door(answer)


def links_of(name: str, language: Language, parts: dict[str, Any]) -> list[tuple[str, str]]:
    """Media types and addresses of the twins of a page; empty for a page without any."""
    if name not in TWINS:
        return []
    page = where(name, language, **parts)
    return [(kind, twin_of(page, ext)) for ext, kind in KINDS.items()]


def twin_of(page: str, ext: str) -> str:
    """The address of a page's twin."""
    return f"{page}{HOME}.{ext}" if page in ("/", "/en/") else f"{page.rstrip('/')}.{ext}"


def addresses() -> list[URLPattern]:
    """All twins in both languages; fixed addresses first, so that none is hidden by one with parts."""
    out = []
    for language in CODES:
        root = root_of(language).lstrip("/")
        for name in sorted(TWINS, key=lambda n: "<" in PAGES[n].address):
            for ext in KINDS:
                view = answer_of(name, ext, language)
                out.append(path(root + below(PAGES[name].address, ext), view, name=f"twin_{name}_{ext}_{language}"))
    return out
