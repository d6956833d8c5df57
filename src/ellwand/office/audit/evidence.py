"""The evidence pack of an issue: entries, decisions and hashes in one ZIP that anybody verifies without the office.

entries.json    the entries of the trail that tell of the issue, in full
chain.txt       number and hash of every entry of the trail, up to the head
decisions.json  the rows of the record in which decisions on the issue are kept
manifest.json   SHA-256 of the other files, head of the trail, hashes of the releases; signed
signature.txt   Ed25519 signature of manifest.json, in base64
public-key.pem  the key that it is checked with
README.md       how, in both languages
"""

import hashlib
import io
import json
import zipfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db.models import ForeignKey, Model

from ellwand.engine.errors import DataError
from ellwand.office import clock, setup
from ellwand.office.append_only import AppendOnly
from ellwand.office.audit import chain, trail
from ellwand.office.audit.models import Entry
from ellwand.office.releases import keys
from ellwand.office.releases.canonical import canonical

FORMAT = 1
ENTRIES, CHAIN, DECISIONS, README = "entries.json", "chain.txt", "decisions.json", "README.md"
MANIFEST, SIGNATURE, KEY = "manifest.json", "signature.txt", "public-key.pem"
LISTED = (ENTRIES, CHAIN, DECISIONS, README)
LARGEST = 256 << 20
"""Bytes that a part of a pack may have."""

LEFT_OUT = ("quotes.Quote",)
"""Rows of a round that are no decisions, but what was decided on: the hash of all of them is in its compilations."""

TEXT = """# {code}：证据包 · Evidence pack

本包含有与该期有关的审计记录、决定与散列值。离线核验：

    ellwand audit-log verify --pack 文件

核验内容：清单的签名（Ed25519）；各文件的 SHA-256；每条记录的散列值，及其在散列链中的位置。
请将公钥与本机构在别处公布的公钥核对；核对后可用 `--key 公钥文件` 代替包内的公钥。
人员仅以编号表示。

This pack holds the entries of the audit trail, the decisions and the hashes of one issue. It verifies off-line:

    ellwand audit-log verify --pack FILE

What is checked: the signature of the manifest (Ed25519); the SHA-256 of every file; the hash of every entry, and its
place in the chain. Compare the key with the one that the office publishes elsewhere; `--key FILE` uses that one
instead of the key in the pack. People are named by number.
"""


def entries_of(found: Any) -> list[Entry]:
    """The entries that tell of a round, its releases, and the quotes and cases decided on in it."""
    of_round = f"round/{found.code}"
    wanted = {of_round} | {f"{kind}/{key}" for kind, key in _parts(found)}
    kinds = tuple({w.partition("/")[0] + "/" for w in wanted})
    out = []
    for entry in Entry.objects.order_by("sequence").iterator(chunk_size=2000):
        if entry.object.startswith(kinds) and (entry.object in wanted or entry.object.startswith(f"{of_round}/")):
            out.append(entry)
    return out


def _parts(found: Any) -> list[tuple[str, str]]:
    """Kind and key of what belongs to a round and has entries of its own."""
    out = []
    for model in apps.get_models():
        if model._meta.app_label != "audit" and _is_of_round(model):
            out += [(model._meta.model_name or "", str(k)) for k in _rows(model, found).values_list("pk", flat=True)]
    release = apps.get_model("record", "Release")
    codes = release.objects.filter(family=found.family, period=found.period).values_list("code", flat=True)
    return [*out, *(("release", str(code)) for code in codes)]


def _is_of_round(model: type[Model]) -> bool:
    return issubclass(model, AppendOnly) and any(
        isinstance(f, ForeignKey) and f.name == "round" and f.related_model._meta.label == "rounds.Round"
        for f in model._meta.local_fields
    )


def _rows(model: type[Model], found: Any) -> Any:
    return model._default_manager.filter(round=found).order_by("pk")


def decisions(found: Any) -> dict[str, list[dict[str, Any]]]:
    """The rows of the record that belong to a round, by table; no quotes."""
    return {
        model._meta.label: [{f.attname: _plain(getattr(r, f.attname)) for f in model._meta.local_fields} for r in rows]
        for model in apps.get_models()
        if _is_of_round(model) and model._meta.label not in LEFT_OUT and (rows := list(_rows(model, found)))
    }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)


