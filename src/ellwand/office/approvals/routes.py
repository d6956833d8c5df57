"""Finding corrections, and where each stands on its route."""

from typing import NamedTuple

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.approvals import corrections, standing
from ellwand.office.approvals.models import STATISTICS, TEXT, Correction

OPENED, COMPUTED, WRITTEN, STAT, BOTH, SEALED, PUBLIC = (
    "opened", "computed", "written", "stat_approved", "approved", "sealed", "public",
)  # fmt: skip
ROUTE = (OPENED, COMPUTED, WRITTEN, STAT, BOTH, SEALED, PUBLIC)


class Stage(NamedTuple):
    """Where a correction stands. lacks : what keeps it from the next step."""

    state: str
    lacks: list[str]


def find(number: int) -> Correction:
    """A correction by its number. DataError for one that is not there."""
    found = Correction.objects.select_related("release", "by").filter(number=number).first()
    if found is None:
        raise DataError(f"correction {number} is not there; the list of corrections names those that are")
    return found


def everything() -> list[Correction]:
    """All corrections, the newest first."""
    return list(Correction.objects.select_related("release", "by").order_by("-number"))


def stage(row: Correction) -> Stage:
    """Where a correction stands."""
    sealed = corrections.release_of(row)
    if sealed is not None:
        return Stage(PUBLIC if sealed.release_at <= clock.now() else SEALED, [])
    if corrections.recomputation(row) is None:
        return Stage(OPENED, [])
    if lacks := corrections.lacks(row):
        return Stage(COMPUTED, lacks)
    held = standing.approvals(corrections.round_of(row), row)
    if set(held) == {STATISTICS, TEXT}:
        return Stage(BOTH, [])
    return Stage(STAT if STATISTICS in held else WRITTEN, [])
