"""The price sheet that the office prints: filled in and sent back it gives the same quotes."""

import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ellwand.office.collection.quotes import Result
from ellwand.office.collection.rows import STATUSES, TYPES
from ellwand.office.collection.template import (
    FIELDS,
    HEADER,
    STATUS_CHOICES,
    TYPE_CHOICES,
    specification,
    template_xlsx,
)
from ellwand.office.collection.text import key

Read = Callable[..., Result]
AT = {field: i + 1 for i, field in enumerate(FIELDS)}


def filled(content: bytes, cells: dict[tuple[int, str], object]) -> bytes:
    """A template with values written into lines and fields, as the sender would."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for (line, field), value in cells.items():
        book.active.cell(HEADER + line, AT[field]).value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cells_of(content: bytes) -> list[list[Any]]:
    return [list(r) for r in openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_filled_template_comes_back(language: str, units: Any, items: Any, read: Read) -> None:
    k = 0 if language == "zh" else 1
    made = template_xlsx("U1", units["U1"], items, "2024-W11", language=language)  # type: ignore[arg-type]
    sent = filled(
        made,
        {
            (1, "price"): 12.5,
            (1, "type"): TYPE_CHOICES["zh" if k == 0 else "en"][0],
            (1, "quantity"): 300,
            (1, "remark"): "ok",
            (2, "price"): "７，５００",
            (3, "status"): STATUS_CHOICES["zh" if k == 0 else "en"][1],
            (4, "price"): 9,
            (4, "status"): STATUS_CHOICES["zh" if k == 0 else "en"][2],
        },
    )
    result = read(sent, "sheet.xlsx", unit="U1")
    assert result.problems == ()
    assert result.notices == ()
    assert [(q.item, q.price, q.status, q.type, q.quantity, q.remark) for q in result.accepted] == [
        ("I1", Decimal("12.5"), "", "deal", 300, "ok"),
        ("I2", 7500, "", "", None, ""),
        ("I3", None, "out_of_stock", "", None, ""),
        ("I4", 9, "substituted", "", None, ""),
    ]


def test_a_template_left_empty_says_what_is_missing(units: Any, items: Any, read: Read) -> None:
    result = read(template_xlsx("U1", units["U1"], items, "2024-W11"))
    assert {(p.row, p.rule) for p in result.problems} == {(HEADER + i, "price missing") for i in range(1, 5)}


def test_a_template_of_another_unit_or_period_is_refused(units: Any, items: Any, read: Read) -> None:
    sent = filled(template_xlsx("U1", units["U1"], items, "2024-W11"), {(1, "price"): 12})
    assert [p.rule for p in read(sent, unit="U2").problems] == ["another unit"]
    assert [p.rule for p in read(sent, period="2024-W12").problems] == ["outside the period"]


def test_the_last_price_is_shown_or_hidden_for_each_item(units: Any, items: Any, read: Read) -> None:
    items["I1"] |= {"last_price": "12.30", "show_last_price": True}
    items["I2"] |= {"last_price": "7.5", "show_last_price": False}
    items["I3"] |= {"last_price": None, "show_last_price": True}
    made = template_xlsx("U1", units["U1"], items, "2024-W11")
    column = [r[AT["last_price"] - 1] for r in cells_of(made)[HEADER:]]
    assert column == [12.3, None, None, None]
    assert b"7.5" not in made
    assert read(filled(made, {(1, "price"): 1})).accepted[0].price == 1


def test_validation_locks_and_signature_lines(units: Any, items: Any) -> None:
    made = template_xlsx("U1", units["U1"], items, "2024-W11")
    sheet = openpyxl.load_workbook(io.BytesIO(made)).active
    kinds = {str(v.sqref): (v.type, v.operator) for v in sheet.data_validations.dataValidation}
    assert kinds["G6:G9"] == ("decimal", "greaterThan")
    assert kinds["H6:H9"][0] == kinds["I6:I9"][0] == "list"
    assert sheet.protection.sheet
    unlocked = {FIELDS[c.column - 1] for c in sheet[HEADER + 1] if not c.protection.locked}
    assert unlocked == {"price", "status", "type", "quantity", "remark"}
    assert "填报人" in sheet["A4"].value
    assert "审核人" in sheet["A4"].value
    assert sheet["B2"].value == "U1"


def test_what_the_lists_offer_is_read() -> None:
    for words in STATUS_CHOICES.values():
        assert [STATUSES[key(w)] for w in words] == ["closed", "out_of_stock", "substituted"]
    for words in TYPE_CHOICES.values():
        assert [TYPES[key(w)] for w in words] == ["deal", "firm_offer", "asking"]


@pytest.mark.parametrize(
    "evil", ['=HYPERLINK("http://x")', "+1+1", "-2+3", "@SUM(A1)", "=cmd|' /C calc'!A0", "http://x.y"]
)
def test_texts_never_become_formulas(evil: str) -> None:
    entry = {"name_zh": evil, "unit_of_measure": "m", "specification": evil}
    made = template_xlsx(evil, {"name_zh": evil}, {evil: entry}, "2024-W11")
    sheet = openpyxl.load_workbook(io.BytesIO(made)).active
    found = [c for row in sheet.iter_rows() for c in row if c.value == evil]
    assert len(found) == 5
    raw = openpyxl.load_workbook(io.BytesIO(made), read_only=True).active
    assert all(c.data_type != "f" for row in raw.iter_rows() for c in row)
    assert not any(c.hyperlink for row in sheet.iter_rows() for c in row)


def test_specifications() -> None:
    entry = {"composition": "100% 涤纶", "gsm": 80, "width_cm": 150, "finish": "染色", "grade": ""}
    assert specification(entry, "zh") == "100% 涤纶, 80 g/m², 150 cm, 染色"
    assert specification({"specification_en": "x", "gsm": 1}, "en") == "x"


def test_equal_arguments_give_equal_bytes(units: Any, items: Any) -> None:
    assert template_xlsx("U1", units["U1"], items, "2024-W11") == template_xlsx("U1", units["U1"], items, "2024-W11")


def test_wrong_arguments(units: Any, items: Any) -> None:
    for changed in (
        {"language": "fr"},
        {"period": "soon"},
        {"items": {}},
        {"items": {"I1": {"name_zh": "x"}}},
        {"items": {"I1": {"name_zh": "x", "unit_of_measure": "套"}}},
    ):
        arguments: dict[str, Any] = {"items": items, "period": "2024-W11"} | changed
        with pytest.raises(ValueError, match=r"language|period|price sheet|date|measure"):
            template_xlsx("U1", units["U1"], **arguments)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    prices=st.lists(st.decimals("0.01", "99999", places=2), min_size=4, max_size=4),
    language=st.sampled_from(["zh", "en"]),
    as_text=st.booleans(),
)
def test_any_prices_come_back(
    prices: list[Decimal], language: str, as_text: bool, units: Any, items: Any, read: Read
) -> None:
    made = template_xlsx("U1", units["U1"], items, "2024-W11", language=language)  # type: ignore[arg-type]
    sent = {(i, "price"): f"{p:,}" if as_text else float(p) for i, p in enumerate(prices, start=1)}
    result = read(filled(made, sent), unit="U1")
    assert [q.price for q in result.accepted] == prices
