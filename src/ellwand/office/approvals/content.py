"""What would be released, and its two hashes: of the statistics, and of the texts over them.

A preparation takes seconds, so its hash is kept with what the record held then (`Candidate`). It holds as long as
nothing was written that concerns the round; whoever seals prepares anew and compares.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office import clock, setup
from ellwand.office.approvals import seals
from ellwand.office.approvals.archive_lock import locked
from ellwand.office.approvals.models import Candidate, Correction
from ellwand.office.editorial import texts as editorial
from ellwand.office.quotes.models import Quote
from ellwand.office.record.models import Compilation, Release
from ellwand.office.releases import Prepared, Preparer, text_hash_of
from ellwand.office.releases.manifest import QUALITY
from ellwand.office.rounds import snapshot
from ellwand.office.rounds.models import Round
from ellwand.production.method import parse_method

Texts = dict[str, bytes]


class Progress(Protocol):
    """Is told how many of how many steps of what are done."""

    def __call__(self, done: int, total: int, what: str, /) -> None: ...


@dataclass(frozen=True)
class Content:
    """What would be released of a round. stat_hash, text_hash : what is signed. texts : by name of their file."""

    round: Round
    compilation: Compilation
    candidate: Candidate
    texts: Texts
    stat_hash: str
    text_hash: str

    def hash_of(self, kind: str) -> str:
        """The hash that an approval of a kind signs."""
        return self.stat_hash if kind == "statistics" else self.text_hash


def compilation_of(found: Round) -> Compilation:
    """The last compilation of a round. DataError where there is none."""
    last = found.compilations.select_related("method").order_by("-number").first()
    if last is None:
        raise DataError(f"round {found.code}: is not compiled yet; there is nothing to approve")
    return last


def number_of(found: Round) -> int:
    """The number that the next release of a round's period gets; one whose seal was broken does not count."""
    last = seals.last_release(found)
    return last.number + 1 if last else 1


def end_of(family: str) -> Release | None:
    """The last release of a family's chain."""
    return Release.objects.all().standing().filter(family=family).order_by("-pk").first()


def of(found: Round, correction: Correction | None = None) -> Content:
    """What would be released of a round now. DataError where its inputs are not those of its compilation any more.

    correction : whose recomputation is to be released as a further release of the round.
    """
    compilation = compilation_of(found)
    kept = _candidate(found, compilation)
    if kept is None:
        # Somebody may be at it, as the worker is when the texts are handed over: his preparation serves here too.
        with locked():
            kept = _candidate(found, compilation)
    if kept is None:
        with prepared(found, correction=correction) as made:
            kept = _keep(found, compilation, made)
    texts = editorial.texts_of(found)
    return Content(found, compilation, kept, texts, kept.stat_hash, text_hash(kept, texts))


def text_hash(kept: Candidate, texts: Texts) -> str:
    """The hash of texts over the statistics and the quality sheet of a preparation."""
    return text_hash_of(kept.stat_hash, texts, kept.quality.encode("utf-8"))


@contextmanager
def prepared(
    found: Round,
    *,
    correction: Correction | None = None,
    maker: Preparer | None = None,
    progress: Progress | None = None,
) -> Iterator[Prepared]:
    """The release of a round, prepared from the record as it stands; the archive is held meanwhile.

    maker : prepares the period faster, from a folder that the record was written to before. DataError where the record
    has other inputs than the compilation, or the figures do not come out as the compilation has them.
    """
    with locked():
        compilation = compilation_of(found)
        method = parse_method(compilation.method.text, f"{compilation.method.name} {compilation.method.version}")
        archive = setup.current().archive
        seals.tidy()
        before = end_of(found.family)
        terms: dict[str, Any] = {
            "number": number_of(found),
            "previous": archive / before.folder if before else None,
            "texts": editorial.texts_of(found),
            "revised_from": revised_from(correction),
            "progress": progress,
        }
        folder = None
        try:
            if maker is None:
                folder = Path(tempfile.mkdtemp(prefix="ellwand-inputs-"))
                taken = snapshot.take(found)
                if taken.hash != compilation.inputs:
                    raise DataError(changed_words(found))
                taken.write(folder)
                version = str(compilation.versions.get("ellwand", ""))
                maker = Preparer(folder, archive, method, family=found.family, version=version)
            with _made(maker, found, terms) as made:
                _compare(made, compilation)
                yield made
        finally:
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)


