"""Roles and acts of the office in words, for the page that shows who may do what."""

from collections.abc import Mapping

from ellwand.office.releases.manifest import Manifest
from ellwand.web.site.page import Language

NAMES: Mapping[str, tuple[str, str, str, str]] = {
    "collector": ("采价员", "collector", "到采集点采价，核对当场的提示", "takes prices at the collecting stops"),
    "supervisor": (
        "主管",
        "supervisor",
        "安排采价，签署例外和迟到数据",
        "routes collection, signs exceptions and late data",
    ),
    "reviewer": ("审核员", "reviewer", "对标记的报价逐条作出决定", "decides on flagged quotes, one by one"),
    "clerk": ("文员", "clerk", "管理登记册和日历，排定发布", "keeps registers and calendar, schedules releases"),
    "compiler": ("编制员", "compiler", "推算、链接、编制指数", "imputes, links and compiles"),
    "writer": ("撰写员", "writer", "撰写评述、编制说明和新闻", "writes comments, the rationale and the news"),
    "stat_approver": (
        "数据批准人",
        "statistics approver",
        "批准数据；不得参与本期工作",
        "approves the figures; did none of the work",
    ),
    "text_approver": (
        "文稿批准人",
        "text approver",
        "批准文稿；与数据批准人不是同一人",
        "approves the texts; somebody else than the former",
    ),
    "auditor": ("审计员", "auditor", "查阅一切，不改动任何内容", "reads all and changes nothing"),
    "admin": ("管理员", "admin", "管理账号和角色；不接触数字", "keeps accounts and roles; touches no figure"),
    "unit": ("样本单位", "sample unit", "通过签名链接报自己的价", "reports its own prices by a signed link"),
}
"""Of each role its name in Chinese and in English, and what it is for."""


def approved_by(made: Manifest, language: Language) -> str:
    """The roles of those who approved a release."""
    side = 0 if language == "zh" else 1
    return ("、" if language == "zh" else ", ").join(
        NAMES[a.role][side] if a.role in NAMES else a.role for a in made.approvals
    )


ACTS: Mapping[str, tuple[str, str]] = {
    "quotes.enter": ("录入报价", "enter quotes"),
    "quotes.report": ("报自己的价", "report its own prices"),
    "registers.change": ("改动登记册", "change registers"),
    "registers.read": ("查阅登记册", "read registers"),
    "assignments.route": ("安排采价", "route assignments"),
    "exceptions.sign": ("签署例外", "sign exceptions"),
    "exceptions.read": ("查阅例外", "read exceptions"),
    "review.decide": ("作出审核决定", "decide in the review"),
    "review.read": ("查阅审核", "read the review"),
    "round.compile": ("推算和编制", "impute and compile"),
    "round.read": ("查阅编制", "read what is compiled"),
    "texts.write": ("撰写评述和说明", "write comments and rationale"),
    "texts.read": ("查阅未公开的文稿", "read texts before they are public"),
    "texts.comment": ("对文稿提意见", "comment on texts"),
    "pages.edit": ("撰写新闻和页面", "write news and pages"),
    "pages.publish": ("公开新闻和页面", "publish news and pages"),
    "pages.read": ("查阅新闻和页面的草稿", "read drafts of news and pages"),
    "approve.statistics": ("批准数据", "approve the statistics"),
    "approve.text": ("批准文稿", "approve the texts"),
    "release.schedule": ("排定发布", "schedule a release"),
    "release.postpone": ("推迟发布", "postpone a release"),
    "correction.open": ("提出更正", "open a correction"),
    "correction.request": ("请求更正", "ask for a correction"),
    "complaints.read": ("查阅投诉", "read complaints"),
    "complaints.answer": ("受理和答复投诉", "acknowledge and answer complaints"),
    "complaints.appeal": ("裁定申诉", "decide appeals"),
    "interests.declare": ("声明利益", "declare interests"),
    "users.change": ("管理账号和角色", "change accounts and roles"),
    "users.read": ("查阅账号", "read accounts"),
    "audit.own": ("查阅自己的审计记录", "read their own acts in the trail"),
    "audit.release": ("查阅发布的审计记录", "read the trail of a release"),
    "audit.all": ("查阅全部审计记录", "read the whole trail"),
}
"""Of each act its words in Chinese and in English."""
