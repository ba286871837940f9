"""Papers as PDF, in the state format (NĐ 30/2020/NĐ-CP, Phụ lục I). Their words are Vietnamese whatever the page speaks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typst
from flask import current_app

from app import settings
from app.accounts.models import Delegation, User
from app.clock import local_date
from app.database import db
from feedback.models import Feedback, Paper, PersonRole, ReplyPoint
from feedback.papers import form
from feedback.rules import IdentityScope, Kind, Outcome, SenderType

TEMPLATES = Path(__file__).parent

KINDS = {
    Kind.REPORT: "phản ánh",
    Kind.RECOMMENDATION: "kiến nghị",
    Kind.SUGGESTION: "góp ý",
    Kind.QUESTION: "câu hỏi",
    Kind.COMPLAINT: "đơn khiếu nại",
}


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
    above, issuer = form.head(unit)
    addressed, body = form.address(paper.body)
    to, called = _receiver(item, addressed)
    again = f" (lần {paper.round})" if paper.round > 1 else ""
    return {
        "title": f"Trả lời {kind} {item.code}{again}",
        "above": above,
        "issuer": issuer,
        "number": paper.number or "…",
        "about": f"trả lời {kind} mã",
        "code": item.code + again,
        "dated": form.date_line(form.seat(unit, settings.get("province_name")), on),
        "to": to,
        "opening": [*_opening(paper, kind, called, body), *_paragraphs(body)],
        "points": [_point(point) for point in paper.points],
        "closing": f"{unit.name} trả lời để {called} được biết./.",
        "copies": _copies(paper),
        "signer": _signer(paper),
        "name": paper.signed_by.name if paper.signed_by else "",
        "footer": f"Bản điện tử lấy từ {current_app.config['SITE_URL']}, mã {item.code}. Bản có chữ ký, con dấu lưu tại {unit.name}.",
    }


def _receiver(item: Feedback, addressed: str) -> tuple[str, str]:
    """Return whom the paper is addressed to, and how its sentences name them; *addressed* is what the drafter wrote.

    Everyone whose item was merged reads the same paper, so it names none of them.
    """
    if item.merged:
        return f"Các ông, bà gửi ý kiến mã {', '.join(each.code for each in (item, *item.merged))}", "các ông (bà)"
    who = next((each for each in item.people if each.role in {PersonRole.SENDER, PersonRole.REPRESENTATIVE}), None)
    known = who is not None and item.identity_scope == IdentityScope.UNIT and not item.is_insider
    if who is not None and known and who.organisation:
        return who.organisation, who.organisation
    to = addressed[:1].upper() + addressed[1:]
    if not to and who is not None and known and who.name:
        to = form.person(who.name) + (", đại diện những người cùng ký" if item.sender_type == SenderType.GROUP else "")
    return to or f"Ông/Bà gửi ý kiến mã {item.code}", form.called(to)


def _opening(paper: Paper, kind: str, called: str, body: str) -> list[str]:
    """Return the sentence that says which matter is answered, unless the drafter's own words name it."""
    item, unit = paper.feedback, paper.unit
    if item.code in body:
        return []
    received = local_date(item.received_at)
    first = unit if _is_own_desk(paper) else item.desk_unit
    handed = "" if first is unit else f", và chuyển {unit.name} giải quyết theo thẩm quyền"
    matter = item.title.strip().rstrip(".…!?,;: ")
    sentence = (
        f"Ngày {received.day}/{received.month}/{received.year}, {first.name} nhận được {kind} của {called}, mã số {item.code}, "
        f"về việc: “{matter}”{handed}."
    )
    return [sentence] if body.strip() else [sentence, f"{unit.name} trả lời như sau:"]


def _is_own_desk(paper: Paper) -> bool:
    return paper.feedback.desk_unit.path.startswith(paper.unit.path)


def _copies(paper: Paper) -> list[str]:
    """Return the lines of "Nơi nhận": last of all the records, with the room that drafted it."""
    unit, item, drafted_in = paper.unit, paper.feedback, paper.drafted_by.unit
    doing = {point.promise_unit.name: None for point in paper.points if point.promise_unit is not None and point.promise_unit is not unit}
    lines = [f"{name} (để thực hiện);" for name in doing]
    if not _is_own_desk(paper):
        lines.append(f"{item.desk_unit.name} (để theo dõi);")
    room = drafted_in.short_name if drafted_in is not unit and drafted_in.path.startswith(unit.path) else f"hồ sơ {item.code}"
    return ["Như trên;", *lines, f"Lưu: VT, {room}."]


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


def _signer(paper: Paper) -> list[str]:
    """Return the lines above the signature."""
    signer = paper.signed_by
    if signer is None:
        return []
    on = local_date(paper.signed_at) if paper.signed_at else None
    giver = db.session.scalar(
        db.select(User)
        .join(Delegation, Delegation.from_id == User.id)
        .where(Delegation.to_id == signer.id, Delegation.form == paper.signed_for, Delegation.starts_on <= on, Delegation.ends_on >= on)
        .order_by((User.unit_id == paper.unit_id).desc(), Delegation.id)
    )
    return form.signature(paper.unit.kind, signer.title, form=paper.signed_for, giver=giver.title if giver else "")
