"""Who did what to which thing: a closed vocabulary, the facts it must carry, and no free text."""

from __future__ import annotations

import re

import pytest

from app import audit
from app.access import SENDER, SYSTEM
from app.audit import ActionUnknown, AuditFactsWrong, entries_about, record
from app.database import db
from feedback import vocabulary
from tests import factories
from tests.feedback import builders
from tests.feedback.builders import MONDAY, at


@pytest.fixture
def unit(app):
    return factories.make_unit()


def test_an_entry_says_who_did_what_to_which_thing_and_when(unit):
    user = factories.make_user(unit=unit)
    record(user, "unit.closed", unit, at=MONDAY, on="2026-08-03")
    record(SYSTEM, "unit.changed", unit, at=at(1), changed=["name"])
    record(SENDER, "unit.changed", unit, at=at(2), changed=[])
    db.session.flush()
    assert [(e.action, e.actor_kind, e.actor_id, e.actor_unit_id, e.at) for e in entries_about(unit)] == [
        ("unit.closed", "user", user.id, unit.id, MONDAY),
        ("unit.changed", "system", None, None, at(1)),
        ("unit.changed", "sender", None, None, at(2)),
    ]


def test_what_is_not_in_the_vocabulary_is_not_recorded(unit):
    with pytest.raises(ActionUnknown):
        record(SYSTEM, "unit.painted", unit, at=MONDAY)


@pytest.mark.parametrize("facts", [{}, {"on": "2026-08-03", "why": "x"}, {"day": "2026-08-03"}])
def test_an_action_carries_exactly_its_facts(unit, facts):
    with pytest.raises(AuditFactsWrong):
        record(SYSTEM, "unit.closed", unit, at=MONDAY, **facts)


def test_what_is_not_stored_yet_gets_its_id_first(app):
    unit = factories.make_unit()
    entry = record(SYSTEM, "unit.closed", unit, at=MONDAY, on="x")
    assert (entry.subject_type, entry.subject_id) == ("unit", unit.id)


def test_every_action_has_a_name_of_two_words_and_facts_with_names(app):
    for action, facts in audit.ACTIONS.items():
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", action), action
        assert all(re.fullmatch(r"[a-z_]+", fact) for fact in facts), action


def test_what_the_sender_is_told_of_is_in_the_vocabulary():
    assert set(vocabulary.ACTIONS) >= vocabulary.TOLD_TO_SENDER


def test_no_word_that_anybody_typed_gets_into_the_audit(app):
    province = builders.make_province()
    feedback = builders.taken(province, body="Từ Khóa Bí Mật trong nội dung.")
    builders.answer(province, feedback, at(1), [builders.explained("Từ Khóa Bí Mật trong câu trả lời.")])
    db.session.flush()
    facts = str([entry.facts for entry in db.session.scalars(db.select(audit.AuditEntry))])
    for word in ("Từ Khóa", "Trần Thị Hoa", "0912345678", "hoa@example.com", "Nguyễn Trãi"):
        assert word not in facts
