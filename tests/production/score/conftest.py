"""One small simulated market, compiled with few replicates, for all tests of the score."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ellwand.market import simulate
from ellwand.production.compile import compile_book
from ellwand.production.folder import read_folder
from ellwand.production.method import parse_method, read_method
from ellwand.production.observations import Results


def write_compilation(folder: Path, text: str) -> None:
    """The tables that a score reads, as a compilation writes them."""
    method = parse_method(text)
    results = Results.of(compile_book(read_folder(folder), method))
    target = folder / "compiled"
    target.mkdir()
    for name in ("observations", "quotes", "prices"):
        pq.write_table(getattr(results, name)(), target / f"{name}.parquet")
    (target / "method.toml").write_text(method.text, encoding="utf-8")
    (target / "result.json").write_text(json.dumps({"simulated": True, "outputs": {}}), encoding="utf-8")


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a market with its compilation by the default method."""
    folder = tmp_path_factory.mktemp("score") / "m"
    simulate(folder, weeks=30, items=160, units=80, seed=5)
    write_compilation(folder, read_method().text.replace("replicates = 1000", "replicates = 100"))
    return folder
