"""Photographs of a session and the link to its recording: public only if somebody says so, and once the result is out."""

from __future__ import annotations

import datetime as dt

from app.access import require
from app.accounts.models import User
from app.audit import record
from app.database import db, lock
from app.files import StoredFile, discard
from dialogues import queries, rules
from dialogues.models import Session, SessionFile
from dialogues.operations.papers import Closed
from dialogues.rules import FilePurpose

#: What the audit calls them among what a dossier holds.
ROW = "photo"


class NotAPicture(Exception):
    """Only pictures can be shown."""


def add(session: Session, file: StoredFile, *, shows: str, public: bool, actor: User, now: dt.datetime) -> None:
    """Keep a photograph; *shows* says what can be seen on it, to whoever cannot. :raise NotAllowed: :raise Closed: :raise NotAPicture:"""
    _to_change(session, actor)
    if not file.is_picture:
        raise NotAPicture
    session.files.append(
        SessionFile(file=file, purpose=FilePurpose.PHOTO, caption=shows, public=public, added_by_id=actor.id, added_at=now)
    )
    db.session.flush()
    record(actor, "session.file_added", session, at=now, row=ROW, digest=file.original_sha256)


def publish(photo: SessionFile, *, public: bool, actor: User, now: dt.datetime) -> None:
    """Say whether everyone may see a photograph. :raise NotAllowed: :raise Closed:"""
    _to_change(photo.session, actor)
    photo.public = public
    record(actor, "session.changed", photo.session, at=now, changed=["photo"])


def remove(photo: SessionFile, *, actor: User, now: dt.datetime) -> None:
    """Take a photograph away. :raise NotAllowed: :raise Closed:"""
    session, stored = photo.session, photo.file
    _to_change(session, actor)
    record(actor, "session.file_removed", session, at=now, digest=stored.original_sha256)
    session.files.remove(photo)
    db.session.delete(photo)
    db.session.flush()
    discard(stored)


def link_recording(session: Session, address: str, *, actor: User, now: dt.datetime) -> None:
    """Say where the recording can be watched. :raise NotAllowed: :raise Closed:"""
    _to_change(session, actor)
    session.recording_link = address
    record(actor, "session.changed", session, at=now, changed=["recording_link"])


def _to_change(session: Session, actor: User) -> None:
    lock(session)
    require(rules.may_prepare(actor.reach, queries.standing_of(session)))
    if session.status in rules.CLOSED:
        raise Closed
