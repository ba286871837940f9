"""The calendar, deadline rules, and the settings of the install."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Optional, Regexp, ValidationError

from app.administration import words
from app.administration.forms.choices import among, chosen, number, offered
from app.administration.forms.contact import check_email
from app.calendar.days import DayKind
from app.fields import DatePartsField
from app.text import line, typed


class WholeNumberField(StringField):
    """A whole number; `data` is an int or None, and what was typed is shown again whatever it was."""

    def __init__(self, label: Any, *args: Any, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(label, *args, render_kw={"inputmode": "numeric"}, **kwargs)
        self.type = "StringField"
        self._least, self._most = least, most

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = str(valuelist[0]).strip() if valuelist else ""
        self.data: int | None = None
        if not text:
            return
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal()) or len(digits) > 6:  # noqa: PLR2004 - more digits than any term has
            raise ValidationError(_l("Ghi một số nguyên; ví dụ 10"))
        if not self._least <= int(text) <= self._most:
            raise ValidationError(_l("Ghi số từ %(least)d đến %(most)d", least=self._least, most=self._most))
        self.data = int(text)


class DayForm(FlaskForm):
    """A day that differs from what its weekday says."""

    day = DatePartsField(_l("Ngày"), [InputRequired(_l("Ghi ngày"))])
    kind = RadioField(
        _l("Loại"),
        [chosen],
        choices=[SelectChoice(str(kind), words.DAY_KINDS[kind], {"hint": words.DAY_KIND_HINTS[kind]}) for kind in DayKind],
        validate_choice=False,
    )
    name = StringField(_l("Tên"), [DataRequired(_l("Ghi tên ngày"))], filters=line(120), description=_l("Hiện trong phần giải thích hạn"))
    source = StringField(
        _l("Căn cứ"),
        [DataRequired(_l("Ghi văn bản làm căn cứ"))],
        filters=line(200),
        description=_l("Số, ký hiệu văn bản; cơ quan ban hành"),
    )


class RuleForm(FlaskForm):
    """A deadline rule: what a person can say of it; the rest of a version is taken over from the one before."""

    code = StringField(
        _l("Mã"),
        [DataRequired(_l("Ghi mã")), Regexp(r"^[A-Z][A-Z0-9_]*$", message=_l("Mã chỉ gồm chữ hoa không dấu, số, gạch dưới"))],
        filters=line(40),
    )
    name = StringField(_l("Tên"), [DataRequired(_l("Ghi tên quy định"))], filters=line(200))
    stage = SelectField(_l("Phải xong việc gì"), [chosen], choices=offered(words.STAGES), validate_choice=False)
    start_event = SelectField(_l("Tính từ khi"), [chosen], choices=offered(words.START_EVENTS), validate_choice=False)
    amount = WholeNumberField(
        _l("Số ngày"),
        [InputRequired(_l("Ghi số ngày"))],
        least=-400,
        most=4000,
        description=_l("Số âm là trước sự kiện: -7 là chậm nhất 7 ngày trước"),
    )
    unit = RadioField(_l("Loại ngày"), [chosen], choices=offered(words.TERM_UNITS), validate_choice=False)
    kinds = SelectMultipleField(
        _l("Cho loại ý kiến"),
        [among],
        choices=offered(words.KINDS),
        validate_choice=False,
        description=_l("Không chọn loại nào là áp dụng cho mọi loại"),
    )
    pause_grounds = SelectMultipleField(
        _l("Được tạm dừng tính hạn khi"), [among], choices=offered(words.PAUSE_GROUNDS), validate_choice=False
    )
    source = StringField(_l("Văn bản"), [DataRequired(_l("Ghi số, ký hiệu và tên văn bản"))], filters=line(200))
    article = StringField(_l("Điều, khoản"), [Optional()], filters=line(100))
    evidence = RadioField(
        _l("Đã đối chiếu văn bản gốc chưa"),
        [chosen],
        choices=offered(words.EVIDENCE),
        validate_choice=False,
    )
    local = BooleanField(_l("Tỉnh tự đặt, không phải luật"), description=_l("Hiện cho người dân là cam kết của tỉnh"))
    effective_from = DatePartsField(_l("Áp dụng từ ngày"), [InputRequired(_l("Ghi ngày bắt đầu áp dụng"))])
    note = TextAreaField(_l("Ghi chú"), [Optional()], filters=typed(500))


class EndRuleForm(FlaskForm):
    """The last day of a rule."""

    last_day = DatePartsField(_l("Ngày cuối cùng áp dụng"), [InputRequired(_l("Ghi ngày cuối cùng áp dụng"))])


class SettingsForm(FlaskForm):
    """Whose site it is."""

    province_name = StringField(
        _l("Tên tỉnh"), [DataRequired(_l("Ghi tên tỉnh"))], filters=line(100), description=_l("Như: tỉnh Bắc Ninh; hiện ở đầu mọi trang")
    )
    authority_name = StringField(
        _l("Cơ quan chịu trách nhiệm"),
        [DataRequired(_l("Ghi tên cơ quan"))],
        filters=line(200),
        description=_l("Hiện ở chân trang và trong thư"),
    )
    code_prefix = StringField(
        _l("Chữ đầu của mã tra cứu"),
        [DataRequired(_l("Ghi hai hoặc ba chữ")), Regexp(r"^[A-Z]{2,3}$", message=_l("Hai hoặc ba chữ hoa không dấu; ví dụ BN"))],
        filters=line(3),
        description=_l("Đổi thì mã cũ vẫn tra được"),
    )
    desk_unit_id = SelectField(
        _l("Bộ phận tiếp nhận chung"),
        [chosen],
        coerce=number,
        validate_choice=False,
        render_kw={"data-combobox": ""},
        description=_l("Nhận những ý kiến không quy tắc nào chuyển được. Chỉ chọn được đơn vị có bộ phận tiếp nhận"),
    )
    standing_body_id = SelectField(
        _l("Cơ quan thường trực Ban Chỉ đạo"),
        [chosen],
        coerce=number,
        validate_choice=False,
        render_kw={"data-combobox": ""},
        description=_l("Được gửi bản sao ý kiến về thực hiện dân chủ ở nơi làm việc"),
    )
    anchor_address = EmailField(
        _l("E-mail nhận mốc khóa nhật ký"),
        [Optional(), check_email],
        filters=line(200),
        description=_l("Mỗi đêm một mốc, để sau này ai sửa, xóa nhật ký thì biết. Nên là hộp thư ngoài đơn vị vận hành trang"),
    )
    rating_days = WholeNumberField(
        _l("Số ngày được đánh giá, mở lại"),
        [InputRequired(_l("Ghi số ngày"))],
        least=1,
        most=365,
        description=_l("Tính từ ngày trả lời"),
    )
    league_least = WholeNumberField(
        _l("Số việc ít nhất để xếp hạng"),
        [InputRequired(_l("Ghi số việc"))],
        least=1,
        most=1000,
        description=_l("Đơn vị có ít việc hơn được liệt kê riêng, không xếp hạng"),
    )
    public_least = WholeNumberField(
        _l("Số việc ít nhất để công khai"),
        [InputRequired(_l("Ghi số việc"))],
        least=3,
        most=50,
        description=_l("Trang số liệu công khai ẩn số nhỏ hơn, trừ số 0, để không ai bị đoán ra. Hạ xuống là công bố số đã ẩn"),
    )
    proof = RadioField(_l("Chặn máy tự động gửi biểu mẫu"), [chosen], choices=offered(words.PROOF), validate_choice=False)
    proof_sent = WholeNumberField(
        _l("Số lần gửi trong 10 phút gọi là đông"),
        [InputRequired(_l("Ghi số lần"))],
        least=1,
        most=100_000,
        description=_l("Tính riêng từng biểu mẫu, của cả trang. Đông thì máy của người gửi phải tự kiểm tra vài giây"),
    )
    proof_tries = WholeNumberField(
        _l("Số lần gửi trong một giờ của một mạng gọi là đáng ngờ"),
        [InputRequired(_l("Ghi số lần"))],
        least=1,
        most=100_000,
        description=_l("Nhiều người có thể dùng chung một mạng. Chỉ mạng ấy phải tự kiểm tra"),
    )
