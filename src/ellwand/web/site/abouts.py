"""What search machines show of a page below its title, where the page itself has nothing fresher to say."""

ABOUTS: dict[str, tuple[str, str]] = {
    "home": (
        "{market}的最新价格指数：涨跌、原因、置信区间和下一期的发布时间。",
        "The latest price index of {market}: changes and what moved them, intervals, and when the next issue comes.",
    ),
    "index": (
        "{market}的全部分类：每一级的指数、涨跌、权重、贡献和质量等级。",
        "Every class of {market}: levels, changes, weights, contributions and grades of quality.",
    ),
    "revisions": (
        "{title}：每一期发布过的全部版本、修订三角，以及任一时刻看到的数字。",
        "{title}. Every vintage of every issue, the triangle of revisions, and the figures as of any instant.",
    ),
    "price_comments": (
        "{market}每一期的价格评述，文中每个数字都通向它的出处。",
        "The price comment of every issue of {market}; each figure in it leads to where it comes from.",
    ),
    "comment": ("{title}：{market}的价格评述。", "{title}: the price comment of {market}."),
    "outlook": (
        "{market}的预警与预测：将发布什么、依据什么规则、何时开始。",
        "Warnings and forecasts of {market}: what will be published, by which rules, and from when.",
    ),
    "fabrics": (
        "{market}的流行面料排行：将发布什么、怎样编制、何时开始。",
        "Rankings of popular fabrics at {market}: what will be published, how it is made, and from when.",
    ),
    "sources": (
        "{market}在哪里采价：采集点、样本单位数和每周应报价格。",
        "Where the prices of {market} are taken: sources, sample units, and the prices due in a week.",
    ),
    "units": (
        "{market}的样本单位：同意公开名称的单位、各采集点的单位数和样本轮换记录。",
        "The sample units of {market}: those that agreed to be named, counts by source, and the log of the rotation.",
    ),
    "news": ("{market}的公告和新闻。", "Notices and news of {market}."),
    "market-news": ("{market}的市场动态。", "News of the market, by {market}."),
    "article": ("{title}：{market}。", "{title}, by {market}."),
    "knowledge": (
        "{market}怎样编制：方法及其各版本、公式、分类、权重和常见问题。",
        "How the index of {market} is made: the method and its versions, formulas, classes, weights and questions.",
    ),
    "method": (
        "{title}：编制规则全文和校验值，可据此重算每一个数字。",
        "{title}: every rule and its digest, by which each figure can be computed again.",
    ),
    "glossary": (
        "指数用语的中英文对照和简明解释。",
        "The terms of the index in plain words, in English and in Chinese.",
    ),
    "quality": (
        "{market}每一期的质量报告：样本、响应、推算、审核和区间。",
        "Quality reports of every issue of {market}: sample, response, imputation, editing and intervals.",
    ),
    "contracts": (
        "怎样在合同中写明、引用和更替{market}的指数。",
        "How a contract names, cites and replaces an index of {market}.",
    ),
    "about": (
        "{market}由谁编制、怎样治理、怎样联系。",
        "Who makes the index of {market}, how it is governed, and how to reach us.",
    ),
    "policy": ("{title}：{market}的公开政策。", "{title}: a public policy of {market}."),
    "roles": ("谁能在{market}做什么：角色、权限和相互制约。", "Who may do what at {market}: roles, rights and checks."),
    "governance": (
        "{market}的治理自检：每一项要求、怎样检验、结果如何。",
        "The governance self-test of {market}: each requirement, how it is tested, and what came of it.",
    ),
    "accessibility": (
        "本站的无障碍承诺、已知的不足和反馈方式。",
        "What this site does for every reader, what it lacks, and how to tell us.",
    ),
    "contact": (
        "怎样联系{market}、报告错误和要求更正。",
        "How to reach {market}, report an error and ask for a correction.",
    ),
    "calendar": (
        "{market}的发布日历：每一期的采价截止和发布时间，可订阅。",
        "The release calendar of {market}: cut-off and instant of every issue, to subscribe to.",
    ),
    "releases": (
        "{market}的全部发布：每一期的文件、校验值和签名，可供核对。",
        "Every release of {market} with its files, digests and signature, for anybody to verify.",
    ),
    "release": (
        "{title}：文件、校验值、签名和核对方法。",
        "{title}: files, digests, signature, and how to verify them.",
    ),
    "corrections": (
        "{market}的全部更正：旧值、新值、原因、发现人和时间。",
        "Every correction of {market}: old and new value, cause, who found it, and when.",
    ),
    "status": (
        "{market}本期进行到哪一步，以及准时发布的记录。",
        "How far this week's issue of {market} is, and whether releases came on time.",
    ),
    "consultations": (
        "{market}正在和曾经征求意见的方法变更，以及意见和答复。",
        "Changes of method on which {market} asks or asked for views, with the views and the answers.",
    ),
    "complaints": (
        "向{market}投诉、报告错误，以及处理的期限和结果统计。",
        "Complain to {market} or report an error; how long it takes, and what came of it so far.",
    ),
    "explore": (
        "把{market}的几个系列画在一张图里：换基、换口径、选时段，地址即存档。",
        "Several series of {market} in one chart: rebase them, change the measure and the span, and keep the address.",
    ),
    "data": (
        "{market}的全部数据：CSV、Excel、JSON-stat、PC-Axis、SQLite 和 SDMX，按系列或整体下载。",
        "All data of {market} as CSV, Excel, JSON-stat, PC-Axis, SQLite and SDMX, by series or as a whole.",
    ),
    "developers": (
        "{market}的程序接口：REST、SDMX、订阅源、MCP，附可运行的例子。",
        "Interfaces of {market} for programs: REST, SDMX, feeds and MCP, with examples that run.",
    ),
    "alerts": (
        "{market}的发布、更正和变动通知：邮件或网络回调。",
        "Be told of releases, corrections and moves of {market}, by e-mail or webhook.",
    ),
    "press": (
        "{market}的媒体资料：最新数字、引用写法、图表和嵌入代码。",
        "For the press: the latest figures of {market}, how to cite them, charts, and code to embed.",
    ),
}  # fmt: skip
"""Of every page that search machines may list: Chinese and English, {title} and {market} to be filled in."""
UNLISTED = ("search", "embed", "alerts_sent", "alerts_confirm", "alerts_own", "alerts_stop", "complaint")
"""Pages that are somebody's own, or no content of their own."""
LONGEST = 160
"""Letters of a description that search machines show."""


def of(name: str, side: int, title: str, market: str) -> str:
    """The description of a page, "" for one that has none. side : 0 for Chinese, 1 for English."""
    words = ABOUTS.get("article" if name.startswith("article_") else name)
    return words[side].format(title=title, market=market) if words else ""


def shortened(text: str) -> str:
    """A text of which no more is left than search machines show, cut between words."""
    plain = " ".join(text.split())
    if len(plain) <= LONGEST:
        return plain
    cut = plain[: LONGEST - 1]
    # English ends at a blank; Chinese, which has hardly any, anywhere.
    blank = cut.rfind(" ")
    return (cut[:blank] if blank > LONGEST // 2 else cut).rstrip(" ,;:，；：") + "…"
