"""The rationale and quality sheet of an issue in both languages (features 32, 28, 46, 47).

All but one paragraph is made from the compilation and the record; the paragraph of judgement is the writer's. What is
generated stands in the saved draft, so that approvers sign what is published; `faults` tells when it is out of date.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from ellwand.engine.errors import DataError
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.editorial import metadata
from ellwand.office.editorial.drafts import add, require_open
from ellwand.office.editorial.facts import facts_of, last_compilation, method_of
from ellwand.office.editorial.judging import drafts_of
from ellwand.office.editorial.models import RATIONALE, Draft, Sheet
from ellwand.office.record.models import Compilation
from ellwand.office.rounds.instants import last_day
from ellwand.office.rounds.models import Round
from ellwand.production.comment.bound import CLOSE, OPEN
from ellwand.production.report.facts import rounded
from ellwand.production.report.method_notes import rule_words
from ellwand.production.report.texts import LANGUAGES, Language
from ellwand.production.report.words import Words

LEAST = {"zh": 10, "en": 20}
"""Characters that a paragraph of judgement has at least; less says nothing."""
MOST = 5000
INPUTS = {
    "deal": ("成交价", "deals"),
    "firm_offer": ("确定报价", "firm offers"),
    "asking": ("要价", "asking prices"),
    "": ("未说明类别", "class of input not stated"),
}
"""Classes of input in their order (feature 25)."""
DECIDED = {
    "accept": ("认可", "held right"),
    "correct": ("更正", "corrected"),
    "exclude": ("剔除", "excluded"),
    "missing": ("作缺失处理", "treated as missing"),
    "send_back": ("退回核实", "sent back"),
    "judge": ("判断，待会签", "judged, second reader to come"),
    "countersign": ("判断，已会签", "judged, with a second reader"),
}
"""What a reviewer can decide of a quote."""
HEADS = {
    "basis": ("依据", "What the figures rest on"),
    "excluded": ("剔除与更正", "Quotes set aside and corrected"),
    "judged": ("判断", "Judgement"),
    "concentration": ("集中度", "Concentration"),
    "quality": ("质量表", "Quality sheet"),
    "metadata": ("关于本指数", "About this index"),
}


def generated(made: Compilation, language: Language, own: str) -> str:
    """The rationale of a compilation with the writer's paragraph, as Markdown."""
    return _Text(made, language, own).write()


