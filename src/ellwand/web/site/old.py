"""Addresses of the site that this one follows: they lead to their successors for good.

The old site knew an article by a number (`detial.php?id=4726&name=0`, the spelling is its own) and a section by its
name. Its numbers are not ours, so that an article leads to the section where its kind stands now. Its English pages
stood under a host of their own (en.), which leads to the English ones here.
"""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, re_path

SECTIONS: dict[str, str] = {
    "comments": "comments/price/",
    "news": "news/",
    "index": "index/",
    "indexclass": "index/",
    "classification": "index/",
    "fabrics": "fabrics/",
    "popularfabrics": "fabrics/",
    "sources": "sources/",
    "collectingsources": "sources/",
    "units": "units/",
    "sampleunits": "units/",
    "knowledge": "knowledge/",
    "indexknowledge": "knowledge/",
    "about": "about/",
    "aboutus": "about/",
}
"""Folders of the old site (in small letters), and the addresses of their successors."""
KINDS: dict[str, dict[str, str]] = {
    "comments": {"0": "comments/price/", "1": "comments/outlook/"},
    "news": {"0": "news/", "1": "market-news/", "2": "news/"},
}
"""By folder: the parameter `name` of an article, which says its kind."""
PAGES = r"(?P<page>detial|detail|index|list|default|about|search)\.(?:php|aspx?|html?)"


def successor(request: HttpRequest, folder: str | None = None, page: str = "", root: str = "") -> HttpResponseBase:
    """To the successor of an old address."""
    kind = (folder or "").lower()
    if root == "/" and request.get_host().startswith("en."):
        root = "/en/"
    section = KINDS.get(kind, {}).get(request.GET.get("name", ""), SECTIONS.get(kind, ""))
    if page == "search" and (asked := request.GET.get("q") or request.GET.get("keyword")):
        return HttpResponsePermanentRedirect(f"{root}search?{urlencode({'q': asked})}")
    return HttpResponsePermanentRedirect(root + section)


def addresses() -> list[URLPattern]:
    """The old addresses, below the root of either language."""
    folders = "|".join(sorted(SECTIONS, key=len, reverse=True))
    return [
        re_path(rf"^{part}(?:(?P<folder>(?i:{folders}))/)?{PAGES}$", successor, {"root": f"/{part}"})
        for part in ("", "en/")
    ]
