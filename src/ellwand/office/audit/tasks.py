"""What the worker does for this room: the self-test of every night, after what runs before it in the night."""

from datetime import datetime, time, timedelta

from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from ellwand.office.audit import selftest

NIGHT = time(4, 0)
"""When the self-test runs, in the zone of the market: after the alarm over the releases."""


@task()
def nightly() -> int:
    """Run the self-test and keep it; the number of features that do not hold. The next night is planned first."""
    plan_nightly()
    return selftest.keep().failed


def plan_nightly() -> None:
    """Have the self-test run in the coming night, and now where there is none yet; once, however often it is asked."""
    waits = DBTaskResult.objects.filter(task_path=nightly.module_path, status="READY")
    if selftest.last() is None and not waits.exists():
        # What runs now plans the night.
        nightly.enqueue()
        return
    tonight = datetime.combine(timezone.localdate() + timedelta(days=1), NIGHT, timezone.get_default_timezone())
    # What is to run at once has the end of all days as its instant.
    if not waits.filter(run_after__gt=timezone.now(), run_after__lte=tonight).exists():
        nightly.using(run_after=tonight).enqueue()
