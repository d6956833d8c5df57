"""Rows against registers: each row is a quote or a list of problems, and nothing is half-imported."""

import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ellwand.office.collection.messages import MESSAGES, shown
from ellwand.office.collection.quotes import Result
from ellwand.office.collection.rows import STATUSES, TYPES
from ellwand.office.collection.sheets import read_book

Sheet = Callable[..., Result]
Make = Callable[..., bytes]


def rules(result: Result) -> list[tuple[int, str, str]]:
    return [(p.row, p.column, p.rule) for p in result.problems]


def test_a_plain_sheet(sheet: Sheet) -> None:
    result = sheet(
        ["U1", "I1", "米", 12.5, "2024-03-11", None, "现货"],
        ["甲布行", "棉布", None, "13.00", None, None, None],
        ["Yi Textiles", "POLYESTER  staple", "kg", "１２，３４５．６", "3月12日", None, None],
    )
    assert result.problems == ()
    assert [(q.unit, q.item, q.price, q.date, q.remark) for q in result.accepted] == [
        ("U1", "I1", Decimal("12.5"), "2024-03-11", "现货"),
        ("U1", "I4", Decimal("13"), "2024-W11", ""),
        ("U2", "I2", Decimal("12345.6"), "2024-03-12", ""),
    ]
    assert result.summary == {
        "rows": 3, "accepted": 3, "priced": 3, "without_price": 0, "converted": 0, "repeated": 0, "refused": 0,
        "problems": {},
    }  # fmt: skip


def test_a_wrong_row_stops_nothing_and_is_never_half_imported(sheet: Sheet) -> None:
    result = sheet(
        ["U1", "I1", "米", 12.5, None, None, None],
        ["U9", "I9", "斤", "1,5", "11/3/2024", "?", None],
        ["U2", "I1", "米", 13, None, None, None],
    )
    assert [q.row for q in result.accepted] == [2, 4]
    assert rules(result) == [
        (3, "A", "unit unknown"),
        (3, "B", "item unknown"),
        (3, "D", "decimal comma"),
        (3, "F", "status unknown"),
        (3, "E", "date order"),
        (3, "C", "measure unknown"),
    ]
    assert result.refused == (("Sheet", 3),)
    for p in result.problems:
        assert p.message_zh.startswith(f"第3行{p.column}列（")
        assert p.message_en.startswith(f"row 3, column {p.column} (")
        assert p.remedy_zh
        assert p.remedy_en
        assert p.value


def test_near_names_are_offered(sheet: Sheet) -> None:
    result = sheet(["U1", "涤纶春亜纺", None, 12, None, None, None], ["Jia Clot", "I1", None, 12, None, None, None])
    assert "I1 涤纶春亚纺" in result.problems[0].remedy_zh
    assert "I1 polyester pongee" in result.problems[0].remedy_en
    assert "U1 Jia Cloth" in result.problems[1].remedy_en


def test_a_name_of_several_units_is_refused_without_a_code(sheet: Sheet) -> None:
    header = ("样本单位", "样本单位名称", "品名", "价格")
    result = sheet(
        [None, "联营店", "I1", 12], ["U4", "联营店", "I1", 12], ["U3", "甲布行", "I1", 12], [None, None, "I1", 12],
        ["U1", "甲布行", None, 12], header=header,
    )  # fmt: skip
    assert [q.unit for q in result.accepted] == ["U4"]
    assert rules(result) == [
        (2, "B", "unit in doubt"), (4, "B", "code and name"), (5, "A", "unit missing"), (6, "C", "item missing")
    ]  # fmt: skip


@pytest.mark.parametrize(("word", "status"), [(w, s) for w, s in STATUSES.items() if s])
def test_codes_for_no_price(word: str, status: str, sheet: Sheet) -> None:
    result = sheet(["U1", "I1", "米", None, None, word, None], ["U1", "I4", None, word, None, None, None])
    assert [(q.status, q.price) for q in result.accepted] == [(status, None), (status, None)]
    assert result.summary["without_price"] == 2


