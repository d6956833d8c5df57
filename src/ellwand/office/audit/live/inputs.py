"""Checks on what the last public issue was made of: sufficiency, confidentiality, judgement, exclusion, conduct."""

from ellwand.office.audit.selftest import Found, check
from ellwand.office.editorial.models import Sheet
from ellwand.office.quotes.models import Quote
from ellwand.office.record import reading
from ellwand.office.record.models import Observation, Release
from ellwand.office.review import acts
from ellwand.office.review.models import Case, Decision
from ellwand.office.rounds import states
from ellwand.office.rounds.models import Move
from ellwand.production.method import parse_method

NONE = Found(None, "还没有公开的发布。", "No release is public yet.")
HIDDEN = "S"
FIGURES = (
    "index", "change_previous", "change_year_start", "change_last_year", "low", "high", "change_low", "change_high",
    "contribution",
)  # fmt: skip


def _last() -> tuple[Release, list[Observation]] | None:
    last = reading.latest()
    return None if last is None else (last, list(last.compilation.observations.all()))


def _counts(one: Release) -> dict[str, dict[str, int]] | None:
    """What the compilation of a release counted of its quotes; None for one that counted nothing."""
    return Sheet.objects.filter(compilation=one.compilation).values_list("counts", flat=True).first()


@check(25)
def hierarchy() -> Found:
    """The class of input of each quote of the last issue is counted in public."""
    last = reading.latest()
    counts = _counts(last) if last else None
    if last is None or counts is None:
        return NONE
    whole = sum(counts["inputs"].values())
    stated = whole - counts["inputs"].get("", 0)
    return Found(
        whole > 0, f"{last.period}报价{whole}条，已说明类别{stated}条。",
        f"{stated} of {whole} quotes of {last.period} state their class of input.",
    )  # fmt: skip


@check(26)
def sufficiency() -> Found:
    """In the last issue a class of grade S has no figure and a reason, and every other one has its figure."""
    found = _last()
    if found is None:
        return NONE
    last, rows = found
    hidden = [o for o in rows if o.grade == HIDDEN]
    odd = sum(1 for o in hidden if o.published or not o.status or any(getattr(o, n) is not None for n in FIGURES))
    odd += sum(1 for o in rows if o.grade != HIDDEN and (o.index is None) != (not o.published))
    return Found(
        not odd, f"{last.period}的{len(rows)}个分类中，不公布{len(hidden)}个，不合规则{odd}个。",
        f"Of {len(rows)} classes of {last.period}, {len(hidden)} show no figure; {odd} break the rule.",
    )  # fmt: skip


@check(27)
def confidentiality() -> Found:
    """In the last issue no shown class rests on too few units, and no hidden one follows from those around it."""
    found = _last()
    if found is None:
        return NONE
    last, rows = found
    method = parse_method(last.compilation.method.text).method
    # The first issue is the base: its levels say nothing of anybody.
    if all(o.status in ("reference", "no_price", "not_collected") for o in rows):
        return Found(None, f"{last.period}是基期。", f"{last.period} is the base.")
    few = sum(1 for o in rows if o.grade != HIDDEN and o.quotes and 0 < o.units < method.quality.minimum_units)
    by_code = {o.code: o for o in rows}
    families: dict[str, list[Observation]] = {}
    for o in rows:
        if o.parent and (o.weight is None or o.weight > 0):
            families.setdefault(o.parent, [by_code[o.parent]]).append(o)
    solved = sum(1 for family in families.values() if sum(o.grade == HIDDEN for o in family) == 1)
    return Found(
        not few and not solved, f"{last.period}：单位过少仍公布{few}个，可由其他分类推出{solved}个。",
        f"{last.period}: {few} classes with too few units are shown; {solved} hidden ones follow from others.",
    )  # fmt: skip


@check(28)
def concentration() -> Found:
    """Classes of the last issue of which the rationale warns, because one unit has a large part of the weight."""
    last = reading.latest()
    rows = Sheet.objects.filter(compilation=last.compilation).values_list("concentrated", flat=True) if last else []
    warned = next(iter(rows), None)
    if last is None or warned is None:
        return NONE
    text = reading.file(last, "texts/rationale.en.md").read_text(encoding="utf-8")
    said = "Warning: in these classes one sample unit" in text
    return Found(
        said == bool(warned), f"{last.period}的编制说明对{len(warned)}个分类作出集中度警示。",
        f"The rationale of {last.period} warns of {len(warned)} classes.",
    )  # fmt: skip


@check(29)
def judgement() -> Found:
    """Every judged value has its evidence, the alternative considered, and a second reader."""
    rows = list(Decision.objects.filter(act=acts.COUNTERSIGN).select_related("of"))
    odd = sum(
        1 for d in rows
        if d.of is None or d.of.by_id == d.by_id or not (d.of.reason and d.of.evidence and d.of.alternative)
    )  # fmt: skip
    signed = [d.made_id for d in rows if d.made_id is not None]
    loose = Quote.objects.filter(kind="judged").exclude(pk__in=signed).count()
    return Found(
        not odd and not loose, f"专家判断{len(rows)}次，记录不全{odd + loose}次。",
        f"{len(rows)} values were judged; the record of {odd + loose} is not whole.",
    )  # fmt: skip


@check(30)
def excluded() -> Found:
    """Every exclusion by a reviewer has a coded reason; the number of the last issue is public."""
    rows = Decision.objects.filter(act__in=(acts.EXCLUDE, acts.MISSING))
    odd = sum(1 for act, code in rows.values_list("act", "code") if code not in acts.CODES[act])
    found = _last()
    if found is None:
        return NONE
    last, observations = found
    out = next((o.excluded for o in observations if o.level == 0), 0)
    return Found(
        not odd, f"{last.period}剔除{out}条报价；审核员剔除{rows.count()}次，缺理由{odd}次。",
        f"{out} quotes of {last.period} were set aside; of {rows.count()} exclusions by reviewers {odd} lack a reason.",
    )  # fmt: skip


@check(37)
def conduct() -> Found:
    """Quotes of units that have not signed the code of conduct are counted in public."""
    last = reading.latest()
    counts = _counts(last) if last else None
    if last is None or counts is None:
        return NONE
    whole, unsigned = sum(counts["inputs"].values()), counts["unsigned"]
    return Found(
        True, f"{last.period}的{whole}条报价中，{unsigned}条来自未签署行为守则的单位。",
        f"{unsigned} of {whole} quotes of {last.period} came from units that have not signed the code of conduct.",
    )  # fmt: skip


@check(38)
def manipulation() -> Found:
    """Every case of conspicuous reporting in a round that was compiled is decided."""
    compiled = Move.objects.filter(target=states.COMPILED).values("round")
    cases = Case.objects.count()
    open_ = Case.objects.filter(round__in=compiled, decisions__isnull=True).count()
    return Found(
        not open_, f"立案{cases}件，已编制而未处理的{open_}件。",
        f"{cases} cases were opened; {open_} are undecided although their round was compiled.",
    )  # fmt: skip
