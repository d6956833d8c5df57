"""The plan of a comment: sections and sentences with the facts that they state, the same for every language."""

from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from ellwand.engine.periods import natural_key
from ellwand.production.comment.facts import BASES, PREVIOUS, Fact, FactTable
from ellwand.production.report.facts import Series, drivers
from ellwand.production.report.texts import SMALL

MOST_CLASSES = 3
"""Classes below a level-1 class that are named, each way."""
MOST_ITEMS = 2
"""Items of a level-1 class that are named, each way."""
ITEM_UNITS = 3
"""Units that must have given a price before an item is named."""
CARRIED = Decimal(5)
"""Per cent of the weight carried through closures from which on the total section says so."""


@dataclass(frozen=True)
class Sentence:
    """One statement: its kind, the series that it speaks of, its facts in the order in which they are said.

    The kinds and what `facts` and `more` hold for each are listed in docs/comment.md.
    """

    kind: str
    series: str
    facts: tuple[Fact, ...] = ()
    more: tuple[Fact, ...] = ()
    note: str = ""
    soft: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Section:
    """A heading and its sentences. kind : total, class or outlook (an empty slot for the writer)."""

    kind: str
    series: str
    heading: Sentence
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Plan:
    """The whole comment."""

    table: FactTable
    title: Sentence
    sections: tuple[Section, ...]

    @property
    def facts(self) -> list[Fact]:
        """Every fact that the comment states, in order."""
        said = [self.title, *(s for section in self.sections for s in (section.heading, *section.sentences))]
        return [fact for one in said for fact in (*one.facts, *one.more)]


def make_plan(table: FactTable) -> Plan:
    """The comment of the table's issue."""
    sections = [_total(table), *(_class(table, one) for one in table.classes)]
    sections.append(Section("outlook", "", Sentence("outlook", ""), ()))
    return Plan(table, _title(table), tuple(sections))


def _change(table: FactTable, series: Series | str) -> Fact:
    return table.of(series, f"change_{PREVIOUS}")


def driving(table: FactTable) -> tuple[list[Fact], list[Fact]]:
    """Contributions of the classes that moved the total its way, and of the largest one against it."""
    way = _change(table, table.total).way
    found = drivers(table.classes, table.at, way)
    along = [table.of(one, "contribution") for one in found.pulled]
    return along, [table.of(one, "contribution") for one in found.restrained]


def everyone(table: FactTable) -> bool:
    """Whether the total and all of its classes, two at least, moved clearly one way."""
    ways = {_change(table, one).way for one in (table.total, *table.classes)}
    return len(table.classes) > 1 and len(ways) == 1 and 0 not in ways


def _title(table: FactTable) -> Sentence:
    change = _change(table, table.total)
    name = table.total.series
    if change.value is None:
        return Sentence("title", name, (table.of(name, "index"),), note="first")
    if everyone(table):
        return Sentence("title", name, (change,), tuple(_change(table, one) for one in table.classes), "all")
    along, against = driving(table)
    top = [*along, *against][:1]
    return Sentence("title", name, (change,), tuple(top), "top" if top else "none")


def _level(table: FactTable, series: Series) -> Sentence:
    facts = [table.of(series, "index"), *(table.of(series, f"change_{basis}") for basis in BASES)]
    soft = table.soft(series)
    return Sentence(
        "level",
        series.series,
        tuple(fact for fact in facts if fact.value is not None),
        note="total" if series is table.total else "",
        soft={series.series: soft} if soft else {},
    )


def _total(table: FactTable) -> Section:
    total, name = table.total, table.total.series
    said = [_level(table, total)]
    change = _change(table, total)
    if table.gap > 1:
        said.append(Sentence("gap", name))
    if change.value is not None and change.low is not None and change.high is not None:
        low, high = table.of(name, "change_low"), table.of(name, "change_high")
        said.append(Sentence("interval", name, (low, high)))
    along, against = driving(table)
    if change.value is not None and (along or against):
        named = [*along, *against]
        soft = {one.series: table.soft(one.series) for one in named if table.soft(one.series)}
        said.append(Sentence("drivers", name, tuple(along), tuple(against), soft=soft))
    for measure, least in (("imputed_share", None), ("carried_share", CARRIED)):
        share = table.of(name, measure)
        if share.value and (share.value >= least if least is not None else share.grade in ("B", "C")):
            said.append(Sentence(measure, name, (share,)))
    if total.matched[table.at] > 0:
        said.append(Sentence("sample", name, (table.of(name, "matched"), table.of(name, "units"))))
    return Section("total", name, Sentence("heading", name), tuple(said))


def _class(table: FactTable, series: Series) -> Section:
    index, change = table.of(series, "index"), _change(table, series)
    if index.value is None:
        said = [_no_figure(table, [series])]
        return Section("class", series.series, Sentence("heading", series.series), tuple(said))
    said = [_level(table, series), *_below(table, series), *_moved(table, series)]
    heading = Sentence("heading", series.series, (change,) if change.value is not None else ())
    return Section("class", series.series, heading, tuple(said))


def _no_figure(table: FactTable, series: list[Series]) -> Sentence:
    why = "suppressed" if series[0].status[table.at] == "suppressed" else "no_price"
    return Sentence("no_figure", series[0].series, tuple(table.of(one, "index") for one in series), note=why)


def _strongest(facts: list[Fact], most: int) -> tuple[Fact, ...]:
    """The largest rises, then the largest falls."""
    ordered = sorted(facts, key=lambda fact: (-abs(fact.value or Decimal(0)), natural_key(fact.series)))
    return tuple([f for f in ordered if f.way > 0][:most] + [f for f in ordered if f.way < 0][:most])


def _below(table: FactTable, series: Series) -> list[Sentence]:
    children = table.children(series)
    shown = [one for one in children if np.isfinite(one.index[table.at])]
    changes = [fact for fact in (_change(table, one) for one in shown) if fact.value is not None]
    said: list[Sentence] = []
    moved = _strongest(changes, MOST_CLASSES)
    if moved:
        soft = {fact.series: table.soft(fact.series) for fact in moved if table.soft(fact.series)}
        said.append(Sentence("classes", series.series, moved, soft=soft))
    elif len(changes) > 1:
        said.append(Sentence("still", series.series, tuple(changes)))
    hidden = [one for one in children if one.status[table.at] == "suppressed"]
    if hidden:
        said.append(_no_figure(table, hidden))
    return said


def _moved(table: FactTable, series: Series) -> list[Sentence]:
    facts = [_change(table, f"item/{one.code}") for one in table.items_of(series) if one.units >= ITEM_UNITS]
    facts = [fact for fact in facts if abs(float(fact.value or 0)) > SMALL]
    moved = _strongest(facts, MOST_ITEMS)
    return [Sentence("items", series.series, moved)] if moved else []
