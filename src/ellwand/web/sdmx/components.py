"""What an observation consists of: dimensions, measure and attributes with their code lists, in one table.

Structures, data of every format and the filters of queries all come from it. Adding an attribute is adding a row here
and its value in `rows`.
"""

from dataclasses import dataclass

DIMENSION, TIME, MEASURE, OBSERVATION, SERIES, DATASET = (
    "dimension", "time", "measure", "observation", "series", "dataset",
)  # fmt: skip


@dataclass(frozen=True)
class Component:
    """A component. place : dimension, time, measure, or what the attribute belongs to. codes : id of its code list."""

    id: str
    place: str
    zh: str
    en: str
    codes: str = ""
    kind: str = "String"
    needed: bool = False
    about_zh: str = ""
    about_en: str = ""


TIME_PERIOD, OBS_VALUE = "TIME_PERIOD", "OBS_VALUE"

COMPONENTS: tuple[Component, ...] = (
    Component("FREQ", DIMENSION, "频率", "Frequency", "CL_FREQ"),
    Component("CLASS", DIMENSION, "分类", "Class", "CL_CLASS"),
    Component("INDICATOR", DIMENSION, "指标", "Indicator", "CL_INDICATOR"),
    Component(TIME_PERIOD, TIME, "期次", "Period", kind="ObservationalTimePeriod"),
    Component(OBS_VALUE, MEASURE, "数值", "Value", kind="Decimal"),
    Component("OBS_STATUS", OBSERVATION, "状态", "Status of the observation", "CL_OBS_STATUS", needed=True),
    Component("GRADE", OBSERVATION, "数据充分性等级", "Data sufficiency grade", "CL_GRADE"),
    Component("REASON", OBSERVATION, "数值的来历", "How the figure came about", "CL_REASON"),
    Component("LOWER", OBSERVATION, "区间下限", "Lower limit of the interval", kind="Double"),
    Component("UPPER", OBSERVATION, "区间上限", "Upper limit of the interval", kind="Double"),
    Component("MATCHED", OBSERVATION, "可比报价数", "Matched quotes", kind="Integer"),
    Component("UNITS", OBSERVATION, "样本单位数", "Sample units", kind="Integer"),
    Component("QUOTES", OBSERVATION, "报价数", "Quotes", kind="Integer"),
    Component("IMPUTED_SHARE", OBSERVATION, "推算权重占比", "Imputed share of weight", kind="Double"),
    Component("METHOD", OBSERVATION, "方法版本", "Version of the method"),
    Component(
        "VINTAGE", OBSERVATION, "版本", "Vintage", needed=True,
        about_zh="公布该数值的发布", about_en="The release that published the value",
    ),
    Component("RELEASED", OBSERVATION, "发布时间", "Time of release", kind="DateTime", needed=True),
    Component(
        "CORRECTION", OBSERVATION, "更正编号", "Number of the correction",
        about_zh="更正记录中的编号；未更正的数值为空",
        about_en="Number in the log of corrections; empty where none was made",
    ),
    Component("UNIT_MEASURE", SERIES, "计量单位", "Unit of measure", "CL_UNIT_MEASURE", needed=True),
    Component("LICENCE", DATASET, "许可", "Licence"),
    Component("SIMULATED", DATASET, "模拟数据", "Simulated figures", kind="Boolean", needed=True),
)  # fmt: skip
"""All components in the order in which every format shows them."""

BY_ID = {c.id: c for c in COMPONENTS}
KEY = tuple(c.id for c in COMPONENTS if c.place == DIMENSION)
"""The dimensions of a key, in their order."""
ATTRIBUTES = tuple(c for c in COMPONENTS if c.place in (OBSERVATION, SERIES, DATASET))

FREQUENCIES = {
    "W": ("周", "Weekly"), "M": ("月", "Monthly"), "Q": ("季", "Quarterly"), "D": ("日", "Daily"),
}  # fmt: skip
INDICATORS = {
    "INDEX": ("指数", "Index", "published", "PT"),
    "CHANGE_PREVIOUS": ("较上期涨跌幅", "Change on the previous issue", "published_change_previous", "PC"),
    "CHANGE_YEAR_START": ("较年初涨跌幅", "Change since the start of the year", "published_change_year_start", "PC"),
    "CHANGE_LAST_YEAR": ("同比涨跌幅", "Change on a year before", "published_change_last_year", "PC"),
}
"""Indicators: names, the published figure, and its unit."""

CODES: dict[str, tuple[str, str, dict[str, tuple[str, str]]]] = {
    "CL_FREQ": ("频率", "Frequencies", FREQUENCIES),
    "CL_INDICATOR": ("指标", "Indicators", {k: (zh, en) for k, (zh, en, _, _) in INDICATORS.items()}),
    "CL_OBS_STATUS": (
        "观测状态",
        "Statuses of observations",
        {
            "A": ("正常", "Normal value"),
            "E": ("推算", "Estimated value: imputed or carried"),
            "U": ("可靠性低", "Low reliability: most of the weight is imputed"),
            "R": ("已更正", "Corrected value; CORRECTION names the correction"),
            "L": ("缺失：本期未采集", "Missing: not collected in this period"),
            "M": ("缺失：无从计算", "Missing: cannot exist, as nothing is there to compare with"),
            "O": ("缺失", "Missing value"),
            "Q": ("缺失：不公布", "Missing: suppressed"),
        },
    ),
    "CL_GRADE": (
        "数据充分性等级",
        "Data sufficiency grades",
        {
            "A": ("以本类报价为主", "Own reports"),
            "B": ("报价与推算并用", "Mixed"),
            "C": ("多数为推算，可靠性低", "Mostly imputed, low reliability"),
            "S": ("不公布或无从计算", "Suppressed or not computable"),
        },
    ),
    "CL_REASON": (
        "数值的来历",
        "How figures came about",
        {
            "reference": ("指数起点", "The first period, with which the index begins"),
            "observed": ("本类报价", "Own quotes"),
            "imputed": ("无可用报价，用上一级的变动", "No usable quote of its own: the movement of the class above"),
            "carried": (
                "多数权重属于歇业单位，沿用其价格",
                "Most of its weight is of closed units, whose prices stand",
            ),
            "not_collected": ("本期不发布", "The period has no issue"),
            "no_price": ("该分支没有价格", "No class of its branch has a price"),
            "suppressed": ("单位过少或一家占比过大", "Too few units, or one that dominates"),
        },
    ),
    "CL_UNIT_MEASURE": ("计量单位", "Units of measure", {"PT": ("点", "Points"), "PC": ("百分比", "Per cent")}),
}
"""The code lists that every office has; CL_CLASS comes from what is released."""
