"""Whose names may stay in what everyone reads of a session: those who speak and sign there for the authorities, never a citizen's."""

from __future__ import annotations

from app.accounts.models import User
from app.database import db
from dialogues.models import Session
from feedback import masking
from feedback.models import Person


def officials(session: Session) -> frozenset[str]:
    """Return the names of chairs, staff, signers and delegates who answered, and of whoever has an account in a unit that took part.

    A citizen who asked, registered or came and has the same name keeps it to themselves.
    """
    named = {each.name for each in session.chairs} | {each.user.name for each in session.staff} | {each.signer for each in session.papers}
    named |= {each.text for question in session.questions for each in masking.find(question.answered_by) if each.kind == "person"}
    named |= set(db.session.scalars(db.select(User.name).where(User.unit_id.in_(_units(session)))))
    return frozenset(masking.bare(name) for name in named if name) - {masking.bare(name) for name in _citizens(session) if name}


def _units(session: Session) -> set[int]:
    promised = {id_ for each in [*session.promises, *session.questions] for id_ in each.supporting_ids or []}
    guests = {each.unit_id for each in session.invitations if each.unit_id is not None}
    return {session.unit_id, *(each.unit_id for each in [*session.chairs, *session.promises]), *promised, *guests}


def _citizens(session: Session) -> set[str | None]:
    items = [question.feedback_id for question in session.questions if question.feedback_id is not None]
    asked = db.session.scalars(db.select(Person).where(Person.feedback_id.in_(items)))
    came = [*session.registrations, *(each for each in session.attendances if each.invitation_id is None), *asked]
    return {each.name for each in came} | {question.asker for question in session.questions}