class _Text:
    """Writes one rationale."""

    def __init__(self, made: Compilation, language: Language, own: str) -> None:
        self.made, self.language, self.own = made, language, own.strip()
        self.facts = facts_of(made)
        self.words = Words(language, self.facts.all.kind, self.facts.level_digits, self.facts.change_digits)
        quality = json.loads(made.quality)
        self.last: Mapping[str, Any] = quality["last"]
        self.quality: Mapping[str, Any] = quality
        self.sheet = Sheet.objects.filter(compilation=made).first()
        self.total = made.observations.get(level=0)
        self.lines: list[str] = []

    def say(self, zh: str, en: str, **values: Any) -> str:
        return (zh if self.language == "zh" else en).format(**values)

    def head(self, name: str) -> None:
        self.lines += ["", f"## {self.say(*HEADS[name])}", ""]

    def row(self, zh: str, en: str, value: str) -> None:
        self.lines.append(self.say("- {a}：{b}", "- {a}: {b}", a=self.say(zh, en), b=value))

    def inner(self, zh: str, en: str, value: str) -> None:
        self.lines.append(self.say("  - {a}：{b}", "  - {a}: {b}", a=self.say(zh, en), b=value))

    def part(self, n: int, whole: int) -> str:
        return self.say("{n}（{s}）", "{n} ({s})", n=self.count(n), s=self.share(n / whole if whole else None))

    def share(self, part: float | None) -> str:
        return "–" if part is None else self.words.percent(100 * part, 1).replace("\u202f", " ")

    def count(self, value: int) -> str:
        return f"{value:,}"

    def write(self) -> str:
        """The whole text."""
        total = self.facts.name(self.facts.total.series, self.language)
        period = self.words.period(self.made.round.period)
        self.lines = [
            "# " + self.say("{p}{n}：编制说明与质量表", "Rationale and quality sheet: {n}, {p}", p=period, n=total)
        ]
        self.basis()
        self.excluded()
        self.judged()
        self.concentration()
        self.sheet_rows()
        self.told()
        return "\n".join(self.lines).strip() + "\n"

    def basis(self) -> None:
        """Counts and shares."""
        self.head("basis")
        q, t = self.last, self.total
        self.row("应报报价", "Quotes due of open units", self.count(q["due_of_open_units"]))
        self.row("收到报价", "Quotes received", self.count(q["quotes"]))
        if self.sheet is not None:
            inputs: Mapping[str, int] = self.sheet.counts["inputs"]
            whole = sum(inputs.values())
            for kind in (*INPUTS, *sorted(set(inputs) - set(INPUTS))):
                if n := inputs.get(kind, 0):
                    self.inner(*INPUTS.get(kind, (kind, kind)), self.part(n, whole))
            unsigned = self.sheet.counts["unsigned"]
            self.inner(
                "来自未签行为守则的单位", "of units without a signed code of conduct", self.part(unsigned, whole)
            )
            self.inputs_by_class(self.sheet.counts.get("inputs_of", {}))
        self.row("采用报价", "Quotes used", self.count(q["used"]))
        self.row("配对报价", "Matched quotes", self.count(t.matched))
        self.row("样本单位", "Sample units", self.count(t.units))
        self.row("推算权重", "Weight that is imputed", self.share(t.imputed_share))
        self.row("停业沿用权重", "Weight carried through closures", self.share(t.carried_share))

    def inputs_by_class(self, of: Mapping[str, Mapping[str, int]]) -> None:
        """Shares of the classes of input in each class of the first level (feature 25)."""
        mark, comma = self.say("：", ": "), self.say("，", ", ")
        by_code = {one.code: one for one in self.facts.all.series}
        for code, inputs in of.items():
            whole = sum(inputs.values())
            kinds = [k for k in (*INPUTS, *sorted(set(inputs) - set(INPUTS))) if inputs.get(k)]
            parts = [
                f"{self.say(*INPUTS.get(kind, (kind, kind)))}{self.say('', ' ')}{self.share(inputs[kind] / whole)}"
                for kind in kinds
            ]
            name = self.words.name(by_code[code]) if code in by_code else code
            self.lines.append(f"  - {name}{mark}{comma.join(parts)}")

    def excluded(self) -> None:
        """Exclusions and corrections by rule."""
        self.head("excluded")
        method = method_of(self.made)
        for verdict, zh, en in (
            ("excluded", "剔除", "Set aside"),
            ("edited", "按规则更正", "Corrected by rule"),
            ("queried", "待核", "In query"),
        ):
            self.row(zh, en, self.count(self.last["verdicts"].get(verdict, 0)))
            for name, found in sorted(self.last["by_rule"].items()):
                if name != "review" and (n := found.get(verdict, 0)):
                    words = rule_words(method, name, self.language)
                    self.inner(words, words, self.count(n))

    def judged(self) -> None:
        """What people decided, and the writer's paragraph."""
        self.head("judged")
        if self.sheet is not None:
            decided: Mapping[str, int] = self.sheet.counts["decided"]
            whole = sum(n for act, n in decided.items() if act != "undo")
            self.row("审核员作出决定的报价", "Quotes that a reviewer decided", self.count(whole))
            for act, (zh, en) in DECIDED.items():
                if n := decided.get(act, 0):
                    self.inner(zh, en, self.count(n))
            judged = sum(decided.get(act, 0) for act in ("judge", "countersign"))
            self.row("以判断代替报价的数值", "Values judged in place of a quote", self.count(judged))
            self.row("收到后更改的报价", "Quotes changed after they came in", self.count(self.sheet.counts["changed"]))
        signed = self.made.round.exceptions.count()
        self.row("签署的例外", "Signed exceptions", self.count(signed))
        self.lines += ["", self.own or self.say("（待撰写）", "(to be written)")]

    def concentration(self) -> None:
        """Classes in which one unit has a large part (feature 28)."""
        self.head("concentration")
        found = self.sheet.concentrated if self.sheet is not None else []
        if not found:
            self.lines.append(
                self.say(
                    "没有一个已公布分类中单个样本单位的权重超过预警线。",
                    "In no published class does one sample unit have more of the weight than the limit of the warning.",
                )
            )
            return
        by_code = {one.code: one for one in self.facts.all.series}
        self.lines.append(
            self.say(
                "警示：在下列分类中，单个样本单位占权重较大：",
                "Warning: in these classes one sample unit has a large part of the weight:",
            )
        )
        self.lines.append("")
        for code, part in found:
            self.lines.append(
                self.say("- {a}（{b}）", "- {a} ({b})", a=self.words.name(by_code[code]), b=self.share(part))
            )

    def sheet_rows(self) -> None:
        """Response, imputation, revisions, timeliness (feature 46)."""
        self.head("quality")
        rate = self.last["response_rate"]
        self.row("回收率", "Response", self.share(rate))
        statuses: Mapping[str, int] = self.last["series_by_status"]
        imputed = sum(n for code, n in statuses.items() if code.startswith("I"))
        self.row(
            "推算的价格序列", "Price series imputed", f"{self.count(imputed)} / {self.count(sum(statuses.values()))}"
        )
        grades: Mapping[str, int] = self.quality["grades_last"]
        between = "，" if self.language == "zh" else ", "
        self.row("等级", "Grades", between.join(f"{g} {n}" for g, n in grades.items()))
        t = self.total
        if t.low is not None and t.high is not None and rounded(t.low) is not None:
            figures = [self.words.level(t.low), self.words.level(t.high)]
            level = f"{100 * self.facts.coverage:g}"
            self.row(
                f"总指数{level}%区间",
                f"Interval of the total, {level} %",
                self.say("{a}至{b}点", "{a} to {b} points", a=figures[0], b=figures[1]),
            )
        checks = self.sheet.checks if self.sheet is not None else []
        changed = [period for period, _, why in checks if why]
        if not checks:
            said = self.say("没有可比的前期", "no earlier issue to compare with")
        elif changed:
            said = self.say(
                "前{n}期重新计算，{m}期有变化：{p}", "of the last {n} issues computed again {m} changed: {p}",
                n=len(checks), m=len(changed), p=", ".join(changed),
            )  # fmt: skip
        else:
            said = self.say(
                "前{n}期重新计算，均无变化", "the last {n} issues were computed again; none changed", n=len(checks)
            )
        self.row("修订", "Revisions", said)
        self.timeliness()

    def timeliness(self) -> None:
        """Cut-off, compilation and the time from the end of the period to the release."""
        issue = self.made.round.issue
        if issue is None:
            return
        last = last_day(self.made.round.period)
        days = (timezone.localtime(issue.release_at).date() - last).days
        self.row("采价截止", "Cut-off", self.instant(issue.cutoff_at))
        self.row("编制完成", "Compiled", self.instant(self.made.at))
        self.row(
            "时效", "Timeliness",
            self.say("期末后{n}天发布", "released {n} days after the end of the period", n=days)
            if days != 1 else self.say("期末后1天发布", "released one day after the end of the period"),
        )  # fmt: skip

    def instant(self, at: datetime) -> str:
        local = timezone.localtime(at)
        offset = local.strftime("%z")
        return f"{local:%Y-%m-%d %H:%M} UTC{offset[:3]}:{offset[3:]}"

    def told(self) -> None:
        """Public metadata (feature 47)."""
        self.head("metadata")
        found = self.made.round
        for name, told in metadata.metadata_of(found).items():
            self.row(*metadata.NAMES[name], told.of(self.language) or "–")
        self.row("方法", "Method", f"{self.made.method.name} {self.made.method.version}")
        if self.total.simulated:
            self.lines += [
                "",
                self.say("模拟数据，与任何真实价格无关。", "Simulated figures, which say nothing about real prices."),
            ]


