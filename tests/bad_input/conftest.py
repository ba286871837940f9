"""A province where something stands at every step, everyone who works in it, and an ear for what must not happen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient

from app import clock
from app.accounts.models import User
from app.database import Base, db
from app.permissions import Role
from feedback.models import Feedback, Paper
from feedback.rules import PaperType
from tests import factories
from tests.conftest import Backend
from tests.feedback import builders
from tests.feedback.builders import MONDAY, Province


@dataclass
class Ear:
    """What the site said about itself meanwhile."""

    events: list[Any]

    @property
    def failures(self) -> list[str]:
        """Every error the site had to admit: its type, and the last line of ours it passed."""
        return [_place(event) for event in self.events if event["event"] in {"unhandled", "database_unavailable"}]


def _place(event: Any) -> str:
    error, where = event.get("exc_info"), ""
    trace = error.__traceback__ if error is not None else None
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if ".venv" not in name and "lib/python" not in name:
            where = f"{name.rpartition('/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{event['event']} {event.get('type')} at {where} ({event.get('route')}): {str(error or event.get('error'))[:150]}"


@pytest.fixture
def ear() -> Iterator[Ear]:
    with structlog.testing.capture_logs() as events:
        yield Ear(events)


@dataclass
class Site:
    """Items by where they stand, papers by where they are, and who may do everything."""

    province: Province
    items: dict[str, Feedback]
    papers: dict[str, Paper]
    everybody: User
    admin: User
    officer: User
    others: dict[str, User] = field(default_factory=dict)


@pytest.fixture
def shared_app(backend: Backend) -> Flask:
    return backend.with_province


@pytest.fixture
def province(app, monkeypatch) -> Province:
    monkeypatch.setattr(clock, "now", lambda: MONDAY + dt.timedelta(hours=2))
    return builders.make_province()


@pytest.fixture
def site(province) -> Site:
    taken = builders.taken(province)
    asked = builders.taken(province)
    asked_extension = builders.taken(province)
    with_draft, submitted, signed = builders.taken(province), builders.taken(province), builders.taken(province)
    promised = builders.taken(province)
    builders.unit.ask(asked, "Ở số nhà nào?", actor=province.officer, now=MONDAY)
    extendable = builders.unit.answer_of(asked_extension)
    assert extendable is not None
    papers = {
        "draft": builders.papers.draft(with_draft, PaperType.REPLY, actor=province.officer, now=MONDAY),
        "submitted": builders.submitted_reply(province, submitted, MONDAY),
        "signed": builders.signed_reply(province, signed, MONDAY),
    }
    builders.answer(province, promised, MONDAY, points=[builders.promised(MONDAY.date() + dt.timedelta(days=9))])
    items = {
        "at the desk": builders.received(),
        "offered": builders.offered(province),
        "taken": taken,
        "asked": asked,
        "with a draft": with_draft,
        "submitted": submitted,
        "signed": signed,
        "promised": promised,
        "answered": builders.answered(province),
        "anonymous": builders.received(people=()),
    }
    site = Site(
        province=province,
        items=items,
        papers=papers,
        everybody=factories.make_user(unit=province.root, roles=[(role, None) for role in Role]),
        admin=factories.make_user(unit=province.root, roles=[(Role.ADMINISTRATOR, None)]),
        officer=province.officer,
    )
    db.session.commit()
    return site


def counts() -> dict[str, int]:
    """Return how many rows each table has."""
    rows = [db.select(db.literal(table.name), db.func.count()).select_from(table).order_by(None) for table in Base.metadata.tables.values()]
    return dict(db.session.execute(db.union_all(*rows)).all())


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever is stored meanwhile, commits included."""
    db.session.remove()
    nested = db.engine.begin_nested()  # in a test of `app` the engine is the one connection whose transaction is rolled back at last
    try:
        yield
    finally:
        db.session.remove()
        nested.rollback()


def signed_in(app: Any, user: User | None) -> FlaskClient:
    """Return a client of its own for *user*; None is anyone."""
    client = app.test_client()
    if user is not None:
        factories.sign_in(client, user)
    return client
