"""What a clerk types who writes something down for somebody: how it came in, when, who spoke, and what other registers call it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional, ValidationError

from app.clock import LOCAL
from app.fields import DatePartsField
from app.text import line
from feedback import rules, words
from feedback.forms.base import LINE_MAX, card
from feedback.forms.citizen import SendForm
from feedback.operations.intake import Submission
from feedback.rules import Channel, IdentityScope, Kind, SenderType

#: What can be written down for somebody, and by whom: a trade union only what it brings itself.
CHANNELS = (Channel.IN_PERSON, Channel.PHONE, Channel.PAPER, Channel.VOTER_MEETING)

#: A letter found after longer than this carries a slip of the finger in its date more often than not.
OLDEST = dt.timedelta(days=366)

#: Nobody interprets these.
MOTHER_TONGUES = {"", "tiếng việt", "việt", "kinh", "tiếng kinh"}


class EnterForm(SendForm):
    """One matter, as it was told, handed in or read out to a clerk. *channels* are the ways this person may enter."""

    kind = RadioField(
        _l("Ý kiến thuộc loại nào?"),
        validate_choice=False,
        choices=lambda: [card(kind, word, words.KIND_CHOICES[kind][1]) for kind, word in words.KINDS.items() if kind != rules.DENUNCIATION],
    )
    channel = RadioField(_l("Ý kiến đến bằng cách nào?"), validate_choice=False)
    received_on = DatePartsField(_l("Ngày đến"))
    sender = RadioField(
        _l("Người gửi"),
        default=SenderType.PERSON,
        validate_choice=False,
        choices=lambda: [
            SelectChoice(SenderType.PERSON, _("Một người, việc của chính người ấy")),
            SelectChoice(SenderType.ON_BEHALF, _("Một người gửi hộ người khác")),
            SelectChoice(SenderType.ENTERPRISE, _("Doanh nghiệp, tổ chức")),
            SelectChoice(SenderType.GROUP, _("Nhiều người cùng ký")),
        ],
    )
    principal_agrees = BooleanField(_l("Người được gửi hộ biết và đồng ý"))
    publish_consent = BooleanField(words.CONSENTS["publish-clerk-1"])
    spoken = BooleanField(_l("Người gửi nói, không tự viết; cán bộ ghi lại"))
    language = StringField(_l("Nói bằng tiếng"), [Optional()], filters=line(LINE_MAX))
    interpreter = StringField(_l("Họ tên người phiên dịch"), [Optional()], filters=line(LINE_MAX))
    read_back = BooleanField(_l("Đã đọc lại cho người nói nghe"))
    confirmed = BooleanField(_l("Người nói xác nhận ghi đúng"))
    reference_source = StringField(_l("Hệ thống, sổ khác"), [Optional()], filters=line(LINE_MAX))
    reference_number = StringField(_l("Số ở đó"), [Optional()], filters=line(LINE_MAX))

    def __init__(self, *args: Any, channels: tuple[Channel, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channel.choices = [SelectChoice(channel, words.CHANNELS[channel]) for channel in channels]
        if len(channels) == 1:
            self.channel.data = channels[0]

    @property
    def sender_type(self) -> SenderType:
        """Who says it. Who comes through the union speaks of the place they work at, and is an insider."""
        found = super().sender_type
        return SenderType.INSIDER if self._by_union and found is SenderType.PERSON else found

    @property
    def _by_union(self) -> bool:
        return self.channel.data == Channel.TRADE_UNION

    def entered(self, *, now: dt.datetime) -> Submission:
        """Return what was typed, once validate() said it is fine; letters count from the day they came in."""
        day = self.received_on.data
        came = dt.datetime.combine(day, dt.time(), tzinfo=LOCAL) if day is not None and day != self._today else now
        spoken = {
            "language": self.language.data or str(_("tiếng Việt")),
            "interpreter": self.interpreter.data or "",
            "read_back": self.read_back.data,
            "confirmed": self.confirmed.data,
        }
        return replace(
            self.submission(locale="vi"),
            channel=Channel(self.channel.data),
            received_at=came,
            spoken=spoken if self.spoken.data else None,
            identity_scope=IdentityScope.RECEPTION if self._by_union else IdentityScope(self.identity_scope.data),
            external_refs=((self.reference_source.data, self.reference_number.data),) if self.reference_number.data else (),
        )

    # --- what may be wrong with it ----------------------------------------------------------------------------------

    def validate(self, extra_validators: Any = None) -> bool:
        """Check what only some channels and speakers are asked for, too."""
        fine = super().validate(extra_validators)
        if self.spoken.data:
            self._validate_spoken()
        if bool(self.reference_source.data) != bool(self.reference_number.data):
            missing = "reference_number" if self.reference_source.data else "reference_source"
            self.fail(missing, _("Ghi cả tên hệ thống, sổ và số ở đó"))
        return fine and not self.failed

    def validate_kind(self, field: RadioField) -> None:
        """Ask for one of the kinds; a denunciation has a register of its own."""
        if field.data not in set(Kind):
            raise ValidationError(_l("Chọn loại theo nội dung, không theo tiêu đề của đơn"))

    def validate_channel(self, field: RadioField) -> None:
        """Ask how it came in."""
        if field.data not in {choice.value for choice in field.iter_choices()}:
            raise ValidationError(_l("Chọn ý kiến đến bằng cách nào"))

    def validate_received_on(self, field: DatePartsField) -> None:
        """Ask for the day of what came by post or at a meeting; the days owed count from it."""
        if field.data is None and not field.process_errors and self.channel.data in {Channel.PAPER, Channel.VOTER_MEETING}:
            raise ValidationError(_l("Ghi ngày đến: hạn trả lời đếm từ ngày này"))
        if field.data and field.data > self._today:
            raise ValidationError(_l("Ngày này chưa tới. Ghi ngày đơn đến"))
        if field.data and field.data < self._today - OLDEST:
            raise ValidationError(_l("Đã quá một năm. So lại dấu công văn đến"))

    def _validate_spoken(self) -> None:
        # Luật Khiếu nại 2011 Điều 8 khoản 3 (wording from memory): "người tiếp nhận … ghi lại việc khiếu nại bằng văn bản và
        # yêu cầu người khiếu nại ký hoặc điểm chỉ xác nhận vào văn bản". What was written down is read back first.
        if not self.read_back.data:
            self.fail("read_back", _("Đọc lại cho người nói nghe rồi đánh dấu"))
        if not self.confirmed.data:
            self.fail("confirmed", _("Người nói xác nhận đúng thì mới ghi nhận; chưa đúng thì sửa lại lời"))
        if (self.language.data or "").casefold() not in MOTHER_TONGUES and not self.interpreter.data:
            self.fail("interpreter", _("Nói bằng tiếng khác thì ghi tên người phiên dịch"))
