"""Letters join the site: what their papers say and set going, the kind of promise they are, their place in a promise's story."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload

from app import hooks
from app.calendar import uses
from app.calendar.rules import Stage
from app.permissions import Reach
from oversight import letters, story
from oversight.letters import words as letter_words
from oversight.models import Letter, LetterAssignment
from oversight.operations import letters as operations
from oversight.papers import letters as said
from oversight.recorded import letters as recorded_letters
from oversight.register import kinds
from oversight.story import letters as story_letters


def _read(row: LetterAssignment, reach: Reach) -> bool:
    return letters.may_open(reach, row)


def init_app(app: Flask) -> None:
    """Register papers, the kind, clocks, and the story."""
    recorded_letters.register()
    said.register()
    operations.register()
    kinds.KINDS["letter"] = kinds.Kind(
        _l("Đôn đốc, kiến nghị"),
        LetterAssignment,
        _read,
        lambda row: ("oversight.letter_duty", {"assignment_id": row.id}),
        (joinedload(LetterAssignment.letter).options(joinedload(Letter.unit), joinedload(Letter.paper)),),
    )
    uses.register(says={"kind": ["letter"]}, follows=[Stage.REMINDER_ANSWER, Stage.PETITION_ANSWER, Stage.ANSWER_AGAIN])
    hooks.add(story.further, story_letters.entries)
    hooks.add(story.actions, story_letters.actions)
    app.add_template_filter(letter_words.KINDS.__getitem__, "letter_kind")  # notices name them
