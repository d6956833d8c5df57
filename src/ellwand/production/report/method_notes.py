"""The method in sentences: every note is made from the method file, so that it says what was done and nothing else."""

from collections.abc import Sequence

from ellwand.engine.index import methods
from ellwand.production.method import Method, Outlier
from ellwand.production.plugins import LETTERS
from ellwand.production.report.texts import LANGUAGES, SLIGHT, SMALL, Language
from ellwand.production.report.words import Words

Pair = tuple[str, str]

ELEMENTARY: dict[str, Pair] = {
    "jevons": ("价格比率的几何平均（Jevons）", "the geometric mean of price ratios (Jevons)"),
    "carli": ("价格比率的算术平均（Carli）", "the arithmetic mean of price ratios (Carli)"),
    "harmonic": ("价格比率的调和平均", "the harmonic mean of price ratios"),
    "dutot": ("平均价格之比（Dutot）", "the ratio of average prices (Dutot)"),
}
WEIGHTS: dict[str, Pair] = {
    "item": ("每个产品权重相等，由其各单位平分", "every item counts once, its units share it"),
    "series": ("每个价格序列权重相等", "every price series counts once"),
    "quantity": ("以数量为权重", "quantities are the weights"),
}
DONORS: dict[str, Pair] = {
    "source": ("同一市场、同一基本分类", "same market and elementary aggregate"),
    "ea": ("同一基本分类", "same elementary aggregate"),
    "parent": ("上级分类", "class above"),
    "all": ("全部报价", "all quotes"),
}
MOVEMENTS: dict[str, Pair] = {
    "jevons": ("几何平均", "geometric mean"),
    "dutot": ("平均价格之比", "ratio of average prices"),
}
OUTLIERS: dict[str, Pair] = {
    "fixed": ("固定界限", "fixed bounds"),
    "quartile": ("四分位法", "quartile method"),
    "tukey": ("Tukey 界限", "Tukey fences"),
    "tukey_soft": ("Tukey 界限（宽）", "Tukey fences (soft)"),
    "kimber": ("Kimber 法", "Kimber's rule"),
    "robust_z": ("稳健 z 值", "robust z score"),
    "tukey_algorithm": ("Tukey 算法", "Tukey algorithm"),
    "hidiroglou_berthelot": ("Hidiroglou-Berthelot 法", "Hidiroglou-Berthelot"),
}
FACTORS: dict[str, Pair] = {
    "decimal": ("小数点移位", "decimal point shifted"),
    "yard_metre": ("码与米混淆", "yards for metres"),
    "kg_metre": ("千克与米混淆", "kilograms for metres"),
    "pack": ("按包装报价", "price of a pack"),
    "exchange_rate": ("按外币报价", "foreign currency"),
    "vat": ("含税与不含税混淆", "with or without tax"),
    "digits": ("数字颠倒或误写", "digits swapped or wrong"),
}
RULES: dict[str, Pair] = {
    "price": ("价格不是正数", "price is no number above zero"),
    "currency": ("货币不同", "another currency"),
    "unit_of_measure": ("计量单位不同，已换算或不能换算", "another unit of measure"),
    "entry": ("首次报价偏离同一产品的其他单位", "first price far from the item's other units"),
    "relation": ("偏离该价格在分类中的惯常位置", "far from its usual place in the class"),
    "review": ("审核员的决定", "decided by a reviewer"),
    "confirmed": ("再次出现，予以确认", "came again, confirmed"),
}
QUALITY: dict[str, Pair] = {
    "hedonic": ("特征回归", "hedonic regression"),
    "class_mean": ("所在分类的平均变动", "mean movement of the class"),
    "direct": ("直接相比", "direct comparison"),
    "size": ("按同一计量单位和幅宽折算", "conversion to one measure and width"),
    "option_cost": ("加上新增功能的成本", "cost of the added feature"),
}
HEADS: dict[str, Pair] = {
    "elementary": ("基本分类", "Elementary aggregates"),
    "higher": ("上级分类", "Higher levels"),
    "editing": ("审核", "Editing"),
    "outliers": ("离群", "Outliers"),
    "factors": ("已知倍数的差错", "Errors by a known factor"),
    "missing": ("缺失", "Missing prices"),
    "closure": ("停业", "Closed units"),
    "replacement": ("替换", "Replacements"),
    "variance": ("区间", "Intervals"),
    "quality": ("等级", "Grades"),
    "contribution": ("贡献", "Contributions"),
    "changes": ("涨跌幅", "Changes"),
    "wording": ("用词", "Words"),
    "truth": ("模拟", "Simulation"),
}


