"""Random comments: none carries an unsupported figure, and every planted corruption is found, in both languages.

Few tables by default; the full 2,000 comments with ELLWAND_THOROUGH=1.
"""

import os
import re
from collections import Counter
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest

from ellwand.production.comment import (
    Bound,
    FactTable,
    Item,
    check_text,
    compare_texts,
    make_plan,
    write,
)
from ellwand.production.comment.facts import BASES

THOROUGH = os.environ.get("ELLWAND_THOROUGH") == "1"
TABLES = 1000 if THOROUGH else 50
CORRUPTED = 300 if THOROUGH else 20
LANGUAGES = ("zh", "en")


def comment(random_tables, seed: int) -> tuple[FactTable, dict[str, Bound], object]:
    table, period = random_tables(seed)
    rng = np.random.default_rng(seed)
    items = []
    if seed % 3 == 0:
        for k, one in enumerate(FactTable(table, period).all.leaves):
            name = (f"{one.name_zh} 32S 1.5D", f"{one.name_en}, 32S, grade A")
            items.append(Item(f"i{k}", one.code, *name, float(rng.normal()), int(rng.integers(1, 9))))
    facts = FactTable(table, period, items=items)
    plan = make_plan(facts)
    return facts, {one: write(plan, one) for one in LANGUAGES}, table


# an independent reader: figures of a text, and figures of the table, by nothing that the stage uses


def published(value: float, digits: int) -> str:
    return f"{abs(Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)):,.{digits}f}"


def supported(table, facts: FactTable) -> set[str]:
    """Every figure of the issue's rows, and the numbers of its dates."""
    allowed = {"95"}
    for row in table.to_pylist():
        year, week = row["period"].split("-W")
        days = [date.fromisocalendar(int(year), int(week), k) for k in (1, 7)]
        allowed |= {year, str(int(week)), *(str(day.year) for day in days)}
        if row["period"] != facts.period:
            continue
        for name, value in row.items():
            if not isinstance(value, int | float) or isinstance(value, bool):
                continue
            digits = (
                3 if name == "contribution" else 1 if name.endswith("_share") else 0 if isinstance(value, int) else 2
            )
            allowed.add(published(value * (100 if name.endswith("_share") else 1), digits))
    allowed |= {published(one.change, 2) for one in facts.items.values()}
    return allowed | {str(k) for k in range(1, 32)}


def figures(text: str, facts: FactTable, language: str) -> list[str]:
    names = [facts.name(s, language) for s in (*facts.series, *facts.items)]
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(re.escape(name), "", text, flags=re.IGNORECASE)
    return re.findall(r"\d[\d,]*(?:\.\d+)?", text)


def test_no_comment_has_a_finding_or_an_unsupported_figure(random_tables) -> None:
    count = figures_read = 0
    for seed in range(TABLES):
        facts, texts, table = comment(random_tables, seed)
        allowed = supported(table, facts)
        parity = compare_texts(texts["zh"].text, texts["en"].text, facts)
        for language, bound in texts.items():
            found = [*check_text(bound.text, language, facts, bound.spans), *parity[language]]
            assert not found, (seed, language, [str(f) for f in found])
            said = figures(bound.text, facts, language)
            assert set(said) <= allowed, (seed, language, set(said) - allowed)
            assert Bound.of_marked(bound.marked(), language, bound.period) == bound
            assert Bound.of_json(bound.json()) == bound
            count += 1
            figures_read += len(said)
    print(f"{count} comments, {figures_read} figures, none unsupported, no finding")
    assert count == 2 * TABLES and figures_read > 10 * count


# corruptions


WORDS = {
    "zh": {"微涨": "微跌", "小涨": "小跌", "上涨": "下跌", "拉动": "抑制", "持平": "上涨", "基本持平": "下跌"},
    "en": {
        "edged up": "edged down", "rose slightly": "fell slightly", "rose": "fell", "up": "down",
        "pulled up": "restrained", "unchanged": "fell", "little changed": "rose",
    },
}  # fmt: skip
GRADED = {
    "zh": {1: ["微涨", "小涨"], -1: ["微跌", "小跌"]},
    "en": {1: ["edged up", "rose slightly"], -1: ["edged down", "fell slightly"]},
}
LABELS = {
    "zh": dict(zip(BASES, ("上期", "年初", "上年同期"), strict=True)),
    "en": dict(
        zip(BASES, ("the previous issue", "the beginning of the year", "the same period last year"), strict=True)
    ),
}
UNITS = {
    "zh": ["%", "个百分点", "点", "个配对报价", "个样本单位"],
    "en": ["%", "percentage points", "points", "matched quotes", "sample units"],
}


def opposite(language: str, word: str) -> str:
    pairs = WORDS[language] | {v: k for k, v in WORDS[language].items()}
    return WORDS[language].get(word) or pairs[word]


