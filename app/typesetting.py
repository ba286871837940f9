"""Papers as PDF by typst: the same on every machine, tagged so that they can be read aloud, fit to be kept (PDF/A-2a)."""

from __future__ import annotations

import json
import re
import struct
from functools import cache
from pathlib import Path
from typing import Any

import typst

FONTS = Path(__file__).parent / "fonts"

#: What stands for a sign that our font has not: a paper with one in a name must come out all the same.
NO_GLYPH = "□"
_BREAKS = "\n\t"
#: They change the sign before them, or join two; without that sign they say nothing.
_JOINERS = re.compile("[\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")


def pdf(template: Path, data: Any) -> bytes:
    """Return *template* set with *data*, which it gets as JSON: nothing in it is read as markup."""
    return typst.compile(
        str(template),
        root=str(template.parent),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(_printable(data), ensure_ascii=False)},
        pdf_standards=["a-2a", "ua-1"],
    )


def _printable(data: Any) -> Any:
    if isinstance(data, str):
        known = _signs()
        return "".join(sign if ord(sign) in known or sign in _BREAKS else NO_GLYPH for sign in _JOINERS.sub("", data))
    if isinstance(data, dict):
        return {name: _printable(value) for name, value in data.items()}
    return [_printable(value) for value in data] if isinstance(data, list | tuple) else data


@cache
def _signs() -> frozenset[int]:
    """Return the characters that all four cuts of our font can show."""
    return frozenset.intersection(*(_signs_of(path.read_bytes()) for path in FONTS.glob("*.ttf")))


def _signs_of(font: bytes) -> frozenset[int]:
    """Read the table 'cmap' of a TrueType font, its part of format 4 (the basic plane, where all of Vietnamese is)."""
    (tables,) = struct.unpack_from(">H", font, 4)
    entries = (struct.unpack_from(">4sLLL", font, 12 + 16 * index) for index in range(tables))
    start = next(offset for tag, _sum, offset, _length in entries if tag == b"cmap")
    (parts,) = struct.unpack_from(">H", font, start + 2)
    offsets = (start + struct.unpack_from(">L", font, start + 8 + 8 * index)[0] for index in range(parts))
    at = next(offset for offset in offsets if struct.unpack_from(">H", font, offset)[0] == 4)  # noqa: PLR2004 - the format's number
    count = struct.unpack_from(">H", font, at + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", font, at + 14)
    begins, deltas, ranges = (struct.unpack_from(f">{count}H", font, at + 16 + 2 * count * part) for part in (1, 2, 3))
    signs = set()
    for index, (first, last, delta, offset) in enumerate(zip(begins, ends, deltas, ranges, strict=True)):
        for code in range(first, min(last, 0xFFFE) + 1):
            if offset:
                where = at + 16 + 2 * count * 3 + 2 * index + offset + 2 * (code - first)
                glyph = struct.unpack_from(">H", font, where)[0]
            else:
                glyph = (code + delta) & 0xFFFF
            if glyph:
                signs.add(code)
    return frozenset(signs)
