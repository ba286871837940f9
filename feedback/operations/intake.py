"""Something is said: it is written down, gets a code, a key, clocks and a unit, in one transaction."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import bindparam

from app import clock as time
from app import crypto, settings
from app.access import SYSTEM, Actor
from app.audit import record
from app.calendar.queries import work_calendar
from app.calendar.rules import Stage, StartEvent
from app.database import NfcText, at_one_go, db
from app.files import StoredFile
from app.storing import hang, store, store_new
from app.units.models import Field, Unit
from feedback import codes, danger, queries, rules, steps
from feedback.models import Attachment, DeskHolding, ExternalRef, Feedback, Person, PersonRole, ReceiptKey
from feedback.operations import clocks, consenting, desk, telling
from feedback.operations.indexing import index_for_staff
from feedback.sealed.models import Heading
from feedback.sealed.operations.taking_in import TokenReused as TokenReused
from feedback.sealed.operations.taking_in import take_in

#: The same submission shows the same receipt for so long; then only the digest of its key is left.
COPY_OF_KEY = dt.timedelta(hours=24)
COPY_OF_KEPT = dt.timedelta(hours=1)  # where the names are kept, of who sent it from their own machine
TITLE_LENGTH = 90


class KindNotAnonymous(Exception):
    """That kind needs a name (a complaint)."""


class ContactMissing(Exception):
    """Name, address or a way to answer is missing where the law asks for it."""


class MandateMissing(Exception):
    """A complaint on someone's behalf needs a mandate."""


