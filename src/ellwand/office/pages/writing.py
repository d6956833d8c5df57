"""Writing: a new article, and every save of it as a draft of its own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.pages import marks
from ellwand.office.pages.models import DATED, LANGUAGES, MARKET, SECTIONS, Article, Draft, Edition, Picture
from ellwand.office.screens.words import say

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
RESERVED = {
    "knowledge": {"method", "glossary", "contracts", "quality", "faq"},
    "about": {"governance", "policies", "roles", "accessibility", "contact"},
}
"""Last parts of addresses, by section, that pages of the program itself have."""

LONGEST = {"slug": 80, "title": 200, "lead": 600, "body": 60_000, "alt": 300, "source": 200, "source_url": 300}
"""Characters of each field, in each language."""

TEXTS = ("title", "lead", "body", "alt")
FIELDS = ("slug", "day", *(f"{t}_{x}" for t in TEXTS for x in LANGUAGES), "source", "source_url")
"""What a form gives, besides the picture."""


@dataclass(frozen=True)
class Fault:
    """Something that stands in the way. field : of the form."""

    field: str
    words: str


class UnfitError(DataError):
    """What was given can't be kept, or published; `faults` says why, field by field."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{f.field}: {f.words}" for f in faults))
        self.faults = faults


def start(section: str, given: Mapping[str, str], by: User, *, picture: Picture | None = None) -> Draft:
    """A new article with its first draft. UnfitError for a field that can't be kept."""
    people.require(by, "pages.edit")
    if section not in SECTIONS:
        raise UnfitError([Fault("section", say("选择一个栏目", "Choose a section"))])
    with transaction.atomic():
        article = Article(section=section, by=by, at=clock.now())
        article.save()
        return save(article, given, by, picture=picture)


def save(
    article: Article, given: Mapping[str, str], by: User, *, picture: Picture | None = None, base: int = 0,
    note: str = "",
) -> Draft:  # fmt: skip
    """A new draft of an article; the newest one itself if nothing changed. base : number of the draft that was changed.

    UnfitError for a field that can't be kept. DataError if somebody else saved meanwhile.
    """
    role = people.require(by, "pages.edit")
    kept = _read(article.section, given)
    if len(note) > 500:
        raise UnfitError([Fault("note", say("最多 500 字", "500 characters at most"))])
    taken = Edition.objects.filter(article__section=article.section, draft__slug=kept["slug"])
    if taken.exclude(article=article).exists():
        raise UnfitError([Fault("slug", say("另一篇文章用过这个地址", "Another article has had this address"))])
    newest = last(article)
    if (newest.number if newest else 0) != base:
        raise _overtaken(newest)
    if newest is not None and newest.picture == picture and all(getattr(newest, name) == kept[name] for name in FIELDS):
        return newest
    made = Draft(article=article, number=base + 1, **kept, picture=picture, note=note.strip(), by=by, at=clock.now())
    try:
        with transaction.atomic():
            made.save()
            after = {"draft": made.number, "slug": made.slug}
            trail.append(by, "pages.draft", f"article/{article.pk}", role=role, after=after, reason=made.note)
    except IntegrityError as error:
        raise _overtaken(last(article)) from error
    return made


def last(article: Article) -> Draft | None:
    """The newest draft of an article."""
    return article.drafts.select_related("by", "picture").defer("picture__data").order_by("-number").first()


def faults(draft: Draft) -> list[Fault]:
    """What stands in the way of publishing a draft, all at once."""
    out: list[Fault] = []
    section = draft.article.section
    if section in DATED and draft.day is None:
        out.append(Fault("day", say("写明日期", "Give the day")))
    given = {x: [getattr(draft, f"{t}_{x}") for t in ("title", "lead", "body")] for x in LANGUAGES}
    written = [x for x in LANGUAGES if any(given[x])]
    for x in written if section in DATED and written else LANGUAGES:
        named = say("中文", "Chinese") if x == "zh" else say("英文", "English")
        if not given[x][0]:
            out.append(Fault(f"title_{x}", say("缺{n}标题", "The title in {n} is missing", n=named)))
        if not marks.plain(given[x][2]):
            out.append(Fault(f"body_{x}", say("缺{n}正文", "The text in {n} is missing", n=named)))
        if draft.picture_id and not getattr(draft, f"alt_{x}"):
            out.append(Fault(f"alt_{x}", say("用{n}写明图片内容", "Say in {n} what the picture shows", n=named)))
    if section == MARKET and not draft.source:
        out.append(Fault("source", say("写明来源", "Name the source")))
    return out


def _read(section: str, given: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a form as a draft keeps them. UnfitError for what can't be kept."""
    out: dict[str, Any] = {}
    wrong: list[Fault] = []
    for name in FIELDS:
        text = given.get(name, "").replace("\r\n", "\n").replace("\x00", "").strip()
        most = LONGEST.get(name) or LONGEST.get(name.rpartition("_")[0])
        if most and len(text) > most:
            wrong.append(Fault(name, say("{n}个字符，最多{m}个", "{n} characters; {m} at most", n=len(text), m=most)))
        out[name] = text if name.startswith("body") else " ".join(text.split())
    day, slug = out["day"], out["slug"]
    try:
        out["day"] = date.fromisoformat(day) if day else None
    except ValueError:
        wrong.append(Fault("day", say("写成 2026-03-11 的样子", "Write it like 2026-03-11")))
    if not SLUG.fullmatch(slug) or slug in RESERVED.get(section, ()):
        wrong.append(
            Fault("slug", say("用小写字母、数字和短横线，如 autumn-fair；固有页面的名称不能用",
                              "Small letters, digits and hyphens, such as autumn-fair; not a name that is taken"))
        )  # fmt: skip
    if out["source_url"] and not out["source_url"].startswith(("https://", "http://")):
        wrong.append(Fault("source_url", say("以 https:// 开头", "Begin with https://")))
    elif out["source_url"] and not marks.link(out["source_url"]):
        wrong.append(Fault("source_url", say("这不是一个网址", "This is no address of a page")))
    for x in LANGUAGES:
        for address in marks.wrong_links(out[f"body_{x}"]):
            words = say("链接 {a} 不能用；写 / 或 https:// 开头的地址",
                        "The link {a} leads nowhere; begin with / or https://", a=address)  # fmt: skip
            wrong.append(Fault(f"body_{x}", words))
    if wrong:
        raise UnfitError(wrong)
    return out


def _overtaken(newest: Draft | None) -> DataError:
    who = newest.by.username if newest else "?"
    return DataError(
        say("{who}在此期间保存过这篇文章；打开最新一稿，再写入您的改动。",
            "{who} saved this article meanwhile; open the newest draft and enter your change there.", who=who)
    )  # fmt: skip
