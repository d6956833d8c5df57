"""Checks of the self-test, by what they look at; loading this package enters them all into the table."""

from ellwand.office.audit.live import inputs, issues, people, published, record  # noqa: F401
