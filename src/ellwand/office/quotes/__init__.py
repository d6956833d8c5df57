"""Quotes: what was reported, by whom, in which version."""
