"""What a person said, who they are, what became of it. Nothing typed is public: `public_text` is a separate, masked copy."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.assignments.models import Assignment, Clock, Holding
from app.assignments.rules import State
from app.crypto import Bound, Encrypted
from app.database import Base
from app.files import StoredFile
from app.units.models import Field, Place, Unit
from feedback import rules

if TYPE_CHECKING:
    from feedback.models.papers import Paper, ReplyPoint


#: What decides, beside what the sender wished, whom a name is shown to.
_SHOWN_TO = ("field_id", "desk_unit_id", "accused_unit_id")
#: What still waits for its end is a small part of what there is.
_ANSWERED, _COPIED = text("status = 'answered'"), text("copy_sealed IS NOT NULL")
_OPEN_QUESTION, _STILL_OPEN = text("kind = 'question' AND answered_at IS NULL"), text("closed_on IS NULL")
#: What everyone may read is another.
_PUBLISHED = text("published_at IS NOT NULL")
_ENDED = text("closed_at IS NOT NULL")


class Feedback(Base):
    """One matter a person raised."""

    __tablename__ = "feedback"
    __table_args__ = (
        Index("ix_feedback_desk_queue", "desk_unit_id", "status", "received_at", "id"),
        Index("ix_feedback_public", "published_at", "id"),
        Index("ix_feedback_public_field", "field_id", "published_at", "id", sqlite_where=_PUBLISHED, postgresql_where=_PUBLISHED),
        Index("ix_feedback_public_place", "place_id", "published_at", "id", sqlite_where=_PUBLISHED, postgresql_where=_PUBLISHED),
        Index("ix_feedback_desk_ended", "desk_unit_id", "status", "closed_at", sqlite_where=_ENDED, postgresql_where=_ENDED),
        Index("ix_feedback_answered", "answered_at", "id", sqlite_where=_ANSWERED, postgresql_where=_ANSWERED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    code: Mapped[str] = mapped_column(unique=True, comment="public: BN-26-7K3FQ2-9; a part of a split item ends in .2")
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(default=rules.Status.RECEIVED)
    channel: Mapped[str]
    sender_type: Mapped[str]
    title: Mapped[str] = mapped_column(comment="of the clerk's or made from the first words; for staff only")
    body: Mapped[str] = mapped_column(comment="as written; for staff only")
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    place_text: Mapped[str] = mapped_column(default="", comment="village, house, landmark")
    happened: Mapped[str] = mapped_column(default="", comment="ongoing, date, unknown; empty: nothing was said")
    happened_on: Mapped[dt.date | None] = mapped_column(Date)
    field_id: Mapped[int | None] = mapped_column(ForeignKey("field.id"))
    desk_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), comment="the reception desk it belongs to")
    routing_rule_id: Mapped[int | None] = mapped_column(ForeignKey("routing_rule.id"))
    accused_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True, comment="never in its route")
    accused_names: Mapped[str] = mapped_column(default="", comment="whom it is about, a line each; it keeps nobody out: only the unit does")
    accused_outside: Mapped[bool] = mapped_column(
        default=False, comment="the desk says of those names: of no unit of the province, or not known"
    )
    identity_scope: Mapped[str] = mapped_column(default=rules.IdentityScope.UNIT)
    publish_consent: Mapped[bool] = mapped_column(default=False)
    locale: Mapped[str] = mapped_column(default="vi")
    danger: Mapped[bool] = mapped_column(default=False)
    complex: Mapped[bool] = mapped_column(default=False, comment="vụ việc phức tạp: the longer variant of a rule")
    round: Mapped[int] = mapped_column(default=1)
    received_at: Mapped[dt.datetime] = mapped_column(comment="the legal event, for paper the day it came in")
    answered_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("feedback.id"), index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("feedback.id"), index=True)
    merge_proposed_into_id: Mapped[int | None] = mapped_column(ForeignKey("feedback.id"), comment="its signers were told first")
    repeat_of_id: Mapped[int | None] = mapped_column(ForeignKey("feedback.id"))
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), comment="the clerk who wrote it down")
    spoken: Mapped[dict[str, Any] | None] = mapped_column(comment="language, interpreter, read back, confirmed")
    mandate: Mapped[str | None] = mapped_column(comment="number and date of the mandate, when on someone's behalf")
    submission_digest: Mapped[str | None] = mapped_column(unique=True, comment="of the form's token or Idempotency-Key")
    public_title: Mapped[str | None]
    public_text: Mapped[str | None]
    public_reply: Mapped[str | None]
    published_at: Mapped[dt.datetime | None]
    seal: Mapped[str | None] = mapped_column(comment="peppered: only this site can have led it to another item, or said who knows the name")

    place: Mapped[Place | None] = relationship()
    field: Mapped[Field | None] = relationship()
    desk_unit: Mapped[Unit] = relationship(foreign_keys=desk_unit_id)
    accused_unit: Mapped[Unit | None] = relationship(foreign_keys=accused_unit_id)
    parent: Mapped[Feedback | None] = relationship(remote_side=id, foreign_keys=parent_id, back_populates="parts")
    parts: Mapped[list[Feedback]] = relationship(foreign_keys=parent_id, back_populates="parent", order_by="Feedback.id")
    merged_into: Mapped[Feedback | None] = relationship(remote_side=id, foreign_keys=merged_into_id, back_populates="merged")
    merged: Mapped[list[Feedback]] = relationship(foreign_keys=merged_into_id, back_populates="merged_into", order_by="Feedback.id")
    repeat_of: Mapped[Feedback | None] = relationship(remote_side=id, foreign_keys=repeat_of_id)
    entered_by: Mapped[User | None] = relationship()
    people: Mapped[list[Person]] = relationship(back_populates="feedback", order_by="Person.id")
    assignments: Mapped[list[FeedbackAssignment]] = relationship(back_populates="feedback", order_by="FeedbackAssignment.id")
    clocks: Mapped[list[FeedbackClock]] = relationship(back_populates="feedback", order_by="FeedbackClock.id")
    desk_holdings: Mapped[list[DeskHolding]] = relationship(back_populates="feedback", order_by="DeskHolding.id")
    messages: Mapped[list[Message]] = relationship(back_populates="feedback", order_by="Message.id")
    papers: Mapped[list[Paper]] = relationship(back_populates="feedback", order_by="Paper.id")
    ratings: Mapped[list[Rating]] = relationship(back_populates="feedback", order_by="Rating.id")
    attachments: Mapped[list[Attachment]] = relationship(back_populates="feedback", order_by="Attachment.id")
    external_refs: Mapped[list[ExternalRef]] = relationship(back_populates="feedback", order_by="ExternalRef.id")

    is_ours = Bound("seal", "uid", "parent_id", "merged_into_id", "identity_scope", "sender_type", *_SHOWN_TO)

    @property
    def is_open(self) -> bool:
        return self.status in rules.OPEN

    @property
    def is_anonymous(self) -> bool:
        return self.sender_type == rules.SenderType.ANONYMOUS

    @property
    def is_insider(self) -> bool:
        """About one's own agency or enterprise: units never see who wrote."""
        return self.sender_type == rules.SenderType.INSIDER or (self.field is not None and self.field.insider)

    @property
    def names_kept(self) -> bool:
        """Whether the units that answer are not to know who wrote."""
        return self.identity_scope == rules.IdentityScope.RECEPTION or self.is_insider

    @property
    def writers(self) -> list[Person]:
        """Who wrote; of a part, who wrote the whole."""
        return self.people or (self.parent.people if self.parent is not None and self.is_ours else [])

    @property
    def files(self) -> list[Attachment]:
        """The files that may be handed out: none that somebody hung here by hand in the database."""
        return [each for each in self.attachments if each.is_ours] if self.is_ours else []

    def clock(self, stage: str) -> FeedbackClock | None:
        """Return the latest clock of that stage that was not cancelled."""
        return next((clock for clock in reversed(self.clocks) if clock.stage == stage and clock.cancelled_at is None), None)

    @property
    def open_answer(self) -> FeedbackAssignment | None:
        """The open duty to answer, if a unit has one now."""
        return next((each for each in self.assignments if each.duty == "answer" and each.is_open), None)

    @property
    def open_question(self) -> Message | None:
        """What the sender was asked and has not answered yet."""
        return next((each for each in self.messages if each.kind == MessageKind.QUESTION and each.answered_at is None), None)


