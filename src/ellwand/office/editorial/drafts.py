"""Writing the price comment: generate it, save an edited text, mark outside knowledge, let a finding stand.

Every act is an entry of the audit trail. Texts are written while the round is compiled. Once approvers have them they
are mended with a reason only, which takes the approval of the text back, if it was given, and no other one (rule 3);
what is sealed is taken back first.
"""

from collections.abc import Mapping

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.editorial.facts import facts_of, last_compilation
from ellwand.office.editorial.judging import bound_of, bounds_at, drafts_of, judge, stated
from ellwand.office.editorial.models import PRICE, Draft, Outside, Override
from ellwand.office.record.models import Compilation
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Round
from ellwand.production.comment import Bound, make_plan, write
from ellwand.production.comment.bound import CLOSE, OPEN, Span
from ellwand.production.report.texts import LANGUAGES, Language

OPEN_IN = (states.COMPILED,)
"""States in which the texts of a round are written."""
MENDED_IN = (states.DRAFTED, states.STAT_APPROVED, states.TEXT_APPROVED)
"""States in which approvers have the texts, so that they are mended with a reason."""
MOST = 100_000
"""Characters of a text; a comment has some thousands."""
BRACKETS = {"zh": "【据{source}：{text}】", "en": "[According to {source}: {text}]"}
BARRED = {"zh": "【】：", "en": "[]:"}
"""Marks that a source can't hold, because they end it."""


def require_open(found: Round, by: User, reason: str | None = None) -> None:
    """Keep others waiting, and refuse a round whose texts are closed. Call it inside the transaction.

    reason : why a text is mended, None for an act that writes it anew.
    """
    work.lock(found)
    state = found.state
    if state in OPEN_IN:
        return
    if state not in states.ORDER or states.ORDER.index(state) < states.ORDER.index(states.COMPILED):
        raise DataError(f"round {found.code} is {state}; its texts are written once it is compiled")
    if state == states.SCHEDULED:
        raise DataError(
            f"round {found.code} is scheduled: its texts are sealed; move it back to stat_approved, with the reason, "
            "which breaks the seal and takes back the approval of the text"
        )
    if state not in MENDED_IN or reason is None:
        raise DataError(
            f"round {found.code} is {state}: its texts are closed; move it back to compiled, with the reason, "
            "which takes back the approvals given since"
        )
    if not reason.strip():
        raise DataError(f"reason: empty; round {found.code} is {state}: say why a text changes that approvers have")
    if found.approvals.filter(by=by, correction=None, void__isnull=True).exists():
        raise people.RefusedError(
            f"{by.username} approved round {found.code}; somebody else must change its texts (rule 1)"
        )


def add(
    found: Round, made: Compilation, kind: str, language: Language, marked: str, by: User, reason: str, own: str = ""
) -> Draft:
    """Add the next draft of a text. Inside a transaction, after `require_open`."""
    last = (
        found.drafts.filter(kind=kind, language=language).order_by("-number").values_list("number", flat=True).first()
    )
    row = Draft(
        round=found, compilation=made, kind=kind, language=language, number=(last or 0) + 1, marked=marked, own=own,
        by=by, at=clock.now(), reason=reason,
    )  # fmt: skip
    row.save()
    return row


def generate(found: Round, by: User) -> dict[Language, Draft]:
    """Write both texts from the plan of the last compilation, in place of what is there."""
    role = people.require(by, "texts.write")
    made = last_compilation(found)
    plan = make_plan(facts_of(made))
    with transaction.atomic():
        require_open(found, by)
        out = {one: add(found, made, PRICE, one, write(plan, one).marked(), by, "generated") for one in LANGUAGES}
        _tell(found, "text.generate", out, by, role)
    return out


def save(found: Round, texts: Mapping[Language, str], by: User, reason: str = "") -> dict[Language, Draft]:
    """Save edited texts; what is unchanged gets no new draft. Spans whose words still stand are kept.

    DataError for a language that has no text yet, for one that is too long, and for the marks of spans in it.
    """
    role = people.require(by, "texts.write")
    made = last_compilation(found)
    with transaction.atomic():
        require_open(found, by, reason)
        there = drafts_of(found)
        out: dict[Language, Draft] = {}
        for language, given in texts.items():
            text = tidy(given)
            if language not in there:
                raise DataError(f"round {found.code}: there is no text in {language} yet; generate it first")
            before = bound_of(there[language], found.period)
            check(text, language)
            if text == before.text:
                continue
            bound = rebound(before, text, made)
            old = there[language].compilation
            out[language] = add(found, old, PRICE, language, bound.marked(), by, reason)
            _vouch(found, before, bound, by)
        if out:
            _tell(found, "text.save", out, by, role, reason)
    return out


