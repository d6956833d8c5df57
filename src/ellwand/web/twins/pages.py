"""The tables of pages, each from the functions from which the page and the API are made."""

from collections.abc import Callable
from typing import Any

from ellwand.office.record import reading
from ellwand.office.rounds import states, work
from ellwand.production.observations import COUNTS
from ellwand.web import query, registers
from ellwand.web.data.formats import FORMATS
from ellwand.web.moments import Moment, moment
from ellwand.web.problems import unknown_release
from ellwand.web.query import PUBLISHED
from ellwand.web.site.comments_ import blocks, text_of
from ellwand.web.site.panel import KINDS
from ellwand.web.site.status_ import ROUNDS, counts
from ellwand.web.twins.table import Column, Table

Twin = Callable[..., Table]
TWINS: dict[str, Twin] = {}
"""Twins by the name of their page."""


def twin(page: str) -> Callable[[Twin], Twin]:
    """Make a function the twin of a page. It gets the moment and the parts of the address."""

    def keep(function: Twin) -> Twin:
        TWINS[page] = function
        return function

    return keep


SHORT = {
    "value": ("指数", "Index"),
    "change_previous": ("较上期 %", "On the previous issue, %"),
    "change_year_start": ("较年初 %", "On the start of the year, %"),
    "change_last_year": ("较上年同期 %", "On a year before, %"),
    "low": ("区间下限", "Lower limit"),
    "high": ("区间上限", "Upper limit"),
    "contribution": ("贡献（百分点）", "Contribution, points"),
    "weight": ("权重", "Weight"),
    "imputed_share": ("推算权重", "Imputed share"),
    "matched": ("配对", "Matched"),
    "units": ("单位", "Units"),
    "due": ("应报", "Due"),
    "quotes": ("报价", "Quotes"),
    "observed": ("采用", "Used"),
    "corrected": ("改正", "Corrected"),
    "replaced": ("换商品", "Replaced"),
    "imputed": ("推算", "Imputed"),
    "carried": ("沿用", "Carried"),
    "not_collected": ("无价格", "Without price"),
    "excluded": ("剔除", "Set aside"),
    "queried": ("存疑", "Queried"),
}
"""Heads of columns; what they mean stands in the code dictionary."""


def measures(*keys: str) -> tuple[Column, ...]:
    """Columns of figures and counts."""
    return tuple(Column(key, *SHORT[key]) for key in keys)


CODE = Column("code", "代码", "Code")
NAMES = (Column("name_zh", "名称", "Name (Chinese)", "zh"), Column("name_en", "名称（英文）", "Name", "en"))
PERIOD = Column("period", "时期", "Period")
GRADE, STATUS = Column("grade", "质量等级", "Grade"), Column("status", "状态", "Status")
VINTAGE, ISSUED = Column("vintage", "版本", "Vintage"), Column("issued", "发布时间", "Released")
RELEASE = Column("release", "发布", "Release")


def newest(seen: Moment, deepest: int | None = None) -> list[dict[str, Any]]:
    """The newest observation of every series with its names, down to a level."""
    rows = {row["series"]: row for row in query.observations(seen, query.Asked(last=1))}
    return [
        {
            "code": one.code, "parent": one.parent or None, "level": one.level, "name_zh": one.name_zh,
            "name_en": one.name_en, **{k: v for k, v in rows[one.code].items() if k != "series"},
        }
        for one in query.series(seen)
        if one.code in rows and (deepest is None or one.level <= deepest)
    ]  # fmt: skip


@twin("home")
def home(seen: Moment) -> Table:
    """The total and the classes right below it, in the newest issue."""
    columns = (CODE, *NAMES, PERIOD, *measures(*PUBLISHED), GRADE, *measures("contribution"), VINTAGE)
    return Table(("最新指数", "The latest figures"), columns, newest(seen, 1))


