"""Making a release: everything is written beside its place, checked, confirmed by the disk, and then moved there.

`prepare` gives what is approved (prepare.py), `seal` makes the release of it; `pack` does both at once.
"""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ellwand.engine.errors import DataError
from ellwand.office.releases.archive import newest, order_fault
from ellwand.office.releases.build import (
    Progress,
    Seal,
    heading_of,
    release_row,
    write_outputs,
    write_report_page,
    writers,
)
from ellwand.office.releases.canonical import write_instant
from ellwand.office.releases.files import check_files, confirm, entries, keep
from ellwand.office.releases.keys import key_id, public_text, sign
from ellwand.office.releases.manifest import (
    LICENCE,
    NAME,
    PUBLIC_KEY,
    Approval,
    FaultError,
    Manifest,
    parse_manifest,
    text_hash,
)
from ellwand.office.releases.prepare import Prepared, Preparer, refuse_taken
from ellwand.office.releases.tables import remember
from ellwand.office.releases.texts import Texts
from ellwand.production.method import MethodFile
from ellwand.production.observations import Results


def pack(
    directory: str | Path,
    archive: str | Path,
    method: MethodFile,
    *,
    period: str,
    at: datetime,
    number: int = 1,
    family: str = "price",
    previous: str | Path | None = None,
    key: Ed25519PrivateKey | None = None,
    texts: str | Path | Texts | None = None,
    revised_from: str | None = None,
    audit_head: str | None = None,
    approvals: Sequence[Approval] = (),
    version: str = "",
    results: Results | None = None,
    progress: Progress | None = None,
) -> Path:
    """Prepare and seal the release of one issue from a market's folder, and return its folder in the archive.

    at, key, audit_head, approvals : as for `seal`; the others as for `prepare`. Equal arguments give equal bytes.
    DataError names what is wrong; the archive then is as it was before.
    """
    packer = Packer(directory, archive, method, family=family, version=version, results=results)
    return packer.pack(
        period,
        at=at,
        number=number,
        previous=previous,
        key=key,
        texts=texts,
        revised_from=revised_from,
        audit_head=audit_head,
        approvals=approvals,
        progress=progress,
    )


class Packer(Preparer):
    """Packs the issues of one folder one after another, each with the bytes that `pack` gives it, in less time."""

    def pack(
        self,
        period: str,
        *,
        at: datetime,
        number: int = 1,
        previous: str | Path | None = None,
        key: Ed25519PrivateKey | None = None,
        texts: str | Path | Texts | None = None,
        revised_from: str | None = None,
        audit_head: str | None = None,
        approvals: Sequence[Approval] = (),
        progress: Progress | None = None,
    ) -> Path:
        """Prepare and seal the release of a period."""
        with self.prepare(
            period, number=number, previous=previous, texts=texts, revised_from=revised_from, progress=progress
        ) as prepared:
            return seal(prepared, at=at, key=key, approvals=approvals, audit_head=audit_head)


def seal(
    prepared: Prepared,
    *,
    at: datetime,
    key: Ed25519PrivateKey | None = None,
    approvals: Sequence[Approval] = (),
    audit_head: str | None = None,
    licence: tuple[str, str] | None = None,
) -> Path:
    """Seal a prepared release with exactly its two hashes, and return its folder in the archive.

    at : the instant from which it is public. key : signs the manifest. approvals : role and hash, each of one of the
    two hashes. audit_head : SHA-256 of the head of the audit chain. licence : of the figures, in Chinese and English;
    manifest and files name it. DataError names what is wrong, such as a release
    that was sealed meanwhile; the archive then is as it was before, and the prepared release can be sealed later.
    """
    terms = replace(prepared.terms, at=write_instant(at))
    if licence is not None:
        prepared = replace(prepared, market={**prepared.market, **dict(zip(LICENCE, licence, strict=True))})
    for approval in approvals:
        if approval.sha256 not in (prepared.stat_hash, prepared.text_hash):
            raise DataError(
                f"approval by the {approval.role}: signs {approval.sha256}, and the release has stat_hash "
                f"{prepared.stat_hash} and text_hash {prepared.text_hash}; approve it anew"
            )
    target, work = prepared.archive / terms.release, prepared.work
    refuse_taken(target)
    _refuse_other_end(prepared, terms)
    shutil.rmtree(work / "outputs", ignore_errors=True)
    _finish(prepared, terms, key, tuple(approvals), audit_head)
    work.chmod(0o755)
    keep(work)
    work.rename(target)
    confirm(prepared.archive)
    remember(prepared.memory.lines, [row for row in prepared.rows if row["release"] == terms.release])
    return target


def _refuse_other_end(prepared: Prepared, terms: Seal) -> None:
    """DataError where the chain has gone on since the release was prepared, or the instant lies before its end."""
    before = prepared.before.release
    end = newest(prepared.archive, terms.family, prepared.memory.manifests)
    if (end.digest if end else None) not in (None, before.digest if before else None):
        raise DataError(
            f"release {terms.release}: {end and end.manifest.release} was sealed meanwhile; prepare it anew"
        )
    if before is not None:
        m = before.manifest
        this = replace(m, release=terms.release, period=terms.period, number=terms.number, at=terms.at)
        if fault := order_fault(this, m):
            raise DataError(str(fault))


def _finish(
    prepared: Prepared,
    terms: Seal,
    private: Ed25519PrivateKey | None,
    approvals: tuple[Approval, ...],
    audit_head: str | None,
) -> None:
    """Write the files that name the instant, the public report and the manifest; check all as a reader would."""
    work, before, results = prepared.work, prepared.before, prepared.results
    simulated = results.compiled.book.simulated
    heading = heading_of(terms, prepared.market, simulated, prepared.method, prepared.stat_hash)
    releases = [*before.releases, release_row(terms, heading, prepared.method.digest)]
    write_outputs(work, prepared.rows, releases, heading)
    write_report_page(work, prepared.rows, results, terms.version)
    (work / PUBLIC_KEY).unlink(missing_ok=True)
    (work / NAME).unlink(missing_ok=True)
    if private is not None:
        (work / PUBLIC_KEY).write_bytes(public_text(private.public_key()))
    files = entries(work)
    manifest = Manifest(
        release=terms.release,
        family=terms.family,
        period=terms.period,
        number=terms.number,
        at=terms.at,
        simulated=simulated,
        market=prepared.market,
        versions=prepared.versions,
        writers=writers(),
        inputs=prepared.inputs,
        stat_hash=prepared.stat_hash,
        text_hash=text_hash(prepared.stat_hash, files),
        approvals=approvals,
        files=files,
        revised_from=terms.revised_from,
        audit_head=audit_head,
        previous=terms.previous,
        previous_manifest=before.release.digest if before.release else None,
        key_id=key_id(private.public_key()) if private else None,
    )
    if manifest.text_hash != prepared.text_hash:
        raise DataError(f"release {terms.release}: its texts were changed since it was prepared; prepare it anew")
    if private is not None:
        manifest = replace(manifest, signature=sign(private, manifest.signed_bytes()))
    (work / NAME).write_bytes(manifest.to_bytes())
    try:
        check_files(work, parse_manifest((work / NAME).read_bytes()))
    except FaultError as fault:
        raise DataError(f"release {terms.release} could not be sealed: {fault}") from fault
