"""The feed of the office's news and notices, as Atom (RFC 4287)."""

import hashlib
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from ellwand.office.pages import marks, reading
from ellwand.office.pages.models import DATED, Edition
from ellwand.office.registry.models import Market
from ellwand.office.screens.words import name_of, say
from ellwand.web.answers import ASK_AGAIN
from ellwand.web.site.page import TAGS, Language, page, root_of, where

NAMESPACE = "http://www.w3.org/2005/Atom"
ENTRIES = 50


@page("feed/notices.atom", "notices")
def notices(request: HttpRequest, language: Language) -> HttpResponse:
    """The newest articles of both sections of news that have a text in the language."""
    rows = [e for e in reading.current(*DATED)[: 2 * ENTRIES] if e.draft.has(language)][:ENTRIES]
    ET.register_namespace("", NAMESPACE)
    feed = ET.Element(f"{{{NAMESPACE}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": TAGS[language]})
    here = request.build_absolute_uri(where("notices", language))
    market = Market.objects.first()
    name = name_of(market) if market else "Ellwand"
    _add(feed, "id", here)
    _add(feed, "title", say("{m}：新闻与公告", "{m}: news and notices", m=name))
    _add(feed, "updated", max((e.at for e in rows), default=_never()).isoformat())
    _add(feed, "link", rel="self", href=here, type="application/atom+xml")
    _add(feed, "link", rel="alternate", href=request.build_absolute_uri(where("news", language)), type="text/html")
    _add(ET.SubElement(feed, f"{{{NAMESPACE}}}author"), "name", name)
    for edition in rows:
        _entry(feed, edition, language, request)
    text = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    tag = f'"{hashlib.blake2b(text, digest_size=12).hexdigest()}"'
    headers = {"Cache-Control": ASK_AGAIN, "Content-Language": TAGS[language], "ETag": tag}
    answer = HttpResponse(text, content_type="application/atom+xml; charset=utf-8", headers=headers)
    found = get_conditional_response(request, tag, None, answer)
    return found if isinstance(found, HttpResponse) else answer


def _entry(feed: ET.Element, edition: Edition, language: Language, request: HttpRequest) -> None:
    draft, out = edition.draft, ET.SubElement(feed, f"{{{NAMESPACE}}}entry")
    address = request.build_absolute_uri(root_of(language) + edition.address)
    first = edition.article.editions.order_by("number")[0]
    # An article keeps its number when its address changes.
    _add(out, "id", f"tag:{request.get_host().partition(':')[0]},{first.at:%Y}:notice/{edition.article_id}")
    marked = say("【模拟】", "[Simulated] ") if edition.simulated else ""
    _add(out, "title", f"{marked}{draft.title(language)}")
    _add(out, "link", rel="alternate", href=address, type="text/html", hreflang=TAGS[language])
    _add(out, "published", first.at.isoformat())
    _add(out, "updated", edition.at.isoformat())
    _add(out, "category", term=edition.article.section)
    if lead := getattr(draft, f"lead_{language}"):
        _add(out, "summary", lead)
    _add(out, "content", marks.html(getattr(draft, f"body_{language}")), type="html")


def _add(to: ET.Element, tag: str, text: str = "", **attributes: str) -> None:
    # XML has no place for control characters, which no text needs.
    made = ET.SubElement(to, f"{{{NAMESPACE}}}{tag}", attributes)
    made.text = "".join(c for c in text if c in "\n\t" or c >= " ") or None


def _never() -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC)
