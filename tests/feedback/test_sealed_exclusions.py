"""Who is kept out of a sealed case stays out: no move of an account or a unit, and no one person alone, lets them in."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from app import clock
from app.accounts import operations as accounts
from app.accounts.models import Delegation, Grant
from app.accounts.queries import reach_of
from app.database import db
from app.permissions import Role
from app.units import operations as units
from app.units.models import UnitSuccession
from feedback import rules as feedback_rules
from feedback.sealed import queries, rules
from feedback.sealed.models import SealedCase
from feedback.sealed.operations import leading, reading
from tests import factories
from tests.feedback import builders
from tests.feedback.at_desk import AtDesk

DAY = dt.timedelta(days=1)


@pytest.fixture
def admin(province):
    user = factories.make_user(unit=province.root, roles=[(Role.ADMINISTRATOR, None)])
    user.reach = reach_of(user, on=clock.today())
    return user


@pytest.fixture
def intake(province):
    return [factories.make_user(unit=province.front, name=name, roles=[(Role.SEALED_INTAKE, None)]) for name in ("Vũ Một", "Vũ Hai")]


def about(unit) -> SealedCase:
    builders.submit(kind=feedback_rules.DENUNCIATION, body="Nhận phong bì ở quán Gió Đông", accused_unit_id=unit.id, token="t")
    db.session.flush()
    return db.session.scalars(db.select(SealedCase)).one()


def knows(user, case, *, on=None) -> bool:
    on = on or clock.today()
    user.reach = reach_of(user, on=on)
    return queries.may_know(user, case, on=on)


def move(user, unit, admin) -> None:
    said = {"name": user.name, "email": user.email, "form_of_address": user.form_of_address, "title": user.title}
    accounts.change_user(user, **said, unit=unit, actor=admin, today=clock.today(), now=clock.now())
    db.session.flush()


# --- whose unit it was --------------------------------------------------------------------------------------------------


def account_moved(province, user, admin):
    move(user, province.works, admin)
    move(user, province.front, admin)


def seat_ended(province, user, admin):
    yesterday = clock.today() - DAY
    db.session.add(Grant(user_id=user.id, role=Role.OFFICER, unit_id=province.roads.id, starts_on=yesterday, ends_on=yesterday))


def stood_in(province, user, admin):
    days = {"starts_on": clock.today() - 9 * DAY, "ends_on": clock.today() - 8 * DAY}
    db.session.add(Delegation(giver=province.head, deputy=user, form="KT.", **days))


def unit_moved_away(province, user, admin):
    move(user, province.roads, admin)
    roads = province.roads
    facts = units.UnitFacts(**{name: getattr(roads, name) for name in units.UnitFacts.__dataclass_fields__})
    units.change_unit(roads, facts, parent=province.health, actor=admin, now=clock.now())
    assert not roads.path.startswith(province.works.path)


def heir(province, user, admin):
    move(user, province.health, admin)
    province.roads.valid_to = clock.today() - DAY
    db.session.add(UnitSuccession(from_id=province.roads.id, to_id=province.health.id, effective_on=clock.today()))


@pytest.mark.parametrize("way_out", [account_moved, seat_ended, stood_in, unit_moved_away, heir])
def test_nobody_leaves_what_they_are_kept_out_of(province, admin, intake, way_out):
    case = about(province.works)
    reader = factories.make_user(unit=province.front, roles=[(Role.SEALED_INTAKE, None)])
    assert knows(reader, case)
    way_out(province, reader, admin)
    db.session.flush()
    assert not knows(reader, case)
    assert reader.id in queries.excluded(case, [reader], on=clock.today())
    assert knows(intake[0], case)


def test_a_unit_of_long_ago_keeps_nobody_out(province, admin, intake):
    case = about(province.works)
    long_ago = clock.local_date(case.heading.received_at) - rules.BEFORE - DAY
    db.session.add(Grant(user_id=intake[0].id, role=Role.OFFICER, unit_id=province.works.id, starts_on=long_ago, ends_on=long_ago))
    db.session.flush()
    assert knows(intake[0], case)


def test_the_superior_who_took_a_closed_unit_over_is_not_kept_out():
    assert rules.with_heirs(["/1/2/"], [("/1/2/", "/1/"), ("/1/2/5/", "/1/3/"), ("/1/3/", "/1/4/")]) == {"/1/2/", "/1/3/", "/1/4/"}


def test_who_stood_in_for_an_accused_head_and_whom_they_led_stay_out_when_both_ended(province, intake):
    case, now, today = about(province.health), clock.now(), clock.today()
    below = factories.make_user(unit=province.roads, roles=[(Role.SEALED_INTAKE, None)])
    deputy = factories.make_user(unit=province.front, roles=[(Role.SEALED_INTAKE, None)])
    db.session.add(Delegation(giver=province.head, deputy=deputy, form="KT.", starts_on=today - 3 * DAY, ends_on=today - 2 * DAY))
    reading.open_case(case, declares=True, reason="Xem", actor=intake[0], now=now)
    leading.confirm(case, unit=province.health, people=[province.head], actor=intake[0], now=now)
    for grant in province.head.grants:
        grant.ends_on = today - DAY
    db.session.flush()
    assert not knows(below, case)
    assert not knows(deputy, case)
    assert knows(intake[0], case)


# --- two people take somebody away --------------------------------------------------------------------------------------


def test_who_was_named_stays_out_until_somebody_else_agrees_and_never_decides(app, province, intake):
    case, (one, other) = about(province.works), intake
    factories.make_user(unit=province.root, roles=[Role.HEAD])
    theirs = factories.make_user(unit=province.roads, roles=[(Role.SEALED_INTAKE, None)])
    page = f"/can-bo/to-cao/{case.uid}/nguoi-bi-noi-toi"
    mark, ticked = 'name="lifted"', f"unit-{province.works.id}"
    desk, second = AtDesk(app, one), AtDesk(app, other)
    for each in (desk, second):
        each.fill(f"/can-bo/to-cao/{case.uid}", status=200, conflict="no", reason="Xem")
    for _again in range(2):
        desk.fill(page, unit="0", lifted=ticked)
        assert not knows(theirs, case)
    shown = desk.get(page)
    assert f"Đã bỏ nhưng vẫn phải tránh: {province.works.name}" in shown
    assert mark not in shown, "who took it away does not agree to it"
    second.fill(page, unit="0")  # something else is confirmed, and nothing agreed to
    assert not knows(theirs, case)
    assert mark in second.get(page)
    second.fill(page, unit="0", lifted=ticked)
    db.session.refresh(case)
    assert case.heading.kept == ()
    assert knows(theirs, case)
    heads = [user.id for user, _unit in queries.heads_for(case, on=clock.today())]
    assert heads
    assert province.head.id not in heads
    with pytest.raises(leading.Excluded):
        leading.hand_to(case, province.head, actor=one, now=clock.now())


def test_adding_is_one_persons_and_so_is_saying_more_of_the_same(province, intake):
    case, now = about(province.roads), clock.now()
    reading.open_case(case, declares=True, reason="Xem", actor=intake[0], now=now)
    leading.confirm(case, unit=province.works, people=[province.health_officer], actor=intake[0], now=now)
    assert case.heading.kept == ()
    leading.confirm(case, unit=province.health, people=[], actor=intake[0], now=now)
    gone = {("unit", province.works.id), ("person", province.health_officer.id)}
    assert {each[:2] for each in case.heading.kept} == gone
    for out in (province.officer, province.health_officer, province.head):
        assert out.id in queries.excluded(case, [out], on=clock.today())
    leading.confirm(case, unit=province.works, people=[], actor=intake[0], now=now)
    assert {each[:2] for each in case.heading.kept} == {("unit", province.health.id), ("person", province.health_officer.id)}


def test_in_a_thousand_random_orders_whoever_was_named_is_out_until_two_people_said_otherwise():
    rnd = random.Random(7)
    every = [("unit", 1), ("unit", 2), ("person", 1), ("person", 2)]
    lifted_once = 0
    for _ in range(1000):
        named, kept, out = set(), (), set()  # out: as it should be, with who took it away
        taken: dict[tuple[str, int], int] = {}
        for _step in range(rnd.randint(1, 8)):
            actor = rnd.randint(1, 3)
            now, lifted = set(rnd.sample(every, rnd.randint(0, 2))), set(rnd.sample(every, rnd.randint(0, 4)))
            agreed = {each for each in lifted if taken.get(each, actor) != actor} - now
            kept = rules.kept_after(kept, gone=named - now, named=now, lifted=lifted, by_id=actor)
            out = (out | now) - agreed
            taken = {each: by for each, by in taken.items() if each not in now | agreed} | dict.fromkeys(named - now, actor)
            named = now
            lifted_once += bool(agreed)
            assert named | {each[:2] for each in kept} == out
            assert len({each[:2] for each in kept}) == len(kept)
    assert lifted_once > 100
