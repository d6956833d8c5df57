"""What the public is told of the index (feature 47): scope, source, unit, base, frequency, licence, contact.

Scope, source, unit, base and frequency follow from the registers unless somebody stated them; licence and contact must
be stated, except for a simulated market, of which nobody can have a right or a question. The statements are kept here
(`models.Statement`) and go into the rationale of every release.
"""

from dataclasses import dataclass

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.editorial.models import Statement
from ellwand.office.registry.models import Basket, Classification, Market, Source, Unit
from ellwand.office.rounds.models import Round
from ellwand.production.report.periods import read
from ellwand.production.report.words import Words

NAMES = {
    "scope": ("范围", "Scope"),
    "source": ("来源", "Source"),
    "unit": ("单位", "Unit"),
    "base": ("基期", "Base"),
    "frequency": ("频率", "Frequency"),
    "licence": ("许可", "Licence"),
    "contact": ("联系方式", "Contact"),
}
"""The statements in the order in which they are shown, with their names."""
LONGEST = 2000
FREQUENCY = {
    "week": ("每周", "Weekly"),
    "month": ("每月", "Monthly"),
    "quarter": ("每季", "Quarterly"),
    "day": ("每日", "Daily"),
}


@dataclass(frozen=True)
class Told:
    """A statement in both languages, "" where there is none. own : whether somebody made it."""

    zh: str
    en: str
    own: bool = False

    def of(self, language: str) -> str:
        """In one language."""
        return self.zh if language == "zh" else self.en


def metadata_of(found: Round) -> dict[str, Told]:
    """The statements about the index of a round, by name."""
    market = Market.objects.first()
    out = {name: Told("", "") if market is None else _derived(name, found, market) for name in NAMES}
    for row in Statement.objects.order_by("pk"):
        out[row.name] = Told(row.zh, row.en, own=True)
    return out


def licence(found: Round) -> tuple[str, str]:
    """Under which licence the figures of a round are published, in Chinese and English."""
    told = metadata_of(found)["licence"]
    return told.zh, told.en


def lacks(found: Round) -> list[str]:
    """Names of the statements that are missing in a language."""
    return [name for name, told in metadata_of(found).items() if not (told.zh.strip() and told.en.strip())]


def state(name: str, zh: str, en: str, by: User) -> Statement:
    """State one of the metadata in both languages. DataError for an unknown name or an empty text."""
    role = people.require(by, "texts.write")
    if name not in NAMES:
        raise DataError(f"metadata {name!r} are not known; there are {', '.join(NAMES)}")
    given = {"zh": zh.strip(), "en": en.strip()}
    for language, text in given.items():
        if not text or len(text) > LONGEST:
            raise DataError(f"{name}, {language}: {len(text)} characters; write 1 to {LONGEST}")
    with transaction.atomic():
        made = Statement(name=name, **given, by=by, at=clock.now())
        made.save()
        trail.append(by, "metadata.state", f"metadata/{name}", role=role, after=given)
    return made


def _derived(name: str, found: Round, market: Market) -> Told:
    if name == "scope":
        version = Classification.objects.order_by("-number").first()
        columns = ("code", "parent", "name_zh", "name_en")
        rows = list(version.classes.order_by("position").values_list(*columns)) if version else []
        top = {code for code, parent, *_ in rows if not parent}
        first = [names for _, parent, *names in rows if parent in top]
        if not first:
            return Told("", "")
        zh, en = "、".join(zh for zh, _ in first), Words("en").names([en for _, en in first])
        return Told(f"{market.name_zh}的价格：{zh}。", f"Prices of {market.name_en}: {en}.")
    if name == "source":
        units, sources = Unit.objects.count(), Source.objects.count()
        if not units:
            return Told("", "")
        return Told(
            f"{units}个样本单位的报价，来自{sources}个采价点。",
            f"Quotes of {units:,} sample units at {sources:,} collecting points.",
        )
    if name == "unit":
        return Told("指数为点，涨跌幅为百分比。", "Index in points; changes in per cent.")
    if name == "base":
        return _base(found)
    if name == "frequency":
        zh, en = FREQUENCY[read(found.period).kind]
        return Told(f"{zh}。", f"{en}.")
    if not market.simulated:
        return Told("", "")
    if name == "licence":
        return Told(
            "模拟数据：不涉及任何真实价格，可自由使用。",
            "Simulated figures: they say nothing about real prices and may be used freely.",
        )
    return Told(
        "模拟市场：没有对外的联系人；疑问由本办公室解答。",
        "A simulated market: nobody outside answers for it; this office answers questions.",
    )


def _base(found: Round) -> Told:
    starts = sorted(Basket.objects.values_list("valid_from", flat=True).distinct(), key=natural_key)
    before = [s for s in starts if not s or natural_key(s) <= natural_key(found.period)]
    if not before:
        return Told("", "")
    basket = Basket.objects.filter(valid_from=before[-1]).order_by("-number")[0]
    stated = basket.weights.order_by().values_list("price_reference", flat=True).distinct()
    references = sorted({reference for reference in stated if reference}, key=natural_key)
    first = Round.objects.filter(family=found.family).values_list("period", flat=True)
    start = min(first, key=natural_key, default=found.period)
    zh = f"篮子自{before[-1] or start}起执行"
    en = f"Basket in force since {before[-1] or start}"
    if references:
        zh += f"，价格参考期{'、'.join(references)}"
        en += f", price reference {', '.join(references)}"
    return Told(f"{zh}。", f"{en}.")
