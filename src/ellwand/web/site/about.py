"""About the office: who answers for the index, its policies, who may do what, accessibility, contact."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata as installed
from importlib import resources
from string import Formatter
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.safestring import SafeString

from ellwand.office.accounts.roles import MAY, ROLES
from ellwand.office.approvals import alarm, previews
from ellwand.office.cases import complaints, declarations, drills
from ellwand.office.editorial import metadata
from ellwand.office.pages import marks, reading
from ellwand.office.pages.models import ABOUT
from ellwand.office.record import reading as figures
from ellwand.office.registry import calendar
from ellwand.office.registry.models import MethodVersion
from ellwand.office.rounds.models import Round
from ellwand.office.screens.words import say
from ellwand.production.method import Method, parse_method, read_method
from ellwand.web.site.news import line
from ellwand.web.site.page import PAGES, Language, Shown, page, root_of, where
from ellwand.web.site.roles_words import ACTS, NAMES

POLICIES: Mapping[str, tuple[str, str, str, str]] = {
    "release": (
        "发布政策",
        "Release policy",
        "何时公开、谁批准、怎样推迟",
        "When issues become public, who approves, how one is held",
    ),
    "revision": ("修订政策", "Revision policy", "哪些数字可以修订", "Which figures may be revised"),
    "corrections": ("更正政策", "Corrections policy", "错误怎样改正、怎样公布", "How errors are mended and told"),
    "complaints": ("投诉政策", "Complaints policy", "期限、申诉、公布的件数", "Time limits, appeal, public counts"),
    "confidentiality": (
        "保密政策",
        "Confidentiality policy",
        "单家报价怎样受保护",
        "How what one unit reports is protected",
    ),
    "early-access": (
        "提前获知政策",
        "Early-access policy",
        "谁能提前看到，名单公开",
        "Who sees an issue early; the list",
    ),
}
"""The policies: title and what they say in one line, in Chinese and English each."""


@dataclass(frozen=True)
class Policy:
    """A policy in one language. digest : SHA-256 of its text in both languages, as they stand in the program."""

    name: str
    title: str
    html: SafeString
    digest: str


def texts(name: str) -> dict[Language, str]:
    """The text of a policy in both languages, with {names} where a value of the office stands."""
    folder = resources.files("ellwand.web.site") / "texts"
    zh, en = (folder.joinpath(f"{name}.{language}.md").read_text(encoding="utf-8") for language in ("zh", "en"))
    return {"zh": zh, "en": en}


def values(language: Language, method: Method | None = None) -> dict[str, str]:
    """What stands for the names in a policy: what the program does, and what the method in force says."""
    rules = (method or method_in_force()).quality
    share = f"{100 * rules.dominance:g}" + ("%" if language == "zh" else " %")
    return {
        "root": root_of(language),
        "calendar_months": str(calendar.MONTHS),
        "declaration_days": str(declarations.LASTS.days),
        "recompute_last": str(alarm.LAST),
        "acknowledge_days": str(complaints.ACKNOWLEDGE_DAYS),
        "answer_days": str(complaints.ANSWER_DAYS),
        "minimum_units": str(rules.minimum_units),
        "dominance": share,
    }


def method_in_force() -> Method:
    """The newest method of the office; the default one where there is none yet."""
    row = MethodVersion.objects.order_by("-pk").first()
    return parse_method(row.text, f"{row.name} {row.version}").method if row else read_method().method


def policy_of(name: str, language: Language) -> Policy:
    """A policy as its page shows it. KeyError for one that there is not."""
    zh, en, *_ = POLICIES[name]
    both = texts(name)
    written = both[language].format_map(values(language))
    digest = hashlib.sha256(f"{both['zh']}\x00{both['en']}".encode()).hexdigest()
    return Policy(name, say(zh, en), SafeString(marks.html(written)), digest)


def names_in(text: str) -> set[str]:
    """The names in braces of a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def stated(language: Language) -> dict[str, tuple[str, str]]:
    """What the office says of the index since its first release (scope, source, licence ...): name and text of each."""
    last = figures.latest()
    if last is None:
        return {}
    told = metadata.metadata_of(Round.objects.get(pk=last.compilation.round_id))
    return {n: (say(*metadata.NAMES[n]), one.of(language)) for n, one in told.items() if one.of(language).strip()}


