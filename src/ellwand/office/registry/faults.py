"""What is wrong with a cell of a register's sheet: place, value, rule and remedy, in both languages. Pure."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from ellwand.office.collection.messages import shown
from ellwand.office.collection.report import new_workbook, safe


class Rule(NamedTuple):
    """A rule and its remedy in both languages; names in braces are filled in."""

    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


RULES: Final[Mapping[str, Rule]] = {
    "needed": Rule("必填项为空", "is empty and is needed", "请填写", "fill it in"),
    "long": Rule("最多{limit}个字符", "has more than {limit} characters", "请缩短", "shorten it"),
    "characters": Rule("含有不可见字符", "holds invisible characters", "请重新键入", "type it anew"),
    "code": Rule(
        "编号不得含空格或斜线",
        "a code has no space and no slash",
        "请改用字母、数字、点和连字符",
        "write letters, digits, points and hyphens",
    ),
    "twice": Rule("与第{first}行重复", "stands in row {first} already", "请只保留一行", "keep one of them"),
    "unknown": Rule("登记册“{to}”中没有此编号", "is in no row of the register {to}", "{near_zh}", "{near_en}"),
    "leaf": Rule(
        "不是最底层的基本分类",
        "is no elementary aggregate",
        "请填写最底层分类的代码",
        "give the code of a class without classes below it",
    ),
    "period": Rule(
        "不是期次", "is no period", "请写成 2026-W05、2026-02 或 2026-Q1", "write it as 2026-W05, 2026-02 or 2026-Q1"
    ),
    "day": Rule("不是日期", "is no date", "请写成 2026-03-11", "write it as 2026-03-11"),
    "instant": Rule("不是时刻", "is no instant", "请写成 2027-03-12 17:00", "write it as 2027-03-12 17:00"),
    "yes": Rule("只可填 yes 或留空", "is neither yes nor empty", "休刊填 yes", "write yes for a week without an issue"),
    "before": Rule("采价截止不早于发布", "does not lie before the release", "请更正其中一个", "correct one of them"),
    "gone": Rule("时刻已过", "lies in the past", "请填写将来的时刻", "give an instant ahead"),
    "public": Rule(
        "改动须向公众说明",
        "the public is told why a date changes",
        "请填写中英文原因，各不超过{limit}字符，不含“ / ”",
        "give the reason in both languages, {limit} characters of one line each, without ' / '",
    ),
    "absent": Rule("不在日历中", "is not in the calendar", "请先延伸日历", "extend the calendar first"),
    "dates": Rule(
        "休刊的期次不能同时改期", "a week without an issue gets no other date", "请只做其中一项", "do one of both"
    ),
    "closed": Rule("采价截止已过", "the cut-off has passed", "只能改发布时刻", "only the release can move"),
    "order": Rule("终止期早于起始期 {start}", "lies before the start {start}", "请更正其中一个", "correct one of them"),
    "figure": Rule(
        "须为大于0的数",
        "must be a number above 0",
        "请填写普通数字，未知则留空",
        "write a plain number, or leave it empty",
    ),
    "weight": Rule(
        "须为0或大于0的数",
        "must be a number, 0 or above",
        "请填写普通数字，如 0.0576",
        "write a plain number, as 0.0576",
    ),
    "composition": Rule(
        "纤维成分无法识别或合计不是100",
        "is no list of fibre shares of 100 together",
        "请写成 cotton:65;polyester:35",
        "write it as cotton:65;polyester:35",
    ),
    "measure": Rule(
        "不是已知的计量单位",
        "is no known unit of measure",
        "请填写米、码、公斤、吨、件等",
        "write m, yd, kg, t, piece or another known one",
    ),
    "email": Rule(
        "不是电子邮箱地址", "is no e-mail address", "请写成 name@example.com", "write it as name@example.com"
    ),
    "choice": Rule("不是允许的值", "is not one of those allowed", "请填写：{choices}", "write one of: {choices}"),
    "formula": Rule(
        "单元格含有公式",
        "the cell holds a formula",
        "请粘贴为数值；公式不会被执行",
        "paste it as a value; formulas are never carried out",
    ),
    "itself": Rule("不能指向自身", "names its own row", "请填写另一行的编号", "give the code of another row"),
    "circle": Rule(
        "替代关系形成循环", "lies in a circle of replacements", "请更正替代的产品", "correct what it replaces"
    ),
    "overlap": Rule(
        "与该单位该产品的另一段任务 {other} 重叠",
        "overlaps with {other} of the same unit and item",
        "请调整起止期",
        "correct the periods",
    ),
    "sum": Rule("权数合计为{total}", "the weights sum to {total}", "权数合计须为1", "they must sum to 1"),
    "orphan": Rule(
        "上一版本的分类在新版本中没有去向",
        "a class of the version before has no successor",
        "请在新版本中保留，或在对应表中写明去向",
        "keep it in the new version, or say in the correspondence what it became",
    ),
    "shares": Rule(
        "拆分份额合计不是1",
        "the shares of a split do not sum to 1",
        "请填写各新分类的份额",
        "give the share of each new class",
    ),
    "placed": Rule(
        "产品在新版本中没有基本分类",
        "the item has no elementary aggregate in the new version",
        "请在“items”工作表中写明",
        "say its class in the sheet items",
    ),
    "one reference": Rule(
        "一个篮子只能有一个价格参考期", "a basket has one price reference", "请统一", "give the same one in every row"
    ),
    "old": Rule(
        "上一版本中没有此分类",
        "is no class of the version before",
        "请填写上一版本的代码",
        "give a code of the version before",
    ),
    "kept": Rule(
        "旧代码在新版本中仍在使用",
        "is still a class of the new version",
        "请删去这一行，或从新版本中去掉该代码",
        "take out this row, or the class",
    ),
    "kind": Rule(
        "与对应行数不符：实为 {kind}", "does not fit the rows: they say {kind}", "请填写 {kind}", "write {kind}"
    ),
    "tree": Rule(
        "上级不存在或形成循环", "the parent is no class, or lies in a circle", "请更正上级代码", "correct the parent"
    ),
    "past": Rule(
        "该期已经开始或已发布", "is past, or its round is under way", "请通过推迟发布处理", "postpone the round instead"
    ),
    "ragged": Rule("单元格多于表头", "has more cells than the heading", "请检查分隔符", "look for a divider too many"),
    "column": Rule(
        "无法识别的列，未读取",
        "is no known column and was not read",
        "请使用导出表中的列名",
        "use the headings of an exported sheet",
    ),
    "merged": Rule("合并单元格", "is a merged cell", "请取消合并并逐行填写", "unmerge it and fill in every row"),
}
"""Every rule, by its name."""


@dataclass(frozen=True)
class Fault:
    """A rule that a row breaks. row : as spreadsheet programs count, 0 for the sheet. field : name of the column."""

    row: int
    field: str
    value: str
    rule: str
    message_zh: str
    message_en: str
    remedy_zh: str
    remedy_en: str

    def __str__(self) -> str:
        """In English, as one line."""
        return f"row {self.row}, field {self.field}: {self.value!r} {self.message_en}; {self.remedy_en}"


def fault(row: int, field: str, value: str, rule: str, **values: object) -> Fault:
    """The fault of a rule, with the values that its texts name."""
    said = {k: shown(v) for k, v in values.items()}
    zh, en, remedy_zh, remedy_en = (text.format_map(said) for text in RULES[rule])
    return Fault(row, field, shown(value), rule, zh, en, remedy_zh, remedy_en)


COLUMNS: Final = (
    ("row", "行", "row"), ("field", "字段", "field"), ("value", "原值", "value"), ("rule", "规则", "rule"),
    ("message_zh", "问题（中文）", "problem (Chinese)"), ("remedy_zh", "处理办法（中文）", "remedy (Chinese)"),
    ("message_en", "问题（英文）", "problem (English)"), ("remedy_en", "处理办法（英文）", "remedy (English)"),
)  # fmt: skip
"""Columns of a report, with their names in Chinese and English."""


def report(faults: Iterable[Fault], form: Literal["csv", "xlsx"]) -> bytes:
    """The faults as a sheet in both languages, for whoever sent the rows."""
    rows = [[str(getattr(f, name)) for name, _, _ in COLUMNS] for f in faults]
    heads = [f"{zh} {en}" for _, zh, en in COLUMNS]
    if form == "csv":
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerows([heads, *([safe(cell) for cell in row] for row in rows)])
        return b"\xef\xbb\xbf" + text.getvalue().encode()
    out = io.BytesIO()
    book = new_workbook(out)
    sheet = book.add_worksheet("report")
    bold, text_cell = book.add_format({"bold": True, "bottom": 1}), book.add_format({"quote_prefix": True})
    for k, head in enumerate(heads):
        sheet.write_string(0, k, head, bold)
        sheet.set_column(k, k, 12 if k < 4 else 36)
    for r, row in enumerate(rows, start=1):
        for k, cell in enumerate(row):
            sheet.write_string(r, k, cell, text_cell)
    sheet.freeze_panes(1, 0)
    book.close()
    return out.getvalue()
