"""The regimes of the simulated market: one table of parameters, from which validation and documentation come."""

from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Regime:
    """How one kind of market behaves. Rates are per week unless another span is named; sd are of log prices.

    items, units : representative products and sample units in force where the caller names no number.
    drift : general trend of log prices per year.
    fibre_sd : weekly shock of a fibre's price; half of it is common to all man-made or all plant fibres.
    jump_rate, jump_sd : chance and size of a sudden move of a fibre's price.
    class_sd, aggregate_sd, item_sd : weekly walk of a level-2 class, of an elementary aggregate, of an item.
    season : amplitude of the yearly wave of an aggregate, at its peak week.
    unchanged : chance that a seller leaves a price as it is in a week without strong pressure.
    trigger : distance between price and target beyond which a seller always changes the price.
    reset_sd : dispersion of a newly set price about its target.
    pass_through : elasticity to fibre prices of level-1 classes 1 to 5.
    lags : weeks until the fibre price begins to reach level-1 classes 1 to 5; it then arrives by halves.
    item_churn, unit_churn : chance that an item, a unit ends.
    linked : share of ended items with a named replacement of other quality; the rest leave a gap of 3 to 8 weeks.
    overlap : share of replacements whose old item is quoted once more, beside the new one in its first week.
    markup : pure price rise hidden in a replacement.
    quality_sd : dispersion of the part of a replacement's quality change that no specification shows.
    missing : share of expected quotes of open units that do not arrive.
    errors : share of quotes with a labelled error.
    weight_sd : yearly walk of log expenditure of an aggregate.
    """

    items: int = 1600
    units: int = 1000
    drift: float = 0.01
    fibre_sd: float = 0.005
    jump_rate: float = 0.006
    jump_sd: float = 0.03
    class_sd: float = 0.0015
    aggregate_sd: float = 0.0015
    item_sd: float = 0.003
    season: float = 0.015
    unchanged: float = 0.535
    trigger: float = 0.06
    reset_sd: float = 0.006
    pass_through: tuple[float, float, float, float, float] = (1.0, 0.6, 0.35, 0.25, 0.2)
    lags: tuple[int, int, int, int, int] = (0, 3, 7, 9, 9)
    item_churn: float = 0.0025
    unit_churn: float = 0.0015
    linked: float = 0.8
    overlap: float = 0.33
    markup: float = 0.01
    quality_sd: float = 0.035
    missing: float = 0.08
    errors: float = 0.03
    weight_sd: float = 0.05

    def parameters(self) -> dict[str, Any]:
        """The parameters by name, for the description of a simulated market."""
        return asdict(self)


_CALM = Regime()

REGIMES: dict[str, Regime] = {
    "calm": _CALM,
    "inflation": replace(_CALM, drift=0.09, fibre_sd=0.007, markup=0.02, unchanged=0.50),
    "sticky": replace(_CALM, unchanged=0.88, trigger=0.10),
    "volatile": replace(
        _CALM, fibre_sd=0.014, jump_rate=0.02, jump_sd=0.06, item_sd=0.006, season=0.03, unchanged=0.35
    ),
    "churn": replace(_CALM, item_churn=0.012, unit_churn=0.006, linked=0.7, missing=0.12, quality_sd=0.05),
    "small": replace(_CALM, items=160, units=60),
}


def regime_named(name: str) -> Regime:
    """The parameters of a regime. ValueError, with the names that there are, for another name."""
    if name not in REGIMES:
        raise ValueError(f"regime {name!r} is not known; choose one of {', '.join(REGIMES)}")
    return REGIMES[name]
