"""The production over the record as it stands, for one round; nothing is stored in the record.

Compiling stores what comes out of it; the review queue, the imputation view and the texts only look at it.

What the line made of the periods before a round's is kept in the office's cache, since it takes longest and is the
same from one run to the next. It is used only where everything that it was made of is as it was: program, libraries and
method; quotes, decisions, closures and assignments of those periods; the specifications of items and units; the
classes. Else all periods are run. Levels, intervals and tables are made anew every time.
"""

import contextlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ellwand.engine.errors import DataError
from ellwand.engine.periods import find, natural_key
from ellwand.office.registry.models import MethodVersion
from ellwand.office.releases.canonical import canonical_table, digest
from ellwand.office.rounds import kept, snapshot, work
from ellwand.office.rounds.models import Round
from ellwand.office.rounds.snapshot import Snapshot
from ellwand.production.book import Book
from ellwand.production.compile import compile_line
from ellwand.production.folder import read_folder
from ellwand.production.line import Line, continue_line, continue_past, past_of, run_line
from ellwand.production.method import MethodFile
from ellwand.production.observations import Results
from ellwand.production.past import Past, read_past
from ellwand.production.validate import REVIEW

Progress = Callable[[int, int, str], None]
BACK = 8
"""How many issues before this one must come out as they were compiled; tables are made of them too."""
SPOKEN = frozenset(
    (
        "name_zh", "name_en", "valid_from", "valid_to", "consent", "conduct_signed", "contact", "phone", "email",
        "address",
    )
)  # fmt: skip
"""Columns of items and units that no stage of the line reads: what is due in a period, the assignments say."""


@dataclass(frozen=True)
class Produced:
    """What the production makes of the record for a round.

    results : of the round's period and the last issues before it. t : position of the round's period. inputs : SHA-256
    of the snapshot. row, method : the method in force. stamp : what the record held before it was read
    (`snapshot.stamp`). whole : whether all periods were run, and none was taken from the cache.
    """

    results: Results
    t: int
    inputs: str
    row: MethodVersion
    method: MethodFile
    stamp: snapshot.Stamp
    whole: bool


_last: dict[str, tuple[int, Produced]] = {}


def current(found: Round) -> Produced:
    """What `produce` gives, made again only if the inputs of the round or the method changed since. For screens."""
    office = str(kept.folder())
    round_pk, there = _last.get(office, (0, None))
    if there is not None and round_pk == found.pk:
        stamp = snapshot.stamp()
        if stamp == there.stamp:
            return there
    made = produce(found)
    _last[office] = (found.pk, made)
    return made


def produce(found: Round, progress: Progress | None = None, *, fresh: bool = False) -> Produced:
    """Validate, impute and compile everything up to a round's period as the record has it now.

    fresh : use nothing that was kept. DataError where the registers, the method or quotes of the period are not there,
    or the production refuses them.
    """
    row, method = work.method_in_force(found.period)
    # Others go on writing while this is read; the stamp says whether they wrote.
    stamp = snapshot.stamp()
    taken = snapshot.take(found, fresh=fresh)
    if not taken.quotes.num_rows:
        raise DataError(f"round {found.code}: there is no quote; nothing can be compiled")
    with tempfile.TemporaryDirectory(prefix="ellwand-") as folder:
        taken.write(Path(folder), quotes=False)
        book = read_folder(folder, taken.quotes)
    if book.periods[-1] != found.period:
        raise DataError(
            f"round {found.code}: no quote of {found.period} is there; the last ones are of {book.periods[-1]}"
        )
    line, whole = line_of(found, taken, book, method, progress, fresh=fresh)
    compiled = compile_line(line, method)
    t = find(list(book.periods), found.period, "period")
    results = Results.of(compiled, _first(found, book, compiled.issued, t), t)
    return Produced(results, t, taken.hash, row, method, stamp, whole)