def other_digit(text: str, rng) -> str:
    at = int(rng.choice([k for k, c in enumerate(text) if c.isdigit()]))
    return text[:at] + str((int(text[at]) + int(rng.integers(1, 10))) % 10) + text[at + 1 :]


def figure(bound, span, facts, rng) -> str | None:
    shown = bound.text[span.start : span.end]
    changed = other_digit(shown, rng)
    return None if Decimal(changed.replace(",", "").replace("−", "-")) == 0 and "." not in changed else changed


def sign(bound, span, facts, rng) -> str | None:
    shown = bound.text[span.start : span.end]
    return {"+": "−", "−": "+"}[shown[0]] + shown[1:] if shown[0] in "+−" else None


def direction(bound, span, facts, rng) -> str:
    return opposite(bound.language, bound.text[span.start : span.end])


def size(bound, span, facts, rng) -> str | None:
    fact = facts.by_id(span.fact)
    if fact is None or not fact.way or not fact.measure.startswith("change"):
        return None
    words = GRADED[bound.language][fact.way]
    return words[int(rng.integers(2)) if fact.size == 2 else 1 - fact.size]


def period(bound, span, facts, rng) -> str | None:
    shown = bound.text[span.start : span.end]
    numbers = list(re.finditer(r"\d+", shown))
    if not numbers:
        words = {"一": "四", "两": "五", "三": "两", "one": "four", "two": "five", "three": "two"}
        for word, other in words.items():
            if word in shown:
                return shown.replace(word, other)
        return None
    one = numbers[int(rng.integers(len(numbers)))]
    step = int(rng.choice([-1, 1])) if int(one.group()) > 1 else 1
    return shown[: one.start()] + str(int(one.group()) + step) + shown[one.end() :]


def unit(bound, span, facts, rng) -> str | None:
    fact = facts.by_id(span.fact)
    if not fact.value:
        return None
    shown = bound.text[span.start : span.end]
    others = [u for u in UNITS[bound.language] if shown not in (u, u[:-1])]
    if fact.unit in ("quotes", "units"):
        series = fact.series
        pair = [facts.of(series, m).value for m in ("matched", "units")]
        if pair[0] == pair[1]:
            others = [u for u in others if "quote" not in u and "unit" not in u and "报价" not in u and "单位" not in u]
    return others[int(rng.integers(len(others)))]


def name(bound, span, facts, rng) -> str | None:
    """The name of another class, where that makes the statement false."""
    own, period_label, measure = span.fact.partition("@")[0], *span.fact.partition("@")[2].split(":")
    del period_label
    fact = facts.of(own, measure)
    others = []
    shown = bound.text[span.start : span.end]
    line = bound.text.rfind("\n", 0, span.start) + 1
    title = line == 0
    for series in facts.series:
        text = facts.name(series, bound.language)
        that = facts.of(series, measure)
        if text.lower() == shown.lower():
            continue
        if title and measure == "contribution":
            false = that.value != fact.value
        elif title or (measure.startswith("change") and bound.text[line] == "#"):
            false = (that.way, that.size, bool(that.value)) != (fact.way, fact.size, bool(fact.value)) or not title
        elif measure == "index" and fact.value is None:
            false = that.value is not None
        else:
            false = that.value != fact.value
        if false:
            others.append(text)
    return others[int(rng.integers(len(others)))] if others else None


def garbled(bound, span, facts, rng) -> str | None:
    """A name with a character of it replaced: no class has it."""
    shown = bound.text[span.start : span.end]
    at = int(rng.integers(len(shown)))
    changed = shown[:at] + ("某" if bound.language == "zh" else "q") + shown[at + 1 :]
    known = [facts.name(s, bound.language).lower() for s in facts.series]
    return None if any(one in changed.lower() for one in known) else changed


def basis(bound, span, facts, rng) -> str | None:
    fact = facts.by_id(span.fact)
    if fact.measure in ("change_low", "change_high"):
        return LABELS[bound.language][BASES[1 + int(rng.integers(2))]]
    others = [
        one
        for one in BASES
        if one != fact.basis and facts.of(fact.series, f"change_{one}").value not in (fact.value, -(fact.value or 0))
    ]
    return LABELS[bound.language][others[int(rng.integers(len(others)))]] if others else None


