"""The words of the report in Chinese and English, and how each language writes figures, weeks and sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from string import Formatter
from typing import Literal

from ellwand.production.report.facts import Drivers, Series, direction, monday, rounded, sunday

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, Language] = ("zh", "en")
TAGS = {"zh": "zh-Hans", "en": "en"}
SLIGHT, SMALL = 0.10, 0.30  # per cent: below SLIGHT a change is "edged", up to SMALL it is "slightly"

# key: (Chinese, English). Both languages have the same fields in braces; a test holds them together.
TEXTS: dict[str, tuple[str, str]] = {
    "title": ("{market}价格指数 {week}", "{market} price index, {week}"),
    "language": ("语言", "Language"),
    "skip": ("跳到正文", "Skip to the figures"),
    "swap": ("涨跌换色", "Swap colours of rise and fall"),
    "settings": ("显示设置", "Display settings"),
    "simulated": ("模拟市场", "Simulated market"),
    "simulated_long": (
        "模拟市场：以下数字全部由程序生成，用于演示和检验，不反映任何真实市场的价格。",
        "Simulated market: a program invented every figure here, to show and to test. They say nothing about real prices.",
    ),
    "family": ("周价格指数", "Weekly price index"),
    "points": ("点", "points"),
    "previous": ("比上期", "On previous issue"),
    "year_start": ("比年初", "On year start"),
    "last_year": ("比上年同期", "On last year"),
    "none": ("无", "none"),
    "no_year": ("尚无上年数据", "no earlier year yet"),
    "range": ("近53期区间", "Range of the last 53 issues"),
    "range_text": ("最低 {low}，最高 {high}", "lowest {low}, highest {high}"),
    "issue": ("期号", "Issue"),
    "base": ("基期", "Base"),
    "base_text": ("{week} = 100", "{week} = 100"),
    "matched": ("配对报价", "Matched quotes"),
    "excluded": ("剔除报价", "Set aside"),
    "imputed_share": ("推算权重", "Imputed weight"),
    "imputed_text": ("占权重 {share}", "{share} of the weight"),
    "excluded_text": ("{count} 个，占 {share}", "{count}, {share} of the ratios"),
    "sentence_total": (
        "总指数报 {level} 点，比上期{verb} {change}。",
        "The total index {verb} by {change} on the previous issue, to {level}.",
    ),
    "sentence_flat": (
        "总指数报 {level} 点，与上期持平。",
        "The total index did not change on the previous issue and stands at {level}.",
    ),
    "sentence_first": ("总指数报 {level} 点，尚无上期可比。", "The total index stands at {level}; no earlier issue."),
    "pulled": ("拉动：{names}。", "Pulled by {names}."),
    "restrained": ("抑制：{names}。", "Restrained by {names}."),
    "driver": ("{name}（{points} 个百分点）", "{name} ({points} percentage points)"),
    "finding_run": (
        "总指数连续第 {ordinal} 期{word}，{year}",
        "The total index {word} for the {ordinal} issue running{year}",
    ),
    "finding_once": ("总指数本期{word}，{year}", "The total index {word} in this issue{year}"),
    "finding_flat": ("总指数本期持平，{year}", "The total index did not move in this issue{year}"),
    "than_year": ("比上年同期{side} {change}", " and stands {change} {side} last year"),
    "as_year": ("与上年同期持平", " and stands where it stood last year"),
    "without_year": ("报 {level} 点", " and stands at {level}"),
    "total_sub": (
        "总指数，{base} = 100，每周一期，{first} 至 {last}。纵轴不从零开始。缺期留空，不连线。",
        "Total index, {base} = 100, weekly, {first} to {last}. The axis does not start at zero. "
        "A week without an issue is a gap.",
    ),
    "keys": (
        "点按图表，或按 Tab 键选中后用 ← → 移动、Page Up 和 Page Down 跳一年、Home 和 End 到两端、Esc 离开。",
        "Touch the chart, or reach it with Tab: arrow keys move, Page Up and Page Down jump a year, "
        "Home and End go to the ends, Esc leaves.",
    ),
    "chart_role": ("图表", "chart"),
    "reading": ("{name}，{week}：{level} 点，比上期 {change}", "{name}, {week}: {level}, {change} on the previous issue"),
    "classes": ("大类", "Classes"),
    "classes_finding": (
        "{best}一年来涨幅居首（{best_change}），{worst}居末（{worst_change}）",
        "{best} gained most over a year ({best_change}), {worst} least ({worst_change})",
    ),
    "classes_finding_week": (
        "{best}本期涨幅居首（{best_change}），{worst}居末（{worst_change}）",
        "{best} gained most in this issue ({best_change}), {worst} least ({worst_change})",
    ),
    "classes_caption": (
        "第一级分类：指数点位、涨跌幅（%）、对总指数涨跌的贡献（百分点）。"
        "小图为近53期，各以首期为100，全表同一刻度，{low} 至 {high}。",
        "Level-1 classes: level in points, changes in per cent, contribution to the total's change in percentage points. "
        "Small lines show the last 53 issues, each with its first = 100, all on one scale from {low} to {high}.",
    ),
    "class": ("分类", "Class"),
    "weight": ("权重 %", "Weight %"),
    "level": ("点位", "Level"),
    "contribution": ("贡献", "Contribution"),
    "trend": ("近53期", "Last 53 issues"),
    "status": ("状态", "Status"),
    "week": ("周", "Week"),
    "date": ("周日", "Sunday"),
    "weave": ("谁拉动，谁抑制", "What pulled and what restrained"),
    "weave_finding": (
        "{pull}拉动最多（{pull_points}），{hold}抑制最多（{hold_points}）",
        "{pull} pulled most ({pull_points}), {hold} restrained most ({hold_points})",
    ),
    "weave_up": ("{pull}拉动最多（{pull_points}），没有大类抑制", "{pull} pulled most ({pull_points}); no class restrained"),
    "weave_down": ("{hold}抑制最多（{hold_points}），没有大类拉动", "{hold} restrained most ({hold_points}); no class pulled"),
    "weave_none": ("各大类本期均无明显贡献", "No class moved the total in this issue"),
    "weave_sub": (
        "宽度 = 权重，颜色 = 比上期涨跌；上一行为大类，其下为各自的组成。上边为涨，下边为跌。",
        "Width = weight, colour = change on the previous issue; each class stands above its own parts. "
        "A firm edge above marks a rise, below a fall.",
    ),
    "legend": ("颜色刻度", "Colour scale"),
    "tree_caption": (
        "分类树：权重（%）、点位、涨跌幅（%）、贡献（百分点）和报价数。条形全表同一刻度，最长为 {limit} 个百分点。",
        "The tree: weight in per cent, level in points, changes in per cent, contribution in percentage points, quotes. "
        "All bars share one scale; the longest is {limit} percentage points.",
    ),
    "show_leaves": ("显示全部 {count} 个基本分类", "Show all {count} elementary aggregates"),
    "pulls": ("拉动前列", "Top pulls"),
    "restrains": ("抑制前列", "Top restrains"),
    "pulls_caption": ("基本分类中对总指数贡献最大者（百分点）", "Elementary aggregates that raised the total most (percentage points)"),
    "restrains_caption": ("基本分类中对总指数负贡献最大者（百分点）", "Elementary aggregates that lowered it most (percentage points)"),
    "no_pull": ("本期没有。", "None in this issue."),
    "panels": ("大类走势", "The classes over time"),
    "panels_sub": (
        "各大类（蓝）与总指数（灰），{base} = 100，各图同一刻度。",
        "Each class (blue) beside the total (grey), {base} = 100, one scale for all.",
    ),
    "counts": ("报价与剔除", "Quotes and exclusions"),
    "counts_finding": (
        "本期总指数由 {matched} 个配对报价算出，{share} 的比率被剔除",
        "{matched} matched quotes stand behind this total; {share} of the ratios were set aside",
    ),
    "counts_sub": ("每期用于计算的配对报价数。", "Matched quotes used in each issue."),
    "counts_caption": ("本期各大类的报价数", "Quotes of this issue by class"),
    "excluded_share": ("剔除占比 %", "Set aside %"),
    "imputed": ("推算权重 %", "Imputed weight %"),
    "history": ("全部各期", "All issues"),
    "history_levels": ("总指数和各大类点位，{count} 期", "Levels of the total and its classes, {count} issues"),
    "history_changes": ("总指数涨跌与各大类贡献", "Changes of the total and contributions of its classes"),
    "history_changes_caption": (
        "总指数涨跌幅（%），各大类对比上期涨跌的贡献（百分点）",
        "Changes of the total in per cent; contributions of its classes to the change on the previous issue in percentage points",
    ),
    "explore": ("查看任一分类", "Look at any class"),
    "explore_label": ("分类", "Class"),
    "explore_sub": ("所选分类（蓝）与总指数（灰），{base} = 100。", "The chosen class (blue) beside the total (grey), {base} = 100."),
    "explore_table": ("逐期数字", "Figures of every issue"),
    "explore_rows": ("第 {first}-{last} 行", "rows {first} to {last}"),
    "notes": ("方法说明", "How these figures are made"),
    "note_elementary": (
        "基本分类指数：本期与上期同一产品、同一样本单位的价格相比，取比率的几何平均（Jevons，《CPI手册：概念与方法》第8章），逐期连乘。",
        "Elementary index: prices of the same item at the same unit in this and the previous issue are compared; "
        "the geometric mean of their ratios (Jevons, CPI Manual, chapter 8) is chained from issue to issue.",
    ),
    "note_aggregate": (
        "上级指数：以每个篮子的权重，对自价格参考周起算的指数作加权算术平均；篮子每年更换，在 {links} 链接。",
        "Higher levels: the weighted arithmetic mean of indices counted from the basket's price reference week; "
        "a new basket every year, linked at {links}.",
    ),
    "note_missing": (
        "缺失：没有可比报价的基本分类按其上级分类的涨跌推算，状态为“推算”。没有任何报价的周不编指数，留空。",
        "Missing: an elementary aggregate without a usable ratio takes the movement of its parent; its status is imputed. "
        "A week without any quote has no index.",
    ),
    "note_changes": (
        "涨跌幅由未修约的指数计算：上期为前一期，年初为上年最后一期，上年同期为52周之前。发布时修约一次，四舍五入（绝对值）。",
        "Changes are computed from unrounded indices: on the issue before, on the last issue of the year before, and on the "
        "week 52 weeks earlier. Figures are rounded once, half away from zero.",
    ),
    "note_contribution": (
        "贡献：该分类使总指数比上期变动的百分点；同一级各分类之和等于总指数的涨跌幅（修约误差除外）。",
        "Contribution: percentage points of the total's change on the previous issue; one level adds up to that change, "
        "but for rounding.",
    ),
    "note_words": (
        "用词：修约后为 0.00% 称“持平”，低于 {slight}% 称“微”，不超过 {small}% 称“小”，更大者不加修饰。用词依修约后的数字。",
        "Words: 0.00 % after rounding is no change, below {slight} % is edged, up to {small} % is slightly, above is plain. "
        "Words follow the rounded figure.",
    ),
    "note_truth": (
        "编制只使用报价，不读取模拟程序所知的真实指数。",
        "The compilation reads the quotes only, never the true indices that the simulation knows.",
    ),
    "recompute": ("如何重算", "How to recompute"),
    "recompute_text": (
        "同样的报价、篮子和方法得到同样的字节。重算后比对摘要：",
        "The same quotes, basket and method give the same bytes. Recompute and compare the digest:",
    ),
    "files": ("随附文件", "Files beside this page"),
    "files_caption": ("文件的 SHA-256 摘要", "SHA-256 digests"),
    "file": ("文件", "File"),
    "status_observed": ("实采", "observed"),
    "status_imputed": ("推算", "imputed"),
    "status_not_collected": ("未采价", "not collected"),
    "status_reference": ("起点", "start"),
    "status_carried": ("沿用", "carried"),
    "status_no_price": ("无价格", "no price"),
    "status_suppressed": ("不公布", "suppressed"),
    "foot": ("由 Ellwand {version} 编制。", "Compiled by Ellwand {version}."),
    "to_top": ("回到页首", "Back to the top"),
}  # fmt: skip

VERBS = {
    "zh": {1: ("微涨", "小涨", "上涨"), -1: ("微跌", "小跌", "下跌")},
    "en": {1: ("edged up", "rose slightly", "rose"), -1: ("edged down", "fell slightly", "fell")},
}
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
]


def fields(text: str) -> set[str]:
    """The names in braces of a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@dataclass(frozen=True)