def test_a_price_and_a_code_that_says_there_is_none(sheet: Sheet) -> None:
    result = sheet(
        ["U1", "I1", "米", 12, None, "停业", None],
        ["U1", "I4", "米", 12, None, "替代", "another cloth"],
        ["U1", "I3", None, None, None, None, None],
        ["U1", "I2", None, None, None, "正常", None],
        ["U2", "I2", None, "缺货", None, "停业", None],
    )
    assert [(q.item, q.status, q.price) for q in result.accepted] == [("I4", "substituted", 12)]
    assert [(r, x) for r, _, x in rules(result)] == [
        (2, "price and code"), (4, "price missing"), (5, "price missing"), (6, "price and code")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("price", "rule"),
    [
        (0, "price not above 0"),
        (-3.5, "price not above 0"),
        ("-3", "price not above 0"),
        (0.00001, "price not above 0"),
        (10**8, "price too large"),
        ("1e5", "exponent"),
        ("12%", "percent"),
        (date(2024, 3, 11), "date for a number"),
        (True, "no number"),
        ("面议", "no number"),
        ("US$3", "other currency"),
        ("$3", "other currency"),
        ("1.234,50", "decimal comma"),
    ],
)
def test_prices_refused(price: object, rule: str, sheet: Sheet) -> None:
    result = sheet(["U1", "I1", None, price, None, None, None], ["U2", "I1", None, 12, None, None, None])
    assert [(p.row, p.field, p.rule) for p in result.problems] == [(2, "price", rule)]
    assert len(result.accepted) == 1


def test_thousands_are_doubted_in_a_sheet_with_decimal_commas(sheet: Sheet) -> None:
    rows = [["U1", "I1", None, "1,234", None, None, None], ["U1", "I4", None, "1,234.5", None, None, None]]
    assert [q.price for q in sheet(*rows).accepted] == [1234, Decimal("1234.5")]
    result = sheet(*rows, ["U1", "I3", None, "12,50", None, None, None])
    assert rules(result) == [(2, "D", "thousands in doubt"), (4, "D", "decimal comma")]
    assert [q.item for q in result.accepted] == ["I4"]


# Units of measure


def test_a_price_in_another_unit_of_measure_is_converted_and_marked(sheet: Sheet) -> None:
    result = sheet(
        ["U1", "I1", "码", 9.144, None, None, None],
        ["U2", "I1", None, "100元/公斤", None, None, None],
        ["U1", "I2", "吨", "7500", None, None, None],
        ["U1", "I3", "打", 24, None, None, None],
    )
    assert result.problems == ()
    # A yard is 0.9144 m; a metre of 150 cm and 80 g/m2 weighs 0.12 kg.
    assert [q.price for q in result.accepted] == [10, 12, Decimal("7.5"), 2]
    assert [q.unit_of_measure for q in result.accepted] == ["m", "m", "kg", "piece"]
    assert [q.reported_measure for q in result.accepted] == ["yd", "kg", "t", "dozen"]
    assert [q.reported for q in result.accepted] == [Decimal("9.144"), 100, 7500, 24]
    assert {n.rule for q in result.accepted for n in q.notes} == {"converted"}
    assert result.summary["converted"] == 4


@pytest.mark.parametrize(
    ("item", "measure", "said"),
    [("I4", "公斤", "克重、幅宽"), ("I3", "米", "没有换算关系"), ("I2", "平方米", "克重"), ("I3", "包", "每包件数")],
)
def test_a_price_that_cannot_be_converted_is_a_problem(item: str, measure: str, said: str, sheet: Sheet) -> None:
    result = sheet(["U1", item, measure, 12, None, None, None])
    assert rules(result) == [(2, "C", "other measure")]
    assert said in result.problems[0].message_zh
    assert result.accepted == ()


