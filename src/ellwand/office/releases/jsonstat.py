"""The history of a release as a JSON-stat 2.0 dataset: series x period x measure."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ellwand.engine.errors import DataError
from ellwand.office.releases.figures import Key, Row, form, key, moment
from ellwand.office.releases.heading import SIMULATED, Heading

MEASURES = {
    "published": ("指数", "Index"),
    "published_change_previous": ("环比 %", "Change on the previous issue, %"),
    "published_change_year_start": ("比年初 %", "Change since the start of the year, %"),
    "published_change_last_year": ("同比 %", "Change on last year, %"),
    "low": ("区间下限", "Lower limit of the interval"),
    "high": ("区间上限", "Upper limit of the interval"),
    "contribution": ("拉动（百分点）", "Contribution, percentage points"),
    "imputed_share": ("推算权重占比", "Imputed share of weight"),
    "units": ("样本单位数", "Sample units"),
    "quotes": ("报价数", "Quotes"),
}
COUNTS = ("units", "quotes")
NOTHING = ",".join(["null"] * len(MEASURES))


def write_jsonstat(path: Path, rows: Sequence[Row], heading: Heading) -> None:
    """Write the dataset: values in row-major order of series, period, measure, null where there is no figure.

    The grade of an observation is the status of its index.
    """
    series = list(dict.fromkeys(row["series"] for row in rows))
    periods = sorted({row["period"] for row in rows}, key=moment)
    found = {key(row): row for row in rows}
    keys = [(one, period) for one in series for period in periods]
    values = [form(found[k], _measures) if k in found else NOTHING for k in keys]
    status = {str(n * len(MEASURES)): found[k]["grade"] for n, k in enumerate(keys) if k in found and found[k]["grade"]}
    # The values are put in as text: that of an observation is made once for all releases that hold it.
    head = _dumped(_described(rows, series, periods, heading))
    path.write_text(f'{head[:-1]},"value":[{",".join(values)}],"status":{_dumped(status)}}}', encoding="utf-8")


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _measures(row: Row) -> str:
    return ",".join(_number(name, row[name]) for name in MEASURES)


def _number(name: str, text: str) -> str:
    """A figure as JSON writes it: its shortest text."""
    if text == "":
        return "null"
    return str(int(text)) if name in COUNTS else repr(float(text))


def _described(rows: Sequence[Row], series: list[str], periods: list[str], heading: Heading) -> dict[str, Any]:
    """The dataset without its values."""
    last = {row["series"]: row for row in rows}
    return {
        "version": "2.0",
        "class": "dataset",
        "label": heading.title,
        "source": heading.market_en,
        "updated": heading.at,
        "note": [f"{name}: {text}" for name, text in heading.notes],
        "id": ["series", "period", "measure"],
        "size": [len(series), len(periods), len(MEASURES)],
        "role": {"time": ["period"], "metric": ["measure"]},
        "dimension": {
            "series": _dimension("Series", series, {s: last[s]["name_en"] for s in series}),
            "period": _dimension("Period", periods, {p: p for p in periods}),
            "measure": _dimension("Measure", list(MEASURES), {m: en for m, (_, en) in MEASURES.items()})
            | {"extension": {"decimals": {"published": heading.decimals, "changes": heading.change_decimals}}},
        },
        "extension": {
            "release": heading.release,
            "period": heading.period,
            "method": heading.method,
            "stat_hash": heading.stat_hash,
            "simulated": heading.simulated,
            "mark": list(SIMULATED) if heading.simulated else [],
            "label_zh": {
                "series": {s: last[s]["name_zh"] for s in series},
                "measure": {m: zh for m, (zh, _) in MEASURES.items()},
            },
            "parent": {s: last[s]["parent"] for s in series},
        },
    }


def _dimension(label: str, ids: list[str], labels: dict[str, str]) -> dict[str, Any]:
    return {"label": label, "category": {"index": ids, "label": labels}}


def read_jsonstat(path: Path) -> dict[Key, float | None]:
    """The published level of every series and period, for comparison. DataError for another shape."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        at = {d: content["dimension"][d]["category"]["index"] for d in content["id"]}
        values, size = content["value"], content["size"]
        if content["id"] != ["series", "period", "measure"] or len(values) != size[0] * size[1] * size[2]:
            raise DataError(f"{path.name}: not a cube of series, period and measure")
        measure = at["measure"].index("published")
        return {
            (s, p): values[(i * size[1] + j) * size[2] + measure]
            for i, s in enumerate(at["series"])
            for j, p in enumerate(at["period"])
        }
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise DataError(f"{path.name}: no JSON-stat dataset of a release: {error!r}") from error
