"""The map of the site for search machines: every page in both languages, with the day on which it changed last."""

from xml.etree import ElementTree as ET

from django.http import HttpRequest

from ellwand.office.pages import reading as articles
from ellwand.office.releases.canonical import write_instant
from ellwand.web import query
from ellwand.web.moments import Moment
from ellwand.web.site.about import POLICIES
from ellwand.web.site.abouts import UNLISTED
from ellwand.web.site.page import LEADS_TO, PAGES, TAGS, strip_language, switch_to

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
MOST = 25_000
"""Pages of the map, each in two languages; a map holds 50,000 addresses."""
NO_PAGES = (*UNLISTED, *LEADS_TO)
"""Pages that search machines are not to list, and those that only lead on."""


def paths(seen: Moment) -> dict[str, str]:
    """Every page below the root of a language, with when it changed last ("" where that says nothing)."""
    issued = write_instant(seen.issued) if seen.issued else ""
    # An address with a part stands for many pages; one with an ending is a file.
    out = {
        e.address: issued
        for e in PAGES.values()
        if "<" not in e.address and (e.address.endswith("/") or not e.address) and e.name not in NO_PAGES
    }
    out |= {f"about/policies/{name}/": "" for name in POLICIES}
    for one in query.series(seen):
        out[f"index/{one.code}/"] = issued
        if "revisions" in PAGES:
            out[f"index/{one.code}/revisions/"] = issued
    for given in reversed(seen.standing.given):
        out[f"releases/{given.code}/"] = write_instant(given.since)
        out[f"comments/price/{given.code}/"] = write_instant(given.since)
    for digest in dict.fromkeys(g.method_digest for g in seen.standing.given):
        out[f"knowledge/method/{digest}/"] = ""
    for edition in articles.current():
        out.setdefault(strip_language("/" + edition.address), edition.at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return dict(list(out.items())[:MOST])


def written(request: HttpRequest, seen: Moment) -> bytes:
    """The map."""
    ET.register_namespace("", NAMESPACE)
    ET.register_namespace("xhtml", XHTML)
    root = ET.Element(f"{{{NAMESPACE}}}urlset")
    base = request.build_absolute_uri("/").rstrip("/")
    for path, changed in paths(seen).items():
        there = {TAGS[x]: base + switch_to("/" + path, x) for x in TAGS}
        for address in there.values():
            url = ET.SubElement(root, f"{{{NAMESPACE}}}url")
            ET.SubElement(url, f"{{{NAMESPACE}}}loc").text = address
            if changed:
                ET.SubElement(url, f"{{{NAMESPACE}}}lastmod").text = changed
            for tag, other in there.items():
                ET.SubElement(url, f"{{{XHTML}}}link", rel="alternate", hreflang=tag, href=other)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