def tidy(text: str) -> str:
    """A text as a form gives it: lines end with a line feed, and the text with one."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n") + "\n"


def check(text: str, language: str) -> None:
    """DataError for a text that can't be kept."""
    if len(text) > MOST:
        raise DataError(f"text, {language}: {len(text)} characters; write at most {MOST}")
    for mark in (OPEN, CLOSE):
        if mark in text:
            line = text[: text.index(mark)].count("\n") + 1
            raise DataError(f"text, {language}, line {line}: holds {mark}, which marks bound figures; remove it")


def rebound(before: Bound, text: str, made: Compilation) -> Bound:
    """An edited text with the bindings that still stand, and those of the plan where it says what the plan says.

    A figure that the writer mended is bound again: the plan's own text of the compilation is laid over the text.
    """
    kept, _ = before.edited(text)
    again, _ = write(make_plan(facts_of(made)), before.language).edited(text)
    taken = [(s.start, s.end) for s in kept.spans]
    more = [s for s in again.spans if not any(a < s.end and s.start < b for a, b in taken)]
    return Bound(kept.language, kept.period, text, tuple(sorted([*kept.spans, *more])))


def _vouch(found: Round, before: Bound, after: Bound, by: User) -> None:
    """Note who states outside knowledge that the text did not hold before."""
    facts = facts_of(last_compilation(found))
    known = {(s.source, s.text) for s in stated(before.text, before.language, facts)}
    for one in stated(after.text, after.language, facts):
        if (one.source, one.text) not in known and one.source.strip() and one.text.strip():
            _state_outside(found, after.language, one.text, one.source, by)


def _state_outside(found: Round, language: str, text: str, source: str, by: User) -> Outside:
    made = Outside(round=found, language=language, text=text, source=source, by=by, at=clock.now())
    made.save()
    return made


def mark_outside(found: Round, language: Language, passage: str, source: str, by: User) -> Draft:
    """Mark a passage of a text as outside knowledge: it is put into brackets that name its source.

    DataError where the text holds no such passage, or the source is empty or holds marks.
    """
    role = people.require(by, "texts.write")
    source, passage = " ".join(source.split()), passage.strip()
    if not source or any(c in source for c in BARRED[language]):
        raise DataError(f"source {source!r}: name who knows it, without {' '.join(BARRED[language])}")
    with transaction.atomic():
        require_open(found, by, source)
        draft = drafts_of(found).get(language)
        if draft is None:
            raise DataError(f"round {found.code}: there is no text in {language} yet; generate it first")
        before = bound_of(draft, found.period)
        at = before.text.find(passage) if passage else -1
        if at < 0 or "\n" in passage:
            raise DataError(f"passage {passage!r}: the text in {language} holds no such passage within one paragraph")
        if any(c in passage for c in "【】[]"):
            raise DataError(f"passage {passage!r}: holds brackets; mark the words between them")
        body, tail = (passage[:-1], passage[-1]) if passage[-1] in "。.!！?？" else (passage, "")
        put = BRACKETS[language].format(source=source, text=body) + tail
        text = before.text[:at] + put + before.text[at + len(passage) :]
        bound, _ = before.edited(text)
        inside = (at, at + len(put))
        # What is outside knowledge is bound to no fact of the release.
        spans = tuple(s for s in bound.spans if not inside[0] <= s.start < inside[1])
        row = add(found, draft.compilation, PRICE, language, Bound(language, found.period, text, spans).marked(), by,
                  f"outside knowledge: {source}")  # fmt: skip
        _state_outside(found, language, body, source, by)
        _tell(found, "text.outside", {language: row}, by, role, source)
    return row


def let_stand(found: Round, language: Language, kind: str, start: int, words: str, by: User, reason: str) -> Override:
    """Let a finding stand, by name and with a reason (feature 33). DataError where there is no such finding."""
    role = people.require(by, "texts.write")
    if not reason.strip():
        raise DataError("reason: empty; say why the text is right although the guard finds fault")
    with transaction.atomic():
        require_open(found, by, reason)
        one = next(
            (
                j
                for j in judge(found).of(language)
                if (j.finding.kind, j.finding.start, j.finding.text) == (kind, start, words)
            ),
            None,
        )
        if one is None:
            raise DataError(f"text, {language}: there is no finding {kind} at {words!r} any more; look again")
        made = Override(
            round=found, compilation=last_compilation(found), language=language, finding=kind, text=words,
            sentence=one.sentence, message=one.finding.message, by=by, at=clock.now(), reason=reason.strip(),
        )  # fmt: skip
        made.save()
        after = {"language": language, "finding": str(one.finding), "sentence": one.sentence}
        trail.append(by, "text.override", f"round/{found.code}", role=role, after=after, reason=reason.strip())
    return made


