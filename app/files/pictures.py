"""Pictures: read, turned upright and written anew, so that nothing but the picture is left (no place, no device, no riders)."""

from __future__ import annotations

import io
import struct
import zlib
from typing import IO, Any

from PIL import Image, ImageOps

from app.files import apart
from app.files.content import HEIC, JPEG, PNG, WEBP, Checked, Kind
from app.files.refusals import FileDamaged, PictureTooLarge

MAX_SIDE = 6000  # points: more than any screen or sheet of A3 needs; larger ones are scaled down
MAX_POINTS = 50_000_000  # width × height: 150 MB unpacked. More is refused before it is unpacked.

MAX_JPEG = 64 * 1024 * 1024  # bytes of one made of HEIC, which packs twice as tightly
QUALITY = 88  # of a JPEG or WEBP, of a hundred

Image.MAX_IMAGE_PIXELS = MAX_POINTS

# Somebody waits while we write: squeezing out the last tenth (optimize, method 4) takes five times as long.
_SAVE: dict[Kind, dict[str, Any]] = {
    JPEG: {"format": "JPEG", "quality": QUALITY},
    PNG: {"format": "PNG"},
    WEBP: {"format": "WEBP", "quality": QUALITY, "method": 2},
}
_MODES = {JPEG: {"L", "RGB"}, PNG: {"1", "L", "LA", "RGB", "RGBA", "I;16"}, WEBP: {"RGB", "RGBA"}}

# What Pillow raises at bytes that are no picture, by format and depth.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error)


def check_picture(file: IO[bytes], kind: Kind, fresh: IO[bytes]) -> Checked:
    """Write the picture anew into *fresh*; :raise FileDamaged: :raise PictureTooLarge:."""
    if kind is HEIC:
        apart.read("heic", file, fresh, most_points=MAX_POINTS, most_side=MAX_SIDE, quality=QUALITY, most_bytes=MAX_JPEG)
        return Checked(JPEG, fresh)
    try:
        file.seek(0)
        # Only the reader of the announced type: Pillow knows forty, we need three.
        with Image.open(file, formats=[_SAVE[kind]["format"]]) as picture:
            if picture.width * picture.height > MAX_POINTS:
                raise PictureTooLarge
            picture.load()
            upright = ImageOps.exif_transpose(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureTooLarge from error
    except _BROKEN as error:
        raise FileDamaged from error
    upright.thumbnail((MAX_SIDE, MAX_SIDE))
    upright = _in_mode(upright, kind)
    upright.info.clear()  # comments, profiles, EXIF and XMP: some writers would take them along
    upright.save(fresh, **_SAVE[kind])
    return Checked(kind, fresh)


def _in_mode(picture: Image.Image, kind: Kind) -> Image.Image:
    transparent = "transparency" in picture.info or picture.mode in {"LA", "PA", "RGBA", "La", "RGBa"}
    if picture.mode in _MODES[kind] and "transparency" not in picture.info:
        return picture
    return picture.convert("RGBA" if transparent and kind is not JPEG else "RGB")


def smaller(file: IO[bytes], kind: Kind, side: int) -> bytes:
    """Return the picture *file*, which we wrote ourselves, so small that it fits a square of *side* points."""
    fresh = io.BytesIO()
    with Image.open(file, formats=[_SAVE[kind]["format"]]) as picture:
        picture.draft(picture.mode, (side, side))  # a JPEG need not be read in full for that
        picture.thumbnail((side, side))
        picture.save(fresh, **_SAVE[kind])
    return fresh.getvalue()
