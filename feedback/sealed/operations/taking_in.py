"""Information with the content of a denunciation comes in, and is ciphertext from then on."""

from __future__ import annotations

import json
import uuid
from typing import Any

from sqlalchemy.exc import IntegrityError

from app import clock as time
from app import crypto
from app.database import db
from feedback import codes
from feedback.sealed.models import Heading, SealedCase


class TokenReused(Exception):
    """The token belongs to another submission, whose receipt is not for whoever sent this one."""


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
