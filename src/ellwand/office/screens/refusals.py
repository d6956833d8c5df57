"""What stands in the way of a move or an approval, in Chinese. The record and the commands say it in English.

A refusal is a sentence of clauses: who or what it is about, then each guard with its reason. Every clause that a guard,
the rule of four eyes or the state machine can say has a row here; a test goes through their words. A message with a
clause that has none is shown as it is.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString

from ellwand.office.editorial.metadata import NAMES
from ellwand.office.rounds.states import GUARDS
from ellwand.office.screens import refusals_registers
from ellwand.office.screens.vocabulary import ROLE_WORDS, STATE_WORDS
from ellwand.office.screens.words import instant, is_chinese

GUARD_NAMES = {
    "metadata": "登记册", "assignments": "采价任务", "calendar": "发布日历", "minimum": "样本下限",
    "cutoff": "截止时间", "response": "回收率", "queue": "审核清单", "cells": "数据充足", "recompute": "重新计算",
    "figures": "本期数据", "text": "文稿", "rationale": "编制说明", "four_eyes": "四眼原则", "previewed": "预览与核对",
    "hashes": "散列值", "clock": "时钟", "sealed": "封存", "due": "发布时刻", "notice": "公告", "reason": "原因",
    "late": "迟报", "cessation": "停用计划",
}  # fmt: skip
GUARD_SAID = {
    "metadata": "市场、分类、方法和现行篮子已登记",
    "assignments": "本期已有采价任务",
    "calendar": "本期及其时刻已列入日历且未跳过",
    "minimum": "各基本分类的样本单位不少于方法的要求",
    "cutoff": "截止时间已过",
    "response": "回收率已达目标",
    "queue": "没有待核的报价",
    "cells": "没有分类因单位不足、推算过多或一家独大而不公布",
    "recompute": "用现在的数据、程序和方法能得出前几期的结果",
    "figures": "本期有数据并已存档",
    "text": "两种语言的文稿齐备并与数字一致",
    "rationale": "编制说明与质量表不空",
    "four_eyes": "批准人未参与本期工作、有有效的利益声明并使用了双重验证",
    "previewed": "批准人已打开预览并完成核对清单",
    "hashes": "批准的散列值与内容一致",
    "clock": "时钟已同步",
    "sealed": "发布已封存并核验",
    "cessation": "两种语言的停用计划已写明",
    "due": "发布时刻已到",
    "notice": "两种语言的公告与原因齐备",
    "reason": "已写明原因",
}
LANGUAGES = {"zh": "中文", "en": "英文"}
KINDS = {"statistics": "统计数据", "text": "文稿", "none": "无"}
WORK = {"compiled": "编制", "edited": "采价或修改", "reviewed": "审核", "wrote": "撰写"}
TEXTS = {
    "summary in Chinese": "中文说明", "summary in English": "英文说明", "author": "意见人", "comment": "意见",
    "reply": "答复", "reason": "理由", "findings": "复核结论", "plan in Chinese": "中文计划",
    "plan in English": "英文计划",
}  # fmt: skip
REGISTERS = {"market": "市场", "classification": "分类", "method": "方法"}


def _each(table: dict[str, str], between: str) -> Callable[[str], str]:
    """A list of words of the record in Chinese."""
    return lambda given: "、".join(table.get(word, word) for word in given.split(between))


def _instant(given: str) -> str:
    return instant(datetime.fromisoformat(given))


def _missing(given: str) -> str:
    """What is missing in the registers."""
    out = []
    for word in given.split(", no "):
        of = re.fullmatch(r"basket in force in (\S+)", word)
        out.append(f"{of[1]}的现行篮子" if of else REGISTERS.get(word, word))
    return "、".join(out)


def _of_guard(said: str) -> str:
    return next(GUARD_SAID[name] for name, words in GUARDS.items() if words == said)


TURNS: dict[str, tuple[str, Callable[[str], str]]] = {
    "state": (r"\w+", lambda v: STATE_WORDS[v][0] if v in STATE_WORDS else v),
    "guard": ("|".join(GUARD_NAMES), GUARD_NAMES.__getitem__),
    "said": ("|".join(re.escape(words) for words in GUARDS.values()), _of_guard),
    "role": (r"\w+", lambda v: ROLE_WORDS[v][0] if v in ROLE_WORDS else v),
    "roles": (r"\w+(?: or \w+)*", _each({k: zh for k, (zh, _) in ROLE_WORDS.items()}, " or ")),
    "langs": (r"(?:zh|en)(?: and (?:zh|en))?", _each(LANGUAGES, " and ")),
    "kind": ("statistics|text", KINDS.__getitem__),
    "kinds": (r"(?:statistics|text|none)(?:, (?:statistics|text))?", _each(KINDS, ", ")),
    "work": (r"[\w, ]+", _each(WORK, ", ")),
    "names": (r"\w+(?:, \w+)*", _each({k: zh for k, (zh, _) in NAMES.items()}, ", ")),
    "missing": (r"[\w-]+(?: in force in [\w-]+)?(?:, no [\w-]+(?: in force in [\w-]+)?)*", _missing),
    "when": (r"\d{4}-\d\d-\d\dT[\d:.+-]+", _instant),
    "n": (r"[\d,]+", str),
    "m": (r"[\d,]+", str),
    "share": (r"[\d.]+%", str),
    "target": (r"[\d.]+%", str),
    "code": (r"[\w./-]+", str),
    "other": (r"[\w./-]+", str),
    "who": (r"[^\s:;]+", str),
    "word": (r"\w+", str),
    "value": (r"[^,;]*", str),
    "list": (r"[\w., -]+?(?: \.\.\.)?(?=$|;| \()", str),
    "rest": (r".*?(?=$|; (?:" + "|".join(GUARD_NAMES) + r"): )", str),
    "free": (r"[^;]+?(?=$|;)", str),
    "quoted": (r"'[^']*'|\"[^\"]*\"", str),
    "day": (r"\d{4}-\d\d-\d\d", str),
    "period": (r"\d{4}-(?:W\d\d|Q[1-4]|\d\d)", str),
    "form": (r"[^\s:;,]+", str),
    "kind_of": ("basket|proposal", {"basket": "篮子", "proposal": "提案"}.__getitem__),
    "what": ("|".join(TEXTS), TEXTS.__getitem__),
}  # fmt: skip
"""What may stand in a clause: by the name of the place its form, and how it is said in Chinese."""


LEADS = (
    ("round {code} can't move from {state} to {state2}: ", "期次{code}不能从“{state}”转到“{state2}”："),
    ("{who} can't approve the {kind} of {code}: ", "{who}不能批准{code}的{kind}："),
    ("round {code}: ", "期次{code}："),
    ("{guard}: ", "{guard}："),
)
"""Beginnings, which other clauses follow."""
CLAUSES = (
    ("needs the role {roles}", "需要角色：{roles}"),
    ("time alone makes this move", "只有时间能作此变动"),
    ("nothing shows that {said}", "没有依据表明：{said}"),
    ("there is no {missing}", "缺少{missing}"),
    ("no assignment is in force in {code}", "{code}没有有效的采价任务"),
    ("{code} is not in the calendar", "{code}不在日历中"),
    ("{code} is skipped: {free}", "{code}不发布：{free}"),
    ("{n} of {m} elementary aggregates have fewer than {n2} units: {list}",
     "{m}个基本分类中有{n}个不足{n2}个样本单位：{list}"),
    ("it is at {when}", "截止时间是{when}"),
    ("it is {when}", "发布时刻是{when}"),
    ("{share} of {n} due quotes are there; the target is {target}", "应报{n}条报价，已到{share}，目标{target}"),
    ("it is empty", "未填写"),
    ("the method gives {code} no issue: too few units were open", "按方法{code}不发布：营业的样本单位过少"),
    ("{n} quotes are in query", "{n}条报价待核"),
    ("the quotes were not checked yet; run the check of the review queue", "报价尚未检查，请在审核清单运行检查"),
    ("quotes changed since the last check; run the check of the review queue again",
     "上次检查后报价有变动，请重新运行审核清单的检查"),
    ("{n} flagged quotes have no decision", "{n}条标记的报价未作决定"),
    ("{n} quotes are with their collectors", "{n}条报价已退回采价员"),
    ("{n} judgements have no second reader", "{n}项判断待会签"),
    ("{n} cases of conspicuous reporting are not decided", "{n}起异常报价的个案未处理"),
    ("{n} of {m} series are suppressed", "{m}个分类中有{n}个不公布"),
    ("{code} of {other} is there no more", "{other}的{code}已不存在"),
    ("{code} of {other}: {word} was {value}, and is {value2} now", "{other}的{code}：{word}原为{value}，现为{value2}"),
    ("the price comment in {langs} is not written", "{langs}价格评述未写"),
    ("the text in {langs} is of an earlier compilation; take over the new figures",
     "{langs}文稿出自较早的编制，请换用新数据"),
    ("the text in {langs} does not state the level of the total", "{langs}文稿没有写出总指数"),
    ("{n} findings in the texts, the first: {rest}", "文稿有{n}处不符，见“价格评述”页"),
    ("the rationale in {langs} is empty", "{langs}编制说明为空"),
    ("the rationale in {langs} is out of date; save it again", "{langs}编制说明已过时，请再保存一次"),
    ("the public metadata lack {names}", "公开信息缺{names}"),
    ("the quality sheet is empty", "质量表为空"),
    ("nothing shows a second factor; approve on the screen of the round, signed in with one",
     "没有双重验证的依据；请使用双重验证登录，在本期的批准页面批准"),
    ("the checklist was not completed; approve on the screen of the round", "核对清单未完成；请在本期的批准页面批准"),
    ("both approvals must be there; there is {kinds}", "须有两项批准；现有：{kinds}"),
    ("release {code} was sealed with other hashes than those that were approved", "发布{code}封存的散列值与批准的不同"),
    ("the release is not sealed; schedule it on the screen of the round", "发布尚未封存；请在本期的排期页面排期"),
    ("release {code} is sealed for {when}, which is not the calendar's instant",
     "发布{code}按{when}封存，与日历的时刻不符"),
    ("the folder of release {code} is not in the archive as it was sealed", "归档中没有封存时的发布{code}"),
    ("a notice in both languages comes with it; use the screen of the round", "须附两种语言的公告；请使用本期的页面"),
    ("the system does not say whether its clock is synchronised; set clock = \"trusted\" if you know it is",
     "系统没有说明时钟是否同步；确知已同步的，请在设置中写明 clock = \"trusted\""),
    ("the system's clock is not synchronised; start chrony or systemd-timesyncd and wait until it is, or set "
     "clock = \"trusted\" in settings.toml where another system keeps it",
     "系统时钟未同步；请启动 chrony 或 systemd-timesyncd 并等待同步，由别的系统对时的，在 settings.toml 写明 "
     "clock = \"trusted\""),
    ("holds no role {role}", "没有角色：{role}"),
    ("did part of the work ({work}); somebody who did none must approve (rule 1)",
     "参与过本期工作（{work}）；须由未参与的人批准（规则1）"),
    ("gave the other approval; two people must approve (rule 2)", "已签署另一项批准；须由两个人批准（规则2）"),
    ("has no declaration of interest in force (rule 36)", "没有有效的利益声明，请先声明（规则36）"),
    ("signed in without a second factor (rule 41)", "登录时没有使用双重验证（规则41）"),
    ("the {kind} was approved by {who} already", "{kind}已由{who}批准"),
    ("the statistics are not approved yet", "统计数据尚未批准"),
    ("did not open the preview of what the {kind} approval signs ({code}); open it first",
     "没有打开{kind}批准所签内容的预览（{code}），请先打开"),
    ("was compiled anew (compilation {n}) after it was approved", "批准后又重新编制（第{n}次）"),
    ("a quote, a register or a decision was changed since it was compiled; take it back to reviewing and compile it "
     "anew",
     "编制之后有报价、登记册或审核决定被改动；请退回审核并重新编制"),
    ("a text was changed after it was approved: its hash is {code} now", "批准后文稿有改动，散列值现为{code}"),
    ("needs both approvals; it has {kinds}", "须有两项批准；现有：{kinds}"),
    ("it is not computed yet", "尚未重算"),
    ("it was computed before the last compilation; recompute it", "重算早于最近一次编制，请再次重算"),
)  # fmt: skip
SEPARATORS = {"; ": "；", ", ": "，"}
SIGNED = re.compile(r" \(an? (\w+) may sign an exception\)")


class Rule(NamedTuple):
    """A clause: its form, and its words in Chinese with places. lead : whether other clauses follow at once."""

    form: re.Pattern[str]
    words: str
    lead: bool


def _rule(english: str, chinese: str, *, lead: bool = False) -> Rule:
    form = ""
    for part in re.split(r"(\{\w+\})", english):
        if part.startswith("{"):
            name = part[1:-1]
            form += f"(?P<{name}>{TURNS[name.rstrip('234')][0]})"
        else:
            form += re.escape(part)
    return Rule(re.compile(form, re.DOTALL), chinese, lead)


RULES = (*(_rule(*row, lead=True) for row in LEADS), *(_rule(*row) for row in (*CLAUSES, *refusals_registers.CLAUSES)))


def in_chinese(text: str) -> str | None:
    """A refusal in Chinese; None where a clause of it has no words."""
    return _from(text, 0)


def _from(text: str, at: int) -> str | None:
    """The words of a refusal from a place on; a clause that fits but leads nowhere is given up for another one."""
    for rule in RULES:
        found = rule.form.match(text, at)
        if found is None:
            continue
        said = rule.words.format(**{k: TURNS[k.rstrip("234")][1](v) for k, v in found.groupdict().items()})
        end = found.end()
        if rule.lead:
            rest = _from(text, end)
            if rest is not None:
                return said + rest
            continue
        if (signs := SIGNED.match(text, end)) is not None:
            said += f"（{TURNS['role'][1](signs[1])}可签署例外）"
            end = signs.end()
        if end == len(text):
            return said
        for between, mark in SEPARATORS.items():
            if text.startswith(between, end) and (rest := _from(text, end + len(between))) is not None:
                return f"{said}{mark}{rest}"
    return None


def worded(text: str) -> SafeString:
    """A refusal in the language in use; marked as English where it has no words in Chinese."""
    if not is_chinese():
        return format_html("{}", text)
    found = in_chinese(text)
    return format_html("{}", found) if found is not None else format_html('<span lang="en">{}</span>', text)
