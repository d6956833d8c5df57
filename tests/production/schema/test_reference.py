"""The reference names every table and key, with type, default, limits and meaning."""

import tomllib
from dataclasses import dataclass, field
from typing import Any, Literal

from ellwand.production.schema import reference


@dataclass(frozen=True)
class Rule:
    """A rule of editing,
    hard or soft.

    More for the reader of the code.
    """

    code: str = field(metadata={"about": "Its code.", "pattern": "a|b"})
    kind: Literal["hard", "soft"] = "soft"
    bounds: tuple[float, ...] = field(default=(0.5, 2.0), metadata={"above": 0, "high": 9.5})
    parts: tuple["Rule", ...] = ()
    with_: dict[str, Any] = field(default_factory=lambda: {"x": [1, "y"]})


@dataclass(frozen=True)
class Limits:
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True)
class Stage:
    """A stage."""

    limits: Limits = field(default_factory=lambda: Limits(high=7.0))
    rules: tuple[Rule, ...] = field(default=(Rule("a"),), metadata={"about": "Its rules."})
    groups: dict[str, Limits] = field(default_factory=dict)
    spare: Limits | None = None
    on: bool = True


@dataclass(frozen=True)
class File:
    """The whole file."""

    title: str = field(metadata={"choices": lambda: ["x", "y"]})
    stage: Stage = field(default_factory=Stage)


WANTED = r"""## Keys outside of tables

The whole file.

| Key | Type | Default | Limits | Meaning |
| --- | --- | --- | --- | --- |
| `title` | text | required | one of `x`, `y` |  |
| `stage` | table `[stage]` | see its keys |  |  |

## `[stage]`

A stage.

| Key | Type | Default | Limits | Meaning |
| --- | --- | --- | --- | --- |
| `limits` | table `[stage.limits]` | see its keys |  |  |
| `rules` | array of tables `[[stage.rules]]` | `[{ code = "a" }]` |  | Its rules. |
| `groups` | table of names with table `[stage.groups.NAME]` | `{}` |  |  |
| `spare` | table `[stage.spare]` | none |  |  |
| `on` | true or false | `true` |  |  |

## `[stage.limits]`

| Key | Type | Default | Limits | Meaning |
| --- | --- | --- | --- | --- |
| `low` | number | `0.0` |  |  |
| `high` | number | `7.0` |  |  |

## `[[stage.rules]]`

A rule of editing, hard or soft.

| Key | Type | Default | Limits | Meaning |
| --- | --- | --- | --- | --- |
| `code` | text | required | matches `a\|b` | Its code. |
| `kind` | text | `"soft"` | one of `hard`, `soft` |  |
| `bounds` | array of numbers | `[0.5, 2.0]` | > 0; <= 9.5 |  |
| `parts` | array of tables as in `[[stage.rules]]` | `[]` |  |  |
| `with` | table of any keys | `{ x = [1, "y"] }` |  |  |

## `[stage.groups.NAME]`

| Key | Type | Default | Limits | Meaning |
| --- | --- | --- | --- | --- |
| `low` | number | `0.0` |  |  |
| `high` | number | `1.0` |  |  |

## `[stage.spare]`

| Key | Type | Default | Limits | Meaning |
| --- | --- | --- | --- | --- |
| `low` | number | `0.0` |  |  |
| `high` | number | `1.0` |  |  |
"""


def test_the_whole_reference() -> None:
    assert reference(File) == WANTED


def test_defaults_are_toml() -> None:
    cells = [line.split(" | ")[2] for line in reference(File).splitlines() if line.startswith("| `")]
    written = [c.strip("`") for c in cells if c.startswith("`")]
    assert len(written) == 13
    assert all(tomllib.loads(f"x = {value}") for value in written)
