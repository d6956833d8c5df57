"""The open round of the demo: most quotes are there, some units have not reported, and its cut-off is near."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db import transaction

from ellwand.office import clock
from ellwand.office.audit import trail
from ellwand.office.demo import people
from ellwand.office.demo.weeks import shortened
from ellwand.office.quotes.intake import import_quotes
from ellwand.office.registry.models import Issue
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Round

SILENT = 20
"""Of so many units one has not reported yet."""
WHY = "demonstration: cut-off and release are near enough that a visitor sees both"


def open_round(market: Path, period: str) -> Round:
    """Open the round of a period, with the quotes of all units but every twentieth one."""
    clerk, collector = people.user(people.CLERK), people.user(people.COLLECTS)
    found = work.plan(period, clerk)
    _shorten(found)
    work.move(found, states.COLLECTING, clerk, sign=WHY)
    path = _quotes(market, period)
    try:
        import_quotes(path, found.code, collector)
    finally:
        path.unlink()
    return found


def shorten(found: Round) -> None:
    """Count the open round's cut-off and release from now on: the set-up may have taken minutes."""
    _shorten(found)


def _shorten(found: Round) -> None:
    """A new version of the issue, with its public reason; the old dates are kept."""
    clerk = people.user(people.CLERK)
    now = clock.now().replace(microsecond=0)
    cutoff, release = shortened(now)
    with transaction.atomic():
        last = Issue.objects.filter(family=found.family, period=found.period).order_by("-number")[0]
        if (last.cutoff_at, last.release_at) == (cutoff, release):
            return
        Issue(
            family=found.family, period=found.period, number=last.number + 1, cutoff_at=cutoff, release_at=release,
            by=clerk, at=now, reason=WHY,
        ).save()  # fmt: skip
        trail.append(
            clerk, "issue.change", f"round/{found.code}", role="clerk",
            before={"cutoff_at": last.cutoff_at.isoformat(), "release_at": last.release_at.isoformat()},
            after={"cutoff_at": cutoff.isoformat(), "release_at": release.isoformat()}, reason=WHY,
        )  # fmt: skip


def _quotes(market: Path, period: str) -> Path:
    """The quotes that have come in, as the file of the collectors."""
    parts = [pq.read_table(f, filters=[("period", "=", period)]) for f in sorted((market / "quotes").glob("*.parquet"))]
    table = pa.concat_tables([p for p in parts if p.num_rows], promote_options="default")
    units = sorted(set(table["unit"].to_pylist()))
    silent = pa.array(units[SILENT // 2 :: SILENT], pa.string())
    path = market / f"collected-{period}.parquet"
    pq.write_table(table.filter(pc.invert(pc.is_in(table["unit"], silent))), path)
    return path
