"""Who made a document, in the parts that hold its content: beside changes and comments, in pasted photos, in the folder it lay in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from app.files.refusals import FileSuspicious

LONGEST_TAG = 8 * 1024 * 1024  # bytes; old drawings carry a copy of themselves in one
LARGEST_PHOTO = 20 * 1024 * 1024  # bytes of a pasted one

_VALUE = rb"(\"[^\"]*\"|'[^']*')"
#: Parts by name → what stands before a name, and the name.
_NAMES = {
    re.compile(r"word/.*\.xml"): re.compile(rb"(\bw\w*:(?:author|initials|userId|providerId)\s{0,9}=\s{0,9})" + _VALUE),
    re.compile(r"xl/persons/.*\.xml"): re.compile(rb"(\b(?:displayName|userId|providerId)\s{0,9}=\s{0,9})" + _VALUE),
    # Excel writes down where the file was saved: C:\Users\ and who signed in there.
    re.compile(r"xl/workbook\.xml"): re.compile(
        rb"(<(?:\w{1,9}:)?(?:absPath\s[^<>]{0,500}?\burl|fileSharing\s[^<>]{0,500}?\buserName)\s{0,9}=\s{0,9})" + _VALUE
    ),
    re.compile(r"xl/comments[^/]*\.xml"): re.compile(rb"(<(?:\w+:)?author>)([^<]*)"),
}
_PHOTO = re.compile(r"(word|xl)/media/.*\.(jpe?g|jfif)")

_START, _SCAN = b"\xff\xd8", 0xDA
#: Segments of a JPEG that tell where, when and with what it was taken: Exif and XMP, IPTC, comments.
_TELLING = {0xE1, 0xED, 0xFE}


def without_names(part: str, pieces: Iterable[bytes]) -> Iterable[bytes]:
    """Return the *pieces* of the entry *part* (lower case) without who wrote it; :raise FileSuspicious: where one tag is endless."""
    if _PHOTO.fullmatch(part):
        return _bare_photo(pieces)
    names = next((names for parts, names in _NAMES.items() if parts.fullmatch(part)), None)
    return pieces if names is None else _emptied(pieces, names)


def _emptied(pieces: Iterable[bytes], names: re.Pattern[bytes]) -> Iterator[bytes]:
    def empty(found: re.Match[bytes]) -> bytes:
        return found[1] + (b'""' if found[2][:1] in {b'"', b"'"} else b"")

    held = b""
    for piece in pieces:
        if len(held) > LONGEST_TAG:
            raise FileSuspicious
        # What stands before the last "<" is whole: no tag and no text of one reaches over it.
        whole, mark, rest = (held + piece).rpartition(b"<")
        held = mark + rest
        yield names.sub(empty, whole)
    yield names.sub(empty, held)


def _bare_photo(pieces: Iterable[bytes]) -> Iterator[bytes]:
    photo = bytearray()
    for piece in pieces:
        photo += piece
        if len(photo) > LARGEST_PHOTO:
            raise FileSuspicious
    at = len(_START) if photo.startswith(_START) else len(photo)
    yield bytes(photo[:at])
    while photo[at : at + 1] == b"\xff" and at + 4 <= len(photo) and photo[at + 1] != _SCAN:
        end = at + 2 + int.from_bytes(photo[at + 2 : at + 4])
        if photo[at + 1] not in _TELLING:
            yield bytes(photo[at:end])
        at = end
    yield bytes(photo[at:])
