"""A database that holds the calendar and the audit, nothing else, and the keys that seal entries."""

import pytest
from flask import Flask

from app import crypto
from app.audit import AuditEntry
from app.calendar.models import CalendarDay, CalendarYear, DeadlineRule
from app.database import db
from app.kept import KeptMark


@pytest.fixture
def database(tmp_path):
    flask_app = Flask("test")
    flask_app.config.update(SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path}/t.sqlite3", SECRETS_DIR=tmp_path / "secrets")
    crypto.init_app(flask_app)
    db.init_app(flask_app)
    with flask_app.app_context():
        models = (AuditEntry, CalendarYear, CalendarDay, DeadlineRule, KeptMark)
        db.metadata.create_all(db.engine, [model.__table__ for model in models])
        yield db
        db.session.remove()
        db.engine.dispose()
