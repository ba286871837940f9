"""What a file is, read from its content and never from its name, and what it is called once that is known."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import IO

from app.files.refusals import FileTypeRefused, MediaRefused, OldOfficeRefused
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
MP4 = Kind("video/mp4", ".mp4")
WEBM = Kind("video/webm", ".webm")
M4A = Kind("audio/mp4", ".m4a")
WEBA = Kind("audio/webm", ".weba")
MP3 = Kind("audio/mpeg", ".mp3")
WAV = Kind("audio/wav", ".wav")
#: We make one of many files; nobody sends us one.
ZIP = Kind("application/zip", ".zip")
#: Taken, and kept as one of the others.
HEIC = Kind("image/heic", ".heic")
OGG = Kind("audio/ogg", ".ogg")
AAC = Kind("audio/aac", ".aac")

ACCEPTED = (JPEG, PNG, WEBP, PDF, DOCX, XLSX, MP4, WEBM, M4A, WEBA, MP3, WAV)
#: What a file chooser may offer as well: a photo of an iPhone, its film, the voice of another phone.
OFFERED = (
    HEIC,
    Kind("image/heif", ".heif"),
    Kind("video/quicktime", ".mov"),
    Kind("video/3gpp", ".3gp"),
    OGG,
    Kind("audio/ogg", ".opus"),
    AAC,
)

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}
_OLD_MOV = {b"moov", b"mdat", b"wide"}  # a film of QuickTime from before there was a ftyp
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_EBML = b"\x1a\x45\xdf\xa3"
_OTHER_MEDIA = (b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3", b"FLV\x01", b"#!AMR", b"fLaC", b"\x30\x26\xb2\x75")
_MP3 = (b"ID3", b"\xff\xfa", b"\xff\xfb", b"\xff\xf2", b"\xff\xf3")
_AAC = (b"\xff\xf0", b"\xff\xf1", b"\xff\xf8", b"\xff\xf9")

#: What a file is flagged with that still says who made or signed it: a copy without that would break it.
NAMED = "named"


@dataclass
class Checked:
    """A file that may be stored: its type, the copy to show, and what whoever opens it is told (names, see `forms.WARNINGS`)."""

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
    if (media := _media(head)) is not None:
        return media
    raise _refusal(head)


def _media(head: bytes) -> Kind | None:
    """Return the container that *head* announces; what is in it, only :mod:`app.files.media` finds out."""
    if head[4:8] == b"ftyp":
        return HEIC if head[8:12] in _HEIC_BRANDS else None if head[8:12] in _AVIF_BRANDS else MP4
    if head[4:8] in _OLD_MOV:
        return MP4
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return WAV
    begun = {_EBML: WEBM, b"OggS": OGG} | dict.fromkeys(_MP3, MP3) | dict.fromkeys(_AAC, AAC)
    return next((kind for start, kind in begun.items() if head.startswith(start)), None)


def _refusal(head: bytes) -> FileTypeRefused:
    if head.startswith(_OTHER_MEDIA) or (head.startswith(b"RIFF") and head[8:12] == b"AVI "):
        return MediaRefused()
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
