"""The addresses of the office: every screen from the table of screens, and the pages of signing in."""

import importlib
import pkgutil

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic.base import RedirectView

from ellwand.office import screens
from ellwand.office.collection import api as collection
from ellwand.office.collection.odk import interface as odk
from ellwand.office.screens.access import addresses

for _found in pkgutil.iter_modules(screens.__path__):
    # Loading a screen enters it into the table.
    importlib.import_module(f"{screens.__name__}.{_found.name}")

urlpatterns: list[URLPattern | URLResolver] = [
    *addresses(),
    path("office/api/v1/", include((collection.addresses(), "collection_api"))),
    path("office/odk/", include((odk.addresses(), "odk"))),
    path("accounts/", include("ellwand.office.accounts.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("", RedirectView.as_view(pattern_name="desk"), name="root"),
]
handler400 = "ellwand.office.screens.faults.bad_request"
handler403 = "ellwand.office.screens.faults.forbidden"
handler404 = "ellwand.office.screens.desk.not_found"
handler429 = "ellwand.office.screens.faults.too_many"
handler500 = "ellwand.office.screens.faults.broken"
