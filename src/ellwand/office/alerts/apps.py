"""The room as Django knows it."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Registers its channels with what follows a release."""

    name = "ellwand.office.alerts"

    def ready(self) -> None:
        """Enter the channels."""
        from ellwand.office.alerts import channel

        channel.register()