Feedback.is_ours.by_itself(Feedback)


class PersonRole:
    """What a person is to the matter."""

    SENDER = "sender"
    PRINCIPAL = "principal"  # whose matter it is, when sent on their behalf
    REPRESENTATIVE = "representative"  # of an enterprise or of many signers
    SIGNER = "signer"


def _stands_here(person: Person) -> bool:
    """Say whether nobody led *person* to another item by hand in the database, or the item to other readers."""
    return person.is_ours and (person.feedback is None or person.feedback.is_ours)


class Person(Base):
    """A name and how to reach it, as ciphertext; phone and e-mail are found again by a blind index."""

    __tablename__ = "feedback_person"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4)
    feedback_id: Mapped[int] = mapped_column(ForeignKey("feedback.id", ondelete="CASCADE"), index=True)
    role: Mapped[str]
    name_sealed: Mapped[bytes | None]
    phone_sealed: Mapped[bytes | None]
    email_sealed: Mapped[bytes | None]
    address_sealed: Mapped[bytes | None]
    organisation_sealed: Mapped[bytes | None]
    phone_index: Mapped[str | None] = mapped_column(index=True)
    email_index: Mapped[str | None] = mapped_column(index=True)
    tax_code: Mapped[str | None]
    erased_at: Mapped[dt.datetime | None]
    seal: Mapped[str | None] = mapped_column(comment="peppered: only this site can have said whose item it is")

    feedback: Mapped[Feedback] = relationship(back_populates="people")
    name = Encrypted("name_sealed", only_if=_stands_here)
    phone = Encrypted("phone_sealed", only_if=_stands_here)
    email = Encrypted("email_sealed", only_if=_stands_here)
    address = Encrypted("address_sealed", only_if=_stands_here)
    organisation = Encrypted("organisation_sealed", only_if=_stands_here)
    is_ours = Bound("seal", "uid", "feedback_id", "role", "phone_index", "email_index")


