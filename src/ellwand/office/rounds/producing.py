"""The production over the record as it stands, for one round; nothing is stored.

Compiling stores what comes out of it; the review queue, the imputation view and the texts only look at it.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ellwand.engine.errors import DataError
from ellwand.engine.periods import find
from ellwand.office.registry.models import MethodVersion
from ellwand.office.rounds import snapshot, work
from ellwand.office.rounds.models import Round
from ellwand.production.compile import compile_book
from ellwand.production.folder import read_folder
from ellwand.production.method import MethodFile
from ellwand.production.observations import Results

Progress = Callable[[int, int, str], None]
SHOWN = 60
"""Periods before this one of which observations are made: skipped weeks among the last issues included."""


@dataclass(frozen=True)
class Produced:
    """What the production makes of the record for a round.

    results : of the periods up to the round's. t : position of the round's period in them. inputs : SHA-256 of the
    snapshot. row, method : the method in force. stamp : what the record held before it was read (`snapshot.stamp`).
    """

    results: Results
    t: int
    inputs: str
    row: MethodVersion
    method: MethodFile
    stamp: snapshot.Stamp


def produce(found: Round, progress: Progress | None = None) -> Produced:
    """Validate, impute and compile everything up to a round's period as the record has it now.

    DataError where the registers, the method or quotes of the period are not there, or the production refuses them.
    """
    row, method = work.method_in_force()
    # Others go on writing while this is read; the stamp says whether they wrote.
    stamp = snapshot.stamp()
    taken = snapshot.take(found)
    if not taken.quotes.num_rows:
        raise DataError(f"round {found.code}: there is no quote; nothing can be compiled")
    with tempfile.TemporaryDirectory(prefix="ellwand-") as folder:
        taken.write(Path(folder))
        book = read_folder(folder)
        compiled = compile_book(book, method, progress)
    if book.periods[-1] != found.period:
        raise DataError(
            f"round {found.code}: no quote of {found.period} is there; the last ones are of {book.periods[-1]}"
        )
    t = find(list(book.periods), found.period, "period")
    return Produced(Results.of(compiled, max(t - SHOWN, 0), t), t, taken.hash, row, method, stamp)
