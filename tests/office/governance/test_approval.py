"""Who may do what: approvals (1, 2, 3), early access (11), interests (36), roles (39, 40), second factors (41)."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction

from ellwand.engine.errors import DataError

Stage = Callable[[str], Any]
SAMPLES = {"int": "1", "str": "x", "slug": "x", "uuid": "00000000-0000-0000-0000-000000000000", "path": "x"}


def _answers(kind: str) -> dict[str, bool]:
    from ellwand.office.approvals import checklists

    return {item.key: True for item in checklists.LISTS[kind]}


def _written() -> tuple[int, int]:
    """Entries of the trail but those of looking, and approvals."""
    from ellwand.office.approvals.models import Approval
    from ellwand.office.audit.models import Entry

    return Entry.objects.exclude(act="preview.open").count(), Approval.objects.count()


def test_governance_01_four_eyes(stage: Stage, found: Any) -> None:
    """Whoever collected, reviewed, compiled or wrote is refused as approver, with all flags of Django too, on the
    screen, by the function below it, by a plain move and by the command.
    """
    from ellwand.office.accounts import people
    from ellwand.office.accounts.models import User
    from ellwand.office.approvals import previews, signing

    week = stage("drafted")
    office, one = week.office, found()
    for name in ("sun", "max", "wen"):
        people.change_roles(name, ["stat_approver"], [], office.user("ada"), "a trial")
        User.objects.filter(username=name).update(is_superuser=True, is_staff=True)
        office.declare(name)
        previews.look(one, office.user(name))
    before = _written()
    for name, work in (("sun", "edited, reviewed"), ("max", "compiled, reviewed"), ("wen", "wrote")):
        with pytest.raises(DataError, match=rf"did part of the work \({work}\)"):
            signing.approve(one, "statistics", week.person(name), _answers("statistics"))
        with pytest.raises(DataError, match="four_eyes"):
            from ellwand.office.rounds import work as moves

            moves.move(one, "stat_approved", office.user(name))
        address = f"/office/rounds/{one.code}/approve/"
        given = {"act": "approve", "kind": "statistics", "hash": "-"} | {
            f"check-{key}": "yes" for key in _answers("statistics")
        }
        assert office.client(name).post(address, given).status_code == 422
    done = office.run("round", "move", one.code, "--to", "stat_approved", "--as", "max")
    assert done.returncode != 0 and "four_eyes" in done.stderr
    assert _written() == before and one.state == "drafted"
    week.approve(one, "statistics")
    assert one.state == "stat_approved"


def test_governance_02_two_approvals(stage: Stage, found: Any) -> None:
    """With one approval a round can't be scheduled; the same person is refused for the other one."""
    from ellwand.office.accounts import people
    from ellwand.office.approvals import scheduling
    from ellwand.office.rounds import work

    week = stage("drafted")
    one, clerk = found(), week.office.user("cai")
    people.change_roles("sta", ["text_approver"], [], week.office.user("ada"), "a trial")
    with pytest.raises(DataError, match="statistics are not approved yet"):
        week.approve(one, "text")
    week.approve(one, "statistics")
    with pytest.raises(DataError, match="is stat_approved; it is sealed while it is text_approved"):
        scheduling.schedule(one, clerk)
    with pytest.raises(DataError, match="no move leads from stat_approved to scheduled"):
        work.move(one, "scheduled", clerk)
    with pytest.raises(DataError, match="two people must approve"):
        week.approve(one, "text", "sta")
    week.approve(one, "text")
    assert scheduling.schedule(one, clerk).code == "price-2022-W01-1"


def test_governance_03_bound_to_a_hash(stage: Stage, found: Any) -> None:
    """One quote that changes after both approvals voids both with the reason; a comma voids that of the text only."""
    from ellwand.office.approvals import scheduling, standing
    from ellwand.office.approvals.models import Void
    from ellwand.office.audit.models import Entry
    from ellwand.office.editorial import drafts
    from ellwand.office.editorial.judging import judge

    week = stage("approved")
    one = found()
    text = judge(one).texts["en"].text
    drafts.save(one, {"en": f"{text}\nBuyers ask more.\n"}, week.office.user("wen"), "a comma")
    assert one.state == "stat_approved" and set(standing.approvals(one)) == {"statistics"}
    week.approve(one, "text")
    week.change_quote()
    assert one.state == "drafted" and standing.approvals(one) == {}
    assert Void.objects.count() == 3
    reasons = Entry.objects.filter(act="approval.void").order_by("sequence").values_list("reason", flat=True)
    assert ["a quote, a register or a decision was changed" in r for r in reasons] == [False, True, True]
    with pytest.raises(DataError):
        scheduling.schedule(one, week.office.user("cai"))
    with pytest.raises(DataError, match="compile it anew"):
        week.approve(one, "statistics")


