"""People, their roles, their deputies, and their leaving."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, RadioField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Optional

from app.accounts.models import User
from app.accounts.rules import SigningForm, may_sign
from app.accounts.words import DELEGATION_FORMS, DELEGATION_HINTS, ROLE_HINTS, ROLES
from app.administration.forms.choices import chosen, named, number, people
from app.administration.forms.contact import check_email
from app.fields import DatePartsField
from app.text import line


class UserForm(FlaskForm):
    """A person with an account."""

    name = StringField(_l("Họ và tên"), [DataRequired(_l("Ghi họ và tên"))], filters=line(100))
    form_of_address = RadioField(
        _l("Xưng hô"), [chosen], choices=[SelectChoice("ông", _l("Ông")), SelectChoice("bà", _l("Bà"))], validate_choice=False
    )
    email = EmailField(
        _l("E-mail công vụ"), [DataRequired(_l("Ghi e-mail công vụ")), check_email], filters=line(200), description=_l("Dùng để đăng nhập")
    )
    title = StringField(_l("Chức vụ"), [Optional()], filters=line(150), description=_l("Như ghi dưới chữ ký"))
    unit_id = SelectField(_l("Đơn vị"), [named], coerce=number, validate_choice=False, render_kw={"data-combobox": ""})


class MoveForm(UserForm):
    """Somebody with roles over units, who may come to work in another."""

    old_roles = RadioField(
        _l("Nếu chuyển đơn vị: vai trò ở đơn vị cũ"),
        [chosen],
        choices=[
            SelectChoice("end", _l("Thôi từ hôm nay"), {"hint": _l("Vai trò ở đơn vị mới giao ở bước sau")}),
            SelectChoice("keep", _l("Giữ"), {"hint": _l("Vẫn thấy, vẫn làm việc của đơn vị cũ")}),
        ],
        validate_choice=False,
        default="end",
    )


class RoleForm(FlaskForm):
    """A role over a scope."""

    role = RadioField(
        _l("Vai trò"),
        [chosen],
        choices=[SelectChoice(str(role), label, {"hint": ROLE_HINTS[role]}) for role, label in ROLES.items()],
        validate_choice=False,
    )
    scope = RadioField(
        _l("Phạm vi"),
        [chosen],
        choices=[
            SelectChoice("unit", _l("Một đơn vị và các đơn vị bên dưới")),
            SelectChoice("place", _l("Một địa bàn, mọi đơn vị")),
            SelectChoice("everywhere", _l("Toàn hệ thống"), {"hint": _l("Ví dụ Mặt trận Tổ quốc tỉnh: giám sát, không đứng trên sở nào")}),
        ],
        validate_choice=False,
        default="unit",
    )
    unit_id = SelectField(_l("Đơn vị"), [chosen], coerce=number, validate_choice=False, render_kw={"data-combobox": ""})
    place_id = SelectField(_l("Địa bàn"), [chosen], coerce=number, validate_choice=False, render_kw={"data-combobox": ""})
    starts_on = DatePartsField(_l("Từ ngày"), [InputRequired(_l("Ghi ngày bắt đầu"))])
    ends_on = DatePartsField(_l("Đến hết ngày"), description=_l("Để trống nếu không có thời hạn"))


class DelegationForm(FlaskForm):
    """Somebody who acts and signs for a person between two days."""

    deputy_id = SelectField(_l("Người được ủy quyền"), [chosen], coerce=number, validate_choice=False, render_kw={"data-combobox": ""})
    form = RadioField(_l("Hình thức ký"), [chosen], validate_choice=False)
    starts_on = DatePartsField(_l("Từ ngày"), [InputRequired(_l("Ghi ngày bắt đầu"))])
    ends_on = DatePartsField(_l("Đến hết ngày"), [InputRequired(_l("Ghi ngày hết ủy quyền"))])

    def offer(self, users: Iterable[User]) -> None:
        """Offer those *users*, and the forms of signature that one of them may use."""
        users = list(users)
        self.deputy_id.choices = [SelectChoice("", _l("Chọn người")), *people(users)]
        self.form.choices = [
            SelectChoice(str(form), word, {"hint": DELEGATION_HINTS[form]})
            for form, word in DELEGATION_FORMS.items()
            if form is not SigningForm.INSTEAD or any(may_sign(form, user.title) for user in users)
        ]


class LeaveForm(FlaskForm):
    """Who takes the open items of somebody who leaves."""

    to_id = SelectField(_l("Người nhận việc đang làm"), [chosen], coerce=number, validate_choice=False, render_kw={"data-combobox": ""})
