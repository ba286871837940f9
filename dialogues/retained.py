"""Who is still kept of sessions and reception days whose term is over: found by rule, shown row by row before they go."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, func, or_, true

from app.audit import AuditEntry
from app.clock import local_date
from app.database import db
from app.permissions import Permission, Reach
from dialogues import board, queries, rules
from dialogues.models import (
    Attendance,
    DeviceEvent,
    Follower,
    Invitation,
    MinutesCorrection,
    Question,
    ReceptionDay,
    ReceptionVisit,
    Registration,
    Session,
    Speaker,
)
from dialogues.operations.booking import NOT_RECEIVED
from dialogues.operations.planning import standing_of as standing_of_unit
from dialogues.rules import CorrectionState, EventState, GuestKind, Kept, Standing, Status
from feedback.models import Feedback
from feedback.personal import retaining
from feedback.personal.erasing import Piece
from feedback.personal.models import DataRequest
from feedback.personal.operations import still_owed
from feedback.personal.rules import RequestState, Term, kept_until

MOST = 100  # on a page
#: What the audit calls it, by table.
DECIDED = {Session.__tablename__: "session.people_let_go", ReceptionDay.__tablename__: "reception.people_let_go"}

#: Of each kind of row: its table, the columns by which somebody is still there, what of them is shown.
TABLES: dict[str, tuple[type[Any], tuple[str, ...], tuple[str, ...]]] = {
    "registration": (
        Registration,
        ("name_sealed", "phone_sealed", "email_sealed", "comes_from", "needs"),
        ("name", "phone", "email", "comes_from"),
    ),
    "invitation": (Invitation, ("phone_sealed", "email_sealed", "answer_note"), ("name", "title", "phone", "email", "answer_note")),
    "attendance": (Attendance, ("name_sealed",), ("name", "comes_from")),
    "speaker": (Speaker, ("name_sealed",), ("name", "comes_from")),
    "question": (Question, ("asker_sealed", "phone_sealed", "comes_from"), ("asker", "phone", "comes_from")),
    "correction": (MinutesCorrection, ("from_sealed",), ("sender",)),
    "follower": (Follower, ("email_sealed",), ("email",)),
}
VISIT = ("name_sealed", "phone_sealed", "email_sealed", "address_sealed")


@dataclass(frozen=True)
class Held:
    """A row that still says who somebody is; *kept*: why it stays."""

    kind: str  # of TABLES, or visit
    row: Any
    kept: Kept | None = None

    @property
    def said(self) -> tuple[str, ...]:
        """What stands there, opened."""
        names = TABLES[self.kind][2] if self.kind in TABLES else ("name", "phone", "email", "address")
        return tuple(filter(None, (getattr(self.row, name) for name in names)))


@dataclass(frozen=True)
class Over:
    """A session or reception day whose term is over, since when, who goes and who stays."""

    row: Session | ReceptionDay
    ended_on: dt.date
    kept_until: dt.date
    going: list[Held]
    staying: list[Held]


def standing_of(row: Session | ReceptionDay) -> Standing:
    """Return where it belongs, for rules.may_let_go()."""
    return queries.standing_of(row) if isinstance(row, Session) else standing_of_unit(row.unit)


def over(row: Session | ReceptionDay, *, today: dt.date) -> Over | None:
    """Return *row* with its people where their term is over on *today*, and there is something left to decide."""
    ended = _ended_on(row) if isinstance(row, Session) else row.day
    kind = rules.SESSION_PEOPLE if isinstance(row, Session) else rules.RECEPTION_PEOPLE
    last = kept_until(ended, kind, "", _terms(kind, today)) if ended is not None else None
    if ended is None or last is None or last >= today:
        return None
    found = list(_of_session(row) if isinstance(row, Session) else _of_day(row))
    going = [each for each in found if each.kept is None]
    if not going and (is_decided(row) or not _tells(row)):
        return None
    return Over(row, ended, last, going, [each for each in found if each.kept is not None])


def is_decided(row: Session | ReceptionDay) -> bool:
    """Say whether somebody has decided on it before."""
    return bool(db.session.scalar(db.select(_entries(row.__tablename__, row.id))))


def all_over(reach: Reach, *, today: dt.date) -> list[Over]:
    """Return what is over of the units that somebody of *reach* leads, the oldest first, at most MOST."""
    if not reach.may_anywhere(Permission.DIALOGUE_LEAD):
        return []
    mine = (row for row in _rows(reach, today) if rules.may_let_go(reach, standing_of(row)))
    found = list(islice((each for row in mine if (each := over(row, today=today)) is not None), MOST))
    return sorted(found, key=lambda each: each.ended_on)


def _rows(reach: Reach, today: dt.date) -> Iterator[Session | ReceptionDay]:
    """Yield what may be over: ended long enough ago, with somebody in it or nothing decided yet."""
    if terms := _terms(rules.SESSION_PEOPLE, today):
        since = retaining.oldest(terms, today)
        ended = or_(Session.held_at < since, (Session.status == Status.CANCELLED) & (Session.created_at < since))
        yield from db.session.scalars(
            db.select(Session)
            .join(Session.unit)
            .where(ended, Session.status.in_(sorted(rules.DONE_WITH)), _within(reach, Session.place_id))
            .where(or_(_anybody(), _said() & ~_entries(Session.__tablename__, Session.id)))
            .order_by(Session.created_at, Session.id)
        )
    if terms := _terms(rules.RECEPTION_PEOPLE, today):
        there = db.select(ReceptionVisit.id).where(ReceptionVisit.day_id == ReceptionDay.id)
        came = there.where(ReceptionVisit.state.not_in(sorted(NOT_RECEIVED))).exists()
        yield from db.session.scalars(
            db.select(ReceptionDay)
            .join(ReceptionDay.unit)
            .where(ReceptionDay.day < local_date(retaining.oldest(terms, today)), board.within(reach, Permission.DIALOGUE_LEAD))
            .where(or_(there.where(_named(ReceptionVisit, VISIT)).exists(), came & ~_entries(ReceptionDay.__tablename__, ReceptionDay.id)))
            .order_by(ReceptionDay.day, ReceptionDay.id)
        )


def _said() -> ColumnElement[bool]:
    """Say in SQL that something said in the hall is kept, which somebody may have to read for names."""
    return or_(
        *(db.select(model.id).where(model.session_id == Session.id).exists() for model in (DeviceEvent, MinutesCorrection, Question))
    )


def _within(reach: Reach, place: Any) -> ColumnElement[bool]:
    places = [scope.place_id for scope in reach.scopes(Permission.DIALOGUE_LEAD) if scope.place_id is not None]
    return or_(board.within(reach, Permission.DIALOGUE_LEAD), place.in_(places))


def _terms(kind: str, today: dt.date) -> list[Term]:
    return [term for term in retaining.terms_on(today) if kind in term.kinds]


def _entries(table: str, id_: Any) -> ColumnElement[bool]:
    about = AuditEntry.subject_type == table, AuditEntry.subject_id == id_, AuditEntry.action == DECIDED[table]
    return db.select(AuditEntry.id).where(*about).exists()


def _ended_on(session: Session) -> dt.date | None:
    cancelled = None
    if session.status == Status.CANCELLED:
        of_it = AuditEntry.subject_type == session.__tablename__, AuditEntry.subject_id == session.id
        last = db.session.scalar(db.select(func.max(AuditEntry.at)).where(*of_it, AuditEntry.action == f"session.{Status.CANCELLED}"))
        cancelled = local_date(last or session.created_at)
    return rules.ended(Status(session.status), held=session.held_at and local_date(session.held_at), cancelled=cancelled)


# --- who ----------------------------------------------------------------------------------------------------------------


def _named(model: type[Any], columns: Sequence[str]) -> ColumnElement[bool]:
    said = (getattr(model, name) for name in columns)
    return or_(*(each.is_not(None) if each.key.endswith("_sealed") else each != "" for each in said))


def _still(kind: str) -> ColumnElement[bool]:
    """Say in SQL that a row of that kind still tells of somebody. A unit or a street that was invited is nobody."""
    model, columns, _shown = TABLES[kind]
    if kind == "invitation":
        return or_(_named(model, columns), (Invitation.kind == GuestKind.PERSON) & (Invitation.name != ""))
    return true() if kind == "follower" else _named(model, columns)


def _anybody() -> ColumnElement[bool]:
    return or_(
        *(db.select(model.id).where(model.session_id == Session.id, _still(kind)).exists() for kind, (model, *_more) in TABLES.items())
    )


def _of_session(session: Session) -> Iterator[Held]:
    for kind, (model, *_more) in TABLES.items():
        query = db.select(model).where(model.session_id == session.id, _still(kind)).order_by(model.id)
        yield from (Held(kind, row, _KEPT[kind](row) if kind in _KEPT else None) for row in db.session.scalars(query))
    late = DeviceEvent.session_id == session.id, DeviceEvent.state == EventState.LATE
    yield from (Held("late", row, Kept.UNDECIDED) for row in db.session.scalars(db.select(DeviceEvent).where(*late)))


def _of_day(day: ReceptionDay) -> Iterator[Held]:
    query = db.select(ReceptionVisit).where(ReceptionVisit.day_id == day.id, _named(ReceptionVisit, VISIT))
    for visit in db.session.scalars(query.order_by(ReceptionVisit.position, ReceptionVisit.id)):
        item = db.session.get(Feedback, visit.feedback_id) if visit.feedback_id else None
        yield Held("visit", visit, Kept.OWED if _is_owed(item) else None)


def _is_owed(item: Feedback | None) -> bool:
    """Say whether somebody still has to answer *item*, do what it asks, or decide on what its sender wants of their data."""
    if item is None:
        return False
    asked = db.select(DataRequest.id).where(DataRequest.feedback_id == item.id, DataRequest.state == RequestState.ASKED)
    return still_owed(item) or any(duty.is_open for duty in item.assignments) or db.session.scalar(asked.limit(1)) is not None


def _why_asker(question: Question) -> Kept | None:
    if any(promise.is_open for promise in question.session.promises if promise.question_id == question.id):
        return Kept.PROMISED
    return Kept.OWED if _is_owed(question.feedback) else None


def _why_follower(follower: Follower) -> Kept | None:
    session = follower.session
    open_ = any(promise.is_open for promise in session.promises)
    return Kept.PROMISED if open_ or any(each.is_promised and _is_owed(each.feedback) for each in session.questions) else None


_KEPT: dict[str, Callable[[Any], Kept | None]] = {
    "question": _why_asker,
    "correction": lambda row: Kept.UNDECIDED if row.state == CorrectionState.OPEN else None,
    "follower": _why_follower,
}


# --- what they said -----------------------------------------------------------------------------------------------------


def _tells(row: Session | ReceptionDay) -> bool:
    """Say whether there are words that somebody said, at the desk or in the register, which nobody has read for names."""
    if isinstance(row, Session):
        said = db.select(DeviceEvent.id).where(DeviceEvent.session_id == row.id, DeviceEvent.state != EventState.LATE)
        return db.session.scalar(said.limit(1)) is not None or any(_texts(row, []))
    return any(_texts(row, []))


def pieces(found: Over) -> list[Piece]:
    """Return what is free text and nobody's item: read, and put right, before it stays. What belongs to an item is read with that."""
    known = {(each.kind, each.row.id): each.said for each in found.going}
    return [Piece(column, row, column, known.get((kind, row.id), ())) for kind, row, column in _texts(found.row, found.staying)]


def _texts(row: Session | ReceptionDay, staying: Sequence[Held]) -> Iterator[tuple[str, Any, str]]:
    stay = {(each.kind, each.row.id) for each in staying}
    rows: list[tuple[str, Any, tuple[str, ...]]] = []
    if isinstance(row, Session):
        said = ("text", "answer", "rejected_wants")
        rows += [("question", each, said) for each in row.questions if each.feedback_id is None]
        corrections = db.select(MinutesCorrection).where(MinutesCorrection.session_id == row.id).order_by(MinutesCorrection.id)
        rows += [("correction", each, ("text",)) for each in db.session.scalars(corrections)]
    else:
        rows += [("visit", each, ("subject", "said", "result")) for each in row.visits if each.state not in NOT_RECEIVED]
    for kind, each, columns in rows:
        if (kind, each.id) not in stay:
            yield from ((kind, each, column) for column in columns if getattr(each, column))


def digest(found: Over, free: Sequence[Piece]) -> str:
    """Return what says whether the people and words are those that somebody has read."""
    people = [f"{each.kind}:{each.row.id}:{each.kept or ''}" for each in (*found.going, *found.staying)]
    return hashlib.sha256("\0".join([*people, *(piece.text for piece in free)]).encode()).hexdigest()
