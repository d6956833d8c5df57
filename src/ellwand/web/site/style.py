"""The style of figures: the style sheet of the report, under an address that its content names."""

import hashlib
from functools import cache

from django.http import Http404, HttpRequest, HttpResponse

from ellwand.production.report.page import asset
from ellwand.web.site.page import Language, page


@cache
def sheet() -> tuple[str, str]:
    """The style sheet and the first digits of its SHA-256."""
    text = asset("style.css")
    return text, hashlib.sha256(text.encode()).hexdigest()[:16]


@page("style/figures-<str:digest>.css", "style")
def style(request: HttpRequest, language: Language, digest: str) -> HttpResponse:
    """The style sheet."""
    text, known = sheet()
    if digest != known:
        raise Http404
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return HttpResponse(text, content_type="text/css; charset=utf-8", headers=headers)
