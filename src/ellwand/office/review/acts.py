"""What a reviewer can do with a quote, and the coded reasons of each act. Pure."""

from collections.abc import Mapping

ACCEPT, CORRECT, EXCLUDE, SEND_BACK, MISSING, JUDGE, COUNTERSIGN, UNDO = (
    "accept", "correct", "exclude", "send_back", "missing", "judge", "countersign", "undo",
)  # fmt: skip
ACTS = (ACCEPT, CORRECT, EXCLUDE, SEND_BACK, MISSING, JUDGE, COUNTERSIGN, UNDO)
SETTLING = frozenset((ACCEPT, CORRECT, EXCLUDE, MISSING, COUNTERSIGN))
"""Acts after which a quote waits for nobody."""

WORDS: Mapping[str, tuple[str, str]] = {
    ACCEPT: ("接受", "Accept"),
    CORRECT: ("更正", "Correct"),
    EXCLUDE: ("剔除", "Exclude"),
    SEND_BACK: ("退回采价员", "Send back"),
    MISSING: ("作缺失处理", "Treat as missing"),
    JUDGE: ("专家判断", "Judge"),
    COUNTERSIGN: ("会签", "Countersign"),
    UNDO: ("撤回", "Take back"),
}
DONE: Mapping[str, tuple[str, str]] = {
    ACCEPT: ("已接受", "accepted"),
    CORRECT: ("已更正", "corrected"),
    EXCLUDE: ("已剔除", "excluded"),
    SEND_BACK: ("已退回采价员", "sent back to the collector"),
    MISSING: ("作缺失处理", "treated as missing"),
    JUDGE: ("判断待会签", "judgement waits for its second reader"),
    COUNTERSIGN: ("判断已会签", "judgement countersigned"),
    UNDO: ("已撤回", "taken back"),
}
CODES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    ACCEPT: {
        "plausible": ("与历史和同类相符", "fits its history and its peers"),
        "confirmed_by_unit": ("样本单位已确认", "confirmed by the unit"),
        "market_moved": ("行情变动", "the market moved"),
        "promotion": ("促销", "promotion"),
        "small_influence": ("影响低于界限", "influence below the threshold"),
    },
    CORRECT: {
        "entry_error": ("录入错误", "entry error"),
        "wrong_unit_of_measure": ("计量单位错误", "wrong unit of measure"),
        "factor_error": ("已知倍数差错，采用建议价", "error by a known factor, proposal taken"),
        "confirmed_by_unit": ("样本单位已更正", "corrected by the unit"),
        "small_influence": ("影响低于界限", "influence below the threshold"),
    },
    EXCLUDE: {
        "not_representative": ("不具代表性", "not representative"),
        "entry_error": ("录入错误，无法更正", "entry error that can't be corrected"),
        "quality_changed": ("质量已变", "quality changed"),
        "promotion": ("促销", "promotion"),
        "wrong_item": ("不是该产品", "another item"),
        "small_influence": ("影响低于界限", "influence below the threshold"),
    },
    SEND_BACK: {
        "ask_unit": ("请向样本单位核实", "ask the unit again"),
        "check_measure": ("请核对计量单位", "check the unit of measure"),
        "check_item": ("请核对产品规格", "check the item's specification"),
    },
    MISSING: {
        "not_on_sale": ("本期无货", "not on sale in the period"),
        "no_reply": ("未能核实", "could not be verified"),
        "unit_closed": ("停业", "the unit was closed"),
    },
    JUDGE: {"expert_judgement": ("专家判断", "expert judgement")},
    COUNTERSIGN: {"second_reader": ("第二人审阅同意", "second reader agrees")},
    UNDO: {"taken_back": ("撤回前一决定", "the decision before is taken back")},
}
"""Coded reasons by act; the first is taken where none is said. The last ones of three acts are for batches only."""

BATCH = "small_influence"


def choices(act: str) -> list[str]:
    """The codes of an act that somebody may choose."""
    return [code for code in CODES[act] if code != BATCH]
