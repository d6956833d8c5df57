"""What the guard reads and finds in sentences that people write; the facts are those of one hand-made week."""

import importlib.util
from pathlib import Path

import pytest

from ellwand.engine.errors import DataError
from ellwand.production.comment import Bound, FactTable, Span, check_text, compare_texts, make_plan, write
from ellwand.production.comment.numerals import chinese, of_chinese, of_english, plain

SPEC = importlib.util.spec_from_file_location("golden_tables", Path(__file__).parent / "test_golden.py")
assert SPEC and SPEC.loader
golden = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(golden)


@pytest.fixture(scope="module")
def week(table_of) -> FactTable:
    return golden.ordinary(table_of)


TRUE = [
    ("zh", "总指数报105.58点，较上期小幅上涨百分之零点二六。"),
    ("zh", "原料比上期上涨０．３７％，报８３．０３点。"),
    ("zh", "总指数同比下跌0.85%，环比上涨0.26%。"),
    ("zh", "与年初相比，坯布跌幅3.05%。"),
    ("zh", "原料的贡献为0.271个百分点，家纺为-0.032个百分点。"),
    ("zh", "原料的贡献为零点二七一个百分点。"),
    ("zh", "原料比上周上涨0.37%。"),
    ("zh", "第十一周，总指数报一百零五点五八点。"),
    ("zh", "本期共有5812个报价，来自987家样本单位。"),
    ("zh", "坯布无明显变化。"),
    ("zh", "3月11日至17日，原料上涨0.37%。"),
    ("zh", "【据海关总署：3月出口增长3.2%。】"),
    ("zh", "普梳32S棉纱比上期下跌0.51%。"),
    ("en", "Raw materials were 0.37 % higher than in the previous issue."),
    ("en", "Grey fabrics fell 3.05 per cent since the beginning of the year, but stood at 116.44 points."),
    ("en", "Year on year the total index lost 0.85 percent."),
    ("en", "A rise of 0.52 % in polyester was the largest."),
    ("en", "Raw materials added 0.271 percentage points."),
    ("en", "Compared with the previous issue, raw materials rose 0.37 % and home textiles fell 0.31 %."),
    ("en", "Raw materials rose 0.37 % and home textiles fell 0.31 % on the previous issue."),
    ("en", "On 11 March 2024 collection began; raw materials rose to 83.03 points."),
    ("en", "[According to the customs office: exports rose by 3.2 % in March.]"),
    ("en", "The prices of 5,812 quotes were used, from 987 sample units of the total index."),
    ("en", "Carded cotton yarn 32S fell by 0.51 % on the previous issue."),
]

