"""One administrator alone makes a new link to somebody's password, and signs in as them: no sealed case comes along."""

from __future__ import annotations

import pytest

from app import clock
from app.accounts import operations as accounts
from app.accounts import passwords
from app.accounts.queries import reach_of
from app.database import db
from app.outbox import Notice
from app.permissions import Role
from feedback.sealed import queries
from feedback.sealed.operations import leading, reading, telling
from feedback.sealed.rules import Extent, SealedStep
from tests import factories
from tests.feedback.test_sealed_access import chair, granted, handed, intake, knows  # noqa: F401 - fixtures

pytestmark = pytest.mark.strictest_database


@pytest.fixture
def admin(province):
    return factories.make_user(unit=province.root, roles=[(Role.ADMINISTRATOR, None)])


def told_of_the_day() -> set[int]:
    before = set(db.session.scalars(db.select(Notice.id)))
    telling.tell_readers(clock.today(), now=clock.now())
    return set(db.session.scalars(db.select(Notice.user_id).where(Notice.id.not_in(before))))


def test_a_new_link_takes_a_case_back_and_who_makes_it_learns_nothing(province, intake, chair, admin, tried):  # noqa: F811
    case, now = handed(intake, chair), clock.now()
    officer = province.health_officer
    given = granted(case, chair, officer, extent=Extent.COPY)
    assert knows(chair, case)
    assert knows(officer, case)
    before = set(db.session.scalars(db.select(Notice.user_id)))
    accounts.invite(officer, actor=admin, today=clock.today(), now=now)
    assert not knows(officer, case)
    assert given.is_ours
    accounts.invite(chair, actor=admin, today=clock.today(), now=now)
    assert not knows(chair, case)
    intake.reach = reach_of(intake, on=clock.today())
    assert queries.may_open(intake, case, on=clock.today()), "intake takes it back"
    kinds = [(step.user_id, step.kind) for step in case.steps if step.kind == SealedStep.TAKEN_BACK]
    assert kinds == [(officer.id, "taken_back"), (chair.id, "taken_back")]
    assert admin.id not in set(db.session.scalars(db.select(Notice.user_id))) - before
    assert intake.id in told_of_the_day()
    reading.open_case(case, reason="Chuyển lại", actor=intake, now=now)
    assert next(queries.open_to(intake, on=clock.today(), unopened=True), None) is None, "who looked at it is told no more"
    leading.hand_to(case, chair, actor=intake, now=now)
    assert knows(chair, case), "the new account of the same person is chosen anew"
    tried("a sealed case read by a new link to the password of who has it", 2)


def test_a_link_that_was_made_before_a_case_came_takes_it_away_once_it_is_used(province, intake, chair, admin, tried):  # noqa: F811
    accounts.invite(chair, actor=admin, today=clock.today(), now=clock.now())
    case = handed(intake, chair)
    assert knows(chair, case)
    accounts.choose_password(chair, passwords.digest("một câu dễ nhớ"), now=clock.now())
    assert not knows(chair, case)
    tried("a sealed case read by a link made before it came", 1)


def test_who_changes_their_own_password_keeps_what_they_have(province, intake, chair):  # noqa: F811
    case = handed(intake, chair)
    accounts.set_password(chair, passwords.digest("một câu dễ nhớ"), now=clock.now())
    assert knows(chair, case)
