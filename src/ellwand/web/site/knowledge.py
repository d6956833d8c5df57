"""Index knowledge: the method by version in sentences, the grades, and the questions that readers ask."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from ellwand.office.pages import reading
from ellwand.office.pages.models import KNOWLEDGE
from ellwand.office.registry.models import Market, MethodVersion
from ellwand.office.screens.words import say
from ellwand.production.method import parse_method
from ellwand.production.report.method_notes import method_notes
from ellwand.production.report.words import Words
from ellwand.web.site.news import line
from ellwand.web.site.page import Language, Shown, page, where

QUESTIONS: tuple[tuple[str, str, str, str], ...] = (
    (
        "指数 105.20 是什么意思？",
        "What does an index of 105.20 mean?",
        "与基期相比，同样的商品现在平均要多付 5.20%。指数比较的是价格，不是金额：卖得多少不影响它。",
        "The same goods cost 5.20 % more on average than in the base period. The index compares prices and not "
        "turnover: "
        "how much was sold does not move it.",
    ),
    (
        "为什么涨跌幅和用公布指数自己算的有时差 0.01？",
        "Why does a change sometimes differ by 0.01 from what I compute?",
        "指数以完整精度保存，公布时才舍入一次。涨跌幅按哪一种指数计算，写在方法里。",
        "Levels are kept at full precision and rounded once, at publication. The method says of which of the "
        "two changes "
        "are computed.",
    ),
    (
        "“较上期”总是较上周吗？",
        "Is “on the previous issue” always on the week before?",
        "不一定。节假日等不发布的一周没有指数，“上期”是指上一次发布的那一期。日历里写明了哪几周不发布。",
        "No. A week without an issue has no index, and the previous issue is the last one that was published. "
        "The calendar "
        "names the weeks without one.",
    ),
    (
        "某个分类为什么没有数字？",
        "Why has a class no figure?",
        "报价单位太少、推算比重过高，或一家单位占比过大时，不公布数字，等级为 S，并写明原因。没有数字不等于没有变化。",
        "Too few units, too large a share of imputed prices, or one unit with too large a share: then no figure is "
        "published, the grade is S and the reason stands beside it. No figure does not mean no change.",
    ),
    (
        "怎样引用一个数字？",
        "How do I cite a figure?",
        "写明分类、期次、发布时间和版本。每个版本有固定地址，以后的更正不会改变它。",
        "Name the class, the issue, the time of release and the vintage. Every vintage has an address of its "
        "own, and a "
        "later correction does not change it.",
    ),
    (
        "怎样核对一个数字？",
        "How do I check a figure?",
        "下载当期的发布文件夹，运行 ellwand verify；它核对每个文件的 SHA-256、签名和链条。",
        "Download the folder of the release and run ellwand verify; it checks the SHA-256 of every file, the "
        "signature and "
        "the chain.",
    ),
)  # fmt: skip
GRADES: tuple[tuple[str, str, str], ...] = (
    ("A", "以本类自己的报价为主，推算比重低", "mostly the class's own quotes, few imputed prices"),
    ("B", "报价与推算并用", "quotes and imputed prices together"),
    ("C", "多数价格为推算，可靠性低，措辞放缓", "mostly imputed prices: low reliability, softer words"),
    ("S", "不公布：单位不足、推算过多或须保密", "not published: too few units, too much imputed, or confidential"),
)


def methods() -> list[MethodVersion]:
    """All versions of the method, the newest first."""
    return list(MethodVersion.objects.order_by("-pk"))


def standing_pages(language: Language, versions: list[MethodVersion]) -> list[dict[str, str]]:
    """The pages of knowledge that are always there: address, title, and what they say."""
    rows = [
        (
            "glossary",
            "术语表",
            "Glossary",
            "术语、涨跌用词的界限、状态、分类名称",
            "Terms, words of size, statuses, names of classes",
        ),
        (
            "contracts",
            "在合同中使用指数",
            "Use in contracts",
            "怎样写、怎样算、容易漏掉的情形",
            "What to write, how to compute, what is forgotten",
        ),
        (
            "quality",
            "质量报告",
            "Quality reports",
            "每一期的回收率、推算、剔除和区间",
            "Response, imputation, exclusions, intervals by issue",
        ),
    ]
    out = [{"address": where(n, language), "title": say(zh, en), "lead": say(lz, le)} for n, zh, en, lz, le in rows]
    if versions:
        lead = say(
            "现行方法 {v}，逐条写明",
            "The method in force, {v}, rule by rule",
            v=f"{versions[0].name} {versions[0].version}",
        )
        address = where("method", language, digest=versions[0].digest)
        out.insert(0, {"address": address, "title": say("编制方法", "Method handbook"), "lead": lead})
    return out


@page("knowledge/", "knowledge")
def knowledge(request: HttpRequest, language: Language) -> Shown:
    """Questions, grades, and the method in force in sentences."""
    versions = methods()
    context: dict[str, Any] = {
        "questions": [(zh, zh_said) if language == "zh" else (en, en_said) for zh, en, zh_said, en_said in QUESTIONS],
        "grades": [(g, zh if language == "zh" else en) for g, zh, en in GRADES],
        "versions": versions,
        "notes": notes_of(versions[0], language) if versions else [],
        "method": versions[0] if versions else None,
        "more_pages": [*standing_pages(language, versions), *(line(e, language) for e in reading.current(KNOWLEDGE))],
    }
    return Shown("site/knowledge.html", say("指数知识", "Index knowledge"), context)


@page("knowledge/method/<str:digest>/", "method")
def method(request: HttpRequest, language: Language, digest: str) -> Shown:
    """One version of the method: in sentences, and the file itself."""
    row = MethodVersion.objects.filter(digest=digest).order_by("-pk").first()
    if row is None:
        raise Http404
    context = {"method": row, "notes": notes_of(row, language)}
    return Shown("site/method.html", say("方法 {v}", "Method {v}", v=f"{row.name} {row.version}"), context)


@page("knowledge/method/<str:digest>.toml", "method_file")
def method_file(request: HttpRequest, language: Language, digest: str) -> HttpResponse:
    """The method file as it was taken in."""
    row = MethodVersion.objects.filter(digest=digest).order_by("-pk").first()
    if row is None:
        raise Http404
    return HttpResponse(row.text, content_type="application/toml; charset=utf-8")


def notes_of(row: MethodVersion, language: Language) -> list[tuple[str, str]]:
    """A version of the method in sentences: head and text."""
    parsed = parse_method(row.text, f"{row.name} {row.version}").method
    market = Market.objects.first()
    words = Words(language, kind="week")
    return method_notes(parsed, words, (), simulated=bool(market and market.simulated))
