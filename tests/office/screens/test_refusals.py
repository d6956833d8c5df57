"""What stands in the way of a move or an approval is said in Chinese on Chinese screens: every clause that there is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SOURCE = Path(__file__).resolve().parents[3] / "src" / "ellwand" / "office"
SAID_BY = {
    "rounds/work.py": ("time_facts", "facts_of", "_minimum", "_response"),
    "rounds/compiling.py": ("facts_of", "_silent_change"),
    "review/queue.py": ("objection",),
    "editorial/guards.py": ("text",),
    "editorial/rationale.py": ("faults",),
    "approvals/guards.py": ("four_eyes", "previewed", "hashes", "sealed", "notice"),
    "approvals/ntp.py": ("fault",),
    "approvals/signing.py": ("why_not",),
    "approvals/standing.py": ("faults",),
    "approvals/content.py": ("changed_words",),
    "accounts/four_eyes.py": ("objections",),
}
"""Functions whose words a refusal is made of, by their files."""
SAMPLES = {
    "langs": "zh and en", "when": "2022-01-10T04:00:00+00:00", "kind": "statistics", "work": "compiled, wrote",
    "names": "licence, contact", "kinds": "statistics", "role": "text_approver", "roles": "clerk or writer",
}  # fmt: skip
PLACES = (
    (r"' and '\.join", "langs"), (r"isoformat", "when"), (r"^kind$", "kind"), (r"join\(done\)", "work"),
    (r"join\(lacking\)", "names"), (r"join\(held\)", "kinds"), (r"ROLE\[", "role"), (r"share:", "share"),
)  # fmt: skip


def _sample(node: ast.FormattedValue) -> str:
    told = ast.unparse(node.value)
    kind = next((kind for form, kind in PLACES if re.search(form, told)), "")
    if kind in SAMPLES:
        return SAMPLES[kind]
    if node.format_spec is not None:
        return "71.5%" if "%" in ast.unparse(node.format_spec) else "7"
    return {"shown": "1.1.01, 1.2.01 ...", "issue.reason": "a holiday", "name": "licence"}.get(told, "7")


def _words(node: ast.expr) -> str | None:
    """A text that the program writes, with samples for what it fills in; None for what is no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [_sample(p) if isinstance(p, ast.FormattedValue) else str(ast.literal_eval(p)) for p in node.values]
        return "".join(parts)
    return None


def clauses() -> Iterator[tuple[str, str]]:
    """Every sentence of the functions above, with where it stands."""
    for file, names in SAID_BY.items():
        tree = ast.parse((SOURCE / file).read_text(encoding="utf-8"))
        found = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name in names]
        assert {n.name for n in found} == set(names), file
        for function in found:
            doc = ast.get_docstring(function, clean=False)
            inside = {id(c) for n in ast.walk(function) if isinstance(n, ast.JoinedStr) for c in ast.walk(n)} - {
                id(n) for n in ast.walk(function) if isinstance(n, ast.JoinedStr)
            }
            for node in ast.walk(function):
                words = _words(node) if isinstance(node, ast.expr) and id(node) not in inside else None
                if words is not None and words != doc and words.count(" ") > 1:
                    yield f"{file}:{node.lineno}", words


@pytest.mark.parametrize(("where", "words"), list(clauses()))
def test_every_clause_has_its_words(where: str, words: str) -> None:
    from ellwand.office.screens.refusals import in_chinese

    # What is counted is put before these.
    found = in_chinese(words) or in_chinese(f"7 {words}")
    assert found is not None, f"{where}: {words!r} has no words in Chinese"
    assert re.search(r"[\u4e00-\u9fff]", found)


