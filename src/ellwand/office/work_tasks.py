"""The process that works through the tasks of an office: `python -m ellwand.office.work_tasks` with ELLWAND_DIR set."""

from ellwand.office import setup


def main() -> None:
    """Work until interrupted; tasks that a killed worker left running are taken up again first."""
    setup.office()
    from django.core.management import call_command

    from ellwand.office.approvals import recover, tasks
    from ellwand.office.collection import reminders
    from ellwand.office.registry import tasks as registry_tasks

    recover.recover()
    reminders.take_up()
    tasks.plan_nightly()
    registry_tasks.plan_nightly()
    call_command("db_worker", interval=0.5, startup_delay=False, reload=False)


if __name__ == "__main__":
    main()
