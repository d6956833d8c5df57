"""Sections whose content is not released yet: they have their page and say plainly what will be there, and when."""

from django.http import HttpRequest

from ellwand.office.record import reading
from ellwand.office.screens.words import say
from ellwand.web.site.page import Language, Shown, page


@page("comments/outlook/", "outlook")
def outlook(request: HttpRequest, language: Language) -> Shown:
    """Warning & Forecast: what it will hold, and the rules that hold for it from the first day."""
    context = {"next": reading.next_issue(), "last": reading.latest()}
    return Shown("site/outlook.html", say("预警与预测", "Warning &amp; Forecast"), context)


@page("fabrics/", "fabrics")
def fabrics(request: HttpRequest, language: Language) -> Shown:
    """Popular fabrics: what it will hold."""
    return Shown("site/fabrics.html", say("流行面料", "Popular fabrics"), {"last": reading.latest()})