@dataclass(frozen=True)
class PersonData:
    """A person as typed."""

    role: str = PersonRole.SENDER
    name: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    organisation: str = ""
    tax_code: str = ""


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What was typed, cleaned and checked by the form or the API."""

    kind: str  # rules.Kind, or rules.DENUNCIATION
    body: str
    token: str  # of the form, or the Idempotency-Key: the same one is the same submission
    title: str = ""
    channel: rules.Channel = rules.Channel.WEB
    sender_type: rules.SenderType = rules.SenderType.PERSON
    people: tuple[PersonData, ...] = ()
    place_id: int | None = None
    place_text: str = ""
    happened: str = ""  # a name of words.HAPPENED; empty: nothing was said
    happened_on: dt.date | None = None
    field_id: int | None = None
    accused_unit_id: int | None = None
    accused_names: str = ""  # whom it is about, a line each
    identity_scope: rules.IdentityScope = rules.IdentityScope.UNIT
    publish_consent: bool = False
    locale: str = "vi"
    received_at: dt.datetime | None = None  # for paper: when it came in
    mandate: str = ""
    spoken: dict[str, Any] | None = None
    external_refs: tuple[tuple[str, str], ...] = ()
    files: tuple[StoredFile, ...] = field(default=())
    to_unit_id: int | None = None  # whom it was put to, as a question to the head who holds a session: no rule looks for another
    repeat_of_id: int | None = None  # the item that its sender says it goes on from


@dataclass(frozen=True)
class Receipt:
    """What the sender takes away. The key is None when its copy is gone: it was shown more than a day ago."""

    code: str
    key: str | None
    feedback: Feedback | None  # None: a sealed case, of which nothing more is said
    signer_keys: tuple[tuple[str, str], ...] = ()  # name, key
    fresh: bool = True


@at_one_go
def submit(submission: Submission, *, actor: Actor, now: dt.datetime) -> Receipt:
    """Take in *submission* and return its receipt; the same token again returns the same receipt and adds nothing.

    What carries the content of a denunciation becomes a sealed case and leaves no other trace.

    :raise KindNotAnonymous: :raise ContactMissing: :raise MandateMissing: when the law asks for what is not there.
    :raise TokenReused: when the token came with other words before.
    """
    digest = _digest(submission.token)
    if submission.kind == rules.DENUNCIATION:
        return _seal(submission, digest, now=now)
    check_people(submission)
    feedback, unit = _made(submission, digest, actor=actor, now=now)
    while True:
        feedback.code = _a_code(now)
        if store_new(feedback):
            return _register(feedback, submission, unit, actor=actor, now=now)
        if (replay := _replay(digest, now)) is not None:  # else another item has that code
            break
    assert replay.feedback is not None
    if replay.feedback.body != NfcText().process_bind_param(submission.body, None):
        raise TokenReused
    return replay


def _register(feedback: Feedback, submission: Submission, unit: Unit | None, *, actor: Actor, now: dt.datetime) -> Receipt:
    _add_people(feedback, submission.people)
    key, signer_keys = _make_keys(feedback, now=now)
    for file in submission.files:
        feedback.attachments.append(Attachment(file=file))
    for source, number in submission.external_refs:
        feedback.external_refs.append(ExternalRef(source=source, number=number))
    record(
        actor,
        "feedback.received",
        feedback,
        at=now,
        kind=feedback.kind,
        channel=feedback.channel,
        field_id=feedback.field_id,
        place_id=feedback.place_id,
        desk_unit_id=feedback.desk_unit_id,
    )
    calendar = work_calendar()
    clocks.start_received(feedback, calendar=calendar, actor=actor, now=now)
    _send(feedback, unit, actor=SYSTEM, now=now)
    db.session.flush()  # for the number of the duty
    consenting.at_intake(feedback, at_session=submission.to_unit_id is not None, now=now)
    index_for_staff(feedback)
    telling.received(feedback, now=now)
    return Receipt(feedback.code, key, feedback, signer_keys)


def receipt_of(token: str, *, now: dt.datetime) -> Receipt | None:
    """Return the receipt of what was submitted with *token*, or None; of a sealed case nothing is said again."""
    return _replay(_digest(token), now)


def _digest(token: str) -> str:
    return crypto.blind_index(f"submission:{token}")


def check_people(submission: Submission) -> None:
    """:raise KindNotAnonymous: :raise ContactMissing: :raise MandateMissing: when the law asks for what is not there."""
    kind, sender_type = rules.Kind(submission.kind), submission.sender_type
    if sender_type is rules.SenderType.ANONYMOUS and not rules.may_be_anonymous(kind):
        raise KindNotAnonymous
    if rules.contact_required(kind, sender_type) and not any(
        person.name and (person.phone or person.email or person.address) for person in submission.people
    ):
        raise ContactMissing
    # Luật Khiếu nại 2011 Điều 12: the complainant may have another person complain for them by a written mandate.
    if kind is rules.Kind.COMPLAINT and sender_type is rules.SenderType.ON_BEHALF and not submission.mandate:
        raise MandateMissing


def _choose_way(feedback: Feedback, to_unit_id: int | None, today: dt.date) -> Unit | None:
    """Find the unit that a new item was put to, or that the routing rules name; write on the item the rule and its desk.

    Return the unit if it gets the item at once.
    """
    asked = db.session.get(Unit, to_unit_id) if to_unit_id else None
    # Whoever holds a session answers what is put to it, a Party committee as well, which no rule gives anything.
    if asked is not None and asked.exists_on(today) and not desk.is_accused(feedback, asked):
        unit, direct = asked, True
    else:
        goes = queries.destination(queries.matter_of(feedback), today)
        unit, direct = db.session.get(Unit, goes.unit_id) if goes.unit_id else None, goes.direct
        feedback.routing_rule_id = goes.route_id
    feedback.desk_unit = _desk(feedback, unit)
    feedback.desk_unit_id = feedback.desk_unit.id
    # What sounds dangerous is looked at by a person before anything else happens to it; so is every complaint, and who is named.
    looked_at = feedback.danger or feedback.kind == rules.Kind.COMPLAINT or steps.nobody_placed(feedback)
    if unit is None or unit.is_reception or looked_at or not direct:
        return None
    feedback.status = rules.Status.IN_HAND
    return unit


def _send(feedback: Feedback, unit: Unit | None, *, actor: Actor, now: dt.datetime) -> None:
    """Offer a new item to *unit*, or leave it in its desk's queue with a clock."""
    holding = DeskHolding(unit_id=feedback.desk_unit_id, from_at=feedback.received_at)
    hang(holding, "feedback", feedback)
    if unit is None:
        clocks.start(feedback, (Stage.TRIAGE,), event=StartEvent.RECEIVED, event_at=now, calendar=work_calendar(), actor=actor, now=now)
    else:
        desk.give(feedback, unit, actor=actor, now=now, rule_id=feedback.routing_rule_id)
    store([holding])  # which has its end by now where it goes on at once


def _desk(feedback: Feedback, unit: Unit | None) -> Unit:
    if steps.nobody_placed(feedback):
        return queries.desk_for(None, settings.get("desk_unit_id"))  # who is named may lead the desk of the place, and would read it
    if unit is not None and unit.is_reception:
        return unit  # the route passes the accused by
    return queries.desk_for(unit, settings.get("desk_unit_id"), feedback.accused_unit)


