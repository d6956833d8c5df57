"""Files of a simulated market: every one is marked, and equal input gives equal bytes."""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

MARK_ZH = "模拟市场：所有数字均由程序生成，与任何真实价格无关。"
MARK_EN = "Simulated market: every figure was made by a program and says nothing about real prices."
METADATA = {b"simulated": b"true", b"marker_zh": MARK_ZH.encode(), b"marker_en": MARK_EN.encode()}
DESCRIPTION = "market.json"


COMPILED, RESULT = "compiled", "result.json"
"""The folder that a compilation of the market writes into it, and the file that describes the compilation."""


def prepare(directory: Path) -> None:
    """An empty folder. Files of an earlier simulated market and its compilation are removed.

    ValueError where anything else is there.
    """
    described = directory / DESCRIPTION
    if described.is_file():
        try:
            old = json.loads(described.read_text(encoding="utf-8"))
        except ValueError:
            old = None
        if not isinstance(old, dict) or old.get("simulated") is not True:
            raise ValueError(
                f"directory {directory}: its {DESCRIPTION} is not of a simulated market; give an empty folder"
            )
        for name in old.get("files", {}):
            target = (directory / name).resolve()
            if target.is_relative_to(directory.resolve()):
                target.unlink(missing_ok=True)
        _remove_compilation(directory / COMPILED)
        for folder in sorted((p for p in directory.rglob("*") if p.is_dir()), reverse=True):
            if not any(folder.iterdir()):
                folder.rmdir()
        others = sorted(p.name for p in directory.iterdir() if p != described)
    else:
        others = sorted(p.name for p in directory.iterdir()) if directory.is_dir() else []
    if others:
        raise ValueError(
            f"directory {directory}: holds {others[0]!r}, which is not a file of a simulated market; "
            "give an empty folder"
        )
    directory.mkdir(parents=True, exist_ok=True)


def _remove_compilation(folder: Path) -> None:
    """Remove the files that a compilation of simulated figures lists as its own; any other file stays."""
    described = folder / RESULT
    try:
        result = json.loads(described.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    if not isinstance(result, dict) or result.get("simulated") is not True:
        return
    outputs = result.get("outputs")
    for name in [*(outputs if isinstance(outputs, dict) else ()), RESULT]:
        target = (folder / name).resolve()
        if target.is_relative_to(folder.resolve()):
            target.unlink(missing_ok=True)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Indented JSON in the order given."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A CSV file (UTF-8, comma, newline) with a last column `simulated` that says true in every row."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([*columns, "simulated"])
        writer.writerows([*row, "true"] for row in rows)


def write_parquet(path: Path, table: pa.Table) -> None:
    """A Parquet file whose schema metadata says simulated=true."""
    path.parent.mkdir(parents=True, exist_ok=True)
    marked = table.replace_schema_metadata(METADATA)
    pq.write_table(marked, path, compression="zstd", store_decimal_as_integer=True)


def decimals(units: NDArray[np.int64], precision: int, scale: int) -> pa.Array:
    """Whole numbers of the last decimal place as decimals, without a detour through text."""
    words = np.empty((units.size, 2), dtype="<i8")
    words[:, 0] = units
    words[:, 1] = units >> 63
    return pa.Array.from_buffers(pa.decimal128(precision, scale), units.size, [None, pa.py_buffer(words)])


def named(names: Sequence[str], positions: NDArray[np.intp]) -> pa.Array:
    """Texts by position."""
    return pa.array(names, pa.string()).take(pa.array(positions))
