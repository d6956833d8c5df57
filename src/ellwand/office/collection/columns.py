"""The header of a price sheet: which column holds what, found by known names in Chinese and English."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ellwand.office.collection.text import fold, key

_WORDS: Final = {
    "unit": "样本单位 样本单位编号 样本单位编码 单位编号 单位编码 采价单位 报价单位|unit code|sample unit|unit id",
    "unit_name": "样本单位名称 单位名称 商户 商户名称 店铺 企业名称|unit name|shop|company",
    "item": "产品编号 产品编码 商品编码 商品编号 货号 代表品编号 代表品编码|item code|item id|product code|product id",
    "item_name": "品名 产品名称 商品名称 代表品名称|item name|product name",
    "price": "价格 单价 本期价格 本期价 报价 成交价格|price|unit price|this price|current price",
    "unit_of_measure": "计量单位 计价单位|unit of measure|uom|measure|measurement unit",
    "date": "日期 期 报告期 采价日期 采集日期 报价日期 周期|date|period|week|collected on|collection date",
    "remark": "备注 说明 附注|remark|remarks|note|notes|comment|comments",
    "type": "类型 价格类型 报价类型|type|price type|type of price",
    "status": "状态 状态代码 缺价原因|status|status code|reason",
    "quantity": "数量 成交量 销量 成交数量|quantity|volume|qty",
    # Known, and not read: what the office prints for the sender to see.
    "specification": "规格 规格型号 产品规格|specification|spec|description",
    "last_price": "上期价格 上期价 上周价格 上次价格|last price|previous price",
    "problems": "问题 填报问题|problems|problem",
    "number": "序号 行号|no|no.|#",
}

_SEVERAL: Final[dict[str, tuple[str, ...]]] = {
    "单位": ("unit", "unit_of_measure"),
    "unit": ("unit", "unit_of_measure"),
    "units": ("unit", "unit_of_measure"),
    "代码": ("item", "status"),
    "编码": ("item", "status"),
    "code": ("item", "status"),
    "产品": ("item",),
    "商品": ("item",),
    "代表品": ("item",),
    "item": ("item",),
    "product": ("item",),
}
"""Short names, with the fields that each may mean; the cells below decide between them."""

NAMES: Final[dict[str, tuple[str, ...]]] = _SEVERAL | {
    key(word): (field,)
    for field, words in _WORDS.items()
    for group in words.split("|")
    for word in (group.split() if any("一" <= c <= "鿿" for c in group) else [group])
}

FIELD_NAMES: Final = {
    "unit": ("样本单位", "unit code"),
    "unit_name": ("样本单位名称", "unit name"),
    "item": ("产品编号", "item code"),
    "item_name": ("品名", "item name"),
    "price": ("价格", "price"),
    "unit_of_measure": ("计量单位", "unit of measure"),
    "date": ("日期", "date"),
    "remark": ("备注", "remark"),
    "type": ("价格类型", "price type"),
    "status": ("状态", "status"),
    "quantity": ("数量", "quantity"),
    "specification": ("规格", "specification"),
    "last_price": ("上期价格", "last price"),
    "problems": ("问题", "problems"),
    "number": ("序号", "no."),
    "": ("行", "row"),
}
"""The name of each field in Chinese and English, as templates and messages write it."""

READ = (
    "unit",
    "unit_name",
    "item",
    "item_name",
    "price",
    "unit_of_measure",
    "date",
    "remark",
    "type",
    "status",
    "quantity",
)
"""Fields that are read."""

_REMARK = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]")
_DIVIDERS = re.compile(r"[/|\n\r]+")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet. index : from 0. name : as written. fields : what it may hold, empty if the name is unknown.

    remark : what stands in brackets in a price heading, as 元/米.
    """

    index: int
    name: str
    fields: tuple[str, ...]
    remark: str = ""
    hidden: bool = False

    @property
    def letter(self) -> str:
        """The column as spreadsheet programs name it: A, B, ..., AA."""
        return letter_of(self.index)


def letter_of(index: int) -> str:
    """The letters of a column, counted from 0."""
    out, rest = "", index + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        out = chr(65 + digit) + out
    return out


def _fields(name: str) -> tuple[str, ...]:
    word = key(name).strip("*:：_-").replace("_", "").replace("-", "")
    if word in NAMES:
        return NAMES[word]
    parts = [p for p in _DIVIDERS.split(name) if p.strip()]
    if len(parts) < 2:
        # Chinese before English, with a space or nothing between.
        split = re.fullmatch(r"([一-鿿]+)\s*([A-Za-z][A-Za-z .]*)", name.strip())
        parts = list(split.groups()) if split else []
    if len(parts) == 2:
        # Two languages of one name: what both may mean.
        a, b = (NAMES.get(key(p).strip("*:："), ()) for p in parts)
        return tuple(f for f in a if f in b)
    return ()


def column_of(index: int, name: str, hidden: bool = False) -> Column:
    """The column that a heading names. A remark in brackets is taken off."""
    plain = fold(name)
    remark = _REMARK.search(plain)
    bare = _REMARK.sub("", plain)
    fields = _fields(bare)
    said = remark[1].strip() if remark and fields == ("price",) else ""
    return Column(index, name.strip(), fields, said, hidden)


def header_score(names: Sequence[str]) -> int:
    """How many cells of a row are known names; 0 unless they can name an item and a price."""
    found = [f for name in names if name and len(name) <= 60 for f in [column_of(0, name).fields] if f]
    whole = {x for f in found for x in f}
    return len(found) if "price" in whole and whole & {"item", "item_name"} else 0
