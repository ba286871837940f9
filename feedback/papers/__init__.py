"""Papers as PDF, in the state format (NĐ 30/2020/NĐ-CP, Phụ lục I). Their words are Vietnamese whatever the page speaks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import force_locale

from app import settings, typesetting
from app.accounts.models import Delegation, User
from app.clock import local_date
from app.database import db
from feedback import words
from feedback.models import Feedback, Paper, Person, PersonRole, ReplyPoint
from feedback.papers import form
from feedback.rules import Kind, Outcome, PaperState, PaperType, SenderType

TEMPLATES = Path(__file__).parent

KINDS = {
    Kind.REPORT: "phản ánh",
    Kind.RECOMMENDATION: "kiến nghị",
    Kind.SUGGESTION: "góp ý",
    Kind.QUESTION: "câu hỏi",
    Kind.COMPLAINT: "đơn khiếu nại",
}


@dataclass(frozen=True)
class Wording:
    """What a type of paper is called and says around its words: a công văn has no name at its head and says "V/v" below its number."""

    name: str
    about: str  # before the kind and the code
    closing: str  # between the unit and whoever is told; empty: it closes with its own last words
    file: str


#: The names of the forms of TT 05/2021/TT-TTCP and of the notices of Luật Khiếu nại 2011 Điều 27 (wording from memory).
WORDINGS = {
    PaperType.REPLY: Wording("", "trả lời", "trả lời", "tra-loi"),
    PaperType.GUIDE: Wording("Phiếu hướng dẫn", "hướng dẫn nơi giải quyết", "hướng dẫn", "phieu-huong-dan"),
    PaperType.FORWARD: Wording("Phiếu chuyển đơn", "chuyển", "", "phieu-chuyen-don"),
    PaperType.REFUSE: Wording("Thông báo", "không thụ lý", "thông báo", "thong-bao-khong-thu-ly"),
    PaperType.FILE: Wording("Đề nghị", "lưu", "", "de-nghi-luu-don"),
    PaperType.OPEN_CASE: Wording("Thông báo", "thụ lý", "thông báo", "thong-bao-thu-ly"),
}


def paper_pdf(paper: Paper) -> bytes:
    """Return a paper as a PDF, tagged so that it can be read aloud: as it went out, or as it stands on its way there."""
    with force_locale("vi"):
        data = _contents(paper)
    return typesetting.pdf(TEMPLATES / "paper.typ", data)


def file_name(paper: Paper) -> str:
    """Return what the PDF of *paper* is called."""
    return f"{WORDINGS[PaperType(paper.type)].file}-{paper.feedback.code}.pdf"


def names_sender(paper: Paper) -> bool:
    """Say whether the PDF of *paper* names who wrote: then it is for those who may know."""
    return paper.type not in {PaperType.FORWARD, PaperType.FILE} and not paper.feedback.merged and _known(paper.feedback) is not None


def _contents(paper: Paper) -> dict[str, Any]:
    item, unit, wording = paper.feedback, paper.unit, WORDINGS[PaperType(paper.type)]
    issued = paper.state == PaperState.PUBLISHED
    kind = KINDS[Kind(item.kind)]
    above, issuer = form.head(unit)
    addressed, body = form.address(paper.body)
    to, called = _receiver(item, addressed)
    if paper.type in {PaperType.FORWARD, PaperType.FILE}:  # to another body; to nobody
        to = paper.recipient if paper.type == PaperType.FORWARD else ""
    again = f" (lần {paper.round})" if paper.round > 1 else ""
    about = f"{wording.about} {kind} mã"
    copy = f"Bản điện tử lấy từ {current_app.config['SITE_URL']}, mã {item.code}. Bản có chữ ký, con dấu lưu tại {unit.name}."
    return {
        "title": f"{wording.name or 'Văn bản'}: {about} {item.code}{again}",
        "above": above,
        "issuer": issuer,
        "name": wording.name,
        "number": paper.number or "…",
        "about": about,
        "code": item.code + again,
        "dated": form.date_line(form.seat(unit, settings.get("province_name")), _day(paper), known=issued),
        "to": to,
        "opening": [*_opening(paper, kind, called, body), *_paragraphs(body)] if paper.type == PaperType.REPLY else _letter(paper, body),
        "points": [_point(point) for point in paper.points],
        "closing": f"{unit.name} {wording.closing} để {called} được biết./." if wording.closing else "",
        "copies": _copies(paper),
        "signer": _signer(paper),
        "signed": "(Đã ký)" if paper.signed_by else "(Chưa ký)",
        "signed_by": paper.signed_by.name if paper.signed_by else "",
        "footer": copy if issued else f"Bản trình, mã {item.code}. Chưa phát hành, không có giá trị thay văn bản.",
    }


def _day(paper: Paper) -> dt.date:
    return paper.numbered_on or local_date(paper.published_at or paper.submitted_at or paper.created_at)


def _letter(paper: Paper, body: str) -> list[str]:
    """Return the paragraphs of a paper that is no answer: what was drafted, and the ground it rests on."""
    lines = _paragraphs(body)
    if paper.reason:
        lines.append(f"Căn cứ, lý do: {str(words.REFUSAL_REASONS.get(paper.reason, paper.reason)).rstrip('.')}.")
    if lines and not WORDINGS[PaperType(paper.type)].closing:
        lines[-1] = f"{lines[-1].rstrip('.')}./."
    return lines


def _receiver(item: Feedback, addressed: str) -> tuple[str, str]:
    """Return whom the paper is addressed to, and how its sentences name them; *addressed* is what the drafter wrote.

    Everyone whose item was merged reads the same paper, so it names none of them.
    """
    if item.merged:
        return f"Các ông, bà gửi ý kiến mã {', '.join(each.code for each in (item, *item.merged))}", "các ông (bà)"
    who = _known(item)
    if who is not None and who.organisation:
        return who.organisation, who.organisation
    to = addressed[:1].upper() + addressed[1:]
    if not to and who is not None and who.name:
        to = form.person(who.name) + (", đại diện những người cùng ký" if item.sender_type == SenderType.GROUP else "")
    return to or f"Ông/Bà gửi ý kiến mã {item.code}", form.called(to)


def _known(item: Feedback) -> Person | None:
    """Return who wrote, unless the unit that answers is not to know."""
    if item.names_kept:
        return None
    return next((each for each in item.people if each.role in {PersonRole.SENDER, PersonRole.REPRESENTATIVE}), None)


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
    if paper.type == PaperType.FORWARD:
        lines.append("Người gửi (để biết);")
    first = [] if paper.type == PaperType.FILE else ["Như trên;"]
    return [*first, *lines, f"Lưu: VT, {room}."]


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
