"""What the worker does for the registers: the calendar stays twelve months ahead."""

from datetime import datetime, time, timedelta

from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from ellwand.office.registry import calendar

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
