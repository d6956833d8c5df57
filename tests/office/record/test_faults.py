"""Several processes at once, and processes that are killed: nothing is lost, nothing is there twice or by halves."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ellwand.office.audit import trail
from ellwand.office.quotes.intake import import_quotes
from ellwand.office.quotes.models import Import, Quote
from ellwand.office.record.models import Compilation, Observation
from ellwand.office.rounds.compiling import compile_round
from ellwand.office.rounds.models import Move

INSTANTS = 12 if os.environ.get("ELLWAND_THOROUGH") else 2
"""Instants at which a process is killed; more with ELLWAND_THOROUGH=1."""


def start(office: Any, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "ellwand.cli", *words], env=office.environment, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip


def pairs(office: Any, n: int) -> list[tuple[str, str]]:
    """Pairs of unit and item."""
    from ellwand.office.registry.models import Assignment

    return list(Assignment.objects.order_by("pk").values_list("unit__code", "item__code")[:n])


def write(path: Path, rows: list[tuple[str, str]], price: str) -> Path:
    text = "".join(f"2022-W01,{unit},{item},{price}\n" for unit, item in rows)
    path.write_text("period,unit,item,price\n" + text, encoding="utf-8")
    return path


def test_imports_at_once(office: Any, tmp_path: Path) -> None:
    """Four processes: two with the same file, two with others that share quotes."""
    found = office.sign_open("2022-W01")
    there = pairs(office, 30)
    files = [
        write(tmp_path / "a.csv", there[:20], "10"),
        write(tmp_path / "a.csv", there[:20], "10"),
        write(tmp_path / "b.csv", there[10:], "11"),
        write(tmp_path / "c.csv", there[5:25], "12"),
    ]
    words = ["import", "quotes", "--round", found.code, "--as", "sun", "--sign", "late"]
    running = [start(office, *words, str(f)) for f in files]
    outcomes = [p.communicate(timeout=120) for p in running]
    assert [p.returncode for p in running] == [0, 0, 0, 0], outcomes
    assert sum("already; nothing was done" in out for out, _ in outcomes) == 1
    assert Import.objects.count() == 3
    for number, pair in enumerate(there):
        versions = list(
            Quote.objects.filter(unit__code=pair[0], item__code=pair[1]).order_by("version").values_list(
                "version", "price", "supersedes__version"
            )
        )  # fmt: skip
        # Each file's price is there once, in whatever order the processes came.
        wanted = [10] * (number < 20) + [11] * (number >= 10) + [12] * (5 <= number < 25)
        assert sorted(int(p) for _, p, _ in versions) == sorted(wanted)
        assert [v for v, _, _ in versions] == list(range(1, len(wanted) + 1))
        assert [s for _, _, s in versions] == [None, *range(1, len(wanted))]
    assert Quote.objects.current().count() == 30
    assert trail.verify()[2] is None


def test_two_compilers_at_once(office: Any) -> None:
    found = office.collect("2022-W01")
    office.review(found)
    running = [start(office, "round", "compile", found.code, "--as", "max", "--sign", "small") for _ in range(2)]
    outcomes = [p.communicate(timeout=120) for p in running]
    assert sorted(p.returncode for p in running) == [0, 2], outcomes
    assert Compilation.objects.count() == 1
    assert Observation.objects.count() == 46
    assert found.state == "compiled"
    assert trail.verify()[2] is None


@pytest.mark.parametrize("seed", range(INSTANTS))
def test_killed_while_importing(office: Any, tmp_path: Path, seed: int) -> None:
    found = office.sign_open("2022-W01")
    path = write(tmp_path / "a.csv", pairs(office, 51), "10")
    entries = trail.verify()[0]
    process = start(office, "import", "quotes", str(path), "--round", found.code, "--as", "sun", "--sign", "late")
    # Start-up takes most of the time; the instants lie in its second half and in the work.
    time.sleep(random.Random(f"import {seed}").uniform(0.4, 2.5))
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    count, _, fault = trail.verify()
    assert fault is None
    assert (Quote.objects.count(), Import.objects.count(), count - entries) in ((0, 0, 0), (51, 1, 1))
    # The work can go on where it stopped.
    taken = import_quotes(path, found.code, office.user("sun"), sign="late")
    assert taken.again is not None or taken.added == 51
    assert (Quote.objects.count(), Import.objects.count()) == (51, 1)


@pytest.mark.parametrize("seed", range(INSTANTS))
def test_killed_while_compiling(office: Any, seed: int) -> None:
    found = office.collect("2022-W01")
    office.review(found)
    moves = Move.objects.count()
    process = start(office, "round", "compile", found.code, "--as", "max", "--sign", "small")
    time.sleep(random.Random(f"compile {seed}").uniform(1.0, 4.5))
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    assert trail.verify()[2] is None
    outcome = Compilation.objects.count(), Observation.objects.count(), Move.objects.count() - moves, found.state
    assert outcome in ((0, 0, 0, "reviewing"), (1, 46, 1, "compiled"))
    if outcome[0] == 0:
        compile_round(found.code, office.user("max"), sign="small")
    assert (Compilation.objects.count(), Observation.objects.count(), found.state) == (1, 46, "compiled")


@pytest.mark.parametrize("table", ["quotes_quote", "audit_entry", "record_observation"])
def test_stopped_inside_the_transaction(office: Any, tmp_path: Path, table: str) -> None:
    """Killed at the worst instants: right after rows of a table were written and before the act is complete."""
    found = office.collect("2022-W01")
    path = str(write(tmp_path / "b.csv", pairs(office, 51), "7"))
    code = f"""
import os, signal
from ellwand.office import setup
setup.office()
from django.db import connection
from ellwand.office.accounts import people
from ellwand.office.quotes.intake import import_quotes
from ellwand.office.rounds import work
from ellwand.office.rounds.compiling import compile_round
def watch(execute, sql, params, many, context):
    done = execute(sql, params, many, context)
    if sql.startswith('INSERT INTO "{table}"'):
        os.kill(os.getpid(), signal.SIGKILL)
    return done
from ellwand.office.quotes import intake
if {table!r} == "quotes_quote":
    # Quotes are written past the wrapper: by COPY where the database has it.
    whole = intake.add
    def add(*given):
        whole(*given)
        os.kill(os.getpid(), signal.SIGKILL)
    intake.add = add
found = work.find({found.code!r})
if {table!r} == "record_observation":
    work.move(found, "reviewing", people.find("sun"), sign="x")
with connection.execute_wrapper(watch):
    if {table!r} == "record_observation":
        compile_round(found.code, people.find("max"), sign="x")
    else:
        import_quotes({path!r}, found.code, people.find("sun"), sign="x")
"""
    quotes, imports = Quote.objects.count(), Import.objects.count()
    done = subprocess.run(
        [sys.executable, "-c", code], env=office.environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert (Quote.objects.count(), Import.objects.count()) == (quotes, imports)
    assert (Compilation.objects.count(), Observation.objects.count()) == (0, 0)
    assert trail.verify()[2] is None
