"""What stands on the hall's screen and on the phones of those present: nothing that names anybody, and only what was moderated."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import bindparam, func
from sqlalchemy.orm import joinedload

from app.clock import local_date
from app.database import db
from dialogues import places, public, seen
from dialogues.models import AgendaItem, Evaluation, Hall, Question, Session, Speaker
from dialogues.rules import SHOWN, Origin, QuestionState, Status

#: A device asks on the day, from when the doors open until the chair closes the session.
SEATS_ASK_IN = frozenset({Status.READY, Status.IN_SESSION})
#: Until then masked answers are those that somebody moderated in the hall; afterwards they are read again before the result is out.
_ANSWERS_IN = frozenset({Status.READY, Status.IN_SESSION, Status.HELD}) | public.OUT
#: Impressions fade: whoever was there says within two weeks what they thought of it.
EVALUATED_FOR = dt.timedelta(days=14)
_EVALUATED_IN = frozenset({Status.HELD, Status.CONCLUDED, Status.PUBLISHED, Status.ARCHIVED})


@dataclass(frozen=True)
class Speaking:
    """Who has the floor: from where they come and in which hall they are, never who they are; the masked question once it may be read."""

    comes_from: str
    hall: str
    text: str


@dataclass(frozen=True)
class Shown:
    """A question that everyone in the hall may read."""

    uid: uuid.UUID
    text: str
    comes_from: str
    supports: int
    for_the_day: bool
    asked: bool  # somebody stood up and asked it
    like: bool  # answered together with another
    answer_kind: str | None
    answer: str  # masked; empty until it may be read
    written: bool  # an item of its own: answered in writing
    may_support: bool


@dataclass(frozen=True)
class Live:
    """What is on now."""

    session: Session
    stands: bool  # what was told of its day; put off, its programme is nobody's to know yet
    running: AgendaItem | None
    following: AgendaItem | None
    speaking: Speaking | None
    questions: list[Shown]


def live(session: Session, on_floor: Speaker | Question | None) -> Live:
    """Return what is on at *session*, whoever has the floor (desk_state.on_floor), in a handful of statements."""
    halls = {hall.id: hall.name for hall in session.halls} if len(session.halls) > 1 else {}
    query = db.select(Question).where(Question.session_id == session.id, Question.public_text.is_not(None))
    questions = db.session.scalars(query.options(joinedload(Question.like), joinedload(Question.feedback))).all()
    return Live(
        session=session,
        stands=seen.day_stands(session),
        running=session.running,
        following=next((item for item in session.agenda if item.begun_at is None), None),
        speaking=_speaking(on_floor, halls) if session.status == Status.IN_SESSION else None,
        questions=_shown(session, [each for each in questions if is_shown(each)]),
    )


def is_shown(question: Question) -> bool:
    """Say whether those in the hall may read *question*: moderated for the screen, or published before the day."""
    return bool(question.public_text) and question.state in SHOWN and (question.shown_at is not None or seen.is_shown(question))


def _speaking(now: Speaker | Question | None, halls: dict[int, str]) -> Speaking | None:
    if now is None:
        return None
    text = (now.public_text or "") if isinstance(now, Question) and is_shown(now) else ""
    return Speaking(places.shown(now.comes_from), halls.get(now.hall_id or 0, ""), text)


def _shown(session: Session, questions: list[Question]) -> list[Shown]:
    """Return them as rows: what is still to be answered first, by how many want to know it; then what was answered, the latest first."""
    supports = seen.supports(session)
    takes = seen.takes_support(session)

    def row(question: Question) -> Shown:
        answered = question.like or question
        return Shown(
            uid=question.uid,
            text=question.public_text or "",
            comes_from=places.shown(question.comes_from) if question.origin in {Origin.FLOOR, Origin.SEAT} else "",
            supports=supports.get(question.id, 0),
            for_the_day=question.for_the_day,
            asked=question.origin == Origin.FLOOR or question.called_at is not None,
            like=question.like_id is not None,
            answer_kind=answered.answer_kind,
            answer=(answered.public_answer or "") if session.status in _ANSWERS_IN else "",
            written=question.feedback_id is not None,
            may_support=takes and answered.answer_kind is None,
        )

    def place(question: Question) -> tuple[bool, float, int]:
        answered = (question.like or question).answered_at
        rank = -answered.timestamp() if answered else -supports.get(question.id, 0)
        return answered is not None, rank, question.id

    return [row(question) for question in sorted(questions, key=place)]


#: Built once: putting it together takes as long as running it.
_VERSION = db.select(Session.uid, Session.status, Session.live_version).where(
    Session.code == bindparam("code"), Session.announced_at.is_not(None)
)


def version(code: str) -> tuple[uuid.UUID, str, int] | None:
    """Return uid, status and live version of the session with that code: one statement, for those who ask every few seconds."""
    row = db.session.execute(_VERSION, {"code": code.strip().upper()}).first()
    return (row.uid, row.status, row.live_version) if row else None


def hall_of(session: Session, uid: str) -> Hall | None:
    """Return the hall of *session* that an address names, the only one where there is one."""
    if len(session.halls) == 1:
        return session.halls[0]
    return next((hall for hall in session.halls if str(hall.uid) == uid), None)


def takes_from_seats(session: Session, now: dt.datetime) -> bool:
    """Say whether those present may ask by phone now: on the day, until the session is closed."""
    if session.status == Status.IN_SESSION:
        return True
    return session.status in SEATS_ASK_IN and session.day == local_date(now)


def waiting(session: Session) -> int:
    """Return how many questions from the seats wait to be looked at."""
    seats = Question.session_id == session.id, Question.origin == Origin.SEAT, Question.state == QuestionState.WAITING
    return db.session.scalar(db.select(func.count()).select_from(Question).where(*seats)) or 0


def present(session: Session) -> int:
    """Return how many people were there: one by one at the door, or counted at once in the halls; where both were done, the greater."""
    listed = sum(each.people for each in session.attendances)
    return max(listed, sum(hall.people_counted or 0 for hall in session.halls))


def takes_evaluations(session: Session, now: dt.datetime) -> bool:
    """Say whether those who were there may say now what they thought of it."""
    return session.status in _EVALUATED_IN and session.held_at is not None and now < session.held_at + EVALUATED_FOR


def evaluations(session: Session) -> list[Evaluation]:
    """Return what those present thought of *session*, as it came."""
    return list(db.session.scalars(db.select(Evaluation).where(Evaluation.session_id == session.id).order_by(Evaluation.id)))
