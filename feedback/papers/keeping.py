"""A paper that went out stays the same bytes for ever, whatever becomes of names, units, our template or typst: it is kept.

Kept as ciphertext like every file, for it names who wrote. A worker does it right after the paper is issued; whoever asks
before that has it done. Neither renders nor writes the bytes in a transaction that writes.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import update

from app.database import db, writing_first
from app.files import open_stored, store_ours
from app.files.content import PDF
from feedback.models import Paper
from feedback.papers import file_name, paper_pdf


def issued_pdf(paper: Paper, *, now: dt.datetime) -> bytes:
    """Return the PDF of a published paper as it was issued; commits where nobody kept it yet. :raise BlobMissing:"""
    if paper.pdf is None:
        keep_pdf(paper, now=now)
    assert paper.pdf is not None
    return b"".join(open_stored(paper.pdf))


def keep_pdf(paper: Paper, *, now: dt.datetime) -> None:
    """Render a published paper and keep it in a short transaction of its own; of two at once the first stays, the sweep takes one."""
    paper_id, data = paper.id, paper_pdf(paper)
    file = store_ours(data, file_name(paper), PDF, now)
    with writing_first():
        db.session.add(file)
        db.session.flush()
        db.session.execute(update(Paper).where(Paper.id == paper_id, Paper.pdf_id.is_(None)).values(pdf_id=file.id))
