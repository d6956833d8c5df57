"""Pages of the site: the table of all pages, kept by the decorator that every page carries.

A page is a function of its request and of nothing that the reader can't see: its figures come through the gate of
`office.record.reading`, so that nothing shows before its instant.
"""

import html
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Literal

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template import loader
from django.urls import URLPattern, path
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString

from ellwand.engine.errors import DataError
from ellwand.office import once
from ellwand.office.screens.access import NUL, holds_nul
from ellwand.office.screens.words import name_of, say
from ellwand.web import registers
from ellwand.web.answers import ASK_AGAIN
from ellwand.web.problems import KINDS, ProblemError
from ellwand.web.site import abouts

Language = Literal["zh", "en"]
CODES: dict[Language, str] = {"zh": "zh-hans", "en": "en"}
TAGS: dict[Language, str] = {"zh": "zh-Hans", "en": "en"}

MENU: tuple[tuple[str, str, str], ...] = (
    ("home", "首页", "Home"),
    ("index", "指数分类", "Index Classification"),
    ("comments", "指数评述", "Comments"),
    ("fabrics", "流行面料", "Popular Fabrics"),
    ("sources", "采集点", "Collecting Sources"),
    ("units", "样本单位", "Sample Units"),
    ("news", "新闻", "News"),
    ("market-news", "市场动态", "Market News"),
    ("knowledge", "指数知识", "Index Knowledge"),
    ("about", "关于我们", "About Us"),
)
"""The menu of the site: name of the page, words."""

MORE: tuple[tuple[str, str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "发布与责任",
        "What we owe you",
        (
            ("calendar", "发布日历", "Release calendar"),
            ("releases", "发布档案", "Releases"),
            ("status", "本期进度", "Status of this week"),
            ("corrections", "更正记录", "Corrections"),
            ("consultations", "意见征集", "Consultations"),
            ("complaints", "投诉", "Complaints"),
        ),
    ),
    (
        "数据与工具",
        "Data and tools",
        (
            ("explore", "比较与换基", "Compare and rebase"),
            ("data", "数据目录", "Data catalogue"),
            ("developers", "开发者", "Developers"),
            ("alerts", "订阅通知", "Alerts"),
            ("press", "媒体与嵌入", "Press kit"),
            ("outlook", "预警与预测", "Warning & Forecast"),
            ("search", "搜索", "Search"),
        ),
    ),
)
"""Pages below every page, in groups: words of the group, and of each its name and words."""


LEADS_TO = {"comments": "price_comments"}
"""Pages that only lead on to another: the menu leads there at once."""
PAGED = ("news", "market-news", "quality")
"""Lists that go on over further pages."""


@dataclass
class Shown:
    """What a page shows. title : of the window. context : of the template."""

    template: str
    title: str
    context: dict[str, Any] = field(default_factory=dict)
    status: int = 200


Page = Callable[..., Shown | HttpResponseBase]


@dataclass(frozen=True)
class Entry:
    """A page of the table. address : below the root of a language."""

    address: str
    name: str
    view: Callable[..., HttpResponseBase]


PAGES: dict[str, Entry] = {}


def page(address: str, name: str, *, forms: bool = False) -> Callable[[Page], Page]:
    """Make a function a page of the site. It gets the request, the language, and the parts of the address.

    forms : whether it takes forms; any other page is only read.

    A DataError becomes a page that says what is wrong (status 400); Http404 the plain page of an unknown address.
    """

    def keep(function: Page) -> Page:
        @wraps(function)
        def answer(request: HttpRequest, *, site_language: Language, **parts: Any) -> HttpResponseBase:
            with once.request(), translation.override(CODES[site_language]):
                if request.method not in ("GET", "HEAD") and not forms:
                    return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
                try:
                    if holds_nul(request, parts, form=request.method == "POST"):
                        raise DataError(say(*NUL))
                    shown = function(request, site_language, **parts)
                except Http404:
                    return not_found(request, None)
                except ProblemError as problem:
                    shown = refused(problem, site_language)
                except DataError as error:
                    words = say("这个地址或查询有误", "This address or query is not right")
                    shown = Shown("site/told.html", words, {"message": str(error)}, 400)
                if isinstance(shown, HttpResponseBase):
                    return shown
                return _ruled(render(request, site_language, shown), shown)

        if name in PAGES and PAGES[name].view.__module__ != function.__module__:
            raise ValueError(f"page {name} is there twice")
        PAGES[name] = Entry(address, name, answer)
        return function

    return keep


def _ruled(answer: HttpResponse, shown: Shown) -> HttpResponse:
    """The rule for caches: everybody's page is asked for again, a page with a form is its reader's own."""
    if shown.context.get("form"):
        answer["Cache-Control"] = "private, no-store"
    elif shown.status == 200 and "Cache-Control" not in answer:
        answer["Cache-Control"] = ASK_AGAIN
    return answer


def refused(problem: ProblemError, language: Language) -> Shown:
    """What a reader is told of a query that can't be answered: field, value, rule and remedy, in his language."""
    side, kind = (0 if language == "zh" else 1), KINDS[problem.kind]
    stop, end = ("；", "。") if language == "zh" else ("; ", ".")
    message = f"{problem.where}{problem.rule[side]}{stop}{problem.remedy[side]}{end}"
    return Shown("site/told.html", kind.zh if language == "zh" else kind.en, {"message": message}, problem.status)


