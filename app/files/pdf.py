"""PDF: looked through for what would act by itself when opened, and written anew without who made it, with what, when."""

from __future__ import annotations

import mmap
import os
import re
import zlib
from typing import IO

from app.files import apart
from app.files.archives import is_zip
from app.files.content import NAMED, PDF, Checked
from app.files.refusals import FileDamaged, FileSuspicious

TAIL = 4096  # bytes at the end in which the end is marked
DICTIONARY = 4096  # bytes between a stream's type and its beginning
PIECE = 64 * 1024  # bytes unpacked at a time
MAX_UNPACKED = 64 * 1024 * 1024  # bytes of object streams we unpack to look inside; an honest form has a few
MAX_STREAMS = 20_000


def _name(name: bytes) -> bytes:
    """Return a pattern for *name* in which any letter may be written #xx, as PDF allows and evaders do."""
    return b"".join(b"(?:%c|#%02x|#%02X)" % (letter, letter, letter) for letter in name) + rb"(?![A-Za-z0-9#])"


def _names(*names: bytes) -> bytes:
    return b"|".join(map(_name, names))


# One pattern for all, and the slash before all: twenty megabytes are then read once.
_ACTIVE = re.compile(
    rb"/(?=[#JXOLSIREAG])(?:"
    rb"(?P<script>" + _names(b"JavaScript") + b"|" + _name(b"XFA") + rb"(?=\s{0,9}[\[(<\d]))"
    # An /OpenAction that is an array is only the page to begin with; LibreOffice writes one into every PDF.
    rb"|(?P<action>"
    + _name(b"OpenAction")
    + rb"(?!\s{0,9}\[)|"
    + _names(b"Launch", b"SubmitForm", b"ImportData", b"RichMedia")
    # Two letters stand in every photo; with what must follow them they do not.
    + b"|"
    + _name(b"AA")
    + rb"(?=\s{0,9}(?:<<|\d{1,9}\s{1,9}\d{1,5}\s{1,9}R))"
    + b")"
    rb"|(?P<external>" + _names(b"GoToR", b"GoToE") + b")"
    rb"|(?P<embedded>" + _names(b"EmbeddedFile", b"EmbeddedFiles") + b")"
    rb"|(?P<locked>" + _name(b"Encrypt") + rb"(?=\s{0,9}[<\d]))"
    rb")"
)
_PACKED_OBJECTS = re.compile(b"/" + _name(b"ObjStm"))
_STREAM = re.compile(rb"stream\r?\n")


def check_pdf(file: IO[bytes], fresh: IO[bytes]) -> Checked:
    """Write the PDF without its author into *fresh*; return that with the names of what is active in it.

    *file* lies on the disk: it is looked through without being read into memory. :raise FileDamaged: :raise FileSuspicious:
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - TAIL))
    if b"%%EOF" not in file.read():
        raise FileDamaged
    if is_zip(file):
        raise FileSuspicious
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        flags = _active(data) | _active_in_packed_objects(data)
    written = apart.read("pdf", file, fresh)["written"]
    return Checked(PDF, fresh, flags) if written else Checked(PDF, file, flags | {NAMED})


def _active(data: bytes | mmap.mmap) -> set[str]:
    return {found.lastgroup or "" for found in _ACTIVE.finditer(data)}


def _active_in_packed_objects(data: mmap.mmap) -> set[str]:
    """Look into the object streams: since PDF 1.5 an action may hide in one."""
    flags: set[str] = set()
    left = MAX_UNPACKED
    begun = -1  # where the last stream began: many marks before one stream are one stream
    for number, mark in enumerate(_PACKED_OBJECTS.finditer(data)):
        if number > MAX_STREAMS:
            raise FileSuspicious
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
        if left <= 0:
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