def test_the_guards_and_their_exceptions() -> None:
    from ellwand.office.rounds import states
    from ellwand.office.screens.refusals import in_chinese

    for rule in states.TABLE.values():
        said = states.objections(rule, {"admin"} if rule.roles else {"clerk"}, {})
        found = in_chinese(f"round price-2022-W01 can't move from {rule.source} to {rule.target}: " + "; ".join(said))
        assert found is not None and not re.search(r"[a-z]{3,}", found.replace("price-2022-W01", "")), said
    told = states.objections(states.rule_of("closed", "reviewing"), {"supervisor"}, {"response": "it is empty"})
    assert in_chinese("; ".join(told)) == "回收率：未填写（主管可签署例外）"


def test_whole_sentences() -> None:
    from ellwand.office.screens.refusals import in_chinese

    assert in_chinese(
        "round price-2022-W01 can't move from reviewing to compiled: needs the role compiler; queue: 3 flagged quotes "
        "have no decision, 1 judgements have no second reader (a reviewer may sign an exception); recompute: "
        "price/1/1.1 of 2022-W01: published was 100.01, and is 100.02 now (a supervisor may sign an exception)"
    ) == (
        "期次price-2022-W01不能从“审核中”转到“已编制”：需要角色：编制员；审核清单：3条标记的报价未作决定，1项判断待会签"
        "（审核员可签署例外）；重新计算：2022-W01的price/1/1.1：published原为100.01，现为100.02（主管可签署例外）"
    )
    assert in_chinese(
        "round price-2022-W01 can't move from compiled to drafted: text: 2 findings in the texts, the first: en 5:1: "
        "figure: '7; 8': is 9; rationale: the rationale in zh is empty; the public metadata lack licence, contact"
    ) == (
        "期次price-2022-W01不能从“已编制”转到“文稿完成”：文稿：文稿有2处不符，见“价格评述”页；编制说明：中文编制说明为空；"
        "公开信息缺许可、联系方式"
    )
    assert in_chinese(
        "max can't approve the statistics of price-2022-W01: did part of the work (compiled, reviewed); somebody who "
        "did none must approve (rule 1); did not open the preview of what the statistics approval signs (0f3a); open "
        "it first"
    ) == (
        "max不能批准price-2022-W01的统计数据：参与过本期工作（编制、审核）；须由未参与的人批准（规则1）；没有打开统计数据批准"
        "所签内容的预览（0f3a），请先打开"
    )
    assert in_chinese("round price-2022-W01: something that nobody foresaw") is None


