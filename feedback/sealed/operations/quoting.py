"""Others' texts that repeat what an item says lose those sentences when it is sealed.

Which these are is said by the packages whose texts they are (:data:`places`, :data:`told`): minutes, papers, letters, notes.

What is decided here, for each kind of text:
* a text on the site, out or not: the sentence goes, "[đã niêm phong]" stands in its place, all else stays;
* a paper that has its number: the same in what the site keeps of it. Its file, as it was made or as somebody signed and scanned it, is
  deleted; whoever asks for it gets it made anew, with the mark. What went out on paper cannot be unsaid: it is listed to whoever seals, who
  has it given back by hand, and the list stands in the case;
* minutes that are signed: the same. Number, day and signatures stay: they say that there was such a paper, not what it said here;
* the dossier of a session as one file: deleted, if anything in it goes; it is listed too.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select

from app.database import db, lock
from app.files import StoredFile
from feedback import masking
from feedback.models import Feedback, Message
from feedback.sealed import quotes
from feedback.sealed.quotes import MARK, Quotes, Said

#: What a paper says since it went to be signed: JSON inside ciphertext.
FROZEN = "frozen"


@dataclass(frozen=True)
class Place:
    """A row in which somebody may have repeated it."""

    row: Any
    texts: tuple[str, ...]  # its attributes
    called: Any  # what whoever seals reads
    near: bool = False  # known to tell of the item: little is a quote
    whole: bool = False  # tells of nothing else: all of it goes
    out: bool = False  # people have it on paper
    files: tuple[tuple[Any, str], ...] = ()  # made of it: row and attribute


#: The texts of a package that may tell of these items, and what it wrote of them itself.
places: list[Callable[[Collection[Feedback]], Iterator[Place]]] = []
told: list[Callable[[Collection[Feedback]], Iterator[str]]] = []


def of(items: Collection[Feedback]) -> Quotes:
    """Return what finds quotes of *items*."""
    people = [person for item in items for person in item.people]
    own = [text for item in items for text in (item.title, item.body, item.public_title, item.public_text, *_own_messages(item))]
    about = [text for function in told for text in function(items)]
    return Quotes(
        Said(
            codes=tuple(item.code for item in items),
            own=quotes.texts([text or "" for text in own]),
            about=quotes.texts(about),
            names=quotes.texts(
                [name or "" for person in people for name in (person.name, person.organisation)],
                [name for item in items for name in masking.named_in(item.accused_names)],
            ),
            contacts=quotes.texts([way or "" for person in people for way in (person.phone, person.email, person.address)]),
        )
    )


def _own_messages(item: Feedback) -> list[str]:
    return [message.body for message in item.messages if message.user_id is None]


def found(items: Collection[Feedback]) -> list[Place]:
    """Return where *items* are repeated."""
    finder = of(items)
    return [place for function in places for place in function(items) if _without(place, finder)]


def _without(place: Place, finder: Quotes) -> dict[str, Any]:
    """Return what is to stand in *place* where it is not to stay as it is."""
    values = {name: _read(place.row, name) for name in place.texts}
    fresh = {name: MARK if place.whole else finder.without(value, near=place.near) for name, value in values.items() if value}
    return {name: value for name, value in fresh.items() if value != values[name]}


def _read(row: Any, name: str) -> Any:
    value = getattr(row, name)
    return json.loads(value) if name == FROZEN and value else value


def blank(items: Collection[Feedback]) -> tuple[list[Place], list[uuid.UUID]]:
    """Take what repeats *items* out; return where, and the files that are gone, whose bytes the edge deletes once it committed."""
    finder, repeated, files = of(items), found(items), list[StoredFile]()
    for place in repeated:
        lock(place.row)  # and read again: somebody may be writing on it
        for name, value in _without(place, finder).items():
            setattr(place.row, name, json.dumps(value, ensure_ascii=False) if name == FROZEN else value)
        for row, name in place.files:
            if (file := getattr(row, name)) is not None:
                files.append(file)
                setattr(row, name, None)
    db.session.flush()
    gone = [file.uid for file in dict.fromkeys(files)]
    db.session.execute(delete(StoredFile).where(StoredFile.id.in_({file.id for file in files})))
    return repeated, gone


def to_recall(repeated: Collection[Place]) -> list[str]:
    """Return what of *repeated* people have on paper, by what it is called, each once."""
    return list(dict.fromkeys(str(place.called) for place in repeated if place.out))


def in_threads(items: Collection[Feedback]) -> Iterator[Place]:
    """Yield what was written under other items that names the code of one of these."""
    ids = {item.id for item in items}
    for item in items:
        mentioning = select(Message).where(Message.body.contains(item.code, autoescape=True), Message.feedback_id.not_in(ids))
        for message in db.session.scalars(mentioning):
            yield Place(message, ("body",), message.feedback.code)


places.append(in_threads)
