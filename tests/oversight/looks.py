"""Promises that were reported done, and people who look at them. Plain functions; they flush."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app import settings
from app.access import SYSTEM
from app.accounts.models import User
from app.assignments.rules import Duty
from app.permissions import Role
from app.units.models import UnitKind
from dialogues.models import ConclusionAssignment
from dialogues.operations import promises
from dialogues.operations.promises import Word
from dialogues.rules import PublicForm, Status
from feedback.models import FeedbackAssignment
from feedback.operations import unit
from oversight.models import SpotCheck
from oversight.operations import looking
from oversight.operations.looking import Seen
from tests.dialogues import builders as sessions
from tests.factories import make_unit, make_user
from tests.feedback import builders
from tests.feedback.builders import MONDAY, Province, at

#: By then it was done, and somebody looks.
DONE_AT, LOOKED_AT = at(3), at(7)


def kept(province: Province, *, now: dt.datetime = DONE_AT, **over: Any) -> FeedbackAssignment:
    """Return what an answer of Sở Xây dựng promised, reported done with a photograph."""
    item = builders.taken(province, **over)
    builders.answer(province, item, at(1), [builders.promised(at(10).date())])
    act = next(each for each in item.assignments if each.duty == Duty.ACT)
    unit.keep_promise(act, report="Đã thay hai bóng đèn.", proofs=[builders.proof()], actor=province.officer, now=now)
    return act


def answered(province: Province, **over: Any) -> FeedbackAssignment:
    """Return the duty to answer of an item that was answered."""
    item = builders.answered(province, **over)
    return next(each for each in item.assignments if each.duty == Duty.ANSWER)


def concluded(province: Province, head: User) -> ConclusionAssignment:
    """Return what a session's chair gave to Sở Xây dựng, reported done."""
    session = sessions.session_at(province, head, Status.IN_SESSION)
    word = Word(unit=province.works, due_on=at(60).date(), public_form=PublicForm.SITE)
    row = promises.instruct(session, "Nạo vét rãnh trước cổng chợ", word, actor=head, now=sessions.DAY)
    promises.keep(row, outcome="Đã nạo vét.", proofs=[builders.proof().file], caption="", actor=province.officer, now=at(40))
    return row


def superior(province: Province) -> User:
    """Return who leads the unit above the departments."""
    return make_user(unit=province.root, roles=[Role.HEAD], name="Chủ tịch tỉnh")


def overseer(province: Province) -> User:
    """Return somebody of the department that the province names to look."""
    home = make_unit(parent=province.root, name="Sở Nội vụ", kind=UnitKind.DEPARTMENT)
    return make_user(unit=home, roles=[(Role.OVERSEER, None)], name="Cán bộ Sở Nội vụ")


def standing_body(province: Province) -> User:
    """Let the steering committee be the standing body, and return who decides there."""
    settings.change("standing_body_id", province.steering.id, actor=SYSTEM, now=MONDAY)
    return province.steering_reader


def seen(right: bool = True, **over: Any) -> Seen:  # noqa: FBT001, FBT002  reads: seen(False)
    """Return what somebody found."""
    values = {"looked_on": LOOKED_AT.date(), "as_reported": right, "note": "Đã đến tận nơi xem hai bóng đèn."}
    return Seen(**(values | over))


def look(row: Any, actor: User, right: bool = True, now: dt.datetime = LOOKED_AT, **over: Any) -> SpotCheck:  # noqa: FBT001, FBT002
    """Have *actor* look at *row*."""
    return looking.look(row, seen(right, **over), actor=actor, now=now)
