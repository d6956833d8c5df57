"""The files of a compilation: tables, quality report, method, and the digests of what went in and what came out."""

import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ellwand.engine.errors import DataError
from ellwand.engine.periods import find
from ellwand.production.compile import compile_book
from ellwand.production.folder import read_folder
from ellwand.production.method import MethodFile
from ellwand.production.observations import Results
from ellwand.production.report import Background, write_report

Progress = Callable[[int, int, str], None]
RESULT = "result.json"
FILES = {
    "observations.csv": "index, changes, intervals, contributions, counts and grade of every class and period",
    "observations.parquet": "the same",
    "quotes.parquet": "every quote with verdict, rule, accepted interval, proposal and score",
    "prices.parquet": "every series and period: price used, what it is compared with, status, donors, link",
    "excluded.csv": "the quotes that were set aside or corrected",
    "quality.json": "response, verdicts by rule, statuses, replacements, variance",
    "method.toml": "the method",
    "report.html": "levels, changes, contributions, counts and charts, down to single quotes; Chinese and English",
}
"""The files that are written, and what each holds."""


def compile_folder(
    directory: str | Path,
    method: MethodFile,
    out: str | Path,
    *,
    start: str | None = None,
    stop: str | None = None,
    version: str = "",
    progress: Progress | None = None,
) -> Results:
    """All stages over a market's folder, and the files of the result.

    start, stop : first and last period that the tables show; the stages always run from the first quote on, because a
    price is judged by the ones before it. version : of the program, recorded. Returns the results.
    DataError, ValueError: as `read_folder`, and for a period outside the data or a start after the stop.
    """
    target = Path(out)
    _refuse_foreign(target)
    say = progress or (lambda done, total, what: None)
    book = read_folder(directory)
    labels = list(book.periods)
    first = 0 if start is None else find(labels, start, "from")
    last = len(labels) - 1 if stop is None else find(labels, stop, "to")
    if first > last:
        raise ValueError(f"from {start} lies after to {stop}; give them in the order of time")
    results = Results.of(compile_book(book, method, say), first, last)
    write(results, target, version)
    return results


def _refuse_foreign(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise DataError(f"{target}: is a file; give a folder for the results")
    if target.is_dir() and any(target.iterdir()) and not (target / RESULT).is_file():
        raise DataError(f"{target}: holds other files and no {RESULT} of an earlier compilation; give an empty folder")


def write(results: Results, target: Path, version: str) -> None:
    """Write all files. The result file says first that they are not complete, and last what they are.

    So a folder that was left half written is known as a compilation's and may be written again.
    """
    compiled, book = results.compiled, results.compiled.book
    target.mkdir(parents=True, exist_ok=True)
    _json(target / RESULT, {"complete": False, "simulated": book.simulated})
    observations = results.observations()
    _csv(target / "observations.csv", observations)
    _parquet(target / "observations.parquet", observations, book.simulated)
    quotes = results.quotes()
    _parquet(target / "quotes.parquet", quotes, book.simulated)
    _parquet(target / "prices.parquet", results.prices(), book.simulated)
    _csv(target / "excluded.csv", quotes.filter(pc.is_in(quotes["verdict"], pa.array(["excluded", "edited"]))))
    _json(target / "quality.json", results.quality())
    (target / "method.toml").write_text(compiled.method.text, encoding="utf-8")
    tables = tuple((name, _digest(target / name)) for name in FILES if name != "report.html")
    write_report(observations, background(results, tables, version), target / "report.html", drill=_drill(results))
    _json(
        target / RESULT,
        {
            "complete": True,
            "simulated": book.simulated,
            "market": {"zh": book.name_zh, "en": book.name_en, "currency": book.currency},
            "method": {
                "name": compiled.method.method.name,
                "version": compiled.method.method.version,
                "sha256": compiled.method.digest,
            },
            "program": {"ellwand": version, "numpy": np.__version__, "pyarrow": pa.__version__},
            "periods": [book.periods[results.periods[0]], book.periods[results.periods[-1]]],
            "inputs": dict(book.digests),
            "outputs": {name: _digest(target / name) for name in FILES},
        },
    )


def _drill(results: Results) -> pa.Table:
    issued = [t for t in results.periods if results.compiled.issued[t]]
    return results.drill(issued[-1] if issued else results.periods[-1])


def background(results: Results, digests: tuple[tuple[str, str], ...], version: str, root: str = "") -> Background:
    """What the report says beside the figures. root : the way from the report to the files with these digests."""
    book, method = results.compiled.book, results.compiled.method
    return Background(
        market_zh=book.name_zh,
        market_en=book.name_en,
        method=method.method,
        method_digest=method.digest,
        links=tuple(book.periods[r] for r in book.baskets.reference),
        digests=digests,
        version=version,
        root=root,
    )


def _csv(path: Path, table: pa.Table) -> None:
    """UTF-8, comma, newline; an empty field where there is no figure; figures at full precision."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(table.column_names)
        for batch in table.to_batches(max_chunksize=20_000):
            columns = [c.to_pylist() for c in batch.columns]
            writer.writerows([_text(v) for v in row] for row in zip(*columns, strict=True))


def _text(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else value


def _parquet(path: Path, table: pa.Table, simulated: bool) -> None:
    marked = table.replace_schema_metadata({b"simulated": b"true" if simulated else b"false"})
    pq.write_table(marked, path, compression="zstd")


def _json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
