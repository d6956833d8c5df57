"""`ellwand compile`: what it writes, what it refuses, and how it says so."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ellwand.cli import main
from ellwand.production.publish import FILES

METHOD = """
name = "house"
version = "3"
[validate]
entry_bound = 0
[impute]
minimum_donors = 1
[variance]
replicates = 0
[quality]
minimum_units = 0
dominance = 1.0
"""


def small(bench: Any) -> Path:
    prices = {"i1/u1": [10, 11, 12, 13], "i2/u2": [20, 20, 21, 22], "i3/u3": [5, None, 5, 5]}
    folder: Path = bench.write(bench.market(prices))
    (folder / "house.toml").write_text(METHOD, encoding="utf-8")
    return folder


def run(*arguments: Any) -> int:
    return main(["compile", *map(str, arguments)]) or 0


def test_it_writes_every_file_beside_the_market(
    bench: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Progress is shown at once here, however quick the machine is.
    monkeypatch.setattr("ellwand.cli_words.QUIET", -1.0)
    folder = small(bench)
    assert run(folder, "--method", folder / "house.toml") == 0
    assert {p.name for p in (folder / "compiled").iterdir()} == {*FILES, "result.json"}
    said = capsys.readouterr()
    assert "by method house 3" in said.out and "2024-W04: total" in said.out
    assert "of 4 periods" in said.err
    result = json.loads((folder / "compiled/result.json").read_text(encoding="utf-8"))
    assert result["simulated"] is True and set(result["outputs"]) == set(FILES)
    assert "market.json" in result["inputs"] and result["method"]["name"] == "house"


def test_from_and_to_show_a_part_of_what_all_periods_give(bench: Any) -> None:
    folder = small(bench)
    method = ("--method", folder / "house.toml")
    assert run(folder, *method, "-o", folder / "all") == 0
    assert run(folder, *method, "-o", folder / "part", "--from", "2024-W02", "--to", "2024-W03") == 0
    for name in ("observations", "prices", "quotes"):
        whole = pq.read_table(folder / f"all/{name}.parquet").to_pylist()
        part = pq.read_table(folder / f"part/{name}.parquet").to_pylist()
        assert part == [row for row in whole if row["period"] in ("2024-W02", "2024-W03")]


def test_a_second_run_replaces_the_first(bench: Any) -> None:
    folder = small(bench)
    for _ in range(2):
        assert run(folder, "--method", folder / "house.toml") == 0


def test_folders_of_other_things_are_left_alone(bench: Any, capsys: pytest.CaptureFixture[str]) -> None:
    folder = small(bench)
    before = sorted(p.name for p in folder.iterdir())
    assert run(folder, "--method", folder / "house.toml", "-o", folder) == 2
    assert "holds other files" in capsys.readouterr().err
    assert sorted(p.name for p in folder.iterdir()) == before
    assert run(folder, "--method", folder / "house.toml", "-o", folder / "house.toml") == 2
    assert "is a file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--from", "2024-W09"), ("2024-W09", "2024-W01 to 2024-W04")),
        (("--from", "2024-W03", "--to", "2024-W02"), ("lies after",)),
        (("--method", "no.toml"), ("no.toml", "no such file", "careful")),
    ],
)
def test_wrong_arguments_are_refused(
    bench: Any, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    folder = small(bench)
    refused(capsys, words, folder, *arguments)
    assert not (folder / "compiled").exists()


def refused(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], *arguments: Any) -> None:
    """Exit status 2, and one line that says what is wrong."""
    assert run(*arguments) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("ellwand compile: ")]
    assert len(lines) == 1 and all(word in lines[0] for word in words), lines


QUOTES = "quote,period,unit,item,price\n"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("market.json", "{", ("market.json", "no JSON")),
        ("market.json", '{"name_zh": "x"}', ("market.json", "name_en")),
        ("classification.csv", "code,above\n0,\na,0\n", ("classification.csv", "'parent'")),
        ("classification.csv", "code,parent\n0,\na,9\n", ("parent", "'9'", "no class")),
        ("classification.csv", "code,parent\n0,\na,b\nb,a\n", ("circle",)),
        ("items.csv", "item,unit_of_measure\ni1,m\n", ("items.csv", "'ea'")),
        ("items.csv", "item,ea,unit_of_measure\ni1,z,m\n", ("items.csv row 1", "'z'")),
        ("items.csv", "item,ea,unit_of_measure\ni1,a,m\n", ("quotes row", "item", "'i2'", "no register")),
        ("units.csv", "unit\nu1\nu2\n", ("quotes row", "unit", "'u3'", "no register")),
        ("units.csv", "unit\nu1\nu1\n", ("units.csv rows 1 and 2", "u1 stands twice")),
        ("basket.csv", "valid_from,ea\n2024-W01,a\n", ("basket.csv", "'weight'")),
        ("basket.csv", "valid_from,ea,weight\n2024-W01,a,0.9\n", ("sum to 0.9",)),
        ("assignments.csv", "unit,item,valid_from\nu1,i9,2024-W01\n", ("assignments.csv row 1", "'i9'")),
        ("quotes.csv", "period,unit,item\n2024-W01,u1,i1\n", ("price",)),
        ("quotes.csv", QUOTES + "q1,2024-W01,u1,i1,ten\n", ("row 1", "price", "ten", "must be a number")),
        ("quotes.csv", QUOTES + "q1,2024-W01,u9,i1,10\n", ("quotes row 1", "unit", "'u9'")),
        ("quotes.csv", QUOTES + "q1,,u1,i1,10\nq2,2024-W01,u1,i1,10\n", ("quotes row 1", "period", "empty")),
        ("quotes.csv", QUOTES + "q1,2024-W01,u1,i1,10\nq2,2024-W01,u1,i1,11\n", ("rows 1 and 2", "stands twice")),
        ("quotes.csv", QUOTES, ("quotes", "no row")),
        ("house.toml", METHOD + "[impute]\n", ("house.toml:", "impute")),
        ("house.toml", METHOD.replace("minimum_donors", "minimum_donor"), ("house.toml:7:1", "minimum_donor")),
        ("house.toml", METHOD + '[[validate.rule]]\nname = "a"\nmust = "price > 5"\n[[validate.rule]]\nname = "b"\n'
         'must = "price < 4"\n', ("'a'", "'b'")),
    ],
)  # fmt: skip
def test_a_broken_file_is_refused_in_one_line(
    bench: Any, capsys: pytest.CaptureFixture[str], name: str, text: str, words: tuple[str, ...]
) -> None:
    folder = small(bench)
    (folder / name).write_text(text, encoding="utf-8")
    refused(capsys, words, folder, "--method", folder / "house.toml")
    assert not (folder / "compiled").exists()


@pytest.mark.parametrize(
    "name", ["market.json", "classification.csv", "items.csv", "units.csv", "basket.csv", "quotes"]
)
def test_a_missing_file_is_named(bench: Any, capsys: pytest.CaptureFixture[str], name: str) -> None:
    folder = small(bench)
    (folder / (name + ".csv" if name == "quotes" else name)).unlink()
    refused(capsys, (name, "not there"), folder, "--method", folder / "house.toml")


def test_no_such_market(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused(capsys, ("no such folder",), tmp_path / "nowhere")


def test_a_folder_left_half_written_is_written_again(
    bench: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = small(bench)
    with monkeypatch.context() as patched, pytest.raises(RuntimeError, match="no more space"):
        patched.setattr("ellwand.production.publish.write_report", _fails)
        run(folder)
    left = json.loads((folder / "compiled/result.json").read_text(encoding="utf-8"))
    assert left["complete"] is False and "outputs" not in left
    assert run(folder) == 0
    assert json.loads((folder / "compiled/result.json").read_text(encoding="utf-8"))["complete"] is True


def _fails(*given: Any, **more: Any) -> None:
    raise RuntimeError("no more space")
