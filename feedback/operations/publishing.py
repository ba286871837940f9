"""The masked public copy: written by a person, with the sender's consent. Public pages and search see nothing else."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app import outbox, search
from app.access import require
from app.accounts.models import User
from app.audit import record
from app.database import lock
from feedback import queries, rules
from feedback.models import Feedback


class ConsentMissing(Exception):
    """The sender did not agree to a public copy."""


def require_publish(feedback: Feedback, actor: User) -> None:
    """:raise NotAllowed: unless *actor* may publish or take back the copy."""
    require(rules.may_publish(actor.reach, queries.standing_of(feedback)))


def publish(feedback: Feedback, *, title: str, text: str, reply: str, actor: User, now: dt.datetime) -> None:
    """Publish a masked copy, written by a person; :raise ConsentMissing: unless the sender agreed."""
    lock(feedback)
    require_publish(feedback, actor)
    if not feedback.publish_consent:
        raise ConsentMissing
    feedback.public_title, feedback.public_text, feedback.public_reply = title, text, reply or None
    feedback.published_at = feedback.published_at or now
    search.index("public", feedback, f"{title} {text} {reply}", at=now)
    record(actor, "feedback.published", feedback, at=now)


def unpublish(feedback: Feedback, *, actor: User, now: dt.datetime) -> None:
    """Take the public copy away."""
    require_publish(feedback, actor)
    take_away(feedback, actor=actor, now=now)


def take_away(feedback: Feedback, *, actor: Any, now: dt.datetime) -> None:
    """Let nobody outside read it any more, whoever asked for that."""
    feedback.public_title = feedback.public_text = feedback.public_reply = feedback.published_at = None
    search.remove("public", feedback)
    record(actor, "feedback.unpublished", feedback, at=now)


def hide(feedback: Feedback, *, actor: User, now: dt.datetime) -> None:
    """What denounces leaves public pages, every index and every notice at once, whoever noticed it; its desk deals with it."""
    if feedback.published_at is not None:
        take_away(feedback, actor=actor, now=now)
    search.remove("staff", feedback)
    outbox.forget(feedback)
