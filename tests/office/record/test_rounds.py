"""Rounds: what moves them, and that their figures are those of `ellwand compile`."""

import csv
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import connection, transaction

from ellwand.engine.errors import DataError
from ellwand.office.accounts.people import RefusedError
from ellwand.office.audit import trail
from ellwand.office.audit.models import Entry
from ellwand.office.quotes.intake import import_quotes
from ellwand.office.record.models import Compilation, Observation
from ellwand.office.registry.market import import_market
from ellwand.office.rounds import snapshot, work
from ellwand.office.rounds.compiling import compile_round
from ellwand.office.rounds.models import Move
from ellwand.production.method import read_method
from ellwand.production.publish import compile_folder


def test_opening(office: Any, stopped: Any) -> None:
    with pytest.raises(RefusedError):
        work.open_round("2022-W01", office.user("sun"))
    with pytest.raises(DataError, match=r"minimum: 20 of 20 elementary aggregates.*a supervisor may sign"):
        work.open_round("2022-W01", office.user("cai"), sign="a clerk may not sign this")
    found = work.find("price-2022-W01")
    assert found.state == "planned"
    assert office.sign_open("2022-W01").state == "collecting"
    # Opening again changes nothing.
    moves = Move.objects.count()
    assert work.open_round("2022-W01", office.user("cai")).pk == found.pk
    assert Move.objects.count() == moves


def test_a_period_without_registers(office: Any) -> None:
    with pytest.raises(
        DataError, match=r"metadata: there is no basket in force in 2021-W01.*assignments: no assignment"
    ):
        work.open_round("2021-W01", office.user("cai"))
    with pytest.raises(DataError, match="is no period"):
        work.open_round("soon", office.user("cai"))


