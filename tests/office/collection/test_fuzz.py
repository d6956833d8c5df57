"""Whatever bytes arrive, the answer is a book or the module's own error, in bounded time."""

import io
import random
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ellwand.office.collection.messages import SheetError
from ellwand.office.collection.quotes import read_quotes
from ellwand.office.collection.report import problems_csv, report_xlsx
from ellwand.office.collection.sheets import read_book
from ellwand.office.collection.template import template_xlsx

UNITS = {"U1": {"name_zh": "甲布行"}}
ITEMS = {"I1": {"name_zh": "棉布", "unit_of_measure": "m"}}
STARTS = [b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf", b"item,price\n", "品名,价格\n".encode("gbk")]
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def whole_way(content: bytes, name: str = "") -> bool:
    """From bytes to the report. False where the module refuses the file."""
    try:
        book = read_book(content, name)
    except SheetError as error:
        assert error.fault.message_zh
        assert str(error)
        return False
    result = read_quotes(book, UNITS, ITEMS, "2024-W11")
    problems_csv(result)
    report_xlsx(book, result)
    return True


@QUICK
@given(st.sampled_from(STARTS), st.binary(max_size=600))
def test_random_bytes(start: bytes, rest: bytes) -> None:
    whole_way(start + rest)


@QUICK
@given(st.lists(st.lists(st.text(max_size=12), max_size=5), max_size=8))
def test_random_cells_of_a_csv(rows: list[list[str]]) -> None:
    import csv

    out = io.StringIO()
    csv.writer(out).writerows([["样本单位", "品名", "价格", "日期", "数量"], *rows])
    whole_way(b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace"))


@pytest.fixture(scope="module")
def template() -> bytes:
    return template_xlsx("U1", UNITS["U1"], ITEMS, "2024-W11")


def test_a_workbook_with_bytes_changed(template: bytes) -> None:
    chance = random.Random(7)
    read = 0
    for _ in range(150):
        content = bytearray(template)
        for _ in range(chance.randint(1, 4)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        cut = chance.choice([len(content), len(content), chance.randrange(len(content))])
        read += whole_way(bytes(content[:cut]))
    assert read < 150


def test_a_workbook_with_bytes_of_its_parts_changed(template: bytes) -> None:
    """Inside of the archive the checksums are right, so that the damage reaches the readers of XML and of cells."""
    chance = random.Random(11)
    with zipfile.ZipFile(io.BytesIO(template)) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    names = [n for n in parts if n.startswith("xl/") or n == "[Content_Types].xml"]
    outcomes = set()
    for _ in range(250):
        name = chance.choice(names)
        data = bytearray(parts[name])
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(data))
            if chance.random() < 0.5:
                data[at] = chance.choice(b'0123456789ABZ<>"/= &\xff')
            else:
                del data[at : at + chance.randint(1, 20)]
            data = data or bytearray(b"<a/>")
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as changed:
            for n, d in parts.items():
                changed.writestr(n, bytes(data) if n == name else d)
        outcomes.add(whole_way(out.getvalue()))
    assert outcomes == {True, False}


def test_hostile_attributes(template: bytes, repacked: Callable[..., Any]) -> None:
    with zipfile.ZipFile(io.BytesIO(template)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
        book = archive.read("xl/workbook.xml")
    for old, new in (
        (b'r="A1"', b'r="A99999999999999999999"'),
        (b'r="1"', b'r="-1"'),
        (b't="s"', b't="zzz"'),
        (b'<col min="1"', b'<col hidden="1" min="99999999"'),
        (b'<col min="1"', b'<col hidden="1" min="x"'),
    ):
        assert old in xml
        whole_way(repacked(template, {"xl/worksheets/sheet1.xml": xml.replace(old, new)}))
    whole_way(repacked(template, {"xl/workbook.xml": book.replace(b'r:id="rId1"', b'r:id="../../x"')}))
    long = b"9" * 1900
    whole_way(repacked(template, {"xl/worksheets/sheet1.xml": xml.replace(b"<v>1</v>", b"<v>" + long + b"</v>")}))
