"""What goes when a person's data is erased from an item, and what stays.

Names and ways to reach somebody go whole, and so do the files they sent. Free text stays without what names a person: rules find it, a
clerk reads what is left. What was signed and numbered stays as it went out: Luật Lưu trữ 2024 (wording from memory) keeps the files
of an authority. The record of what was done holds no free text, and stays true.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from app import consents, files, jobs, outbox
from app.audit import record
from app.database import db
from feedback import masking
from feedback.models import Attachment, Feedback, Person, ReceiptKey
from feedback.operations import publishing
from feedback.operations.indexing import index_for_staff
from feedback.personal.queries import persons_of
from feedback.sealed.operations import quoting

SEALED = ("name", "phone", "email", "address", "organisation")

#: Called as each(feedback) for every item that is erased: what other domains keep of its people and is no text goes too.
elsewhere: list[Callable[[Feedback], None]] = []
#: What other domains wrote down of an item itself: rows, their attributes, what they are called. Read like its own texts.
written_elsewhere: list[Callable[[Feedback], Iterator[tuple[Any, tuple[str, ...], Any]]]] = []


class TextsChanged(Exception):
    """Something was written meanwhile: what the clerk has read is not all there is."""


@dataclass(frozen=True)
class Piece:
    """A piece of free text, and what it is: title, body, place, accused, message, why (of a rating), elsewhere (*called* says where)."""

    kind: str
    row: Any
    column: str
    known: tuple[str, ...] = ()  # names and numbers of those who go
    called: Any = ""
    of_all: bool = False  # the words are others' too: only what is known goes

    @property
    def text(self) -> str:
        return getattr(self.row, self.column) or ""

    @property
    def suggestion(self) -> str:
        """The text without what names a person, as far as rules find it."""
        return masking.without_these(self.text, self.known) if self.of_all else masking.masked(self.text, known=self.known)


def pieces(feedback: Feedback, key: ReceiptKey) -> list[Piece]:
    """Return what is free text in the item and its parts, and elsewhere, in order.

    Of one of many signers only what names them: the words are all of theirs.
    """
    people = persons_of(feedback, key)
    found = all_pieces(feedback, people, of_all=key.person_id is not None)
    return found if key.person_id is None else [piece for piece in found if piece.suggestion != piece.text]


def all_pieces(feedback: Feedback, people: Iterable[Person], *, of_all: bool = False) -> list[Piece]:
    """Return every piece of free text in the item and its parts that *people* are to go out of, in order, and where else they are named."""
    known = tuple(way for each in people for way in (each.name, each.phone, each.email, each.address) if way)
    items = (feedback, *feedback.parts)
    rows: list[tuple[str, Any, tuple[str, ...], Any]] = []
    for item in items:
        rows += [("title", item, ("title",), ""), ("body", item, ("body",), ""), ("place", item, ("place_text",), "")]
        rows += [("accused", item, ("accused_names",), "")]
        rows += [("message", each, ("body",), "") for each in item.messages]
        rows += [("why", each, ("why",), "") for each in item.ratings]
        rows += [("title", each, ("title",), "") for each in item.assignments if each.duty == "act"]
        rows += [("elsewhere", *each) for written in written_elsewhere for each in written(item)]
    # Where all go, so do those whom it is about, however rare their names are; of one of many signers, only that one.
    named = () if of_all else tuple(sorted(name for item in items for name in masking.named_in(item.accused_names)))
    found = {(piece.row, piece.column): piece for piece in _pieces(rows, (*known, *named), of_all=of_all)}
    # Where others may have named them; what has its number or is signed stays as it went out, and elsewhere only who is known goes.
    others = [("elsewhere", each.row, each.texts, each.called) for places in quoting.places for each in places(items) if not each.out]
    for piece in _pieces([each for each in others if known], known, of_all=True):
        if piece.suggestion != piece.text:
            found.setdefault((piece.row, piece.column), piece)
    return list(found.values())


def _pieces(rows: Iterable[tuple[str, Any, tuple[str, ...], Any]], known: tuple[str, ...], *, of_all: bool) -> Iterator[Piece]:
    for kind, row, columns, called in rows:
        for column in columns:
            text = getattr(row, column)
            if isinstance(text, str) and text and column != quoting.FROZEN:
                yield Piece(kind, row, column, known, called, of_all)


def digest(free: Iterable[Piece]) -> str:
    """Return what says whether texts are those that a clerk has read: some of them others go on writing on."""
    return hashlib.sha256("\0".join(piece.text for piece in free).encode()).hexdigest()


def erase(feedback: Feedback, key: ReceiptKey, texts: list[str], *, seen: str, actor: Any, now: dt.datetime) -> list[Any]:
    """Take the holder of *key* out of the item; return the uids of the files whose bytes go after the commit. :raise TextsChanged:."""
    left = _left(pieces(feedback, key), texts, seen)
    return _take_out(feedback, persons_of(feedback, key), left, whole=key.person_id is None, actor=actor, now=now)


def erase_everybody(feedback: Feedback, texts: list[str], *, seen: str, actor: Any, now: dt.datetime) -> list[Any]:
    """Take everybody out of the item: its term is over. Return what :func:`erase` returns. :raise TextsChanged:."""
    left = _left(all_pieces(feedback, feedback.people), texts, seen)
    return _take_out(feedback, feedback.people, left, whole=True, actor=actor, now=now)


def _left(free: list[Piece], texts: list[str], seen: str) -> list[tuple[Piece, str]]:
    """Return what a clerk left of each piece, where all there is is what they have read."""
    if len(texts) != len(free) or digest(free) != seen:
        raise TextsChanged
    return list(zip(free, texts, strict=True))


def _take_out(
    feedback: Feedback, people: Collection[Person], texts: Iterable[tuple[Piece, str]], *, whole: bool, actor: Any, now: dt.datetime
) -> list[Any]:
    """Empty *people*, leave *texts*; where the *whole* item is theirs, all that hangs on it goes too."""
    for person in people:
        _empty(person, now)
    consents.end(people, actor=actor, now=now)
    written, gone = 0, []
    for piece, text in texts:
        setattr(piece.row, piece.column, text)
        written += 1
    if whole:
        consents.end((feedback, *feedback.parts), actor=actor, now=now)
        for item in (feedback, *feedback.parts):
            gone += _clear(item, actor=actor, now=now)
    else:
        for item in (feedback, *feedback.parts):
            index_for_staff(item)
    jobs.enqueue("app.search:tidy")
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
