"""Papers as PDF, in the state format (NĐ 30/2020/NĐ-CP, Phụ lục I)."""

from __future__ import annotations

import datetime as dt

from feedback.models import Paper


def reply_pdf(paper: Paper, *, today: dt.date) -> bytes:
    """Return the published answer as a PDF."""
    raise NotImplementedError
