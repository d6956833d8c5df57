"""Small published tables, as texts."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from ellwand.production.audit import COLUMNS, Composite, audit

Rows = Sequence[Sequence[str]]
Keys = list[tuple[str, str, str]]


def table_of(rows: Rows, names: Sequence[str] = COLUMNS) -> pa.Table:
    return pa.table({name: [row[i] if i < len(row) else "" for row in rows] for i, name in enumerate(names)})


@pytest.fixture(scope="package")
def examine() -> Callable[..., list[dict[str, str]]]:
    """Findings of rows (series, period, frequency, value, change_pct, change_basis[, direction])."""

    def findings(rows: Rows, parts: Sequence[Composite] = ()) -> list[dict[str, str]]:
        return audit(table_of(rows, (*COLUMNS, "direction")), parts).to_pylist()

    return findings


@pytest.fixture(scope="package")
def keys(examine: Callable[..., list[dict[str, str]]]) -> Callable[..., Keys]:
    """The same as (series, period, rule)."""

    def short(rows: Rows, parts: Sequence[Composite] = ()) -> Keys:
        return [(f["series"], f["period"], f["rule"]) for f in examine(rows, parts)]

    return short


@pytest.fixture(scope="package")
def value_file() -> Path:
    """The published values of the Keqiao index, which are not part of the repository."""
    path = Path(__file__).resolve().parents[4] / "shared" / "domain" / "published-index-values.csv"
    if not path.exists():
        pytest.skip("the file of published values is not beside the repository; test_published.py holds its faults")
    return path
