"""Draws the pictures that the demo's answers show as proof: plainly drawings, so that nobody takes them for photos."""

from __future__ import annotations

import datetime as dt
import io
import random

from PIL import Image, ImageDraw

from app.files.models import StoredFile
from app.files.operations import store_upload

SIZE = (480, 320)
SKIES = ("#cfd8dc", "#b9c7cf", "#dce3e0")
WALLS = ("#d8b98a", "#c9a36b", "#e2d3b5", "#a9b18f", "#c7b7a3")


def stored(caption: str, *, now: dt.datetime) -> StoredFile:
    """Return a stored drawing of a street, always the same one for the same *caption*."""
    return store_upload(io.BytesIO(_street(random.Random(caption))), f"{caption}.jpg", now)


def _street(chance: random.Random) -> bytes:
    picture = Image.new("RGB", SIZE, chance.choice(SKIES))
    draw = ImageDraw.Draw(picture)
    width, height = SIZE
    left = 0
    while left < width:
        wide, high = chance.randint(60, 110), chance.randint(90, 190)
        top = height - 90 - high
        draw.rectangle((left, top, left + wide, height - 90), fill=chance.choice(WALLS))
        draw.polygon(((left - 6, top), (left + wide + 6, top), (left + wide // 2, top - 36)), fill="#8c4a3a")
        draw.rectangle((left + wide // 2 - 10, height - 140, left + wide // 2 + 12, height - 90), fill="#5b4636")
        left += wide + chance.randint(4, 18)
    draw.rectangle((0, height - 90, width, height - 62), fill="#b5b0a6")  # pavement
    draw.rectangle((0, height - 62, width, height), fill="#6d6a66")  # road
    for dash in range(chance.randint(0, 30), width, 70):
        draw.rectangle((dash, height - 34, dash + 36, height - 29), fill="#e8e4d8")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()
