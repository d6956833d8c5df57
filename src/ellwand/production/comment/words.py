"""The glossary of the comment: the words that a text may use for direction, size, basis, unit and status.

Direction and size words share the thresholds of the report: SLIGHT and SMALL, in per cent of the published change.
"""

from ellwand.production.report.facts import rounded
from ellwand.production.report.texts import SLIGHT, SMALL, Language
from ellwand.production.report.words import VERBS

__all__ = ["BASIS", "FLAT", "PROPER", "SLIGHT", "SMALL", "VERBS", "english_name", "rounded"]

FLAT = {"zh": ("持平", "基本持平"), "en": ("unchanged", "little changed")}
"""A change that rounds to 0; one that doesn't, but whose interval holds 0."""

BASIS = {
    "zh": {"previous": "上期", "year_start": "年初", "last_year": "上年同期"},
    "en": {
        "previous": "the previous issue",
        "year_start": "the beginning of the year",
        "last_year": "the same period last year",
    },
}
STEPS = {
    "zh": {"week": "周", "month": "个月", "quarter": "个季度", "day": "天"},
    "en": {"week": "week", "month": "month", "quarter": "quarter", "day": "day"},
}
PROPER = frozenset((
    "China", "Chinese", "Keqiao", "Shaoxing", "Zhejiang", "Shengze", "Xinjiang", "Oxford", "Bedford", "Harris",
    "Egyptian", "Indian", "Italian", "Japanese", "Korean", "Turkish", "American", "European", "Australian", "French",
    "German", "Milano", "Roma", "Pima", "Supima", "Tencel", "Lycra", "Prince",
))  # fmt: skip
"""First words of English names that keep their capital within a sentence."""


def english_name(name: str) -> str:
    """An English name within a sentence: its first letter small, unless it begins a proper name or a code."""
    head = name.replace("-", " ").split(" ")[0]
    plain = head[:1].isupper() and head[1:].isalpha() and head[1:].islower()
    return name[:1].lower() + name[1:] if plain and head not in PROPER else name


def verb(language: Language, way: int, size: int, *, zero: bool) -> str:
    """Direction word of a change: of its sign and size, or one of the two flat words."""
    return VERBS[language][way][size] if way else FLAT[language][0 if zero else 1]
