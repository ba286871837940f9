"""A numbered paper stays the same bytes for ever: the signed file where there is one, else the PDF as it was made when it was numbered.

Made outside the transaction that writes, right after the number; whoever asks before that has it made.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import update

from app.database import db, writing_first
from app.files import StoredFile, store_ours
from app.files.content import PDF
from dialogues.models import SessionPaper
from dialogues.papers import file_name, paper_pdf


def issued_file(paper: SessionPaper, *, now: dt.datetime) -> StoredFile:
    """Return the file of a numbered paper; commits where nobody kept it yet."""
    if paper.signed_file is not None:
        return paper.signed_file
    if paper.pdf is None:
        paper_id = paper.id
        file = store_ours(paper_pdf(paper), file_name(paper, PDF.extension), PDF, now)
        with writing_first():
            db.session.add(file)
            db.session.flush()
            # Of two at once the first stays; the sweep takes the other.
            db.session.execute(
                update(SessionPaper).where(SessionPaper.id == paper_id, SessionPaper.pdf_id.is_(None)).values(pdf_id=file.id)
            )
    assert paper.pdf is not None
    return paper.pdf
