"""The bench at a tiny size: its figures are there and its verdicts follow from them. No speed is asserted."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bench.measure import WorkError, in_child  # noqa: E402
from bench.tasks import Target  # noqa: E402

from bench import child, data, peers, report, suite, tasks  # noqa: E402

MEASURED = ["geks", "wtpd", "gk", "transactions", "hierarchy", "edit", "week", "replicates"]
SMALL = ["--rows", "3000", "--repeat", "1", "--peer-timeout", "60"]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench")
    only = [x for name in MEASURED for x in ("--only", name)]
    command = [sys.executable, "-m", "bench", *SMALL, *only, "--json", str(folder / "out" / "bench.json")]
    done = subprocess.run(
        [*command, "--data", str(folder / "rows")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "out" / "bench.json").read_text(encoding="utf-8")), done.stdout


def test_figures_are_there_and_positive(results):
    found, _ = results
    assert set(found) == {"machine", "peers", "repeat", "tasks"}
    assert found["machine"]["bytes_per_s"] > 0 and found["machine"]["flops_per_s"] > 0
    assert [t["name"] for t in found["tasks"]] == MEASURED
    for task in found["tasks"]:
        assert task["rows"] > 0 and task["full_size"] is False
        for part in (task["ours"], task["yardstick"]):
            assert set(part) == {"cpu_s", "wall_s", "peak_bytes", "rows_per_cpu_s", "cpu_runs_s"}
            assert all(part[k] > 0 for k in ("cpu_s", "wall_s", "peak_bytes", "rows_per_cpu_s"))
            times = suite.SHORT_TIMES if part is task["ours"] and part["cpu_runs_s"][0] < suite.SHORT else 1
            assert len(part["cpu_runs_s"]) == times
            assert part["rows_per_cpu_s"] == pytest.approx(task["rows"] / part["cpu_s"])
        assert task["ratio_to_yardstick"] == pytest.approx(task["ours"]["cpu_s"] / task["yardstick"]["cpu_s"])
        roof = task["roofline"]
        assert roof["bound_s"] == max(roof["memory_s"], roof["arithmetic_s"]) > 0
        assert roof["times_bound"] == pytest.approx(task["ours"]["cpu_s"] / roof["bound_s"])


def test_verdicts_follow_from_the_figures(results):
    found, _ = results
    by_name = {t["name"]: t for t in found["tasks"]}
    (gk,) = by_name["gk"]["targets"]
    ratio = by_name["gk"]["ours"]["cpu_s"] / by_name["gk"]["in_turn"]["wtpd"]["cpu_s"]
    assert gk["value"] == pytest.approx(ratio)
    assert gk["verdict"] == ("met" if ratio <= 1 else "not met")
    for task in found["tasks"]:
        for target in task["targets"]:
            if target["value"] is None:
                assert target["verdict"] == "not judged" and target["reason"]
            else:
                assert target["verdict"] == ("met" if target["value"] <= target["limit"] else "not met")


def test_peers_say_what_became_of_them(results):
    found, text = results
    for task in found["tasks"]:
        for name, peer in task["peers"].items():
            assert name in text
            if peer["state"] == "ok":
                assert peer["cpu_s"] > 0 and peer["ratio"] > 0 and peer["version"]
            else:
                assert peer["state"].startswith(("absent", "not finished", "failed"))
    by_name = {t["name"]: t["peers"] for t in found["tasks"]}
    for task, name in (("geks", "IndexNumR"), ("wtpd", "multilateral"), ("hierarchy", "piar")):
        peer = by_name[task][name]
        if peer["state"] == "ok":
            assert peer["difference"] < 1e-9


def test_the_roofline_stands_beside_each_task(results):
    found, text = results
    lines = [line for line in text.splitlines() if line.startswith("    roofline: ")]
    assert len(lines) == len(MEASURED)
    for task, line in zip(found["tasks"], lines, strict=True):
        roof = task["roofline"]
        assert f"{roof['bytes'] / 1e6:,.1f} MB moved" in line and f"{roof['flops'] / 1e6:,.1f} Mflop" in line
        assert roof["bound_by"] in line and f"{roof['times_bound']:.1f} times" in line


def test_quotes_end_in_levels_and_every_contribution(tmp_path):
    task = tasks.chosen(["hierarchy"], large=False)[0]
    folder = task.prepare(tmp_path, task.params(3000))
    levels = child.ours("hierarchy", folder)()
    assert len(levels) == tasks.QUOTE_PERIODS and levels[0] == 1.0
    assert all(0.5 < level < 2.0 for level in levels) and len(set(levels)) > 100


def test_without_r_the_peers_are_absent_and_the_target_open(monkeypatch):
    monkeypatch.setattr(peers.shutil, "which", lambda name: None)
    known = peers.found()
    assert known["R"] is None
    assert all(known[n]["state"] == "absent: Rscript is not installed" for n in peers.NAMES)
    task = tasks.chosen(["geks"], large=False)[0]
    absent = {n: suite._peer(n, known[n], task, Path(), 1, 1.0, None) for n in task.peers}
    (verdict,) = report.verdicts(task, {"ours": {"cpu_s": 1.0, "peak_bytes": 1}, "peers": absent})
    assert verdict["verdict"] == "not judged" and "Rscript is not installed" in verdict["reason"]


def _verdict(target, peer=None, in_turn=None):
    result = {"ours": {"cpu_s": 6.0, "peak_bytes": 2_000_000_000}, "peers": {"other": peer}, "in_turn": in_turn}
    return report._verdict(target, result)


@pytest.mark.parametrize(
    ("target", "peer", "verdict", "value"),
    [
        (Target("cpu", 6.0), None, "met", 6.0),
        (Target("cpu", 5.9), None, "not met", 6.0),
        (Target("peak", 2e9), None, "met", 2e9),
        (Target("peak", 1e9), None, "not met", 2e9),
        (Target("peer", 0.6, "other"), {"state": "ok", "cpu_s": 10.0}, "met", 0.6),
        (Target("peer", 0.5, "other"), {"state": "ok", "cpu_s": 10.0}, "not met", 0.6),
        (Target("peer", 0.1, "other"), {"state": "not finished in 60 s", "limit_s": 60.0}, "met", 0.1),
        (Target("peer", 0.09, "other"), {"state": "not finished in 60 s", "limit_s": 60.0}, "not judged", None),
        (Target("peer", 0.5, "other"), {"state": "failed: no memory", "limit_s": 60.0}, "not judged", None),
    ],
)
def test_verdict(target, peer, verdict, value):
    found = _verdict(target, peer)
    assert found["verdict"] == verdict
    assert found["value"] == (None if value is None else pytest.approx(value))
    assert found["reason"] or value is not None


def test_verdict_against_another_task():
    in_turn = {"wtpd": {"cpu_s": 5.0}}
    assert _verdict(Target("task", 1.0, "wtpd"), in_turn=in_turn)["verdict"] == "not met"
    assert _verdict(Target("task", 1.2, "wtpd"), in_turn=in_turn)["verdict"] == "met"
    failed = _verdict(Target("task", 1.0, "wtpd"), in_turn={"wtpd": {"state": "failed: no memory"}})
    assert (failed["verdict"], failed["reason"]) == ("not judged", "wtpd: failed: no memory")


def test_roofline_takes_the_longer_of_the_two_bounds():
    limits = {"bytes_per_s": 10.0, "flops_per_s": 100.0}
    memory = report.roofline(tasks.Counts(50.0, 100.0), limits, 10.0)
    assert (memory["bound_by"], memory["bound_s"], memory["times_bound"]) == ("memory", 5.0, 2.0)
    assert report.roofline(tasks.Counts(50.0, 1000.0), limits, 10.0)["bound_by"] == "arithmetic"


def test_slips_are_the_same_from_the_same_seed(tmp_path):
    a = data.transactions(tmp_path / "a", rows=2003, strata=3)
    b = data.transactions(tmp_path / "b", rows=2003, strata=3)
    x, y = pq.read_table(a), pq.read_table(b)
    assert x.equals(y) and x.num_rows == 2003
    assert {str(x.schema.field(n).type) for n in ("price",)} == {"decimal128(10, 2)"}
    assert str(pq.read_schema(next(a.rglob("*.parquet"))).field("quantity").type) == "int32"
    assert x["period"][0].as_py() == "2021-W01" and len(set(x["ea"].to_pylist())) == 3
    assert data.transactions(tmp_path / "a", rows=2003, strata=3) == a
    prices = [float(v) for v in x["price"].to_pylist()]
    assert min(prices) > 0 and max(x["quantity"].to_pylist()) > 1


def test_weeks_cross_a_long_year():
    labels = data.weeks(320)
    assert labels[51:53] == ["2021-W52", "2022-W01"]
    assert "2026-W53" in labels and labels == sorted(set(labels))


def test_panel_has_eighty_percent_of_its_cells(tmp_path):
    columns = data.read_columns(data.panel(tmp_path, products=2000, periods=25))
    assert 0.75 < len(columns["price"]) / (2000 * 25) < 0.85
    assert np.bincount(columns["period"], weights=columns["share"])[1:] == pytest.approx(np.ones(25))


def test_quotes_miss_some_prices_and_some_whole_strata(tmp_path):
    columns = data.read_columns(data.quotes(tmp_path, strata=20, periods=30, products=5))
    missing = np.isnan(columns["price"]).reshape(30, 20, 5)
    assert 0.03 < missing.mean() < 0.12 and not missing[0].any()
    assert missing.all(axis=2).any()
    assert set(columns["structure_group"].tolist()) == {1, 2}


def test_a_wrong_task_is_refused():
    with pytest.raises(ValueError, match="no task 'geeks'; the tasks are geks"):
        tasks.chosen(["geeks"], large=False)
    assert [t.name for t in tasks.chosen([], large=False)] == [t.name for t in tasks.TASKS if not t.large]
    assert [t.name for t in tasks.chosen(["5"], large=False)] == ["transactions-large"]


def test_a_child_that_fails_says_why():
    with pytest.raises(WorkError, match="no such file or folder"):
        in_child({"part": "ours", "task": "transactions", "folder": "nowhere"}, 60)


def test_difference_is_on_the_log_scale():
    assert suite.difference([1.0, 2.0], [1.0, 1.0]) == pytest.approx(np.log(2))
    assert suite.difference([1.0], [1.0, 2.0]) is None
    assert suite.difference([None], [1.0]) is None


@pytest.mark.parametrize("name", ["office-import-sqlite", "office-week-sqlite", "office-review-sqlite"])
def test_the_tasks_of_the_record_at_a_tiny_size(tmp_path, name):
    """What they do is done: every row of the workbook is taken in, the week has figures."""
    pytest.importorskip("django", reason="the office's packages are not installed")
    rows = 60 if name.startswith("office-import") else 8000
    (task,) = tasks.chosen([name], large=False)
    job = {"part": "prepare", "task": name, "params": task.params(rows), "root": str(tmp_path)}
    made = in_child(job, 600)
    found = in_child({"part": "ours", "task": name, "folder": made["folder"]}, 600)
    assert found["wall"] > 0 and made["rows"] > 0
    if name.startswith("office-import"):
        assert found["values"] == [float(made["rows"])] == [60.0]
    else:
        # Figures of the week; seconds of the queue and, where the rules flag a quote, of its page.
        least = 1 if name.startswith("office-review") else 2
        assert len(found["values"]) >= least and all(value > 0 for value in found["values"])


def test_a_database_that_is_not_there_is_said(monkeypatch, tmp_path):
    from bench import office

    monkeypatch.setattr(office.shutil, "which", lambda name: None)
    monkeypatch.setattr(office.Path, "glob", lambda self, pattern: iter(()))
    with pytest.raises(WorkError, match="PostgreSQL's programs are not on this machine"):
        office.programs()
