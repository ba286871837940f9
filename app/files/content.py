"""What a file is, read from its content and never from its name, and what it is called once that is known."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import IO

from app.files.refusals import FileTypeRefused, HeicRefused, OldOfficeRefused, VideoRefused
from app.text import beginning

HEAD = 1024  # bytes in which a type shows itself
LONGEST_NAME = 120  # characters before the extension; file systems stop at 255 bytes


@dataclass(frozen=True)
class Kind:
    """A type of file we take."""

    media_type: str
    extension: str


JPEG = Kind("image/jpeg", ".jpg")
PNG = Kind("image/png", ".png")
WEBP = Kind("image/webp", ".webp")
PDF = Kind("application/pdf", ".pdf")
DOCX = Kind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx")
XLSX = Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx")
#: We make one of many files; nobody sends us one.
ZIP = Kind("application/zip", ".zip")

ACCEPTED = (JPEG, PNG, WEBP, PDF, DOCX, XLSX)

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"}
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_VIDEO = (b"\x1a\x45\xdf\xa3", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3", b"FLV\x01")


@dataclass
class Checked:
    """A file that may be stored: its type, the copy to show, and what in it is active (names, see `forms.WARNINGS`)."""

    kind: Kind
    cleaned: IO[bytes]
    flags: set[str] = field(default_factory=set)


def begins_like(head: bytes) -> Kind | None:
    """Return the type that *head*, the first bytes of a file, announces; None for a ZIP, which may hold an office document.

    :raise FileTypeRefused: for all that we do not take, by subclass where the sender can do something about it.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"PK\x03\x04"):
        return None
    raise _refusal(head)


def _refusal(head: bytes) -> FileTypeRefused:
    if head[4:8] == b"ftyp":
        return HeicRefused() if head[8:12] in _HEIC_BRANDS else VideoRefused()
    if head.startswith(_VIDEO) or (head.startswith(b"RIFF") and head[8:12] == b"AVI "):
        return VideoRefused()
    if head.startswith(_OLD_OFFICE):
        return OldOfficeRefused()
    return FileTypeRefused()


_EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,4}$")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)  # to Windows no file, whatever comes after the dot
_NOT_IN_NAMES = re.compile(r'[<>:"|?*]')


def clean_name(name: str, kind: Kind) -> str:
    """Return what a file called *name* is called by us: no folders, nothing unseen, and the extension of its content."""
    # Cut first: a name of a megabyte is nobody's.
    last = re.split(r"[/\\]", beginning(name[-1000:], 1000))[-1]
    stem = _EXTENSION.sub("", last)
    stem = stem.removesuffix(kind.extension)  # "giấy.pdf.exe" is giấy.pdf, not giấy.pdf.pdf
    stem = _NOT_IN_NAMES.sub("-", stem).strip(" .")[:LONGEST_NAME].strip(" .")
    if _DEVICE.match(stem):
        stem = f"tep-{stem}"
    return (stem or "tep") + kind.extension
