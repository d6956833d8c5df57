"""The words of the report in Chinese and English. A test holds both languages to the same fields."""

from typing import Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, Language] = ("zh", "en")
TAGS = {"zh": "zh-Hans", "en": "en"}
SLIGHT, SMALL = 0.10, 0.30  # per cent: below SLIGHT a change is "edged", up to SMALL it is "slightly"

# key: (Chinese, English). Both languages have the same fields in braces.
TEXTS: dict[str, tuple[str, str]] = {
    # the page
    "title": ("{market}价格指数 {period}", "{market} price index, {period}"),
    "language": ("语言", "Language"),
    "skip": ("跳到正文", "Skip to the figures"),
    "swap": ("涨跌换色", "Swap colours of rise and fall"),
    "simulated": ("模拟市场", "Simulated market"),
    "simulated_long": (
        "模拟市场：以下数字全部由程序生成，用于演示和检验，不反映任何真实市场的价格。",
        "Simulated market: a program invented every figure here, to show and to test. "
        "They say nothing about real prices.",
    ),
    "foot": ("由 Ellwand {version} 编制。", "Compiled by Ellwand {version}."),
    "to_top": ("回到页首", "Back to the top"),
    # periods
    "family_week": ("周价格指数", "Weekly price index"),
    "family_month": ("月价格指数", "Monthly price index"),
    "family_quarter": ("季价格指数", "Quarterly price index"),
    "family_day": ("日价格指数", "Daily price index"),
    "every_week": ("每周一期", "weekly"),
    "every_month": ("每月一期", "monthly"),
    "every_quarter": ("每季一期", "quarterly"),
    "every_day": ("每日一期", "daily"),
    "period_week": ("周", "Week"),
    "period_month": ("月", "Month"),
    "period_quarter": ("季", "Quarter"),
    "period_day": ("日", "Day"),
    "year_ago_week": ("52周之前", "the week 52 weeks earlier"),
    "year_ago_month": ("12个月之前", "the month 12 months earlier"),
    "year_ago_quarter": ("4个季度之前", "the quarter 4 quarters earlier"),
    "year_ago_day": ("上年同期", "the same time a year earlier"),
    # the value block
    "points": ("点", "points"),
    "previous": ("比上期", "On previous issue"),
    "year_start": ("比年初", "On year start"),
    "last_year": ("比上年同期", "On last year"),
    "no_year": ("尚无可比", "nothing to compare yet"),
    "range": ("近{count}期区间", "Range of the last {count} issues"),
    "range_text": ("最低 {low}，最高 {high}", "lowest {low}, highest {high}"),
    "interval_level": ("点位的 {level}% 区间", "{level}\u202f% interval of the level"),
    "interval_change": ("比上期涨跌的 {level}% 区间", "{level}\u202f% interval of the change"),
    "interval_text": ("{low} 至 {high}", "{low} to {high}"),
    "unclear": ("无明显变化", "no clear change"),
    "unclear_note": ("区间含零，无明显变化", "the interval holds 0: no clear change"),
    "grade": ("等级", "Grade"),
    "grade_A": ("推算权重不超过 {low}%", "at most {low}\u202f% of the weight is imputed"),
    "grade_B": ("推算权重超过 {low}%，不超过 {high}%", "over {low}\u202f% of the weight is imputed, at most {high} %"),
    "grade_C": ("推算权重超过 {high}%，可靠性低", "over {high}\u202f% of the weight is imputed: low reliability"),
    "grade_S": ("单位过少或一家独大，不公布", "too few units, or one that dominates: not shown"),
    "base": ("基期", "Base"),
    "base_text": ("{period} = {level}", "{period} = {level}"),
    "matched": ("配对报价", "Matched quotes"),
    "matched_text": ("{count} 个，来自 {units} 个单位", "{count}, from {units} units"),
    "excluded": ("剔除", "Set aside"),
    "corrected": ("更正", "Corrected"),
    "edited_text": ("剔除 {excluded}，更正 {corrected}", "{excluded} set aside, {corrected} corrected"),
    "edited": ("审核", "Editing"),
    "imputed_share": ("推算权重", "Imputed weight"),
    "method": ("方法", "Method"),
    "method_text": ("{title}，第 {version} 版", "{title}, version {version}"),
    "sentence_total": (
        "总指数报 {level} 点，比上期{verb} {change}。",
        "The total index {verb} by {change} on the previous issue, to {level}.",
    ),
    "sentence_unclear": (
        "总指数报 {level} 点，比上期无明显变化（{change}，区间含零）。",
        "The total index stands at {level}, with no clear change on the previous issue "
        "({change}; the interval holds 0).",
    ),
    "sentence_flat": (
        "总指数报 {level} 点，与上期持平。",
        "The total index did not change on the previous issue and stands at {level}.",
    ),
    "sentence_first": ("总指数报 {level} 点，尚无上期可比。", "The total index stands at {level}; no earlier issue."),
    "pulled": ("拉动：{names}。", "Pulled by {names}."),
    "restrained": ("抑制：{names}。", "Restrained by {names}."),
    "driver": ("{name}（{points} 个百分点）", "{name} ({points} percentage points)"),
    # the first chart
    "finding_run": (
        "总指数连续第 {ordinal} 期{word}，{year}",
        "The total index {word} for the {ordinal} issue running{year}",
    ),
    "finding_once": ("总指数本期{word}，{year}", "The total index {word} in this issue{year}"),
    "finding_unclear": (
        "总指数本期无明显变化，{year}",
        "The total index shows no clear change in this issue{year}",
    ),
    "finding_first": ("总指数报 {level} 点", "The total index stands at {level}"),
    "finding_flat": ("总指数本期持平，{year}", "The total index did not move in this issue{year}"),
    "than_year": ("比上年同期{side} {change}", " and stands {change} {side} last year"),
    "as_year": ("与上年同期持平", " and stands where it stood last year"),
    "without_year": ("报 {level} 点", " and stands at {level}"),
    "total_sub": (
        "总指数，{base} = {at}，{every}，{first} 至 {last}。纵轴不从零开始。缺期留空，不连线。",
        "Total index, {base} = {at}, {every}, {first} to {last}. The axis does not start at zero. "
        "A period without an issue is a gap.",
    ),
    "band_sub": ("色带为 {level}% 区间。", "The band is the {level}\u202f% interval."),
    "keys": (
        "点按图表，或按 Tab 键选中后用 ← → 移动、Page Up 和 Page Down 跳一年、Home 和 End 到两端、Esc 离开。",
        "Touch the chart, or reach it with Tab: arrow keys move, Page Up and Page Down jump a year, "
        "Home and End go to the ends, Esc leaves.",
    ),
    "chart_role": ("图表", "chart"),
    "reading": (
        "{name}，{period}：{level} 点，比上期 {change}",
        "{name}, {period}: {level}, {change} on the previous issue",
    ),
    "reading_band": ("{reading}，区间 {low} 至 {high}", "{reading}, interval {low} to {high}"),
    # classes
    "classes": ("大类", "Classes"),
    "classes_finding": (
        "{best}一年来涨幅居首（{best_change}），{worst}居末（{worst_change}）",
        "{best} gained most over a year ({best_change}), {worst} least ({worst_change})",
    ),
    "classes_finding_issue": (
        "{best}本期涨幅居首（{best_change}），{worst}居末（{worst_change}）",
        "{best} gained most in this issue ({best_change}), {worst} least ({worst_change})",
    ),
    "classes_caption": (
        "第一级分类：指数点位、涨跌幅（%）、对总指数涨跌的贡献（百分点）。"
        "小图为近{count}期，各以首期为100，全表同一刻度，{low} 至 {high}。",
        "Level-1 classes: level in points, changes in per cent, contribution to the total's change in percentage "
        "points. Small lines show the last {count} issues, each with its first = 100, all on one scale from {low} "
        "to {high}.",
    ),
    "interval_caption": (
        "横条为比上期涨跌的 {level}% 区间，竖线为零，全表同一刻度，±{limit}%；≈ 表示区间含零，无明显变化。",
        "Bars are the {level}\u202f% interval of the change on the previous issue, the upright is 0, one scale of "
        "±{limit}\u202f% for all; ≈ marks an interval that holds 0: no clear change.",
    ),
    "class": ("分类", "Class"),
    "weight": ("权重 %", "Weight %"),
    "level": ("点位", "Level"),
    "interval": ("区间", "Interval"),
    "limit_low": ("区间下限", "Interval from"),
    "limit_high": ("区间上限", "Interval to"),
    "contribution": ("贡献", "Contribution"),
    "trend": ("近{count}期", "Last {count} issues"),
    "status": ("状态", "Status"),
    # the woven band and the tree
    "weave": ("谁拉动，谁抑制", "What pulled and what restrained"),
    "weave_finding": (
        "{pull}拉动最多（{pull_points}），{hold}抑制最多（{hold_points}）",
        "{pull} pulled most ({pull_points}), {hold} restrained most ({hold_points})",
    ),
    "weave_up": (
        "{pull}拉动最多（{pull_points}），没有大类抑制",
        "{pull} pulled most ({pull_points}); no class restrained",
    ),
    "weave_down": (
        "{hold}抑制最多（{hold_points}），没有大类拉动",
        "{hold} restrained most ({hold_points}); no class pulled",
    ),
    "weave_none": ("各大类本期均无明显贡献", "No class moved the total in this issue"),
    "weave_sub": (
        "宽度 = 权重，颜色 = 比上期涨跌；上一行为大类，其下为各自的组成。上边为涨，下边为跌。",
        "Width = weight, colour = change on the previous issue; each class stands above its own parts. "
        "A firm edge above marks a rise, below a fall.",
    ),
    "legend": ("颜色刻度", "Colour scale"),
    "tree_caption": (
        "分类树：权重（%）、点位、涨跌幅（%）、贡献（百分点）和报价数。条形全表同一刻度，最长为 {limit} 个百分点。",
        "The tree: weight in per cent, level in points, changes in per cent, contribution in percentage points, "
        "quotes. All bars share one scale; the longest is {limit} percentage points.",
    ),
    "tree_open": ("点选分类名，可逐层查到单个报价。", "Choose a name to go down to its single quotes."),
    "show_leaves": ("显示全部 {count} 个基本分类", "Show all {count} elementary aggregates"),
    "pulls": ("拉动前列", "Top pulls"),
    "restrains": ("抑制前列", "Top restrains"),
    "pulls_caption": (
        "基本分类中对总指数贡献最大者（百分点）",
        "Elementary aggregates that raised the total most (percentage points)",
    ),
    "restrains_caption": (
        "基本分类中对总指数负贡献最大者（百分点）",
        "Elementary aggregates that lowered it most (percentage points)",
    ),
    "no_pull": ("本期没有。", "None in this issue."),
    "panels": ("大类走势", "The classes over time"),
    "panels_sub": (
        "各大类（蓝）与总指数（灰），{base} = {at}，各图同一刻度。",
        "Each class (blue) beside the total (grey), {base} = {at}, one scale for all.",
    ),
    # from the total to a single quote
    "explore": ("从总指数到单个报价", "From the total to a single quote"),
    "explore_text": (
        "逐层打开分类，直到每一个报价：价格、与何价相比、状态、依据的规则和对总指数的贡献。各部分相加等于上一层。",
        "Open class after class down to every quote: its price, what it is compared with, its status, the rule behind "
        "it and its contribution to the total. The parts add up to the class above them.",
    ),
    "explore_label": ("直接到", "Go to"),
    "explore_path": ("位置", "Where you are"),
    "explore_sub": (
        "所选分类（蓝）与总指数（灰），{base} = {at}。",
        "The chosen class (blue) beside the total (grey), {base} = {at}.",
    ),
    "explore_table": ("逐期数字", "Figures of every issue"),
    "without_script": (
        "本页的逐层查询需要脚本。没有脚本时，各分类见上方分类树，单个报价见随附文件：",
        "Going down to single quotes needs script. Without it, the classes are in the tree above and the single quotes "
        "in the files beside this page:",
    ),
    "parts": ("组成", "Parts"),
    "parts_caption": (
        "{name}的组成：比上期涨跌（%）和对总指数的贡献（百分点）。",
        "Parts of {name}: change on the previous issue in per cent, contribution to the total in percentage points.",
    ),
    "quotes": ("报价", "Quotes"),
    "quotes_caption": (
        "{name}的报价，按贡献大小排列。比上期涨跌为 %，贡献为百分点。点选品名可看说明。",
        "Quotes of {name}, the largest contributions first. Change in per cent, contribution in percentage points. "
        "Choose an item to read what was done.",
    ),
    "item": ("产品", "Item"),
    "unit": ("样本单位", "Unit"),
    "item_unit": ("产品与样本单位", "Item and unit"),
    "price": ("价格", "Price"),
    "compared": ("对比价格", "Compared with"),
    "change": ("涨跌 %", "Change %"),
    "rule": ("规则", "Rule"),
    "donors": ("推算依据", "Donors"),
    "donors_text": ("{donors} 个（{donor}）", "{donors} ({donor})"),
    "count_quotes": ("报价数", "Quotes"),
    "sum_parts": ("各部分之和", "Sum of the parts"),
    "sum_quotes": ("{count} 个价格序列之和", "Sum of {count} price series"),
    "own_figure": ("{name}自身的贡献", "Contribution of {name}"),
    "difference": ("未列出的部分", "Not listed"),
    "difference_imputed": (
        "没有可用报价：随上级分类变动",
        "No usable quote of its own: moves with the class above",
    ),
    "difference_hidden": ("不公布的分类", "Classes that are not shown"),
    "no_quotes": (
        "本期没有报价。",
        "No quote stands here in this issue.",
    ),
    "hidden_quotes": (
        "本期或上期单位过少或一家独大，报价不公布。",
        "Too few units, or one that dominates, in this issue or the one before: the quotes are not shown.",
    ),
    "sum_note": (
        "和由未修约的数字计算；修约后的数字相加可能差最后一位。",
        "Sums are of unrounded figures; adding the rounded ones may differ in the last digit.",
    ),
    "measure": ("每{measure}", "per {measure}"),
    "measure_kg": ("千克", "kg"),
    "measure_m": ("米", "m"),
    "measure_piece": ("件", "piece"),
    # what was done to a quote
    "story_O": (
        "{unit}报 {price} {measure}，直接使用。",
        "{unit} quoted {price} {measure}; it is used as quoted.",
    ),
    "story_E": (
        "{unit}报 {quoted}，按规则“{rule}”更正为 {price} {measure}。",
        "{unit} quoted {quoted}; by the rule “{rule}” it was corrected to {price} {measure}.",
    ),
    "story_X": (
        "{unit}报 {quoted}，按规则“{rule}”剔除；原始报价保留。",
        "{unit} quoted {quoted}; by the rule “{rule}” it was set aside. The quote itself is kept.",
    ),
    "story_I": (
        "{unit}本期未报价。",
        "{unit} gave no price in this issue.",
    ),
    "story_imputed": (
        "代以 {price} {measure}，随 {donors} 个报价（{donor}）变动。",
        "In its place stands {price} {measure}, which moves with {donors} other quotes ({donor}).",
    ),
    "story_C": (
        "{unit}停业，价格 {price} {measure} 沿用。",
        "{unit} is closed; its price of {price} {measure} stands.",
    ),
    "story_R": (
        "{unit}的新产品，{price} {measure}，替换原产品；对比价格已折算为同等品质。",
        "A new item at {unit}, {price} {measure}, follows the one that it replaces; the price compared with is at "
        "equal quality.",
    ),
    "story_N": (
        "{unit}没有价格，也无从推算，不参与计算。",
        "{unit} has no price and none can be imputed; it takes no part.",
    ),
    "story_queried": (
        "规则“{rule}”提出疑问，报价照用。",
        "The rule “{rule}” queries it; it is used all the same.",
    ),
    "story_confirmed": (
        "此前被标记的价格再次出现，视为卖方的真实价格。",
        "A price that was flagged before has come again: it is the seller's price.",
    ),
    "story_review": (
        "经审核员核实，价格无误。",
        "A reviewer found the price right.",
    ),
    "story_compared": (
        "与 {before} 相比，{change}。",
        "Compared with {before}: {change}.",
    ),
    "story_points": (
        "对总指数的贡献为 {points} 个百分点。",
        "It moves the total by {points} percentage points.",
    ),
    "story_nothing": (
        "没有可比的价格，不影响总指数。",
        "There is nothing to compare it with, so it does not move the total.",
    ),
    # states of a price series
    "state_O": ("实采", "observed"),
    "state_E": ("更正", "corrected"),
    "state_X": ("剔除", "set aside"),
    "state_I": ("推算", "imputed"),
    "state_C": ("沿用", "carried"),
    "state_R": ("替换", "replacement"),
    "state_N": ("无价格", "no price"),
    # counts
    "counts": ("报价与审核", "Quotes and editing"),
    "counts_finding": (
        "本期总指数由 {units} 个单位的 {matched} 个配对报价算出；剔除 {excluded} 个，更正 {corrected} 个",
        "{matched} matched quotes from {units} units stand behind this total; {excluded} were set aside and "
        "{corrected} corrected",
    ),
    "counts_sub": ("每期用于计算的配对报价数。", "Matched quotes used in each issue."),
    "counts_caption": (
        "本期各大类的价格序列：应采、收到、配对，以及对各序列的处理",
        "Price series of this issue by class: due, received, matched, and what was done",
    ),
    "due": ("应采", "Due"),
    "received": ("收到", "Received"),
    "units": ("单位", "Units"),
    "imputed": ("推算", "Imputed"),
    "carried": ("沿用", "Carried"),
    "replaced": ("替换", "Replaced"),
    "not_collected": ("无价格", "No price"),
    "queried": ("存疑", "Queried"),
    "confirmed": ("确认", "Confirmed"),
    "set_aside": ("剔除", "Set aside"),
    "imputed_weight": ("推算权重 %", "Imputed weight %"),
    "rules": ("按规则", "By rule"),
    "rules_caption": ("本期各规则处理的报价数", "Quotes of this issue that each rule set aside, corrected or queried"),
    "no_rules": ("本期没有规则标记任何报价。", "No rule said anything of a quote in this issue."),
    # all issues
    "history": ("全部各期", "All issues"),
    "history_levels": ("总指数和各大类点位，{count} 期", "Levels of the total and its classes, {count} issues"),
    "history_changes": ("总指数涨跌与各大类贡献", "Changes of the total and contributions of its classes"),
    "history_changes_caption": (
        "总指数涨跌幅（%），各大类对比上期涨跌的贡献（百分点）",
        "Changes of the total in per cent; contributions of its classes to the change on the previous issue in "
        "percentage points",
    ),
    # method and files
    "notes": ("方法说明", "How these figures are made"),
    "method_line": (
        "方法“{title}”（{name}），第 {version} 版，摘要 {digest}。",
        "Method “{title}” ({name}), version {version}, digest {digest}.",
    ),
    "recompute": ("如何重算", "How to recompute"),
    "recompute_text": (
        "同样的报价、篮子和方法得到同样的数字。用随附的方法文件重算，再比对摘要：",
        "The same quotes, basket and method give the same figures. Compile again with the method file beside this page "
        "and compare the digests:",
    ),
    "files_caption": ("随附文件及其 SHA-256 摘要", "Files beside this page and their SHA-256 digests"),
    "file": ("文件", "File"),
    # statuses of observations
    "status_observed": ("实采", "observed"),
    "status_imputed": ("推算", "imputed"),
    "status_not_collected": ("未采价", "not collected"),
    "status_reference": ("起点", "start"),
    "status_carried": ("沿用", "carried"),
    "status_no_price": ("无价格", "no price"),
    "status_suppressed": ("不公布", "not shown"),
}  # fmt: skip
