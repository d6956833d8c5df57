"""Filters of the compile view and the texts: {% load editorial %}."""

from typing import Any

from django import template

from ellwand.production.report.words import Words

register = template.Library()


@register.filter
def signed(value: Any, digits: int = 3) -> str:
    """A contribution with its sign and a true minus; a dash where there is none."""
    return "–" if value is None else Words("en").signed(float(value), digits)
