"""All addresses: the public site in both languages, the interfaces for programs, and the office behind its door."""

import importlib
import pkgutil

from django.urls import URLPattern, URLResolver, include, path

from ellwand.office.urls import handler400, handler403, handler429, handler500  # noqa: F401
from ellwand.office.urls import urlpatterns as office
from ellwand.web import site
from ellwand.web.api import v1
from ellwand.web.data import addresses as files
from ellwand.web.feeds import addresses as feeds
from ellwand.web.sdmx import views as sdmx
from ellwand.web.site import old
from ellwand.web.site.page import addresses
from ellwand.web.twins import addresses as twins

for _found in pkgutil.iter_modules(site.__path__):
    # Loading a page enters it into the table.
    importlib.import_module(f"{site.__name__}.{_found.name}")

urlpatterns: list[URLPattern | URLResolver] = [
    *v1.addresses(),
    *sdmx.addresses(),
    *files.addresses(),
    *old.addresses(),
    *feeds.addresses(),
    *twins.addresses(),
    *addresses("zh"),
    path("en/", include((addresses("en"), "en"))),
    *files.last_addresses(),
    *[p for p in office if getattr(p, "name", "") != "root"],
]
handler404 = "ellwand.web.site.page.not_found"
