"""A method of another package: found by its entry point, listed and computed like every other."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import ellwand as ew

METHOD = """
from ellwand.formulas.bilateral import LASPEYRES, PAASCHE
from ellwand.formulas.catalogue import Method
from ellwand.formulas.composition import nested

PLUGGED = Method(
    "plugged_mean", "bilateral", "(2 L + P)/3", "an example", lambda: nested(1, LASPEYRES, PAASCHE, weights=(2/3, 1/3)),
    ("units of measure", "mean value"), aliases=("plugged",),
)
TAKEN = Method("fisher", "bilateral", "none", "an example", lambda: LASPEYRES)
BOTH = [PLUGGED, TAKEN]
WRONG = 7
"""

COMPUTE = """
import json
import pyarrow as pa
import ellwand as ew
rows = pa.table({"period": [1, 1, 2, 2], "product": ["a", "b", "a", "b"], "price": [1.0, 4, 2, 2],
                 "quantity": [8.0, 1, 2, 5]})
listed = {m["name"]: m for m in ew.methods().to_pylist()}
print(json.dumps([listed["plugged_mean"], ew.index(rows, "plugged")["index"].to_pylist()]))
"""

TWICE = """
import ellwand as ew
from ellwand.formulas.catalogue import ALIASES, TABLE
for _ in range(2):
    try:
        ew.methods()
    except ValueError as error:
        print(error)
print("plugged_mean" in TABLE, "plugged" in ALIASES, "fisher" in TABLE)
"""


def plug_in(folder: Path, gives: str) -> dict[str, str]:
    """Lay an installed package into a folder; the environment in which it is found."""
    (folder / "plugged.py").write_text(METHOD)
    info = folder / "plugged-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugged\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[ellwand.methods]\nexample = plugged:{gives}\n")
    path = [str(folder), str(Path(ew.__file__).parent.parent)]
    return os.environ | {"PYTHONPATH": os.pathsep.join(path)}


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_plugged_method_is_listed_and_computed(tmp_path: Path) -> None:
    done = run(plug_in(tmp_path, "PLUGGED"), "-c", COMPUTE)
    assert done.returncode == 0, done.stderr
    row, levels = json.loads(done.stdout)
    assert row["formula"] == "(2 L + P)/3"
    assert row["properties"] == "units of measure, mean value"
    assert row["synonyms"] == "plugged"
    assert levels == pytest.approx([1, (2 * 18 / 12 + 14 / 22) / 3])


def test_a_plugged_method_is_in_the_command(tmp_path: Path) -> None:
    done = run(plug_in(tmp_path, "PLUGGED"), "-m", "ellwand.cli", "methods")
    assert done.returncode == 0, done.stderr
    assert "plugged_mean" in done.stdout
    assert "geks_fisher" in done.stdout


def test_without_the_plug_in_there_is_no_such_method() -> None:
    assert "plugged_mean" not in ew.methods()["name"].to_pylist()


@pytest.mark.parametrize("gives", ["TAKEN", "BOTH"])
def test_a_taken_name_names_the_plug_in_and_adds_nothing(tmp_path: Path, gives: str) -> None:
    done = run(plug_in(tmp_path, gives), "-c", TWICE)
    first, second, left = done.stdout.splitlines()
    assert first == f"plug-in 'example' (plugged:{gives}): method name 'fisher' of 'fisher' is taken by 'fisher'"
    assert second == first
    assert left == "False False True"


def test_what_is_no_method_is_refused(tmp_path: Path) -> None:
    done = run(plug_in(tmp_path, "WRONG"), "-c", TWICE)
    assert done.stdout.splitlines()[0] == "plug-in 'example' (plugged:WRONG) gives 7, which is no Method"
