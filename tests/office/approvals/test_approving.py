"""Four eyes, what an approval binds to, and what takes it back (1, 2, 3, 11, 36, 41)."""

from typing import Any

import pytest

from ellwand.engine.errors import DataError


def answers(kind: str) -> dict[str, bool]:
    from ellwand.office.approvals import checklists

    return {item.key: True for item in checklists.LISTS[kind]}


def test_who_may_approve(sqlite_week: Any) -> None:
    from ellwand.office.accounts import people
    from ellwand.office.accounts.models import Grant, User
    from ellwand.office.approvals import previews, signing
    from ellwand.office.approvals.models import Approval
    from ellwand.office.audit.models import Entry

    week, office = sqlite_week, sqlite_week.office
    found = week.drafted()
    ada = office.user("ada")

    def refused(name: str, kind: str, match: str, second_factor: bool = True) -> None:
        before = Entry.objects.count()
        with pytest.raises(DataError, match=match):
            signing.approve(found, kind, week.person(name, second_factor), answers(kind))
        assert Approval.objects.count() == 0 and found.state in ("drafted", "stat_approved")
        assert Entry.objects.count() == before

    refused("sta", "statistics", "did not open the preview")
    previews.look(found, office.user("sta"))
    refused("sta", "statistics", "second factor", second_factor=False)
    refused("sta", "text", "statistics are not approved yet")
    # Nobody who compiled, edited, reviewed or wrote; flags of Django give nothing.
    for name in ("max", "wen", "sun"):
        people.change_roles(name, ["stat_approver"], [], ada, "a trial")
        User.objects.filter(username=name).update(is_superuser=True, is_staff=True)
        office.declare(name)
        previews.look(found, office.user(name))
        refused(name, "statistics", "did part of the work")
    refused("tex", "statistics", "holds no role stat_approver")
    people.add("new", ["stat_approver"], ada)
    User.objects.filter(username="new").update(is_superuser=True)
    previews.look(found, office.user("new"))
    refused("new", "statistics", "no declaration of interest in force")
    with pytest.raises(DataError, match="checklist of the statistics is not complete"):
        signing.approve(found, "statistics", week.person("sta"), {"total": True})
    with pytest.raises(DataError, match="is no line of it"):
        signing.approve(found, "statistics", week.person("sta"), answers("statistics") | {"x": True})
    with pytest.raises(DataError, match="has changed since you opened it"):
        signing.approve(found, "statistics", week.person("sta"), answers("statistics"), signed="0" * 64)
    week.approve(found, "statistics")
    # The same person for both.
    Grant(user=office.user("sta"), role="text_approver", held=True, by=ada, at=found.at).save()
    with pytest.raises(DataError, match="two people must approve"):
        week.approve(found, "text", "sta")
    week.approve(found, "text")
    assert found.state == "text_approved"


def test_no_way_around_the_screen(sqlite_week: Any) -> None:
    from ellwand.office.rounds import work

    found = sqlite_week.drafted()
    with pytest.raises(DataError, match="four_eyes: nothing shows a second factor"):
        work.move(found, "stat_approved", sqlite_week.office.user("sta"))
    told = sqlite_week.office.run("round", "move", found.code, "--to", "stat_approved", "--as", "sta")
    assert told.returncode != 0 and "second factor" in told.stderr
    sqlite_week.approve(found, "statistics")
    sqlite_week.approve(found, "text")
    with pytest.raises(DataError, match="sealed: the release is not sealed"):
        work.move(found, "scheduled", sqlite_week.office.user("cai"))


def test_a_changed_quote_voids_both_at_once(week: Any) -> None:
    from ellwand.office.approvals import scheduling
    from ellwand.office.approvals.models import Void
    from ellwand.office.audit.models import Entry
    from ellwand.office.record.models import Broken, Release

    found = week.scheduled()
    assert found.state == "scheduled"
    week.change_quote()
    assert found.state == "drafted"
    voids = {v.approval.kind: v.reason for v in Void.objects.select_related("approval")}
    assert set(voids) == {"statistics", "text"} and "a quote, a register or a decision was changed" in voids["text"]
    assert Entry.objects.filter(act="approval.void").count() == 2
    assert Broken.objects.get().release == Release.objects.get()
    with pytest.raises(DataError, match="compile it anew"):
        week.approve(found, "statistics")
    # The instant comes, and nothing appears.
    week.at(2022, 1, 10, 5)
    from ellwand.office.record import reading

    assert reading.latest() is None
    with pytest.raises(DataError):
        scheduling.schedule(found, week.office.user("cai"))


