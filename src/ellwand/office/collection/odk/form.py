"""The panel as an XForm: the stalls of a collector, the items of each, and the questions of a quote. Pure.

Made for ODK Collect and programs like it: two languages, choices from lists inside of the form, so that it works
without a connection. One submission is a visit to a stall; its items are repetitions. Source: the ODK XForms
specification 1.0.0 and the OpenRosa form list interface.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape, quoteattr

LANGUAGES: Final = ("中文", "English")


@dataclass(frozen=True, slots=True)
class Due:
    """A quote that is due. Names in Chinese and English. measure : the item's unit. last : price shown, or ""."""

    unit: str
    unit_names: tuple[str, str]
    item: str
    item_names: tuple[str, str]
    measure: str
    last: str


@dataclass(frozen=True, slots=True)
class Form:
    """A form. version : of its content. xml : its text."""

    id: str
    names: tuple[str, str]
    version: str
    xml: str

    @property
    def digest(self) -> str:
        """MD5 of the text, by which a phone knows whether it has this form already (OpenRosa asks for this one)."""
        return hashlib.md5(self.xml.encode(), usedforsecurity=False).hexdigest()


TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "/data/unit:label": ("样本单位", "Stall"),
    "/data/quote:label": ("报价", "Quote"),
    "/data/quote/item:label": ("产品", "Item"),
    "/data/quote/status:label": ("状态", "Status"),
    "/data/quote/price:label": ("价格", "Price"),
    "/data/quote/type:label": ("价格类型", "Type of price"),
    "/data/quote/quantity:label": ("成交数量", "Quantity"),
    "/data/quote/remark:label": ("备注", "Remark"),
    "/data/quote/reason:label": ("价格变动较大时请说明原因", "If the price moved much: why?"),
    "/data/quote/picture:label": ("样布或发票照片", "Photograph of swatch or invoice"),
    "/data/quote/price:wrong": ("价格须大于0，最多4位小数", "The price must be above 0, with 4 decimals at most"),
    "status-available": ("正常", "Available"),
    "status-closed": ("停业", "Closed"),
    "status-out_of_stock": ("缺货", "Out of stock"),
    "status-substituted": ("替代", "Substituted"),
    "type-deal": ("成交价", "Deal"),
    "type-firm_offer": ("确认报价", "Firm offer"),
    "type-asking": ("挂牌价", "Asking price"),
}
STATUSES: Final = ("available", "closed", "out_of_stock", "substituted")
TYPES: Final = ("deal", "firm_offer", "asking")
_ITEM: Final = "instance('rows')/root/item[unit=/data/unit and name=current()/../item]"
_HINT: Final = '<output value="{item}/measure"/> · {last} <output value="{item}/last"/>'


def form_of(round_code: str, names: tuple[str, str], rows: Sequence[Due]) -> Form:
    """The form of a round for somebody's stalls, in the order of `rows`. names : its title."""
    body = _text(round_code, names, rows, "VERSION")
    version = hashlib.sha256(body.encode()).hexdigest()[:12]
    return Form(round_code, names, version, _text(round_code, names, rows, version))


def _text(round_code: str, names: tuple[str, str], rows: Sequence[Due], version: str) -> str:
    units = list(dict.fromkeys((r.unit, r.unit_names) for r in rows))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" '
        'xmlns:jr="http://openrosa.org/javarosa" xmlns:odk="http://www.opendatakit.org/xforms">'
        f"<h:head><h:title>{escape(' '.join(dict.fromkeys(names)))}</h:title>"
        '<model odk:xforms-version="1.0.0">'
        f"{_itext(units, rows)}"
        f"<instance><data id={quoteattr(round_code)} version={quoteattr(version)}>"
        "<start/><end/><unit/>"
        f'<quote jr:template="">{_QUESTIONS}</quote><quote>{_QUESTIONS}</quote>'
        "<meta><instanceID/></meta></data></instance>"
        f"{_choices('units', (_item(f'unit-{k}', u) for k, (u, _) in enumerate(units)))}"
        f"{_choices('rows', (_row(k, r) for k, r in enumerate(rows)))}"
        f"{_BINDS}</model></h:head><h:body>{_BODY}</h:body></h:html>\n"
    )


_QUESTIONS: Final = "<item/><status>available</status><price/><type/><quantity/><remark/><reason/><picture/>"


