"""The releases of the office as its people see them: state, hashes, checks; no figure stands here."""

from dataclasses import dataclass

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.approvals.models import Correction, Recomputed
from ellwand.office.record.models import Release
from ellwand.office.rounds.models import Round

EMBARGOED, PUBLIC, SUPERSEDED, WITHDRAWN, BROKEN = "embargoed", "public", "superseded", "withdrawn", "broken"


@dataclass(frozen=True)
class Listed:
    """A release with its state and what the alarm found of it last."""

    release: Release
    state: str
    checked: Recomputed | None


def releases(family: str = "", most: int = 0) -> list[Listed]:
    """All releases, the newest first; those whose seal was broken are among them."""
    found = Release.objects.select_related("compilation__round", "broken", "withdrawal", "supersedes")
    if family:
        found = found.filter(family=family)
    rows = list(found.order_by("-release_at", "-pk")[: most or None])
    replaced = {r.supersedes_id for r in rows if r.supersedes_id and state_of(r) == PUBLIC}
    checked = {c.release_id: c for c in Recomputed.objects.filter(release__in=rows).order_by("pk")}
    return [
        Listed(r, SUPERSEDED if r.pk in replaced and state_of(r) == PUBLIC else state_of(r), checked.get(r.pk))
        for r in rows
    ]


def state_of(one: Release) -> str:
    """The state of a release by itself."""
    now = clock.now()
    if getattr(one, "broken", None) is not None:
        return BROKEN
    if getattr(one, "withdrawal", None) is not None:
        return WITHDRAWN
    return PUBLIC if one.release_at <= now and one.sealed_at <= now else EMBARGOED


def find(code: str) -> Release:
    """A release of the office by its name, its last seal. DataError for one that is not there."""
    found = Release.objects.filter(code=code).select_related("compilation__round").order_by("-seal").first()
    if found is None:
        raise DataError(f"release {code!r} is not there; the list of releases names those that are")
    return found


def round_of(one: Release) -> Round:
    """The round of a release."""
    return Round.objects.get(pk=one.compilation.round_id)


def checks(one: Release) -> list[Recomputed]:
    """What the alarm found of a release, the newest first."""
    return list(one.recomputed.order_by("-pk")[:20])


def corrections_of(one: Release) -> list[Correction]:
    """Corrections that were opened of a release."""
    return list(one.corrections.select_related("by").order_by("number"))
