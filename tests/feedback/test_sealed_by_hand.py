"""Who administers the database, with an account of their own, writes themselves into a sealed case: it opens nothing, and is found."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from app import clock
from app.access import NotAllowed
from app.chain import queries as chain
from app.database import db
from app.permissions import Role
from feedback.sealed import queries
from feedback.sealed.operations import identity, leading
from tests import factories
from tests.feedback.test_sealed_access import chair, confirmed, granted, handed, intake, knows, province  # noqa: F401


def by_hand(sql: str) -> None:
    db.session.execute(text(sql))
    db.session.commit()
    db.session.expire_all()


def found() -> set[str]:
    return {table for table, _id in chain.keys_foreign()}


@pytest.mark.parametrize(
    "sets",
    ["user_id = {other}", "until = '2099-12-31'", "extent = 'whole'", "ended_at = NULL", "declared_at = given_at, ended_at = NULL"],
)
def test_a_grant_that_was_changed_by_hand_grants_nothing(province, intake, chair, sets, tried):  # noqa: F811
    case, officer, other = handed(intake, chair), province.health_officer, factories.make_user(unit=province.front)
    given = granted(case, chair, officer, extent=queries.rules.Extent.COPY)
    assert knows(officer, case)
    leading.declare(case, conflict="", actor=officer, now=clock.now())
    if "ended_at" in sets:
        leading.end(given, actor=chair, now=clock.now())
    db.session.commit()
    assert found() == set()
    by_hand(f"UPDATE sealed_grant SET {sets}".format(other=other.id))
    assert not knows(officer, case)
    assert not knows(other, case)
    db.session.commit()
    assert found() == {"sealed_grant"}
    tried("a grant of a sealed case changed by hand", 1)


def test_a_head_who_was_named_by_hand_heads_nothing(province, intake, chair, tried):  # noqa: F811
    case, other = handed(intake, chair), factories.make_user(unit=province.front, roles=[Role.HEAD])
    assert knows(chair, case)
    db.session.commit()
    by_hand(f"UPDATE sealed_case SET head_id = {other.id}")
    assert not knows(other, case)
    db.session.commit()
    assert found() == {"sealed_case"}
    tried("the head of a sealed case named by hand", 1)


@pytest.mark.parametrize("sets", ["agreed = {true}, decided_by_id = {third}, decided_at = asked_at", "asked_by_id = {other}"])
def test_nobody_learns_who_wrote_by_a_reveal_that_was_written_by_hand(province, intake, sets, tried):  # noqa: F811
    case, now = confirmed(intake), clock.now()
    other, third = (factories.make_user(unit=unit, roles=[(Role.SEALED_INTAKE, None)]) for unit in (province.front, province.steering))
    reveal = identity.ask(case, reason="x", actor=intake, now=now)
    if "asked_by_id" in sets:
        identity.decide(reveal, agree=True, reason="x", actor=third, now=now)
    db.session.commit()
    by_hand(f"UPDATE sealed_reveal SET {sets}".format(true="TRUE", third=third.id, other=other.id))
    for actor in (intake, other):
        actor.reach = queries.reach_of(actor, on=clock.today())
        with pytest.raises(NotAllowed):
            identity.see(case, actor=actor, now=now)
    with pytest.raises(NotAllowed):
        identity.decide(reveal, agree=True, reason="x", actor=third, now=now)
    db.session.commit()
    assert found() == {"sealed_reveal"}
    tried("a reveal of who wrote agreed to by hand, or led to somebody else", 1)
