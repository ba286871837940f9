"""What the desk's events come to stands on the rows of the session, so that no other page needs to know of events."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from app.database import db
from dialogues import live, rules
from dialogues.live import Event, Told
from dialogues.models import Attendance, DeviceEvent, Hall, HandVote, Question, Session, Speaker
from dialogues.rules import AnswerKind, EventKind, EventState, Origin, QuestionState

#: Said of what goes on in the hall, not of what was asked there: on another day it is another.
OF_THE_DAY = live.RUNNING | {EventKind.QUEUED, EventKind.CALLED, EventKind.CAME, EventKind.COUNTED, EventKind.HANDS}

Row = TypeVar("Row", Question, Speaker, Attendance, HandVote)


def event_of(row: DeviceEvent) -> Event:
    """Return a kept event as :mod:`dialogues.live` reads it."""
    assert row.subject is not None  # every kind has one
    return Event(row.uid, EventKind(row.kind), row.subject, row.at, frozenset(map(uuid.UUID, row.base)), row.facts)


def applied(session: Session, subjects: Collection[uuid.UUID]) -> list[Event]:
    """Return what was applied about *subjects*."""
    of_session = db.select(DeviceEvent).where(DeviceEvent.session_id == session.id, DeviceEvent.state == EventState.APPLIED)
    return [event_of(row) for row in db.session.scalars(of_session.where(DeviceEvent.subject.in_(subjects)))]


@dataclass(frozen=True)
class Rows:
    """What stands under ids that devices made or name."""

    questions: Mapping[uuid.UUID, Question]
    speakers: Mapping[uuid.UUID, Speaker]
    people: Mapping[uuid.UUID, Attendance]
    hands: Mapping[uuid.UUID, HandVote]


def rows_of(subjects: Collection[uuid.UUID], *, of: Session | None = None) -> Rows:
    """Read what stands under *subjects*: of whatever session, or only *of* one."""

    def read(model: type[Row]) -> dict[uuid.UUID, Row]:
        query = db.select(model).where(model.uid.in_(subjects))
        return {row.uid: row for row in db.session.scalars(query if of is None else query.where(model.session_id == of.id))}

    return Rows(read(Question), read(Speaker), read(Attendance), read(HandVote))


def write(session: Session, folded: Mapping[uuid.UUID, Told]) -> None:
    """Let the rows of *session* say what is told of each subject.

    :raise IntegrityError: another session has taken one of them since it was looked at. Its row is not this one's to write, and each
        would wait for the other.
    """
    db.session.flush()
    rows = rows_of(folded, of=session)
    halls = {hall.uid: hall for hall in session.halls}
    with db.session.no_autoflush:
        for subject, told in folded.items():
            if subject in halls:
                halls[subject].people_counted = told.shown("people")
            elif told.withdrawn:
                _take_away(session, subject, rows)
            else:
                _write_speaker(session, subject, told, rows)
                _write_question(session, subject, told, rows)
                _write_person(session, subject, told, rows)
                _write_hands(session, subject, told, rows)
    db.session.flush()


def write_programme(session: Session) -> None:
    """Let the items of the programme say when they ran."""
    runs = live.runs(applied(session, {item.uid for item in session.agenda}))
    for item in session.agenda:
        run = runs.get(item.uid)
        item.begun_at, item.ended_at = (run.begun_at, run.ended_at) if run else (None, None)


def _hall(session: Session, uid: str) -> Hall | None:
    """Return the hall that a device sits in: the main one where it names none."""
    return next((hall for hall in session.halls if str(hall.uid) == uid), session.halls[0] if session.halls else None)


def _take_away(session: Session, subject: uuid.UUID, rows: Rows) -> None:
    question = rows.questions.get(subject)
    if question is not None:
        for other in session.questions:
            if other.like is question:  # it was to be answered together with this one: looked at again
                other.like, other.state = None, QuestionState.WAITING
        session.questions.remove(question)
    if subject in rows.speakers:
        session.speakers.remove(rows.speakers[subject])
    if subject in rows.people:
        session.attendances.remove(rows.people[subject])
    if subject in rows.hands:
        session.hand_votes.remove(rows.hands[subject])
    for row in (question, rows.speakers.get(subject), rows.people.get(subject), rows.hands.get(subject)):
        if row is not None:
            db.session.delete(row)


def _write_speaker(session: Session, subject: uuid.UUID, told: Told, rows: Rows) -> None:
    row, made = rows.speakers.get(subject), told.made.get(EventKind.QUEUED)
    if made is None:
        if told.left and row is not None:
            session.speakers.remove(row)
            db.session.delete(row)
        return
    if row is None:
        row = Speaker(uid=subject)
        session.speakers.append(row)
    row.at, row.hall, row.comes_from = made.at, _hall(session, made.facts["hall"]), made.facts["comes_from"]
    _seal(row, "name", made.facts["name"])
    row.called_at = told.called_at


def _write_question(session: Session, subject: uuid.UUID, told: Told, rows: Rows) -> None:
    row, made = rows.questions.get(subject), told.made.get(EventKind.ASKED)
    if row is not None and row.state not in rules.RAISED:
        return  # taken off the floor since: what was turned into a complaint has left the session with its words
    if row is None:
        if made is None:
            return
        row = Question(uid=subject, origin=Origin.FLOOR, state=QuestionState.ACCEPTED, for_the_day=True, text="")
        session.questions.append(row)
    if made is not None:
        row.hall, row.comes_from = _hall(session, made.facts["hall"]), made.facts["comes_from"]
        _seal(row, "asker", made.facts["name"])
        _seal(row, "phone", made.facts["phone"])
        if row.asked_at != made.at:
            row.asked_at = made.at
            _place(session, row)
    row.text = told.shown("text") or row.text
    # Who asks has the floor, also where nobody had a moment to write down that it was given.
    row.called_at = told.called_at or (made.at if made is not None else row.called_at)
    _write_answer(row, told)


def _place(session: Session, row: Question) -> None:
    """Give a question from the floor its place: before the first that was asked later, else behind all others."""
    others = [each for each in session.questions if each is not row and each.for_the_day]
    from_floor = sorted((each for each in others if each.origin == Origin.FLOOR), key=lambda each: each.position)
    later = next((each for each in from_floor if (each.asked_at, each.uid) > (row.asked_at, row.uid)), None)
    if later is None:
        row.position = max((each.position for each in others), default=0) + 1
        return
    row.position = later.position
    for each in others:
        if each.position >= row.position:
            each.position += 1


def _write_answer(row: Question, told: Told) -> None:
    answer, rejected = told.shown("answer"), told.shown("rejected")
    if answer is not None:
        if row.promised_on is None:  # else a unit has it in hand, and how it is answered stands
            row.answer_kind = answer["kind"]
        row.answer = answer["text"]
        row.answered_by = answer["by"] if row.answer_kind == AnswerKind.BY_DELEGATE else ""
        row.answered_at = min(at for at in (row.answered_at, told.answered_at) if at is not None)
    if rejected is not None:
        row.rejected = not rejected["taken_back"]
        row.rejected_wants = rejected["wants"] if row.rejected else ""


def _write_person(session: Session, subject: uuid.UUID, told: Told, rows: Rows) -> None:
    made = told.made.get(EventKind.CAME)
    if made is None:
        return
    row = rows.people.get(subject)
    if row is None:
        row = Attendance(uid=subject)
        session.attendances.append(row)
    row.at, row.people, row.hall = made.at, made.facts["people"], _hall(session, made.facts["hall"])
    row.comes_from = made.facts["comes_from"]
    _seal(row, "name", made.facts["name"])


def _write_hands(session: Session, subject: uuid.UUID, told: Told, rows: Rows) -> None:
    made = told.made.get(EventKind.HANDS)
    if made is None:
        return
    row = rows.hands.get(subject)
    if row is None:
        row = HandVote(uid=subject)
        session.hand_votes.append(row)
    row.at, row.subject, row.counted_in = made.at, made.facts["about"], made.facts["counted_in"]
    row.agree, row.disagree, row.present = (made.facts[name] for name in ("agree", "disagree", "present"))


def _seal(row: Any, name: str, value: str) -> None:
    """Set what is kept as ciphertext; the same again is no change."""
    if (getattr(row, name) or "") != value:
        setattr(row, name, value or None)


def forget_the_day(session: Session) -> None:
    """The session is put off: nobody has come, nothing has run. What was asked stays; what devices said of that day is kept, undone."""
    said = db.select(DeviceEvent).where(DeviceEvent.session_id == session.id, DeviceEvent.state == EventState.APPLIED)
    for event in db.session.scalars(said.where(DeviceEvent.kind.in_(OF_THE_DAY))):
        event.state, event.facts = EventState.REFUSED, event.facts | {"why": "not_now"}
    for row in (*session.attendances, *session.speakers, *session.hand_votes):
        db.session.delete(row)
    for item in session.agenda:
        item.begun_at = item.ended_at = None
    for hall in session.halls:
        hall.people_counted = None
    for question in session.questions:
        if question.answer_kind is None:
            question.called_at = None
    db.session.flush()
    db.session.expire(session, ["attendances", "speakers", "hand_votes"])


def touched(events: Iterable[Event]) -> set[uuid.UUID]:
    """Return the subjects of *events*, items of the programme apart."""
    return {event.subject for event in events if event.kind not in live.RUNNING}
