"""How each language says what a comment says: patterns in the order in which they are tried."""

import re
from dataclasses import dataclass
from functools import lru_cache

from ellwand.production.comment.dates import PATTERNS
from ellwand.production.comment.numerals import NUMERAL, WORD
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
LARGE_ZH, LARGE_EN = (
    "大幅|明显|显著|急剧|急|暴|猛|大",
    "sharply|sharp|strongly|strong|steeply|markedly|greatly|significantly",
)
STEPS_EN, TIME_EN = "week|issue|month|quarter|day", "period|week|month|quarter|day|time"
PULL_ZH = "拉动|推动|支撑|抑制|拖累|拉低"
PULL_EN, HOLD_EN = "pulled up|pulled|lifted|supported", "restrained|held back|weighed down|dragged down"
LOOSE_EN = "little changed|no clear change|basically unchanged|barely changed"


@dataclass(frozen=True)
class Grammar:
    """Patterns of one language: their kinds and texts, one search for all of them, each for itself, and periods'."""

    rows: tuple[tuple[str, str], ...]
    search: re.Pattern[str]
    inner: tuple[re.Pattern[str], ...]
    periods: tuple[tuple[str, re.Pattern[str]], ...]


@lru_cache(maxsize=16)
def grammar(language: Language, total: str) -> Grammar:
    """The patterns of a language; total is the name of the total, which classes pull."""
    rows = _zh(total) if language == "zh" else _en()
    # Group names may stand once only in one pattern, so the search has none but those of its alternatives.
    bare = [re.sub(r"\?P<\w+>", "?:", p) for _, p in rows]
    return Grammar(
        tuple(rows),
        re.compile("|".join(f"(?P<g{k}>{p})" for k, p in enumerate(bare)), re.IGNORECASE),
        tuple(re.compile(p, re.IGNORECASE) for _, p in rows),
        tuple((kind, re.compile(p, re.IGNORECASE)) for kind, p in PATTERNS[language]),
    )


def _dated(language: Language) -> list[tuple[str, str]]:
    return [(f"period:{kind}", re.sub(r"\?P<\w+>", "?:", p)) for kind, p in PATTERNS[language]]


def _zh(total: str) -> list[tuple[str, str]]:
    n = rf"(?:{DIGITS}|{NUMERAL}+(?:点{NUMERAL}+)?)"
    units = "|".join(p for _, p in UNITS_ZH)
    size = f"(?P<size>小幅|略微|轻微|微|小|略|稍|{LARGE_ZH})?"
    return [
        ("outside", r"【据(?P<source>[^：】]*)：(?P<body>[^】]*)】"),
        ("filler", "样本单位过少或一家独大"),
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
        *_dated("zh"),
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
        ("pull", rf"(?P<pull>{PULL_ZH})(?P<whole>{re.escape(total)})?(?P<top>最多)?(?P<by>的是|的有)?"),
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


def _en() -> list[tuple[str, str]]:
    words = rf"(?:{WORD})(?:-(?:{WORD}))?"
    n = rf"(?:{DIGITS}|{words})"
    units = "|".join(p for _, p in UNITS_EN)
    sizes = rf"(?:slightly|slight|marginally|a little|{LARGE_EN})"
    return [
        ("outside", r"\[According to (?P<source>[^:\]]*): ?(?P<body>[^\]]*)\]"),
        ("filler", "one of them dominates"),
        ("still", "none of its classes clearly changed on the previous issue"),
        ("nobody", "no class clearly pulled or restrained"),
        ("all", rf"\b(?:all(?: (?P<many>{n}))?|(?P<both>both)) classes\b"),
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
        *[(kind, rf"(?<![\w.]){p}(?!\w)") for kind, p in _dated("en")],
        ("basis:previous", r"\b(?:previous issue|last issue|issue before)\b"),
        ("basis:step", r"\b(?:(?:previous|last) (?:week|month|quarter)|(?:week|month) (?:before|on week|on month))\b"),
        ("basis:year_start", r"\b(?:beginning of the year|start of the year|year start)\b"),
        ("basis:last_year", rf"\b(?:(?:same (?:{TIME_EN}) (?:of )?)?last year|a year (?:earlier|ago)|year on year)\b"),
        ("gap", rf"\b(?P<many>{n})[ -](?P<step>{STEPS_EN})s? (?:earlier|before|ago)\b"),
        ("skipped", rf"\b(?P<many>{n}) (?P<step>{STEPS_EN})s? in between had no issue\b"),
        ("figure", rf"(?<![\w.,])(?P<num>{DIGITS})(?:[ -]?(?P<unit>{units})(?!\w))?"),
        ("figure", rf"\b(?P<word>{words})[ -](?P<unit2>{units})(?!\w)"),
        ("pull", rf"\b(?:(?P<pull>{PULL_EN})|{HOLD_EN})\b(?P<top> most)?(?P<by> by\b)?"),
        ("negated", rf"\b(?:did not|not|no longer|never|without|hardly) (?:{UP_EN}|{DOWN_EN}|edged)\b"),
        ("flat", rf"\b(?:(?P<loose>{LOOSE_EN})|unchanged|did not change|no change|flat)\b"),
        ("way", r"\b(?P<edged>edged) (?:(?P<upedge>up)|down)\b"),
        ("way", rf"\b(?:(?P<size>{sizes}) )?(?:(?P<up>{UP_EN})|(?:{DOWN_EN}))(?: (?P<after>{sizes}))?\b"),
        ("way", r"(?<=% )(?:(?P<up2>above)|below)\b|(?<=per cent )(?:(?P<up3>above)|below)\b"),
        ("vague", r"\b(?:half|doubled?|doubling|tripled?|twice|dozens?|hundreds?|thousands?|a third|two thirds)\b"),
        ("open", r"\("),
        ("close", r"\)"),
        ("end", r"[.!?](?=\s|$)|\n"),
        ("weak", ";"),
        ("comma", ","),
    ]  # fmt: skip
