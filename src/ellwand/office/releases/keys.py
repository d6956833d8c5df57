"""The key of the office: Ed25519 (RFC 8032). The private half stays outside of every release."""

import base64
import binascii
import hashlib
import os
import stat
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ellwand.engine.errors import DataError

PRIVATE = "signing-key.pem"
PUBLIC = "public-key.pem"
LARGEST = 4096
"""Bytes that a key file may have; an Ed25519 key has less than 200."""


def make_key(folder: str | Path) -> str:
    """Make a key pair in a folder and return its key id.

    `signing-key.pem` can be read and written by its owner only (mode 0600); `public-key.pem` is for everybody.
    DataError where a key is there already (an old key must never be lost: it signed the releases of its time), and for
    a folder that is a release or lies in one.
    """
    target = Path(folder)
    for place in (target, *target.resolve().parents):
        if (place / "manifest.json").exists():
            raise DataError(f"{folder}: lies in a release, whose files everybody gets; keep the key somewhere else")
    target.mkdir(parents=True, exist_ok=True)
    for name in (PRIVATE, PUBLIC):
        if (target / name).exists():
            raise DataError(f"{target / name}: is there already; give another folder for a new key")
    key = Ed25519PrivateKey.generate()
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _create(target / PRIVATE, secret, 0o600)
    _create(target / PUBLIC, public_text(key.public_key()), 0o644)
    return key_id(key.public_key())


def _create(path: Path, data: bytes, mode: int) -> None:
    # The mode is given at creation: a file that is narrowed afterwards could be read in between.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as stream:
        os.fchmod(stream.fileno(), mode)
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def read_private(path: str | Path) -> Ed25519PrivateKey:
    """A private key, by its file or the folder that `make_key` wrote. DataError where others can read it."""
    file = _file(path, PRIVATE)
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        raise DataError(f"{file}: others may read it (mode {mode:04o}); run chmod 600, or make a new key if they have")
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise DataError(f"{file}: no private key in PEM form without a password: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise DataError(f"{file}: a key of another kind; releases are signed with Ed25519")
    return key


def read_public(path: str | Path) -> Ed25519PublicKey:
    """A public key, by its file or the folder that `make_key` wrote."""
    file = _file(path, PUBLIC)
    return parse_public(file.read_bytes(), str(file))


def parse_public(data: bytes, name: str) -> Ed25519PublicKey:
    """A public key from its text. DataError for anything else."""
    try:
        key = serialization.load_pem_public_key(data)
    except ValueError as error:
        raise DataError(f"{name}: no public key in PEM form: {error}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise DataError(f"{name}: a key of another kind; releases are signed with Ed25519")
    return key


def _file(path: str | Path, name: str) -> Path:
    file = Path(path)
    file = file / name if file.is_dir() else file
    if not file.is_file():
        raise DataError(f"{file}: no such key file; `ellwand release key FOLDER` makes a pair")
    if file.stat().st_size > LARGEST:
        raise DataError(f"{file}: {file.stat().st_size} bytes are more than a key has")
    return file


def public_text(key: Ed25519PublicKey) -> bytes:
    """A public key in PEM form, as openssl reads it."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def key_id(key: Ed25519PublicKey) -> str:
    """SHA-256 of the 32 bytes of a public key."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()


def sign(key: Ed25519PrivateKey, data: bytes) -> str:
    """The signature of some bytes, in base64."""
    return base64.b64encode(key.sign(data)).decode("ascii")


def is_signed(key: Ed25519PublicKey, signature: str, data: bytes) -> bool:
    """Whether the signature, in base64, is this key's over these bytes."""
    try:
        key.verify(base64.b64decode(signature, validate=True), data)
    except (InvalidSignature, binascii.Error):
        return False
    return True
