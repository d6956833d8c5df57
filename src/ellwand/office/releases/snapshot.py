"""The inputs of a release: a market's folder as it was known, up to the period of the issue, without names of people.

The snapshot has the layout of a market's folder, so that the production reads it as any other. Office only.
"""

import csv
import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ellwand.engine.cells import encode
from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key, text_of
from ellwand.engine.source import open_source
from ellwand.office.releases.canonical import canonical, digest, digest_file
from ellwand.office.releases.figures import text
from ellwand.production.book import Book
from ellwand.production.folder import TEXT, read_folder
from ellwand.production.method import Method, MethodFile

UNIT_COLUMNS = ("unit", "source", "valid_from", "valid_to", "simulated")
"""Columns of the units' register that enter a release: codes, never names, addresses or telephones."""
QUOTE_COLUMNS = (
    "quote", "period", "unit", "item", "price", "unit_of_measure", "currency", "quantity", "collected_on",
    "collection_method",
)  # fmt: skip
"""Columns of the quotes that enter a release, beside those that an edit rule of the method names."""
DESCRIPTION = ("name_zh", "name_en", "currency", "simulated", "marker_zh", "marker_en")
WHOLE = ("classification.csv", "items.csv", "sources.csv")
DATED = {"assignments.csv": "valid_from", "closures.csv": "period", "basket.csv": "valid_from"}
"""Files of dated facts, and the column that says from when; later ones are left out."""


def write_snapshot(directory: str | Path, target: Path, method: MethodFile, period: str) -> Book:
    """Write the inputs of one issue to a new folder and return the book that is read back from it.

    DataError or ValueError as `read_folder`, and for a period without quotes.
    """
    folder = Path(directory)
    book = read_folder(folder)
    if period not in book.periods:
        raise DataError(f"period {period!r} is not in {folder}; it runs from {book.periods[0]} to {book.periods[-1]}")
    target.mkdir(parents=True)
    limit = natural_key(period)
    for name in WHOLE:
        if (folder / name).is_file():
            shutil.copyfile(folder / name, target / name)
    _csv(target / "units.csv", book.units.table, UNIT_COLUMNS)
    for name, column in DATED.items():
        if (folder / name).is_file():
            source = open_source(folder / name, text_columns=TEXT)
            _csv(target / name, _until(source.arrow(source.columns), column, limit))
    given = json.loads((folder / "market.json").read_text(encoding="utf-8"))
    description = {k: given[k] for k in DESCRIPTION if k in given}
    described = json.dumps(description, ensure_ascii=False, indent=2) + "\n"
    (target / "market.json").write_text(described, encoding="utf-8")
    _quotes(book, method.method, period, target / "quotes.parquet")
    found = read_folder(target)
    if found.periods[-1] != period:
        raise DataError(f"period {period}: no quote; an issue needs quotes of its own period")
    return found


def snapshot_digest(inputs: Path) -> str:
    """SHA-256 over the list of input files and their SHA-256, in the order of their paths."""
    files = sorted(p.relative_to(inputs).as_posix() for p in inputs.rglob("*") if p.is_file())
    return digest(canonical([{"path": f"inputs/{p}", "sha256": digest_file(inputs / p)} for p in files]))


def _until(table: pa.Table, column: str, limit: tuple[object, ...]) -> pa.Table:
    """The rows that begin no later than the period."""
    starts = table[column].to_pylist()
    return table.filter(pa.array([s in (None, "") or natural_key(text_of(s)) <= limit for s in starts], pa.bool_()))


def _quotes(book: Book, method: Method, period: str, path: Path) -> None:
    """The quotes up to the period in the order of period, item, unit, so that equal quotes make equal files."""
    table = book.quotes
    named = set(re.findall(r"\w+", " ".join(f"{r.must} {r.when}" for r in method.validate.rule)))
    kept = [c for c in table.column_names if c in QUOTE_COLUMNS or c in named]
    codes, labels = encode(table["period"])
    place = {p: t for t, p in enumerate(book.periods)}
    when = np.array([place[text_of(v)] for v in labels.to_pylist()], dtype=np.intp)[codes]
    keys = pa.table({"when": when, "item": table["item"], "unit": table["unit"]})
    order = pc.sort_indices(keys, [(name, "ascending") for name in keys.column_names]).to_numpy()
    order = order[when[order] <= place[period]]
    out = table.select(kept).take(pa.array(order)).combine_chunks()
    out = out.replace_schema_metadata({b"simulated": b"true" if book.simulated else b"false"})
    pq.write_table(out, path, compression="zstd")


def _csv(path: Path, table: pa.Table, columns: Sequence[str] | None = None) -> None:
    kept = [c for c in table.column_names if columns is None or c in columns]
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(kept)
        writer.writerows(zip(*([text(v) for v in table[c].to_pylist()] for c in kept), strict=True))
