"""Years of quotes of a simulated market brought into the record at once: what a demonstration begins with.

Each period is one act, as if its file had been imported: a planned round, an import, an entry in the trail, and rows in
the same append-only tables. Only a simulated market may come in this way; real quotes come round by round.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.quotes.adding import Act, Row, add
from ellwand.office.quotes.layout import LARGEST, TEXTS
from ellwand.office.quotes.models import Import, Quote
from ellwand.office.registry.models import Item, Unit
from ellwand.office.rounds import work

Progress = Callable[[int, int, str], None]
PRICE = pa.decimal128(12, 4)
TOGETHER = 8
"""Periods that are committed at once: each of them touches most pages of the indexes of units and items."""


@dataclass(frozen=True)
class Brought:
    """What came in: the codes of the rounds in the order of time, and the number of quotes."""

    rounds: tuple[str, ...]
    quotes: int


def bring_quotes(
    directory: str | Path,
    by: User,
    *,
    planner: User | None = None,
    periods: Sequence[str] | None = None,
    at: Callable[[str], datetime] | None = None,
    reason: str = "quotes of a simulated market",
    progress: Progress | None = None,
) -> Brought:
    """Bring the quotes of a simulated market's folder into planned rounds, one act a period; its registers are there.

    planner : who plans the rounds that are not there; `by` if None. periods : those wanted; None: all. at : the instant
    of each period's import; None: now. DataError for a market that is not simulated, for a period that has quotes in
    the record already, and for a row that the record can't take: of its period, those committed with it and the later
    ones nothing is brought.
    """
    bringer = Bringer(directory, by, periods=periods, reason=reason)
    count, rounds = 0, []
    for start in range(0, len(bringer.periods), TOGETHER):
        with transaction.atomic():
            for period in bringer.periods[start : start + TOGETHER]:
                code, added = bringer.bring(period, planner=planner, at=at(period) if at else None)
                count += added
                rounds.append(code)
                if progress:
                    progress(len(rounds), len(bringer.periods), "periods")
    return Brought(tuple(rounds), count)


class Bringer:
    """Brings the periods of a simulated market's folder one by one; the folder is read once. See `bring_quotes`."""

    def __init__(
        self,
        directory: str | Path,
        by: User,
        *,
        periods: Sequence[str] | None = None,
        reason: str = "quotes of a simulated market",
    ) -> None:
        folder = Path(directory)
        _must_be_simulated(folder)
        self.by, self.role, self.reason = by, people.require(by, "quotes.enter"), reason
        self._table = _read(folder, periods)
        self.periods = sorted(set(self._table["period"].unique().to_pylist()), key=natural_key)
        if missing := sorted(set(periods or ()) - set(self.periods), key=natural_key):
            raise DataError(f"{folder.name}: has no quote of {', '.join(missing[:5])}")
        self._codes = {
            "unit": dict(Unit.objects.values_list("code", "pk")), "item": dict(Item.objects.values_list("code", "pk")),
        }  # fmt: skip

    def bring(self, period: str, *, planner: User | None = None, at: datetime | None = None) -> tuple[str, int]:
        """Bring the quotes of a period; the code of its round, and how many there were."""
        part = self._table.filter(pc.equal(self._table["period"], period))
        found = work.plan(period, planner or self.by)
        name = part["file"][0].as_py()
        rows = _rows(part, self._codes, name)
        with transaction.atomic():
            work.lock(found)
            if Quote.objects.filter(round=found).exists():
                raise DataError(
                    f"round {found.code} has quotes already; import further ones with `ellwand import quotes`"
                )
            when = at or clock.now()
            source = Import(
                round=found, name=name, digest=part["digest"][0].as_py(), by=self.by, at=when, added=len(rows),
                changed=0, unchanged=0, refused=0,
            )  # fmt: skip
            source.save()
            add(rows, Act(found.pk, source.pk, self.by.pk, when, self.reason))
            trail.append(
                self.by, "quotes.import", f"round/{found.code}", role=self.role,
                after={
                    "file": name, "sha256": source.digest, "import": source.pk, "added": len(rows), "changed": 0,
                    "unchanged": 0, "refused": 0, "late": "",
                },
                reason=self.reason,
            )  # fmt: skip
        return found.code, len(rows)


