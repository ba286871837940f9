"""What staff find an item by: its words as written. The public's index is publishing's own and knows only the masked copy."""

from __future__ import annotations

from app import search
from feedback.models import Feedback


def index_for_staff(feedback: Feedback) -> None:
    """Let staff find *feedback* by what it says now; what they find is still only what they may read."""
    place = feedback.place.full_name if feedback.place else ""
    words = f"{feedback.code} {feedback.title} {feedback.body} {feedback.place_text} {place}"
    search.index("staff", feedback, words, at=feedback.received_at)
