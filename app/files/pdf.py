"""PDF: looked through for what would act by itself when opened, and written anew without who made it, with what, when."""

from __future__ import annotations

import mmap
import os
import re
import zlib
from typing import IO, BinaryIO, cast

from app.files.archives import is_zip
from app.files.content import PDF, Checked
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
    rb"/(?=[#JXOLSIRE])(?:"
    rb"(?P<script>" + _names(b"JavaScript") + b"|" + _name(b"XFA") + rb"(?=\s{0,9}[\[(<\d]))"
    # An /OpenAction that is an array is only the page to begin with; LibreOffice writes one into every PDF.
    rb"|(?P<action>" + _name(b"OpenAction") + rb"(?!\s{0,9}\[)|" + _names(b"Launch", b"SubmitForm", b"ImportData", b"RichMedia") + b")"
    rb"|(?P<embedded>" + _names(b"EmbeddedFile", b"EmbeddedFiles") + b")"
    rb"|(?P<locked>" + _name(b"Encrypt") + rb"(?=\s{0,9}[<\d]))"
    rb")"
)
#: The description, the number that ties it to other copies, XMP, and what the program that made it keeps for itself.
_ABOUT_THE_AUTHOR = {"/Info", "/ID", "/Metadata", "/PieceInfo", "/LastModified"}
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
    return Checked(PDF, fresh if _write_anonymous(file, fresh) else file, flags)


def _write_anonymous(file: IO[bytes], fresh: IO[bytes]) -> bool:
    """Copy *file* without its description, its private data and its earlier versions; say whether that was possible.

    It is not where a password locks the file. A signed one stays as it is: a copy would no longer be what was signed, and
    whoever signs names themselves. :raise FileDamaged:
    """
    import pikepdf  # noqa: PLC0415  takes a third of a second: only where a PDF comes in

    file.seek(0)
    try:
        with pikepdf.open(cast("BinaryIO", file)) as pdf:
            if int(pdf.Root.get("/AcroForm", {}).get("/SigFlags", 0)) & 1:
                return False
            for holder in (pdf.trailer, pdf.Root, *(page.obj for page in pdf.pages)):
                for name in _ABOUT_THE_AUTHOR & set(holder.keys()):
                    del holder[name]
            # What is packed stays packed. What nothing points at any more is not written.
            pdf.save(
                cast("BinaryIO", fresh),
                compress_streams=False,
                stream_decode_level=pikepdf.StreamDecodeLevel.none,
                fix_metadata_version=False,
            )
    except pikepdf.PasswordError:
        return False
    # All but the first: its parts are of other types than they should be.
    except (pikepdf.PdfError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise FileDamaged from error
    return True


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
