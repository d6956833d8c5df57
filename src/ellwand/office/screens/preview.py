"""S10, preview: exactly what will be public, under an embargo banner with who looks; each look is logged."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse

from ellwand.office.approvals import content, corrections, files, previews, routes
from ellwand.office.editorial import blocks, view
from ellwand.office.editorial.judging import bound_of, drafts_of
from ellwand.office.editorial.models import RATIONALE
from ellwand.office.rounds import work
from ellwand.office.rounds.models import Round
from ellwand.office.screens import access
from ellwand.office.screens.access import SIGNED_IN, screen, user_of
from ellwand.office.screens.page import show
from ellwand.office.screens.rationale import parts
from ellwand.office.screens.words import say
from ellwand.production.comment import Bound
from ellwand.production.comment.facts import parts as fact_parts
from ellwand.production.report.texts import LANGUAGES

SEES = ("approve.statistics", "approve.text", "audit.all")


@screen("office/rounds/<str:code>/preview/", "preview", read=SEES)
def preview(request: HttpRequest, code: str) -> HttpResponse:
    """The preview of a round's release."""
    found = work.find(code)
    now = previews.look(found, user_of(request))
    return _page(request, found, now)


@screen("office/rounds/<str:code>/early/", "early", read=SIGNED_IN)
def early(request: HttpRequest, code: str) -> HttpResponse:
    """The same for somebody on the list of early access; for everybody else there is no such page."""
    found = work.find(code)
    if not previews.may_see(user_of(request), found):
        return access.told(request, "", 404)
    return _page(request, found, previews.look(found, user_of(request)))


@screen("office/corrections/<int:number>/preview/", "correction_preview", read=SEES)
def correction_preview(request: HttpRequest, number: int) -> HttpResponse:
    """The preview of the further release that carries a correction."""
    row = routes.find(number)
    found = corrections.round_of(row)
    now = previews.look(found, user_of(request), row)
    return _page(request, found, now, correction=row)


def _page(request: HttpRequest, found: Round, now: content.Content, **more: Any) -> HttpResponse:
    made = now.compilation
    rows = view.tree(made)
    before = view.previous_issue(made)
    quality = json.loads(made.quality)
    context = {
        "now": now,
        "made": made,
        "rows": rows,
        "total": rows[0] if rows else None,
        "band": view.band(rows),
        "before": before,
        "moved": sorted(
            (r for r in rows if r.now.level == 1 and r.now.contribution is not None),
            key=lambda r: -abs(r.now.contribution or 0.0),
        )[:5],
        "texts": [text_of(bound, {r.now.series for r in rows}) for bound in bounds(found)],
        "rationales": [
            {"lang": "zh-Hans" if one == "zh" else "en", "parts": parts(bound_of(row, found.period).text, row.own)}
            for one, row in sorted(drafts_of(found, RATIONALE).items(), reverse=True)
        ],
        "quality": quality.get("last", {}),
        "grades": quality.get("grades_last", {}),
        "files": files.listed(now),
        "watermark": previews.watermark(user_of(request)),
        **more,
    }
    answer = show(request, "office/preview.html", context, found=found)
    # Nothing of it may be kept by a browser or on the way.
    answer["Cache-Control"] = "private, no-store"
    return answer


def bounds(found: Round) -> list[Bound]:
    """The price comment in both languages, as it would be published."""
    there = drafts_of(found)
    return [bound_of(there[one], found.period) for one in LANGUAGES if one in there]


def text_of(bound: Bound, series: set[str]) -> dict[str, Any]:
    """A text as headings and paragraphs in pieces; a bound figure leads to its observation in the table.

    series : those that have a row in the table.
    """
    shown = []
    for block in blocks.split(bound.text, bound.language):
        cells = []
        for piece in blocks.pieces(block, bound, ()):
            of = fact_parts(piece.fact)[0] if "@" in piece.fact else ""
            cells.append({"text": piece.text, "series": of if of in series else "", "kind": piece.kind})
        if block.heading and cells:
            cells[0]["text"] = str(cells[0]["text"]).lstrip("# ")
        shown.append({"heading": block.heading, "pieces": cells})
    # A heading with nothing below it announces nothing; the title stands alone.
    last = len(shown) - 1
    shown = [b for k, b in enumerate(shown) if k == 0 or not b["heading"] or (k < last and not shown[k + 1]["heading"])]
    return {
        "lang": "zh-Hans" if bound.language == "zh" else "en",
        "words": say("中文", "Chinese") if bound.language == "zh" else say("英文", "English"),
        "blocks": shown,
    }