def _made(submission: Submission, digest: str, *, actor: Actor, now: dt.datetime) -> tuple[Feedback, Unit | None]:
    """Return the item that *submission* becomes, not stored yet and without a code, and the unit that gets it at once."""
    field_row = db.session.get(Field, submission.field_id) if submission.field_id else None
    person = submission.sender_type is rules.SenderType.PERSON
    insider = field_row is not None and field_row.insider
    feedback = Feedback(
        kind=submission.kind,
        channel=submission.channel,
        sender_type=rules.SenderType.INSIDER if person and insider else submission.sender_type,
        title=submission.title or first_words(submission.body),
        body=submission.body,
        place_id=submission.place_id,
        place_text=submission.place_text,
        happened=submission.happened,
        happened_on=submission.happened_on,
        field=field_row,
        field_id=field_row.id if field_row is not None else None,
        accused_unit=db.session.get(Unit, submission.accused_unit_id) if submission.accused_unit_id else None,
        accused_unit_id=submission.accused_unit_id,
        accused_names=submission.accused_names,
        # Promised to whoever speaks of the place they work at, and kept whatever field a clerk finds later.
        identity_scope=rules.IdentityScope.RECEPTION if insider else submission.identity_scope,
        publish_consent=submission.publish_consent,
        locale=submission.locale,
        danger=danger.sounds_dangerous(f"{submission.title} {submission.body}"),
        round=1,
        received_at=submission.received_at or now,
        entered_by_id=actor.id if actor.kind == "user" else None,
        mandate=submission.mandate or None,
        spoken=submission.spoken,
        submission_digest=digest,
        repeat_of_id=submission.repeat_of_id,
        # Nothing is there yet: nobody need ask the database.
        people=[], assignments=[], clocks=[], desk_holdings=[], attachments=[], external_refs=[], merged=[], parts=[], papers=[],
    )  # fmt: skip
    return feedback, _choose_way(feedback, submission.to_unit_id, time.local_date(now))


def _a_code(now: dt.datetime) -> str:
    return codes.make_code(settings.get("code_prefix") or "VN", time.local_date(now).year)


def _fresh_code(now: dt.datetime) -> str:
    while True:
        code = _a_code(now)
        if queries.by_code(code) is None:
            return code


def first_words(body: str) -> str:
    """Return a title made of the first words, for lists of the staff until a clerk writes a better one."""
    line = body.strip().splitlines()[0] if body.strip() else ""
    if len(line) <= TITLE_LENGTH:
        return line
    return line[:TITLE_LENGTH].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"


def _add_people(feedback: Feedback, people: tuple[PersonData, ...]) -> None:
    for data in people:
        if not any((data.name, data.phone, data.email, data.address, data.organisation)):
            continue
        person = Person(role=data.role, tax_code=data.tax_code or None)
        person.name, person.phone, person.email = data.name, data.phone, data.email
        person.address, person.organisation = data.address, data.organisation
        person.phone_index = crypto.blind_index(data.phone) if data.phone else None
        person.email_index = crypto.blind_index(data.email) if data.email else None
        hang(person, "feedback", feedback)
    store(feedback.people)


def _make_keys(feedback: Feedback, *, now: dt.datetime) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Give the sender a key that acts, and every signer one that follows (a representative's acts too)."""
    key = _make_key(feedback, None, may_act=True, now=now)
    if feedback.sender_type != rules.SenderType.GROUP:
        return key, ()
    signers = [person for person in feedback.people if person.role in {PersonRole.SIGNER, PersonRole.REPRESENTATIVE}]
    return key, tuple(
        (person.name or "", _make_key(feedback, person.id, may_act=person.role == PersonRole.REPRESENTATIVE, now=now)) for person in signers
    )


def _make_key(feedback: Feedback, person_id: int | None, *, may_act: bool, now: dt.datetime) -> str:
    key = codes.make_key()
    kept = feedback.names_kept and feedback.channel == rules.Channel.WEB
    until = now + (COPY_OF_KEPT if kept else COPY_OF_KEY)
    row = ReceiptKey(feedback_id=feedback.id, person_id=person_id, digest=crypto.key_digest(key), may_act=may_act, copy_until=until)
    row.copy = key
    ReceiptKey.is_ours.seal(row)
    store([row])
    return key


_OF_DIGEST = db.select(Feedback).where(Feedback.submission_digest == bindparam("digest"))


def _replay(digest: str, now: dt.datetime) -> Receipt | None:
    feedback = db.session.scalar(_OF_DIGEST, {"digest": digest})
    if feedback is None:
        return None
    keys = db.session.scalars(db.select(ReceiptKey).where(ReceiptKey.feedback_id == feedback.id).order_by(ReceiptKey.id)).all()
    copies = {row.person_id: row.copy for row in keys if row.copy_until and row.copy_until > now and row.copy_sealed}
    names = {person.id: person.name or "" for person in feedback.people}
    signers = tuple((names[person_id], copy) for person_id, copy in copies.items() if person_id is not None)
    return Receipt(feedback.code, copies.get(None), feedback, signers, fresh=False)


def _seal(submission: Submission, digest: str, *, now: dt.datetime) -> Receipt:
    written = {
        "body": submission.body,
        "title": submission.title,
        "people": [asdict(person) for person in submission.people],
        "sender_type": submission.sender_type,
        "place_id": submission.place_id,
        "place_text": submission.place_text,
        "happened": submission.happened,
        "happened_on": submission.happened_on and submission.happened_on.isoformat(),
        "field_id": submission.field_id,
        "locale": submission.locale,
        "accused_names": submission.accused_names,
    }
    heading = Heading(_fresh_code(now), now, submission.channel, submission.accused_unit_id)
    code, key = take_in(written, heading, digest=digest, files=submission.files)
    return Receipt(code, key, None, fresh=key is not None)