def pair(table: dict[str, Pair], name: str, language: Language) -> str:
    """The words of a name; a name without words, such as a plug-in's, stands as it is."""
    return table[name][LANGUAGES.index(language)] if name in table else name


def rule_words(method: Method, name: str, language: Language) -> str:
    """A rule as the tables of the stages name it (`factor: pack`, `outlier 1: robust_z`, an edit rule) in words."""
    for rule in method.validate.rule:
        if rule.name == name:
            return (rule.message_zh if language == "zh" else rule.message_en) or rule.name
    head, _, kind = name.partition(": ")
    if head == "factor":
        return pair(FACTORS, kind, language)
    if head.startswith("outlier "):
        return pair(OUTLIERS, kind, language)
    return pair(RULES, name, language)


def donor_words(letter: str, language: Language) -> str:
    """A donor set by its status code, such as I-e, in words."""
    names = {f"I-{short}": name for name, short in LETTERS.items()}
    return pair(DONORS, names.get(letter, letter.removeprefix("I-")), language)


def method_notes(method: Method, words: Words, links: Sequence[str], *, simulated: bool) -> list[tuple[str, str]]:
    """The method as pairs of a head and its sentences, in the order of the work."""
    found = [
        ("elementary", _elementary(method, words)),
        ("higher", _higher(method, words, links)),
        ("editing", _editing(method, words)),
        ("outliers", _outliers(method, words)),
        ("factors", _factors(method, words)),
        ("missing", _missing(method, words)),
        ("closure", _closure(method, words)),
        ("replacement", _replacement(method, words)),
        ("variance", _variance(method, words)),
        ("quality", _quality(method, words)),
        ("contribution", _contribution(method, words)),
        ("changes", _changes(method, words)),
        ("wording", _wording(words)),
    ]
    if simulated:
        said = (
            "编制只使用报价，不读取模拟程序所知的真实指数。",
            ("The compilation reads the quotes only, never the true indices that the simulation knows."),
        )
        found.append(("truth", said[LANGUAGES.index(words.language)]))
    return [(pair(HEADS, key, words.language), text) for key, text in found if text]


def _say(words: Words, zh: str, en: str) -> str:
    return zh if words.language == "zh" else en


def _percent(words: Words, share: float) -> str:
    return f"{100 * share:g}%" if words.language == "zh" else f"{100 * share:g}\u202f%"


def _elementary(method: Method, words: Words) -> str:
    c = method.compile
    weights = pair(WEIGHTS, c.weights, words.language)
    if c.elementary in ELEMENTARY:
        how = pair(ELEMENTARY, c.elementary, words.language)
        return _say(
            words,
            f"同一产品、同一样本单位的本期价格与上期相比，取{how}，逐期连乘；{weights}。",
            f"Prices of the same item at the same unit in this and the previous period are compared: {how}, chained "
            f"from period to period; {weights}.",
        )
    table = methods()
    formula = dict(zip(table["name"].to_pylist(), table["formula"].to_pylist(), strict=True)).get(c.elementary, "")
    window = "" if c.window is None else _say(words, f"，窗口 {c.window} 期", f", window of {c.window} periods")
    splice = "" if c.splice is None else _say(words, f"，{c.splice} 拼接", f", {c.splice} splice")
    return _say(
        words,
        f"由各产品的价格和数量按 {c.elementary}（{formula}）计算{window}{splice}。",
        f"Prices and quantities of all items by {c.elementary} ({formula}){window}{splice}.",
    )


def _higher(method: Method, words: Words, links: Sequence[str]) -> str:
    c = method.compile
    mean = {
        1.0: _say(words, "加权算术平均", "the weighted arithmetic mean"),
        0.0: _say(words, "加权几何平均", "the weighted geometric mean"),
    }.get(c.order, _say(words, f"{c.order:g} 阶加权平均", f"the weighted mean of order {c.order:g}"))
    update = (
        _say(words, "，链内权重随价格变动", "; within a link, weights follow prices")
        if c.price_update
        else _say(words, "，链内权重不变", "; within a link, weights stay")
    )
    named = words.names([words.period(link) for link in links])
    linked = (
        _say(words, f"篮子的价格参考期：{named}。", f"Price reference periods of the baskets: {named}.")
        if links
        else ""
    )
    base = words.figure(c.base, 0) if float(c.base).is_integer() else f"{c.base:g}"
    return _say(
        words,
        f"各分类指数的{mean}{update}。{linked}基期 = {base}。",
        f"{mean[0].upper()}{mean[1:]} of the indices below{update}. {linked} The base period is {base}.",
    )


