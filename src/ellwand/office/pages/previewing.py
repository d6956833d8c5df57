"""Looking at a draft as readers would see it: the site of the floor above draws it, and enters itself here."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse

from ellwand.office.pages.models import Draft

SITE: list[Callable[[HttpRequest, Draft, str], HttpResponse]] = []
"""What draws a draft in a language; empty where no site is above the office."""


def show(request: HttpRequest, draft: Draft, language: str) -> HttpResponse:
    """A draft in a language; Http404 where no site is above the office."""
    if not SITE:
        raise Http404
    return SITE[-1](request, draft, language)
