"""Ellwand: from the stall's price to an index that anybody can recompute."""

from ellwand.engine.aggregation import aggregate, price_update
from ellwand.engine.classification import Classification
from ellwand.engine.contributions import contributions, ribe_contributions
from ellwand.engine.coverage import coverage
from ellwand.engine.decompose import decompose
from ellwand.engine.dissimilarity import dissimilarity
from ellwand.engine.elementary import elementary, impute
from ellwand.engine.errors import DataError
from ellwand.engine.index import index, methods
from ellwand.engine.indicators import indicators
from ellwand.engine.indices import Indices
from ellwand.engine.levels import average, chain, rates, rebase, unchain
from ellwand.engine.outliers import outliers
from ellwand.formulas.chaining import superlative
from ellwand.formulas.splice import splice_windows as splice

__version__ = "0.1.0"

__all__ = [
    "Classification",
    "DataError",
    "Indices",
    "__version__",
    "aggregate",
    "average",
    "chain",
    "contributions",
    "coverage",
    "decompose",
    "dissimilarity",
    "elementary",
    "impute",
    "index",
    "indicators",
    "methods",
    "outliers",
    "price_update",
    "rates",
    "rebase",
    "ribe_contributions",
    "splice",
    "superlative",
    "unchain",
]
