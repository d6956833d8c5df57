"""What the imputation fills in a round: which prices, from which donors, and the grades that follow."""

from dataclasses import dataclass

import numpy as np

from ellwand.office.rounds.producing import Produced
from ellwand.production.book import NONE
from ellwand.production.line import CARRIED, IMPUTED, NOT_COLLECTED


@dataclass(frozen=True)
class Price:
    """A filled price. donors : number of donors, of the set `letter` (as I-e); "C" for one that is carried."""

    item: int
    unit: int
    ea: str
    before: float | None
    price: float | None
    letter: str
    donors: int
    run: int


@dataclass(frozen=True)
class Group:
    """A class: its grade as it would be, share of weight imputed and carried, series by state; why it is suppressed."""

    code: str
    depth: int
    grade: str
    imputed: float | None
    carried: float | None
    counts: dict[str, int]
    why: str


@dataclass(frozen=True)
class Filled:
    """The imputation of a round. letters : filled prices by donor set. bare : series due that no price could be found
    for. below : classes below their rule.
    """

    prices: list[Price]
    letters: dict[str, int]
    bare: int
    series: int
    classes: list[Group]

    @property
    def below(self) -> list[Group]:
        """Classes that would be suppressed."""
        return [g for g in self.classes if g.grade == "S"]


def of(made: Produced) -> Filled:
    """What a production filled in its period."""
    c, t = made.results.compiled, made.t
    book, line = c.book, c.line
    letters = line.letters()
    prices: list[Price] = []
    for s in np.flatnonzero(np.isin(line.state[:, t], (IMPUTED, CARRIED))).tolist():
        level = int(line.level[s, t])
        letter = letters[level] if line.state[s, t] == IMPUTED and level != NONE else "C"
        prices.append(
            Price(
                int(book.item[s]), int(book.unit[s]), book.classification.leaves[int(book.aggregate[s])],
                _figure(line.before[s, t]), _figure(line.price[s, t]), letter, int(line.donors[s, t]),
                int(line.run[s, t]),
            )
        )  # fmt: skip
    counted: dict[str, int] = {}
    for p in prices:
        counted[p.letter] = counted.get(p.letter, 0) + 1
    rules = made.method.method.quality
    depth = book.classification.tree.depth
    classes = []
    for k, code in enumerate(book.classification.codes):
        counts = {name: int(values[k, t]) for name, values in c.counts.items()}
        share = _figure(c.imputed[k, t])
        grade = str(c.grade[k, t])
        why = ""
        if grade == "S":
            few = counts["units"] < rules.minimum_units and counts["quotes"] > 0
            much = share is not None and share > rules.maximum_imputed
            why = "units" if few else "imputed" if much else "dominance"
        classes.append(Group(code, int(depth[k]), grade, share, _figure(c.carried[k, t]), counts, why))
    due = int((book.due[:, t]).sum())
    return Filled(prices, counted, int((line.state[:, t] == NOT_COLLECTED).sum()), due, classes)


def _figure(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
