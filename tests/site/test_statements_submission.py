"""How many statements it takes to take in what somebody says, and what is not asked any more stays true all the same."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Engine, event

from app.audit import AuditEntry
from app.database import db
from feedback import codes, queries
from feedback.models import Feedback
from feedback.operations import intake
from tests.feedback import builders
from tests.feedback.page_forms import form_of, press
from tests.feedback.test_citizen_sending import FORM, REVIEW, SEND, good
from tests.feedback.test_citizen_sending import province as province

MOST = 16


@pytest.fixture
def asked():
    """What was asked of the database since the list was last cleared."""
    statements: list[str] = []

    def listen(_connection, _cursor, statement, *_rest):
        if not statement.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "ROLLBACK", "RELEASE")):
            statements.append(re.sub(r"\s+", " ", statement)[:90])

    event.listen(Engine, "before_cursor_execute", listen)
    yield statements
    event.remove(Engine, "before_cursor_execute", listen)


@pytest.mark.parametrize(
    ("about", "status", "most"),
    [((), "received", 13), (("area",), "received", 13), (("field", "area"), "in_hand", MOST)],
    ids=["to its desk", "of a place", "to its unit at once"],
)
def test_a_submission_by_the_api_asks_no_more_than_sixteen_statements(client, province, asked, about, status, most):
    codes_of = {"field": province.lighting.code, "area": province.place.code}
    said = {"contact": {"name": "Nguyễn Thị Hoa", "phone": "0912345678"}, **{name: codes_of[name] for name in about}}
    for n in range(2):
        db.session.commit()
        db.session.expunge_all()  # no call finds there what another one read
        asked.clear()
        answer = client.post("/api/v1/feedback", json={"kind": "report", "body": f"Đèn đường hỏng {n}."} | said)

    assert (answer.status_code, answer.json["status"]) == (201, status)
    assert len(asked) <= most, "\n".join(asked)


def test_a_submission_by_the_form_asks_no_more_than_sixteen_statements(client, province, asked):
    said = good(province)
    for n in range(2):
        shown = press(client, form_of(client.get(FORM), REVIEW), **said | {"body": f"Đèn đường hỏng {n}."})
        form = form_of(shown, SEND)
        db.session.commit()
        db.session.expunge_all()
        asked.clear()
        assert press(client, form).status_code == 303

    assert len(asked) <= MOST, "\n".join(asked)


def test_a_code_that_another_item_has_is_given_to_no_second_one(province, monkeypatch):
    first = builders.submit(token="one")
    made = iter([first.code, first.code, "BN-26-ABCDEF-1"])
    monkeypatch.setattr(codes, "make_code", lambda *_said: next(made))

    assert builders.submit(token="two").code == "BN-26-ABCDEF-1"
    assert db.session.scalar(db.select(db.func.count()).select_from(Feedback)) == 2


def test_what_is_taken_in_is_sealed_and_its_record_names_it_in_order(province):
    item = queries.by_code(builders.submit().code)
    db.session.commit()
    db.session.expire_all()

    assert item is not None
    assert item.is_ours
    assert all(person.is_ours for person in item.people)
    entries = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id)).all()
    about = {("feedback", item.id), *(("clock", clock.id) for clock in item.clocks)}
    mine = [entry for entry in entries if (entry.subject_type, entry.subject_id) in about]
    assert [entry.action for entry in mine] == ["feedback.received", *["clock.started"] * len(item.clocks)]
    assert all(entry.is_ours for entry in mine)


def test_a_token_that_somebody_else_is_using_right_now_gives_one_receipt(province):
    first = builders.submit(token="one")
    assert intake.receipt_of("one", now=builders.at(0)).code == first.code == builders.submit(token="one").code
