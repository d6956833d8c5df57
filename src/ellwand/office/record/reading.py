"""Reading published figures: the one door through which every reader takes them, whatever he is.

The gate stands here once: a release is read if its seal stands and its instant has come. As of an instant, everything
is read as it was public then; a figure of a period is that of the last release that published it. A withdrawn release
stays readable by its name, flagged, and its figures are nobody's latest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office import clock, setup
from ellwand.office.record.models import Observation, Release, Revision
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


def next_issue(family: str = FAMILY) -> Issue | None:
    """The next issue of the calendar: the first one ahead that is not skipped."""
    now = clock.now()
    last: dict[str, Issue] = {}
    for one in Issue.objects.filter(family=family).order_by("number"):
        last[one.period] = one
    ahead = [i for i in last.values() if i.release_at > now and not i.skipped]
    return min(ahead, key=lambda i: i.release_at) if ahead else None


def manifest(one: Release) -> Manifest:
    """The manifest of a release. DataError where the archive does not hold it as it was sealed."""
    try:
        found, digest = read_manifest(folder(one))
    except FaultError as error:
        raise DataError(f"release {one.code}: {error}") from error
    if digest != one.manifest:
        raise DataError(f"release {one.code}: its manifest is not the one that was sealed")
    return found


def folder(one: Release) -> Path:
    """The folder of a release in the archive."""
    return setup.current().archive / one.folder


def file(one: Release, path: str) -> Path:
    """A public file of a release. DataError for one that the manifest does not list as public."""
    if path == NAME:
        return folder(one) / NAME
    if not any(entry.path == path and entry.public for entry in manifest(one).files):
        raise DataError(f"release {one.code}: has no public file {path!r}")
    return folder(one) / path
