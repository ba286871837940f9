"""What people type to sign in and to look after their own account."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, Field, HiddenField, PasswordField, RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from app.accounts import passkeys, passwords
from app.accounts.words import LANGUAGES
from app.text import line

CODE_MAX = 40  # characters; as people type them, with spaces

TOO_EASY = {
    "short": _l("Mật khẩu cần ít nhất 12 ký tự; một câu ngắn dễ nhớ là được"),
    "long": _l("Mật khẩu dài nhất 200 ký tự"),
    "common": _l("Mật khẩu này quá dễ đoán; chọn một câu chỉ mình biết"),
    "own": _l("Mật khẩu không được là tên hay địa chỉ e-mail của mình"),
}


class SignInForm(FlaskForm):
    """E-mail and password; and the words of a form whose session had ended (app.accounts.unsaved)."""

    unsaved = HiddenField()
    email = EmailField(_l("E-mail công vụ"), [InputRequired(_l("Ghi e-mail công vụ"))], render_kw={"autocomplete": "email"})
    password = PasswordField(_l("Mật khẩu"), [InputRequired(_l("Ghi mật khẩu"))], render_kw={"autocomplete": "current-password"})


class ChoosePasswordForm(FlaskForm):
    """A new password, twice."""

    new = PasswordField(
        _l("Mật khẩu mới"), [InputRequired(_l("Ghi mật khẩu mới"))], render_kw={"autocomplete": "new-password", "data-sensitive": ""}
    )
    again = PasswordField(
        _l("Ghi lại mật khẩu mới"), [InputRequired(_l("Ghi lại mật khẩu mới"))], render_kw={"autocomplete": "new-password"}
    )

    def __init__(self, *args: Any, own_words: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._own_words = own_words

    def validate_new(self, field: PasswordField) -> None:
        """Refuse what would be guessed."""
        try:
            passwords.check(field.data or "", own_words=self._own_words)
        except passwords.PasswordTooEasy as refusal:
            raise ValidationError(TOO_EASY[refusal.why]) from refusal

    def validate_again(self, field: PasswordField) -> None:
        """Refuse a slip of the finger."""
        if field.data != self.new.data:
            raise ValidationError(_l("Hai lần ghi không giống nhau"))


class ChangePasswordForm(ChoosePasswordForm):
    """The password so far, and the new one."""

    current = PasswordField(
        _l("Mật khẩu đang dùng"), [InputRequired(_l("Ghi mật khẩu đang dùng"))], render_kw={"autocomplete": "current-password"}
    )
    field_order = ("current", "new", "again")


class PreferencesForm(FlaskForm):
    """Language and notices."""

    locale = RadioField(_l("Ngôn ngữ"), choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()])
    email = BooleanField(_l("Gửi thông báo cả qua e-mail"))
    digest = BooleanField(_l("Mỗi sáng ngày làm việc gửi một e-mail tóm tắt việc đến hạn"))


class ProofForm(FlaskForm):
    """A code of the app or from paper, or, where there is neither app nor key, the password; and the words of a form (unsaved)."""

    unsaved = HiddenField()
    code = StringField(
        _l("Mã xác nhận"),
        [InputRequired(_l("Ghi mã xác nhận"))],
        filters=line(CODE_MAX),
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"},
    )
    password = PasswordField(_l("Mật khẩu"), [InputRequired(_l("Ghi mật khẩu"))], render_kw={"autocomplete": "current-password"})


class PasskeyForm(FlaskForm):
    """What a passkey answered, written by the browser; and the words of a form."""

    unsaved = HiddenField()
    credential = HiddenField(validators=[InputRequired()])


class NewPasskeyForm(PasskeyForm):
    """The same for a new one, with the name its owner gives it."""

    name = StringField(_l("Đặt tên cho khóa này"), filters=line(passkeys.NAME_MAX), description=_l("Như: điện thoại của tôi, khóa USB"))

    def validate_name(self, field: Field) -> None:
        """Ask for a name."""
        if not field.data:
            raise ValidationError(_l("Ghi tên khóa"))


class AppForm(FlaskForm):
    """The first code of a new app, which proves that it has the secret."""

    sealed = HiddenField()
    code = StringField(
        _l("Mã 6 số ứng dụng đang hiện"),
        [InputRequired(_l("Ghi mã 6 số"))],
        filters=line(CODE_MAX),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )
