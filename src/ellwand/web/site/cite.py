"""Citations of what a page shows: plain text, BibTeX, RIS and CSL-JSON, each with the address of its vintage."""

import json
from dataclasses import dataclass

from ellwand.office.screens.words import say
from ellwand.web.site.provenance import Source


@dataclass(frozen=True)
class Citation:
    """One form of a citation. name : of the form. extension : of its file, "" for plain text."""

    name: str
    extension: str
    kind: str
    text: str


def citations(source: Source, code: str) -> list[Citation]:
    """All forms of a citation."""
    return [
        Citation(say("文字", "Plain text"), "", "text/plain", plain(source)),
        Citation("BibTeX", "bib", "application/x-bibtex", bibtex(source, code)),
        Citation("RIS", "ris", "application/x-research-info-systems", ris(source)),
        Citation("CSL-JSON", "csl.json", "application/vnd.citationstyles.csl+json", csl(source, code)),
    ]


def plain(source: Source) -> str:
    """The citation as a sentence of the language."""
    mark = say("（模拟数据）", " (simulated figures)") if source.simulated else ""
    return say(
        "{publisher}：{title}{mark}，{period}，版本 {vintage}，{issued} 发布。{address}",
        "{publisher}: {title}{mark}, {period}, vintage {vintage}, released {issued}. {address}",
        publisher=source.publisher, title=source.title, mark=mark, period=source.period, vintage=source.vintage,
        issued=source.issued, address=source.address,
    )  # fmt: skip


def bibtex(source: Source, code: str) -> str:
    """A BibTeX entry."""
    fields = {
        "author": f"{{{_tex(source.publisher)}}}",
        "title": f"{{{_tex(source.title)}}}",
        "year": source.year,
        "month": source.month,
        "version": source.vintage,
        "note": _tex(_note(source)),
        "url": source.address,
    }
    body = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@misc{{ellwand-{code}-{source.vintage},\n{body}}}\n"


def _note(source: Source) -> str:
    return source.period + (say("，模拟数据", ", simulated figures") if source.simulated else "")


def _tex(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "#$%&_{}" else letter for letter in text)


def ris(source: Source) -> str:
    """A RIS record."""
    rows = [
        ("TY", "DATA"), ("AU", source.publisher), ("TI", source.title),
        ("PY", source.year), ("DA", f"{source.year}/{source.month}/{source.day}"), ("ET", source.vintage),
        ("N1", _note(source)), ("UR", source.address), ("ER", ""),
    ]  # fmt: skip
    return "".join(f"{tag}  - {value}\r\n" for tag, value in rows)


def csl(source: Source, code: str) -> str:
    """A CSL-JSON item."""
    item = {
        "id": f"ellwand-{code}-{source.vintage}",
        "type": "dataset",
        "title": source.title,
        "author": [{"literal": source.publisher}],
        "issued": {"date-parts": [[int(source.year), int(source.month), int(source.day)]]},
        "version": source.vintage,
        "note": _note(source),
        "URL": source.address,
    }
    return json.dumps([item], ensure_ascii=False, indent=2) + "\n"
