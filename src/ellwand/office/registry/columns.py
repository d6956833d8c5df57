"""The registers that people edit, import and export: their columns with names in both languages, and what each holds.

Pure. A sheet may name a column by its own name, or by either of the two others; a further column of plain small letters
is kept as it was given.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ellwand.office.collection.text import key

Kind = Literal[
    "code",
    "text",
    "name",
    "period",
    "day",
    "figure",
    "composition",
    "measure",
    "choice",
    "email",
    "see",
    "instant",
    "yes",
]
FURTHER = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""Names that further columns may have."""


@dataclass(frozen=True)
class Column:
    """A column. name : its own. kind : what it holds. to : register that a `see` column names a row of.

    own : whether it has a place of its own in the table of the register; else it is kept among the further columns.
    """

    name: str
    zh: str
    en: str
    kind: Kind = "text"
    needed: bool = False
    to: str = ""
    own: bool = True
    help_zh: str = ""
    help_en: str = ""


@dataclass(frozen=True)
class Book:
    """A register. columns : in the order of sheets and forms. keys : columns that name a row. shown : in lists."""

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    keys: tuple[str, ...]
    shown: tuple[str, ...]
    filters: tuple[str, ...] = ()
    by_name: Mapping[str, Column] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the columns."""
        object.__setattr__(self, "by_name", {c.name: c for c in self.columns})

    def code_of(self, row: Mapping[str, str]) -> str:
        """The code under which the changes of a row are kept."""
        return "/".join(row.get(k, "") for k in self.keys)

    def column_of(self, heading: str) -> str:
        """The name of the column that a heading means; "" for none."""
        word = key(heading).strip("*")
        for c in self.columns:
            if word in (key(c.name), key(c.zh), key(c.en)):
                return c.name
        plain = heading.strip().lower()
        return plain if FURTHER.fullmatch(plain) else ""


_FROM = Column("valid_from", "起始期", "from", "period", help_zh="如 2026-W05", help_en="as 2026-W05")
_TO = Column(
    "valid_to", "终止期", "to", "period", help_zh="含当期；留空表示仍在用", help_en="included; empty: still in use"
)
_ZH, _EN = (
    Column("name_zh", "中文名称", "name in Chinese", "name"),
    Column("name_en", "英文名称", "name in English", "name"),
)

SOURCES = Book(
    "sources",
    "采价点",
    "Sources",
    (Column("source", "采价点编号", "source code", "code", needed=True), _ZH, _EN, Column("kind", "类别", "kind")),
    ("source",),
    ("source", "name_zh", "name_en", "kind"),
    ("kind",),
)
UNITS = Book(
    "units",
    "样本单位",
    "Units",
    (
        Column("unit", "单位编号", "unit code", "code", needed=True),
        Column("source", "采价点编号", "source code", "see", to="sources"),
        _ZH,
        _EN,
        _FROM,
        _TO,
        Column(
            "consent",
            "同意公开名称",
            "consent to be named",
            help_zh="何时以何种方式同意公开名称；空白则只计数量",
            help_en="when and how it agreed that the public reads its name; empty: it is only counted",
        ),
        Column("conduct_signed", "行为准则签署日", "code of conduct signed", "day"),
        Column(
            "named",
            "同意公开名称",
            "consent to be named",
            help_zh="何时以何种方式同意在网站公开名称；留空则只计数，不列名",
            help_en="when and how it agreed to be named on the site; empty: it is counted and not named",
            own=False,
        ),
        Column("contact", "联系人", "contact", own=False),
        Column("phone", "电话", "telephone", own=False),
        Column("email", "电子邮箱", "e-mail", "email", own=False),
        Column("address", "地址", "address", own=False),
    ),
    ("unit",),
    ("unit", "name", "source", "valid_from", "valid_to", "consent", "conduct_signed"),
    ("source",),
)
ITEMS = Book(
    "items",
    "代表产品",
    "Items",
    (
        Column("item", "产品编号", "item code", "code", needed=True),
        Column("ea", "基本分类", "elementary aggregate", "see", needed=True, to="classes"),
        _ZH,
        _EN,
        Column(
            "composition",
            "纤维成分",
            "fibre shares",
            "composition",
            help_zh="如 cotton:65;polyester:35，合计100",
            help_en="as cotton:65;polyester:35, 100 together",
        ),
        Column("yarn", "纱支", "yarn count", own=False),
        Column("structure", "组织", "weave", own=False),
        Column("gsm", "克重（克/平方米）", "weight (g/m2)", "figure"),
        Column("width_cm", "幅宽（厘米）", "width (cm)", "figure"),
        Column("finish", "后整理", "finish", own=False),
        Column("grade", "等级", "grade", own=False),
        Column("unit_of_measure", "计量单位", "unit of measure", "measure", needed=True),
        Column(
            "price_basis",
            "价格条件",
            "price basis",
            own=False,
            help_zh="如 含税出厂价",
            help_en="as ex works, tax included",
        ),
        _FROM,
        _TO,
        Column("replaces", "替代的产品", "replaces", "see", to="items"),
    ),
    ("item",),
    ("item", "name", "ea", "composition", "gsm", "width_cm", "finish", "unit_of_measure", "valid_to"),
    ("ea",),
)
ASSIGNMENTS = Book(
    "assignments",
    "采价任务",
    "Assignments",
    (
        Column("unit", "单位编号", "unit code", "see", needed=True, to="units"),
        Column("item", "产品编号", "item code", "see", needed=True, to="items"),
        _FROM,
        _TO,
    ),
    ("unit", "item", "valid_from"),
    ("unit", "item", "valid_from", "valid_to"),
    ("unit", "item"),
)
CLOSURES = Book(
    "closures",
    "停业",
    "Closures",
    (
        Column("unit", "单位编号", "unit code", "see", needed=True, to="units"),
        Column("period", "期次", "period", "period", needed=True),
        Column("reason", "原因", "reason"),
    ),
    ("unit", "period"),
    ("unit", "period", "reason"),
    ("unit", "period"),
)
CLASSES = Book(
    "classes",
    "分类",
    "Classes",
    (
        Column("code", "分类代码", "class code", "code", needed=True),
        Column("parent", "上级代码", "parent", "see", to="classes"),
        _ZH,
        _EN,
        _FROM,
        _TO,
    ),
    ("code",),
    ("code", "parent", "name_zh", "name_en", "valid_from", "valid_to"),
)
LINKS = Book(
    "correspondence",
    "分类对应",
    "Correspondence",
    (
        Column("old", "旧代码", "old code", "code", needed=True),
        Column("new", "新代码", "new code", "see", needed=True, to="classes"),
        Column(
            "kind",
            "变动类型",
            "kind",
            "choice",
            help_zh="rename、split、merge 或 move",
            help_en="rename, split, merge or move",
        ),
        Column(
            "share",
            "权数份额",
            "share of weight",
            "figure",
            own=False,
            help_zh="拆分时旧分类权数的份额，合计为1",
            help_en="of a split: its part of the old weight, 1 together",
        ),
    ),
    ("old", "new"),
    ("old", "new", "kind"),
)
CLASSED = Book(
    "placed",
    "产品归类",
    "Items by class",
    (
        Column("item", "产品编号", "item code", "see", needed=True, to="items"),
        Column("ea", "基本分类", "elementary aggregate", "see", needed=True, to="classes"),
    ),
    ("item",),
    ("item", "ea"),
)
WEIGHTS = Book(
    "weights",
    "篮子权数",
    "Basket weights",
    (
        Column("ea", "基本分类", "elementary aggregate", "see", needed=True, to="classes"),
        Column("weight", "权数", "weight", "text", needed=True),
        Column("weight_reference", "权数参考期", "weight reference"),
        Column("price_reference", "价格参考期", "price reference", "period"),
    ),
    ("ea",),
    ("ea", "weight", "weight_reference", "price_reference"),
)
HOLIDAYS = Book(
    "holidays",
    "休刊期",
    "Weeks without an issue",
    (
        Column("period", "期次", "period", "period", needed=True),
        Column("reason_zh", "中文原因", "reason in Chinese", needed=True),
        Column("reason_en", "英文原因", "reason in English", needed=True),
    ),
    ("period",),
    ("period", "reason_zh", "reason_en"),
)

ISSUES = Book(
    "calendar",
    "发布日历",
    "Calendar",
    (
        Column("period", "期次", "period", "period", needed=True),
        Column(
            "cutoff_at", "采价截止", "cut-off", "instant", help_zh="如 2027-03-12 17:00", help_en="as 2027-03-12 17:00"
        ),
        Column(
            "release_at", "发布时刻", "release", "instant", help_zh="市场所在时区", help_en="in the zone of the market"
        ),
        Column("skipped", "休刊", "no issue", "yes", help_zh="休刊填 yes，否则留空", help_en="yes, or empty"),
        Column("reason_zh", "中文原因", "reason in Chinese", help_zh="改动时必填", help_en="needed where it differs"),
        Column("reason_en", "英文原因", "reason in English", help_zh="改动时必填", help_en="needed where it differs"),
    ),
    ("period",),
    ("period", "release_at"),
)

METHODS = Book(
    "methods",
    "方法版本",
    "Versions of the method",
    (
        Column("name", "方法", "method"),
        Column("version", "版本", "version"),
        Column("digest", "摘要", "digest"),
        Column("effective_from", "执行起始期", "in force from"),
        Column("taken_in", "登记时间", "taken in"),
        Column("by", "何人", "who"),
        Column("reason", "原因", "reason"),
    ),
    ("name", "version"),
    ("name", "version"),
)

ROTATION = Book(
    "rotation",
    "轮换日志",
    "Rotation log",
    (
        Column("kind", "变动", "what"),
        Column("unit", "单位编号", "unit code"),
        Column("item", "产品编号", "item code"),
        Column("replaced", "被替换的产品", "replaced item"),
        Column("period", "期次", "period"),
        Column("link", "衔接", "link"),
        Column("overlap_price", "重叠期价格", "overlap price"),
        Column("reason", "原因", "reason"),
        Column("by", "何人", "who"),
        Column("at", "何时", "when"),
    ),
    ("unit", "item", "period"),
    ("unit", "item", "period"),
)

BOOKS: Mapping[str, Book] = {b.name: b for b in (SOURCES, UNITS, ITEMS, ASSIGNMENTS, CLOSURES)}
"""The registers whose rows are in force and change one by one."""
SHEETS: Mapping[str, Book] = {b.name: b for b in (*BOOKS.values(), CLASSES, LINKS, WEIGHTS, HOLIDAYS)}
"""Everything that comes and goes as a sheet."""
