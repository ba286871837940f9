"""What is done about the promises: watched, reminded of, petitioned about, looked at on the spot, sampled; supervision is in supervised.py.

Which promises, the province as it stands decides: the latest of units that have somebody to answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import select

from app.accounts.models import User
from app.assignments.models import Assignment
from app.assignments.rules import OPEN, Duty, State
from app.calendar.queries import work_calendar
from app.clock import LOCAL, local_date
from app.database import db
from app.escalation import operations as ladder
from app.escalation.climbing import MORNING
from app.units.models import Unit
from demo import content, pictures
from demo.past import Player, unwritten_to
from demo.province import Province
from demo.timetable import working_day
from dialogues import books
from feedback.models import Feedback, FeedbackAssignment
from oversight.board import weekly
from oversight.checks import checked
from oversight.models import CheckTask, Letter, OversightPaper, ReopeningQuestion
from oversight.operations import answering, letters, looking, reopening, sampling, saved, watching
from oversight.operations import papers as hands
from oversight.operations.looking import Seen
from oversight.register import cuts
from oversight.rules.letters import LetterKind

#: Who drafts, signs and numbers for the bodies that write.
STANDING = ("tong.thi.bich", "nguy.thi.hanh", "la.thi.xuyen")
FRONT = ("duong.thi.mai", "ngo.the.vinh", "do.thi.nhan")
CHAIRMAN = "nguyen.viet.oanh"
#: In so many days a book gives one number, before the first that is given here; each book at its own pace.
DAYS_A_NUMBER = (3, 4, 5, 7, 9)
#: On these working days before today the ladder was climbed; every day would be as it is in life, and take its time.
CLIMBED = (30, 24, 18, 12, 8, 5, 3, 2, 1)
A_WHILE = dt.timedelta(minutes=50)


def play(province: Province, *, now: dt.datetime) -> None:
    """Let it happen up to *now*; the caller commits."""
    player = Player(province, now=now)
    with unwritten_to(province, now=now):
        story = Oversight(player)
        story.climb()
        story.look()
        story.sample()
        story.write()
        story.watch()


class Hands:
    """Who acts when: working days before today, and the hands a paper goes through."""

    def __init__(self, player: Player) -> None:
        self.player, self.province, self.now = player, player.province, player.now
        self.today = local_date(player.now)
        self.texts = content.read("oversight")

    def when(self, ago: int, clock: str = "09:20") -> dt.datetime:
        """Return that hour, so many working days ago."""
        day = working_day(self.player.calendar, self.today, -ago)
        return min(dt.datetime.combine(day, dt.time.fromisoformat(clock), LOCAL), self.now)

    def issue(self, paper: OversightPaper, people: tuple[str, str, str], at: dt.datetime) -> None:
        """Send a paper to be signed, have it signed and numbered, all within the day."""
        by, head, records = (self.player.acting(login, at) for login in people)
        hands.send(paper, actor=by, now=at)
        hands.sign(paper, actor=head, now=min(at + A_WHILE, self.now))
        out = min(at + 2 * A_WHILE, self.now)
        number = max(books.used(paper.unit, paper.series, local_date(out).year), default=_before(paper, local_date(out))) + 1
        hands.number(paper, str(number), on=local_date(out), actor=records, now=out)
        db.session.flush()

    def head_of(self, unit: Unit, at: dt.datetime) -> User | None:
        """Return who leads *unit*, if anybody of the demo does."""
        for row in content.read("users")["user"]:
            if any(held["role"] == "head" and held["scope"] == unit.code for held in row["roles"]):
                return self.player.acting(row["login"], at)
        return None

    def records_of(self, unit: Unit) -> str:
        """Return the login of who keeps the book of *unit*, if anybody does."""
        users = content.read("users")["user"]
        held = [(row["login"], each) for row in users for each in row["roles"] if each["role"] == "records"]
        return next((login for login, each in held if each["scope"] == unit.code), "")


class Oversight(Hands):
    """One province under oversight."""

    def climb(self) -> None:
        """Let the ladder be climbed in the weeks before; today's run is the job's own."""
        for ago in CLIMBED:
            day, after = local_date(self.when(ago)), ladder.FIRST
            while (done := ladder.climb_batch(after, day, work_calendar())) is not None:
                after = done.last
            ladder.tell(now=dt.datetime.combine(day, MORNING, LOCAL))
        db.session.flush()

    # --- on the spot -------------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Find some of what was reported done right, and some not; the superior decides, or has still to."""
        texts = self.texts["looks"]
        done = self._done(before=self.when(24).date())
        for number, text in enumerate(texts["right"]):
            self._right(next(done), number, text, self.when(20 - 4 * number, "10:10"), "duong.thi.mai" if number else "vi.van.thuan")
        done = self._done(before=self.when(25).date(), duty=Duty.ACT, below="ubnd-tinh")
        for row in sorted(texts["wrong"], key=lambda each: -each["ago"]):
            promise, at = next(done), self.when(row["ago"], "15:05")
            seen = Seen(
                local_date(at), as_reported=False, note=row["note"], caption=texts["caption"], photos=[self._photo(row["note"], at)]
            )
            looking.look(promise, seen, actor=self.player.acting(row["by"], at), now=at)
            db.session.flush()
            if "decided" in row:
                self._decide(promise, row["decided"])

    def _done(self, *, before: dt.date, duty: str = "", below: str = "") -> Iterator[Assignment]:
        """Yield what was done before that day and nobody looked at, the latest first: unit after unit, not many of one."""
        # Of the year before, which came by no form: the stories of past.py stay as they are told.
        wanted = select(FeedbackAssignment).join(FeedbackAssignment.feedback).where(Feedback.submission_digest.is_(None))
        wanted = wanted.where(Assignment.state == State.DONE, Assignment.closed_on < before, *([Assignment.duty == duty] if duty else []))
        units: set[int] = set()
        above = self.province.units[below].path if below else "/"
        for row in db.session.scalars(wanted.order_by(Assignment.closed_on.desc(), Assignment.id.desc())).all():
            if row.unit_id not in units and row.unit.path.startswith(above) and not checked.checks_of(row):
                units.add(row.unit_id)
                yield row

    def _right(self, row: Assignment, number: int, text: dict[str, str], at: dt.datetime, login: str) -> None:
        texts = self.texts["looks"]
        seen = Seen(
            local_date(at), as_reported=True, note=text["note"], public_note=text["public"], caption=texts["caption"],
            companions=texts["companions"][number % len(texts["companions"])], photos=[self._photo(text["note"], at)],
        )  # fmt: skip
        looking.look(row, seen, actor=self.player.acting(login, at), now=at)
        db.session.flush()

    def _photo(self, about: str, at: dt.datetime) -> Any:
        return pictures.stored(about[:30], now=at)

    def _decide(self, row: Assignment, said: dict[str, Any]) -> None:
        at = self.when(said["ago"], "16:20")
        question = db.session.scalars(select(ReopeningQuestion).where(ReopeningQuestion.assignment_id == row.id)).one()
        due_on = working_day(self.player.calendar, local_date(at), said["due"]) if "due" in said else None
        chairman = self.player.acting(CHAIRMAN, at)
        reopening.decide(question, reopened=said["reopened"], reason=said["reason"], due_on=due_on, actor=chairman, now=at)
        db.session.flush()

    def sample(self) -> None:
        """Draw of the last two months; the first is worked off, of the second one half, and who goes next is said."""
        first = self.today.replace(day=1)
        last = sampling.month_before(first)
        for month, drawn_on in ((sampling.month_before(last), last), (last, first)):
            at = min(dt.datetime.combine(drawn_on, dt.time(6), LOCAL), self.now)
            sample = sampling.draw(month, now=at)
            db.session.flush()
            tasks = list(sample.tasks)
            whole = month != last
            for number, task in enumerate(tasks if whole else tasks[: len(tasks) // 2]):
                text = self.texts["looks"]["right"][number % 3]
                day = working_day(self.player.calendar, drawn_on, 2 + number // 2)
                looked = min(dt.datetime.combine(day, dt.time(14, 30), LOCAL), self.now)
                self._right(task.assignment, number, text, looked, "duong.thi.mai")
            self._plan([] if whole else tasks[len(tasks) // 2 :], at)

    def _plan(self, tasks: list[CheckTask], drawn: dt.datetime) -> None:
        at = max(self.when(1, "16:45"), drawn)
        looker = self.province.users["duong.thi.mai"]
        for number, task in enumerate(tasks[:2]):
            on = working_day(self.player.calendar, self.today, 2 + number)
            looking.plan(task, looker, on, actor=self.player.acting("vi.van.thuan", at), now=at)

    # --- in writing --------------------------------------------------------------------------------------------------------

    def write(self) -> None:
        """Send reminders and petitions, each unit answering, late, or with time left."""
        texts, used, petitioned = self.texts["letters"], set[int](), set[int]()
        named = {code for row in texts["reminder"] for code in row.get("to", [])}
        used |= {self.province.units[code].id for code in named}
        for row in texts["reminder"]:
            used -= {self.province.units[code].id for code in row.get("to", [])}
            letter = self._letter(LetterKind.REMINDER, STANDING, row, used)
            if "answered" in row:
                self._answer(letter, row["ago"] - row["answered"], texts["answers"][0])
        for row in texts["petition"]:
            petition = self._letter(LetterKind.PETITION, FRONT, row, petitioned)
            self._follow_up(petition, texts["follow_up"])
        self._waiting(texts["waiting"], petitioned)

    def _late(self, before: dt.date, units: int, used: set[int], to: Collection[str] = ()) -> list[Assignment]:
        """Return what was late that day in so many units, up to three of each; *used* units have had theirs.

        Where less is late than is wanted, what is owed and not yet late comes after it.
        """
        owed = select(Assignment).where(Assignment.state.in_(sorted(OPEN)), Assignment.opened_on < before, Assignment.due_on.is_not(None))
        owed = owed.where(Assignment.kind.in_(["feedback", "conclusion"])).order_by(Assignment.due_on, Assignment.id)
        found: dict[int, list[Assignment]] = {}
        for row in db.session.scalars(owed).all():
            if row.unit_id in found:
                if row.is_late(before):
                    found[row.unit_id].append(row)
            elif row.unit_id not in used and len(found) < units and self._fits(row.unit, to):
                found[row.unit_id] = [row]
        used |= set(found)
        return [row for rows in found.values() for row in rows[:3]]

    def _fits(self, unit: Unit, to: Collection[str]) -> bool:
        """Say whether somebody of the demo answers for *unit*, which is one of *to* where these are named."""
        below = unit.path.startswith(self.province.units["ubnd-tinh"].path)
        return (not to or unit.code in to) and below and self.head_of(unit, self.now) is not None

    def _letter(self, kind: LetterKind, people: tuple[str, str, str], row: dict[str, Any], used: set[int]) -> Letter:
        at = self.when(row["ago"])
        letter = self._draft(kind, people[0], self._late(local_date(at), row["units"], used, row.get("to", ())), row, at)
        self.issue(letter.paper, people, at)
        return letter

    def _draft(self, kind: LetterKind, login: str, about: list[Assignment], row: dict[str, Any], at: dt.datetime) -> Letter:
        by, token = self.player.acting(login, at), f"demo-{kind}-{row['ago']}"
        return letters.draft(kind, by.unit, about=about, reason=row["reason"], token=token, actor=by, now=at - A_WHILE)

    def _answer(self, letter: Letter, ago: int, text: str) -> None:
        duty, at = letter.duties[0], self.when(ago, "10:40")
        head = self.head_of(duty.unit, at)
        assert head is not None  # only such units got letters
        answering.answer(duty, text, actor=head, now=at)
        db.session.flush()

    def _follow_up(self, petition: Letter, row: dict[str, Any]) -> None:
        at = self.when(row["ago"])
        letter = self._draft(LetterKind.FOLLOW_UP, FRONT[0], list(petition.duties), row, at)
        self.issue(letter.paper, FRONT, at)

    def _waiting(self, row: dict[str, Any], used: set[int]) -> None:
        at = self.when(row["ago"], "14:10")
        letter = self._draft(LetterKind.PETITION, FRONT[0], self._late(local_date(at), 1, used), row, at)
        hands.send(letter.paper, actor=self.player.acting(FRONT[0], at), now=at)

    # --- an eye on it ------------------------------------------------------------------------------------------------------

    def watch(self) -> None:
        """Let people watch what is late, with notes, keep a view and subscribe to it."""
        for row in self.texts["watching"]["person"]:
            at = self.when(6, "08:25")
            actor, today = self.player.acting(row["login"], at), local_date(at)
            late = self._late(local_date(at), len(row["notes"]), set())
            for number, (promise, text) in enumerate(zip(late, row["notes"], strict=False)):
                watching.watch(promise, actor=actor, today=today, now=at)
                if text:
                    watching.note(promise, body=text, shared=not number, actor=actor, today=today, now=at + A_WHILE)
            view, address = row["view"], weekly.spelled(cuts.cut_of(_arguments(row["subscribes"])))
            saved.keep(page="register", address=view["address"], name=view["name"], shared=True, actor=actor, now=at)
            watching.subscribe(address, actor=actor, now=at)


def _before(paper: OversightPaper, on: dt.date) -> int:
    """Return how many numbers the book of *paper* had given in the year before us: the later in it, the more."""
    return on.timetuple().tm_yday // DAYS_A_NUMBER[(paper.unit_id + sum(map(ord, paper.series))) % len(DAYS_A_NUMBER)]


def _arguments(address: str) -> dict[str, str]:
    return dict(each.split("=", 1) for each in address.split("&"))
