"""What a citizen types who asks before a session, and what a clerk types who writes it down for somebody."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, HiddenField, RadioField, StringField, TelField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional, ValidationError

from app.clock import LOCAL
from app.fields import DatePartsField
from app.text import line, typed
from dialogues.operations.asking import Asked
from dialogues.rules import Origin
from feedback import codes, words
from feedback.forms.base import LINE_MAX, ContactFields, OwnForm, mistyped
from feedback.forms.entering import OLDEST
from feedback.models import PersonRole
from feedback.operations.intake import PersonData, Submission
from feedback.rules import Channel, Kind, SenderType

QUESTION_MAX = 2000  # characters
CHANNELS = (Channel.IN_PERSON, Channel.PHONE, Channel.PAPER)


class AskForm(OwnForm, ContactFields):
    """One question for a session, whose asker can be answered."""

    body = TextAreaField(_l("Câu hỏi"), filters=typed(QUESTION_MAX))
    comes_from = StringField(
        _l("Ở thôn, tổ dân phố, doanh nghiệp nào"), [Optional()], filters=line(LINE_MAX), render_kw={"autocomplete": "address-line2"}
    )
    name = StringField(_l("Họ và tên"), filters=line(LINE_MAX), render_kw={"autocomplete": "name"})
    phone = TelField(_l("Số điện thoại"), filters=line(30), render_kw={"autocomplete": "tel", "inputmode": "tel"})
    email = EmailField(
        _l("E-mail"), filters=line(LINE_MAX), description=words.CONSENTS["notices-web-1"], render_kw={"autocomplete": "email"}
    )
    on_behalf = BooleanField(_l("Tôi hỏi hộ người khác"))
    principal_name = StringField(_l("Họ và tên người được hỏi hộ"), filters=line(LINE_MAX))
    principal_agrees = BooleanField(_l("Người ấy biết và đồng ý để tôi hỏi hộ"))
    earlier_code = StringField(
        _l("Mã tra cứu của ý kiến đã gửi trước"), filters=line(LINE_MAX), render_kw={"autocomplete": "off", "spellcheck": "false"}
    )
    earlier_key = StringField(
        _l("Mã bí mật của ý kiến ấy"), filters=line(LINE_MAX), render_kw={"autocomplete": "off", "spellcheck": "false"}
    )
    publish_consent = BooleanField(words.CONSENTS["publish-question-1"])
    website = StringField(_l("Ô này để trống"))  # for robots, which fill in whatever they find
    token = HiddenField(default=lambda: secrets.token_urlsafe(18))

    @property
    def channel_taken(self) -> Channel:
        """How it came in; a clerk says."""
        return Channel.WEB

    def asked(self, code: str, *, locale: str, received_at: dt.datetime | None = None) -> Asked:
        """Return the question for the session *code*, once validate() said it is fine."""
        people = [PersonData(name=self.name.data or "", phone=self.phone.data or "", email=self.email.data or "")]
        if self.on_behalf.data:
            people.append(PersonData(role=PersonRole.PRINCIPAL, name=self.principal_name.data or ""))
        return Asked(
            submission=Submission(
                kind=Kind.QUESTION,
                body=self.body.data or "",
                token=self.submission_token(code),
                channel=self.channel_taken,
                sender_type=SenderType.ON_BEHALF if self.on_behalf.data else SenderType.PERSON,
                people=tuple(people),
                place_text=self.comes_from.data or "",
                publish_consent=self.publish_consent.data,
                locale=locale,
                received_at=received_at,
            ),
            origin=self._origin,
            comes_from=self.comes_from.data or "",
            earlier_code=self.earlier_code.data or "",
            earlier_key=self.earlier_key.data or "",
        )

    @property
    def _origin(self) -> Origin:
        return Origin.PROXY if self.on_behalf.data else Origin.WEB

    def submission_token(self, code: str) -> str:
        """The same form with the same words for the same session is the same question; with others it is another."""
        said = "\x1f".join([code, self.body.data or "", self.name.data or ""])
        return f"{self.token.data}:{hashlib.sha256(said.encode()).hexdigest()}"

    # --- what may be wrong with it ----------------------------------------------------------------------------------

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, then what belongs together."""
        fine = super().validate(extra_validators)
        if not (self.phone.data or self.email.data or self.phone.errors or self.email.errors):
            self.fail("phone", _("Ghi ít nhất một cách để trả lời: điện thoại hoặc e-mail"))
        if self.on_behalf.data and not self.principal_name.data:
            self.fail("principal_name", _("Ghi họ tên người được hỏi hộ"))
        if self.on_behalf.data and not self.principal_agrees.data:
            self.fail("principal_agrees", _("Cần người ấy đồng ý. Chưa hỏi được thì hỏi với tên của mình"))
        if self.earlier_key.data and not self.earlier_code.data:
            self.fail("earlier_code", _("Ghi cả mã tra cứu, hoặc bỏ trống cả hai ô"))
        return fine and not self.failed

    def validate_body(self, field: TextAreaField) -> None:
        """Ask for words."""
        if not field.data:
            raise ValidationError(_l("Viết câu hỏi"))

    def validate_name(self, field: StringField) -> None:
        """Ask for a name: only who is known is promised an answer by a day."""
        if not field.data:
            raise ValidationError(_l("Ghi họ và tên"))

    def validate_earlier_code(self, field: StringField) -> None:
        """Say what is no code at all."""
        if not field.data:
            return
        try:
            codes.read_code(field.data)
        except codes.CodeInvalid as fault:
            raise ValidationError(mistyped()) from fault

    def validate_token(self, field: HiddenField) -> None:
        """Give a form that lost its token another one."""
        if not field.data or len(field.data) > LINE_MAX:
            field.data = secrets.token_urlsafe(18)


