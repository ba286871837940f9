"""Those who were there say what they thought of it: once a device, and nobody knows whose."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app import crypto
from app.database import db, lock
from dialogues import hall
from dialogues.models import Evaluation, Session


class EvaluationClosed(Exception):
    """It is too early, or two weeks are over."""


class EvaluatedBefore(Exception):
    """This device has said it already."""


@dataclass(frozen=True)
class Marks:
    """1 (worst) to 5: could I speak and was I heard, did answers go to the point, was it well organised; and words."""

    heard: int
    answered: int
    organised: int
    words: str = ""


def evaluate(session: Session, marks: Marks, *, device: str, now: dt.datetime) -> None:
    """Keep what somebody present thought of *session*. :raise EvaluationClosed: :raise EvaluatedBefore:"""
    lock(session)
    if not hall.takes_evaluations(session, now):
        raise EvaluationClosed
    digest = digest_of(session, device)
    if is_known(session, device):
        raise EvaluatedBefore
    db.session.add(
        Evaluation(
            session=session,
            device_digest=digest,
            heard=marks.heard,
            answered=marks.answered,
            organised=marks.organised,
            words=marks.words,
            at=now,
        )
    )
    db.session.flush()


def is_known(session: Session, device: str) -> bool:
    """Say whether *device* has said already what it thought."""
    query = db.select(Evaluation.id).where(Evaluation.session_id == session.id, Evaluation.device_digest == digest_of(session, device))
    return db.session.scalar(query) is not None


def digest_of(session: Session, device: str) -> str:
    """Return the trace of a device that is kept; bound to the session, so that it says nothing of others."""
    return crypto.blind_index(f"evaluation:{session.id}:{device}")
