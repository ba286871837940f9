"""What rides along inside a document: a photo's place, who put a note on a page, the folder and the picture of the first page."""

from __future__ import annotations

import base64
import io
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from typing import IO, Any

import docx
import openpyxl
import pikepdf
import pypdfium2
import pytest
from lxml import etree as ET  # noqa: N812
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image, ImageCms

from app.files import apart, archives, pdf
from app.files.content import Checked
from app.files.jpeg import without_place
from app.files.refusals import FileDamaged, FileSuspicious
from tests.app.files.samples import archive, photo_with_place, picture

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
PHOTO = photo_with_place(icc_profile=PROFILE, comment=b"Hop")
SECRETS = (b"CameraMaker", b"Hop")


def checked(check: Callable[[IO[bytes], IO[bytes]], Checked], data: bytes) -> tuple[bytes, set[str]]:
    with tempfile.TemporaryFile() as file, tempfile.TemporaryFile() as fresh:
        file.write(data)
        file.flush()
        found = check(file, fresh)
        found.cleaned.seek(0)
        return found.cleaned.read(), found.flags


def points(photo: bytes) -> bytes:
    with Image.open(io.BytesIO(photo)) as image:
        return image.tobytes()


@pytest.mark.parametrize(
    "photo",
    [
        PHOTO,
        photo_with_place(icc_profile=PROFILE, progressive=True, size=(300, 200)),
        photo_with_place(icc_profile=PROFILE, mode="CMYK"),
        PHOTO + photo_with_place(),
        PHOTO[:2] + b"\xff\xff" + PHOTO[2:],
        PHOTO.replace(b"\xff\xda", b"\xff\xec\0\x0dCameraMaker\xff\xda", 1),
    ],
    ids=["plain", "in several passes", "for print", "with a second one behind it", "with a gap", "with the notes of a drawing program"],
)
def test_a_photo_keeps_every_point_and_its_colours_and_loses_where_it_was_taken(photo: bytes):
    bare = without_place(photo)

    assert b"CameraMaker" in photo
    assert not any(secret in bare for secret in SECRETS)
    assert (points(bare), without_place(bare)) == (points(photo), bare)
    with Image.open(io.BytesIO(bare)) as image:
        assert (dict(image.getexif()), image.info["icc_profile"]) == ({}, PROFILE)


def test_a_photo_of_segments_without_end_is_not_read_to_its_end():
    with pytest.raises(ValueError, match="10000"):
        without_place(b"\xff\xd8" + b"\xff\xfe\0\2" * 200_000)
    with pytest.raises(FileSuspicious):
        checked(archives.check_office, word_by_somebody(photo=b"\xff\xd8\xff\xfe\0\2" + b"\xff\xfe\0\2" * 20_000))


PACKED: dict[str, tuple[bytes, Any, Any]] = {
    "as it is": (PHOTO, Name.DCTDecode, None),
    "in a list": (PHOTO, Array([Name.DCTDecode]), Array([Dictionary(ColorTransform=1)])),
    "packed twice": (zlib.compress(PHOTO), Array([Name.FlateDecode, Name.DCTDecode]), None),
    "as letters": (
        base64.a85encode(PHOTO) + b"~>",
        Array([Name.ASCII85Decode, Name.DCTDecode]),
        Array([None, Dictionary(ColorTransform=1)]),
    ),
}


