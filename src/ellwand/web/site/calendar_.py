"""The release calendar: every issue ahead with its exact time, the weeks without one, and the log of changed dates."""

from itertools import pairwise
from typing import Any

from django.http import HttpRequest

from ellwand.engine.periods import natural_key
from ellwand.office import clock
from ellwand.office.record import reading
from ellwand.office.record.models import Release
from ellwand.office.registry.models import Holiday, Issue
from ellwand.office.screens.words import say
from ellwand.web.site.page import Language, Shown, page

PAST, FIRST = 8, 12
"""Issues before now that the page shows, and issues ahead that it shows at once."""


@page("calendar/", "calendar")
def calendar(request: HttpRequest, language: Language) -> Shown:
    """The calendar."""
    versions: dict[tuple[str, str], list[Issue]] = {}
    for one in Issue.objects.order_by("number"):
        versions.setdefault((one.family, one.period), []).append(one)
    now = clock.now()
    last = sorted((v[-1] for v in versions.values()), key=lambda i: (i.release_at, natural_key(i.period)))
    ahead = [i for i in last if i.release_at > now]
    told, late = reasons(language), {one.key for one in reading.overdue()}
    context: dict[str, Any] = {
        "ahead": [(one, told.get(one.period, one.reason)) for one in ahead],
        "further": max(0, len(ahead) - FIRST),
        "late": [one for one in last if one.pk in late],
        "past": released(),
        "changes": changes(versions),
    }
    return Shown("site/calendar.html", say("发布日历", "Release calendar"), context)


def released() -> list[Release]:
    """The newest releases of as many periods, the first one of each."""
    first: dict[str, Release] = {}
    for one in reading.public():
        first.setdefault(one.period, one)
    return list(reversed(first.values()))[:PAST]


def reasons(language: Language) -> dict[str, str]:
    """Why periods have no issue, in a language; as it was announced last."""
    out: dict[str, str] = {}
    for one in Holiday.objects.order_by("number"):
        out[one.period] = one.reason_zh if language == "zh" else one.reason_en
    return out


def changes(versions: dict[tuple[str, str], list[Issue]]) -> list[dict[str, Any]]:
    """Every change of a date with its public reason, the newest first; the old date is kept.

    cutoff : whether the cut-off alone was moved.
    """
    out = [
        {
            "issue": new, "old": old, "skipped": new.skipped and not old.skipped,
            "cutoff": new.release_at == old.release_at and new.skipped == old.skipped,
        }
        for rows in versions.values()
        for old, new in pairwise(rows)
        if (new.release_at, new.cutoff_at, new.skipped) != (old.release_at, old.cutoff_at, old.skipped)
    ]  # fmt: skip
    return sorted(out, key=lambda c: c["issue"].at, reverse=True)
