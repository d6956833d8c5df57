"""The room as Django knows it."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """Registers what the room knows of rounds."""

    name = "ellwand.office.review"

    def ready(self) -> None:
        """Tell the state machine of the guards of this room."""
        from ellwand.office.review import guards  # noqa: F401
