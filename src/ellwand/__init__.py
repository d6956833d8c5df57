"""Ellwand: from the stall's price to an index that anybody can recompute."""

__version__ = "0.1.0"
