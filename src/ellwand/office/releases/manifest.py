"""The manifest of a release: what it is, what it was made of, every file with its SHA-256, and the signature."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from ellwand.engine.errors import DataError
from ellwand.office.releases.canonical import INSTANT, canonical, digest, read_instant, write_instant

NAME = "manifest.json"
SCHEMA = "ellwand-release-1"
PUBLIC_KEY = "public-key.pem"
METHOD = "method.toml"
QUALITY = "report/quality.json"
LICENCE = ("licence_zh", "licence_en")
"""Fields of `market` that no input gives: under which licence the office publishes the figures."""
LARGEST = 16 << 20
"""Bytes that a manifest may have; a hundred files need some 20 kB."""
MOST_FILES = 10_000
LONGEST = 240
"""Characters that a path may have."""

FAMILY = re.compile(r"[a-z][a-z0-9_]{0,39}")
PERIOD = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,19}")
SHA256 = re.compile(r"[0-9a-f]{64}")
PART = re.compile(r"[^\x00-\x1f\x7f/\\:]+")
"""A part of a path: no control character, no separator of any system, no colon (drives and streams)."""


class FaultError(Exception):
    """A release that is not as its manifest says: the file or value at fault, and how it differs."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what, self.why = what, why


class NoReleaseError(DataError):
    """A folder that is no release at all."""


@dataclass(frozen=True)
class Entry:
    """A file of a release. public : whether everybody gets it; inputs are for the office only."""

    path: str
    bytes: int
    sha256: str
    public: bool


