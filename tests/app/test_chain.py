"""The record that cannot be rewritten: sealing, what the database refuses, what a check finds when somebody did it all the same."""

from __future__ import annotations

import datetime as dt

import pytest
from flask_migrate import upgrade
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app import clock, jobs, schema, triggers
from app.access import SYSTEM
from app.accounts import operations as accounts
from app.accounts import passwords, rights
from app.accounts.models import Delegation, Grant
from app.audit import AuditEntry, record
from app.chain import jobs as nightly
from app.chain import operations, queries, verifying
from app.chain.models import AuditLink
from app.chain.rules import Anchor
from app.database import db, is_postgresql
from app.permissions import Role
from tests import factories
from tests.feedback.builders import MONDAY, at
from tests.feedback.test_races import DONE, at_once


@pytest.fixture
def unit(fresh_app):
    found = factories.make_unit()
    db.session.commit()
    return found


def write(unit, count: int) -> None:
    for day in range(count):
        record(SYSTEM, "unit.closed", unit, at=at(day), on=at(day).date().isoformat())
    db.session.commit()


def seal(**how) -> int:
    done = operations.seal(now=clock.now(), **how)
    db.session.commit()
    return done


def verify(*given: Anchor) -> verifying.Report:
    return verifying.verify(given, today=MONDAY.date())


def kinds(*given: Anchor) -> list[str]:
    return [fault.kind for fault in verify(*given).faults]


def by_hand(*statements: str) -> None:
    """Do what only who administers the database can: switch the triggers off, write, switch them on again."""
    for name in triggers.APPEND_ONLY:
        for verb in ("update", "delete", "truncate" if is_postgresql() else "replace"):
            on = f" ON {name}" if is_postgresql() else ""
            db.session.execute(text(f"DROP TRIGGER {name}_no_{verb}{on}"))
    for statement in statements:
        db.session.execute(text(statement))
    triggers.install(db.session.connection())
    db.session.commit()


# --- sealing -----------------------------------------------------------------------------------------------------------


def test_every_entry_is_sealed_once_in_the_order_of_sealing_whenever_it_became_visible(unit):
    write(unit, 3)
    before = db.session.scalar(db.select(db.func.max(AuditEntry.id)))
    seal()
    late = [before + 5, before + 2, before + 4]  # committed later, numbered earlier
    for number in late:
        entry = record(SYSTEM, "unit.closed", unit, at=at(1), on="2026-08-04")
        entry.id = number
        db.session.commit()
        seal()
    sealed = db.session.execute(db.select(AuditLink.seq, AuditLink.entry_id).order_by(AuditLink.seq)).all()
    assert [row.seq for row in sealed] == list(range(1, len(sealed) + 1))
    assert [row.entry_id for row in sealed][-3:] == late
    assert {row.entry_id for row in sealed} == set(db.session.scalars(db.select(AuditEntry.id)))
    assert verify().whole
    assert seal() == seal(everything=True) == 0


def test_what_is_not_committed_is_not_sealed_and_a_seal_that_failed_is_made_again(unit):
    write(unit, 2)
    waiting = queries.count_waiting()
    operations.seal(now=MONDAY)
    db.session.rollback()
    assert queries.count_waiting() == waiting
    assert seal() == waiting


def test_an_entry_that_came_very_late_is_sealed_at_night(unit, monkeypatch):
    monkeypatch.setattr(queries, "BEHIND", 0)
    write(unit, 3)
    by_hand(f"INSERT INTO audit_link (seq, entry_id, sealed_at, hash) VALUES (1, {2**40}, '2026-08-03 02:00:00+00:00', 'x')")
    assert seal() == 0
    assert seal(everything=True) >= 3


def test_two_who_seal_at_once_seal_every_entry_once(unit, monkeypatch, fresh_app):
    monkeypatch.setattr(operations, "BATCH", 5)
    write(unit, 12)
    operations.seal(now=MONDAY)
    assert at_once(fresh_app, *[nightly.seal] * 3) == [DONE] * 3
    report = verify()
    assert (report.whole, report.waiting, report.links) == (True, 0, db.session.scalar(db.select(db.func.count()).select_from(AuditEntry)))


def test_both_jobs_are_due_by_the_clock(app):
    due = app.extensions["schedules"]
    assert due[nightly.SEALER] == jobs.Every(nightly.SEALER, "app.chain.jobs.seal", 60)
    assert due[nightly.CHECKER] == jobs.Daily(nightly.CHECKER, "app.chain.jobs.check", dt.time(2, 40))


# --- what the database refuses -----------------------------------------------------------------------------------------


@pytest.fixture
def filled(unit):
    write(unit, 6)
    seal()
    operations.anchor(now=MONDAY)
    db.session.commit()
    return unit


REFUSED = ["UPDATE {table} SET {key} = {key}", "DELETE FROM {table}"]
#: What goes around the triggers of those two on each database.
AROUND = {True: "TRUNCATE {table}", False: "INSERT OR REPLACE INTO {table} SELECT * FROM {table}"}