@twin("index")
def index(seen: Moment) -> Table:
    """Every series in its newest issue."""
    columns = (
        CODE, Column("parent", "上级", "Parent"), Column("level", "层级", "Level"), *NAMES, PERIOD,
        *measures(*PUBLISHED), GRADE, STATUS, *measures("weight", "contribution", "imputed_share", "units", "quotes"),
        VINTAGE,
    )  # fmt: skip
    return Table(("指数分类", "Index classification"), columns, newest(seen))


def _of_series(seen: Moment, code: str, history: bool) -> Table:
    query.one_series(seen, code)
    entry = registers.entry(seen, code)
    rows = query.observations(seen, query.Asked((code,), history=history))
    facts = (
        ("代码", "Code", code),
        ("上级", "Parent", entry["parent"] or ""),
        ("单位", "Unit", f"{entry['unit']} / {entry['unit_zh']}"),
        ("基期", "Base", f"{entry['base_period']} = {entry['base_value']}"),
        ("频率", "Frequency", f"{entry['frequency']} / {entry['frequency_zh']}"),
        ("后继", "Successors", " ".join(entry["successors"])),
    )
    columns = (
        PERIOD, *measures(*PUBLISHED), *measures("low", "high"), GRADE, STATUS, *measures(*COUNTS), VINTAGE, ISSUED,
        Column("revised", "有修订", "Revised"), Column("correction", "更正编号", "Correction"),
        Column("method", "方法", "Method"),
    )  # fmt: skip
    names = (entry["name_zh"], entry["name_en"])
    title = (f"{names[0]}：全部版本", f"{names[1]}: all vintages") if history else names
    about = (entry["definition_zh"], entry["definition_en"])
    return Table(title, columns, rows, facts, newest_first=True, about=about, pinned=True)


@twin("series")
def series(seen: Moment, code: str) -> Table:
    """Every period of a series."""
    return _of_series(seen, code, False)


@twin("revisions")
def revisions(seen: Moment, code: str) -> Table:
    """Every vintage of every period of a series."""
    return _of_series(seen, code, True)


@twin("price_comments")
def price_comments(seen: Moment) -> Table:
    """The price comments by their titles."""
    rows = []
    for given in reversed(seen.standing.given):
        one = reading.release(given.code)
        titles = [blocks(text_of(one, "price", language)) for language in ("zh", "en")]
        if given.withdrawn is None and all(titles):
            row = query.release(given)
            rows.append(
                {
                    "release": given.code, "period": given.period, "issued": row["issued"],
                    "title_zh": titles[0][0].text, "title_en": titles[1][0].text,
                    "address": f"/comments/price/{given.code}.md", "address_en": f"/en/comments/price/{given.code}.md",
                }
            )  # fmt: skip
    columns = (
        RELEASE, PERIOD, ISSUED, Column("title_zh", "标题", "Title (Chinese)", "zh"),
        Column("title_en", "标题（英文）", "Title", "en"), Column("address", "地址", "Address (Chinese)", "zh"),
        Column("address_en", "地址（英文）", "Address", "en"),
    )  # fmt: skip
    return Table(("价格评述", "Price comments"), columns, rows)


@twin("comment")
def comment(seen: Moment, issue: str) -> Table:
    """The text of an issue, and the figures of that issue as they were released with it."""
    found = [g for g in seen.standing.given if issue in (g.code, g.period)]
    if not found:
        raise unknown_release("issue", issue)
    one = reading.release(found[-1].code)
    texts = {language: text_of(one, "price", language) for language in ("zh", "en")}
    titles = {language: blocks(text) for language, text in texts.items()}
    if not all(titles.values()):
        raise unknown_release("issue", issue)
    then = moment(vintage=found[-1].code)
    rows = [r for r in newest(then) if r["period"] == found[-1].period]
    columns = (CODE, *NAMES, *measures(*PUBLISHED), GRADE, *measures("contribution"))
    bodies = {language: text.strip().partition("\n")[2].strip() for language, text in texts.items()}
    title = (titles["zh"][0].text, titles["en"][0].text)
    facts = (("发布", "Release", found[-1].code), ("时期", "Period", found[-1].period))
    return Table(title, columns, rows, facts, texts=bodies)


