"""Governance of the registers: change of method (22), its yearly review (24), plan for cessation (43),
correspondence of classes (44), rotation of the sample (45).
"""

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


def test_governance_43_cessation(stage: Stage, found: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index of a real market can't be scheduled before a plan for its end is stated in both languages, not by the
    screen and not by a plain move; the desk says so, the plan is public, and earlier ones are kept.
    """
    from ellwand.office.approvals import scheduling
    from ellwand.office.registry import cessation, public
    from ellwand.office.registry.models import Cessation
    from ellwand.office.rounds import work

    week = stage("approved")
    office, one = week.office, found()
    # Of a simulated market it is said that it ends with its demonstration; a real one has no such text.
    assert not cessation.missing() and "demonstration" in public.plan()[1]
    monkeypatch.setattr(cessation, "SIMULATED", ("", ""))
    cai, clerk = office.user("cai"), office.client("cai")
    for act in (
        lambda: scheduling.schedule(one, cai),
        lambda: work.move(one, "scheduled", cai),
    ):
        with pytest.raises(DataError, match=r"no plan for its end .*rule 43"):
            act()
    assert one.state == "text_approved"
    assert "State the plan for the end of the index" in clerk.get("/office/").content.decode()
    for zh, en in (("", "It is wound up."), ("停用。", " ")):
        with pytest.raises(DataError, match="write 1 to 5000"):
            cessation.state(zh, en, cai)
    assert clerk.post("/office/cessation/", {"zh": "停用。", "en": "It is <wound up>."}).status_code == 302
    page = office.client("aud").get("/office/cessation/").content.decode()
    assert "It is &lt;wound up&gt;." in page and "停用。" in page and "<textarea" not in page
    assert office.client("aud").post("/office/cessation/", {"zh": "x", "en": "x"}).status_code == 403
    cessation.state("停用时提前一年公告。", "It is announced a year ahead.", cai)
    assert public.plan() == ("停用时提前一年公告。", "It is announced a year ahead.") and Cessation.objects.count() == 2
    scheduling.schedule(one, cai)
    assert one.state == "scheduled"


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


def test_governance_45_rotation_log(stage: Stage, found: Any) -> None:
    """Every entry, exit and replacement, by the wizard, by a sheet or by the end of a unit, is in the log with a reason
    and an overlap price or the method's link; none is taken in without a reason, and a row of the log is for ever.
    """
    from ellwand.office.append_only import ImmutableError
    from ellwand.office.registry import public, rotation, sample_book, taking
    from ellwand.office.registry.models import Assignment, Rotation
    from ellwand.office.rounds import work

    week = stage("second")
    office = week.office
    cai = office.user("cai")
    rows = [
        a for a in Assignment.objects.select_related("unit", "item").order_by("pk")
        if work.in_force("2022-W03", a.valid_from, a.valid_to) and not a.valid_to
    ]  # fmt: skip
    one, two = rows[0], next(r for r in rows if r.unit_id != rows[0].unit_id)

    def take(name: str, *lines: str, reason: str) -> Any:
        return taking.take_sheet(taking.book_of(name), "\n".join(lines).encode(), cai, reason)

    take("items", "item,ea,unit_of_measure,replaces", f"N1,{one.item.ea},kg,", f"N2,{two.item.ea},kg,{two.item.code}",
         reason="new goods")  # fmt: skip
    wish = sample_book.Replacement(one.unit.code, one.item.code, "N1", "2022-W03", "overlap", "12.5", "no longer made")
    for bad in ({"reason": ""}, {"overlap_price": ""}, {"link": "", "overlap_price": ""}):
        with pytest.raises(DataError):
            sample_book.replace(replace(wish, **bad), cai)
    with pytest.raises(DataError, match="reason"):
        take("assignments", "unit,item,valid_from", f"{two.unit.code},N2,2022-W04", reason=" ")
    assert not Rotation.objects.exists()
    sample_book.replace(wish, cai)
    take("assignments", "unit,item,valid_from,valid_to", f"{two.unit.code},{two.item.code},{two.valid_from},2022-W03",
         f"{two.unit.code},N2,2022-W04,", reason="out of fashion")  # fmt: skip
    take("units", "unit,valid_to", f"{one.unit.code},2022-W09", reason="it has closed")
    log = list(Rotation.objects.order_by("pk"))
    assert {r.kind for r in log} == {"replacement", "exit"} and rotation.silent() == []
    assert [(r.item, r.replaced, r.link, r.overlap_price) for r in log if r.kind == "replacement"] == [
        ("N1", one.item.code, "overlap", "12.5"), ("N2", two.item.code, "method", ""),
    ]  # fmt: skip
    assert all(r.reason.strip() and (r.kind == "exit" or r.link in rotation.LINKS) for r in log)
    for act in (log[0].delete, lambda: Rotation.objects.all().update(reason="x")):
        with pytest.raises(ImmutableError):
            act()
    told = public.rotations()
    assert len(told) == len(log) and {t.item for t in told} >= {"N1", "N2"}
    # Who reports is not told.
    assert not any(one.unit.code in repr(t) or "it has closed" in repr(t) for t in told)