def test_two_units_of_measure_in_one_row(sheet: Sheet) -> None:
    result = sheet(["U1", "I1", "码", "12元/米", None, None, None], ["U2", "I1", "米", "12元/米", None, None, None])
    assert rules(result) == [(2, "C", "two measures")]
    assert len(result.accepted) == 1


def test_the_heading_says_the_basis_of_prices(sheet: Sheet) -> None:
    result = sheet(["U1", "I2", 0.75], header=("样本单位", "品名", "单价（万元/吨）"))
    assert [(q.price, q.reported, q.reported_measure) for q in result.accepted] == [(Decimal("7.5"), 7500, "t")]
    assert [n.rule for n in result.accepted[0].notes] == ["scaled", "converted"]
    result = sheet(["U1", "I2", "0.75万"], header=("样本单位", "品名", "单价（万元/吨）"))
    assert rules(result) == [(2, "C", "two scales")]
    result = sheet(["U1", "I2", 7], header=("样本单位", "品名", "单价(美元)"))
    assert rules(result) == [(2, "C", "other currency")]
    result = sheet(["U1", "I2", 7], header=("样本单位", "品名", "单价（含税）"))
    assert [n.rule for n in result.notices] == ["heading remark"]
    result = sheet(["U1", "I2", 7], header=("样本单位", "品名", "单价（元/斤）"))
    assert rules(result) == [(1, "C", "measure unknown")]
    assert result.accepted == ()
    result = sheet(["U1", "I3", 7], header=("样本单位", "品名", "单价（元/匹）"), measures={"匹": "pack 10"})
    assert [q.price for q in result.accepted] == [Decimal("0.7")]


@pytest.mark.parametrize(
    ("form", "rule", "price"),
    [
        ("[$$-409]#,##0.00", "other currency", None),
        ("[$USD] 0.00", "other currency", None),
        ("\\$0.00", "other currency", None),
        ('0.00"美元"', "other currency", None),
        ("0.00%", "percent", None),
        ('0.00"元/斤"', "measure unknown", None),
        ('0.00"元/码"', "", Decimal("9.8425")),
        ('0.00"元/米"', "", 9),
        ("[$¥-804]#,##0.00;[Red]-0.00", "", 9),
        ('_ "¥"* #,##0.00_ ', "", 9),
        ("$#,##0.00_);($#,##0.00)", "other currency", None),
        ('"$"#,##0.00_);("$"#,##0.00)', "", 9),
        ("0.00_ ", "", 9),
        ("[$-804]0.00", "", 9),
    ],
)
def test_what_the_number_format_shows_belongs_to_the_price(form: str, rule: str, price: Any, sheet: Sheet) -> None:
    def change(book: Any) -> None:
        book.active["D2"].number_format = form

    result = sheet(["U1", "I1", None, 9, None, None, None], change=change)
    if rule:
        assert rules(result) == [(2, "D", rule)]
    else:
        assert [q.price for q in result.accepted] == [price]


def test_a_basis_above_the_header(workbook: Make, read: Any) -> None:
    made = workbook([["单位：元/码"], ["样本单位", "品名", "单价"], ["U1", "I1", 9.144]])
    assert [q.price for q in read(made).accepted] == [10]


def test_a_price_or_quantity_too_large_for_the_record(sheet: Sheet) -> None:
    items = {"I1": {"name_zh": "切片", "unit_of_measure": "t"}}
    result = sheet(["U1", "I1", "kg", 10**7, None, None, None], items=items)
    assert rules(result) == [(2, "D", "price too large")]
    result = sheet(["U1", "I1", 12, 10**12], header=("样本单位", "品名", "价格", "数量"))
    assert rules(result) == [(2, "D", "number too long")]


# Columns


