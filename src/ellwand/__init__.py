"""Ellwand: from the stall's price to an index that anybody can recompute."""

from ellwand.engine.aggregation import aggregate, price_update
from ellwand.engine.classification import Classification
from ellwand.engine.contributions import contributions, ribe_contributions
from ellwand.engine.elementary import elementary
from ellwand.engine.errors import DataError
from ellwand.engine.index import index, methods
from ellwand.engine.indices import Indices
from ellwand.engine.levels import average, chain, rates, rebase, unchain
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
    "elementary",
    "index",
    "methods",
    "price_update",
    "rates",
    "rebase",
    "ribe_contributions",
    "splice",
    "unchain",
]
