"""The guide for programs that read texts (llms.txt): what is here, where it is, and how to cite it; and robots.txt."""

from ellwand.office.releases.canonical import write_instant
from ellwand.office.screens.words import name_of
from ellwand.web import query
from ellwand.web.moments import Moment
from ellwand.web.registers import stated
from ellwand.web.site.page import PAGES, Language, where
from ellwand.web.words import said

CLOSED = ("/office/", "/accounts/", "/r/")
"""What search machines have no business with."""


def robots(sitemap: str) -> str:
    """What machines may read: everything public."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED), "", f"Sitemap: {sitemap}"]
    return "\n".join(lines) + "\n"


def guide(seen: Moment, language: Language, base: str, market: object) -> str:
    """The guide as Markdown."""
    side = 0 if language == "zh" else 1
    root = base.rstrip("/")
    top = next((row for row in query.observations(seen, query.Asked(last=1)) if _is_total(seen, row["series"])), None)
    name = name_of(market) if market else "Ellwand"
    out = [f"# {name}", ""]
    claim = said(
        "公布的价格指数，每个数字都可核对、可按版本引用。",
        "A published price index whose every figure can be checked, and cited by its vintage.",
    )
    out += [f"> {claim}", ""]
    if query.series(seen) and query.series(seen)[0].simulated:
        out += [
            "**"
            + said("模拟数据，与任何真实价格无关。", "Simulated figures, which say nothing about real prices.")
            + "**",
            "",
        ]
    if top is not None and seen.issued:
        value = said(
            "最新：{p}，总指数 {v}，较上期 {c} %；版本 {r}，{t} 发布。",
            "Newest: {p}, total index {v}, {c} % on the previous issue; vintage {r}, released {t}.",
            p=top["period"], v=top["value"] or "–", c=top["change_previous"] or "–", r=seen.vintage,
            t=write_instant(seen.issued),
        )  # fmt: skip
        out += [value, ""]
    if seen.next_at:
        out += [said("下一次发布：{t}。", "Next release: {t}.", t=write_instant(seen.next_at)), ""]
    for head, rows in sections(language):
        out += [f"## {head}", ""]
        out += [f"- [{words}]({root}{path}): {about}" for words, path, about in rows]
        out.append("")
    licence = stated("licence")[side]
    out += ["## " + said("怎样引用", "How to cite"), ""]
    out.append(said(
        "写明系列、期次、版本和地址，例如 {a}?vintage={v}。指明版本的地址永不改变。",
        "Name series, period, vintage and address, as {a}?vintage={v}. An address with a vintage never changes.",
        a=f"{root}{where('index', language)}0/", v=seen.vintage or "RELEASE",
    ))  # fmt: skip
    if licence:
        out.append(said("许可：{l}", "Licence: {l}", l=licence))
    return "\n".join(out) + "\n"


def _is_total(seen: Moment, code: str) -> bool:
    return any(one.code == code and one.level == 0 for one in query.series(seen))


def sections(language: Language) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Heads, and links with what is there."""
    twins = [
        (said("首页", "Home"), "home.md", said("最新数字", "the newest figures")),
        (said("分类", "Classification"), "index.md", said("全部系列的最新值", "the newest value of every series")),
        (said("评述", "Comments"), "comments/price.md", said("每期评述", "the comment of every issue")),
        (said("更正", "Corrections"), "corrections.md", said("更正记录", "the log of corrections")),
        (said("日历", "Calendar"), "calendar.md", said("发布时间", "instants of releases")),
        (said("发布", "Releases"), "releases.md", said("全部版本", "all vintages")),
    ]
    root = where("home", language)
    pages = [(words, root + path, about) for words, path, about in twins]
    data = [
        ("/api/v1/openapi.json", "/api/v1/openapi.json", said("接口说明", "description of the API")),
        ("/api/v1/observations?series=0", "/api/v1/observations?series=0",
         said("观测值；asOf 或 vintage 可回到任何版本", "observations; asOf or vintage goes back to any version")),
        ("/api/v1/codes", "/api/v1/codes", said("代码字典", "the code dictionary")),
        ("/data/price.csv", "/data/price.csv", said("全部数据", "everything")),
        ("/data/0.csv", "/data/0.csv", said("一个系列；也有 .xlsx .json .px", "one series; also .xlsx .json .px")),
        ("/sdmx/v2/", "/sdmx/v2/", "SDMX-REST 2"),
        ("/data/catalog.jsonld", "/data/catalog.jsonld", said("数据目录（DCAT）", "the catalogue (DCAT)")),
    ]  # fmt: skip
    feeds = [
        ("releases.atom", where_feed(language, "releases"), said("新发布", "new releases")),
        ("corrections.atom", where_feed(language, "corrections"), said("新更正", "new corrections")),
        ("calendar.ics", root + "calendar.ics", said("发布日历", "the release calendar")),
    ]
    more = []
    if "developers" in PAGES:
        more = [
            (said("开发者", "Developers"), where("developers", language), said("接口与规则", "interfaces and rules"))
        ]
    return [
        (said("页面的 Markdown 版", "Pages as Markdown"), pages),
        (said("数据", "Data"), [*data, *more]),
        (said("订阅", "Feeds"), feeds),
    ]


def where_feed(language: Language, topic: str) -> str:
    """The address of a feed."""
    return f"{where('home', language)}feed/{topic}.atom"
