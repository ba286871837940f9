"""An item that turns out to have the content of a denunciation moves into the sealed register, and leaves no trace where it was."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm.exc import ObjectDeletedError

from app import clock, crypto, jobs
from app.access import require
from app.accounts.models import User
from app.database import RowGone, db, lock
from feedback import codes, queries, rules
from feedback.models import Feedback, Paper, Person, ReceiptKey, SpentNumber
from feedback.sealed.models import Heading, SealedCase
from feedback.sealed.operations import purging, quoting
from feedback.sealed.operations.reading import NOTHING, enter, note
from feedback.sealed.operations.taking_in import attach
from feedback.sealed.rules import SealedStep

#: Where else an item's words stand; domains above empty them. Their rows are locked before the item, as everywhere.
elsewhere: list[Callable[..., None]] = []
#: Jobs that let go of it where it is kept beside the tables, once they are without it.
afterwards: list[str] = ["app.search:tidy"]


class OthersMerged(Exception):
    """Other senders' items were put together with it; each is taken out first."""


@dataclass(frozen=True)
class Sealed:
    """What came of it."""

    case: SealedCase
    gone: list[uuid.UUID]  # files whose bytes the edge deletes
    recall: list[str]  # what is out on paper and repeats it: whoever seals has it given back


def seal(item: Feedback, *, reason: str, actor: User, now: dt.datetime) -> Sealed:
    """Move *item*, with the parts it was split into, into the register; what repeats it elsewhere loses those words.

    Its sender goes on with the same code and key, there. :raise NotAllowed: :raise OthersMerged:
    """
    # law.md §2.4 (Luật Tố cáo 2018 Điều 25), §2.5 (Điều 8, 56): by content it is a denunciation, whatever it was sent as, and whoever
    # had it may not go on having it.
    whole = item.parent or item
    require(rules.may_triage(actor.reach, queries.standing_of(item)))
    try:
        repeated, files_of_these = quoting.blank((whole, *whole.parts))
        for part in (whole, *whole.parts):
            for empty in elsewhere:
                empty(part, actor=actor, now=now)
    except ObjectDeletedError as gone:  # a row that was waited for came free: somebody else has sealed it
        raise RowGone from gone
    lock(whole)
    lock(item)
    require(rules.may_triage(actor.reach, queries.standing_of(item)))
    if any(part.merged for part in (whole, *whole.parts)):
        raise OthersMerged
    case = _case_of(whole, accused_unit_id=item.accused_unit_id or whole.accused_unit_id, now=now)
    rows = purging.hanging_on(whole)
    files = [each.file for part in (whole, *whole.parts) for each in part.files]
    knew = purging.readers(rows) - {actor.id}
    numbers = [part.code for part in (whole, *whole.parts)]
    feedback_id = whole.id
    _spend_numbers([paper for part in (whole, *whole.parts) for paper in part.papers])
    gone = purging.purge(rows, codes=numbers, kept=files)
    attach(case, list({file.id: file for file in files}.values()))
    note(case, SealedStep.SEALED, reason, "sealed.moved_in", actor=actor, now=now, feedback_id=feedback_id)
    if recall := quoting.to_recall(repeated):
        enter(case, SealedStep.RECALL, "\n".join(recall), user_id=actor.id, now=now)
    for user_id in sorted(knew):
        enter(case, SealedStep.KNEW, NOTHING, user_id=user_id, now=now)
    for job in afterwards:
        jobs.enqueue(job)
    return Sealed(case, [*gone, *files_of_these], recall)


def _spend_numbers(papers: Iterable[Paper]) -> None:
    """Leave in the units' books that these numbers were given, and nothing else of the letters."""
    # NĐ 30/2020 Điều 15 (wording from memory): "Số và ký hiệu văn bản của cơ quan, tổ chức là duy nhất trong một năm".
    for paper in papers:
        if paper.number is not None:
            db.session.add(SpentNumber(unit_id=paper.unit_id, numbered_year=paper.numbered_year, number=paper.number, type=paper.type))


def _case_of(item: Feedback, *, accused_unit_id: int | None, now: dt.datetime) -> SealedCase:
    case = SealedCase(
        uid=uuid.uuid4(),
        code_index=crypto.blind_index(f"sealed:{item.code}"),
        key_digest=_senders_key(item) or crypto.key_digest(codes.make_key()),
        # It is counted where it was sealed. Counted where it came in, the total of a half-year that was told would go up on the day on
        # which a unit misses an item.
        received_month=clock.local_date(now).replace(day=1),
        submission_digest=item.submission_digest,
    )
    case.heading = Heading(item.code, item.received_at, rules.Channel(item.channel), accused_unit_id)
    case.write(_written(item))
    SealedCase.key_is_ours.seal(case)
    db.session.add(case)
    db.session.flush()
    return case


def _senders_key(item: Feedback) -> str | None:
    """Return the digest of the key with which its sender goes on."""
    own = db.select(ReceiptKey).where(ReceiptKey.feedback_id == item.id, ReceiptKey.person_id.is_(None)).order_by(ReceiptKey.id)
    return next((key.digest for key in db.session.scalars(own) if key.is_ours), None)


def _written(item: Feedback) -> dict[str, Any]:
    said = [part for part in item.parts if part.body not in item.body]
    thread = [message for part in (item, *item.parts) for message in part.messages]
    return {
        "body": "\n\n".join([item.body, *(part.body for part in said)]),
        "title": item.title,
        "people": [_person(person) for person in item.people],
        "sender_type": item.sender_type,
        "place_id": item.place_id,
        "place_text": item.place_text,
        "happened": item.happened,
        "happened_on": item.happened_on and item.happened_on.isoformat(),
        "field_id": item.field_id,
        "locale": item.locale,
        "accused_names": "\n".join(dict.fromkeys(part.accused_names for part in (item, *item.parts) if part.accused_names)),
        "external_refs": [[ref.source, ref.number] for ref in item.external_refs],
        "thread": [
            {"by": message.user.name if message.user else "", "at": message.at.isoformat(), "text": message.body} for message in thread
        ],
    }


def _person(person: Person) -> dict[str, str]:
    names = ("role", "name", "phone", "email", "address", "organisation", "tax_code")
    return {name: getattr(person, name) or "" for name in names}
