"""Reading published figures: the one door through which every reader takes them, whatever he is.

The gate stands here once: a release is read if its seal stands and its instant has come. As of an instant, everything
is read as it was public then; a figure of a period is that of the last release that published it. A withdrawn release
stays readable by its name, flagged, and its figures are nobody's latest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from django.db.models import Max, Min, QuerySet

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office import clock, setup
from ellwand.office.record import asking
from ellwand.office.record.models import Observation, Release, Revision
from ellwand.office.record.present import present
from ellwand.office.registry.models import Issue
from ellwand.office.releases.manifest import NAME, FaultError, Manifest, read_manifest

FAMILY = "price"


@dataclass(frozen=True)
class Figure:
    """A published observation with the release that published it. revised : an earlier release had another value."""

    observation: Observation
    release: Release
    revised: bool = False


def instant_of(at: datetime | None) -> datetime:
    """The instant as of which is read: now if none is given. DataError for one that has not come."""
    now = clock.now()
    if at is None:
        return now
    if at > now:
        raise DataError(f"asOf {at.isoformat()}: lies in the future; what will be public then is not known")
    return at


def public(family: str = FAMILY, at: datetime | None = None, *, withdrawn: bool = True) -> list[Release]:
    """The releases that were public at an instant, in the order in which they became so."""
    when = instant_of(at)
    found = Release.objects.all().public(when).filter(family=family)
    if not withdrawn:
        found = found.exclude(withdrawal__at__lte=when)
    return list(found.select_related("compilation", "compilation__method", "withdrawal").order_by("release_at", "pk"))


def families(at: datetime | None = None) -> list[str]:
    """The families of which a release was public at an instant."""
    return sorted(set(Release.objects.all().public(instant_of(at)).values_list("family", flat=True)))


def latest(family: str = FAMILY, at: datetime | None = None) -> Release | None:
    """The release of the newest period, in its last vintage; None before the first one."""
    found = public(family, at, withdrawn=False)
    return max(found, key=lambda r: (natural_key(r.period), r.number)) if found else None


def release(code: str, at: datetime | None = None) -> Release:
    """A public release by its name. DataError for one that is not there, in the same words for one that is not yet."""
    found = Release.objects.all().public(instant_of(at)).filter(code=code).order_by("-seal")
    one = found.select_related("compilation", "compilation__method", "withdrawal").first()
    if one is None:
        raise DataError(f"release {code!r} is not there; the list of releases names those that are")
    return one


def figures(
    series: Sequence[str] | None = None,
    periods: Sequence[str] | None = None,
    *,
    family: str = FAMILY,
    at: datetime | None = None,
) -> list[Figure]:
    """Published figures as of an instant, in the order of series and periods. series, periods : None for all."""
    return [Figure(*rows[-1], _revised(rows)) for _, rows in _rows(series, periods, family, at)]


def history(
    series: Sequence[str] | None = None,
    periods: Sequence[str] | None = None,
    *,
    family: str = FAMILY,
    at: datetime | None = None,
) -> list[Figure]:
    """All vintages of figures: every value that a release gave, the first one first."""
    out = []
    for _, rows in _rows(series, periods, family, at):
        out += [Figure(o, r, k > 0 and o.published != rows[k - 1][0].published) for k, (o, r) in enumerate(rows)]
    return out


def _revised(rows: list[tuple[Observation, Release]]) -> bool:
    return any(o.published != rows[-1][0].published for o, _ in rows[:-1])


def _rows(
    series: Sequence[str] | None, periods: Sequence[str] | None, family: str, at: datetime | None
) -> list[tuple[tuple[str, str], list[tuple[Observation, Release]]]]:
    """Of every series and period its observations, each with the release that gave it, in the order of the releases."""
    released: dict[int, list[Release]] = {}
    rank: dict[int, int] = {}
    by_key: dict[int, Release] = {}
    for k, one in enumerate(public(family, at, withdrawn=False)):
        by_key[one.pk], rank[one.pk] = one, k
        if periods is None or one.period in periods:
            released.setdefault(one.compilation_id, []).append(one)
    # A correction may carry figures of other periods than its own, each by a compilation of that period.
    for key, compilation in Revision.objects.filter(release__in=list(by_key)).values_list("release", "compilation"):
        released.setdefault(compilation, []).append(by_key[key])
    found = Observation.objects.filter(compilation__in=list(released))
    if series is not None:
        found = found.filter(series__in=list(series))
    if periods is not None:
        found = found.filter(period__in=list(periods))
    out: dict[tuple[str, str], list[tuple[Observation, Release]]] = {}
    for row in found.order_by("pk"):
        for by in released[row.compilation_id]:
            out.setdefault((row.series, row.period), []).append((row, by))
    for rows in out.values():
        rows.sort(key=lambda pair: rank[pair[1].pk])
    return sorted(out.items(), key=lambda item: (natural_key(item[0][0]), natural_key(item[0][1])))


@dataclass(frozen=True)
class Given:
    """A public release in few words. since : from when it could be seen. withdrawn : when it was withdrawn, if it was.

    supersedes : name of the release that it corrects, "" for none. method : name and version, as its files say it.
    """

    key: int
    code: str
    period: str
    number: int
    release_at: datetime
    since: datetime
    manifest: str
    stat_hash: str
    text_hash: str
    compilation: int
    supersedes: str
    revised_from: str
    reason: str
    method: str
    method_digest: str
    withdrawn: datetime | None
    withdrawn_zh: str
    withdrawn_en: str
    folder: str


@dataclass(frozen=True)
class Standing:
    """What of a family was public at an instant: its releases in the order in which they became so.

    mark : names this content; two readings with one mark are of the same releases. compilations : by compilation the
    places in `given` of the releases that published it. revisions : release and compilation, where a correction
    published compilations of earlier periods too. at : an instant at which this was public.
    """

    family: str
    mark: tuple[Any, ...]
    given: tuple[Given, ...]
    compilations: dict[int, tuple[int, ...]]
    revisions: tuple[tuple[int, int], ...]
    at: datetime

    @cached_property
    def single(self) -> dict[int, Given]:
        """The release of every compilation that one release alone published."""
        return {key: self.given[places[0]] for key, places in self.compilations.items() if len(places) == 1}

    @cached_property
    def last(self) -> Given | None:
        """The release of the newest period, in its last vintage; None before the first one."""
        stand = [g for g in self.given if g.withdrawn is None]
        return max(stand, key=lambda g: (natural_key(g.period), g.number)) if stand else None


def standing(family: str = FAMILY, at: datetime | None = None) -> Standing:
    """What is public at an instant; what is public now is read once for each span in which nothing changes."""
    now = present().get(("standing", family), lambda when: _standing(family, when))
    return now if at is None else _cut(now, instant_of(at))


def _standing(family: str, when: datetime) -> Standing:
    rows = Release.objects.all().public(when).filter(family=family).order_by("release_at", "pk").values_list(
        "pk", "code", "period", "number", "release_at", "sealed_at", "manifest", "stat_hash", "text_hash",
        "compilation", "supersedes__code", "revised_from", "reason", "compilation__method__name",
        "compilation__method__version", "compilation__method__digest", "withdrawal__at", "withdrawal__zh",
        "withdrawal__en", "folder",
    )  # fmt: skip
    given: list[Given] = []
    for row in rows:
        told = row[16:19] if row[16] is not None and row[16] <= when else (None, "", "")
        method, since = f"{row[13]} {row[14]}", max(row[4], row[5])
        rest = (row[10] or "", row[11], row[12], method, row[15], *told, row[19])
        given.append(Given(*row[:5], since, *row[6:10], *rest))
    keys = [one.key for one in given]
    revisions = Revision.objects.filter(release__in=keys).values_list("release", "compilation")
    return _of(family, given, list(revisions), when)


def _cut(now: Standing, when: datetime) -> Standing:
    """What was public at an earlier instant: releases only come, one after the other, and are withdrawn later."""
    given = [
        one if one.withdrawn is None or one.withdrawn <= when
        else replace(one, withdrawn=None, withdrawn_zh="", withdrawn_en="")
        for one in now.given if one.since <= when
    ]  # fmt: skip
    keys = {one.key for one in given}
    return _of(now.family, given, [pair for pair in now.revisions if pair[0] in keys], when)


def _of(family: str, given: list[Given], revisions: list[tuple[int, int]], when: datetime) -> Standing:
    by: dict[int, tuple[int, ...]] = {}
    place = {one.key: k for k, one in enumerate(given) if one.withdrawn is None}
    # A correction may carry figures of other periods than its own, each by a compilation of that period.
    for key, compilation in [*((one.key, one.compilation) for one in given), *revisions]:
        if key in place:
            by[compilation] = (*by.get(compilation, ()), place[key])
    # Releases are only ever added and become public one after the other, so these name the set of them.
    told = (len(given), sum(one.key for one in given), max((one.manifest for one in given), default=None))
    gone = sum(one.withdrawn is not None for one in given)
    home = setup.current()
    mark = (str(home.path), home.database, family, *told, gone)
    return Standing(family, mark, tuple(given), by, tuple(revisions), when)


def points(
    what: Standing, columns: Sequence[str], codes: Sequence[str] | None = None,
    periods: Sequence[str] | None = None, *, history: bool = False,
) -> list[tuple[tuple[Any, ...], Given, bool]]:  # fmt: skip
    """Columns of published observations, for readers of many: of each the release that gave it, and whether revised.

    codes, periods : None for all. history : all vintages, the first one first; else the last one of each period. In the
    order of series (the total first) and periods. columns : names of columns of `Observation`.
    """
    every = ("compilation", "series", "period", "published", *columns)
    rows = asking.rows(what.at, what.family, every, codes, periods, revised=bool(what.revisions))
    places, single = what.compilations, what.single
    by = [single.get(row[0]) for row in rows]
    if None not in by and len({row[1:3] for row in rows}) == len(rows):
        # Nothing was published twice: what is read is what is shown.
        keys = [(order_of(row[1]), _key(row[2])) for row in rows]
        order = sorted(range(len(rows)), key=keys.__getitem__)
        return [(rows[k][4:], by[k], False) for k in order]  # type: ignore[misc]
    out: dict[tuple[str, str], list[tuple[int, tuple[Any, ...]]]] = {}
    for row in rows:
        out.setdefault((row[1], row[2]), []).extend((place, row) for place in places.get(row[0], ()))
    made = []
    for key in sorted(out, key=lambda k: (order_of(k[0]), _key(k[1]))):
        vintages = sorted(out[key], key=lambda v: v[0])
        values = [row[3] for _, row in vintages]
        if history:
            made += [
                (row[4:], what.given[place], k > 0 and values[k] != values[k - 1])
                for k, (place, row) in enumerate(vintages)
            ]
        elif vintages:
            place, row = vintages[-1]
            made.append((row[4:], what.given[place], any(v != row[3] for v in values)))
    return made


def spans(what: Standing) -> dict[str, tuple[str, str]]:
    """Of every series (by code) the first and the last period of which something is published."""
    labels = {g.period for g in what.given}
    if len({len(label) for label in labels}) <= 1:
        # Labels of one length are in the order of time as they are in that of texts.
        gated = asking.gated(what.at, what.family, revised=bool(what.revisions))
        found = gated.order_by().values_list("code").annotate(first=Min("period"), last=Max("period"))
        return {code: (first, last) for code, first, last in found}
    out: dict[str, tuple[str, str]] = {}
    for row, _, _ in points(what, ("code", "period")):
        out[row[0]] = (out.get(row[0], (row[1],))[0], row[1])
    return out


_key = lru_cache(maxsize=1 << 16)(natural_key)


@lru_cache(maxsize=1 << 16)
def order_of(series: str) -> tuple[Any, ...]:
    """The place of a series among the others: the total first, then by code."""
    return natural_key(series.removesuffix("total"))


def next_instant() -> datetime | None:
    """The next instant at which anything may become public, by seal or calendar: for caches, which end there."""
    return present().until


def next_issue(family: str = FAMILY) -> Issue | None:
    """The next issue of the calendar: the first one ahead that is not skipped."""
    first = next((one for one in ahead() if one.family == family), None)
    return Issue.objects.get(pk=first.key) if first else None


@dataclass(frozen=True)
class Ahead:
    """An issue of the calendar that is still to come."""

    family: str
    period: str
    release_at: datetime
    key: int


def ahead(at: datetime | None = None) -> tuple[Ahead, ...]:
    """The issues of all families ahead that are not skipped, the next one first. at : as the calendar stood then."""
    if at is None:
        return present().get("ahead", lambda when: _ahead(Issue.objects.all(), when))
    when = instant_of(at)
    return present().get(("ahead", when), lambda _: _ahead(Issue.objects.filter(at__lte=when), when))


def _ahead(known: QuerySet[Issue], when: datetime) -> tuple[Ahead, ...]:
    coming = known.filter(release_at__gt=when)
    # A version of an issue that was moved counts only if no later one moved it again.
    last: dict[tuple[str, str], tuple[datetime, bool, int]] = {}
    rows = known.filter(period__in=coming.values("period")).order_by("number")
    for family, period, due, skipped, key in rows.values_list("family", "period", "release_at", "skipped", "pk"):
        last[family, period] = (due, skipped, key)
    out = [Ahead(*of, due, key) for of, (due, skipped, key) in last.items() if due > when and not skipped]
    return tuple(sorted(out, key=lambda one: (one.release_at, one.family, natural_key(one.period))))


def overdue(family: str = FAMILY) -> tuple[Ahead, ...]:
    """Issues whose announced instant has passed and which are not out: those after the newest one that is."""
    when = clock.now()
    out = set(Release.objects.all().public(when).filter(family=family).values_list("period", flat=True))
    newest = max(map(_key, out), default=None)
    last: dict[str, tuple[datetime, bool, int]] = {}
    known = Issue.objects.filter(family=family).order_by("number")
    for period, due, skipped, key in known.values_list("period", "release_at", "skipped", "pk"):
        last[period] = (due, skipped, key)
    late = (
        Ahead(family, period, due, key)
        for period, (due, skipped, key) in last.items()
        if due <= when and not skipped and period not in out and (newest is None or _key(period) > newest)
    )
    return tuple(sorted(late, key=lambda one: (one.release_at, _key(one.period))))


def manifest(one: Release | Given) -> Manifest:
    """The manifest of a release. DataError where the archive does not hold it as it was sealed."""
    try:
        found, digest = read_manifest(folder(one), _parsed if len(_parsed) < MANIFESTS else None)
    except FaultError as error:
        raise DataError(f"release {one.code}: {error}") from error
    if digest != one.manifest:
        raise DataError(f"release {one.code}: its manifest is not the one that was sealed")
    return found


MANIFESTS = 2000
_parsed: dict[str, Manifest] = {}
"""So many manifests by the SHA-256 of their bytes: a file is read and hashed each time, and parsed once."""


def folder(one: Release | Given) -> Path:
    """The folder of a release in the archive."""
    return setup.current().archive / one.folder


def file(one: Release | Given, path: str) -> Path:
    """A public file of a release. DataError for one that the manifest does not list as public."""
    if path == NAME:
        return folder(one) / NAME
    if not any(entry.path == path and entry.public for entry in manifest(one).files):
        raise DataError(f"release {one.code}: has no public file {path!r}")
    return folder(one) / path
