"""The method: everything that the stages are told, as one declared, versioned file.

Each table of the file is a dataclass here; `schema.load` checks a TOML text against them. Defaults are the documented
choice of a careful office (`methods/careful.toml` says them all).
"""

from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from ellwand.engine.errors import DataError
from ellwand.engine.plan import Plan
from ellwand.engine.plugins import load_methods
from ellwand.formulas.catalogue import get
from ellwand.production import schema

MEANS = ("jevons", "dutot")
"""Elementary formulas of price ratios that may be chained."""


def _about(text: str, **limits: Any) -> dict[str, Any]:
    return {"about": text, **limits}


def _outlier_names() -> tuple[str, ...]:
    """Names of the outlier rules, those of plug-ins included."""
    from ellwand.production.plugins import outlier_rules

    return tuple(outlier_rules())


def _factor_names() -> tuple[str, ...]:
    """Kinds of systematic error."""
    from ellwand.production.validate import FACTORS

    return FACTORS


def _donor_names() -> tuple[str, ...]:
    """Names of the donor sets, those of plug-ins included."""
    from ellwand.production.plugins import donor_sets

    return tuple(donor_sets())


@dataclass(frozen=True)
class Rule:
    """An edit rule: a condition that every quote must meet.

    hard : a quote that breaks it is excluded. soft : it is queried; without a decision it is used.
    """

    name: str = field(metadata=_about("name of the rule, given with every quote that breaks it"))
    must: str = field(metadata=_about("the condition, such as `price > 0`"))
    kind: Literal["hard", "soft"] = field(default="hard", metadata=_about("hard excludes, soft queries"))
    when: str = field(default="", metadata=_about("a condition that must hold for the rule to apply"))
    message_zh: str = field(default="", metadata=_about("what to tell a collector, in Chinese"))
    message_en: str = field(default="", metadata=_about("what to tell a collector, in English"))


@dataclass(frozen=True)
class Outlier:
    """An outlier rule on the ratios of price to reference price; a plug-in may add one."""

    rule: str = field(default="robust_z", metadata=_about("name of an outlier rule", choices=_outlier_names))
    kind: Literal["hard", "soft"] = field(default="hard", metadata=_about("hard excludes, soft queries"))
    group: Literal["ea", "parent", "all"] = field(default="ea", metadata=_about("ratios that are judged together"))
    changed_only: bool = field(default=False, metadata=_about("judge by the ratios that differ from 1 only"))
    minimum: int = field(default=10, metadata=_about("smaller groups are pooled with their parent", low=1))
    fallback: float = field(
        default=0.25, metadata=_about("fixed bound 1 + c where fewer than 5 remain after pooling", above=0.0)
    )
    params: dict[str, Any] = field(default_factory=dict, metadata=_about("parameters of the rule"))


@dataclass(frozen=True)
class Relation:
    """A newly set price against where its series usually stands in its class."""

    k: float = field(
        default=0.0,
        metadata=_about("spreads from the usual place beyond which a price is excluded; 0: no such test", low=0.0),
    )
    floor: float = field(default=0.009, metadata=_about("least spread, in logs", above=0.0))
    step: float = field(
        default=0.025, metadata=_about("a change smaller than this (log) is never excluded by this test", low=0.0)
    )
    gain: float = field(
        default=0.7, metadata=_about("share of the class's movement, seen in new prices, that is believed", low=0.0)
    )
    weight: float = field(
        default=0.2, metadata=_about("what a new price counts in its series' usual place", above=0.0, high=1.0)
    )
    still: float = field(default=0.05, metadata=_about("what an unchanged price counts", low=0.0, high=1.0))
    class_prior: float = field(
        default=4.0, metadata=_about("new prices that a class needs until half of its movement is its own", above=0.0)
    )
    item_prior: float = field(default=1.5, metadata=_about("the same for an item", above=0.0))
    spread_prior: float = field(default=20.0, metadata=_about("the same for the spread of a class", above=0.0))
    memory: float = field(
        default=0.8, metadata=_about("what the spread of a period counts in the next one", low=0.0, below=1.0)
    )
    gap_widening: float = field(
        default=0.1, metadata=_about("how much wider for each period since the price was last observed", low=0.0)
    )


@dataclass(frozen=True)
class Systematic:
    """Errors by a known factor: decimal point, yard for metre, kilogram for metre, packs."""

    factors: tuple[str, ...] = field(
        default=("decimal", "yard_metre", "kg_metre", "pack", "exchange_rate"),
        metadata=_about("kinds of factor that are tried", choices=_factor_names),
    )
    tolerance: float = field(default=0.004, metadata=_about("distance from the factor in logs", above=0.0, below=0.2))
    only_outliers: bool = field(default=True, metadata=_about("try them on quotes that another rule has flagged only"))
    accept: tuple[str, ...] = field(
        default=(), metadata=_about("kinds whose correction this method accepts; others are excluded and proposed")
    )
    exchange_rate: float = field(default=7.1, metadata=_about("yuan for the foreign currency", above=0.0))
    vat: float = field(default=1.13, metadata=_about("price with value-added tax over price without", above=1.0))


