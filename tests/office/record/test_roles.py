"""Who may do what: the matrix of roles, four eyes, and the states of a round. Nobody stands above them."""

from itertools import product
from typing import Any

import pytest

from ellwand.engine.errors import DataError
from ellwand.office.accounts.four_eyes import Person, Work, objections, own_work
from ellwand.office.accounts.roles import MAY, ROLES, may
from ellwand.office.rounds import states

C, SU, RE, CL, CO, WR, ST, TE, AU, AD, UN = ROLES
MATRIX = {
    "quotes.enter": {C},
    "quotes.report": {UN},
    "registers.change": {CL},
    "registers.read": {CL, ST, TE, AU},
    "assignments.route": {SU, CL},
    "exceptions.sign": {SU},
    "exceptions.read": {SU, ST, TE, AU},
    "review.decide": {RE},
    "review.read": {RE, ST, TE, AU},
    "round.compile": {CO},
    "round.read": {CO, ST, TE, AU},
    "texts.write": {WR},
    "texts.read": {WR, CO, ST, TE, AU},
    "texts.comment": {TE},
    "pages.edit": {WR},
    "pages.publish": {WR},
    "pages.read": {WR, ST, TE, AU},
    "approve.statistics": {ST},
    "approve.text": {TE},
    "release.schedule": {CL, ST, TE},
    "release.postpone": {ST, TE, AD},
    "correction.open": {SU, RE, CL, CO, WR, ST, TE},
    "correction.request": {UN},
    "complaints.read": {CL, AD, AU},
    "complaints.answer": {CL},
    "complaints.appeal": {AD},
    "interests.declare": {C, SU, RE, CL, CO, WR, ST, TE, AD},
    "users.change": {AD},
    "users.read": {AD, AU},
    "audit.own": {C, SU, RE, CL, CO, WR, AD},
    "audit.release": {ST, TE, AU},
    "audit.all": {AU},
}
"""The matrix of the governance, written down a second time."""


@pytest.mark.parametrize(("act", "role"), list(product(MATRIX, ROLES)))
def test_matrix(act: str, role: str) -> None:
    assert may({role}, act) is (role in MATRIX[act])


def test_the_matrix_is_whole() -> None:
    assert set(MAY) == set(MATRIX)
    assert not any(may((), act) for act in MAY)
    # The auditor reads all and changes nothing.
    assert {act for act in MAY if may({AU}, act)} == {a for a in MAY if a.endswith((".read", ".all"))} | {
        "audit.release"
    }
    with pytest.raises(ValueError, match="not in the matrix"):
        may({AD}, "figures.change")


@pytest.mark.parametrize("kind", ["statistics", "text"])
@pytest.mark.parametrize("did", ["compiled", "edited", "reviewed", "wrote"])
def test_nobody_approves_his_own_work(kind: Any, did: str) -> None:
    person = Person(7, frozenset(ROLES), declared=True, second_factor=True)
    work = Work(**{did: frozenset({7, 8})})
    assert own_work(7, work) == [did]
    assert [o for o in objections(kind, person, work) if did in o and "rule 1" in o]
    assert objections(kind, person, Work(**{did: frozenset({8})})) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"roles": frozenset(ROLES) - {ST}}, "stat_approver"),
        ({"declared": False}, "rule 36"),
        ({"second_factor": False}, "rule 41"),
    ],
)
def test_each_condition_of_an_approval(change: dict[str, Any], told: str) -> None:
    person = Person(**({"id": 1, "roles": frozenset(ROLES), "declared": True, "second_factor": True} | change))
    assert [told in o for o in objections("statistics", person, Work())] == [True]


def test_two_people_approve() -> None:
    person = Person(1, frozenset(ROLES), declared=True, second_factor=True)
    assert "rule 2" in objections("text", person, Work(), other=1)[0]
    assert objections("text", person, Work(), other=2) == []


