"""Whether the two languages say the same: headings, figures, direction words and periods, in the same order."""

from difflib import SequenceMatcher
from typing import Any

from ellwand.production.comment.facts import FactTable
from ellwand.production.comment.guard import Finding, Guard
from ellwand.production.comment.reader import Claim
from ellwand.production.report.texts import LANGUAGES, Language

OTHER = {"zh": "the English text", "en": "the Chinese text"}


def compare_texts(zh: str, en: str, facts: FactTable) -> dict[Language, list[Finding]]:
    """What one language says and the other doesn't say at the same place; empty lists where they agree."""
    guards: dict[Language, Guard] = {"zh": Guard(zh, "zh", facts), "en": Guard(en, "en", facts)}
    _match(guards, {one: [(h, _heading(h)) for h in guards[one].reading.headings] for one in LANGUAGES}, "this heading")
    for apart in (False, True):
        # A language says where it must how long ago the previous issue was: before the figure, or after it.
        said = {one: [c for c in guards[one].reading.claims if (c.kind == "gap") == apart] for one in LANGUAGES}
        _match(guards, {one: [(c, _key(c)) for c in said[one]] for one in LANGUAGES}, "this")
    return {one: guards[one].found() for one in LANGUAGES}


def _heading(head: Any) -> tuple[Any, ...]:
    return head.kind, head.depth, frozenset(head.series)


def _key(claim: Claim) -> tuple[Any, ...]:
    """What a claim says, without its words: size words differ between the languages' sentences, figures don't."""
    days = None if claim.days is None else (claim.days.first, claim.days.last)
    value = None if claim.value is None else abs(claim.value)
    detail = claim.detail if claim.kind in ("interval", "share", "count") else ""
    return claim.kind, frozenset(claim.series), claim.basis, value, claim.way, detail, days


def _match(guards: dict[Language, Guard], said: dict[Language, list[tuple[Any, Any]]], what: str) -> None:
    zh, en = said["zh"], said["en"]
    pairs = SequenceMatcher(None, [hash(k) for _, k in zh], [hash(k) for _, k in en], autojunk=False)
    for tag, a, b, c, d in pairs.get_opcodes():
        if tag == "equal":
            continue
        sides: tuple[tuple[Language, list[tuple[Any, Any]]], ...] = (("zh", zh[a:b]), ("en", en[c:d]))
        for language, part in sides:
            for one, _ in part:
                guards[language].say("parity", one.start, one.end, f"{OTHER[language]} doesn't say {what} here")