Person.is_ours.by_itself(Person)


class ReceiptKey(Base):
    """A secret key that opens an item: of the sender, or of a signer who follows it. Only its digest is kept."""

    __tablename__ = "receipt_key"
    __table_args__ = (Index("ix_receipt_key_copy", "copy_until", sqlite_where=_COPIED, postgresql_where=_COPIED),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4)
    feedback_id: Mapped[int] = mapped_column(ForeignKey("feedback.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("feedback_person.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(index=True)
    may_act: Mapped[bool] = mapped_column(default=True, comment="a signer who is no representative only reads")
    copy_sealed: Mapped[bytes | None] = mapped_column(comment="for 24 h, so that the same submission shows the same receipt")
    copy_until: Mapped[dt.datetime | None]

    seal: Mapped[str | None] = mapped_column(comment="peppered, over the others: only this site can have given the item this key")

    copy = Encrypted("copy_sealed")
    is_ours = Bound("seal", "uid", "feedback_id", "person_id", "digest", "may_act")


class FeedbackAssignment(Assignment):
    """A unit's duty to answer an item, or to do what its answer promised."""

    feedback_id: Mapped[int | None] = mapped_column(ForeignKey("feedback.id"), index=True, nullable=True)
    asking: Mapped[bool] = mapped_column(
        server_default=false(), comment="its sender is asked something; written by triggers (feedback.asking)"
    )

    feedback: Mapped[Feedback] = relationship(back_populates="assignments")
    point: Mapped[ReplyPoint | None] = relationship(back_populates="act", uselist=False)

    __mapper_args__ = {"polymorphic_identity": "feedback"}

    @property
    def reference(self) -> str:
        return self.feedback.code


#: A unit's list, and how many there are of each urgency, by this index alone.
_UNIT_LIST = ("unit_id", "duty", "due_sort", "id", "state", "feedback_id")
Index(
    "ix_assignment_unit_open", *(FeedbackAssignment.__table__.c[name] for name in _UNIT_LIST),
    sqlite_where=_STILL_OPEN, postgresql_where=_STILL_OPEN,
)  # fmt: skip
#: Two of these urgencies no day says: what is offered, and what waits for the sender.
_FEW = [FeedbackAssignment.__table__.c[name] for name in ("unit_id", "duty", "due_sort", "id", "feedback_id")]
_OFFERED, _ASKING = text(f"closed_on IS NULL AND state = '{State.OFFERED}'"), text("closed_on IS NULL AND asking")
Index("ix_assignment_unit_offered", *_FEW, sqlite_where=_OFFERED, postgresql_where=_OFFERED)
Index("ix_assignment_unit_asking", *_FEW, sqlite_where=text("closed_on IS NULL AND asking = 1"), postgresql_where=_ASKING)
#: What somebody has in units that are not theirs.
_OWN_LIST = ("officer_id", "unit_id", "duty", "due_sort", "id", "state", "feedback_id", "asking")
Index(
    "ix_assignment_officer_open", *(FeedbackAssignment.__table__.c[name] for name in _OWN_LIST),
    sqlite_where=_STILL_OPEN, postgresql_where=_STILL_OPEN,
)  # fmt: skip


class FeedbackClock(Clock):
    """A clock of the matter itself: notice of handling, opening of a case, answer, waiting at the desk."""

    feedback_id: Mapped[int | None] = mapped_column(ForeignKey("feedback.id"), index=True, nullable=True)
    feedback: Mapped[Feedback] = relationship(back_populates="clocks")

    __mapper_args__ = {"polymorphic_identity": "feedback"}


class DeskHolding(Holding):
    """The days an item lay at a reception desk."""

    feedback_id: Mapped[int | None] = mapped_column(ForeignKey("feedback.id"), index=True, nullable=True)
    feedback: Mapped[Feedback] = relationship(back_populates="desk_holdings")

    __mapper_args__ = {"polymorphic_identity": "desk"}


class MessageKind:
    """What was said in the thread."""

    QUESTION = "question"  # the unit asks the sender for more
    ANSWER = "answer"  # the sender answers it
    ADDITION = "addition"  # the sender adds something of their own
    NOTE = "note"  # internal: staff only
    TOLD = "told"  # the unit tells the sender something


class Message(Base):
    """One entry of the thread between sender and unit, or an internal note."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_open_question", "feedback_id", sqlite_where=_OPEN_QUESTION, postgresql_where=_OPEN_QUESTION),)

    id: Mapped[int] = mapped_column(primary_key=True)
    feedback_id: Mapped[int] = mapped_column(ForeignKey("feedback.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), comment="empty: the sender")
    body: Mapped[str]
    at: Mapped[dt.datetime]
    answered_at: Mapped[dt.datetime | None] = mapped_column(comment="of a question: answered, or lapsed with the item")

    feedback: Mapped[Feedback] = relationship(back_populates="messages")
    user: Mapped[User | None] = relationship()


class Attachment(Base):
    """A file in its place: with the item, a message, or as proof of a point of an answer."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    feedback_id: Mapped[int] = mapped_column(ForeignKey("feedback.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    point_id: Mapped[int | None] = mapped_column(ForeignKey("reply_point.id", ondelete="CASCADE"))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    caption: Mapped[str] = mapped_column(default="", comment="of a proof: when and where it was taken")
    by_sender: Mapped[bool] = mapped_column(default=True)
    seal: Mapped[str | None] = mapped_column(comment="peppered, over the others: only this site can have put the file in its place")

    feedback: Mapped[Feedback] = relationship(back_populates="attachments")
    file: Mapped[StoredFile] = relationship()

    is_ours = Bound("seal", "id", "feedback_id", "message_id", "point_id", "file_id", "by_sender")


Attachment.is_ours.by_itself(Attachment)


class Rating(Base):
    """What the sender thinks of an answer: once a round; kept through every merge."""

    __tablename__ = "rating"
    __table_args__ = (UniqueConstraint("feedback_id", "round"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    feedback_id: Mapped[int] = mapped_column(ForeignKey("feedback.id", ondelete="CASCADE"))
    round: Mapped[int]
    score: Mapped[int]
    why: Mapped[str] = mapped_column(default="")
    at: Mapped[dt.datetime]

    feedback: Mapped[Feedback] = relationship(back_populates="ratings")


class ExternalRef(Base):
    """The item's number in another system: the national petition database, the public-service portal, an incoming document."""

    __tablename__ = "external_ref"
    __table_args__ = (UniqueConstraint("source", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    feedback_id: Mapped[int] = mapped_column(ForeignKey("feedback.id", ondelete="CASCADE"), index=True)
    source: Mapped[str]
    number: Mapped[str]

    feedback: Mapped[Feedback] = relationship(back_populates="external_refs")
