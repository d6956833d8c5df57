"""What a caller may hand in, turned into an Arrow table, and the way back to the same kind."""

import codecs
import glob
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ellwand.engine.errors import DataError
from ellwand.formulas.catalogue import suggest

FORMATS = (".csv", ".tsv", ".parquet", ".csv.gz", ".tsv.gz", ".pq")


@dataclass
class Source:
    """Rows to be read: an Arrow table in memory, or a DuckDB relation that is read on demand.

    kind : "arrow", "pandas", "polars" or "duckdb": the kind that the result takes.
    """

    kind: str
    table: pa.Table | None = None
    relation: Any = None
    connection: Any = None
    files: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        return list(self.table.column_names if self.table is not None else self.relation.columns)

    def arrow(self, columns: Sequence[str]) -> pa.Table:
        """The named columns, in the order of the rows."""
        if self.table is not None:
            return self.table.select(list(columns))
        return self.relation.project(", ".join(quoted(c) for c in columns)).to_arrow_table()

    def back(self, table: pa.Table) -> Any:
        """A result in the caller's kind."""
        if self.kind == "pandas":
            return table.to_pandas()
        if self.kind == "polars":
            return sys.modules["polars"].from_arrow(table)
        if self.kind == "duckdb":
            return duckdb.from_arrow(table)
        return table


def quoted(name: str) -> str:
    """A column name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def open_source(data: Any, text_columns: Sequence[str] = ()) -> Source:
    """The source behind a table, data frame, relation or path.

    text_columns : columns that a CSV file holds as text whatever they look like (codes such as 007).
    DataError for a path without files, ValueError for an object that holds no table.
    """
    if isinstance(data, str | Path):
        return _open_path(str(data), text_columns)
    if isinstance(data, pa.Table):
        return Source("arrow", table=data)
    module = type(data).__module__.split(".")[0]
    if module == "pandas":
        return Source("pandas", table=_from_pandas(data))
    if module == "polars":
        frame = data.collect() if hasattr(data, "collect") else data
        return Source("polars", table=frame.to_arrow())
    if isinstance(data, duckdb.DuckDBPyRelation):
        return Source("duckdb", relation=data)
    if isinstance(data, pa.RecordBatch | pa.RecordBatchReader) or hasattr(data, "__arrow_c_stream__"):
        return Source("arrow", table=pa.table(data) if not isinstance(data, pa.RecordBatchReader) else data.read_all())
    raise ValueError(
        f"data is a {type(data).__name__}; give a pyarrow Table, a pandas or polars DataFrame, anything else with the "
        "Arrow PyCapsule interface, a DuckDB relation, or the path of a CSV or Parquet file, folder or glob"
    )


def _from_pandas(frame: Any) -> pa.Table:
    """A pandas frame with NaN kept as NaN: a missing price must be said, not guessed."""
    arrays, names = [], []
    for name in frame.columns:
        column = frame[name]
        is_float = getattr(column.dtype, "kind", "") == "f" and not hasattr(column.dtype, "na_value")
        arrays.append(pa.array(column.to_numpy()) if is_float else pa.Array.from_pandas(column))
        names.append(str(name))
    return pa.table(arrays, names=names)


def _open_path(path: str, text_columns: Sequence[str]) -> Source:
    files = find_files(path)
    con = duckdb.connect()
    listing = "[" + ", ".join(literal(f) for f in files) + "]"
    kinds = {"parquet" if f.lower().endswith((".parquet", ".pq")) else "csv" for f in files}
    if len(kinds) > 1:
        raise DataError(f"{path}: holds CSV and Parquet files together; name one kind, e.g. {path}/*.parquet")
    hive = any("=" in part for part in Path(files[0]).parts[:-1])
    try:
        if kinds == {"parquet"}:
            relation = con.sql(
                f"SELECT * FROM read_parquet({listing}, hive_partitioning={hive}, hive_types_autocast=0)"
            )
        else:
            plain = f"read_csv({listing}, header=true, sample_size=-1, hive_partitioning={hive}"
            relation = _with_texts(con, plain, _first_line(files), text_columns)
            if relation is None:
                present = con.sql(f"SELECT * FROM {plain}) LIMIT 0").columns
                relation = con.sql(_typed(plain, [c for c in text_columns if c in present]))
    except duckdb.Error as error:
        if kinds == {"csv"}:
            _refuse_encoding(files)
        raise DataError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from error
    return Source("arrow", relation=relation, connection=con, files=tuple(files))


def _typed(plain: str, texts: Sequence[str]) -> str:
    types = ", ".join(f"{literal(c)}: 'VARCHAR'" for c in texts)
    return f"SELECT * FROM {plain}{f', types={{{types}}}' if types else ''})"


def _first_line(files: Sequence[str]) -> list[str]:
    """Names in the first line of a plain CSV file; none where they could be read in more than one way."""
    if len(files) != 1 or not files[0].lower().endswith(".csv"):
        return []
    with Path(files[0]).open("rb") as stream:
        line = stream.readline(10_000)
    names = line.rstrip(b"\r\n").split(b",")
    plain = all(n.isascii() and n.replace(b"_", b"").isalnum() for n in names)
    return [n.decode("ascii") for n in names] if plain else []


def _with_texts(con: Any, plain: str, names: Sequence[str], text_columns: Sequence[str]) -> Any:
    """The relation of a file whose names are known, which saves a look at all its rows; None if they are others."""
    if not names:
        return None
    try:
        found = con.sql(_typed(plain, [c for c in text_columns if c in names]))
    except duckdb.Error:
        return None
    return found if list(found.columns) == list(names) else None


def _refuse_encoding(files: Sequence[str]) -> None:
    """DataError for a file that is not UTF-8, such as the GBK that spreadsheets save; compressed files pass."""
    for name in files:
        if name.lower().endswith(".gz"):
            continue
        with Path(name).open("rb") as stream:
            decoder = codecs.getincrementaldecoder("utf-8")()
            at = 0
            try:
                while part := stream.read(1 << 20):
                    decoder.decode(part)
                    at += len(part)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError as error:
                raise DataError(
                    f"{name}: is not UTF-8 text (byte {at + error.start + 1}); save it as CSV UTF-8, or convert it, "
                    "for example from GB18030 with iconv -f GB18030 -t UTF-8"
                ) from error


def find_files(path: str) -> list[str]:
    """The data files of a path, a folder (with its sub-folders) or a glob, sorted. DataError if there are none."""
    target = Path(path)
    if target.is_file():
        return [path]
    if target.is_dir():
        found = [p for p in target.rglob("*") if p.is_file() and p.name.lower().endswith(FORMATS)]
        if not found:
            raise DataError(f"{path}: the folder holds no CSV or Parquet file")
        return sorted(str(p) for p in found)
    if any(c in path for c in "*?["):
        # Path.glob takes no absolute pattern, and its ** finds folders only.
        names = sorted(n for n in glob.glob(path, recursive=True) if Path(n).is_file())  # noqa: PTH207
        if names:
            return names
        raise DataError(f"{path}: no file matches")
    raise DataError(f"{path}: no such file or folder")


def need(columns: Sequence[str], wanted: str, role: str) -> None:
    """ValueError if a column is not there, with the nearest name and how to say another."""
    if wanted not in columns:
        raise ValueError(
            f"no column {wanted!r} for the {role}; " + suggest(wanted, columns) + f"; name it with {role}='...'"
        )
