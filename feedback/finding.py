"""How staff find an item: by its code, by its sender's phone or e-mail, by words. What they find is what they may read."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, and_, bindparam, exists, or_, select
from sqlalchemy.orm import aliased

from app import crypto, search
from app.assignments.rules import OPEN
from app.database import db, is_postgresql
from app.permissions import Permission, Reach
from app.units.models import Field, Unit
from feedback import codes, contacts
from feedback.lists import not_concerning, within
from feedback.models import Feedback, FeedbackAssignment, Person
from feedback.public import WAITS

MOST_FOUND = 50


class Found(NamedTuple):
    """What a line of what was found says of an item; *waits* is as in words.status_word, *unit_id* whose it is now or was last."""

    code: str
    title: str
    kind: str
    status: str
    received_at: dt.datetime
    place_id: int | None
    waits: str | None
    unit_id: int | None


def _readable(reach: Reach) -> ColumnElement[bool]:
    """Say in SQL what rules.may_read says of one item."""
    desk_unit, copied, duty_unit = aliased(Unit), aliased(Unit), aliased(Unit)
    read = Permission.FEEDBACK_READ
    places = [scope.place_id for scope in reach.scopes(read) if scope.place_id]
    return and_(
        not_concerning(reach.paths),
        or_(
            exists().where(desk_unit.id == Feedback.desk_unit_id, within(desk_unit, reach, read)),
            exists().where(Field.id == Feedback.field_id, copied.id == Field.copied_to_id, within(copied, reach, read)),
            exists().where(
                FeedbackAssignment.feedback_id == Feedback.id,
                duty_unit.id == FeedbackAssignment.unit_id,
                or_(
                    within(duty_unit, reach, read),
                    and_(FeedbackAssignment.officer_id == reach.user_id, FeedbackAssignment.state.in_(sorted(OPEN))),
                ),
            ),
            Feedback.place_id.in_(places),
        ),
    )


def find(typed: str, reach: Reach) -> list[Found]:
    """Return the items a person may read that have this code, phone number, e-mail or these words; at most MOST_FOUND, newest first.

    By phone or e-mail only those find who may know names at the item's desk.
    """
    if (code := as_code(typed)) is not None:
        by, facts = "code", {"code": code, "parts": f"{code}."}
    elif (index := _as_contact(typed)) is not None:
        by, facts = "contact", {"index": index}
    elif expression := search.expression_of(typed):
        by, facts = "words", {"expression": expression}
    else:
        return []
    return [Found(*row) for row in db.session.execute(_finding(by, reach, is_postgresql()), facts)]


@lru_cache(maxsize=256)  # to put it together takes longer than to ask it
def _finding(by: str, reach: Reach, _postgresql: bool) -> Any:  # noqa: FBT001 - they are the key
    duty = select(FeedbackAssignment.unit_id).where(FeedbackAssignment.feedback_id == Feedback.id)
    unit_id = duty.order_by(FeedbackAssignment.id.desc()).limit(1).correlate(Feedback).scalar_subquery()
    shown = (Feedback.code, Feedback.title, Feedback.kind, Feedback.status, Feedback.received_at, Feedback.place_id)
    statement = select(*shown, WAITS, unit_id).where(_readable(reach)).order_by(Feedback.id.desc()).limit(MOST_FOUND)
    if by == "code":
        parts = Feedback.code.startswith(bindparam("parts", type_=String))
        return statement.where(or_(Feedback.code == bindparam("code"), parts))
    if by == "contact":
        index = bindparam("index", type_=Person.phone_index.type)
        return statement.join(Unit, Unit.id == Feedback.desk_unit_id).where(
            exists().where(Person.feedback_id == Feedback.id, or_(Person.phone_index == index, Person.email_index == index)),
            within(Unit, reach, Permission.IDENTITY_READ),
        )
    return statement.where(Feedback.id.in_(search.ids_matching("staff", bindparam("expression", type_=String), Feedback)))


def as_code(typed: str) -> str | None:
    """Return the receipt code that was typed, or None."""
    try:
        return codes.read_code(typed)
    except codes.CodeInvalid:
        return None


def _as_contact(typed: str) -> str | None:
    if "@" in typed:
        return crypto.blind_index(typed)
    try:
        return crypto.blind_index(contacts.read_phone(typed))
    except contacts.PhoneInvalid:
        return None
