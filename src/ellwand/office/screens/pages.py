"""News and free pages: the list of articles, writing one in both languages, what changed, preview, publishing."""

import re
from difflib import SequenceMatcher
from typing import Any

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from ellwand.engine.errors import DataError
from ellwand.office.accounts import second_factor
from ellwand.office.accounts.roles import may
from ellwand.office.pages import pictures, previewing, publishing, writing
from ellwand.office.pages.models import LANGUAGES, SECTIONS, Article, Draft, Edition, Picture
from ellwand.office.screens.access import back_to, has_second_factor, screen, user_of
from ellwand.office.screens.page import show
from ellwand.office.screens.words import is_chinese, say

WORDS = {
    "slug": ("地址末段", "Last part of the address"),
    "day": ("日期", "Day"),
    "title": ("标题", "Title"),
    "lead": ("导语", "Lead"),
    "body": ("正文", "Text"),
    "alt": ("图片说明", "What the picture shows"),
    "picture": ("图片", "Picture"),
    "source": ("来源", "Source"),
    "source_url": ("来源地址", "Address of the source"),
    "note": ("修改说明", "Note on the change"),
    "section": ("栏目", "Section"),
    "reason": ("撤下的原因", "Why it is withdrawn"),
}
"""The fields of the form."""


def _second_factor(request: HttpRequest) -> HttpResponse | None:
    """Where somebody goes first who writes for the public and has not shown a second factor; None if he has."""
    if has_second_factor(request):
        return None
    return HttpResponseRedirect(second_factor.way_in(user_of(request), back_to(request)))


def words_of(field: str) -> str:
    """The name of a field of the form."""
    plain, _, language = field.rpartition("_")
    if plain in WORDS and language in LANGUAGES:
        return f"{say(*WORDS[plain])} ({'中文' if language == 'zh' else 'English'})"
    return say(*WORDS[field]) if field in WORDS else field


def state_of(draft: Draft, edition: Edition | None) -> dict[str, Any]:
    """Whether an article is public, and whether its newest draft is."""
    if edition is None:
        return {"words": say("草稿", "draft"), "mark": "wait", "public": False}
    if edition.withdrawn:
        return {"words": say("已撤下", "withdrawn"), "mark": "bad", "public": False}
    if edition.draft_id != draft.pk:
        return {"words": say("已公开，有新稿", "public, newer draft"), "mark": "wait", "public": True}
    return {"words": say("已公开", "public"), "mark": "good", "public": True}


@screen("office/pages/", "pages", read="pages.read")
def pages(request: HttpRequest) -> HttpResponse:
    """All articles, the last changed first."""
    wanted = request.GET.get("section", "")
    if wanted and wanted not in SECTIONS:
        raise DataError(f"section {wanted!r} is unknown; there are {', '.join(SECTIONS)}")
    newest = Draft.objects.filter(article=OuterRef("article")).order_by("-number").values("pk")[:1]
    drafts = Draft.objects.filter(pk=Subquery(newest)).select_related("article", "by").defer("body_zh", "body_en")
    if wanted:
        drafts = drafts.filter(article__section=wanted)
    last = Edition.objects.filter(article=OuterRef("article")).order_by("-number").values("pk")[:1]
    editions = {e.article_id: e for e in Edition.objects.filter(pk=Subquery(last))}
    language = "zh" if is_chinese() else "en"
    rows = [
        {
            "draft": d,
            "section": say(*SECTIONS[d.article.section]),
            **state_of(d, editions.get(d.article_id)),
            "zh": d.has("zh"),
            "en": d.has("en"),
            "title": d.title(language),
        }
        for d in drafts.order_by("-at", "-pk")
    ]
    context = {
        "rows": rows,
        "sections": [(name, say(*words), name == wanted) for name, words in SECTIONS.items()],
        "all": not wanted,
        "may_edit": may(user_of(request).roles, "pages.edit"),
    }
    return show(request, "office/pages.html", context, section="pages")


