"""Questions about looks on the spot: who may look at what, what waits to be looked at, what was found, what waits to be decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, exists, false, func, or_, select, tuple_
from sqlalchemy.orm import aliased, joinedload, selectinload

from app.accounts.models import User
from app.accounts.queries import reach_of
from app.assignments.models import Assignment
from app.assignments.rules import State
from app.database import db
from app.permissions import Permission, Reach
from app.units.models import Unit
from app.units.rules import path_ids
from dialogues import queries as dialogue_queries
from dialogues.models import ConclusionAssignment
from feedback import queries as feedback_queries
from feedback.models import FeedbackAssignment
from oversight import register
from oversight.models import CheckSample, CheckTask, ReopeningQuestion, SpotCheck
from oversight.register import kinds
from oversight.rules import checks as rules

PAGE = 25
EVERY = register.Cut(view="all")


def done_of(row: Assignment, paths: Iterable[str]) -> rules.Done:
    """Return what deciding needs to know of a promise, for a reader whose own units have these *paths*."""
    helpers = dialogue_queries.supporting(row.supporting_ids) if isinstance(row, ConclusionAssignment) else []
    had = {row.officer_id, *(held.officer_id for held in row.holdings)}
    return rules.Done(
        unit_path=row.unit.path,
        place_id=row.place_id,
        helper_paths=tuple(unit.path for unit in helpers),
        officer_ids=frozenset(id_ for id_ in had if id_ is not None),
        hidden=isinstance(row, FeedbackAssignment) and feedback_queries.standing_of(row.feedback).concerns(*paths),
    )


def asked_of(question: ReopeningQuestion, reach: Reach) -> rules.Asked:
    """Return what deciding needs to know of a question of reopening."""
    return rules.Asked(
        done=done_of(question.assignment, reach.paths),
        decider_path=question.decider.path if question.decider is not None else None,
        by_superior=question.by_superior,
        looker_id=question.check.by_id,
    )


def may_look(user: User, row: Assignment, on: dt.date) -> bool:
    """Say whether *user* may look on that day whether *row* was done."""
    reach = reach_of(user, on=on)
    return rules.may_verify(reach, done_of(row, reach.paths))


def lookable(row: Assignment) -> bool:
    """Say whether *row* is something that can be looked at now."""
    return row.kind in rules.KINDS and row.state in rules.LOOKABLE


def may_see(row: Assignment, reach: Reach) -> bool:
    """Say whether what was found at *row* may be read: by the unit's own people, and by whoever reads the register there."""
    done = done_of(row, reach.paths)
    reads = (Permission.REGISTER_READ, Permission.FEEDBACK_HANDLE, Permission.FEEDBACK_LEAD)
    return not done.hidden and any(reach.may(each, unit_path=done.unit_path, place_id=done.place_id) for each in reads)


def checks_of(row: Assignment) -> list[SpotCheck]:
    """Return the looks at *row*, the last one first."""
    wanted = select(SpotCheck).where(SpotCheck.assignment_id == row.id).order_by(SpotCheck.id.desc())
    return list(db.session.scalars(wanted.options(joinedload(SpotCheck.body), joinedload(SpotCheck.by))))


def open_question(row: Assignment) -> ReopeningQuestion | None:
    """Return the question about *row* that nobody has decided yet."""
    return db.session.scalar(
        select(ReopeningQuestion).where(ReopeningQuestion.assignment_id == row.id, ReopeningQuestion.ended_at.is_(None))
    )


def open_questions() -> list[int]:
    """Return the ids of the questions that nobody has decided yet."""
    return list(db.session.scalars(select(ReopeningQuestion.id).where(ReopeningQuestion.ended_at.is_(None)).order_by(ReopeningQuestion.id)))


def public_notes(ids: Sequence[int]) -> dict[int, str]:
    """Return the sentence for everyone of the last look at each of those promises, where it found them right."""
    last = select(func.max(SpotCheck.id)).where(SpotCheck.assignment_id.in_(ids)).group_by(SpotCheck.assignment_id)
    wanted = select(SpotCheck.assignment_id, SpotCheck.public_note).where(
        SpotCheck.id.in_(last), SpotCheck.as_reported, SpotCheck.public_note != ""
    )
    return {row.assignment_id: row.public_note for row in db.session.execute(wanted)}


def doubted(ids: Sequence[int]) -> set[int]:
    """Return those of *ids* about which the question of reopening is open."""
    return set(
        db.session.scalars(
            select(ReopeningQuestion.assignment_id).where(ReopeningQuestion.assignment_id.in_(ids), ReopeningQuestion.ended_at.is_(None))
        )
    )