def _editing(method: Method, words: Words) -> str:
    v = method.validate
    listed = [
        f"{rule_words(method, rule.name, words.language)}"
        + (_say(words, "（剔除）", " (sets aside)") if rule.kind == "hard" else _say(words, "（存疑）", " (queries)"))
        for rule in v.rule
    ]
    said = [_say(words, "报价从不删除。", "No quote is deleted.")]
    if listed:
        said.append(_say(words, f"审核规则：{words.names(listed)}。", f"Edit rules: {words.names(listed)}."))
    if v.entry_bound > 0:
        said.append(
            _say(
                words,
                f"首次报价与同一产品其他单位相差须在 {1 + v.entry_bound:g} 倍以内。",
                f"A first price must lie within a factor of {1 + v.entry_bound:g} of the item's other units.",
            )
        )
    said.append(
        _say(
            words,
            f"被标记的价格连续 {v.confirm.after} 期出现即予确认。",
            f"A flagged price that comes {v.confirm.after} periods in a row is confirmed.",
        )
    )
    return ("" if words.language == "zh" else " ").join(said)


def _outlier(rule: Outlier, words: Words) -> str:
    set_of = pair({"ea": DONORS["ea"], "parent": DONORS["parent"], "all": DONORS["all"]}, rule.group, words.language)
    params = ", ".join(f"{name} = {value}" for name, value in rule.params.items())
    params = params or f"c = {rule.fallback:g}"
    name = pair(OUTLIERS, rule.rule, words.language)
    done = _say(words, "剔除", "sets aside") if rule.kind == "hard" else _say(words, "存疑", "queries")
    return _say(words, f"{name}（{params}；{set_of}；{done}）", f"{name} ({params}; {set_of}; {done})")


def _outliers(method: Method, words: Words) -> str:
    said = []
    if method.validate.outlier:
        named = words.names([_outlier(rule, words) for rule in method.validate.outlier])
        said.append(_say(words, f"价格比率的检验：{named}。", f"Price ratios are tested by {named}."))
    relation = vars(method.validate).get("relation")
    if relation is not None and relation.k > 0:
        said.append(
            _say(
                words,
                f"新定的价格若偏离该序列在分类中的惯常位置超过 {relation.k:g} 个离散度，即剔除。",
                f"A newly set price is set aside where it lies more than {relation.k:g} spreads from the usual place "
                "of its series in its class.",
            )
        )
    if not said:
        return _say(words, "不做离群检验。", "No outlier rule is applied.")
    return ("" if words.language == "zh" else " ").join(said)


def _factors(method: Method, words: Words) -> str:
    s = method.validate.systematic
    if not s.factors:
        return ""
    mended = [name for name in s.factors if name in s.accept]
    other = [name for name in s.factors if name not in s.accept]
    said = []
    if mended:
        named = words.names([pair(FACTORS, name, words.language) for name in mended])
        said.append(_say(words, f"更正后使用：{named}。", f"Corrected and used: {named}."))
    if other:
        named = words.names([pair(FACTORS, name, words.language) for name in other])
        said.append(_say(words, f"剔除并给出建议：{named}。", f"Set aside with a proposal: {named}."))
    return ("" if words.language == "zh" else " ").join(said)


def _missing(method: Method, words: Words) -> str:
    rules = method.impute
    above = _say(
        words,
        "没有可用报价的基本分类随其上级分类变动。",
        "An elementary aggregate without a usable quote moves with the class above.",
    )
    if rules.movement == "none":
        return _say(words, f"缺失的价格不推算。{above}", f"A missing price is not imputed. {above}")
    ladder = words.names([pair(DONORS, name, words.language) for name in rules.ladder])
    how = pair(MOVEMENTS, rules.movement, words.language)
    return _say(
        words,
        f"随最接近的一组报价变动（{how}）：{ladder}；每组至少 {rules.minimum_donors} 个，"
        f"最多连续 {rules.maximum_run} 期（季节性产品 {rules.maximum_run_seasonal} 期）。{above}",
        f"A missing price moves with the nearest set of donors ({how}): {ladder}; at least "
        f"{rules.minimum_donors} donors, at most {rules.maximum_run} "
        f"periods in a row ({rules.maximum_run_seasonal} for seasonal items). {above}",
    )


