"""What is there: the values of every dimension, the span of time, and how many series and observations.

Source: SDMX-REST 2, availability; SDMX-JSON 2.0, data constraint with the role Actual.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ellwand.engine.periods import natural_key
from ellwand.web.moments import Moment
from ellwand.web.sdmx import ids, rows
from ellwand.web.sdmx.asking import Parameters
from ellwand.web.sdmx.components import CODES, INDICATORS, KEY, TIME_PERIOD
from ellwand.web.sdmx.faults import nothing, syntax

Json = dict[str, Any]


def constraint(
    seen: Moment, keys: Sequence[tuple[str, ...]], asked: Parameters, component: str, agency: str, named: Any
) -> Json:
    """The constraint of a family. component : ids of the dimensions to tell of, * for all. SdmxError for no data."""
    wanted = [*KEY, TIME_PERIOD] if component == "*" else component.split(",")
    if unknown := [c for c in wanted if c not in (*KEY, TIME_PERIOD)]:
        raise syntax("componentID", unknown[0], f"is one of {', '.join((*KEY, TIME_PERIOD))}")
    found = rows.answer(seen, keys, replace(asked, history=False)).rows
    if not found:
        raise nothing()
    # With mode=available a dimension tells of all values that go with the choices in the others.
    regions = []
    for id_ in wanted:
        if id_ == TIME_PERIOD:
            periods = sorted({r.period for r in found}, key=natural_key)
            span = {
                "startPeriod": {"period": periods[0], "isInclusive": True},
                "endPeriod": {"period": periods[-1], "isInclusive": True},
            }
            regions.append({"id": id_, "include": True, "timeRange": span})
            continue
        there = _values(id_, found) if asked.mode == "exact" else _values(id_, _freed(seen, keys, asked, id_))
        regions.append({"id": id_, "include": True, "values": [{"value": v} for v in there]})
    id_ = ids.dataflow_of(seen.standing.family)
    counts = {"series_count": len({r.key for r in found}), "obs_count": len(found)}
    return {
        "id": f"AVAILABLE_{id_}", "agencyID": agency, "version": ids.VERSION,
        **named("可用数据", "Available data"), "role": "Actual",
        "annotations": [{"id": k, "title": str(v), "type": "sdmx_metrics"} for k, v in counts.items()],
        "constraintAttachment": {"dataflows": [ids.urn("dataflow", agency, id_)]},
        "cubeRegions": [{"include": True, "keyValues": regions}],
    }  # fmt: skip


def _freed(seen: Moment, keys: Sequence[tuple[str, ...]], asked: Parameters, id_: str) -> tuple[rows.Row, ...]:
    at = KEY.index(id_)
    freed = [(*k[:at], "*", *k[at + 1 :]) for k in keys]
    others = {k: v for k, v in asked.filters.items() if k != id_}
    return rows.answer(seen, freed, replace(asked, history=False, filters=others)).rows


def _values(id_: str, found: Sequence[rows.Row]) -> list[str]:
    there = {r.values[id_] for r in found}
    if id_ == "CLASS":
        return sorted(there, key=lambda c: natural_key(ids.class_of(c)))
    order = list(INDICATORS) if id_ == "INDICATOR" else list(CODES["CL_FREQ"][2])
    return sorted(there, key=order.index)
