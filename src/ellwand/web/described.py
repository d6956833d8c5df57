"""What pages say of themselves to machines: their twins and feeds, and a description in the words of schema.org."""

import json
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

from ellwand.office.releases.canonical import write_instant
from ellwand.web import query, registers
from ellwand.web.feeds import catalog
from ellwand.web.moments import Moment, moment
from ellwand.web.problems import ProblemError
from ellwand.web.site.page import Language, root_of, where
from ellwand.web.twins.addresses import links_of

ATOM = "application/atom+xml"


def alternates(name: str, language: Language, parts: dict[str, Any]) -> list[tuple[str, str]]:
    """Media types and addresses of what a page is too: its twins, and the feeds that follow it."""
    root = root_of(language)
    out = [*links_of(name, language, parts), (ATOM, f"{root}feed/releases.atom")]
    if name in ("series", "revisions"):
        out.append((ATOM, f"{root}feed/index-{parts['code']}.atom"))
    if name == "corrections":
        out.append((ATOM, f"{root}feed/corrections.atom"))
    if name == "calendar":
        out.append(("text/calendar", f"{root}calendar.ics"))
    return out


def structured(name: str, language: Language, parts: dict[str, Any], request: HttpRequest, title: str) -> SafeString:
    """The description of a page as JSON-LD, ready to stand in it; "" for a page of which there is nothing to say.

    It is data and no script: a browser never runs it, so the policy of the site needs no exception.
    """
    try:
        seen = moment(request.GET.get("asOf"), request.GET.get("vintage"))
        content = _content(name, language, parts, request, seen, title)
    except ProblemError:
        return SafeString("")
    if content is None:
        return SafeString("")
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    # Every sign that HTML knows is written by its number.
    return mark_safe(text)  # noqa: S308


def _content(
    name: str, language: Language, parts: dict[str, Any], request: HttpRequest, seen: Moment, title: str
) -> dict[str, Any] | None:
    side, whole = (0 if language == "zh" else 1), request.build_absolute_uri
    if name == "series" and query.series(seen):
        return catalog.schema_org(catalog.of_series(registers.entry(seen, parts["code"])), seen, whole, side)
    if name in ("index", "data", "home") and query.series(seen):
        rows = query.series(seen)
        spans = [catalog.span(n.first, n.last) for n in rows]
        family = catalog.family(seen, (min(s[0] for s in spans), max(s[1] for s in spans)))
        return catalog.schema_org(family, seen, whole, side)
    if name == "comment":
        found = [g for g in seen.standing.given if parts["issue"] in (g.code, g.period)]
        if found:
            address = whole(where("comment", language, issue=found[-1].code))
            return catalog.report(title, address, write_instant(found[-1].since), whole, side)
    return None
