"""Who is told of what. A notice names the item and the day, never the content; delivery is the outbox's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from app import clock as time
from app import outbox
from app.accounts.models import User
from app.accounts.queries import Hearer, hearers, holders
from app.assignments.models import ExtensionRequest
from app.outbox import Channel, Notice
from app.permissions import Permission
from app.units.models import Unit
from feedback import queries, rules
from feedback.models import Feedback, FeedbackAssignment, Message, Paper, Person, PersonRole, Rating
from feedback.operations import consenting

LOW_RATING = 2


def people_with(permission: Permission, unit: Unit, *, now: dt.datetime) -> list[User]:
    """Return who is told in *unit*: those who hold *permission* there."""
    return holders(permission, unit, on=time.local_date(now))


def _staff(users: list[User], template: str, about: Feedback, occasion: str, *, now: dt.datetime, **facts: Any) -> None:
    outbox.promise(_to_staff(users, template, about, occasion, now=now, **facts))


def _to_staff(
    users: Sequence[User | Hearer], template: str, about: Feedback, occasion: str, *, now: dt.datetime, **facts: Any
) -> list[Notice]:
    others = queries.not_accused(users, queries.standing_of(about), on=time.local_date(now)) if about.accused_unit_id else users
    return outbox.to_users(others, f"feedback/notices/{template}", about, occasion, now, **facts)


def _people(feedback: Feedback) -> list[Person]:
    return [person for person in feedback.writers if person.role != PersonRole.PRINCIPAL]


def _sender(feedback: Feedback, template: str, occasion: str, *, now: dt.datetime, **facts: Any) -> None:
    """Tell everyone who left an address and has not said that it is enough."""
    outbox.promise(_to_sender(feedback, consenting.told(_people(feedback)), template, occasion, now=now, **facts))


def _to_sender(feedback: Feedback, people: list[Person], template: str, occasion: str, *, now: dt.datetime, **facts: Any) -> list[Notice]:
    """Return what *people* are told: by e-mail where there is one, else on the phone."""
    reached = [(person, *((Channel.EMAIL, email) if (email := person.email) else (Channel.SMS, person.phone))) for person in people]
    return [
        outbox.notice(
            channel=channel,
            template=f"feedback/notices/{template}",
            about=feedback,
            now=now,
            occasion=f"{occasion}:{person.id}",
            address=address,
            locale=feedback.locale,
            code=feedback.code,
            **facts,
        )
        for person, channel, address in reached
        if address
    ]


def received(feedback: Feedback, *, now: dt.datetime) -> None:
    """The sender gets the code; the desk or the unit hears of what waits for it, the desk at once when it sounds dangerous."""
    notices = _to_sender(feedback, _people(feedback), "received", "received", now=now)  # nobody can have said yet that it is enough
    if feedback.danger:
        people = hearers(Permission.FEEDBACK_TRIAGE, feedback.desk_unit, on=time.local_date(now))
        notices += _to_staff(people, "danger", feedback, "danger", now=now, code=feedback.code)
    elif feedback.status == rules.Status.RECEIVED:
        notices += _to_desk(feedback, now=now)
    for assignment in feedback.assignments:
        notices += _to_unit(assignment, now=now)
    outbox.promise(notices)


def at_desk(feedback: Feedback, *, now: dt.datetime) -> None:
    """The people of its desk hear that an item waits for them."""
    outbox.promise(_to_desk(feedback, now=now))


def _to_desk(feedback: Feedback, *, now: dt.datetime) -> list[Notice]:
    people = hearers(Permission.FEEDBACK_TRIAGE, feedback.desk_unit, on=time.local_date(now))
    return _to_staff(people, "at_desk", feedback, f"desk:{feedback.desk_unit_id}:{feedback.round}", now=now, code=feedback.code)


def split(feedback: Feedback, parts: list[Feedback], *, now: dt.datetime) -> None:
    """The sender hears that the letter goes on as several."""
    _sender(feedback, "split", "split", now=now, parts=[part.code for part in parts])


def merge_proposed(feedback: Feedback, into: Feedback, *, now: dt.datetime) -> None:
    """The senders are told before anything is merged."""
    _sender(feedback, "merge_proposed", f"into:{into.id}", now=now)


def merged(feedback: Feedback, into: Feedback, *, now: dt.datetime) -> None:
    """The senders hear that it goes on together with another."""
    _sender(feedback, "merged", f"into:{into.id}:{now.isoformat()}", now=now)


def offered(assignment: FeedbackAssignment, *, now: dt.datetime) -> None:
    """The unit's people hear that something waits to be taken or returned."""
    outbox.promise(_to_unit(assignment, now=now))


