"""The API against its own document: whatever fits the document, and what does not, is answered as it says, and never a fault."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from app import clock
from app.database import db
from tests.conftest import Backend, build
from tests.feedback import builders
from tests.feedback.builders import MONDAY

EXAMPLES = 15  # of each operation


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    backend = Backend("sqlite", tmp_path_factory.mktemp("fuzz"), None)
    app = build(backend.copy(), backend.folder)
    with app.app_context():
        builders.make_province()
        db.session.commit()
        db.session.remove()
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)


def test_every_operation_answers_whatever_comes(document, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    operations = [found.ok() for found in document.get_all_operations()]

    for operation in operations:

        @settings(max_examples=EXAMPLES, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def answers(case):
            case.call_and_validate(checks=[not_a_server_error, status_code_conformance, content_type_conformance])

        answers()

    assert len(operations) >= 11