@pytest.mark.parametrize("table", triggers.APPEND_ONLY)
def test_the_database_itself_refuses_to_change_what_happened(filled, table):
    for statement in [*REFUSED, AROUND[is_postgresql()]]:
        with pytest.raises(DBAPIError, match="append-only"):
            db.session.execute(text(statement.format(table=table, key=triggers.APPEND_ONLY[table])))
        db.session.rollback()
    assert verify().whole


def test_a_run_of_the_migrations_makes_the_triggers_again(filled, fresh_app):
    for table in triggers.APPEND_ONLY:
        db.session.execute(text(f"DROP TRIGGER {table}_no_delete" + (f" ON {table}" if is_postgresql() else "")))
    db.session.commit()
    assert kinds() == ["unguarded"] * 3
    schema.attach(fresh_app)
    upgrade()
    assert verify().whole


#: Triggers of the same name that refuse nothing.
IDLE = {
    True: "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
    False: "CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry BEGIN SELECT 1; END",
}


def test_a_trigger_that_keeps_its_name_and_refuses_nothing_is_found(filled):
    if not is_postgresql():
        db.session.execute(text("DROP TRIGGER audit_entry_no_delete"))
    db.session.execute(text(IDLE[is_postgresql()]))
    db.session.commit()
    assert set(kinds()) == {"unguarded"}


# --- what a check finds ------------------------------------------------------------------------------------------------

