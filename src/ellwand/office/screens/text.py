"""S8, the price comment: both languages side by side, every figure bound, and what the guard finds said at once."""

import json
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse

from ellwand.engine.errors import DataError
from ellwand.office.accounts.roles import may
from ellwand.office.editorial import blocks, drafts, guards, rationale
from ellwand.office.editorial.facts import facts_of, last_compilation
from ellwand.office.editorial.judging import Judged, State, bound_of, drafts_of, judge, judged
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Round
from ellwand.office.screens.access import screen, user_of
from ellwand.office.screens.page import show
from ellwand.office.screens.vocabulary import state_words
from ellwand.office.screens.words import is_chinese, say
from ellwand.production.comment import Bound, FactTable
from ellwand.production.comment.facts import Fact
from ellwand.production.report.texts import LANGUAGES, Language
from ellwand.production.report.words import Words

KIND_WORDS = {
    "figure": ("数字不符", "Wrong figure", "与公布的数字不同", "it isn't the published one"),
    "no_fact": ("没有依据", "No fact", "没有一个事实支持这个数字或说法", "no fact of the release supports it"),
    "direction": (
        "方向相反",
        "Wrong direction",
        "方向词与涨跌或其区间不符",
        "the word is against the sign or the interval",
    ),
    "size": ("程度不符", "Wrong size word", "程度词与规定的界限不符", "the size word is against the thresholds"),
    "basis": ("基准不符", "Wrong basis", "这个涨跌的比较对象不是文中所说的", "the change is on another basis"),
    "period": ("时期不符", "Wrong period", "不是本期的时期、日期或间隔", "it isn't the period of the issue"),
    "unit": ("单位不符", "Wrong unit", "单位不同，或缺少单位", "another unit, or none"),
    "name": ("名称不符", "Wrong name", "数字或词语属于另一个分类", "the figure or word belongs to another class"),
    "parts": (
        "超出组成",
        "Outside its parts",
        "分类的涨跌超出其组成的范围",
        "the class lies outside the range of its parts",
    ),
    "status": (
        "状态不符",
        "Wrong status",
        "推算的分类须注明，或状态不符",
        "imputed figures must be softened, or the status is wrong",
    ),
    "stale": (
        "已过时",
        "Stale",
        "数字属于另一期，或已被重新编制改变",
        "of another issue, or changed by a later compilation",
    ),
    "heading": (
        "标题不符",
        "Heading",
        "标题缺失、重复、错序或不合其文",
        "missing, twice, out of order, or over another text",
    ),
    "language": ("语言混杂", "Other language", "此处是另一种语言的文字", "words of the other language stand here"),
    "parity": ("两文不一", "Parity", "另一种语言没有在此处说同样的内容", "the other language doesn't say this here"),
    "outside": (
        "外部知识",
        "Outside knowledge",
        "缺少来源，或说的是本指数",
        "it lacks a source, or is about the index itself",
    ),
    "unreadable": ("无法核对", "Unreadable", "无法核对这句话，请直说", "the guard can't read it; say it plainly"),
    "binding": ("绑定不符", "Binding", "文字不再是它所代表的内容", "the words no longer say what they stand for"),
}
"""Of each kind of finding its name and what it means."""
LIGHTS = (
    ("figures", "数字与词语", "Figures and words"),
    ("parity", "中英一致", "Both languages agree"),
    ("stale", "最新数据", "Newest figures"),
    ("outside", "外部知识", "Outside knowledge"),
)
LANGUAGE_WORDS = {"zh": ("中文", "Chinese"), "en": ("英文", "English")}
UNIT_WORDS = {
    "points": ("点", "points"), "percent": ("%", "%"), "percentage_points": ("个百分点", "percentage points"),
    "quotes": ("个报价", "quotes"), "units": ("个样本单位", "units"),
}  # fmt: skip


@screen("office/rounds/<str:code>/text/", "text", read="texts.read", write="texts.write")
def text(request: HttpRequest, code: str) -> HttpResponse:
    """The price comment; acting writes it, marks outside knowledge, lets a finding stand, or hands it over."""
    found = work.find(code)
    if request.method == "POST":
        place = _act(request, found)
        return HttpResponseRedirect(reverse("text", args=[code]) + place)
    context: dict[str, Any] = {
        "may_write": may(user_of(request).roles, "texts.write"),
        "waits": state_words(found.state),
        "open": found.state in drafts.OPEN_IN,
        "mended": found.state in drafts.MENDED_IN,
        "editable": found.state in (*drafts.OPEN_IN, *drafts.MENDED_IN),
        "beyond": _beyond(found),
    }
    if found.compilations.exists():
        context |= _shown(found)
    return show(request, "office/text.html", context, found=found)


def _beyond(found: Round) -> bool:
    """Whether the round is in a state from which the texts can be taken back."""
    order = states.ORDER
    return found.state in order and order.index(states.COMPILED) < order.index(found.state) < len(order) - 1


