"""CSV files: encodings, delimiters, quotation marks, rows of another length."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ellwand.office.collection.messages import SheetError
from ellwand.office.collection.quotes import Result
from ellwand.office.collection.sheets import LIMITS, Limits, read_book

Read = Callable[..., Result]
TEXT = (
    '样本单位,产品编号,计量单位,单价,日期\n甲布行,I1,米,"1,234.50",2024年3月11日\nU2,涤纶短纤,公斤,１２．５,2024/3/12\n'
)


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode("gbk"),
        TEXT.encode("utf-8"),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
    ],
    ids=["GBK", "UTF-8", "UTF-8 with BOM", "UTF-16", "UTF-16 BE"],
)
def test_a_csv_in_each_encoding_gives_the_same_quotes(content: bytes, read: Read) -> None:
    result = read(content, "prices.csv")
    assert [(q.unit, q.item, q.price, q.date) for q in result.accepted] == [
        ("U1", "I1", Decimal("1234.5"), "2024-03-11"),
        ("U2", "I2", Decimal("12.5"), "2024-03-12"),
    ]
    assert result.problems == ()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_each_delimiter_is_found(delimiter: str, ending: str, read: Read) -> None:
    text = ending.join(delimiter.join(r) for r in (("unit code", "item", "price"), ("U1", "I1", "12.5")))
    book = read_book(text.encode(), "a.csv")
    assert book.delimiter == delimiter
    assert len(read(text.encode()).accepted) == 1


def test_a_line_that_names_the_delimiter_is_obeyed(read: Read) -> None:
    result = read(b"sep=;\r\nunit code;item;price\r\nU1;I1;12.5\r\n", "a.csv")
    assert [q.row for q in result.accepted] == [3]


def test_a_header_in_row_six_and_blank_rows(read: Read) -> None:
    text = "价格采集表\n\n报告期：,2024-W11\n样本单位,U1\n\n品名,单价,备注\n\n棉布,12,\n,,\n毛巾,3,好\n"
    result = read(text.encode())
    assert [(q.row, q.unit, q.item) for q in result.accepted] == [(8, "U1", "I4"), (10, "U1", "I3")]


def test_no_header_is_refused() -> None:
    for text in ("a,b,c\n1,2,3\n", "品名\n棉布\n", "x\n" * 10 + "品名,价格\n", "价格,备注\n1,2\n"):
        with pytest.raises(SheetError) as caught:
            read_book(text.encode())
        assert caught.value.rule == "no header"


def test_two_possible_delimiters_are_refused() -> None:
    with pytest.raises(SheetError) as caught:
        read_book(b"item,price\nI1,2\nitem;price\nI1;3\n")
    assert caught.value.rule == "delimiter in doubt"


@pytest.mark.parametrize(
    ("row", "cells"), [("U1,I1,1,234.50,x", 5), ("U1,I1,12.5", 3), ("U1,I1", 2), ("U1,I1,12,x,extra", 5)]
)
def test_ragged_rows_are_refused_alone(row: str, cells: int, read: Read) -> None:
    result = read(f"unit code,item,price,remark\n{row}\nU2,I1,13,\n".encode())
    assert [p.rule for p in result.problems] == ["ragged row"]
    assert f"{cells} cells" in result.problems[0].message_en
    assert [q.unit for q in result.accepted] == ["U2"]


def test_empty_cells_at_the_end_are_no_fault(read: Read) -> None:
    result = read(b"unit code,item,price,,\nU1,I1,12.5,,,,\n,,,\nU2,I1,13\n")
    assert len(result.accepted) == 2


def test_quotation_marks_that_are_not_closed_are_refused() -> None:
    for text in ('item,price,remark\nI1,2,"open\n', 'item,price\nI1,"2"3\n'):
        with pytest.raises(SheetError) as caught:
            read_book(text.encode())
        assert caught.value.rule == "quoting"
        assert "record 2" in str(caught.value)


def test_a_cell_of_several_lines(read: Read) -> None:
    result = read(b'unit code,item,price,remark\nU1,I1,12,"one\ntwo, ""three"""\nU2,I1,13,\n')
    assert [q.remark for q in result.accepted] == ['one\ntwo, "three"', ""]
    assert [q.row for q in result.accepted] == [2, 3]


@pytest.mark.parametrize(
    ("limits", "rule"),
    [
        (Limits(size=20), "file too large"),
        (Limits(rows=5), "too many rows"),
        (Limits(columns=2), "too many columns"),
        (Limits(cell=3), "cell too long"),
        (Limits(cells=20), "too many cells"),
    ],
)
def test_bounds(limits: Limits, rule: str) -> None:
    content = b"item,price,remark\n" + b"I1,2,\n" * 30
    with pytest.raises(SheetError) as caught:
        read_book(content, "", limits)
    assert caught.value.rule == rule
    assert read_book(content).sheets


def test_a_cell_beyond_what_the_csv_reader_holds() -> None:
    with pytest.raises(SheetError):
        read_book(b"item,price\n" + b"x" * 200_000 + b",2\n", "", LIMITS)


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("a.xlsx", b"item,price\n1,2\n", "renamed"),
        ("a.xls", b"item,price\n1,2\n", "renamed"),
        ("a.pdf", b"item,price\n1,2\n", "renamed"),
        ("a.csv", b"%PDF-1.7 x", "not a sheet"),
        ("a.csv", b"\x89PNG\r\n\x1a\n", "not a sheet"),
        ("a.xls", b"\xef\xbb\xbf<html><table><tr><td>price", "not a sheet"),
        ("a.xls", b'<?xml version="1.0"?><Workbook/>', "not a sheet"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "old excel"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        ("a.csv", b"", "empty file"),
    ],
)
def test_other_files_are_refused_with_what_to_do(name: str, content: bytes, rule: str) -> None:
    with pytest.raises(SheetError) as caught:
        read_book(content, name)
    assert caught.value.rule == rule
    assert caught.value.fault.remedy_zh


@given(st.text(max_size=300))
def test_any_text_below_a_header_is_read_or_refused(text: str) -> None:
    try:
        book = read_book(b"\xef\xbb\xbf" + f"item,price\n{text}".encode("utf-8", "replace"))
    except SheetError as error:
        assert error.fault.message_zh
        return
    assert book.sheets[0].header >= 1