def test_the_short_word_for_unit_is_settled_by_what_stands_below(sheet: Sheet) -> None:
    result = sheet(["甲布行", "I1", 12], header=("单位", "品名", "单价"))
    assert [q.unit for q in result.accepted] == ["U1"]
    result = sheet(["码", "I1", 12], header=("单位", "品名", "单价"), unit="U2")
    assert [(q.unit, q.reported_measure) for q in result.accepted] == [("U2", "yd")]
    result = sheet(["U1", "码", "I1", 12], header=("样本单位", "单位", "品名", "单价"))
    assert [q.reported_measure for q in result.accepted] == ["yd"]


@pytest.mark.parametrize("below", [["x", "y"], ["米", "U1"]])
def test_a_name_that_stays_in_doubt_refuses_the_sheet(below: list[str], sheet: Sheet) -> None:
    result = sheet(*[[b, "I1", 12] for b in below], header=("单位", "品名", "单价"), unit="U1")
    assert rules(result) == [(1, "A", "column in doubt")]
    assert result.accepted == ()
    assert result.refused == (("Sheet", 2), ("Sheet", 3))


def test_two_columns_of_one_meaning_refuse_the_sheet(sheet: Sheet) -> None:
    result = sheet(["U1", "I1", 12, 13], header=("样本单位", "品名", "价格", "单价"))
    assert rules(result) == [(1, "D", "column twice")]
    assert "C, D" in result.problems[0].message_en


def test_unknown_columns_are_reported_and_not_read(sheet: Sheet) -> None:
    result = sheet(["U1", "I1", 12, "red"], header=("样本单位", "品名", "价格", "颜色"))
    assert [(n.rule, "D" in n.message_en) for n in result.notices] == [("unknown column", True)]
    assert len(result.accepted) == 1


@pytest.mark.parametrize(
    "header",
    [
        ("Unit code", "Item", "Price"),
        ("样本单位/Unit code", "品名 Item name", "价格\nPrice"),
        ("SAMPLE_UNIT*", "product-name", "unit price (RMB)"),
        ("＊样本单位：", "产品名称", "单价（元）"),
    ],
)
def test_headers_in_both_languages(header: tuple[str, ...], sheet: Sheet) -> None:
    assert len(sheet(["U1", "towel", 12], header=header).accepted) == 1


def test_no_unit_anywhere(sheet: Sheet) -> None:
    result = sheet(["I1", 12], header=("品名", "价格"))
    assert rules(result) == [(1, "", "unit not given")]
    assert len(sheet(["I1", 12], header=("品名", "价格"), unit="U1").accepted) == 1


def test_a_unit_sends_only_its_own_rows(sheet: Sheet) -> None:
    result = sheet(["U1", "I1", None, 12, None, None, None], ["U2", "I1", None, 12, None, None, None], unit="U1")
    assert rules(result) == [(3, "A", "another unit")]


def test_pairs_that_are_not_due(sheet: Sheet) -> None:
    rows = [["U1", "I1", None, 12, None, None, None], ["U1", "I4", None, 12, None, None, None]]
    assert rules(sheet(*rows, assignments={("U1", "I1")})) == [(3, "B", "not assigned")]


def test_a_sheet_of_another_period_or_unit_is_refused(workbook: Make, read: Any) -> None:
    made = workbook([["样本单位", "U1", "报告期：2024-W12"], ["品名", "单价"], ["I1", 12]])
    assert rules(read(made)) == [(1, "C", "outside the period")]
    assert [q.unit for q in read(made, period="2024-W12").accepted] == ["U1"]
    assert rules(read(made, period="2024-W12", unit="U2")) == [(1, "A", "another unit")]
    made = workbook([["样本单位", "U9"], ["品名", "单价"], ["I1", 12]])
    assert rules(read(made)) == [(1, "A", "unit unknown")]


# Dates, types, quantities


