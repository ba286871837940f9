"""Who administers the database writes rows that open doors, or leads their own to somebody else: they open nothing, and are found."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

import pytest
from sqlalchemy import text

from app import clock, settings
from app.access import SYSTEM
from app.accounts import factors, former, invitations, passkeys, rights, sessions
from app.accounts import operations as accounts
from app.accounts.models import Delegation, Passkey, Totp, User
from app.accounts.queries import reach_of
from app.chain import queries
from app.citizens import operations as citizens
from app.database import db
from app.identities.models import Identity
from app.identities.queries import identity_of
from app.letters import NobodyToTell, letter
from app.outbox import Channel, Notice
from app.permissions import Reach, Role
from tests.app.key_holder import KeyHolder
from tests.factories import make_unit, make_user

NOW = dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC)
ISSUER = "https://vneid.example"


def by_passkey(user: User) -> Callable[[], User | None]:
    """Give *user* a key; return how one comes in by it."""
    holder, now = KeyHolder(), clock.now()
    sessions.begin(user, browser="other/other", now=now)
    passkeys.add(user, holder.make(passkeys.to_add(user, now=now)), name="khóa", now=now)

    def enter() -> User | None:
        try:
            return passkeys.take(None, holder.use(passkeys.to_use(None, now=now)), now=now)
        except passkeys.PasskeyRefused:
            return None

    return enter


def by_app(user: User) -> Callable[[], User | None]:
    """Give *user* an app; return whose its codes are."""
    row = Totp(user_id=user.id, last_step=0, made_at=NOW)
    row.secret = factors.new_secret()
    db.session.add(row)
    db.session.flush()
    return lambda: next((each for each in db.session.scalars(db.select(User)) if factors.app_of(each) is not None), None)


def by_provider(user: User) -> Callable[[], User | None]:
    """Link *user* with an account at the provider; return whom that lets in."""
    db.session.add(Identity(user_id=user.id, issuer=ISSUER, subject="tam", linked_at=NOW))
    db.session.flush()
    return lambda: getattr(identity_of(ISSUER, "tam"), "user", None)


@pytest.mark.parametrize(("table", "make"), [("passkey", by_passkey), ("totp", by_app), ("identity", by_provider)])
def test_a_door_of_ones_own_that_was_written_to_another_lets_nobody_in_and_is_found(app, table, make, tried):
    own, other = make_user(), make_user()
    enter = make(own)
    assert enter() is own
    db.session.commit()
    assert list(queries.keys_foreign()) == []
    db.session.execute(text(f"UPDATE {table} SET user_id = {other.id}"))
    db.session.commit()
    assert enter() is None
    db.session.commit()
    assert [found for found, _id in queries.keys_foreign()] == [table]
    tried("a passkey, an app or a provider's account of one's own written to somebody else by hand", 1)


def test_what_the_site_itself_changes_stays_ours_and_what_was_not_ours_does_not_become_it(app):
    user = make_user()
    by_passkey(user)
    row = db.session.scalars(db.select(Passkey)).one()
    row.public_key = b"another"
    db.session.flush()
    assert row.is_ours
    db.session.execute(text(f"UPDATE passkey SET credential_id = public_key WHERE id = {row.id}"))
    db.session.expire(row)
    row.public_key = b"a third"
    db.session.flush()
    assert not row.is_ours


@pytest.mark.parametrize(
    "sets", ["everywhere = {true}, unit_id = NULL", "unit_id = {top}", "role = 'auditor'", "starts_on = '2020-01-01'", "ends_on = NULL"]
)
def test_a_role_that_was_changed_by_hand_gives_nothing_and_is_found(app, sets, tried):
    top = make_unit()
    unit, today = make_unit(parent=top), clock.today()
    administrator = make_user(unit=top, roles=[(Role.ADMINISTRATOR, None)])
    user = make_user(unit=unit)
    days = {"starts_on": today, "ends_on": today + dt.timedelta(days=9)}
    given = rights.give_role(user, Role.OFFICER, unit=unit, **days, actor=administrator, today=today, now=clock.now())
    db.session.commit()
    assert [role for role, _scope in reach_of(user, on=today).holds] == [Role.OFFICER]
    db.session.execute(text(f"UPDATE role_grant SET {sets} WHERE id = {given.id}".format(true="TRUE", top=top.id)))
    db.session.commit()
    assert reach_of(user, on=today).holds == ()
    assert list(queries.keys_foreign()) == [("role_grant", given.id)]
    tried("a role of one's own changed by hand", 1)


def standing_in(giver: User, deputy: User) -> Delegation:
    days = {"starts_on": clock.today(), "ends_on": clock.today() + dt.timedelta(days=9)}
    row = rights.delegate(giver, deputy, form="KT.", **days, actor=giver, today=clock.today(), now=clock.now())
    db.session.commit()
    return row


@pytest.mark.parametrize("sets", ["to_id = {other}", "ends_on = '2099-12-31'", "form = 'TUQ.'", "ended_at = NULL"])
def test_a_delegation_that_was_changed_by_hand_lends_nothing_and_is_found(app, sets, tried):
    unit, today = make_unit(), clock.today()
    head, deputy, other = make_user(unit=unit, roles=[Role.HEAD]), *(make_user(unit=unit, title="Phó Giám đốc") for _ in range(2))
    head.reach = reach_of(head, on=today)
    row = standing_in(head, deputy)
    assert [role for role, _scope in reach_of(deputy, on=today).holds] == [Role.HEAD]
    if "ended_at" in sets:
        rights.end_delegation(row, actor=head, today=today, now=clock.now())
        db.session.commit()
    db.session.execute(text(f"UPDATE delegation SET {sets} WHERE id = {row.id}".format(other=other.id)))
    db.session.commit()
    assert [reach_of(each, on=today).holds for each in (deputy, other)] == [(), ()]
    assert former.last_day(row) == dt.date.max, "who stood in for an accused person is not let in by it either"
    assert list(queries.keys_foreign()) == [("delegation", row.id)]
    tried("a delegation changed by hand", 1)


@pytest.mark.parametrize("sets", ["email = 'cua-toi@example.com'", "unit_id = {other}", "active = TRUE"])
def test_an_account_that_was_changed_by_hand_reaches_nothing_and_no_letter_goes_there(app, sets, tried):
    unit, today, administrator = make_unit(), clock.today(), make_user(roles=[(Role.ADMINISTRATOR, None)])
    user = make_user(unit=unit, roles=[Role.OFFICER], password="một câu dễ nhớ")
    if "active" in sets:
        accounts.deactivate(user, to=None, actor=administrator, today=today, now=clock.now())
    db.session.commit()
    assert list(queries.keys_foreign()) == []
    db.session.execute(text(f"UPDATE app_user SET {sets} WHERE id = {user.id}".format(other=make_unit().id)))
    db.session.commit()
    assert (user.active, reach_of(user, on=today)) == (True, Reach(user.id, user.unit_id, doubtful=True))
    assert user.password_hash is None
    last_on = accounts.invite(user, actor=administrator, today=today, now=clock.now())
    with app.test_request_context():
        token = invitations.link(user, last_on).rsplit("/", 1)[1]
    assert invitations.invited(user.id, token, today=today) is None
    with pytest.raises(NobodyToTell):
        letter(db.session.scalars(db.select(Notice).where(Notice.user_id == user.id, Notice.channel == Channel.EMAIL)).one())
    db.session.commit()
    assert list(queries.keys_foreign()) == [("app_user", user.id)]
    tried("where the letters of an account go, its unit or its end changed by hand", 1)


def test_whose_unit_was_once_theirs_does_not_come_in_by_a_change_of_when_it_ended(app, tried):
    first, second, today = make_unit(), make_unit(), clock.today()
    user = make_user(unit=first)
    former.leave(user, today=today - dt.timedelta(days=800))
    user.unit = second
    db.session.commit()
    db.session.execute(text("UPDATE former_unit SET until = '2020-01-01'"))
    db.session.commit()
    assert former.units_of(user.id, on=today) is None, "who asks lets nobody in whose units they do not know"
    assert [table for table, _id in queries.keys_foreign()] == ["former_unit"]
    tried("the day on which somebody left a unit changed by hand", 1)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE setting SET value = '[\"head\"]' WHERE name = 'second_factor_roles'",
        "INSERT INTO setting (name, value) VALUES ('proof', '\"never\"')",
    ],
)
def test_a_setting_that_was_written_by_hand_is_found(app, statement):
    settings.change("second_factor_roles", [Role.ADMINISTRATOR, Role.HEAD], actor=SYSTEM, now=NOW)
    db.session.commit()
    assert list(queries.keys_foreign()) == []
    db.session.execute(text(statement))
    db.session.commit()
    assert [table for table, _id in queries.keys_foreign()] == ["setting"]


def test_a_letter_that_was_turned_by_hand_takes_nobodys_account_to_another_mailbox(app, tried):
    victim, now = make_user(), clock.now()
    own = citizens.ask("ke-gian@evil.example", locale="vi", now=now)
    theirs = citizens.ask("nan.nhan@x.example", locale="vi", now=now)
    db.session.commit()
    mine = Notice.subject_id == own.id
    turned = {"template": "'accounts/notices/invited'", "user_id": victim.id, "facts": """'{"last_on": "2027-12-31"}'"""}
    for change in (turned, {"subject_id": theirs.id}):
        notice = db.session.scalars(db.select(Notice).where(mine)).one()
        db.session.execute(text(f"UPDATE notice SET {', '.join(f'{k} = {v}' for k, v in change.items())} WHERE id = {notice.id}"))
        db.session.refresh(notice)
        try:
            assert letter(notice).to == victim.email
        except NobodyToTell:
            assert notice.user_id is None
        db.session.rollback()
    tried("a letter of one's own turned by hand into one that opens another's account", 2)


@pytest.mark.parametrize(("name", "off", "strict"), [("set_up", False, True), ("second_factor_roles", [], None), ("proof", "never", None)])
def test_a_guard_that_was_switched_off_by_hand_holds(app, name, off, strict):
    settings.change(name, settings.DEFAULTS[name] if strict is None else strict, actor=SYSTEM, now=NOW)
    db.session.commit()
    db.session.execute(text(f"UPDATE setting SET value = '{json.dumps(off)}' WHERE name = '{name}'"))
    db.session.commit()
    assert settings.get(name) == (settings.DEFAULTS[name] if strict is None else strict)