@dataclass(frozen=True)
class Approval:
    """An approval: the role that signed, and the hash that it signed."""

    role: str
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The content of manifest.json.

    release : family-period-number. at : the instant T from which it is public. market : names, currency, and the
    licence where one is stated. versions : of classification, basket, method, program and libraries, all under
    stat_hash. writers : of the file formats. inputs : SHA-256 of the input snapshot. revised_from : first period whose
    published figures this release replaces, None if only the issue is new. previous, previous_manifest : the release
    before it and the SHA-256 of its manifest file, None for the first. key_id : SHA-256 of the public key; signature :
    Ed25519, base64, over the canonical manifest without this field; both None for a release that is not signed.
    """

    release: str
    family: str
    period: str
    number: int
    at: str
    simulated: bool
    market: dict[str, str]
    versions: dict[str, Any]
    writers: dict[str, str]
    inputs: str
    stat_hash: str
    text_hash: str
    approvals: tuple[Approval, ...]
    files: tuple[Entry, ...]
    revised_from: str | None
    audit_head: str | None
    previous: str | None
    previous_manifest: str | None
    key_id: str | None
    signature: str | None = None
    schema: str = SCHEMA

    def signed_bytes(self) -> bytes:
        """What the signature is over: the canonical manifest without the signature."""
        content = asdict(self)
        del content["signature"]
        return canonical(content)

    def to_bytes(self) -> bytes:
        """The manifest file."""
        return canonical(asdict(self))


Known = dict[str, Manifest]
"""Manifests by the SHA-256 of their bytes."""


def release_id(family: str, period: str, number: int) -> str:
    """The name of a release. DataError for parts that would make no folder name."""
    if not FAMILY.fullmatch(family):
        raise DataError(f"family {family!r}: write small letters, digits and _, as price")
    if not PERIOD.fullmatch(period):
        raise DataError(f"period {period!r}: write letters, digits and -, as 2024-W52")
    if number < 1:
        raise DataError(f"number {number}: the first release of a period has 1, a correction of it 2")
    return f"{family}-{period}-{number}"


def stat_hash(family: str, period: str, versions: dict[str, Any], inputs: str, observations: bytes) -> str:
    """What the approver of the statistics signs: versions, inputs and every observation.

    observations : canonical JSON of the table of observations (its SHA-256 enters).
    """
    return digest(
        canonical(
            {
                "family": family,
                "period": period,
                "versions": versions,
                "inputs": inputs,
                "observations": digest(observations),
            }
        )
    )


def text_hash(stat: str, files: Iterable[Entry]) -> str:
    """What the approver of the texts signs, from the list of files; see `hash_of_texts`."""
    given = list(files)
    texts = {f.path: f.sha256 for f in given if f.path.startswith("texts/")}
    quality = next((f.sha256 for f in given if f.path == QUALITY), "")
    return hash_of_texts(stat, texts, quality, [f.path for f in given if f.public])


def hash_of_texts(stat: str, texts: Mapping[str, str], quality: str, paths: Iterable[str]) -> str:
    """What the approver of the texts signs: statistics, every text, the quality sheet, the list of public files.

    texts : SHA-256 by path. quality : SHA-256 of the quality sheet. paths : of all public files; the public key comes
    with the seal and does not count.
    """
    told = [{"path": path, "sha256": texts[path]} for path in sorted(texts)]
    listed = sorted(path for path in paths if path != PUBLIC_KEY)
    return digest(canonical({"stat_hash": stat, "texts": told, "quality": quality, "files": listed}))


def read_manifest(folder: str | Path, known: Known | None = None) -> tuple[Manifest, str]:
    """The manifest of a release folder and the SHA-256 of its file.

    known : manifests that were read before, by the SHA-256 of their bytes; this one is added.

    NoReleaseError for a folder without one. FaultError for one that breaks a rule of its form.
    """
    place = Path(folder)
    path = place / NAME
    if not place.is_dir():
        raise NoReleaseError(f"{folder}: no such folder; give the folder of a release")
    if path.is_symlink():
        raise FaultError(NAME, "is a link; a release holds plain files only")
    if not path.is_file():
        raise NoReleaseError(f"{folder}: no release: it holds no {NAME}")
    if path.stat().st_size > LARGEST:
        raise FaultError(NAME, f"{path.stat().st_size} bytes; more than {LARGEST} is no manifest")
    data = path.read_bytes()
    found = digest(data)
    if known is None:
        return parse_manifest(data), found
    if found not in known:
        known[found] = parse_manifest(data)
    return known[found], found


def parse_manifest(data: bytes) -> Manifest:
    """A manifest from its bytes. FaultError for anything that `to_bytes` would not write."""
    try:
        content = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_float=_no_float)
    except (ValueError, RecursionError) as error:
        raise FaultError(NAME, f"no JSON: {error}") from error
    if not isinstance(content, dict):
        raise FaultError(NAME, "must hold one object")
    names = [f.name for f in fields(Manifest)]
    for name in names:
        if name not in content:
            raise FaultError(NAME, f"field {name} is missing")
    for name in content:
        if name not in names:
            raise FaultError(NAME, f"field {name} is not known to {SCHEMA}")
    if content["schema"] != SCHEMA:
        raise FaultError(NAME, f"field schema is {content['schema']!r}; this program reads {SCHEMA}")
    _check_types(content)
    manifest = Manifest(
        **content
        | {
            "files": tuple(_entry(i, f) for i, f in enumerate(content["files"])),
            "approvals": tuple(_approval(i, a) for i, a in enumerate(content["approvals"])),
        }
    )
    _check_content(manifest)
    try:
        written = manifest.to_bytes()
    except ValueError as error:
        raise FaultError(NAME, str(error)) from error
    if written != data:
        raise FaultError(NAME, "is not in canonical form (RFC 8785): its bytes were changed, though not its content")
    return manifest


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise ValueError("a field stands twice in an object")
    return out


def _no_float(text: str) -> Any:
    raise ValueError(f"{text} is a float; figures are written as strings")


OPTIONAL = {"revised_from", "audit_head", "previous", "previous_manifest", "key_id", "signature"}
KINDS: dict[str, type] = {
    "number": int, "simulated": bool, "market": dict, "versions": dict, "writers": dict, "approvals": list,
    "files": list,
}  # fmt: skip


def _check_types(content: dict[str, Any]) -> None:
    for name, value in content.items():
        kind = KINDS.get(name, str)
        if value is None and name in OPTIONAL:
            continue
        if type(value) is not kind:
            raise FaultError(NAME, f"field {name} is {_short(value)}; it must be a {kind.__name__}")
    for name in ("market", "writers"):
        if not all(isinstance(v, str) for v in content[name].values()):
            raise FaultError(NAME, f"field {name} must hold texts")


def _short(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _entry(at: int, given: Any) -> Entry:
    where = f"field files, number {at}"
    if not isinstance(given, dict) or set(given) != {"path", "bytes", "sha256", "public"}:
        raise FaultError(NAME, f"{where}: {_short(given)}; it must be an object of path, bytes, sha256 and public")
    entry = Entry(**given)
    if type(entry.path) is not str or type(entry.bytes) is not int or type(entry.public) is not bool:
        raise FaultError(NAME, f"{where}: path must be a text, bytes an integer, public true or false")
    if entry.bytes < 0 or type(entry.sha256) is not str or not SHA256.fullmatch(entry.sha256):
        raise FaultError(NAME, f"{where} ({_short(entry.path)}): bytes or sha256 cannot be that of a file")
    parts = entry.path.split("/")
    if len(entry.path) > LONGEST or any(not PART.fullmatch(p) or p in (".", "..") for p in parts):
        raise FaultError(NAME, f"{where}: path {_short(entry.path)} does not stay in the folder, or cannot be written")
    if entry.path == NAME:
        raise FaultError(NAME, f"{where}: a manifest cannot list itself")
    if entry.public == (parts[0] == "inputs"):
        raise FaultError(NAME, f"{where}: {entry.path}: inputs are for the office only, and everything else is public")
    return entry


def _approval(at: int, given: Any) -> Approval:
    if not isinstance(given, dict) or set(given) != {"role", "sha256"}:
        raise FaultError(NAME, f"field approvals, number {at}: must be an object of role and sha256")
    if not isinstance(given["role"], str) or not isinstance(given["sha256"], str):
        raise FaultError(NAME, f"field approvals, number {at}: role and sha256 must be texts")
    return Approval(**given)


def _check_content(m: Manifest) -> None:
    try:
        named = release_id(m.family, m.period, m.number)
        at = read_instant(m.at)
    except DataError as error:
        raise FaultError(NAME, str(error)) from error
    if m.release != named:
        raise FaultError(NAME, f"field release is {m.release!r}; family, period and number make {named}")
    if write_instant(at) != m.at:
        raise FaultError(NAME, f"field at is {m.at!r}; write it in UTC as {INSTANT}")
    for name in ("inputs", "stat_hash", "text_hash", "audit_head", "previous_manifest", "key_id"):
        value = getattr(m, name)
        if value is not None and not SHA256.fullmatch(value):
            raise FaultError(
                NAME, f"field {name} is {_short(value)}; it must be a SHA-256 of 64 small hexadecimal digits"
            )
    for one, other in (("previous", "previous_manifest"), ("key_id", "signature")):
        if (getattr(m, one) is None) != (getattr(m, other) is None):
            raise FaultError(NAME, f"fields {one} and {other}: both are given or none")
    hashes = {m.stat_hash, m.text_hash}
    for approval in m.approvals:
        if approval.sha256 not in hashes:
            raise FaultError(
                NAME, f"field approvals: {approval.role} signed {approval.sha256}, which is not this release"
            )
    if len(m.files) > MOST_FILES:
        raise FaultError(NAME, f"field files: {len(m.files)} files; a release has {MOST_FILES} at most")
    paths = [f.path for f in m.files]
    if paths != sorted(set(paths)):
        raise FaultError(NAME, "field files: must be in the order of the paths, each once")
    if len({p.casefold() for p in paths}) != len(paths):
        raise FaultError(NAME, "field files: two paths differ in capitals only, which some systems take for one")
    folders = {p[: p.rindex("/")] for p in paths if "/" in p}
    if clash := folders & set(paths):
        raise FaultError(NAME, f"field files: {min(clash)} is a file and a folder")
    if (m.key_id is not None) != (PUBLIC_KEY in paths):
        raise FaultError(NAME, f"a signed release holds {PUBLIC_KEY}, and no other does")
