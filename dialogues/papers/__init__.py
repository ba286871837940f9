"""The papers that the system writes of a session or of a unit's year: from one dictionary, as PDF and as DOCX.

Their words are Vietnamese whatever the page speaks: a paper is a paper of the state or of the Party.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from flask_babel import force_locale

from app import typesetting
from app.clock import local_date
from app.database import db
from dialogues import queries
from dialogues.models import PaperWording, SessionPaper
from dialogues.papers import after, before, frame, wording, year
from dialogues.papers import parts as parts
from dialogues.papers.parts import Body, Words
from dialogues.rules import PaperType

TEMPLATES = Path(__file__).parent

BODIES: dict[PaperType, Callable[[Any, Words], Body]] = {
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

#: Whom a paper addresses where nobody was invited.
UNNAMED = "Các cơ quan, đơn vị liên quan"

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


def facts_of_paper(paper: SessionPaper, said: Words | None = None) -> dict[str, Any]:
    """Return what *paper* says: as it stood when it was sent to be signed, or as the data and the officer's words have it now.

    *said*: words to try in place of those in force.
    """
    if paper.facts is not None:
        return json.loads(paper.frozen)
    body = body_of(paper, said)
    for section in body["sections"]:
        section["text"] = paper.words.get(section["name"], section["text"])
    return frame.framed(body, paper)


def body_of(paper: SessionPaper, said: Words | None = None) -> dict[str, Any]:
    """Return what the data and the words in force (or *said*) alone make of *paper*, as it is now."""
    type_, of = PaperType(paper.type), paper.session or paper.plan
    assert of is not None  # a paper is one of a session or of a year
    with force_locale("vi"):
        texts = said or words_of_type(type_, paper.format, on=local_date(paper.created_at))
        say = {name: wording.fill(text, of, paper.unit) for name, text in texts.items()}
        body = asdict(BODIES[type_](of, say))
    lines = {name: [line for line in say.get(name, "").split("\n") if line] for name in (wording.GROUNDS, wording.TO, wording.COPIES)}
    if wording.TO in texts and not lines[wording.TO]:
        lines[wording.TO] = [UNNAMED]
    return body | lines | {"copies": frame.copies(lines[wording.COPIES])}


def words_of_type(type_: PaperType, format_: str, *, on: dt.date) -> dict[str, str]:
    """Return the words around the data of a type of paper that hold on a day: an administrator's, or the shipped ones."""
    found = db.session.scalar(
        db.select(PaperWording)
        .where(PaperWording.type == type_, PaperWording.format == format_, PaperWording.effective_from <= on)
        .order_by(PaperWording.effective_from.desc())
        .limit(1)
    )
    shipped = wording.shipped(type_)
    return shipped | ({name: text for name, text in found.parts.items() if name in shipped} if found is not None else {})


def unfinished(paper: SessionPaper) -> str | None:
    """Return the name of the first part of *paper* in which something stays to be written; "about" for what stands around the parts."""
    return frame.unfinished(facts_of_paper(paper))


def freeze(paper: SessionPaper) -> None:
    """Keep what *paper* says as it says it now; as ciphertext, for minutes and lists name people."""
    text = json.dumps(facts_of_paper(paper), ensure_ascii=False)
    if paper.type == PaperType.CONCLUSION and paper.session is not None:
        paper.facts = {"concluded_from": queries.concluded_from(paper.session)}
    paper.frozen = text


def to_print(paper: SessionPaper, said: Words | None = None) -> dict[str, Any]:
    """Return the dictionary that PDF and DOCX are made from: what the paper says, with its number and date, or the room for them."""
    facts = facts_of_paper(paper, said)
    subject = paper.session.code if paper.session is not None else str(paper.plan.year) if paper.plan is not None else ""
    return frame.printed(facts, paper, footer=f"Bản dự thảo, hồ sơ {subject}. Chưa phát hành.")


def title_of(paper: SessionPaper) -> str:
    """Return what a paper is called in a list."""
    return frame.title_of(facts_of_paper(paper))


def paper_pdf(paper: SessionPaper, said: Words | None = None) -> bytes:
    """Return a paper as PDF/A: as it was issued, or as it stands on its way there; *said* are words to try."""
    return typesetting.pdf(TEMPLATES / "paper.typ", to_print(paper, said))


def file_name(paper: SessionPaper, ending: str) -> str:
    """Return what the file of *paper* is called."""
    of = paper.session.code if paper.session is not None else str(paper.plan.year if paper.plan else "")
    return f"{FILES[PaperType(paper.type)]}-{of}{ending}"