def _closure(method: Method, words: Words) -> str:
    if method.impute.closure == "carry":
        return _say(words, "停业单位的价格沿用。", "Prices of a closed unit stand.")
    return _say(words, "停业单位的价格按缺失推算。", "Prices of a closed unit are imputed like missing ones.")


def _replacement(method: Method, words: Words) -> str:
    ladder = words.names([pair(QUALITY, name, words.language) for name in method.replace.ladder])
    if not method.replace.ladder:
        return _say(words, "新旧产品同期有价时按重叠链接。", "Old and new are linked where both are priced at once.")
    return _say(
        words,
        f"新旧产品同期有价时按重叠链接；否则依次用{ladder}估计品质差异。",
        f"Old and new are linked by their overlap; where there is none, the difference in quality comes from {ladder}, "
        "the first that can be used.",
    )


def _variance(method: Method, words: Words) -> str:
    v = method.variance
    if v.replicates < 2:
        return _say(words, "本方法不计算区间。", "This method computes no interval.")
    level = _percent(words, v.level)
    items = (
        _say(words, "产品视为固定", "items are taken as fixed")
        if v.items == "fixed"
        else _say(words, "产品也作为样本", "items vary too")
    )
    return _say(
        words,
        f"{level} 区间：对样本单位自助抽样 {v.replicates:,} 次（种子 {v.seed}），{items}，贯穿整条链和整棵树。"
        "涨跌的区间含零时称“无明显变化”。",
        f"{level} intervals by bootstrap over units, {v.replicates:,} draws (seed {v.seed}), {items}, carried through "
        "chain and tree. A change whose interval holds 0 is called no clear change.",
    )


def _quality(method: Method, words: Words) -> str:
    q = method.quality
    b, c = _percent(words, q.grade_b), _percent(words, q.grade_c)
    said = [
        _say(
            words,
            f"推算权重超过 {b} 为 B，超过 {c} 为 C，否则为 A。",
            f"Above {b} of imputed weight the grade is B, above {c} it is C, else A.",
        )
    ]
    if q.minimum_units > 1 or q.dominance < 1:
        said.append(
            _say(
                words,
                f"少于 {q.minimum_units} 个单位，或一个单位占比超过 {_percent(words, q.dominance)}，为 S，不公布。",
                f"Fewer than {q.minimum_units} units, or one with more than {_percent(words, q.dominance)}, give S: "
                "the figure is not shown.",
            )
        )
    return ("" if words.language == "zh" else " ").join(said)


def _contribution(method: Method, words: Words) -> str:
    said = _say(
        words,
        "使总指数比上期变动的百分点；同一级各分类之和等于总指数的涨跌幅（修约误差除外）。",
        "Percentage points of the total's change on the previous issue; the classes of one level add up to that "
        "change, but for rounding.",
    )
    if method.compile.elementary in ELEMENTARY:
        said += _say(words, "单个报价之和等于其分类的贡献。", " The quotes of a class add up to its contribution.")
    return said


def _changes(method: Method, words: Words) -> str:
    r = method.release
    exact = r.changes == "unrounded"
    source = _say(
        words, "未修约的指数" if exact else "公布的指数", "unrounded indices" if exact else "published indices"
    )
    ago = words.by_kind("year_ago")
    opened = (
        _say(
            words,
            f"应采报价的单位开业不足 {_percent(words, r.minimum_open)} 的期不发布。",
            f" A period in which the open units have less than {_percent(words, r.minimum_open)} of the quotes due "
            "has no issue.",
        )
        if r.minimum_open > 0
        else ""
    )
    return _say(
        words,
        f"由{source}计算：上期为前一期，年初为上年最后一期，上年同期为{ago}。"
        f"发布时修约一次，四舍五入（绝对值）：点位 {r.decimals} 位小数，涨跌幅 {r.change_decimals} 位。{opened}",
        f"From {source}: on the issue before, on the last issue of the year before, and on {ago}. Figures are rounded "
        f"once, half away from zero: levels to {r.decimals} decimals, changes to {r.change_decimals}.{opened}",
    )


def _wording(words: Words) -> str:
    return _say(
        words,
        f"修约后为零称“持平”，低于 {SLIGHT:.2f}% 称“微”，不超过 {SMALL:.2f}% 称“小”，更大者不加修饰。"
        "用词依修约后的数字。",
        f"Zero after rounding is no change, below {SLIGHT:.2f}\u202f% is edged, up to {SMALL:.2f}\u202f% is slightly, "
        "above is plain. Words follow the rounded figure.",
    )