def test_governance_11_early_access(stage: Stage, found: Any) -> None:
    """The list is empty at first and public; only who stands on it by name sees a preview, and each look is logged."""
    from ellwand.office.accounts.people import RefusedError
    from ellwand.office.approvals import previews
    from ellwand.office.approvals.models import PreviewView
    from ellwand.office.audit.models import Entry

    week = stage("drafted")
    office, one = week.office, found()
    address, public = f"/office/rounds/{one.code}/early/", "/en/about/policies/early-access/"
    assert "The list is empty" in office.client().get(public).content.decode()
    assert previews.listed() == [] and office.client("col").get(address).status_code == 404
    with pytest.raises(RefusedError, match="not on the list of early access"):
        previews.look(one, office.user("col"))
    with pytest.raises(DataError, match="both are public"):
        previews.grant(office.user("col"), " ", office.user("ada"), "a briefing")
    previews.grant(office.user("col"), "Ms Col, ministry", office.user("ada"), "a briefing", period=one.period)
    page = office.client("col").get(address)
    assert page.status_code == 200 and page["Cache-Control"] == "private, no-store"
    view = PreviewView.objects.get()
    assert view.by.username == "col" and view.watermark in page.content.decode() and "col" in view.watermark
    assert Entry.objects.filter(act="preview.open", actor=view.by_id).count() == 1
    shown = office.client().get(public).content.decode()
    assert "Ms Col, ministry" in shown and "a briefing" in shown
    assert [row.name for row in previews.listed(one.period)] == ["Ms Col, ministry"] and previews.listed(
        "2022-W02"
    ) == []
    previews.grant(office.user("col"), "Ms Col, ministry", office.user("ada"), "over", period=one.period, held=False)
    assert previews.listed() == [] and office.client("col").get(address).status_code == 404


def test_governance_36_interests(stage: Stage, found: Any) -> None:
    """A declaration lasts a year; who has none in force can't approve, whatever the form says of him."""
    from datetime import timedelta

    from ellwand.office import clock
    from ellwand.office.accounts import people
    from ellwand.office.approvals import previews, signing
    from ellwand.office.cases import declarations

    week = stage("drafted")
    office, one = week.office, found()
    people.add("new", ["stat_approver"], office.user("ada"))
    previews.look(one, office.user("new"))
    with pytest.raises(DataError, match="no declaration of interest in force"):
        signing.approve(one, "statistics", week.person("new"), _answers("statistics"))
    ends = declarations.expires(office.user("sta"))
    assert ends is not None and ends - clock.now() == timedelta(days=366)
    week.at(ends.year, ends.month, ends.day, ends.hour)
    with pytest.raises(DataError, match="no declaration of interest in force"):
        week.approve(one, "statistics")
    office.declare("sta")
    assert week.approve(one, "statistics").by.username == "sta"


PROGRAMS = ("/office/api/v1/assignments", "/office/api/v1/quotes", "/office/odk/")
"""Addresses of programs, which show a token; that somebody is signed in counts for nothing there."""


def _addresses() -> Iterator[str]:
    """Every address of the office that the resolver knows, with samples for its parts; allauth has its own rules."""
    from django.urls import URLPattern, URLResolver, get_resolver

    def walk(patterns: Any, prefix: str = "") -> Iterator[str]:
        for one in patterns:
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, prefix + str(one.pattern))
            elif isinstance(one, URLPattern):
                yield prefix + str(one.pattern)

    for path in walk(get_resolver().url_patterns):
        if path.startswith("office/") and not ("/" + path).startswith(PROGRAMS):
            yield "/" + re.sub(r"<(?:(\w+):)?(\w+)>", lambda m: _sample(m[1], m[2]), path)


def _sample(kind: str | None, name: str) -> str:
    return "price-2022-W01" if name in ("code", "round", "period") else SAMPLES[kind or "str"]


def _ask(client: Any, method: str, address: str) -> int:
    """The status of a request whose effects are taken back."""
    client.raise_request_exception = False
    with transaction.atomic():
        try:
            status: int = getattr(client, method)(address).status_code
        finally:
            transaction.set_rollback(True)
    return status