KINDS = {
    "figure": ("figure", figure),
    "sign": ("figure", sign),
    "direction": ("direction", direction),
    "size": ("direction", size),
    "period": ("period", period),
    "unit": ("unit", unit),
    "name": ("name", name),
    "garbled": ("name", garbled),
    "basis": ("basis", basis),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_planted_corruption_is_found(random_tables, language) -> None:
    planted: Counter[str] = Counter()
    missed = []
    for seed in range(CORRUPTED):
        facts, texts, _ = comment(random_tables, seed)
        rng = np.random.default_rng(seed)
        bound = texts[language]
        for kind, (of, corrupt) in KINDS.items():
            places = [s for s in bound.spans if s.kind == of]
            for at in rng.permutation(len(places))[:4]:
                span = places[int(at)]
                changed = corrupt(bound, span, facts, rng)
                if changed is None or changed == bound.text[span.start : span.end]:
                    continue
                text = bound.text[: span.start] + changed + bound.text[span.end :]
                found = check_text(text, language, facts)
                line = text.count("\n", 0, span.start) + 1
                planted[kind] += 1
                if not any(f.line == line or f.kind == "heading" for f in found):
                    around = text[max(0, span.start - 50) : span.end + 60]
                    missed.append((seed, kind, bound.text[span.start : span.end], changed, around))
    print(f"{language}: {sum(planted.values())} planted, {len(missed)} missed: {dict(planted)}")
    assert not missed, (len(missed), [m[:4] for m in missed[:12]])
    assert all(planted[kind] > CORRUPTED // 8 for kind in KINDS), planted


def sentences(text: str) -> list[tuple[int, int]]:
    """Sentences of the paragraphs."""
    return [(m.start(), m.end()) for m in re.finditer(r"[^\n#。]+。|[^\n#]+?\.(?= [A-Z]|\n)", text)]


def test_sentences_in_another_order_and_in_the_other_language_are_found(random_tables) -> None:
    swapped = strangers = dropped = 0
    for seed in range(CORRUPTED):
        facts, texts, _ = comment(random_tables, seed)
        rng = np.random.default_rng(seed)
        for language in LANGUAGES:
            other = "en" if language == "zh" else "zh"
            text, places = texts[language].text, sentences(texts[language].text)
            if len(places) > 1:
                a, b = sorted(int(k) for k in rng.choice(len(places), 2, replace=False))
                (s, e), (s2, e2) = places[a], places[b]
                if text[s:e].strip() != text[s2:e2].strip():
                    changed = text[:s] + text[s2:e2] + text[e:s2] + text[s:e] + text[e2:]
                    pair = {language: changed, other: texts[other].text}
                    found = compare_texts(pair["zh"], pair["en"], facts)
                    assert found[language] or found[other], (seed, language, text[s:e], text[s2:e2])
                    swapped += 1
            s, e = places[int(rng.integers(len(places)))]
            s2, e2 = sentences(texts[other].text)[0]
            assert check_text(text[:s] + texts[other].text[s2:e2] + text[e:], language, facts)
            strangers += 1
            pair = {language: text[:s] + text[e:], other: texts[other].text}
            found = compare_texts(pair["zh"], pair["en"], facts)
            assert found[other], (seed, language, text[s:e])
            dropped += 1
    print(f"{swapped} pairs of sentences swapped, {strangers} of the other language, {dropped} left out: all found")
    assert swapped > CORRUPTED // 2 and strangers == dropped == 2 * CORRUPTED


def test_a_missing_heading_is_found(random_tables) -> None:
    for seed in range(CORRUPTED):
        facts, texts, _ = comment(random_tables, seed)
        for language in LANGUAGES:
            text = texts[language].text
            heads = re.findall(r"^## .*\n", text, re.MULTILINE)[1:-1]
            for head in heads:
                changed = text.replace(head, "", 1)
                if len(heads) > 1:
                    assert any(f.kind == "heading" for f in check_text(changed, language, facts))
                pair = {**{one: texts[one].text for one in LANGUAGES}, language: changed}
                found = compare_texts(pair["zh"], pair["en"], facts)
                assert found["zh"] or found["en"]


def test_a_text_of_another_issue_or_compilation_is_stale(random_tables) -> None:
    stale = superseded = 0
    for seed in range(CORRUPTED * 2):
        table, last = random_tables(seed)
        facts = FactTable(table, last)
        if facts.bases["previous"] is not None:
            old = FactTable(table, facts.all.periods[facts.bases["previous"]])
            for language in LANGUAGES:
                bound = write(make_plan(old), language)
                found = check_text(bound.text, language, facts, bound.spans)
                assert any(f.kind == "stale" for f in found)
                assert any(f.line == 1 for f in check_text(bound.text, language, facts))
            stale += 1
        k = table.column_names.index("index")
        moved = table.set_column(k, "index", table["index"].combine_chunks().cast("float64"))
        values = [None if v is None else v + 0.02 for v in moved["index"].to_pylist()]
        again = FactTable(moved.set_column(k, "index", [values]), last)
        for language in LANGUAGES:
            bound = write(make_plan(facts), language)
            found = check_text(bound.text, language, again, bound.spans)
            assert any(f.kind == "stale" and "now" in f.message for f in found)
        superseded += 1
    print(f"{stale} texts of the issue before, {superseded} texts of a compilation that was replaced: all stale")
    assert stale > CORRUPTED // 3