@twin("releases")
def releases(seen: Moment) -> Table:
    """All releases."""
    columns = (
        RELEASE, PERIOD, ISSUED, Column("number", "序号", "Number"), Column("supersedes", "更正", "Supersedes"),
        Column("manifest_sha256", "清单 SHA-256", "SHA-256 of the manifest"), Column("method", "方法", "Method"),
    )  # fmt: skip
    return Table(("发布档案", "Releases"), columns, query.releases(seen))


@twin("release")
def release(seen: Moment, code: str) -> Table:
    """The public files of a release."""
    found = [g for g in seen.standing.given if g.code == code]
    if not found:
        raise unknown_release("release", code)
    row = query.release(found[-1])
    made = reading.manifest(reading.release(code))
    rows = [
        {"path": f.path, "bytes": f.bytes, "sha256": f.sha256, "address": f"/releases/{code}/files/{f.path}"}
        for f in made.files
        if f.public
    ]
    columns = (
        Column("path", "文件", "File"), Column("bytes", "字节", "Bytes"), Column("sha256", "SHA-256", "SHA-256"),
        Column("address", "地址", "Address"),
    )  # fmt: skip
    gone = row["withdrawn"]
    facts = (
        ("时期", "Period", row["period"]), ("发布时间", "Released", row["issued"]),
        ("清单 SHA-256", "SHA-256 of the manifest", row["manifest_sha256"]),
        ("统计数据哈希", "Hash of the statistics", row["stat_hash"]),
        ("文稿哈希", "Hash of the texts", row["text_hash"]), ("方法", "Method", row["method"]),
        ("更正", "Supersedes", row["supersedes"] or ""), ("公钥", "Public key", made.key_id or ""),
        ("已撤回", "Withdrawn", f"{gone['at']} {gone['zh']} {gone['en']}" if gone else ""),
        ("整个文件夹", "The whole folder", f"/releases/{code}.zip"),
    )  # fmt: skip
    return Table((f"发布 {code}", f"Release {code}"), columns, rows, facts)


@twin("calendar")
def calendar(seen: Moment) -> Table:
    """All issues of the calendar."""
    columns = (
        PERIOD, Column("release_at", "发布时间", "Release"), Column("cutoff_at", "采价截止", "Cut-off"),
        Column("state", "状态", "State"), RELEASE, Column("reason", "原因", "Reason"),
    )  # fmt: skip
    return Table(("发布日历", "Release calendar"), columns, registers.calendar(seen), newest_first=True)


@twin("corrections")
def corrections(seen: Moment) -> Table:
    """The log of corrections."""
    columns = (
        Column("number", "编号", "Number"), Column("series", "代码", "Series"), PERIOD,
        Column("first_value", "原值", "First value"), Column("new_value", "新值", "New value"),
        Column("size", "程度", "Size"), Column("class", "类别", "Class"),
        Column("cause_zh", "原因", "Cause (Chinese)", "zh"), Column("cause_en", "原因（英文）", "Cause", "en"),
        Column("found_by", "发现者", "Found by"), Column("found_how", "如何发现", "How"),
        Column("first_seen", "首次发现", "First seen"), RELEASE, Column("corrected_at", "更正时间", "Corrected"),
    )  # fmt: skip
    return Table(("更正记录", "Corrections"), columns, query.corrections(seen))


@twin("sources")
def sources(seen: Moment) -> Table:
    """The collecting sources with their units."""
    rows = [
        {**row, "kind_zh": KINDS.get(row["kind"], (row["kind"],) * 2)[0],
         "kind_en": KINDS.get(row["kind"], (row["kind"],) * 2)[1]}
        for row in registers.counted_units()
    ]  # fmt: skip
    columns = (
        Column("source", "代码", "Code"), *NAMES, Column("kind_zh", "类型", "Kind (Chinese)", "zh"),
        Column("kind_en", "类型（英文）", "Kind", "en"), Column("units", "样本单位", "Sample units"),
    )  # fmt: skip
    return Table(("采集点", "Collecting sources"), columns, rows)


