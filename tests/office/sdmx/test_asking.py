"""Structures and availability as pysdmx reads them; wrong questions get the standard's errors with the field's name."""

import io
import json
from typing import Any

import pytest

STRUCTURE_JSON = "application/vnd.sdmx.structure+json;version=2.0.0"
STRUCTURE_XML = "application/vnd.sdmx.structure+xml;version=3.0.0"


def read(text: bytes) -> Any:
    from pysdmx.io import read_sdmx

    return read_sdmx(io.BytesIO(text), validate=True)


@pytest.mark.parametrize("kind", [STRUCTURE_JSON, STRUCTURE_XML])
def test_structures_are_valid_and_complete(demo: Any, get: Any, kind: str) -> None:
    from ellwand.office.record import reading

    found = read(get("structure/dataflow/ELLWAND/PRICE/1.0?references=all", kind).content)
    (flow,) = found.get_dataflows()
    assert flow.id == "PRICE"
    (dsd,) = found.get_data_structure_definitions()
    assert [d.id for d in dsd.components.dimensions] == ["FREQ", "CLASS", "INDICATOR", "TIME_PERIOD"]
    assert [m.id for m in dsd.components.measures] == ["OBS_VALUE"]
    assert {"OBS_STATUS", "GRADE", "METHOD", "VINTAGE", "CORRECTION", "UNIT_MEASURE", "LICENCE"} <= {
        a.id for a in dsd.components.attributes
    }
    lists = {c.id: c for c in found.get_codelists()}
    classes = {c.id for c in lists["CL_CLASS"].codes}
    assert classes == {f.observation.code.replace(".", "_") for f in reading.figures()}
    (concepts,) = found.get_concept_schemes()
    assert {c.id for c in dsd.components} == {c.id for c in concepts.concepts}


def test_each_kind_of_structure_and_its_items(demo: Any, get: Any) -> None:
    for kind in ("agencyscheme", "codelist", "conceptscheme", "datastructure", "dataflow", "*"):
        assert read(get(f"structure/{kind}").content).structures
    found = json.loads(get("structure/codelist/ELLWAND/CL_CLASS/1.0/1_1").content)["data"]["codelists"]
    assert [c["id"] for c in found[0]["codes"]] == ["1_1"] and found[0]["isPartial"]
    assert found[0]["codes"][0]["parent"] == "1" and found[0]["codes"][0]["names"]["zh"] == "棉麻"
    stubs = json.loads(get("structure/datastructure?detail=allstubs&references=codelist").content)["data"]
    assert all(s["isExternalReference"] and "codes" not in s for s in stubs["codelists"])
    children = json.loads(get("structure/dataflow?references=children").content)["data"]
    assert set(children) == {"dataflows", "dataStructures", "agencySchemes"}
    parents = json.loads(get("structure/codelist/*/CL_GRADE?references=parents").content)["data"]
    assert set(parents) == {"codelists", "dataStructures"}


def test_the_structure_queries_that_pysdmx_writes(demo: Any, get: Any) -> None:
    from pysdmx.api.qb import ApiVersion, StructureQuery
    from pysdmx.api.qb.structure import StructureDetail, StructureReference, StructureType

    query = StructureQuery(
        StructureType.DATAFLOW, "ELLWAND", "PRICE", "1.0", detail=StructureDetail.FULL,
        references=StructureReference.DESCENDANTS,
    )  # fmt: skip
    for short in (False, True):
        assert read(get(query.get_url(ApiVersion.V2_0_0, short)).content).get_data_structure_definitions()