def _to_unit(assignment: FeedbackAssignment, *, now: dt.datetime) -> list[Notice]:
    people = hearers(Permission.FEEDBACK_HANDLE, assignment.unit, on=time.local_date(now))
    occasion = f"offered:{assignment.id}:{assignment.hops}"
    return _to_staff(people, "offered", assignment.feedback, occasion, now=now, code=assignment.feedback.code)


def going_round(assignment: FeedbackAssignment, *, now: dt.datetime) -> None:
    """The desk hears of the third hop: "chuyển lòng vòng" begins."""
    _staff(
        people_with(Permission.FEEDBACK_TRIAGE, assignment.feedback.desk_unit, now=now),
        "going_round",
        assignment.feedback,
        f"hops:{assignment.id}:{assignment.hops}",
        now=now,
        code=assignment.feedback.code,
        hops=assignment.hops,
    )


def handed(assignment: FeedbackAssignment, officer: User, *, now: dt.datetime) -> None:
    """An officer hears that an item is theirs now."""
    occasion = f"handed:{assignment.id}:{now.isoformat()}"
    _staff([officer], "handed", assignment.feedback, occasion, now=now, code=assignment.feedback.code)


def taken(feedback: Feedback, assignment: FeedbackAssignment, *, now: dt.datetime) -> None:
    """The notice of handling: who has it, and until when."""
    due_on = assignment.due_on.isoformat() if assignment.due_on else None
    _sender(feedback, "taken", f"taken:{assignment.id}:{assignment.hops}", now=now, unit=assignment.unit.name, due_on=due_on)


def returned(assignment: FeedbackAssignment, *, now: dt.datetime) -> None:
    """The desk hears that a unit returned it."""
    feedback = assignment.feedback
    people = people_with(Permission.FEEDBACK_TRIAGE, feedback.desk_unit, now=now)
    _staff(people, "returned", feedback, f"returned:{assignment.id}", now=now, code=feedback.code, unit=assignment.unit.name)


def taken_back(assignment: FeedbackAssignment, *, now: dt.datetime) -> None:
    """The unit hears that the desk took back what it had not taken yet."""
    people = people_with(Permission.FEEDBACK_HANDLE, assignment.unit, now=now)
    _staff(people, "taken_back", assignment.feedback, f"taken_back:{assignment.id}", now=now, code=assignment.feedback.code)


def asked(feedback: Feedback, message: Message, *, now: dt.datetime) -> None:
    """The sender hears that the unit has a question."""
    _sender(feedback, "asked", f"asked:{message.id}", now=now)


def told(feedback: Feedback, message: Message, *, now: dt.datetime) -> None:
    """The sender hears that there is news."""
    _sender(feedback, "told", f"told:{message.id}", now=now)


def sender_wrote(feedback: Feedback, message: Message, *, now: dt.datetime) -> None:
    """Whoever has it hears that the sender wrote."""
    assignment = feedback.open_answer
    if assignment is None:
        people = people_with(Permission.FEEDBACK_TRIAGE, feedback.desk_unit, now=now)
    elif assignment.officer is not None:
        people = [assignment.officer]
    else:
        people = people_with(Permission.FEEDBACK_HANDLE, assignment.unit, now=now)
    _staff(people, "sender_wrote", feedback, f"message:{message.id}", now=now, code=feedback.code)


