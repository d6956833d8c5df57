"""The comment in Chinese."""

from ellwand.production.comment.facts import PREVIOUS, Fact
from ellwand.production.comment.numerals import chinese
from ellwand.production.comment.plan import Sentence
from ellwand.production.comment.words import BASIS
from ellwand.production.comment.writer import Writer, sign_of
from ellwand.production.report.texts import Language

SOFT = {"imputed": "按推算", "carried": "按停业前价格沿用"}
PULL = {1: "拉动", -1: "抑制"}
UNIT = {"percent": "%", "percentage_points": "个百分点", "points": "点", "quotes": "个配对报价", "units": "个样本单位"}


class Chinese(Writer):
    """Writes a plan in Chinese."""

    language: Language = "zh"

    def name(self, fact: Fact | str) -> None:
        """A class or item."""
        series = fact if isinstance(fact, str) else fact.series
        self.pen.bind(self.table.name(series, "zh"), "name", self.place(series) if isinstance(fact, str) else fact)

    def number(self, fact: Fact, *, sign: bool = False) -> None:
        """A figure with its unit."""
        self.figure(fact, sign=sign)
        self.pen.bind(UNIT[fact.unit], "unit", fact)

    def soften(self, one: Sentence, series: str, before: str = "", after: str = "") -> None:
        """The words that soften an imputed class."""
        if series in one.soft:
            self.say(before)
            self.pen.bind(SOFT[one.soft[series]], "status", self.place(series))
            self.say(after)

    def title(self, one: Sentence) -> None:
        """Period, the total, and what moved it."""
        first = one.facts[0]
        self.period(span=False)
        self.say("：")
        self.name(first)
        if one.note == "first":
            self.say("报")
            self.number(first)
            self.say("，尚无上期可比")
            return
        self.direction(first)
        self.say("，")
        if one.note == "all":
            self.say(f"{chinese(len(one.more))}大类全部")
            self.pen.bind("上涨" if first.way > 0 else "下跌", "direction", first)
        elif one.note == "top":
            self.name(one.more[0])
            self.pen.bind(PULL[sign_of(one.more)], "direction", one.more[0])
            self.say("最多")
        else:
            self.say("没有大类明显拉动或抑制")

    def heading_total(self, one: Sentence) -> None:
        """Heading of the total."""
        self.name(one.series)

    def heading_class(self, one: Sentence) -> None:
        """Heading of a class, with its direction."""
        self.name(one.facts[0] if one.facts else one.series)
        if one.facts:
            self.direction(one.facts[0])

    def heading_outlook(self, one: Sentence) -> None:
        """Heading of the writer's own part."""
        self.say("展望")

    def level(self, one: Sentence) -> None:
        """Level and the three changes."""
        index, *changes = one.facts
        if one.note == "total":
            self.period(brackets=("（", "）"))
            self.say("，")
        self.soften(one, one.series, after="，")
        self.name(index)
        self.say("报")
        self.number(index)
        if PREVIOUS not in [fact.basis for fact in changes]:
            self.say("，尚无上期可比")
        for fact in changes:
            self.say("，比" if fact.way else "，与")
            self.change(fact)
        if one.note == "total" and changes and {fact.basis for fact in changes} == {PREVIOUS}:
            self.say("，尚无上年可比")
        self.say("。")

    def change(self, fact: Fact) -> None:
        """A change with what it compares with."""
        self.pen.bind(BASIS["zh"][fact.basis], "basis", fact)
        if self.heads(fact):
            self.say("（")
            self.pen.bind(f"{chinese(self.table.gap)}{self.step}前", "period", self.distance, str(self.table.gap))
            self.say("）")
        self.moved(fact)

    def moved(self, fact: Fact) -> None:
        """Direction word and figure."""
        self.direction(fact)
        if fact.way:
            self.number(fact)
            return
        self.say("（")
        self.number(fact, sign=True)
        self.say("，区间含零）" if fact.value else "）")

    def gap_note(self, one: Sentence) -> None:
        """The previous issue and the periods without one."""
        self.say("上期为")
        self.period(PREVIOUS, brackets=("（", "）"))
        self.say("，其间")
        self.pen.bind(f"{chinese(self.table.gap - 1)}{self.step}", "period", self.distance, str(self.table.gap))
        self.say("没有发布。")

    def interval(self, one: Sentence) -> None:
        """Interval of the change."""
        low, high = one.facts
        self.say("比")
        self.pen.bind(BASIS["zh"][PREVIOUS], "basis", low)
        self.say(f"涨跌幅的{100 * self.table.coverage:g}%区间为")
        self.number(low, sign=True)
        self.say("至")
        self.number(high, sign=True)
        self.say("。")

    def drivers(self, one: Sentence) -> None:
        """Which classes pulled and which restrained."""
        if one.facts:
            self.pen.bind(PULL[sign_of(one.facts)], "direction", one.facts[0])
            self.name(one.series)
            self.say("的是")
            self.pen.join(one.facts, "、", "和", lambda fact: self.driver(one, fact))
        if one.more:
            self.say("，" if one.facts else "")
            self.pen.bind(PULL[sign_of(one.more)], "direction", one.more[0])
            self.say("最多的是")
            self.pen.join(one.more, "、", "和", lambda fact: self.driver(one, fact))
        self.say("。")

    def driver(self, one: Sentence, fact: Fact) -> None:
        """A class with its contribution."""
        self.name(fact)
        self.say("（")
        self.number(fact, sign=True)
        self.soften(one, fact.series, before="，")
        self.say("）")

    def imputed_share(self, one: Sentence) -> None:
        """Share of the weight that is imputed."""
        self.say("推算的权重占")
        self.number(one.facts[0])
        self.say("。")

    def carried_share(self, one: Sentence) -> None:
        """Share of the weight carried through closures."""
        self.say("停业沿用的权重占")
        self.number(one.facts[0])
        self.say("。")

    def sample(self, one: Sentence) -> None:
        """What the issue rests on."""
        self.say("本期依据")
        self.number(one.facts[0])
        self.say("，来自")
        self.number(one.facts[1])
        self.say("。")

    def listed(self, one: Sentence, fact: Fact) -> None:
        """A class or item with its change."""
        self.name(fact)
        self.moved(fact)
        self.soften(one, fact.series, before="（", after="）")

    def classes(self, one: Sentence) -> None:
        """The classes below that moved."""
        self.listing(one, "所属各类中")

    def items(self, one: Sentence) -> None:
        """The items that moved."""
        self.listing(one, "品种中")

    def listing(self, one: Sentence, among: str) -> None:
        """The basis and the list."""
        self.say("与")
        self.pen.bind(BASIS["zh"][PREVIOUS], "basis", one.facts[0])
        self.say(f"相比，{among}")
        self.pen.join(one.facts, "、", "、", lambda fact: self.listed(one, fact))
        self.say("。")

    def still(self, one: Sentence) -> None:
        """No class below moved."""
        self.say("所属各类比上期均无明显变化。")

    def no_figure(self, one: Sentence) -> None:
        """Classes without a figure."""
        self.pen.join(one.facts, "、", "、", self.name)
        self.say("样本单位过少或一家独大，本期不公布。" if one.note == "suppressed" else "本期没有数据。")
