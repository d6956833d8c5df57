"""Versions of the classification: what a new one changes, as a diff of two trees, and bringing it into force.

No class may vanish without a successor (rule 44): every class of the version before is in the new one, or the
correspondence says what it became. Items and the baskets of earlier periods are taken over into the new classes when
the version comes into force, so that back series stay linked: a merger sums the weights, a split divides them by its
declared shares.
"""

import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.registry import effect, sheets, taking
from ellwand.office.registry.checks import Known, check
from ellwand.office.registry.columns import BOOKS, CLASSED, CLASSES, LINKS
from ellwand.office.registry.faults import Fault, fault
from ellwand.office.registry.market import digest
from ellwand.office.registry.models import Basket, Class, Classification, Correspondence, Market, Weight
from ellwand.office.rounds import snapshot
from ellwand.production.folder import read_folder

Row = dict[str, str]
SAME, NAMED, RENAMED, MOVED, SPLIT, MERGED, NEW, GONE = (
    "same", "named", "rename", "move", "split", "merge", "new", "gone",
)  # fmt: skip
TREE, PAIRS, PLACED = "classes", "correspondence", "items"
"""Names of the sheets of a workbook that holds a version: its classes, what became of old ones, items of split ones."""


@dataclass(frozen=True)
class Line:
    """A class of either version in the common tree.

    mark : what happened to it. other : the classes that it came from, or became; of a move its old parent.
    """

    depth: int
    code: str
    old: Row | None
    new: Row | None
    mark: str
    other: tuple[str, ...] = ()

    @property
    def name_zh(self) -> str:
        """Its name in Chinese."""
        return (self.new or self.old or {}).get("name_zh", "")

    @property
    def name_en(self) -> str:
        """Its name in English."""
        return (self.new or self.old or {}).get("name_en", "")


