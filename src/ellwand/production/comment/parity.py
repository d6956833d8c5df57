"""Whether the two languages say the same: headings, figures, direction words and periods, in the same order."""

from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from ellwand.engine.errors import DataError
from ellwand.production.comment.facts import FactTable
from ellwand.production.comment.findings import Finding
from ellwand.production.comment.folder import read_text_file
from ellwand.production.comment.guard import Guard, check_text
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


def check_files(
    facts: FactTable, file: str | Path, language: Language | None = None, beside: str | Path | None = None
) -> list[str]:
    """The findings of a text's file as lines FILE:LINE:COLUMN: ..., and those of its twin in the other language.

    DataError: a file can't be read, or both are of one language.
    """
    text, own, spans = read_text_file(file, language)
    out = [(str(file), one) for one in check_text(text, own, facts, spans)]
    if beside is not None:
        other, theirs, bindings = read_text_file(beside)
        if theirs == own:
            raise DataError(f"{file} and {beside} are both in {own!r}; give one text of each language")
        out += [(str(beside), one) for one in check_text(other, theirs, facts, bindings)]
        found = compare_texts(*((text, other) if own == "zh" else (other, text)), facts)
        names = {own: str(file), theirs: str(beside)}
        out += [(names[one], finding) for one in LANGUAGES for finding in found[one]]
    return [f"{name}:{one}" for name, one in out]
