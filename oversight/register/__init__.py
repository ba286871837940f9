"""The register of promises: every assignment a person may see, however it is cut, latest due first.

A :class:`Cut` says which part. Lists, counts and figures all narrow by it in :func:`narrowed`, so that a number is always the length
of the list that its cut opens. What a source is not asked for are the promises to citizens: letters and findings have their own rooms.
"""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, false, func, or_, select, text, true
from sqlalchemy.orm import joinedload
from sqlalchemy.sql.elements import True_

from app.assignments.models import Assignment
from app.assignments.rules import OPEN
from app.calendar.days import ONE_DAY
from app.database import db
from app.escalation import queries as ladder
from app.escalation.rules import Level
from app.permissions import Permission, Reach
from app.units.models import Unit
from app.units.rules import path_ids
from dialogues.duties import Span
from feedback.lists import not_concerning
from feedback.models import ExternalRef, Feedback, FeedbackAssignment, Paper, ReplyPoint
from feedback.rules import PaperState, PaperType
from oversight.register import ages, kinds, populations, summed
from oversight.register.kinds import KINDS as KINDS

#: How the register can be seen: what is late first, because that is what it is for.
VIEWS = ("all", "late", "soon", "open", "undated", "done", "in_time", "late_done", "ended")
SORTS = ("due", "late", "oldest", "newest")
SOON_DAYS = 3
PAGE = 25
BATCH = 500
#: Where a Cut asks for what has no area, no field: ids begin with 1.
NONE = 0
#: The source that is every source.
ANY = "any"

#: How a cut says: on no rung of the ladder.
NO_RUNG = "khong"

_TABLE = Assignment.__table__.c


@dataclass(frozen=True)
class Cut:
    """What part of the register is wanted."""

    view: str = "open"
    duty: str = ""
    unit: Unit | None = None  # with what is below it, unless *alone*
    alone: bool = False
    level: str = ""  # of the unit in the tree: province, commune
    place_id: int | None = None  # NONE: what has no area
    field_id: int | None = None  # NONE: what has no field
    session_id: int | None = None  # of a dialogue; NONE: what comes from none
    source: str = ""  # kind of assignment: feedback, conclusion, letter, finding; "": what was promised to citizens; ANY
    state: str = ""
    age: str = ""  # a code of ages.AGES
    rung: str = ""  # of the ladder, the highest for the day owed now: an escalation Level; NO_RUNG: none
    late_from: int | None = None  # days late, in days of the calendar, both counted
    late_to: int | None = None
    counted: str = ""  # a name of oversight.populations: only what that figure counts
    span: Span | None = None  # in which it counts


def visible(reach: Reach) -> Any:
    """Return the condition of what *reach* may see of the register: never what accuses a unit of the reader's, or one above it."""
    # The few items that accuse are looked up once, instead of the item of each of a million promises.
    return or_(_TABLE.feedback_id.is_(None), _TABLE.feedback_id.not_in(concerning(reach))) & within(reach, _TABLE)


def within(reach: Reach, of: Any) -> Any:
    """Return the condition of what lies where *reach* holds, over the columns *of* promises or of their sums."""
    scopes = reach.scopes(Permission.REGISTER_READ)
    if any(scope.everywhere for scope in scopes):
        return true()
    below = [Unit.path.startswith(scope.unit_path, autoescape=True) for scope in scopes if scope.unit_path]
    areas = [of.place_id == scope.place_id for scope in scopes if scope.place_id]
    return or_(false(), *below, *areas)


def concerning(reach: Reach) -> Select[Any]:
    """Return the ids of the items that accuse somebody here."""
    # The condition is of items with an accused unit; what it leaves undecided (an item without a desk) is left out, as it would be there.
    lines = {id_ for path in reach.paths for id_ in path_ids(path)}
    return select(Feedback.id).where(Feedback.accused_unit_id.in_(lines), case((not_concerning(reach.paths), 0), else_=1) == 1)


