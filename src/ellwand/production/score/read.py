"""Reading what a score needs: the truth of a simulated market and the tables of a compilation.

The columns of the truth are those that `docs/market.md` lists, those of the compilation are in `docs/compile.md`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.engine.source import open_source
from ellwand.formulas.catalogue import suggest
from ellwand.production.book import Array, Codes
from ellwand.production.method import MethodFile, read_method

TRUTH = {
    "classes.csv": ("code", "period", "index_true"),
    "population.csv": ("code", "period", "index_population"),
    "prices.parquet": ("item", "period", "price"),
    "errors.parquet": ("quote", "kind", "true_price"),
}
COMPILATION = {
    "quotes.parquet": ("quote", "period", "unit", "item", "verdict", "rule", "proposal", "used"),
    "observations.parquet": (
        "code", "parent", "level", "name_zh", "name_en", "period", "index", "low", "high", "change_low", "change_high",
    ),
    "prices.parquet": ("item", "unit", "ea", "period", "price", "relative", "status"),
}  # fmt: skip
TEXT = ("code", "period")


@dataclass(frozen=True)
class Tables:
    """The truth, and a compilation. periods : of the compilation, in order. codes : of its classes, in their order."""

    truth: dict[str, pa.Table]
    compiled: dict[str, pa.Table]
    method: MethodFile
    periods: tuple[str, ...]
    codes: tuple[str, ...]

    def matrix(self, table: pa.Table, value: str, rows: Sequence[str], row: str = "code") -> Array:
        """A column as rows x periods of the compilation, NaN where the table has nothing."""
        out = np.full((len(rows), len(self.periods)), np.nan)
        r, t = places(table[row], rows), places(table["period"], self.periods)
        given = table[value].to_numpy().astype(np.float64)
        have = (r >= 0) & (t >= 0)
        out[r[have], t[have]] = given[have]
        return out


def places(column: pa.ChunkedArray, labels: Sequence[str]) -> Codes:
    """Position of each value among the labels, -1 for one that is not there."""
    found = pc.index_in(column, value_set=pa.array(labels, pa.string()))
    return np.asarray(found.fill_null(-1).to_numpy(), dtype=np.intp)


def read_tables(folder: Path, compilation: Path) -> Tables:
    """The truth of a market's folder and a compilation. DataError says what is not there and how it is made."""
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; give the folder of a simulated market")
    if not (folder / "truth").is_dir():
        raise DataError(f"{folder}: has no folder truth; only a market whose truth is known can be scored")
    remedy = f"write it with: ellwand compile {folder}"
    result = compilation / "result.json"
    if not result.is_file():
        raise DataError(f"{compilation}: holds no complete compilation (no result.json); {remedy}")
    if json.loads(result.read_text(encoding="utf-8")).get("complete") is False:
        raise DataError(f"{compilation}: the compilation was left half written; {remedy}")
    truth = {name: _read(folder / "truth" / name, columns, "write the market again") for name, columns in TRUTH.items()}
    compiled = {name: _read(compilation / name, columns, remedy) for name, columns in COMPILATION.items()}
    observations = compiled["observations.parquet"]
    periods = tuple(sorted(pc.unique(observations["period"]).to_pylist(), key=natural_key))
    codes = tuple(pc.unique(observations["code"]).to_pylist())
    known = set(pc.unique(truth["classes.csv"]["code"]).to_pylist())
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise DataError(
            f"{compilation}: class {unknown[0]} is not in the truth of {folder}; "
            f"the compilation is of another market, or of an earlier one in this folder; {remedy}"
        )
    return Tables(truth, compiled, read_method(compilation / "method.toml"), periods, codes)


def _read(path: Path, columns: tuple[str, ...], remedy: str) -> pa.Table:
    if not path.is_file():
        raise DataError(f"{path}: not there; {remedy}")
    if path.suffix == ".parquet":
        have = pq.read_schema(path).names
    else:
        source = open_source(path, text_columns=TEXT)
        have = list(source.columns)
    for column in columns:
        if column not in have:
            raise DataError(f"{path}: no column {column!r}; {suggest(column, have)}; {remedy}")
    return pq.read_table(path, columns=list(columns)) if path.suffix == ".parquet" else source.arrow(columns)


def distinct(column: pa.ChunkedArray) -> tuple[Codes, list[str]]:
    """Codes of a column and its distinct values, in the order in which they come."""
    coded = column.combine_chunks().dictionary_encode()
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    labels = ["" if v is None else str(v) for v in coded.dictionary.to_pylist()]
    return np.asarray(coded.indices.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.intp), labels
