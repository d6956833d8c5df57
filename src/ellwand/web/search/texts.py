"""What can be found: every public text of the site with its address, in both languages."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ellwand.office.approvals.corrections import log
from ellwand.office.pages import marks
from ellwand.office.pages import reading as articles
from ellwand.office.pages.models import Edition
from ellwand.office.record import reading
from ellwand.office.registry.models import MethodVersion, Source
from ellwand.office.screens.words import is_chinese
from ellwand.web.moments import Moment
from ellwand.web.query import series
from ellwand.web.search.pieces import pinyin
from ellwand.web.site.about import POLICIES, values
from ellwand.web.site.about import standing_pages as about_pages
from ellwand.web.site.about import texts as policy_texts
from ellwand.web.site.comments_ import blocks, text_of
from ellwand.web.site.glossary import TERMS
from ellwand.web.site.knowledge import GRADES, QUESTIONS, notes_of
from ellwand.web.site.knowledge import standing_pages as knowledge_pages
from ellwand.web.site.page import LEADS_TO, MENU, MORE, PAGES, Language, root_of

KINDS: dict[str, tuple[str, str]] = {
    "class": ("分类", "Class"),
    "page": ("栏目", "Section"),
    "comment": ("评述", "Comment"),
    "news": ("文章", "Article"),
    "method": ("方法", "Method"),
    "question": ("问答", "Question"),
    "policy": ("政策", "Policy"),
    "term": ("术语", "Term"),
    "source": ("采集点", "Source"),
    "correction": ("更正", "Correction"),
}
"""Kinds of texts, in the order in which equally good ones are shown."""


@dataclass(frozen=True)
class Text:
    """A text that can be found. also : further words by which it is found and that it does not show."""

    kind: str
    address: str
    title: str
    body: str = ""
    day: str = ""
    also: str = ""


def stamp(seen: Moment) -> tuple[Any, ...]:
    """What names all texts: with the same stamp, they are the same."""
    edition = Edition.objects.order_by("-pk").values_list("pk", flat=True).first()
    method = MethodVersion.objects.order_by("-pk").values_list("pk", flat=True).first()
    sources = tuple(Source.objects.order_by("code").values_list("code", "name_zh", "name_en"))
    due = articles.current().order_by("-at").values_list("pk", flat=True).first()
    return (*seen.standing.mark, edition, due, method, sources, tuple(sorted(PAGES)))


def texts(seen: Moment, language: Language) -> Iterator[Text]:
    """All texts of a language that are public at a moment."""
    root = root_of(language)
    yield from _pages(root)
    for one in series(seen):
        own, other = (one.name_zh, one.name_en) if is_chinese() else (one.name_en, one.name_zh)
        also = f"{other} 价格指数 price index {one.series} {pinyin(one.name_zh)}"
        yield Text("class", f"{root}index/{one.code}/", own or other, one.code, also=also)
    for row in reading.public(at=seen.at):
        parts = blocks(text_of(row, "price", language))
        if parts:
            body = " ".join(part.text for part in parts[1:])
            day = row.release_at.date().isoformat()
            yield Text("comment", f"{root}comments/price/{row.code}/", parts[0].text, body, day, row.code)
    for edition in articles.current():
        draft = edition.draft
        if draft.has(language):
            body = f"{getattr(draft, f'lead_{language}')} {marks.plain(getattr(draft, f'body_{language}'))}"
            day = draft.day.isoformat() if draft.day else ""
            yield Text("news", root + edition.address, draft.title(language), body, day)
    for version in MethodVersion.objects.order_by("-pk"):
        body = " ".join(f"{head} {said}" for head, said in notes_of(version, language))
        name = f"{version.name} {version.version}"
        yield Text("method", f"{root}knowledge/method/{version.digest}/", name, body, version.at.date().isoformat())
    for zh, en, zh_said, en_said in QUESTIONS:
        yield Text("question", f"{root}knowledge/", zh if is_chinese() else en, zh_said if is_chinese() else en_said)
    for grade, zh, en in GRADES:
        title = f"等级 {grade}" if is_chinese() else f"Grade {grade}"
        yield Text("question", f"{root}knowledge/#grades", title, zh if is_chinese() else en)
    yield from _standing(root, language)
    for source in Source.objects.order_by("code"):
        own, other = (source.name_zh, source.name_en) if is_chinese() else (source.name_en, source.name_zh)
        yield Text("source", f"{root}sources/", own or other or source.code, source.code, also=other)
    for fixed in log():
        title = f"更正 {fixed['number']}" if is_chinese() else f"Correction {fixed['number']}"
        cause = fixed["cause_zh"] if is_chinese() else fixed["cause_en"]
        day = fixed["corrected_at"][:10]
        yield Text("correction", f"{root}corrections/#correction-{fixed['number']}", title, cause, day)


def _standing(root: str, language: Language) -> Iterator[Text]:
    """Policies, terms, and the pages of the office and of knowledge that are always there."""
    given = values(language)
    for name, (zh, en, *_) in POLICIES.items():
        body = marks.plain(policy_texts(name)[language].format_map(given))
        yield Text("policy", f"{root}about/policies/{name}/", zh if is_chinese() else en, body)
    for key, (zh, en, zh_said, en_said) in TERMS.items():
        title, other, body = (zh, en, zh_said) if is_chinese() else (en, zh, en_said)
        yield Text("term", f"{root}knowledge/glossary/#{key}", title, body, also=f"{other} {pinyin(zh)}")
    for one in (*about_pages(language), *knowledge_pages(language, [])):
        yield Text("page", one["address"], one["title"], one["lead"])


def _pages(root: str) -> Iterator[Text]:
    """The sections of the site."""
    for name, zh, en in (*MENU, *(row for _, _, rows in MORE for row in rows)):
        if name in PAGES:
            title, other = (zh, en) if is_chinese() else (en, zh)
            yield Text("page", root + PAGES[LEADS_TO.get(name, name)].address, title, also=f"{other} {pinyin(zh)}")
