"""What the JSON API takes and gives. Others write against these names: they are added to, never renamed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from flask_babel import lazy_gettext as _l
from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validate

from app.text import TextTooLong, clean_line, clean_typed
from feedback import contacts, rules
from feedback.forms.base import LINE_MAX, TAX_CODE_FAULTS, is_email, phone_fault

BODY_MAX = 5000  # characters, as in the form
TOKEN_MAX = 200  # characters of an Idempotency-Key
KINDS = [str(kind) for kind in rules.Kind] + [rules.DENUNCIATION]


class Text(fields.String):
    """Text a person typed: cleaned, bounded, and not only spaces where it is required."""

    def __init__(self, *, most: int, lines: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most, self.lines = most, lines
        self.metadata.setdefault("maxLength", most)
        if self.required:
            self.metadata.setdefault("minLength", 1)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs) or ""
        try:
            cleaned = (clean_typed if self.lines else clean_line)(text, self.most)
        except TextTooLong as error:
            raise ValidationError(str(_l("Dài %(length)s ký tự, tối đa %(limit)s.", length=error.length, limit=error.limit))) from error
        if self.required and not cleaned:
            raise ValidationError(str(_l("Chưa có nội dung.")))
        return cleaned


class Consent(fields.Boolean):
    """Yes or no, said as such: nobody agrees by a number or a word that somebody reads as yes."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)


class Phone(Text):
    """A phone number, checked as in the form."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return contacts.read_phone(text) if text else ""
        except contacts.PhoneInvalid as fault:
            raise ValidationError(str(phone_fault(fault))) from fault


class Email(Text):
    """An e-mail address, checked as in the form."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text and not is_email(text):
            raise ValidationError(str(_l("E-mail chưa đủ; ví dụ ten@gmail.com")))
        return text


class TaxCode(Text):
    """A tax code, checked as in the form."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return contacts.read_tax_code(text) if text else ""
        except contacts.TaxCodeInvalid as fault:
            raise ValidationError(str(TAX_CODE_FAULTS[fault.why])) from fault


class In(Schema):
    """A body we take: what we do not know is left aside."""

    class Meta:
        unknown = EXCLUDE

    @pre_load
    def only_objects(self, data: Any, **_kwargs: Any) -> Any:
        """Refuse a list or a bare word with a sentence instead of a fault."""
        if not isinstance(data, Mapping):
            raise ValidationError(str(_l("Cần một đối tượng JSON.")))
        return data


class ContactIn(In):
    """Who says it and how to answer."""

    name = Text(most=LINE_MAX, load_default="")
    phone = Phone(most=30, load_default="")
    email = Email(most=LINE_MAX, load_default="", metadata={"anyOf": [{"format": "email"}, {"maxLength": 0}]})
    address = Text(most=LINE_MAX, load_default="")


class SendingHeaders(In):
    """What goes with it: the same key again is the same submission, so it is never cut."""

    idempotency_key = fields.String(
        data_key="Idempotency-Key",
        load_default="",
        validate=validate.Length(max=TOKEN_MAX, error=cast("str", _l("Dài quá %(most)s ký tự.", most=TOKEN_MAX))),
    )
    proof = fields.String(
        data_key="X-Proof",
        load_default="",
        metadata={"description": "after 429 proof-required: its `proof`, solved as ALTCHA does (base64 of challenge and solution)"},
    )


class FeedbackIn(In):
    """One matter."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    body = Text(most=BODY_MAX, lines=True, required=True)
    subject = Text(most=LINE_MAX, load_default="")
    field = fields.String(load_default="", metadata={"description": "code from GET /fields"})
    area = fields.String(load_default="", metadata={"description": "code from GET /areas"})
    contact = fields.Nested(ContactIn, load_default=dict)
    tax_code = TaxCode(most=20, load_default="", metadata={"description": "of an enterprise"})
    publish = Consent(load_default=False, metadata={"description": "consent to a masked public copy"})
    lang = fields.String(load_default="vi", validate=validate.OneOf(["vi", "en"]))


class MessageIn(In):
    """Something the sender adds; it answers an open question."""

    text = Text(most=BODY_MAX, lines=True, required=True)