@screen("office/pages/new/", "page_new", read="pages.edit", write="pages.edit")
def page_new(request: HttpRequest) -> HttpResponse:
    """A new article; acting keeps its first draft."""
    if (first := _second_factor(request)) is not None:
        return first
    section = request.POST.get("section", "") if request.method == "POST" else request.GET.get("section", "news")
    context: dict[str, Any] = {"given": _given(request), "section_name": section}
    if request.method == "POST":
        try:
            picture = _picture(request, None)
            draft = writing.start(section, context["given"], user_of(request), picture=picture)
        except DataError as error:
            return _form(request, {**context, "faults": _faults(error), "picture": None}, status=422)
        messages.success(request, say("第1稿已保存。", "Draft 1 is kept."))
        return HttpResponseRedirect(reverse("page", args=[draft.article_id]))
    return _form(request, context)


@screen("office/pages/<int:article>/", "page", read="pages.read", write="pages.edit")
def page(request: HttpRequest, article: int) -> HttpResponse:
    """An article: its form, its drafts and its editions; acting saves, publishes or withdraws."""
    found = _article(article)
    edits = may(user_of(request).roles, "pages.edit")
    if edits and (first := _second_factor(request)) is not None:
        return first
    newest = writing.last(found)
    assert newest is not None
    context: dict[str, Any] = {"article": found, "newest": newest, "section_name": found.section}
    if request.method == "POST":
        context |= {"given": _given(request), "picture": newest.picture}
        try:
            return _act(request, found, newest)
        except writing.UnfitError as error:
            # What was typed is shown again; a save that came before a refused publication stands.
            context["newest"] = writing.last(found)
            return _form(request, {**context, "faults": _faults(error)}, status=422)
    context |= {"given": _of(newest), "picture": newest.picture, "waiting": _faults(None, writing.faults(newest))}
    return _form(request, context)


@screen("office/pages/<int:article>/draft/<int:number>/", "page_draft", read="pages.read")
def page_draft(request: HttpRequest, article: int, number: int) -> HttpResponse:
    """A draft, and what it changed in the one before."""
    draft = _draft(article, number)
    before = draft.article.drafts.filter(number=number - 1).select_related("picture").first()
    changes = []
    for name in writing.FIELDS:
        old, new = str(getattr(before, name, "") or ""), str(getattr(draft, name) or "")
        if old != new:
            lang = {"zh": "zh-Hans", "en": "en"}.get(name.rpartition("_")[2], "")
            changes.append({"name": words_of(name), "parts": difference(old, new), "lang": lang})
    pair = (before.picture if before else None, draft.picture)
    context = {
        "draft": draft, "before": before, "changes": changes, "pictures": pair if pair[0] != pair[1] else None,
        "languages": [x for x in LANGUAGES if draft.has(x)],
    }  # fmt: skip
    return show(request, "office/page_draft.html", context, section="pages")


@screen("office/pages/<int:article>/draft/<int:number>/<str:language>/", "page_preview", read="pages.read")
def page_preview(request: HttpRequest, article: int, number: int, language: str) -> HttpResponse:
    """A draft as the public site would show it."""
    draft = _draft(article, number)
    if language not in LANGUAGES:
        raise Http404
    return previewing.show(request, draft, language)


@screen("office/pages/pictures/<str:name>", "page_picture", read="pages.read")
def page_picture(request: HttpRequest, name: str) -> HttpResponse:
    """A picture that somebody uploaded, published or not."""
    stem = name.removesuffix(".jpg")
    found = Picture.objects.filter(sha256__startswith=stem).first() if len(stem) == 24 else None
    if found is None:
        raise Http404
    return HttpResponse(bytes(found.data), content_type="image/jpeg")


