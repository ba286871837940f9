"""What the forms of people outside share: what was typed is kept whatever happens, and a way to answer is checked alike."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, SelectField, StringField, TelField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError

from app import settings
from app.proof.forms import ProvedForm
from feedback import codes, contacts

LINE_MAX = 200  # characters

PHONE_FAULTS: dict[str, Any] = {
    "letters": _l("Số điện thoại chỉ gồm chữ số; ví dụ 0912 345 678"),
    "start": _l("Số điện thoại bắt đầu bằng 03, 05, 07, 08, 09, hoặc 02 nếu là máy bàn"),
}

TAX_CODE_FAULTS: dict[str, Any] = {
    "digits": _l("Mã số thuế có 10 số, chi nhánh có 13 số"),
    "check": _l("Mã số thuế sai một số nào đó: số kiểm tra không khớp. So lại với giấy đăng ký"),
}


def example_code() -> str:
    """Return what a code of this install looks like."""
    return codes.example(settings.get("code_prefix") or "VN")


def mistyped() -> str:
    """Return the sentence for what cannot be a code."""
    return _("Mã này thiếu hoặc sai một ký tự. Mã có dạng %(code)s", code=example_code())


def card(value: str, label: Any, hint: Any = "", term: Any = "", **attributes: str) -> SelectChoice:
    """Return a choice for the `field` component."""
    shown = {name: text for name, text in (("hint", hint), ("term", term)) if text}
    return SelectChoice(value, label, shown | attributes)


class OwnForm(ProvedForm):
    """A form that keeps what was typed even when the session ended meanwhile: then one more press is asked for."""

    def validate(self, extra_validators: Any = None) -> bool:
        """Check everything; a missing CSRF token is a sentence like any other."""
        fine = super().validate(extra_validators)
        token = self._fields.get("csrf_token")
        if token is not None and token.errors:
            token.errors = []
            self.form_errors.append(_("Trang để lâu nên máy đã quên phiên làm việc. Chữ vẫn còn, bấm nút một lần nữa."))
        proved = self.proved()
        return fine and proved and not self.failed

    def fail(self, name: str, sentence: Any) -> None:
        """Add *sentence* to the errors of the field *name*."""
        field = self._fields[name]
        field.errors = [*field.errors, sentence]

    @property
    def failed(self) -> bool:
        """Whether any field has an error now."""
        return bool(self.errors)

    def validate_website(self, field: StringField) -> None:
        """Turn robots away, which fill in whatever they find, and say to a person whose browser filled it in what to do."""
        if field.data:
            field.data = ""
            field.raw_data = [""]
            self.form_errors.append(_("Có chữ trong ô dành riêng để nhận ra máy tự động. Ô ấy đã được xóa, bấm gửi lại là được."))


class ContactFields:
    """How to reach who writes; checked alike wherever it is asked for."""

    def validate_phone(self, field: TelField) -> None:
        """Say how many digits are missing or too many."""
        if not field.data:
            return
        try:
            field.data = contacts.read_phone(field.data)
        except contacts.PhoneInvalid as fault:
            raise ValidationError(phone_fault(fault)) from fault

    def validate_email(self, field: EmailField) -> None:
        """Say what an address looks like."""
        if field.data and not is_email(field.data):
            raise ValidationError(_l("E-mail chưa đủ; ví dụ ten@gmail.com"))


def phone_fault(fault: contacts.PhoneInvalid) -> Any:
    """Return the sentence of what is wrong with a phone number."""
    if fault.why == "short":
        return _("Số điện thoại thiếu số: mới có %(have)d số, số di động có 10 số, máy bàn có 11 số", have=fault.digits)
    if fault.why == "long":
        return _("Số điện thoại thừa số: có %(have)d số, số di động có 10 số, máy bàn có 11 số", have=fault.digits)
    return PHONE_FAULTS[fault.why]


def is_email(text: str) -> bool:
    """Say whether *text* looks like one address."""
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - 60 ms to import, only where one was typed

    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def number(text: str | None) -> int | None:
    """Return the id that a select gave, or None."""
    return int(text) if text and text.isdecimal() and len(text) < 19 else None  # noqa: PLR2004  longer is no id


def values(field: SelectField) -> set[str]:
    """Return what a select offers."""
    return {str(choice.value) for choice in field.iter_choices()}
