"""Governance of the registers: change of method (22), its yearly review (24), correspondence of classes (44)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ellwand.engine.errors import DataError
from ellwand.office.accounts.people import RefusedError

Stage = Callable[[str], Any]


def changed(version: str = "2.0", least: int = 4) -> str:
    """The office's method with another minimum of units."""
    from ellwand.office.registry.models import MethodVersion

    row = MethodVersion.objects.order_by("pk")[0]
    assert "minimum_units = 3" in row.text
    text = row.text.replace(f'version = "{row.version}"', f'version = "{version}"')
    return text.replace("minimum_units = 3", f"minimum_units = {least}")


def given(**other: Any) -> Any:
    from ellwand.office.registry.methods import Proposed

    whole = Proposed(changed(), "提高最低单位数", "More units are asked for", date(2022, 1, 25), "2022-W06")
    return replace(whole, **other)


def proposed(office: Any, **other: Any) -> Any:
    from ellwand.office.registry import methods

    return methods.propose(given(**other), office.user("cai"))


def test_governance_22_method_change(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No decision before the comments have ended, each is answered and a parallel run is stored; none by who proposed;
    the new method is in force from a period after the comments, and for no round before it.
    """
    from ellwand.office.audit import trail
    from ellwand.office.registry import methods, public, tasks
    from ellwand.office.registry.models import MethodVersion
    from ellwand.office.rounds import work

    office.collect("2022-W01")
    office.at(monkeypatch, 2022, 1, 11, 3)
    first, _ = work.method_in_force("2022-W06")
    made = proposed(office)
    cai, sta = office.user("cai"), office.user("sta")
    assert methods.state_of(made) == methods.OPEN
    said = methods.comment(made, "纺织商会 / Textile Chamber", "Four is too many.", cai)
    with pytest.raises(DataError, match="comments are open until 2022-01-25; 1 comments have no reply; no parallel"):
        methods.decide(made, sta, accept=True, effective_from="2022-W06", reason="agreed")
    office.at(monkeypatch, 2022, 1, 26, 3)
    with pytest.raises(DataError, match="comments ended on 2022-01-25"):
        methods.comment(made, "late", "late", cai)
    assert methods.state_of(made) == methods.UNANSWERED
    methods.reply(said, "Three would leave cells that one unit dominates.", cai)
    assert methods.state_of(made) == methods.DUE
    with pytest.raises(DataError, match="no parallel run is stored"):
        methods.decide(made, sta, accept=True, effective_from="2022-W06", reason="agreed")
    assert tasks.parallel.func(made.pk, cai.pk) == ""
    run = made.runs.get()
    assert run.method == first and run.inputs and run.figures["periods"] == ["2022-W01"]
    # Nobody decides his own; nothing begins before the comments have ended, or before it was announced.
    with pytest.raises(DataError, match="somebody else decides"):
        methods.decide(made, cai, accept=True, effective_from="2022-W06", reason="agreed")
    with pytest.raises(RefusedError):
        methods.decide(made, office.user("aud"), accept=True, effective_from="2022-W06", reason="agreed")
    for period, told in (("2022-W04", "comments are open until"), ("2022-W05", "was announced as"), ("x", "no period")):
        with pytest.raises(DataError, match=told):
            methods.decide(made, sta, accept=True, effective_from=period, reason="agreed")
    decision = methods.decide(made, sta, accept=True, effective_from="2022-W07", reason="agreed")
    with pytest.raises(DataError, match="decided already"):
        methods.decide(made, sta, accept=False, effective_from="", reason="no")
    # In force by the period of a round, and not by the day on which it is compiled.
    assert decision.method is not None and MethodVersion.objects.count() == 2
    assert [work.method_in_force(p)[0] for p in ("2022-W01", "2022-W06", "2022-W07", "2023-W01")] == [
        first, first, decision.method, decision.method,
    ]  # fmt: skip
    assert work.method_in_force()[0] == first
    assert work.method_in_force("2022-W07")[1].method.quality.minimum_units == 4
    (told,) = public.proposals()
    assert (told.accepted, told.effective_from, told.state) == (True, "2022-W07", "decided")
    assert [(c.author, c.reply[:5]) for c in told.comments] == [("纺织商会 / Textile Chamber", "Three")]
    assert ("quality.minimum_units", "3", "4") in told.changes or any(
        n == "quality.minimum_units" for n, _, _ in told.changes
    )
    # Nothing is public yet: the run, which is of unreleased figures, is not either.
    assert told.figures is not None and told.figures["periods"] == []
    assert trail.verify()[2] is None


def test_governance_24_yearly_review(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A year after it was taken in the method is overdue for its review, on the clerk's desk and in red on its page,
    until the review is recorded.
    """
    from datetime import timedelta

    from ellwand.office.registry import methods
    from ellwand.office.registry.models import MethodVersion

    taken = MethodVersion.objects.get().at
    later = taken + timedelta(days=367)
    assert not methods.review_overdue()
    office.at(monkeypatch, *later.timetuple()[:5])
    assert methods.review_overdue()
    clerk = office.client("cai")
    assert "The yearly review of the method is overdue" in clerk.get("/office/").content.decode()
    assert '<p class="note error">The review is overdue' in clerk.get("/office/methods/").content.decode()
    methods.review("It still measures what it is for.", office.user("cai"))
    assert not methods.review_overdue()
    assert "note error" not in clerk.get("/office/methods/").content.decode()
    with pytest.raises(RefusedError):
        methods.review("x", office.user("aud"))


def test_governance_44_correspondence(stage: Stage, found: Any) -> None:
    """A version in which a class has no successor is refused as a whole; under the new code of a renamed class the next
    issue continues the old series with all its earlier levels, and what was published stays readable under the old one.
    """
    from ellwand.office.record import reading
    from ellwand.office.registry import classes, public, sheets
    from ellwand.office.registry.columns import CLASSES, LINKS
    from ellwand.office.registry.models import Classification
    from ellwand.office.rounds.compiling import compile_round
    from ellwand.office.rounds.producing import produce

    week = stage("second")
    office = week.office
    tree = classes.rows_of(classes.last())
    kept = [r for r in tree if r["code"] != "1.1.01"]
    orphan: Any = sheets.write("xlsx", {"classes": (CLASSES, kept)})
    with pytest.raises(DataError, match=r"1\.1\.01.* has no successor"):
        classes.adopt(orphan, office.user("cai"), "why")
    assert Classification.objects.count() == 1
    old = {f.observation.period: f.observation for f in reading.figures(["price/1/1.1/1.1.01"])}
    assert set(old) == {"2022-W01", "2022-W02"}
    renamed = [{**r, "code": "1.1.09"} if r["code"] == "1.1.01" else r for r in tree]
    content = sheets.write(
        "xlsx", {"classes": (CLASSES, renamed), "correspondence": (LINKS, [{"old": "1.1.01", "new": "1.1.09"}])}
    )
    week.at(2022, 1, 23, 3)
    classes.adopt(content, office.user("cai"), "the yarns are numbered anew")
    one = office.collect("2022-W03")
    office.review(one)
    signed = one.exceptions.count()
    compile_round(one.code, office.user("max"), sign="small market")
    # The series goes on: nobody had to sign that earlier figures come out otherwise.
    assert not one.exceptions.filter(guard="recompute").exists() and one.exceptions.count() >= signed
    made = produce(one)
    rows = {(r["series"], r["period"]): r for r in made.results.observations().to_pylist()}
    assert ("price/1/1.1/1.1.01", "2022-W03") not in rows and ("price/1/1.1/1.1.09", "2022-W03") in rows
    for period, was in old.items():
        now = rows["price/1/1.1/1.1.09", period]["index"]
        assert (now is None) == (was.index is None) and (now is None or abs(now - was.index) < 1e-9)
    assert {f.observation.period for f in reading.figures(["price/1/1.1/1.1.01"])} == {"2022-W01", "2022-W02"}
    (told,) = public.successors("1.1.01")
    assert (told.old, told.new, told.kind, told.version) == ("1.1.01", "1.1.09", "rename", 2)
