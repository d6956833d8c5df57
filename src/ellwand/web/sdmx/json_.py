"""SDMX-JSON 2.0 of data: series with observations by period, or flat with all dimensions at the observation.

With history there is a data set of every release, valid from its instant. Source: SDMX-JSON 2.0, data message.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ellwand.office.releases.canonical import write_instant
from ellwand.production.report.periods import read
from ellwand.web.sdmx import ids, message
from ellwand.web.sdmx.components import (
    ATTRIBUTES,
    BY_ID,
    DATASET,
    KEY,
    OBS_VALUE,
    OBSERVATION,
    SERIES,
    TIME_PERIOD,
    Component,
)
from ellwand.web.sdmx.names import Names, names_of
from ellwand.web.sdmx.rows import Answer, Row, is_simulated
from ellwand.web.sdmx.structures import FAMILIES

Json = dict[str, Any]
PLACES = {DATASET: "dataSet", SERIES: "series", OBSERVATION: "observation"}


@dataclass
class Values:
    """The values that a component takes in a message, each once, and where each stands."""

    component: Component
    names: Names
    at: dict[str, int] = field(default_factory=dict)
    told: list[Json] = field(default_factory=list)

    @property
    def is_plain(self) -> bool:
        """Whether the value itself stands in the observation: a number is no shorter by its place in a list."""
        return self.component.kind in ("Double", "Integer")

    def position(self, row: Row) -> Any:
        """Where the value of a row stands, or a plain value itself; None where there is none."""
        value = row.values[self.component.id]
        if not value:
            return None
        if self.is_plain:
            return typed(self.component, value)
        if value not in self.at:
            self.at[value] = len(self.told)
            self.told.append(self._shown(value))
        return self.at[value]

    def _shown(self, value: str) -> Json:
        c = self.component
        if c.id == TIME_PERIOD:
            found = read(value)
            end = found.last + timedelta(days=1)
            return {"id": value, "name": value, "start": f"{found.first}T00:00:00Z", "end": f"{end}T00:00:00Z"}
        if c.codes:
            zh, en = self.names.both(c.id, value)
            return {"id": value, **named(zh or value, en or value, self.names.language)}
        return {"value": typed(c, value)}


def write(answers: Sequence[Answer], question: str, language: str) -> str:
    """The message."""
    agency = ids.agency()
    prepared = message.prepared(a.seen for a in answers)
    told: list[Json] = []
    sets: list[Json] = []
    for number, one in enumerate(answers):
        structure, own = _structure(one, number, agency, language)
        told.append(structure)
        structure["dataSets"] = list(range(len(sets), len(sets) + len(own)))
        sets += own
    body = {
        "meta": message.meta("data", question, prepared, agency, language, is_simulated(answers)),
        "data": {"structures": told, "dataSets": sets},
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _structure(one: Answer, number: int, agency: str, language: str) -> tuple[Json, list[Json]]:
    """The structure of an answer and its data sets: what the sets refer to is gathered while they are written."""
    asked = one.asked
    names = names_of(one.seen, language)
    dimensions = [Values(BY_ID[d], names) for d in KEY]
    time = Values(BY_ID[TIME_PERIOD], names)
    shown = [c for c in ATTRIBUTES if c.id in asked.components]
    places: dict[str, list[Values]] = {
        p: [Values(c, names) for c in shown if _place(c, asked.flat) == p] for p in PLACES
    }
    link = [{"rel": "dataflow", "urn": ids.urn("dataflow", agency, ids.dataflow_of(one.family))}]
    sets = []
    for rows, head in _sets(one):
        body: Json = {"structure": number, "action": "Information", **head, "links": link}
        if places[DATASET]:
            body["attributes"] = [v.position(rows[0]) for v in places[DATASET]]
        series: Json = {}
        flat: Json = {}
        for row in rows:
            key = [str(d.position(row)) for d in dimensions]
            value = [typed(BY_ID[OBS_VALUE], row.values[OBS_VALUE])] if OBS_VALUE in asked.components else []
            observation = _trimmed([*value, *(v.position(row) for v in places[OBSERVATION])], len(value))
            if asked.flat:
                flat[":".join([*key, str(time.position(row))])] = observation
                continue
            at = ":".join(key)
            if at not in series:
                own = [v.position(row) for v in places[SERIES]]
                series[at] = {**({"attributes": own} if own else {}), "observations": {}}
            series[at]["observations"][str(time.position(row))] = observation
        sets.append({**body, **({"observations": flat} if asked.flat else {"series": series})})
    keyed = [_dimension(v, k, language) for k, v in enumerate(dimensions)]
    timed = _dimension(time, len(KEY), language)
    place = {"observation": [*keyed, timed]} if asked.flat else {"series": keyed, "observation": [timed]}
    zh, en = FAMILIES.get(one.family, (one.family, one.family))
    return {
        "links": [*link, {"rel": "datastructure", "urn": ids.urn("datastructure", agency, ids.STRUCTURE)}],
        **named(zh, en, language),
        "dimensions": place,
        "measures": {"observation": [_measure(language)] if OBS_VALUE in asked.components else []},
        "attributes": {
            name: [_attribute(v, language) for v in places[p]] for p, name in PLACES.items() if places[p]
        },
    }, sets  # fmt: skip


def _sets(one: Answer) -> list[tuple[list[Row], Json]]:
    """The rows of every data set, with what its head says of them."""
    if not one.asked.history:
        return [(list(one.rows), {})]
    return [
        ([r for r in one.rows if r.given.key == given.key], {"validFrom": write_instant(given.since)})
        for given in one.releases
    ]


def _place(c: Component, flat: bool) -> str:
    """Where an attribute stands: without series, those of series stand at the observation."""
    return OBSERVATION if flat and c.place == SERIES else c.place


def _dimension(values: Values, position: int, language: str) -> Json:
    c = values.component
    role = {"roles": [c.id]} if c.id in ("FREQ", TIME_PERIOD) else {}
    return {"id": c.id, **named(c.zh, c.en, language), "keyPosition": position, **role, "values": values.told}


def _measure(language: str) -> Json:
    c = BY_ID[OBS_VALUE]
    return {"id": c.id, **named(c.zh, c.en, language), "format": {"dataType": c.kind}}


def _attribute(values: Values, language: str) -> Json:
    c = values.component
    relation = {
        DATASET: {"dataflow": {}}, SERIES: {"dimensions": list(KEY)}, OBSERVATION: {"observation": {}},
    }[c.place]  # fmt: skip
    shape = {} if c.codes else {"format": {"dataType": c.kind}}
    told: Json = {} if values.is_plain else {"values": [*values.told] or [None]}
    return {
        "id": c.id, **named(c.zh, c.en, language), "isMandatory": c.needed, "relationship": relation, **shape, **told,
    }  # fmt: skip


def _trimmed(cells: list[Any], least: int) -> list[Any]:
    """An observation without the nulls at its end."""
    while len(cells) > least and cells[-1] is None:
        cells.pop()
    return cells


def named(zh: str, en: str, language: str) -> Json:
    """A name in the language of the reader, and in both."""
    return {"name": zh if language == "zh" else en, "names": {"en": en, "zh": zh}}


def typed(c: Component, value: str) -> Any:
    """A value as JSON has it: a number is the shortest that its text means."""
    if not value:
        return None
    if c.kind in ("Decimal", "Double"):
        return float(value)
    if c.kind == "Integer":
        return int(value)
    return value == "true" if c.kind == "Boolean" else value
