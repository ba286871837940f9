"""What an administrator says of a rung of the escalation ladder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, InputRequired, Optional, Regexp

from app.administration import words
from app.administration.forms.choices import among, chosen, offered
from app.administration.forms.law import WholeNumberField
from app.escalation.words import DUTIES, LEVELS, kinds
from app.fields import DatePartsField
from app.text import line


class RungForm(FlaskForm):
    """Whom a promise reaches, how many working days before or after its day, by which text."""

    code = StringField(
        _l("Mã"),
        [DataRequired(_l("Ghi mã")), Regexp(r"^[A-Z][A-Z0-9_]*$", message=_l("Mã chỉ gồm chữ hoa không dấu, số, gạch dưới"))],
        filters=line(40),
        description=_l("Ví dụ LEO_CAP_TREN"),
    )
    name = StringField(
        _l("Tên"), [DataRequired(_l("Ghi tên bậc"))], filters=line(200), description=_l("Ví dụ: Quá hạn: báo đơn vị cấp trên")
    )
    level = RadioField(_l("Báo tới"), [chosen], validate_choice=False)
    days = WholeNumberField(
        _l("Số ngày làm việc"),
        [InputRequired(_l("Ghi số ngày làm việc"))],
        least=-30,
        most=250,
        description=_l("Sau ngày đến hạn. Số âm là trước hạn: -2 là còn 2 ngày làm việc; 0 là đúng ngày đến hạn"),
    )
    kinds = SelectMultipleField(
        _l("Cho việc từ nguồn"), [among], validate_choice=False, description=_l("Không chọn nguồn nào là áp dụng cho mọi nguồn")
    )
    duties = SelectMultipleField(
        _l("Cho việc phải"),
        [among],
        validate_choice=False,
        description=_l("Không chọn là áp dụng cho cả hai"),
    )
    source = StringField(_l("Văn bản"), [DataRequired(_l("Ghi số, ký hiệu và tên văn bản"))], filters=line(200))
    article = StringField(_l("Điều, khoản"), [Optional()], filters=line(100))
    evidence = RadioField(_l("Đã đối chiếu văn bản gốc chưa"), [chosen], choices=offered(words.EVIDENCE), validate_choice=False)
    local = BooleanField(_l("Tỉnh tự đặt, không phải luật"))
    effective_from = DatePartsField(_l("Áp dụng từ ngày"), [InputRequired(_l("Ghi ngày bắt đầu áp dụng"))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds.choices = offered(kinds())
        self.level.choices, self.duties.choices = offered(_beginning(LEVELS)), offered(_beginning(DUTIES))

    def said(self) -> dict[str, Any]:
        """Return the rung, once validate() said it is fine; without its code where the form does not ask for it."""
        return {field.short_name: field.data for field in self if field.short_name != "csrf_token"} | {"article": self.article.data or ""}


def _beginning(words_: Mapping[str, Any]) -> dict[str, str]:
    """Return words that stand inside sentences as those that begin one."""
    return {code: str(word)[:1].upper() + str(word)[1:] for code, word in words_.items()}