def in_view(view: str, today: dt.date) -> Any:
    """Return the condition of a view; the one of all holds always."""
    states, days = _VIEWS[view], _in_days_of(view, today)
    if states is None:
        return days
    # Said by what it is not: most is kept, and SQLite would read and sort all of it by the index of states, instead of walking by day.
    held = Assignment.state.not_in([*sorted(OPEN), *populations.ENDED]) if states is populations.KEPT else Assignment.state.in_(states)
    return held & days


#: The states of what each view holds; None: any.
_VIEWS: dict[str, tuple[str, ...] | None] = {
    "all": None,
    **dict.fromkeys(("late", "soon", "open", "undated"), tuple(sorted(OPEN))),
    **dict.fromkeys(("done", "in_time", "late_done"), populations.KEPT),
    "ended": populations.ENDED,
}


def _in_days_of(view: str, today: dt.date) -> Any:
    """Return what a view says of days, beside the states that it holds."""
    # What is open has no day of closing: said too because an index of just those rows serves every page of what is open.
    still = Assignment.closed_on.is_(None)
    return {
        "late": still & (Assignment.due_on < today),
        "soon": still & Assignment.due_on.between(today, today + dt.timedelta(days=SOON_DAYS)),
        "open": still,
        "undated": still & Assignment.due_on.is_(None),
        "in_time": or_(Assignment.due_on.is_(None), Assignment.closed_on <= Assignment.due_on),
        "late_done": Assignment.closed_on > Assignment.due_on,
    }.get(view, true())


def as_of(cut: Cut, today: dt.date) -> dt.date:
    """Return the day as of which ages and days late count: today, or the day after a span that ended before."""
    return min(today, cut.span.last + ONE_DAY) if cut.counted and cut.span is not None else today


def narrowed(wanted: Select[Any], cut: Cut, today: dt.date, reach: Reach) -> Select[Any]:
    """Narrow a statement over assignments to *cut* (but for its view) and to what *reach* may see; it joins the unit, and nothing else."""
    return wanted.join(Unit, Unit.id == Assignment.unit_id).where(visible(reach), *_conditions(cut, today))


def numbered(wanted: Select[Any], cut: Cut, today: dt.date, reach: Reach) -> Select[Any]:
    """Narrow as :func:`narrowed`, for numbers: the row of the unit is read only where *cut* or *reach* looks at it."""
    if asks_for_units(cut, reach):
        return narrowed(wanted, cut, today, reach)
    return wanted.where(visible(reach), *_conditions(cut, today))


def lasting(cut: Cut, of: Any) -> Iterator[Any]:
    """Yield what *cut* says of promises whatever the day, over the columns *of* promises or of their sums; of the unit, as joined."""
    if cut.source != ANY:
        yield of.kind == cut.source if cut.source else of.kind.in_(kinds.to_citizens())
    if cut.unit is not None:
        yield of.unit_id == cut.unit.id if cut.alone else Unit.path.startswith(cut.unit.path, autoescape=True)
    for column, value in ((of.duty, cut.duty), (Unit.level, cut.level), (of.state, cut.state)):
        if value:
            yield column == value
    for column, id_ in ((of.place_id, cut.place_id), (of.field_id, cut.field_id), (of.session_id, cut.session_id)):
        if id_ is not None:
            yield column.is_(None) if id_ == NONE else column == id_


def _conditions(cut: Cut, today: dt.date) -> Iterator[Any]:
    yield from lasting(cut, _TABLE)
    if cut.rung:
        yield ladder.standing_at(None if cut.rung == NO_RUNG else Level(cut.rung))
    if cut.counted and cut.span is not None:
        yield populations.condition(cut.counted, cut.span, today)
    yield from _in_days(cut, as_of(cut, today))


def _in_days(cut: Cut, day: dt.date) -> Iterator[Any]:
    if cut.age and (bucket := ages.bucket(cut.age, ages.AGES)):
        yield ages.within(ages.age(day), bucket)
    if cut.late_from is not None:
        yield ages.late_days(day) >= cut.late_from
    if cut.late_to is not None:
        yield ages.late_days(day) <= cut.late_to


