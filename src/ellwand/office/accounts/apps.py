"""The room as Django knows it."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Listens to what happens with accounts."""

    name = "ellwand.office.accounts"

    def ready(self) -> None:
        """Let the trail hear of signing in."""
        from ellwand.office.accounts import heard  # noqa: F401
