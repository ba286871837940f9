"""The year before: what people wrote in thirteen months and what became of it, drawn from lists, always in the same way.

past.py plays a few stories by every operation; for hundreds that would take minutes. So here it is drawn what happened and when (each fact
fits the others: who had it, by which term, what was answered, what was kept), and written.py writes the rows that the operations leave.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Any

from app.accounts.models import User
from app.calendar.days import WorkCalendar, count
from app.calendar.queries import rules_in_force, work_calendar
from app.calendar.rules import Facts, Rule, Stage, choose, term_for
from app.clock import LOCAL, local_date
from app.units.models import Unit
from demo import content
from demo.province import FORMS_OF_ADDRESS, FOUNDED_ON, Province
from demo.timetable import working_day

MONTHS = 13
A_MONTH = 18  # items in the first month; a few more in each that follows
GROWTH = 1
BUSY = ("viet-yen", "bac-giang", "kinh-bac", "tu-son", "luc-ngan")  # write three times as often as others
RATED = 0.45
ROUNDABOUT = 0.05  # come to the wrong unit first
GIVEN_UP = dt.timedelta(days=210)  # nothing older is still owed: somebody would have seen to it


@dataclass
class Kept:
    """What became of work that an answer promised; without a day it is still owed."""

    title: str
    text: str
    due_on: dt.date
    report: str
    at: dt.datetime | None = None


@dataclass
class Case:
    """One item of the year before, from the day it came to the day it was closed."""

    matter: dict[str, Any]
    title: str
    body: str
    spot: str
    commune: content.Commune
    sender: str
    gender: str
    units: list[Unit]  # the last has it
    officer: User
    head: User
    rule: Rule
    due_on: dt.date
    received: dt.datetime
    taken: dt.datetime
    answered: dt.datetime | None = None
    score: int = 0
    why: str = ""
    rated: dt.datetime | None = None
    promise: Kept | None = None

    @property
    def salutation(self) -> str:
        """How its answer begins."""
        return f"Kính gửi {FORMS_OF_ADDRESS[self.gender]} {self.sender}.\n\n{self.units[-1].short_name} trả lời như sau."


@dataclass
class Drawing:
    """Draws the cases of the year before *now*."""

    province: Province
    now: dt.datetime
    chance: Random = field(default_factory=lambda: Random("một năm trước"))

    def __post_init__(self) -> None:
        self.lists, self.today = content.read("history"), local_date(self.now)
        self.calendar: WorkCalendar = work_calendar()
        self.communes = [each for each in content.communes() if self._people(each.slug, "head")]
        self.weights = [3 if each.slug in BUSY else 1 for each in self.communes]
        # The same hundred questions, a thousand times.
        self.term_of = cache(self._term)
        self.in_force = cache(lambda day: rules_in_force(day, Stage.REPLY))

    def cases(self) -> Iterator[Case]:
        """Yield every case, month by month."""
        first = self.today.replace(day=1)
        for back in range(MONTHS - 1, -1, -1):
            month = _months_before(first, back)
            number = A_MONTH + GROWTH * (MONTHS - 1 - back)
            days = [month + dt.timedelta(days=day) for day in range(31)]
            days = [day for day in days if day.month == month.month and FOUNDED_ON < day < self.today - dt.timedelta(days=2)]
            for day in sorted(self.chance.choices(days, k=number * len(days) // 30) if days else []):
                yield self._case(day, back)

    def _people(self, code: str, role: str) -> list[str]:
        users = content.read("users")["user"]
        return [row["login"] for row in users if any(held["role"] == role and held["scope"] == code for held in row["roles"])]

    def _case(self, day: dt.date, back: int) -> Case:
        chance = self.chance
        matter = chance.choice(self.lists["matter"])
        commune = chance.choices(self.communes, self.weights)[0]
        code = commune.slug if matter["at"] == "commune" else matter["at"]
        head = self.province.users[self._people(code, "head")[0]]
        officers = [self.province.users[login] for login in self._people(code, "officer")]
        said = {
            "spot": chance.choice(self.lists["spots"]),
            "since": chance.choice(self.lists["sinces"]),
            "place": f"{commune.kind} {commune.name}",
        }
        gender = chance.choice(["male", "female"])
        name = " ".join(chance.choice(self.lists[part]) for part in ("family", f"middle_{gender}", f"given_{gender}"))
        rule, due_on = self.term_of(matter["kind"], day)
        received = dt.datetime.combine(day, dt.time(chance.randint(7, 21), chance.randint(0, 59)), LOCAL)
        case = Case(
            matter=matter, title=matter["title"].format(**said), body=matter["body"].format(**said), spot=said["spot"], commune=commune,
            sender=name, gender=gender, units=self._units(code, chance), officer=chance.choice(officers or [head]), head=head, rule=rule,
            due_on=due_on, received=received, taken=received,
        )  # fmt: skip
        case.taken = self._at(working_day(self.calendar, day, len(case.units)), 8)
        self._answer(case, said, back)
        return case

    def _units(self, code: str, chance: Random) -> list[Unit]:
        wrong = [each for each in ("so-xd", "so-nnmt", "so-nv", "viet-yen", "so-ct", "tu-son") if each != code]
        passed = chance.sample(wrong, chance.choice([1, 1, 1, 3])) if chance.random() < ROUNDABOUT else []
        return [self.province.units[each] for each in (*passed, code)]

    def _term(self, kind: str, day: dt.date) -> tuple[Rule, dt.date]:
        """Return the rule by which something of that kind was answered that came on *day*, and until when."""
        in_force = self.in_force(day.replace(day=1))
        facts = Facts(kind=kind, sender="named", origin="citizen", matter="ordinary", channel="web")
        rule = choose(in_force, facts, Stage.REPLY, day)
        assert rule is not None  # local_rules.toml has one for each kind
        due_on = count(term_for(rule, ()), day, self.calendar).due_on
        assert due_on is not None  # nothing pauses it
        return rule, due_on

    def _at(self, day: dt.date, hour: int) -> dt.datetime:
        return dt.datetime.combine(day, dt.time(hour, self.chance.randint(0, 59)), LOCAL)

    # --- what became of it -------------------------------------------------------------------------------------------------

    def _diligence(self, case: Case, back: int) -> tuple[float, float]:
        """Return how likely this unit is late in that month, and leaves something: it was worse a year ago, and is about Tết."""
        code = case.units[-1].code
        row = next(each for each in self.lists["diligence"] if code in each["units"] or "*" in each["units"])
        season = (0.8 + back / 14) * (1.5 if case.received.month == 2 else 1)  # noqa: PLR2004 - the month of Tết
        return row["late"] * season, row["left"]

    def _ends(self, due_on: dt.date, begun: dt.date, late: float, left: float) -> dt.date | None:
        """Return the day on which something owed by *due_on* is done; None: not yet."""
        if self.chance.random() < left and self.today - begun < GIVEN_UP:
            return None
        if self.chance.random() < late:
            day = working_day(self.calendar, due_on, self.chance.choice([1, 1, 2, 3, 4, 6, 9, 14]))
        else:
            early = working_day(self.calendar, due_on, -self.chance.choice([0, 0, 1, 1, 2, 3, 4, 6]))
            day = max(early, working_day(self.calendar, begun, 1))
        return day if day < self.today else None

    def _answer(self, case: Case, said: dict[str, str], back: int) -> None:
        late, left = self._diligence(case, back)
        day = self._ends(case.due_on, local_date(case.taken), late, left)
        if day is None:
            return
        case.answered = self._at(day, self.chance.randint(9, 16))
        if "promise" in case.matter:
            due_on = working_day(self.calendar, day, case.matter["days"])
            kept = self._ends(due_on, day, late * 1.2, left * 2)
            report, title = case.matter["kept"], case.matter["promise"].format(**said)
            case.promise = Kept(title, case.matter["text"], due_on, report, self._at(kept, 15) if kept else None)
        self._rate(case, is_late=day > case.due_on)

    def _rate(self, case: Case, *, is_late: bool) -> None:
        assert case.answered is not None
        at = case.answered + dt.timedelta(days=self.chance.randint(1, 6), hours=3)
        if at >= self.now or self.chance.random() > RATED:
            return
        weights = [1, 3, 4, 3, 2] if is_late else [5, 5, 2, 1, 0.4]
        mark = self.chance.choices(self.lists["mark"], weights)[0]
        case.score, case.why, case.rated = mark["score"], self.chance.choice(mark["why"]), at


def _months_before(first: dt.date, number: int) -> dt.date:
    year, month = divmod(first.year * 12 + first.month - 1 - number, 12)
    return dt.date(year, month + 1, 1)
