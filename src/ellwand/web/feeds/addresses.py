"""The addresses of feeds, the calendar file, the map of the site, the catalogue and the guides."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import translation

from ellwand.office.record import reading
from ellwand.office.registry.models import Market
from ellwand.office.screens.words import name_of
from ellwand.web import query, registers
from ellwand.web.answers import answered, door, dumped, heading, only
from ellwand.web.feeds import atom, catalog, guide, ics, sitemap
from ellwand.web.kept import BODIES
from ellwand.web.moments import Moment, moment
from ellwand.web.site.comments_ import text_of
from ellwand.web.site.page import CODES, TAGS, Language, where
from ellwand.web.words import said

View = Callable[..., HttpResponseBase]


def spoken(view: Callable[..., HttpResponse], language: Language) -> View:
    """A view in one language, behind the door."""

    def answer(request: HttpRequest, **parts: Any) -> HttpResponse:
        only(request, ())
        with translation.override(CODES[language]):
            return view(request, language, moment(), **parts)

    return door(answer)


def releases(request: HttpRequest, language: Language, seen: Moment) -> HttpResponse:
    """The feed of releases."""

    def entries() -> list[atom.Entry]:
        newest = seen.standing.given[-atom.ENTRIES :]
        texts = {g.code: text_of(reading.release(g.code), "price", language) for g in newest}
        return atom.releases(seen, language, texts)

    return _feed(request, language, seen, said("发布", "releases"), where("releases", language), entries)


def corrections(request: HttpRequest, language: Language, seen: Moment) -> HttpResponse:
    """The feed of corrections."""
    page = where("corrections", language)
    return _feed(request, language, seen, said("更正", "corrections"), page, lambda: atom.corrections(seen, language))


def of_series(request: HttpRequest, language: Language, seen: Moment, code: str) -> HttpResponse:
    """The feed of a series."""
    one = query.one_series(seen, code)
    name = one.name_zh if language == "zh" else one.name_en
    page = where("series", language, code=code)
    return _feed(request, language, seen, name, page, lambda: atom.of_series(seen, language, code))


def _feed(
    request: HttpRequest,
    language: Language,
    seen: Moment,
    title: str,
    page: str,
    entries: Callable[[], list[atom.Entry]],
) -> HttpResponse:
    simulated = bool(heading(seen)["simulated"])

    def make() -> bytes:
        return atom.written(request, language, title, page, entries(), simulated=simulated)

    content = BODIES.get(seen, ("feed", request.build_absolute_uri(request.path)), make)
    return answered(request, content, seen, kind=atom.KIND, language=TAGS[language])


def calendar(request: HttpRequest, language: Language, seen: Moment) -> HttpResponse:
    """The release calendar for calendars."""
    market = Market.objects.first()
    name = name_of(market) if market else "Ellwand"
    rows = registers.calendar(seen)
    base = request.build_absolute_uri("/")
    content = ics.written(rows, language, base, name, simulated=bool(heading(seen)["simulated"]))
    return answered(request, content, seen, kind=ics.KIND, language=TAGS[language])


def site_map(request: HttpRequest, language: Language, seen: Moment) -> HttpResponse:
    """The map of the site."""
    return answered(request, sitemap.written(request, seen), seen, kind="application/xml")


def robots(request: HttpRequest, language: Language, seen: Moment) -> HttpResponse:
    """What machines may read."""
    content = guide.robots(request.build_absolute_uri("/sitemap.xml")).encode("utf-8")
    return answered(request, content, seen, kind="text/plain", language="en")


def dcat(request: HttpRequest, language: Language, seen: Moment) -> HttpResponse:
    """The catalogue."""
    content = dumped(catalog.dcat(seen, request.build_absolute_uri))
    return answered(request, content, seen, kind="application/ld+json")


def for_readers(request: HttpRequest, language: Language, seen: Moment) -> HttpResponse:
    """The guide for programs that read texts."""
    text = guide.guide(seen, language, request.build_absolute_uri("/"), Market.objects.first())
    return answered(request, text.encode("utf-8"), seen, kind="text/plain", language=TAGS[language])


SPOKEN: tuple[tuple[str, str, Callable[..., HttpResponse]], ...] = (
    ("feed/releases.atom", "feed_releases", releases),
    ("feed/corrections.atom", "feed_corrections", corrections),
    ("feed/index-<str:code>.atom", "feed_series", of_series),
    ("calendar.ics", "calendar_file", calendar),
    ("llms.txt", "guide", for_readers),
)
"""Addresses below the root of each language."""
PLAIN: tuple[tuple[str, str, Callable[..., HttpResponse]], ...] = (
    ("sitemap.xml", "sitemap", site_map),
    ("robots.txt", "robots", robots),
    ("data/catalog.jsonld", "catalog", dcat),
)
"""Addresses that speak both languages."""


def addresses() -> list[URLPattern]:
    """All addresses, each behind the door."""
    out = [path(address, spoken(view, "zh"), name=name) for address, name, view in (*SPOKEN, *PLAIN)]
    return out + [path(f"en/{address}", spoken(view, "en"), name=f"{name}_en") for address, name, view in SPOKEN]
