"""The tests of feedback have a province to begin with."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.conftest import Backend


@pytest.fixture
def shared_app(backend: Backend) -> Flask:
    return backend.with_province