def test_availability(demo: Any, get: Any) -> None:
    from pysdmx.api.qb import ApiVersion
    from pysdmx.api.qb.availability import AvailabilityMode, AvailabilityQuery
    from pysdmx.api.qb.data import DataContext
    from pysdmx.model import AvailabilityConstraint

    from ellwand.office.record import reading

    query = AvailabilityQuery(
        DataContext.DATAFLOW, "ELLWAND", "PRICE", "1.0", "W.1_1.INDEX", mode=AvailabilityMode.EXACT
    )
    found = read(get(query.get_url(ApiVersion.V2_0_0)).content)
    (told,) = (s for s in found.structures if isinstance(s, AvailabilityConstraint))
    assert (told.series_count, told.obs_count) == (1, len(reading.public()))
    regions = {k.id: k for k in told.cube_region.key_values}
    assert [v.value for v in regions["CLASS"].values] == ["1_1"]
    free = json.loads(get("availability/dataflow/*/*/*/W.1_1.INDEX/CLASS?mode=available").content)
    values = free["data"]["dataConstraints"][0]["cubeRegions"][0]["keyValues"][0]["values"]
    assert {v["value"] for v in values} == {f.observation.code.replace(".", "_") for f in reading.figures()}
    more = json.loads(get("availability/dataflow/*/*/*/*/CLASS?references=datastructure").content)["data"]
    assert set(more) == {"dataConstraints", "dataflows", "dataStructures"}


@pytest.mark.parametrize(
    ("path", "status", "code", "words"),
    [
        ("data/dataflow/*/*/*/W.0", 400, 140, "key: 'W.0'"),
        ("data/dataflow/*/*/*/W..INDEX", 400, 140, "key: 'W..INDEX'"),
        ("data/dataflow/*/*/x/*", 400, 140, "version: 'x'"),
        ("data/cube/*", 400, 140, "context: 'cube'"),
        ("data/dataflow//PRICE", 400, 140, "path"),
        ("data/a/b/c/d/e/f", 400, 140, "path"),
        ("data/*?startPeriod=2026", 400, 140, "startPeriod: '2026': no such parameter"),
        ("data/*?lastNObservations=0", 400, 140, "lastNObservations: '0'"),
        ("data/*?lastNObservations=-1", 400, 140, "lastNObservations"),
        ("data/*?lastNObservations=99999999", 400, 140, "lastNObservations"),
        ("data/*?lastNObservations=1&lastNObservations=2", 400, 140, "stands twice"),
        ("data/*?includeHistory=yes", 400, 140, "includeHistory: 'yes'"),
        ("data/*?asOf=yesterday", 400, 140, "asOf 'yesterday'"),
        ("data/*?asOf=2999-01-01T00:00:00Z", 400, 140, "lies in the future"),
        ("data/*?c[COLOUR]=red", 400, 140, "c[COLOUR]"),
        ("data/*?c[TIME_PERIOD]=ge:soon", 400, 140, "c[TIME_PERIOD]: 'soon'"),
        ("data/*?c[TIME_PERIOD]=2026-W99", 400, 140, "c[TIME_PERIOD]: '2026-W99'"),
        ("data/*?c[TIME_PERIOD]=", 400, 140, "has no value"),
        ("data/*?c[GRADE]=ge:A", 501, 501, "c[GRADE]"),
        ("data/*?sort=TIME_PERIOD", 501, 501, "sort"),
        ("data/*?attributes=COLOUR", 400, 140, "attributes: 'COLOUR'"),
        ("data/*?measures=PRICE", 400, 140, "measures: 'PRICE'"),
        ("data/*?dimensionAtObservation=CLASS", 501, 501, "dimensionAtObservation"),
        ("data/*?dimensionAtObservation=X", 400, 140, "dimensionAtObservation: 'X'"),
        ("data/dataflow/*/*/*/W.9999.INDEX", 404, 100, "nothing public"),
        ("data/dataflow/*/*/*/W.<script>.INDEX", 404, 100, "nothing public"),
        ("data/dataflow/OTHER/PRICE", 404, 100, "nothing public"),
        ("data/dataflow/*/PRICE/2.0", 404, 100, "nothing public"),
        ("data/provisionagreement/*", 404, 100, "nothing public"),
        ("structure/valuelist", 404, 100, "nothing public"),
        ("structure/Codelist", 400, 140, "artefactType"),
        ("structure/codelist/*/CL_CLASS/*/9999", 404, 100, "nothing public"),
        ("structure/dataflow/*/*/*/X", 400, 140, "itemID"),
        ("structure/*?references=cousins", 400, 140, "references: 'cousins'"),
        ("structure/*?detail=referencepartial", 501, 501, "detail"),
        ("structure/*?c[CLASS]=1", 400, 140, "c[CLASS]"),
        ("availability/*?mode=all", 400, 140, "mode: 'all'"),
        ("availability/dataflow/*/*/*/*/OBS_VALUE", 400, 140, "componentID: 'OBS_VALUE'"),
    ],
)  # fmt: skip
def test_wrong_questions(demo: Any, get: Any, path: str, status: int, code: int, words: str) -> None:
    answer = get(path, status=status)
    body = json.loads(answer.content)
    (error,) = body["errors"]
    assert error["code"] == code and words in error["detail"], error
    assert answer["Cache-Control"] == "no-store" and "Accept" in answer["Vary"]


