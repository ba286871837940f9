"""Whatever people do, in whatever order: an item has an owner and a clock, moves only along the table, and late stays late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app import clock as time
from app.access import NotAllowed
from app.assignments.operations.clocks import ExtensionDecided, ExtensionNotAllowed
from app.assignments.rules import IllegalTransition
from app.calendar.queries import work_calendar
from app.database import db
from feedback import rules, words
from feedback.glance import glance
from feedback.models import Feedback
from feedback.operations import desk, merging, papers, sender, unit
from feedback.operations.papers import AnotherPaperOnItsWay, NotYourTurn, PaperUnfinished
from feedback.operations.sender import AlreadyRated, ReopenedBefore, TooLate
from feedback.operations.unit import NothingOpen, ProofMissing, QuestionOpen
from feedback.public import answer_clock, unit_in_charge
from feedback.rules import Channel, Kind, PaperState, PaperType, SenderType, Status
from feedback.steps import HOLDS, answered_before
from feedback.why import explanation
from tests.feedback import builders

REFUSALS = (
    IllegalTransition, NotAllowed, NothingOpen, QuestionOpen, ExtensionDecided, ExtensionNotAllowed, AlreadyRated, TooLate, ReopenedBefore,
    NotYourTurn, AnotherPaperOnItsWay, PaperUnfinished, ProofMissing, merging.MergeWithItself, merging.MergeNotProposed, desk.NotSplittable,
    desk.UnitAccused, *HOLDS,
)  # fmt: skip

HOW_SENT: list[dict[str, Any]] = [
    {"kind": Kind.REPORT},
    {"kind": Kind.QUESTION},
    {"kind": Kind.COMPLAINT},
    {"channel": Channel.VOTER_MEETING},
    {"sender_type": SenderType.ANONYMOUS, "people": ()},
]


class Play:
    """A province, some items, and everything that people may try to do to them."""

    def __init__(self, province: builders.Province) -> None:
        self.province = province
        self.now = builders.MONDAY
        self.items: list[Feedback] = []

    # Each verb takes the item and a second number to choose by.

    def send(self, _item: Feedback, pick: int) -> None:
        builders.received(self.now, **HOW_SENT[pick % len(HOW_SENT)])

    def route(self, item: Feedback, pick: int) -> None:
        desk.route_to(
            item, [self.province.works, self.province.health, self.province.roads][pick % 3], actor=self.province.clerk, now=self.now
        )

    def _officer(self, item: Feedback) -> Any:
        has = {self.province.works.id: self.province.officer, self.province.health.id: self.province.health_officer}
        answer = item.open_answer
        officer = has.get(answer.unit_id, self.province.roads_officer) if answer else self.province.officer
        return self.province.colleague if officer == self.province.officer and officer.id in answered_before(item) else officer

    def _head(self, item: Feedback) -> Any:
        answer = item.open_answer
        return self.province.health_head if answer and answer.unit_id == self.province.health.id else self.province.head

    def take(self, item: Feedback, _pick: int) -> None:
        unit.take(item, actor=self._officer(item), now=self.now)

    def give_back(self, item: Feedback, _pick: int) -> None:
        unit.give_back(item, reason="…", actor=self._officer(item), now=self.now)

    def transfer(self, item: Feedback, pick: int) -> None:
        target = [self.province.works, self.province.health, self.province.roads][pick % 3]
        unit.transfer(item, target, reason="…", actor=self._head(item), now=self.now)

    def ask(self, item: Feedback, _pick: int) -> None:
        unit.ask(item, "Ở đâu?", actor=self._officer(item), now=self.now)

    def extend(self, item: Feedback, pick: int) -> None:
        request = unit.ask_extension(item, ground="complex", reason="…", actor=self._officer(item), now=self.now)
        unit.decide_extension(item, request, granted=bool(pick % 2), remarks="", actor=self._head(item), now=self.now)

    def classify(self, item: Feedback, pick: int) -> None:
        kind = list(Kind)[pick % len(Kind)]
        accused = [None, None, self.province.works, self.province.health][pick % 4]
        place, field = [None, self.province.place][pick % 2], [None, self.province.regulation][pick % 2]
        desk.classify(
            item, kind=kind, title="…", field=field, place=place, complex_=pick % 3 == 0, accused_unit=accused,
            accused_names="", accused_outside=False, actor=self.province.clerk, now=self.now,
        )  # fmt: skip

    def split(self, item: Feedback, pick: int) -> None:
        parts = [desk.Part(Kind.REPORT, "a", "a", unit_id=self.province.works.id if pick % 2 else None), desk.Part(Kind.QUESTION, "b", "b")]
        desk.split(item, parts, actor=self.province.clerk, now=self.now)

    def merge(self, item: Feedback, pick: int) -> None:
        into = self.items[pick % len(self.items)]
        merging.propose_merge(item, into, actor=self.province.clerk, now=self.now)
        merging.merge(item, into, actor=self.province.clerk, now=self.now)

    def unmerge(self, item: Feedback, _pick: int) -> None:
        merging.unmerge(item, actor=self.province.clerk, now=self.now)

    def draft(self, item: Feedback, pick: int) -> None:
        type_ = [PaperType.REPLY, PaperType.REPLY, *PaperType][pick % (len(PaperType) + 2)]
        actor = self._officer(item) if item.open_answer else self.province.clerk
        paper = papers.draft(item, type_, actor=actor, now=self.now)
        points = [builders.promised(time.local_date(self.now) + dt.timedelta(days=40)), builders.explained()][pick % 2 :]
        papers.write(
            paper, body="Kính gửi.", points=points if type_ is PaperType.REPLY else (), reason="not_clear", recipient="Tòa án", actor=actor
        )  # fmt: skip
        papers.submit(paper, actor=actor, now=self.now)

    def sign(self, item: Feedback, _pick: int) -> None:
        for paper in item.papers:
            if paper.state == PaperState.SUBMITTED:
                head = self.province.desk_head if paper.unit_id == self.province.desk.id else self._head(item)
                papers.agree(paper, actor=head, now=self.now)

    def number(self, item: Feedback, _pick: int) -> None:
        for paper in item.papers:
            if paper.state == PaperState.APPROVED:
                records = self.province.desk_records if paper.unit_id == self.province.desk.id else self.province.records
                papers.enter_number(paper, number=f"{paper.id}", numbered_on=self.now.date(), actor=records, now=self.now)

    def send_back(self, item: Feedback, _pick: int) -> None:
        for paper in item.papers:
            papers.send_back(paper, remarks="…", actor=self._head(item), now=self.now)

    def add(self, item: Feedback, _pick: int) -> None:
        sender.add(item, self._key(item), "…", [], now=self.now)

    def withdraw(self, item: Feedback, _pick: int) -> None:
        sender.withdraw(item, self._key(item), now=self.now)

    def rate(self, item: Feedback, pick: int) -> None:
        sender.rate(item, self._key(item), score=pick % 5 + 1, why="", now=self.now)

    def reopen(self, item: Feedback, _pick: int) -> None:
        sender.reopen(item, self._key(item), "…", now=self.now)

    def close(self, item: Feedback, _pick: int) -> None:
        sender.close_after_rating_days(item, now=self.now)

    def _key(self, item: Feedback) -> Any:
        return builders.sender_key(item.parent or item)


VERBS: list[str] = [
    "send", "route", "take", "give_back", "transfer", "ask", "extend", "classify", "split", "merge", "unmerge", "draft", "sign", "number",
    "send_back", "add", "withdraw", "rate", "reopen", "close",
]  # fmt: skip
#: Likelier than the others, or few items would ever be answered.
LIKELY = ["route", "take", "draft", "sign", "number", "route", "take", "draft", "sign", "number", "reopen"]

steps = st.lists(
    st.tuples(st.sampled_from(VERBS + LIKELY), st.integers(0, 3), st.integers(0, 11), st.integers(0, 4)), min_size=5, max_size=30
)


def check_owner(item: Feedback) -> None:
    """An open item has exactly one owner, a closed one has none; nobody is judge in their own cause but where the law says so."""
    answers = [each for each in item.assignments if each.duty == "answer" and each.is_open]
    at_desk = [line for line in item.desk_holdings if line.to_at is None]
    held = [line for each in item.assignments if each.duty == "answer" for line in each.holdings if line.to_at is None]
    owners = {Status.RECEIVED: (0, 1, 0), Status.IN_HAND: (1, 0, 1)}.get(Status(item.status), (0, 0, 0))
    assert (len(answers), len(at_desk), len(held)) == owners, item.status
    accused = item.accused_unit
    assert not (answers and accused and item.kind != Kind.COMPLAINT and answers[0].unit.path.startswith(accused.path))


def check_clocks(item: Feedback) -> None:
    """An item has a clock that runs or has stopped; when it is over none of its own runs on."""
    clocks = [*item.clocks, *(clock for each in item.assignments for clock in each.clocks)]
    assert clocks
    assert [clock for clock in clocks if clock.cancelled_at is None] or not item.is_open
    running = [clock for clock in item.clocks if clock.is_running]
    if item.status not in {Status.RECEIVED, Status.IN_HAND, Status.MERGED}:
        assert not running, [clock.stage for clock in running]
    elif item.status == Status.RECEIVED:
        assert {clock.stage for clock in running} & {"triage", "reroute"}
    if item.is_open and not item.is_anonymous:
        assert {clock.stage for clock in running} & {"reply", "opening", "settle"}
    stages = [(clock.stage, clock.round) for clock in running]
    assert len(stages) == len(set(stages)), stages


def check_papers(item: Feedback) -> None:
    """At most one paper is on its way, and only of an item that is open."""
    on_their_way = [paper for paper in item.papers if paper.state not in {PaperState.PUBLISHED, PaperState.DISCARDED}]
    assert len(on_their_way) <= (1 if item.is_open else 0)
    for paper in on_their_way:
        assert paper.unit_id == (item.open_answer.unit_id if item.open_answer else item.desk_unit_id)


def check_glance(item: Feedback) -> None:
    """What the code alone shows is read as columns, and is what the rows say."""
    seen, matter, calendar = glance(item.code), item.merged_into or item, work_calendar()
    assert seen is not None
    assert seen.unit == unit_in_charge(matter).name
    assert [words.status_word(row.status, row.waits) for row in (seen.row, seen.matter)] == [words.status_of(item), words.status_of(matter)]
    for found, clock in ((seen.answer_clock, answer_clock(matter)), (seen.notice_clock, matter.clock("notice"))):
        assert (found is None) == (clock is None)
        if found and clock:
            assert (found.due_on, found.stopped_on, found.facts.is_paused) == (clock.due_on, clock.stopped_on, clock.is_paused)
            assert explanation(found.facts, calendar) == explanation(clock, calendar)
    assert [words.status_word(part.status, part.waits) for part in seen.parts] == [words.status_of(part) for part in item.parts]
    assert seen.row.whole == (item.parent.code if item.parent else None)


def late_clocks(items: list[Feedback], today: dt.date) -> set[int]:
    return {clock.id for item in items for clock in item.clocks if clock.is_late(today)}


@pytest.fixture
def province(app):
    made = builders.make_province()
    db.session.commit()
    return made


@settings(
    max_examples=12,  # each is thirty verbs against a database
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes; the failing steps are printed as they are
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(steps=steps)
def test_no_sequence_of_verbs_loses_an_item(province, steps):
    play = Play(province)
    try:
        play.send(None, 0)
        play.send(None, 2)
        late: set[int] = set()
        done = 0
        for verb, which, pick, days in steps:
            play.now += dt.timedelta(days=days)
            play.items = list(db.session.scalars(db.select(Feedback).order_by(Feedback.id)))
            before = {item.id: Status(item.status) for item in play.items}
            done += attempt(getattr(play, verb), play.items[which % len(play.items)], pick)
            items = list(db.session.scalars(db.select(Feedback).order_by(Feedback.id)))
            for item in items:
                old, new = before.get(item.id), Status(item.status)
                assert old in (None, new) or new in rules.TRANSITIONS[old], (verb, old, new)
                check_owner(item)
                check_clocks(item)
                check_papers(item)
            late |= late_clocks(items, time.local_date(play.now))
            assert late <= late_clocks(items, time.local_date(play.now)), verb
        for item in db.session.scalars(db.select(Feedback)):
            check_glance(item)
    finally:
        db.session.rollback()


def attempt(verb: Callable[[Feedback, int], None], item: Feedback, pick: int) -> bool:
    """Let somebody try; what was refused leaves nothing behind, as at the edge. Say whether it was done."""
    try:
        with db.session.begin_nested():
            verb(item, pick)
    except REFUSALS:
        return False
    db.session.expire_all()
    return True
