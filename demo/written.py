"""Writes the cases that history.py drew: the rows and the entries of the audit that the operations would have left, a thousand at a time.

Nobody was written to about them, and nobody but the receipts' own senders could open them: they have no keys.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any

from app import settings
from app.access import SENDER, SYSTEM
from app.assignments.models import Holding
from app.assignments.rules import Duty, State
from app.audit import record
from app.calendar.rules import StartEvent
from app.clock import LOCAL, local_date
from app.database import db
from app.files import StoredFile
from demo import content, pictures
from demo.history import Case, Drawing, Kept
from demo.province import Province
from feedback import codes, rules
from feedback.models import (
    Attachment,
    Feedback,
    FeedbackAssignment,
    FeedbackClock,
    Message,
    MessageKind,
    Paper,
    PaperStep,
    Person,
    PersonRole,
    Rating,
    ReplyPoint,
)
from feedback.operations import sender
from feedback.operations.indexing import index_for_staff
from feedback.operations.papers import chain_of
from feedback.rules import Outcome, PaperState, PaperType

NIGHT = dt.time(0, 30)
A_WHILE = dt.timedelta(minutes=40)
#: What happened to a case: when, who, what, to which row, with which facts.
Entry = tuple[dt.datetime, Any, str, Any, dict[str, Any]]


def play(province: Province, *, now: dt.datetime) -> list[Feedback]:
    """Write the year before *now*; the caller commits."""
    with db.session.no_autoflush:
        writing = _Writing(province, now)
        made = [writing.write(case) for case in Drawing(province, now).cases()]
        db.session.flush()
        for item, case in made:
            writing.report(item, case)
        db.session.flush()
        entries = sorted((entry for item, case in made for entry in writing.entries(item, case)), key=lambda each: each[0])
        for item, _case in made:
            index_for_staff(item)
        for at, actor, action, subject, facts in entries:
            record(actor, action, subject, at=at, **facts)
        db.session.flush()
    return [item for item, _case in made]


class _Writing:
    """Writes one case after the other."""

    def __init__(self, province: Province, now: dt.datetime) -> None:
        self.province, self.now = province, now
        self.prefix: str = settings.get("code_prefix")
        self.numbers: Counter[tuple[int, int]] = Counter()  # of papers, by unit and year: fewer than those that past.py gives
        # One drawing as proof for each field: they take their time.
        fields = {matter["field"] for matter in content.read("history")["matter"]}
        self.shown: dict[str, StoredFile] = {code: pictures.stored(province.fields[code].name, now=now) for code in sorted(fields)}

    def write(self, case: Case) -> tuple[Feedback, Case]:
        """Add the rows of *case*."""
        item = self._item(case)
        duty = self._duty(item, case)
        self._clock(item, case)
        if case.answered is not None:
            paper = self._paper(item, case, duty)
            if case.promise is not None:
                self._promise(item, case, case.promise, paper.points[0])
        if case.rated is not None:
            item.ratings.append(Rating(round=1, score=case.score, why=case.why, at=case.rated))
        db.session.add(item)
        return item, case

    def _item(self, case: Case) -> Feedback:
        desk = self.province.units.get(f"{case.commune.slug}.vp") if case.matter["at"] == "commune" else None
        item = Feedback(
            code=codes.make_code(self.prefix, case.received.year), kind=case.matter["kind"], status=rules.Status.IN_HAND,
            channel=rules.Channel.WEB, sender_type=rules.SenderType.PERSON, title=case.title, body=case.body,
            place=self.province.places[case.commune.full_name], place_text=case.spot, happened="unknown",
            field=self.province.fields[case.matter["field"]], desk_unit=desk or self.province.units[content.read("units")["reception"]],
            identity_scope=rules.IdentityScope.UNIT, publish_consent=False, round=1, received_at=case.received, answered_at=case.answered,
        )  # fmt: skip
        address = f"{case.spot}, {case.commune.kind} {case.commune.name}"
        item.people.append(Person(role=PersonRole.SENDER, name=case.sender, address=address))
        if case.answered is not None:
            closed = dt.datetime.combine(sender.rating_ends_on(case.answered) + dt.timedelta(days=1), NIGHT, LOCAL)
            over = closed <= self.now
            item.status, item.closed_at = (rules.Status.CLOSED, closed) if over else (rules.Status.ANSWERED, None)
        return item

    def _duty(self, item: Feedback, case: Case) -> FeedbackAssignment:
        unit = case.units[-1]
        duty = FeedbackAssignment(
            feedback=item, duty=Duty.ANSWER, title=item.title, unit=unit, unit_id=unit.id, officer=case.officer, place=item.place,
            field=item.field, state=State.TAKEN if case.answered is None else State.DONE, round=1, hops=len(case.units) - 1,
            due_on=case.due_on, first_due_on=case.due_on, due_sort=case.due_on, opened_at=case.received, taken_at=case.taken,
            closed_at=case.answered,
        )  # fmt: skip
        moves = [*self._moves(case), case.taken]
        starts = [case.received, *moves[:-1]]
        duty.holdings = [
            *(Holding(unit_id=unit.id, from_at=begin, to_at=end) for unit, begin, end in zip(case.units, starts, moves, strict=True)),
            Holding(unit_id=unit.id, officer=case.officer, from_at=case.taken, to_at=case.answered),
        ]
        return duty

    def _moves(self, case: Case) -> list[dt.datetime]:
        """Return when it was passed on, from unit to unit, before somebody took it."""
        passed = len(case.units) - 1
        return [case.received + (case.taken - case.received) * (step + 1) / (passed + 1) for step in range(passed)]

    def _clock(self, item: Feedback, case: Case) -> None:
        rule = case.rule
        clock = FeedbackClock(
            stage=rule.stage, round=1, rule_code=rule.code, rule=rule.to_json(), variants=[], extensions=[],
            start_event=StartEvent.RECEIVED, started_at=case.received, started_on=local_date(case.received), due_on=case.due_on,
            first_due_on=case.due_on, stopped_at=case.answered,
        )  # fmt: skip
        item.clocks.append(clock)

    def _paper(self, item: Feedback, case: Case, duty: FeedbackAssignment) -> Paper:
        assert case.answered is not None
        unit, at = case.units[-1], case.answered
        book = unit.id, at.year
        self.numbers[book] += 1
        chain = chain_of(unit)
        paper = Paper(
            feedback=item, assignment=duty, unit=unit, type=PaperType.REPLY, state=PaperState.PUBLISHED, round=1, body=case.salutation,
            chain=chain, step=len(chain), drafted_by=case.officer, created_at=at - 3 * A_WHILE, submitted_at=at - 2 * A_WHILE,
            signed_by=case.head, signed_at=at - A_WHILE, number=f"{self.numbers[book]:02}/UBND-VP", numbered_on=local_date(at),
            numbered_year=at.year, published_at=at,
        )  # fmt: skip
        paper.steps = [
            PaperStep(step="submitted", user=case.officer, decision="submitted", at=at - 2 * A_WHILE),
            PaperStep(step="signer", user=case.head, decision="signed", at=at - A_WHILE),
        ]
        paper.points = [self._point(item, case)]
        return paper

    def _point(self, item: Feedback, case: Case) -> ReplyPoint:
        if case.promise is not None:
            promised = case.promise
            return ReplyPoint(position=1, title=promised.title, text=promised.text, outcome=Outcome.PROMISED, promised_on=promised.due_on)
        outcome = Outcome.DONE if "done" in case.matter else Outcome.EXPLAINED
        point = ReplyPoint(position=1, title=item.title, text=case.matter[str(outcome)], outcome=outcome)
        if outcome is Outcome.DONE and case.answered is not None:
            point.proofs = [self._proof(item, case, case.answered)]
        return point

    def _proof(self, item: Feedback, case: Case, at: dt.datetime) -> Attachment:
        """Return a drawing as proof of something that *item* was about."""
        caption = f"{item.title}, chụp ngày {at.day}/{at.month}"
        return Attachment(feedback=item, file=self.shown[case.matter["field"]], caption=caption, by_sender=False)

    def _promise(self, item: Feedback, case: Case, promised: Kept, point: ReplyPoint) -> None:
        unit, at = case.units[-1], case.answered
        duty = FeedbackAssignment(
            feedback=item, duty=Duty.ACT, title=promised.title, unit=unit, unit_id=unit.id, officer=case.officer, from_unit_id=unit.id,
            place=item.place, field=item.field, state=State.DONE if promised.at else State.TAKEN, round=1, hops=0, point=point,
            due_on=promised.due_on, first_due_on=promised.due_on, due_sort=promised.due_on, opened_at=at, taken_at=at,
            closed_at=promised.at,
        )  # fmt: skip
        duty.holdings = [Holding(unit_id=unit.id, officer=case.officer, from_at=at, to_at=promised.at)]

    def report(self, item: Feedback, case: Case) -> None:
        """Let the unit tell that it kept what it promised, with a picture."""
        promised = case.promise
        if promised is None or promised.at is None:
            return
        item.messages.append(Message(kind=MessageKind.TOLD, user=case.officer, body=promised.report, at=promised.at))
        proof = self._proof(item, case, promised.at)
        proof.caption = f"{promised.title}, chụp ngày {promised.at.day}/{promised.at.month}"
        item.papers[0].points[0].proofs.append(proof)

    # --- the audit ----------------------------------------------------------------------------------------------------------

    def entries(self, item: Feedback, case: Case) -> Iterator[Entry]:
        """Yield what the audit has of *case*."""
        answer, unit, due_on = item.assignments[0], case.units[-1], case.due_on.isoformat()
        facts: dict[str, Any] = {"kind": item.kind, "channel": item.channel, "field_id": item.field_id}
        yield case.received, SENDER, "feedback.received", item, facts | {"place_id": item.place_id, "desk_unit_id": item.desk_unit_id}
        made = {"unit_id": case.units[0].id, "duty": Duty.ANSWER, "due_on": due_on}
        yield case.received, SYSTEM, "assignment.made", answer, made
        yield case.received, SYSTEM, "feedback.routed", item, {"unit_id": case.units[0].id, "rule_id": None}
        for hops, at in enumerate(self._moves(case), start=1):
            moved = {"from_id": case.units[hops - 1].id, "to_id": case.units[hops].id, "hops": hops}
            yield at, SYSTEM, "assignment.transferred", answer, moved | {"reason": "not_ours"}
            yield at, SYSTEM, "feedback.transferred", item, moved
        yield case.taken, case.officer, "assignment.taken", answer, {"officer_id": case.officer.id}
        yield case.taken, case.officer, "feedback.taken", item, {"unit_id": unit.id}
        if case.answered is None:
            return
        at, paper = case.answered, item.papers[0]
        yield at, case.head, "assignment.done", answer, {"on": local_date(at).isoformat()}
        yield at, case.head, "feedback.answered", item, {"unit_id": unit.id, "paper_id": paper.id}
        if case.promise is not None:
            yield from self._of_promise(item, case, case.promise)
        if case.rated is not None:
            yield case.rated, SENDER, "feedback.rated", item, {"score": case.score}
        if item.closed_at is not None:
            yield item.closed_at, SYSTEM, "feedback.closed", item, {}

    def _of_promise(self, item: Feedback, case: Case, promised: Kept) -> Iterator[Entry]:
        duty, unit, due_on = item.assignments[1], case.units[-1], promised.due_on.isoformat()
        assert case.answered is not None
        at = case.answered
        yield at, case.head, "assignment.made", duty, {"unit_id": unit.id, "duty": Duty.ACT, "due_on": due_on}
        yield at, case.head, "assignment.taken", duty, {"officer_id": case.officer.id}
        yield at, case.head, "feedback.promise_made", item, {"assignment_id": duty.id, "unit_id": unit.id, "due_on": due_on}
        if promised.at is not None:
            yield promised.at, case.officer, "assignment.done", duty, {"on": local_date(promised.at).isoformat()}
            yield promised.at, case.officer, "feedback.promise_kept", item, {"assignment_id": duty.id, "unit_id": unit.id}
