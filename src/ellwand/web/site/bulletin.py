"""The bulletin of an issue as PDF: figures, chart, comment, rationale, and what a reader needs to check them.

It is a function of the sealed release and of the address of the site, so one release always gives the same bytes.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from ellwand.office import setup
from ellwand.office.record import reading
from ellwand.office.record.models import Release
from ellwand.office.releases.heading import SIMULATED
from ellwand.office.screens.templatetags.office import MINUS
from ellwand.office.screens.words import instant, say
from ellwand.production.report.facts import Series
from ellwand.production.report.view import View
from ellwand.web.answers import told
from ellwand.web.kept import BODIES
from ellwand.web.moments import Moment, moment
from ellwand.web.site import provenance, typeset
from ellwand.web.site.cite import plain
from ellwand.web.site.comments_ import Block, blocks, text_of
from ellwand.web.site.figures import read, view
from ellwand.web.site.files import language_of, sheet
from ellwand.web.site.page import TAGS, Language, page, where
from ellwand.web.site.roles_words import approved_by
from ellwand.web.site.series import chart_of, title


@page("comments/price/<str:code>/bulletin.pdf", "bulletin")
def bulletin(request: HttpRequest, language: Language, code: str) -> HttpResponse:
    """The bulletin of a release. code : its name."""
    found = [r for r in reading.public() if r.code == code]
    if not found or not typeset.is_there():
        raise Http404
    one, seen = found[-1], moment(vintage=code)
    shown = view(language, seen)
    if shown is None or not blocks(text_of(one, "price", language)):
        raise Http404
    key = ("bulletin", code, language, request.build_absolute_uri("/"))
    body = BODIES.get(seen, key, lambda: typeset.pdf("bulletin", content(request, one, seen, shown), one.release_at))
    answer = HttpResponse(body, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{code}.{language}.pdf"'
    answer["Content-Language"] = TAGS[language]
    told(answer, seen)
    return answer


def content(request: HttpRequest, one: Release, seen: Moment, shown: View) -> dict[str, Any]:
    """Everything that the form of the bulletin shows."""
    language = language_of(shown)
    facts, total = shown.facts, shown.facts.total
    source = provenance.source(
        request, shown, seen, title(shown, total), where("series", language, code=total.code), language
    )
    text, *parts = blocks(text_of(one, "price", language))
    made = reading.manifest(one)
    held = read(seen)
    drawn = chart_of(shown, total, held, seen) if held else None
    day = one.release_at.astimezone(setup.current().time_zone)
    heads = ("class", "level", "previous", "year_start", "last_year", "grade")
    return {
        "title": text.text,
        "publisher": source.publisher,
        "day": [day.year, day.month, day.day],
        "language": language,
        "region": typeset.REGIONS[language],
        "simulated": " · ".join((say("模拟市场", "Simulated market"), *SIMULATED)) if made.simulated else "",
        "over": f"{source.publisher} · {say('价格周报', 'Price bulletin')} · {source.period}",
        "sub": f"{instant(one.release_at)} · {one.code}",
        "foot": f"{one.code} · {source.licence}" if source.licence else one.code,
        "heads": [shown.words(key) + ("" if key in ("class", "level", "grade") else " %") for key in heads],
        "rows": [_row(shown, row) for row in (total, *facts.at_level(1))],
        "note": say(
            "≈：区间含零，无明显变化。等级：A 自有报价为主，B 混合，C 主要靠推算，S 不公布。",
            "≈: the interval holds 0, no clear change. Grades: A own reports, B mixed, C mostly imputed, S not shown.",
        ),
        "chart": sheet(shown, drawn, source) if drawn else "",
        "alt": f"{drawn.title} {drawn.sub}" if drawn else "",
        "parts": _parts(parts),
        "rationale": _parts(blocks(text_of(one, "rationale", language))),
        "facts": [
            (say("批准", "Approved by"), approved_by(made, language)),
            (say("方法", "Method"), f"{one.compilation.method.name} {one.compilation.method.version}"),
            (say("统计数据哈希", "Hash of the statistics"), made.stat_hash),
            (say("核对", "To check"), request.build_absolute_uri(where("release", language, code=one.code))),
            (say("引用", "To cite"), plain(source)),
        ],
    }  # fmt: skip


def _row(shown: View, one: Series) -> list[str]:
    """A class with its figures as texts."""
    words, last = shown.words, shown.facts.last
    return [
        words.name(one),
        words.level(float(one.index[last])),
        _change(shown, float(one.change_previous[last]), clear=bool(one.clear[last])),
        _change(shown, float(one.change_year_start[last])),
        _change(shown, float(one.change_last_year[last])),
        str(one.grade[last]),
    ]


def _change(shown: View, value: float, *, clear: bool = True) -> str:
    text = shown.words.signed(value)
    mark = {"+": "▲ ", MINUS: "▼ "}.get(text[0], "")
    return f"{'≈ ' if mark and not clear else mark}{text}"


def _parts(given: list[Block]) -> list[dict[str, Any]]:
    """The parts of a text; a heading with nothing below it is left out."""
    ahead = [*given[1:], Block(1, "")]
    pairs = zip(given, ahead, strict=True)
    return [_part(b.level, b.text) for b, after in pairs if not 0 < after.level <= b.level]


def _part(level: int, text: str) -> dict[str, Any]:
    lines = text.split("\n")
    listed = all(line.lstrip().startswith("- ") for line in lines)
    return {
        "heading": bool(level),
        "text": text,
        "items": [line.lstrip().removeprefix("- ") for line in lines] if listed else [],
    }
