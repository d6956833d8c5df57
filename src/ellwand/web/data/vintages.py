"""The sealed files of a vintage: what a family's files are, and the rows of which those of a series are made."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path

from ellwand.engine.errors import DataError
from ellwand.office.editorial.models import Statement
from ellwand.office.once import while_same
from ellwand.office.record import reading
from ellwand.office.record.reading import Given
from ellwand.office.releases.build import DATABASE, HISTORY, JSONSTAT, WORKBOOK
from ellwand.office.releases.figures import Row
from ellwand.office.releases.heading import Heading
from ellwand.office.releases.manifest import LICENCE, METHOD, Manifest
from ellwand.office.releases.tables import read_observations
from ellwand.production.method import Method, parse_method
from ellwand.web.moments import Moment

SEALED = {"csv": HISTORY, "xlsx": WORKBOOK, "json": JSONSTAT, "sqlite": DATABASE}
"""Formats of a family that are in the archive, and where."""


@dataclass(frozen=True)
class Vintage:
    """A release with its folder in the archive. The files are read as they were sealed."""

    given: Given
    folder: Path

    @cached_property
    def manifest(self) -> Manifest:
        """Its manifest."""
        return reading.manifest(self.given)

    @cached_property
    def method(self) -> Method:
        """The method by which it was compiled."""
        return parse_method((self.folder / METHOD).read_text(encoding="utf-8"), self.given.code).method

    @property
    def heading(self) -> Heading:
        """What its files say of themselves."""
        m, rules = self.manifest, self.method.release
        return Heading(
            m.market["name_zh"], m.market["name_en"], m.market["currency"], m.release, m.family, m.period, m.at,
            self.given.method, m.stat_hash, rules.decimals, rules.change_decimals, m.simulated, *self.licence,
        )  # fmt: skip

    def sealed(self, ext: str) -> bytes:
        """A file of the family."""
        return (self.folder / SEALED[ext]).read_bytes()

    def rows(self, code: str | None = None) -> list[Row]:
        """The observations of a series, or of all, as its history holds them."""
        found = _rows(str(self.folder), self.given.manifest)
        if code is None:
            return [row for rows in found.values() for row in rows]
        return list(found.get(code, ()))

    @cached_property
    def licence(self) -> tuple[str, str]:
        """The licence, in both languages, as the release names it; of one that names none, as it was stated when it
        became public; "" where nobody had.
        """
        zh, en = (self.manifest.market.get(name, "") for name in LICENCE)
        if en:
            return zh, en
        told = _stated()
        then = [(zh, en) for at, zh, en in told if at <= self.given.since]
        return then[-1] if then else told[0][1:] if told else ("", "")


@while_same(Statement, most=4)
def _stated() -> list[tuple[datetime, str, str]]:
    """The licences that were ever stated, each with its instant, the first one first."""
    return list(Statement.objects.filter(name="licence").order_by("pk").values_list("at", "zh", "en"))


@lru_cache(maxsize=3)
def _rows(folder: str, manifest: str) -> dict[str, tuple[Row, ...]]:
    out: dict[str, list[Row]] = {}
    for row in read_observations(Path(folder) / HISTORY):
        out.setdefault(row["code"], []).append(row)
    return {code: tuple(rows) for code, rows in out.items()}


def vintage_of(seen: Moment) -> Vintage | None:
    """The vintage that a reader sees: that of the release that became public last; None before the first one."""
    given = seen.release
    if given is None:
        return None
    place = reading.folder(reading.release(given.code))
    if not place.is_dir():
        raise DataError(f"release {given.code}: its folder is not in the archive; restore it from a backup")
    return Vintage(given, place)