#: What was done by hand, in SQL → what is told first, of which link.
TAMPERED = {
    "a fact": ("""UPDATE audit_entry SET facts = '{{"on": "2026-12-31"}}' WHERE id = {id}""", "changed"),
    "a time": ("UPDATE audit_entry SET at = '2026-01-01 00:00:00+00:00' WHERE id = {id}", "changed"),
    "who did it": ("UPDATE audit_entry SET actor_kind = 'user', actor_id = 1 WHERE id = {id}", "changed"),
    "what about": ("UPDATE audit_entry SET subject_id = subject_id + 1 WHERE id = {id}", "changed"),
    "an entry deleted": ("DELETE FROM audit_entry WHERE id = {id}", "entry_missing"),
    "an entry deleted with its link": (
        "DELETE FROM audit_entry WHERE id = {id}; DELETE FROM audit_link WHERE entry_id = {id}",
        "links_missing",
    ),
    "two exchanged": (
        (
            "UPDATE audit_entry SET id = CASE id WHEN {id} THEN -1 ELSE -2 END WHERE id IN ({id}, {id} + 1);"
            "UPDATE audit_entry SET id = {id} + 2 + id WHERE id < 0"
        ),
        "changed",
    ),
    "a hash": ("UPDATE audit_link SET hash = replace(hash, substr(hash, 1, 1), '-') WHERE entry_id = {id}", "changed"),
    "when it was sealed": ("UPDATE audit_link SET sealed_at = '2026-01-01 00:00:00+00:00' WHERE entry_id = {id}", "changed"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_changed_by_hand_is_found_in_its_place(filled, what):
    statements, kind = TAMPERED[what]
    wrong = db.session.scalars(db.select(AuditLink).order_by(AuditLink.seq.desc()).offset(3).limit(1)).one()
    seq, entry_id = wrong.seq, wrong.entry_id
    by_hand(*(each.format(id=entry_id) for each in statements.split(";")))
    first = verify().faults[0]
    assert (first.kind, first.facts.get("seq", first.facts.get("first"))) == (kind, seq)
    assert first.facts.get("entry", entry_id) == entry_id


def test_bytes_that_are_no_text_are_found_too(filled):
    if is_postgresql():
        pytest.skip("PostgreSQL holds its columns to their types")
    last = queries.last_link()
    by_hand(f"UPDATE audit_entry SET facts = CAST(x'7b22ff' AS TEXT), at = 'hôm qua', action = x'00' WHERE id = {last.entry_id}")
    assert kinds() == ["changed"]


def test_a_cut_tail_is_found_by_an_anchor_kept_outside_when_those_here_were_cut_too(filled):
    outside = Anchor(queries.last_link().seq, queries.last_link().hash)
    cut = outside.seq - 3
    ids = f"(SELECT entry_id FROM audit_link WHERE seq > {cut})"
    by_hand(f"DELETE FROM audit_entry WHERE id IN {ids}", f"DELETE FROM audit_link WHERE seq > {cut}")
    assert kinds() == ["cut"]  # the anchor here
    by_hand("DELETE FROM audit_anchor")
    assert kinds() == []
    assert kinds(outside) == ["cut"]


def test_a_chain_hashed_anew_breaks_with_the_anchors_and_nobody_can_make_one_with_the_database_alone(filled):
    outside = Anchor(queries.last_link().seq, queries.last_link().hash)
    last = db.session.scalar(db.select(db.func.max(AuditEntry.id)))
    by_hand(f"UPDATE audit_entry SET subject_id = subject_id + 1 WHERE id = {last}", "DELETE FROM audit_link")
    seal(everything=True)
    assert set(kinds()) == {"entry_forged", "rewritten"}
    forged = f"UPDATE audit_anchor SET hash = '{queries.last_link().hash}'"
    by_hand(forged)
    assert set(kinds()) == {"anchor_forged", "entry_forged"}
    assert set(kinds(outside)) == {"anchor_forged", "entry_forged", "rewritten"}


COPIED = "SELECT '2026-08-09 01:00:00.000000+00:00', action, actor_kind, actor_id, actor_unit_id, subject_type, {subject}, facts, {seal}"
#: What is written by hand, without a seal, with another's, and with all that another says.
FORGED = {
    "no seal": COPIED.format(subject="subject_id", seal="NULL"),
    "the seal of another": COPIED.format(subject="subject_id + 1", seal="seal"),
    "a copy": COPIED.format(subject="subject_id", seal="seal").replace("'2026-08-09 01:00:00.000000+00:00'", "at"),
}


@pytest.mark.parametrize("what", FORGED)
def test_an_entry_written_by_hand_is_named_before_it_is_sealed_and_after(filled, what):
    columns = "at, action, actor_kind, actor_id, actor_unit_id, subject_type, subject_id, facts, seal"
    db.session.execute(text(f"INSERT INTO audit_entry ({columns}) {FORGED[what]} FROM audit_entry WHERE action = 'unit.closed' LIMIT 1"))
    db.session.commit()
    number = db.session.scalar(db.select(db.func.max(AuditEntry.id)))
    for _before_and_after in range(2):
        assert [(fault.kind, fault.facts["entry"]) for fault in verify().faults] == [("entry_forged", number)]
        seal()
    assert queries.count_waiting() == 0


def test_a_role_that_was_written_into_the_database_is_found(filled, fresh_app):
    administrator = factories.make_user(unit=filled, roles=[(Role.ADMINISTRATOR, None)])
    user, today = factories.make_user(unit=filled, name="Trần Thị Tư"), MONDAY.date()
    by_hand("DELETE FROM role_grant WHERE role <> 'administrator'")  # what factories and fixtures wrote
    written = set(db.session.scalars(db.select(Grant.id)))
    given = rights.give_role(user, Role.HEAD, unit=filled, starts_on=today, actor=administrator, today=today, now=MONDAY)
    db.session.commit()
    assert {grant.id for grant in queries.grants_untold(today)} == written
    rights.end_grant(given, actor=administrator, today=today, now=MONDAY)
    db.session.commit()
    assert {grant.id for grant in queries.grants_untold(today)} == written
    given.ends_on = None  # it lives again
    db.session.add(Grant(user_id=user.id, role=Role.AUDITOR, everywhere=True, starts_on=today))
    db.session.commit()
    found = [grant for grant in queries.grants_untold(today) if grant.id not in written]
    assert {(grant.role, grant.user.name) for grant in found} == {("auditor", "Trần Thị Tư"), ("head", "Trần Thị Tư")}
    assert "grant_untold" in kinds()


def test_a_delegation_that_was_written_into_the_database_is_found(filled):
    first, second = (factories.make_user(unit=filled, roles=[Role.HEAD]) for _ in range(2))
    days = {"form": "TUQ.", "starts_on": MONDAY.date(), "ends_on": at(9).date()}
    rights.delegate(first, second, **days, actor=first, today=MONDAY.date(), now=MONDAY)
    assert queries.delegations_untold() == []
    db.session.add(Delegation(from_id=second.id, to_id=first.id, **days))
    db.session.commit()
    assert [row.from_id for row in queries.delegations_untold()] == [second.id]


def test_a_delegation_that_was_ended_and_lives_again_is_found(filled):
    giver, deputy = (factories.make_user(unit=filled, roles=[Role.HEAD]) for _ in range(2))
    days = {"form": "TUQ.", "starts_on": MONDAY.date(), "ends_on": at(9).date()}
    for _ in range(2):
        row = rights.delegate(giver, deputy, **days, actor=giver, today=MONDAY.date(), now=MONDAY)
        rights.end_delegation(row, actor=giver, today=MONDAY.date(), now=at(1))
    db.session.commit()
    assert queries.delegations_untold() == []
    by_hand(f"UPDATE delegation SET ended_at = NULL WHERE id = {row.id}")
    assert [found.id for found in queries.delegations_untold()] == [row.id]


def test_a_password_that_was_written_into_the_database_opens_nothing_and_is_found(filled):
    own, other = (factories.make_user(unit=filled, password="một câu dễ nhớ") for _ in range(2))
    db.session.commit()
    assert [passwords.matches("một câu dễ nhớ", user.password_hash) for user in (own, other)] == [True, True]
    accounts.set_password(own, passwords.digest("một câu dễ quên"), now=MONDAY)
    db.session.commit()
    assert passwords.matches("một câu dễ quên", own.password_hash)
    for seal in ("password_seal", f"(SELECT password_seal FROM app_user WHERE id = {own.id})"):  # with the seal of one's own too
        by_hand(
            f"UPDATE app_user SET password_hash = (SELECT password_hash FROM app_user WHERE id = {own.id}), password_seal = {seal}"
            f" WHERE id = {other.id}"
        )
        assert other.password_hash is None
        assert [user.id for user in queries.passwords_foreign()] == [other.id]
    assert "password_foreign" in kinds()
