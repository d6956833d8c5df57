"""The inputs of a release: a market's folder as it was known, up to the period of the issue, without names of people.

The snapshot has the layout of a market's folder, so that the production reads it as any other. The quotes stand in a
file for each period: what the release before holds already is linked from there, and only the new period is written.
Office only.
"""

import io
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

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
from ellwand.office.releases.manifest import PERIOD
from ellwand.office.releases.market import DATED, WHOLE, Market
from ellwand.office.releases.tables import csv_line
from ellwand.production.folder import TEXT
from ellwand.production.method import Method
from ellwand.production.validate import REVIEW

UNIT_COLUMNS = ("unit", "source", "valid_from", "valid_to", "simulated")
"""Columns of the units' register that enter a release: codes, never names, addresses or telephones."""
QUOTE_COLUMNS = (
    "quote", "period", "unit", "item", "price", "unit_of_measure", "currency", "quantity", "collected_on",
    "collection_method", REVIEW,
)  # fmt: skip
"""Columns of the quotes that enter a release, beside those that an edit rule of the method names. What a reviewer
decided is always among them, so that a period without a decision has the same columns as one with."""
DESCRIPTION = ("name_zh", "name_en", "currency", "simulated", "marker_zh", "marker_en")
QUOTES = "quotes"


class Snapshots:
    """The files of a market's folder as the inputs of one issue after another; each is made once."""

    def __init__(self, market: Market) -> None:
        self._market, folder = market, market.directory
        given = json.loads((folder / "market.json").read_text(encoding="utf-8"))
        description = {k: given[k] for k in DESCRIPTION if k in given}
        described = json.dumps(description, ensure_ascii=False, indent=2) + "\n"
        self._fixed = {n: (folder / n).read_bytes() for n in WHOLE if (folder / n).is_file()}
        self._fixed["market.json"] = described.encode("utf-8")
        self._fixed["units.csv"] = b"".join(_lines(market.book.units.table, UNIT_COLUMNS))
        self._dated: dict[str, tuple[list[bytes], list[tuple[Any, ...] | None]]] = {}
        for name, column in DATED.items():
            if (folder / name).is_file():
                source = open_source(folder / name, text_columns=TEXT)
                table = source.arrow(source.columns)
                starts = [None if s in (None, "") else natural_key(text_of(s)) for s in table[column].to_pylist()]
                self._dated[name] = (_lines(table), starts)
        self._quotes, self._spans = _by_period(market)
        self._pieces: dict[str, tuple[bytes, str]] = {}

    def write(self, target: Path, t: int, before: Path | None, known: Mapping[str, str]) -> str:
        """Write the inputs known in a period to a new folder; the SHA-256 of the snapshot.

        before : the inputs of the release before, which were checked to have the SHA-256 in `known`, by path below
        them. What is equal there is linked, or copied where the disk knows no links.
        """
        limit = natural_key(self._market.book.periods[t])
        files = dict(self._fixed)
        for name, (lines, starts) in self._dated.items():
            files[name] = b"".join(
                [lines[0], *(w for w, s in zip(lines[1:], starts, strict=True) if s is None or s <= limit)]
            )
        pieces = {name: (data, digest(data)) for name, data in files.items()}
        pieces |= {
            f"{QUOTES}/{p}.parquet": self._piece(p) for p in self._market.book.periods[: t + 1] if p in self._spans
        }
        (target / QUOTES).mkdir(parents=True)
        for name, (data, sha256) in pieces.items():
            if before is None or known.get(name) != sha256 or not _linked(before / name, target / name):
                (target / name).write_bytes(data)
        return _digest_of({name: sha256 for name, (_, sha256) in pieces.items()})

    def _piece(self, period: str) -> tuple[bytes, str]:
        """The file of a period's quotes, and its SHA-256."""
        if period not in self._pieces:
            if not PERIOD.fullmatch(period):
                raise DataError(f"period {period!r}: write letters, digits and -, as 2024-W52; it names a file")
            sink = io.BytesIO()
            start, stop = self._spans[period]
            pq.write_table(self._quotes.slice(start, stop - start), sink, compression="zstd")
            data = sink.getvalue()
            self._pieces[period] = (data, digest(data))
        return self._pieces[period]


def snapshot_digest(inputs: Path) -> str:
    """SHA-256 over the list of input files and their SHA-256, in the order of their paths."""
    files = (p.relative_to(inputs).as_posix() for p in inputs.rglob("*") if p.is_file())
    return _digest_of({name: digest_file(inputs / name) for name in files})


def _digest_of(files: Mapping[str, str]) -> str:
    return digest(canonical([{"path": f"inputs/{p}", "sha256": files[p]} for p in sorted(files)]))


def _linked(source: Path, target: Path) -> bool:
    """Give a file a second name, or a copy where links are impossible; False where it is not there."""
    try:
        os.link(source, target, follow_symlinks=False)
    except FileNotFoundError:
        return False
    except OSError:
        # Another disk, a file system without links, or too many of them.
        shutil.copyfile(source, target)
    return True


def _by_period(market: Market) -> tuple[pa.Table, dict[str, tuple[int, int]]]:
    """The quotes in the order of period, item, unit, so that equal quotes make equal files; and where each begins."""
    book, method = market.book, market.method.method
    kept = [c for c in book.quotes.column_names if c in QUOTE_COLUMNS or c in _named(method)]
    codes, labels = encode(book.quotes["period"])
    place = {p: t for t, p in enumerate(book.periods)}
    when = np.array([place[text_of(v)] for v in labels.to_pylist()], dtype=np.intp)[codes]
    keys = pa.table({"when": when, "item": book.quotes["item"], "unit": book.quotes["unit"]})
    order = pc.sort_indices(keys, [(name, "ascending") for name in keys.column_names])
    out = book.quotes.select(kept).take(order).combine_chunks()
    if REVIEW not in kept:
        out = out.append_column(REVIEW, pa.nulls(out.num_rows, pa.string()))
    out = out.replace_schema_metadata({b"simulated": b"true" if book.simulated else b"false"})
    bounds = np.searchsorted(when[order.to_numpy()], np.arange(len(book.periods) + 1)).tolist()
    spans = {p: (bounds[t], bounds[t + 1]) for t, p in enumerate(book.periods) if bounds[t] < bounds[t + 1]}
    return out, spans


def _named(method: Method) -> set[str]:
    """Words in the edit rules, of which some are columns."""
    return set(re.findall(r"\w+", " ".join(f"{r.must} {r.when}" for r in method.validate.rule)))


def _lines(table: pa.Table, columns: Sequence[str] | None = None) -> list[bytes]:
    """The lines of a table as CSV, the names first."""
    kept = [c for c in table.column_names if columns is None or c in columns]
    values = zip(*([text(v) for v in table[c].to_pylist()] for c in kept), strict=True)
    return [csv_line(row).encode("utf-8") for row in ([*kept], *values)]
