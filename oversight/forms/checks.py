"""What was found on the spot, who goes, what the superior decides, and how much is drawn."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Optional

from app.administration.forms.law import WholeNumberField
from app.fields import DatePartsField
from app.files import UploadsField
from app.text import line, typed
from feedback.forms.base import LINE_MAX, OwnForm, card
from feedback.forms.staff import offered

TEXT_MAX = 3000  # characters
YES, NO = "yes", "no"


class LookForm(OwnForm):
    """What was found on the spot."""

    as_reported = RadioField(
        _l("Thực tế thế nào"),
        [offered(_l("Chọn đúng hoặc chưa đúng"))],
        validate_choice=False,
        choices=lambda: [
            card(YES, _l("Đúng như đơn vị đã báo")),
            card(NO, _l("Chưa đúng như đã báo"), _l("Câu hỏi có mở lại hay không được đưa tới cấp trên của đơn vị")),
        ],
    )
    looked_on = DatePartsField(_l("Ngày đến xem"), [InputRequired(_l("Ghi ngày đến xem"))])
    place = StringField(_l("Xem ở đâu"), [Optional()], filters=line(LINE_MAX))
    companions = StringField(_l("Ai cùng đi"), [Optional()], filters=line(LINE_MAX))
    note = TextAreaField(
        _l("Đã thấy gì"),
        [DataRequired(_l("Ghi đã thấy gì tại chỗ"))],
        filters=typed(TEXT_MAX),
        description=_l("Chỉ cán bộ đọc: đơn vị, cấp trên của đơn vị, Mặt trận và cơ quan giám sát."),
    )
    public_note = StringField(
        _l("Một câu cho mọi người cùng đọc"),
        [Optional()],
        filters=line(LINE_MAX),
        description=_l("Không ghi tên, chỗ ở, số điện thoại của ai."),
    )
    photos = UploadsField(_l("Chọn ảnh chụp tại chỗ"), [Optional()], description=_l("Ảnh JPG, PNG hoặc WEBP."))
    caption = StringField(_l("Ảnh chụp gì"), [Optional()], filters=line(LINE_MAX))


class PlanForm(OwnForm):
    """Who goes, and when; the view fills the choices."""

    looker = SelectField(_l("Ai đến xem"), [offered(_l("Chọn người trong danh sách"))], validate_choice=False)
    planned_on = DatePartsField(_l("Dự kiến ngày"), [Optional()])


class DecideForm(OwnForm):
    """Opened again or not, and why."""

    reopened = RadioField(
        _l("Quyết định"),
        [offered(_l("Chọn mở lại hoặc không"))],
        validate_choice=False,
        choices=lambda: [card(YES, _l("Mở lại, đơn vị làm lại")), card(NO, _l("Không mở lại"))],
    )
    due_on = DatePartsField(_l("Mở lại thì làm xong chậm nhất ngày"), [Optional()])
    reason = TextAreaField(
        _l("Lý do"),
        [DataRequired(_l("Ghi lý do quyết định"))],
        filters=typed(TEXT_MAX),
        description=_l("Nơi đã kiểm tra, đơn vị và người dân đã gửi ý kiến đều đọc được. Không ghi tên, chỗ ở của ai."),
    )


class SamplingForm(FlaskForm):
    """How much is drawn each month, by whose word, from which day on."""

    name = StringField(_l("Tên quy định"), [DataRequired(_l("Ghi tên"))], filters=line(LINE_MAX))
    share = WholeNumberField(_l("Bao nhiêu phần trăm việc báo đã xong"), [InputRequired(_l("Ghi tỷ lệ"))], least=1, most=100)
    minimum = WholeNumberField(_l("Ít nhất mấy việc"), [InputRequired(_l("Ghi số việc ít nhất"))], least=0, most=1000)
    maximum = WholeNumberField(_l("Nhiều nhất mấy việc"), [InputRequired(_l("Ghi số việc nhiều nhất"))], least=1, most=1000)
    source = StringField(_l("Văn bản"), [DataRequired(_l("Ghi số, ký hiệu và tên văn bản"))], filters=line(LINE_MAX))
    effective_from = DatePartsField(_l("Áp dụng từ ngày"), [InputRequired(_l("Ghi ngày bắt đầu áp dụng"))])
