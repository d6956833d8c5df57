"""The simulated market with known truth, for the demo, the tests and the benchmarks."""

from ellwand.market.regimes import REGIMES, Regime
from ellwand.market.simulate import simulate

__all__ = ["REGIMES", "Regime", "simulate"]
