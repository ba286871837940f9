"""What happens in the sealed register: it is taken in, told of, opened with a reason, and dealt with."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

from sqlalchemy.exc import IntegrityError

from app import clock as time
from app import crypto
from app.access import require
from app.accounts.models import User
from app.accounts.queries import granted, reach_of
from app.audit import record
from app.database import db
from app.outbox import notify_users
from app.permissions import Permission
from feedback import codes, rules, sealed
from feedback.sealed import Heading, SealedCase, SealedCaseStep


class TokenReused(Exception):
    """The token belongs to another submission, whose receipt is not for whoever sent this one."""


class NotOpened(Exception):
    """Nobody deals with what they have not read."""


def take_in(written: dict[str, Any], heading: Heading, *, digest: str) -> tuple[str, str | None]:
    """Keep *written* as ciphertext and return its code and key; the same *digest* again returns the first code and no key.

    :raise TokenReused: when it came with another "body" before.
    """
    # Luật Tố cáo 2018 Điều 25 (law.md §2.4): not in a form of Điều 22, for instance sent online, it is not handled under that
    # law; concrete information is passed on for inspection. So nothing is promised, and nothing stands in plain text.
    key = codes.make_key()
    known = _of_submission(digest)
    if known is None:
        case = SealedCase(
            uid=uuid.uuid4(),
            code_index=crypto.blind_index(f"sealed:{heading.code}"),
            key_digest=crypto.key_digest(key),
            received_month=time.local_date(heading.received_at).replace(day=1),
            submission_digest=digest,
        )
        case.heading, case.body = heading, json.dumps(written, ensure_ascii=False)
        try:
            with db.session.begin_nested():
                db.session.add(case)
        except IntegrityError:  # somebody was faster with the same token
            known = _of_submission(digest)
        else:
            return heading.code, key
    assert known is not None
    if json.loads(known.body)["body"] != written["body"]:
        raise TokenReused
    return known.heading.code, None


def _of_submission(digest: str) -> SealedCase | None:
    return db.session.scalar(db.select(SealedCase).where(SealedCase.submission_digest == digest))


def open_case(case: SealedCase, *, reason: str, actor: User, now: dt.datetime) -> None:
    """Record that *actor* looks at *case*, and why. The edge commits before it reads `case.body`. :raise NotAllowed:."""
    _step(case, rules.SealedStep.OPENED, reason, "sealed.opened", actor=actor, now=now)


def deal_with(case: SealedCase, step: rules.SealedStep, *, note: str, actor: User, now: dt.datetime) -> None:
    """Record what *actor*, who read it, did with *case*. :raise NotAllowed: :raise NotOpened:."""
    if not any(look.user_id == actor.id for look in case.looks):
        raise NotOpened
    _step(case, step, note, "sealed.dealt_with", actor=actor, now=now)


def _step(case: SealedCase, kind: rules.SealedStep, said: str, action: str, *, actor: User, now: dt.datetime) -> None:
    require(sealed.may_open(actor, case))
    step = SealedCaseStep(uid=uuid.uuid4(), user_id=actor.id, at=now, kind=kind)
    step.said = said
    case.steps.append(step)
    db.session.flush()
    # The words may repeat the secret, so they stay sealed; the record that cannot be rewritten names the row that holds them.
    record(actor, action, case, at=now, step_id=step.id)


def tell_readers(today: dt.date, *, now: dt.datetime) -> None:
    """Tell each reader for whom something unopened waits; the notice names no case, and comes by day, not at the moment one was sent."""
    for reader in granted(Permission.SEALED_READ, on=today):
        reader.reach = reach_of(reader, on=today)
        if next(sealed.open_to(reader, unopened=True), None) is not None:
            notify_users([reader], "feedback/notices/sealed_news", reader, today.isoformat(), now=now)
