"""What the compile view shows of a compilation: its tree, its band, what changed, and its quotes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office.editorial.sheets import drill_of
from ellwand.office.record.models import Compilation, Observation

INFLUENTIAL = 12
BANDS = (0.05, 0.3)
"""Per cent of change from which on a colour of the band is stronger."""


@dataclass(frozen=True)
class Row:
    """A class of the tree. depth : of its indent. before : as the last issue had it; earlier : the last compilation
    of this round. bar : share of the largest contribution, -1 to 1.
    """

    now: Observation
    before: Observation | None
    earlier: Observation | None
    depth: int
    bar: float

    @property
    def bar_x(self) -> float:
        """Where the bar begins, on a scale from -100 to 100."""
        return round(min(100 * self.bar, 0.0), 1)

    @property
    def bar_width(self) -> float:
        """Width of the bar on this scale; a small one is still seen."""
        return round(max(abs(100 * self.bar), 1.0), 1)

    @property
    def tone(self) -> str:
        """The colour of the class in the band."""
        return tone(self.now)

    @property
    def revised(self) -> bool:
        """Whether this compilation gives another published figure than the one before it."""
        e = self.earlier
        return e is not None and (e.published, e.published_change_previous, e.grade) != (
            self.now.published, self.now.published_change_previous, self.now.grade,
        )  # fmt: skip


def previous_issue(made: Compilation) -> Compilation | None:
    """The last compilation of the issue before this one; None where the record has none."""
    found = Compilation.objects.filter(round__family=made.round.family).select_related("round")
    limit = natural_key(made.round.period)
    before = [c for c in found if natural_key(c.round.period) < limit]
    before.sort(key=lambda c: (natural_key(c.round.period), c.number))
    issued = set(
        Observation.objects.filter(compilation__in=before[-16:], level=0, index__isnull=False).values_list(
            "compilation", flat=True
        )
    )
    return next((c for c in reversed(before) if c.pk in issued), None)


def earlier_compilation(made: Compilation) -> Compilation | None:
    """The compilation of the same round before this one."""
    found = made.round.compilations.filter(number__lt=made.number).order_by("-number").first()
    return found if found is None or isinstance(found, Compilation) else None


def tree(made: Compilation) -> list[Row]:
    """The classes in the order of the tree."""
    now = list(made.observations.order_by("pk"))
    before, earlier = _by_series(previous_issue(made)), _by_series(earlier_compilation(made))
    most = max((abs(o.contribution) for o in now if o.level and o.contribution is not None), default=0.0)
    now.sort(key=lambda o: (o.level != 0, [natural_key(part) for part in o.series.split("/")]))
    return [
        Row(
            now=o,
            before=before.get(o.series),
            earlier=earlier.get(o.series),
            depth=min(o.level, 6),
            bar=0.0 if not most or o.contribution is None or not o.level else o.contribution / most,
        )
        for o in now
    ]


def _by_series(made: Compilation | None) -> dict[str, Observation]:
    return {} if made is None else {o.series: o for o in made.observations.all()}


@dataclass(frozen=True)
class Strip:
    """A part of the woven band: x, width of 1000; row 0 the classes, 1 what is below them. tone : of its colour."""

    x: float
    width: float
    row: int
    tone: str
    now: Observation


def band(rows: Sequence[Row]) -> list[Strip]:
    """The woven band: each class as wide as its weight, coloured by its change; the leaves below their class."""
    top = [r.now for r in rows if r.now.level == 1 and r.now.weight]
    leaves = _leaves([r.now for r in rows])
    whole = sum(o.weight or 0.0 for o in top)
    out: list[Strip] = []
    x = 0.0
    for one in top:
        width = 1000 * (one.weight or 0.0) / whole
        out.append(Strip(round(x, 2), round(width, 2), 0, tone(one), one))
        below = [o for o in leaves if o.series.startswith(one.series + "/")]
        at = x
        for o in below:
            # The weight of a hidden class isn't known here: its place stays empty at the end of its class.
            if not o.weight:
                continue
            part = 1000 * o.weight / whole
            out.append(Strip(round(at, 2), round(part, 2), 1, tone(o), o))
            at += part
        x += width
    return out


def _leaves(found: Sequence[Observation]) -> list[Observation]:
    parents = {o.parent for o in found}
    return [o for o in found if o.level > 1 and o.code not in parents]


def tone(o: Observation) -> str:
    """The colour of a change: rise or fall in three strengths, same, or none where there is no figure."""
    change = o.change_previous
    if change is None:
        return "none"
    if not float(o.published_change_previous or 0):
        return "same"
    size = sum(abs(change) >= limit for limit in BANDS)
    return f"{'rise' if change > 0 else 'fall'}-{size}"


@dataclass(frozen=True)
class Line:
    """A price series of the period: names, prices, change in per cent, status, and its part of the total's change."""

    ea: str
    item: str
    item_zh: str
    item_en: str
    measure: str
    unit: str
    unit_zh: str
    unit_en: str
    quoted: float | None
    price: float | None
    before: float | None
    change: float | None
    status: str
    rule: str
    donor: str
    contribution: float | None


def lines(made: Compilation) -> list[Line]:
    """All price series of a compilation. DataError for a compilation that kept none."""
    table = drill_of(made)
    if table is None:
        raise DataError(f"round {made.round.code}: compilation {made.number} kept no price series; compile it again")
    return [_line(row) for row in table.to_pylist()]


def _line(row: dict[str, Any]) -> Line:
    relative = row["relative"]
    return Line(
        ea=row["ea"], item=row["item"], item_zh=row["item_zh"], item_en=row["item_en"],
        measure=row["unit_of_measure"], unit=row["unit"], unit_zh=row["unit_zh"], unit_en=row["unit_en"],
        quoted=row["quoted"], price=row["price"], before=row["compared_with"],
        change=None if relative is None else 100 * (relative - 1), status=row["status"] or "",
        rule=row["rule"] or "", donor=row["donor"] or "", contribution=row["contribution"],
    )  # fmt: skip


def influential(found: Sequence[Line], most: int = INFLUENTIAL) -> list[Line]:
    """The quotes that moved the total most, the strongest first."""
    moved = [one for one in found if one.contribution]
    return sorted(moved, key=lambda one: (-abs(one.contribution or 0.0), one.item, one.unit))[:most]


def below(found: Sequence[Line], rows: Sequence[Row], series: str) -> list[Line]:
    """The price series of a class and all classes below it, the most influential first."""
    codes = {r.now.code for r in rows if (r.now.series + "/").startswith(series + "/")}
    if any(r.now.series == series and r.now.level == 0 for r in rows):
        codes = {r.now.code for r in rows}
    mine = [one for one in found if one.ea in codes]
    return sorted(mine, key=lambda one: (-abs(one.contribution or 0.0), one.item, one.unit))
