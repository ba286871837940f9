"""What the secretary's desk shows: one picture of the session, drawn as a page and as JSON alike."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import joinedload

from app.database import db
from dialogues import hall, live, queries
from dialogues.live import Event
from dialogues.models import Attendance, DeviceEvent, Question, Session, Speaker
from dialogues.rules import EventKind, EventState, Status

#: Register → what stands in it, the one shown last, with who said it.
Registers = Mapping[str, list[tuple[Event, str]]]


def state(session: Session, now: dt.datetime, *, prepares: bool, askers: Mapping[int, str] | None = None) -> dict[str, Any]:
    """Return the picture at *now*, for somebody who may (*prepares*) or may not take the session's steps. Made of plain JSON values.

    *askers*: who sent what was asked beforehand (question.id → name), as far as the reader may know.
    """
    chosen, senders = queries.not_put(session), askers or {}
    raised = [*queries.raised(session), *chosen]
    asked = {question.uid for question in raised}
    open_ = [question for question in raised if question.answer_kind is None]
    standing = _standing(session)
    halls = {each.id: str(each.uid) for each in session.halls}
    waiting = [speaker for speaker in session.speakers if speaker.uid not in asked]
    return {
        "version": session.live_version,
        "status": session.status,
        "now": _said(now),
        "starts_at": _said(session.starts_at),
        "late": queries.late(session) if prepares else 0,
        "seats": hall.waiting(session),
        "may_begin": prepares and session.status == Status.READY,
        "ends": prepares and session.status == Status.IN_SESSION,
        "may_close": prepares and session.status == Status.IN_SESSION and not open_,
        "agenda": [
            {
                "uid": str(item.uid),
                "title": item.title,
                "part": item.part,
                "presenter": item.presenter,
                "minutes": item.minutes,
                "begun_at": _said(item.begun_at),
                "ended_at": _said(item.ended_at),
            }
            for item in session.agenda
        ],
        "halls": [
            {
                "uid": str(each.uid),
                "name": each.name,
                "counted": each.people_counted,
                "base": _base(standing, each.uid, "people"),
                "other": _conflict(standing, each.uid, "people"),
            }
            for each in session.halls
        ],
        "present": _present(session),
        "queue": [_speaker(each, halls) for each in waiting]
        + [_in_queue(each, "question", _asker(each, senders), each.text, halls) for each in chosen],
        "questions": [_question(each, _asker(each, senders), standing, halls) for each in raised],
        "hands": [
            {
                "uid": str(vote.uid),
                "about": vote.subject,
                "counted_in": vote.counted_in,
                "agree": vote.agree,
                "disagree": vote.disagree,
                "present": vote.present,
            }
            for vote in session.hand_votes
        ],
    }


def on_floor(session: Session) -> Speaker | Question | None:
    """Return who speaks now: who was given the floor last, as their question once it is written down; nobody once it is answered."""
    questions = {question.uid: question for question in (*queries.raised(session), *queries.not_put(session))}
    called = [each for each in (*session.speakers, *questions.values()) if each.called_at is not None]
    last = max(called, key=lambda each: (each.called_at, each.uid), default=None)
    if last is None:
        return None
    question = questions.get(last.uid)  # what a speaker says is the question of the same uid
    if question is not None and question.answer_kind is not None:
        return None
    return question or last


def _asker(question: Question, senders: Mapping[int, str]) -> str:
    return question.asker or senders.get(question.id, "")


def _present(session: Session) -> int:
    return db.session.scalar(db.select(func.sum(Attendance.people)).where(Attendance.session_id == session.id)) or 0


def _standing(session: Session) -> Mapping[uuid.UUID, Registers]:
    """Return what stands in every register. What was said is deciphered only where there is more than one."""
    seen = DeviceEvent.uid, DeviceEvent.kind, DeviceEvent.subject, DeviceEvent.at, DeviceEvent.base
    of_session = DeviceEvent.session_id == session.id, DeviceEvent.state == EventState.APPLIED
    written = db.select(*seen).where(*of_session, DeviceEvent.kind.in_(live.REGISTERS))
    events: dict[tuple[uuid.UUID, str], list[Event]] = {}
    for uid, kind, subject, at, base in db.session.execute(written):
        event = Event(uid, EventKind(kind), subject, at, frozenset(map(uuid.UUID, base)))
        events.setdefault((subject, live.REGISTERS[event.kind]), []).append(event)
    heads = {place: live.heads(each) for place, each in events.items()}
    said = _facts(event.uid for each in heads.values() if len(each) > 1 for event in each)
    found: dict[uuid.UUID, dict[str, list[tuple[Event, str]]]] = {}
    for (subject, register), each in heads.items():
        found.setdefault(subject, {})[register] = [said.get(event.uid, (event, "")) for event in each]
    return found


def _facts(uids: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[Event, str]]:
    query = db.select(DeviceEvent).where(DeviceEvent.uid.in_(list(uids))).options(joinedload(DeviceEvent.user))
    found: dict[uuid.UUID, tuple[Event, str]] = {}
    for row in db.session.scalars(query):
        assert row.subject is not None  # every kind has one
        found[row.uid] = Event(row.uid, EventKind(row.kind), row.subject, row.at, facts=row.facts), row.user.name
    return found


def _base(standing: Mapping[uuid.UUID, Registers], subject: uuid.UUID, register: str) -> list[str]:
    return [str(event.uid) for event, _who in standing.get(subject, {}).get(register, [])]


def _conflict(standing: Mapping[uuid.UUID, Registers], subject: uuid.UUID, register: str) -> list[dict[str, Any]]:
    heads = standing.get(subject, {}).get(register, [])
    if len(heads) < 2 or not live.in_conflict(event for event, _who in heads):  # noqa: PLR2004 - one contradicts nobody
        return []
    return [{"uid": str(event.uid), "value": event.value, "at": _said(event.at), "who": who} for event, who in heads]


def _speaker(speaker: Speaker, halls: Mapping[int, str]) -> dict[str, Any]:
    return _in_queue(speaker, "speaker", speaker.name, "", halls)


def _in_queue(row: Speaker | Question, origin: str, name: str | None, text: str, halls: Mapping[int, str]) -> dict[str, Any]:
    return {
        "uid": str(row.uid),
        "origin": origin,
        "name": name or "",
        "comes_from": row.comes_from,
        "hall": halls.get(row.hall_id or 0, ""),
        "text": text,
        "called_at": _said(row.called_at),
    }


def _question(question: Question, asker: str, standing: Mapping[uuid.UUID, Registers], halls: Mapping[int, str]) -> dict[str, Any]:
    answer = {"kind": question.answer_kind, "by": question.answered_by, "text": question.answer}
    return {
        "uid": str(question.uid),
        "origin": question.origin,
        "asker": asker,
        "comes_from": question.comes_from,
        "hall": halls.get(question.hall_id or 0, ""),
        "text": question.text,
        "text_base": _base(standing, question.uid, "text"),
        "answer": answer if question.answer_kind is not None else None,
        "answer_base": _base(standing, question.uid, "answer"),
        "rejected": question.rejected,
        "wants": question.rejected_wants,
        "rejected_base": _base(standing, question.uid, "rejected"),
        "called_at": _said(question.called_at),
        "asked_at": _said(question.put_at),
        "conflicts": {register: _conflict(standing, question.uid, register) for register in ("text", "answer", "rejected")},
    }


def _said(at: dt.datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
