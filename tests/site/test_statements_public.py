"""How many statements the pages of everybody ask, and that a longer list asks no more of them."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import Engine, event

from app.database import db
from feedback.operations import desk, merging, publishing
from feedback.rules import Kind
from tests.feedback import builders
from tests.feedback.builders import at
from tests.feedback.test_citizen_tracking import province as province


@pytest.fixture
def asked():
    """What was asked of the database since the list was last cleared."""
    statements: list[str] = []

    def listen(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", listen)
    yield statements
    event.remove(Engine, "before_cursor_execute", listen)


def number(client, address: str, asked: list[str]) -> int:
    """Return how many statements *address* asks of a process that knows what hardly ever changes."""
    for _ in range(2):
        db.session.info.pop("marks", None)  # the test is one transaction, and each page asks them in its own
        asked.clear()
        assert client.get(address).status_code == 200
    return len([each for each in asked if not each.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "ROLLBACK", "RELEASE"))])


def publish(province, count: int) -> None:
    for n in range(count):
        item = builders.received(publish_consent=True)
        publishing.publish(item, title=f"Việc {n}", text="x", reply="", actor=province.clerk, now=at(0) + dt.timedelta(minutes=n))
    db.session.commit()


def test_the_public_list_asks_two_statements_however_long_it_is(client, province, asked):
    found = []
    for more in (3, 25):
        publish(province, more)
        found.append(number(client, "/da-tra-loi", asked))
        found.append(number(client, f"/da-tra-loi?loai=report&don-vi={province.works.code}", asked))

    assert found == [2, 3, 2, 3], found  # and one for the fields where nothing is found


def test_tracking_by_the_code_asks_three_statements_at_most(client, province, asked):
    plain, merged, whole = (builders.received() for _ in range(3))
    merging.propose_merge(merged, plain, actor=province.clerk, now=at(1))
    merging.merge(merged, plain, actor=province.clerk, now=at(1))
    parts = [desk.Part(Kind.REPORT, "Đèn", "Đèn tắt."), desk.Part(Kind.QUESTION, "Giấy", "Cần giấy gì?")]
    desk.split(whole, parts, actor=province.clerk, now=at(1))
    db.session.commit()

    assert [number(client, f"/tra-cuu/{item.code}", asked) for item in (plain, merged, whole)] == [2, 3, 3]
