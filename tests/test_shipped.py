"""What every install starts with is written down like what an administrator adds: the record tells of each rule since when it holds."""

from __future__ import annotations

from collections import Counter

import pytest

from app import reference
from app.audit import AuditEntry
from app.calendar import operations as calendar
from app.database import db
from app.escalation import operations as escalation
from dialogues.operations import duties
from feedback.personal import retaining
from oversight.operations import checklists, report_duties, sampling, target_rules
from tests.feedback.builders import MONDAY

BOOKS = [
    calendar.BOOK,
    escalation.BOOK,
    duties.BOOK,
    sampling.RULES,
    checklists.BOOK,
    report_duties.BOOK,
    retaining.BOOK,
    target_rules.BOOK,
]


def told() -> Counter[tuple[str, str, int]]:
    entries = db.session.scalars(db.select(AuditEntry).where(AuditEntry.actor_kind == "system"))
    return Counter((entry.action, entry.subject_type, entry.subject_id) for entry in entries)


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.named)
def test_the_record_tells_of_every_shipped_rule_once(app, book):
    for _ in range(2):  # at every start
        for bring in reference.further:
            bring(now=MONDAY)
    rows = list(db.session.scalars(db.select(book.model)))
    entries = told()
    assert rows
    assert {entries[f"{book.named}.added", row.__tablename__, row.id] for row in rows} == {1}