def scanned(data: bytes, packed: Any, told: Any) -> bytes:
    """Return a scanned page as PDF, with a note, an answer to it and a field to fill in."""
    made = pikepdf.new()
    page = made.add_blank_page(page_size=(100, 100))
    photo = Stream(made, b"", Type=Name.XObject, Subtype=Name.Image, Width=40, Height=20, ColorSpace=Name.DeviceRGB, BitsPerComponent=8)
    photo.Metadata = Stream(made, b"<x:xmpmeta>Hop</x:xmpmeta>")
    photo.write(data, filter=packed, decode_parms=told)
    page.Resources = Dictionary(XObject=Dictionary(Im0=photo))
    page.Contents = Stream(made, b"q 100 0 0 100 0 0 cm /Im0 Do Q")
    page.Thumb = Stream(made, b"Hop", Width=1, Height=1, ColorSpace=Name.DeviceGray, BitsPerComponent=8)
    by = {
        "T": String("Hop"),
        "M": String("D:20260803"),
        "CreationDate": String("D:20260803"),
        "NM": String("Hop-1"),
        "Rect": Array([0, 0, 9, 9]),
    }
    note = made.make_indirect(Dictionary(Subtype=Name.Text, Contents=String("Cống tắc"), **by))
    answer = Dictionary(Subtype=Name.Text, Contents=String("Đã rõ"), IRT=note, **by)
    field = made.make_indirect(Dictionary(Subtype=Name.Widget, FT=Name.Tx, **(by | {"T": String("diachi")})))
    made.Root.AcroForm = Dictionary(Fields=Array([field]))
    page.Annots = made.make_indirect(Array([note, answer, field]))
    target = io.BytesIO()
    made.save(target, compress_streams=False)
    return target.getvalue()


def drawn(data: bytes) -> bytes:
    return pypdfium2.PdfDocument(data)[0].render(scale=1, draw_annots=False).to_pil().tobytes()


@pytest.mark.parametrize(("data", "packed", "told"), PACKED.values(), ids=PACKED)
def test_a_pdf_loses_where_its_photos_were_taken_and_who_put_notes_on_it(data: bytes, packed: Any, told: Any):
    came = scanned(data, packed, told)
    cleaned, flags = checked(pdf.check_pdf, came)

    with pikepdf.open(io.BytesIO(cleaned)) as read:
        page = read.pages[0]
        photo = page.Resources.XObject.Im0
        kept = photo.read_raw_bytes()
        notes = [{name: str(value) for name, value in note.items() if name in {"/T", "/M", "/NM", "/Contents"}} for note in page.Annots]
        kept = zlib.decompress(kept) if isinstance(photo.Filter, Array) and len(photo.Filter) > 1 else kept
    assert not any(secret in cleaned or secret in kept for secret in SECRETS)
    assert (kept, drawn(cleaned)) == (without_place(PHOTO), drawn(came))
    assert notes == [{"/Contents": "Cống tắc"}, {"/Contents": "Đã rõ"}, {"/T": "diachi"}]
    assert flags == set()


