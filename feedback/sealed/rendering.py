"""Pages of files as pictures: pixels and nothing else, with what covers them burned in.

No layer of text, no field, no name of a program comes along: the picture is drawn anew point by point. A PDF is drawn in a process of
its own, whose time and memory are bounded (:mod:`app.files.apart`): one that was made to harm takes that, not the site.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from typing import IO, Any

from PIL import Image, ImageDraw

from app.files import FileRefused, StoredFile, apart, open_stored
from app.files.content import PDF
from feedback.sealed.covering import WHOLE, Area, Covers

MOST_PAGES = 40  # of one file; what is longer is typed anew
WIDTH = 1600  # points of a page that stays
LONGEST = 4  # times as long as wide: a strip of a screen
INK, MARK = (0, 0, 0), (200, 30, 20)
_CORNER = 12  # points of the mark of a first corner


class NotRendered(Exception):
    """The file is no picture and no PDF, or cannot be drawn: it is typed anew."""


def pages(file: StoredFile) -> int:
    """Return how many pages of *file* can be drawn; 0: none."""
    if file.is_picture:
        return 1
    if file.media_type != PDF.media_type:
        return 0
    try:
        return min(_read("pages", file)[0]["pages"], MOST_PAGES)
    except FileRefused:
        return 0


def draw(file: StoredFile, page: int, *, width: int = WIDTH) -> Image.Image:
    """Return that page as a picture *width* points wide. :raise NotRendered:."""
    try:
        picture = Image.open(io.BytesIO(_bytes(file))) if file.is_picture else _of_pdf(file, page, width)
        flat = Image.new("RGB", picture.size, "white")
        flat.paste(picture.convert("RGB"), mask=picture.convert("RGBA").getchannel("A"))
    except (FileRefused, OSError, ValueError) as error:
        raise NotRendered from error
    height = min(max(1, flat.height * width // flat.width), width * LONGEST)
    return flat.resize((width, height), Image.Resampling.LANCZOS)


def _of_pdf(file: StoredFile, page: int, width: int) -> Image.Image:
    most = (width + 1) * (width * LONGEST + 1) * len("RGB")
    found, drawn = _read("page", file, page=page, width=width, longest=LONGEST, most_bytes=most)
    return Image.frombytes("RGB", tuple(found["size"]), drawn)


def _read(task: str, file: StoredFile, **facts: Any) -> tuple[dict[str, Any], bytes]:
    """Have that done apart. What goes there and back lies in memory: nothing of a sealed file comes onto a disk in the clear."""
    with _in_memory(_bytes(file)) as given, _in_memory() as fresh:
        found = apart.read(task, given, fresh, **facts)
        fresh.seek(0)
        return found, fresh.read()


def _in_memory(data: bytes = b"") -> IO[bytes]:
    held = os.fdopen(os.memfd_create("page"), "w+b")
    held.write(data)
    held.flush()
    return held


def _bytes(file: StoredFile) -> bytes:
    return b"".join(open_stored(file, sealed=True))


def covered(picture: Image.Image, areas: Iterable[Area]) -> Image.Image:
    """Return *picture* with *areas* painted over: what lay there is gone."""
    brush = ImageDraw.Draw(picture)
    for area in areas:
        brush.rectangle(
            (
                area.left * picture.width // WHOLE,
                area.top * picture.height // WHOLE,
                -(-area.right * picture.width // WHOLE),
                -(-area.bottom * picture.height // WHOLE),
            ),
            fill=INK,
        )
    return picture


def shown(picture: Image.Image, covers: Covers) -> Image.Image:
    """Return *picture* as whoever covers it sees it: with the first corner of what comes next marked."""
    covered(picture, covers.areas)
    if covers.corner is not None:
        x, y = covers.corner.x * picture.width // WHOLE, covers.corner.y * picture.height // WHOLE
        brush = ImageDraw.Draw(picture)
        brush.line((x - _CORNER, y, x + _CORNER, y), fill=MARK, width=3)
        brush.line((x, y - _CORNER, x, y + _CORNER), fill=MARK, width=3)
    return picture


def jpeg(picture: Image.Image) -> bytes:
    """Return *picture* as a file that says nothing besides."""
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=88)
    return kept.getvalue()