def take_over(found: Round, by: User) -> dict[Language, Draft]:
    """Bring stale texts to the figures of the last compilation: bound words are written anew, the rest stays.

    A sentence that the new plan does not have any more stays as it is, with its old figures, and the guard finds it.
    """
    role = people.require(by, "texts.write")
    made = last_compilation(found)
    facts = facts_of(made)
    with transaction.atomic():
        require_open(found, by)
        out = {}
        for language, draft in drafts_of(found).items():
            if draft.compilation_id == made.pk:
                continue
            old, was = bound_of(draft, found.period), write(make_plan(facts_of(draft.compilation)), language)
            new = merged(old, was, write(make_plan(facts), language))
            out[language] = add(found, made, PRICE, language, new.marked(), by, "new figures taken over")
        if out:
            _tell(found, "text.take_over", out, by, role)
    return out


def merged(text: Bound, was: Bound, new: Bound) -> Bound:
    """A text with what the plan says now in place of what it said: sentence by sentence.

    text : as the writer left it. was, new : as the plans of the old and of the new compilation write it. A sentence
    that the writer left as it was is replaced by the sentence of the new plan in the same place; one that he changed
    keeps his words, with the words of each of its bound facts as the new plan writes them.
    """
    fresh = _words(new)
    before, after = _parts(was), _parts(new)
    swap = _aligned(before, after)
    out: list[str] = []
    for part in _parts(text):
        key = part.text.strip()
        if key in swap:
            replacement = swap[key]
            out.append(part.marked().replace(part.marked().strip(), replacement) if replacement else "")
            continue
        out.append(_renewed(part, fresh).marked())
    return Bound.of_marked("".join(out), text.language, text.period)


def _words(bound: Bound) -> dict[tuple[str, str, str], tuple[str, str]]:
    """The words and value of each bound fact of a text, by kind, series and measure."""
    out: dict[tuple[str, str, str], tuple[str, str]] = {}
    for s in bound.spans:
        series, _, rest = s.fact.rpartition("@")
        out.setdefault((s.kind, series, rest.partition(":")[2]), (bound.text[s.start : s.end], s.value))
    return out


def _parts(bound: Bound) -> list[Bound]:
    """The sentences of a text, each with its bindings and the white space behind it."""
    out, start = [], 0
    while start < len(bound.text):
        k = start
        while k < len(bound.text) and bound.text[k].isspace():
            k += 1
        end = len(bound.text)
        if k < end:
            _, end = bounds_at(bound.text, bound.language, k, k + 1)
            while end < len(bound.text) and bound.text[end].isspace():
                end += 1
        spans = tuple(
            Span(s.start - start, s.end - start, s.kind, s.fact, s.value)
            for s in bound.spans
            if start <= s.start and s.end <= end
        )
        out.append(Bound(bound.language, bound.period, bound.text[start:end], spans))
        start = end
    return out


def _aligned(before: list[Bound], after: list[Bound]) -> dict[str, str]:
    """For each sentence of the old plan the marked sentence of the new one in its place, "" where there is none."""
    from difflib import SequenceMatcher

    def shape(part: Bound) -> str:
        """What a sentence says, without its figures and direction words: the series and measures in order."""
        return "|".join(f"{s.kind}:{s.fact.rpartition('@')[0]}:{s.fact.rpartition(':')[2]}" for s in part.spans[:2])

    out: dict[str, str] = {}
    match = SequenceMatcher(None, [shape(p) for p in before], [shape(p) for p in after], autojunk=False)
    for tag, a, b, c, d in match.get_opcodes():
        for k, part in enumerate(before[a:b]):
            last = k == b - a - 1
            mine = after[c + k : d if last else c + k + 1] if c + k < d else []
            out[part.text.strip()] = "".join(p.marked() for p in mine).strip()
        if tag == "insert" and a:
            key = before[a - 1].text.strip()
            out[key] = (out.get(key, "") + _gap(after[c]) + "".join(p.marked() for p in after[c:d])).strip()
    return out


def _gap(part: Bound) -> str:
    return " " if part.language == "en" else ""


def _renewed(part: Bound, fresh: Mapping[tuple[str, str, str], tuple[str, str]]) -> Bound:
    """A sentence of the writer's with the words of its bound facts as they are now."""
    text, spans, at = "", [], 0
    for s in part.spans:
        series, _, rest = s.fact.rpartition("@")
        words, value = fresh.get((s.kind, series, rest.partition(":")[2]), (part.text[s.start : s.end], s.value))
        text += part.text[at : s.start]
        spans.append(Span(len(text), len(text) + len(words), s.kind, s.fact, value))
        text += words
        at = s.end
    return Bound(part.language, part.period, text + part.text[at:], tuple(spans))


def _tell(found: Round, act: str, rows: Mapping[Language, Draft], by: User, role: str, reason: str = "") -> None:
    after = {one: {"draft": row.number, "compilation": row.compilation.number} for one, row in rows.items()}
    trail.append(by, act, f"round/{found.code}", role=role, after=after, reason=reason)
