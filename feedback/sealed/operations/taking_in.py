"""Information with the content of a denunciation comes in, and is ciphertext from then on."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection
from pathlib import Path
from typing import Any

from sqlalchemy.exc import IntegrityError

from app import clock as time
from app import crypto
from app.database import db
from app.files import StoredFile
from feedback import codes
from feedback.sealed.models import Heading, SealedCase
from feedback.sealed.thread import SealedFile, SealedMessage


class TokenReused(Exception):
    """The token belongs to another submission, whose receipt is not for whoever sent this one."""


def take_in(written: dict[str, Any], heading: Heading, *, digest: str, files: Collection[StoredFile] = ()) -> tuple[str, str | None]:
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
        case.heading = heading
        case.write(written)
        SealedCase.key_is_ours.seal(case)
        try:
            with db.session.begin_nested():
                db.session.add(case)
        except IntegrityError:  # somebody was faster with the same token
            known = _of_submission(digest)
        else:
            attach(case, files)
            return heading.code, key
    assert known is not None
    if json.loads(known.body)["body"] != written["body"]:
        raise TokenReused
    return known.heading.code, None


def forget_names(files: Collection[StoredFile]) -> None:
    """Leave of *files* no name, and of the originals nothing: neither where and by what they were made, nor what they are known by."""
    for number, file in enumerate(files, start=1):
        file.name = f"tep-{number}{Path(file.name).suffix}"
        file.original_sha256, file.original_size = file.sha256, None


def attach(case: SealedCase, files: Collection[StoredFile], message: SealedMessage | None = None) -> None:
    """Let *files* belong to *case*; no fine date of them stays either."""
    forget_names(files)
    for file in files:
        file.sealed_away = True
        file.uploaded_at = file.uploaded_at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        db.session.add(SealedFile(case=case, message=message, file=file))
    db.session.flush()


def _of_submission(digest: str) -> SealedCase | None:
    return db.session.scalar(db.select(SealedCase).where(SealedCase.submission_digest == digest))