def test_on_the_screens(sqlite_week: Any) -> None:
    week = sqlite_week
    office, found = week.office, week.compiled()
    writer = office.client("wen", language="zh-hans")
    answer = writer.post(f"/office/rounds/{found.code}/text/", {"act": "hand_over"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "不能从“已编制”转到“文稿完成”" in page and "中文、英文价格评述未写" in page
    assert "is not written" not in page
    english = office.client("wen").post(f"/office/rounds/{found.code}/text/", {"act": "hand_over"}).content.decode()
    assert "the price comment in zh and en is not written" in english
    # What has no words is shown as it is, and marked.
    answer = writer.post(f"/office/rounds/{found.code}/text/", {"act": "burn"})
    assert '<span lang="en">act &#x27;burn&#x27; is not known here</span>' in answer.content.decode()


REGISTERS = {
    "registry/calendar.py": ("change", "skip", "_open", "call_off", "said"),
    "registry/calendar_sheets.py": ("take_holidays",),
    "registry/methods.py": ("propose", "_after", "first_day", "comment", "reply", "decide", "_undecided"),
    "registry/baskets.py": ("prepare", "choice", "decide", "_undecided", "_bring"),
    "registry/deciding.py": ("decider", "not_begun", "text"),
    "registry/classes.py": ("adopt", "_parts"),
    "registry/sample_book.py": ("replace", "_checked"),
    "registry/cessation.py": ("fault",),
    "registry/taking.py": ("book_of", "take_row", "_need", "kept_sheet"),
    "registry/sheets.py": ("read", "_heading"),
    "screens/registers.py": ("sheet_of", "_as_of"),
    "screens/calendar_.py": ("issue", "_instant"),
    "screens/methods_.py": ("_day", "_act"),
    "screens/sample_book.py": ("replacement",),
}
"""Functions of the registers and their screens that refuse something."""
FILLED = {
    "release_at.isoformat()": SAMPLES["when"], "cutoff_at.isoformat()": SAMPLES["when"], "why": "scheduled",
    "what": "plan in Chinese", "DIVIDER!r": "' / '", "name": "Chinese", "book.name": "items", "first": "row 3",
    "by.username": "cai", "family": "price", "', '.join(BOOKS)": "sources, units", "', '.join(book.keys)": "item",
    "given.comments_until": "2022-01-20", "proposal.comments_until": "2022-01-20", "until": "2022-01-20",
    "start": "2022-01-20", "today()": "2022-01-20", "rotation.OVERLAP": "overlap", "rotation.BY_METHOD": "method",
}  # fmt: skip


PERIODS = ("effective_from", "last", "start", "proposal.effective_from")
COUNTED = ("LEAST", "SIZE", "LONGEST", "HEADING", "most", "given.size", "LIMITS.size")


def refusals() -> Iterator[tuple[str, str]]:
    """Every message with which one of these functions refuses something, with where it stands."""
    for file, names in REGISTERS.items():
        tree = ast.parse((SOURCE / file).read_text(encoding="utf-8"))
        found = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name in names]
        assert {n.name for n in found} == set(names), file
        for function in found:
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "DataError":
                    yield f"{file}:{node.lineno} {function.name}", ast.unparse(node.args[0])


def _filled(words: str, where: str) -> str:
    """A message with samples in its places."""
    node = ast.parse(words, mode="eval").body
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.JoinedStr), f"{where}: {words}"
    out = ""
    for part in node.values:
        if isinstance(part, ast.Constant):
            out += str(part.value)
            continue
        assert isinstance(part, ast.FormattedValue)
        told = ast.unparse(part.value)
        if part.conversion == ord("r"):
            out += FILLED.get(f"{told}!r", "'x'")
        elif told == "start" and "sample_book" in where:
            out += "2022-W05"
        elif told == "name" and where.endswith("_instant"):
            out += "cutoff_at"
        elif told in FILLED:
            out += "proposal" if told == "what" and where.endswith("decider") else FILLED[told]
        elif told.startswith("len(") or told in COUNTED:
            out += "7"
        elif "period" in told or "valid_from" in told or told in PERIODS:
            out += "2022-W05"
        else:
            out += "effective_from" if told == "name" else "1.1.01"
    return out


SKIPPED = ("str(error)", "'; '.join", "message_zh", "f'{period}: ' + said.get")
"""Messages that carry those of other rooms, which have words of their own."""


@pytest.mark.parametrize(("where", "words"), [r for r in refusals() if not any(s in r[1] for s in SKIPPED)])
def test_every_refusal_of_the_registers_has_its_words(where: str, words: str) -> None:
    from ellwand.office.screens.refusals import in_chinese

    text = _filled(words, where)
    found = in_chinese(text)
    assert found is not None, f"{where}: {text!r} has no words in Chinese"
    assert re.search(r"[\u4e00-\u9fff]", found)


def test_what_holds_a_date_or_a_proposal_back() -> None:
    from ellwand.office.screens.refusals import in_chinese

    assert in_chinese("2022-W05: its round is scheduled; only postponing, with a notice, changes its date") == (
        "2022-W05：本期编制状态为“待发布”，只能推迟发布并公告来改期"
    )
    assert in_chinese("2022-W05: is not in the calendar; extend the calendar first") is not None
    assert in_chinese("2022-W05: its instant has passed") is not None
    assert (
        in_chinese(
            "comments are open until 2022-01-25; 1 comments have no reply; no parallel run is stored; compute it first"
        )
        == "意见征求至2022-01-25；1条意见尚未答复；尚未并行试算，请先试算"
    )
