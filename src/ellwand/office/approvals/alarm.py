"""The silent-change alarm: the last releases computed anew from their archived inputs with the program of the day."""

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ellwand.office import clock, releases, setup
from ellwand.office.approvals.models import Recomputed
from ellwand.office.record.models import Release
from ellwand.office.releases.canonical import digest_file
from ellwand.office.releases.manifest import NAME, NoReleaseError

LAST = 8
"""Releases that are computed anew."""


def sound(
    family: str = "price", last: int = LAST, progress: Callable[[int, int], None] | None = None
) -> list[Recomputed]:
    """Compute the last releases anew and store what was found of each, the oldest first."""
    rows = list(Release.objects.all().standing().filter(family=family).order_by("-release_at", "-pk")[:last])[::-1]
    keys = [releases.read_public(setup.current().keys)]
    out = []
    for done, one in enumerate(rows, start=1):
        out.append(check(one, keys))
        if progress:
            progress(done, len(rows))
    return out


def check(one: Release, keys: list[Ed25519PublicKey] | None = None) -> Recomputed:
    """Check one release against its row, its files and its inputs; the result is stored."""
    folder = setup.current().archive / one.folder
    fault, count, versions = "", 0, {}
    try:
        checked = releases.verify_release(folder, keys or [releases.read_public(setup.current().keys)])
        fault, count = str(checked.fault or ""), checked.recomputed or 0
        if not fault and digest_file(folder / NAME) != one.manifest:
            fault = f"{NAME}: is not the one that was sealed"
        if not fault:
            versions = dict(releases.read_manifest(folder)[0].versions)
    except NoReleaseError as error:
        fault = str(error)
    row = Recomputed(release=one, observations=count, fault=fault, versions=versions, at=clock.now())
    row.save()
    return row


def last_of(one: Release) -> Recomputed | None:
    """What the alarm found of a release last."""
    return one.recomputed.order_by("-pk").first()
