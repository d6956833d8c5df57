"""Two years of an office on a simulated market, lived through week by week with the clock set to each week.

Every week goes the way of every other office's week: planned, collected, closed by time, reviewed, compiled, written,
approved by two people who did none of it, sealed, public by time. What an office does in hours is done in a second:
the production goes on from week to week, and each release is prepared once. What nobody would look at in a demo is
signed as an exception and says so: quotes in query, cells below their rule.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django_tasks_db.models import DBTaskResult

from ellwand.engine.errors import DataError
from ellwand.office import clock, releases
from ellwand.office.accounts.four_eyes import Kind, Person
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import REVIEWER, SUPERVISOR
from ellwand.office.approvals import aftermath, checklists, previews, sealing, signing
from ellwand.office.approvals.archive_lock import locked
from ellwand.office.approvals.models import Candidate
from ellwand.office.audit import trail
from ellwand.office.audit.models import Entry
from ellwand.office.demo import people
from ellwand.office.editorial import drafts, metadata, rationale
from ellwand.office.editorial import texts as editorial
from ellwand.office.home import Home
from ellwand.office.record.models import Compilation, Release
from ellwand.office.releases.canonical import digest_file
from ellwand.office.releases.manifest import NAME, QUALITY
from ellwand.office.rounds import compiling, providers, snapshot, states, work
from ellwand.office.rounds.models import Round, SignedException
from ellwand.office.rounds.producing import BACK, Produced, earlier
from ellwand.production.observations import Results

Progress = Callable[[int, int, str], None]
OWN = {
    "zh": "本期采价按计划完成，未发现需要另作说明的异常情况。演示市场由程序模拟，判断仅供示范。",
    "en": "Collection went by plan, and nothing called for a judgement beyond the rules of the method. The market of "
    "this demonstration is simulated, and so is what is judged here.",
}
"""The writer's paragraph of each week's rationale."""
WHY = "the history of the demo is taken over without a look at single quotes"


@dataclass(frozen=True)
class Hours:
    """The instants of a week's work."""

    opened: datetime
    cutoff: datetime
    reviewed: datetime
    compiled: datetime
    written: datetime
    approved: datetime
    sealed: datetime
    release: datetime

    @classmethod
    def of(cls, found: Round) -> "Hours":
        """By the calendar of the round's issue."""
        issue = found.issue
        if issue is None:
            raise DataError(f"round {found.code}: has no issue in the calendar")
        cut, due = issue.cutoff_at, issue.release_at
        return cls(
            cut - timedelta(days=3), cut, cut + timedelta(hours=16), cut + timedelta(hours=19),
            cut + timedelta(hours=23), due - timedelta(hours=4), due - timedelta(hours=2), due,
        )  # fmt: skip


