"""The reference of a declared file: every table and key with type, default, limits and meaning, as Markdown."""

import dataclasses
import json
from dataclasses import MISSING
from typing import Any

from ellwand.production.schema_declaration import Entry, entries
from ellwand.production.toml_positions import BARE

HEAD = ("Key", "Type", "Default", "Limits", "Meaning")


def reference(into: type) -> str:
    """Markdown: a section for each table, the keys outside of any table first.

    The text above the keys of a table is the first paragraph of its dataclass's docstring. NAME in a heading stands
    for a name that the writer of the file chooses.
    """
    sections: list[str] = []
    _section(sections, into, (), "", MISSING, {})
    return "\n\n".join(sections) + "\n"


def _section(
    sections: list[str], into: type, path: tuple[str, ...], brackets: str, instance: Any, above: dict[type, str]
) -> None:
    """Append the section of a table and those of the tables inside of it.

    brackets : around the path in the file, '' for the keys outside of any table. instance : the values where the table
    is left out, MISSING where each key has its own default. above : headings of the tables that this one lies in.
    """
    own = entries(into)
    close = brackets.replace("[", "]")
    heading = f"`{brackets}{'.'.join(path)}{close}`" if brackets else "Keys outside of tables"
    above = {**above, into: heading}
    lines = [f"## {heading}"]
    about = _about(into)
    if about:
        lines += ["", about]
    inner: list[tuple[Entry, type, tuple[str, ...], str]] = []
    rows = []
    for entry in own:
        kind, at, target = entry.shape.plain(), (*path, entry.key), ""
        into_inner = entry.shape.leaf.into
        if into_inner:
            many = entry.shape.kind == "array"
            at = (*at, "NAME") if entry.shape.kind == "map" else at
            if into_inner in above:
                target = f" as in {above[into_inner]}"
            else:
                inner.append((entry, into_inner, at, "[[" if many else "["))
                target = f" `[[{'.'.join(at)}]]`" if many else f" `[{'.'.join(at)}]`"
        default = entry.default if instance is MISSING else getattr(instance, entry.name)
        row = (f"`{entry.key}`", kind + target, _default(default), "; ".join(entry.shape.leaf.limits.texts()))
        rows.append((*row, entry.about))
    if rows:
        lines += ["", _row(HEAD), _row(("---",) * len(HEAD)), *map(_row, rows)]
    sections.append("\n".join(lines))
    for entry, inner_type, at, inner_brackets in inner:
        default = entry.default if instance is MISSING else getattr(instance, entry.name)
        known = default if dataclasses.is_dataclass(default) else MISSING
        _section(sections, inner_type, at, inner_brackets, known, above)


def _about(into: type) -> str:
    """First paragraph of the docstring; a dataclass without one gets its signature from Python, which says nothing."""
    text = into.__doc__ or ""
    return "" if text.startswith(f"{into.__name__}(") else " ".join(text.strip().split("\n\n")[0].split())


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(c.replace("|", "\\|").replace("\n", " ") for c in cells) + " |"


def _default(value: Any) -> str:
    if value is MISSING:
        return "required"
    if value is None:
        return "none"
    if dataclasses.is_dataclass(value):
        return "see its keys"
    return f"`{_toml(value)}`"


def _toml(value: Any) -> str:
    """A value of a dataclass as TOML, tables inline and without the keys that hold their defaults."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        pairs = ((e, getattr(value, e.name)) for e in entries(type(value)))
        value = {e.key: v for e, v in pairs if v is not None and v != e.default}
    if isinstance(value, dict):
        names = (k if BARE.fullmatch(k) else json.dumps(k, ensure_ascii=False) for k in value)
        inside = ", ".join(f"{k} = {_toml(v)}" for k, v in zip(names, value.values(), strict=True))
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str | bool):
        return json.dumps(value, ensure_ascii=False)
    return repr(value) if isinstance(value, int | float) else str(value.isoformat())
