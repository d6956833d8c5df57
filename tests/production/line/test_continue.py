"""A line that goes on with new periods equals the line of the whole book, bit for bit."""

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from ellwand.market import simulate
from ellwand.production.book import Book
from ellwand.production.folder import read_folder
from ellwand.production.line import continue_line, run_line
from ellwand.production.method import read_method

METHOD = read_method().method
MATRICES = (
    "price", "before", "state", "verdict", "rule", "low", "high", "reference", "proposal", "level", "donors", "way",
    "run",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("continue") / "market"
    simulate(target, weeks=40, items=120, units=50, seed=5, regime="churn")
    return target


def until(folder: Path, target: Path, period: str) -> Book:
    """The book as it was before a period."""
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns("truth"))
    for file in (target / "quotes").glob("*.parquet"):
        table = pq.read_table(file)
        pq.write_table(table.filter(pc.less(table["period"], period)), file)
    return read_folder(target)


@pytest.mark.parametrize("behind", [1, 3, 20])
def test_equal_to_the_line_of_the_whole_book(folder: Path, tmp_path: Path, behind: int) -> None:
    book = read_folder(folder)
    past = run_line(until(folder, tmp_path / "past", book.periods[-behind]), METHOD)
    found, whole = continue_line(past, book), run_line(book, METHOD)
    assert found.book is book
    for name in MATRICES:
        np.testing.assert_array_equal(getattr(found, name), getattr(whole, name), err_msg=name)
    assert found.markup == whole.markup


def test_again_from_the_same_past(folder: Path, tmp_path: Path) -> None:
    """Going on changes nothing in the line that it starts from."""
    book = read_folder(folder)
    past = run_line(until(folder, tmp_path / "past", book.periods[-2]), METHOD)
    one, two = continue_line(past, book), continue_line(past, book)
    np.testing.assert_array_equal(one.price, two.price)
    np.testing.assert_array_equal(one.verdict, two.verdict)


def test_another_past_is_refused(folder: Path, tmp_path: Path) -> None:
    book = read_folder(folder)
    past = run_line(until(folder, tmp_path / "past", book.periods[-2]), METHOD)
    price = book.price.copy()
    price[np.isfinite(price[:, 3]), 3] *= 1.01
    with pytest.raises(ValueError, match="the past of the book has another price"):
        continue_line(past, dataclasses.replace(book, price=price))
    with pytest.raises(ValueError, match="do not begin with the 38 of the line"):
        continue_line(past, dataclasses.replace(book, periods=("2000-W01", *book.periods[1:])))
    shorter = read_folder(tmp_path / "past")
    with pytest.raises(ValueError, match="do not begin with the 40 of the line"):
        continue_line(run_line(book, METHOD), shorter)