def _first(found: Round, book: Book, issued: Any, t: int) -> int:
    """The earliest period of which tables are made: that of the last issues, and of the last rounds."""
    at = {period: k for k, period in enumerate(book.periods)}
    rounds = sorted((r for r in earlier(found) if r in at), key=natural_key)[-BACK:]
    issues: list[int] = np.flatnonzero(issued[:t])[-BACK:].tolist()
    return min([t, *issues, *(at[r] for r in rounds)])


def earlier(found: Round) -> list[str]:
    """Periods of the rounds before a round, in the order of time."""
    limit = natural_key(found.period)
    periods = Round.objects.filter(family=found.family).values_list("period", flat=True)
    return sorted((p for p in periods if natural_key(p) < limit), key=natural_key)


def line_of(
    found: Round, taken: Snapshot, book: Book, method: MethodFile, progress: Progress | None, *, fresh: bool
) -> tuple[Line, bool]:
    """The line of a book, and whether all of it was run. All periods but the last are kept for the next time."""
    said = told(taken, method)
    path = kept.folder() / f"past-{found.family}.npz"
    past, whole = None, True
    if not fresh and (past := fitting(path, said, book)) is not None:
        whole = False
    T = len(book.periods) - 1
    if T < 1:
        return run_line(book, method.method, progress), True
    try:
        if past is not None and len(past.periods) == T:
            return continue_past(past, book, method.method, progress), False
        if past is not None:
            before = continue_past(past, book.until(T), method.method, progress)
        else:
            before = run_line(book.until(T), method.method, progress)
    except ValueError:
        # A period, a series or a due quote of the past is another one: then the past is run again.
        whole = True
        before = run_line(book.until(T), method.method, progress)
    with contextlib.suppress(OSError):
        # A full disk is no error here: the next run will take longer.
        past_of(before).write(path, {**said, "quotes": _until(taken, before.book.periods[-1])})
    return continue_line(before, book), whole


def _until(taken: Snapshot, period: str) -> list[list[str]]:
    """Hashes of the quotes of the periods up to one."""
    limit = natural_key(period)
    return [[p, hashed] for p, hashed in taken.periods if natural_key(p) <= limit]


def told(taken: Snapshot, method: MethodFile) -> dict[str, Any]:
    """What a line is made of, beside what its own matrices say: hashes by kind."""
    return {
        "program": kept.program(),
        "method": method.digest,
        "currency": taken.market.get("currency"),
        "classes": [
            digest(canonical_table(*taken.files.get(name, ([], []))))
            for name in ("classification.csv", "correspondence.csv", "sources.csv")
        ],
        "quotes": [list(p) for p in taken.periods],
        "columns": {f.name: str(f.type) for f in taken.quotes.schema if f.name != REVIEW},
        "items": _specified(taken, "items.csv"),
        "units": _specified(taken, "units.csv"),
    }


def _specified(taken: Snapshot, name: str) -> dict[str, str]:
    """Of every item or unit, a hash of what the stages may read of it."""
    heads, rows = taken.files.get(name, ([], []))
    read = [(k, head) for k, head in enumerate(heads) if head not in SPOKEN]
    out = {}
    for row in rows:
        # An empty column says as much as one that is not there.
        said = [(head, row[k]) for k, head in read if row[k]]
        out[row[0]] = digest(canonical_table([head for head, _ in said], [[value for _, value in said]]))[:32]
    return out


def fitting(path: Path, said: dict[str, Any], book: Book) -> Past | None:
    """The past that was kept, if it was made of the same; None where there is none, or a part of it is another."""
    if not path.is_file():
        return None
    try:
        header, past = read_past(path)
    except DataError:
        return None
    same = ("program", "method", "currency", "classes")
    if any(header.get(name) != said[name] for name in same):
        return None
    count = len(header["quotes"])
    if header["quotes"] != said["quotes"][:count] or len(past.periods) >= len(book.periods):
        return None
    # More items, units and columns may have come; what was there is as it was.
    for name in ("items", "units", "columns"):
        if any(said[name].get(code) != what for code, what in header[name].items()):
            return None
    # No quote of these periods may have come since.
    if len(said["quotes"]) > count and natural_key(said["quotes"][count][0]) <= natural_key(past.periods[-1]):
        return None
    return past