def standing_pages(language: Language) -> list[dict[str, Any]]:
    """The pages about the office that are there: address, title and what they say."""
    rows = [
        (
            "governance",
            "治理自检",
            "Governance self-test",
            "五十项要求在本系统上的检验结果",
            "Fifty requirements, tried on this very system",
        ),
        ("roles", "角色与权限", "Roles", "谁能做什么；未列出的一律拒绝", "Who may do what; the rest is refused"),
        (
            "accessibility",
            "无障碍声明",
            "Accessibility",
            "已经做到的、怎样检验、怎样告诉我们",
            "What holds, how it is tested, how to tell us",
        ),
        (
            "contact",
            "联系与更正",
            "Contact",
            "疑问、错误、投诉分别写到哪里",
            "Where questions, errors and complaints go",
        ),
    ]
    return [
        {"address": where(name, language), "title": say(zh, en), "lead": say(lead_zh, lead_en)}
        for name, zh, en, lead_zh, lead_en in rows
        if name in PAGES
    ]


@page("about/", "about")
def about(request: HttpRequest, language: Language) -> Shown:
    """The office, its policies, and what it shows of itself."""
    drill = drills.last()
    context = {
        "stated": [(name, *words) for name, words in stated(language).items()],
        "policies": [
            {"address": where("policy", language, policy=name), "title": say(zh, en), "lead": say(lead_zh, lead_en)}
            for name, (zh, en, lead_zh, lead_en) in POLICIES.items()
        ],
        "pages": standing_pages(language),
        "more_pages": [line(e, language) for e in reading.current(ABOUT)],
        "early": len(previews.listed()),
        "early_address": where("policy", language, policy="early-access"),
        "drill": drill,
        "version": installed.version("ellwand"),
    }
    return Shown("site/about.html", say("关于我们", "About us"), context)


@page("about/policies/<slug:policy>/", "policy")
def policy_page(request: HttpRequest, language: Language, policy: str) -> Shown:
    """A policy; that of early access with the list as it stands."""
    if policy not in POLICIES:
        raise Http404
    one = policy_of(policy, language)
    context: dict[str, Any] = {
        "policy": one,
        "version": installed.version("ellwand"),
        "others": [
            (where("policy", language, policy=n), say(zh, en), n == policy) for n, (zh, en, *_) in POLICIES.items()
        ],
    }
    if policy == "early-access":
        context |= {"list": previews.listed(), "shows_list": True}
    return Shown("site/policy.html", one.title, context)


@page("about/roles/", "roles")
def roles(request: HttpRequest, language: Language) -> Shown:
    """Who may do what, from the very table by which the program decides."""
    side = 0 if language == "zh" else 1
    context = {
        "roles": [NAMES[role][side] for role in ROLES],
        "rows": [(ACTS[act][side], act, [role in held for role in ROLES]) for act, held in MAY.items()],
        "people": [(NAMES[role][side], NAMES[role][2 + side]) for role in ROLES],
    }
    return Shown("site/roles.html", say("角色与权限", "Roles"), context)


@page("about/accessibility/", "accessibility")
def accessibility(request: HttpRequest, language: Language) -> Shown:
    """What holds for readers with other means than a mouse and good eyes, how it is tested, and what does not hold."""
    written = texts("accessibility")[language].format_map(values(language))
    return Shown("site/text.html", say("无障碍声明", "Accessibility"), {"html": SafeString(marks.html(written))})


@page("about/contact/", "contact")
def contact(request: HttpRequest, language: Language) -> Shown:
    """Where a question, an error, and a complaint go."""
    said = stated(language).get("contact", ("", ""))
    return Shown("site/contact.html", say("联系与更正", "Contact"), {"contact": said[1]})
