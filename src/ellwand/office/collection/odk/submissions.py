"""A submission of ODK or KoBo as entries: what each question means is told by its name, as in a price sheet. Pure.

Our own form (see `form`) has the names of `FIELDS`; forms that others made may call a question by any name that a
column of a price sheet may have. Groups are looked through; each repetition of a repeated group is an entry.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ellwand.office.collection.columns import column_of
from ellwand.office.collection.messages import SheetError
from ellwand.office.collection.odk.elements import Element, parse

FIELDS: Final = (
    "unit", "unit_name", "item", "item_name", "price", "unit_of_measure", "date", "remark", "type", "status",
    "quantity", "reason", "picture",
)  # fmt: skip
"""What an entry may say. reason : why a price that looks strange is right. picture : name of a file sent with it."""

PICTURES: Final = frozenset(("photo", "image", "swatch", "照片", "图片"))

SAYING: Final = frozenset(("item", "item_name", "price", "status"))
"""An entry without one of these says nothing."""

META: Final = frozenset(("start", "end", "today", "deviceid", "instanceid", "instancename", "deprecatedid", "meta"))


@dataclass(frozen=True, slots=True)
class Said:
    """An entry. number : its place among those of the submission, from 1. row : of the file. fields : by `FIELDS`."""

    number: int
    row: int
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission. id : the instance's, without "uuid:". made_at : as the phone wrote it, "" if it did not."""

    id: str
    form: str
    version: str
    made_at: str
    entries: tuple[Said, ...]


def field_of(question: str) -> str | None:
    """The field that a question of this name fills; None for another one."""
    name = question.strip()
    if name.casefold() in FIELDS:
        return name.casefold()
    if name.casefold() in META or name.startswith("_"):
        # What form servers add of themselves begins so: _status, _uuid, __version__.
        return None
    if name.casefold() in PICTURES:
        return "picture"
    fields = column_of(0, name.replace("_", " ")).fields
    return fields[0] if len(fields) == 1 and fields[0] in FIELDS else None


def instance_id(text: str) -> str:
    """The id of an instance without its prefix, so that a form server's export and the phone say the same."""
    return re.sub(r"^uuid:", "", text.strip(), flags=re.IGNORECASE)


def says(fields: Mapping[str, str]) -> bool:
    """Whether an entry says anything."""
    return any(fields.get(f) for f in SAYING)


def read_submission(content: bytes) -> Submission:
    """The entries of an instance as a phone sends it. SheetError for one that can't be read or says nothing."""
    root = parse(content)
    if root.name == "OpenRosaResponse" or not root.children:
        raise SheetError("no submission", value=root.name)
    meta = root.child("meta")
    found = root.attributes.get("instanceID") or _leaf(meta, "instanceID") or _leaf(root, "instanceID")
    if not found or not instance_id(found):
        raise SheetError("no instance id")
    if len(found) > 200:
        raise SheetError("cell too long", limit=200)
    every = list(_entries(root, {}))
    entries = tuple(Said(n, n, fields) for n, fields in enumerate(every, 1) if says(fields))
    if not entries:
        raise SheetError("nothing said", value=root.attributes.get("id", root.name))
    made = _leaf(root, "end") or _leaf(root, "start")
    version = root.attributes.get("version") or _leaf(root, "__version__")
    return Submission(instance_id(found), root.attributes.get("id", root.name), version, made, entries)


def _leaf(parent: Element | None, name: str) -> str:
    found = parent.child(name) if parent is not None else None
    return found.text if found is not None else ""


def _entries(element: Element, above: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """The entries below an element, in the order of the document. above : what groups around it say."""
    own = dict(above)
    repeated: list[Element] = []
    _gather(element, own, repeated)
    if not repeated:
        yield own
    for one in repeated:
        yield from _entries(one, own)


def _gather(element: Element, own: dict[str, str], repeated: list[Element]) -> None:
    """What an element says itself, groups looked through; and the repetitions in it."""
    counts = Counter(c.name for c in element.children if c.children)
    for child in element.children:
        if child.name in ("meta", "formhub"):
            continue
        if counts[child.name] > 1:
            if child.children:
                repeated.append(child)
        elif child.children:
            _gather(child, own, repeated)
        elif child.text and (name := field_of(child.name)):
            own[name] = child.text