def data_requested(feedback: Feedback, occasion: str, *, now: dt.datetime) -> None:
    """Its desk hears that somebody asks about their own data."""
    people = people_with(Permission.FEEDBACK_TRIAGE, feedback.desk_unit, now=now)
    _staff(people, "data_requested", feedback, occasion, now=now, code=feedback.code)


def withdrawn(feedback: Feedback, assignment: FeedbackAssignment, *, now: dt.datetime) -> None:
    """Whoever has it hears that it was withdrawn."""
    people = [assignment.officer] if assignment.officer else people_with(Permission.FEEDBACK_HANDLE, assignment.unit, now=now)
    _staff(people, "withdrawn", feedback, "withdrawn", now=now, code=feedback.code)


def extension_asked(request: ExtensionRequest, feedback: Feedback, *, now: dt.datetime) -> None:
    """Whoever leads the unit hears that an extension waits."""
    people = people_with(Permission.FEEDBACK_LEAD, request.assignment.unit, now=now)
    _staff(people, "extension_asked", feedback, f"extension:{request.id}", now=now, code=feedback.code)


def extension_decided(request: ExtensionRequest, feedback: Feedback, *, now: dt.datetime) -> None:
    """The officer hears the decision; the sender hears of a later day, with the ground."""
    occasion = f"extension:{request.id}:decided"
    _staff([request.asked_by], "extension_decided", feedback, occasion, now=now, code=feedback.code, granted=request.granted)
    if request.granted:
        due_on = request.clock.due_on.isoformat() if request.clock.due_on else None
        _sender(feedback, "extended", occasion, now=now, due_on=due_on, ground=request.ground)


def paper_waits(paper: Paper, people: list[User], *, now: dt.datetime) -> None:
    """The next hand of the chain hears that a paper waits for it."""
    occasion = f"paper:{paper.id}:{paper.step}:{now.isoformat()}"
    _staff(people, "paper_waits", paper.feedback, occasion, now=now, code=paper.feedback.code, type=paper.type, hand=paper.waiting_for)


def paper_sent_back(paper: Paper, *, now: dt.datetime) -> None:
    """The drafter hears that a paper came back with remarks."""
    occasion = f"paper:{paper.id}:back:{now.isoformat()}"
    _staff([paper.drafted_by], "paper_sent_back", paper.feedback, occasion, now=now, code=paper.feedback.code, type=paper.type)


def paper_published(paper: Paper, *, now: dt.datetime) -> None:
    """The sender, and those whose items were merged in, hear that an answer or a letter is there."""
    if paper.type == rules.PaperType.FILE:
        return
    template = "answered" if paper.type == rules.PaperType.REPLY else f"paper_{paper.type}"
    for item in (paper.feedback, *paper.feedback.merged):
        _sender(item, template, f"paper:{paper.id}", now=now, unit=paper.unit.name)


def rated(feedback: Feedback, rating: Rating, *, now: dt.datetime) -> None:
    """A low rating is heard by whoever leads the unit that answered."""
    if rating.score > LOW_RATING:
        return
    last = next((each for each in reversed(feedback.assignments) if each.duty == "answer"), None)
    if last is not None:
        people = people_with(Permission.FEEDBACK_LEAD, last.unit, now=now)
        _staff(
            people, "rated_low", feedback, f"rating:{rating.feedback_id}:{rating.round}", now=now, code=feedback.code, score=rating.score
        )


def reopened(assignment: FeedbackAssignment, *, above: bool, now: dt.datetime) -> None:
    """Whoever leads the unit hears that the sender opened the item again, or the superior (*above*)."""
    people = people_with(Permission.FEEDBACK_LEAD, assignment.unit, now=now)
    _staff(people, "reopened", assignment.feedback, f"reopened:{assignment.id}", now=now, code=assignment.feedback.code, above=above)


def promise_kept(assignment: FeedbackAssignment, *, now: dt.datetime) -> None:
    """The sender hears that what was promised is done."""
    _sender(assignment.feedback, "promise_kept", f"promise:{assignment.id}:{assignment.round}", now=now, unit=assignment.unit.name)