class RatingIn(In):
    """What the answer is worth."""

    score = fields.Integer(required=True, strict=True, validate=validate.Range(1, 5))
    why = Text(most=2000, lines=True, load_default="")


class ReopeningIn(In):
    """Why the answer does not do."""

    reason = Text(most=BODY_MAX, lines=True, required=True)


class ListIn(In):
    """What of the public list is wanted."""

    q = fields.String(load_default="", validate=validate.Length(max=LINE_MAX))
    kind = fields.String(load_default="", validate=validate.OneOf(["", *[str(kind) for kind in rules.Kind]]))
    field = fields.String(load_default="")
    area = fields.String(load_default="")
    unit = fields.String(load_default="")
    status = fields.String(load_default="", validate=validate.OneOf(["", *[str(status) for status in rules.Status]]))
    cursor = fields.String(load_default="")
    limit = fields.Integer(load_default=25, validate=validate.Range(1, 100))


class Named(Schema):
    """A code and its name."""

    code = fields.String()
    name = fields.String()


class ReceiptOut(Schema):
    """What the sender takes away. Both dates are null where neither law nor the province promises any."""

    code = fields.String()
    key = fields.String(allow_none=True, metadata={"description": "null when the same submission is repeated after 24 hours"})
    status = fields.String(allow_none=True)
    unit = fields.Nested(Named, allow_none=True)
    notice_due_on = fields.Date(allow_none=True)
    due_on = fields.Date(allow_none=True)
    due_reason = fields.String(allow_none=True)
    notice = fields.String(metadata={"description": "of a denunciation: that the law does not take it online, and where to hand it in"})
    links = fields.Dict(keys=fields.String(), values=fields.String())


class PublicOut(Schema):
    """What everyone may know of an item; nothing typed is in it but a masked copy a clerk published."""

    code = fields.String()
    kind = fields.String()
    status = fields.String()
    field = fields.Nested(Named, allow_none=True)
    area = fields.Nested(Named, allow_none=True)
    unit = fields.Nested(Named, allow_none=True)
    received_on = fields.Date()
    notice_due_on = fields.Date(allow_none=True)
    due_on = fields.Date(allow_none=True)
    due_reason = fields.String(allow_none=True)
    answered_on = fields.Date(allow_none=True)
    late = fields.Boolean()
    title = fields.String(allow_none=True)
    text = fields.String(allow_none=True)
    reply = fields.String(allow_none=True)
    merged_into = fields.String(allow_none=True)
    parts = fields.List(fields.String())


class EventOut(Schema):
    """One entry of the sender's timeline."""

    at = fields.AwareDateTime()
    event = fields.String()
    unit = fields.String(allow_none=True)


class MessageOut(Schema):
    """One entry of the thread."""

    at = fields.AwareDateTime()
    kind = fields.String()
    text = fields.String()


class PointOut(Schema):
    """One point of the answer."""

    title = fields.String()
    text = fields.String()
    outcome = fields.String()
    promised_on = fields.Date(allow_none=True)


class AnswerOut(Schema):
    """An answer that was issued."""

    round = fields.Integer(metadata={"description": "1, or 2 for the answer after it was opened again"})
    number = fields.String(allow_none=True)
    published_at = fields.AwareDateTime()
    unit = fields.String()
    body = fields.String()
    points = fields.List(fields.Nested(PointOut))


class SenderOut(PublicOut):
    """What code and key open."""

    body = fields.String()
    timeline = fields.List(fields.Nested(EventOut))
    messages = fields.List(fields.Nested(MessageOut))
    question_open = fields.Boolean()
    answer = fields.Nested(AnswerOut, allow_none=True, metadata={"description": "the newest of `answers`"})
    answers = fields.List(fields.Nested(AnswerOut))


class ListOut(Schema):
    """A page of the public list."""

    items = fields.List(fields.Nested(PublicOut))
    next = fields.String(allow_none=True, metadata={"description": "cursor of the next page"})


class UnitOut(Named):
    """A unit that answers."""

    kind = fields.String()
    level = fields.String()
    parent = fields.String(allow_none=True)


class AreaOut(Named):
    """A commune."""

    kind = fields.String()
