"""Price sheets made for the tests, and a small register."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import openpyxl
import pytest

from ellwand.office.collection.quotes import Result, read_quotes
from ellwand.office.collection.sheets import read_book

UNITS = {
    "U1": {"name_zh": "甲布行", "name_en": "Jia Cloth"},
    "U2": {"name_zh": "乙纺织", "name_en": "Yi Textiles"},
    "U3": {"name_zh": "联营店", "name_en": "Joint shop"},
    "U4": {"name_zh": "联营店", "name_en": "Other joint shop"},
}
ITEMS = {
    "I1": {"name_zh": "涤纶春亚纺", "name_en": "polyester pongee", "unit_of_measure": "m", "gsm": 80, "width_cm": 150},
    "I2": {"name_zh": "涤纶短纤", "name_en": "polyester staple", "unit_of_measure": "kg"},
    "I3": {"name_zh": "毛巾", "name_en": "towel", "unit_of_measure": "piece"},
    "I4": {"name_zh": "棉布", "name_en": "cotton cloth", "unit_of_measure": "m"},
}
HEADER = ("样本单位", "产品编号", "计量单位", "价格", "日期", "状态", "备注")
PERIOD = "2024-W11"


@pytest.fixture
def units() -> dict[str, dict[str, Any]]:
    return {k: dict(v) for k, v in UNITS.items()}


@pytest.fixture
def items() -> dict[str, dict[str, Any]]:
    return {k: dict(v) for k, v in ITEMS.items()}


@pytest.fixture
def workbook() -> Callable[..., bytes]:
    """Rows into the bytes of a workbook; `change` may do more to it."""

    def make(rows: Sequence[Sequence[object]], change: Callable[[Any], None] | None = None) -> bytes:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(list(row))
        if change is not None:
            change(book)
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    return make


@pytest.fixture
def repacked() -> Callable[..., bytes]:
    """A workbook with parts replaced or added."""

    def make(content: bytes, parts: Mapping[str, bytes], drop: Sequence[str] = ()) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                if name not in parts and name not in drop:
                    new.writestr(name, old.read(name))
            for name, data in parts.items():
                new.writestr(name, data)
        return out.getvalue()

    return make


@pytest.fixture
def read() -> Callable[..., Result]:
    """Bytes and a file name into the result, against the register."""

    def of(content: bytes, name: str = "", **options: Any) -> Result:
        known: dict[str, Any] = {"units": UNITS, "items": ITEMS, "period": PERIOD} | options
        units, items, period = known.pop("units"), known.pop("items"), known.pop("period")
        return read_quotes(read_book(content, name), units, items, period, **known)

    return of


@pytest.fixture
def sheet(workbook: Callable[..., bytes], read: Callable[..., Result]) -> Callable[..., Result]:
    """Rows of an Excel sheet below the usual header, read."""

    def of(*rows: Sequence[object], header: Sequence[object] = HEADER, **options: Any) -> Result:
        change = options.pop("change", None)
        return read(workbook([header, *rows], change), "sheet.xlsx", **options)

    return of


@pytest.fixture
def collecting(office: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An office on Wednesday of the second week: the first is in the record, the second is open for quotes."""
    office.at(monkeypatch, 2022, 1, 12, 3)
    office.collect("2022-W01")
    office.sign_open("2022-W02")
    return office
