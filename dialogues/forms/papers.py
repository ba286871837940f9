"""What is typed on a session's papers and its dossier."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Optional, ValidationError

from app.accounts.rules import SigningForm
from app.accounts.words import DELEGATION_FORMS
from app.administration.forms.choices import chosen
from app.fields import DatePartsField
from app.files import UploadsField
from app.text import line, typed
from feedback.forms.base import LINE_MAX, OwnForm
from feedback.forms.staff import LETTER_MAX, TEXT_MAX

#: What the parts of papers are called where an officer changes them.
SECTIONS: dict[str, Any] = {
    "answers": _l("Trả lời từng kiến nghị"),
    "asking": _l("Gửi câu hỏi, đăng ký dự"),
    "carrying_out": _l("Tổ chức thực hiện"),
    "chairs": _l("Chủ trì, phối hợp"),
    "closing": _l("Lời kết"),
    "concerns": _l("Vấn đề dư luận quan tâm"),
    "conclusion": _l("Kết luận của chủ trì"),
    "content": _l("Nội dung"),
    "done": _l("Việc đã thực hiện"),
    "facts": _l("Thời gian, địa điểm, thành phần"),
    "faults": _l("Hạn chế, nguyên nhân"),
    "general": _l("Kết luận chung"),
    "hands": _l("Biểu quyết"),
    "meetings": _l("Nội dung, thời gian"),
    "next": _l("Phương hướng"),
    "open": _l("Việc chưa thực hiện và lý do"),
    "opening": _l("Mở đầu"),
    "place": _l("Thời gian, địa điểm"),
    "present": _l("Danh sách người dự"),
    "programme": _l("Chương trình"),
    "promises": _l("Việc đã cam kết với Nhân dân"),
    "proposal": _l("Đề xuất"),
    "purpose": _l("Mục đích, yêu cầu"),
    "questions": _l("Câu hỏi gửi trước"),
    "results": _l("Kết quả"),
    "rules": _l("Nội quy"),
    "summary": _l("Kết quả chung"),
    "tasks": _l("Giao việc"),
    "topic": _l("Nội dung, thành phần"),
}


#: What the name of a part's field begins with.
PART = "phan-"


class PartsForm(OwnForm):
    """What has a text for each part of a paper; they are added by whoever makes the form."""

    @property
    def words(self) -> dict[str, str]:
        """What was typed, by the name of the part."""
        return {name: field.data or "" for name, field in self.parts.items()}

    @property
    def parts(self) -> dict[str, Any]:
        """The fields of the parts, by name."""
        return {name.removeprefix(PART): field for name, field in self._fields.items() if name.startswith(PART)}


class PaperForm(PartsForm):
    """A draft: who signs, who may read it, and its parts in the officer's words (added by :func:`paper_form`)."""

    was = HiddenField()
    signer = StringField(_l("Người ký"), [Optional()], filters=line(LINE_MAX))
    signer_title = StringField(
        _l("Chức vụ người ký"), [Optional()], filters=line(LINE_MAX), description=_l("Ví dụ: Chủ tịch Ủy ban nhân dân phường")
    )
    signed_for = SelectField(_l("Ký thế nào"), [chosen], validate_choice=False)
    giver_title = StringField(
        _l("Chức vụ người giao ký"),
        [Optional()],
        filters=line(LINE_MAX),
        description=_l("Chỉ ghi khi ký thừa lệnh, thừa ủy quyền; ví dụ: Chủ tịch Ủy ban nhân dân phường"),
    )
    internal = BooleanField(_l("Nội bộ, không đăng trên trang công khai"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.signed_for.choices = [
            SelectChoice("", _l("Người đứng đầu ký, hoặc cấp phó ký thay")),
            *(SelectChoice(str(form), DELEGATION_FORMS[form]) for form in (SigningForm.BY_ORDER, SigningForm.BY_WARRANT)),
        ]


def paper_form(sections: list[dict[str, Any]], **values: Any) -> PaperForm:
    """Return the form of a draft with a text for each of *sections* that is not written in a room of its own."""
    texts = {
        f"{PART}{section['name']}": TextAreaField(SECTIONS[section["name"]], [Optional()], filters=typed(LETTER_MAX))
        for section in sections
        if not section["fixed"]
    }
    begun = {f"{PART}{section['name']}": section["text"] for section in sections}
    return type("DraftForm", (PaperForm,), texts)(data=begun | values)


class NumberForm(OwnForm):
    """Number and date of a signed paper, as văn thư writes them into the book."""

    number = StringField(_l("Số"), [DataRequired(_l("Nhập số của văn bản"))], filters=line(60))
    numbered_on = DatePartsField(_l("Ngày văn bản"))
    gap_why = StringField(_l("Vì sao bỏ cách số, nếu có"), [Optional()], filters=line(LINE_MAX))

    def validate_numbered_on(self, field: DatePartsField) -> None:
        """Ask for a day."""
        if field.data is None:
            raise ValidationError(_l("Ghi ngày văn bản"))

    @property
    def entry(self) -> dict[str, Any]:
        """What was typed, as the operations of numbering take it."""
        return {"typed": self.number.data or "", "on": self.numbered_on.data, "gap_why": self.gap_why.data or ""}


def number_form(used: Collection[int], today: dt.date) -> NumberForm:
    """Return the form that offers the next number of a book in which *used* are given."""
    return NumberForm(prefix="so-", data={"numbered_on": today, "number": str(max(used) + 1) if used else ""})


def _one_file(_form: Any, field: UploadsField) -> None:
    if not field.data and not field.errors and not field.process_errors:
        raise ValidationError(_l("Chọn tệp"))


class OpenForm(OwnForm):
    """What repeats the words of people is read for names before everyone may read it."""

    names_read = BooleanField(_l("Đã đọc bản in: không có tên, chỗ ở, số điện thoại, biển số của người dân"))


class SignedFileForm(OwnForm):
    """The paper as it was signed or scanned."""

    file = UploadsField(_l("Bản đã ký"), [_one_file], most=1)


class AbsentForm(OwnForm):
    """Why a row of the dossier holds nothing."""

    why = TextAreaField(_l("Vì sao không có"), [DataRequired(_l("Ghi lý do"))], filters=typed(TEXT_MAX))


class FileForm(OwnForm):
    """A file for a row of the dossier."""

    file = UploadsField(_l("Tệp"), [_one_file], most=1)
    caption = StringField(_l("Tên tài liệu"), [Optional()], filters=line(LINE_MAX))


class AddendumForm(OwnForm):
    """What is added to an archived dossier."""

    text = TextAreaField(_l("Nội dung bổ sung, đính chính"), [DataRequired(_l("Ghi nội dung"))], filters=typed(TEXT_MAX))
    file = UploadsField(_l("Tệp kèm theo"), [Optional()], most=1)
