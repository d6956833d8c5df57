"""News of the office and of the market, and the pages that the office writes freely; a notice for who follows them."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.safestring import SafeString

from ellwand.engine.errors import DataError
from ellwand.office.pages import marks, pictures, previewing, reading
from ellwand.office.pages.models import MARKET, NEWS, SECTIONS, Draft, Edition
from ellwand.office.screens.words import instant, say
from ellwand.web.site.page import TAGS, Language, Shown, number_of, page, render, root_of, where

A_PAGE = 20
"""News on a page of the list."""


def other(language: Language) -> Language:
    """The other language."""
    return "en" if language == "zh" else "zh"


def line(edition: Edition, language: Language) -> dict[str, Any]:
    """An article in a list; where it lacks the language, its title in the other one, marked as such."""
    draft = edition.draft
    spoken = language if draft.has(language) else other(language)
    return {
        "address": root_of(language) + edition.address,
        "title": draft.title(spoken),
        "lead": getattr(draft, f"lead_{language}"),
        "lang": "" if spoken == language else TAGS[spoken],
        "only": "" if spoken == language else language_name(spoken),
        "day": draft.day,
        "source": draft.source,
        "simulated": edition.simulated,
        "picture": draft.picture,
        "alt": getattr(draft, f"alt_{language}"),
    }


def language_name(language: Language) -> str:
    """The name of a language in the language in use."""
    return say("中文", "Chinese") if language == "zh" else say("英文", "English")


def texts(draft: Draft, language: Language) -> dict[str, Any]:
    """An article as a page shows it. html : made by `marks`, which lets no markup of the writer through."""
    has = draft.has(language)
    return {
        "has": has,
        "title": draft.title(language if has else other(language)),
        "title_lang": "" if has else TAGS[other(language)],
        "lead": getattr(draft, f"lead_{language}"),
        "html": SafeString(marks.html(getattr(draft, f"body_{language}"))),
        "alt": getattr(draft, f"alt_{language}"),
        "day": draft.day,
        "picture": draft.picture,
        "source": draft.source,
        "source_url": draft.source_url,
        "missing": "" if has else language_name(language),
        "there": "" if has else language_name(other(language)),
    }


def _list(request: HttpRequest, language: Language, section: str) -> Shown:
    number, rows = number_of(request.GET.get("page", "1")), reading.current(section)
    count = rows.count()
    if number > 1 and (number - 1) * A_PAGE >= count:
        raise Http404
    shown = rows[(number - 1) * A_PAGE : number * A_PAGE]
    context = {
        "section": section,
        "items": [line(e, language) for e in shown],
        "newer": number - 1,
        "older": number + 1 if number * A_PAGE < count else 0,
        "feed": where("notices", language),
    }
    return Shown("site/news.html", say(*SECTIONS[section]), context)


@page("news/", "news")
def news(request: HttpRequest, language: Language) -> Shown:
    """News and notices of the office."""
    return _list(request, language, NEWS)


@page("market-news/", "market-news")
def market_news(request: HttpRequest, language: Language) -> Shown:
    """News of the market."""
    return _list(request, language, MARKET)


def _article(section: str) -> Any:
    def article(request: HttpRequest, language: Language, slug: str) -> Any:
        edition = reading.find(section, slug)
        if edition is None:
            raise Http404
        if edition.draft.slug != slug:
            return HttpResponsePermanentRedirect(root_of(language) + edition.address)
        if edition.withdrawn:
            message = say(
                "这一页已于{at}撤下：{why}", "This page was withdrawn on {at}: {why}", at=instant(edition.at),
                why=edition.reason,
            )  # fmt: skip
            return Shown("site/told.html", say("已撤下", "Withdrawn"), {"message": message}, 410)
        history = [e for e in reading.editions(edition.article) if not e.withdrawn]
        given = request.GET.get("edition", str(edition.number))
        shown = next((e for e in history if str(e.number) == given), None)
        if shown is None:
            raise DataError(say("没有第 {n} 版", "There is no edition {n} of this page", n=given))
        context: dict[str, Any] = {
            "article": texts(shown.draft, language),
            "edition": shown,
            "old": shown.number != edition.number,
            "here": root_of(language) + edition.address,
            "there": root_of(other(language)) + edition.address,
            "about": getattr(shown.draft, f"lead_{language}"),
            "history": history,
            "back": (root_of(language) + f"{section}/", say(*SECTIONS[section])),
        }
        return Shown("site/article.html", str(context["article"]["title"]), context)

    return article


for _section in SECTIONS:
    # After the fixed pages of each section, so that none of those can be hidden by an article.
    page(f"{_section}/<slug:slug>/", f"article_{_section}")(_article(_section))


@page("pictures/<str:name>", "picture")
def picture(request: HttpRequest, language: Language, name: str) -> HttpResponse:
    """A picture of a public page. Its content is its address, so it may be kept for good."""
    found = reading.picture(name)
    if found is None:
        raise Http404
    is_small = name == found.small
    data = pictures.small(found) if is_small else bytes(found.data)
    tag = f'"{found.sha256}-small"' if is_small else f'"{found.sha256}"'
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "ETag": tag}
    return HttpResponse(data, content_type="image/jpeg", headers=headers)


def preview(request: HttpRequest, draft: Draft, language: str) -> HttpResponse:
    """A draft as the site would show it, under a banner that says so."""
    from django.utils import translation

    from ellwand.web.site.page import CODES

    spoken: Language = "en" if language == "en" else "zh"

    def drawn(code: Language) -> str:
        return reverse("page_preview", args=[draft.article_id, draft.number, code])

    with translation.override(CODES[spoken]):
        context: dict[str, Any] = {
            "article": texts(draft, spoken),
            "draft": draft,
            "there": drawn(other(spoken)),
            "other": drawn(other(spoken)),
            "back": (root_of(spoken) + f"{draft.article.section}/", say(*SECTIONS[draft.article.section])),
            "picture_root": "/office/pages/pictures/",
        }
        return render(request, spoken, Shown("site/article.html", str(context["article"]["title"]), context))


if preview not in previewing.SITE:
    previewing.SITE.append(preview)
