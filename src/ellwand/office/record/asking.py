"""The question for published observations: the gate is in it, and its SQL is made once for each form of the question.

Putting a question together takes longer than answering it. So the statement that Django makes of the question is kept,
with marks in place of the instant, the family, the codes and the periods, which are filled in each time.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db import connection, models
from django.db.models import Q, QuerySet

from ellwand.office.record.models import Observation, Release, Revision

PLAIN = (models.CharField, models.TextField, models.FloatField, models.IntegerField, models.ForeignKey)
"""Kinds of columns that a database gives as Python has them."""
AT, FAMILY, CODE, PERIOD = datetime(1, 2, 3, 4, 5, 6, tzinfo=UTC), "\x01family", "\x01code", "\x01period"
"""Marks that stand for what is asked; no record holds them."""


def gated(at: datetime, family: str, *, revised: bool) -> QuerySet[Observation]:
    """Observations of what was public: a compilation that no public release published is not read.

    revised : whether a correction published compilations of earlier periods too; most records hold none, and then one
    question is enough.
    """
    releases = Release.objects.all().public(at).filter(family=family)
    standing = releases.exclude(withdrawal__at__lte=at)
    parts = Revision.objects.filter(release__in=standing)
    by_release = Q(compilation__in=standing.values("compilation"))
    return Observation.objects.filter(by_release | Q(compilation__in=parts.values("compilation")) if revised
                                      else by_release)  # fmt: skip


def rows(
    at: datetime, family: str, columns: Sequence[str], codes: Sequence[str] | None, periods: Sequence[str] | None, *,
    revised: bool,
) -> list[tuple[Any, ...]]:  # fmt: skip
    """Columns of the observations that were public. codes, periods : None for all."""
    if (codes is not None and not codes) or (periods is not None and not periods):
        return []
    if not all(_is_plain(name) for name in columns):
        return list(_asked(at, family, codes, periods, revised=revised).values_list(*columns))
    counts = (None if codes is None else len(codes), None if periods is None else len(periods))
    sql, marks = _statement(connection.vendor, tuple(columns), *counts, revised)
    instant = connection.ops.adapt_datetimefield_value(at)
    given: dict[str, Sequence[Any]] = {
        "at": [instant], "family": [family], "code": codes or (), "period": periods or (),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql, [given[name][place] for name, place in marks])
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _asked(
    at: datetime, family: str, codes: Sequence[str] | None, periods: Sequence[str] | None, *, revised: bool
) -> QuerySet[Observation]:
    found = gated(at, family, revised=revised)
    if codes is not None:
        found = found.filter(code__in=list(codes))
    return found if periods is None else found.filter(period__in=list(periods))


@lru_cache(maxsize=256)
def _is_plain(name: str) -> bool:
    return isinstance(Observation._meta.get_field(name), PLAIN)


@lru_cache(maxsize=128)
def _statement(
    vendor: str, columns: tuple[str, ...], codes: int | None, periods: int | None, revised: bool
) -> tuple[str, list[tuple[str, int]]]:
    """The SQL of a question, and of each parameter what it stands for and its place there. vendor : of the database."""
    named = {
        "code": None if codes is None else [f"{CODE}{k}" for k in range(codes)],
        "period": None if periods is None else [f"{PERIOD}{k}" for k in range(periods)],
    }
    asked = _asked(AT, FAMILY, named["code"], named["period"], revised=revised).values_list(*columns)
    sql, given = asked.query.sql_with_params()
    known: dict[Any, tuple[str, int]] = {connection.ops.adapt_datetimefield_value(AT): ("at", 0)}
    known[FAMILY] = ("family", 0)
    for name, marks in named.items():
        known |= {mark: (name, k) for k, mark in enumerate(marks or ())}
    # A parameter that is none of the marks would be a fault in the question; then a KeyError says so.
    return sql, [known[one] for one in given]