def test_more_than_an_answer_holds_is_sent_to_the_files(demo: Any, get: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.web import query

    monkeypatch.setattr(query, "MOST_POINTS", 3)
    assert get("data/dataflow/*/*/*/W.0.*").status_code == 200
    body = json.loads(get("data/dataflow/*/*/*/W.1.*,W.0.*", status=413).content)
    assert body["errors"][0]["code"] == 510 and "/data/price.csv" in body["errors"][0]["detail"]


def test_formats_are_chosen_by_accept(demo: Any, get: Any) -> None:
    path = "data/dataflow/*/*/*/W.0.INDEX"
    for accept, given in (
        ("*/*", "data+json"),
        ("", "data+json"),
        ("text/csv", "data+csv"),
        ("application/*", "data+json"),
        ("application/xml;q=0.9, text/csv;q=0.5", "data+xml"),
        ("text/html, application/vnd.sdmx.data+csv;version=2.0", "data+csv"),
        ("application/vnd.sdmx.data+json;version=1.0.0, text/csv;q=0.1", "data+csv"),
    ):
        answer = get(path, accept)
        assert given in answer["Content-Type"], accept
        assert "Accept" in [v.strip() for v in answer["Vary"].split(",")]
    for accept in ("text/html", "application/vnd.sdmx.data+csv;version=9.0.0", "text/csv;q=0", "a;b;c", ",;=,"):
        answer = get(path, accept, 406)
        assert "application/vnd.sdmx.data+csv" in json.loads(answer.content)["errors"][0]["detail"]


def test_without_the_packages_of_the_extra_there_is_no_xml(
    demo: Any, get: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ellwand.web.sdmx import xml_

    monkeypatch.setattr(xml_, "is_there", lambda: False)
    for path in ("data/dataflow/*/*/*/W.0.INDEX", "structure/dataflow"):
        answer = get(path, "application/xml", 406)
        assert b"+json" in answer.content and b"+xml;" not in answer.content.split(b"there are")[1]
        assert get(path, "application/xml, application/json;q=0.5")["Content-Type"].find("+json") > 0


def test_errors_as_xml_for_who_takes_nothing_else(demo: Any, get: Any) -> None:
    from lxml import etree

    answer = get("data/*?x=<1>", "application/vnd.sdmx.data+xml", 400)
    root = etree.fromstring(answer.content)
    assert root.tag.endswith("Error") and root[0].get("code") == "140"


def test_it_is_only_read(demo: Any) -> None:
    from django.test import Client

    answer = Client(SERVER_NAME="localhost", enforce_csrf_checks=False).post("/sdmx/v2/data/*")
    assert answer.status_code == 405 and answer["Allow"] == "GET, HEAD"


def test_codes_of_classes_go_there_and_back() -> None:
    from ellwand.web.sdmx import ids

    for code in ("0", "1.1", "3.01.a", "A_B", "棉", "a b", "$", "x-y", "1_1", "1.1_"):
        assert ids.re.fullmatch(r"[A-Za-z0-9_@$-]+", ids.code_of(code)) and ids.class_of(ids.code_of(code)) == code
    assert len({ids.code_of(c) for c in ("1.1", "1_1", "1$1")}) == 3
