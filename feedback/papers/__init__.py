"""Papers as PDF, in the state format (NĐ 30/2020/NĐ-CP, Phụ lục I). Their words are Vietnamese whatever the page speaks."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import typst
from flask import current_app

from app import settings
from app.accounts.models import Delegation
from app.clock import local_date
from app.database import db
from app.units.models import UnitKind
from feedback.models import Paper, PersonRole, ReplyPoint
from feedback.rules import Kind, Outcome

TEMPLATES = Path(__file__).parent

KINDS = {
    Kind.REPORT: "phản ánh",
    Kind.RECOMMENDATION: "kiến nghị",
    Kind.SUGGESTION: "góp ý",
    Kind.QUESTION: "câu hỏi",
    Kind.COMPLAINT: "khiếu nại",
}
PADDED_MONTHS = 2  # "tháng 01", "tháng 02", but "tháng 3"
PADDED_DAYS = 9


def reply_pdf(paper: Paper) -> bytes:
    """Return a published answer as a PDF, tagged so that it can be read aloud."""
    fonts = [str(Path(current_app.root_path) / "fonts")]
    data = json.dumps(_reply(paper), ensure_ascii=False)
    return typst.compile(
        str(TEMPLATES / "reply.typ"),
        root=str(TEMPLATES),
        font_paths=fonts,
        ignore_system_fonts=True,  # the same paper on every machine
        sys_inputs={"data": data},
        pdf_standards=["ua-1"],
    )


def _reply(paper: Paper) -> dict[str, Any]:
    item, unit = paper.feedback, paper.unit
    on = paper.numbered_on or local_date(paper.published_at or paper.created_at)
    kind = KINDS[Kind(item.kind)]
    return {
        "title": f"Trả lời {kind} {item.code}",
        "parent": unit.parent.name.upper() if unit.parent else "",
        "issuer": unit.name.upper(),
        "number": paper.number or "…",
        "about": f"trả lời {kind} mã",
        "code": item.code,
        "dated": f"{_seat(paper)}ngày {_padded(on.day, PADDED_DAYS)} tháng {_padded(on.month, PADDED_MONTHS)} năm {on.year}",
        # Who drafted it may have opened with the address already.
        "to": "" if paper.body.lstrip().startswith("Kính gửi") else _receiver(paper),
        "opening": _paragraphs(paper.body),
        "points": [_point(point) for point in paper.points],
        "closing": f"{unit.name} trả lời để người gửi được biết./.",
        "copies": ["Như trên;", f"Lưu: VT, hồ sơ {item.code}."],
        "signer": _signer(paper, on),
        "name": paper.signed_by.name if paper.signed_by else "",
        "footer": f"Bản điện tử lấy từ {current_app.config['SITE_URL']}, mã {item.code}. Bản có chữ ký, con dấu lưu tại {unit.name}.",
    }


def _padded(number: int, up_to: int) -> str:
    """Return a day or month as the decree writes it: a nought before small ones, so that nothing is added by hand."""
    return f"{number:02}" if number <= up_to else str(number)


def _seat(paper: Paper) -> str:
    name = paper.unit.place.name if paper.unit.place else settings.get("province_name").removeprefix("tỉnh ").removeprefix("Tỉnh ")
    return f"{name}, " if name else ""


def _receiver(paper: Paper) -> str:
    person = next((each for each in paper.feedback.people if each.role in {PersonRole.SENDER, PersonRole.REPRESENTATIVE}), None)
    if person is None or not (person.name or person.organisation):
        return f"người gửi ý kiến mã {paper.feedback.code}"
    return ", ".join(filter(None, [person.name, person.organisation]))


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _point(point: ReplyPoint) -> dict[str, Any]:
    outcome = ""
    if point.outcome == Outcome.PROMISED and point.promised_on:
        outcome = f"Thời hạn thực hiện: chậm nhất ngày {point.promised_on:%d/%m/%Y}."
    elif point.outcome == Outcome.DONE:
        outcome = "Kết quả: đã thực hiện xong."
    elif point.outcome == Outcome.CANNOT:
        outcome = "Kết quả: không thực hiện được, lý do như trên."
    return {"title": point.title, "paragraphs": _paragraphs(point.text), "outcome": outcome}


def _signer(paper: Paper, on: dt.date) -> list[str]:
    """Return the lines above a signature: TM. for a committee, KT. and the like for who signs by delegation."""
    signer = paper.signed_by
    if signer is None:
        return []
    lines = ["TM. ỦY BAN NHÂN DÂN"] if paper.unit.kind == UnitKind.GOVERNMENT else []
    if paper.signed_for:
        giver = db.session.scalar(
            db.select(Delegation).where(
                Delegation.to_id == signer.id, Delegation.form == paper.signed_for, Delegation.starts_on <= on, Delegation.ends_on >= on
            )
        )
        lines.append(f"{paper.signed_for} {_office(giver.giver.title) if giver else ''}".strip())
    return [*lines, _office(signer.title)] if signer.title else lines


def _office(title: str) -> str:
    """Return a title as it stands above a signature: without the name of the body, which the head of the paper says."""
    return re.split(r"\s+(?:UBND|Ủy ban|Sở|Ban|Phòng|Văn phòng)\b", title)[0].upper()
