"""What a sender agreed to, written down when it is given, and what follows when it is taken back.

The handling itself asks for no consent: Luật Tiếp công dân 2013 and Luật Khiếu nại 2011 order it (wording from memory).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from app import consents, outbox
from app.access import SENDER, require
from app.consents import Purpose
from app.database import lock
from feedback.models import Feedback, Person, PersonRole, ReceiptKey
from feedback.operations import publishing
from feedback.rules import Channel

#: Called as each(item, now=) when its sender is no longer to be read by everyone: what other domains published of it goes too.
unpublished_elsewhere: list[Callable[..., None]] = []


def at_intake(feedback: Feedback, *, at_session: bool, now: dt.datetime) -> None:
    """Write down what the sender of a new item agreed to by its form; who left a way to reach them agreed to be told."""
    channel = Channel(feedback.channel)
    if feedback.publish_consent and channel != Channel.FLOOR:  # what is asked in the hall is asked before everybody
        consents.give(feedback, Purpose.PUBLISH, _publish_words(channel, at_session=at_session), form=channel, now=now)
    reached = [each for each in feedback.people if each.role != PersonRole.PRINCIPAL and (each.email_sealed or each.phone_sealed)]
    consents.give_all(reached, Purpose.NOTICES, "notices-web-1" if channel == Channel.WEB else "notices-left-1", form=channel, now=now)


def _publish_words(channel: Channel, *, at_session: bool) -> str:
    if channel == Channel.API:
        return "publish-api-1"
    if channel == Channel.WEB:
        return "publish-question-1" if at_session else "publish-web-1"
    return "publish-asked-1" if at_session else "publish-clerk-1"


def told(people: Iterable[Person]) -> list[Person]:
    """Return those of *people* who may be written to: who left an address and has not said that it is enough."""
    reached = [person for person in people if person.email or person.phone]
    ended = consents.withdrawn(reached, Purpose.NOTICES)
    return [person for person in reached if person.id not in ended]


def end_notices(feedback: Feedback, people: Iterable[Person], *, now: dt.datetime) -> None:
    """Write to *people* no more, nor what waits to be sent."""
    lock(feedback)
    for person in people:
        reached = person.email or person.phone or consents.stands(person, Purpose.NOTICES)
        if reached and consents.withdraw(person, Purpose.NOTICES, actor=SENDER, now=now):
            for address in filter(None, (person.email, person.phone)):
                outbox.forget_unsent(address, [feedback, *feedback.parts])


def take_back(feedback: Feedback, key: ReceiptKey, *, now: dt.datetime) -> None:
    """Let nobody outside read the item any more, nor its parts; signed papers are not on public pages. :raise NotAllowed:"""
    require(key.may_act and key.person_id is None)
    for item in (feedback, *feedback.parts):
        for leaves in unpublished_elsewhere:
            leaves(item, now=now)
    lock(feedback)
    if not feedback.publish_consent and not consents.stands(feedback, Purpose.PUBLISH):
        return
    consents.withdraw(feedback, Purpose.PUBLISH, actor=SENDER, now=now)
    for item in (feedback, *feedback.parts):
        item.publish_consent = False
        if item.published_at is not None:
            publishing.take_away(item, actor=SENDER, now=now)


def forget(feedback: Feedback, **_said: object) -> None:
    """The item is no item any more: what was agreed to about it goes too."""
    for each in (feedback, *feedback.people):
        consents.forget(each)