def _act(request: HttpRequest, found: Round) -> str:
    """Do what a form asks; the place of the page to show then."""
    by, given = user_of(request), request.POST
    act = given.get("act", "")
    if act == "generate":
        drafts.generate(found, by)
    elif act == "save":
        drafts.save(found, _given(request), by, given.get("reason", ""))
    elif act == "take_over":
        drafts.take_over(found, by)
    elif act == "outside":
        drafts.mark_outside(found, _language(request), given.get("passage", ""), given.get("source", ""), by)
    elif act == "let_stand":
        start = given.get("start", "")
        if not start.isdecimal() or len(start) > 9:
            raise DataError(f"start {start!r}: is no place in the text; look at the findings again")
        drafts.let_stand(
            found, _language(request), given.get("kind", ""), int(start), given.get("words", ""), by,
            given.get("reason", ""),
        )  # fmt: skip
    elif act == "hand_over":
        work.move(found, states.DRAFTED, by)
        messages.success(
            request,
            say(
                "已送交审批：先批准数据，再批准文稿。", "Handed over: the statistics are approved next, then the text."
            ),
        )
        return ""
    elif act == "back":
        work.move(found, states.COMPILED, by, reason=given.get("reason", ""))
        return ""
    else:
        raise DataError(f"act {act!r} is not known here")
    return "#findings"


def _language(request: HttpRequest) -> Language:
    given = request.POST.get("language", "")
    if given not in LANGUAGES:
        raise DataError(f"language {given!r} is unknown; use zh or en")
    return "zh" if given == "zh" else "en"


def _given(request: HttpRequest) -> dict[Language, str]:
    """The texts of a form: the blocks of each language in order."""
    out: dict[Language, str] = {}
    for language in LANGUAGES:
        parts = request.POST.getlist(language)
        if parts:
            out[language] = blocks.join(parts)
            if not out[language]:
                raise DataError(f"text, {language}: empty; write it, or leave the page without saving")
    if not out:
        raise DataError("the form holds no text; open the page again")
    return out


def _shown(found: Round) -> dict[str, Any]:
    state = judge(found)
    split = {one: blocks.split(state.texts[one].text, one) if one in state.texts else [] for one in LANGUAGES}
    number = {id(j): k for k, j in enumerate(state.findings, 1)}
    wrong_rationale = rationale.faults(found)
    return {
        "compilation": state.compilation,
        "drafts": [(say(*LANGUAGE_WORDS[one]), state.drafts[one]) for one in LANGUAGES if one in state.drafts],
        "written": not state.lacks,
        "stale": [say(*LANGUAGE_WORDS[one]) for one in state.stale],
        "lights": lights(state),
        "rows": [
            [_cell(state, split, one, block) for one, block in zip(LANGUAGES, pair, strict=True)]
            for pair in blocks.rows(split["zh"], split["en"])
        ],
        "findings": [_finding(j, state.texts, split, state.facts, number[id(j)]) for j in _ordered(state.findings)],
        "blocking": len(state.blocking),
        "outside": [_outside(one, found) for one in state.outside],
        "ready": guards.text(found, None, states.DRAFTED) is None and not wrong_rationale,
        "rationale_faults": wrong_rationale,
    }


def _ordered(found: Sequence[Judged]) -> list[Judged]:
    """What is wrong by the facts first; that the other language says otherwise often follows from it."""
    return sorted(found, key=lambda j: (j.override is not None, j.finding.kind == "parity"))


def lights(state: State) -> list[dict[str, Any]]:
    """The lights of consistency: name, whether it is green, and a word that says the same."""
    open_ = [j.finding.kind for j in state.blocking]
    stale = len(state.stale) + open_.count("stale")
    bad = {
        "figures": len([k for k in open_ if k not in ("parity", "stale", "outside")]),
        "parity": open_.count("parity"),
        "stale": stale,
        "outside": open_.count("outside"),
    }
    out = []
    for key, zh, en in LIGHTS:
        n = bad[key]
        words = say("{n}处不符", "{n} to mend", n=n) if n else say("一致", "agree")
        if key == "stale" and not n:
            words = say("是", "yes")
        if key == "outside" and not n:
            words = say("{n}处，已注明来源", "{n}, with source", n=len(state.outside))
        waits = bool(state.lacks)
        out.append({"key": key, "name": say(zh, en), "good": not n and not waits, "wait": waits,
                    "words": say("待撰写", "not written") if waits else words})  # fmt: skip
    return out


