"""The room as Django knows it."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """Registers what the room knows of rounds."""

    name = "ellwand.office.registry"

    def ready(self) -> None:
        """Tell the state machine of the guards of this room."""
        from ellwand.office.registry import guards  # noqa: F401
