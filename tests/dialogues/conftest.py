"""The tests of dialogues have a province to begin with: that of tests/feedback/builders.py."""

from __future__ import annotations

import pytest
from flask import Flask

from app import clock
from app.accounts.models import User
from app.permissions import Role
from tests import factories
from tests.conftest import Backend
from tests.dialogues import builders
from tests.feedback.builders import Province


@pytest.fixture
def shared_app(backend: Backend) -> Flask:
    return backend.with_province


@pytest.fixture
def province(app, monkeypatch) -> Province:
    monkeypatch.setattr(clock, "now", lambda: builders.MONDAY)
    return builders.make_province()


@pytest.fixture
def head(province) -> User:
    """The chairman of the ward."""
    return factories.make_user(unit=province.ward, roles=[Role.HEAD])


@pytest.fixture
def secretary(province) -> User:
    """An officer of the ward."""
    return factories.make_user(unit=province.ward, roles=[Role.OFFICER])
