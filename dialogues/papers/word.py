"""The same papers as DOCX, to be changed by hand: what paper.typ does for print, python-docx does for whoever edits.

Imported only where a DOCX is asked for: python-docx takes a fifth of a second to load.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.document import Document as Docx
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Cm, Emu, Length, Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from dialogues.models import SessionPaper
from dialogues.papers import to_print

FONT = "Times New Roman"
TEXT_WIDTH = Mm(160)  # of a Party paper; a state paper has five more
#: XML has no way to write them.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def paper_docx(paper: SessionPaper) -> bytes:
    """Return a paper as DOCX."""
    return docx_of(to_print(paper))


def docx_of(data: dict[str, Any]) -> bytes:
    """Return as DOCX what is to be printed, of whatever paper."""
    document = Document()
    _style(document, data)
    for index, guest in enumerate(data["guests"]):
        section = document.add_section(WD_SECTION.NEW_PAGE) if index else document.sections[0]
        _page(section, data, first=index == 0)
        _head(document, data)
        _title(document, data)
        _body(document, data, guest)
        _feet(document, data)
    for part in data["sections"]:
        if part["appendix"]:
            document.add_page_break()
            _part(document, part)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _style(document: Docx, data: dict[str, Any]) -> None:
    document.core_properties.title = _NOT_XML.sub("", data["title"])[:255]  # the format's own limit
    document.core_properties.author = " ".join(data["issuer"])[:255]
    document.core_properties.language = "vi-VN"
    document.core_properties.comments = ""
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(14)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)
    normal.paragraph_format.space_after = Pt(6)


def _page(section: Section, data: dict[str, Any], *, first: bool) -> None:
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(20 if data["party"] else 15)
    section.different_first_page_header_footer = True
    for found in section._sectPr.findall(qn("w:pgNumType")):  # noqa: SLF001 - python-docx has no name for it
        section._sectPr.remove(found)  # noqa: SLF001 - a section begins as a copy of the one before
    numbering = OxmlElement("w:pgNumType")
    numbering.set(qn("w:start"), "1")
    section._sectPr.find(qn("w:pgMar")).addnext(numbering)  # noqa: SLF001 - the format asks for this order
    if not first:
        return  # the headers of the sections after are those of the first
    number = section.header.paragraphs[0]
    number.alignment = ALIGN.CENTER
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    number._p.append(field)  # noqa: SLF001 - as above
    for footer in (section.footer, section.first_page_footer):
        _say(footer.paragraphs[0], data["footer"], size=9)


def _say(paragraph: Paragraph, text: str, *, size: float = 14, bold: bool = False, italic: bool = False, underline: bool = False) -> None:
    run = paragraph.add_run(_NOT_XML.sub("", text))
    run.bold, run.italic, run.underline, run.font.size = bold, italic, underline, Pt(size)


def _centred(where: _Cell | Docx, text: str, *, after: float = 0, **look: Any) -> None:
    paragraph = where.add_paragraph()
    paragraph.alignment, paragraph.paragraph_format.space_after = ALIGN.CENTER, Pt(after)
    _say(paragraph, text, **look)


def _line(where: _Cell | Docx, indent: Length) -> None:
    """Draw a line, *indent* short of both sides."""
    paragraph = where.add_paragraph()
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = indent
    paragraph.paragraph_format.space_after = Pt(4)
    _say(paragraph, "", size=2)
    paragraph.paragraph_format.line_spacing = Pt(3)
    borders, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    paragraph._p.get_or_add_pPr().insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")  # noqa: SLF001


def _columns(document: Docx, shares: tuple[int, int]) -> tuple[_Cell, _Cell]:
    """Return two columns side by side; a cell begins with an empty paragraph, which goes."""
    table = document.add_table(rows=1, cols=2)
    _share(table, shares)
    whole = OxmlElement("w:cantSplit")
    table.rows[0]._tr.get_or_add_trPr().append(whole)  # noqa: SLF001 - a signature stays with its office
    cells = table.rows[0].cells
    return cells[0], cells[1]


def _share(table: Table, shares: Sequence[float]) -> None:
    """Divide the line among the columns: Word reads the cells, LibreOffice the grid."""
    table.autofit = False
    for column, share in zip(table.columns, shares, strict=True):
        column.width = Emu(round(TEXT_WIDTH * share / sum(shares)))
        for cell in column.cells:
            cell.width = column.width


def _without_first(cell: _Cell) -> None:
    empty = cell.paragraphs[0]._p  # noqa: SLF001 - python-docx has no way to take one away
    if len(cell.paragraphs) > 1:
        empty.getparent().remove(empty)


def _head(document: Docx, data: dict[str, Any]) -> None:
    party = data["party"]
    left, right = _columns(document, (1, 1) if party else (5, 8))
    size = 14 if party else 12
    if data["above"]:
        _centred(left, data["above"], size=size)
    for each in data["issuer"]:
        _centred(left, each, size=size, bold=True)
    if party:
        _centred(left, "*")
        _centred(right, "ĐẢNG CỘNG SẢN VIỆT NAM", size=15, bold=True, underline=True, after=6)
    else:
        _line(left, Cm(2))
        _centred(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", size=12, bold=True)
        _centred(right, "Độc lập - Tự do - Hạnh phúc", size=13, bold=True)
        _line(right, Cm(1.8))
    _centred(left, data["number"], size=14 if party else 13)
    if not data["name"]:
        _centred(left, f"V/v {data['about']}", size=12, italic=party)
    _centred(right, data["dated"], size=14 if party else 13, italic=True)
    _without_first(left)
    _without_first(right)


def _title(document: Docx, data: dict[str, Any]) -> None:
    document.add_paragraph().paragraph_format.space_after = Pt(0)
    if data["name"]:
        _centred(document, data["name"].upper(), size=16 if data["party"] else 14, bold=True)
        _centred(document, data["about"], bold=True)
        if data["party"]:
            _centred(document, "-----", after=8)
        else:
            _line(document, Cm(6.5))
    if len(data["to"]) == 1:
        _centred(document, f"Kính gửi: {data['to'][0]}", after=8)
    elif data["to"]:
        for each in ("Kính gửi:", *(f"- {name};" for name in data["to"])):
            _paragraph(document, each, indent=Cm(3 if each == "Kính gửi:" else 4))


def _paragraph(document: Docx, text: str, *, indent: Length | None = None, **look: Any) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = ALIGN.JUSTIFY
    paragraph.paragraph_format.first_line_indent = Cm(1.27) if indent is None else indent
    _say(paragraph, text, **look)


def _body(document: Docx, data: dict[str, Any], guest: str) -> None:
    for number, ground in enumerate(data["grounds"], start=1):
        _paragraph(document, ground + (";" if number < len(data["grounds"]) else "."), italic=True)
    for number, part in enumerate(each for each in data["sections"] if not each["appendix"]):
        _part(document, part)
        if number == 0 and guest:
            _centred(document, guest, bold=True, after=10)
    document.paragraphs[-1].paragraph_format.keep_with_next = True  # the last words go with the signatures


def _part(document: Docx, part: dict[str, Any]) -> None:
    if part["heading"]:
        _paragraph(document, part["heading"], indent=Cm(0), bold=True)
        document.paragraphs[-1].paragraph_format.keep_with_next = True
    for line in filter(str.strip, part["text"].split("\n")):
        _paragraph(document, line.strip())
    if part["table"]:
        _table(document, part["table"])


def _table(document: Docx, data: dict[str, Any]) -> None:
    table = document.add_table(rows=1 + len(data["rows"]), cols=len(data["head"]), style="Table Grid")
    first, *rest = data["widths"]
    _share(table, (first * 1.5, *rest))  # Word leaves more room beside words than paper.typ: "STT" must stay whole
    repeated = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)  # noqa: SLF001 - the head stands again on every page
    for row, values in enumerate([data["head"], *data["rows"]]):
        for column, (cell, value) in enumerate(zip(table.rows[row].cells, values, strict=True)):
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(2)
            paragraph.alignment = ALIGN.CENTER if row == 0 or column == 0 else ALIGN.LEFT
            _say(paragraph, value, size=12, bold=row == 0)
    document.add_paragraph().paragraph_format.space_after = Pt(0)


def _feet(document: Docx, data: dict[str, Any]) -> None:
    left, right = _columns(document, (1, 1))
    if len(data["signatures"]) == 1:
        _copies(left, data)
        _sign(right, data, data["signatures"][0])
    else:
        for cell, signature in zip((left, right), data["signatures"], strict=True):
            _sign(cell, data, signature)
    _without_first(left)
    _without_first(right)
    if len(data["signatures"]) > 1:
        _copies(document, data)


def _copies(where: _Cell | Docx, data: dict[str, Any]) -> None:
    label, party = where.add_paragraph(), data["party"]
    _say(label, "Nơi nhận:", size=14 if party else 12, bold=not party, italic=not party, underline=party)
    label.paragraph_format.space_after = Pt(0)
    for each in data["copies"]:
        paragraph = where.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(0)
        _say(paragraph, f"- {each}", size=12 if party else 11)


def _sign(cell: _Cell, data: dict[str, Any], signature: dict[str, Any]) -> None:
    for number, each in enumerate(signature["lines"], start=1):
        _centred(cell, each, size=14 if data["party"] else 13, bold=True, after=56 if number == len(signature["lines"]) else 0)
    _centred(cell, signature["name"], bold=True)