def is_open_view(cut: Cut) -> bool:
    """Say whether a list so cut holds only what is open."""
    return cut.view in {"late", "soon", "open", "undated"}


def _order(sort: str, cut: Cut, today: dt.date) -> tuple[Any, bool]:
    """Return what a list is sorted by, and whether downwards. Of what is open the latest is what was due first: an index serves it."""
    if sort == "late" and not is_open_view(cut):
        return ages.late_days(as_of(cut, today)), True
    return {"oldest": (Assignment.opened_on, False), "newest": (Assignment.opened_on, True)}.get(sort, (Assignment.due_sort, False))


def place_of(row: Assignment, sort: str, cut: Cut, today: dt.date) -> tuple[dt.date | int, int]:
    """Return where *row* stands in a list so sorted: the keyset behind which the next page begins."""
    if sort == "late" and not is_open_view(cut):
        return ages.late_days_of(row, as_of(cut, today)), row.id
    return (row.opened_on if sort in {"oldest", "newest"} else row.due_sort), row.id


def page(
    cut: Cut, reach: Reach, today: dt.date, *, after: tuple[Any, int] | None, sort: str = "due", limit: int = PAGE
) -> list[Assignment]:
    """Return up to *limit* promises behind the keyset *after*, which is what :func:`place_of` gave of the last one shown."""
    wanted = narrowed(select(Assignment), cut, today, reach).where(in_view(cut.view, today))
    if cut.span is not None and cut.counted in populations.BY_DUE_DAY:
        # Said again of what the list is sorted by: it is then walked from there, and not from the first day of all.
        wanted = wanted.where(Assignment.due_sort.between(cut.span.first, cut.span.last))
    key, down = _order(sort, cut, today)
    id_ = Assignment.id
    if after is not None:
        value, last = after
        wanted = wanted.where(or_(key < value, (key == value) & (id_ < last)) if down else or_(key > value, (key == value) & (id_ > last)))
    wanted = wanted.options(
        joinedload(Assignment.unit), joinedload(Assignment.place), joinedload(Assignment.field), *kinds.loader_options()
    )
    order = (key.desc(), id_.desc()) if down else (key, id_)
    return list(db.session.scalars(wanted.order_by(*order).limit(limit)))


def counts(cut: Cut, reach: Reach, today: dt.date) -> dict[str, dict[str, int]]:
    """Return, for each duty apart, how many promises each view of this cut holds, in one statement."""
    return {duty: numbers for (_, duty), numbers in counted(VIEWS, None, cut, reach, today).items()}


def counted(views: Sequence[str], key: Any, cut: Cut, reach: Reach, today: dt.date) -> dict[tuple[Any, str], dict[str, int]]:
    """Return, by *key* (a column of Assignment) and duty, how many promises each of *views* holds. Without a key it is None."""
    found: dict[tuple[Any, str], dict[str, int]] = {}

    def add(value: Any, duty: str, state: str, number: Callable[[str], int]) -> None:
        numbers = found.setdefault((value, duty), dict.fromkeys(views, 0))
        for view in views:
            states = _VIEWS[view]
            if states is None or state in states:
                numbers[view] += number(view)

    if summed.knows(cut, key):
        for each in summed.sums(key, cut, reach, today=today, soon=today + dt.timedelta(days=SOON_DAYS)):
            add(each.grouped, each.duty, each.state, each.held)
    else:
        for row in db.session.execute(_counting(views, key, cut, reach, today)).mappings():
            add(row.get("grouped"), row["duty"], row["state"], row.__getitem__)
    return found


