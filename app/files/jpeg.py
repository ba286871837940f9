"""A JPEG relieved of where, when and with what it was taken, byte for byte: the picture itself is not packed anew.

It imports nothing of the site: :mod:`app.files.readers` runs it beside the site, too.
"""

from __future__ import annotations

import re

MAX_SEGMENTS = 10_000  # a photo of a telephone has some fifty

_START, _END, _SCAN, _TABLES = b"\xff\xd8", 0xD9, 0xDA, range(0xC0, 0xE0)
_ALONE = {0x01, 0xD8}  # markers that nothing belongs to
#: Not what is a byte of the picture (00), fills (FF), or lies in the picture to begin anew (D0 to D7).
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
#: What a reader needs to show it: its points by the inch, its profile of colours, how the colours are mixed.
_NEEDED = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}


def without_place(photo: bytes) -> bytes:
    """Return *photo* without Exif, XMP, IPTC, comments, and what follows its end; what is no JPEG, as it is.

    :raise ValueError: where it has segments without end
    """
    at = photo.find(_START)
    if at < 0:
        return photo
    at += len(_START)
    kept = [_START]
    scanned = False
    for _ in range(MAX_SEGMENTS):
        found = _MARKER.search(photo, at)
        if scanned:
            kept.append(photo[at : found.start() if found else None])
        if found is None:
            break
        marker, begun = photo[found.start() + 1], found.end()
        if marker == _END:
            kept.append(found[0])  # some cameras write a second photo behind it, with a place of its own
            break
        at = begun if marker in _ALONE else begun + max(2, int.from_bytes(photo[begun : begun + 2]))
        needed = _NEEDED.get(marker)
        if photo.startswith(needed, begun + 2) if needed else marker in _TABLES and marker not in _ALONE:
            kept.append(photo[found.start() : at])
        scanned = marker == _SCAN
    else:
        raise ValueError(MAX_SEGMENTS)
    return b"".join(kept)
