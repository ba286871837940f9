"""Roles that open what is sealed, read the record or make other roles: one administrator alone gives nobody one of them at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import clock, settings
from app.accounts import operations, rights
from app.accounts.models import Delegation, Grant, User
from app.accounts.queries import grants_of, reach_of
from app.audit import entries_about
from app.database import db
from app.letters import letter, sentence
from app.outbox import Channel, Notice
from app.permissions import GRANTS, GUARDED, Permission, Role
from tests.app.test_administration import Desk, parts
from tests.factories import make_unit, make_user

DAY = dt.timedelta(days=1)
WAITING = sorted(GUARDED)


@pytest.fixture
def people(app: Flask) -> dict[str, User]:
    province = make_unit(name="UBND tỉnh")
    office = make_unit(parent=province)
    everywhere = {role: make_user(name=f"Giữ {role}", unit=office, roles=[(role, None)]) for role in WAITING}
    return everywhere | {
        "head": make_user(unit=province, roles=[Role.HEAD]),
        "head below": make_user(unit=office, roles=[Role.HEAD]),
        "clerk": make_user(name="Trần Văn Mới", unit=office),
    }


def give(people: dict[str, User], role: Role, **over: Any) -> Grant:
    today = clock.today()
    values = {"starts_on": today, "actor": people[Role.ADMINISTRATOR], "today": today, "now": clock.now()} | over
    return rights.give_role(people["clerk"], role, **values)


def told() -> dict[int, list[Notice]]:
    rows = list(db.session.scalars(db.select(Notice).where(Notice.template == "accounts/notices/guarded_role").order_by(Notice.id)))
    return {user_id: [row for row in rows if row.user_id == user_id] for user_id in {row.user_id or 0 for row in rows}}


def test_whatever_opens_the_sealed_reads_the_record_or_makes_roles_is_guarded() -> None:
    powers = {Permission.SEALED_READ, Permission.AUDIT_READ, Permission.ACCOUNT_MANAGE, Permission.SETTINGS_MANAGE}
    assert {role for role, held in GRANTS.items() if held & powers} == GUARDED


@pytest.mark.parametrize("role", WAITING)
def test_a_guarded_role_holds_after_a_whole_day_and_who_keeps_watch_hears_at_once(app: Flask, people: dict[str, User], role: Role) -> None:
    clerk, today = people["clerk"], clock.today()
    give(people, role)
    held = [bool(reach_of(clerk, on=today + n * DAY).holds) for n in range(3)]
    assert held == [False, False, True]
    notices = told()
    assert set(notices) == {people[who].id for who in (*WAITING, "head")}
    for rows in notices.values():
        site, mail = rows
        assert (site.channel, mail.channel) == (Channel.SITE, Channel.EMAIL)
        with app.test_request_context():
            assert "cho Trần Văn Mới, có hiệu lực từ" in sentence(site)
        assert "Trần Văn Mới" in letter(mail).text
        assert "gọi ngay" in letter(mail).html


def test_other_roles_hold_at_once_and_so_do_all_before_the_site_opens(people: dict[str, User]) -> None:
    clerk, today = people["clerk"], clock.today()
    give(people, Role.HEAD, unit=clerk.unit)
    settings.change("set_up", False, actor=people[Role.ADMINISTRATOR], now=clock.now())
    give(people, Role.SEALED_INTAKE)
    assert {role for role, _scope in reach_of(clerk, on=today).holds} == {Role.HEAD, Role.SEALED_INTAKE}
    assert told() == {}


def test_a_guarded_role_that_would_be_over_before_it_holds_is_refused(people: dict[str, User]) -> None:
    with pytest.raises(rights.OverBeforeItHolds):
        give(people, Role.SEALED_INTAKE, ends_on=clock.today() + DAY)
    assert told() == {}


@pytest.mark.parametrize("role", WAITING)
def test_no_delegation_lends_a_guarded_role(people: dict[str, User], role: Role) -> None:
    today = clock.today()
    db.session.add(Delegation(giver=people[role], deputy=people["clerk"], form="TUQ.", starts_on=today, ends_on=today))
    db.session.flush()
    assert reach_of(people["clerk"], on=today).holds == ()


@pytest.mark.parametrize("role", WAITING)
def test_who_makes_a_new_link_to_a_password_does_not_get_its_guarded_roles(people: dict[str, User], role: Role) -> None:
    victim, today = people[role], clock.today()
    other = make_user(unit=victim.unit, roles=[(Role.ADMINISTRATOR, None)])
    operations.invite(victim, actor=other, today=today, now=clock.now())
    assert [bool(reach_of(victim, on=today + n * DAY).holds) for n in range(3)] == [False, False, True]
    assert [entry.action for entry in entries_about(victim)][-3:] == ["grant.ended", "grant.given", "user.invited"]
    assert other.id in told()
    before = [grant.id for grant in grants_of(victim, on=today)]
    operations.invite(victim, actor=other, today=today, now=clock.now())
    assert [grant.id for grant in grants_of(victim, on=today)] == before, "asked twice, it waits once"


def test_who_invites_themselves_anew_loses_nothing(people: dict[str, User]) -> None:
    chief, today = people[Role.ADMINISTRATOR], clock.today()
    operations.invite(chief, actor=chief, today=today, now=clock.now())
    assert reach_of(chief, on=today).may(Permission.SETTINGS_MANAGE)


def test_the_page_says_when_it_holds(app: Flask, client: FlaskClient, people: dict[str, User]) -> None:
    desk, clerk, today = Desk(client, people[Role.ADMINISTRATOR]), people["clerk"], clock.today()
    address = f"/quan-tri/nguoi-dung/{clerk.id}/vai-tro"
    assert "có hiệu lực sau trọn một ngày" in desk.get(address).text
    form: dict[str, Any] = {"role": "sealed_intake", "scope": "everywhere"} | parts("starts_on", today)
    assert "Ngày cuối ở trước ngày đầu" in desk.send(address, **form, **parts("ends_on", today + DAY)).text
    page = desk.client.get(desk.send(address, **form).location).text
    day = today + 2 * DAY
    assert f"có hiệu lực từ {day.day}/{day.month}/{day.year}" in page
