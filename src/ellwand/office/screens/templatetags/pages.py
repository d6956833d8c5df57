"""Tags of the form of an article."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.simple_tag
def key(name: str, language: str) -> str:
    """The field of a form that holds a part of a text in a language."""
    return f"{name}_{language}"


@register.filter
def of(given: Mapping[str, Any] | None, name: str) -> Any:
    """The entry of a name; empty where there is none."""
    return (given or {}).get(name, "")
