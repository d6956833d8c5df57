"""News and free pages of the demo: each says that it is invented, as the market is."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from PIL import Image

from ellwand.office import clock
from ellwand.office.accounts.models import User
from ellwand.office.demo import people
from ellwand.office.home import Home
from ellwand.office.pages import pictures, publishing, writing
from ellwand.office.pages.models import ABOUT, KNOWLEDGE, MARKET, NEWS, Picture

AFTER = timedelta(hours=2)
"""From the release of a week to the news of it."""


@dataclass(frozen=True)
class Piece:
    """An article. weeks : before the last released week it came out. picture : whether it has one."""

    section: str
    slug: str
    weeks: int
    zh: tuple[str, str, str]
    en: tuple[str, str, str] | None
    source: str = ""
    picture: bool = False
    more: dict[str, str] = field(default_factory=dict)


PIECES: tuple[Piece, ...] = (
    Piece(
        KNOWLEDGE, "from-stall-to-figure", 3,
        ("一个报价怎样变成指数", "从摊位到网页的七步，每一步都留下记录。",
         "1. **采价。**样本单位通过签名链接、采价员手机或表格报价；录入时就按方法的硬性和软性规则检查。\n"
         "2. **截止。**到时自动截止，迟到的报价进入下一期，除非主管签字说明。\n"
         "3. **审核。**按对指数的影响排序，逐条接受、退回或剔除；每个决定都有代码和署名。\n"
         "4. **推算。**没有报价的样本按方法规定的次序推算，推算比重决定等级。\n"
         "5. **编制。**先算基层分类，再按篮子的权重逐级汇总，舍入只在公布时做一次。\n"
         "6. **批准。**数据和文稿由两位没有参与本期工作的人分别批准，批准绑定内容的哈希。\n"
         "7. **发布。**到时刻自行公开，没有人按按钮；发布文件夹带签名，任何人都能核对。\n\n"
         "各步的规则见[编制方法](/knowledge/)，每期的计数见[发布档案](/releases/)。"),
        ("How a quote becomes a figure", "Seven steps from the stall to the page, each of which leaves a record.",
         "1. **Collect.** Sample units report by a signed link, a collector's phone or a sheet; what they enter is "
         "checked at once against the hard and soft rules of the method.\n"
         "2. **Cut off.** Time alone closes the round. A late quote goes to the next issue unless a supervisor signs "
         "why not.\n"
         "3. **Review.** Flagged quotes are ranked by their effect on the index and accepted, sent back or excluded; "
         "every decision has a code and a name.\n"
         "4. **Impute.** What was not reported is filled in by the ladder of the method, and the share of what was "
         "filled in decides the grade.\n"
         "5. **Compile.** Elementary aggregates first, then level by level with the weights of the basket; rounding "
         "happens once, at publication.\n"
         "6. **Approve.** Two people who did none of the work of the issue sign figures and texts, bound to a hash of "
         "the content.\n"
         "7. **Release.** It becomes public by time alone. The folder of the release is signed, and anybody can "
         "check it.\n\n"
         "The rules are in the [method](/en/knowledge/), the counts of every issue in the [releases](/en/releases/)."),
    ),
    Piece(
        ABOUT, "this-demonstration", 3,
        ("关于这个演示", "市场是模拟的，软件是真的。",
         "这里的商户、商品、价格、新闻和人名都由程序生成，不对应任何真实的人或企业。\n\n"
         "真实的是流程：每一期都经过采价、审核、编制、撰写、两人批准、封存和按时公开，"
         "您可以下载任何一期的发布文件夹，用 ellwand verify 核对。\n\n"
         "模拟市场的真值是已知的，所以能检验方法算得对不对。"),
        ("About this demonstration", "The market is simulated; the software is not.",
         "Traders, goods, prices, news and people's names are made by a program and stand for nobody.\n\n"
         "What is real is the work: every issue was collected, reviewed, compiled, written up, approved by two people, "
         "sealed and made public by time. Download the folder of any release and check it with ellwand verify.\n\n"
         "The truth of a simulated market is known, so it can be tested whether a method finds it."),
    ),
    Piece(
        NEWS, "weekly-releases-begin", 3,
        ("周价格指数开始发布", "每周一中午公布上一周的价格指数，中英文同时。",
         "从本期起，每个星期一 12:00 公布上一周的价格指数。中英文页面、数据文件和接口在同一时刻更新。\n\n"
         "## 怎样知道下一期\n\n未来十二个月的日期在[发布日历](/calendar/)里；改期会连同原因立即公布，旧日期保留。\n\n"
         "## 怎样核对\n\n每一期都有带签名的[发布文件夹](/releases/)。"),
        ("Weekly releases begin", "The price index of the past week, every Monday at noon, in both languages.",
         "From this issue on, the price index of the past week is public every Monday at 12:00. Pages in Chinese and "
         "English, data files and interfaces change at the same instant.\n\n"
         "## When the next issue comes\n\nThe [release calendar](/en/calendar/) shows twelve months ahead. A changed "
         "date is published at once with its reason, and the old date is kept.\n\n"
         "## How to check an issue\n\nEvery issue has a signed [folder](/en/releases/)."),
        picture=True,
    ),
    Piece(
        MARKET, "autumn-fair", 2,
        ("模拟：秋季面料展为期三天", "虚构的展会，用来演示市场动态栏目。",
         "主办方（虚构）说，展会设三个馆：坯布、服装面料、家纺。参展企业名单在开幕前一周公布。\n\n"
         "> “今年的重点是再生纤维。”\n\n观众凭预约进场。"),
        ("Simulated: a three-day autumn fair of fabrics", "An invented fair, to show what market news look like.",
         "There are three halls, its (invented) organisers say: grey cloth, apparel fabrics and home textiles. The "
         "list of exhibitors comes out a week before the opening.\n\n"
         "> “Recycled fibres are this year's theme.”\n\nVisitors book a time."),
        source="演示通讯 / Demo Gazette", picture=True,
    ),
    Piece(
        NEWS, "code-of-conduct", 1,
        ("样本单位行为准则签署情况", "没有签署的单位，其报价单独归类并计数。",
         "样本单位报价前签署行为准则：报真实成交价，不商量价格，不因指数受益而报价。\n\n"
         "没有签署的单位，报价标为“未签署”，每期的质量表公布其数量。名单不公开。"),
        ("Sample units sign the code of conduct", "Quotes of units that have not signed are classed and counted apart.",
         "Before it reports, a sample unit signs the code of conduct: real prices, no agreement on prices, and no "
         "quote made to move the index.\n\n"
         "Quotes of a unit that has not signed are classed as unsigned, and the quality sheet of every issue counts "
         "them. Names stay inside."),
    ),
    Piece(
        NEWS, "reading-room", 0,
        ("模拟：办公室资料室开放时间", "演示一篇还没有英文的公告。",
         "资料室（虚构）每周二、周四下午开放，可查阅历年的方法文本和发布文件夹。\n\n这篇公告的英文稿尚未完成，英文页面会如实标明。"),
        None,
    ),
    Piece(
        MARKET, "night-trains", 0,
        ("模拟：新增一班夜间货运列车", "虚构的消息，来源也是虚构的。",
         "新的班次（虚构）每周开行两次，运送整柜面料，运输时间缩短一天。"),
        ("Simulated: a second night freight train", "An invented report from an invented source.",
         "The new (invented) service runs twice a week with full containers of cloth and saves a day."),
        source="演示通讯 / Demo Gazette",
    ),
)  # fmt: skip


def publish(home: Home, released: Sequence[str]) -> None:
    """Write and publish all articles, each some time after the release of its week."""
    author = people.user(people.EDITOR)
    instants = [home.calendar.instants(period)[1] for period in released]
    for count, piece in enumerate(PIECES):
        at = instants[-1 - min(piece.weeks, len(instants) - 1)] + AFTER + timedelta(minutes=count)
        with clock.at(min(at, clock.now())):
            _publish(piece, author)


def _publish(piece: Piece, author: User) -> None:
    given = {"slug": piece.slug, "source": piece.source} | piece.more
    if piece.section in (NEWS, MARKET):
        given["day"] = clock.now().date().isoformat()
    for language, text in (("zh", piece.zh), ("en", piece.en)):
        given |= {f"{part}_{language}": text[k] if text else "" for k, part in enumerate(("title", "lead", "body"))}
    picture: Picture | None = None
    if piece.picture:
        picture = pictures.keep(weave(len(piece.slug)), author)
        given |= {"alt_zh": "程序画的斜纹织物纹样", "alt_en": "A twill weave, drawn by a program"}
    publishing.publish(writing.start(piece.section, given, author, picture=picture), author)


def weave(seed: int, size: tuple[int, int] = (1200, 800)) -> bytes:
    """A picture of a twill weave: warp in indigo, weft undyed. seed : how the float moves from pick to pick."""
    warp, weft, step = ((35, 68, 140), (44, 77, 150)), ((236, 232, 222), (226, 221, 208)), 12
    columns, rows = size[0] // step, size[1] // step
    small = Image.new("RGB", (columns, rows))
    move = 1 + seed % 3
    small.putdata(
        [
            (warp if (x + move * y) % 5 < 3 else weft)[(x * 7 + y * (3 + move)) % 2]
            for y in range(rows)
            for x in range(columns)
        ]
    )
    out = io.BytesIO()
    small.resize(size, Image.Resampling.NEAREST).save(out, "PNG")
    return out.getvalue()
