"""Feeds as Atom (RFC 4287): releases, corrections, and the issues of one series, each in both languages."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from django.http import HttpRequest

from ellwand.office.registry.models import Market
from ellwand.office.releases.heading import SIMULATED
from ellwand.office.screens.words import name_of
from ellwand.web import query
from ellwand.web.moments import Moment
from ellwand.web.site.comments_ import blocks
from ellwand.web.site.page import TAGS, Language, where
from ellwand.web.words import said

NAMESPACE = "http://www.w3.org/2005/Atom"
KIND = "application/atom+xml"
ENTRIES = 60
"""Entries of a feed; the newest ones."""
NEVER = "1970-01-01T00:00:00Z"


@dataclass(frozen=True)
class Entry:
    """An entry. name : that never changes, below the host. at : when it became public. paths : of the site."""

    name: str
    at: str
    title: str
    path: str
    summary: str = ""
    related: Sequence[tuple[str, str]] = ()


def releases(seen: Moment, language: Language, texts: dict[str, str]) -> list[Entry]:
    """An entry for every release. texts : the price comments by release, "" where there is none."""
    out = []
    for row in query.releases(seen)[:ENTRIES]:
        code = str(row["release"])
        parts = blocks(texts.get(code, ""))
        title = parts[0].text if parts else code
        summary = next((p.text for p in parts[1:] if not p.level), "")
        if row["withdrawn"]:
            title = said("【已撤回】{t}", "[Withdrawn] {t}", t=title)
            summary = row["withdrawn"][language]
        elif row["supersedes"]:
            title = said("【更正】{t}", "[Correction] {t}", t=title)
        path = where("comment", language, issue=code) if parts else where("release", language, code=code)
        files = (
            (f"/releases/{code}.zip", "application/zip"),
            (f"/data/price.csv?vintage={code}", "text/csv"),
            (f"/api/v1/observations?vintage={code}", "application/json"),
        )
        out.append(Entry(f"release/{code}", row["issued"], f"{row['period']} {title}", path, summary, files))
    return out


def corrections(seen: Moment, language: Language) -> list[Entry]:
    """An entry for every correction."""
    out = []
    names = {n.code: n.name_zh if language == "zh" else n.name_en for n in query.series(seen)}
    for row in query.corrections(seen)[:ENTRIES]:
        title = said(
            "更正 {n}：{s} {p}，{a} 改为 {b}", "Correction {n}: {s} {p}, {a} becomes {b}", n=row["number"],
            s=names.get(row["series"], row["series"]), p=row["period"], a=row["first_value"] or "–",
            b=row["new_value"] or "–",
        )  # fmt: skip
        more = said("共改变 {n} 个数字。", "{n} figures change.", n=len(row["changes"]))
        cause = row["cause_zh"] if language == "zh" else row["cause_en"]
        files = (("/api/v1/corrections", "application/json"),)
        address = where("corrections", language)
        out.append(Entry(f"correction/{row['number']}", row["corrected_at"], title, address, f"{cause} {more}", files))
    return out


def of_series(seen: Moment, language: Language, code: str) -> list[Entry]:
    """An entry for every vintage of the newest issues of a series. ProblemError for a code that nothing names."""
    one = query.one_series(seen, code)
    name = one.name_zh if language == "zh" else one.name_en
    out = []
    for row in query.observations(seen, query.Asked((code,), history=True, last=ENTRIES)):
        value = row["value"] or said("不公布", "not published")
        change = f" ({row['change_previous']} %)" if row["change_previous"] else ""
        title = f"{name} {row['period']}: {value}{change}"
        if row["correction"]:
            title = said("【更正】{t}", "[Correction] {t}", t=title)
        path = where("series", language, code=code) + f"?vintage={row['vintage']}"
        summary = said("质量等级 {g}，版本 {v}。", "Grade {g}, vintage {v}.", g=row["grade"], v=row["vintage"])
        out.append(Entry(f"series/{code}/{row['period']}/{row['vintage']}", row["issued"], title, path, summary))
    return list(reversed(out))[:ENTRIES]


def written(
    request: HttpRequest, language: Language, title: str, page: str, entries: Sequence[Entry], *, simulated: bool
) -> bytes:
    """A feed. page : path of the page that shows the same. Every name and time is of the record, none of the day."""
    ET.register_namespace("", NAMESPACE)
    feed = ET.Element(f"{{{NAMESPACE}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": TAGS[language]})
    here = request.build_absolute_uri(request.path)
    host = request.get_host().partition(":")[0]
    market = Market.objects.first()
    publisher = name_of(market) if market else "Ellwand"
    mark = SIMULATED[0 if language == "zh" else 1] if simulated else ""
    add(feed, "id", here)
    add(feed, "title", f"{publisher}{said('：', ': ')}{title}")
    if mark:
        add(feed, "subtitle", mark)
    add(feed, "updated", max((e.at for e in entries), default=NEVER))
    add(feed, "link", rel="self", href=here, type=KIND)
    add(feed, "link", rel="alternate", href=request.build_absolute_uri(page), type="text/html")
    add(ET.SubElement(feed, f"{{{NAMESPACE}}}author"), "name", publisher)
    for entry in entries:
        out = ET.SubElement(feed, f"{{{NAMESPACE}}}entry")
        add(out, "id", f"tag:{host},{entry.at[:4]}:{entry.name}")
        add(out, "title", f"{said('【模拟】', '[Simulated] ') if mark else ''}{entry.title}")
        add(out, "published", entry.at)
        add(out, "updated", entry.at)
        add(out, "link", rel="alternate", href=request.build_absolute_uri(entry.path), type="text/html")
        for path, kind in entry.related:
            add(out, "link", rel="related", href=request.build_absolute_uri(path), type=kind)
        if entry.summary:
            add(out, "summary", entry.summary)
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True))


def add(to: ET.Element, tag: str, text: str = "", **attributes: str) -> None:
    """An element below another one."""
    made = ET.SubElement(to, f"{{{NAMESPACE}}}{tag}", attributes)
    # XML has no place for control characters, which no text needs.
    made.text = "".join(c for c in text if c in "\n\t" or c >= " ") or None
