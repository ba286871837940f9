"""The pages of duties that staff work from: what a person's units must answer, or do. A page costs the same however much there is.

Which duties: the open ones of the units where they handle items, and their own elsewhere; each of the two is walked in the order of an
index, and so are those that are counted, up to a thousand. What hangs on a row of the page is asked along with it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.assignments.models import NO_DATE, Assignment, Clock
from app.assignments.rules import Duty, State
from app.counting import MOST, up_to_most
from app.database import db
from app.kept import while_unchanged
from app.permissions import Permission, Reach
from app.units.models import Unit
from app.units.rules import path_ids
from feedback.lists import PAGE, URGENCIES, Cursor, Cut, not_concerning
from feedback.models import Feedback, MessageKind, Paper
from feedback.operations.clocks import GOVERNING
from feedback.rules import Channel, PaperState, PaperType

NOWHERE, LAST_UNIT = (0,), 2**31  # no unit has these numbers
_ENDS = ("first", "last")  # of a run of units
KEPT = 256  # a statement takes longer to put together than to ask: it is kept for the next page of that kind
ON_ITS_WAY = (PaperState.SUBMITTED, PaperState.APPROVED, PaperState.DRAFT)

_duty, _clock = Assignment.__table__.c, Clock.__table__.c
_QUESTION, _OFFERED = (literal_column(f"'{each}'") for each in (MessageKind.QUESTION, State.OFFERED))  # in the words of the indexes
_ME, _UNITS, _TODAY, _SOON = bindparam("me"), bindparam("units", expanding=True), bindparam("today"), bindparam("soon")


def page(cut: Cut, reach: Reach, *, today: dt.date, soon: dt.date, after: Cursor | None, limit: int = PAGE) -> Sequence[Any]:
    """Return up to *limit* open duties behind the keyset *after* (due_sort, id), the most urgent first, as rows of :func:`_shown`."""
    day, id_ = after or (None, None)
    units, others = _units(reach)
    statement = _page(cut, reach.paths, len(others), after is not None)
    facts = {"me": reach.user_id, "units": units, "today": today, "soon": soon, "day": day, "id": id_, "size": limit, **_named(others)}
    return db.session.execute(statement, facts).all()


def counts(cut: Cut, reach: Reach, *, today: dt.date, soon: dt.date) -> dict[str, int]:
    """Return how many duties each urgency of this cut holds, beyond a thousand one more than that, in one statement."""
    units, others = _units(reach)
    facts = {"me": reach.user_id, "units": units, "today": today, "soon": soon, **_named(others)}
    row = db.session.execute(_counts(cut, reach.paths, len(others)), facts).mappings().one()
    return {each: min(row[each] + (row[f"own_{each}"] or 0), MOST + 1) for each in URGENCIES}


@while_unchanged("unit")
def _units(reach: Reach) -> tuple[Sequence[int], Sequence[tuple[int, int]]]:
    """Return the ids of the units in which they handle items, and those of all others as runs from one to another; none: everywhere."""
    scopes = reach.scopes(Permission.FEEDBACK_HANDLE)
    if any(scope.everywhere for scope in scopes):
        return NOWHERE, ()
    paths = tuple(scope.unit_path for scope in scopes if scope.unit_path)
    found = sorted(id_ for id_, path in db.session.execute(select(Unit.id, Unit.path)) if path.startswith(paths))
    between = pairwise([0, *found, LAST_UNIT])
    return found or NOWHERE, [(before + 1, after - 1) for before, after in between if before + 1 < after]


def _named(others: Sequence[tuple[int, int]]) -> dict[str, int]:
    return {f"{name}_{run}": id_ for run, ids in enumerate(others) for name, id_ in zip(_ENDS, ids, strict=True)}


# --- which -------------------------------------------------------------------------------------------------------------


def _wanted(cut: Cut, paths: tuple[str, ...]) -> ColumnElement[bool]:
    """Say of a duty that it is open, of this cut, and of no item about one of the units *paths*; its urgency is not asked."""
    conditions = [_duty.closed_on.is_(None), _duty.duty == cut.duty, _duty.feedback_id.is_not(None), ~_concerns(paths)]
    if cut.holder:
        holder = {"me": _ME, "nobody": None}.get(cut.holder, int(cut.holder) if cut.holder.isdecimal() else None)
        conditions.append(_duty.officer_id.is_(None) if holder is None else _duty.officer_id == holder)
    if cut.unit_id is not None:
        conditions.append(_duty.unit_id == cut.unit_id)
    item = aliased(Feedback)
    if cut.kind:
        conditions.append(select(item.id).where(item.id == _duty.feedback_id, item.kind == cut.kind).exists())
    if cut.source:
        channel = {"floor": Channel.FLOOR, "voters": Channel.VOTER_MEETING}[cut.source]
        conditions.append(select(item.id).where(item.id == _duty.feedback_id, item.channel == channel).exists())
    return and_(*conditions)


def _concerns(paths: tuple[str, ...]) -> ColumnElement[bool]:
    about = {id_ for path in paths for id_ in path_ids(path)}
    return (
        select(Feedback.id)
        .where(Feedback.id == _duty.feedback_id, Feedback.accused_unit_id.in_(about), not_(not_concerning(paths)))
        .exists()
    )


def _urgent(urgency: str) -> ColumnElement[bool]:
    day = _duty.due_sort
    return {
        "late": day < _TODAY,
        "today": day == _TODAY,
        "soon": and_(day > _TODAY, day <= _SOON),
        "offered": _duty.state == _OFFERED,
        "asking": _duty.asking,
        "all": true(),
    }[urgency]


def _of_units(others: int) -> ColumnElement[bool]:
    return _duty.unit_id.in_(_UNITS) if others else true()


def _elsewhere(others: int) -> ColumnElement[bool]:
    """Say of a duty that it is theirs in another unit. An index looks up each run of these; "not in" would read all they have."""
    runs = union_all(*(select(*(bindparam(f"{end}_{run}", type_=BigInteger).label(end) for end in _ENDS)) for run in range(others)))
    ends = runs.subquery().c
    return and_(_duty.officer_id == _ME, _duty.unit_id >= ends.first, _duty.unit_id <= ends.last)


@lru_cache(maxsize=KEPT)
def _counts(cut: Cut, paths: tuple[str, ...], others: int) -> Select[Any]:
    wanted = _wanted(cut, paths)
    columns: Any = [up_to_most(select(_duty.id).where(_of_units(others), wanted, _urgent(each))).label(each) for each in URGENCIES]
    if not others:
        return select(*columns, *(literal(0).label(f"own_{each}") for each in URGENCIES))
    sums: Any = [func.sum(case((_urgent(each), 1), else_=0)).label(f"own_{each}") for each in URGENCIES]
    own = select(*sums).where(_elsewhere(others), wanted).subquery()
    return select(*columns, *own.c)


# --- what of each is shown ---------------------------------------------------------------------------------------------


@lru_cache(maxsize=KEPT)
def _page(cut: Cut, paths: tuple[str, ...], others: int, later: bool) -> Select[Any]:  # noqa: FBT001 - it is a part of the key
    place = (_duty.due_sort, _duty.id)
    wanted = and_(_wanted(cut, paths), _urgent(cut.urgency))
    if later:
        wanted = and_(wanted, tuple_(*place) > tuple_(bindparam("day", type_=_duty.due_sort.type), bindparam("id", type_=_duty.id.type)))
    found = [select(_duty.id).where(_of_units(others), wanted).order_by(*place).limit(bindparam("size"))]
    if others:
        # All of it first, by the offset: a database that looks for the first ones walks what everybody has, for it expects more of it.
        every = select(*place).where(_elsewhere(others), wanted).offset(0).subquery().c
        found.append(select(every.id).order_by(every.due_sort, every.id).limit(bindparam("size")))
    ids = union_all(*(select(each.subquery().c.id) for each in found)).subquery()
    return _shown().where(_duty.id.in_(select(ids.c.id))).order_by(*place).limit(bindparam("size"))


def _shown() -> Select[Any]:
    """Return the question for what a line of the list says of a duty and its item."""
    return (
        select(
            *(
                _duty[name]
                for name in ("id", "duty", "title", "state", "unit_id", "place_id", "officer_id", "hops", "due_on", "due_sort", "asking")
            ),
            *(Feedback.code, Feedback.kind, Feedback.round, Feedback.repeat_of_id, User.name.label("officer")),
            case((User.active, _duty.officer_id)).label("given_to"),
            _paper().label("paper"),
            _term().label("term"),
            _had_part().label("had_part"),
        )
        .select_from(Assignment.__table__)
        .join(Feedback, Feedback.id == _duty.feedback_id)
        .outerjoin(User, User.id == _duty.officer_id)
    )


def _paper() -> Any:
    """Return how the paper stands that is drafted or on its way."""
    found = select(Paper.state).where(Paper.feedback_id == _duty.feedback_id, Paper.state.in_(ON_ITS_WAY))
    return found.order_by(Paper.id).limit(1).scalar_subquery()


def _term() -> Any:
    """Return the stage of the governing clock (feedback.operations.clocks), if the duty's day is its."""
    rank = case({stage: place for place, stage in enumerate(GOVERNING)}, value=_clock.stage)
    of_round = (_clock.feedback_id == _duty.feedback_id, _clock.round == Feedback.round, _clock.stage.in_(GOVERNING))
    running = (_clock.stopped_at.is_(None), _clock.cancelled_at.is_(None))
    stage = case((_clock.due_on.is_not_distinct_from(_duty.due_on), _clock.stage))
    found = select(stage).where(*of_round, *running).order_by(rank, func.coalesce(_clock.due_on, NO_DATE), _clock.id.desc())
    return found.limit(1).correlate(Assignment.__table__, Feedback.__table__).scalar_subquery()


def _had_part() -> ColumnElement[bool]:
    """Say what feedback.steps.looked_before says of the person `:me`: that they had a part in the answer that was opened again."""
    before = aliased(Assignment.__table__).c
    handled = before.feedback_id == _duty.feedback_id, before.duty == Duty.ANSWER, before.round < Feedback.round, before.officer_id == _ME
    drafted = and_(Paper.state == PaperState.PUBLISHED, Paper.drafted_by_id == _ME)
    wrote = Paper.feedback_id == _duty.feedback_id, Paper.type == PaperType.REPLY, Paper.round < Feedback.round
    wrote = (*wrote, or_(drafted, Paper.signed_by_id == _ME))
    return and_(Feedback.round > 1, or_(select(before.id).where(*handled).exists(), select(Paper.id).where(*wrote).exists()))