def _made(maker: Preparer, found: Round, terms: dict[str, Any]) -> Prepared:
    """The preparation. No policy foresees a revision in a normal issue: it is sent to the route of corrections."""
    try:
        return maker.prepare(found.period, **terms)
    except DataError as error:
        if "--revised-from" not in str(error) or terms["revised_from"] is not None:
            raise
        told = str(error).partition(": a quote, a register")[0]
        raise DataError(
            f"{told}: the method foresees no revision of what is published; open a correction of it"
        ) from error


def revised_from(correction: Correction | None) -> str | None:
    """From which period on a correction replaces published figures; None for a plain issue."""
    if correction is None:
        return None
    last = correction.recomputations.order_by("-number").first()
    return last.revised_from if last else correction.period


def changed_words(found: Round) -> str:
    """What is said where the inputs are no more those that were compiled."""
    return (
        f"round {found.code}: a quote, a register or a decision was changed since it was compiled; take it back to "
        "reviewing and compile it anew"
    )


def concerns(found: Round, stamp: Any) -> bool:
    """Whether anything was written since a stamp that may concern a round; later quotes of later rounds do not."""
    now = [list(pair) for pair in snapshot.stamp()]
    then = [list(pair) for pair in stamp]
    if now == then:
        return False
    if len(now) != len(then) or now[1:] != then[1:]:
        return True
    limit = natural_key(found.period)
    rounds = [r.pk for r in Round.objects.filter(family=found.family) if natural_key(r.period) <= limit]
    return Quote.objects.filter(pk__gt=then[0][1], round__in=rounds).exists()


def inputs_stand(found: Round, compilation: Compilation, stamp: Any) -> bool:
    """Whether a round's inputs are still those of its compilation; stamp : when they were."""
    return not concerns(found, stamp) or snapshot.take(found).hash == compilation.inputs


def _candidate(found: Round, compilation: Compilation) -> Candidate | None:
    """The preparation that still holds."""
    rows = compilation.candidates.order_by("-pk")
    if (sealed := seals.last_release(found)) is not None and sealed.compilation_id == compilation.pk:
        # What is sealed is looked at as it was sealed, though it is the end of the chain now.
        last = rows.filter(stat_hash=sealed.stat_hash).first()
    else:
        end = end_of(found.family)
        last = rows.filter(number=number_of(found), previous=end.manifest if end else "").first()
    if last is None:
        return None
    if not inputs_stand(found, compilation, last.stamp):
        raise DataError(changed_words(found))
    return last


def _keep(found: Round, compilation: Compilation, made: Prepared) -> Candidate:
    """Store what a preparation gave."""
    # The record may have gone on while it was prepared; then the next look prepares again.
    with transaction.atomic():
        stamp = snapshot.stamp()
        if snapshot.take(found).hash != compilation.inputs:
            raise DataError(changed_words(found))
        before = made.before.release
        row = Candidate(
            compilation=compilation,
            number=made.terms.number,
            previous=before.digest if before else "",
            stat_hash=made.stat_hash,
            quality=(made.work / QUALITY).read_text(encoding="utf-8"),
            stamp=[list(pair) for pair in stamp],
            at=clock.now(),
        )
        row.save()
    return row


def _compare(made: Prepared, compilation: Compilation) -> None:
    """DataError for a figure that comes out otherwise than the compilation has it."""
    mine = {(r["series"], r["period"]): r for r in made.rows if r["release"] == made.release}
    for old in compilation.observations.order_by("pk"):
        row = mine.get((old.series, old.period))
        told = None if row is None else (row["published"], row["grade"], row["status"])
        if told != (old.published, old.grade, old.status):
            raise DataError(
                f"{old.series} of {old.period}: the compilation has {old.published or 'none'} ({old.grade}), the "
                f"release {told[0] or 'none' if told else 'no such observation'}; compile the round anew"
            )
