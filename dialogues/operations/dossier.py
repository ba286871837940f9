"""The dossier: rows are filled or said to be absent, then it is archived once and for all; what comes later is an addendum."""

from __future__ import annotations

import datetime as dt

from app.access import require
from app.accounts.models import User
from app.assignments.rules import IllegalTransition
from app.audit import record
from app.database import db, lock
from app.files import StoredFile, discard
from dialogues import archiving, filing, queries, rules
from dialogues.archiving import Prepared
from dialogues.models import Addendum, DossierRow, Session, SessionFile
from dialogues.operations.papers import Closed
from dialogues.operations.steps import ReasonMissing, move
from dialogues.rules import DOSSIER, DossierEntry, FilePurpose, Status


class RowFilled(Exception):
    """A row that holds a paper or a file is not absent."""


class PaperOnItsWay(Exception):
    """A paper that waits for its number is not absent."""


class DossierChanged(Exception):
    """While the ZIP was made, somebody added or took away a paper or a file."""


class FileInUse(Exception):
    """The file belongs to the programme or proves a promise: it is taken away there."""


def _to_file(session: Session, actor: User) -> None:
    lock(session)
    require(rules.may_prepare(actor.reach, queries.standing_of(session)))
    if session.status in rules.CLOSED:
        raise Closed


def _note(session: Session, entry: DossierEntry) -> DossierRow:
    found = next((row for row in session.dossier if row.code == entry.code), None)
    if found is None:
        found = DossierRow(code=entry.code, position=DOSSIER.index(entry))
        session.dossier.append(found)
    return found


def say_absent(session: Session, entry: DossierEntry, why: str, *, actor: User, now: dt.datetime) -> None:
    """Say that there is no such paper, and why.

    :raise NotAllowed: :raise Closed: :raise ReasonMissing: :raise RowFilled: :raise PaperOnItsWay:
    """
    _to_file(session, actor)
    if not why.strip():
        raise ReasonMissing
    row = next(row for row in filing.rows(session) if row.entry is entry)
    if row.filled:
        raise RowFilled
    if row.waiting:
        raise PaperOnItsWay
    _note(session, entry).absent_why = why
    record(actor, "session.row_absent", session, at=now, row=entry.code)


def add_file(session: Session, entry: DossierEntry, file: StoredFile, *, caption: str, actor: User, now: dt.datetime) -> None:
    """Put an uploaded file into a row, in the place of a paper that was not written here, too. :raise NotAllowed: :raise Closed:"""
    _to_file(session, actor)
    added = SessionFile(file=file, purpose=entry.purpose or FilePurpose.OTHER, caption=caption, added_by_id=actor.id, added_at=now)
    session.files.append(added)
    note = _note(session, entry)
    note.absent_why = ""
    if entry.paper is not None:
        note.file = added  # one file; another takes its place, and the first stands among the rest
    db.session.flush()
    record(actor, "session.file_added", session, at=now, row=entry.code, digest=file.original_sha256)


def remove_file(session: Session, file: SessionFile, *, actor: User, now: dt.datetime) -> None:
    """Take a file out of the dossier before it is archived. :raise NotAllowed: :raise Closed: :raise FileInUse:"""
    _to_file(session, actor)
    if file.agenda_item_id is not None or file.promise_id is not None:
        raise FileInUse
    for row in session.dossier:
        if row.file is file:
            row.file = None
    record(actor, "session.file_removed", session, at=now, digest=file.file.original_sha256)
    stored = file.file
    session.files.remove(file)
    db.session.delete(file)
    db.session.flush()
    discard(stored)


def archive(session: Session, prepared: Prepared, made: StoredFile, *, actor: User, now: dt.datetime) -> None:
    """Close the dossier with the ZIP *made* of what was *prepared*. What :func:`steps.move` raises; :raise DossierChanged:"""
    lock(session)
    again = archiving.prepare(session, by=actor.name, now=now)
    if again.manifest["rows"] != prepared.manifest["rows"]:
        raise DossierChanged
    move(session, Status.ARCHIVED, overrides={}, actor=actor, now=now)
    db.session.add(made)
    session.archive = made
    db.session.flush()


def add_addendum(session: Session, text: str, *, file: StoredFile | None, actor: User, now: dt.datetime) -> None:
    """Add to an archived dossier, which itself stays as it is. :raise NotAllowed: :raise IllegalTransition: it is not archived."""
    lock(session)
    require(rules.may_prepare(actor.reach, queries.standing_of(session)))
    if session.status != Status.ARCHIVED:
        raise IllegalTransition(Status(session.status), Status.ARCHIVED)
    added = Addendum(text=text, file=file, user=actor, at=now)
    session.addenda.append(added)
    db.session.flush()
    record(actor, "session.addendum", session, at=now, addendum_id=added.id)
