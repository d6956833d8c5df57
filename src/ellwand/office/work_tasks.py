"""The process that works through the tasks of an office: `python -m ellwand.office.work_tasks` with ELLWAND_DIR set."""

import fcntl
import logging
import os
import time

from ellwand.engine.errors import DataError
from ellwand.office import setup

LOCK = ".worker"
LOGGERS = ("django_tasks", "django.tasks", "django_tasks_db")
"""Who tells of tasks; the name of the first is the second where Django brings the tasks itself."""
PATIENCE = 15.0
"""Seconds that a worker waits for one that is just ending."""
ATTEMPTS = 3
"""How often a task is begun. One that brings its worker down each time would do so for ever."""


def main() -> None:
    """Work until interrupted; tasks that a killed worker left running are taken up again first."""
    setup.office()
    hold = alone()
    from django.core.management import call_command

    from ellwand.office.alerts import tasks as alerts
    from ellwand.office.approvals import recover, tasks
    from ellwand.office.audit import tasks as audit_tasks
    from ellwand.office.collection import reminders
    from ellwand.office.registry import tasks as registry_tasks

    recover.recover()
    take_up()
    reminders.take_up()
    alerts.take_up()
    tasks.plan_nightly()
    registry_tasks.plan_nightly()
    audit_tasks.plan_nightly()
    quieten()
    try:
        call_command("db_worker", interval=0.5, startup_delay=False, reload=False)
    finally:
        os.close(hold)


def quieten() -> None:
    """Say what failed, not each task that began and ended: who serves an office reads its accounts in that window."""
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    for name in LOGGERS:
        logging.getLogger(name).addHandler(handler)


def alone(patience: float = PATIENCE) -> int:
    """Make this the office's only worker, as long as the handle that it gives is open; the system takes the lock away
    from a process that dies. DataError if another one goes on working.
    """
    handle = os.open(setup.current().path / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        except BlockingIOError:
            if time.monotonic() >= until:
                os.close(handle)
                raise DataError("another worker of this office is running; one is enough") from None
            time.sleep(0.1)


def take_up() -> list[str]:
    """Put tasks whose worker died back into the queue; each can be done again without harm. Names of the tasks.

    Only for the one worker that there is, before it begins: whatever runs then runs nowhere.
    """
    from django_tasks_db.models import DBTaskResult

    out = []
    for row in DBTaskResult.objects.running().order_by("enqueued_at"):
        if len(row.worker_ids) >= ATTEMPTS:
            row.set_failed(RuntimeError(f"its worker died {len(row.worker_ids)} times"))
            continue
        DBTaskResult.objects.filter(pk=row.pk).update(status="READY", started_at=None)
        out.append(row.task_name)
    return out


if __name__ == "__main__":
    main()
