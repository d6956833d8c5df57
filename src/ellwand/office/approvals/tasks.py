"""What the worker does for this room: sealing, what follows a release, the alarm of every night."""

from datetime import datetime, time, timedelta

from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.accounts.models import User
from ellwand.office.approvals import aftermath, alarm, content, sealing
from ellwand.office.approvals.models import SealingRun
from ellwand.office.record.models import Release
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Round

NIGHT = time(2, 30)
"""When the alarm of the night runs, in the zone of the market."""


def begin(found: Round, by: User) -> SealingRun:
    """Have the worker seal and schedule a round; one that is under way already is left to it."""
    last = SealingRun.objects.filter(round=found, ended_at=None).order_by("-pk").first()
    if last is not None:
        return last
    run = SealingRun(round=found, step="waiting", by=by, at=clock.now())
    run.save()
    seal.enqueue(run.pk)
    return run


@task()
def seal(run_pk: int) -> str:
    """Seal and schedule; how far it is stands in the row of the run."""
    run = SealingRun.objects.select_related("round", "by").get(pk=run_pk)
    return carry_out(run)


def carry_out(run: SealingRun) -> str:
    """The work of a run: the release's name, or why there is none. Doing it again does nothing more."""

    def progress(done: int, total: int, what: str) -> None:
        SealingRun.objects.filter(pk=run.pk).update(step="preparing", done=done, total=total)

    SealingRun.objects.filter(pk=run.pk).update(step="preparing")
    try:
        made = sealing.seal(run.round, run.by, progress=progress)
        said, step, error = made.code, "done", ""
    except DataError as fault:
        said, step, error = str(fault), "failed", str(fault)
    except Exception as fault:
        # Whatever broke it, the run has ended, and the next one may begin; the task itself keeps the trace.
        SealingRun.objects.filter(pk=run.pk).update(step="failed", error=str(fault), ended_at=clock.now())
        raise
    SealingRun.objects.filter(pk=run.pk).update(step=step, error=error, ended_at=clock.now())
    return said


@task()
def prepare(code: str) -> str:
    """Prepare what is to be approved, so that the approvers need not wait; a round that has moved on is let alone."""
    found = work.find(code)
    return content.of(found).stat_hash if found.state == states.DRAFTED else ""


@task()
def after(release_pk: int) -> list[str]:
    """What follows a release."""
    return aftermath.follow(Release.objects.get(pk=release_pk))


@task()
def due(release_pk: int) -> list[str]:
    """At the instant of a release: time moves its round, should nobody have looked, and what follows is done.

    One whose seal was broken meanwhile is let alone; its next seal has a task of its own.
    """
    one = Release.objects.all().public(clock.now()).filter(pk=release_pk).first()
    if one is None:
        return []
    work.settle(one.compilation.round)
    return aftermath.follow(one)


def plan_due(one: Release) -> None:
    """Have the worker follow a sealed release at its instant."""
    due.using(run_after=max(one.release_at, one.sealed_at)).enqueue(one.pk)


@task()
def nightly() -> list[str]:
    """The silent-change alarm; the faults found. The next night is planned first, whatever this one finds."""
    plan_nightly()
    return [f"{row.release.code}: {row.fault}" for row in alarm.sound() if row.fault]


def plan_nightly() -> None:
    """Have the alarm run in the coming night; once, however often this is asked."""
    tonight = datetime.combine(timezone.localdate() + timedelta(days=1), NIGHT, timezone.get_default_timezone())
    waits = DBTaskResult.objects.filter(task_path=nightly.module_path, status="READY", run_after__gt=timezone.now())
    # What is to run at once has the end of all days as its instant.
    if not waits.filter(run_after__lte=tonight).exists():
        nightly.using(run_after=tonight).enqueue()
