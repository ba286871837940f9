"""Who administers the database changes a row that keeps somebody out of a sealed case: it lets nobody in, whatever it said before."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text

from app import clock
from app.accounts.models import Delegation, Grant, User
from app.chain import queries as chain
from app.database import db
from app.permissions import Role
from feedback.sealed import queries
from feedback.sealed.models import SealedCaseStep
from feedback.sealed.operations import reading
from tests import factories
from tests.feedback.test_sealed_access import chair, confirmed, handed, intake, knows  # noqa: F401 - fixtures

pytestmark = pytest.mark.strictest_database

DAY = dt.timedelta(days=1)


def changed(model, sets: str) -> str:
    """Change by hand the row of *model* that was added last; return its table."""
    db.session.commit()
    last = db.session.scalar(db.select(db.func.max(model.id)))
    db.session.execute(text(f"UPDATE {model.__tablename__} SET {sets} WHERE id = {last}"))
    db.session.commit()
    db.session.expire_all()
    return model.__tablename__


def held(user: User, role: Role, unit, *, ended: bool = False) -> None:
    today = clock.today()
    db.session.add(Grant(user_id=user.id, role=role, unit_id=unit.id, starts_on=today - 90 * DAY, ends_on=today - DAY if ended else None))
    db.session.flush()


def stood_in(giver: User, to: User) -> None:
    today = clock.today()
    db.session.add(Delegation(giver=giver, deputy=to, form="KT.", starts_on=today - 9 * DAY, ends_on=today - 8 * DAY))
    db.session.flush()


def seat(province, reader):
    held(reader, Role.OFFICER, province.works)
    return {"unit": province.works}


def ended_seat(province, reader):
    held(reader, Role.OFFICER, province.works, ended=True)
    return {"unit": province.works}


def deputy_of_a_seat(province, reader):
    stood_in(province.officer, reader)
    return {"unit": province.works}


def accused_head(province, reader):
    held(reader, Role.OFFICER, province.roads)
    accused = factories.make_user(unit=province.front)
    held(accused, Role.HEAD, province.works)
    return {"people": [accused]}


def accused_and_their_deputy(province, reader):
    accused = factories.make_user(unit=province.front)
    stood_in(accused, reader)
    return {"people": [accused]}


@pytest.mark.parametrize(
    ("make", "model", "sets"),
    [
        (seat, Grant, "seal = 'x'"),
        (seat, Grant, "starts_on = '2099-01-01'"),
        (seat, Grant, "unit_id = {health}"),
        (ended_seat, Grant, "ends_on = '2020-01-02', starts_on = '2020-01-01'"),
        (ended_seat, Grant, "role = 'front'"),
        (deputy_of_a_seat, Delegation, "starts_on = '2099-01-01', ends_on = '2099-01-02'"),
        (accused_head, Grant, "seal = 'x'"),
        (accused_head, Grant, "unit_id = {health}"),
        (accused_head, Grant, "role = 'officer'"),
        (accused_and_their_deputy, Delegation, "to_id = {other}"),
        (accused_and_their_deputy, Delegation, "starts_on = '2099-01-01'"),
    ],
)
def test_nobody_comes_in_by_a_change_of_what_keeps_them_out(province, intake, make, model, sets, tried):  # noqa: F811
    reader = factories.make_user(unit=province.front, roles=[(Role.SEALED_INTAKE, None)])
    accused = make(province, reader)
    row = db.session.scalar(db.select(model).order_by(model.id.desc()).limit(1)).id
    case = confirmed(intake, **accused)
    assert not knows(reader, case)
    db.session.commit()
    said = sets.format(health=province.health.id, other=province.clerk.id)
    db.session.execute(text(f"UPDATE {model.__tablename__} SET {said} WHERE id = {row}"))
    db.session.commit()
    db.session.expire_all()
    assert not knows(reader, case)
    assert list(chain.keys_foreign()) == [(model.__tablename__, row)]
    tried("a seat, a role or a delegation that keeps somebody out of a sealed case changed by hand", 1)


def test_a_head_whose_office_ended_decides_no_more_by_a_change_of_the_day(province, intake, tried):  # noqa: F811
    head = factories.make_user(unit=province.root)
    held(head, Role.HEAD, province.root)
    case = handed(intake, head)
    assert knows(head, case)
    db.session.scalars(db.select(Grant).where(Grant.user_id == head.id)).one().ends_on = clock.today() - DAY
    db.session.flush()
    assert not knows(head, case)
    changed(Grant, "ends_on = NULL")
    assert not knows(head, case)
    tried("the end of a head's office taken away by hand", 1)


def test_a_unit_with_a_head_who_was_written_by_hand_offers_nobody_to_decide(province, intake, chair, tried):  # noqa: F811
    case, other = confirmed(intake), factories.make_user(unit=province.root)
    assert chair in [user for user, _unit in queries.heads_for(case, on=clock.today())]
    held(other, Role.HEAD, province.root)
    changed(Grant, "seal = NULL")
    offered = [user for user, _unit in queries.heads_for(case, on=clock.today())]
    assert {chair, other}.isdisjoint(offered)
    assert province.head in offered
    tried("a head written into the database by hand", 1)


@pytest.mark.parametrize("sets", ["seal = 'x'", "kind = 'declared'", "user_id = {other}"])
def test_who_is_out_by_their_own_word_stays_out_when_that_is_changed_by_hand(province, intake, sets, tried):  # noqa: F811
    case = confirmed(intake)
    reading.declare(case, conflict="Là anh rể tôi", actor=intake, now=clock.now())
    assert not knows(intake, case)
    changed(SealedCaseStep, sets.format(other=province.clerk.id))
    assert not knows(intake, case)
    tried("the word by which somebody is out of a sealed case changed by hand", 1)
