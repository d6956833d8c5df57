"""A table of observations as a PC-Axis file (PX, version 2013): series x measure x period, in two languages.

A PX file has one text for every value, so a series is told by its code and its name. Where there is no figure stands
"..": not available.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from ellwand.office.releases.canonical import read_instant
from ellwand.office.releases.figures import Row, key, moment
from ellwand.office.releases.heading import SIMULATED, Heading
from ellwand.office.releases.jsonstat import COUNTS, MEASURES

LANGUAGES = ("en", "zh")
SERIES, MEASURE, PERIOD = ("series", "系列"), ("measure", "指标"), ("period", "时期")
UNITS = ("index points, per cent, counts", "点、百分比、个数")
NOTHING = '".."'
WIDTH = 200
"""Characters of a line; a PX file allows 256."""
SCALES = {"W": "W1", "Q": "Q1", "": "M1"}
"""Scales of time by the letter in a period: weeks, quarters, months."""


def px_text(rows: Sequence[Row], heading: Heading, title: Mapping[str, str]) -> str:
    """The file. title : by language, en and zh. Values stand as the rows hold them, at full precision."""
    last = {row["series"]: row for row in rows}
    periods = sorted({row["period"] for row in rows}, key=moment)
    found = {key(row): row for row in rows}
    codes = [row["code"] for row in last.values()]
    named = {"en": "name_en", "zh": "name_zh"}
    series = {x: [f"{row['code']} {row[named[x]]}" for row in last.values()] for x in LANGUAGES}
    measures = {"en": [en for _, en in MEASURES.values()], "zh": [zh for zh, _ in MEASURES.values()]}
    at = read_instant(heading.at).strftime("%Y%m%d %H:%M")
    market = {"en": heading.market_en, "zh": heading.market_zh}
    out = [
        'CHARSET="ANSI";', 'AXIS-VERSION="2013";', 'CODEPAGE="UTF-8";', 'LANGUAGE="en";', 'LANGUAGES="en","zh";',
        f"CREATION-DATE={quoted(at)};", "DECIMALS=15;", f"SHOWDECIMALS={heading.decimals};",
        f"MATRIX={quoted(heading.family[:20])};", 'SUBJECT-CODE="PI";',
    ]  # fmt: skip
    both = [
        ("SUBJECT-AREA", {"en": "Price indices", "zh": "价格指数"}),
        ("TITLE", title),
        ("CONTENTS", {"en": "Index, changes, interval, counts", "zh": "指数、涨跌幅、区间、个数"}),
        ("UNITS", dict(zip(LANGUAGES, UNITS, strict=True))),
        ("STUB", dict(zip(LANGUAGES, SERIES, strict=True))),
    ]
    for name, texts in both:
        out += [f"{word(name, x)}={quoted(texts[x])};" for x in LANGUAGES]
    out += [f"{word('HEADING', x)}={quoted(MEASURE[n])},{quoted(PERIOD[n])};" for n, x in enumerate(LANGUAGES)]
    for dimension, values in (
        (SERIES, series), (MEASURE, measures), (PERIOD, dict.fromkeys(LANGUAGES, periods)),
    ):  # fmt: skip
        out += [f"{word('VALUES', x, dimension[n])}={listed(values[x])};" for n, x in enumerate(LANGUAGES)]
    for n, x in enumerate(LANGUAGES):
        out.append(f"{word('TIMEVAL', x, PERIOD[n])}={timeval(periods)};")
    for dimension, codes_ in ((SERIES, codes), (MEASURE, list(MEASURES)), (PERIOD, periods)):
        out += [f"{word('CODES', x, dimension[n])}={listed(codes_)};" for n, x in enumerate(LANGUAGES)]
    for n, x in enumerate(LANGUAGES):
        for measure, text in zip(MEASURES, measures[x], strict=True):
            places = 0 if measure in COUNTS else heading.decimals
            out.append(f"{word('PRECISION', x, MEASURE[n], text)}={max(places, 0)};")
    for name, texts in (("LAST-UPDATED", dict.fromkeys(LANGUAGES, at)), ("SOURCE", market)):
        out += [f"{word(name, x)}={quoted(texts[x])};" for x in LANGUAGES]
    told = [{"en": f"{a}: {b}", "zh": f"{a}: {b}"} for a, b in heading.notes]
    if heading.simulated:
        told.insert(0, {"en": SIMULATED[1], "zh": SIMULATED[0]})
    out += [f"{word('NOTE', x)}={pieces('#'.join(note[x] for note in told))};" for x in LANGUAGES]
    lines = [
        wrapped([number(found.get((one, period)), measure) for measure in MEASURES for period in periods], " ")
        for one in last
    ]
    return "\n".join([*out, "DATA=", *lines]) + ";\n"


def word(name: str, language: str, *parts: str) -> str:
    """A keyword: in the first language as it is, in another one with its name; parts in brackets."""
    inside = f"({','.join(quoted(p) for p in parts)})" if parts else ""
    return f"{name}{'' if language == LANGUAGES[0] else f'[{language}]'}{inside}"


def quoted(text: str) -> str:
    """A text. The form has no sign for a quotation mark in it."""
    plain = " ".join(text.replace('"', "'").split())
    return f'"{plain}"'


def listed(texts: Sequence[str]) -> str:
    """Texts, divided by commas, over several lines."""
    return wrapped([quoted(t) for t in texts], ",")


def pieces(text: str) -> str:
    """A long text as pieces that stand one after the other."""
    plain = " ".join(text.replace('"', "'").split())
    return "\n".join(quoted_piece(plain[k : k + WIDTH]) for k in range(0, max(1, len(plain)), WIDTH))


def quoted_piece(text: str) -> str:
    """A piece of a text, whose blanks count."""
    return f'"{text}"'


def wrapped(parts: Sequence[str], between: str) -> str:
    """Parts over several lines, none longer than a PX file allows."""
    lines, size = [""], 0
    for part in parts:
        if size and size + len(part) > WIDTH:
            lines.append("")
            size = 0
        lines[-1] += part + between
        size += len(part) + len(between)
    return "\n".join(lines).removesuffix(between)


def timeval(periods: Sequence[str]) -> str:
    """The periods as the form writes them: weeks as 2026W47, months as 2026M11, quarters as 2026Q4."""
    kind = next((k for k in ("W", "Q") if any(k in p for p in periods)), "")
    plain = [p.replace("-", "") if kind else p.replace("-", "M") for p in periods]
    return f"TLIST({SCALES[kind]}),{listed(plain)}"


def number(row: Row | None, measure: str) -> str:
    """A value: digits and a point, without an exponent, which the form does not know."""
    text = row[measure] if row is not None else ""
    if not text:
        return NOTHING
    return format(Decimal(text), "f")
