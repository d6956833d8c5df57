"""Who publishes, under which licence, and what a figure that is cited needs: names, instants, addresses."""

from dataclasses import dataclass
from pathlib import Path

from django.http import HttpRequest

from ellwand.office import setup
from ellwand.office.record.reading import Given
from ellwand.office.screens.words import instant, say
from ellwand.production.report.view import View
from ellwand.web import registers
from ellwand.web.data.vintages import Vintage
from ellwand.web.moments import Moment
from ellwand.web.site.page import Language, where


def licence(language: Language, given: Given | None = None) -> str:
    """The licence as the office states it; of a simulated market what holds for it; "" where nothing is stated.

    given : a release, whose licence is that under which it became public, whatever was stated later.
    """
    told = Vintage(given, Path()).licence if given is not None else registers.stated("licence")
    if own := told[0 if language == "zh" else 1]:
        return own.rstrip("。.")
    market = registers.market()
    if market is None or not market.simulated:
        return ""
    return say("模拟数据，可自由使用", "Simulated figures, free to use")


@dataclass(frozen=True)
class Source:
    """Where a figure comes from, in the words of one language. address : of the page, pinned to the vintage."""

    publisher: str
    title: str
    period: str
    vintage: str
    issued: str
    year: str
    month: str
    day: str
    address: str
    licence: str
    simulated: bool

    @property
    def line(self) -> str:
        """One line below a picture."""
        parts = [self.publisher, self.title, self.vintage, self.issued, self.licence]
        return " · ".join(part for part in parts if part)


def source(request: HttpRequest, shown: View, seen: Moment, title: str, address: str, language: Language) -> Source:
    """The source of what is shown at a moment. address : of the page, without its query."""
    given = vintage(seen)
    local = given.since.astimezone(setup.current().time_zone)
    return Source(
        publisher=shown.background.market(language),
        title=title,
        period=shown.words.period(shown.facts.periods[shown.facts.last]),
        vintage=given.code,
        issued=instant(given.since),
        year=f"{local:%Y}", month=f"{local:%m}", day=f"{local:%d}",
        address=request.build_absolute_uri(f"{address}?vintage={given.code}"),
        licence=licence(language, given),
        simulated=shown.facts.simulated,
    )  # fmt: skip


def vintage(seen: Moment) -> Given:
    """The release that what is read at a moment is of: the last one that became public. There is one."""
    return [g for g in seen.standing.given if g.withdrawn is None][-1]


def home(request: HttpRequest, language: Language) -> str:
    """The site's address with its host."""
    return request.build_absolute_uri(where("home", language))
