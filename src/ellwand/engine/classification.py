"""Classification: a tree of classes whose leaves are the elementary aggregates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.engine.source import need, open_source
from ellwand.formulas.catalogue import suggest
from ellwand.formulas.tree import Tree


@dataclass(frozen=True)
class Classification:
    """Classes in order, level by level. parents : position of each class's parent, -1 for a top class."""

    codes: tuple[str, ...]
    parents: tuple[int, ...]

    @classmethod
    def from_parents(cls, data: Any, code: str = "code", parent: str = "parent") -> "Classification":
        """From a table (anything that `index` takes) of codes and parent codes; a top class has an empty parent.

        DataError for a code that stands twice, an unknown parent or a circle.
        """
        source = open_source(data, text_columns=(code, parent))
        for name, role in ((code, "code"), (parent, "parent")):
            need(source.columns, name, role)
        table = source.arrow([code, parent])
        pairs: dict[str, str] = {}
        for row, (c, p) in enumerate(zip(table[code].to_pylist(), table[parent].to_pylist(), strict=True), start=1):
            if c is None or str(c) == "":
                raise DataError(f"row {row}, field {code}: empty; every class needs a code")
            if str(c) in pairs:
                raise DataError(f"row {row}, field {code}: {c} stands twice; a class has one parent")
            pairs[str(c)] = "" if p is None else str(p)
        return cls._of(pairs)

    @classmethod
    def from_levels(cls, data: Any, columns: Sequence[str]) -> "Classification":
        """From a table with one column a level, top level first; each row is the path of an elementary aggregate.

        DataError for a code under two parents or with an empty field above it.
        """
        source = open_source(data, text_columns=columns)
        for name in columns:
            need(source.columns, name, "columns")
        table = source.arrow(list(columns))
        pairs: dict[str, str] = {}
        for row, path in enumerate(zip(*(table[c].to_pylist() for c in columns), strict=True), start=1):
            above = ""
            for name, value in zip(columns, path, strict=True):
                if value is None:
                    raise DataError(f"row {row}, field {name}: empty; every level of a path needs a code")
                text = str(value)
                if pairs.setdefault(text, above) != above:
                    raise DataError(
                        f"row {row}, field {name}: {text} stands under {pairs[text] or 'the top'!r} and under "
                        f"{above!r}; codes must be unique in the whole classification"
                    )
                above = text
        return cls._of(pairs)

    @classmethod
    def from_codes(cls, leaves: Iterable[str], separator: str = ".") -> "Classification":
        """From codes that hold their path: `1.1.2` lies under `1.1`, and that under `1`."""
        pairs: dict[str, str] = {}
        for leaf in leaves:
            parts = str(leaf).split(separator)
            for n in range(1, len(parts) + 1):
                pairs[separator.join(parts[:n])] = separator.join(parts[: n - 1])
        return cls._of(pairs)

    @classmethod
    def _of(cls, pairs: dict[str, str]) -> "Classification":
        if not pairs:
            raise DataError("the classification holds no class")
        children: dict[str, list[str]] = {}
        for code, parent in pairs.items():
            if parent and parent not in pairs:
                raise DataError(
                    f"field parent: {parent!r}, the parent of {code!r}, is no class; " + suggest(parent, pairs)
                )
            children.setdefault(parent, []).append(code)
        codes: list[str] = []
        parents: list[int] = []
        level = [(c, -1) for c in sorted(children.get("", []), key=natural_key)]
        while level:
            below: list[tuple[str, int]] = []
            for code, parent_at in level:
                codes.append(code)
                parents.append(parent_at)
                below += [(c, len(codes) - 1) for c in sorted(children.get(code, []), key=natural_key)]
            level = below
        if len(codes) < len(pairs):
            lost = sorted(set(pairs) - set(codes), key=natural_key)
            raise DataError(f"field parent: {lost[0]!r} lies in a circle of parents; no top class is above it")
        return cls(tuple(codes), tuple(parents))

    @cached_property
    def position(self) -> dict[str, int]:
        return {c: i for i, c in enumerate(self.codes)}

    @cached_property
    def tree(self) -> Tree:
        parent = np.asarray(self.parents, dtype=np.intp)
        inner = np.zeros(len(parent), dtype=bool)
        inner[parent[parent >= 0]] = True
        return Tree(parent, np.flatnonzero(~inner))

    @property
    def leaves(self) -> tuple[str, ...]:
        """Codes of the elementary aggregates."""
        return tuple(self.codes[i] for i in self.tree.leaves.tolist())

    def level(self, n: int) -> tuple[str, ...]:
        """Codes of level n, the top level being 1."""
        if not 1 <= n <= len(self.tree.levels):
            raise ValueError(f"there is no level {n}; the classification has levels 1 to {len(self.tree.levels)}")
        return tuple(self.codes[i] for i in self.tree.levels[n - 1].tolist())

    def at(self, code: str) -> int:
        """Position of a code. ValueError for an unknown one."""
        if code not in self.position:
            raise ValueError(f"unknown class {code!r}; " + suggest(str(code), self.codes))
        return self.position[code]

    def table(self) -> pa.Table:
        """Columns code, parent (null for a top class) and level."""
        parents = [None if p < 0 else self.codes[p] for p in self.parents]
        return pa.table({"code": list(self.codes), "parent": parents, "level": (self.tree.depth + 1).tolist()})
