"""The commands."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ellwand.cli import main


def test_from_an_empty_folder_to_a_compiled_round(
    tmp_path: Path, market: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("ELLWAND_DIR", str(tmp_path / "o"))

    def run(*words: str, status: int = 0) -> str:
        code = main(words)
        told = capsys.readouterr()
        assert code == status, told.err
        return told.out if status == 0 else told.err

    assert re.search(
        r"account ada \(admin\), one-time password: \S{16}$", run("init", str(tmp_path / "o"), "--admin", "ada")
    )
    assert "is not empty" in run("init", str(tmp_path / "o"), status=2)
    assert "up to date" in run("init", str(tmp_path / "o"), "--upgrade")
    roles = [w for r in ("clerk", "collector", "supervisor", "reviewer", "compiler") for w in ("--role", r)]
    run("user", "add", "bo", *roles, "--as", "ada")
    run("user", "add", "eve", "--as", "ada")
    assert "eve may not do registers.change" in run("import", "market", str(market), "--as", "eve", status=2)
    assert "user 'boo' has no account; did you mean" in run("import", "market", str(market), "--as", "boo", status=2)
    assert re.search(r"^items +40 +0 +0 +0$", run("import", "market", str(market), "--as", "bo"), re.MULTILINE)
    assert "a supervisor may sign" in run("round", "open", "--period", "2022-W01", "--as", "bo", status=2)
    assert "price-2022-W01  closed" in run("round", "open", "--period", "2022-W01", "--as", "bo", "--sign", "small")
    quotes = ["import", "quotes", str(market / "quotes" / "2022.parquet"), "--round", "price-2022-W01", "--as", "bo"]
    assert "the cut-off has passed" in run(*quotes, "--only-period", status=2)
    # Rows of other periods are named, and the exit status tells.
    assert "is not the round's 2022-W01" in run(*quotes, "--sign", "history", status=1)
    assert "already; nothing was done" in run(*quotes, "--only-period", "--sign", "history")
    run("round", "move", "price-2022-W01", "--to", "reviewing", "--as", "bo", "--sign", "small")
    assert "compilation 1, 46 observations" in run(
        "round", "compile", "price-2022-W01", "--as", "bo", "--sign", "small"
    )
    listed = json.loads(run("round", "list", "--json"))
    assert [(r["round"], r["state"], r["quotes"]) for r in listed] == [("price-2022-W01", "compiled", 45)]
    shown = json.loads(run("round", "show", "price-2022-W01", "--json"))
    assert shown["total"]["published"] == "100.00"
    assert [m["to"] for m in shown["moves"]] == ["collecting", "closed", "reviewing", "compiled"]
    assert "total 100.00" in run("round", "show", "price-2022-W01")
    assert json.loads(run("release", "list", "--json")) == []
    assert run("release", "list") == "no release yet\n"
    head = run("audit-log", "verify").split()[-1]
    assert head in run("audit-log", "verify", "--head", head)
    number, _, digest = head.partition(":")
    assert "is missing" in run("audit-log", "verify", "--head", f"{int(number) + 1}:{digest}", status=1)
    assert "write it as NUMBER:HASH" in run("audit-log", "verify", "--head", "x", status=2)
    run("user", "roles", "eve", "--give", "auditor", "--reason", "asked for", "--as", "ada")
    assert "eve: auditor" in run("user", "list")
    run("backup", str(tmp_path / "b.zip"))
    run("restore", str(tmp_path / "b.zip"), "--dir", str(tmp_path / "again"))
    assert json.loads(run("round", "list", "--json", "--dir", str(tmp_path / "again"))) == listed


def test_a_record_that_is_none(sqlite_office: Any) -> None:
    sqlite_office.home.record.unlink()
    for side in sqlite_office.home.path.glob("record.sqlite3-*"):
        side.unlink()
    done = sqlite_office.run("round", "list")
    assert (done.returncode, "restore it from a backup" in done.stderr) == (2, True)
    sqlite_office.home.record.write_bytes(b"nonsense" * 1000)
    done = sqlite_office.run("round", "list")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    assert "file is not a database" in done.stderr


def test_a_database_that_does_not_answer(sqlite_office: Any) -> None:
    sqlite_office.url = "postgres://u@127.0.0.1:1/none"
    done = sqlite_office.run("audit-log", "verify")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("package", ["django", "rfc8785"])
def test_without_the_packages_of_the_office(tmp_path: Path, package: str) -> None:
    code = (
        f"import sys; sys.modules[{package!r}] = None\n"
        f"from ellwand.cli import main\nraise SystemExit(main(['round', 'list', '--dir', {str(tmp_path)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2, done.stderr
    assert f"the office needs the package {package}: pip install 'ellwand[office]'" in done.stderr


def test_django_is_loaded_for_office_commands_only() -> None:
    code = (
        "import sys, ellwand, ellwand.cli\nellwand.cli.parser()\n"
        "assert not [m for m in sys.modules if m.partition('.')[0] in ('django', 'psycopg', 'cryptography')]\n"
        "assert not [m for m in sys.modules if m.startswith('ellwand.office')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_models_are_those_of_the_migrations() -> None:
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_a_worker_says_what_failed_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    import logging

    from ellwand.office import work_tasks

    tasks = [logging.getLogger(name) for name in work_tasks.LOGGERS]
    before = {one: (one.level, list(one.handlers)) for one in tasks}
    try:
        work_tasks.quieten()
        for one in tasks:
            one.setLevel(logging.INFO)
            one.info("a task began")
            one.error("a task failed")
    finally:
        for one, (level, handlers) in before.items():
            one.setLevel(level)
            one.handlers = handlers
    assert capsys.readouterr().err == "a task failed\n" * len(tasks)
