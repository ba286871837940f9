"""The letter of denunciation to print, sign and hand in: made for the one who asks, with what they typed, and kept nowhere.

Luật Tố cáo 2018 Điều 23 (law.md §2.3): ngày; họ tên, địa chỉ, cách thức liên hệ của người tố cáo; hành vi bị tố cáo; người bị tố cáo;
thông tin khác; ký hoặc điểm chỉ; nhiều người thì từng người và họ tên người đại diện.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app import typesetting

TEMPLATE = Path(__file__).parent / "denunciation.typ"


@dataclass(frozen=True)
class Letter:
    """What was typed; what was not is a dotted line to be filled in by hand."""

    name: str = ""
    address: str = ""
    contact: str = ""
    accused: str = ""
    unit: str = ""
    body: str = ""


def pdf(letter: Letter) -> bytes:
    """Return the letter as PDF."""
    return typesetting.pdf(TEMPLATE, contents(letter))


def docx(letter: Letter) -> bytes:
    """Return the letter as DOCX, to be written on."""
    from feedback.sealed.papers.word import docx_of  # noqa: PLC0415  a fifth of a second to load, for who asks only

    return docx_of(contents(letter))


def contents(letter: Letter) -> dict[str, Any]:
    """Return what is printed: each part with its heading and its lines (what is asked, what was typed)."""
    return {
        "title": "Đơn tố cáo",
        "parts": [
            {
                "heading": "1. Người tố cáo",
                "lines": [
                    ["Họ và tên", letter.name],
                    ["Địa chỉ", letter.address],
                    ["Cách thức liên hệ (điện thoại, thư điện tử)", letter.contact],
                ],
            },
            {
                "heading": "2. Người bị tố cáo",
                "lines": [["Họ tên, chức vụ", letter.accused], ["Cơ quan, tổ chức, địa chỉ", letter.unit]],
            },
            {"heading": "3. Hành vi vi phạm pháp luật bị tố cáo", "lines": [["", letter.body]], "blank": 12},
            {"heading": "4. Thông tin khác có liên quan, giấy tờ gửi kèm", "lines": [["", ""]], "blank": 3},
            {
                "heading": "5. Nếu nhiều người cùng tố cáo",
                "lines": [["Họ tên, địa chỉ, cách thức liên hệ của từng người", ""], ["Họ tên người đại diện", ""]],
            },
        ],
        "footer": "Các mục theo Luật Tố cáo 2018, Điều 23. Trang web không giữ bản này.",
    }
