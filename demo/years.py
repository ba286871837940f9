"""The yearly plans of the demo's units, and the days on which their heads receive citizens (tiếp công dân định kỳ)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from app.clock import LOCAL, local_date
from app.database import db
from demo import content
from demo.past import Player
from demo.province import FOUNDED_ON
from demo.timetable import working_day
from dialogues import duties
from dialogues.duties import DutyKind
from dialogues.models import MeetingDuty, PlanLine, ReceptionDay, YearPlan
from dialogues.operations import booking, papers, planning, receptions
from dialogues.operations.booking import Booking
from dialogues.operations.planning import LineData
from dialogues.operations.receptions import Hours
from dialogues.rules import Form, PaperType, VisitState

#: The plan of a year is approved in December before it; that of the year in which the units were founded, soon after.
APPROVED = (12, 1)
FIRST_APPROVED = FOUNDED_ON + dt.timedelta(days=14)


# --- plans -------------------------------------------------------------------------------------------------------------


def plans(player: Player, sessions: Iterable[tuple[dict[str, Any], dt.date]]) -> dict[str, PlanLine]:
    """Have the plans approved that *sessions* (what the file says, the day) belong to, and this year's of other units.

    Return the line of each session by its key; one without a line was held because something came up.
    """
    # The site of the demo has kept what is held since there are these units: a quarter that passed without the planned session is late.
    watched = db.update(MeetingDuty).where(MeetingDuty.kind == DutyKind.SESSION)
    db.session.execute(watched.values(watched_from=FOUNDED_ON))
    this_year = local_date(player.now).year
    wanted: dict[tuple[str, int], dict[str, Any]] = {}
    for row in content.read("plans")["plan"]:
        if "year" not in row or row["year"] == this_year:
            wanted[row["unit"], this_year] = row | {"lines": list(row.get("lines", []))}
    for story, day in sessions:
        if "trigger" not in story:
            plan = wanted.setdefault((story["unit"], day.year), story | {"lines": []})
            plan["lines"] = [{"key": story["key"], "quarter": (day.month + 2) // 3, **_line_of(story)}, *plan["lines"]]
    found: dict[str, PlanLine] = {}
    for (unit, year), row in sorted(wanted.items(), key=lambda each: (each[0][1], each[0][0])):
        found |= _plan(player, unit, year, row)
    return found


def _line_of(story: dict[str, Any]) -> dict[str, Any]:
    return {name: story[name] for name in ("topic", "audience", "form", "field", "place") if name in story}


def _plan(player: Player, unit: str, year: int, row: dict[str, Any]) -> dict[str, PlanLine]:
    on = max(dt.date(year - 1, *APPROVED), FIRST_APPROVED)
    if not player.calendar.is_working(on):
        on = working_day(player.calendar, on, 1)
    at = dt.datetime.combine(on, dt.time(9), LOCAL)
    actor, head, province = player.acting(row["by"], at), player.acting(row["head"], at), player.province
    plan = planning.start(province.units[unit], year, actor=actor, now=at)
    found = {}
    for line in sorted(row["lines"], key=lambda each: each["quarter"]):
        data = LineData(
            quarter=line["quarter"],
            topic=line["topic"],
            audience=line["audience"],
            form=line.get("form", Form.IN_PERSON),
            field_id=province.fields[line["field"]].id if "field" in line else None,
            place_id=province.places[line["place"]].id if "place" in line else None,
            head=head.title,
        )
        found[line.get("key", "")] = planning.add_line(plan, data, actor=actor, now=at)
    number = f"{row.get('number', 31) + year - FOUNDED_ON.year}{row.get('symbol', '/KH-UBND')}"
    if row.get("paper"):
        _paper(player, plan, row, number, at)
    planning.approve(plan, number=number, approved_on=on, actor=head, now=at)
    db.session.flush()
    return found


def _paper(player: Player, plan: YearPlan, row: dict[str, Any], number: str, at: dt.datetime) -> None:
    """Have the plan's paper written and numbered."""
    actor, head = player.acting(row["by"], at), player.acting(row["head"], at)
    paper = papers.draft_of_year(plan, PaperType.YEAR_PLAN, actor=actor, now=at)
    seen = papers.fingerprint(paper)
    papers.write(paper, {}, signer=head.name, signer_title=head.title, internal=False, seen=seen, actor=actor, now=at)
    papers.send(paper, actor=actor, now=at)
    papers.number(paper, number, on=local_date(at), actor=player.acting(row["records"], at), now=at)


