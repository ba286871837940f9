"""What stands beside an item for those who work on it: what was said of it in the hall."""

from __future__ import annotations

from typing import Any

from dialogues import answered as said
from dialogues import words
from dialogues.rules import DEFERRED
from feedback import whole
from feedback.models import Feedback


def answered(item: Feedback) -> list[tuple[str, dict[str, Any]]]:
    """Return a section for each question by which *item* got a word in the hall."""
    return [
        (
            "dialogues/staff/_answered.html",
            {
                "session": question.session,
                "number": question.id,
                "answered": question.answer_kind not in DEFERRED,
                "kind": words.ANSWER_KINDS[question.answer_kind or ""],
                "by": said.speaker(question),
                "words": said.words_for(item, question),
                "rejected": question.rejected and question.feedback_id == item.id,
                "wants": question.rejected_wants,
            },
        )
        for question in (said.in_the_hall(item) if whole.may_have(item, "question") else ())
    ]
