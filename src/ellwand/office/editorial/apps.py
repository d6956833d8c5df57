"""The room as Django knows it."""

from django.apps import AppConfig


class EditorialConfig(AppConfig):
    """Registers what the room knows of rounds."""

    name = "ellwand.office.editorial"

    def ready(self) -> None:
        """Tell the state machine of the guards of this room."""
        from ellwand.office.editorial import guards  # noqa: F401
