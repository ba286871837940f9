"""How an item's standing is said, to whoever looks at it."""

from __future__ import annotations

import pytest

from feedback import words
from feedback.operations import sender, unit
from feedback.rules import Status
from tests.feedback import builders
from tests.feedback.builders import at


def asked(province):
    feedback = builders.taken(province)
    unit.ask(feedback, "Ở số nhà nào?", actor=province.officer, now=at(1))
    return feedback


def told(province):
    feedback = asked(province)
    sender.add(feedback, builders.sender_key(feedback), "Số 12.", [], now=at(2))
    return feedback


def reopened(province):
    feedback = builders.answered(province)
    sender.reopen(feedback, builders.sender_key(feedback), "Chưa xong.", now=at(1))
    return feedback


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda _province: builders.received(), words.STATUSES[Status.RECEIVED]),
        (builders.offered, words.NOT_TAKEN),
        (builders.taken, words.STATUSES[Status.IN_HAND]),
        (asked, words.SENDER_ASKED),
        (told, words.STATUSES[Status.IN_HAND]),
        (builders.answered, words.STATUSES[Status.ANSWERED]),
        (reopened, words.NOT_TAKEN),
    ],
    ids=["at the desk", "offered", "taken", "the sender was asked", "the sender said", "answered", "reopened"],
)
def test_in_hand_is_said_only_while_a_unit_works_on_it(province, make, word):
    assert words.status_of(make(province)) is word