def _must_be_simulated(folder: Path) -> None:
    path = folder / "market.json"
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: can't be read: {error}; give the folder of a simulated market") from error
    if not isinstance(described, dict) or described.get("simulated") is not True:
        raise DataError(f"{path}: the market is not simulated; import real quotes round by round with `ellwand import`")


def _read(folder: Path, periods: Sequence[str] | None) -> pa.Table:
    """All quotes of the folder, with the file and row that each stands in."""
    files = sorted((folder / "quotes").glob("*.parquet"))
    if not files:
        raise DataError(f"{folder.name}/quotes: holds no Parquet file")
    parts = []
    for file in files:
        table = pq.read_table(file)
        for column in ("period", "unit", "item", "price"):
            if column not in table.column_names:
                raise DataError(f"{file.name}: no column {column!r}")
        n = table.num_rows
        table = table.append_column("row", pa.array(np.arange(1, n + 1)))
        table = table.append_column("file", pa.repeat(pa.scalar(file.name), n))
        table = table.append_column("digest", pa.repeat(pa.scalar(hashlib.sha256(file.read_bytes()).hexdigest()), n))
        if periods is not None:
            table = table.filter(pc.is_in(table["period"], pa.array(list(periods), pa.string())))
        parts.append(table)
    return pa.concat_tables(parts, promote_options="default").combine_chunks()


def _rows(part: pa.Table, codes: dict[str, dict[str, int]], name: str) -> list[Row]:
    """The quotes of a period as rows of the record. DataError names the first that it can't take."""
    columns: dict[str, list[Any]] = {
        c: part[c].to_pylist() for c in part.column_names if c not in ("period", "file", "digest")
    }
    n, numbers = part.num_rows, columns["row"]

    def refuse(k: int, column: str, said: str) -> DataError:
        return DataError(f"{name} row {numbers[k]}, field {column}: {said}")

    ids = {}
    for column in ("unit", "item"):
        ids[column] = [codes[column].get(code) for code in columns[column]]
        if None in ids[column]:
            k = ids[column].index(None)
            raise refuse(k, column, f"{columns[column][k]!r} is in no register; import the market first")
    pairs = list(zip(ids["unit"], ids["item"], strict=True))
    if len(set(pairs)) < n:
        seen: set[Any] = set()
        k = next(k for k, pair in enumerate(pairs) if pair in seen or seen.add(pair))  # type: ignore[func-returns-value]
        raise refuse(k, "item", f"{columns['item'][k]} at {columns['unit'][k]} stands twice in {part['period'][k]}")
    try:
        prices = part["price"].cast(PRICE).to_pylist()
    except pa.ArrowInvalid as error:
        raise DataError(f"{name}, field price: {error}; prices have 4 decimals at most") from error
    for k, price in enumerate(prices):
        if price is None or not 0 < price < LARGEST["price"]:
            raise refuse(k, "price", f"{price}: must be above 0 and below {LARGEST['price']}")
    texts = {c: ["" if v is None else str(v) for v in columns[c]] if c in columns else [""] * n for c in TEXTS}
    known = {"period", "unit", "item", "price", "row", "file", "digest", "simulated", *TEXTS}
    if further := sorted(set(columns) - known):
        raise DataError(f"{name}: has a column {further[0]}, which does not come in this way; import it round by round")
    return [
        Row(
            unit, item, 1, None, quote, price, measure, currency, None, collected, method, "", "", "", "", "", "{}",
            number,
        )
        for unit, item, quote, price, measure, currency, collected, method, number in zip(
            ids["unit"], ids["item"], texts["quote"], prices, texts["unit_of_measure"], texts["currency"],
            texts["collected_on"], texts["collection_method"], numbers, strict=True,
        )
    ]  # fmt: skip
