"""The words of the office for the states of a round and for the roles of people."""

from ellwand.office.accounts.roles import ROLES
from ellwand.office.rounds import states
from ellwand.office.screens.words import say

STATE_WORDS = {
    states.PLANNED: ("已计划", "planned"),
    states.COLLECTING: ("采价中", "collecting"),
    states.CLOSED: ("已截止", "closed"),
    states.REVIEWING: ("审核中", "in review"),
    states.COMPILED: ("已编制", "compiled"),
    states.DRAFTED: ("文稿完成", "drafted"),
    states.STAT_APPROVED: ("数据已批准", "statistics approved"),
    states.TEXT_APPROVED: ("文稿已批准", "text approved"),
    states.SCHEDULED: ("待发布", "scheduled"),
    states.PUBLIC: ("已发布", "public"),
    states.POSTPONED: ("已推迟", "postponed"),
    states.WITHDRAWN: ("已撤回", "withdrawn"),
}


def state_words(state: str) -> str:
    """The name of a state in the language in use."""
    return say(*STATE_WORDS[state])


ROLE_WORDS = {
    "collector": ("采价员", "collector"),
    "supervisor": ("主管", "supervisor"),
    "reviewer": ("审核员", "reviewer"),
    "clerk": ("经办", "clerk"),
    "compiler": ("编制员", "compiler"),
    "writer": ("撰稿人", "writer"),
    "stat_approver": ("数据批准人", "statistics approver"),
    "text_approver": ("文稿批准人", "text approver"),
    "auditor": ("审计员", "auditor"),
    "admin": ("管理员", "admin"),
}


def role_words(held: frozenset[str]) -> str:
    """Roles in words, in the order of the matrix."""
    return str(say("、", ", ")).join(str(say(*ROLE_WORDS[role])) for role in ROLES if role in held)
