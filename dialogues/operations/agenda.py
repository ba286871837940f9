"""The programme of a session: laid from the template, then written as the unit wants it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.accounts.models import User
from app.audit import record
from app.database import db
from app.files import StoredFile
from dialogues import agenda
from dialogues.models import AgendaItem, Session, SessionFile
from dialogues.operations import editing
from dialogues.operations.editing import to_prepare
from dialogues.rules import FilePurpose, Part


class AgendaThere(Exception):
    """There is a programme already: the template would overwrite it."""


@dataclass(frozen=True, kw_only=True)
class ItemFacts:
    """What is typed of one item; *id* of an item that is there."""

    id: int | None
    part: Part
    title: str
    presenter: str
    minutes: int


def lay(session: Session, titles: Mapping[Part, str], *, actor: User, now: dt.datetime) -> None:
    """Give *session* the programme of the template, named by *titles* and cut to its hours.

    :raise NotAllowed: :raise Begun: :raise AgendaThere:
    """
    to_prepare(session, actor)
    if session.agenda:
        raise AgendaThere
    whole = agenda.WHOLE
    if session.starts_at is not None and session.ends_at is not None:
        whole = int((session.ends_at - session.starts_at).total_seconds()) // 60
    for position, (part, minutes) in enumerate(agenda.shares(whole), start=1):
        session.agenda.append(AgendaItem(position=position, part=part, title=titles[part], minutes=minutes))
    record(actor, "session.changed", session, at=now, changed=["agenda"])


def fingerprint(session: Session) -> str:
    """Return what tells one state of the programme from another, to the form that changes it."""
    return editing.fingerprint([(item.id, item.part, item.title, item.presenter, item.minutes) for item in session.agenda])


def write(session: Session, items: Sequence[ItemFacts], *, seen: str | None = None, actor: User, now: dt.datetime) -> None:
    """Let the programme be *items*, in their order; those left out go, their files stay with the session.

    *seen* is the fingerprint of the programme that the writer had before them. :raise NotAllowed: :raise Begun: :raise ChangedMeanwhile:
    """
    to_prepare(session, actor)
    wanted = [(item.id, item.part, item.title, item.presenter, item.minutes) for item in items]
    editing.require_seen(seen, fingerprint(session), editing.fingerprint(wanted))
    there = {item.id: item for item in session.agenda}
    kept: list[AgendaItem] = []
    for position, facts in enumerate(items, start=1):
        item = there.pop(facts.id, None) if facts.id is not None else None
        item = item or AgendaItem()
        item.position, item.part, item.minutes = position, facts.part, facts.minutes
        item.title, item.presenter = facts.title, facts.presenter
        kept.append(item)
    for file in session.files:
        if file.agenda_item_id in there:
            file.agenda_item_id = None
    session.agenda = kept
    record(actor, "session.changed", session, at=now, changed=["agenda"])


def attach(session: Session, item: AgendaItem, files: Sequence[StoredFile], caption: str, *, actor: User, now: dt.datetime) -> None:
    """Put files to an item of the programme. :raise NotAllowed: :raise Begun:"""
    to_prepare(session, actor)
    values = {"agenda_item_id": item.id, "purpose": FilePurpose.AGENDA, "caption": caption, "added_by_id": actor.id, "added_at": now}
    session.files += [SessionFile(file=file, **values) for file in files]
    record(actor, "session.changed", session, at=now, changed=["files"])


def move_attached(session: Session, file: SessionFile, item: AgendaItem, *, actor: User, now: dt.datetime) -> None:
    """Put a file of the programme to another item. :raise NotAllowed: :raise Begun:"""
    to_prepare(session, actor)
    file.agenda_item_id = item.id
    record(actor, "session.changed", session, at=now, changed=["files"])


def detach(session: Session, file: SessionFile, *, actor: User, now: dt.datetime) -> None:
    """Take a file off the programme, and with it off the session; the nightly sweep takes its bytes. :raise NotAllowed: :raise Begun:"""
    to_prepare(session, actor)
    session.files.remove(file)
    db.session.delete(file)
    record(actor, "session.changed", session, at=now, changed=["files"])
