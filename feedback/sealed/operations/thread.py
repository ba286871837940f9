"""Two sides write to each other about sealed information. Nobody is written to elsewhere."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection

from sqlalchemy.exc import IntegrityError

from app import crypto
from app.access import require
from app.accounts.models import User
from app.clock import local_date
from app.database import db, lock
from app.files import StoredFile
from feedback.sealed import queries
from feedback.sealed.models import SealedCase
from feedback.sealed.operations.reading import NOTHING, note, require_look
from feedback.sealed.operations.reading import NotOpened as NotOpened
from feedback.sealed.operations.taking_in import attach
from feedback.sealed.rules import SealedStep
from feedback.sealed.thread import Said, SealedMessage


def write(case: SealedCase, text: str, *, actor: User, now: dt.datetime) -> None:
    """Write to who sent *case*; they find it when they come with code and key. :raise NotAllowed: :raise NotOpened:."""
    require(queries.may_open(actor, case, on=local_date(now)))
    require_look(case, actor)
    message = _add(case, Said(text, now), user_id=actor.id)
    note(case, SealedStep.WROTE, NOTHING, "sealed.written", actor=actor, now=now, message_id=message.id)


def answer(case: SealedCase, text: str, files: Collection[StoredFile], *, token: str, now: dt.datetime) -> None:
    """Add what the sender of *case* writes; the same *token* again adds nothing."""
    lock(case)  # a look that is just being recorded comes before it, or after
    digest = crypto.blind_index(f"sealed-message:{case.uid}:{token}")
    try:
        with db.session.begin_nested():
            message = _add(case, Said(text, now), digest=digest)
    except IntegrityError:
        return
    attach(case, files, message)


def _add(case: SealedCase, said: Said, *, user_id: int | None = None, digest: str | None = None) -> SealedMessage:
    newest = max((step.id for step in case.steps), default=0)
    message = SealedMessage(uid=uuid.uuid4(), case=case, user_id=user_id, after_step_id=newest, submission_digest=digest)
    message.said = said
    db.session.add(message)
    db.session.flush()
    return message
