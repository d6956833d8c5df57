"""Revisions of a series: what every release said of every period, and the figures as of any instant."""

import contextlib
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import numpy as np
from django.http import HttpRequest

from ellwand.engine.periods import natural_key
from ellwand.office import clock, setup
from ellwand.office.record import reading
from ellwand.office.record.reading import Given
from ellwand.office.screens.words import say
from ellwand.web.moments import Moment, moment
from ellwand.web.registers import GRADES
from ellwand.web.site.page import Language, Shown, page, where
from ellwand.web.site.series import above, found

PERIODS, RELEASES = 12, 12
"""Rows and columns of the triangle: the newest ones."""


@dataclass(frozen=True)
class Value:
    """What a release said of a period. level : as it was published. revised : whether it changed what was said."""

    level: str
    grade: str
    release: Given
    revised: bool


def as_of(text: str) -> Moment:
    """The moment of an instant that a reader writes: now for none, the end of the day for a bare date.

    ProblemError for what is no instant, and for one that has not come.
    """
    if not text:
        return moment()
    zone, now = setup.current().time_zone, clock.now()
    with contextlib.suppress(ValueError):
        day = date.fromisoformat(text)
        end = datetime.combine(day, time(23, 59, 59), zone)
        if day == now.astimezone(zone).date():
            # The end of today has not come; today means now, at its full second.
            end = min(end, now.replace(microsecond=0))
        text = end.isoformat()
    return moment(text)


@page("index/<str:code>/revisions/", "revisions")
def revisions(request: HttpRequest, language: Language, code: str) -> Shown:
    """The triangle of a series, its mean revision, and the figures as of an instant."""
    asked = request.GET.get("asOf", "").strip()
    seen = as_of(asked)
    held, one = found(seen, code)
    shown = held.view(language)
    words = shown.words
    rows: dict[str, dict[str, Value]] = {}
    for row, given, changed in reading.points(seen.standing, ("period", "published", "grade"), [code], history=True):
        rows.setdefault(row[0], {})[given.code] = Value(row[1], row[2], given, changed)
    stand = [g for g in seen.standing.given if g.withdrawn is None]
    heads = [g.code for g in stand][-RELEASES:]
    periods = sorted(rows, key=natural_key, reverse=True)
    triangle = [
        {"period": period, "cells": [_cell(rows[period], code) for code in heads]} for period in periods[:PERIODS]
    ]
    sizes = [size for values in rows.values() for size in _sizes(values)]
    revised = [
        {
            "period": period,
            "values": [
                {"value": one_.level, "release": one_.release, "grade": one_.grade} for one_ in rows[period].values()
            ],
        }
        for period in periods
        if len({one_.level for one_ in rows[period].values()}) > 1
    ]
    now = [
        {
            "period": period,
            "value": (last := list(rows[period].values())[-1]).level,
            "grade": last.grade,
            "release": last.release,
        }
        for period in periods[:PERIODS]
    ]
    context: dict[str, Any] = {
        "name": words.name(one),
        "code": code,
        "above": [*above(shown, one, language), (words.name(one), where("series", language, code=code))],
        "heads": heads,
        "triangle": triangle,
        "revised": revised,
        "periods": len(periods),
        "vintages": sum(len(values) for values in rows.values()),
        "mean": words.figure(float(np.mean(np.abs(sizes))), 3) if sizes else "",
        "bias": words.signed(float(np.mean(sizes)), 3) if sizes else "",
        "largest": words.figure(float(np.max(np.abs(sizes))), 3) if sizes else "",
        "now": now,
        "asked": asked,
        "at": seen.at,
        "latest": seen.vintage,
        "api": f"/api/v1/observations?series={code}&includeHistory=true",
        "grades": [(g, pair[0 if language == "zh" else 1]) for g, pair in GRADES.items()],
    }
    return Shown("site/revisions.html", say("{name}：修订", "{name}: revisions", name=context["name"]), context)


def _cell(values: dict[str, Value], code: str) -> dict[str, str]:
    """What a release said of a period; empty where it said nothing. same : whether it repeats the one before."""
    found_ = values.get(code)
    if found_ is None:
        return {"value": "", "kind": ""}
    return {"value": found_.level or "–", "kind": "revised" if found_.revised else ""}


def _sizes(values: dict[str, Value]) -> list[float]:
    """Differences between the last and the first value of a period, where both are figures and there are several."""
    texts = [one.level for one in values.values()]
    if len(texts) < 2 or not texts[0] or not texts[-1]:
        return []
    return [float(texts[-1]) - float(texts[0])]
