"""Which door opens for whom: policies of routes, and where a role holds."""

from __future__ import annotations

import datetime as dt

import pytest

from app.access import NotAllowed, public, require, requires, signed_in
from app.accounts.models import Delegation, Grant
from app.accounts.queries import reach_of
from app.database import db
from app.permissions import GRANTS, Permission, Reach, Role, Scope
from tests import factories

DAY = dt.date(2026, 8, 3)


@pytest.mark.parametrize(
    ("scope", "unit_path", "place_id", "inside"),
    [
        (Scope(everywhere=True), "/1/", None, True),
        (Scope(everywhere=True), None, None, True),
        (Scope(unit_path="/1/3/"), "/1/3/", None, True),
        (Scope(unit_path="/1/3/"), "/1/3/31/", None, True),
        (Scope(unit_path="/1/3/"), "/1/31/", None, False),  # a path is not a prefix of numbers
        (Scope(unit_path="/1/3/"), "/1/", None, False),
        (Scope(unit_path="/1/3/"), None, 5, False),
        (Scope(place_id=5), "/1/3/", 5, True),
        (Scope(place_id=5), "/1/3/", 6, False),
        (Scope(place_id=5), "/1/3/", None, False),
        (Scope(), "/1/", 5, False),
    ],
)
def test_where_a_role_holds(scope, unit_path, place_id, inside):
    assert scope.covers(unit_path=unit_path, place_id=place_id) is inside


def test_every_role_allows_something_and_every_permission_is_given_by_some_role():
    assert set(GRANTS) == set(Role)
    assert all(GRANTS.values())
    assert set().union(*GRANTS.values()) == set(Permission)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR, Role.FRONT, Role.STEERING, Role.TRADE_UNION])
def test_who_only_looks_after_or_looks_on_never_handles_an_item(role):
    touching = {
        Permission.FEEDBACK_HANDLE,
        Permission.FEEDBACK_LEAD,
        Permission.FEEDBACK_TRIAGE,
        Permission.FEEDBACK_APPROVE,
        Permission.IDENTITY_READ,
    }
    assert not GRANTS[role] & touching


def test_a_role_holds_in_its_scope_and_only_there():
    reach = Reach(1, 1, holds=((Role.OFFICER, Scope(unit_path="/1/3/")),))
    assert reach.may(Permission.FEEDBACK_HANDLE, unit_path="/1/3/31/")
    assert not reach.may(Permission.FEEDBACK_HANDLE, unit_path="/1/4/")
    assert not reach.may(Permission.FEEDBACK_LEAD, unit_path="/1/3/")
    assert reach.may_anywhere(Permission.FEEDBACK_HANDLE)
    assert not reach.may_anywhere(Permission.FEEDBACK_TRIAGE)


@pytest.mark.parametrize(
    ("role", "scope", "own"),
    [
        (Role.HEAD, Scope(unit_path="/1/3/"), True),
        (Role.OFFICER, Scope(unit_path="/1/3/"), True),
        (Role.OFFICE, Scope(unit_path="/1/3/"), True),
        (Role.HEAD, Scope(unit_path="/1/"), False),  # the superior judges it, and is not of it
        (Role.HEAD, Scope(unit_path="/1/3/31/"), False),
        (Role.HEAD, Scope(everywhere=True), False),
        (Role.FRONT, Scope(unit_path="/1/3/"), False),  # looks at it
        (Role.ADMINISTRATOR, Scope(unit_path="/1/3/"), False),
    ],
)
def test_who_holds_a_seat_in_a_unit_is_one_of_its_people_wherever_their_account_is(role, scope, own):
    assert Reach(1, 9, ((role, scope),)).is_of(unit_id=3, unit_path="/1/3/") is own
    assert Reach(1, 3, ((role, scope),)).is_of(unit_id=3, unit_path="/1/3/")


@pytest.mark.parametrize(("days", "holds"), [(-1, False), (0, True), (9, True), (10, False)])
def test_a_role_holds_between_its_days(app, days, holds):
    user = factories.make_user()
    db.session.add(Grant(user_id=user.id, role=Role.OFFICER, unit_id=user.unit_id, starts_on=DAY, ends_on=DAY + dt.timedelta(days=9)))
    db.session.flush()
    reach = reach_of(user, on=DAY + dt.timedelta(days=days))
    assert reach.may(Permission.FEEDBACK_HANDLE, unit_path=user.unit.path) is holds


@pytest.mark.parametrize(
    ("days", "ended", "holds"), [(-1, False, False), (0, False, True), (9, False, True), (10, False, False), (3, True, False)]
)
def test_a_deputy_may_what_the_giver_may_between_the_days(app, days, ended, holds):
    giver, deputy = factories.make_user(roles=[Role.HEAD]), factories.make_user()
    db.session.add(
        Delegation(
            from_id=giver.id, to_id=deputy.id, form="KT.", starts_on=DAY, ends_on=DAY + dt.timedelta(days=9),
            ended_at=dt.datetime(2026, 8, 3, tzinfo=dt.UTC) if ended else None,
        )
    )  # fmt: skip
    db.session.flush()
    on = DAY + dt.timedelta(days=days)
    assert reach_of(deputy, on=on).may(Permission.FEEDBACK_LEAD, unit_path=giver.unit.path) is holds
    assert not reach_of(deputy, on=on, delegated=False).may(Permission.FEEDBACK_LEAD, unit_path=giver.unit.path)


def test_a_delegation_is_not_passed_on(app):
    first, second, third = factories.make_user(roles=[Role.HEAD]), factories.make_user(), factories.make_user()
    for giver, to in ((first, second), (second, third)):
        db.session.add(Delegation(from_id=giver.id, to_id=to.id, form="KT.", starts_on=DAY, ends_on=DAY))
    db.session.flush()
    assert not reach_of(third, on=DAY).may(Permission.FEEDBACK_LEAD, unit_path=first.unit.path)


def test_what_is_not_allowed_is_refused_by_name():
    require(allowed=True)
    with pytest.raises(NotAllowed):
        require(allowed=False)


def test_a_page_says_who_may_open_it():
    assert public(lambda: "").access_policy == "public"
    assert signed_in(lambda: "").access_policy == "signed_in"
    assert requires(Permission.AUDIT_READ)(lambda: "").access_policy == (Permission.AUDIT_READ,)


def test_without_an_account_a_page_of_the_staff_asks_to_sign_in_and_a_form_is_not_lost_silently(app):
    client = app.test_client()
    guarded = [
        rule for rule in app.url_map.iter_rules()
        if not rule.arguments and getattr(app.view_functions[rule.endpoint], "access_policy", "public") != "public"
    ]  # fmt: skip
    pages = [rule.rule for rule in guarded if "GET" in rule.methods]
    assert pages
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 302, page
        assert "next=" in answer.location, page
