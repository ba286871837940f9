"""A numbered paper stays the same bytes for ever: the signed file where there is one, else the PDF as it was made when it was numbered.

Made outside the transaction that writes, right after the number; whoever asks before that has it made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import update

from app.database import db, writing_first
from app.files import StoredFile, store_ours
from app.files.content import PDF
from dialogues.models import SessionPaper
from dialogues.papers import file_name, paper_pdf


def issued_file(paper: SessionPaper, *, now: dt.datetime) -> StoredFile:
    """Return the file of a numbered paper; commits where nobody kept it yet."""
    return kept_file(paper, paper_pdf, file_name(paper, PDF.extension), now=now)


def kept_file(paper: Any, made: Callable[[Any], bytes], name: str, *, now: dt.datetime) -> StoredFile:
    """Return the file of a numbered paper of any kind, *made* where nobody kept it yet; then it commits."""
    if paper.signed_file is not None:
        return paper.signed_file
    if paper.pdf is None:
        kind, paper_id = type(paper), paper.id
        file = store_ours(made(paper), name, PDF, now)
        with writing_first():
            db.session.add(file)
            db.session.flush()
            # Of two at once the first stays; the sweep takes the other.
            db.session.execute(update(kind).where(kind.id == paper_id, kind.pdf_id.is_(None)).values(pdf_id=file.id))
    assert paper.pdf is not None
    return paper.pdf
