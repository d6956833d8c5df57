"""What the worker does for the registers: parallel runs, effects of baskets, a calendar that stays ahead."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from ellwand.engine.errors import DataError
from ellwand.office.accounts.models import User
from ellwand.office.registry import baskets, calendar, methods
from ellwand.office.registry.models import BasketDraft, MethodProposal

NIGHT = time(1, 30)
"""When the calendar is extended, in the zone of the market."""


@task()
def nightly() -> list[str]:
    """Extend the calendar; the periods that were added. The next night is planned first."""
    plan_nightly()
    return [one.period for one in calendar.keep_ahead()]


def plan_nightly() -> None:
    """Have the calendar extended in the coming night; once, however often this is asked."""
    tonight = datetime.combine(timezone.localdate() + timedelta(days=1), NIGHT, timezone.get_default_timezone())
    waits = DBTaskResult.objects.filter(task_path=nightly.module_path, status="READY", run_after__gt=timezone.now())
    # What is to run at once has the end of all days as its instant.
    if not waits.filter(run_after__lte=tonight).exists():
        nightly.using(run_after=tonight).enqueue()


@task()
def parallel(proposal: int, by: int) -> str:
    """A parallel run of a proposed method; why there is none, "" if it is stored."""
    try:
        methods.run_parallel(MethodProposal.objects.get(pk=proposal), User.objects.get(pk=by))
    except DataError as error:
        return str(error)
    return ""


@task()
def basket(draft: int, by: int) -> str:
    """The effect of a drafted basket on the index; why there is none, "" if it is stored."""
    try:
        baskets.show_effect(BasketDraft.objects.get(pk=draft), User.objects.get(pk=by))
    except DataError as error:
        return str(error)
    return ""


@dataclass(frozen=True)
class Asked:
    """How far a task is. waits : whether it is still to come. said : why it has stored nothing, "" if it has."""

    waits: bool
    said: str


def ask(what: Any, thing: int, by: User) -> None:
    """Have the worker do a task on a thing; one that waits already is not asked for twice."""
    found = asked(what, thing)
    if found is None or not found.waits:
        what.enqueue(thing, by.pk)


def asked(what: Any, thing: int) -> Asked | None:
    """How far the last task on a thing is; None where none was asked for."""
    last = DBTaskResult.objects.filter(task_path=what.module_path).order_by("-enqueued_at")[:50]
    found = next((t for t in last if t.args_kwargs["args"][:1] == [thing]), None)
    if found is None:
        return None
    if found.status in ("READY", "RUNNING"):
        return Asked(True, "")
    fault = found.exception_class_path.rpartition(".")[2] or "broken off"
    return Asked(False, str(found.return_value or "") if found.status == "SUCCESSFUL" else fault)