# --- lists ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Watcher:
    """Who looks at a list, on which day."""

    reach: Reach
    today: dt.date

    def sees(self, wanted: Select[Any]) -> Select[Any]:
        """Narrow a statement over assignments to what the register shows them of what was promised to citizens."""
        return register.narrowed(wanted, EVERY, self.today, self.reach)


def _verifiable(who: Watcher) -> Any:
    """Return the condition of what *who* may look at, as far as units say so; who had it is said of the one promise."""
    scopes = who.reach.scopes(Permission.OVERSIGHT_VERIFY)
    not_mine = and_(*(~Unit.path.startswith(path, autoescape=True) & Unit.id.not_in(path_ids(path)) for path in who.reach.paths))
    if any(scope.everywhere for scope in scopes):
        return not_mine
    below = [Unit.path.startswith(scope.unit_path, autoescape=True) for scope in scopes if scope.unit_path]
    areas = [Assignment.place_id == scope.place_id for scope in scopes if scope.place_id]
    return not_mine & or_(false(), *below, *areas)


def _read_along(path: Any) -> list[Any]:
    return [joinedload(path).options(joinedload(Assignment.unit), joinedload(Assignment.place))]


def _to_look(who: Watcher, wanted: Any) -> Any:
    """Narrow to what still waits; what was opened again meanwhile waits for its unit, not for a look."""
    wanted = wanted.join(Assignment, Assignment.id == CheckTask.assignment_id)
    return who.sees(wanted).where(CheckTask.check_id.is_(None), Assignment.state.in_(sorted(rules.LOOKABLE)), _verifiable(who))


def to_look(who: Watcher, *, after: int = 0, limit: int = PAGE) -> list[CheckTask]:
    """Return what waits to be looked at, what was reported done longest ago first; *after* the task of that id."""
    wanted = _to_look(who, select(CheckTask))
    place = Assignment.closed_on, CheckTask.id
    last = select(Assignment.closed_on).join(CheckTask, CheckTask.assignment_id == Assignment.id).where(CheckTask.id == after)
    if after and (closed_on := db.session.scalar(last)) is not None:
        wanted = wanted.where(tuple_(*place) > (closed_on, after))
    wanted = wanted.order_by(*place).limit(limit)
    return _with_items(
        db.session.scalars(wanted.options(*_read_along(CheckTask.assignment), joinedload(CheckTask.looker), joinedload(CheckTask.sample)))
    )


def looked(who: Watcher, *, after: int = 0, limit: int = PAGE) -> list[SpotCheck]:
    """Return what was found, the latest look first; *after* the look of that id."""
    wanted = who.sees(select(SpotCheck).join(Assignment, Assignment.id == SpotCheck.assignment_id))
    last = db.session.get(SpotCheck, after) if after else None
    if last is not None:
        wanted = wanted.where(tuple_(SpotCheck.looked_on, SpotCheck.id) < (last.looked_on, last.id))
    wanted = wanted.order_by(SpotCheck.looked_on.desc(), SpotCheck.id.desc()).limit(limit)
    return _with_items(
        db.session.scalars(
            wanted.options(
                *_read_along(SpotCheck.assignment), joinedload(SpotCheck.body), joinedload(SpotCheck.by), selectinload(SpotCheck.photos)
            )
        )
    )


def waiting(who: Watcher, *, after: int = 0, limit: int = PAGE) -> list[ReopeningQuestion]:
    """Return the questions that nobody has decided yet, of what *who* reads in the register."""
    wanted = who.sees(select(ReopeningQuestion).join(Assignment, Assignment.id == ReopeningQuestion.assignment_id))
    wanted = wanted.where(ReopeningQuestion.ended_at.is_(None), ReopeningQuestion.id > after)
    return _questions(wanted.order_by(ReopeningQuestion.id).limit(limit))


def counts(who: Watcher) -> dict[str, int]:
    """Return how many wait to be looked at, were looked at, and wait to be decided."""
    looked_at: Any = select(func.count(SpotCheck.id)).join(Assignment, Assignment.id == SpotCheck.assignment_id)
    asked: Any = select(func.count(ReopeningQuestion.id)).join(Assignment, Assignment.id == ReopeningQuestion.assignment_id)
    return {
        "to_look": to_look_count(who),
        "looked": db.session.scalar(who.sees(looked_at)) or 0,
        "waiting": db.session.scalar(who.sees(asked).where(ReopeningQuestion.ended_at.is_(None))) or 0,
    }