def test_time_closes_a_round(office: Any, stopped: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = office.sign_open("2022-W01")
    with pytest.raises(DataError, match="time alone"):
        work.move(found, "closed", office.user("max"))
    office.at(monkeypatch, 2022, 1, 7, 8, 59, 59)
    work.settle(found)
    assert found.state == "collecting"
    office.at(monkeypatch, 2022, 1, 7, 9, 0, 0)
    work.settle(found)
    assert found.state == "closed"
    last = found.moves.order_by("-number")[0]
    assert last.by is None
    assert Entry.objects.order_by("-sequence")[0].actor == 0


def test_review_begins_when_enough_came_in(office: Any) -> None:
    found = office.sign_open("2022-W01")
    with pytest.raises(DataError, match=r"response: 0\.0% of \d+ due quotes are there; the target is 80%"):
        work.move(found, "reviewing", office.user("sun"))
    import_quotes(office.quotes, found.code, office.user("sun"), sign="late", only_period=True)
    work.move(found, "reviewing", office.user("sun"))
    assert found.exceptions.filter(guard="response").count() == 0


def test_a_move_that_fails_leaves_nothing(office: Any) -> None:
    found = office.collect("2022-W01")
    before = Entry.objects.count(), Move.objects.count(), found.exceptions.count()
    for target, who in (("public", "max"), ("compiled", "max"), ("drafted", "max"), ("reviewing", "col")):
        with pytest.raises(DataError):
            work.move(found, target, office.user(who), sign="x")
    assert (Entry.objects.count(), Move.objects.count(), found.exceptions.count()) == before


def test_the_figures_are_those_of_compile(office: Any, periods: tuple[str, ...], tmp_path: Path) -> None:
    """All of the last period, to the last bit."""
    for period in periods:
        found = office.collect(period)
    office.review(found)
    made = compile_round(found.code, office.user("max"), sign="small market")
    results = compile_folder(office.market, read_method(), tmp_path / "compiled")
    wanted = pq.read_table(tmp_path / "compiled" / "observations.parquet")
    rows = wanted.filter(pa.compute.field("period") == periods[-1]).to_pylist()
    kept = {o.series: o for o in made.compilation.observations.all()}
    assert len(rows) == len(kept) == made.observations
    for row in rows:
        for name, value in row.items():
            assert getattr(kept[row["series"]], name) == value, (row["series"], name)
    total = kept["price/total"]
    assert total.published == f"{results.levels[0, -1]:.2f}"
    assert (made.compilation.method_digest, found.state) == (read_method().digest, "compiled")
    # Equal records give one hash, whatever the database; a change of one quote gives another.
    taken = snapshot.take(found)
    assert taken.hash == made.compilation.inputs
    assert trail.verify()[2] is None


def test_compiling_by_steps(office: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = office.collect("2022-W01")
    with pytest.raises(DataError, match="no move leads from closed to compiled"):
        compile_round(found.code, office.user("max"))
    office.review(found)
    with pytest.raises(RefusedError, match=r"round\.compile"):
        compile_round(found.code, office.user("sun"))
    compile_round(found.code, office.user("max"), sign="small market")
    with pytest.raises(DataError, match="compiled"):
        compile_round(found.code, office.user("max"), sign="small market")
    with pytest.raises(DataError, match="reason: it is empty"):
        work.move(found, "reviewing", office.user("rui"))
    work.move(found, "reviewing", office.user("rui"), reason="one more look")
    again = compile_round(found.code, office.user("max"), sign="small market").compilation
    first = Compilation.objects.get(round=found, number=1)
    assert (again.number, again.inputs) == (2, first.inputs)
    assert list(first.observations.order_by("series").values_list("series", "index", "published")) == list(
        again.observations.order_by("series").values_list("series", "index", "published")
    )


def test_without_signatures_nothing_is_stored(office: Any) -> None:
    found = office.collect("2022-W01")
    office.collect("2022-W02")
    second = work.find("price-2022-W02")
    office.review(found)
    compile_round(found.code, office.user("max"), sign="x")
    office.review(second)
    with pytest.raises(DataError, match=r"cells: .* series are suppressed"):
        compile_round(second.code, office.user("max"))
    assert (second.state, Compilation.objects.count()) == ("reviewing", 1)
    assert not Observation.objects.filter(period="2022-W02").exists()


def test_a_silent_change_is_found(office: Any, market: Path, tmp_path: Path) -> None:
    """A weight that changes figures of an issue without a new method stops the next one."""
    for period in ("2022-W01", "2022-W02", "2022-W03"):
        found = office.collect(period)
        if period == "2022-W03":
            copy = tmp_path / "copy"
            shutil.copytree(market, copy, ignore=shutil.ignore_patterns("truth", "quotes"))
            path = copy / "basket.csv"
            rows = list(csv.reader(path.open(encoding="utf-8")))
            rows[1][2], rows[-1][2] = rows[-1][2], rows[1][2]
            assert rows[1][2] != rows[-1][2]
            with path.open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream, lineterminator="\n").writerows(rows)
            import_market(copy, office.user("cai"))
        office.review(found)
        if period != "2022-W03":
            compile_round(found.code, office.user("max"), sign="small market")
    with pytest.raises(DataError, match=r"recompute: price/\S+ of 2022-W0[12]: \w+ was"):
        # A reviewer alone may not sign this one away.
        from ellwand.office.accounts import people

        people.change_roles("max", [], ["supervisor"], office.user("ada"), "test")
        compile_round(found.code, office.user("max"), sign="small market")


def test_inputs_that_change_meanwhile(office: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = office.collect("2022-W01")
    office.review(found)
    path = tmp_path / "late.csv"
    path.write_text("period,unit,item,price\n2022-W01,U0001,I00005,99\n", encoding="utf-8")
    sent = []

    def late(done: int, total: int, what: str) -> None:
        if not sent:
            sent.append(import_quotes(path, found.code, office.user("sun"), sign="late"))

    with pytest.raises(DataError, match="the inputs changed while it was compiled"):
        compile_round(found.code, office.user("max"), sign="x", progress=late)
    assert sent[0].changed + sent[0].added == 1
    assert Compilation.objects.count() == 0
    compile_round(found.code, office.user("max"), sign="x")


def test_a_move_has_one_winner(office: Any) -> None:
    """Two rows with one number can't both be there, whoever writes them."""
    from django.db import IntegrityError

    found = office.collect("2022-W01")
    last = found.moves.order_by("-number")[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        Move(round=found, number=last.number, source="closed", target="reviewing", at=last.at).save()
    assert connection.vendor in ("sqlite", "postgresql")