def render(request: HttpRequest, language: Language, shown: Shown) -> HttpResponse:
    """The answer with a page in its frame, in the language that is active."""
    market = registers.market()
    bare = strip_language(request.path)
    context = {
        "market": market,
        "simulated": bool(market and market.simulated),
        "language": language,
        "lang": TAGS[language],
        "menu": links(MENU, language, bare),
        "more": [(say(zh, en), links(rows, language, bare)) for zh, en, rows in MORE],
        "other": switch(request.get_full_path(), language),
        "title": shown.title,
        "path": request.path,
        "root": root_of(language),
        "search": where("search", language) if "search" in PAGES else "",
        "figures_css": style_address(),
        **shown.context,
        **told_to_machines(request, language, shown, name_of(market) if market else "Ellwand"),
    }
    text = loader.get_template(shown.template).render(context, request if shown.context.get("form") else None)
    answer = HttpResponse(text, status=shown.status, headers={"Content-Language": TAGS[language]})
    patch_vary_headers(answer, ["Accept-Encoding"])
    return answer


def told_to_machines(request: HttpRequest, language: Language, shown: Shown, market: str) -> dict[str, Any]:
    """What a page says of itself to machines: its addresses, what it is about, other forms of it, a description.

    Search machines want whole addresses, and one of each content: a view by a query belongs to its page, but the
    further pages of a list are pages of their own. What is nobody's to find says so.
    """
    from ellwand.web.described import alternates, structured

    match = request.resolver_match
    name = str(match.url_name if match else "").removeprefix("site_").removesuffix("_en" if language == "en" else "")
    if shown.status != 200 or match is None or name not in PAGES or name in abouts.UNLISTED:
        return {"unlisted": True}
    parts = {k: v for k, v in match.kwargs.items() if k != "site_language"}
    number = request.GET.get("page", "") if name in PAGED else ""
    further = f"?page={number}" if re.fullmatch(r"[1-9]\d{0,5}", number) and number != "1" else ""
    whole = {other: request.build_absolute_uri(switch_to(request.path, other) + further) for other in CODES}
    # A title that is ready for HTML is written once more with what else the description says.
    title = html.unescape(shown.title) if isinstance(shown.title, SafeString) else shown.title
    about = shown.context.get("about") or abouts.of(name, 0 if language == "zh" else 1, title, market)
    return {
        "alternates": alternates(name, language, parts),
        "structured": structured(name, language, parts, request, shown.title),
        "addresses": whole,
        "canonical": whole[language],
        "about": abouts.shortened(about),
    }


def links(rows: Iterable[tuple[str, str, str]], language: Language, bare: str) -> list[tuple[str, str, str]]:
    """Of the pages that are there: address, words, and the value of `aria-current` ("" where the reader isn't)."""
    out: list[tuple[str, str, str]] = []
    for name, zh, en in rows:
        if name in PAGES:
            address, to = PAGES[name].address, LEADS_TO.get(name, name)
            inside = "true" if address and bare.startswith(address) else ""
            words = zh if language == "zh" else en
            out.append((where(to, language), words, "page" if bare == PAGES[to].address else inside))
    return out


def root_of(language: Language) -> str:
    """The address of the home page of a language."""
    return "/" if language == "zh" else "/en/"


def style_address() -> str:
    """The address of the style sheet of figures."""
    from ellwand.web.site.style import sheet

    return f"/style/figures-{sheet()[1]}.css"


def where(name: str, language: Language, **parts: Any) -> str:
    """The address of a page in a language. ValueError for parts that the address does not have."""
    address = PAGES[name].address
    for key, value in parts.items():
        address = re.sub(rf"<\w+:{key}>", str(value).replace("\\", "\\\\"), address)
    if "<" in address:
        raise ValueError(f"page {name}: {address} lacks a part")
    return root_of(language) + address


def strip_language(path_: str) -> str:
    """A path below the root of its language. Strokes at its beginning would make a browser take it for a host."""
    return (path_.removeprefix("/en/") if path_.startswith("/en/") else path_).lstrip("/")


def switch_to(path_: str, language: Language) -> str:
    """The same path in a language."""
    return root_of(language) + strip_language(path_)


def switch(path_: str, language: Language) -> str:
    """The same path, with its query, in the other language."""
    return switch_to(path_, "en" if language == "zh" else "zh")


def addresses(language: Language) -> list[URLPattern]:
    """The addresses of all pages below the root of a language."""
    suffix = "" if language == "zh" else "_en"
    # Fixed addresses first: none can be hidden by one with parts, whichever was entered first.
    entries = sorted(PAGES.values(), key=lambda e: "<" in e.address)
    return [path(e.address, e.view, {"site_language": language}, name=f"site_{e.name}{suffix}") for e in entries]


def number_of(given: str) -> int:
    """The number of a page of a list. DataError for a text that is none."""
    if not (given.isascii() and given.isdigit() and len(given) < 6 and int(given)):
        raise DataError(say("页码 {p} 不对；写 1、2、3……", "page {p}: write a number from 1 on", p=given[:20]))
    return int(given)


def not_found(request: HttpRequest, exception: Exception | None) -> HttpResponse:
    """A plain 404 in the language of the address, without a hint of what may be there."""
    language: Language = "en" if request.path.startswith("/en/") else "zh"
    with translation.override(CODES[language]):
        words = say("没有这个页面", "There is no page here")
        return render(request, language, Shown("site/told.html", words, {"message": ""}, 404))
