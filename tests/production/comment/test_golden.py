"""Whole comments of hand-made tables, as they are published, in both languages."""

from pathlib import Path

import numpy as np
import pytest

from ellwand.production.comment import FactTable, Item, check_text, compare_texts, make_plan, write

GOLDEN = Path(__file__).parent / "golden"
ROWS = [
    ("0", "", 0, "总指数", "Total index"),
    ("1", "0", 1, "原料", "Raw materials"),
    ("1.1", "1", 2, "涤纶", "Polyester"),
    ("1.2", "1", 2, "棉麻", "Cotton and hemp"),
    ("2", "0", 1, "坯布", "Grey fabrics"),
    ("3", "0", 1, "家纺", "Home textiles"),
]
NAMES = ("code", "parent", "level", "name_zh", "name_en")
ITEMS = (
    Item("A", "1.1", "涤纶POY 150D/48F", "Polyester POY 150D/48F", 1.234, 12),
    Item("B", "1.2", "普梳32S棉纱", "Carded cotton yarn 32S", -0.51, 4),
    Item("C", "1.2", "精梳40S棉纱", "Combed cotton yarn 40S", 2.0, 2),
)


def table(table_of, periods, last, *, before=None, status=None, grade=None):
    """A table whose last period has the given columns: one value a series, None for no figure."""
    S, T = len(ROWS), len(periods)
    columns = {name: np.full((S, T), np.nan) for name in last}
    columns["index"] = np.full((S, T), 100.0)
    if before is not None:
        columns["index"][:, before] = np.nan
    for name, values in last.items():
        columns[name][:, -1] = [np.nan if v is None else v for v in values]
    columns["status"] = np.full((S, T), "observed", dtype=object)
    columns["grade"] = np.full((S, T), "A", dtype=object)
    if status:
        columns["status"][:, -1] = status
    if grade:
        columns["grade"][:, -1] = grade
    columns |= {name: np.full((S, T), 5812) for name in ("due", "quotes", "observed", "corrected", "replaced",
                "imputed", "carried", "not_collected", "excluded", "queried", "matched")}  # fmt: skip
    columns["units"] = np.full((S, T), 987)
    return table_of(periods, [dict(zip(NAMES, row, strict=True)) for row in ROWS], columns)


def ordinary(table_of):
    """An ordinary week: one class unclear, items that moved, one of them with too few units."""
    change = [0.26, 0.37, 0.52, -0.05, 0.08, -0.31]
    last = {
        "index": [105.58, 83.03, 84.1, 80.2, 116.44, 102.5],
        "change_previous": change,
        "change_year_start": [0.42, 1.22, 2.0, 0.3, -3.05, 0.001],
        "change_last_year": [-0.85, -0.60, 1.1, -4.0, -6.53, 0.25],
        "change_low": [c - 0.1 for c in change],
        "change_high": [c + 0.1 for c in change],
        "contribution": [0.26, 0.2712, 0.28, -0.01, 0.0204, -0.0316],
        "imputed_share": [0.03] * 6,
        "carried_share": [0.0] * 6,
    }
    return FactTable(table(table_of, ["2024-W10", "2024-W11"], last), items=ITEMS)


def first(table_of):
    """The first issue: nothing to compare with."""
    return FactTable(table(table_of, ["2022-W01"], {"index": [100.0] * 6}))


def still(table_of):
    """Nothing moved."""
    last = {
        "index": [100.0] * 6,
        "change_previous": [0.0] * 6,
        "change_year_start": [0.0] * 6,
        "contribution": [0.0] * 6,
        "imputed_share": [0.0] * 6,
        "carried_share": [0.0] * 6,
    }
    return FactTable(table(table_of, ["2023-W52", "2024-W01"], last))


def holiday(table_of):
    """After two weeks without an issue: all classes up, one imputed, one carried through closures, parts not shown."""
    last = {
        "index": [1234.5, 101.0, None, 99.0, 104.0, 102.0],
        "change_previous": [0.55, 0.64, None, 0.9, 0.05, 0.12],
        "change_low": [0.4, 0.5, None, 0.1, 0.01, 0.02],
        "change_high": [0.7, 0.8, None, 1.2, 0.1, 0.2],
        "contribution": [0.55, 0.52, None, 0.3, 0.01, 0.02],
        "imputed_share": [0.123] * 6,
        "carried_share": [0.352] * 6,
    }
    status = ["observed", "observed", "suppressed", "observed", "carried", "imputed"]
    periods = ["2024-W05", "2024-W06", "2024-W07", "2024-W08"]
    made = table(table_of, periods, last, before=[1, 2], status=status, grade=["B", "A", "S", "C", "A", "C"])
    return FactTable(made)


CASES = {"ordinary": ordinary, "first": first, "still": still, "holiday": holiday}


@pytest.mark.parametrize("case", CASES)
def test_the_text_is_the_golden_one(table_of, case) -> None:
    facts = CASES[case](table_of)
    plan = make_plan(facts)
    texts = {language: write(plan, language) for language in ("zh", "en")}
    for language, bound in texts.items():
        assert check_text(bound.text, language, facts, bound.spans) == []
        assert bound.text == (GOLDEN / f"{case}.{language}.md").read_text(encoding="utf-8")
    assert compare_texts(texts["zh"].text, texts["en"].text, facts) == {"zh": [], "en": []}


def test_every_figure_word_name_and_unit_is_bound(table_of) -> None:
    """What is left of a comment without its spans holds no digit, unit or direction word."""
    for case in CASES.values():
        plan = make_plan(case(table_of))
        for language in ("zh", "en"):
            bound = write(plan, language)
            rest, at = [], 0
            for span in bound.spans:
                rest.append(bound.text[at : span.start])
                at = span.end
            left = "".join([*rest, bound.text[at:]]).replace("95%", "").replace("95\u202f%", "")
            assert not any(c.isdigit() for c in left), left
            for word in ("上涨", "下跌", "持平", "百分点", "rose", "fell", "unchanged", "percentage"):
                assert word not in left, (word, left)


def test_both_languages_have_the_same_facts_in_order(table_of) -> None:
    for case in CASES.values():
        plan = make_plan(case(table_of))
        zh, en = (
            [s.fact for s in write(plan, one).spans if s.kind == "figure"]  # type: ignore[arg-type]
            for one in ("zh", "en")
        )
        assert zh == en
