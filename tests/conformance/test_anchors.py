"""Published results of published data: CPI and PPI manuals, Balk's tables, the CES data of Diewert and Fox."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pcsv
import pytest

import ellwand as ew

TOLERANCE = 5.1e-5
"""The results are published with four decimals."""

SIX = (
    *("harmonic_laspeyres", "geolaspeyres", "laspeyres", "paasche", "geopaasche", "palgrave", "fisher", "tornqvist"),
    *("marshall_edgeworth", "walsh", "sato_vartia", "vartia", "stuvel", "jevons", "carli"),
)
CHAINED = ("laspeyres", "paasche", "fisher", "tornqvist", "lloyd_moulton_sigma_2")
SPLICED = ("geks_tornqvist", "wtpd", "gk")


@pytest.fixture
def anchors(conformance_file) -> dict:
    return json.loads(conformance_file("anchors.json").read_text(encoding="utf-8"))


def levels(table: pa.Table) -> list[float]:
    assert set(table["status"].to_pylist()) == {"ok"}
    return table["index"].to_pylist()


def six_products(data: dict) -> pa.Table:
    rows = [
        {"period": period, "product": i, "price": float(price), "quantity": float(quantity)}
        for period, prices in data["prices"].items()
        for i, (price, quantity) in enumerate(zip(prices, data["quantities"][period], strict=True))
    ]
    return pa.Table.from_pylist(rows)


def test_every_anchor_is_tested(anchors: dict) -> None:
    assert set(anchors["six_products"]["expected"]) == set(SIX)
    assert set(anchors["ces_sigma2"]["chained"]) == set(CHAINED)
    assert set(anchors["ces_sigma2"]["window11_mean_splice"]) == set(SPLICED)
    assert set(anchors) == {"note", "six_products", "turvey_rolling_year", "ces_sigma2"}


@pytest.mark.parametrize("method", SIX)
def test_six_products(anchors: dict, method: str) -> None:
    table = six_products(anchors["six_products"]["data"])
    result = ew.index(table, method, output="fixedbase")
    assert levels(result) == pytest.approx(anchors["six_products"]["expected"][method], abs=TOLERANCE, rel=0)


@pytest.mark.parametrize("method", ["laspeyres", "paasche", "fisher"])
def test_turvey_rolling_year(anchors: dict, conformance_file, method: str) -> None:
    """The year that ends in a month against calendar 1970: products are commodities in their calendar month."""
    rows = pcsv.read_csv(conformance_file("anchor_turvey.csv"), convert_options=_as_text("month")).to_pylist()
    ends = sorted({row["month"] for row in rows if "1970-12" <= row["month"] <= "1972-12"})
    years = []
    for end in ends:
        start = _months(end) - 11
        for row in rows:
            if start <= _months(row["month"]) <= _months(end):
                years.append(row | {"period": end, "product": f"{row['month'][5:]} {row['commodity']}"})
    result = ew.index(pa.Table.from_pylist(years), method, output="fixedbase", base="1970-12")
    expected = anchors["turvey_rolling_year"][method]
    assert len(expected) == 24
    assert result["period"].to_pylist()[1] == anchors["turvey_rolling_year"]["from"]
    assert levels(result) == pytest.approx([1.0, *expected], abs=TOLERANCE, rel=0)


def _months(label: str) -> int:
    return int(label[:4]) * 12 + int(label[5:])


def _as_text(*names: str) -> pcsv.ConvertOptions:
    return pcsv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))


def ces(path: Path, method: str, **params: object) -> list[float]:
    names = {"period": "time", "product": "prodID", "price": "prices", "quantity": "quantities"}
    return levels(ew.index(str(path), method, **names, **params))


@pytest.mark.parametrize("name", CHAINED)
def test_ces_chained(anchors: dict, conformance_file, name: str) -> None:
    method, params = ("lloyd_moulton", {"sigma": 2}) if name == "lloyd_moulton_sigma_2" else (name, {})
    got = ces(conformance_file("anchor_ces_sigma2.csv"), method, **params)
    assert got == pytest.approx(anchors["ces_sigma2"]["chained"][name], abs=TOLERANCE, rel=0)


@pytest.mark.parametrize("method", SPLICED)
def test_ces_mean_splice(anchors: dict, conformance_file, method: str) -> None:
    got = ces(conformance_file("anchor_ces_sigma2.csv"), method, window=11, splice="mean")
    assert got == pytest.approx(anchors["ces_sigma2"]["window11_mean_splice"][method], abs=TOLERANCE, rel=0)
