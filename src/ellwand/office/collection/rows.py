"""A row of a sheet as a quote, read field by field; every fault of it is noted, not only the first."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from ellwand.office.collection.columns import Column
from ellwand.office.collection.measures import measure_of, name_of
from ellwand.office.collection.messages import Fault, SheetError, fault
from ellwand.office.collection.numbers import Basis, Price, read_basis, read_number, read_price
from ellwand.office.collection.offices import Office
from ellwand.office.collection.problems import Problems, outside
from ellwand.office.collection.registers import Register
from ellwand.office.collection.sheets import Cell, Row, Table
from ellwand.office.collection.text import key, normalise

DECIMALS: Final = 4
"""Decimals of a price; further ones are rounded half to even, with a note."""

WHOLE: Final = 8
"""Most digits of a price before the point."""

QUANTITY: Final = 10
"""Most digits of a quantity before the point."""

STATUSES: Final[dict[str, str]] = {
    key(word): status
    for status, words in {
        "": "正常|ok|available",
        "closed": "停业|歇业|关门|closed",
        "out_of_stock": "缺货|无货|断货|out of stock|out_of_stock",
        "substituted": "替代|替换|substituted|substitute",
    }.items()
    for word in words.split("|")
}
"""Words for why there is no price of the item itself; "" where nothing is out of order."""

TYPES: Final[dict[str, str]] = {
    key(word): kind
    for kind, words in {
        "deal": "成交价|成交|实际成交|deal|transaction",
        "firm_offer": "确认报价|实盘|实盘报价|firm offer|firm_offer",
        "asking": "挂牌价|挂牌|标价|asking|asking price|list price",
    }.items()
    for word in words.split("|")
}
"""Words for what a price is: of a deal, of a firm offer, or asked for. 报价 alone may be either of the last two."""

_DOWNWARDS: Final = frozenset(("unit", "unit_name", "item", "item_name", "date", "unit_of_measure"))
_SINGLE: Final = frozenset(("price", "quantity", "status", "type"))


@dataclass(frozen=True, slots=True)
class Quote:
    """A price as accepted.

    key : SHA-256 of what the row says, by which it is known again. price : per `unit_of_measure`, that of the item;
    None where `status` says why. reported, reported_measure : as the sheet had them. date : a day or period within
    `period`. type : "deal", "firm_offer", "asking" or "" if not said. notes : how values were read.
    """

    key: str
    sheet: str
    row: int
    unit: str
    item: str
    period: str
    date: str
    price: Decimal | None
    unit_of_measure: str
    reported: Decimal | None
    reported_measure: str
    currency: str
    status: str
    type: str
    quantity: Decimal | None
    remark: str
    notes: tuple[Fault, ...] = ()


def digest_of(value: object) -> str:
    """SHA-256 of a value as JSON."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class RowReader:
    """Reads the rows of one sheet. commas : a price had a decimal comma. thousands : rows whose price may have one.

    keyed : quotes get their key; entries that are sent one by one have one of their own.
    """

    def __init__(
        self, table: Table, columns: Mapping[str, Column], office: Office, problems: Problems, basis: Basis | None,
        keyed: bool = True,
    ) -> None:  # fmt: skip
        self.table, self.columns, self.office, self.problems = table, columns, office, problems
        self.basis, self.keyed = basis or Basis(), keyed
        self.merges = {m.name: m for m in table.merges}
        self.rows = {r.number: r for r in table.rows}
        self.row: Row = Row(0, ())
        self.notes: list[Fault] = []
        self.thousands: list[tuple[int, str]] = []
        self.commas = False

    def add(self, field: str, value: str, said: Fault) -> None:
        """Note a problem of the row."""
        self.problems.add(self.row.number, self.columns.get(field), field, value, said)

    def cell(self, field: str) -> Cell:
        """The cell of a field, that of the merge it lies in, or an empty one with its fault noted."""
        column = self.columns.get(field)
        if column is None:
            return Cell()
        cell = self.row.at(column.index)
        merge = self.merges.get(cell.merged)
        if merge and (merge.top, merge.left) != (merge.bottom, merge.right) and field in _DOWNWARDS | _SINGLE:
            first = self.rows.get(merge.top)
            if field in _SINGLE or merge.left != merge.right or first is None:
                self.add(field, cell.raw, fault("merged cells", value=merge.name))
                return Cell()
            if merge.top != self.row.number:
                cell = first.at(column.index)
                if cell.raw:
                    self.notes.append(fault("merged value", value=cell.raw, cells=merge.name))
        if cell.unstored:
            self.add(field, cell.formula, fault("formula without value", value=cell.formula))
            return Cell()
        if cell.kind == "error":
            self.add(field, cell.raw, fault("error value", value=cell.raw))
            return Cell()
        if cell.formula and field not in ("remark",):
            self.notes.append(fault("formula used", value=cell.formula))
        return cell

    def entry(self, what: str, register: Register) -> str | None:
        """The code of the unit or item that the row names by code, name or both."""
        before = len(self.problems.found)
        code, name = (normalise(self.cell(f).raw) for f in (what, f"{what}_name"))
        found: dict[str, str] = {}
        for field, text in ((what, code), (f"{what}_name", name)):
            if not text:
                continue
            try:
                found[field] = register.find(text)
            except SheetError as error:
                # Where several entries have this name, the code says which, if it is one of them.
                if error.rule.endswith("in doubt") and text in register.names_of(found.get(what)):
                    continue
                self.add(field, text, error.fault)
        if len(self.problems.found) > before:
            return None
        if len(set(found.values())) > 1:
            a, b = found[what], found[f"{what}_name"]
            self.add(f"{what}_name", name, fault("code and name", code=a, value=name, other=b))
            return None
        return next(iter(found.values()), None)

    def status(self) -> str:
        """The code of the row: "", "closed", "out_of_stock" or "substituted"."""
        text = self.cell("status").raw
        if text and key(text) not in STATUSES:
            self.add("status", text, fault("status unknown", value=text))
        return STATUSES.get(key(text), "") if text else ""

    def type(self) -> str:
        """What the price is: "", "deal", "firm_offer" or "asking"."""
        text = self.cell("type").raw
        if text and key(text) not in TYPES:
            self.add("type", text, fault("type unknown", value=text))
        return TYPES.get(key(text), "") if text else ""

    def quantity(self) -> Decimal | None:
        """The quantity, or None."""
        cell = self.cell("quantity")
        if cell.kind == "empty":
            return None
        try:
            value = self.number(cell)
        except SheetError as error:
            self.add("quantity", cell.raw, error.fault)
            return None
        if value >= 10**QUANTITY:
            self.add("quantity", cell.raw, fault("number too long", value=cell.raw))
        if value < 0:
            self.add("quantity", cell.raw, fault("quantity negative", value=cell.raw))
        return value

    @staticmethod
    def number(cell: Cell) -> Decimal:
        """The number of a cell. SheetError if it is none."""
        if isinstance(cell.value, Decimal):
            return cell.value
        if cell.kind == "date":
            raise SheetError("date for a number", value=cell.raw)
        if cell.kind != "text":
            raise SheetError("no number", value=cell.raw)
        return read_number(cell.raw).value

    def date(self) -> str:
        """The day or period of the row; that of the sheet if it says none."""
        cell = self.cell("date")
        if cell.kind == "empty":
            return self.office.period.label
        try:
            span = self.office.day(cell.raw)
        except SheetError as error:
            self.add("date", cell.raw, error.fault)
            return ""
        if not span.within(self.office.period):
            self.add("date", cell.raw, outside(span.label, self.office.period))
        elif normalise(cell.raw).replace(".", "").isdigit() and len(normalise(cell.raw)) < 8:
            self.notes.append(fault("serial date", value=cell.raw, date=span.label))
        return span.label

    def price(self) -> tuple[Price | None, str]:
        """The price that the cell says, or the status that stands in its place."""
        cell = self.cell("price")
        if cell.kind == "empty":
            return None, ""
        if cell.kind == "text" and STATUSES.get(key(cell.raw)):
            return None, STATUSES[key(cell.raw)]
        try:
            if cell.kind == "text":
                read = read_price(cell.raw, self.office.measures)
                price = read.value
                if read.rule == "thousands" and "." not in normalise(cell.raw):
                    self.thousands.append((self.row.number, cell.raw))
            elif cell.shows == "%":
                raise SheetError("percent", value=cell.raw)
            else:
                # What the number format shows beside the number belongs to the price: $3.20, 12.5元/米.
                beside = read_basis(cell.shows, self.office.measures) or Basis()
                price = Price(self.number(cell), beside.currencies, beside.measure)
        except SheetError as error:
            self.commas |= error.rule == "decimal comma"
            self.add("price", cell.raw, error.fault)
            return None, ""
        if price.amount <= 0:
            self.add("price", cell.raw, fault("price not above 0", value=cell.raw))
        if self.basis.scale and price.scaled:
            self.add("price", cell.raw, fault("two scales", value=cell.raw))
        elif self.basis.scale:
            amount = Decimal(f"{price.amount.scaleb(self.basis.scale):f}")
            limit = f"10^{self.basis.scale}"
            self.notes.append(fault("scaled", limit=limit, value=cell.raw, price=f"{amount:f}"))
            price = Price(amount, price.currencies, price.measure, True)
        if price.amount >= 10**WHOLE:
            self.add("price", cell.raw, fault("price too large", value=cell.raw, limit=WHOLE))
        for money in (price.currencies, self.basis.currencies):
            if money and self.office.currency not in money:
                said = fault(
                    "other currency", value=cell.raw, other="/".join(sorted(money)), limit=self.office.currency
                )
                self.add("price", cell.raw, said)
                break
        return price, ""

    def measure(self, price: Price | None) -> str:
        """The unit of measure that the row says, or "" if it says none."""
        cell = self.cell("unit_of_measure")
        said = [m for m in ((price.measure if price else ""), self.basis.measure) if m]
        if cell.kind != "empty":
            try:
                said.append(measure_of(cell.raw, self.office.measures))
            except SheetError as error:
                self.add("unit_of_measure", cell.raw, error.fault)
                return ""
        if len(set(said)) > 1:
            self.add("unit_of_measure", cell.raw, fault("two measures", value=" / ".join(dict.fromkeys(said))))
            return ""
        return said[0] if said else ""

    def converted(self, amount: Decimal, source: str, item: str) -> Decimal | None:
        """A price per the item's own unit of measure, to `DECIMALS`."""
        entry = self.office.items.entries[item]
        target = str(entry["unit_of_measure"])
        out, raw = amount, f"{amount:f}"
        if source != target:
            factor, why = self.office.factor(source, target, entry)
            if math.isnan(factor):
                why_en, why_zh = why
                said = fault(
                    "other measure",
                    value=source,
                    limit=target,
                    why_en=why_en,
                    why_zh=why_zh,
                    source_zh=name_of(source, "zh"),
                    target_zh=name_of(target, "zh"),
                )
                self.add("unit_of_measure" if "unit_of_measure" in self.columns else "price", source, said)
                return None
            out = amount * Decimal(repr(factor))
        rounded = out.quantize(Decimal(1).scaleb(-DECIMALS), ROUND_HALF_EVEN) if amount < 10**WHOLE else amount
        if rounded >= 10**WHOLE > amount:
            self.add("price", raw, fault("price too large", value=f"{rounded:f}", limit=WHOLE))
            return None
        if rounded <= 0 < amount:
            self.add("price", raw, fault("price not above 0", value=f"{rounded:f}"))
            return None
        if source != target:
            said = fault("converted", value=raw, source=source, price=f"{rounded.normalize():f}", target=target)
            self.notes.append(said)
        elif rounded != out:
            self.notes.append(fault("rounded", value=raw, limit=DECIMALS))
        return Decimal(f"{rounded.normalize():f}")

    def read(self, row: Row, sender: str | None, own: str | None) -> Quote | None:
        """The quote of a row, or None with its problems noted.

        sender : the unit that sent the file, which no row may contradict. own : the unit of rows that name none.
        """
        self.row, self.notes = row, []
        before = len(self.problems.found)
        if row.hidden:
            self.add("", "", fault("hidden row"))
        if row.ragged:
            width = max(c.index for c in self.table.columns) + 1
            self.add("", "", fault("ragged row", value=row.ragged, limit=width))
            return None
        office = self.office
        start = len(self.problems.found)
        unit = self.entry("unit", office.units)
        unit_known = len(self.problems.found) == start
        if unit is None and unit_known:
            unit = own
            if unit is None:
                self.add("unit" if "unit" in self.columns else "unit_name", "", fault("unit missing"))
        elif unit is not None and sender is not None and unit != sender:
            self.add("unit", unit, fault("another unit", value=unit, limit=sender))
        start = len(self.problems.found)
        item = self.entry("item", office.items)
        if item is None and len(self.problems.found) == start:
            self.add("item" if "item" in self.columns else "item_name", "", fault("item missing"))
        if unit is None or item is None or office.assignments is None:
            pass
        elif (unit, item) not in office.assignments:
            self.add("item", item, fault("not assigned", unit=unit, value=item))
        start = len(self.problems.found)
        price, instead = self.price()
        price_known = len(self.problems.found) == start
        status, kind, quantity, day = self.status(), self.type(), self.quantity(), self.date()
        if instead and status and instead != status:
            self.add("status", status, fault("price and code", value=status))
        status = status or instead
        if price is not None and status in ("closed", "out_of_stock"):
            self.add("status", status, fault("price and code", value=status))
        if price is None and not status and price_known and "status" not in self._wrong(before):
            self.add("price", "", fault("price missing"))
        measure = self.measure(price)
        value = None
        if price is not None and price.amount > 0 and item is not None:
            own_measure = str(office.items.entries[item]["unit_of_measure"])
            if "unit_of_measure" not in self._wrong(before):
                value = self.converted(price.amount, measure or own_measure, item)
        remark = self.cell("remark").raw.strip()
        if len(self.problems.found) > before or unit is None or item is None:
            return None
        target = str(office.items.entries[item]["unit_of_measure"])
        reported = price.amount if price is not None else None
        return Quote(
            key=self._key(unit, item, day, reported, measure or target, status, kind, quantity, remark),
            sheet=self.table.name,
            row=row.number,
            unit=unit,
            item=item,
            period=office.period.label,
            date=day,
            price=value,
            unit_of_measure=target,
            reported=reported,
            reported_measure=measure or target,
            currency=office.currency,
            status=status,
            type=kind,
            quantity=quantity,
            remark=remark,
            notes=tuple(self.notes),
        )

    def _key(
        self, unit: str, item: str, day: str, reported: Decimal | None, measure: str, status: str, kind: str,
        quantity: Decimal | None, remark: str,
    ) -> str:  # fmt: skip
        if not self.keyed:
            return ""
        said = [unit, item, self.office.period.label, day, None if reported is None else f"{reported.normalize():f}"]
        said += [measure, self.office.currency, status, kind]
        said += [None if quantity is None else f"{quantity.normalize():f}", remark]
        return digest_of(said)

    def _wrong(self, before: int) -> set[str]:
        return {p.field for p in self.problems.found[before:]}
