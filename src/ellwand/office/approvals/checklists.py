"""What an approver confirms before he signs: one list for the statistics, one for the text."""

from collections.abc import Mapping
from typing import NamedTuple

from ellwand.engine.errors import DataError


class Item(NamedTuple):
    """A line of a checklist: its key, and what is confirmed."""

    key: str
    zh: str
    en: str


LISTS: Mapping[str, tuple[Item, ...]] = {
    "statistics": (
        Item("total", "总指数及其三项变动已核对", "The total and its three changes were looked at"),
        Item(
            "movers",
            "拉动与抑制最大的类别均有合理解释",
            "The classes that pulled and restrained most can be explained",
        ),
        Item(
            "grades",
            "质量等级、推算比重和不公布的类别可以接受",
            "Grades, imputed shares and suppressed classes are acceptable",
        ),
        Item(
            "judgement",
            "人工判断、剔除和签署的例外均有理由",
            "Judgements, exclusions and signed exceptions have their reasons",
        ),
        Item(
            "method",
            "方法、篮子与分类版本正确",
            "Method, basket and classification are the right versions",
        ),
    ),
    "text": (
        Item("read", "中英文全文均已通读", "Both texts were read from beginning to end"),
        Item(
            "figures",
            "文中数字、方向词、名称和日期与数据一致",
            "Figures, direction words, names and dates agree with the statistics",
        ),
        Item("languages", "两种语言说的是同一件事", "Both languages say the same"),
        Item("rationale", "编制说明与质量表完整", "Rationale and quality sheet are complete"),
        Item(
            "tone",
            "没有预测、建议或未注明来源的说法",
            "No forecast, no advice, nothing without its source",
        ),
    ),
}  # fmt: skip


def completed(kind: str, answers: Mapping[str, bool]) -> dict[str, bool]:
    """The answers to a checklist, all of them yes. DataError names the lines that are not confirmed, or not known."""
    wanted = {item.key: item.en for item in LISTS[kind]}
    if unknown := sorted(set(answers) - set(wanted)):
        raise DataError(f"checklist of the {kind}: {unknown[0]} is no line of it; it has {', '.join(wanted)}")
    if lacking := [words for key, words in wanted.items() if answers.get(key) is not True]:
        raise DataError(f"checklist of the {kind} is not complete: {'; '.join(lacking)}")
    return dict.fromkeys(wanted, True)