def save(found: Round, own: Mapping[str, str], by: User, reason: str = "") -> dict[Language, Draft]:
    """Save the writer's paragraph in both languages, with all that is generated of the last compilation.

    DataError for a paragraph that says nothing, and for a round whose texts are closed.
    """
    role = people.require(by, "texts.write")
    for language in LANGUAGES:
        text = own.get(language, "").strip()
        if not LEAST[language] <= len(text) <= MOST:
            raise DataError(
                f"rationale, {language}: {len(text)} characters; write one paragraph of judgement, "
                f"{LEAST[language]} to {MOST} characters"
            )
        if any(mark in text for mark in (OPEN, CLOSE)) or text.lstrip().startswith("#"):
            raise DataError(f"rationale, {language}: holds {OPEN}, {CLOSE} or a heading; write plain sentences")
    made = last_compilation(found)
    with transaction.atomic():
        require_open(found, by, reason)
        out: dict[Language, Draft] = {}
        for language in LANGUAGES:
            text = own[language].strip()
            out[language] = add(found, made, RATIONALE, language, generated(made, language, text), by, reason, text)
        trail.append(
            by, "rationale.save", f"round/{found.code}", role=role,
            after={one: row.number for one, row in out.items()}, reason=reason,
        )  # fmt: skip
    return out


def faults(found: Round) -> list[str]:
    """What the rationale lacks; empty where it may be approved."""
    made = last_compilation(found)
    drafts = drafts_of(found, RATIONALE)
    out = []
    missing = [one for one in LANGUAGES if one not in drafts or not drafts[one].own.strip()]
    if missing:
        out.append(f"the rationale in {' and '.join(missing)} is empty")
    stale = [
        one
        for one, row in drafts.items()
        if row.own.strip() and (row.compilation_id != made.pk or row.marked != generated(made, one, row.own))
    ]
    if stale:
        out.append(f"the rationale in {' and '.join(stale)} is out of date; save it again")
    if lacking := metadata.lacks(found):
        out.append(f"the public metadata lack {', '.join(lacking)}")
    if not json.loads(made.quality).get("last"):
        out.append("the quality sheet is empty")
    return out
