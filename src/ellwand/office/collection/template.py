"""The price sheet that the office prints for one unit: its items, and cells for price, code, type, quantity, remark."""

import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Literal

from ellwand.office.collection.columns import FIELD_NAMES
from ellwand.office.collection.dates import read_date
from ellwand.office.collection.measures import measure_of, name_of
from ellwand.office.collection.messages import SheetError
from ellwand.office.collection.registers import Entry
from ellwand.office.collection.report import new_workbook

HEADER: Final = 5
"""Row of the header."""

FIELDS: Final = (
    "number",
    "item",
    "item_name",
    "specification",
    "unit_of_measure",
    "last_price",
    "price",
    "status",
    "type",
    "quantity",
    "remark",
)
"""Columns of the sheet, from left to right."""

_WIDTHS: Final = (6, 14, 24, 34, 10, 10, 12, 12, 12, 10, 24)
_OPEN: Final = frozenset(("price", "status", "type", "quantity", "remark"))
"""Columns that the unit fills in."""

STATUS_CHOICES: Final = {
    "zh": ("停业", "缺货", "替代"),
    "en": ("closed", "out of stock", "substituted"),
}
TYPE_CHOICES: Final = {
    "zh": ("成交价", "确认报价", "挂牌价"),
    "en": ("deal", "firm offer", "asking"),
}
"""What the lists of the sheet offer; `quotes` reads each of them."""

_TEXTS: Final = {
    "zh": {
        "title": "价格采集表",
        "unit": "样本单位",
        "period": "报告期",
        "currency": "币种",
        "how": "请填写“价格”列。没有价格时请在“状态”列选择停业、缺货或替代。请勿增删列。",
        "sign": "填报人：____________    联系电话：____________    填报时间：____________    审核人：____________",
        "wrong": "请填写大于0的数字，例如12.50",
        "choose": "请从列表中选择",
        "page": "第 &P / &N 页",
    },
    "en": {
        "title": "Price sheet",
        "unit": "Unit code",
        "period": "Period",
        "currency": "Currency",
        "how": "Fill in the column price. Where there is none, choose a status: closed, out of stock, substituted. "
        "Do not add or remove columns.",
        "sign": "Filled in by: ____________    Telephone: ____________    Time: ____________    Checked: ____________",
        "wrong": "Write a number above 0, such as 12.50",
        "choose": "Choose from the list",
        "page": "Page &P of &N",
    },
}

_SPECIFICATION: Final = (
    ("composition", "{}"),
    ("yarn", "{}"),
    ("structure", "{}"),
    ("gsm", "{} g/m²"),
    ("width_cm", "{} cm"),
    ("finish", "{}"),
    ("grade", "{}"),
)


def specification(entry: Entry, language: Literal["zh", "en"]) -> str:
    """The specification of an item in one line: its own text in the language, or what its register says of it."""
    own = entry.get(f"specification_{language}") or entry.get("specification")
    if own:
        return str(own)
    return ", ".join(form.format(entry[k]) for k, form in _SPECIFICATION if entry.get(k) not in (None, ""))