class EnterQuestionForm(AskForm):
    """The same, told or handed in to a clerk. *today* bounds the day it came."""

    channel = RadioField(
        _l("Câu hỏi đến bằng cách nào?"),
        validate_choice=False,
        choices=lambda: [SelectChoice(channel, words.CHANNELS[channel]) for channel in CHANNELS],
    )
    received_on = DatePartsField(_l("Ngày đến"))
    on_behalf = BooleanField(_l("Người này hỏi hộ người khác"))
    principal_agrees = BooleanField(_l("Người được hỏi hộ biết và đồng ý"))
    publish_consent = BooleanField(words.CONSENTS["publish-asked-1"])

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = today

    @property
    def channel_taken(self) -> Channel:
        """How it came in."""
        return Channel(self.channel.data)

    @property
    def _origin(self) -> Origin:
        return Origin.PROXY if self.on_behalf.data else Origin.CLERK

    def entered(self, code: str, *, now: dt.datetime) -> Asked:
        """Return the question as a clerk wrote it down; a letter counts from the day it came in."""
        day = self.received_on.data
        came = dt.datetime.combine(day, dt.time(), tzinfo=LOCAL) if day is not None and day != self._today else now
        return self.asked(code, locale="vi", received_at=came)

    def validate_channel(self, field: RadioField) -> None:
        """Ask how it came in."""
        if field.data not in {choice.value for choice in field.iter_choices()}:
            raise ValidationError(_l("Chọn câu hỏi đến bằng cách nào"))

    def validate_received_on(self, field: DatePartsField) -> None:
        """Ask for the day of what came on paper; the days owed count from it."""
        if field.data is None and not field.process_errors and self.channel.data == Channel.PAPER:
            raise ValidationError(_l("Ghi ngày đến: hạn trả lời đếm từ ngày này"))
        if field.data and field.data > self._today:
            raise ValidationError(_l("Ngày này chưa tới. Ghi ngày đơn đến"))
        if field.data and field.data < self._today - OLDEST:
            raise ValidationError(_l("Đã quá một năm. So lại dấu công văn đến"))
