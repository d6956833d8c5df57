"""The registers: classification, sources, units, items, assignments, baskets, methods."""