@pytest.mark.parametrize(
    "day",
    ["2024-03-11", "2024年3月17日", "3月15日", "2024-W11", "第11周", 45362, "45362", 20240311, date(2024, 3, 14)],
)
def test_dates_in_the_period(day: object, sheet: Sheet) -> None:
    result = sheet(["U1", "I1", None, 12, day, None, None])
    assert result.problems == ()
    serial = "serial date" in [n.rule for n in result.accepted[0].notes]
    assert serial == (str(day) == "45362")


@pytest.mark.parametrize(
    ("day", "rule"),
    [
        ("2024-03-18", "outside the period"),
        ("2024-03", "outside the period"),
        (45000, "outside the period"),
        (60, "no such day"),
        ("2024-02-30", "no such day"),
        ("11/03/2024", "date order"),
        ("soon", "no date"),
    ],
)
def test_dates_refused(day: object, rule: str, sheet: Sheet) -> None:
    result = sheet(["U1", "I1", None, 12, day, None, None])
    assert rules(result) == [(2, "E", rule)]


def test_a_week_of_two_years(sheet: Sheet) -> None:
    rows = [["U1", "I1", None, 12, "12月31日", None, None], ["U1", "I4", None, 12, "1月2日", None, None]]
    assert [q.date for q in sheet(*rows, period="2025-W01").accepted] == ["2024-12-31", "2025-01-02"]


def test_types_and_quantities(sheet: Sheet) -> None:
    header = ("样本单位", "品名", "价格", "价格类型", "数量")
    rows = [["U1", "I1", 12, word, "1.2万"] for word in TYPES]
    for row in rows:
        result = sheet(row, header=header)
        assert (result.accepted[0].type, result.accepted[0].quantity) == (TYPES[str(row[3])], 12000)
    result = sheet(["U1", "I1", 12, "报价", -1], ["U1", "I4", 12, None, "many"], header=header)
    assert rules(result) == [
        (2, "D", "type unknown"), (2, "E", "quantity negative"), (3, "E", "no number")
    ]  # fmt: skip


# Doubles, idempotency, trial runs


def test_rows_that_contradict_one_another_are_all_refused(sheet: Sheet) -> None:
    result = sheet(
        ["U1", "I1", None, 12, None, None, None],
        ["甲布行", "涤纶春亚纺", None, 13, None, None, None],
        ["U1", "I4", None, 5, None, None, None],
        ["U1", "棉布", "米", "5.0", None, None, None],
    )
    assert [(r, x) for r, _, x in rules(result)] == [(2, "row twice"), (3, "row twice"), (5, "row repeated")]
    assert [q.row for q in result.accepted] == [4]
    assert "2, 3" in result.problems[0].message_en


def test_the_same_file_twice_gives_nothing_new(workbook: Make, read: Any) -> None:
    rows = [["样本单位", "品名", "单价"], ["U1", "I1", 12], ["U2", "I1", 13], ["U9", "I1", 13]]
    made = workbook(rows)
    first = read(made)
    assert (len(first.accepted), first.same_file) == (2, False)
    keys = {q.key for q in first.accepted}
    again = read(made, known_files={first.digest}, known_keys=keys)
    assert (again.accepted, again.same_file) == ((), True)
    assert [q.key for q in again.repeated] == [q.key for q in first.accepted]
    # Another file that says the same is known by its rows; a changed price is new.
    text = "样本单位,品名,单价\nU1,I1,12.00\nU2,I1,14\n".encode()
    other = read(text, known_files={first.digest}, known_keys=keys)
    assert other.same_file is False
    assert ([q.unit for q in other.repeated], [q.unit for q in other.accepted]) == (["U1"], ["U2"])


