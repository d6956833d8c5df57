"""A table of what a page shows, in both languages, and how it is written as JSON, CSV and Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ellwand.office.collection.report import safe
from ellwand.office.releases.canonical import write_instant
from ellwand.office.releases.heading import SIMULATED
from ellwand.office.releases.tables import csv_line
from ellwand.office.screens.words import is_chinese
from ellwand.web.answers import dumped, heading
from ellwand.web.moments import Moment
from ellwand.web.registers import stated
from ellwand.web.words import said

SHOWN = 120
"""Rows of a table that its Markdown shows; the CSV has all."""


@dataclass(frozen=True)
class Column:
    """A column. key : of the rows. of : the language whose readers need it, "" for all."""

    key: str
    zh: str
    en: str
    of: str = ""


@dataclass(frozen=True)
class Table:
    """What a page shows. facts : names in both languages and values. texts : Markdown by language, of pages of text.

    newest_first : whether the last rows come first in Markdown. about : what it is, in both languages. pinned : whether
    the page shows any vintage that its address names.
    """

    title: tuple[str, str]
    columns: tuple[Column, ...]
    rows: Sequence[dict[str, Any]]
    facts: tuple[tuple[str, str, str], ...] = ()
    texts: dict[str, str] = field(default_factory=dict)
    newest_first: bool = False
    about: tuple[str, str] = ("", "")
    pinned: bool = False


def as_json(table: Table, seen: Moment, page: str) -> bytes:
    """The table with all that belongs to it. page : path of the page."""
    content = heading(seen) | {"title_zh": table.title[0], "title_en": table.title[1], "page": page}
    if table.about[0]:
        content |= {"about_zh": table.about[0], "about_en": table.about[1]}
    if table.facts:
        content["facts"] = [{"name_zh": zh, "name_en": en, "value": value} for zh, en, value in table.facts]
    for language, text in table.texts.items():
        content[f"text_{language}"] = text
    columns = [{"key": c.key, "name_zh": c.zh, "name_en": c.en} for c in table.columns]
    return dumped(content | {"columns": columns, "data": list(table.rows)})


def as_csv(table: Table, seen: Moment) -> bytes:
    """The rows as CSV in UTF-8; an empty field where there is no value. Every row says whether it is simulated."""
    mark = {"simulated": heading(seen)["simulated"]}
    keys = list(dict.fromkeys([*(c.key for c in table.columns), *mark]))
    # No name becomes a formula on the reader's screen.
    cells = ([safe(cell((mark | row).get(key))) for key in keys] for row in table.rows)
    lines = [csv_line(keys), *(csv_line(row) for row in cells)]
    return "".join(lines).encode("utf-8")


def cell(value: Any) -> str:
    """A value as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return " ".join(cell(v) for v in value)
    return str(value)


def as_markdown(table: Table, seen: Moment, page: str, csv: str) -> bytes:
    """The page as Markdown, in the language in use. page, csv : whole addresses of the page and of its CSV."""
    language = "zh" if is_chinese() else "en"
    side = 0 if language == "zh" else 1
    out = [f"# {line(table.title[side])}", ""]
    if heading(seen)["simulated"]:
        out += [f"**{SIMULATED[side]}**", ""]
    if table.about[side]:
        out += [line(table.about[side]), ""]
    if language in table.texts:
        out += [deeper(table.texts[language]), ""]
    facts = [(pair[side], value) for *pair, value in table.facts if value]
    out += [f"- {line(name)}: {line(value)}" for name, value in facts] + ([""] if facts else [])
    if table.columns:
        out += rows_of(table, language, csv)
    out += ["---", "", *source(table, seen, page, side)]
    return ("\n".join(out).rstrip() + "\n").encode("utf-8")


def rows_of(table: Table, language: str, csv: str) -> list[str]:
    """The rows as a table of Markdown."""
    side = 0 if language == "zh" else 1
    columns = [c for c in table.columns if c.of in ("", language)]
    if not table.rows:
        return [said("没有条目。", "There is no entry."), ""]
    shown = list(reversed(table.rows)) if table.newest_first else list(table.rows)
    out = [
        f"| {' | '.join(inside((c.zh, c.en)[side]) for c in columns)} |",
        f"|{'|'.join(' --- ' for _ in columns)}|",
        *(f"| {' | '.join(inside(cell(row.get(c.key))) for c in columns)} |" for row in shown[:SHOWN]),
        "",
    ]
    if len(shown) > SHOWN:
        more = len(shown) - SHOWN
        out += [said("另有 {n} 行，见 {a}", "{n} more rows: {a}", n=more, a=csv), ""]
    return out


def inside(text: str) -> str:
    """A text inside of a cell."""
    return line(text).replace("|", "\\|")


def line(text: str) -> str:
    """A text on one line, in which no sign of HTML is taken for one."""
    return " ".join(text.split()).replace("<", "&lt;")


def deeper(text: str) -> str:
    """A released text below the title: its headings one level deeper."""
    rows = [f"#{row}" if row.startswith("#") else row for row in text.strip().replace("<", "&lt;").split("\n")]
    return "\n".join(rows)


def source(table: Table, seen: Moment, page: str, side: int) -> list[str]:
    """Where the page is, of which vintage, under which licence."""
    out = [said("页面：{a}", "Page: {a}", a=page)]
    if seen.vintage and seen.issued:
        issued = write_instant(seen.issued)
        out.append(said("版本：{v}，{t} 发布", "Vintage: {v}, released {t}", v=seen.vintage, t=issued))
        if table.pinned:
            out.append(said("引用：{a}?vintage={v}", "Cite: {a}?vintage={v}", a=page, v=seen.vintage))
    if seen.next_at:
        out.append(said("下一次发布：{t}", "Next release: {t}", t=write_instant(seen.next_at)))
    if licence := stated("licence")[side]:
        out.append(said("许可：{l}", "Licence: {l}", l=licence))
    return [f"- {row}" for row in out]
