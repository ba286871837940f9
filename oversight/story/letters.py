"""Reminders, petitions and their answers in the story of the promise that they are about; and the buttons that begin one."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for
from flask_babel import gettext as _

from app.assignments.models import Assignment
from app.assignments.rules import State
from app.database import db
from app.units.models import Unit
from feedback import masking
from oversight import letters
from oversight.letters import words as letter_words
from oversight.models import Letter, LetterAssignment
from oversight.rules.letters import PERMISSIONS, AnswerState, LetterKind
from oversight.story import Action, Entry, Reader


def entries(row: Assignment, reader: Reader) -> Iterator[Entry]:
    """Tell of each letter that is out about *row*, and what *row*'s unit answered."""
    for letter in letters.about([row.id]):
        kept_from = letters.accuses(reader.reach, letter)  # of what it says and what is answered they read that it was, and no words
        yield _sent(letter, reader, kept_from=kept_from)
        for duty in letter.duties:
            if duty.state == State.CANCELLED and duty.closed_at is not None:
                said = _("%(unit)s không còn phải trả lời văn bản số %(number)s", unit=duty.unit.name, number=duty.reference)
                yield Entry(duty.closed_at, said, "off")
            elif duty.unit_id == row.unit_id:
                yield from _answered(duty, reader, kept_from=kept_from)


def _sent(letter: Letter, reader: Reader, *, kept_from: bool) -> Entry:
    opens = letters.may_see(reader.reach, letter)
    return Entry(
        letter.paper.numbered_at or letter.created_at,
        _("%(unit)s gửi %(kind)s số %(number)s", unit=letter.paper.unit.name, kind=_kind(letter), number=letter.paper.number),
        "send",
        url_for("oversight.letter", letter_id=letter.id) if opens else None,
        masking.masked(letter.reason) if not kept_from else "",
    )


def _kind(letter: Letter) -> str:
    word = str(letter_words.KINDS[letter.kind])
    return word[:1].lower() + word[1:]


def _answered(duty: LetterAssignment, reader: Reader, *, kept_from: bool) -> Iterator[Entry]:
    opens = letters.may_open(reader.reach, duty)
    url = url_for("oversight.letter_duty", assignment_id=duty.id) if opens else None
    for said in duty.answers:
        if said.state in {AnswerState.GIVEN, AnswerState.INSUFFICIENT} and said.decided_at is not None:
            text = _("%(unit)s trả lời văn bản số %(number)s", unit=duty.unit.name, number=duty.reference)
            yield Entry(said.decided_at, text, "chat", url, masking.masked(said.text) if not kept_from else "")
        if said.judged_at is not None:
            text = _("%(unit)s cho là trả lời chưa đủ", unit=duty.letter.unit.name)
            yield Entry(said.judged_at, text, "redo", url, masking.masked(said.remarks) if not kept_from else "")


def actions(row: Assignment, reader: Reader) -> Iterator[Action]:
    """Offer each kind of letter that this reader may write about *row*."""
    own = db.session.get(Unit, reader.reach.unit_id)
    if own is None:
        return
    for kind in LetterKind:
        issuers = letters.issuers(reader.reach, own, kind) if reader.reach.may_anywhere(PERMISSIONS[kind]) else []
        for issuer in issuers:
            if letters.fits(reader.reach, kind, issuer, row):
                yield Action(letter_words.VERBS[kind], url_for("oversight.new_letter", viec=row.id, loai=str(kind)))
                break