def test_a_trial_run_equals_the_import(workbook: Make, read: Any) -> None:
    made = workbook([["样本单位", "品名", "单价"], ["U1", "I1", 12], ["U2", "I1", "x"], ["U1", "I4", "9元/码"]])
    trial, real = read(made), read(made)
    assert trial == real
    assert trial.fingerprint == real.fingerprint
    changed = read(made, items={"I1": {"name_zh": "涤纶春亚纺", "unit_of_measure": "kg"}})
    assert changed.fingerprint != trial.fingerprint


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"period": "soon"}, "period"),
        ({"unit": "U9"}, "U9"),
        ({"currency": "yuan"}, "currency"),
        ({"items": {"I1": {"name_zh": "x"}}}, "unit_of_measure"),
        ({"items": {"I1": {"name_zh": "x", "unit_of_measure": "bolt"}}}, "item 'I1': unknown unit"),
        ({"measures": {"匹": "bolt"}}, "unknown unit"),
    ],
)
def test_wrong_arguments(options: dict[str, Any], said: str, sheet: Sheet) -> None:
    with pytest.raises(ValueError, match=said):
        sheet(["U1", "I1", None, 12, None, None, None], **options)


CELLS = st.one_of(
    st.sampled_from(
        [
            "U1",
            "甲布行",
            "I1",
            "棉布",
            "米",
            "码",
            "公斤",
            "套",
            "停业",
            "2024-03-11",
            "12.5",
            "1,5",
            "12元/米",
            "",
            "=1+1",
            "？",
        ]
    ),
    st.floats(0.01, 1e6),
    st.none(),
    st.booleans(),
    st.dates(date(2024, 3, 1), date(2024, 3, 31)),
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=8),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELLS, min_size=7, max_size=7), max_size=12))
def test_every_row_is_accepted_or_has_a_problem(rows: list[list[object]], sheet: Sheet) -> None:
    result = sheet(*rows)
    accepted, refused = {q.row for q in result.accepted}, {r for _, r in result.refused}
    assert not accepted & refused
    assert refused == {p.row for p in result.problems if p.row > 1} or any(p.row == 1 for p in result.problems)
    assert result.summary["rows"] == len(accepted | refused)
    for q in result.accepted:
        assert (q.price is None) == (q.status in ("closed", "out_of_stock")) or q.status == "substituted"
        assert q.price is None or q.price > 0


def test_every_message_is_complete_in_both_languages() -> None:
    import string

    for rule, message in MESSAGES.items():
        assert message.en and message.zh, rule
        assert bool(message.remedy_en) == bool(message.remedy_zh), rule
        assert any("一" <= c <= "鿿" for c in message.zh), rule
        names = [{f for _, f, _, _ in string.Formatter().parse(t) if f} for t in message]
        assert all(n <= {"near_en", "near_zh"} or n for n in names), rule
    assert shown("a\x00b" + "x" * 100) == "a b" + "x" * 56 + "…"


def test_ten_thousand_rows_and_their_time(workbook: Make, read: Any) -> None:
    units = {f"U{i:04d}": {"name_zh": f"第{i}号布行", "name_en": f"Shop {i}"} for i in range(1000)}
    items = {f"I{i:04d}": {"name_zh": f"面料{i}", "name_en": f"Cloth {i}", "unit_of_measure": "m"} for i in range(1600)}
    rows = [
        [
            f"U{i % 1000:04d}",
            f"I{i // 10:04d}",
            "码" if i % 5 == 0 else "米",
            10 + i / 100,
            date(2024, 3, 11),
            None,
            f"备注{i}",
        ]
        for i in range(10_000)
    ]
    made = workbook([("样本单位", "产品编号", "计量单位", "价格", "日期", "状态", "备注"), *rows])
    start = time.process_time()
    result = read(made, units=units, items=items)
    print(f"10,000 rows from Excel: {time.process_time() - start:.2f} s of CPU")
    assert len(result.accepted) == 10_000
    assert result.summary["converted"] == 2_000
    text = "unit code,item,price\n" + "".join(f"X{i},Y{i},1\n" for i in range(10_000))
    start = time.process_time()
    wrong = read(text.encode(), units=units, items=items)
    print(f"10,000 rows with two unknown names each: {time.process_time() - start:.2f} s of CPU")
    assert len(wrong.problems) == 20_000
    assert read_book(text.encode()).sheets
