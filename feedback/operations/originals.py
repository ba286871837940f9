"""A file as it came. Where who wrote is kept from the unit one person asks and another agrees; both stand in the record, and only there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from app.access import require
from app.accounts.models import User
from app.accounts.rules import may_be_one
from app.audit import AuditEntry, record
from app.database import db, lock
from feedback import queries, rules
from feedback.models import Attachment, Feedback

#: So long somebody may agree, and so long who asked may open it then.
HOLDS = dt.timedelta(hours=24)
ASKED, AGREED, OPENED = "feedback.original_asked", "feedback.original_agreed", "feedback.original_opened"


class NotAsked(Exception):
    """That person has not asked for it lately, or somebody agreed already."""


@dataclass(frozen=True)
class Asked:
    """Who asked for an original, why and when, and whether somebody else agreed."""

    user_id: int
    reason: str
    at: dt.datetime
    agreed: bool = False


def asked_for(item: Feedback, attachment: Attachment, *, now: dt.datetime) -> list[Asked]:
    """Return what is asked for now, each person's latest wish."""
    wishes: dict[int, Asked] = {}
    for entry in _entries(item, now - HOLDS):
        if entry.facts["attachment_id"] != attachment.id or entry.actor_id is None:
            continue
        if entry.action == ASKED:
            wishes[entry.actor_id] = Asked(entry.actor_id, entry.facts["reason"], entry.at)
        elif (wish := wishes.get(entry.facts["for_id"])) is not None and entry.actor_id != wish.user_id:
            wishes[wish.user_id] = Asked(wish.user_id, wish.reason, wish.at, agreed=True)
    return list(wishes.values())


def _entries(item: Feedback, since: dt.datetime) -> Iterator[AuditEntry]:
    of_item = AuditEntry.subject_type == Feedback.__tablename__, AuditEntry.subject_id == item.id
    query = db.select(AuditEntry).where(*of_item, AuditEntry.action.in_((ASKED, AGREED)), AuditEntry.at > since)
    yield from (entry for entry in db.session.scalars(query.order_by(AuditEntry.id)) if entry.is_ours)  # none written by hand


def may_open(item: Feedback, attachment: Attachment, user: User, *, now: dt.datetime) -> bool:
    """Say whether *user* opens the original now: alone, or as somebody else agreed."""
    standing = queries.standing_of(item)
    if not rules.may_ask_for_original(user.reach, standing):
        return False
    agreed = (each.user_id == user.id and each.agreed for each in asked_for(item, attachment, now=now))
    return not rules.needs_two_for_original(standing) or any(agreed)


def ask(item: Feedback, attachment: Attachment, *, reason: str, actor: User, now: dt.datetime) -> None:
    """Ask that somebody else agrees; asking twice is asking once. :raise NotAllowed:"""
    lock(item)
    require(rules.may_ask_for_original(actor.reach, queries.standing_of(item)))
    if not any(each.user_id == actor.id for each in asked_for(item, attachment, now=now)):
        record(actor, ASKED, item, at=now, attachment_id=attachment.id, reason=reason)


def agree(item: Feedback, attachment: Attachment, *, asker_id: int, actor: User, now: dt.datetime) -> None:
    """Agree that who asked opens it. :raise NotAllowed: also with oneself. :raise NotAsked:"""
    lock(item)
    require(rules.may_ask_for_original(actor.reach, queries.standing_of(item)))
    asker = db.session.get(User, asker_id)
    require(asker is None or not may_be_one(actor, asker))
    if not any(each.user_id == asker_id and not each.agreed for each in asked_for(item, attachment, now=now)):
        raise NotAsked
    record(actor, AGREED, item, at=now, attachment_id=attachment.id, for_id=asker_id)


def opened(item: Feedback, attachment: Attachment, *, reason: str, actor: User, now: dt.datetime) -> None:
    """Record that *actor* opens it, before anything of it is read. :raise NotAllowed:"""
    require(may_open(item, attachment, actor, now=now))
    record(actor, OPENED, item, at=now, attachment_id=attachment.id, reason=reason)
