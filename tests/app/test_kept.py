"""What is kept in memory is what the database holds: whoever changed it, and however."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import event, inspect, text, update

from app import kept, settings
from app.access import SYSTEM
from app.accounts.queries import reach_of
from app.calendar.queries import work_calendar
from app.clock import now, today
from app.database import db, lock
from app.permissions import Role
from app.settings import Setting
from app.units.models import Unit
from tests import factories


@pytest.fixture
def asked(fresh_app):
    """Return the statements that were sent."""
    sent = []

    def note(_connection, _cursor, statement, *_rest):
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield sent
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def unit(fresh_app):
    unit = factories.make_unit(name="Phòng Kinh tế")
    db.session.commit()
    return unit.id


def name_of(unit_id):
    return db.session.get_one(Unit, unit_id).name


def test_a_transaction_asks_once_what_changed_and_nothing_else(unit, asked):
    name_of(unit), work_calendar(), settings.all_values()
    db.session.rollback()
    asked.clear()

    name_of(unit), work_calendar(), settings.all_values(), name_of(unit)

    assert len(asked) == 1
    assert "kept_mark" in asked[0]


def test_what_somebody_else_commits_is_seen_by_the_next_transaction(unit):
    assert name_of(unit) == "Phòng Kinh tế"
    db.session.rollback()

    with db.engine.begin() as other:  # by hand, past every line of ours
        other.execute(text("UPDATE unit SET name = 'Phòng Văn hóa' WHERE id = :id"), {"id": unit})

    assert name_of(unit) == "Phòng Văn hóa"


@pytest.mark.parametrize(
    "write",
    [
        lambda unit: setattr(db.session.get_one(Unit, unit), "name", "Phòng Nội vụ"),
        lambda unit: db.session.execute(update(Unit).where(Unit.id == unit).values(name="Phòng Nội vụ")),
        lambda unit: db.session.execute(text("UPDATE unit SET name = 'Phòng Nội vụ' WHERE id = :id"), {"id": unit}),
    ],
    ids=["a row", "many rows", "plain SQL"],
)
def test_what_a_transaction_changed_it_sees_itself_and_what_it_takes_back_nobody_sees(unit, write):
    name_of(unit)
    write(unit)
    db.session.flush()
    db.session.expunge_all()
    assert name_of(unit) == "Phòng Nội vụ"

    db.session.rollback()

    assert name_of(unit) == "Phòng Kinh tế"


def test_what_a_savepoint_takes_back_is_gone_within_the_transaction(unit):
    savepoint = db.session.begin_nested()
    db.session.get_one(Unit, unit).name = "Phòng Nội vụ"
    db.session.flush()
    db.session.expunge_all()
    assert name_of(unit) == "Phòng Nội vụ"
    savepoint.rollback()
    db.session.expunge_all()

    assert name_of(unit) == "Phòng Kinh tế"


def test_a_role_that_ends_lets_nobody_in_any_more(unit):
    user = factories.make_user(unit=db.session.get_one(Unit, unit), roles=[Role.HEAD])
    db.session.commit()
    assert reach_of(user, on=today()).holds
    number = user.id
    db.session.rollback()

    with db.engine.begin() as other:
        other.execute(text("DELETE FROM role_grant WHERE user_id = :id"), {"id": number})

    assert not reach_of(user, on=today()).holds


@pytest.mark.parametrize("name", sorted(kept.WATCHED))
def test_every_watched_table_says_that_it_was_written(fresh_app, name):
    def mark():
        with db.engine.connect() as connection:
            return connection.scalar(text("SELECT mark FROM kept_mark WHERE name = :name"), {"name": name})

    before = mark()
    column = next(iter(kept.WATCHED[name]), "id")
    with db.engine.begin() as connection:
        connection.execute(text(f"UPDATE {name} SET {column} = {column}"))
    changed = mark()
    with db.engine.begin() as connection:
        connection.execute(text(f"DELETE FROM {name} WHERE 1 = 0"))

    assert inspect(db.engine).has_table(name)
    assert (changed != before) == (db.engine.dialect.name == "postgresql" or has_rows(name))


def has_rows(name):
    with db.engine.connect() as connection:
        return connection.scalar(text(f"SELECT count(*) FROM {name}")) > 0


def test_who_waited_for_a_row_goes_by_what_was_changed_meanwhile(fresh_app):
    unit = factories.make_unit(name="Phòng Kinh tế").id
    db.session.add(Setting(name="closed_because", value=""))
    db.session.commit()
    assert settings.get("closed_because") == ""
    row = db.session.get_one(Unit, unit)
    if db.engine.dialect.name == "sqlite":
        db.session.rollback()  # nobody else could write while this transaction is open

    def change():
        with fresh_app.app_context():
            settings.change("closed_because", "Bảo trì", actor=SYSTEM, now=now())
            db.session.get_one(Unit, unit).name = "Phòng Văn hóa"
            db.session.commit()

    other = threading.Thread(target=change)
    other.start()
    other.join()
    lock(row)

    assert (row.name, settings.get("closed_because")) == ("Phòng Văn hóa", "Bảo trì")
