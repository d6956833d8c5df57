"""SDMX-CSV 2.0: one line an observation.

Source: SDMX-CSV 2.0 field guide: STRUCTURE, STRUCTURE_ID, ACTION, then components; labels and keys on request.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from ellwand.production.report.periods import read
from ellwand.web.sdmx import ids
from ellwand.web.sdmx.components import BY_ID, COMPONENTS, KEY, TIME_PERIOD
from ellwand.web.sdmx.names import names_of
from ellwand.web.sdmx.rows import Answer, Row

LABELS, KEYS, TIMES = ("id", "name", "both"), ("none", "obs", "series", "both"), ("original", "normalized")


def write(
    answers: Sequence[Answer], language: str, *, labels: str = "id", keys: str = "none", time: str = "original"
) -> str:
    """The observations of answers. labels, keys, time : parameters of the media type."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    shown = answers[0].asked.components
    columns = [c for c in COMPONENTS if c.place in ("dimension", "time") or c.id in shown]
    lines.writerow(_head([c.id for c in columns], language, labels, keys))
    agency = ids.agency()
    for one in answers:
        names = names_of(one.seen, language)
        structure = f"{agency}:{ids.dataflow_of(one.family)}({ids.VERSION})"
        for row in one.rows:
            cells = ["dataflow", *_labelled(structure, names.family, labels), "I", *_keys(row, keys)]
            for c in columns:
                value = row.values[c.id]
                if c.id == TIME_PERIOD and time == "normalized":
                    value = f"{read(value).first.isoformat()}T00:00:00"
                said = names.value(c.id, value) if labels != "id" and value else ""
                cells += _labelled(value, said, labels) if c.codes or labels == "name" else [value]
            lines.writerow(cells)
    return out.getvalue()


def _head(columns: Iterable[str], language: str, labels: str, keys: str) -> list[str]:
    out = ["STRUCTURE", "STRUCTURE_ID"]
    if labels == "name":
        out.append("STRUCTURE_NAME")
    out.append("ACTION")
    out += {"none": [], "obs": ["OBS_KEY"], "series": ["SERIES_KEY"], "both": ["SERIES_KEY", "OBS_KEY"]}[keys]
    for id_ in columns:
        c = BY_ID[id_]
        said = c.zh if language == "zh" else c.en
        out += [f"{id_}: {said}"] if labels == "both" else [id_, said] if labels == "name" else [id_]
    return out


def _labelled(value: str, said: str, labels: str) -> list[str]:
    if labels == "name":
        return [value, said]
    return [f"{value}: {said}" if labels == "both" and said else value]


def _keys(row: Row, keys: str) -> list[str]:
    series = ".".join(row.values[d] for d in KEY)
    whole = f"{series}.{row.period}"
    return {"none": [], "obs": [whole], "series": [series], "both": [series, whole]}[keys]
