"""What a person watches, what is new in it since they last looked, and the notes they may read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.assignments.models import Assignment
from app.database import db
from app.permissions import Reach
from oversight import register, story
from oversight.models import Watch, WatchNote
from oversight.register import kinds
from oversight.rules import watching as rules
from oversight.story import Entry, Reader

PAGE = 20


@dataclass(frozen=True)
class Watched:
    """One line of the list: what is watched, since when, what is new in it, and the notes this person reads."""

    watch: Watch
    row: Assignment
    news: list[Entry]
    notes: list[WatchNote]


def visible_ids(user: User, reach: Reach, today: dt.date) -> list[int]:
    """Return the ids of the promises that *user* watches and may still see, what was watched last first."""
    wanted = select(Assignment.id).join(Watch, Watch.assignment_id == Assignment.id).where(Watch.user_id == user.id)
    cut = register.Cut(view="all", source=register.ANY)
    return list(db.session.scalars(register.narrowed(wanted, cut, today, reach).order_by(Watch.id.desc())))


def count(user: User) -> int:
    """Return how many promises *user* put on the list, seen or not."""
    return db.session.scalar(select(db.func.count()).select_from(Watch).where(Watch.user_id == user.id)) or 0


def lines(user: User, reach: Reach, ids: list[int]) -> list[Watched]:
    """Return the lines of these promises, in that order."""
    watches = {each.assignment_id: each for each in db.session.scalars(select(Watch).where(Watch.user_id == user.id))}
    rows = select(Assignment).where(Assignment.id.in_(ids)).options(joinedload(Assignment.unit), *kinds.loader_options())
    found = {row.id: row for row in db.session.scalars(rows)}
    reader, notes = Reader(reach), _notes(ids, user)
    return [
        Watched(watches[id_], found[id_], story.since(found[id_], reader, watches[id_].seen_at), notes.get(id_, []))
        for id_ in ids
        if id_ in found and id_ in watches
    ]


def notes_on(row: Assignment, user: User) -> list[WatchNote]:
    """Return the notes on *row* that *user* reads, the latest first."""
    return _notes([row.id], user).get(row.id, [])


def _notes(ids: list[int], user: User) -> dict[int, list[WatchNote]]:
    """Return by promise the notes that *user* reads, the latest first; who sees the promise was asked before."""
    wanted: Any = select(WatchNote).where(WatchNote.assignment_id.in_(ids)).options(joinedload(WatchNote.user), joinedload(WatchNote.unit))
    found: dict[int, list[WatchNote]] = {}
    for note in db.session.scalars(wanted.order_by(WatchNote.id.desc())):
        if rules.may_read_note(user.id, user.unit_id, writer_id=note.user_id, unit_id=note.unit_id, shared=note.shared):
            found.setdefault(note.assignment_id, []).append(note)
    return found
