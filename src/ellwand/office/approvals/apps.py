"""The room as Django knows it."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """Registers what the room knows of rounds."""

    name = "ellwand.office.approvals"

    def ready(self) -> None:
        """Tell the state machine of the guards of this room, and watch what is signed."""
        from ellwand.office import clock
        from ellwand.office.approvals import guards, ntp, watch  # noqa: F401

        clock.judge = ntp.fault
        watch.begin()
