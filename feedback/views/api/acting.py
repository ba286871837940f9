"""What the sender does with code and key, each verb a resource below the item."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Any

from marshmallow import Schema

from app import clock
from app.access import public
from app.database import db
from app.limits import limiter
from feedback.forms import api as schemas
from feedback.models import Feedback, ReceiptKey
from feedback.operations import sender
from feedback.views.api.base import REFUSALS, acting, blueprint, no_store, refuse_named
from feedback.views.api.reading import picture


def verb(resource: str, takes: type[Schema] | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Put an act at /feedback/<code>/*resource*: done and committed, or refused by name; the answer is the item as it is then."""

    def register(act: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(act)
        def view(*given: dict[str, Any], code: str) -> dict[str, Any]:
            item, key = acting(code)
            try:
                act(item, key, now=clock.now(), **(given[0] if given else {}))
            except tuple(REFUSALS) as refusal:
                refuse_named(refusal)
            db.session.commit()
            return picture(item, key)

        answering = blueprint.response(201, schemas.SenderOut)(view)
        taking = blueprint.arguments(takes)(answering) if takes else answering
        limited = public(limiter.limit("30 per minute")(no_store(taking)))
        return blueprint.route(f"/feedback/<string:code>/{resource}", methods=["POST"])(limited)

    return register


@verb("messages", schemas.MessageIn)
def add_message(item: Feedback, key: ReceiptKey, *, text: str, now: dt.datetime) -> None:
    """Add something, or answer the open question."""
    sender.add(item, key, text, (), now=now)


@verb("rating", schemas.RatingIn)
def rate(item: Feedback, key: ReceiptKey, *, score: int, why: str, now: dt.datetime) -> None:
    """Rate the answer, once a round."""
    sender.rate(item, key, score=score, why=why, now=now)


@verb("withdrawal")
def withdraw(item: Feedback, key: ReceiptKey, *, now: dt.datetime) -> None:
    """Withdraw it, before an answer."""
    sender.withdraw(item, key, now=now)


@verb("reopening", schemas.ReopeningIn)
def reopen(item: Feedback, key: ReceiptKey, *, reason: str, now: dt.datetime) -> None:
    """Open an answered item again, once."""
    sender.reopen(item, key, reason, now=now)
