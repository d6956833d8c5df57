"""Pictures: checked, made small and upright, and encoded anew, so that nothing of the camera's notes is published."""

import hashlib
import io

from django.db import transaction
from PIL import Image, ImageOps, UnidentifiedImageError

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.pages.models import Picture

WIDEST, HIGHEST, LARGEST = 1280, 1280, 300_000
"""Pixels and bytes of a picture as it is kept."""

LARGEST_FILE, MOST_PIXELS = 8 << 20, 40_000_000
"""Bytes and pixels of a file that is taken in."""

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
    """A JPEG of at most `LARGEST` bytes, and its width and height. DataError for what is no picture."""
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
    for quality in QUALITIES:
        out = io.BytesIO()
        flat.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
        if out.tell() <= LARGEST:
            return out.getvalue(), flat.size
    raise DataError(f"picture: still {out.tell():,} bytes when made small; at most {LARGEST:,}: take a calmer one")


def _on_white(given: Image.Image) -> Image.Image:
    """Without transparency, in RGB."""
    if given.mode in ("RGBA", "LA", "PA") or "transparency" in given.info:
        clear = given.convert("RGBA")
        out = Image.new("RGB", clear.size, "white")
        out.paste(clear, mask=clear.getchannel("A"))
        return out
    return given.convert("RGB")
