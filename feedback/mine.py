"""What an address has sent, for who has shown that it is theirs. Never anything sealed, confidential, or about one's own workplace.

Mailboxes are read by others: at home, at work. What was asked to be kept from the unit opens with the keys of the receipt alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for
from sqlalchemy import or_

from app.citizens.queries import Sent
from app.database import db
from app.units.models import Field
from feedback import queries, rules, words
from feedback.models import Feedback, Person, PersonRole, ReceiptKey

MOST = 200

#: Whose own item it is; on whose behalf it was sent has no key of it.
_THEIRS = (PersonRole.SENDER, PersonRole.REPRESENTATIVE, PersonRole.SIGNER)


def sent(email_index: str) -> Iterator[Sent]:
    """Return what the owner of that address sent openly, newest first."""
    for item, person in db.session.execute(_of(email_index).order_by(Feedback.id.desc()).limit(MOST)).unique():
        if not (item.is_ours and person.is_ours):
            continue  # somebody led it to this address by hand in the database
        yield Sent(item.code, item.title, words.status_of(item).text, item.received_at, url_for("mine.open_", code=item.code))


def key_to(code: str, email_index: str) -> tuple[Feedback, ReceiptKey] | None:
    """Return an item that the owner of that address sent openly, and their key of it; None where there is none."""
    rows = db.session.execute(_of(email_index).where(Feedback.code == code)).all()
    row = next((row for row in rows if all(each.is_ours for each in row)), None)
    if row is None:
        return None
    item, person = row
    whose = ReceiptKey.person_id.is_(None) if person.role == PersonRole.SENDER else ReceiptKey.person_id == person.id
    key = queries.the_key(ReceiptKey.feedback_id == item.id, whose)
    return None if key is None else (item, key)


def _of(email_index: str) -> db.Select[tuple[Feedback, Person]]:
    return (
        db.select(Feedback, Person)
        .join(Person, Person.feedback_id == Feedback.id)
        .outerjoin(Field, Field.id == Feedback.field_id)
        .where(
            Person.email_index == email_index,
            Person.role.in_(_THEIRS),
            Person.erased_at.is_(None),
            Feedback.identity_scope == rules.IdentityScope.UNIT,
            Feedback.sender_type != rules.SenderType.INSIDER,
            or_(Field.id.is_(None), ~Field.insider),
        )
    )