FALSE = [
    ("zh", "原料报83.04点。", "figure", "83.04点"),
    ("zh", "原料比上期上涨百分之零点三八。", "figure", "百分之零点三八"),
    ("zh", "原料比上期上涨三成。", "figure", "三成"),
    ("zh", "原料比上期上涨０．７３％。", "figure", "０．７３％"),
    ("zh", "原料比上期下跌0.37%。", "direction", "下跌"),
    ("zh", "原料比上期微涨0.37%。", "size", "微涨"),
    ("zh", "原料比上期大幅上涨0.37%。", "size", "大幅上涨"),
    ("zh", "原料比年初上涨0.37%。", "basis", "比年初"),
    ("zh", "坯布比上期上涨0.37%。", "name", "坯布"),
    ("zh", "原料上涨0.37个百分点。", "unit", "0.37个百分点"),
    ("zh", "原料上涨0.37点。", "unit", "0.37点"),
    ("zh", "原料报83.03%。", "unit", "83.03%"),
    ("zh", "原料指数为83.03。", "unit", "83.03"),
    ("zh", "坯布比上期上涨0.08%。", "direction", "上涨"),
    ("zh", "坯布与上期持平。", "direction", "持平"),
    ("zh", "2024年第12周，总指数报105.58点。", "period", "2024年第12周"),
    ("zh", "3月11日至18日，总指数报105.58点。", "period", "3月11日至18日"),
    ("zh", "2024年2月30日，总指数报105.58点。", "period", "2024年2月30日"),
    ("zh", "总指数比上期（两周前）上涨0.26%。", "period", "两周前"),
    ("zh", "总指数报1,05.58点。", "no_fact", "1"),
    ("zh", "按推算，原料报83.03点。", "status", "83.03点"),
    ("zh", "原料本期不公布。", "status", "原料"),
    ("zh", "原料没有上涨。", "unreadable", "没有上涨"),
    ("zh", "原料价格翻番。", "unreadable", "翻番"),
    ("zh", "抑制总指数的是原料。", "direction", "抑制总指数的是"),
    ("zh", "家纺拉动总指数。", "direction", "拉动总指数"),
    ("zh", "坯布拉动最多。", "name", "坯布"),
    ("zh", "棉纱比上期下跌0.51%。", "name", "棉纱"),
    ("zh", "## 原料\n\n原科报83.03点。", "name", "原科报"),
    ("en", "## Raw materials\n\nRow materials rose by 0.37 %.", "name", "Row materials"),
    ("zh", "出口增长3.2%。", "name", "出口增长"),
    ("zh", "【据：出口增长3.2%。】", "outside", None),
    ("zh", "【据某机构：原料指数报90.00点。】", "outside", None),
    ("zh", "三大类全部上涨。", "direction", "三大类全部"),
    ("zh", "The total index rose on the previous issue.", "language", None),
    ("en", "Raw materials rose by 0.73 % on the previous issue.", "figure", "0.73 %"),
    ("en", "Raw materials fell by 0.37 % on the previous issue.", "direction", "fell"),
    ("en", "Raw materials rose sharply by 0.37 %.", "size", "rose sharply"),
    ("en", "Raw materials edged up by 0.37 %.", "size", "edged up"),
    ("en", "Raw materials rose by 0.37 % on the beginning of the year.", "basis", "beginning of the year"),
    ("en", "Home textiles rose by 0.37 % on the previous issue.", "name", "Home textiles"),
    ("en", "Raw materials rose by 0.37 percentage points.", "unit", "0.37 percentage points"),
    ("en", "Raw materials rose by 0.37 points.", "unit", "0.37 points"),
    ("en", "Grey fabrics rose on the previous issue.", "direction", "rose"),
    ("en", "In week 10 of 2024, the total index stood at 105.58 points.", "period", "week 10 of 2024"),
    ("en", "From 11 to 18 March 2024 raw materials rose.", "period", "11 to 18 March 2024"),
    ("en", "Raw materials did not rise.", "unreadable", "did not rise"),
    ("en", "Prices of raw materials doubled.", "unreadable", "doubled"),
    ("en", "The previous issue was two weeks earlier.", "period", "two weeks earlier"),
    ("en", "There were 5,813 matched quotes of the total index.", "figure", "5,813 matched quotes"),
    ("en", "Grey fabrics was pulled up by raw materials.", "name", "Grey fabrics"),
    ("en", "Exports rose by 3.2 %.", "name", "Exports"),
    ("en", "[According to : exports rose.]", "outside", None),
    ("en", "The 90 % interval of the change on the previous issue runs from +0.16 % to +0.36 %.", "figure", "90 %"),
    ("en", "总指数上涨。", "language", None),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text"), TRUE)
def test_true_sentences_have_no_finding(week, language, text) -> None:
    assert [str(f) for f in check_text(text, language, week)] == []


@pytest.mark.parametrize(("language", "text", "kind", "piece"), FALSE)
def test_false_sentences_are_found_where_they_are_false(week, language, text, kind, piece) -> None:
    found = check_text(text, language, week)
    assert [f for f in found if f.kind == kind and (piece is None or f.text == piece)], [str(f) for f in found]


def test_a_finding_has_line_column_and_length(week) -> None:
    text = "# 题\n\n## 原料上涨\n\n原料报83.03点，比上期下跌0.37%。\n"
    one = next(f for f in check_text(text, "zh", week) if f.kind == "direction")
    assert (one.line, one.column, one.length, one.text) == (5, 14, 2, "下跌")
    assert one.fact == "price/1@2024-W11:change_previous"


def test_a_class_outside_its_parts_is_a_fault_of_the_table(table_of) -> None:
    last = {"index": [100.0] * 6, "change_previous": [0.3, 0.9, 0.52, -0.05, 0.1, 0.2]}
    facts = FactTable(golden.table(table_of, ["2024-W10", "2024-W11"], last))
    bound = write(make_plan(facts), "en")
    assert {(f.kind, f.fact) for f in check_text(bound.text, "en", facts)} == {
        ("parts", "price/1@2024-W11:change_previous")
    }


def test_the_outlook_is_free_but_for_figures(week) -> None:
    assert check_text("## 展望\n\n预计第12周原料将小幅上涨。\n", "zh", week, ()) == []
    text = write(make_plan(week), "zh").text + "\n预计下期原料继续上涨，涨幅2%。\n"
    assert [f.kind for f in check_text(text, "zh", week)] == ["figure"]
    text = write(make_plan(week), "zh").text + "\n预计下期原料下跌。\n"
    assert check_text(text, "zh", week) == []


def test_headings_are_whole_in_order_and_over_their_own_text(week) -> None:
    text = write(make_plan(week), "en").text
    grey = text[text.index("## Grey") : text.index("## Home")]
    for changed, message in (
        (text.replace(grey, ""), "is missing"),
        (text.replace(grey, "").replace("## Outlook", grey + "## Outlook"), "out of the order"),
        (text.replace("## Outlook", grey + "## Outlook"), "has a heading already"),
        (text.replace("## Grey fabrics", "## Polyester"), "no class has this name"),
        (
            text.replace("The index of grey fabrics stood at 116.44", "The index of home textiles stood at 102.50"),
            "under",
        ),
    ):
        assert any(f.kind == "heading" and message in f.message for f in check_text(changed, "en", week)), message


def test_an_editor_changes_words_and_keeps_bindings(week) -> None:
    bound = write(make_plan(week), "en")
    changed = bound.text.replace("The issue rests on", "Behind this issue stand").replace("105.58", "105.85", 1)
    edited, lost = bound.edited(changed)
    assert [(one.kind, one.value) for one in lost] == [("figure", "105.58")]
    assert len(edited.spans) == len(bound.spans) - 1
    stood = [one for one in bound.spans if one not in lost]
    for before, after in zip(stood, edited.spans, strict=True):
        assert (before.kind, before.fact, before.value) == (after.kind, after.fact, after.value)
        assert bound.text[before.start : before.end] == changed[after.start : after.end]
    assert [f.text for f in check_text(edited.text, "en", week, edited.spans)] == ["105.85 points"]


def test_a_name_changed_under_its_span_is_a_broken_binding(week) -> None:
    text = "坯布上涨。"
    span = Span(0, 2, "name", "price/1@2024-W11:change_previous", "0.37")
    assert "binding" in {f.kind for f in check_text(text, "zh", week, [span])}
    unknown = Span(0, 2, "name", "price/9@2024-W11:change_previous")
    assert "no_fact" in {f.kind for f in check_text(text, "zh", week, [unknown])}


def test_languages_that_disagree(week) -> None:
    plan = make_plan(week)
    zh, en = write(plan, "zh").text, write(plan, "en").text
    found = compare_texts(zh, en.replace("0.26", "0.62"), week)
    assert [f.text for f in found["zh"]] == ["0.26%"] and [f.text for f in found["en"]] == ["0.62\u202f%"]
    found = compare_texts(zh.replace("## 家纺下跌", ""), en, week)
    assert any("heading" in f.message for f in found["en"])


@pytest.mark.parametrize("marked", ["⟦figure:a@b:c=1|2", "⟦Figure:a@b:c=1|2⟧", "x⟧"])
def test_marks_that_are_not_whole_are_refused(marked) -> None:
    with pytest.raises(DataError, match="not whole"):
        Bound.of_marked(marked, "zh", "2024-W11")


def test_spans_that_overlap_are_refused() -> None:
    with pytest.raises(DataError, match="overlaps"):
        Bound("zh", "2024-W11", "原料", (Span(0, 2, "name", "a"), Span(1, 2, "name", "b")))
    with pytest.raises(DataError, match="unknown kind"):
        Bound("zh", "2024-W11", "原料", (Span(0, 2, "noun", "a"),))


@pytest.mark.parametrize(
    ("text", "value"),
    [("零", "0"), ("两", "2"), ("十", "10"), ("十五", "15"), ("二十", "20"), ("一百零五", "105"), ("三千零二", "3002"),
     ("五万六千", "56000"), ("一亿二千万", "120000000"), ("零点三", "0.3"), ("一百零五点五八", "105.58"),
     ("二〇二四", "2024")],
)  # fmt: skip
def test_chinese_numerals(text, value) -> None:
    assert str(of_chinese(text)) == value


def test_numbers_go_there_and_back() -> None:
    assert all(of_chinese(chinese(k)) == k for k in range(100))
    assert [int(of_english(w)) for w in ("three", "twenty-one", "ninety")] == [3, 21, 90]


def test_plain_forms_keep_every_position() -> None:
    text = "总指数１，２５２．２２点，涨０．３％，跌−0.2\u202f%，３，４５点"
    assert plain(text) == "总指数1,252.22点，涨0.3%，跌-0.2 %，3，45点"
    assert len(plain(text)) == len(text)


def test_a_period_without_an_issue_is_refused(table_of) -> None:
    made = golden.holiday(table_of)
    with pytest.raises(DataError, match="has no issue"):
        FactTable(golden.table(table_of, ["2024-W10", "2024-W11"], {"index": [1.0] * 6}, before=[0]), "2024-W10")
    assert made.gap == 3 and made.bases["year_start"] is None