def to_look_count(who: Watcher) -> int:
    """Return how many wait to be looked at by the likes of *who*."""
    wanted: Any = select(func.count(CheckTask.id))
    return db.session.scalar(_to_look(who, wanted)) or 0


def to_decide(reach: Reach) -> list[ReopeningQuestion]:
    """Return the open questions that this person decides, the one due first first."""
    scopes = reach.scopes(Permission.OVERSIGHT_DECIDE)
    if not scopes:
        return []
    decider = aliased(Unit)
    below = [decider.path.startswith(scope.unit_path, autoescape=True) for scope in scopes if scope.unit_path]
    mine = or_(false(), *below)
    if any(scope.everywhere for scope in scopes):
        mine = or_(mine, ReopeningQuestion.by_superior.is_(False))
    wanted = select(ReopeningQuestion).outerjoin(decider, decider.id == ReopeningQuestion.decider_id)
    found = _questions(wanted.where(ReopeningQuestion.ended_at.is_(None), mine).order_by(ReopeningQuestion.id))
    fits = [each for each in found if rules.may_decide(reach, asked_of(each, reach))]
    return sorted(fits, key=lambda each: (each.due or dt.date.max, each.id))


def ever_decides(reach: Reach) -> bool:
    """Say whether questions can come before this person at all: the standing body, and who leads a unit that others stand below."""
    scopes = reach.scopes(Permission.OVERSIGHT_DECIDE)
    below = [Unit.path.startswith(scope.unit_path, autoescape=True) & (Unit.path != scope.unit_path) for scope in scopes if scope.unit_path]
    some = select(Unit.id).where(or_(false(), *below)).limit(1)
    return any(scope.everywhere for scope in scopes) or db.session.scalar(some) is not None


def _questions(wanted: Any) -> list[ReopeningQuestion]:
    return _with_items(
        db.session.scalars(
            wanted.options(
                *_read_along(ReopeningQuestion.assignment), joinedload(ReopeningQuestion.clock), joinedload(ReopeningQuestion.decider),
                joinedload(ReopeningQuestion.check).joinedload(SpotCheck.body),
            )
        )
    )  # fmt: skip


def _with_items(rows: Any) -> list[Any]:
    """Read at once what the words of each promise look at."""
    found = list(rows)
    ids = [row.assignment_id for row in found]
    if ids:
        db.session.scalars(select(Assignment).where(Assignment.id.in_(ids)).options(*kinds.loader_options())).all()
    return found


# --- the sample -------------------------------------------------------------------------------------------------------


def candidates(first: dt.date, last: dt.date) -> dict[str, list[int]]:
    """Return, by duty, the ids of what was reported done in those days, still is, and was not looked at."""
    seen = exists().where(SpotCheck.assignment_id == Assignment.id)
    wanted = select(Assignment.duty, Assignment.id).where(
        and_(Assignment.closed_on >= first, Assignment.closed_on <= last),
        Assignment.state == State.DONE,
        Assignment.kind.in_(rules.KINDS),
        ~seen,
    )
    found: dict[str, list[int]] = {}
    for duty, id_ in db.session.execute(wanted.order_by(Assignment.id)):
        found.setdefault(duty, []).append(id_)
    return found


def sample_of(month: dt.date) -> CheckSample | None:
    """Return the draw of that month (its first day)."""
    return db.session.scalar(select(CheckSample).where(CheckSample.month == month))


def samples(limit: int = 24) -> Sequence[CheckSample]:
    """Return the draws, the latest first."""
    return db.session.scalars(select(CheckSample).order_by(CheckSample.month.desc()).limit(limit)).all()


def progress(ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return, by draw, how many of it were looked at and how many of these were right."""
    wanted = (
        select(CheckTask.sample_id, func.count(), func.sum(SpotCheck.as_reported.cast(db.Integer)))
        .join(SpotCheck, SpotCheck.id == CheckTask.check_id)
        .where(CheckTask.sample_id.in_(ids))
        .group_by(CheckTask.sample_id)
    )
    return {id_: (number, int(right or 0)) for id_, number, right in db.session.execute(wanted) if id_ is not None}


def tasks_of(sample: CheckSample, who: Watcher) -> list[CheckTask]:
    """Return what was drawn, in the order of the draw, as far as *who* may see it."""
    wanted = who.sees(select(CheckTask).join(Assignment, Assignment.id == CheckTask.assignment_id))
    wanted = wanted.where(CheckTask.sample_id == sample.id).order_by(CheckTask.position)
    return _with_items(
        db.session.scalars(wanted.options(*_read_along(CheckTask.assignment), joinedload(CheckTask.looker), joinedload(CheckTask.check)))
    )
