"""What everyone will read of a session: masked copies that a person looked through, then the result is out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.access import require
from app.accounts.models import User
from app.assignments.rules import IllegalTransition, State
from app.audit import entries_about, record
from app.database import lock
from dialogues import queries, rules
from dialogues.models import ConclusionAssignment, Question, Session, SessionPaper
from dialogues.operations import steps, telling
from dialogues.queries import raised
from dialogues.rules import Status


@dataclass(frozen=True)
class Copies:
    """The masked copies by id: of each question and its answer, each instruction, each show of hands; and of the conclusion as a whole."""

    questions: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    instructions: Mapping[int, str] = field(default_factory=dict)
    conclusion: str = ""
    hands: Mapping[int, str] = field(default_factory=dict)
    papers: frozenset[int] = frozenset()  # session_paper.id of those that were read and name nobody


def instructions(session: Session) -> list[ConclusionAssignment]:
    """Return what the conclusion gives out and everyone may read, without what was taken back."""
    return [each for each in session.promises if each.state != State.CANCELLED and not each.is_untold]


def told(session: Session) -> list[Question]:
    """Return what was put in the hall and may be read by everyone: not what somebody wrote beforehand without agreeing to that."""
    return [question for _number, question in numbered(session)]


def numbered(session: Session) -> list[tuple[int, Question]]:
    """Return the same, each with the number that it has in the minutes and the notice of conclusion."""
    return [(number, question) for number, question in enumerate(raised(session), start=1) if question.may_be_told]


def papers_to_read(session: Session) -> list[SessionPaper]:
    """Return the issued papers on which a machine alone has masked names so far."""
    return [paper for paper in session.papers if paper.type in rules.RESULTS and paper.state == rules.PaperState.NUMBERED]


def unread(session: Session) -> list[SessionPaper]:
    """Return the papers that got their number after the names were read, and that nobody has read since."""
    read_at = session.names_reviewed_at
    if read_at is None:
        return []
    found = []
    for paper in papers_to_read(session):
        since = {entry.action for entry in entries_about(paper) if entry.at > read_at} if paper.internal else set()
        if "session_paper.numbered" in since and "session_paper.closed" not in since:
            found.append(paper)
    return found


def _bring_out(session: Session) -> None:
    for question in told(session):
        question.public_text = question.result_text or question.public_text


def review(session: Session, copies: Copies, *, actor: User, now: dt.datetime) -> None:
    """Keep the copies that *actor* looked through for names; nobody reads them before the result is out. :raise NotAllowed:

    :raise IllegalTransition:
    """
    lock(session)
    require(rules.may_prepare(actor.reach, queries.standing_of(session)))
    if session.status not in rules.REVIEWED_IN:
        raise IllegalTransition(Status(session.status), Status.PUBLISHED)
    for question in told(session):
        question.result_text, question.public_answer = copies.questions[question.id]
    for promise in instructions(session):
        promise.public_title = copies.instructions[promise.id]
    for vote in session.hand_votes:
        vote.public_subject = copies.hands.get(vote.id)
    for paper in papers_to_read(session):
        paper.internal = paper.id not in copies.papers
    session.public_conclusion, session.names_reviewed_at = copies.conclusion, now
    if session.status == Status.PUBLISHED:
        _bring_out(session)
    record(actor, "session.names_reviewed", session, at=now)


def publish(session: Session, *, actor: User, now: dt.datetime) -> None:
    """Put the result before everyone, and tell those who came or asked; late is derived from the rule. What :func:`steps.move` raises."""
    steps.move(session, Status.PUBLISHED, overrides={}, actor=actor, now=now)
    _bring_out(session)
    telling.published(session, now=now)
