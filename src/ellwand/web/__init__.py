"""What the public sees: the site, and the interfaces for programs."""

from ellwand.office import settings

APPS = ("ellwand.web.site",)
APPLICATION = "ellwand.web.wsgi:application"


def enable() -> None:
    """Enter the rooms of this floor; to be called before the office is set up."""
    settings.ABOVE["apps"][:] = APPS
    settings.ABOVE["urls"][:] = ["ellwand.web.urls"]
