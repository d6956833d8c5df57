"""Twins of pages: what a page shows as a table, for programs, at the page's address with another ending."""
