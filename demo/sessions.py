"""Lets the demo's dialogue sessions be held: every step at its time, by the operations that people press on the pages.

Each file of data/sessions/ tells of one session, its days counted from the day of the session, that day from today; `stop` says where
it stands now. What was asked, answered in the hall and promised is in asked.py; plans and reception days are in years.py.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask_babel import force_locale

from app.accounts.models import User
from app.clock import LOCAL, local_date
from app.database import db
from app.files import store_ours
from app.files.content import ZIP
from app.units.models import Unit
from demo import content, hall_pictures, years
from demo.asked import Asked
from demo.past import Player, unwritten_to
from demo.province import Province
from demo.timetable import working_day
from dialogues import archiving, books, minutes_draft, words
from dialogues.models import Chair, Hall, PlanLine, Session, SessionPaper
from dialogues.operations import (
    agenda,
    checklist,
    dossier,
    evaluating,
    inviting,
    minutes,
    papers,
    pictures,
    registering,
    reports,
    sessions,
    steps,
)
from dialogues.operations.agenda import ItemFacts
from dialogues.operations.evaluating import Marks
from dialogues.operations.inviting import GuestData
from dialogues.operations.registering import RegistrationData
from dialogues.rules import (
    DOSSIER,
    ChairPart,
    Form,
    GuestAnswer,
    GuestKind,
    PaperType,
    Part,
    Signer,
    StaffDuty,
    Status,
    Trigger,
)

#: How many days before the day each part of the preparation is done, unless the file says otherwise.
LEAD = {"made": 28, "prepared": 20, "announced": 12, "reports": 3, "ready": 2}
#: How many days after it the conclusion is out, the result public, the dossier archived.
AFTER = {"concluded": 3, "published": 7, "archived": 40}
#: The shortest time between the loading of the demo and the session that waits to be begun.
SOON = dt.timedelta(hours=1)
PAPERS_BEFORE = 400  # answers in writing are numbered on from here
LATEST = dt.time(19)  # whoever loads the demo at night finds it late, and can begin it all the same
HALF_HOUR = 1800


def play(province: Province, *, now: dt.datetime) -> list[Told]:
    """Let every session of the demo come as far as its file says, and return them; the caller commits.

    The heads receive citizens, too. Dossiers are archived by :func:`archive`, after that.
    """
    player = Player(province, now=now)
    player.numbers = PAPERS_BEFORE
    with unwritten_to(province, now=now):
        told = _play(player)
        years.receptions_of(player)
    return told


def _play(player: Player) -> list[Told]:
    told = sorted((Told(player, story) for story in content.sessions()), key=lambda each: each.when("made", "08:30"))
    lines = years.plans(player, [(each.story, each.day) for each in told])
    for each in told:
        each.happen(lines.get(each.story["key"]))
    return told


class Told:
    """One session of the demo, and who does what for it."""

    def __init__(self, player: Player, story: dict[str, Any]) -> None:
        self.player, self.province, self.story = player, player.province, story
        self.unit: Unit = self.province.units[story["unit"]]
        self.begins = _begins(player, story)
        self.day = local_date(self.begins)
        self.lead = LEAD | story.get("lead", {}) | {name: -days for name, days in (AFTER | story.get("after", {})).items()}
        self.session: Session

    def when(self, step: str | int, time: str) -> dt.datetime:
        """Return when a step is taken: so many days before the day, on a working day, and never after now."""
        before = self.lead[step] if isinstance(step, str) else step
        on = self.day - dt.timedelta(days=before)
        if not self.player.calendar.is_working(on):
            # An office prepares before the free days, and writes up after them unless they are long.
            moved = working_day(self.player.calendar, on, -1 if before > 0 else 1)
            on = moved if before > 0 or (moved - on).days <= 2 else on  # noqa: PLR2004
        return min(dt.datetime.combine(on, dt.time.fromisoformat(time), LOCAL), self.player.now)

    def asked_at(self, before: int, time: str) -> dt.datetime:
        """Return when somebody asks beforehand: so many days before the day, a working day or not."""
        return dt.datetime.combine(self.day - dt.timedelta(days=before), dt.time.fromisoformat(time), LOCAL)

    def acting(self, role: str, at: dt.datetime) -> User:
        """Return who has that part: by, head, records, or secretary."""
        return self.player.acting(self.story["staff"][role] if role == "secretary" else self.story[role], at)

    def happen(self, line: PlanLine | None) -> None:
        """Let the session go its way from the plan to where it stands."""
        self._make(line)
        asked = Asked(self)
        for status, step in self._way(asked):
            step()
            db.session.flush()
            if self.story["stop"] == status:
                break
        asked.follow()

    def _way(self, asked: Asked) -> Iterator[tuple[str, Callable[[], None]]]:
        yield Status.DRAFT, lambda: None
        yield Status.PLANNED, lambda: self._move(Status.PLANNED, "made", "09:30")
        yield "told", self._announce
        if self.story["stop"] in {Status.POSTPONED, Status.CANCELLED}:
            yield self.story["stop"], lambda: self._put_off(asked)
        yield Status.ANNOUNCED, asked.beforehand
        yield Status.READY, lambda: self._ready(asked)
        yield Status.HELD, lambda: self._hold(asked)
        yield Status.CONCLUDED, lambda: self._conclude(asked)
        yield Status.PUBLISHED, lambda: asked.publish(self.when("published", "15:00"))

    def _move(self, to: Status, step: str | int, time: str, role: str = "by") -> None:
        at = self.when(step, time)
        steps.move(self.session, to, overrides={}, actor=self.acting(role, at), now=at)

    # --- before ----------------------------------------------------------------------------------------------------------

    def _make(self, line: PlanLine | None) -> None:
        story, at = self.story, self.when("made", "08:30")
        facts = sessions.SessionFacts(
            topic=story["topic"],
            audience=story["audience"],
            field_id=self.province.fields[story["field"]].id if "field" in story else None,
            place_id=self.province.places[story["place"]].id if "place" in story else None,
            form=story.get("form", Form.IN_PERSON),
            starts_at=self.begins,
            ends_at=self.begins + dt.timedelta(minutes=story.get("minutes", 210)),
            capacity=story.get("capacity"),
            house_rules=story.get("house_rules", ""),
        )
        actor = self.acting("by", at)
        if line is not None:
            self.session = sessions.create_of_line(line, facts, actor=actor, now=at)
        else:
            trigger = Trigger(story["trigger"])
            self.session = sessions.create_ad_hoc(self.unit, facts, trigger=trigger, note=story["trigger_note"], actor=actor, now=at)
        for row in story.get("chair", []):
            sessions.add_chair(self.session, self._chair(row), actor=actor, now=at)

    def _chair(self, row: dict[str, Any]) -> Chair:
        user = self.province.users.get(row.get("user", ""))
        unit = self.province.units[row["unit"]]
        name, title = (user.name, user.title) if user is not None else (row["name"], row["title"])
        return Chair(part=row.get("part", ChairPart.CHAIR), unit=unit, unit_id=unit.id, user=user, name=name, title=title)

    def _announce(self) -> None:
        at = self.when("prepared", "09:00")
        actor, session, story = self.acting("by", at), self.session, self.story
        for duty, login in story["staff"].items():
            sessions.add_staff(session, self.province.users[login], StaffDuty(duty), actor=actor, now=at)
        for row in story.get("hall", []):
            sessions.add_hall(session, Hall(name=row["name"], address=row["address"], seats=row.get("seats")), actor=actor, now=at)
        self._lay_agenda(actor, at)
        guests = [
            GuestData(
                kind=GuestKind(row["kind"]),
                name=row["name"],
                title=row.get("title", ""),
                unit=self.province.units.get(row.get("unit", "")),
                seats=row.get("seats", 1),
            )
            for row in story.get("guest", [])
        ]
        invited = inviting.invite(session, guests, actor=actor, now=at)
        for type_ in (PaperType.PROGRAMME, PaperType.INVITATION, *self.story.get("papers_before", ())):
            self._issue(PaperType(type_), "prepared")
        self._move(Status.ANNOUNCED, "announced", "08:00")
        at = self.when("announced", "09:00")
        inviting.send(session, actor=self.acting("by", at), now=at)
        for guest, row in zip(invited, story.get("guest", []), strict=True):
            if "answer" in row:
                at = self.when(self.lead["announced"] - 4, "10:00")
                inviting.answer(guest, GuestAnswer(row["answer"]), note=row.get("note", ""), actor=None, now=at)
        self._register()

    def _lay_agenda(self, actor: User, at: dt.datetime) -> None:
        with force_locale("vi"):
            titles = {part: str(words.PARTS[part]) for part in Part}
        agenda.lay(self.session, titles, actor=actor, now=at)
        db.session.flush()
        presenters = self.story.get("presenters", {})
        items = [
            ItemFacts(id=item.id, part=Part(item.part), title=item.title, presenter=presenters.get(item.part, ""), minutes=item.minutes)
            for item in self.session.agenda
        ]
        agenda.write(self.session, items, actor=actor, now=at)

    def _register(self) -> None:
        halls = {hall.name: hall for hall in self.session.halls}
        for number, row in enumerate(self.story.get("seat", [])):
            data = RegistrationData(
                name=row["name"],
                phone=self.player.phone(),
                comes_from=row.get("from", ""),
                people=row.get("people", 1),
                needs=row.get("needs", ""),
                hall=halls.get(row.get("hall", "")),
                token=f"demo-{self.story['key']}-{number}",
            )
            at = self.when("announced", "19:30") + dt.timedelta(hours=5 * number)
            registering.register(self.session, data, actor=None, now=min(at, self.player.now))

    def _issue(self, type_: PaperType, step: str | int) -> SessionPaper:
        """Have a paper written, signed and numbered."""
        at = self.when(step, "10:00")
        paper = papers.draft(self.session, type_, actor=self.acting("by", at), now=at)
        papers.send(paper, actor=self.acting("by", at), now=at)
        self.number(paper, at)
        if paper.type in self.story.get("open_papers", ()):
            papers.set_internal(paper, internal=False, actor=self.acting("by", at), now=at)
        return paper

    def number(self, paper: SessionPaper, at: dt.datetime) -> None:
        """Let văn thư enter the number of *paper*, which was sent to be signed, the same day."""
        at = min(at + dt.timedelta(hours=5), self.player.now)
        used = books.used(paper.unit, paper.series, at.year)
        number = str(max(used) + 1) if used else self.story.get("first_number", "12")
        papers.number(paper, number, on=local_date(at), actor=self.acting("records", at), now=at)

    def _ready(self, asked: Asked) -> None:
        at = self.when("reports", "14:00")
        actor = self.acting("by", at)
        reports.write_concerns(self.session, self.story["concerns"].strip(), done=True, actor=actor, now=at)
        if "why_not" in self.story:
            self._explain(actor, at)
        for code in self.story.get("ticked", []):
            task = next(task for task in self.session.tasks if task.code == code)
            checklist.tick(task, done=True, actor=actor, now=at)
        asked.screen(self.when("reports", "16:00"))
        self._move(Status.READY, "ready", "16:30")
        for type_ in self.story.get("papers", ()):
            self._issue(PaperType(type_), "ready")
        at = self.when("ready", "11:00")
        for type_ in self.story.get("papers_waiting", ()):  # signed, and văn thư has not numbered them yet
            papers.send(papers.draft(self.session, PaperType(type_), actor=actor, now=at), actor=actor, now=at)
        if self.story["stop"] == Status.READY:
            self._all_there(self.player.now)

    def _explain(self, actor: User, at: dt.datetime) -> None:
        """Say of each earlier promise that is not done why it is not."""
        reports.remake_promises(self.session)
        db.session.flush()
        for row in self.session.earlier:
            if not row.done:
                why = next((why for start, why in self.story["why_not"].items() if row.title.startswith(start)), None)
                assert why is not None, f"{self.story['key']} says nothing of “{row.title}”"
                reports.say_why(self.session, row.assignment_id, why, actor=actor, now=at)

    def _all_there(self, at: dt.datetime) -> None:
        for each in (*self.session.chairing, *(each for each in self.session.staff if each.duty == StaffDuty.SECRETARY)):
            sessions.mark_present(self.session, each, present=True, actor=self.acting("by", at), now=at)

    def _put_off(self, asked: Asked) -> None:
        asked.beforehand()
        at = self.when("put_off", "15:30")
        to = Status(self.story["stop"])
        steps.put_off(self.session, to, why=self.story["put_off_why"], actor=self.acting("by", at), now=at)

    # --- the day and after -----------------------------------------------------------------------------------------------

    def _hold(self, asked: Asked) -> None:
        before = self.begins - dt.timedelta(minutes=20)
        self._all_there(before)
        asked.let_in(before)
        steps.move(self.session, Status.IN_SESSION, overrides={}, actor=self.acting("by", self.begins), now=self.begins)
        asked.in_the_hall()
        over = self.begins + dt.timedelta(minutes=self.story.get("minutes", 210))
        steps.move(self.session, Status.HELD, overrides={}, actor=self.acting("by", over), now=over)
        for number, row in enumerate(self.story.get("thought", [])):
            evaluating.evaluate(self.session, Marks(**row), device=f"demo-{number}", now=over + dt.timedelta(minutes=3 * number))
        for row in self.story.get("photo", []):
            picture = hall_pictures.stored(row["shows"], row["view"], now=over)
            pictures.add(self.session, picture, shows=row["shows"], public=True, actor=self.acting("by", over), now=over)

    def _conclude(self, asked: Asked) -> None:
        asked.promise(self.when(0, "17:30"))
        at = self.when(-1, "08:30")
        actor, head = self.acting("by", at), self.acting("head", at)
        db.session.flush()
        minutes.build(self.session, minutes_draft.text_of(self.session), actor=actor, now=at)
        at = self.when("concluded", "08:30")
        minutes.sign(self.session, Signer.SECRETARY, seen=1, actor=actor, now=at)
        minutes.sign(self.session, Signer.CHAIR, seen=1, actor=head, now=at)
        self._issue(PaperType.CONCLUSION, "concluded")
        for paper in [each for each in self.session.papers if each.type in self.story.get("papers_after", ())]:
            self.number(paper, self.when("concluded", "10:00"))  # signed by both, the minutes wait for it
        self._move(Status.CONCLUDED, "concluded", "16:00")

    def archive(self) -> None:
        """Say of what the dossier lacks why it does, and close it; commits."""
        session, at = self.session, self.when("archived", "09:00")
        actor = self.acting("by", at)
        for entry in DOSSIER:
            if entry.code in self.story["dossier"]:
                dossier.say_absent(session, entry, self.story["dossier"][entry.code], actor=actor, now=at)
        db.session.commit()
        archiving.keep_papers(session, now=at)
        prepared = archiving.prepare(session, by=actor.name, now=at)
        db.session.rollback()
        with archiving.write(prepared) as made:
            file = store_ours(made, f"ho-so-{session.code}{ZIP.extension}", ZIP, at)
        dossier.archive(session, prepared, file, actor=actor, now=at)
        db.session.commit()


def archive(told: Iterable[Told]) -> None:
    """Archive the dossiers of those whose files say so; commits. A dossier is made outside any transaction that writes."""
    for each in told:
        if "dossier" in each.story:
            each.archive()


def _begins(player: Player, story: dict[str, Any]) -> dt.datetime:
    """Return when a session begins: so many days from today, on a day of last year, or today, soon."""
    today, time = local_date(player.now), dt.time.fromisoformat(story.get("begins", "08:00"))
    if story.get("soon"):
        first = dt.datetime.fromtimestamp(-(-(player.now + SOON).timestamp() // HALF_HOUR) * HALF_HOUR, LOCAL)
        return min(max(first, dt.datetime.combine(today, time, LOCAL)), dt.datetime.combine(today, LATEST, LOCAL))
    if "last_year" in story:
        month, day = story["last_year"]
        on = dt.date(today.year - 1, month, day)
    else:
        on = today + dt.timedelta(days=story["day"])
    if not player.calendar.is_working(on):
        on = working_day(player.calendar, on, -1 if on < today else 1)
    return dt.datetime.combine(on, time, LOCAL)
