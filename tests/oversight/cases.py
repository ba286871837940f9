"""A small province with promises of any kind and state, written as rows: for what counts them, not for what people do with them."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from sqlalchemy import insert

from app.accounts.models import User
from app.assignments.models import NO_DATE, Assignment
from app.assignments.rules import OPEN, Duty, State
from app.calendar.days import ONE_DAY
from app.clock import LOCAL
from app.database import db
from app.permissions import Role
from app.units.models import Field, Place, Unit, UnitKind
from feedback.models import Feedback, Rating
from tests.factories import make_field, make_place, make_unit, make_user

FIRST = dt.date(2025, 10, 1)
_number = itertools.count(1)


@dataclass(frozen=True)
class Case:
    """One promise; days are counted from FIRST, or from the day before them in the line."""

    kind: str = "feedback"
    duty: str = Duty.ANSWER
    unit: int = 0
    place: int | None = None
    field: int | None = None
    opened: int = 0
    due: int | None = 10  # None: paused
    extended: int = 0
    closed: int | None = None
    state: str = State.TAKEN  # where it is not closed; else of those that are
    round: int = 1
    hops: int = 0
    marks: tuple[int, ...] = ()  # of who sent it, and of those whose items were merged into it
    other_mark: int | None = None  # for another round
    accused: bool = False  # of the reader's own unit


@dataclass
class Scene:
    """Who and what the cases are of."""

    units: list[Unit]
    places: list[Place]
    fields: list[Field]
    reader: User  # MTTQ of the province
    departments: User  # head of the first department: reads what is below it
    commune: User  # MTTQ of one commune, by its area


def make_scene() -> Scene:
    """Return a province: a government, a department with a division, a second one, two communes, one with an office below it."""
    places = [make_place(name=name) for name in ("Việt Yên", "Kinh Bắc")]
    top = make_unit(name="UBND tỉnh", kind=UnitKind.GOVERNMENT)
    works = make_unit(name="Sở Xây dựng", parent=top)
    roads = make_unit(name="Phòng Hạ tầng", parent=works)
    health = make_unit(name="Sở Y tế", parent=top)
    wards = [
        make_unit(name=f"UBND phường {place.name}", parent=top, kind=UnitKind.GOVERNMENT, level="commune", place_id=place.id)
        for place in places
    ]
    office = make_unit(name="Văn phòng", parent=wards[0], kind=UnitKind.OFFICE, level="commune")
    front = make_unit(name="MTTQ tỉnh", kind=UnitKind.FRONT)
    return Scene(
        [top, works, roads, health, *wards, office],
        places,
        [make_field(), make_field()],
        make_user(unit=front, roles=[(Role.FRONT, None)]),
        make_user(unit=works, roles=[Role.HEAD]),
        make_user(roles=[(Role.FRONT, places[0])]),
    )


def write(scene: Scene, cases: Iterable[Case]) -> None:
    """Insert *cases* as rows."""
    items: list[dict[str, Any]] = []
    duties: list[dict[str, Any]] = []
    marks: list[dict[str, Any]] = []
    for case in cases:
        id_ = None if case.kind != "feedback" else next(_number)
        if id_ is not None:
            items.append(_item(scene, id_, accused_unit_id=scene.reader.unit_id if case.accused else None))
            for i, score in enumerate(case.marks):
                by = id_ if i == 0 else next(_number)
                if i:
                    items.append(_item(scene, by, merged_into_id=id_))
                marks.append(_mark(by, case.round, score))
            if case.other_mark is not None:
                marks.append(_mark(id_, case.round + 1, case.other_mark))
        duties.append(_duty(scene, case, id_))
    for model, rows in ((Feedback, items), (Assignment, duties), (Rating, marks)):
        if rows:
            db.session.execute(insert(model.__table__), rows)


def _item(scene: Scene, id_: int, **over: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"kind": "report", "channel": "web", "sender_type": "citizen", "title": "", "body": ""}
    values |= {"id": id_, "code": f"X-{id_}", "received_at": _at(FIRST), "desk_unit_id": scene.units[0].id}
    return values | {"accused_unit_id": None, "merged_into_id": None} | over


def _mark(item_id: int, round_: int, score: int) -> dict[str, Any]:
    return {"feedback_id": item_id, "round": round_, "score": score, "at": _at(FIRST)}


def _duty(scene: Scene, case: Case, item_id: int | None) -> dict[str, Any]:
    opened_on = FIRST + case.opened * ONE_DAY
    first_due_on = None if case.due is None else opened_on + case.due * ONE_DAY
    due_on = None if first_due_on is None else first_due_on + case.extended * ONE_DAY
    closed_on = None if case.closed is None else opened_on + case.closed * ONE_DAY
    return {
        "kind": case.kind,
        "duty": case.duty,
        "title": "",
        "unit_id": scene.units[case.unit].id,
        "place_id": None if case.place is None else scene.places[case.place].id,
        "field_id": None if case.field is None else scene.fields[case.field].id,
        "state": case.state,
        "round": case.round,
        "hops": case.hops,
        "due_on": due_on,
        "first_due_on": first_due_on,
        "due_sort": due_on or NO_DATE,
        "opened_at": _at(opened_on),
        "opened_on": opened_on,
        "closed_at": None if closed_on is None else _at(closed_on),
        "closed_on": closed_on,
        "feedback_id": item_id,
    }


def _at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(6, 30), LOCAL)  # in UTC still the day before


def at_random(random: Random, number: int, *, days: int = 400, units: Sequence[int] = range(7)) -> Iterable[Case]:
    """Yield *number* cases of all sorts, opened within so many *days*."""
    for _ in range(number):
        kind = random.choice(["feedback"] * 6 + ["conclusion"] * 3 + ["letter"])
        closed = random.choice([None, random.randrange(0, 5), random.randrange(0, 120)])
        ended = [State.DONE] * 3 + [State.VERIFIED, State.RETURNED, State.CANCELLED]
        yield Case(
            kind=kind,
            duty=random.choice(list(Duty)),
            unit=random.choice(units),
            place=random.choice([None, 0, 1]),
            field=random.choice([None, 0, 1]),
            opened=random.randrange(days),
            due=random.choice([None, 5, 10, 10, 30, 60]),
            extended=random.choice([0, 0, 0, 15]),
            closed=closed,
            state=random.choice(sorted(OPEN)) if closed is None else random.choice(ended),
            round=random.choice([1, 1, 1, 2]),
            hops=random.choice([0, 0, 0, 1, 3, 4]),
            marks=tuple(random.randrange(1, 6) for _ in range(random.choice([0, 0, 1, 2]))),
            other_mark=random.choice([None, None, None, 5]),
            accused=random.random() < 0.1,
        )
