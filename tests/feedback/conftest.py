"""The tests of feedback have a province to begin with."""

from __future__ import annotations

import pytest
from flask import Flask

from app.accounts.models import User
from app.permissions import Role
from tests import factories
from tests.conftest import Backend
from tests.feedback.builders import Province


@pytest.fixture
def shared_app(backend: Backend) -> Flask:
    return backend.with_province


@pytest.fixture
def reader(province: Province) -> User:
    """The inspectorate's: reads the sealed register of the whole install."""
    unit = factories.make_unit(parent=province.root, name="Thanh tra tỉnh")
    return factories.make_user(unit=unit, roles=[(Role.SEALED_INTAKE, None)])
