"""Status of the rounds in progress: counts and steps, never a value; the log of lateness and of notices."""

import time
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from ellwand.office import clock, setup
from ellwand.office.approvals.models import Lateness, Notice
from ellwand.office.record import reading
from ellwand.office.review import coverage, queue, standing
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Round
from ellwand.office.screens.vocabulary import state_words
from ellwand.office.screens.words import say
from ellwand.web.site.page import Language, Shown, page

STEPS: tuple[tuple[str, str, str], ...] = (
    (states.COLLECTING, "采价", "Prices are collected"),
    (states.REVIEWING, "审核", "Prices are reviewed"),
    (states.COMPILED, "编制", "The index is compiled"),
    (states.DRAFTED, "撰写", "The texts are written"),
    (states.TEXT_APPROVED, "批准", "Two people approve"),
    (states.SCHEDULED, "待发布", "Waiting for its instant"),
    (states.PUBLIC, "已发布", "Public"),
)
"""Steps of a round: the state in which a step is at work or done, and its words."""
AT = {
    states.PLANNED: -1, states.COLLECTING: 0, states.CLOSED: 1, states.REVIEWING: 1, states.COMPILED: 3,
    states.DRAFTED: 4, states.STAT_APPROVED: 4, states.TEXT_APPROVED: 5, states.SCHEDULED: 5, states.PUBLIC: 6,
}  # fmt: skip
"""The step that is at work, by state of the round."""
KEPT = 20.0
"""Seconds for which counts are shown before they are counted anew."""
ROUNDS, LATEST = 2, 52


@dataclass(frozen=True)
class Counts:
    """Counts of a round. due, came : quotes. units, reported : sample units. flagged, settled : of the review."""

    due: int
    came: int
    units: int
    reported: int
    flagged: int
    settled: int
    classes: tuple[tuple[Any, int, int], ...]

    @property
    def share(self) -> float:
        """Share of the quotes due that came."""
        return self.came / self.due if self.due else 0.0

    @property
    def reviewed(self) -> float:
        """Share of the flagged quotes that are decided."""
        return self.settled / self.flagged if self.flagged else 1.0


_kept: dict[tuple[str, int, str], tuple[float, Counts]] = {}


def counts(found: Round) -> Counts:
    """Counts of a round, at most some seconds old."""
    key = (str(setup.current().path), found.pk, found.state)
    now = time.monotonic()
    if (known := _kept.get(key)) is not None and now - known[0] < KEPT:
        return known[1]
    seen = coverage.of(found)
    missing = {s.unit.pk: s for _, group in seen.silent for s in group}
    units = coverage.units_due(found)
    flags = queue.flags_of(found)
    made = Counts(
        seen.whole.due,
        seen.whole.came,
        units,
        units - sum(1 for s in missing.values() if s.came == 0),
        len(flags),
        sum(1 for f in flags if f.state in (standing.SETTLED, standing.REPLACED)),
        tuple((r.what, r.due, r.came) for r in seen.classes),
    )
    _kept.clear()
    _kept[key] = (now, made)
    return made


@page("status/", "status")
def status(request: HttpRequest, language: Language) -> Shown:
    """The rounds in progress, how far each is, and how punctual the past ones were."""
    rounds, late_now = [], {one.period for one in reading.overdue()}
    for found in work.running(ROUNDS):
        state, at = found.state, AT.get(found.state)
        rounds.append(
            {
                "round": found,
                "issue": found.issue,
                "late": found.period in late_now,
                "state": state_words(state),
                "counts": counts(found) if at is not None and at >= 0 else None,
                "steps": [
                    {"words": say(zh, en), "done": at is not None and k < at, "here": k == at}
                    for k, (_, zh, en) in enumerate(STEPS)
                ],
            }
        )
    public = reading.public()
    logged = Lateness.objects.filter(release__in=[r.pk for r in public[-LATEST:]])
    late = dict(logged.values_list("release", "seconds"))
    punctual: list[dict[str, Any]] = [
        # Before the entry of the log is written, what it will say.
        {"release": r, "seconds": late.get(r.pk, max(0, int((r.sealed_at - r.release_at).total_seconds())))}
        for r in reversed(public[-LATEST:])
    ]
    told = (Notice.POSTPONED, Notice.RESUMED, Notice.WITHDRAWN)
    notices = Notice.objects.filter(kind__in=told, at__lte=clock.now()).select_related("round", "release")
    context = {
        "rounds": rounds,
        "punctual": punctual,
        "late": sum(1 for row in punctual if row["seconds"] > 0),
        "notices": list(notices.order_by("-pk")[:LATEST]),
        "next": reading.next_issue(),
    }
    return Shown("site/status.html", say("本期进度", "Status of this week"), context)
