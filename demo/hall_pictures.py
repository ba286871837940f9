"""Draws the photographs of the demo's sessions: people are shapes without faces, so that nobody takes them for somebody."""

from __future__ import annotations

import datetime as dt
import io
import random
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFilter

from app.files.models import StoredFile
from app.files.operations import store_upload

WIDE, HIGH = 960, 640
SKIN = ("#c99b78", "#b98763", "#d6ac8a")
HAIR = ("#1c1917", "#2b2420", "#4a4542", "#8d8985")
CLOTHES = ("#e9e6df", "#9fb4c7", "#6d7f93", "#b7a58d", "#7f8f79", "#a8615a", "#4d5a6b", "#d3c3a4")
SUITS = ("#2c3440", "#39414d", "#23303d")
WALL, WOOD, RED, CLOTH = "#e6dfd0", "#8a5f3c", "#a3231f", "#3c6b52"
SPEAKS_AT = 470  # from the left


def stored(shows: str, view: str, *, now: dt.datetime) -> StoredFile:
    """Return a stored picture of *view* (hall, speaker or chairs), always the same one for the same words."""
    picture = Image.new("RGB", (WIDE, HIGH), WALL)
    VIEWS[view](ImageDraw.Draw(picture), random.Random(shows))
    out = io.BytesIO()
    picture.filter(ImageFilter.GaussianBlur(1.4)).save(out, "JPEG", quality=72)  # as a telephone takes it from afar
    return store_upload(io.BytesIO(out.getvalue()), f"{shows[:60]}.jpg", now)


def _front(draw: ImageDraw.ImageDraw, floor: int) -> None:
    """Draw the front of a hall: the curtain with its banner, flags beside it, the floor from *floor* down."""
    draw.rectangle((0, 0, WIDE, 40), fill="#f2eee6")
    draw.rectangle((150, 60, WIDE - 150, floor), fill=RED)
    for fold in range(160, WIDE - 150, 26):
        draw.line((fold, 60, fold, floor), fill="#8c1b18", width=7)
    draw.rectangle((230, 96, WIDE - 230, 128), fill="#e8c34a")  # two lines of a banner, too far away to read
    draw.rectangle((290, 142, WIDE - 290, 162), fill="#e8c34a")
    draw.rectangle((0, floor, WIDE, HIGH), fill="#b9a58a")


def _back_of(draw: ImageDraw.ImageDraw, chance: random.Random, x: int, y: int, size: int) -> None:
    """Draw somebody who sits, seen from behind; (x, y) is where the head ends."""
    draw.rounded_rectangle((x - size, y, x + size, y + 3 * size), size // 2, fill=chance.choice(CLOTHES))
    draw.ellipse((x - size // 2, y - size, x + size // 2, y + size // 4), fill=chance.choice(HAIR))


def _facing(draw: ImageDraw.ImageDraw, chance: random.Random, x: int, y: int, size: int, clothes: str) -> None:
    """Draw somebody who sits or stands, seen from before, without a face."""
    draw.rounded_rectangle((x - size, y, x + size, y + 4 * size), size // 2, fill=clothes)
    draw.polygon(((x - size // 3, y), (x + size // 3, y), (x, y + size)), fill="#efece6")
    draw.ellipse((x - size // 2, y - size, x + size // 2, y + size // 5), fill=chance.choice(SKIN))
    draw.pieslice((x - size // 2 - 2, y - size - 3, x + size // 2 + 2, y - size // 10), 180, 360, fill=chance.choice(HAIR))


def _table(draw: ImageDraw.ImageDraw, left: int, top: int, right: int, high: int) -> None:
    draw.rectangle((left, top, right, top + high), fill=CLOTH)
    draw.rectangle((left, top, right, top + high // 6), fill="#4a7f63")


def _hall(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    _front(draw, 250)
    for x in (370, 480, 590):
        _facing(draw, chance, x, 208, 20, chance.choice(SUITS))
    _table(draw, 310, 240, 650, 44)
    for row in range(6):  # the nearer the larger
        size, y = 13 + 6 * row, 300 + 12 * row * (row + 5) // 5 + 20 * row
        step = size * 3
        for x in range(-step // 2 + (row % 2) * step // 2, WIDE + step, step):
            aisle = abs(x - WIDE // 2) < size * 1.6
            if not aisle and chance.random() > 0.06:  # noqa: PLR2004 - here and there a seat is empty
                _back_of(draw, chance, x + chance.randint(-3, 3), y + chance.randint(-3, 3), size)


def _speaker(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    draw.rectangle((0, 380, WIDE, HIGH), fill="#b9a58a")
    for window in (70, 350, 700):
        draw.rectangle((window, 50, window + 170, 300), fill="#cfdde2", outline="#a89f8e", width=8)
        draw.line((window + 85, 50, window + 85, 300), fill="#a89f8e", width=6)
    for x in range(60, WIDE, 96):
        if abs(x - SPEAKS_AT) > 110:  # noqa: PLR2004 - room around who stands
            _facing(draw, chance, x, 350 + chance.randint(-10, 10), 30, chance.choice(CLOTHES))
    _facing(draw, chance, SPEAKS_AT, 250, 56, "#9fb4c7")
    draw.rectangle((440, 470, 500, HIGH), fill="#39414d")
    draw.line((552, 300, 552, HIGH), fill="#2b2b2b", width=7)  # microphone on its stand
    draw.line((552, 302, 512, 268), fill="#2b2b2b", width=7)
    draw.ellipse((496, 252, 522, 280), fill="#1c1c1c")
    for x in range(0, WIDE, 128):
        if abs(x - SPEAKS_AT) > 120:  # noqa: PLR2004 - and room to be seen between the heads in front
            _back_of(draw, chance, x + 40, 500 + chance.randint(-8, 8), 44)


def _chairs(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    _front(draw, 380)
    for x in (230, 480, 730):
        _facing(draw, chance, x, 270, 62, chance.choice(SUITS))
    _table(draw, 60, 400, 900, 200)
    for x in (230, 480, 730):
        draw.rectangle((x - 62, 372, x + 62, 402), fill="#f4f1ea", outline="#c9c2b2", width=3)  # name plates
        draw.line((x - 40, 387, x + 40, 387), fill="#6b6b6b", width=5)
        draw.line((x + 92, 400, x + 80, 340), fill="#2b2b2b", width=5)
        draw.ellipse((x + 70, 326, x + 88, 346), fill="#1c1c1c")
    draw.rectangle((760, 404, 850, 418), fill="#ffffff")  # what is written on
    for x in (330, 590):
        draw.rectangle((x, 360, x + 22, 402), fill="#dbe7ee", outline="#b9c7cf", width=2)  # bottles of water
    draw.rectangle((0, 590, WIDE, HIGH), fill=WOOD)


VIEWS: dict[str, Callable[[ImageDraw.ImageDraw, random.Random], None]] = {"hall": _hall, "speaker": _speaker, "chairs": _chairs}
