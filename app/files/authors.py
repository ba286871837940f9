"""Who made a document, in the parts that hold its content: beside changes and comments, in pasted photos, in the folder it lay in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from app.files.jpeg import without_place
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
_PICTURES = re.compile(r"(word|xl)/media/.*")
_PHOTO = b"\xff\xd8\xff"

#: Parts of which no page needs anything: a photo of the first page, what a program notes down beside the text, a label of who works where.
_LEFT_OUT = re.compile(r"(?:customxml|docmetadata)/.*|(?:docprops/)?thumbnails?(?:/.*|\.\w+)", re.IGNORECASE)
_LINKS = re.compile(r"(?:.*/)?_rels/[^/]*\.rels|\[content_types\]\.xml|word/settings\.xml")
#: A tag of a link, of the type of a part, of the template; with its end.
_LINK = re.compile(
    rb"<(?:\w++:)?(Relationship|Override|attachedTemplate)(?:\s++[\w:.-]++\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'))*+\s*+(?:/>|>\s*+</[\w:]++\s*+>)"
)
_TARGET = re.compile(rb"(\b(?:Target|PartName)\s*+=\s*+)(\"[^\"]*+\"|'[^']*+')")
#: The template lies in the folder of whoever wrote it.
_TEMPLATE = re.compile(rb"\bType\s*+=\s*+[\"'][^\"']*/attachedTemplate[\"']")
#: Of a picture or a page that lies there, too: all but its name.
_FOLDERS = re.compile(rb"\A\s*(?:file:|[A-Za-z]:|[/\\]{2}).*(?:[/\\]|%5C|%2F)", re.IGNORECASE | re.DOTALL)
_OUTSIDE = re.compile(rb"\bTargetMode\s*+=\s*+[\"']External", re.IGNORECASE)


def left_out(part: str) -> bool:
    """Say whether the document is copied without the entry *part*, which only tells of who wrote it."""
    return _LEFT_OUT.fullmatch(part) is not None


def without_names(part: str, pieces: Iterable[bytes]) -> Iterable[bytes]:
    """Return the *pieces* of the entry *part* (lower case) without who wrote it; :raise FileSuspicious: where one tag is endless."""
    if _PICTURES.fullmatch(part):
        return _bare_photo(pieces)
    if _LINKS.fullmatch(part):
        pieces = _without_links(pieces)
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
    pieces = iter(pieces)
    first = next(pieces, b"")
    if not first.startswith(_PHOTO):  # by its content: programs name it as they like
        yield first
        yield from pieces
        return
    try:
        yield without_place(_whole(first, pieces, LARGEST_PHOTO))
    except ValueError as error:
        raise FileSuspicious from error


def _without_links(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Leave out what leads to a part that is left out, and the folders of whoever wrote it."""

    def mend(tag: re.Match[bytes]) -> bytes:
        target = _TARGET.search(tag[0])
        if tag[1] == b"attachedTemplate" or _TEMPLATE.search(tag[0]):
            return b""
        if target is None:
            return tag[0]
        led, quote = target[2][1:-1], target[2][:1]
        if not _OUTSIDE.search(tag[0]):
            return b"" if left_out(led.decode(errors="replace").lstrip("./")) else tag[0]
        return tag[0][: target.start(2)] + quote + (_FOLDERS.sub(b"", led) or b"#") + quote + tag[0][target.end(2) :]

    yield _LINK.sub(mend, _whole(b"", pieces, LONGEST_TAG))


def _whole(first: bytes, pieces: Iterable[bytes], most: int) -> bytes:
    whole = bytearray(first)
    for piece in pieces:
        whole += piece
        if len(whole) > most:
            raise FileSuspicious
    return bytes(whole)
