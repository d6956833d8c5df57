"""A line that goes on with new periods equals the line of the whole book, bit for bit."""

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from ellwand.engine.errors import DataError
from ellwand.market import simulate
from ellwand.production.book import Book
from ellwand.production.folder import read_folder
from ellwand.production.line import MATRICES, continue_line, continue_past, past_of, run_line
from ellwand.production.method import read_method
from ellwand.production.past import read_past

METHOD = read_method().method


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


def test_a_past_that_was_kept_is_as_good(folder: Path, tmp_path: Path) -> None:
    """Written, read and gone on with: every bit is that of the line of the whole book."""
    book = read_folder(folder)
    past = past_of(run_line(until(folder, tmp_path / "past", book.periods[-2]), METHOD))
    past.write(tmp_path / "kept.npz", {"of": "a test"})
    assert (tmp_path / "kept.npz").stat().st_mode & 0o077 == 0
    header, read = read_past(tmp_path / "kept.npz")
    assert (header["of"], read.periods) == ("a test", book.periods[:-2])
    found, whole = continue_past(read, book, METHOD), run_line(book, METHOD)
    for name in MATRICES:
        np.testing.assert_array_equal(getattr(found, name), getattr(whole, name), err_msg=name)
    assert found.markup == whole.markup


def test_a_damaged_past_is_refused(folder: Path, tmp_path: Path) -> None:
    """Wherever a byte of it is another, or its end is missing."""
    file = tmp_path / "kept.npz"
    past_of(run_line(until(folder, tmp_path / "past", "2022-W04"), METHOD)).write(file, {})
    whole = file.read_bytes()
    rng = np.random.default_rng(1)
    for at in rng.integers(len(whole) // 2, size=20).tolist():
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 64]) + whole[at + 1 :])
        try:
            _, found = read_past(file)
        except DataError:
            continue
        # Some bytes say nothing, as the date of a file within the archive.
        file.write_bytes(whole)
        for part in ("book", "matrices", "memory"):
            for name, values in getattr(read_past(file)[1], part).items():
                np.testing.assert_array_equal(getattr(found, part)[name], values)
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="holds no past of a line that can be read"):
        read_past(file)
