"""Submissions as a form server exports them: a CSV table of ODK Central, ODK Briefcase or KoBo, or the ZIP of several.

Columns bear the question's name after the names of its groups (`shop-unit`, `shop/unit`); repetitions stand in a table
of their own that names the submission (PARENT_KEY), or in numbered columns (`quote[2]/price`). Formats: the export
sections of the documentation of ODK Central and KoBoToolbox.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from ellwand.office.collection.messages import SheetError
from ellwand.office.collection.odk.submissions import Said, Submission, field_of, instance_id, says
from ellwand.office.collection.sheets import LIMITS, Limits
from ellwand.office.collection.text import decode

IDS: Final = ("KEY", "meta-instanceID", "meta/instanceID", "instanceID", "_uuid")
TABLES: Final = 200
REJECTED: Final = frozenset(("rejected", "not approved", "validation_status_not_approved"))
"""What form servers call a submission that their own reviewer refused."""

_NUMBERED = re.compile(r"\[(\d{1,4})\]")
_GROUPS = re.compile(r"[/:.]|(?<=[A-Za-z0-9_])-(?=[A-Za-z_])")


@dataclass(frozen=True, slots=True)
class Export:
    """What an export holds. rejected : ids of submissions that the reviewer there refused, left out here."""

    submissions: tuple[Submission, ...]
    rejected: tuple[str, ...]


@dataclass(slots=True)
class _One:
    id: str
    row: int
    form: str
    version: str
    made_at: str
    own: dict[str, str]
    repeated: list[tuple[int, int, dict[str, str]]] = field(default_factory=list)


def read_export(content: bytes, name: str = "", limits: Limits = LIMITS) -> Export:
    """The submissions of an export. SheetError for a file that is none. Entries carry the rows of their table."""
    if not content:
        raise SheetError("empty file")
    if len(content) > limits.size:
        raise SheetError("file too large", value=len(content), limit=limits.size)
    tables = dict(_unpack(content, limits)) if content.startswith(b"PK") else {name or "export.csv": content}
    found: dict[str, _One] = {}
    rejected: list[str] = []
    children = []
    for title, table in tables.items():
        records = _records(table, limits)
        if not records:
            continue
        if "PARENT_KEY" in records[0]:
            children.append((title, records))
            continue
        _main(title, records, found, rejected)
    for title, records in children:
        _repetitions(title, records, found, set(rejected))
    if not found and not rejected:
        raise SheetError("no export")
    return Export(tuple(_submission(one) for one in found.values()), tuple(rejected))


def _unpack(content: bytes, limits: Limits) -> Iterator[tuple[str, bytes]]:
    """The CSV tables of a ZIP, within bounds."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [p for p in archive.infolist() if p.filename.lower().endswith(".csv")]
            if not parts or len(parts) > TABLES:
                raise SheetError("bad archive", value=f"{len(parts)} CSV")
            if (size := sum(p.file_size for p in parts)) > limits.unpacked:
                raise SheetError("unpacked too large", value=size, limit=limits.unpacked)
            for part in parts:
                with archive.open(part) as file:
                    read = file.read(limits.unpacked + 1)
                if len(read) != part.file_size:
                    raise SheetError("bad archive", value=part.filename)
                yield PurePosixPath(part.filename).name, read
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise SheetError("bad archive", value=error) from None


def _records(content: bytes, limits: Limits) -> list[dict[str, str]]:
    """The records of a table, by the names of its columns."""
    text, _ = decode(content)
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    out: list[dict[str, str]] = []
    # Cells may be longer than the reader's own limit; they are checked below.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = next(reader, [])
        for record in reader:
            if len(out) >= limits.rows:
                raise SheetError("too many rows", limit=limits.rows)
            if any(len(x) > limits.cell for x in record):
                raise SheetError("cell too long", limit=limits.cell)
            out.append(dict(zip(names, record, strict=False)))
    except csv.Error as error:
        raise SheetError("quoting", row=len(out) + 2, value=error) from None
    return out


def _column(record: Mapping[str, str], *names: str) -> str:
    """The first column of these names that says something, with or without groups before it."""
    for name in names:
        if record.get(name):
            return record[name].strip()
    for column, value in record.items():
        if value and _GROUPS.split(column)[-1].casefold() in {n.casefold() for n in names}:
            return value.strip()
    return ""


def _main(title: str, records: Sequence[Mapping[str, str]], found: dict[str, _One], rejected: list[str]) -> None:
    """The table of the submissions themselves."""
    if not set(IDS) & set(records[0]):
        raise SheetError("no export")
    form = PurePosixPath(title).stem
    for row, record in enumerate(records, 2):
        found_id = next((v for name in IDS if (v := record.get(name, "").strip())), "")
        if not found_id:
            raise SheetError("no instance id")
        id_ = instance_id(found_id)
        state = _column(record, "ReviewState", "_validation_status").casefold()
        if state in REJECTED:
            rejected.append(id_)
            continue
        own: dict[str, str] = {}
        numbered: dict[int, dict[str, str]] = {}
        for column, value in record.items():
            said = value.strip()
            name = field_of(_GROUPS.split(column)[-1]) if column and said else None
            if name is None or column in IDS:
                continue
            number = _NUMBERED.search(column)
            (numbered.setdefault(int(number[1]), {}) if number else own)[name] = said
        one = _One(
            id_, row, _column(record, "FormID", "_xform_id_string") or form,
            _column(record, "FormVersion", "__version__"), _column(record, "end", "_submission_time", "SubmissionDate"),
            own,
        )  # fmt: skip
        one.repeated += [(k, row, fields) for k, fields in sorted(numbered.items())]
        found[id_] = one


def _repetitions(
    title: str, records: Sequence[Mapping[str, str]], found: Mapping[str, _One], rejected: set[str]
) -> None:
    """A table of repetitions, each with the key of its submission."""
    for row, record in enumerate(records, 2):
        parent = instance_id(record.get("PARENT_KEY", "").split("/")[0])
        if parent in rejected:
            continue
        if parent not in found:
            raise SheetError("no parent", value=f"{title} {record.get('PARENT_KEY', '')}")
        fields = {}
        for column, value in record.items():
            if column in ("KEY", "PARENT_KEY") or not value.strip():
                continue
            if name := field_of(_GROUPS.split(column)[-1]):
                fields[name] = value.strip()
        numbers = _NUMBERED.findall(record.get("KEY", ""))
        repeated = found[parent].repeated
        repeated.append((int(numbers[-1]) if numbers else len(repeated) + 1, row, fields))


def _submission(one: _One) -> Submission:
    """The submission with its entries in order, numbered as the phone numbers them."""
    if one.repeated:
        every = [(n, row, {**one.own, **fields}) for n, row, fields in sorted(one.repeated, key=lambda r: r[:2])]
    else:
        every = [(1, one.row, one.own)]
    entries = tuple(Said(n, row, fields) for n, row, fields in every if says(fields))
    return Submission(one.id, one.form, one.version, one.made_at, entries)