class History:
    """The weeks of the demo's office. users : by the names of `people`."""

    def __init__(self, home: Home, version: str) -> None:
        self.home, self.version = home, version
        self.clerk, self.author = people.user(people.CLERK), people.user(people.AUTHOR)
        self.approvers: dict[Kind, User] = {
            "statistics": people.user(people.STATISTICS), "text": people.user(people.TEXTS),
        }  # fmt: skip

    def live(self, rounds: list[Round], progress: Progress | None = None) -> None:
        """Take rounds that have their quotes from planned to public, one after another."""
        row, method = work.method_in_force(rounds[-1].period)
        taken = snapshot.take(rounds[-1])
        with tempfile.TemporaryDirectory(prefix="ellwand-history-") as folder:
            taken.write(Path(folder))
            maker = releases.Preparer(folder, self.home.archive, method, version=self.version)
            previous: Path | None = None
            for done, found in enumerate(rounds):
                with _prepared(maker, found, previous) as made, transaction.atomic():
                    previous = self._week(found, made, row, method)
                if progress:
                    progress(done + 1, len(rounds), "weeks released")
        _spare_the_worker()

    def _week(self, found: Round, made: releases.Prepared, row: object, method: object) -> Path:
        hours = Hours.of(found)
        self._collect(found, hours)
        with clock.at(hours.compiled):
            compilation = self._compile(found, made, row, method)
        with clock.at(hours.written):
            drafts.generate(found, self.author)
            rationale.save(found, OWN, self.author)
            work.move(found, states.DRAFTED, self.author)
        made = made.with_texts(editorial.texts_of(found))
        with clock.at(hours.approved):
            self._candidate(compilation, made)
            for kind, user in self.approvers.items():
                previews.look(found, user)
                person = Person(user.pk, user.roles, declared=True, second_factor=True)
                signing.approve(found, kind, person, {item.key: True for item in checklists.LISTS[kind]})
        with clock.at(hours.sealed):
            folder = self._seal(found, made, hours.release)
        with clock.at(hours.release):
            work.record_move(found, states.PUBLIC, None)
            aftermath.follow(Release.objects.get(compilation=compilation))
        return folder

    def _collect(self, found: Round, hours: Hours) -> None:
        with clock.at(hours.opened):
            work.record_move(found, states.COLLECTING, self.clerk, role="clerk")
        with clock.at(hours.cutoff):
            work.record_move(found, states.CLOSED, None)
        with clock.at(hours.reviewed):
            work.record_move(found, states.REVIEWING, self.clerk, role=SUPERVISOR)

    def _compile(self, found: Round, made: releases.Prepared, row: object, method: object) -> Compilation:
        compiled = made.results.compiled
        t = made.results.periods[-1]
        # The last issues must come out again; a week without one may lie between them.
        before = [compiled.book.periods.index(p) for p in earlier(found)[-BACK:]]
        # The intervals of the issue are those of its release; those of the issues before it are not asked for.
        results = Results(compiled, made.results.intervals, tuple(range(min([t, *before]), t + 1)))
        inputs = snapshot.take(found).hash
        produced = Produced(results, t, inputs, row, method, snapshot.stamp(), True)  # type: ignore[arg-type]
        rows = compiling.rows_of(results)
        known = compiling.facts_of(found, results, rows, produced.method)
        for guard, role in (("queue", REVIEWER), ("cells", SUPERVISOR)):
            if (what := known[guard]) is not None:
                self._sign(found, guard, what, role)
        if known["figures"] or known["recompute"]:
            raise DataError(f"round {found.code}: {known['figures'] or known['recompute']}")
        stored = compiling.store(found, produced, rows[found.period], self.version, self.author)
        for keep in providers.COMPILED.values():
            keep(stored, produced, rows)
        work.record_move(found, states.COMPILED, self.author, role="compiler", inputs=inputs)
        return stored

    def _sign(self, found: Round, guard: str, what: str, role: str) -> None:
        SignedException(round=found, guard=guard, what=what, by=self.clerk, at=clock.now(), reason=WHY).save()
        trail.append(
            self.clerk, "exception.sign", f"round/{found.code}", role=role, after={"guard": guard, "what": what},
            reason=WHY,
        )  # fmt: skip

    def _candidate(self, compilation: Compilation, made: releases.Prepared) -> None:
        """What an approver is shown, as a look at the preview would have prepared it."""
        Candidate(
            compilation=compilation,
            number=made.terms.number,
            previous=made.before.release.digest if made.before.release else "",
            stat_hash=made.stat_hash,
            quality=(made.work / QUALITY).read_text(encoding="utf-8"),
            stamp=[list(pair) for pair in snapshot.stamp()],
            at=clock.now(),
        ).save()

    def _seal(self, found: Round, made: releases.Prepared, instant: datetime) -> Path:
        held = sealing.approved(found, made.stat_hash, made.text_hash, None, self.clerk)
        folder = releases.seal(
            made,
            at=instant,
            key=releases.read_private(self.home.keys),
            approvals=[releases.Approval(sealing.ROLE[kind], row.hash) for kind, row in held.items()],
            audit_head=Entry.objects.order_by("-sequence").values_list("hash", flat=True).first(),
            licence=metadata.licence(found),
        )
        sealing.store(found, self.clerk, "clerk", made, digest_file(folder / NAME), instant, None)
        return folder


def _spare_the_worker() -> None:
    """Forget what these weeks left to the worker: all of it is done, and a visitor's own tasks would wait behind it."""
    DBTaskResult.objects.filter(status="READY").delete()


@contextmanager
def _prepared(maker: releases.Preparer, found: Round, previous: Path | None) -> Iterator[releases.Prepared]:
    with locked(), maker.prepare(found.period, previous=previous) as made:
        yield made