def _itext(units: Sequence[tuple[str, tuple[str, str]]], rows: Sequence[Due]) -> str:
    out = []
    for k, language in enumerate(LANGUAGES):
        texts = {i: t[k] for i, t in TEXTS.items()}
        texts |= {f"unit-{n}": f"{code} {names[k]}".strip() for n, (code, names) in enumerate(units)}
        texts |= {f"row-{n}": f"{r.item_names[k]} · {r.item}" for n, r in enumerate(rows)}
        values = [f"<text id={quoteattr(i)}><value>{escape(t)}</value></text>" for i, t in texts.items()]
        hint = _HINT.format(item=_ITEM, last=("上期", "last")[k])
        values.append(f'<text id="/data/quote/price:hint"><value>{hint}</value></text>')
        default = ' default="true()"' if k == 0 else ""
        out.append(f"<translation lang={quoteattr(language)}{default}>{''.join(values)}</translation>")
    return f"<itext>{''.join(out)}</itext>"


def _choices(name: str, items: Iterable[str]) -> str:
    return f'<instance id="{name}"><root>{"".join(items)}</root></instance>'


def _item(text: str, value: str) -> str:
    return f"<item><itextId>{text}</itextId><name>{escape(value)}</name></item>"


def _row(k: int, r: Due) -> str:
    return (
        f"<item><itextId>row-{k}</itextId><name>{escape(r.item)}</name><unit>{escape(r.unit)}</unit>"
        f"<measure>{escape(r.measure)}</measure><last>{escape(r.last or '–')}</last></item>"
    )


_PRICED: Final = "../status = 'available' or ../status = 'substituted'"
_BINDS: Final = "".join(
    f"<bind nodeset={quoteattr(path)} {rest}/>"
    for path, rest in {
        "/data/start": 'jr:preload="timestamp" jr:preloadParams="start" type="dateTime"',
        "/data/end": 'jr:preload="timestamp" jr:preloadParams="end" type="dateTime"',
        "/data/unit": 'required="true()" type="string"',
        "/data/quote/item": 'required="true()" type="string"',
        "/data/quote/status": 'required="true()" type="string"',
        "/data/quote/price": (
            f'type="decimal" required="../status = \'available\'" relevant={quoteattr(_PRICED)} '
            'constraint=". &gt; 0 and . &lt; 100000000 and round(., 4) = ." '
            "jr:constraintMsg=\"jr:itext('/data/quote/price:wrong')\""
        ),
        "/data/quote/type": f'type="string" relevant={quoteattr(_PRICED)}',
        "/data/quote/quantity": f'type="decimal" relevant={quoteattr(_PRICED)} constraint=". &gt;= 0"',
        "/data/quote/remark": 'type="string"',
        "/data/quote/reason": f'type="string" relevant={quoteattr(_PRICED)}',
        "/data/quote/picture": 'type="binary"',
        "/data/meta/instanceID": 'jr:preload="uid" readonly="true()" type="string"',
    }.items()
)


def _label(path: str) -> str:
    return f"<label ref=\"jr:itext('{path}:label')\"/>"


def _select(path: str, options: str, appearance: str = "") -> str:
    look = f' appearance="{appearance}"' if appearance else ""
    return f'<select1 ref="{path}"{look}>{_label(path)}{options}</select1>'


def _fixed(group: str, values: Sequence[str]) -> str:
    return "".join(f"<item><label ref=\"jr:itext('{group}-{v}')\"/><value>{v}</value></item>" for v in values)


def _listed(instance: str, where: str = "") -> str:
    return (
        f"<itemset nodeset=\"instance('{instance}')/root/item{where}\">"
        '<value ref="name"/><label ref="jr:itext(itextId)"/></itemset>'
    )


def _input(path: str, hint: bool = False) -> str:
    told = f"<hint ref=\"jr:itext('{path}:hint')\"/>" if hint else ""
    return f'<input ref="{path}">{_label(path)}{told}</input>'


_BODY: Final = (
    _select("/data/unit", _listed("units"), "minimal autocomplete")
    + f'<group ref="/data/quote">{_label("/data/quote")}<repeat nodeset="/data/quote">'
    + _select("/data/quote/item", _listed("rows", "[unit=/data/unit]"))
    + _select("/data/quote/status", _fixed("status", STATUSES), "horizontal")
    + _input("/data/quote/price", hint=True)
    + _select("/data/quote/type", _fixed("type", TYPES), "horizontal")
    + _input("/data/quote/quantity")
    + _input("/data/quote/reason")
    + _input("/data/quote/remark")
    + f'<upload ref="/data/quote/picture" mediatype="image/*">{_label("/data/quote/picture")}</upload>'
    + "</repeat></group>"
)