@dataclass(frozen=True)
class Confirm:
    """A flagged price that comes again is the seller's price, not a slip: it is used from then on."""

    after: int = field(
        default=2, metadata=_about("flagged quotes in a row, of nearly one price, that confirm it", low=2)
    )
    tolerance: float = field(default=0.02, metadata=_about("largest distance between them in logs", above=0.0))
    largest: float = field(
        default=0.5,
        metadata=_about("a confirmed change outside 1/(1+c) .. 1+c is no change: the series begins anew", above=0.0),
    )


@dataclass(frozen=True)
class Validate:
    """Which quotes are used, corrected or set aside. Nothing is deleted."""

    rule: tuple[Rule, ...] = field(default=(), metadata=_about("edit rules"))
    outlier: tuple[Outlier, ...] = field(default=(), metadata=_about("outlier rules, all applied"))
    relation: Relation = field(default_factory=Relation, metadata=_about("prices against their usual place"))
    systematic: Systematic = field(default_factory=Systematic, metadata=_about("errors by a known factor"))
    confirm: Confirm = field(default_factory=Confirm, metadata=_about("prices that come again"))
    entry_bound: float = field(
        default=0.5,
        metadata=_about(
            "a first price may lie so far from the item's other units: within 1/(1+c) .. 1+c; 0: anywhere", low=0.0
        ),
    )
    entry_bound_class: float = field(
        default=0.0,
        metadata=_about(
            "the same from the middle of its elementary aggregate, where the item has no other unit; 0: anywhere",
            low=0.0,
        ),
    )
    gap_widening: float = field(
        default=0.15,
        metadata=_about("how much wider the bounds are for each period since the price was last observed", low=0.0),
    )
    review_share: float = field(
        default=0.01, metadata=_about("selective editing: expected remaining error at which review may stop", above=0.0)
    )


@dataclass(frozen=True)
class Impute:
    """How a missing price moves: with its donors, the most specific set first."""

    ladder: tuple[str, ...] = field(
        default=("source", "ea", "parent", "all"),
        metadata=_about("donor sets, the most specific first", choices=_donor_names),
    )
    movement: Literal["jevons", "dutot", "none"] = field(
        default="jevons",
        metadata=_about("formula of the movement; none: a missing price is not imputed and the series rests"),
    )
    minimum_donors: int = field(default=3, metadata=_about("donors that a set needs", low=1))
    maximum_run: int = field(default=8, metadata=_about("periods in a row that a price may be imputed", low=0))
    maximum_run_seasonal: int = field(
        default=26, metadata=_about("the same for items that the register calls seasonal", low=0)
    )
    closure: Literal["carry", "impute"] = field(
        default="carry", metadata=_about("what becomes of the prices of a unit that is closed")
    )


@dataclass(frozen=True)
class Replace:
    """How a new item follows the one that it replaces."""

    ladder: tuple[Literal["option_cost", "size", "hedonic", "class_mean", "direct"], ...] = field(
        default=("option_cost", "hedonic", "class_mean"),
        metadata=_about(
            "ways to find the quality ratio where old and new were never priced together, the first that can be used; "
            "an overlap is always used, because it needs no estimate"
        ),
    )
    option_share: float = field(
        default=1.0,
        metadata=_about(
            "option_cost: part of the cost of an added feature (items' register, column option_cost) that is quality",
            low=0.0,
            high=1.0,
        ),
    )
    pool: int = field(
        default=30,
        metadata=_about(
            "hedonic: from so many replacements on, their mean price change stands for each one's own, which is noise; "
            "0: each its own",
            low=0,
        ),
    )
    prior: float = field(
        default=30.0,
        metadata=_about(
            "hedonic: so many replacements without a price change are added to that mean, which few replacements "
            "cannot tell from none",
            low=0.0,
        ),
    )
    numeric: tuple[str, ...] = field(
        default=("gsm", "width_cm"), metadata=_about("hedonic: columns of the items' register taken as logarithms")
    )
    categories: tuple[str, ...] = field(
        default=("finish", "grade"),
        metadata=_about("hedonic: columns of the items' register taken as categories"),
    )
    refit: int = field(default=13, metadata=_about("hedonic: periods that a regression serves", low=1))
    minimum_r2: float = field(default=0.05, metadata=_about("adjusted R2 that a hedonic fit needs", low=0.0, high=1.0))
    maximum_vif: float = field(default=10.0, metadata=_about("largest variance inflation factor", above=1.0))