def _cell(state: State, split: Any, language: Language, block: blocks.Block | None) -> dict[str, Any]:
    """A cell of the page: a block to be edited, or an empty one."""
    head = {"language": language, "lang": "zh-Hans" if language == "zh" else "en", "there": language in state.texts}
    if block is None:
        return {**head, "block": None, "pieces": []}
    mine = [j for j in state.of(language) if block.start <= j.finding.start < block.end]
    marks = [(j.finding.start, j.finding.start + j.finding.length) for j in mine if j.override is None]
    return {
        **head,
        "block": block,
        "pieces": blocks.pieces(block, state.texts[language], marks),
        "wrong": bool(marks),
        "label": say("{l}，第{n}段", "{l}, paragraph {n}", l=say(*LANGUAGE_WORDS[language]), n=block.number + 1),
    }


def _finding(j: Judged, texts: Any, split: Any, facts: FactTable, number: int) -> dict[str, Any]:
    """A finding in the language in use, with its place, and what is expected."""
    one, zh = j.finding, is_chinese()
    due = expected(one.fact, facts)
    block = next((b for b in split[j.language] if b.start <= one.start <= b.end), None)
    name_zh, name_en, why_zh, why_en = KIND_WORDS.get(one.kind, (one.kind, one.kind, "", ""))
    return {
        "number": number,
        "language": j.language,
        "lang": "zh-Hans" if j.language == "zh" else "en",
        "language_words": say(*LANGUAGE_WORDS[j.language]),
        "block": block.number if block else 0,
        "start": one.start - (block.start if block else 0),
        "place": one.start,
        "length": one.length,
        "line": one.line,
        "column": one.column,
        "kind": one.kind,
        "name": name_zh if zh else name_en,
        "text": one.text,
        # What the guard says of a fact names it in the language of the text; the figure itself is said beside it.
        "why": why_zh if zh else why_en if due else (one.message or why_en),
        "expected": due,
        "sentence": j.sentence,
        "override": j.override,
    }


def expected(fact: str, facts: FactTable) -> str:
    """What the fact of a finding says, in the language in use; "" where there is none."""
    found = facts.by_id(fact) if fact else None
    if found is None or found.value is None:
        return ""
    language: Language = "zh" if is_chinese() else "en"
    return f"{facts.name(found.series, language)} {figure(found, facts)}"


def figure(found: Fact, facts: FactTable) -> str:
    """A fact as it is written, with its unit."""
    words = Words("en", facts.all.kind, facts.level_digits, facts.change_digits)
    digits = facts.digits(found.measure)
    value = float(found.value or 0)
    shown = words.signed(value, digits) if found.unit.startswith("perc") else words.figure(value, digits)
    unit = say(*UNIT_WORDS[found.unit])
    return f"{shown}{unit}" if is_chinese() else f"{shown} {unit}"


def _outside(one: Any, found: Round) -> dict[str, Any]:
    row = found.outside.filter(language=one.language, text=one.text, source=one.source).order_by("-pk").first()
    return {"stated": one, "language": say(*LANGUAGE_WORDS[one.language]),
            "lang": "zh-Hans" if one.language == "zh" else "en", "row": row}  # fmt: skip


@screen("office/rounds/<str:code>/text/check/", "text_check", read="texts.read", write="texts.write", raw=True)
def text_check(request: HttpRequest, code: str) -> HttpResponse:
    """What the guard finds in blocks that are being written; nothing is stored. Sent and answered as JSON."""
    found = work.find(code)
    if request.method != "POST":
        return JsonResponse({"findings": []})
    given = _sent(request)
    facts = facts_of(last_compilation(found))
    there = drafts_of(found)
    texts: dict[Language, Bound] = {}
    split: dict[str, list[blocks.Block]] = {}
    for language in LANGUAGES:
        if language not in there:
            continue
        before = bound_of(there[language], found.period)
        whole = drafts.tidy(blocks.join(given[language]))
        drafts.check(whole, language)
        texts[language] = drafts.rebound(before, whole, last_compilation(found))
        split[language] = _places(given[language], language)
    overrides = list(found.overrides.filter(compilation=last_compilation(found)).order_by("pk"))
    told = [
        _finding(j, texts, split, facts, k)
        for k, j in enumerate(_ordered(judged(texts, facts, overrides)), 1)
        if j.override is None
    ]
    return JsonResponse({"findings": told}, json_dumps_params={"default": str})


def _sent(request: HttpRequest) -> dict[Language, list[str]]:
    try:
        raw = json.loads(request.body)
        out: dict[Language, list[str]] = {one: [str(part) for part in raw[one]] for one in LANGUAGES}
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise DataError(f"what was sent is no text: {error}; send the blocks of zh and en") from error
    return out


def _places(parts: list[str], language: Language) -> list[blocks.Block]:
    """The blocks as they were sent, with their places in the text that they give; empty ones have no place."""
    out, at = [], 0
    for number, part in enumerate(parts):
        body = part.replace("\r\n", "\n").replace("\r", "\n").strip("\n \t")
        if body:
            out.append(blocks.Block(language, number, at, body))
            at += len(body) + 2
    return out
