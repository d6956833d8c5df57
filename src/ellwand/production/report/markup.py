"""Small, safe markup: text is escaped unless it is already `Markup`."""

from html import escape

Attribute = str | int | float | bool | None


class Markup(str):
    """A piece of HTML or SVG that is already escaped."""

    __slots__ = ()

    def __html__(self) -> str:
        """What a template engine asks of a text that it need not escape."""
        return str(self)


def join(*parts: str | None) -> Markup:
    """Put parts one after another, escaping every part that is plain text; None is left out."""
    return Markup("".join(part if isinstance(part, Markup) else escape(part) for part in parts if part is not None))


def number(value: float) -> str:
    """A coordinate in at most two decimals, without a trailing zero."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def tag(name: str, /, *children: str | None, **attributes: Attribute) -> Markup:
    """One element. `class_` and `for_` lose their underscore, other underscores become hyphens.

    True writes the bare attribute, None and False leave it out, a float is written as a coordinate.
    """
    written = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        label = key.rstrip("_").replace("_", "-")
        if value is True:
            written.append(label)
        else:
            text = number(value) if isinstance(value, float) else escape(str(value))
            written.append(f'{label}="{text}"')
    return Markup(f"<{' '.join(written)}>{join(*children)}</{name}>")


def void(name: str, /, **attributes: Attribute) -> Markup:
    """One HTML element without content, such as `input` or `meta`."""
    return Markup(tag(name, **attributes).removesuffix(f"</{name}>"))