FORWARD = [
    ("planned", "collecting", {CL}, {"metadata", "minimum", "assignments", "calendar"}),
    ("collecting", "closed", set(), {"cutoff"}),
    ("closed", "reviewing", {SU}, {"response"}),
    ("reviewing", "compiled", {CO}, {"queue", "cells", "recompute", "figures"}),
    ("compiled", "drafted", {WR}, {"text", "rationale"}),
    ("drafted", "stat_approved", {ST}, {"four_eyes", "previewed"}),
    ("stat_approved", "text_approved", {TE}, {"four_eyes", "previewed"}),
    ("text_approved", "scheduled", {CL, ST, TE}, {"cessation", "hashes", "clock", "sealed"}),
    ("scheduled", "public", set(), {"due"}),
]


@pytest.mark.parametrize(("source", "target", "roles", "guards"), FORWARD)
def test_moves(source: str, target: str, roles: set[str], guards: set[str]) -> None:
    rule = states.rule_of(source, target)
    assert (rule.roles, set(rule.guards)) == (roles, guards)
    holds = dict.fromkeys(guards)
    for role in ROLES:
        assert (states.objections(rule, {role}, holds) == []) is (role in roles)
    who = roles and {min(roles)}
    assert states.objections(rule, who, holds) == []
    for guard in guards:
        lacking = {g: None for g in guards if g != guard}
        # Of what nothing is known, nothing is assumed.
        assert states.objections(rule, who, lacking)
        broken = holds | {guard: "it is not so"}
        assert states.objections(rule, who, broken)
        assert (states.objections(rule, who, broken, signed={guard}) == []) is (guard in states.SIGNS)


def test_no_other_move_leads_forward() -> None:
    known = {(s, t) for s, t, _, _ in FORWARD}
    order = states.ORDER
    for source, target in product(states.STATES, repeat=2):
        forward = source in order and target in order and order.index(target) > order.index(source)
        if forward and (source, target) not in known:
            with pytest.raises(DataError, match=f"no move leads from {source} to {target}"):
                states.rule_of(source, target)
    # What is public never goes back.
    assert {t for s, t in states.TABLE if s == "public"} == {"withdrawn"}
    assert {t for s, t in states.TABLE if s == "withdrawn"} == set()


def test_a_return_needs_a_reason_and_voids_approvals() -> None:
    rule = states.rule_of("scheduled", "reviewing")
    assert states.objections(rule, {RE}, {"reason": "it is empty"}) != []
    assert states.objections(rule, {RE}, {"reason": None}) == []
    assert states.objections(rule, {CL}, {"reason": None}) != []
    assert states.voided("reviewing") == ["stat_approved", "text_approved"]
    assert states.voided("stat_approved") == ["text_approved"]


# -- in the record -----------------------------------------------------------------------------------------------------


def test_roles_are_rows(office: Any) -> None:
    from ellwand.office.accounts import people
    from ellwand.office.accounts.models import Grant

    ada = office.user("ada")
    assert people.change_roles("cai", ["writer"], ["clerk"], ada, "moved") == {"writer"}
    assert people.change_roles("cai", ["clerk"], [], ada, "and back") == {"clerk", "writer"}
    rows = list(
        Grant.objects.filter(user=office.user("cai")).order_by("pk").values_list("role", "held", "by__username")
    )
    assert rows == [
        ("clerk", True, "ada"),
        ("writer", True, "ada"),
        ("clerk", False, "ada"),
        ("clerk", True, "ada"),
    ]
    with pytest.raises(DataError, match="reason: empty"):
        people.change_roles("cai", [], ["clerk"], ada, " ")
    with pytest.raises(DataError, match=r"'clerks' is not known.*clerk"):
        people.change_roles("cai", ["clerks"], [], ada, "x")
    with pytest.raises(people.RefusedError, match=r"cai may not do users\.change"):
        people.add("eve", ["admin"], office.user("cai"))


def test_a_superuser_may_not_do_more(office: Any) -> None:
    from ellwand.office.accounts import people
    from ellwand.office.accounts.models import User
    from ellwand.office.rounds import work

    root = User.objects.create(username="root", is_superuser=True, is_staff=True)
    for act in MAY:
        with pytest.raises(people.RefusedError):
            people.require(root, act)
    found = work.plan("2022-W01", office.user("cai"))
    with pytest.raises(DataError, match="needs the role clerk"):
        work.move(found, "collecting", root)
    assert found.state == "planned"
