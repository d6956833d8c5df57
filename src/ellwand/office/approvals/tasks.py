"""What the worker does for this room: sealing, what follows a release, the alarm of every night."""

from django.db import close_old_connections
from django_tasks import task

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.accounts.models import User
from ellwand.office.approvals import aftermath, alarm, sealing
from ellwand.office.approvals.models import SealingRun
from ellwand.office.record.models import Release
from ellwand.office.rounds.models import Round

STEPS = {"waiting", "preparing", "sealing", "done", "failed"}


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
    SealingRun.objects.filter(pk=run.pk).update(step=step, error=error, ended_at=clock.now())
    return said


@task()
def after(release_pk: int) -> list[str]:
    """What follows a release."""
    return aftermath.follow(Release.objects.get(pk=release_pk))


@task()
def nightly() -> list[str]:
    """The silent-change alarm; the faults found."""
    close_old_connections()
    return [f"{row.release.code}: {row.fault}" for row in alarm.sound() if row.fault]
