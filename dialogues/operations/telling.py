"""Who is told of what about a session. A notice names the session, the day and the host, never what was asked."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app.accounts.models import User
from app.accounts.queries import holders
from app.clock import local_date
from app.database import db
from app.outbox import Channel, notify, notify_users
from app.permissions import Permission
from dialogues.models import Follower, PreparationTask, Session, SessionPaper
from dialogues.rules import GuestAnswer, RegistrationState, Status
from feedback.models import PersonRole
from feedback.operations import consenting

#: Its day was told and is still to come.
TOLD = frozenset({Status.ANNOUNCED, Status.READY})


def _about(session: Session) -> dict[str, Any]:
    return {"code": session.code, "unit": session.unit.name, "day_on": session.day}


def _address(email: str | None, phone: str | None) -> tuple[Channel, str] | None:
    """Return how somebody is reached: by e-mail where there is one, else by phone."""
    if email:
        return Channel.EMAIL, email
    return (Channel.SMS, phone) if phone else None


def _outside(session: Session) -> dict[tuple[Channel, str], tuple[str, int | None]]:
    """Return how everybody outside who was told of *session* or asked in it is reached, each address once.

    With it their language, and the id of the follower, whose letters say how to end them.
    """
    found: dict[tuple[Channel, str], tuple[str, int | None]] = {}
    coming = (guest for guest in session.invitations if guest.answer != GuestAnswer.NOT_COMING)
    reached: list[tuple[tuple[Channel, str] | None, str]] = [(_address(guest.email, guest.phone), "vi") for guest in coming]
    reached += [
        (_address(seat.email, seat.phone), seat.locale) for seat in session.registrations if seat.state != RegistrationState.CANCELLED
    ]  # fmt: skip
    for question in session.questions:
        reached.append((_address(None, question.phone), "vi"))
        if question.feedback is not None and not question.is_withdrawn:
            senders = consenting.told(person for person in question.feedback.people if person.role != PersonRole.PRINCIPAL)
            reached += [(_address(person.email, person.phone), question.feedback.locale) for person in senders]
    for address, locale in reached:
        if address is not None:
            found.setdefault(address, (locale, None))
    for follower in db.session.scalars(db.select(Follower).where(Follower.session_id == session.id, Follower.confirmed_at.is_not(None))):
        found.setdefault((Channel.EMAIL, follower.email), (follower.locale, follower.id))
    return found


def _inside(session: Session, now: dt.datetime) -> list[User]:
    """Return the people with accounts who take part: chairs, helpers, the heads of the units that were invited."""
    people = [chair.user for chair in session.chairs if chair.user is not None] + [each.user for each in session.staff]
    for guest in session.invitations:
        if guest.unit is not None:
            people += holders(Permission.DIALOGUE_LEAD, guest.unit, on=local_date(now))
    return list({user.id: user for user in people}.values())


def _everybody(session: Session, template: str, *, now: dt.datetime, occasion: str = "", **facts: Any) -> None:
    name, occasion = f"dialogues/notices/{template}", occasion or now.isoformat()
    facts |= _about(session)
    notify_users(_inside(session, now), name, session, occasion, now=now, **facts)
    for (channel, address), (locale, follower_id) in _outside(session).items():
        notify(
            channel=channel, template=name, about=session, now=now, occasion=occasion, address=address, locale=locale,
            follower_id=follower_id, **facts,
        )  # fmt: skip


def put_off(session: Session, *, now: dt.datetime) -> None:
    """Those invited, registered, and those who asked hear that *session* was postponed or cancelled."""
    _everybody(session, "put_off", now=now, cancelled=session.status == Status.CANCELLED)


def changed(session: Session, *, now: dt.datetime) -> None:
    """Those who were told of *session* hear, once a day, that where or how it is held is not as they were told."""
    if session.status in TOLD:
        _everybody(session, "changed", now=now, occasion=f"changed:{local_date(now)}")


def new_day(session: Session, *, now: dt.datetime) -> None:
    """Those who were told a day that did not hold hear the new one."""
    _everybody(session, "new_day", now=now, begins_at=session.starts_at)


def published(session: Session, *, now: dt.datetime) -> None:
    """Everybody who came, asked, or wanted to be told hears that the result is out."""
    _everybody(session, "published", now=now)


def task_handed(task: PreparationTask, owner: User, *, now: dt.datetime) -> None:
    """Somebody hears that a row of the checklist is theirs."""
    session, occasion = task.session, f"task:{task.id}:{now.isoformat()}"
    notify_users(
        [owner], "dialogues/notices/task", session, occasion, now=now, code=session.code, unit=session.unit.name, due_on=task.due_on
    )


def minutes_to_sign(session: Session, version: int, actor: User, *, now: dt.datetime) -> None:
    """The chair, or the unit's head where no chair has an account, hears that the secretary has signed the minutes."""
    people = [chair.user for chair in session.chairing if chair.user is not None]
    people = people or holders(Permission.DIALOGUE_LEAD, session.unit, on=local_date(now))
    _staff(people, "minutes_to_sign", session, f"minutes:{version}", actor, now=now, code=session.code)


def paper_to_sign(paper: SessionPaper, actor: User, *, now: dt.datetime) -> None:
    """Whoever signs a paper, or the head of the unit whose paper it is, hears that it waits for a signature."""
    chairs = paper.session.chairs if paper.session is not None else []
    people = [chair.user for chair in chairs if chair.user is not None and chair.name == paper.signer]
    _paper_waits(paper, people or holders(Permission.DIALOGUE_LEAD, paper.unit, on=local_date(now)), "sign", actor, now)


def paper_to_number(paper: SessionPaper, actor: User, *, now: dt.datetime) -> None:
    """The văn thư of whose paper it is, and of who holds the session, hear that a paper comes to be numbered: many share one."""
    units = [paper.unit] if paper.session is None else [paper.unit, paper.session.unit]
    people = [user for unit in units for user in holders(Permission.FEEDBACK_NUMBER, unit, on=local_date(now))]
    _paper_waits(paper, people, "number", actor, now)


def paper_to_read(paper: SessionPaper, actor: User, *, now: dt.datetime) -> None:
    """Who prepares the session hears that a paper got its number after the names were read: it stays nội bộ until somebody reads it."""
    if paper.session is None:
        return
    may = holders(Permission.DIALOGUE_PREPARE, paper.session.unit, on=local_date(now))
    mine = {paper.drafted_by_id, *(each.user_id for each in paper.session.staff)}
    _paper_waits(paper, [user for user in may if user.id in mine] or may, "read", actor, now)


def _paper_waits(paper: SessionPaper, people: list[User], hand: str, actor: User, now: dt.datetime) -> None:
    code, year = (paper.session.code, None) if paper.session is not None else ("", paper.plan.year if paper.plan else None)
    facts = {"code": code, "year": year, "type": paper.type, "paper_id": paper.id, "hand": hand}
    _staff(people, "paper_waits", paper, f"{hand}:{now.isoformat()}", actor, now=now, **facts)


def _staff(people: list[User], name: str, about: Session | SessionPaper, occasion: str, actor: User, **facts: Any) -> None:
    others = {user.id: user for user in people if user is not actor}.values()
    notify_users(others, f"dialogues/notices/{name}", about, occasion, **facts)
