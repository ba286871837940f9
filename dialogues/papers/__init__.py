"""The papers that the system writes of a session or of a unit's year: from one dictionary, as PDF and as DOCX.

Their words are Vietnamese whatever the page speaks: a paper is a paper of the state or of the Party.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from flask_babel import force_locale

from app import crypto, settings, typesetting
from app.clock import local_date
from app.units.models import Unit
from dialogues.models import SessionPaper
from dialogues.papers import after, before, parts, year
from dialogues.papers.parts import Body
from dialogues.rules import PaperFormat, PaperState, PaperType
from feedback.papers import form

TEMPLATES = Path(__file__).parent

BODIES: dict[PaperType, Callable[[Any, Unit], Body]] = {
    PaperType.NOTICE: before.notice,
    PaperType.OFFICIAL_LETTER: before.official_letter,
    PaperType.INVITATION: before.invitation,
    PaperType.PROGRAMME: before.programme,
    PaperType.CONCERNS: before.concerns,
    PaperType.EARLIER_PROMISES: before.earlier_promises,
    PaperType.CONCLUSION: after.conclusion,
    PaperType.MINUTES: after.minutes,
    PaperType.REPLY: after.reply,
    PaperType.YEAR_PLAN: year.year_plan,
    PaperType.YEAR_REPORT: year.year_report,
}

#: What a paper's file is called.
FILES = {
    PaperType.YEAR_PLAN: "ke-hoach-nam",
    PaperType.NOTICE: "thong-bao",
    PaperType.OFFICIAL_LETTER: "cong-van",
    PaperType.INVITATION: "giay-moi",
    PaperType.PROGRAMME: "chuong-trinh-noi-quy",
    PaperType.CONCERNS: "bao-cao-du-luan",
    PaperType.EARLIER_PROMISES: "bao-cao-kien-nghi-ky-truoc",
    PaperType.CONCLUSION: "thong-bao-ket-luan",
    PaperType.MINUTES: "bien-ban",
    PaperType.REPLY: "van-ban-tra-loi",
    PaperType.YEAR_REPORT: "bao-cao-nam",
}


def facts_of_paper(paper: SessionPaper) -> dict[str, Any]:
    """Return what *paper* says: as it stood when it was sent to be signed, or as the data and the officer's words have it now."""
    if paper.facts is not None:
        sealed = base64.b64decode(paper.facts["sealed"])
        return json.loads(crypto.decrypt(sealed, bound_to=_bound_to(paper)))
    type_, body = PaperType(paper.type), body_of(paper)
    for section in body["sections"]:
        section["text"] = paper.words.get(section["name"], section["text"])
    above, issuer = parts.head(paper.unit, paper.format)
    above_name = parts.signature(paper.unit, paper.signer_title, paper.format, by=paper.signed_for, giver=paper.giver_title)
    signer = {"lines": above_name, "name": paper.signer}
    left = [] if body["secretary"] is None else [{"lines": ["THƯ KÝ"], "name": body["secretary"]}]
    right = {**signer, "lines": ["CHỦ TRÌ"]} if left else signer
    return body | {
        "above": above,
        "issuer": issuer,
        "place": form.seat(paper.unit, settings.get("province_name")),
        "symbol": parts.symbol(paper.unit, type_, paper.format),
        "party": paper.format == PaperFormat.PARTY,
        "signatures": [*left, right],
    }


def body_of(paper: SessionPaper) -> dict[str, Any]:
    """Return what the data alone make of *paper*, as it is now."""
    with force_locale("vi"):
        return asdict(BODIES[PaperType(paper.type)](paper.session or paper.plan, paper.unit))


def freeze(paper: SessionPaper) -> None:
    """Keep what *paper* says as it says it now; as ciphertext, for minutes and lists name people."""
    text = json.dumps(facts_of_paper(paper), ensure_ascii=False)
    paper.facts = {"sealed": base64.b64encode(crypto.encrypt(text, bound_to=_bound_to(paper))).decode()}


def _bound_to(paper: SessionPaper) -> str:
    return f"session_paper:facts:{paper.uid}"


def to_print(paper: SessionPaper) -> dict[str, Any]:
    """Return the dictionary that PDF and DOCX are made from: what the paper says, with its number and date, or the room for them."""
    facts = facts_of_paper(paper)
    number = paper.number or f"…{facts['symbol']}"
    on = paper.numbered_on or local_date(paper.sent_at or paper.created_at)
    subject = paper.session.code if paper.session is not None else str(paper.plan.year) if paper.plan is not None else ""
    return facts | {
        "title": title_of(paper),
        "number": f"Số {number}" if facts["party"] else f"Số: {number}",
        "dated": form.date_line(facts["place"], on, known=paper.numbered_on is not None),
        "guests": facts["guests"] or [""],
        "footer": "" if paper.state == PaperState.NUMBERED else f"Bản dự thảo, hồ sơ {subject}. Chưa phát hành.",
    }


def title_of(paper: SessionPaper) -> str:
    """Return what a paper is called in a list."""
    facts = facts_of_paper(paper)
    return f"{facts['name'] or 'Công văn'}: {facts['about']}"


def paper_pdf(paper: SessionPaper) -> bytes:
    """Return a paper as PDF/A: as it was issued, or as it stands on its way there."""
    return typesetting.pdf(TEMPLATES / "paper.typ", to_print(paper))


def file_name(paper: SessionPaper, ending: str) -> str:
    """Return what the file of *paper* is called."""
    of = paper.session.code if paper.session is not None else str(paper.plan.year if paper.plan else "")
    return f"{FILES[PaperType(paper.type)]}-{of}{ending}"
