"""On PostgreSQL a page that only reads begins no transaction, until it does more than read."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from app.database import db, reading


def begun() -> bool:
    """Say whether the server holds a transaction open for us."""
    return db.session.connection().connection.dbapi_connection.info.transaction_status.name == "INTRANS"


@pytest.mark.parametrize(
    ("statement", "begins"),
    [
        (text("SELECT name FROM unit"), False),
        (text("SELECT name FROM unit FOR UPDATE"), True),
        (text("SELECT name FROM unit\nFOR NO KEY UPDATE SKIP LOCKED"), True),
        (text("SELECT pg_try_advisory_xact_lock(1)"), True),
        (text("UPDATE unit SET name = name"), True),
        (text("WITH gone AS (DELETE FROM setting WHERE false RETURNING 1) SELECT * FROM gone"), True),
        (select(text("1")).execution_options(yield_per=10), True),
    ],
    ids=str,
)
def test_what_begins_a_transaction_on_a_page_that_reads(fresh_app, statement, begins):
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite is told how to begin")
    with reading():
        db.session.execute(statement).close()
        assert begun() is begins
        db.session.rollback()
    db.session.execute(text("SELECT 1"))

    assert begun()


def test_what_a_reading_page_writes_all_the_same_is_taken_back_with_it(fresh_app):
    with reading():
        db.session.execute(text("SELECT 1"))
        db.session.execute(text("INSERT INTO setting (name, value) VALUES ('thử', 'null')"))
        db.session.rollback()

    assert db.session.scalar(text("SELECT count(*) FROM setting WHERE name = 'thử'")) == 0