def test_governance_39_separate_roles(stage: Stage) -> None:
    """Every address of the office, for one person of each role: reading and acting as the matrix says, else refused."""
    from django.urls import resolve

    from ellwand.office.accounts import people
    from ellwand.office.accounts.roles import AUDITOR, MAY, ROLES, UNIT
    from ellwand.office.screens.access import ANYBODY, SCREENS, SIGNED_IN

    # Without a round: who may not open a screen must not learn whether there is one.
    office = stage("furnished").office
    by_view = {s.view: s for s in SCREENS.values()}
    addresses = list(_addresses())
    assert len(addresses) > 30 and all(resolve(a).func in by_view for a in addresses)
    wrong = []
    for role in ROLES:
        if role == UNIT:
            continue
        people.add(f"of_{role}", [role], office.user("ada"))
        client = office.client(f"of_{role}")
        for address in addresses:
            one = by_view[resolve(address).func]
            for method, acts in (("get", one.read), ("post", one.write)):
                free = acts is not None and (ANYBODY in acts or SIGNED_IN in acts)
                allowed = acts is not None and (free or any(role in MAY[act] for act in acts))
                status = _ask(client, method, address)
                # Where one of several acts is enough, an empty form may ask for another one.
                refused = (403,) if acts is not None or role == AUDITOR else (403, 405)
                good = status != 403 or len(acts or ()) > 1 if allowed else status in refused
                if method == "post" and role == AUDITOR:
                    good = status == 403
                if not good:
                    wrong.append(f"{role} {method} {address}: {status}")
    assert wrong == []


def test_governance_40_the_auditor(stage: Stage, found: Any) -> None:
    """The auditor reads every screen of the round and the whole trail; every attempt to write gives 403, at every
    address and by every function.
    """
    from ellwand.office.accounts.people import RefusedError
    from ellwand.office.approvals import corrections, postponing, previews, sealing
    from ellwand.office.audit import search
    from ellwand.office.audit.models import Entry
    from ellwand.office.editorial import drafts
    from ellwand.office.rounds import work

    office = stage("drafted").office
    aud, one = office.user("aud"), found()
    client = office.client("aud")
    for name in ("review", "compile", "text", "preview", "approve", "schedule"):
        assert client.get(f"/office/rounds/{one.code}/{name}/").status_code == 200, name
    assert search.visible(aud).count() == Entry.objects.count() > 10
    for address in _addresses():
        for method in ("post", "put", "patch", "delete"):
            assert _ask(client, method, address) == 403, (method, address)
    for address in ("/office/api/v1/quotes", "/office/odk/submission"):
        assert _ask(client, "post", address) == 401, address
    before = _written()
    tries: list[Callable[[], object]] = [
        lambda: drafts.generate(one, aud),
        lambda: sealing.seal(one, aud),
        lambda: postponing.postpone(one, aud, "x", "x", "x"),
        lambda: corrections.open_(
            "x", "x", "x", "data", aud, cause_zh="x", cause_en="x", found_by="x", found_how="x", first_seen=one.at
        ),
        lambda: previews.grant(aud, "x", aud, "x"),
    ]
    for attempt in tries:
        with pytest.raises(RefusedError):
            attempt()
    with pytest.raises(DataError, match="needs the role"):
        work.move(one, "compiled", aud, reason="x")
    assert _written() == before


def test_governance_41_second_factor(stage: Stage, found: Any) -> None:
    """Reviewer, approvers and admin come, without a second factor, to no address but that of its set-up; an approval
    is refused.
    """
    from django.urls import resolve

    from ellwand.office.approvals import previews, signing
    from ellwand.office.screens.access import ANYBODY, SCREENS

    week = stage("drafted")
    office, one = week.office, found()
    # What is anybody's is program and description: the collector's app on a phone, the interface in words.
    anybodys = {one.view for one in SCREENS.values() if one.read is not None and ANYBODY in one.read}
    closed = [a for a in _addresses() if resolve(a).func not in anybodys]
    assert len(closed) > 90
    for name in ("rui", "sta", "tex", "ada"):
        client = office.client(name, second_factor=False)
        for address in closed:
            for method in ("get", "post"):
                answer = getattr(client, method)(address)
                assert (answer.status_code, answer.get("Location")) == (302, "/accounts/2fa/"), (name, address)
        assert client.get("/accounts/2fa/").status_code == 200
    previews.look(one, office.user("sta"))
    with pytest.raises(DataError, match="without a second factor"):
        signing.approve(one, "statistics", week.person("sta", second_factor=False), _answers("statistics"))
    assert one.state == "drafted"
