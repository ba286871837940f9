"""What everyone may read of a session's conclusion: what was promised, by whom, by when, and what became of it until now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from app.assignments import published
from app.assignments.models import Assignment
from app.assignments.rules import State, is_late
from app.clock import local_date
from app.database import db
from app.units.models import Unit
from dialogues import filing, queries
from dialogues.models import ConclusionAssignment, Petition, Question, Session, SessionPaper
from dialogues.rules import ALWAYS_INTERNAL, OUT, RESULTS, PaperState, PublicForm
from feedback.words import assignment_state

KEPT = frozenset({State.DONE, State.VERIFIED})


@dataclass(frozen=True)
class Conclusion:
    """One promise of the chair, as it stands now."""

    key: str  # names it among all promises
    duty: str  # app.assignments.rules.Duty: to answer a question that was left open, or to act
    text: str  # masked; empty where the asker of a question did not agree to have it read
    unit: str
    supporting: tuple[str, ...]
    beyond: str  # the body that is petitioned, where the chair's authority ends
    due_on: dt.date | None
    public_form: str  # rules.PublicForm
    state: Any  # lazy word: Chờ nhận, Đang làm, Đã trả lời, Báo đã xong
    done_on: dt.date | None
    late: bool  # its day passed before it was done, or passed today
    outcome: str  # what the unit says was done, in its own words
    question_uid: str | None = None  # of the question that it answers
    answered: bool = False  # who asked the question has had an answer
    published: str = ""  # code of the item, where its answer stands on the site
    petition: Petition | None = None  # how the body beyond was asked, and what it said
    verified: bool = False  # somebody looked on the spot, and found it as reported
    remark: str = ""  # what they say of it to everyone
    reviewed: bool = False  # somebody looked, found it otherwise, and the superior has not decided yet

    @property
    def done(self) -> bool:
        """Whether it is kept."""
        return self.done_on is not None

    @property
    def unposted(self) -> bool:
        """Whether it was promised to stand on the site, its asker has been answered, and nobody put the answer there."""
        return self.answered and bool(self.text) and self.public_form == PublicForm.SITE and not self.published


def conclusions(session: Session, today: dt.date) -> list[Conclusion]:
    """Return what was promised at *session*, questions first, each with where it stands on *today*; none before the result is out."""
    if session.status not in OUT:
        return []
    units = queries.read_promises(session)
    given = [row for row in session.promises if row.state != State.CANCELLED]
    said, reviewed = published.remarked(given), published.reviewed(given)
    return _promised(session.questions, given, units, today, said, reviewed)


def every_conclusion(today: dt.date) -> list[tuple[Session, list[Conclusion]]]:
    """Return the conclusions of each session that was announced, the latest session first, without what was found on the spot."""
    units = {unit.id: unit for unit in db.session.scalars(db.select(Unit))}
    return [
        (session, _promised(asked, [row for row in given if row.state != State.CANCELLED], units, today, {}, set()))
        for session, asked, given in queries.read_all_promises()
    ]


def _promised(
    questions: list[Question],
    given: list[ConclusionAssignment],
    units: Mapping[int, Unit],
    today: dt.date,
    said: Mapping[int, str],
    reviewed: set[int],
) -> list[Conclusion]:
    # Two duties of one unit about one question, to petition and to answer: the people were promised one thing.
    petitions = {row.question_id: row for row in given if row.is_detail}
    answers = [_answer(question, petitions.get(question.id), units, today) for question in questions if question.is_promised]
    told = [row for row in given if row not in petitions.values()]
    return answers + [replace(_act(row, units, today, said.get(row.id, "")), reviewed=row.id in reviewed) for row in told]


@dataclass(frozen=True)
class Above:
    """What counts of the petition to a higher body: its day, and when it was done with."""

    due_on: dt.date | None
    kept_on: dt.date | None

    @classmethod
    def of(cls, due_on: dt.date | None, state: str, closed_at: dt.datetime | None) -> Self:
        """Return what counts of an assignment."""
        return cls(due_on, local_date(closed_at) if state in KEPT and closed_at else None)


def settled(due_on: dt.date | None, answered_on: dt.date | None, petition: Above | None, today: dt.date) -> tuple[dt.date | None, bool]:
    """Return when a question that was left open was settled, if it was, and whether that is, or was, past its day."""
    late = is_late(due_on, answered_on, today)
    if answered_on is None or petition is None:
        return answered_on, late
    # The asker was told something, and the rest is still to come, or came later.
    late = late or is_late(petition.due_on, petition.kept_on, today)
    return max(answered_on, petition.kept_on) if petition.kept_on else None, late


def _answer(question: Question, petition: ConclusionAssignment | None, units: Mapping[int, Unit], today: dt.date) -> Conclusion:
    assert question.feedback is not None  # it is promised
    item = question.feedback.merged_into or question.feedback
    duty: Assignment | None = next((each for each in reversed(item.assignments) if each.duty == "answer"), None)
    unit = duty.unit if duty else question.session.unit
    answered_on = local_date(item.answered_at) if item.answered_at and not item.is_open else None
    above = Above.of(petition.due_on, petition.state, petition.closed_at) if petition else None
    done_on, late = settled(question.promised_on, answered_on, above, today)
    if answered_on and petition is not None:
        duty = petition
    return Conclusion(
        key=f"answer:{question.id}",
        duty="answer",
        text=question.public_text or "",
        beyond=(petition.beyond or "") if petition else "",
        due_on=petition.due_on if answered_on and petition is not None else question.promised_on,
        late=late,
        outcome=(petition.outcome or "") if petition and petition.state in KEPT else "",
        petition=petition.petition if petition else None,
        answered=answered_on is not None,
        published=item.code if item.answered_at and item.published_at and item.public_reply and question.may_be_told else "",
        question_uid=str(question.uid),
        **_common(duty, unit, [units[id_] for id_ in question.supporting_ids or []], question.public_form, done_on),
    )


def _act(row: ConclusionAssignment, units: Mapping[int, Unit], today: dt.date, remark: str) -> Conclusion:
    done_on = local_date(row.closed_at) if row.state in KEPT and row.closed_at else None
    return Conclusion(
        key=f"act:{row.id}",
        duty=row.duty,
        text=row.public_title or "",
        beyond=row.beyond or "",
        due_on=row.due_on,
        late=row.is_late(today),
        outcome=(row.outcome or "") if done_on else "",  # before that it holds why somebody returned it
        question_uid=str(row.question.uid) if row.question else None,
        petition=row.petition,
        verified=row.state == State.VERIFIED,
        remark=remark,
        **_common(row, row.unit, [units[id_] for id_ in row.supporting_ids or []], row.public_form, done_on),
    )


def _common(duty: Assignment | None, unit: Unit, helps: list[Unit], form: str | None, done_on: dt.date | None) -> dict[str, Any]:
    return {
        "unit": unit.name,
        "supporting": tuple(each.name for each in helps if each != unit),  # who helped may lead since: others gave it back
        "public_form": form or "",
        "state": assignment_state(duty).text if duty else "",
        "done_on": done_on,
    }


def papers(session: Session) -> list[SessionPaper]:
    """Return the papers that everyone may read: numbered, not nội bộ; what came of the session only once that is out.

    Those for another day are read once that is announced.
    """
    issued = [
        paper
        for paper in filing.papers_of(session)
        if paper.state == PaperState.NUMBERED and not paper.internal and paper.type not in ALWAYS_INTERNAL
    ]
    put_off = queries.put_off(session) if session.put_off_why else None
    if put_off is not None:
        issued = [paper for paper in issued if (paper.sent_at or paper.created_at) <= put_off.at]
    return [paper for paper in issued if session.status in OUT or paper.type not in RESULTS]
