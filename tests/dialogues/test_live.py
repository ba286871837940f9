"""What the desk's devices said is one session, in whatever order, batches and repetitions it arrives."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogues import live
from dialogues.live import Event, Run
from dialogues.rules import EventKind

E = EventKind
START = dt.datetime(2026, 8, 31, 1, tzinfo=dt.UTC)


def uid(number: int) -> uuid.UUID:
    return uuid.UUID(int=number)


def event(number: int, kind: EventKind, /, subject: int = 1, minute: int | None = None, base: Iterable[int] = (), **facts: Any) -> Event:
    at = START + dt.timedelta(minutes=number if minute is None else minute)
    return Event(uid(number), kind, uid(subject), at, frozenset(map(uid, base)), facts)


def asked(number, text, subject=1, **over):
    return event(number, E.ASKED, subject, text=text, **over)


def answered(number, kind="by_chair", base=(), text="", **over):
    return event(number, E.ANSWERED, base=base, kind=kind, by="", text=text, **over)


def numbers(events: Iterable[Event]) -> list[int]:
    return [each.uid.int for each in events]


# --- registers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "stand", "conflict"),
    [
        ([answered(1)], [1], False),
        ([answered(1), answered(2, "in_writing", base=[1])], [2], False),
        ([answered(2), answered(1, "in_writing", base=[2])], [1], False),  # its clock goes behind: what it saw counts, not its hour
        ([answered(1), answered(2, "in_writing")], [1, 2], True),
        ([answered(1, minute=9), answered(2, "in_writing")], [2, 1], True),
        ([answered(1), answered(2)], [1, 2], False),  # both say the same
        ([answered(1), answered(2, text="Tháng 9."), answered(3, text="Tháng 9.", base=[1, 2])], [3], False),
        ([answered(1), answered(2, "in_writing"), answered(3, base=[1])], [2, 3], True),
        ([answered(1), answered(3, base=[2])], [1, 3], False),  # what joins them has not come yet
        ([answered(1, base=[1])], [1], False),
        ([answered(1, base=[2]), answered(2, "in_writing", base=[1])], [1, 2], True),  # a circle: nothing is lost
    ],
)
def test_what_stands_is_what_nobody_who_saw_it_replaced(events, stand, conflict):
    found = live.heads(events)
    assert numbers(found) == stand
    assert live.in_conflict(found) is conflict


def test_two_secretaries_write_down_one_speakers_question_and_neither_text_is_lost():
    told = live.fold([
        event(1, E.QUEUED, name="Hợp"), asked(3, "Bao giờ có nước?", name="Hợp"), asked(2, "Nước sạch?", name="Bà Hợp"),
        event(4, E.TEXT_CHANGED, base=[2], value="Nước sạch bao giờ có?"),
    ])[uid(1)]  # fmt: skip
    assert told.made[E.ASKED].facts["name"] == "Bà Hợp"
    assert [each.value for each in told.heads["text"]] == ["Bao giờ có nước?", "Nước sạch bao giờ có?"]
    assert told.shown("text") == "Nước sạch bao giờ có?"
    assert told.shown("answer") is None


def test_what_is_said_before_its_subject_is_known_takes_effect_when_it_comes():
    before = [answered(3), event(2, E.CALLED), event(5, E.CALLED)]
    told = live.fold(before)[uid(1)]
    assert told.made == {}
    told = live.fold([*before, asked(1, "Đường?")])[uid(1)]
    assert (told.shown("text"), told.called_at, told.answered_at) == ("Đường?", event(5, E.CALLED).at, answered(3).at)


def test_what_was_withdrawn_is_gone_with_everything_about_it_and_nothing_else():
    events = [asked(1, "Đường?"), answered(2), asked(4, "Nước?", subject=2), event(3, E.WITHDRAWN), asked(9, "Đường?")]
    folded = live.fold(events)
    assert folded[uid(1)] == live.Told(withdrawn=True)
    assert folded[uid(2)].shown("text") == "Nước?"


def test_who_is_taken_off_the_queue_takes_no_question_along_that_was_written_down_elsewhere():
    events = [event(1, E.QUEUED, name="Hợp"), event(2, E.CALLED), event(4, E.WITHDRAWN, of="speaker"), asked(3, "Đường?")]
    told = live.fold(events)[uid(1)]
    assert (told.withdrawn, told.left, set(told.made), told.shown("text")) == (False, True, {E.ASKED}, "Đường?")


# --- the programme ------------------------------------------------------------------------------------------------------


def at(minute: int) -> dt.datetime:
    return START + dt.timedelta(minutes=minute)


def begun(number, item):
    return event(number, E.ITEM_BEGUN, item)


def ended(number, item):
    return event(number, E.ITEM_ENDED, item)


@pytest.mark.parametrize(
    ("events", "ran"),
    [
        ([begun(1, 7)], {7: (1, None)}),
        ([begun(1, 7), begun(5, 8)], {7: (1, 5), 8: (5, None)}),
        ([begun(1, 7), begun(2, 7), ended(3, 8), ended(4, 7), ended(5, 7)], {7: (1, 4)}),
        ([begun(1, 7), begun(5, 8), begun(6, 7)], {7: (1, None), 8: (5, 6)}),  # a finger slipped, and back
        ([ended(1, 7)], {}),
    ],
)
def test_one_item_runs_at_a_time(events, ran):
    expected = {uid(item): Run(at(first), None if last is None else at(last)) for item, (first, last) in ran.items()}
    assert live.runs(events) == expected
    assert live.runs(reversed(events)) == expected


# --- whatever the network does ------------------------------------------------------------------------------------------

_NAMES = st.sampled_from(["", "Hợp", "Lê Văn An"])
_TEXTS = st.sampled_from(["", "Bao giờ có nước?", "Đường hỏng."])
#: Few subjects and few minutes, so that events meet: items 1-3, halls 4-5, speakers and questions 6-8, people 9, hands 10.
_FACTS: dict[EventKind, tuple[range, st.SearchStrategy[dict[str, Any]]]] = {
    E.ITEM_BEGUN: (range(1, 4), st.just({})),
    E.ITEM_ENDED: (range(1, 4), st.just({})),
    E.COUNTED: (range(4, 6), st.fixed_dictionaries({"people": st.integers(0, 3)})),
    E.QUEUED: (range(6, 9), st.fixed_dictionaries({"name": _NAMES})),
    E.CALLED: (range(6, 9), st.just({})),
    E.ASKED: (range(6, 9), st.fixed_dictionaries({"text": _TEXTS, "name": _NAMES})),
    E.TEXT_CHANGED: (range(6, 9), st.fixed_dictionaries({"value": _TEXTS})),
    E.ANSWERED: (range(6, 9), st.fixed_dictionaries({"kind": st.sampled_from(["by_chair", "forwarded"]), "by": _NAMES, "text": _TEXTS})),
    E.REJECTED: (range(6, 9), st.fixed_dictionaries({"wants": _TEXTS, "taken_back": st.booleans()})),
    E.CAME: (range(9, 10), st.fixed_dictionaries({"people": st.integers(1, 3)})),
    E.HANDS: (range(10, 11), st.fixed_dictionaries({"agree": st.integers(0, 3)})),
    E.WITHDRAWN: (range(7, 11), st.sampled_from([{"of": "speaker"}, {}])),
}


@st.composite
def said(draw: st.DrawFn) -> list[Event]:
    """What three devices said: each saw some of what was said before it, by itself or by others."""
    events: list[Event] = []
    for number in range(1, draw(st.integers(1, 14)) + 1):
        kind = draw(st.sampled_from(EventKind))
        subjects, facts = _FACTS[kind]
        seen = draw(st.sets(st.sampled_from(range(1, number)), max_size=3)) if number > 1 else set()
        minute = draw(st.integers(0, 4))
        events.append(event(number, kind, draw(st.sampled_from(subjects)), minute, seen, **draw(facts)))
    return events


class Server:
    """What a server does with batches: it keeps each uid once, and folds anew the subjects of what came."""

    def __init__(self) -> None:
        self.kept: dict[uuid.UUID, Event] = {}
        self.told: dict[uuid.UUID, live.Told] = {}
        self.ran: dict[uuid.UUID, Run] = {}

    def take(self, batch: Iterable[Event]) -> None:
        new = {each.uid: each for each in batch if each.uid not in self.kept}
        self.kept |= new
        touched = {each.subject for each in new.values()}
        self.told |= live.fold(each for each in self.kept.values() if each.subject in touched)
        self.ran = live.runs(self.kept.values())

    @property
    def session(self) -> tuple[Any, Any]:
        return self.told, self.ran


@given(events=said(), data=st.data())
@settings(max_examples=150, deadline=None)
def test_any_order_any_repetition_and_any_batches_give_the_same_session(events, data):
    whole = live.fold(events), live.runs(events)
    again = data.draw(st.lists(st.sampled_from(events), max_size=6))
    arriving = data.draw(st.permutations([*events, *again]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(arriving)), max_size=4)))
    server = Server()
    for start, end in zip([0, *cuts], [*cuts, len(arriving)], strict=True):
        server.take(arriving[start:end])
    assert server.session == whole


@given(events=said(), data=st.data())
@settings(max_examples=100, deadline=None)
def test_a_new_word_that_saw_all_that_stands_settles_every_conflict(events, data):
    folded = live.fold(events)
    registers = [(subject, name) for subject, told in folded.items() for name in told.heads]
    if not registers:
        return
    subject, register = data.draw(st.sampled_from(registers))
    seen = {each.uid.int for each in folded[subject].heads[register]}
    kind = {"text": E.TEXT_CHANGED, "answer": E.ANSWERED, "rejected": E.REJECTED, "people": E.COUNTED}[register]
    last = event(99, kind, subject.int, 0, seen, **data.draw(_FACTS[kind][1]))
    told = live.fold([*events, last])[subject]
    assert numbers(told.heads[register]) == [99]
    assert told.shown(register) == last.value
