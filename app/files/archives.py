"""Word and Excel files are ZIP archives: unpacked within bounds, relieved of their author's name, looked through for macros."""

from __future__ import annotations

import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from app.files.authors import left_out, without_names
from app.files.content import DOCX, HEAD, NAMED, XLSX, Checked, Kind
from app.files.refusals import FileDamaged, FileSuspicious, FileTypeRefused

MAX_ENTRIES = 2000
MAX_DIRECTORY = 1024 * 1024  # bytes of the list of entries, read whole by zipfile
MAX_UNPACKED = 100 * 1024 * 1024  # bytes of all entries together
MAX_RATIO = 100  # unpacked to packed; text reaches 30
SMALL = 10 * 1024 * 1024  # bytes unpacked below which the ratio says nothing
MAX_RELATIONSHIPS = 8 * 1024 * 1024  # bytes of the links of one part
PIECE = 64 * 1024  # bytes unpacked at a time

_END = b"PK\x05\x06"
_END_BYTES = 22
_ZIP64_BYTES = 20
_LONGEST_COMMENT = 65535

_MAIN_PART = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}

#: Parts that act, that hold another file we have not looked into, or that say who signed.
_ACTIVE_PARTS = {
    NAMED: re.compile(r"^_xmlsignatures/", re.IGNORECASE),
    "macro": re.compile(r"(^|/)(vbaProject\.bin|activeX/|macrosheets/)", re.IGNORECASE),
    "embedded": re.compile(r"(^|/)(embeddings/|afchunk)", re.IGNORECASE),
    "external": re.compile(r"(^|/)(externalLinks/|queryTables/|connections\.xml$)", re.IGNORECASE),
}
_WHOLE_FILES = (b"PK\x03\x04", b"MZ", b"%PDF-")  # an archive, a program or a PDF under whatever name
_RELATIONSHIP = re.compile(rb"<[\w:]*Relationship\s[^<>]*>")
_OUTSIDE = re.compile(rb"TargetMode\s*=\s*[\"']External", re.IGNORECASE)
#: Words of a field of Word, which may lie in pieces; where one begins, the last has ended.
_FIELD = re.compile(
    rb"<[\w:]*instrText\b[^<>]{0,999}>([^<]{0,9999})|<[^<>]{0,999}\binstr\s{0,9}=\s{0,9}[\"']([^\"'<]{0,9999})|<[\w:]*fldChar\b[^<>]{0,999}\bbegin\b"
)
#: What such a field does once somebody lets it be brought up to date: it starts a program, or fetches something.
_ACTING_FIELDS = {
    "action": re.compile(rb"\bDDE(?:AUTO)?\b", re.IGNORECASE),
    "external": re.compile(rb"\b(?:INCLUDETEXT|INCLUDEPICTURE|LINK)\s", re.IGNORECASE),
}
_HYPERLINK = re.compile(rb"Type\s*=\s*[\"'][^\"']*/hyperlink[\"']")  # followed only when pressed

#: Who wrote it, where they work, what the file was called before: emptied in the copy, which is all we keep.
_ABOUT_THE_AUTHOR = {
    "docprops/core.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>',
    "docprops/app.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>',
    "docprops/custom.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>',
}

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, OverflowError, NotImplementedError, struct.error)


def is_zip(file: IO[bytes]) -> bool:
    """Say whether a program that reads ZIP would find entries in *file*, wherever in it they are."""
    if not _directory_sizes(file):
        return False
    try:
        with zipfile.ZipFile(file) as archive:
            return bool(archive.infolist())
    except _BROKEN:
        return False


def check_office(file: IO[bytes], fresh: IO[bytes]) -> Checked:
    """Write the document without its author's name into *fresh*; return that with the names of what is active in it.

    :raise FileTypeRefused: for any other archive. :raise FileDamaged: :raise FileSuspicious:
    """
    file.seek(0)
    if b"%PDF-" in file.read(HEAD):
        raise FileSuspicious  # readers of PDF accept it beginning within the first kilobyte
    if not _directory_sizes(file):
        raise FileDamaged
    try:
        with zipfile.ZipFile(file) as archive:
            kind = _kind(archive)
            _check_entries(archive.infolist())
            flags = _rewrite(archive, fresh, packed=file.seek(0, os.SEEK_END))
    except _BROKEN as error:
        raise FileDamaged from error
    return Checked(kind, fresh, flags)