# --- receptions --------------------------------------------------------------------------------------------------------


def receptions_of(player: Player) -> None:
    """Let the heads receive citizens month by month, and plan the days to come; the caller commits."""
    for row in content.read("receptions")["unit"]:
        _Receiving(player, row).happen()


class _Receiving:
    """The reception days of one unit."""

    def __init__(self, player: Player, row: dict[str, Any]) -> None:
        self.player, self.row = player, row
        self.unit = player.province.units[row["unit"]]
        self.today = local_date(player.now)
        begins, ends = (dt.time.fromisoformat(text) for text in row["hours"])
        self.hours = Hours(begins=begins, ends=ends, venue=row["venue"], slot_minutes=row["slot"])

    def happen(self) -> None:
        """Plan the days of a quarter before it; hold those that are past, the last of them with all its visitors, one before with none."""
        days = list(self._days())
        at = dt.datetime.combine(days[0] - dt.timedelta(days=10), dt.time(8), LOCAL)
        made = receptions.add_days(self.unit, days, self.hours, actor=self.player.acting(self.row["by"], at), now=at)
        past = [day for day in made if day.day < self.today]
        visits: list[dict[str, Any]] = self.row["visit"]
        for number, day in enumerate(past, start=1):
            self._hold(day, number, visits if day is past[-1] else visits[number - 1 : number])
        coming = [day for day in made if day.day > self.today]
        for number, visit in enumerate(self.row.get("booked", []), start=1):
            booking.book(coming[0], self._booking(visit, number), token=f"demo-{self.unit.code}-{number}", now=self._before(coming[0]))

    def _days(self) -> Iterator[dt.date]:
        """Yield the days of last month, this month and the next: who comes in the last days of a month finds one to book."""
        this = self.today.replace(day=1)
        for first in ((this - dt.timedelta(days=1)).replace(day=1), this, (this + dt.timedelta(days=31)).replace(day=1)):
            for day in duties.days_of(first.year, first.month, self.row["days"]):
                yield day if self.player.calendar.is_working(day) else working_day(self.player.calendar, day, 1)

    def _before(self, day: ReceptionDay) -> dt.datetime:
        """Return when somebody books: four days before, if that is past."""
        return min(dt.datetime.combine(day.day - dt.timedelta(days=4), dt.time(20), LOCAL), self.player.now)

    def _booking(self, visit: dict[str, Any], position: int) -> Booking:
        return Booking(position=position, name=visit["name"], subject=visit["subject"], phone=self.player.phone())

    def _hold(self, day: ReceptionDay, number: int, visits: list[dict[str, Any]]) -> None:
        at = dt.datetime.combine(day.day, self.hours.ends, LOCAL)
        by, head = self.player.acting(self.row["by"], at), self.player.acting(self.row["head"], at)
        for position, visit in enumerate(visits, start=1):
            if visit.get("stayed_away"):
                booked = self._booking(visit, position)
                made = booking.book(day, booked, token=f"demo-{self.unit.code}-{day.day}-{position}", now=self._before(day))
                receptions.write_visit(made, VisitState.STAYED_AWAY, said="", result="", code="", actor=by, now=at)
                continue
            made = receptions.walk_in(day, self._booking(visit, position), actor=by, now=at)
            said, result = visit["said"], visit["result"]
            receptions.write_visit(made, VisitState.CAME, said=said, result=result, code="", actor=by, now=at)
        came = sum(not visit.get("stayed_away") for visit in visits)
        minutes = f"{head.title} tiếp {came} lượt công dân." if came else "Không có công dân đến."
        conclusion = " ".join(visit["conclusion"] for visit in visits if "conclusion" in visit)
        receptions.write_up(day, received_by=head, minutes=minutes, conclusion=conclusion, actor=by, now=at)
        if conclusion:
            on = min(working_day(self.player.calendar, day.day, 1), self.today)
            later = min(dt.datetime.combine(on, dt.time(16), LOCAL), self.player.now)
            signs = self.player.acting(self.row.get("records", self.row["head"]), later)
            receptions.number(day, f"{200 + number}/TB-UBND", on, actor=signs, now=later)
