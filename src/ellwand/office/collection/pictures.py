"""Photographs of swatches and invoices: checked by what they are, stripped of what they say, kept under their hash.

A phone writes into a photograph where and when it was taken, and by whom: that is left out, and so is anything after
the end of the picture. What a picture shows is not touched. Sources: ITU-T T.81, annex B (JPEG); ISO/IEC 15948 (PNG);
RFC 9649 (WebP).
"""

import hashlib
import os
import struct
import zlib
from pathlib import Path
from typing import Final

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.office import clock, setup
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.collection.models import Picture
from ellwand.office.registry.models import Item, Unit
from ellwand.office.rounds.models import Round

LARGEST: Final = 12 << 20
"""Bytes of a photograph."""
SIDE: Final = 12_000
"""Pixels of a side of it."""
EACH: Final = 4
"""Photographs of one item at one unit in one round."""

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset((b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT"))
_WEBP_KEPT = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"))
_FRAMES = frozenset((0xC0, 0xC1, 0xC2))
_ORIENTATION = 0x0112


class PictureError(DataError):
    """A file that is no photograph that the office keeps. zh, en : what is wrong and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"photograph: {en}")
        self.zh, self.en = zh, en


def _no_picture() -> PictureError:
    return PictureError(
        "不是JPEG、PNG或WebP照片，或文件已损坏；请重新拍摄",
        "is no JPEG, PNG or WebP picture, or is damaged; take it again",
    )


def clean(content: bytes) -> tuple[str, bytes]:
    """The kind of a photograph (jpeg, png, webp), and its bytes without anything but the picture.

    PictureError for anything else, for one that is damaged, and for one that is too large.
    """
    if len(content) > LARGEST:
        raise PictureError(
            f"照片超过{LARGEST >> 20} MB；请用较低的分辨率拍摄", f"is larger than {LARGEST >> 20} MB; take it smaller"
        )
    try:
        if content[:3] == b"\xff\xd8\xff":
            kind, (made, width, height) = "jpeg", _jpeg(content)
        elif content[:8] == _PNG:
            kind, (made, width, height) = "png", _png(content)
        elif content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            kind, (made, width, height) = "webp", _webp(content)
        else:
            raise _no_picture()
    except (struct.error, IndexError) as error:
        raise _no_picture() from error
    if not (0 < width <= SIDE and 0 < height <= SIDE):
        raise PictureError(
            f"照片为{width}×{height}像素，边长最多{SIDE}", f"has {width} by {height} pixels; at most {SIDE} a side"
        )
    return kind, made


def _jpeg(content: bytes) -> tuple[bytes, int, int]:
    """The segments that make the picture, and which way up it is."""
    out, at, size, way = [], 2, (0, 0), 1
    while True:
        if content[at] != 0xFF:
            raise _no_picture()
        while content[at + 1] == 0xFF:
            at += 1
        marker = content[at + 1]
        (length,) = struct.unpack_from(">H", content, at + 2)
        part = content[at : at + 2 + length]
        if length < 2 or len(part) != length + 2:
            raise _no_picture()
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", part, 5)
            size = (width, height)
        if marker == 0xE1 and part[4:10] == b"Exif\0\0":
            way = _orientation(part[10:])
        # Of the application segments JFIF, the colour profile and Adobe's transform belong to the picture.
        if (not 0xE0 <= marker <= 0xEF and marker != 0xFE) or marker in (0xE0, 0xE2, 0xEE):
            out.append(part)
        at += 2 + length
        if marker == 0xDA:
            break
    rest = content[at:]
    if size == (0, 0):
        raise _no_picture()
    # A second picture or an archive behind the first end is no part of it.
    end = _first_end(rest)
    head = b"\xff\xd8" + (_upright(way) if way != 1 else b"")
    return head + b"".join(out) + rest[: end + 2], *size


def _first_end(scans: bytes) -> int:
    """Where the last scan ends: the first end marker that is not inside a segment between scans."""
    at = 0
    while True:
        at = scans.find(b"\xff", at)
        if at < 0 or at + 1 >= len(scans):
            raise _no_picture()
        marker = scans[at + 1]
        if marker == 0xD9:
            return at
        if marker == 0x00 or 0xD0 <= marker <= 0xD7:
            at += 2
        elif marker == 0xFF:
            at += 1
        else:
            # Tables and the header of a further scan of a progressive picture.
            (length,) = struct.unpack_from(">H", scans, at + 2)
            at += 2 + length


def _orientation(tiff: bytes) -> int:
    """Which way up a picture is, 1 to 8; 1 where nothing readable says so."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 10:
        return 1
    try:
        (start,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, start)
        for k in range(min(count, 64)):
            tag, kind, _, value = struct.unpack_from(order + "HHIH", tiff, start + 2 + 12 * k)
            if tag == _ORIENTATION and kind == 3 and 1 <= value <= 8:
                return int(value)
    except struct.error:
        return 1
    return 1


def _upright(way: int) -> bytes:
    """A segment that says which way up the picture is, and nothing else."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, way, 0, 0)
    said = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(said) + 2) + said


def _png(content: bytes) -> tuple[bytes, int, int]:
    out, at, size, ended = [_PNG], 8, (0, 0), False
    while at < len(content) and not ended:
        length, kind = struct.unpack_from(">I4s", content, at)
        part = content[at : at + 12 + length]
        if len(part) != 12 + length or zlib.crc32(part[4:-4]) != struct.unpack(">I", part[-4:])[0]:
            raise _no_picture()
        if kind == b"IHDR":
            width, height = struct.unpack_from(">II", part, 8)
            size = (width, height)
        if kind in _PNG_KEPT:
            out.append(part)
        ended = kind == b"IEND"
        at += 12 + length
    if not ended or size == (0, 0):
        raise _no_picture()
    return b"".join(out), *size


def _webp(content: bytes) -> tuple[bytes, int, int]:
    (length,) = struct.unpack_from("<I", content, 4)
    if length + 8 > len(content):
        raise _no_picture()
    out, at, size = [], 12, (0, 0)
    while at + 8 <= length + 8:
        kind, n = struct.unpack_from("<4sI", content, at)
        part = content[at : at + 8 + n + (n & 1)]
        if len(part) < 8 + n:
            raise _no_picture()
        body = part[8:]
        if kind == b"VP8X":
            # Neither its EXIF nor its XMP comes along, and it is no film.
            part = part[:8] + bytes([body[0] & ~0b0000_1110]) + body[1:]
            width, height = (int.from_bytes(body[k : k + 3], "little") + 1 for k in (4, 7))
            size = (width, height)
        elif kind == b"VP8 " and size == (0, 0):
            width, height = struct.unpack_from("<HH", body, 6)
            size = (width & 0x3FFF, height & 0x3FFF)
        elif kind == b"VP8L" and size == (0, 0):
            (bits,) = struct.unpack_from("<I", body, 1)
            size = ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        if kind in _WEBP_KEPT:
            out.append(part)
        at += 8 + n + (n & 1)
    whole = b"WEBP" + b"".join(out)
    if size == (0, 0):
        raise _no_picture()
    return b"RIFF" + struct.pack("<I", len(whole)) + whole, *size


def path_of(digest: str) -> Path:
    """Where the bytes of a photograph are."""
    return setup.current().pictures / digest[:2] / digest


def keep(found: Round, unit: Unit, item: Item, content: bytes, by: User | None, role: str) -> Picture:
    """Keep a photograph of an item at a unit; the same one twice is kept once. by : None for a unit.

    PictureError for what is no photograph, and for more of them than `EACH`.
    """
    kind, made = clean(content)
    digest = hashlib.sha256(made).hexdigest()
    with transaction.atomic():
        Unit.objects.select_for_update().get(pk=unit.pk)
        there = Picture.objects.filter(round=found, unit=unit, item=item)
        if (same := there.filter(digest=digest).first()) is not None:
            return same
        if there.count() >= EACH:
            raise PictureError(f"该产品已有{EACH}张照片，不能再加", f"the item has {EACH} already; no more are kept")
        # The bytes first: a row without its file would be a fault, a file without a row is of no effect.
        _write(path_of(digest), made)
        row = Picture(
            round=found, unit=unit, item=item, digest=digest, kind=kind, size=len(made), by=by, at=clock.now()
        )
        row.save()
        trail.append(
            by, "picture.keep", f"round/{found.code}", role=role,
            after={"unit": unit.code, "item": item.code, "sha256": digest, "kind": kind, "bytes": len(made)},
        )  # fmt: skip
    return row


def _write(path: Path, content: bytes) -> None:
    if path.is_file():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def read(picture: Picture) -> bytes:
    """The bytes of a photograph. DataError where they are not there, or are not those that came."""
    path = path_of(picture.digest)
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != picture.digest:
        raise DataError(
            f"photograph {picture.digest[:16]}: its file is missing or was changed; restore it from a backup"
        )
    return content