def test_a_pdf_whose_photo_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(apart, "MEMORY", 400 * 1024 * 1024)
    packer = zlib.compressobj()
    begun = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(10_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    twice = zlib.compress(begun + block * 100)

    assert len(twice) < 100_000
    with pytest.raises((FileDamaged, FileSuspicious)):
        checked(pdf.check_pdf, scanned(twice, Array([Name.FlateDecode, Name.FlateDecode, Name.DCTDecode]), None))


RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
FOLDER = "file:///C:/Users/hop/Hop.dotm"


def led(kind: str, target: str, number: int, *, outside: bool = False) -> str:
    mode = ' TargetMode="External"' if outside else ""
    return f'<Relationship Id="r{number}x" Type="{RELATED}/{kind}" Target="{target}"{mode}/>'


def by_somebody(parts: dict[str, bytes], main: str) -> bytes:
    """Add what office programs add of who wrote the document."""
    rels = main.replace("/", "/_rels/") + ".rels"

    def more(part: str, text: str) -> None:
        parts[part] = parts[part].replace(b"</Relationships>", text.encode() + b"</Relationships>")

    more("_rels/.rels", led("thumbnail", "docProps/thumbnail.jpeg", 91).replace("/>", "></Relationship>"))
    more(rels, led("customXml", "../customXml/item1.xml", 92) + led("hyperlink", "C:\\Users\\hop\\b%20c.docx", 93, outside=True))
    more(rels, led("hyperlink", "https://bacninh.gov.vn/thumbnail.jpg", 94, outside=True))
    own = led("customXmlProps", "itemProps1.xml", 1)
    types = b'<Override PartName="/customXml/itemProps1.xml" ContentType="application/xml"/>'
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", types + b"</Types>")
    return archive(
        parts
        | {
            "docProps/thumbnail.jpeg": PHOTO,
            "customXml/item1.xml": b"<a>Hop</a>",
            "customXml/itemProps1.xml": b"<a>Hop</a>",
            "customXml/_rels/item1.xml.rels": f"<Relationships xmlns='{PACKAGE}'>{own}</Relationships>".encode(),
        }
    )


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as read:
        return {name: read.read(name) for name in read.namelist()}


def word_by_somebody(photo: bytes = PHOTO) -> bytes:
    made, target = docx.Document(), io.BytesIO()
    made.add_paragraph("Cống tắc")
    made.add_picture(io.BytesIO(picture()))
    made.save(target)
    parts = {name: data for name, data in parts_of(target.getvalue()).items() if not name.startswith("customXml/")}
    parts = {name: photo if name.startswith("word/media/") else data for name, data in parts.items()}
    for name in ("[Content_Types].xml", "word/_rels/document.xml.rels"):
        root = ET.fromstring(parts[name])
        for each in [each for each in root if "customXml" in str(each.attrib)]:
            root.remove(each)
        parts[name] = ET.tostring(root)
    parts["word/settings.xml"] = parts["word/settings.xml"].replace(
        b"<w:zoom", f'<w:attachedTemplate xmlns:r="{RELATED}" r:id="r1x"/><w:zoom'.encode(), 1
    )
    template = led("attachedTemplate", FOLDER, 1, outside=True)
    parts["word/_rels/settings.xml.rels"] = f'<Relationships xmlns="{PACKAGE}">{template}</Relationships>'.encode()
    return by_somebody(parts, "word/document.xml")


def excel_by_somebody() -> bytes:
    made, target = openpyxl.Workbook(), io.BytesIO()
    made.active["A1"] = "Cống tắc"  # ty: ignore[invalid-assignment]
    made.save(target)
    return by_somebody(parts_of(target.getvalue()), "xl/workbook.xml")


@pytest.mark.parametrize("data", [word_by_somebody(), excel_by_somebody()], ids=["Word", "Excel"])
def test_an_office_document_loses_what_rides_along_and_opens(data: bytes):
    came = parts_of(data)
    cleaned, flags = checked(archives.check_office, data)
    parts = parts_of(cleaned)

    assert set(came) - set(parts) == {each for each in came if each.startswith(("customXml/", "docProps/thumbnail"))}
    for name, part in parts.items():
        assert not any(secret in part for secret in (*SECRETS, b"Users", b"customXml/", b"docProps/thumbnail", b"attachedTemplate")), name
        if name.endswith((".xml", ".rels")):
            ET.fromstring(part)
    assert b'Target="b%20c.docx"' in b"".join(parts.values())
    assert b"https://bacninh.gov.vn/thumbnail.jpg" in b"".join(parts.values())
    assert flags == ({"external"} if "word/document.xml" in came else set())  # the template, in the original
    if "word/document.xml" in came:
        opened = docx.Document(io.BytesIO(cleaned))
        assert [each.text for each in opened.paragraphs][:1] == ["Cống tắc"]
        assert points(opened.part.related_parts[_embedded(opened)].blob) == points(PHOTO)
    else:
        assert openpyxl.load_workbook(io.BytesIO(cleaned)).active["A1"].value == "Cống tắc"  # ty: ignore[not-subscriptable]


def _embedded(opened: Any) -> str:
    return opened.inline_shapes[0]._inline.graphic.graphicData.pic.blipFill.blip.embed