@dataclass(frozen=True)
class Compile:
    """Elementary formula, weights and links."""

    elementary: str = field(
        default="jevons",
        metadata=_about(
            "elementary formula: jevons, dutot (of articles in one unit of measure), or a multilateral method of "
            "`ellwand methods` for quotes with quantities; Carli and harmonic means drift when chained, and are refused"
        ),
    )
    weights: Literal["item", "series", "quantity"] = field(
        default="item",
        metadata=_about("item: every item counts once, its units share it; series: every price series counts once"),
    )
    window: int | None = field(default=None, metadata=_about("multilateral methods: periods a window", low=2))
    splice: str | None = field(default=None, metadata=_about("multilateral methods: how windows are linked"))
    order: float = field(
        default=1.0,
        metadata=_about("order of the mean at higher levels: 1 arithmetic, 0 geometric", low=-5.0, high=5.0),
    )
    price_update: bool = field(default=True, metadata=_about("weights follow prices within a link"))
    base: float = field(default=100.0, metadata=_about("level of the base period", above=0.0))
    base_period: str = field(default="", metadata=_about("the base period; empty: the first"))

    def __post_init__(self) -> None:
        """ValueError for a formula that is not known, or that drifts when it is chained."""
        if self.elementary in MEANS:
            if self.weights == "quantity":
                raise ValueError(
                    f'weights = "quantity" needs a multilateral method as elementary; {self.elementary} takes '
                    '"item" or "series"'
                )
            return
        found = get(self.elementary)
        if found.family == "bilateral":
            raise ValueError(
                f"elementary {self.elementary!r} would be chained from period to period and drift (CPI Manual 2020, "
                f"chapters 8 and 10); use one of {', '.join(MEANS)}, or a multilateral method"
            )
        Plan.of(self.elementary, window=self.window, splice=self.splice)


@dataclass(frozen=True)
class Variance:
    """Standard errors and intervals, by bootstrap over units."""

    replicates: int = field(default=1000, metadata=_about("bootstrap draws; 0: none", low=0, high=100_000))
    seed: int = field(default=1, metadata=_about("seed of the draws, recorded", low=0))
    level: float = field(default=0.95, metadata=_about("coverage of the intervals", above=0.0, below=1.0))
    items: Literal["fixed", "sampled"] = field(
        default="fixed",
        metadata=_about("fixed: items were chosen on purpose and only units are a sample; sampled: items vary too"),
    )


@dataclass(frozen=True)
class Quality:
    """Grades and suppression."""

    grade_b: float = field(default=0.10, metadata=_about("imputed share of weight above which the grade is B", low=0.0))
    grade_c: float = field(default=0.40, metadata=_about("and above which it is C, low reliability", low=0.0))
    maximum_imputed: float = field(default=1.0, metadata=_about("and above which the series is suppressed", low=0.0))
    minimum_units: int = field(default=3, metadata=_about("fewer units than this suppress a series", low=0))
    dominance: float = field(
        default=0.85,
        metadata=_about("largest share of one unit in a series; above it is suppressed", above=0.0, high=1.0),
    )


@dataclass(frozen=True)
class Release:
    """Rounding and the calendar."""

    decimals: int = field(default=2, metadata=_about("decimals of the published index", low=0, high=6))
    change_decimals: int = field(default=2, metadata=_about("decimals of the published changes", low=0, high=6))
    changes: Literal["unrounded", "published"] = field(
        default="unrounded", metadata=_about("levels from which changes are computed")
    )
    minimum_open: float = field(
        default=0.0,
        metadata=_about("share of due quotes whose units must be open, or the period has no issue", low=0.0, high=1.0),
    )


@dataclass(frozen=True)
class Method:
    """A method file: name and version, and a table for each stage."""

    name: str = field(metadata=_about("name of the method", pattern=r"[a-z0-9][a-z0-9_-]*"))
    version: str = field(metadata=_about("version of the method; it changes with every change of the file"))
    title_zh: str = field(default="", metadata=_about("title in Chinese"))
    title_en: str = field(default="", metadata=_about("title in English"))
    purpose_zh: str = field(default="", metadata=_about("what it is for, in Chinese"))
    purpose_en: str = field(default="", metadata=_about("what it is for, in English"))
    validate: Validate = field(default_factory=Validate)
    impute: Impute = field(default_factory=Impute)
    replace: Replace = field(default_factory=Replace)
    compile: Compile = field(default_factory=Compile)
    variance: Variance = field(default_factory=Variance)
    quality: Quality = field(default_factory=Quality)
    release: Release = field(default_factory=Release)


@dataclass(frozen=True)
class MethodFile:
    """A method and the digest of its content (comments and layout do not count)."""

    method: Method
    digest: str
    text: str


SHIPPED = ("careful", "minimal", "transactions", "keqiao")
"""Methods that come with Ellwand; the first is the default."""


def read_method(given: str | Path | None = None) -> MethodFile:
    """A method file by path, or one that ships by its name; None: the default. SchemaError with line and column."""
    name = SHIPPED[0] if given is None else str(given)
    if name in SHIPPED:
        text = resources.files("ellwand.production").joinpath(f"methods/{name}.toml").read_text(encoding="utf-8")
        return parse_method(text, f"{name}.toml")
    path = Path(name)
    if not path.is_file():
        raise DataError(f"method {name!r}: no such file, and none of the methods that ship: {', '.join(SHIPPED)}")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start}); save it as UTF-8") from error
    return parse_method(text, path.name)


def parse_method(text: str, name: str = "method file") -> MethodFile:
    """A method file from its text. SchemaError with line and column; RuleError for rules that contradict themselves."""
    load_methods()
    method = schema.load(text, Method, name=name)
    return MethodFile(method, schema.digest(text), text)
