"""The working copy is made, covered, typed over, looked at once more and confirmed. Only that is given to be checked."""

from __future__ import annotations

import datetime as dt
import hashlib
import unicodedata
import uuid
from collections.abc import Callable, Mapping, Sequence

from app.access import require
from app.accounts.models import User
from app.clock import local_date
from app.database import db, lock
from app.files import StoredFile
from feedback import masking
from feedback.sealed import copies, queries, thread
from feedback.sealed.copies import SealedCopy, SealedCopyPage
from feedback.sealed.covering import Covers
from feedback.sealed.models import SealedCase
from feedback.sealed.operations.reading import NOTHING, note, require_look
from feedback.sealed.operations.reading import NotOpened as NotOpened
from feedback.sealed.rules import SealedStep
from feedback.sealed.thread import SealedFile


class ChangedMeanwhile(Exception):
    """Somebody changed the copy after it was looked at: what would be confirmed is not what was seen."""


class OwnWork(Exception):
    """Who changed it last does not look again at what they did, where somebody else may."""


class Confirmed(Exception):
    """A copy that was confirmed stays as it is; another one is begun."""


def begin(case: SealedCase, pages: Sequence[tuple[SealedFile, int]], *, actor: User, now: dt.datetime) -> SealedCopy:
    """Begin a copy with the text masked and *pages* uncovered, or return the one that is being worked on. :raise NotOpened:."""
    _may_work(case, actor, now)
    lock(case)
    begun = in_work(case)
    if begun is not None:
        return begun
    copy = SealedCopy(uid=uuid.uuid4(), case=case, made_by_id=actor.id, made_at=now, changed_by_id=actor.id)
    copy.text = masked(case)
    db.session.add(copy)
    with db.session.no_autoflush:  # what is sealed by the key of the case must know its case first
        for source, number in pages:
            page = SealedCopyPage(uid=uuid.uuid4(), copy=copy, source=source, page=number)
            page.covers = Covers()
            db.session.add(page)
    db.session.flush()
    note(case, SealedStep.BEGAN_COPY, NOTHING, "sealed.copy_begun", actor=actor, now=now, copy_id=copy.id)
    return copy


def in_work(case: SealedCase) -> SealedCopy | None:
    """Return the copy of *case* that is being worked on."""
    return next((copy for copy in copies.of_case(case) if copy.confirmed_at is None), None)


def masked(case: SealedCase) -> str:
    """Return what was written, then and later, without names, addresses, telephones and numbers, but for the names of the accused."""
    written = case.matter
    accused = written.get("accused_names", "")
    later = [each.said.text for each in thread.messages(case) if each.user_id is None]
    parts = [part for part in (written["title"], written["body"], accused, *later) if part]
    # The system knows what they said of themselves: no pattern need find it.
    known = {value for person in case.people for name, value in person.items() if name != "role" and value}
    named = masking.named_in(accused)
    keep = named | {_without_marks(name) for name in named}
    return "\n\n".join(masking.masked(part, keep=keep, known=known) for part in parts)


def _without_marks(name: str) -> str:
    apart = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def retype(copy: SealedCopy, text: str, *, actor: User, now: dt.datetime) -> None:
    """Put *text* in the place of the one before. :raise Confirmed:."""
    _may_change(copy, actor, now)
    if text != copy.text:  # who only reads it on the way to the second look has not changed it
        copy.text, copy.changed_by_id = text, actor.id
    db.session.flush()


def cover(page: SealedCopyPage, change: Callable[[Covers], Covers], *, actor: User, now: dt.datetime) -> None:
    """Cover more or less of *page*. :raise Confirmed:."""
    _may_change(page.copy, actor, now)
    page.covers, page.copy.changed_by_id = change(page.covers), actor.id
    db.session.flush()


def seen(copy: SealedCopy) -> str:
    """Return what tells whether the copy is still as somebody saw it."""
    parts = [copy.text or "", *(repr(page.covers) for page in copy.pages)]
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


def confirm(copy: SealedCopy, burned: Mapping[int, StoredFile], *, as_seen: str, actor: User, now: dt.datetime) -> None:
    """Say after a second look that nothing in it names who wrote. *burned*: the pictures of its pages. From now on it stays.

    :raise ChangedMeanwhile: :raise OwnWork: :raise Confirmed:
    """
    _may_change(copy, actor, now)
    if seen(copy) != as_seen:
        raise ChangedMeanwhile
    if waits_for_another(copy, actor, now):
        raise OwnWork
    for page in copy.pages:
        if not page.covers.left_out:
            page.file = burned[page.id]
    copy.confirmed_by_id, copy.confirmed_at = actor.id, now
    db.session.flush()
    alone = copy.by_one_alone
    kind = SealedStep.CONFIRMED_COPY_ALONE if alone else SealedStep.CONFIRMED_COPY
    note(copy.case, kind, NOTHING, "sealed.copy_confirmed", actor=actor, now=now, copy_id=copy.id, alone=alone)


def waits_for_another(copy: SealedCopy, actor: User, now: dt.datetime) -> bool:
    """Say whether somebody else has to look: *actor* changed it last, and is not the only one who may open the case.

    Nobody finds what they have overlooked themselves. Where a head has granted the case to nobody, a small province would otherwise have
    no copy at all, or one made from a case that was opened to more people than need it: then one person looks twice, and it is recorded.
    """
    return copy.changed_by_id == actor.id and queries.somebody_else_opens(actor, copy.case, on=local_date(now))


def open_copy(copy: SealedCopy, *, reason: str, actor: User, now: dt.datetime) -> None:
    """Record that *actor* looks at a confirmed copy, and why. The edge commits before it reads it. :raise NotAllowed:."""
    require(copy.is_ours and copy.confirmed_at is not None and queries.may_read_copy(actor, copy.case, on=local_date(now)))
    note(copy.case, SealedStep.READ_COPY, reason, "sealed.copy_opened", actor=actor, now=now)


def _may_change(copy: SealedCopy, actor: User, now: dt.datetime) -> None:
    _may_work(copy.case, actor, now)
    lock(copy)
    if copy.confirmed_at is not None:
        raise Confirmed


def _may_work(case: SealedCase, actor: User, now: dt.datetime) -> None:
    require(queries.may_open(actor, case, on=local_date(now)))
    require_look(case, actor)
