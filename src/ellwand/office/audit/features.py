"""The fifty features of a trustworthy index: number, requirement in both languages, and the principle that it answers.

FB: IOSCO Principles for Financial Benchmarks (2013). PRA: IOSCO oil price reporting principles (2012). BMR: Regulation
(EU) 2016/1011, Annex II. SDDS: IMF Special Data Dissemination Standard. ESS: European Statistics Code of Practice. UK:
UK Code of Practice for Statistics. UN: UN Fundamental Principles of Official Statistics. G: GSBPM. Clause numbers are
working references.
"""

from typing import NamedTuple

OWN = "own"
"""Source of a requirement that no published principle asks for."""


class Feature(NamedTuple):
    """A requirement of the governance of an index. source : the principle that asks for it."""

    number: int
    zh: str
    en: str
    source: str


_ROWS = (
    ("四眼原则：批准人没有参与本期的编制、修改、审核或撰写",
     "Four eyes: an approver compiled, edited, reviewed and wrote nothing in the release", "FB 4, PRA"),
    ("两项独立批准：统计数据与文稿", "Two distinct approvals: statistics and text", "UK"),
    ("批准绑定内容的散列值", "An approval binds to a content hash", "practice of statistical offices"),
    ("一切渠道均受发布前保密约束", "Embargo in every channel", "SDDS"),
    ("准点发布", "Exact time", "UK"),
    ("缓存不提前、不过时", "No early or stale cache", "practice of statistical offices"),
    ("两种语言同时发布", "Both languages at the same moment", OWN),
    ("发布日历提前十二个月，确切时间至少提前四周",
     "Calendar 12 months ahead, exact time at least 4 weeks ahead", "UK, SDDS"),
    ("日期变更立即公布并说明原因，原日期保留",
     "A change of date is published at once with its reason, and the old date is kept", "UK, ESS 6"),
    ("延误记录", "Lateness log", OWN),
    ("提前获知名单：实名、留痕、公开，默认为空",
     "Early-access list: named, logged, public, empty by default", "SDDS, ESS 6.7, UK"),
    ("已发布的版本不可更改", "Immutable vintages", OWN),
    ("按“截至某时”可重现", "“As of” reproduces", OWN),
    ("可重算：归档的输入、方法和程序得出相同的数值",
     "Recompute: archived inputs, method and code give the same values", OWN),
    ("清单成链", "Manifest chain", OWN),
    ("更正须有类别、原因、发现人、原值和新值",
     "Corrections have class, cause, finder, old and new value", "ESS 6.3, PRA"),
    ("更正记录：公开、永久", "Corrections log: public, permanent", "PRA"),
    ("更正过的数值处处有标记", "A corrected value is flagged wherever it appears", OWN),
    ("看到过错误数值的读者会得到通知", "Readers of the wrong value are told", OWN),
    ("修订政策：哪些可以修订、何时、幅度多大", "Revision policy: what may be revised, when, how far", "ESS"),
    ("方法文件：有版本、有日期、两种语言", "Method document: versioned, dated, both languages", "FB 11, BMR 1"),
    ("方法变更：提案、征求意见期、答复、决定、生效日",
     "Method change: proposal, comment period, replies, decision, effective date", "FB 12"),
    ("静默变化警报", "Silent-change alarm", OWN),
    ("方法每年复核", "Yearly method review", "FB 10, PRA"),
    ("输入的层级：成交价、确定报价、要价、推算、判断",
     "Hierarchy of inputs: deal, firm offer, asking, imputed, judged", "FB 8"),
    ("数据充分性：低于最低要求的数值为空，并说明原因",
     "Data sufficiency: below the minimum a value is null with a reason", "FB 7, BMR"),
    ("优势单位与保密", "Dominance and confidentiality", "UN 6, ESS 5"),
    ("集中度警示", "Concentration warning", "PRA"),
    ("专家判断的记录", "Record of expert judgement", "FB 9, PRA, BMR 7"),
    ("剔除的报价在内部列出规则或理由，并公布数量",
     "Excluded quotes are listed inside with rule or reason, and counted in public", OWN),
    ("报价截止时间", "Cut-off time for submissions", "PRA"),
    ("每期均有编制说明", "Rationale with every issue", "BMR 7"),
    ("文字与数字一致", "Text agrees with numbers", OWN),
    ("审计记录：何人、何时、何事、之前、之后、为何", "Audit trail: who, when, what, before, after, why", "FB 18, PRA"),
    ("投诉：回执、确认、答复、申诉", "Complaints: receipt, acknowledgement, answer, appeal", "FB 16, PRA"),
    ("利益冲突：每年声明", "Conflicts of interest: yearly declaration", "FB 3"),
    ("每个样本单位签署行为守则", "Code of conduct signed by each sample unit", "FB 14"),
    ("操纵筛查", "Manipulation screen", "FB 15"),
    ("职责分离", "Separation of roles", OWN),
    ("审计员查阅一切，不改动任何内容", "The auditor reads all and changes nothing", OWN),
    ("能审核或批准的人须使用双重验证", "Second factor for anyone who can review or approve", OWN),
    ("紧急停止与后备办法", "Emergency stop and fallback", "FB 4, 13"),
    ("每个指数的停用与过渡计划", "Plan for cessation and transition of each index", "FB 13"),
    ("分类变更保留对照", "Classification changes keep a correspondence", OWN),
    ("样本轮换记录", "Sample rotation log", OWN),
    ("每期质量报告", "Quality report per issue", "ESS, G 8"),
    ("公开的元数据", "Public metadata", "SDDS"),
    ("预测与统计数据分开", "Forecasts apart from statistics", "UN 2"),
    ("时钟与时区", "Clock and zone", OWN),
    ("恢复演练", "Restore drill", OWN),
)  # fmt: skip

FEATURES: dict[int, Feature] = {k: Feature(k, *row) for k, row in enumerate(_ROWS, start=1)}
"""The features by number."""
