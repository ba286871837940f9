"""What a file is, what of it is refused, flagged or left out, and what it is called."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import ArrayObject, NameObject, NumberObject, TextStringObject
from sqlalchemy import func, select

from app import files
from app.database import db
from app.files import REFUSALS, WARNINGS, StoredFile, pictures, refusals, store
from app.files.archives import PIECE
from app.files.content import DOCX, JPEG, PDF, clean_name
from tests.app.files.samples import (
    EXCEL,
    FTYP,
    HYPERLINK,
    MAX_BYTES,
    NOW,
    TEMPLATE,
    WORD,
    action,
    archive,
    archive_of_one_in_many,
    by_somebody,
    jpeg_that_says_it_is,
    locked_entry,
    on_opening,
    pdf,
    pdf_with,
    pdf_with_hidden_script,
    photo_with_place,
    picture,
    png_that_says_it_is,
    signed,
    two_of_a_name,
    webp_that_says_it_is,
    word,
    word_with_fields,
)
from tests.tried import Tried

#: What is large is made when its turn comes: every worker of the suite reads this table.
REFUSED: dict[str, tuple[bytes | Callable[[], bytes], type[files.FileRefused]]] = {
    "nothing": (b"", refusals.FileEmpty),
    "one byte too many": (picture() + b"\0" * MAX_BYTES, refusals.FileTooLarge),
    "a page called .jpg": (b"<!doctype html><script>alert(1)</script>", refusals.FileTypeRefused),
    "a vector picture with a script": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', refusals.FileTypeRefused),
    "a program": (b"MZ\x90\x00" + b"\0" * 200, refusals.FileTypeRefused),
    "an animation": (picture("GIF", mode="P"), refusals.FileTypeRefused),
    "words": ("Cống tắc đã ba tháng".encode(), refusals.FileTypeRefused),
    "any other archive": (archive({"readme.txt": b"a"}), refusals.FileTypeRefused),
    "an archive that is Word and Excel at once": (archive(WORD | EXCEL), refusals.FileTypeRefused),
    "a film of Windows": (b"RIFF\0\0\0\0AVI LIST" + b"\0" * 100, refusals.MediaRefused),
    "a voice of an old phone": (b"#!AMR\n" + b"\0" * 100, refusals.MediaRefused),
    "a picture that few browsers show": (FTYP + b"avif" + b"\0" * 100, refusals.FileTypeRefused),
    "old Word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, refusals.OldOfficeRefused),
    "only the signature of a photo": (b"\xff\xd8\xff\xe0", refusals.FileDamaged),
    "a photo cut short": (picture(size=(400, 400))[:-300], refusals.FileDamaged),
    "a PNG cut short": (picture("PNG", size=(400, 400))[:-40], refusals.FileDamaged),
    "a WEBP cut short": (picture("WEBP", size=(400, 400))[:-40], refusals.FileDamaged),
    "a picture of 10,000 million points": (png_that_says_it_is(100_000, 100_000), refusals.PictureTooLarge),
    "a picture of 60 million points": (png_that_says_it_is(10_000, 6_000), refusals.PictureTooLarge),
    "a JPEG of 4,000 million points": (jpeg_that_says_it_is(65_000, 65_000), refusals.PictureTooLarge),
    "a WEBP of 268 million points": (webp_that_says_it_is(16_383, 16_383), refusals.PictureTooLarge),
    "a PDF cut short": (pdf()[:-40], refusals.FileDamaged),
    "a PDF that is an archive too": (pdf() + archive(WORD), refusals.FileSuspicious),
    "a PDF with an archive in its tail": (pdf() + archive({"a": b"b"}) + b"\n%%EOF", refusals.FileSuspicious),
    "a PDF that unpacks without end": (
        lambda: pdf_with(3 * (b"/ObjStm stream\n" + zlib.compress(b"\0" * 30_000_000))),
        refusals.FileSuspicious,
    ),
    "a PDF of 30,000 streams": (lambda: pdf_with(b"/ObjStm stream\n" * 30_000), refusals.FileSuspicious),
    "a document that is a PDF too": (archive({"%PDF-1.7": b""} | WORD), refusals.FileSuspicious),
    "a document cut short": (word()[:-60], refusals.FileDamaged),
    "a document with a wrong byte": (word().replace(b"word/document.xml", b"word/document.xmk", 1), refusals.FileDamaged),
    "a document that unpacks without end": (lambda: word(word__media__a=b"\0" * 200_000_000), refusals.FileSuspicious),
    "a document of entries that lie in one another": (archive_of_one_in_many, refusals.FileDamaged),
    "a document of 3,000 entries": (lambda: word(**{f"word__{n}": b"" for n in range(3000)}), refusals.FileSuspicious),
    "a document that climbs out": (word(**{"..__..__etc__passwd": b"x"}), refusals.FileSuspicious),
    "a document with an endless tag": (lambda: word(word__comments_dot_xml=b"<" + bytes(9_000_000)), refusals.FileSuspicious),
    "a document with two texts": (two_of_a_name(), refusals.FileSuspicious),
    "a document with locked entries": (locked_entry(), refusals.FileSuspicious),
}


@pytest.mark.parametrize(("data", "refusal"), REFUSED.values(), ids=REFUSED)
def test_a_bad_file_is_refused_by_name_and_leaves_nothing(app: Flask, data: Any, refusal: type[files.FileRefused], tried: Tried):
    with pytest.raises(files.FileRefused) as raised:
        files.store_upload(io.BytesIO(data() if callable(data) else data), "anh.jpg", NOW)

    assert type(raised.value) is refusal
    assert list(store.keys("")) == []
    assert db.session.scalar(select(func.count()).select_from(StoredFile)) == 0
    tried("files that are bombs, lies or broken", 1)


def test_every_refusal_has_a_sentence():
    named = {each for each in vars(refusals).values() if isinstance(each, type) and issubclass(each, refusals.FileRefused)}

    assert set(REFUSALS) == named - {refusals.FileRefused}


def test_a_long_file_is_not_read_to_its_end(app: Flask):
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"\xff\xd8\xff".ljust(size, b"\xff")

    stream = Endless()
    with pytest.raises(refusals.FileTooLarge):
        files.store_upload(stream, "a.jpg", NOW)  # ty: ignore[invalid-argument-type]
    assert stream.given < MAX_BYTES + 1_000_000


FLAGGED: dict[str, tuple[bytes, list[str]]] = {
    "plain Word": (word(), []),
    "plain Excel": (archive(EXCEL), []),
    "Word with a macro": (word(word__vbaProject_dot_bin=b"\xd0\xcf"), ["macro"]),
    "Word with a control": (word(word__activeX__activeX1_dot_xml=b"<a/>"), ["macro"]),
    "Word with a file inside": (word(word__embeddings__oleObject1_dot_bin=b"\xd0\xcf"), ["embedded"]),
    "Word with an archive among its pictures": (word(word__media__a_dot_png=archive({"a": b"b"})), ["embedded"]),
    "Word with a program among its pictures": (word(word__media__a_dot_png=b"MZ\x90\x00"), ["embedded"]),
    "Word with a link": (word(**{"word/_rels/document.xml.rels": HYPERLINK.encode()}), []),
    "Word with a template elsewhere": (word(**{"word/_rels/settings.xml.rels": TEMPLATE.encode()}), ["external"]),
    "links written so that we cannot read them": (word(**{"word/_rels/settings.xml.rels": TEMPLATE.encode("utf-16")}), ["external"]),
    "Excel that reads other tables": (archive(EXCEL, **{"xl/externalLinks/externalLink1.xml": b"<a/>"}), ["external"]),
    "Excel that asks a database": (archive(EXCEL, **{"xl/connections.xml": b"<a/>"}), ["external"]),
    "Word with the fields of every letter": (word_with_fields(" PAGE ", ' HYPERLINK "https://bacninh.gov.vn" ', " MERGEFIELD Bidder "), []),
    "Word that starts a program": (word_with_fields(' DDEAUTO c:\\\\a.exe "b" '), ["action"]),
    "Word that starts a program whose name lies in pieces": (word_with_fields("PAGE", "D", "D", "E", "AUTO c:"), ["action"]),
    "Word that fetches a picture": (word_with_fields(' INCLUDEPICTURE "http://evil.example/a.png" '), ["external"]),
    "Word that holds a piece of another file": (word_with_fields(" LINK Excel.Sheet.8 ", simple=True), ["external"]),
    "Word in letters that we cannot read": (word(word__footnotes_dot_xml="<w:t/>".encode("utf-16")), ["locked"]),
    "plain PDF": (pdf(), []),
    "PDF with a script": (pdf(on_opening(action(S=NameObject("/JavaScript"), JS=TextStringObject("app.alert(1)")))), ["action", "script"]),
    "PDF that begins at a page": (pdf(on_opening(ArrayObject([NumberObject(0), NameObject("/Fit")]))), []),
    "PDF that acts when opened": (pdf(on_opening(action(S=NameObject("/Named"), N=NameObject("/Print")))), ["action"]),
    "PDF that starts a program": (
        pdf(lambda writer: writer.root_object.update({NameObject("/X"): action(S=NameObject("/Launch"), F=TextStringObject("a"))})),
        ["action"],
    ),
    "PDF that acts when a page is turned": (pdf().replace(b"/Type /Catalog", b"/Type /Catalog /AA << /O 9 0 R >>"), ["action"]),
    "PDF whose photo has these letters": (pdf_with(b"stream\nx/AA\xff/AA 1 2\nendstream"), []),
    "PDF that opens another elsewhere": (
        pdf(lambda writer: writer.root_object.update({NameObject("/X"): action(S=NameObject("/GoToR"), F=TextStringObject("//evil/a"))})),
        ["external"],
    ),
    "PDF with a form of its own kind": (pdf().replace(b"/Type /Catalog", b"/Type /Catalog /AcroForm << /XFA [] >>"), ["script"]),
    "PDF with a file inside": (pdf(lambda writer: writer.add_attachment("a.txt", b"b")), ["embedded"]),
    "PDF with a password": (pdf(password="a"), ["locked", "named"]),
    "PDF that is signed": (pdf(signed), ["named"]),
    "Word that is signed": (word(**{"_xmlsignatures/sig1.xml": b"<Signature/>"}), ["named"]),
    "PDF with a script in other letters": (pdf().replace(b"/Type /Catalog", b"/Type /Catalog /A << /S /J#61vaScript >>"), ["script"]),
    "PDF with a script in a packed stream": (pdf_with_hidden_script(), ["script"]),
}


@pytest.mark.parametrize(("data", "flags"), FLAGGED.values(), ids=FLAGGED)
def test_what_acts_by_itself_is_taken_with_a_warning(app: Flask, data: bytes, flags: list[str]):
    file = files.store_upload(io.BytesIO(data), "đơn", NOW)

    assert file.flags == flags
    assert set(flags) <= set(WARNINGS)


PHOTOS = {
    "JPEG": photo_with_place(comment=b"nha ba Hop"),
    "PNG": photo_with_place("PNG"),
    "WEBP": photo_with_place("WEBP", lossless=True),
    "JPEG with a rider": photo_with_place() + b"<script>alert(1)</script>" + archive(WORD),
}


@pytest.mark.parametrize("data", PHOTOS.values(), ids=PHOTOS)
def test_a_photo_keeps_its_picture_upright_and_nothing_else(app: Flask, data: bytes):
    file = files.store_upload(io.BytesIO(data), "anh", NOW)
    cleaned = b"".join(files.open_stored(file))

    with Image.open(io.BytesIO(cleaned)) as image:
        assert image.size == (20, 40)
        assert not image.getexif()
        assert not {"exif", "xmp", "comment", "icc_profile"} & set(image.info)
        top, bottom = image.convert("RGB").getpixel((10, 5)), image.convert("RGB").getpixel((10, 35))
        assert (top[0] > 200, bottom[0] < 50) == (True, True)
    for secret in (b"CameraMaker", b"nha ba Hop", b"script", b"PK\x03\x04"):
        assert secret not in cleaned


MODES = [
    *[("JPEG", mode, "RGB" if mode == "CMYK" else mode) for mode in ("L", "RGB", "CMYK")],
    *[("PNG", mode, "RGB" if mode == "P" else mode) for mode in ("1", "L", "P", "LA", "RGB", "RGBA")],
    *[("WEBP", mode, mode) for mode in ("RGB", "RGBA")],
]


@pytest.mark.parametrize(("kind", "mode", "expected"), MODES)
def test_pictures_of_every_mode_are_taken(app: Flask, kind: str, mode: str, expected: str):
    file = files.store_upload(io.BytesIO(picture(kind, mode=mode)), "anh", NOW)

    with Image.open(io.BytesIO(b"".join(files.open_stored(file)))) as image:
        assert (image.format, image.mode, image.size) == (kind, expected, (40, 20))


def test_a_transparent_palette_stays_transparent(app: Flask):
    file = files.store_upload(io.BytesIO(picture("PNG", mode="P", transparency=0)), "anh", NOW)

    with Image.open(io.BytesIO(b"".join(files.open_stored(file)))) as image:
        assert image.convert("RGBA").getpixel((39, 10))[3] == 0


def test_a_very_wide_picture_is_made_smaller(app: Flask, monkeypatch):
    monkeypatch.setattr(pictures, "MAX_SIDE", 50)
    file = files.store_upload(io.BytesIO(picture(size=(200, 100))), "anh", NOW)

    with Image.open(io.BytesIO(b"".join(files.open_stored(file)))) as image:
        assert image.size == (50, 25)


def test_a_document_no_longer_names_its_author_but_says_the_same(app: Flask):
    file = files.store_upload(io.BytesIO(word()), "don.docx", NOW)

    with zipfile.ZipFile(io.BytesIO(b"".join(files.open_stored(file)))) as cleaned:
        parts = {name: cleaned.read(name) for name in cleaned.namelist()}
    assert {name for name, data in parts.items() if data != WORD[name]} == {"docProps/core.xml"}
    assert b"H\xe1\xbb\xa3p" not in parts["docProps/core.xml"]


CHANGE = "<w:document><w:ins w:id='1' w:author='Hợp' w:date='2026-08-03'><w:t>Hợp tác xã</w:t></w:ins></w:document>".encode()
NAMED: dict[str, tuple[dict[str, bytes], str, bytes, bytes]] = {
    # the document, a part of it that names its author, what must be gone, what must stay
    "a change": (WORD | {"word/document.xml": CHANGE}, "word/document.xml", "'Hợp'".encode(), "<w:t>Hợp tác xã</w:t>".encode()),
    "a change behind much text": (
        WORD | {"word/document.xml": b"<a>" + b"x" * (PIECE - 50) + CHANGE}, "word/document.xml", "'Hợp'".encode(), b"w:date",
    ),
    "a comment": (WORD | {"word/comments.xml": b'<w:comment w:author="Hop" w:initials="H"/>'}, "word/comments.xml", b'"H', b"w:initials"),
    "an account": (WORD | {"word/people.xml": b'<w15:presenceInfo w15:userId="hop@x.vn"/>'}, "word/people.xml", b"hop@", b"w15:userId"),
    "a folder": (
        EXCEL | {"xl/workbook.xml": b'<x15ac:absPath url="C:\\Users\\hop" x="a"/><sheet url="b"/>'}, "xl/workbook.xml", b"hop", b'"b"',
    ),
    "a note of Excel": (
        EXCEL | {"xl/comments1.xml": b"<authors><author>Hop</author></authors><t>Ho</t>"}, "xl/comments1.xml", b"Hop", b"<t>Ho</t>",
    ),
    "a person of Excel": (
        EXCEL | {"xl/persons/person.xml": b'<person displayName="Hop" id="{1}"/>'}, "xl/persons/person.xml", b"Hop", b'id="{1}"',
    ),
    "a pasted photo": (WORD | {"word/media/i.jpeg": photo_with_place(comment=b"Hop")}, "word/media/i.jpeg", b"CameraMaker", b"\xff\xda"),
}  # fmt: skip


@pytest.mark.parametrize(("parts", "part", "gone", "stays"), NAMED.values(), ids=NAMED)
def test_a_document_does_not_name_its_author_beside_its_text_either(app: Flask, parts: Any, part: str, gone: bytes, stays: bytes):
    assert gone in parts[part]
    file = files.store_upload(io.BytesIO(archive(parts)), "don", NOW)

    with zipfile.ZipFile(io.BytesIO(b"".join(files.open_stored(file)))) as cleaned:
        kept = cleaned.read(part)
    assert (gone in kept, stays in kept) == (False, True)
    if part.endswith(".jpeg"):
        with Image.open(io.BytesIO(kept)) as image:
            image.load()
            assert not image.getexif()


@pytest.mark.parametrize("data", [photo_with_place(comment=b"Hop"), word(), pdf(by_somebody)], ids=["photo", "Word", "PDF"])
def test_what_came_is_kept_apart_and_only_where_the_copy_is_another(app: Flask, data: bytes):
    file = files.store_upload(io.BytesIO(data), "tep", NOW)

    assert (file.original_sha256, file.original_size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert b"".join(files.open_original(file)) == data != b"".join(files.open_stored(file))
    kept = {key: b"".join(store.get(key)) for page in store.keys("") for key, _ in page}
    assert kept == {f"cleaned/{file.uid}": b"".join(files.open_stored(file)), f"original/{file.uid}": data}


def test_a_signed_pdf_is_its_own_original(app: Flask):
    data = pdf(signed)
    file = files.store_upload(io.BytesIO(data), "don.pdf", NOW)

    assert file.original_size is None
    assert b"".join(files.open_original(file)) == data


def test_a_pdf_no_longer_says_who_made_it_with_what_and_when_but_shows_the_same(app: Flask):
    file = files.store_upload(io.BytesIO(pdf(by_somebody)), "giay.pdf", NOW)

    cleaned = b"".join(files.open_stored(file))
    reader = PdfReader(io.BytesIO(cleaned))
    for secret in (b"Hop", b"Acme Writer", b"xmpmeta", b"PieceInfo"):
        assert secret not in cleaned
    assert (len(reader.pages), reader.pages[0].mediabox.width, reader.metadata) == (1, 200, None)
    assert (file.size, file.sha256) == (len(cleaned), hashlib.sha256(cleaned).hexdigest())


@pytest.mark.parametrize("data", [pdf(signed), pdf(password="a")], ids=["signed", "locked"])
def test_a_pdf_that_a_copy_would_break_is_stored_as_it_came(app: Flask, data: bytes):
    file = files.store_upload(io.BytesIO(data), "giay.pdf", NOW)

    assert b"".join(files.open_stored(file)) == data


NAMES = {
    "the type is that of the content": ("hoa-don.exe", PDF, "hoa-don.pdf"),
    "a lying second extension goes": ("giay.pdf.exe", PDF, "giay.pdf"),
    "a good name stays": ("Đơn kiến nghị tổ 5.docx", DOCX, "Đơn kiến nghị tổ 5.docx"),
    "jpeg is jpg": ("IMG_001.JPEG", JPEG, "IMG_001.jpg"),
    "a number at the end is no extension": ("Đơn v2.1", PDF, "Đơn v2.1.pdf"),
    "folders go": ("../../etc/passwd", PDF, "passwd.pdf"),
    "folders of Windows go": ("C:\\Users\\Hop\\anh.jpg", JPEG, "anh.jpg"),
    "turned letters are straight": ("don\u202efdp.exe", PDF, "donfdp.pdf"),
    "newlines go": ("a\r\nSet-Cookie: b.pdf", PDF, "a Set-Cookie- b.pdf"),
    "a hidden file is a file like any other": (".htaccess", PDF, "htaccess.pdf"),
    "a device of Windows": ("NUL.tar.gz", PDF, "tep-NUL.tar.pdf"),
    "a device without an extension": ("con", PDF, "tep-con.pdf"),
    "a name like a device": ("Công.pdf", PDF, "Công.pdf"),
    "no name": ("", PDF, "tep.pdf"),
    "only dots": ("...", PDF, "tep.pdf"),
    "300 characters": ("ă" * 300 + ".pdf", PDF, "ă" * 120 + ".pdf"),
    "a megabyte": ("/" * 1_000_000, PDF, "tep.pdf"),
}


@pytest.mark.parametrize(("name", "kind", "expected"), NAMES.values(), ids=NAMES)
def test_a_name_is_cleaned_and_ends_as_its_content(name: str, kind: Any, expected: str):
    assert clean_name(name, kind) == expected
