"""The rotation of the sample: every entry, exit and replacement with its reason and how it is linked (rule 45)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ellwand.office.accounts.models import User
from ellwand.office.registry.models import Change, Item, Rotation, Unit

ENTRY, EXIT, REPLACEMENT = "entry", "exit", "replacement"
OVERLAP, NEW, BY_METHOD = "overlap", "new", "method"
LINKS = {
    OVERLAP: ("同期重叠报价", "overlap: both were quoted in one period"),
    BY_METHOD: ("按方法文件的规则衔接", "by the rule of the method"),
    NEW: ("新进样本：自第二期起参与计算", "new: counts from its second period on"),
}
"""How a series that enters is linked, in both languages. Without an overlap the method's ladder finds the way."""


def note(changes: Iterable[Change], by: User, at: datetime, reason: str) -> list[Rotation]:
    """Log what changes of assignments mean for the sample: opened ones are entries, closed ones exits.

    An item that replaces another one at the unit is a replacement, linked by the rule of the method.
    """
    given = [c for c in changes if c.register == "assignments"]
    if not given:
        return []
    units = dict(Unit.objects.values_list("code", "pk"))
    replaces = dict(Item.objects.exclude(replaces="").values_list("code", "replaces"))
    out = []
    for change in given:
        before, after = change.before, change.after or {}
        kind, period = _kind(before, after)
        if not kind:
            continue
        old = replaces.get(after["item"], "") if kind == ENTRY else ""
        link = "" if kind == EXIT else BY_METHOD if old else NEW
        made = Rotation(
            kind=REPLACEMENT if old else kind, unit_id=units[after["unit"]], item=after["item"], replaced=old,
            period=period, link=link, by=by, at=at, reason=reason,
        )  # fmt: skip
        out.append(made)
    return list(Rotation.objects.bulk_create(out, batch_size=500))


def _kind(before: Any, after: Any) -> tuple[str, str]:
    if before is None or (before["valid_to"] and not after["valid_to"]):
        return ENTRY, after["valid_from"]
    if after["valid_to"] and before["valid_to"] != after["valid_to"]:
        return EXIT, after["valid_to"]
    return "", ""


def silent() -> list[str]:
    """Rows of the log that lack a reason or a link: none may (rule 45)."""
    return [
        f"{r.kind} of {r.item} at {r.unit.code}"
        for r in Rotation.objects.select_related("unit")
        if not r.reason.strip() or (r.kind != EXIT and not _linked(r))
    ]


def _linked(row: Rotation) -> bool:
    return row.link in LINKS and (row.link != OVERLAP or bool(row.overlap_price))
