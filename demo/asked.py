"""What is asked at the demo's sessions, how it is answered in the hall and in writing, and what becomes of what was promised."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from flask_babel import force_locale
from flask_babel import gettext as _

from app.access import SENDER
from app.clock import local_date
from app.database import db
from demo import pictures
from demo.timetable import Event as Step
from dialogues import queries
from dialogues.live import Event
from dialogues.models import ConclusionAssignment, Question, Session, Support
from dialogues.operations import asking, checking_in, concluding, petitioning, promises, publishing, recording, screening
from dialogues.operations.checking_in import Scan
from dialogues.operations.promises import Word
from dialogues.operations.publishing import Copies
from dialogues.rules import AnswerKind, EventKind, Origin, PaperFormat, PublicForm, RegistrationState
from feedback import masking
from feedback import rules as item_rules
from feedback.operations.intake import PersonData, Submission
from feedback.rules import Channel, Kind

if TYPE_CHECKING:
    from demo.sessions import Told

EVENING = "20:10"


class Asked:
    """The questions of one session, and its promises."""

    def __init__(self, told: Told) -> None:
        self.told, self.player = told, told.player
        self.province = told.province
        self.questions: dict[str, Question] = {}
        self.said: dict[str, dict[str, Any]] = {}  # what the file says of each
        self.given: dict[str, ConclusionAssignment] = {}

    @property
    def session(self) -> Session:
        """The session itself."""
        return self.told.session

    # --- before ----------------------------------------------------------------------------------------------------------

    def beforehand(self) -> None:
        """Take in what is asked before the day; others support what is published, and the unit takes what it was given."""
        for number, row in enumerate(self.told.story.get("question", [])):
            at = self.told.asked_at(row["before"], row.get("at", EVENING))
            if at >= self.player.now:
                continue
            question = self._ask(f"{self.told.story['key']}-{number}", row, at)
            if "public" in row:
                self._publish(question, row, at + dt.timedelta(hours=14))
        db.session.flush()

    def _ask(self, key: str, row: dict[str, Any], at: dt.datetime) -> Question:
        clerk = row.get("clerk")
        person = PersonData(name=row["who"], phone=self.player.phone())
        taken = asking.ask(
            self.session,
            asking.Asked(
                submission=Submission(
                    kind=Kind.QUESTION,
                    body=row["text"].strip(),
                    token=f"demo-{key}",
                    channel=Channel(row.get("channel", "web")),
                    people=(person,),
                    place_text=row.get("from", ""),
                    publish_consent="public" in row,
                ),
                origin=Origin.CLERK if clerk else Origin.WEB,
                comes_from=row.get("from", ""),
            ),
            actor=self.player.acting(clerk, at) if clerk else SENDER,
            now=at,
        )
        self._know(row.get("key", key), taken.question, row)
        return taken.question

    def _know(self, key: str, question: Question, row: dict[str, Any]) -> None:
        self.questions[key], self.said[key] = question, row
        if question.feedback is not None:
            self.player.feedback[key] = question.feedback
        self.player.items[key] = {"sender": {"name": row.get("who", ""), "gender": row.get("gender", "male")}, "identity": "unit"}

    def _publish(self, question: Question, row: dict[str, Any], at: dt.datetime) -> None:
        at = min(at, self.player.now)
        if row.get("state", "accepted") == "waiting":
            return
        screening.accept(self.session, [question], actor=self.told.acting("by", at), now=at)
        screening.publish(question, masking.masked(question.text), actor=self.told.acting("head", at), now=at)
        # As asking.support() keeps them, and not one by one, each in a savepoint of its own because two may press at once.
        for device in range(row.get("supports", 0)):
            supported_at = min(at + dt.timedelta(minutes=37 * (device + 1)), self.player.now)
            question.supports.append(Support(device_digest=f"demo-{device}", at=supported_at))

    def screen(self, at: dt.datetime) -> None:
        """Sort what came: under themes, some chosen for the day, some put together, one left out with a reason."""
        actor, session = self.told.acting("by", at), self.session
        screening.name_themes(session, {}, self.told.story.get("themes", []), actor=actor)
        themes = list(session.themes)
        rows = [(question, self.said[key]) for key, question in self.questions.items() if self.said[key].get("state") != "waiting"]
        alone = [question for question, row in rows if not {"like", "refused", "turned"} & row.keys()]
        screening.accept(session, alone, actor=actor, now=at)
        for number, theme in enumerate(themes, start=1):
            screening.group(session, [question for question, row in rows if row.get("theme") == number], theme, actor=actor)
        for question, row in rows:
            if "like" in row:
                screening.put_together(session, [question], self.questions[row["like"]], actor=actor, now=at)
            elif "refused" in row:
                told = f"Câu hỏi không đưa vào buổi đối thoại. Lý do: {row['refused']}. Câu hỏi vẫn được trả lời bằng văn bản."
                screening.refuse(session, [question], why=row["refused"], told=told, actor=actor, now=at)
            elif "turned" in row:
                screening.turn(session, [question], why=row["turned"], actor=actor, now=at)
        chosen = [question for question, row in rows if row.get("day")]
        screening.choose(session, chosen, for_the_day=True, actor=actor, now=at)
        for key, row in self.said.items():
            if "taken_by" in row and "turned" not in row:
                self._take(key, at, row["taken_by"])

    # --- in the hall -----------------------------------------------------------------------------------------------------

    def let_in(self, at: dt.datetime) -> None:
        """Mark who came: those with a seat, and those on no list."""
        door = self.told.acting("by", at)
        halls = {hall.name: hall for hall in self.session.halls}
        for seat in self.session.registrations:
            if seat.state == RegistrationState.SEATED:
                checking_in.check_in(self.session, Scan(uid=uuid.uuid4(), at=at, hall=seat.hall), seat.check_in_code, actor=door, now=at)
        for row in self.told.story.get("came", []):
            scan = Scan(uid=uuid.uuid4(), at=at, hall=halls.get(row.get("hall", "")))
            checking_in.walk_in(
                self.session, scan, name=row["name"], comes_from=row.get("from", ""), people=row["people"], actor=door, now=at
            )

    def in_the_hall(self) -> None:
        """Record at the secretary's desk what is asked and answered, and a show of hands; then the conclusion."""
        story, at = self.told.story, self.told.begins
        items = list(self._programme(at))
        at += dt.timedelta(minutes=35)
        spoken: list[Event] = []
        for key, row in self.said.items():
            if row.get("day"):
                at += dt.timedelta(minutes=9)
                spoken += self._answered(self.questions[key].uid, row, at)
        floor = {row.get("key", f"{story['key']}-floor-{number}"): (uuid.uuid4(), row) for number, row in enumerate(story.get("floor", []))}
        for uid, row in floor.values():
            at += dt.timedelta(minutes=8)
            facts = self._who(row) | {"text": row["text"].strip(), "phone": self.player.phone() if row.get("phone") else ""}
            spoken += [self._said(EventKind.ASKED, uid, at, facts), *self._answered(uid, row, at)]
        hands = [self._said(EventKind.HANDS, uuid.uuid4(), at, row) for row in story.get("hands", [])]
        counted = [
            self._said(EventKind.COUNTED, hall.uid, at, {"people": row["counted"]})
            for hall, row in zip(self.session.halls, story.get("hall", []), strict=True)
            if "counted" in row
        ]
        over = at + dt.timedelta(minutes=10)
        recording.take(self.session, "demo", [*items, *spoken, *hands, *counted], actor=self.told.acting("secretary", over), now=over)
        db.session.flush()
        made = {
            question.uid: question for question in db.session.scalars(db.select(Question).where(Question.session_id == self.session.id))
        }
        for key, (uid, row) in floor.items():
            self._know(key, made[uid], row)
        concluding.write_conclusion(self.session, story["conclusion"].strip(), actor=self.told.acting("by", over), now=over)

    def _programme(self, at: dt.datetime) -> Iterator[Event]:
        """Yield that each item of the programme begins, a little later than it was planned."""
        for item in self.session.agenda:
            yield self._said(EventKind.ITEM_BEGUN, item.uid, at)
            at += dt.timedelta(minutes=item.minutes + 2)

    def _answered(self, uid: uuid.UUID, row: dict[str, Any], at: dt.datetime) -> Iterator[Event]:
        yield self._said(EventKind.CALLED, uid, at)
        answer = {"kind": row.get("kind", AnswerKind.BY_CHAIR), "by": row.get("by", ""), "text": row.get("answer", "").strip()}
        yield self._said(EventKind.ANSWERED, uid, at + dt.timedelta(minutes=4), answer)
        if "wants" in row:
            yield self._said(EventKind.REJECTED, uid, at + dt.timedelta(minutes=6), {"wants": row["wants"], "taken_back": False})

    def _who(self, row: dict[str, Any]) -> dict[str, str]:
        hall = next((hall for hall in self.session.halls if hall.name == row.get("hall")), None)
        return {"name": row.get("who", ""), "comes_from": row.get("from", ""), "hall": str(hall.uid) if hall else ""}

    def _said(self, kind: EventKind, subject: uuid.UUID, at: dt.datetime, facts: Mapping[str, Any] | None = None) -> Event:
        return Event(uuid.uuid4(), kind, subject, at, facts=facts or {})

    # --- after -----------------------------------------------------------------------------------------------------------

    def promise(self, at: dt.datetime) -> None:
        """Give what was left open, and what the chair instructed, to units with a day each."""
        actor = self.told.acting("by", at)
        with force_locale("vi"):
            name, source = _("Trả lời theo hẹn của chủ trì"), _("kết luận buổi đối thoại %(code)s", code=self.session.code)
        for key, row in self.said.items():
            if "promise" not in row:
                continue
            word = self._word(row["promise"])
            item = promises.promise_answer(self.questions[key], word, name=name, source=source, actor=actor, now=at)
            self.player.feedback[key] = item
            mine = [each for each in self.session.promises if each.question is self.questions[key]]
            self.given |= {f"{key} kiến nghị": each for each in mine}
        for row in self.told.story.get("promise", []):
            self.given[row["title"]] = promises.instruct(self.session, row["title"], self._word(row), actor=actor, now=at)

    def _word(self, row: dict[str, Any]) -> Word:
        units = self.province.units
        return Word(
            unit=units[row.get("unit", self.told.story["unit"])],
            due_on=self.told.day + dt.timedelta(days=row["due"]),
            public_form=PublicForm(row.get("public", "site")),
            supporting=[units[code].id for code in row.get("with", [])],
            beyond=row.get("beyond", ""),
        )

    def publish(self, at: dt.datetime) -> None:
        """Read everything for names, and put the result before everyone."""
        actor, masked = self.told.acting("by", at), masking.masked
        copies = Copies(
            questions={each.id: (masked(each.text), masked(each.answer)) for each in queries.raised(self.session)},
            instructions={each.id: masked(each.title) for each in publishing.instructions(self.session)},
            conclusion=masked(self.session.conclusion),
            hands={each.id: masked(each.subject) for each in self.session.hand_votes},
            papers=frozenset(each.id for each in publishing.papers_to_read(self.session) if each.format == PaperFormat.STATE),
        )
        publishing.review(self.session, copies, actor=actor, now=at)
        publishing.publish(self.session, actor=actor, now=at + dt.timedelta(minutes=30))

    def follow(self) -> None:
        """Let the units answer in writing and do what they were given, or return it; each on its day, in the order of days."""
        done: list[tuple[int, str, dict[str, Any]]] = []
        for key, row in self.said.items():
            done += [(step["day"], key, step) for step in row.get("then", [])]
            done += [(step["day"], f"{key} kiến nghị", step) for step in row.get("promise", {}).get("then", [])]
        for row in self.told.story.get("promise", []):
            done += [(step["day"], row["title"], step) for step in row.get("then", [])]
        for day, key, step in sorted(done, key=lambda each: each[0]):
            at = self.told.when(-day, "10:15")
            if self.told.day + dt.timedelta(days=day) <= local_date(self.player.now):
                self._follow(key, step, at)

    def _follow(self, key: str, step: dict[str, Any], at: dt.datetime) -> None:
        if key in self.given:
            self._do_promise(self.given[step.get("of", key)], step, at)
        elif step["do"] == "reply":
            points = [{"title": step["title"], "text": step["text"].strip(), "outcome": step.get("outcome", "explained")}]
            held = self.player.feedback[key].open_answer
            if held is None or held.officer is None:
                self._take(key, at - dt.timedelta(minutes=40), step["officer"])
            self._do(key, at, "reply", points=points)
            self._do(key, at, "approve")
            self._do(key, at, "publish")
            if "promise" in self.said[key] and self.player.feedback[key].publish_consent:  # as the chair promised
                text = masking.masked(self.questions[key].text)
                self._do(key, at, "publish_public", title=step["title"], text=text)
        else:
            self.player.happen(Step(at, 0, key, step))

    def _take(self, key: str, at: dt.datetime, officer: str) -> None:
        if self.player.feedback[key].status == item_rules.Status.RECEIVED:  # it sounds dangerous: the desk looked at it first
            self._do(key, at - dt.timedelta(hours=2), "route", unit=self.told.story["unit"])
        self._do(key, at, "take", officer=officer)

    def _do(self, key: str, at: dt.datetime, do: str, **facts: Any) -> None:
        self.player.happen(Step(at, 0, key, facts | {"do": do}))

    def _do_promise(self, promise: ConclusionAssignment, step: dict[str, Any], at: dt.datetime) -> None:
        actor = self.player.acting(step["who"], at)
        if step["do"] == "take":
            promises.take(promise, actor=actor, now=at)
        elif step["do"] == "return":
            promises.give_back(promise, reason=step["why"], actor=actor, now=at)
        elif step["do"] == "pass_on":
            promises.pass_on(promise, self.province.units[step["unit"]], reason=step["why"], actor=actor, now=at)
        elif step["do"] == "done":
            proof = pictures.stored(step["caption"], now=at)
            promises.keep(promise, outcome=step["outcome"].strip(), proofs=[proof], caption=step["caption"], actor=actor, now=at)
        elif step["do"] == "petition":
            body = self.province.units[step["unit"]] if "unit" in step else None
            petitioning.send(promise, petitioning.Sent(step["number"], local_date(at), body), actor=actor, now=at)
        elif step["do"] == "accept":
            due_on = self.told.day + dt.timedelta(days=step["due"])
            assert promise.petition is not None
            taken = petitioning.accept(promise.petition, due_on=due_on, said=step["said"], actor=actor, now=at)
            self.given |= {step["as"]: taken} if taken is not None else {}
        else:
            raise ValueError(step["do"])
        db.session.flush()
