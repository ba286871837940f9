"""The secretary's desk: what devices say is kept once, as they said it, and done; what comes late waits to be accepted."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.access import require
from app.accounts.models import User
from app.audit import record
from app.clock import local_date
from app.database import db, lock
from dialogues import live, queries, rules, said
from dialogues.live import Event
from dialogues.models import Addendum, DeviceEvent, Question, Session
from dialogues.operations import belated, folding
from dialogues.rules import EventKind, EventState, Origin, StaffDuty, Status

#: A device's clock is believed up to here, and from the day before the session.
FAST = dt.timedelta(minutes=5)
SLOW = dt.timedelta(days=1)

#: What is kept with an event and was not said.
OURS = frozenset({"said_at", "why"})

#: What a form of ours is called among the devices.
PAGE = "trang"


@dataclass(frozen=True)
class Taken:
    """What became of an event; *why* names the refusal (WHYS), *code* is that of the item that a question became."""

    uid: uuid.UUID
    state: EventState
    why: str = ""
    code: str = ""


def may_record(session: Session, user: User) -> bool:
    """Say whether *user* may record at the desk of *session*."""
    assigned = any(each.user_id == user.id and each.duty == StaffDuty.SECRETARY for each in session.staff)
    return rules.may_record(user.reach, queries.standing_of(session), assigned=assigned)


def is_early(session: Session, now: dt.datetime) -> bool:
    """Say whether it is before the day of *session*, and nobody began it all the same: nothing is said in a hall yet."""
    return session.status == Status.READY and session.day is not None and local_date(now) < session.day


def take(session: Session, device: str, events: Sequence[Event], *, actor: User, now: dt.datetime) -> list[Taken]:
    """Keep what a device says and do it, each event once however often it comes; return what became of each, in their order.

    An event that says something else under an id that came before changes nothing, and is refused as known.
    :raise NotAllowed: :raise IntegrityError: another session takes an id of a device at this very moment; the same again works.
    """
    lock(session)
    require(may_record(session, actor))
    state = EventState.REFUSED if is_early(session, now) else rules.RECEIVED.get(Status(session.status), EventState.REFUSED)
    known = {row.uid: row for row in db.session.scalars(db.select(DeviceEvent).where(DeviceEvent.uid.in_([e.uid for e in events])))}
    doubts = _Doubts(session, {event.subject for event in events})
    new: list[DeviceEvent] = []
    for place, event in enumerate(events):
        if event.uid in known:
            continue
        why = "not_now" if state == EventState.REFUSED else doubts.about(event)
        row = _keep(session, device, event, EventState.REFUSED if why else state, why=why, place=place, actor=actor, now=now)
        known[event.uid] = row
        new.append(row)
    if new:
        db.session.flush()
        if state == EventState.ADDENDUM:
            _add_to_dossier(session, [row for row in new if row.state == state], together=True, actor=actor, now=now)
        counts = Counter(row.state for row in new)
        record(actor, "session.recorded", session, at=now, **{each: counts[each] for each in ("applied", "late", "refused", "addendum")})
    contested = _apply(session, [row for row in new if row.state == EventState.APPLIED], also={event.subject for event in events})
    rows = [known[event.uid] for event in events]
    return [
        Taken(row.uid, EventState.REFUSED, "known")
        if row.session_id == session.id and _says_else(row, event)
        else _taken(session, row, contested)
        for row, event in zip(rows, events, strict=True)
    ]


def _says_else(row: DeviceEvent, event: Event) -> bool:
    kept = {name: value for name, value in row.facts.items() if name not in OURS}
    return (row.kind, row.subject, kept) != (event.kind, event.subject, dict(event.facts))


def _taken(session: Session, row: DeviceEvent, contested: Collection[uuid.UUID], codes: Mapping[Any, str] | None = None) -> Taken:
    if row.session_id != session.id:
        return Taken(row.uid, EventState.REFUSED, "elsewhere")
    if row.state == EventState.REFUSED:
        return Taken(row.uid, EventState.REFUSED, row.facts.get("why", ""))
    return Taken(row.uid, EventState.CONFLICT if row.uid in contested else EventState(row.state), code=(codes or {}).get(row.subject, ""))


def _keep(
    session: Session, device: str, event: Event, state: EventState, *, actor: User, now: dt.datetime, why: str = "", place: int = 0
) -> DeviceEvent:
    facts, at = dict(event.facts), event.at
    if at > now + FAST or (session.starts_at is not None and at < session.starts_at - SLOW):
        # A clock that is years behind still says what came first: events that are sent together keep their order.
        facts["said_at"], at = at.isoformat(), now + dt.timedelta(microseconds=place)
    if why:
        facts["why"] = why
    row = DeviceEvent(
        uid=event.uid, session=session, device=device, user_id=actor.id, kind=event.kind, subject=event.subject,
        base=sorted(map(str, event.base)), at=at, received_at=now, state=state,
    )  # fmt: skip
    row.facts = facts
    db.session.add(row)
    return row


def _apply(session: Session, rows: Iterable[DeviceEvent], *, also: Collection[uuid.UUID] = ()) -> set[uuid.UUID]:
    """Do what *rows* say; return which events about their subjects and about those of *also* stand in a conflict."""
    new = [folding.event_of(row) for row in rows]
    if any(event.kind in live.RUNNING for event in new):
        folding.write_programme(session)
    subjects = folding.touched(new)
    folded = live.fold(folding.applied(session, subjects | set(also)))
    folding.write(session, {subject: folded[subject] for subject in subjects})
    return {event.uid for told in folded.values() for heads in told.heads.values() if live.in_conflict(heads) for event in heads}


def say(session: Session, *events: Event, actor: User, now: dt.datetime) -> None:
    """Keep and do what is typed into a form of ours, however late: whoever may type it there needs nobody to accept it."""
    rows = [_keep(session, PAGE, event, EventState.APPLIED, actor=actor, now=now) for event in events]
    db.session.flush()
    _apply(session, rows)


def replace(question: Question, facts: Mapping[EventKind, Mapping[str, Any]], *, actor: User, now: dt.datetime) -> None:
    """Say something else of *question* than what stands, by a form that shows what stands: each kind with its facts."""
    told = live.fold(folding.applied(question.session, {question.uid})).get(question.uid, live.Told())
    seen = {kind: frozenset(event.uid for event in told.heads.get(live.REGISTERS[kind], ())) for kind in facts}
    events = [Event(uuid.uuid4(), kind, question.uid, now, seen[kind], said) for kind, said in facts.items()]
    say(question.session, *events, actor=actor, now=now)


# --- what comes late -----------------------------------------------------------------------------------------------------


def waiting(session: Session) -> list[DeviceEvent]:
    """Return what came after the session was held and waits to be accepted, in the order in which it was said."""
    query = db.select(DeviceEvent).where(DeviceEvent.session_id == session.id, DeviceEvent.state == EventState.LATE)
    return list(db.session.scalars(query.order_by(DeviceEvent.at, DeviceEvent.uid)))


def folds_late(session: Session) -> bool:
    """Say whether what is accepted now still stands as if it had come in time: until somebody puts their name under the minutes."""
    return session.status == Status.HELD and not (session.minutes and session.minutes[-1].signatures)


def decide(session: Session, uids: Collection[uuid.UUID], *, accepted: bool, actor: User, now: dt.datetime) -> list[Taken]:
    """Accept or refuse late events; those decided before are passed over. Return what became of each.

    :raise NotAllowed: :raise IntegrityError: as :func:`take`; the same again works.
    """
    lock(session)
    require(rules.may_prepare(actor.reach, queries.standing_of(session)))
    rows = [row for row in waiting(session) if row.uid in uids]
    folds = folds_late(session)
    doubts = _Doubts(session, {row.subject for row in rows if row.subject})
    for row in rows:
        row.decided_by, row.decided_at = actor, now
        why = doubts.about(folding.event_of(row)) if accepted else "not_accepted"
        if why:
            row.state, row.facts = EventState.REFUSED, row.facts | {"why": why}
        else:
            row.state = EventState.APPLIED if folds else EventState.ADDENDUM
    db.session.flush()
    codes: dict[uuid.UUID, str] = {}
    if rows:
        codes = _add_to_dossier(session, [row for row in rows if row.state == EventState.ADDENDUM], actor=actor, now=now)
        record(actor, "session.late_decided", session, at=now, events=len(rows), accepted=accepted)
    contested = _apply(session, [row for row in rows if row.state == EventState.APPLIED])
    return [_taken(session, row, contested, codes) for row in rows]


def _add_to_dossier(
    session: Session, rows: list[DeviceEvent], *, together: bool = False, actor: User, now: dt.datetime
) -> dict[uuid.UUID, str]:
    """Put what came too late into words, without the names of people: an addendum is read with the dossier.

    *together*: as one, for nobody chose among what a device sends after archiving. Return the codes of the items that questions became.
    """
    codes = belated.owe_answers(session, {row.subject for row in rows}, actor=actor, now=now) if rows else {}
    texts = said.for_the_dossier(session, [folding.event_of(row) for row in rows])
    if together and rows:
        rows, texts = rows[:1], ["\n".join(texts)]
    for row, text in zip(rows, texts, strict=True):
        session.addenda.append(Addendum(text=text, event_id=row.id, user=actor, at=now))
    return codes


# --- what no device of ours says ------------------------------------------------------------------------------------------


class _Doubts:
    """What stands against doing an event: it is about nothing that is there, or about something of another kind."""

    def __init__(self, session: Session, subjects: Collection[uuid.UUID]) -> None:
        self.session, self.rows = session, folding.rows_of(subjects)
        self.items = {item.uid for item in session.agenda}
        self.halls = {hall.uid for hall in session.halls}
        self.made = {event.subject for event in folding.applied(session, subjects) if event.kind in live.CREATIONS}

    def about(self, event: Event) -> str:
        """Return the name of the refusal (WHYS), "" where nothing stands against it."""
        subject, rows = event.subject, self.rows
        if event.kind in live.RUNNING or event.kind == EventKind.COUNTED:
            there = self.halls if event.kind == EventKind.COUNTED else self.items
            return "" if subject in there else "not_there"
        found = [kind[subject] for kind in (rows.questions, rows.speakers, rows.people, rows.hands) if subject in kind]
        if any(row.session_id != self.session.id for row in found):
            return "elsewhere"
        if event.facts.get("hall") and uuid.UUID(event.facts["hall"]) not in self.halls:
            return "no_hall"
        if event.kind == EventKind.WITHDRAWN:
            return self._about_withdrawing(event)
        fitting = rows.people if event.kind == EventKind.CAME else rows.hands if event.kind == EventKind.HANDS else None
        own = {**rows.questions, **rows.speakers} if fitting is None else fitting
        if subject in self.items | self.halls or (found and subject not in own):
            return "other_thing"
        return self._about_question(event) if fitting is None else ""

    def _about_withdrawing(self, event: Event) -> str:
        subject, others = event.subject, {**self.rows.people, **self.rows.hands}
        question = self.rows.questions.get(subject) if event.facts.get("of") != live.SPEAKER else None
        if question is not None and (
            question.origin != Origin.FLOOR
            or question.feedback_id is not None
            or any(promise.question_id == question.id for promise in self.session.promises)  # the chair gave something out for it
        ):
            return "stays"
        return "stays" if subject in self.items | self.halls or (subject in others and subject not in self.made) else ""

    def _about_question(self, event: Event) -> str:
        question = self.rows.questions.get(event.subject)
        if question is None:
            return ""
        if event.kind in live.CREATIONS and question.origin != Origin.FLOOR:
            return "other_thing"
        if question.state not in rules.RAISED or not question.for_the_day:
            return "not_raised"
        if event.kind == EventKind.ANSWERED and question.promised_on is not None and event.facts["kind"] != question.answer_kind:
            return "already_promised"
        return ""