def template_xlsx(
    unit: str,
    unit_entry: Entry,
    items: Mapping[str, Entry] | Sequence[tuple[str, Entry]],
    period: str,
    *,
    language: Literal["zh", "en"] = "zh",
    currency: str = "CNY",
) -> bytes:
    """An XLSX price sheet of one unit for one period.

    unit : its code. unit_entry : its name_zh and name_en. items : codes and register entries in the order of printing:
    names, unit_of_measure, specification or its parts, `last_price`, and `show_last_price` by which that price is
    printed or left out. Only cells to be filled in are unlocked. Texts that begin with = + - @ stay texts.
    Equal arguments give equal bytes. ValueError for a wrong language or period, an item without unit of measure, or no
    items.
    """
    if language not in _TEXTS:
        raise ValueError(f"language is {language!r}; allowed: {', '.join(_TEXTS)}")
    listed = list(items.items() if isinstance(items, Mapping) else items)
    if not listed:
        raise ValueError(f"unit {unit!r} has no items; a price sheet needs one or more")
    try:
        label = read_date(period).value.label
        measures = {code: measure_of(str(entry.get("unit_of_measure", ""))) for code, entry in listed}
    except SheetError as error:
        raise ValueError(f"the price sheet of unit {unit!r}: {error}") from error
    said, own = _TEXTS[language], 0 if language == "zh" else 1
    out = io.BytesIO()
    book = new_workbook(out)
    style = {
        "title": book.add_format({"bold": True, "font_size": 16}),
        "label": book.add_format({"bold": True}),
        "head": book.add_format(
            {"bold": True, "border": 1, "text_wrap": True, "valign": "vcenter", "bg_color": "#EEEEEE"}
        ),
        "fixed": book.add_format({"border": 1, "text_wrap": True, "valign": "top"}),
        "open": book.add_format({"border": 1, "locked": False, "valign": "top"}),
        "price": book.add_format({"border": 1, "locked": False, "valign": "top", "num_format": "0.00##"}),
        "number": book.add_format({"border": 1, "valign": "top", "num_format": "0.00##"}),
        "note": book.add_format({"italic": language == "en"}),
    }
    sheet = book.add_worksheet(said["title"])
    sheet.write_string(0, 0, said["title"], style["title"])
    name = str(unit_entry.get(f"name_{language}") or unit_entry.get("name_zh") or "")
    for column, text in enumerate((said["unit"], unit, name)):
        sheet.write_string(1, column, text, style["label"] if column == 0 else None)
    for column, text in enumerate((said["period"], label, said["currency"], currency), start=3):
        sheet.write_string(1, column, text, style["label"] if column in (3, 5) else None)
    sheet.write_string(2, 0, said["how"], style["note"])
    sheet.write_string(3, 0, said["sign"])
    for column, field in enumerate(FIELDS):
        sheet.write_string(HEADER - 1, column, FIELD_NAMES[field][own], style["head"])
        sheet.set_column(column, column, _WIDTHS[column])
    for number, (code, entry) in enumerate(listed, start=1):
        _write_item(sheet, HEADER + number - 1, number, code, entry, name_of(measures[code], language), language, style)
    first, last = HEADER, HEADER + len(listed) - 1
    at = {field: column for column, field in enumerate(FIELDS)}
    sheet.data_validation(first, at["price"], last, at["price"], {
        "validate": "decimal", "criteria": ">", "value": 0, "error_message": said["wrong"],
    })  # fmt: skip
    sheet.data_validation(first, at["quantity"], last, at["quantity"], {
        "validate": "decimal", "criteria": ">=", "value": 0, "error_message": said["wrong"],
    })  # fmt: skip
    for field, choices in (("status", STATUS_CHOICES), ("type", TYPE_CHOICES)):
        sheet.data_validation(first, at[field], last, at[field], {
            "validate": "list", "source": list(choices[language]), "error_message": said["choose"],
        })  # fmt: skip
    # No password: this guards against slips, not against people.
    sheet.protect("", {"format_columns": True, "format_rows": True})
    sheet.freeze_panes(HEADER, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADER - 1)
    sheet.set_footer(f"&L{unit.replace('&', '&&')} {label}&R{said['page']}")
    book.close()
    return out.getvalue()


def _write_item(
    sheet: Any,
    row: int,
    number: int,
    code: str,
    entry: Entry,
    measure: str,
    language: Literal["zh", "en"],
    style: Mapping[str, Any],
) -> None:
    last = entry.get("last_price")
    shown = last not in (None, "") and bool(entry.get("show_last_price"))
    texts = {
        "item": code,
        "item_name": str(entry.get(f"name_{language}") or entry.get("name_zh") or ""),
        "specification": specification(entry, language),
        "unit_of_measure": measure,
    }
    for column, field in enumerate(FIELDS):
        if field == "number":
            sheet.write_number(row, column, number, style["fixed"])
        elif field == "last_price" and shown:
            sheet.write_number(row, column, float(Decimal(str(last))), style["number"])
        elif field in texts:
            sheet.write_string(row, column, texts[field], style["fixed"])
        else:
            look = "price" if field == "price" else "open" if field in _OPEN else "fixed"
            sheet.write_blank(row, column, None, style[look])
