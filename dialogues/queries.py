"""What others ask of sessions."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from functools import cached_property
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import joinedload, selectinload, subqueryload

from app import crypto
from app.assignments.rules import State
from app.audit import AuditEntry, entries_about
from app.calendar.days import CalendarNotLoaded, count
from app.calendar.queries import rules_in_force, work_calendar
from app.calendar.rules import Facts as RuleFacts
from app.calendar.rules import Rule, Stage, choose, term_for
from app.clock import local_date
from app.database import db
from app.units.models import Unit
from dialogues import earlier, filing, rules
from dialogues.models import ConclusionAssignment, DeviceEvent, Petition, PlanLine, Question, Session, SessionPaper, SessionStaff, YearPlan
from dialogues.rules import DEFERRED, OUT, RAISED, AnswerKind, EventState, PaperState, PaperType, PlanState, StaffDuty, Status
from feedback.models import Feedback, FeedbackAssignment
from feedback.public import unit_in_charge

#: What a deadline rule may ask about a session.
KIND = "dialogue"


def by_code(code: str) -> Session | None:
    """Return the session with that code."""
    return db.session.scalar(db.select(Session).where(Session.code == code.strip().upper()))


def standing_of(session: Session) -> rules.Standing:
    """Return where *session* belongs, for rules.may_…()."""
    others = tuple(chair.unit.path for chair in session.chairs if chair.unit_id != session.unit_id)
    return rules.Standing(session.unit.path, others, session.place_id)


def plan_of(unit_id: int, year: int) -> YearPlan | None:
    """Return the approved plan of a unit for a year."""
    query = db.select(YearPlan).where(YearPlan.unit_id == unit_id, YearPlan.year == year, YearPlan.state == PlanState.APPROVED)
    return db.session.scalar(query.options(selectinload(YearPlan.lines)))


def session_of_line(line: PlanLine) -> Session | None:
    """Return the session that was made of a line of the plan."""
    return db.session.scalar(db.select(Session).where(Session.plan_line_id == line.id).order_by(Session.id.desc()).limit(1))


def last_number(start: str) -> int:
    """Return the highest number among the codes of sessions that begin with *start*; 0 where there is none."""
    codes = db.session.scalars(db.select(Session.code).where(Session.code.startswith(start, autoescape=True)))
    return max((int(code.removeprefix(start)) for code in codes), default=0)


def term(stage: Stage, session: Session) -> tuple[Rule, dt.date] | None:
    """Return the rule of *stage* and its day for *session*: announced by, result published by; None without a day or a rule."""
    if session.day is None:
        return None
    rule = choose(rules_in_force(session.day, stage), RuleFacts(kind=KIND), stage, session.day)
    if rule is None:
        return None
    try:
        due_on = count(term_for(rule), session.day, work_calendar()).due_on
    except CalendarNotLoaded:  # nobody knows that year's holidays yet; the two rules of sessions count every day
        due_on = None
    return rule, due_on or session.day + dt.timedelta(days=rule.amount)


def facts_of(session: Session, today: dt.date) -> rules.Facts:
    """Return what the guards of the next step look at."""
    return _Facts(session, today)


class _Facts(rules.Facts):
    """The facts of a session, each counted when a guard first asks for it: a step asks for a few, and some are dear."""

    def __init__(self, session: Session, today: dt.date) -> None:
        # It is frozen, and what is asked for is kept beside its fields.
        vars(self).update(
            _session=session,
            today=today,
            day=session.day,
            trigger=rules.Trigger(session.trigger) if session.trigger else None,
            concerns_reported=session.concerns_done_at is not None,
            personal_data_reviewed=session.names_reviewed_at is not None,
        )

    _session: Session

    @cached_property
    def in_approved_plan(self) -> bool:
        line = self._session.plan_line
        return line is not None and line.plan.state == PlanState.APPROVED

    @cached_property
    def described(self) -> bool:
        return bool(self._session.chairing and self._session.audience and self._session.topic)

    @cached_property
    def programme_issued(self) -> bool:
        return PaperType.PROGRAMME in self._issued

    @cached_property
    def house_rules_issued(self) -> bool:
        return bool(self._session.house_rules) and PaperType.PROGRAMME in self._issued

    @cached_property
    def invitation_issued(self) -> bool:
        return PaperType.INVITATION in self._issued

    @cached_property
    def staff_assigned(self) -> bool:
        return bool(self._secretaries)

    @cached_property
    def announce_by(self) -> dt.date | None:
        announce = term(Stage.ANNOUNCE, self._session)
        return announce[1] if announce else None

    @cached_property
    def promises_without_word(self) -> int:
        return sum(promise.lacks_word for promise in earlier.promises(self._session))

    @cached_property
    def chair_present(self) -> bool:
        return any(chair.present for chair in self._session.chairing)

    @cached_property
    def secretary_present(self) -> bool:
        return any(each.present for each in self._secretaries)

    @cached_property
    def questions_without_answer(self) -> int:
        return sum(question.answer_kind is None for question in raised(self._session)) + len(not_put(self._session))

    @cached_property
    def late_undecided(self) -> int:
        return late(self._session)

    @cached_property
    def deferred_without_promise(self) -> int:
        return sum(waits_for_promise(question) for question in raised(self._session))

    @cached_property
    def minutes_signed(self) -> bool:
        minutes = self._session.minutes
        return bool(minutes) and {each.part for each in minutes[-1].signatures} >= {"chair", "secretary"}

    @cached_property
    def conclusion_numbered(self) -> bool:
        return PaperType.CONCLUSION in self._issued

    @cached_property
    def conclusion_older(self) -> bool:
        numbered = [each for each in self._session.papers if each.type == PaperType.CONCLUSION and each.state == PaperState.NUMBERED]
        return bool(numbered) and is_older(max(numbered, key=lambda paper: paper.id))

    @cached_property
    def dossier_rows_empty(self) -> int:
        return len(empty_rows(self._session))

    @cached_property
    def _issued(self) -> set[str]:
        return _issued(self._session)

    @cached_property
    def _secretaries(self) -> list[SessionStaff]:
        return [each for each in self._session.staff if each.duty == StaffDuty.SECRETARY]


def late(session: Session) -> int:
    """Return how much came after *session* was held and waits to be accepted."""
    waiting = DeviceEvent.session_id == session.id, DeviceEvent.state == EventState.LATE
    return db.session.scalar(db.select(func.count()).select_from(DeviceEvent).where(*waiting)) or 0


def concluded_from(session: Session) -> str:
    """Return what tells one state of the chair's conclusions from another: what was asked, answered, promised, given out, and to whom.

    A better masked copy concludes nothing else.
    """
    asked = [
        (each.id, each.text, each.answer_kind, each.answer, each.answered_by, each.promised_on, each.public_form, each.supporting_ids)
        + ((unit_in_charge(each.feedback).id,) if each.feedback is not None and each.promised_on is not None else ())
        for each in raised(session)
    ]
    given = [
        (each.id, each.title, each.unit_id, each.due_on, each.public_form, each.supporting_ids, each.beyond)
        for each in session.promises
        if each.state != State.CANCELLED
    ]
    return crypto.blind_index(json.dumps([session.conclusion, asked, given], default=str))


def is_older(paper: SessionPaper) -> bool:
    """Say whether what the chair concluded was changed after *paper*, a notice of conclusion, was sent to be signed."""
    made_from = (paper.facts or {}).get("concluded_from")
    return paper.session is not None and made_from is not None and made_from != concluded_from(paper.session)


def raised(session: Session) -> list[Question]:
    """Return what was put in the hall, in the order in which it was put: each needs its answer, and has its number from here."""
    put = [(question.put_at, question.position, question.id, question) for question in _of_the_day(session) if question.put_at is not None]
    return [question for *_place, question in sorted(put, key=lambda each: each[:3])]


def not_put(session: Session) -> list[Question]:
    """Return what was chosen for the day and not put yet, in the order in which it is to be."""
    return [question for question in _of_the_day(session) if question.put_at is None]


def _of_the_day(session: Session) -> list[Question]:
    return [question for question in session.questions if question.state in RAISED and question.for_the_day]


def put_off(session: Session) -> AuditEntry | None:
    """Return when *session* was put off first since it was last announced: what was planned from then on nobody was told."""
    since = [each for each in entries_about(session) if session.announced_at is not None and each.at >= session.announced_at]
    return next((each for each in since if each.action == f"session.{Status.POSTPONED}"), None)


def _issued(session: Session) -> set[str]:
    """Return the types of the papers that are out; those for a day that was put off name the wrong day, and count no more."""
    numbered = [paper for paper in session.papers if paper.state == PaperState.NUMBERED]
    if session.put_off_why:
        put_off_at = max((entry.at for entry in entries_about(session) if entry.action == "session.postponed"), default=None)
        numbered = [paper for paper in numbered if put_off_at is None or paper.created_at > put_off_at]
    return {paper.type for paper in numbered}


def waits_for_promise(question: Question) -> bool:
    """Say whether *question* was deferred and nobody has said who answers it, by when, and how the public hears of it."""
    if question.answer_kind not in DEFERRED or question.is_withdrawn:
        return False
    promised = question.feedback_id and question.promised_on and question.public_form
    return not promised or (question.answer_kind == AnswerKind.FORWARDED and petition_for(question) is None)


def petition_for(question: Question) -> ConclusionAssignment | None:
    """Return the host's duty to petition for what was beyond the chair's authority, and to report the answer."""
    return next(
        (each for each in question.session.promises if each.question_id == question.id and each.beyond and each.state != State.CANCELLED),
        None,
    )


def supporting(ids: list[int] | None) -> list[Unit]:
    """Return the units that help with a promise."""
    return list(db.session.scalars(db.select(Unit).where(Unit.id.in_(ids)).order_by(Unit.id))) if ids else []


def read_items(session: Session) -> None:
    """Read at once the items that were made of the questions of *session*: whether one may be told is said there."""
    held = session.questions  # what is read below is read onto these
    wanted = db.select(Question).where(Question.id.in_([question.id for question in held])).options(selectinload(Question.feedback))
    db.session.scalars(wanted).all()


def read_promises(session: Session) -> dict[int, Unit]:
    """Read at once, however many there are, what pages show of the promises of *session*; return the units that help, by id."""
    held = [*session.questions, *session.promises]  # what is read below is read onto these
    asked = db.select(Question).where(Question.session_id == session.id)
    db.session.scalars(_with_items(asked, selectinload)).all()
    given = db.select(ConclusionAssignment).where(ConclusionAssignment.session_id == session.id)
    db.session.scalars(_with_petitions(given)).all()
    return {unit.id: unit for unit in supporting(sorted({id_ for row in held for id_ in row.supporting_ids or []}))}


def read_all_promises() -> list[tuple[Session, list[Question], list[ConclusionAssignment]]]:
    """Return each session that was announced and whose result is out, the latest first, with the questions left open and what it gave out.

    In a few statements, however many sessions there are.
    """
    out = (Session.status.in_(sorted(OUT)), Session.announced_at.is_not(None), Session.starts_at.is_not(None))
    sessions = db.session.scalars(db.select(Session).where(*out).order_by(Session.starts_at.desc(), Session.id.desc())).all()
    left = db.select(Question).join(Question.session).where(*out, Question.state.in_(sorted(RAISED)), Question.promised_on.is_not(None))
    given = db.select(ConclusionAssignment).join(ConclusionAssignment.session).where(*out)
    given = _with_petitions(given).options(joinedload(ConclusionAssignment.question))
    asked: dict[int, list[Question]] = defaultdict(list)
    promises: dict[int | None, list[ConclusionAssignment]] = defaultdict(list)
    for question in db.session.scalars(_with_items(left, subqueryload).order_by(Question.position, Question.id)):
        asked[question.session_id].append(question)
    for promise in db.session.scalars(given.order_by(ConclusionAssignment.id)):
        promises[promise.session_id].append(promise)
    return [(session, asked[session.id], promises[session.id]) for session in sessions]


def _with_items(asked: Any, many: Any) -> Any:
    item = many(Question.feedback)
    for further in (item, item.joinedload(Feedback.merged_into)):
        load = further.selectinload if many is selectinload else further.subqueryload
        asked = asked.options(load(Feedback.assignments).joinedload(FeedbackAssignment.unit))
    return asked


def _with_petitions(given: Any) -> Any:
    given = given.options(joinedload(ConclusionAssignment.unit), joinedload(ConclusionAssignment.officer))
    return given.options(joinedload(ConclusionAssignment.petition).joinedload(Petition.unit))


def empty_rows(session: Session) -> list[str]:
    """Return the codes of the dossier's rows that hold neither a paper, nor a file, nor "không có" with a reason.

    Where a paper waits for its number, a reason written before counts no more.
    """
    return [row.entry.code for row in filing.rows(session) if not row.filled and (row.waiting or not row.absent_why)]


def papers_of_plan(plan: YearPlan) -> list[SessionPaper]:
    """Return the papers of a unit's year: its plan, its report."""
    return list(db.session.scalars(db.select(SessionPaper).where(SessionPaper.plan_id == plan.id).order_by(SessionPaper.id)))


def is_late(session: Session, today: dt.date) -> bool:
    """Say whether *session* is, or was when it was published, later than the rule allows."""
    due = term(Stage.PUBLISH_RESULT, session)
    if due is None or session.status in {Status.POSTPONED, Status.CANCELLED}:
        return False
    return (local_date(session.published_at) if session.published_at else today) > due[1]
