"""One small simulated market for all tests of the simulator."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ellwand.market import simulate

Rows = list[dict[str, str]]


@pytest.fixture(scope="session")
def arguments() -> dict[str, int]:
    """Arguments of the market `calm`."""
    return {"weeks": 70, "items": 260, "units": 120, "seed": 3}


@pytest.fixture(scope="session")
def calm(tmp_path_factory: pytest.TempPathFactory, arguments: dict[str, int]) -> Path:
    folder = tmp_path_factory.mktemp("calm")
    simulate(folder, **arguments)
    return folder


@pytest.fixture(scope="session")
def rows() -> Callable[[Path], Rows]:
    """Reads a CSV file."""

    def read(path: Path) -> Rows:
        with path.open(encoding="utf-8", newline="") as handle:
            return list(csv.DictReader(handle))

    return read


@pytest.fixture(scope="session")
def quotes(calm: Path) -> list[dict[str, Any]]:
    return pq.read_table(calm / "quotes").to_pylist()


@pytest.fixture(scope="session")
def errors(calm: Path) -> list[dict[str, Any]]:
    return pq.read_table(calm / "truth/errors.parquet").to_pylist()


@pytest.fixture(scope="session")
def summary(calm: Path) -> dict[str, Any]:
    return json.loads((calm / "market.json").read_text(encoding="utf-8"))