@twin("units")
def units(seen: Moment) -> Table:
    """The sample units that agreed to be named."""
    columns = (
        Column("unit", "代码", "Code"), *NAMES, Column("source", "采集点", "Source"),
        Column("source_zh", "采集点名称", "Name of the source (Chinese)", "zh"),
        Column("source_en", "采集点名称（英文）", "Name of the source", "en"),
    )  # fmt: skip
    total = sum(row["units"] for row in registers.counted_units())
    return Table(("样本单位", "Sample units"), columns, registers.units(seen), (("全部单位", "All units", str(total)),))


@twin("status")
def status(seen: Moment) -> Table:
    """The rounds in progress in counts, never a value."""
    rows = []
    for found in work.running(ROUNDS):
        row: dict[str, Any] = {"period": found.period, "state": found.state}
        if found.state in states.ORDER and found.state != states.PLANNED:
            c = counts(found)
            row |= {"due": c.due, "came": c.came, "units": c.units, "reported": c.reported, "flagged": c.flagged,
                    "settled": c.settled}  # fmt: skip
        rows.append(row)
    columns = (
        PERIOD, Column("state", "状态", "State"), Column("due", "应报", "Quotes due"),
        Column("came", "已报", "Quotes that came"), Column("units", "应报单位", "Units due"),
        Column("reported", "已报单位", "Units that reported"), Column("flagged", "待审", "Flagged"),
        Column("settled", "已审", "Decided"),
    )  # fmt: skip
    return Table(("本期进度", "Status of this week"), columns, rows)


@twin("knowledge")
def knowledge(seen: Moment) -> Table:
    """The versions of the method."""
    columns = (
        Column("name", "方法", "Method"), Column("version", "版本", "Version"),
        Column("title_zh", "标题", "Title (Chinese)", "zh"), Column("title_en", "标题（英文）", "Title", "en"),
        Column("sha256", "SHA-256", "SHA-256"), Column("file", "文件", "File"),
        Column("first_release", "首次用于", "First release"), Column("last_release", "最近用于", "Last release"),
    )  # fmt: skip
    return Table(("编制方法", "Methods"), columns, registers.methods(seen))


@twin("data")
def data(seen: Moment) -> Table:
    """The catalogue of files."""
    endings = [ext for ext, form in FORMATS.items() if form.of_series]
    rows = [
        {"code": one.code, "name_zh": one.name_zh, "name_en": one.name_en, "first": one.first, "last": one.last,
         **{ext: f"/data/{one.code}.{ext}" for ext in endings}}
        for one in query.series(seen)
    ]  # fmt: skip
    columns = (
        CODE, *NAMES, Column("first", "起", "First period"), Column("last", "止", "Last period"),
        *(Column(ext, ext, ext) for ext in endings),
    )  # fmt: skip
    whole = tuple((f.zh, f.en, f"/data/{seen.standing.family}.{ext}") for ext, f in FORMATS.items())
    return Table(("数据目录", "Data catalogue"), columns, rows, whole)


NOT_YET = (
    "还没有发布。发布之后，这里会有全部数字；在此之前不编造任何内容。",
    "Nothing is published yet. Once it is, all figures will be here; until then nothing is made up.",
)


@twin("fabrics")
def fabrics(seen: Moment) -> Table:
    """Popular fabrics: not released yet."""
    return Table(("流行面料", "Popular fabrics"), (), (), about=NOT_YET)


@twin("outlook")
def outlook(seen: Moment) -> Table:
    """Warnings and forecasts: not released yet."""
    return Table(("预警与预测", "Warning & Forecast"), (), (), about=NOT_YET)
