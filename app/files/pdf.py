"""PDF: not changed, but looked through for what would act by itself when opened."""

from __future__ import annotations

import mmap
import os
import re
import zlib
from typing import IO

from app.files.archives import is_zip
from app.files.content import PDF, Checked
from app.files.refusals import FileDamaged, FileSuspicious

TAIL = 4096  # bytes at the end in which the end is marked
DICTIONARY = 4096  # bytes between a stream's type and its beginning
PIECE = 64 * 1024  # bytes unpacked at a time
MAX_UNPACKED = 64 * 1024 * 1024  # bytes of object streams we unpack to look inside; an honest form has a few
MAX_STREAMS = 20_000


def _name(name: bytes) -> bytes:
    """Return a pattern for /name in which any letter may be written #xx, as PDF allows and evaders do."""
    return b"/" + b"".join(b"(?:%c|#%02x|#%02X)" % (letter, letter, letter) for letter in name) + rb"(?![A-Za-z0-9#])"


# An /OpenAction that is an array is only the page to begin with; LibreOffice writes one into every PDF.
_ACTIVE = {
    "script": re.compile(b"|".join([_name(b"JavaScript"), _name(b"XFA") + rb"(?=\s*[\[(<\d])"])),
    "action": re.compile(
        b"|".join([_name(b"OpenAction") + rb"(?!\s*\[)", _name(b"Launch"), _name(b"SubmitForm"), _name(b"ImportData"), _name(b"RichMedia")])
    ),
    "embedded": re.compile(b"|".join([_name(b"EmbeddedFile"), _name(b"EmbeddedFiles")])),
    "locked": re.compile(_name(b"Encrypt") + rb"(?=\s*[<\d])"),
}
_PACKED_OBJECTS = re.compile(_name(b"ObjStm"))
_STREAM = re.compile(rb"stream\r?\n")


def check_pdf(file: IO[bytes]) -> Checked:
    """Return the PDF as it is with the names of what is active in it; :raise FileDamaged: :raise FileSuspicious:.

    *file* lies on the disk: it is looked through without being read into memory.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - TAIL))
    if b"%%EOF" not in file.read():
        raise FileDamaged
    if is_zip(file):
        raise FileSuspicious
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return Checked(PDF, file, _active(data) | _active_in_packed_objects(data))


def _active(data: bytes | mmap.mmap) -> set[str]:
    return {flag for flag, pattern in _ACTIVE.items() if pattern.search(data)}


def _active_in_packed_objects(data: mmap.mmap) -> set[str]:
    """Look into the object streams: since PDF 1.5 an action may hide in one."""
    flags: set[str] = set()
    left = MAX_UNPACKED
    begun = -1  # where the last stream began: many marks before one stream are one stream
    for number, mark in enumerate(_PACKED_OBJECTS.finditer(data)):
        start = _STREAM.search(data, mark.end(), mark.end() + DICTIONARY)
        if start is None or start.end() == begun:
            continue
        begun = start.end()
        try:
            objects = _unpack(data, begun, left)
        except zlib.error:
            flags.add("locked")  # encrypted, or another filter: what is inside we do not know
            continue
        left -= len(objects)
        if left <= 0 or number > MAX_STREAMS:
            raise FileSuspicious
        flags |= _active(objects)
    return flags


def _unpack(data: mmap.mmap, start: int, limit: int) -> bytes:
    unpacker = zlib.decompressobj()
    objects = bytearray()
    for at in range(start, len(data), PIECE):
        objects += unpacker.decompress(data[at : at + PIECE], limit - len(objects))
        if unpacker.eof or len(objects) >= limit:
            break
    return bytes(objects)
