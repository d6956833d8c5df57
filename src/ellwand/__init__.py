"""Ellwand: from the stall's price to an index that anybody can recompute."""

from ellwand.engine.errors import DataError
from ellwand.engine.index import index, methods
from ellwand.formulas.splice import splice_windows as splice

__version__ = "0.1.0"

__all__ = ["DataError", "__version__", "index", "methods", "splice"]
