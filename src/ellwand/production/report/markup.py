"""Small, safe markup: text is escaped unless it is already `Markup`."""

import re
from functools import cache
from html import escape as escaped

Attribute = str | int | float | bool | None


class Markup(str):
    """A piece of HTML or SVG that is already escaped."""

    __slots__ = ()

    def __html__(self) -> str:
        """What a template engine asks of a text that it need not escape."""
        return str(self)


_care = re.compile("[&<>\"']").search


def escape(text: str) -> str:
    """A text as it stands in markup; most hold nothing that needs care."""
    return escaped(text) if _care(text) else text


def join(*parts: str | None) -> Markup:
    """Put parts one after another, escaping every part that is plain text; None is left out."""
    return Markup("".join([part if isinstance(part, Markup) else escape(part) for part in parts if part is not None]))


def number(value: float) -> str:
    """A coordinate in at most two decimals, without a trailing zero."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def tag(name: str, /, *children: str | None, **attributes: Attribute) -> Markup:
    """One element. `class_` and `for_` lose their underscore, other underscores become hyphens.

    True writes the bare attribute, None and False leave it out, a float is written as a coordinate.
    """
    head = name
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        label = _label(key)
        if value is True:
            head += f" {label}"
        else:
            text = number(value) if isinstance(value, float) else escape(str(value))
            head += f' {label}="{text}"'
    return Markup(f"<{head}>{join(*children) if children else ''}</{name}>")


@cache
def _label(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def void(name: str, /, **attributes: Attribute) -> Markup:
    """One HTML element without content, such as `input` or `meta`."""
    return Markup(tag(name, **attributes).removesuffix(f"</{name}>"))
