"""No number of a row is given twice: the record, and what is agreed to, names rows by their numbers."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import create_engine, text

from app import audit, clock, files, numbers, schema
from app.access import SYSTEM
from app.backup import database
from app.database import Base, db, is_postgresql
from app.triggers import APPEND_ONLY
from feedback.models import Attachment
from feedback.operations import originals
from feedback.rules import IdentityScope
from feedback.sealed.operations import sealing
from tests import factories
from tests.app.files.samples import photo_with_place
from tests.conftest import build
from tests.feedback import builders

OLD = (
    "CREATE TABLE audit_entry (id INTEGER NOT NULL, subject_id INTEGER, facts JSON, CONSTRAINT pk_audit_entry PRIMARY KEY (id))",
    "CREATE TABLE word (name TEXT NOT NULL, CONSTRAINT pk_word PRIMARY KEY (name))",
    (
        'CREATE TABLE "row" (id INTEGER NOT NULL, said TEXT, "of" INTEGER, CONSTRAINT pk_row PRIMARY KEY (id),'
        ' CONSTRAINT fk_row_of_row FOREIGN KEY("of") REFERENCES "row" (id), CONSTRAINT uq_row_said UNIQUE (said),'
        " CONSTRAINT ck_row_said CHECK (said <> ''))"
    ),
    'CREATE UNIQUE INDEX ix_row_of ON "row" ("of") WHERE said IS NOT NULL',
    'CREATE TRIGGER row_changed AFTER UPDATE ON "row" BEGIN SELECT 1; END',
    "INSERT INTO \"row\" VALUES (1, 'a', NULL), (2, 'b', 1)",
    """INSERT INTO audit_entry VALUES (99, 7, '{"line_id": 11, "text": 50, "part_ids": [3, 12]}')""",
)


def test_every_table_whose_rows_may_go_gives_no_number_again(app):
    made = {table.name for table in Base.metadata.tables.values() if [column.name for column in table.primary_key] == ["id"]}
    assert len(made) > 100
    if is_postgresql():  # counts on by itself
        return

    sql = dict(db.session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).all())
    assert {name for name in made if "AUTOINCREMENT" not in sql[name]} == {name for name, key in APPEND_ONLY.items() if key == "id"}


def test_a_table_from_before_is_the_same_to_the_letter_but_goes_on_above_all_that_the_record_named():
    schema = "SELECT name, replace(sql, ' AUTOINCREMENT', '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
    with create_engine("sqlite://").connect() as connection:
        connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")  # as migrations/env.py does
        for statement in OLD:
            connection.exec_driver_sql(statement)
        before = connection.exec_driver_sql(schema).all()
        assert numbers.forgetting(connection) == ["row"]

        numbers.keep(connection, numbers.given(connection))

        assert (numbers.forgetting(connection), connection.exec_driver_sql(schema).all()) == ([], before)
        connection.exec_driver_sql("INSERT INTO \"row\" (said) VALUES ('c')")
        assert connection.exec_driver_sql('SELECT id, said, "of" FROM "row"').all() == [(1, "a", None), (2, "b", 1), (13, "c", None)]

        given = numbers.given(connection)
        connection.exec_driver_sql("DELETE FROM sqlite_sequence")  # as after a migration that copied the table
        connection.exec_driver_sql('DELETE FROM "row"')
        numbers.keep(connection, given)
        assert numbers.given(connection) == {"row": 13}


def test_what_comes_after_a_sealed_item_has_neither_its_history_nor_what_was_agreed_about_its_files(province):
    now = clock.now()
    other = factories.make_user(unit=province.clerk.unit, roles=[role.role for role in province.clerk.grants], name="Lưu Thị Đồng")
    clerk = province.clerk
    first = with_photo(province)
    originals.ask(first, first.attachments[0], reason="authenticity", actor=clerk, now=now)
    originals.agree(first, first.attachments[0], asker_id=clerk.id, actor=other, now=now)
    assert originals.may_open(first, first.attachments[0], clerk, now=now)
    numbered = first.id, first.attachments[0].id, first.attachments[0].file_id

    sealing.seal(first, reason="Tố cáo cán bộ nhận tiền", actor=clerk, now=now)
    db.session.flush()
    db.session.expire_all()
    after = with_photo(province)

    assert not any(map(int.__eq__, numbered, (after.id, after.attachments[0].id, after.attachments[0].file_id)))
    assert "feedback.original_agreed" not in {entry.action for entry in builders.entries_about(after)}
    assert not originals.may_open(after, after.attachments[0], clerk, now=now)


def with_photo(province):
    item = builders.received(clock.now(), identity_scope=IdentityScope.RECEPTION)
    photo = files.store_upload(io.BytesIO(photo_with_place()), "anh.jpg", clock.now())
    item.attachments.append(Attachment(file=photo, by_sender=True))
    db.session.flush()
    return item


def test_a_run_that_is_killed_before_numbers_are_kept_has_changed_nothing(backend, monkeypatch):
    url = f"sqlite:///{backend.folder / 'killed.sqlite3'}" if backend.server is None else backend.server.create_database("killed")

    class Killed(BaseException):
        pass

    def killed(*_run):
        raise Killed

    with build(url, backend.folder).app_context():
        with monkeypatch.context() as patch:
            patch.setattr(numbers, "keep", killed)
            with pytest.raises(Killed):
                schema.upgrade()
        assert schema.present() is None
        schema.upgrade()
        assert schema.present() == schema.newest()
        with db.engine.connect() as connection:
            assert is_postgresql() or numbers.forgetting(connection) == []
        db.engine.dispose()


@pytest.mark.strictest_database
def test_a_backup_takes_along_which_numbers_were_given_and_a_restore_gives_none_again(fresh_app, tmp_path):
    if not is_postgresql():
        pytest.skip("a copy of SQLite's file holds the numbers")
    unit = factories.make_unit()
    db.session.commit()
    gone = unit.id
    db.session.delete(unit)
    db.session.commit()
    taken = database.take(tmp_path).tables
    assert taken["unit"]["given"] == gone
    begin_again = text("SELECT setval(pg_get_serial_sequence('unit', 'id'), 1, false)")
    with db.engine.begin() as connection:
        connection.execute(begin_again)
        numbers.run_on(connection, {name: counted["given"] for name, counted in taken.items()})
    other = factories.make_unit()
    assert other.id == gone + 1
    audit.record(SYSTEM, "unit.created", other, at=clock.now(), parent_id=None)
    db.session.flush()
    db.session.delete(other)
    db.session.commit()
    with db.engine.begin() as connection:  # of a backup from before they were taken along: above what the record named
        connection.execute(begin_again)
        numbers.run_on(connection, dict.fromkeys(taken))
    assert factories.make_unit().id > gone + 1