def _act(request: HttpRequest, article: Article, newest: Draft) -> HttpResponse:
    """Do what the form asks."""
    by, act = user_of(request), request.POST.get("act", "")
    back = HttpResponseRedirect(reverse("page", args=[article.pk]))
    if act == "withdraw":
        publishing.withdraw(article, by, request.POST.get("reason", ""))
        messages.success(request, say("已撤下；原地址会说明原因。", "Withdrawn; its address says why."))
        return back
    if act not in ("save", "publish"):
        raise DataError(f"act {act!r} is not known here; there are save, publish, withdraw")
    base = request.POST.get("base", "")
    if not base.isdecimal() or len(base) > 9:
        raise DataError(f"base {base!r}: is no number of a draft; open the article again")
    draft = writing.save(article, _given(request), by, picture=_picture(request, newest), base=int(base),
                         note=request.POST.get("note", ""))  # fmt: skip
    if act == "publish":
        edition = publishing.publish(draft, by)
        messages.success(request, say("已公开：第{n}版。", "Public now: edition {n}.", n=edition.number))
    else:
        messages.success(request, say("第{n}稿已保存。", "Draft {n} is kept.", n=draft.number))
    return back


def _form(request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    article: Article | None = context.get("article")
    edition = publishing.last(article) if article else None
    whole = {
        "picture": None,
        "sections": [(name, say(*words)) for name, words in SECTIONS.items()],
        "section_words": say(*SECTIONS.get(context["section_name"], ("新文章", "New article"))),
        "may_edit": may(user_of(request).roles, "pages.edit"),
        "edition": edition,
        "languages": (("zh", "zh-Hans", "中文"), ("en", "en", "English")),
        "longest": writing.LONGEST,
        **context,
    }
    if article:
        whole |= state_of(context["newest"], edition)
        whole["drafts"] = list(article.drafts.select_related("by").order_by("-number")[:50])
        whole["editions"] = list(article.editions.select_related("by", "draft").order_by("-number"))
    whole["wrong"] = {f["field"]: f["words"] for f in whole.get("faults", ())}
    return show(request, "office/page.html", whole, section="pages", status=status)


def _article(pk: int) -> Article:
    found = Article.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _draft(article: int, number: int) -> Draft:
    rows = Draft.objects.filter(article=article, number=number).select_related("article", "picture", "by")
    found = rows.defer("picture__data").first()
    if found is None:
        raise Http404
    return found


def _given(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in (*writing.FIELDS, "note", "reason")}


def _of(draft: Draft) -> dict[str, str]:
    return {name: str(getattr(draft, name) or "") for name in writing.FIELDS}


def _picture(request: HttpRequest, newest: Draft | None) -> Picture | None:
    """The picture of the form: a new one, none, or the one that is there."""
    given = request.FILES.get("picture")
    if given is not None:
        try:
            return pictures.keep(given.read(pictures.LARGEST_FILE + 1), user_of(request))
        except DataError as error:
            raise writing.UnfitError([writing.Fault("picture", str(error).removeprefix("picture: "))]) from error
    if request.POST.get("no_picture"):
        return None
    return newest.picture if newest else None


def _faults(error: DataError | None, given: list[writing.Fault] | None = None) -> list[dict[str, str]]:
    found = error.faults if isinstance(error, writing.UnfitError) else given
    if found is None:
        return [{"field": "", "name": "", "words": str(error)}]
    return [{"field": f.field, "name": words_of(f.field), "words": f.words} for f in found]


def difference(old: str, new: str) -> list[tuple[str, str]]:
    """Pieces of a text with what became of them: same, gone or new. Words in English, letters in Chinese."""
    a, b = _pieces(old), _pieces(new)
    out: list[tuple[str, str]] = []
    for kind, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "equal":
            out.append(("same", "".join(a[i:j])))
            continue
        if j > i:
            out.append(("gone", "".join(a[i:j])))
        if m > k:
            out.append(("new", "".join(b[k:m])))
    return out


def _pieces(text: str) -> list[str]:
    """Words, runs of blanks, and single letters of Chinese."""
    return re.findall(r"[A-Za-z0-9]+|\s+|.", text, re.DOTALL)
