"""Settings with which the type checker reads the models; no office runs on them."""

from ellwand import web
from ellwand.office import settings

web.enable()
globals().update(settings.common())
SECRET_KEY = "types only"  # noqa: S105
DATABASES = {"default": settings.sqlite(":memory:")}
