"""Consultations: changes of the method that are proposed, and every version of it with its reason."""

from django.http import HttpRequest

from ellwand.office.screens.words import say
from ellwand.web.site.knowledge import methods
from ellwand.web.site.page import Language, Shown, page


@page("consultations/", "consultations")
def consultations(request: HttpRequest, language: Language) -> Shown:
    """What is proposed, and the versions of the method."""
    return Shown("site/consultations.html", say("意见征集", "Consultations"), {"versions": methods()})