def pack(found: Any) -> bytes:
    """The evidence pack of a round, as the bytes of a ZIP. DataError for a trail at fault, or an office without key."""
    count, head, fault = trail.verify()
    if fault:
        raise DataError(f"the audit trail is at fault: {fault}; no pack is made of it")
    home = setup.current()
    key = keys.read_private(home.keys)
    rows = [{**asdict(e.content()), "previous_hash": e.previous_hash, "hash": e.hash} for e in entries_of(found)]
    links = Entry.objects.filter(sequence__lte=count).order_by("sequence").values_list("sequence", "hash")
    files = {
        ENTRIES: canonical(rows),
        CHAIN: "".join(f"{number} {digest}\n" for number, digest in links).encode(),
        DECISIONS: canonical(decisions(found)),
        README: TEXT.format(code=found.code).encode(),
    }
    release = apps.get_model("record", "Release")
    manifest = canonical(
        {
            "format": FORMAT,
            "round": found.code,
            "made_at": clock.now().isoformat(timespec="seconds"),
            "head": {"sequence": count, "hash": head},
            "files": {name: {"bytes": len(data), "sha256": _digest(data)} for name, data in files.items()},
            "releases": [
                {"code": r.code, "manifest": r.manifest, "stat_hash": r.stat_hash, "text_hash": r.text_hash}
                for r in release.objects.filter(family=found.family, period=found.period).order_by("pk")
            ],
            "key": keys.key_id(key.public_key()),
        }
    )
    files |= {
        MANIFEST: manifest,
        SIGNATURE: keys.sign(key, manifest).encode(),
        KEY: keys.public_text(key.public_key()),
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in files.items():
            out.writestr(name, data)
    return stream.getvalue()


def verify_pack(file: str | Path, key: str | Path | None = None) -> dict[str, Any]:
    """Check a pack without the office; its manifest. DataError names the first thing that is wrong.

    key : the file of the office's public key, as it is known from elsewhere; otherwise the key in the pack counts.
    """
    files = _read(Path(file))
    public = keys.read_public(key) if key else keys.parse_public(files[KEY], KEY)
    if not keys.is_signed(public, files[SIGNATURE].decode("ascii", "replace").strip(), files[MANIFEST]):
        raise DataError(f"{file}: {MANIFEST} is not signed by this key")
    manifest: dict[str, Any] = _json(files[MANIFEST], MANIFEST)
    if manifest.get("format") != FORMAT:
        raise DataError(f"{file}: is of format {manifest.get('format')}; this version reads {FORMAT}")
    if manifest["key"] != keys.key_id(public):
        raise DataError(f"{file}: names another key than the one that signed it")
    if set(manifest["files"]) != set(LISTED):
        raise DataError(f"{file}: {MANIFEST} lists {', '.join(sorted(manifest['files']))}, not {', '.join(LISTED)}")
    for name in LISTED:
        if _digest(files[name]) != manifest["files"][name]["sha256"]:
            raise DataError(f"{file}: {name} has another SHA-256 than the manifest says; it was changed")
    links = _links(files[CHAIN])
    if not links or (len(links) - 1, links[-1]) != (manifest["head"]["sequence"], manifest["head"]["hash"]):
        raise DataError(f"{file}: {CHAIN} does not end with the head that the manifest names")
    for row in _json(files[ENTRIES], ENTRIES):
        told, previous = row.pop("hash"), row.pop("previous_hash")
        entry = chain.Entry(**row)
        k = entry.sequence
        if not 1 <= k < len(links) or (previous, told) != (links[k - 1], links[k]):
            raise DataError(f"{file}: entry {k} is not in its place in the chain")
        if chain.hash_of(previous, entry) != told:
            raise DataError(f"{file}: entry {k} was changed: its content gives another hash")
    return {**manifest, "entries": len(_json(files[ENTRIES], ENTRIES))}


def _links(data: bytes) -> list[str]:
    """The hashes of the chain by sequence number, before them that of the beginning."""
    out = [chain.START]
    for k, line in enumerate(data.decode("ascii", "replace").splitlines(), 1):
        number, _, digest = line.partition(" ")
        if number != str(k) or len(digest) != len(chain.START):
            raise DataError(f"{CHAIN}, line {k}: is not the number {k} and a hash")
        out.append(digest)
    return out


def _read(file: Path) -> dict[str, bytes]:
    wanted = {*LISTED, MANIFEST, SIGNATURE, KEY}
    try:
        with zipfile.ZipFile(file) as given:
            if set(given.namelist()) != wanted or len(given.namelist()) != len(wanted):
                raise DataError(f"{file}: is no evidence pack; it holds {', '.join(sorted(given.namelist())[:9])}")
            for info in given.infolist():
                if info.file_size > LARGEST:
                    raise DataError(f"{file}: {info.filename} has {info.file_size} bytes; {LARGEST} at most")
            return {name: given.read(name) for name in wanted}
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        raise DataError(f"{file}: can't be read as an evidence pack: {error}") from error


def _json(data: bytes, name: str) -> Any:
    try:
        return json.loads(data)
    except ValueError as error:
        raise DataError(f"{name}: no JSON: {error}") from error


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
