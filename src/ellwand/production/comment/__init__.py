"""The weekly comment in Chinese and English from one plan of facts, and the guard that reads a text against them."""

from ellwand.production.comment.bound import Bound, Span
from ellwand.production.comment.en import English
from ellwand.production.comment.facts import Fact, FactTable
from ellwand.production.comment.findings import Finding
from ellwand.production.comment.folder import read_facts, read_text_file
from ellwand.production.comment.guard import check_text
from ellwand.production.comment.items import Item, item_changes
from ellwand.production.comment.parity import check_files, compare_texts
from ellwand.production.comment.plan import Plan, make_plan
from ellwand.production.comment.zh import Chinese
from ellwand.production.report.texts import Language

__all__ = [
    "Bound",
    "Fact",
    "FactTable",
    "Finding",
    "Item",
    "Plan",
    "Span",
    "check_files",
    "check_text",
    "compare_texts",
    "item_changes",
    "make_plan",
    "read_facts",
    "read_text_file",
    "write",
]


def write(plan: Plan, language: Language) -> Bound:
    """The comment of a plan in one language, every figure, word, name, period and unit bound to its fact."""
    return (Chinese if language == "zh" else English)(plan).write()