class Words:
    """One language: texts by key, and the writing of figures, weeks, names and findings."""

    language: Language

    def __call__(self, key: str, **values: str) -> str:
        """A text with its fields filled in."""
        return TEXTS[key][LANGUAGES.index(self.language)].format(**values)

    def name(self, series: Series) -> str:
        """The class's name."""
        return series.name_zh if self.language == "zh" else series.name_en

    def figure(self, value: float, digits: int = 2) -> str:
        """A level or a share; a dash where there is none."""
        exact = rounded(value, digits)
        return "–" if exact is None else f"{exact:,.{digits}f}".replace("-", "−")

    def signed(self, value: float, digits: int = 2) -> str:
        """A change or contribution with its sign; zero has none."""
        exact = rounded(value, digits)
        if exact is None:
            return "–"
        return f"{exact:+.{digits}f}".replace("-", "−") if exact else f"{exact:.{digits}f}"

    def percent(self, value: float, digits: int = 2, *, sign: bool = False) -> str:
        """A figure in per cent with its unit."""
        figure = self.signed(value, digits) if sign else self.figure(value, digits)
        return figure if figure == "–" else figure + ("%" if self.language == "zh" else "\u202f%")

    def ordinal(self, place: int) -> str:
        """A place in a row: a word up to twelfth in English, a number in Chinese."""
        if self.language == "zh":
            return str(place)
        if place <= len(ORDINALS):
            return ORDINALS[place - 1]
        ending = "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
        return f"{place}{ending}"

    def count(self, value: float) -> str:
        """A whole number."""
        return f"{round(value):,}"

    def day(self, when: date, *, year: bool = True) -> str:
        """A date in full."""
        if self.language == "zh":
            return (f"{when.year}年" if year else "") + f"{when.month}月{when.day}日"
        return f"{when.day} {MONTHS[when.month - 1]}" + (f" {when.year}" if year else "")

    def week(self, period: str) -> str:
        """An ISO week by year and number."""
        year, week = period.split("-W")
        return f"{year}年第{int(week)}周" if self.language == "zh" else f"week {int(week)} of {year}"

    def span(self, period: str) -> str:
        """The days of an ISO week, Monday to Sunday."""
        first, last = monday(period), sunday(period)
        if self.language == "zh":
            end = self.day(last, year=first.year != last.year) if first.month != last.month else f"{last.day}日"
            return f"{self.day(first)}至{end}"
        if first.month == last.month:
            return f"{first.day} to {self.day(last)}"
        return f"{self.day(first, year=first.year != last.year)} to {self.day(last)}"

    def names(self, names: Sequence[str]) -> str:
        """An enumeration."""
        if self.language == "zh":
            return "、".join(names)
        return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]

    def verb(self, change: float) -> str:
        """The direction word of a change that does not round to zero; its size is graded by SLIGHT and SMALL."""
        size = abs(float(rounded(change) or 0))
        return VERBS[self.language][direction(change)][(size >= SLIGHT) + (size > SMALL)]

    def size(self, change: float) -> str:
        """A change in per cent without its sign, to stand after a direction word."""
        return self.percent(abs(change))

    def why(self, level: float, change: float, driving: Drivers, position: int) -> str:
        """The sentences of the value block: level, change and the classes behind it."""
        if rounded(change) is None:
            return self("sentence_first", level=self.figure(level))
        if direction(change) == 0:
            said = [self("sentence_flat", level=self.figure(level))]
        else:
            said = [
                self("sentence_total", level=self.figure(level), verb=self.verb(change), change=self.size(change)),
            ]
        up, down = ("pulled", "restrained") if direction(change) >= 0 else ("restrained", "pulled")
        for key, classes in ((up, driving.pulled), (down, driving.restrained)):
            if classes:
                listed = [
                    self("driver", name=self.name(one), points=self.signed(one.contribution[position], 3))
                    for one in classes
                ]
                said.append(self(key, names=self.names(listed)))
        return ("" if self.language == "zh" else " ").join(said)

    def finding(self, level: float, change: float, on_year: float, run: int) -> str:
        """The title of the total's chart: its run of issues and where it stands against last year."""
        if rounded(on_year) is None:
            year = self("without_year", level=self.figure(level))
        elif direction(on_year) == 0:
            year = self("as_year")
        else:
            sides = ("高", "低") if self.language == "zh" else ("above", "below")
            year = self("than_year", change=self.size(on_year), side=sides[direction(on_year) < 0])
        if direction(change) == 0:
            return self("finding_flat", year=year)
        if run < 2:
            return self("finding_once", word=self.verb(change), year=year)
        plain = VERBS[self.language][direction(change)][2]
        return self("finding_run", ordinal=self.ordinal(run), word=plain, year=year)
