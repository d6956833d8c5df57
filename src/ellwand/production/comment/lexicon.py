"""What a reader knows of a language: patterns of names, figures, units, words and periods, in the order of search."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ellwand.production.comment.dates import PATTERNS, Days, read_days
from ellwand.production.comment.facts import FactTable
from ellwand.production.comment.numerals import NUMERAL, WORD, number, of_chinese, of_english
from ellwand.production.report.periods import read
from ellwand.production.report.texts import Language

DIGITS = r"[+-]?(?:\d{1,3}(?:,\d{3})+(?![\d])|\d+)(?:\.\d+)?"
UNITS_ZH = (
    ("percentage_points", "个百分点"),
    ("percent", "%"),
    ("quotes", "个?(?:配对)?报价"),
    ("units", "(?:个样本单位|家样本单位|家单位|家)"),
    ("classes", "个?大类"),
    ("steps", "(?:周|期|个月|个季度|天)"),
    ("points", "个?点(?!名|击|评|火)"),
)
UNITS_EN = (
    ("percentage_points", "percentage points?"),
    ("percent", "(?:%|per cent|percent)"),
    ("quotes", "(?:matched )?quotes?"),
    ("units", "sample units?"),
    ("classes", "classes"),
    ("steps", "(?:weeks?|issues?|months?|quarters?|days?)"),
    ("points", "points?"),
)
UP_ZH, DOWN_ZH = "上涨|上升|上扬|回升|走高|走强|反弹|涨幅|涨", "下跌|下降|下滑|回落|走低|走弱|跌幅|降幅|跌"
UP_EN = "risen|rises|rising|rise|rose|increased|increase|gained|climbed|advanced|higher|up"
DOWN_EN = "fallen|falls|falling|fall|fell|declined|decline|decreased|decrease|dropped|lost|lower|down"
SIZES = {
    "微": 0, "小": 1, "小幅": 1, "略": 1, "略微": 1, "稍": 1, "轻微": 0, "edged": 0, "marginally": 0, "slightly": 1,
    "slight": 1, "a little": 1,
}  # fmt: skip
"""Grade of each size word by the thresholds of the glossary; other size words have none and are refused."""
LARGE_ZH, LARGE_EN = "大幅|明显|显著|急剧|急|暴|猛|大", "sharply|sharp|strongly|strong|steeply|markedly|greatly|significantly"


@dataclass(frozen=True)
class Token:
    """One piece of a text that means something to the reader."""

    kind: str
    start: int
    end: int
    text: str
    data: dict[str, Any] = field(default_factory=dict)


def _names(table: FactTable, language: Language) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for series in (*table.series, *table.items):
        found.setdefault(table.name(series, language).lower(), []).append(series)
    return {name: tuple(series) for name, series in found.items() if name}


def _alternatives(texts: list[str], *, words: bool) -> str:
    ordered = sorted(texts, key=len, reverse=True)
    inside = "|".join(re.escape(one) for one in ordered)
    return rf"(?<![\w])(?:{inside})(?![\w])" if words else f"(?:{inside})"


class Lexicon:
    """The patterns of one language over the names of one table."""

    def __init__(self, table: FactTable, language: Language) -> None:
        self.language, self.year = language, read(table.period).year
        self.names = _names(table, language)
        total = re.escape(table.name(table.total.series, language))
        self.periods = [(kind, re.compile(p, re.IGNORECASE)) for kind, p in PATTERNS[language]]
        self.rows = self._zh(total) if language == "zh" else self._en(total)
        # Group names may stand once only in one pattern, so the search has none but those of its alternatives.
        bare = [re.sub(r"\?P<\w+>", "?:", p) for _, p in self.rows]
        self.search = re.compile("|".join(f"(?P<g{k}>{p})" for k, p in enumerate(bare)), re.IGNORECASE)
        self.inner = [re.compile(p, re.IGNORECASE) for _, p in self.rows]

    def _dated(self) -> list[tuple[str, str]]:
        return [(f"period:{kind}", re.sub(r"\?P<\w+>", "?:", p)) for kind, p in PATTERNS[self.language]]

    def _zh(self, total: str) -> list[tuple[str, str]]:
        n = rf"(?:{DIGITS}|{NUMERAL}+(?:点{NUMERAL}+)?)"
        units = "|".join(p for _, p in UNITS_ZH)
        size = f"(?P<size>小幅|略微|轻微|微|小|略|稍|{LARGE_ZH})?"
        return [
            ("outside", r"【据(?P<source>[^：】]*)：(?P<body>[^】]*)】"),
            ("filler", "样本单位过少或一家独大"),
            ("name", _alternatives(list(self.names), words=False)),
            ("still", "所属各类比上期均无明显变化"),
            ("nobody", "没有大类明显拉动或抑制"),
            ("all", rf"(?P<many>{NUMERAL}+|\d+)个?大类(?:全部|均|都)"),
            ("includes", "区间(?:包?含)[零0]"),
            ("no_previous", "尚无上期可比"),
            ("no_year", "尚无上年可比"),
            ("no_figure", "不公布|没有数据|无数据"),
            ("soft:imputed", "按推算"),
            ("soft:carried", "按停业前价格沿用"),
            ("share:imputed_share", "推算的权重"),
            ("share:carried_share", "停业沿用的权重"),
            ("interval", "区间"),
            ("filler", "涨跌幅|涨跌互现|互有涨跌|涨跌|升降"),
            *self._dated(),
            ("basis:previous", "[比较与同和]?(?:上一期|上期)(?:相比)?|环比"),
            ("basis:step", "[比较与同和]?(?:上周|上月|上季)(?:相比)?"),
            ("basis:year_start", "[比较与同和]?(?:今年)?年初(?:相比)?"),
            ("basis:last_year", "[比较与同和]?(?:上年|去年)(?:同期|同周|同月)?(?:相比)?|同比"),
            ("gap", f"(?P<many>{n})(?P<step>周|期|个月|个季度|天)之?前"),
            ("skipped", f"(?P<many>{n})(?P<step>周|期|个月|个季度|天)(?:没有|未)发布"),
            ("figure", f"百分之(?P<hundredth>负?{NUMERAL}+(?:点{NUMERAL}+)?)"),
            ("figure", f"(?P<tenth>{NUMERAL})成(?P<tenth2>{NUMERAL})?(?![本分品交立功为员熟长就果都])"),
            ("figure", rf"(?P<num>{DIGITS}) ?(?P<unit>{units})?"),
            ("figure", f"(?P<word>{NUMERAL}+(?:点{NUMERAL}+)?)(?P<unit2>{units})"),
            ("pull", rf"(?P<pull>拉动|推动|支撑|抑制|拖累|拉低)(?P<whole>{total})?(?P<top>最多)?(?P<by>的是|的有)?"),
            ("negated", f"(?:并未|并没有|没有|不再|停止|未)(?:小幅|微|小|略|大幅|明显)?(?:{UP_ZH}|{DOWN_ZH})"),
            ("flat", "(?P<loose>基本持平|大致持平|无明显变化|没有明显变化|变化不大|基本不变)|持平|不变"),
            ("way", rf"{size}(?:(?P<up>{UP_ZH}|(?<=[微小])升|高(?=\d))|(?P<down>{DOWN_ZH}|(?<=[微小])降|低(?=\d)))"),
            ("vague", "一半|过半|半数|翻番|翻倍|三分之[一二]|四分之[一三]|数十|近百"),
            ("open", "[（(]"),
            ("close", "[）)]"),
            ("end", "[。！？!?\n]"),
            ("weak", "[；;]"),
            ("comma", "[，,、]"),
        ]  # fmt: skip

    def _en(self, total: str) -> list[tuple[str, str]]:
        words = rf"(?:{WORD})(?:-(?:{WORD}))?"
        n = rf"(?:{DIGITS}|{words})"
        units = "|".join(p for _, p in UNITS_EN)
        sizes = rf"(?:slightly|slight|marginally|a little|{LARGE_EN})"
        return [
            ("outside", r"\[According to (?P<source>[^:\]]*): ?(?P<body>[^\]]*)\]"),
            ("filler", "one of them dominates"),
            ("name", _alternatives(list(self.names), words=True)),
            ("still", "none of its classes clearly changed on the previous issue"),
            ("nobody", "no class clearly pulled or restrained"),
            ("all", rf"\ball(?: (?P<many>{n}))? classes\b"),
            ("includes", r"interval (?:includes|holds|contains) (?:zero|0)\b"),
            ("no_previous", "no earlier issue to compare with"),
            ("no_year", "no earlier year to compare with"),
            ("no_figure", "no figure is published for|there is no figure for"),
            ("soft:carried", "with prices carried through closures"),
            ("soft:imputed", "by imputation"),
            ("share:imputed_share", "imputed prices hold"),
            ("share:carried_share", "prices carried through closures hold"),
            ("interval", r"\binterval\b"),
            ("filler", r"\b(?:up to|ups and downs|rises and falls|rise and fall)\b"),
            *[(kind, rf"(?<![\w.]){p}(?!\w)") for kind, p in self._dated()],
            ("basis:previous", r"\b(?:previous issue|last issue|issue before)\b"),
            ("basis:step", r"\b(?:(?:previous|last) (?:week|month|quarter)|(?:week|month) before|(?:week on week|month on month))\b"),
            ("basis:year_start", r"\b(?:beginning of the year|start of the year|year start)\b"),
            ("basis:last_year", r"\b(?:(?:same (?:period|week|month|time) (?:of )?)?last year|a year (?:earlier|before|ago)|year on year)\b"),
            ("gap", rf"\b(?P<many>{n})[ -](?P<step>week|issue|month|quarter|day)s? (?:earlier|before|ago)\b"),
            ("skipped", rf"\b(?P<many>{n}) (?P<step>week|issue|month|quarter|day)s? in between had no issue\b"),
            ("figure", rf"(?<![\w.,])(?P<num>{DIGITS})(?:[ -]?(?P<unit>{units})(?!\w))?"),
            ("figure", rf"\b(?P<word>{words})[ -](?P<unit2>{units})(?!\w)"),
            ("pull", rf"\b(?:(?P<pull>pulled up|pulled|lifted|supported)|restrained|held back|weighed down|dragged down)\b(?P<top> most)?(?P<by> by\b)?"),
            ("negated", rf"\b(?:did not|not|no longer|never|without|hardly) (?:{UP_EN}|{DOWN_EN}|edged)\b"),
            ("flat", r"\b(?:(?P<loose>little changed|no clear change|basically unchanged|barely changed)|unchanged|did not change|no change|flat)\b"),
            ("way", rf"\b(?:(?P<edged>edged) (?:(?P<upedge>up)|down)|(?:(?P<size>{sizes}) )?(?:(?P<up>{UP_EN})|(?:{DOWN_EN}))(?: (?P<after>{sizes}))?)\b"),
            ("way", r"(?<=% )(?:(?P<up2>above)|below)\b|(?<=per cent )(?:(?P<up3>above)|below)\b"),
            ("vague", r"\b(?:half|double|doubled|doubling|tripled|triple|twice|dozens?|hundreds?|thousands?|a third|two thirds)\b"),
            ("open", r"\("),
            ("close", r"\)"),
            ("end", r"[.!?](?=\s|$)|\n"),
            ("weak", ";"),
            ("comma", ","),
        ]  # fmt: skip

    def tokens(self, text: str) -> Iterator[Token]:
        """The tokens of a plain text (see `numerals.plain`), in order."""
        for found in self.search.finditer(text):
            k = int(str(found.lastgroup)[1:])
            kind, _, detail = self.rows[k][0].partition(":")
            inner = self.inner[k].match(text, found.start())
            assert inner is not None
            part = {name: v for name, v in inner.groupdict().items() if v is not None}
            yield Token(kind, found.start(), found.end(), found.group(), self._data(kind, detail, found.group(), part))

    def _data(self, kind: str, detail: str, text: str, part: dict[str, str]) -> dict[str, Any]:
        if kind == "name":
            return {"series": self.names[text.lower()]}
        if kind == "period":
            return {"days": self._days(detail, text)}
        if kind == "figure":
            return self._figure(part)
        if kind in ("gap", "skipped"):
            return {"many": self._count(part["many"]), "step": part["step"]}
        if kind == "all":
            return {"many": self._count(part["many"]) if "many" in part else None}
        if kind == "pull":
            sign = 1 if part.get("pull", "") not in ("", "抑制", "拖累", "拉低") else -1
            return {"sign": sign, "top": "top" in part, "by": "by" in part, "whole": "whole" in part}
        if kind == "flat":
            return {"way": 0, "exact": "loose" not in part, "size": None}
        if kind == "way":
            up = any(name.startswith("up") for name in part)
            word = part.get("size") or part.get("after") or part.get("edged")
            return {"way": 1 if up else -1, "size": None if word is None else SIZES.get(word.strip().lower(), -1)}
        return {"detail": detail} | part

    def _days(self, kind: str, text: str) -> Days:
        for name, pattern in self.periods:
            if name == kind and pattern.fullmatch(text):
                return read_days(kind, text, pattern, self.year)
        raise AssertionError(text)

    def _count(self, text: str) -> Decimal:
        if re.fullmatch(DIGITS, text):
            return number(text)
        return of_chinese(text) if self.language == "zh" else of_english(text)

    def _figure(self, part: dict[str, str]) -> dict[str, Any]:
        if "hundredth" in part:
            value = of_chinese(part["hundredth"].lstrip("负"))
            minus = part["hundredth"].startswith("负")
            return {"value": -value if minus else value, "signed": minus, "unit": "percent"}
        if "tenth" in part:
            value = 10 * of_chinese(part["tenth"]) + (of_chinese(part["tenth2"]) if "tenth2" in part else 0)
            return {"value": value, "signed": False, "unit": "percent"}
        text = part.get("num") or part["word"]
        unit = part.get("unit") or part.get("unit2")
        units = UNITS_ZH if self.language == "zh" else UNITS_EN
        kind = next((k for k, p in units if unit and re.fullmatch(p, unit, re.IGNORECASE)), None)
        return {"value": self._count(text), "signed": text[0] in "+-", "unit": kind}
