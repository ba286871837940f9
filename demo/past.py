"""Lets the demo's items happen again: each step at its time, in the order of time, by the operations that people use.

So nothing is in the demo that the site could not have done, and every clock, notice and entry of the audit is a real one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import Any

from app.access import SENDER
from app.accounts.models import User
from app.accounts.queries import reach_of
from app.calendar.queries import work_calendar
from app.clock import LOCAL, local_date
from app.database import db
from app.outbox import Channel as NoticeChannel
from app.outbox import Notice
from app.permissions import Reach
from app.units.models import SigningStep, Unit
from demo import content, pictures
from demo.province import Province
from demo.senders import people, salutation, sender_type
from demo.timetable import A_WHILE, EVENING, Event, events, working_day
from feedback import rules, steps
from feedback.models import Attachment, Feedback, Paper, ReceiptKey
from feedback.operations import desk, intake, merging, papers, publishing, sender, unit
from feedback.rules import Outcome, PaperState, PaperType

#: Channels where a clerk writes down what someone says.
ENTERED = {rules.Channel.PHONE, rules.Channel.PAPER, rules.Channel.IN_PERSON, rules.Channel.VOTER_MEETING}


def play(province: Province, *, now: dt.datetime) -> dict[str, Feedback]:
    """Let every item of the demo happen up to *now* and return them by key; the caller commits.

    :raise CalendarNotLoaded: for a day outside the years that are loaded.
    """
    player = Player(province, now=now)
    with unwritten_to(province, now=now):
        for event in events(content.items(), player.calendar, local_date(now)):
            player.happen(event)
        player.close_what_rested()
    return player.feedback


@contextmanager
def unwritten_to(province: Province, *, now: dt.datetime) -> Generator[None]:
    """Let things happen of which nobody of the demo is written to: e-mail and SMS count as sent, what is old on the site as read."""
    for user in province.users.values():
        user.preferences = {"email": False}  # half of all notices
    # Each step is written when it is over, or when an operation says so; before its every question would be a third as often again.
    with db.session.no_autoflush:
        yield
        db.session.flush()
    for user in province.users.values():
        user.preferences = {}
    outside = Notice.channel.in_([NoticeChannel.EMAIL, NoticeChannel.SMS])
    old = Notice.created_at < now - dt.timedelta(days=3)
    db.session.execute(db.update(Notice).where(outside).values(done_at=Notice.created_at, due_at=None, address_sealed=None))
    db.session.execute(db.update(Notice).where(old, Notice.done_at.is_(None)).values(done_at=Notice.created_at))


class Player:
    """Knows who does what in the demo province, and what has happened so far."""

    def __init__(self, province: Province, *, now: dt.datetime) -> None:
        self.province, self.now = province, now
        self.calendar = work_calendar()
        self.feedback: dict[str, Feedback] = {}
        self.items: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, ReceiptKey] = {}
        self.reaches: dict[tuple[str, dt.date | None], Reach] = {}
        self.deputies = {row["to"] for row in content.read("users")["delegation"]}
        self.numbers, self.phones = 40, 10_000  # of papers, as in a running year; of telephones
        self.verbs: dict[str, Callable[[Feedback, dict[str, Any], dt.datetime], None]] = {
            name.removeprefix("_on_"): getattr(self, name) for name in dir(self) if name.startswith("_on_")
        }

    def happen(self, event: Event) -> None:
        """Let one event happen."""
        if event.step["do"] == "send":
            self._send(event.key, event.step["item"], event.at)
        else:
            self.verbs[event.step["do"]](self.feedback[event.key], event.step | {"key": event.key}, event.at)
        db.session.flush()

    def phone(self) -> str:
        """Return a telephone number that is nobody's and that nobody else of the sessions has: 0900 is no operator's prefix."""
        self.phones += 1
        return f"0900{self.phones:06}"

    def close_what_rested(self) -> None:
        """Close what was answered so long ago that it can no longer be rated, as the nightly job would have."""
        for feedback in self.feedback.values():
            if feedback.status == rules.Status.ANSWERED and feedback.answered_at is not None:
                night = dt.datetime.combine(sender.rating_ends_on(feedback.answered_at) + dt.timedelta(days=1), dt.time(0, 30), LOCAL)
                if night <= self.now:
                    sender.close_after_rating_days(feedback, now=night)

    # --- who ---------------------------------------------------------------------------------------------------------

    def acting(self, login: str, at: dt.datetime) -> User:
        """Return that person with what they may do on that day."""
        user, on = self.province.users[login], local_date(at)
        key = (login, on if login in self.deputies else None)  # whoever stands in for nobody may do the same every day
        if key not in self.reaches:
            self.reaches[key] = reach_of(user, on=on)
        user.reach = self.reaches[key]
        return user

    def _holder(self, roles: Iterable[str], unit_: Unit | None, at: dt.datetime) -> User:
        """Return who holds one of *roles* nearest to the unit."""
        wanted = set(roles)
        while unit_ is not None:
            for row in content.read("users")["user"]:
                if any(held["role"] in wanted and held["scope"] == unit_.code for held in row["roles"]):
                    return self.acting(row["login"], at)
            unit_ = unit_.parent
        raise LookupError(f"nobody in the demo is {sorted(wanted)} there")

    def _clerk(self, feedback: Feedback, at: dt.datetime) -> User:
        return self._holder({"reception"}, feedback.desk_unit, at)

    def _leader(self, feedback: Feedback, at: dt.datetime) -> User:
        return self._holder({"head"}, unit.answer_of(feedback).unit, at)

    def _handler(self, feedback: Feedback, at: dt.datetime) -> User:
        """Whoever has it: its officer, else the head of its unit, else its desk."""
        open_ = feedback.open_answer
        if open_ is None:
            return self._clerk(feedback, at)
        if open_.officer is None:
            return self._leader(feedback, at)
        return self.acting(open_.officer.email.split("@", maxsplit=1)[0], at)

    # --- the sender ----------------------------------------------------------------------------------------------------

    def _send(self, key: str, item: dict[str, Any], at: dt.datetime) -> None:
        channel = rules.Channel(item["channel"])
        place = self.province.places.get(item.get("commune", ""))
        actor: Any = SENDER
        if "entered_by" in item:
            actor = self.acting(item["entered_by"], at)
        elif channel in ENTERED:
            actor = self._writer(item, at)
        reference = item.get("external")
        receipt = intake.submit(
            intake.Submission(
                kind=item["kind"],
                title=item["title"],
                body=item["body"].strip(),
                token=f"demo:{key}",
                channel=channel,
                sender_type=sender_type(item),
                people=people(item),
                place_id=place.id if place else None,
                place_text=item.get("village", ""),
                happened="ongoing" if item["kind"] == "report" else "unknown",
                field_id=self.province.fields[item["field"]].id if "field" in item else None,
                accused_unit_id=self.province.units[item["accused_unit"]].id if "accused_unit" in item else None,
                accused_names=item.get("accused_names", ""),
                identity_scope=rules.IdentityScope(item["identity"]),
                publish_consent=item["consent"],
                spoken=item["spoken"] | {"confirmed": True} if "spoken" in item else None,
                external_refs=((reference["source"], reference["id"]),) if reference else (),
            ),
            actor=actor,
            now=at,
        )
        assert receipt.feedback is not None
        self.feedback[key], self.items[key] = receipt.feedback, item
        own = db.select(ReceiptKey).where(ReceiptKey.feedback_id == receipt.feedback.id, ReceiptKey.person_id.is_(None))
        self.keys[key] = db.session.scalars(own).one()

    def _writer(self, item: dict[str, Any], at: dt.datetime) -> User:
        """Return who writes it down: what is told at a commune its own clerk, letters and the rest the province's desk."""
        commune = next((each for each in content.communes() if each.full_name == item.get("commune")), None)
        office = self.province.units.get(f"{commune.slug}.vp") if commune else None
        at_commune = office is not None and item["channel"] in {rules.Channel.PHONE, rules.Channel.IN_PERSON}
        return self._holder({"reception"}, office if at_commune else self.province.units[content.read("units")["reception"]], at)

    def _on_answer(self, feedback: Feedback, step: dict[str, Any], at: dt.datetime) -> None:
        sender.add(feedback, self.keys[step["key"]], step["text"], (), now=at)

    _on_sender_note = _on_answer

    def _on_rate(self, feedback: Feedback, step: dict[str, Any], at: dt.datetime) -> None:
        sender.rate(feedback, self.keys[step["key"]], score=step["score"], why=step["why"], now=self._in_rating_days(feedback, at))

    def _on_reopen(self, feedback: Feedback, step: dict[str, Any], at: dt.datetime) -> None:
        sender.reopen(feedback, self.keys[step["key"]], step["reason"], now=self._in_rating_days(feedback, at))

    def _in_rating_days(self, feedback: Feedback, at: dt.datetime) -> dt.datetime:
        # Working days stretch over Tết; the days for rating do not.
        assert feedback.answered_at is not None
        return min(at, dt.datetime.combine(sender.rating_ends_on(feedback.answered_at), EVENING, LOCAL))

    def _on_withdraw(self, feedback: Feedback, step: dict[str, Any], at: dt.datetime) -> None:
        sender.withdraw(feedback, self.keys[step["key"]], now=at)

    # --- the desk ------------------------------------------------------------------------------------------------------

    def _on_route(self, feedback: Feedback, step: dict[str, Any], at: dt.datetime) -> None:
        open_ = feedback.open_answer
        if open_ is None or open_.unit.code != step["unit"]:  # else the routing rules were quicker
            desk.route_to(feedback, self.province.units[step["unit"]], actor=self._clerk(feedback, at), now=at)

    def _on_split(self, feedback: Feedback, step: dict[str, Any], at: dt.datetime) -> None:
        parts = [
            desk.Part(
                kind=rules.Kind(part["kind"]),
                title=part["title"],
                body=part["body"],
                field_id=self.province.fields[part["field"]].id,
                unit_id=self.province.units[part["past"][0]["unit"]].id if part["past"][0]["do"] == "route" else None,
            )
            for part in step["parts"]
        ]
        made = desk.split(feedback, parts, actor=self._clerk(feedback, at), now=at)
        for part, child in zip(step["parts"], made, strict=True):
            self.feedback[part["key"]], self.items[part["key"]] = child, self.items[step["key"]] | part
            self.keys[part["key"]] = self.keys[step["key"]]

    def _on_merge(self, feedback: Feedback, step: dict[str, Any], at: dt.datetime) -> None:
        into, clerk = self.feedback[step["into"]], self._clerk(feedback, at)
        merging.propose_merge(feedback, into, actor=clerk, now=at)
        merging.merge(feedback, into, actor=clerk, now=at + A_WHILE)

    def _letter(self, feedback: Feedback, type_: PaperType, at: dt.datetime, *, body: str, reason: str | None, recipient: str = "") -> None:
        """Propose a letter at the desk and let it go through every hand."""
        clerk = self._clerk(feedback, at)
        paper = papers.draft(feedback, type_, actor=clerk, now=at)
        papers.write(paper, body=body, reason=reason, recipient=recipient, actor=clerk)
        papers.submit(paper, actor=clerk, now=at)
        while paper.waiting_for is not None:
            self._next_hand(paper, at)

    def _on_guide(self, feedback: Feedback, step: dict[str, Any], at: dt.datetime) -> None:
        self._letter(feedback, PaperType.GUIDE, at, body=step["text"], reason=step["reason"])

    def _on_refuse(self, feedback: Feedback, step: dict[str, Any], at: dt.datetime) -> None:
        self._letter(feedback, PaperType.REFUSE, at, body=step["text"], reason=step["reason"])

    def _on_file(self, feedback: Feedback, step: dict[str, Any], at: dt.datetime) -> None:
        self._letter(feedback, PaperType.FILE, at, body=step["text"], reason=step["reason"])

    def _on_forward(self, feedback: Feedback, step: dict[str, Any], at: dt.datetime) -> None:
        self._letter(feedback, PaperType.FORWARD, at, body=step["reason"], reason=None, recipient=step["to"])

    def _on_publish_public(self, feedback: Feedback, step: dict[str, Any], at: dt.datetime) -> None:
        reply = next((paper for paper in reversed(feedback.papers) if paper.type == PaperType.REPLY and paper.published_at), None)
        points = "\n\n".join(f"{point.title}. {point.text}" for point in reply.points) if reply else ""
        publishing.publish(feedback, title=step["title"], text=step["text"], reply=points, actor=self._clerk(feedback, at), now=at)

    # --- the unit ------------------------------------------------------------------------------------------------------

    def _on_take(self, feedback: Feedback, step: dict[str, Any], at: dt.datetime) -> None:
        officer = self.acting(step["officer"], at)
        if steps.refusal("take", feedback, officer.id) is steps.GivenToAnother:
            unit.hand_to(feedback, officer, actor=self._leader(feedback, at), now=at)
        unit.take(feedback, actor=officer, now=at)

    def _on_return(self, feedback: Feedback, step: dict[str, Any], at: dt.datetime) -> None:
        unit.give_back(feedback, reason=step["reason"], actor=self._handler(feedback, at), now=at)

    def _on_transfer(self, feedback: Feedback, step: dict[str, Any], at: dt.datetime) -> None:
        to = self.province.units[step["unit"]]
        unit.transfer(feedback, to, reason=step["reason"], actor=self._leader(feedback, at), now=at)

    def _on_ask(self, feedback: Feedback, step: dict[str, Any], at: dt.datetime) -> None:
        unit.ask(feedback, step["question"], actor=self._handler(feedback, at), now=at)

    def _on_note_internal(self, feedback: Feedback, step: dict[str, Any], at: dt.datetime) -> None:
        unit.note(feedback, step["text"], actor=self._handler(feedback, at), now=at)

    def _on_extend(self, feedback: Feedback, step: dict[str, Any], at: dt.datetime) -> None:
        officer = self._handler(feedback, at)
        request = unit.ask_extension(feedback, ground=step["ground"], reason=step["reason"], actor=officer, now=at)
        head = self._leader(feedback, at)
        unit.decide_extension(feedback, request, granted=step["approved"], remarks="", actor=head, now=at + A_WHILE)

    def _on_reply(self, feedback: Feedback, step: dict[str, Any], at: dt.datetime) -> None:
        officer = self._handler(feedback, at)
        paper = next((each for each in feedback.papers if each.state == PaperState.DRAFT), None)
        paper = paper or papers.draft(feedback, PaperType.REPLY, actor=officer, now=at)
        points = [self._point(feedback, point, at) for point in step["points"]]
        papers.write(paper, body=salutation(self.items[step["key"]], paper.unit), points=points, actor=officer)
        if not step.get("draft"):
            papers.submit(paper, actor=officer, now=at)

    def _point(self, feedback: Feedback, point: dict[str, Any], at: dt.datetime) -> papers.PointData:
        outcome = Outcome(point["outcome"])
        text = f"{point['text']} ({point['reason']}.)" if "reason" in point else point["text"]
        by = working_day(self.calendar, local_date(feedback.received_at), point["by"]) if "by" in point else None
        proofs = (self._proof(point["title"], at),) if outcome is Outcome.DONE else ()
        return papers.PointData(title=point["title"], text=text, outcome=outcome, promised_on=by, proofs=proofs)

    def _proof(self, caption: str, at: dt.datetime) -> Attachment:
        taken = at - dt.timedelta(hours=3)
        return Attachment(
            file=pictures.stored(caption, now=at), caption=f"{caption}, chụp {taken.hour}:{taken:%M} ngày {taken.day}/{taken.month}"
        )

    def _on_send_back(self, feedback: Feedback, step: dict[str, Any], at: dt.datetime) -> None:
        paper = _on_its_way(feedback)
        papers.send_back(paper, remarks=step["remarks"], actor=self._hand(paper, at), now=at)

    def _on_approve(self, feedback: Feedback, step: dict[str, Any], at: dt.datetime) -> None:
        """Every hand but the last agrees; in a chain of one, the head's signature is the publication."""
        paper = _on_its_way(feedback)
        while paper.step < len(paper.chain) - 1:
            self._next_hand(paper, at, signer=step.get("by"))

    def _on_publish(self, feedback: Feedback, step: dict[str, Any], at: dt.datetime) -> None:
        del step
        self._next_hand(_on_its_way(feedback), at)

    def _next_hand(self, paper: Paper, at: dt.datetime, *, signer: str | None = None) -> None:
        last = paper.step == len(paper.chain) - 1
        self.numbers += last
        number = f"{self.numbers}/UBND-VP" if last else ""
        if paper.waiting_for == SigningStep.RECORDS:
            papers.enter_number(paper, number=number, numbered_on=local_date(at), actor=self._hand(paper, at), now=at)
        else:
            by_name = signer is not None and paper.waiting_for == SigningStep.SIGNER
            actor = self.acting(signer, at) if by_name and signer else self._hand(paper, at)
            papers.agree(paper, number=number, actor=actor, now=at)

    def _hand(self, paper: Paper, at: dt.datetime) -> User:
        return self._holder(papers.HANDS[SigningStep(paper.waiting_for or "")], paper.unit, at)

    def _on_promise_done(self, feedback: Feedback, step: dict[str, Any], at: dt.datetime) -> None:
        promise = next(
            each for each in feedback.assignments if each.duty == "act" and each.title == self._points_of(feedback)[step["point"] - 1]
        )
        officer = promise.officer
        assert officer is not None
        actor = self.acting(officer.email.split("@", maxsplit=1)[0], at)
        unit.keep_promise(promise, report=step["note"], proofs=[self._proof(promise.title, at)], actor=actor, now=at)

    def _points_of(self, feedback: Feedback) -> list[str]:
        reply = next(paper for paper in reversed(feedback.papers) if paper.type == PaperType.REPLY and paper.published_at)
        return [point.title for point in reply.points]


def _on_its_way(feedback: Feedback) -> Paper:
    return next(paper for paper in feedback.papers if paper.state in {PaperState.SUBMITTED, PaperState.APPROVED})
