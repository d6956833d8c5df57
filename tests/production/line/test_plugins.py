"""Donor sets and outlier rules of other packages: wrong ones are refused by name. Right ones: docs/method-file.md."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import ellwand as ew

PACKAGE = """
import numpy as np

NUMBER = 7


def short(book):
    return np.zeros(1, dtype=int)


def donors(book):
    return np.zeros(book.series, dtype=int)
"""


def names(folder: Path, group: str, entry: str) -> subprocess.CompletedProcess[str]:
    """Install a package with one entry point, and ask for the names of donor sets and outlier rules."""
    (folder / "plugged.py").write_text(PACKAGE)
    info = folder / "plugged-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugged\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n{entry}\n")
    path = [str(folder), str(Path(ew.__file__).parent.parent)]
    code = "from ellwand.production.plugins import donor_sets, outlier_rules\nprint(*donor_sets(), *outlier_rules())"
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_donor_set_is_found_by_its_entry_point(tmp_path: Path) -> None:
    assert "neighbours" in names(tmp_path, "ellwand.donor_sets", "neighbours = plugged:donors").stdout.split()


@pytest.mark.parametrize(
    ("group", "entry", "words"),
    [
        ("ellwand.donor_sets", "seven = plugged:NUMBER", ("'seven'", "plugged:NUMBER", "a function from a Book")),
        ("ellwand.outlier_rules", "mine = plugged:donors", ("'mine'", "plugged:donors", "must give an OutlierRule")),
        ("ellwand.donor_sets", "ea = plugged:donors", ("'ea'", "is taken")),
        ("ellwand.outlier_rules", "tukey = plugged:donors", ("'tukey'", "is taken")),
        ("ellwand.donor_sets", "gone = plugged:nothing", ("'gone'", "cannot be loaded")),
        ("ellwand.donor_sets", "gone = nowhere:donors", ("'gone'", "cannot be loaded", "nowhere")),
    ],
)
def test_a_wrong_plug_in_is_refused_by_name(tmp_path: Path, group: str, entry: str, words: tuple[str, ...]) -> None:
    said = names(tmp_path, group, entry).stderr
    assert "ValueError" in said and all(word in said for word in words), said