def _counting(views: Sequence[str], key: Any, cut: Cut, reach: Reach, today: dt.date) -> Any:
    """Return the statement that counts promises one by one."""
    # By state, and the views put together afterwards: a view then asks each row for its days alone, and ix_assignment_counted has all it
    # needs, in this order. A row of the table is not read for a number.
    by: list[Any] = [Assignment.kind, Assignment.duty, Assignment.state]
    columns = [_count_of(_in_days_of(view, today)).label(view) for view in views]
    keys = [] if key is None else [key.label("grouped")]  # a NULL to group by would make SQLite sort
    wanted: Any = numbered(select(*by, *keys, *columns).select_from(Assignment), cut, today, reach)
    held = [_VIEWS[view] for view in views]
    if None not in held:
        wanted = wanted.where(Assignment.state.in_(sorted({state for states in held for state in states or ()})))
    # By its name: a CASE with parameters, written twice, is two things to PostgreSQL.
    return wanted.group_by(*by, *(text("grouped") for _key in keys))


def _count_of(days: Any) -> Any:
    return func.count() if isinstance(days, True_) else func.count(case((days, 1)))


def asks_for_units(cut: Cut, reach: Reach) -> bool:
    """Say whether what narrows to *cut* and *reach* looks at the row of the unit."""
    everywhere = any(scope.everywhere for scope in reach.scopes(Permission.REGISTER_READ))
    return not everywhere or bool(cut.level) or (cut.unit is not None and not cut.alone)


def everything(cut: Cut, reach: Reach, today: dt.date, *, sort: str = "due") -> Iterator[tuple[Assignment, Paper | None, str]]:
    """Yield the whole cut, each with its answer and its outside numbers, in batches, so that an export's memory stays flat."""
    after = None
    while rows := page(cut, reach, today, after=after, sort=sort, limit=BATCH):
        after, numbers, answers = place_of(rows[-1], sort, cut, today), outside_numbers(rows), answers_of(rows)
        yield from ((row, answers.get(row.id), numbers.get(row.id, "")) for row in rows)
        db.session.expunge_all()
        del rows, numbers, answers
        gc.collect(1)  # they hold one another, and would else lie there until a million objects more are made


def answers_of(rows: list[Assignment]) -> dict[int, Paper]:
    """Return, by assignment, the answer that was given, or the one in which the work was promised."""
    ids = [row.id for row in rows]
    issued = (Paper.type == PaperType.REPLY) & (Paper.state == PaperState.PUBLISHED)
    given = select(Paper.assignment_id, Paper).where(Paper.assignment_id.in_(ids), issued)
    promised = select(ReplyPoint.act_id, Paper).join(Paper, Paper.id == ReplyPoint.paper_id).where(ReplyPoint.act_id.in_(ids), issued)
    return {id_: paper for found in (given, promised) for id_, paper in db.session.execute(found) if id_ is not None}


def outside_numbers(rows: list[Assignment]) -> dict[int, str]:
    """Return, by assignment, the numbers its item has in other systems, so that an export matches theirs."""
    found: dict[int, list[str]] = {}
    pairs = db.session.execute(
        select(FeedbackAssignment.id, ExternalRef.number)
        .join(ExternalRef, ExternalRef.feedback_id == FeedbackAssignment.feedback_id)
        .where(FeedbackAssignment.id.in_([row.id for row in rows]))
        .order_by(ExternalRef.id)
    )
    for id_, number in pairs:
        found.setdefault(id_, []).append(number)
    return {id_: "; ".join(numbers) for id_, numbers in found.items()}


def promise(assignment_id: int, reach: Reach, today: dt.date) -> Assignment | None:
    """Return one promise of any kind, if *reach* may see it."""
    cut = Cut(view="all", source=ANY)
    return db.session.scalar(narrowed(select(Assignment), cut, today, reach).where(Assignment.id == assignment_id))


def seen_among(ids: Collection[int], reach: Reach, today: dt.date) -> set[int]:
    """Return which of these promises *reach* may see."""
    cut = Cut(view="all", source=ANY)
    return set(db.session.scalars(narrowed(select(Assignment.id), cut, today, reach).where(Assignment.id.in_(ids))))
