"""To whom goes what is to be done again after its unit ended: to whoever answers for it now, unless that one must not have it."""

from __future__ import annotations

import datetime as dt

from app.access import Actor
from app.assignments import operations as assignments
from app.assignments.models import Assignment
from app.calendar.queries import work_calendar
from app.calendar.rules import Facts
from app.clock import local_date
from app.units.models import Unit
from app.units.queries import answering_unit
from oversight import letters
from oversight.checks import checked
from oversight.models import FindingAssignment, LetterAssignment


class NobodyAnswers(Exception):
    """Its unit is there no more, and who took its place must not have it. `unit`: the name of the one that ended."""

    def __init__(self, unit: str) -> None:
        super().__init__(unit)
        self.unit = unit


def pass_on(row: Assignment, *, rule_facts: Facts, actor: Actor, now: dt.datetime) -> None:
    """Offer *row*, opened again just now, to the heir of its unit; it stays where the unit is still there. :raise NobodyAnswers:"""
    # A letter or a recommendation is to a unit, not to an area or a field of it: it goes to who follows it in the whole.
    whole = isinstance(row, LetterAssignment | FindingAssignment)
    place_id, field_id = (None, None) if whole else (row.place_id, row.field_id)
    to = answering_unit(row.unit, place_id=place_id, field_id=field_id, on=local_date(now))
    if to is row.unit:
        return
    if to is None or barred(row, to) is not None:
        raise NobodyAnswers(row.unit.name)
    assignments.transfer(row, to, reason="succession", rule_facts=rule_facts, calendar=work_calendar(), actor=actor, now=now)


def barred(row: Assignment, to: Unit) -> str | None:
    """Return why *to* must not have *row*: it would answer itself ("own"), or is what an item behind it complains of ("accused")."""
    if isinstance(row, LetterAssignment):
        return "own" if to.id == row.letter.unit_id else "accused" if row.letter_id in letters.accusing([to.path]) else None
    if isinstance(row, FindingAssignment):
        return "own" if to.id == row.finding.target.campaign.unit_id else None
    return "accused" if checked.done_of(row, [to.path]).hidden else None