def test_a_changed_text_voids_its_approval_only(week: Any) -> None:
    from ellwand.office.accounts import people
    from ellwand.office.approvals import scheduling, standing
    from ellwand.office.approvals.models import Void
    from ellwand.office.editorial import drafts, rationale
    from ellwand.office.editorial.judging import judge
    from ellwand.office.rounds import work

    office, found = week.office, week.scheduled()
    wen = office.user("wen")
    text = judge(found).texts["en"].text

    def comma(words: str, by: Any = wen) -> None:
        drafts.save(found, {"en": f"{text}\n{words}\n"}, by, "a comma")

    with pytest.raises(DataError, match="its texts are sealed; move it back to stat_approved"):
        comma("Buyers ask more.")
    work.move(found, "stat_approved", wen, reason="a comma")
    assert set(standing.approvals(found)) == {"statistics"}
    comma("Buyers ask more.")
    # What approvers have is judged by the guard as before.
    drafts.save(found, {"en": text.replace("100.00", "100.01", 1)}, wen, "a slip")
    with pytest.raises(DataError, match="findings in the texts"):
        week.approve(found, "text")
    comma("Buyers ask more.")
    week.approve(found, "text")
    comma("Buyers wait.")
    assert found.state == "stat_approved" and set(standing.approvals(found)) == {"statistics"}
    reasons = list(Void.objects.order_by("pk").values_list("reason", flat=True))
    assert reasons[0] == "a comma" and reasons[1].startswith("a text was changed after it was approved")
    week.approve(found, "text")
    own = {"zh": "样本稳定，没有采用人工判断的数值。", "en": "The sample was stable; nothing was judged by hand."}
    rationale.save(found, own, wen, "a word")
    assert found.state == "stat_approved" and set(standing.approvals(found)) == {"statistics"}
    # Who approved writes nothing, and who wrote since approves nothing.
    people.change_roles("sta", ["writer"], [], office.user("ada"), "helps out")
    with pytest.raises(people.RefusedError, match=r"sta approved .*; somebody else must change its texts"):
        comma("Buyers ask less.", office.user("sta"))
    week.approve(found, "text")
    assert found.state == "text_approved"
    assert scheduling.schedule(found, office.user("cai")).seal == 2


def test_moving_back_voids(sqlite_week: Any) -> None:
    from ellwand.office.approvals import standing
    from ellwand.office.rounds import work

    found = sqlite_week.approved()
    work.move(found, "stat_approved", sqlite_week.office.user("tex"), reason="a word")
    assert set(standing.approvals(found)) == {"statistics"}
    work.move(found, "compiled", sqlite_week.office.user("wen"), reason="a figure")
    assert standing.approvals(found) == {}
    with pytest.raises(DataError, match="is compiled"):
        from ellwand.office.approvals import scheduling

        scheduling.schedule(found, sqlite_week.office.user("cai"))


def test_quotes_of_the_next_round_void_nothing(sqlite_week: Any) -> None:
    found = sqlite_week.approved()
    sqlite_week.office.collect("2022-W02")
    assert found.state == "text_approved"


def test_early_access(sqlite_week: Any) -> None:
    from ellwand.office.accounts.people import RefusedError
    from ellwand.office.approvals import previews
    from ellwand.office.approvals.models import PreviewView

    week, office = sqlite_week, sqlite_week.office
    found = week.drafted()
    assert previews.listed() == []
    with pytest.raises(RefusedError, match="not on the list of early access"):
        previews.look(found, office.user("col"))
    with pytest.raises(RefusedError):
        previews.grant(office.user("col"), "Ms Col", office.user("cai"), "a briefing")
    with pytest.raises(DataError, match="both are public"):
        previews.grant(office.user("col"), "", office.user("ada"), "a briefing")
    previews.grant(office.user("col"), "Ms Col", office.user("ada"), "a briefing", period="2022-W01")
    previews.look(found, office.user("col"))
    view = PreviewView.objects.get()
    assert view.by.username == "col" and "col" in view.watermark and len(view.text_hash) == 64
    assert [row.name for row in previews.listed("2022-W01")] == ["Ms Col"] and previews.listed("2022-W02") == []
    previews.grant(office.user("col"), "Ms Col", office.user("ada"), "it is over", period="2022-W01", held=False)
    assert previews.listed() == []


def test_the_worker_prepares_what_the_approvers_look_at(sqlite_week: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django_tasks_db.models import DBTaskResult

    from ellwand.office.approvals import content, previews, tasks

    found = sqlite_week.drafted()
    row = DBTaskResult.objects.get(task_path=tasks.prepare.module_path)
    assert row.args_kwargs == {"args": [found.code], "kwargs": {}}
    prepared = tasks.prepare.func(found.code)

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("it is prepared already")

    monkeypatch.setattr(content, "prepared", refuse)
    assert previews.look(found, sqlite_week.office.user("sta")).stat_hash == prepared
    sqlite_week.approve(found, "statistics")
    assert tasks.prepare.func(found.code) == ""
