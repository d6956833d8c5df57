"""The periods that a line has behind it, as plain arrays: kept in a file, the next period alone is worked on.

Arrays and one JSON text, no objects: a file can be read without running anything that stands in it.
"""

import json
import os
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ellwand.engine.errors import DataError

Arrays = dict[str, NDArray[Any]]
BOOK = ("price", "due", "closed")
"""Matrices of the book by which a past is known again."""


@dataclass(frozen=True)
class Past:
    """What a next period needs of those before it. Matrices are series x periods.

    item, unit : codes of each series. rules : names of the rules, to which the verdicts point. book : what was quoted,
    due and closed. matrices : what the stages made of it, by the names of `Line`. memory : what was learned.
    """

    periods: tuple[str, ...]
    item: NDArray[np.str_]
    unit: NDArray[np.str_]
    rules: tuple[str, ...]
    book: Arrays
    matrices: Arrays
    memory: Arrays

    def write(self, path: Path, header: dict[str, Any]) -> None:
        """Write a file for its owner alone; one that is there is replaced at once or not at all."""
        said = {**header, "periods": self.periods, "rules": self.rules}
        arrays: Arrays = {"item": self.item, "unit": self.unit}
        for part in ("book", "matrices", "memory"):
            arrays |= {f"{part}.{name}": values for name, values in getattr(self, part).items()}
        arrays["header"] = np.frombuffer(json.dumps(said).encode(), dtype=np.uint8)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        try:
            with os.fdopen(handle, "wb") as stream:
                np.savez(stream, allow_pickle=False, **arrays)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def read_past(path: Path) -> tuple[dict[str, Any], Past]:
    """A past and the header that it was written with. DataError for a file that is damaged or none of these."""
    try:
        with np.load(path, allow_pickle=False) as found:
            # Every part carries a check sum, which is looked at as it is read.
            arrays = {name: found[name] for name in found.files}
        header = json.loads(arrays.pop("header").tobytes())
        parts: dict[str, Arrays] = {"book": {}, "matrices": {}, "memory": {}}
        for name in [n for n in arrays if "." in n]:
            part, _, rest = name.partition(".")
            parts[part][rest] = arrays.pop(name)
        past = Past(tuple(header["periods"]), arrays["item"], arrays["unit"], tuple(header["rules"]), **parts)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"{path.name}: holds no past of a line that can be read: {error}") from error
    return header, past


__all__ = ["BOOK", "Past", "read_past"]