def _directory_sizes(file: IO[bytes]) -> list[int]:
    """Return how long the list of entries is by each possible end of the archive; :raise FileSuspicious: when too long to read.

    zipfile would read it whole: 20 MB of entries take 300 MB of memory.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _LONGEST_COMMENT - _END_BYTES))
    tail = file.read()
    starts = [match.start() for match in re.finditer(re.escape(_END), tail) if match.start() + _END_BYTES <= len(tail)]
    sizes = [struct.unpack_from("<L", tail, start + 12)[0] for start in starts]
    # ZIP64 says the size elsewhere; no document of 20 MB needs it.
    if any(tail[max(0, start - _ZIP64_BYTES) : start].startswith(b"PK\x06\x07") for start in starts):
        raise FileSuspicious
    if any(size > MAX_DIRECTORY for size in sizes):
        raise FileSuspicious
    return sizes


def _kind(archive: zipfile.ZipFile) -> Kind:
    names = set(archive.namelist())
    kinds = [kind for part, kind in _MAIN_PART.items() if part in names]
    if "[Content_Types].xml" not in names or len(kinds) != 1:
        raise FileTypeRefused
    return kinds[0]


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    if (
        len(entries) > MAX_ENTRIES
        or len({name.casefold() for name in names}) != len(names)  # two entries of one name: each reader sees another
        or any(name.startswith("/") or "\\" in name or ".." in name.split("/") for name in names)
        or any(entry.flag_bits & 1 for entry in entries)  # encrypted, inside what is not
    ):
        raise FileSuspicious


def _rewrite(archive: zipfile.ZipFile, fresh: IO[bytes], *, packed: int) -> set[str]:
    """Copy *archive* entry by entry. Reading each to its end also compares its checksum, so a damaged one is found."""
    flags = {flag for flag, part in _ACTIVE_PARTS.items() if any(part.search(name) for name in archive.namelist())}
    unpacked = 0

    def counted(entry: zipfile.ZipInfo) -> Iterator[bytes]:
        nonlocal unpacked
        for piece in _pieces(archive, entry):
            unpacked += len(piece)
            if unpacked > MAX_UNPACKED or (unpacked > SMALL and unpacked > packed * MAX_RATIO):
                raise FileSuspicious
            yield piece

    with zipfile.ZipFile(fresh, "w") as copy:
        for entry in archive.infolist():
            if left_out(entry.filename.casefold()):
                for _ in counted(entry):
                    pass
            else:
                flags |= _copy(entry, counted(entry), copy)
    return flags


def _copy(entry: zipfile.ZipInfo, came: Iterator[bytes], copy: zipfile.ZipFile) -> set[str]:
    flags = set()
    name = entry.filename.casefold()  # office programs do not tell case apart
    plain = zipfile.ZipInfo(entry.filename)  # the time of 1980, no comment, no extra fields
    plain.compress_type = zipfile.ZIP_DEFLATED
    relationships, fields = bytearray(), bytearray()
    if name.endswith(".rels"):
        came = _noted(came, relationships)
    with copy.open(plain, "w") as target:
        for number, piece in enumerate(without_names(name, came)):
            flags |= _hiding(name, piece, first=number == 0)
            if name.startswith("word/") and name.endswith(".xml"):
                fields += _fields(piece)
            if name not in _ABOUT_THE_AUTHOR:
                target.write(piece)
        target.write(_ABOUT_THE_AUTHOR.get(name, b""))
    if _reaches_outside(bytes(relationships)):
        flags.add("external")
    return flags | {flag for flag, acting in _ACTING_FIELDS.items() if acting.search(fields)}


def _hiding(name: str, piece: bytes, *, first: bool) -> set[str]:
    """Return what *piece* of the part *name* hides: a whole file, or letters (UTF-16: no office program writes them) we cannot read."""
    hidden = {"embedded"} if first and piece.startswith(_WHOLE_FILES) else set()
    return hidden | {"locked"} if name.endswith(".xml") and b"\0" in piece else hidden


def _fields(piece: bytes) -> bytes:
    return b"".join(found[1] or (found[2] and b"\n" + found[2]) or b"\n" for found in _FIELD.finditer(piece))


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as part:
        while piece := part.read(PIECE):
            yield piece


def _noted(pieces: Iterator[bytes], relationships: bytearray) -> Iterator[bytes]:
    """Pass the links on, and note them down as they came: the original is kept for a while, and reaches where it did."""
    for piece in pieces:
        relationships += piece
        yield piece


def _reaches_outside(rels: bytes) -> bool:
    """Say whether a part fetches something from elsewhere when opened (a template, a picture), hyperlinks apart."""
    if len(rels) > MAX_RELATIONSHIPS:
        raise FileSuspicious
    if rels and b"<" not in rels.replace(b"<\x00", b"").replace(b"\x00<", b""):
        return True  # UTF-16: no office program writes it, and our patterns do not see through it
    return any(_OUTSIDE.search(tag) and not _HYPERLINK.search(tag) for tag in _RELATIONSHIP.findall(rels))
