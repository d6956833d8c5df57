"""Pictures: checked, made small and upright, and encoded anew, so that nothing of the camera's notes is published."""

import hashlib
import io
from functools import lru_cache

from django.db import transaction
from PIL import Image, ImageOps, UnidentifiedImageError

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.pages.models import Picture

WIDEST, HIGHEST, LARGEST = 1080, 1080, 120_000
"""Pixels and bytes of a picture as it is kept."""

LARGEST_FILE, MOST_PIXELS = 8 << 20, 40_000_000
"""Bytes and pixels of a file that is taken in."""

SMALL, LARGEST_SMALL = 480, 30_000
"""The same of the small file, which lists and phones show."""

QUALITIES = (82, 74, 64, 52)
FORMATS = ("JPEG", "PNG", "WEBP")


def keep(content: bytes, by: User) -> Picture:
    """The picture of a file; the same one if its content is here already. DataError for what is no picture."""
    role = people.require(by, "pages.edit")
    data, (width, height) = encode(content)
    digest = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        found = Picture.objects.filter(sha256=digest).first()
        if found is None:
            found = Picture(sha256=digest, width=width, height=height, data=data, by=by, at=clock.now())
            found.save()
            trail.append(by, "pages.picture", f"picture/{found.name}", role=role, after={"sha256": digest})
    return found


def encode(content: bytes) -> tuple[bytes, tuple[int, int]]:
    """A JPEG of at most `LARGEST` bytes, and its width and height. DataError for a file that is no picture."""
    if len(content) > LARGEST_FILE:
        raise DataError(f"picture: {len(content):,} bytes; give a file of at most {LARGEST_FILE:,}")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as given:
            # The header says the size: a bomb is refused before it is unpacked.
            if given.width * given.height > MOST_PIXELS:
                raise DataError(f"picture: {given.width} x {given.height} pixels; at most {MOST_PIXELS:,} in all")
            given.draft("RGB", (WIDEST, HIGHEST))
            flat = _on_white(ImageOps.exif_transpose(given))
    except DataError:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise DataError("picture: the file is no picture, or is damaged; give a JPEG, PNG or WebP file") from error
    flat.thumbnail((WIDEST, HIGHEST), Image.Resampling.LANCZOS)
    return _jpeg(flat)


def small(found: Picture) -> bytes:
    """The small file of a picture; made when it is asked for, which is seldom: caches keep it."""
    return _small(bytes(found.data))


@lru_cache(maxsize=64)
def _small(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data), formats=FORMATS) as given:
        flat = given.convert("RGB")
    flat.thumbnail((SMALL, SMALL), Image.Resampling.LANCZOS)
    return _jpeg(flat, LARGEST_SMALL)[0]


def _jpeg(flat: Image.Image, most: int = LARGEST) -> tuple[bytes, tuple[int, int]]:
    """A JPEG of at most so many bytes: of lower quality where it must be, and then smaller."""
    while True:
        for quality in QUALITIES:
            out = io.BytesIO()
            flat.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
            if out.tell() <= most:
                return out.getvalue(), flat.size
        flat = flat.resize((max(1, flat.width * 3 // 4), max(1, flat.height * 3 // 4)), Image.Resampling.LANCZOS)


def _on_white(given: Image.Image) -> Image.Image:
    """Without transparency, in RGB."""
    if given.mode in ("RGBA", "LA", "PA") or "transparency" in given.info:
        clear = given.convert("RGBA")
        out = Image.new("RGB", clear.size, "white")
        out.paste(clear, mask=clear.getchannel("A"))
        return out
    return given.convert("RGB")
