"""What the JSON API of the sessions takes and gives. Others write against these names: they are added to, never renamed."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from dialogues.forms.asking import QUESTION_MAX
from dialogues.rules import MOST_PEOPLE, Need
from feedback.forms.api import TOKEN_MAX, Consent, ContactIn, In, Named, ReceiptOut, Text
from feedback.forms.base import LINE_MAX

DEVICE_MIN = 16  # characters


class SessionsIn(In):
    """Which sessions are wanted."""

    when = fields.String(load_default="ahead", validate=validate.OneOf(["ahead", "past"]))
    area = fields.String(load_default="", metadata={"description": "code from GET /areas"})
    unit = fields.String(load_default="", metadata={"description": "code from GET /units"})
    cursor = fields.String(load_default="", metadata={"description": "of the past sessions"})
    limit = fields.Integer(load_default=25, validate=validate.Range(1, 100))


class SessionOut(Schema):
    """What everyone may know of a session; while it is put off day and hours are null, and who comes, where and to what is empty."""

    code = fields.String()
    topic = fields.String()
    status = fields.String()
    unit = fields.Nested(Named)
    area = fields.Nested(Named, allow_none=True)
    field = fields.Nested(Named, allow_none=True)
    audience = fields.String()
    form = fields.String(metadata={"description": "in_person, online or mixed"})
    starts_at = fields.AwareDateTime(allow_none=True)
    ends_at = fields.AwareDateTime(allow_none=True)
    takes_questions = fields.Boolean()
    takes_registrations = fields.Boolean()
    put_off_why = fields.String(allow_none=True, metadata={"description": "why it was postponed or cancelled"})
    links = fields.Dict(keys=fields.String(), values=fields.String())


class HallOut(Schema):
    """Where people sit."""

    id = fields.UUID(attribute="uid")
    name = fields.String()
    address = fields.String()


class ChairOut(Schema):
    """Who chairs it, or organises it along."""

    part = fields.String()
    name = fields.String()
    title = fields.String()


class ItemOut(Schema):
    """One item of the programme."""

    title = fields.String()
    part = fields.String()
    presenter = fields.String()
    minutes = fields.Integer()
    begins_at = fields.AwareDateTime(allow_none=True, metadata={"description": "as planned"})


class QuestionOut(Schema):
    """A question in its masked copy. Its answer is null until the result is published."""

    id = fields.UUID(attribute="uid")
    text = fields.String(
        attribute="public_text",
        allow_none=True,
        metadata={"description": "null where the asker did not agree to it; once the result is published, one reads how it was answered"},
    )
    theme = fields.String(allow_none=True)
    for_the_day = fields.Boolean(metadata={"description": "put at the session; all others are answered in writing"})
    like = fields.UUID(allow_none=True, metadata={"description": "the question it is answered together with"})
    supports = fields.Integer()
    answer_kind = fields.String(allow_none=True)
    answer = fields.String(allow_none=True)


class PetitionOut(Schema):
    """How a higher body was petitioned, and whether it accepted."""

    number = fields.String()
    sent_on = fields.Date()
    accepted = fields.Boolean(allow_none=True, metadata={"description": "null: it has not answered"})
    decided_on = fields.Date(allow_none=True)


class ConclusionOut(Schema):
    """Something that was promised at the session, and what became of it."""

    duty = fields.String(metadata={"description": "answer: of a question that was left open; act: something to be done"})
    text = fields.String()
    unit = fields.String(metadata={"description": "the name of who does it"})
    supporting = fields.List(fields.String())
    beyond = fields.String(metadata={"description": "the body that is petitioned, where the chair's authority ends"})
    due_on = fields.Date(allow_none=True)
    public_form = fields.String(allow_none=True)
    done = fields.Boolean()
    done_on = fields.Date(allow_none=True)
    late = fields.Boolean()
    outcome = fields.String()
    question = fields.String(attribute="question_uid", allow_none=True)
    petition = fields.Nested(PetitionOut, allow_none=True)


class SumsOut(Schema):
    """How many of the conclusions are of one duty, and how they stand today."""

    given = fields.Integer()
    done = fields.Integer()
    late = fields.Integer(metadata={"description": "not done, and past their day"})


class WholeSessionOut(SessionOut):
    """One session with its programme, its questions and, once the result is published, its conclusions."""

    halls = fields.List(fields.Nested(HallOut))
    chairs = fields.List(fields.Nested(ChairOut))
    online_link = fields.String()
    programme = fields.List(fields.Nested(ItemOut))
    questions = fields.List(fields.Nested(QuestionOut))
    conclusion = fields.String(allow_none=True)
    to_act = fields.Nested(SumsOut, metadata={"description": "what was given out to be done; answering is not doing"})
    to_answer = fields.Nested(SumsOut, metadata={"description": "the questions that were left to be answered in writing"})
    result_due_on = fields.Date(allow_none=True, metadata={"description": "once it was held: the day by which the result is owed"})
    result_late = fields.Boolean(metadata={"description": "it was published, or is not yet, after that day"})
    conclusions = fields.List(fields.Nested(ConclusionOut))


class SessionsOut(Schema):
    """A page of the list."""

    items = fields.List(fields.Nested(SessionOut))
    next = fields.String(allow_none=True, metadata={"description": "cursor of the next page"})


class QuestionIn(In):
    """A question for a session. Who asks leaves a name and a way to answer, for an answer by a day is owed to them."""

    text = Text(most=QUESTION_MAX, lines=True, required=True)
    contact = fields.Nested(ContactIn, required=True)
    comes_from = Text(most=LINE_MAX, load_default="", metadata={"description": "village, street group, enterprise"})
    earlier_code = Text(most=LINE_MAX, load_default="", metadata={"description": "of an item sent before"})
    earlier_key = Text(most=LINE_MAX, load_default="", metadata={"description": "with it the question goes on with that item"})
    publish = Consent(load_default=False, metadata={"description": "consent to a masked public copy"})
    lang = fields.String(load_default="vi", validate=validate.OneOf(["vi", "en"]))


class QuestionReceiptOut(ReceiptOut):
    """What the asker takes away: the receipt of the item that the question is."""

    question = fields.UUID()


class RegistrationIn(In):
    """Somebody wants a seat. How to be told when one comes free: phone or e-mail."""

    contact = fields.Nested(ContactIn, required=True)
    comes_from = Text(most=LINE_MAX, load_default="", metadata={"description": "village, street group, enterprise"})
    people = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, MOST_PEOPLE))
    hall = fields.String(load_default="", metadata={"description": "id of one of the session's halls; the main one unless said"})
    needs = fields.List(fields.String(validate=validate.OneOf([str(need) for need in Need])), load_default=list)
    lang = fields.String(load_default="vi", validate=validate.OneOf(["vi", "en"]))


class RegistrationOut(Schema):
    """The seat, or the place on the waiting list."""

    state = fields.String(metadata={"description": "seated or waiting"})
    people = fields.Integer()
    check_in_code = fields.String(metadata={"description": "typed or scanned at the door; opens nothing else"})
    link = fields.String(metadata={"description": "changes or cancels it: only for who registered"})


class SupportIn(In):
    """Which device it is: the id that an earlier answer gave it, of which only a digest is kept; before that, anything."""

    device = fields.String(required=True, validate=validate.Length(min=DEVICE_MIN, max=TOKEN_MAX))


class SupportOut(Schema):
    """How many want to know it, too."""

    supports = fields.Integer()
    device = fields.String(metadata={"description": "the device's id from now on"})
