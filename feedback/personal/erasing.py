"""What goes when a person's data is erased from an item, and what stays.

Names and ways to reach somebody go whole, and so do the files they sent. Free text stays without what names a person: rules find it, a
clerk reads what is left. What was signed and numbered stays as it went out: Luật Lưu trữ 2024 (wording from memory) keeps the files
of an authority. The record of what was done holds no free text, and stays true.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from app import files, outbox
from app.audit import record
from app.database import db
from feedback import masking
from feedback.models import Attachment, Feedback, Person, ReceiptKey
from feedback.operations import publishing
from feedback.operations.indexing import index_for_staff
from feedback.personal.queries import persons_of

SEALED = ("name", "phone", "email", "address", "organisation")

#: Called as each(feedback) for every item that is erased: what other domains keep of its words goes too.
elsewhere: list[Callable[[Feedback], None]] = []


class TextsChanged(Exception):
    """Something was written meanwhile: what the clerk has read is not all there is."""


@dataclass(frozen=True)
class Piece:
    """A piece of free text, and what it is: title, body, place, message, why (of a rating)."""

    kind: str
    row: Any
    column: str

    @property
    def text(self) -> str:
        return getattr(self.row, self.column) or ""

    @property
    def suggestion(self) -> str:
        """The text without what names a person, as far as rules find it."""
        return masking.masked(self.text)


def pieces(feedback: Feedback, key: ReceiptKey) -> list[Piece]:
    """Return what is free text in the item and its parts, in order; nothing for one of many signers: the words are all of theirs."""
    return all_pieces(feedback) if key.person_id is None else []


def all_pieces(feedback: Feedback) -> list[Piece]:
    """Return every piece of free text in the item and its parts, in order."""
    found = []
    for item in (feedback, *feedback.parts):
        found += [Piece("title", item, "title"), Piece("body", item, "body"), Piece("place", item, "place_text")]
        found += [Piece("message", each, "body") for each in item.messages]
        found += [Piece("why", each, "why") for each in item.ratings]
    return [piece for piece in found if piece.text]


def erase(feedback: Feedback, key: ReceiptKey, texts: list[str], *, actor: Any, now: dt.datetime) -> list[Any]:
    """Take the holder of *key* out of the item; return the uids of the files whose bytes go after the commit. :raise TextsChanged:."""
    free = pieces(feedback, key)
    if len(texts) != len(free):
        raise TextsChanged
    people = persons_of(feedback, key)
    if key.person_id is None:
        return _take_out(feedback, people, zip(free, texts, strict=True), actor=actor, now=now)
    return _take_out(feedback, people, None, actor=actor, now=now)


def erase_everybody(feedback: Feedback, *, actor: Any, now: dt.datetime) -> list[Any]:
    """Take everybody out of the item, of its free text what rules find: its term is over. Return what :func:`erase` returns."""
    free = [(piece, piece.suggestion) for piece in all_pieces(feedback)]
    return _take_out(feedback, feedback.people, free, actor=actor, now=now)


def _take_out(
    feedback: Feedback, people: Collection[Person], texts: Iterable[tuple[Piece, str]] | None, *, actor: Any, now: dt.datetime
) -> list[Any]:
    """Empty *people*; where *texts* are given, they are what is left, and all that hangs on the item goes too."""
    for person in people:
        _empty(person, now)
    written, gone = 0, []
    for piece, text in texts or ():
        setattr(piece.row, piece.column, text)
        written += 1
    if texts is not None:
        for item in (feedback, *feedback.parts):
            gone += _clear(item, actor=actor, now=now)
    db.session.execute(db.update(ReceiptKey).where(ReceiptKey.feedback_id == feedback.id).values(copy_sealed=None))
    db.session.flush()
    record(actor, "feedback.erased", feedback, at=now, people=len(people), texts=written, files=len(gone))
    return gone


def _empty(person: Person, now: dt.datetime) -> None:
    for name in SEALED:
        setattr(person, name, None)
    person.phone_index = person.email_index = person.tax_code = None
    person.erased_at = person.erased_at or now


def _clear(item: Feedback, *, actor: Any, now: dt.datetime) -> list[Any]:
    """Clear what hangs on the item: files of the sender, the public copy, notices, indexes, titles that repeat its own."""
    for duty in item.assignments:
        if duty.duty == "answer":
            duty.title = item.title
    item.spoken, item.mandate, item.publish_consent = None, None, False
    mine = [each for each in item.attachments if each.by_sender]
    stored = {each.file for each in mine}
    for each in mine:
        item.attachments.remove(each)
        db.session.delete(each)
    db.session.flush()
    gone = [file for file in stored if not db.session.scalar(db.select(db.exists().where(Attachment.file_id == file.id)))]
    uids = [file.uid for file in gone]
    for file in gone:
        files.discard(file)
    publishing.hide(item, actor=actor, now=now)
    outbox.forget(item)
    index_for_staff(item)
    for forget in elsewhere:
        forget(item)
    return uids
