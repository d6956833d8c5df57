"""A small market from its files to the scores."""

import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from ellwand.cli import main
from ellwand.market import simulate
from ellwand.production.score import Score, Target, as_json, as_text, score_folder


@pytest.fixture(scope="module")
def score(market: Path) -> Score:
    return score_folder(market)


def test_counts_of_editing_follow_from_the_files(market: Path, score: Score) -> None:
    wrong = set(pq.read_table(market / "truth/errors.parquet")["quote"].to_pylist())
    quotes = pq.read_table(market / "compiled/quotes.parquet").to_pylist()
    flagged = {q["quote"] for q in quotes if q["verdict"] in ("excluded", "edited")}
    e = score.figures["editing"]
    assert (e["all"]["flagged"], e["all"]["right"], e["all"]["errors"]) == (
        len(flagged), len(flagged & wrong), len(wrong),
    )  # fmt: skip
    assert sum(k["errors"] for k in e["by_kind"].values()) == len(wrong)
    assert sum(k["found"] for k in e["by_kind"].values()) == len(flagged & wrong)
    assert sum(r["flagged"] for r in e["by_rule"].values()) == len(flagged)
    for rule in e["by_rule"].values():
        assert sum(rule["kinds"].values()) == rule["right"]
    copies = e["by_kind"]["stale_copy"]
    assert e["without_stale_copy"]["errors"] == len(wrong) - copies["errors"]


def test_editing_brings_every_index_nearer(score: Score) -> None:
    assert len(score.figures["indices"]) == 6
    for row in score.figures["indices"].values():
        assert 0 < row["rmse"] < row["rmse_before"]


def test_index_error_is_that_of_logs_set_to_one_in_the_first_week(market: Path, score: Score) -> None:
    rows = pq.read_table(market / "compiled/observations.parquet").to_pylist()
    index = {r["period"]: r["index"] for r in rows if r["code"] == "0"}
    lines = (market / "truth/classes.csv").read_text(encoding="utf-8").splitlines()
    true = {p: float(v) for code, p, v, _ in (line.split(",") for line in lines[1:]) if code == "0"}
    first = min(index)
    error = [100 * np.log(index[p] / index[first] * true[first] / true[p]) for p in sorted(index)]
    assert score.figures["indices"]["0"]["rmse"] == pytest.approx(np.sqrt(np.mean(np.square(error))), rel=1e-9)
    assert score.figures["indices"]["0"]["bias_last_13"] == pytest.approx(np.mean(error[-13:]), rel=1e-9)


def test_imputed_prices_are_counted_by_class(market: Path, score: Score) -> None:
    prices = pq.read_table(market / "compiled/prices.parquet").to_pylist()
    quotes = pq.read_table(market / "compiled/quotes.parquet").to_pylist()
    there = {(q["item"], q["unit"], q["period"]) for q in quotes}
    missing = [p for p in prices if p["status"].startswith("I") and (p["item"], p["unit"], p["period"]) not in there]
    assert sum(r["prices"] for r in score.figures["imputation"].values()) == len(missing) > 0
    assert all(r["imputed"] > 0 and r["carry_forward"] > 0 for r in score.figures["imputation"].values())


def test_targets_and_status(score: Score) -> None:
    names = [t.name for t in score.targets]
    assert len(names) == len(set(names)) == 6
    assert score.met == all(t.met for t in score.targets)
    assert Score({}, (Target("a", 1.0, "<= 2", True), Target("b", None, "<= 2", None))).met
    assert not Score({}, (Target("a", 1.0, "<= 2", True), Target("b", 3.0, "<= 2", False))).met


def test_text_and_json_say_the_same(score: Score) -> None:
    text, told = as_text(score), json.loads(as_json(score))
    assert told["met"] == score.met and len(told["targets"]) == 6
    assert f"{told['editing']['all']['f1']:.3f}" in text
    for target in told["targets"]:
        line = next(one for one in text.splitlines() if one.strip().startswith(target["name"]))
        assert line.rstrip().endswith("not met" if target["met"] is False else "met")


def test_command(market: Path, score: Score, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["score", str(market), "--compiled", str(market / "compiled"), "--json"])
    assert status == (0 if score.met else 1)
    assert json.loads(capsys.readouterr().out)["editing"] == score.figures["editing"]


@pytest.mark.parametrize(
    ("remove", "message"),
    [
        ("", "no such folder"),
        ("truth", "no folder truth"),
        ("compiled", "no complete compilation"),
        ("compiled/quotes.parquet", "not there"),
        ("truth/population.csv", "not there"),
    ],
)
def test_what_is_not_there_is_named(
    market: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], remove: str, message: str
) -> None:
    copy = tmp_path / "m"
    if remove:
        shutil.copytree(market, copy)
        gone = copy / remove
        shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    assert main(["score", str(copy)]) == 2
    assert message in capsys.readouterr().err


def test_a_compilation_of_another_market_is_refused(
    market: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    simulate(other, weeks=5, items=20, units=10, seed=1)
    assert main(["score", str(other), "--compiled", str(market / "compiled")]) == 2
    assert "another market" in capsys.readouterr().err


def test_a_market_that_was_compiled_is_simulated_again(market: Path, tmp_path: Path) -> None:
    copy = tmp_path / "m"
    shutil.copytree(market, copy)
    written = {p.name: "" for p in (copy / "compiled").iterdir()}
    (copy / "compiled/result.json").write_text(json.dumps({"simulated": True, "outputs": written}), encoding="utf-8")
    simulate(copy, weeks=5, items=20, units=10, seed=1)
    assert not (copy / "compiled").exists()
    (copy / "compiled").mkdir()
    (copy / "compiled/mine.csv").write_text("x\n", encoding="utf-8")
    (copy / "compiled/result.json").write_text(json.dumps({"simulated": False, "outputs": {}}), encoding="utf-8")
    with pytest.raises(ValueError, match="compiled"):
        simulate(copy, weeks=5, items=20, units=10, seed=1)
    assert (copy / "compiled/mine.csv").exists()
