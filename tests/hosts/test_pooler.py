"""Behind a pooler that gives each transaction another connection, nothing of the site counts on what it left in the last one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Connection, NullPool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from app import backup, clock, delivery
from app.chain import jobs as sealing
from app.database import db
from app.outbox import Notice
from feedback.models import Feedback
from tests.conftest import Backend, build, opened
from tests.feedback import builders
from tests.hosts import parts

CONNECTIONS = 4
TIMES = 8  # psycopg prepares what it runs for the sixth time

pytestmark = pytest.mark.strictest_database


@pytest.fixture
def pooled(backend: Backend, tmp_path: Path) -> Iterator[str]:
    """The address of a database behind a pooler."""
    if backend.server is None:
        pytest.skip("SQLite needs no pooler")
    database = make_url(backend.copy()).database
    folder = backend.server.folder.parent / f"pooler-{database}"
    with parts.pooler(backend.server, folder) as port:
        with ExitStack() as at_once:  # one transaction each, so that there are several to be handed round
            for _ in range(CONNECTIONS):
                at_once.enter_context(psycopg.connect(host="127.0.0.1", port=port, user="app", dbname=database)).execute("SELECT 1")
        yield f"postgresql+psycopg://app@127.0.0.1:{port}/{database}"


@pytest.fixture
def site(backend: Backend, pooled: str) -> Iterator[Flask]:
    app = build(pooled, backend.folder, DATABASE_POOLER=True)
    with opened(app):
        builders.make_province()
        db.session.commit()
        yield app


def send(app: Flask, number: int) -> str:
    body = {"kind": "report", "body": f"Đèn đường số {number} tắt đã ba tối, đi lại khó.", "contact": {"email": f"hop{number}@example.org"}}
    answer = app.test_client().post("/api/v1/feedback", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json["code"]


def test_each_transaction_is_another_connections(pooled):
    engine = create_engine(pooled, poolclass=NullPool, connect_args={"prepare_threshold": None})
    pids = set()
    with engine.connect() as connection:
        for _ in range(TIMES):
            pids.add(connection.scalar(text("SELECT pg_backend_pid()")))
            connection.commit()
    assert len(pids) == CONNECTIONS


def test_what_the_driver_prepares_by_itself_would_fail(pooled):
    with create_engine(pooled, poolclass=NullPool).connect() as connection, pytest.raises(DBAPIError):
        ask_again_and_again(connection)


def ask_again_and_again(connection: Connection) -> None:
    for number in range(5 * TIMES):
        connection.scalar(text("SELECT :number"), {"number": number})
        connection.commit()


def test_people_send_the_staff_is_told_and_the_record_is_sealed(site, tmp_path):
    codes = [send(site, number) for number in range(TIMES)]

    assert set(db.session.scalars(db.select(Feedback.code))) == set(codes)
    assert db.session.scalar(db.select(db.func.count()).select_from(Notice)) >= TIMES
    delivery.drain()
    sealing.seal()
    backup.write_file(tmp_path / "backup", now=clock.now())
