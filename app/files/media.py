"""Films and voices: one picture track and one sound track, copied as they are into a file that tells no place, device or day."""

from __future__ import annotations

from typing import IO

from app.files import apart
from app.files.content import AAC, M4A, MP3, MP4, OGG, WAV, WEBA, WEBM, Checked, Kind

#: What a file begins like → the one reader that may open it.
CONTAINERS = {MP4: "mov", WEBM: "matroska", OGG: "ogg", MP3: "mp3", AAC: "aac", WAV: "wav"}

_KINDS = {"mp4": MP4, "webm": WEBM, "m4a": M4A, "weba": WEBA, "mp3": MP3, "wav": WAV}


def check_media(file: IO[bytes], kind: Kind, fresh: IO[bytes], *, most_seconds: int) -> Checked:
    """Write the film or voice without anything else into *fresh*. :raise FileDamaged: :raise MediaRefused: :raise MediaTooLong:"""
    found = apart.read("media", file, fresh, container=CONTAINERS[kind], most_seconds=most_seconds)
    return Checked(_KINDS[found["kept_as"]], fresh)
