"""Checks on what is told with the releases: corrections and who hears of them, texts, quality, metadata."""

from datetime import timedelta

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office import clock
from ellwand.office.alerts import channel
from ellwand.office.approvals import corrections
from ellwand.office.approvals.models import Correction
from ellwand.office.audit.selftest import Found, check
from ellwand.office.editorial import metadata as statements
from ellwand.office.record import reading
from ellwand.office.record.models import Release

ROOM = timedelta(minutes=10)
"""How long after a correction its readers may still be about to be told."""
NONE = Found(None, "还没有公开的发布。", "No release is public yet.")


def lists(one: Release, *paths: str) -> bool:
    """Whether a release holds public files."""
    try:
        there = {f.path for f in reading.manifest(one).files if f.public}
    except DataError:
        return False
    return there.issuperset(paths)


@check(7)
def languages() -> Found:
    """Every public release holds its texts in both languages."""
    return _held("texts/price.zh.md", "texts/price.en.md", zh="缺一种语言", en="the text in one language")


def _held(*paths: str, zh: str, en: str) -> Found:
    """Whether every public release holds files."""
    rows = reading.public()
    if not rows:
        return NONE
    wrong = sum(1 for r in rows if not lists(r, *paths))
    return Found(
        not wrong, f"{len(rows)}次发布中，{zh}的有{wrong}次。", f"{wrong} of {len(rows)} public releases lack {en}."
    )


@check(16)
def corrections_whole() -> Found:
    """Every correction in the public log has class, cause, finder and both values."""
    rows = corrections.log()
    names = ("class", "cause_zh", "cause_en", "found_by", "found_how", "first_seen")
    lacking = [r for r in rows if not all(str(r[name]).strip() for name in names)]
    return Found(
        not lacking, f"公开的更正{len(rows)}条，缺项{len(lacking)}条。",
        f"{len(rows)} corrections are public; {len(lacking)} lack a part.",
    )  # fmt: skip


@check(17)
def corrections_log() -> Found:
    """Every public release that supersedes another one stands in the log."""
    listed = {row["release"] for row in corrections.log()}
    missing = [r.code for r in reading.public() if r.supersedes_id and r.code not in listed]
    opened = Correction.objects.count()
    return Found(
        not missing, f"记录{len(listed)}条（共立案{opened}件），缺{len(missing)}条。",
        f"{len(listed)} entries ({opened} corrections were opened); {len(missing)} releases of corrections lack one.",
    )  # fmt: skip


@check(19)
def told() -> Found:
    """Whoever was told a value that was corrected, and still wants to be told, was told of the correction."""
    missing, count = 0, 0
    for one in reading.public():
        if one.supersedes_id is None or clock.now() < max(one.release_at, one.sealed_at) + ROOM:
            continue
        owed = channel.owed(one)
        count += len(owed)
        missing += len(owed - set(one.told.values_list("channel", "address")))
    return Found(
        not missing, f"须告知{count}人次，未告知{missing}人次。",
        f"{count} readers of corrected values were to be told; {missing} were not.",
    )  # fmt: skip


@check(20)
def revisions() -> Found:
    """Nothing published was replaced but by a correction of the log."""
    rows = [r for r in reading.public() if r.revised_from]
    odd = [r.code for r in rows if not r.reason.startswith("correction ")]
    return Found(
        not odd, f"改动过已公布数值的发布{len(rows)}次，没有更正依据的{len(odd)}次。",
        f"{len(rows)} releases replaced published figures; {len(odd)} of them without a correction.",
    )  # fmt: skip


@check(32)
def rationale() -> Found:
    """Every public release holds its rationale in both languages."""
    return _held("texts/rationale.zh.md", "texts/rationale.en.md", zh="缺编制说明", en="the rationale")


@check(33)
def text_agrees() -> Found:
    """Findings of the guard that somebody let stand in the last release; they are counted in public."""
    last = reading.latest()
    if last is None:
        return NONE
    let = last.compilation.round.overrides.filter(compilation=last.compilation).count()
    return Found(
        True, f"{last.period}的文字与数字一致；由人放行的疑点{let}处。",
        f"The text of {last.period} agrees with its figures; {let} findings were let stand by name.",
    )  # fmt: skip


@check(46)
def quality() -> Found:
    """Every public release holds its quality report."""
    return _held("report/quality.json", zh="缺质量报告", en="the quality report")


@check(47)
def metadata() -> Found:
    """All public metadata are stated in both languages."""
    last = reading.latest()
    if last is None:
        return NONE
    missing = statements.lacks(last.compilation.round)
    return Found(
        not missing, f"元数据{len(statements.NAMES)}项，缺{len(missing)}项。",
        f"{len(statements.NAMES) - len(missing)} of {len(statements.NAMES)} statements are there in both languages.",
    )  # fmt: skip


@check(48)
def no_forecast() -> Found:
    """No figure of the last release is of a period after it."""
    last = reading.latest()
    if last is None:
        return NONE
    rows = last.compilation.observations.values_list("period", flat=True).distinct()
    ahead = [p for p in rows if natural_key(p) > natural_key(last.period)]
    return Found(
        not ahead, "统计数据中没有预测值；尚不发布预测。",
        "No forecast stands among the statistics; none is published yet.",
    )  # fmt: skip
