"""The same letter as DOCX: what denunciation.typ does for print, python-docx does for whoever writes on."""

from __future__ import annotations

import io
import re
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

FONT = "Times New Roman"
DOTS = "." * 60
#: XML has no way to write them.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def docx_of(data: dict[str, Any]) -> bytes:
    """Return what is to be printed as DOCX."""
    document = Document()
    document.core_properties.title, document.core_properties.language = data["title"], "vi-VN"
    document.core_properties.author = document.core_properties.comments = ""
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(14)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)
    normal.paragraph_format.space_after = Pt(6)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = section.right_margin = Mm(20)
    section.left_margin = Mm(30)
    _say(section.footer.paragraphs[0], data["footer"], size=9)

    _say(document.add_paragraph(), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", size=13, bold=True, at=ALIGN.CENTER)
    _say(document.add_paragraph(), "Độc lập - Tự do - Hạnh phúc", bold=True, at=ALIGN.CENTER)
    _say(document.add_paragraph(), "............, ngày ..... tháng ..... năm ........", at=ALIGN.RIGHT)
    _say(document.add_paragraph(), data["title"].upper(), size=15, bold=True, at=ALIGN.CENTER)
    _say(document.add_paragraph(), f"Kính gửi: {DOTS}")
    for part in data["parts"]:
        _say(document.add_paragraph(), part["heading"], bold=True)
        for asked, typed in part["lines"]:
            for index, line in enumerate((typed or "\n".join([DOTS] * part.get("blank", 1))).split("\n")):
                _say(document.add_paragraph(), f"{asked}: {line}" if asked and not index else line)
    _say(document.add_paragraph(), "NGƯỜI TỐ CÁO", bold=True, at=ALIGN.RIGHT)
    _say(document.add_paragraph(), "(Ký, ghi rõ họ tên, hoặc điểm chỉ)", size=13, at=ALIGN.RIGHT)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _say(paragraph: Paragraph, text: str, *, size: float = 14, bold: bool = False, at: ALIGN | None = None) -> None:
    run = paragraph.add_run(_NOT_XML.sub("", text))
    run.bold, run.font.size = bold, Pt(size)
    if at is not None:
        paragraph.alignment = at
