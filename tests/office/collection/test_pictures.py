"""Photographs: only pictures, without what a phone writes into them, kept once under their hash."""

import hashlib
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ellwand.office.collection.pictures import EACH, LARGEST, PictureError, clean


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def _exif(way: int) -> bytes:
    tiff = b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, way, 0, 0)
    return _segment(0xE1, b"Exif\0\0" + tiff + b"GPS 30.1N 120.5E")


def jpeg(width: int = 40, height: int = 30, way: int = 6, after: bytes = b"") -> bytes:
    """The segments of a picture; its scan is not a real one, which nobody here decodes."""
    frame = _segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\0")
    scan = _segment(0xDA, b"\x01\x01\0\0\x3f\0") + b"\x12\xff\0\x34\xff\xd0\x56"
    return (
        b"\xff\xd8" + _segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0") + _exif(way) + _segment(0xFE, b"a remark") + frame
        + scan + b"\xff\xd9" + after
    )  # fmt: skip


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int = 2, height: int = 2) -> bytes:
    rows = zlib.compress(b"".join(b"\0" + b"\x80" * width for _ in range(min(height, 9))))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"tEXt", b"Author\0somebody") + _chunk(b"IDAT", rows)
        + _chunk(b"IEND", b"")
    )  # fmt: skip


def webp() -> bytes:
    def part(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) & 1)

    vp8x = part(b"VP8X", bytes([0b0000_1000, 0, 0, 0]) + (39).to_bytes(3, "little") + (29).to_bytes(3, "little"))
    body = b"WEBP" + vp8x + part(b"VP8 ", b"\0" * 11) + part(b"EXIF", b"GPS 30.1N")
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_only_the_picture_is_kept() -> None:
    kind, made = clean(jpeg(after=b"PK\3\4 an archive behind it"))
    assert kind == "jpeg" and made.endswith(b"\xff\xd9")
    assert b"GPS" not in made and b"remark" not in made and b"archive" not in made and b"JFIF" in made
    # Which way up it is stays known: 6 turns it by a quarter.
    assert made.count(b"Exif") == 1 and struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0) in made
    assert clean(made) == (kind, made)
    kind, made = clean(png())
    assert kind == "png" and b"somebody" not in made and clean(made) == (kind, made)
    kind, made = clean(webp())
    assert kind == "webp" and b"GPS" not in made and clean(made) == (kind, made)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"%PDF-1.7", b"PK\3\4",
        jpeg()[:-40], png()[:-6], b"\xff\xd8\xff" + b"\0" * 20, webp()[:30], b"RIFF\xff\xff\xff\xffWEBP",
        png().replace(b"IDAT", b"IDAX"), b"\x89PNG\r\n\x1a\n",
    ],
)  # fmt: skip
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(PictureError) as found:
        clean(content)
    assert found.value.zh and found.value.en


def test_what_is_too_large_is_refused() -> None:
    for content in (b"\xff\xd8\xff" + b"\0" * LARGEST, png(20_000, 2), jpeg(65_000, 2)):
        with pytest.raises(PictureError, match=r"MB|pixels"):
            clean(content)


@given(st.binary(max_size=400), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x40\0\0\0WEBP"]))
def test_no_bytes_do_anything_else_than_pass_or_be_refused(rest: bytes, head: bytes) -> None:
    try:
        kind, made = clean(head + rest)
    except PictureError:
        return
    assert clean(made) == (kind, made)


def test_a_photograph_is_kept_once_under_its_hash(collecting: Any) -> None:
    from ellwand.engine.errors import DataError
    from ellwand.office.audit.models import Entry
    from ellwand.office.collection import pictures
    from ellwand.office.registry.models import Item, Unit
    from ellwand.office.rounds import work

    found = work.find("price-2022-W02")
    unit, item = Unit.objects.get(code="U0001"), Item.objects.get(code="I00005")
    one = pictures.keep(found, unit, item, jpeg(), None, "unit")
    assert pictures.keep(found, unit, item, jpeg(after=b"tail"), None, "unit") == one
    path = pictures.path_of(one.digest)
    assert path.parent.parent == collecting.home.pictures and path.stat().st_mode & 0o077 == 0
    assert hashlib.sha256(path.read_bytes()).hexdigest() == one.digest and pictures.read(one) == path.read_bytes()
    assert Entry.objects.order_by("-sequence")[0].after["sha256"] == one.digest
    for k in range(EACH - 1):
        pictures.keep(found, unit, item, jpeg(width=50 + k), None, "unit")
    with pytest.raises(PictureError, match="no more"):
        pictures.keep(found, unit, item, jpeg(width=90), None, "unit")
    path.write_bytes(b"altered")
    with pytest.raises(DataError, match="changed"):
        pictures.read(one)
