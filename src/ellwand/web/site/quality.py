"""Quality reports: of every issue response, imputation, exclusions, grades, the interval of the total, and its files.

The figures are those of the archived report, which is under the signature of the release.
"""

import json
from functools import lru_cache
from typing import Any

from django.http import Http404, HttpRequest

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office.approvals.models import Lateness
from ellwand.office.record import reading
from ellwand.office.record.models import Release
from ellwand.office.screens.words import say
from ellwand.web.moments import moment
from ellwand.web.site.page import Language, Shown, number_of, page, root_of

A_PAGE = 26
"""Issues on a page: half a year of weeks."""
REPORT, SHEET = "report/quality.json", "texts/rationale.{language}.md"


@page("knowledge/quality/", "quality")
def quality(request: HttpRequest, language: Language) -> Shown:
    """The quality of every issue, the newest first."""
    number = number_of(request.GET.get("page", "1"))
    found = issues()
    if number > 1 and (number - 1) * A_PAGE >= len(found):
        raise Http404
    shown = found[(number - 1) * A_PAGE : number * A_PAGE]
    context = {
        "rows": rows(shown, language),
        "newer": number - 1,
        "older": number + 1 if number * A_PAGE < len(found) else 0,
    }
    return Shown("site/quality.html", say("质量报告", "Quality reports"), context)


def issues() -> list[Release]:
    """The release of every period that counts now, the newest first."""
    last: dict[str, Release] = {}
    for one in reading.public(withdrawn=False):
        if one.period not in last or one.number > last[one.period].number:
            last[one.period] = one
    return sorted(last.values(), key=lambda r: natural_key(r.period), reverse=True)


def rows(shown: list[Release], language: Language) -> list[dict[str, Any]]:
    """What the table says of each issue."""
    periods = [one.period for one in shown]
    names = ("period", "published", "imputed_share", "low", "high")
    totals = {row[0]: row for row, _, _ in reading.points(moment().standing, names, ["0"], periods)}
    late = dict(Lateness.objects.filter(release__in=shown).values_list("release", "seconds"))
    out = []
    for one in shown:
        total, told = totals.get(one.period), _told(one)
        out.append(
            {
                "release": one,
                "address": f"{root_of(language)}releases/{one.code}/",
                "sheet": f"{root_of(language)}releases/{one.code}/files/{SHEET.format(language=language)}",
                "report": f"{root_of(language)}releases/{one.code}/files/{REPORT}",
                "imputed": None if total is None else total[2],
                "total": total,
                "late": late.get(one.pk),
                **told,
            }
        )
    return out


def _told(one: Release) -> dict[str, Any]:
    """What the archived report of a release says; nothing where the archive lost it, which the release's page shows."""
    try:
        return _report(one.manifest, one.code)
    except (OSError, KeyError, ValueError, DataError):
        return {}


@lru_cache(maxsize=512)
def _report(manifest: str, code: str) -> dict[str, Any]:
    """What an archived report says of its issue. manifest : names the content, which never changes."""
    path = reading.file(reading.release(code), REPORT)
    told = json.loads(path.read_text(encoding="utf-8"))
    last = told["last"]
    return {
        "quotes": last["quotes"],
        "due": last["due_of_open_units"],
        "response": last["response_rate"],
        "used": last["used"],
        "excluded": last["verdicts"]["excluded"],
        "corrected": last["verdicts"]["edited"],
        "grades": {grade: told["grades_last"].get(grade, 0) for grade in "ABCS"},
    }