@dataclass
class Version:
    """A version that is looked at. tree, links : its good rows. items : new class by item. faults : by sheet."""

    tree: list[Row]
    links: list[Row]
    items: dict[str, str]
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether it may come into force."""
        return not any(f.rule != "column" for rows in self.faults.values() for f in rows)

    @property
    def changed(self) -> list[Line]:
        """The lines that differ."""
        return [line for line in self.lines if line.mark != SAME]


def last() -> Classification | None:
    """The version in force."""
    return Classification.objects.select_related("by").order_by("-number").first()


def rows_of(version: Classification | None) -> list[Row]:
    """The classes of a version in its order."""
    if version is None:
        return []
    found = Class.objects.filter(classification=version).order_by("position").values_list(*Class.COLUMNS)
    return [dict(zip(Class.COLUMNS, row, strict=True)) for row in found]


def links_of(version: Classification | None) -> list[Row]:
    """The correspondence of a version with the one before it."""
    found = Correspondence.objects.filter(classification=version).order_by("pk") if version else ()
    return [{"old": c.old, "new": c.new, "kind": c.kind, "share": str(c.more.get("share", ""))} for c in found]


def leaves(tree: Sequence[Row]) -> set[str]:
    """Classes without classes below them."""
    return {r["code"] for r in tree} - {r["parent"] for r in tree}


def look(content: bytes) -> Version:
    """A version from a workbook, or its classes alone from a CSV file, against the version in force.

    DataError where the file is no use as a whole.
    """
    before = rows_of(last())
    read = sheets.read(content, CLASSES, TREE if sheets.has_sheet(content, TREE) else "")
    codes = {row.get("code", "") for _, row in read.rows}
    done = check(CLASSES, read.rows, {}, Known({}, ()), read.faults)
    tree = [{name: row[name] for name in Class.COLUMNS} for _, row in done.new]
    out = Version(tree, [], {}, {TREE: list(done.faults)})
    known = Known({"classes": codes, "items": set(taking.rows_of(BOOKS["items"]))}, leaves(tree))
    if sheets.has_sheet(content, PAIRS):
        pairs = sheets.read(content, LINKS, PAIRS)
        checked = check(LINKS, pairs.rows, {}, known, pairs.faults)
        out.faults[PAIRS] = list(checked.faults)
        out.links = [row for _, row in checked.new]
        numbers = {(row["old"], row["new"]): n for n, row in checked.new}
        out.faults[PAIRS] += _links(before, tree, out.links, numbers)
    if sheets.has_sheet(content, PLACED):
        placed = sheets.read(content, CLASSED, PLACED)
        own = {code: row["ea"] for code, row in taking.rows_of(BOOKS["items"]).items()}
        # A row that says what the record says, as the exported sheet does, places nothing.
        said = [(n, r) for n, r in placed.rows if own.get(r.get("item", "")) != r.get("ea")]
        checked = check(CLASSED, said, {}, known, placed.faults)
        out.faults[PLACED] = list(checked.faults)
        out.items = {row["item"]: row["ea"] for _, row in checked.new}
    out.faults[TREE] += _orphans(before, tree, out.links)
    _moves(before, tree, out.links)
    _items(out, before)
    out.lines = diff(before, tree, out.links)
    return out


def _orphans(before: Sequence[Row], tree: Sequence[Row], links: Sequence[Row]) -> list[Fault]:
    there = {r["code"] for r in tree} | {r["old"] for r in links}
    return [fault(0, "code", r["code"], "orphan") for r in before if r["code"] not in there]


def _links(
    before: Sequence[Row], tree: Sequence[Row], links: Sequence[Row], numbers: Mapping[tuple[str, str], int]
) -> list[Fault]:
    """Faults of the correspondence; empty kinds are filled in."""
    old, low, out = {r["code"] for r in before}, leaves(tree), []
    old_low, codes = leaves(before), {r["code"] for r in tree}
    to, came = _pairs(links)
    for row in links:
        number = numbers[row["old"], row["new"]]
        if row["old"] not in old:
            out.append(fault(number, "old", row["old"], "old"))
            continue
        # One that goes into a class which was there before is merged with it, even alone.
        joined = len(came[row["new"]]) > 1 or row["new"] in old
        kind = SPLIT if len(to[row["old"]]) > 1 else MERGED if joined else RENAMED
        if row["old"] == row["new"]:
            kind = MOVED
        elif row["old"] in low or (row["old"] in codes and kind != SPLIT):
            out.append(fault(number, "old", row["old"], "kept"))
        if row["kind"] and row["kind"] != kind:
            out.append(fault(number, "kind", row["kind"], "kind", kind=kind))
        row["kind"] = kind
        if (row["old"] in old_low) != (row["new"] in low):
            out.append(fault(number, "new", row["new"], "leaf"))
    for code, targets in to.items():
        if len(targets) > 1 and code in old_low:
            shares = [Decimal(r["share"]) if r.get("share") else Decimal(0) for r in links if r["old"] == code]
            if sum(shares) != 1:
                out.append(fault(numbers[code, targets[0]], "share", str(sum(shares)), "shares"))
    return out


def _pairs(links: Sequence[Row]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    to: dict[str, list[str]] = {}
    came: dict[str, list[str]] = {}
    for row in links:
        to.setdefault(row["old"], []).append(row["new"])
        came.setdefault(row["new"], []).append(row["old"])
    return to, came


def _moves(before: Sequence[Row], tree: Sequence[Row], links: list[Row]) -> None:
    """Add what the trees say themselves: classes that keep their code under another parent."""
    to, _ = _pairs(links)
    parents = {r["code"]: r["parent"] for r in before}
    for r in tree:
        old = parents.get(r["code"])
        if old is not None and old != r["parent"] and to.get(old) != [r["parent"]] and r["code"] not in to:
            links.append({"old": r["code"], "new": r["code"], "kind": MOVED, "share": ""})


def _items(version: Version, before: Sequence[Row]) -> None:
    """Where every item of a class that is no elementary aggregate any more goes; a fault for one that is not placed."""
    low, (to, _) = leaves(version.tree), _pairs(version.links)
    if not before:
        return
    for code, row in taking.rows_of(BOOKS["items"]).items():
        if code in version.items or row["ea"] in low:
            continue
        targets = to.get(row["ea"], [])
        if len(targets) == 1:
            version.items[code] = targets[0]
        else:
            version.faults.setdefault(PLACED, []).append(fault(0, "item", f"{code} ({row['ea']})", "placed"))


def diff(before: Sequence[Row], tree: Sequence[Row], links: Sequence[Row]) -> list[Line]:
    """Both versions as one tree: the classes of the new one in its order, those that are gone where they stood."""
    old, new = {r["code"]: r for r in before}, {r["code"]: r for r in tree}
    to, came = _pairs([r for r in links if r["old"] != r["new"]])
    gone: dict[str, list[Row]] = {}
    for r in before:
        if r["code"] not in new:
            parent = r["parent"]
            place = parent if parent in new or parent not in to else to[parent][0]
            gone.setdefault(place, []).append(r)
    children: dict[str, list[Row]] = {}
    for r in tree:
        children.setdefault(r["parent"], []).append(r)
    out: list[Line] = []

    def lost(place: str, depth: int) -> None:
        for r in gone.get(place, ()):
            out.append(Line(depth, r["code"], r, None, GONE, tuple(to.get(r["code"], ()))))
            if r["code"] not in new:
                lost(r["code"], depth + 1)

    def walk(parent: str, depth: int) -> None:
        for r in children.get(parent, ()):
            out.append(_line(depth, r, old, to, came))
            walk(r["code"], depth + 1)
            lost(r["code"], depth + 1)

    walk("", 0)
    lost("", 0)
    return out


def _line(
    depth: int, r: Row, old: Mapping[str, Row], to: Mapping[str, list[str]], came: Mapping[str, list[str]]
) -> Line:
    code, sources = r["code"], tuple(came.get(r["code"], ()))
    was = old.get(code)
    if sources:
        mark = MERGED if len(sources) > 1 or was is not None else SPLIT if len(to[sources[0]]) > 1 else RENAMED
        return Line(depth, code, was or old.get(sources[0]), r, mark, sources)
    if was is None:
        return Line(depth, code, None, r, NEW)
    if was["parent"] != r["parent"] and to.get(was["parent"]) != [r["parent"]]:
        return Line(depth, code, was, r, MOVED, (was["parent"],))
    named = any(was[n] != r[n] for n in ("name_zh", "name_en", "valid_from", "valid_to"))
    return Line(depth, code, was, r, NAMED if named else SAME)


def adopt(content: bytes, by: User, reason: str) -> Classification:
    """Bring a version into force, with its items and baskets. DataError says what stands in the way."""
    role = people.require(by, "registers.change")
    if not reason.strip():
        raise DataError("reason: empty; say why the classification changes")
    with transaction.atomic():
        Market.objects.select_for_update().first()
        version, before = look(content), last()
        if not version.good:
            first = next(f for rows in version.faults.values() for f in rows if f.rule != "column")
            raise DataError(f"the classification is refused as a whole: {first}")
        if before is not None and not version.changed:
            raise DataError("the classification is as it was; nothing changes")
        now = clock.now()
        made = Classification(
            number=before.number + 1 if before else 1, digest=digest([version.tree, version.links]), by=by, at=now,
            reason=reason.strip(),
        )  # fmt: skip
        made.save()
        Class.objects.bulk_create(
            [Class(classification=made, position=k, **row) for k, row in enumerate(version.tree)], batch_size=500
        )
        Correspondence.objects.bulk_create(
            [
                Correspondence(
                    classification=made, old=r["old"], new=r["new"], kind=r["kind"],
                    more={"share": r["share"]} if r.get("share") else {},
                )
                for r in version.links
            ],
            batch_size=500,
        )  # fmt: skip
        items = taking.rows_of(BOOKS["items"])
        placed = [{**items[code], "ea": ea} for code, ea in version.items.items() if items[code]["ea"] != ea]
        taking.store(BOOKS["items"], placed, by, reason)
        baskets = _take_over(version, by, f"classification {made.number}: {reason.strip()}")
        _try()
        after = {"number": made.number, "changed": len(version.changed), "items": len(placed), "baskets": baskets}
        trail.append(by, "classification.adopt", f"classification/{made.number}", role=role, after=after, reason=reason)
    return made


def _take_over(version: Version, by: User, reason: str) -> int:
    """New versions of the baskets that have weights at classes which became others; how many."""
    low, (to, _) = leaves(version.tree), _pairs(version.links)
    shares = {(r["old"], r["new"]): Decimal(r["share"]) for r in version.links if r.get("share")}
    newest = {b.valid_from: b for b in Basket.objects.order_by("number")}
    count = 0
    for basket in newest.values():
        weights = list(basket.weights.order_by("pk"))
        if all(w.ea in low for w in weights):
            continue
        made: dict[str, Row] = {}
        for w in weights:
            for ea, weight in _parts(w, to, shares, low):
                row = made.setdefault(ea, {"ea": ea, "weight": "0", "weight_reference": w.weight_reference,
                                           "price_reference": w.price_reference})  # fmt: skip
                row["weight"] = f"{Decimal(row['weight']) + weight:f}"
        rows = list(made.values())
        new = Basket(valid_from=basket.valid_from, number=basket.number + 1, digest=digest(rows), by=by,
                     at=clock.now(), reason=reason)  # fmt: skip
        new.save()
        Weight.objects.bulk_create([Weight(basket=new, **row) for row in rows], batch_size=500)
        count += 1
    return count


def _parts(
    w: Weight, to: Mapping[str, list[str]], shares: Mapping[tuple[str, str], Decimal], low: Collection[str]
) -> list[tuple[str, Decimal]]:
    whole = Decimal(w.weight)
    if w.ea in low:
        return [(w.ea, whole)]
    targets = to.get(w.ea, [])
    if not targets:
        raise DataError(f"basket {w.basket.valid_from}: {w.ea} has a weight and no successor; say what it became")
    if len(targets) == 1:
        return [(targets[0], whole)]
    return [(t, whole * shares[w.ea, t]) for t in targets]


def _try() -> None:
    """Whether the production reads the registers as they stand now. DataError with its words if it does not."""
    found = effect.last_round()
    if found is None:
        return
    taken = snapshot.take(found)
    with tempfile.TemporaryDirectory(prefix="ellwand-") as folder:
        taken.write(Path(folder), quotes=False)
        read_folder(folder, taken.quotes)
