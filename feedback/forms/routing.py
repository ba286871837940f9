"""What an administrator types of a routing rule and of the words that letters start from."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Optional, ValidationError

from app.text import line, typed
from feedback import words
from feedback.forms.base import card, number, values
from feedback.operations.routing import RuleFacts
from feedback.rules import DENUNCIATION, PaperType

NAME_MAX = 120
WORDS_MAX = 1000  # characters, all of them together
LETTER_MAX = 8000
TO_UNIT, TO_PLACE = "unit", "place"


def offered(_form: FlaskForm, field: Field) -> None:
    """Refuse what is not among the choices; nothing chosen is fine."""
    chosen = set(field.data) if isinstance(field.data, list) else {str(field.data)} if field.data else set()
    if not chosen <= values(field):
        raise ValidationError(_l("Chọn trong danh sách"))


class RuleForm(FlaskForm):
    """A rule: which items, and who gets them. The view fills the choices of fields, places and units."""

    name = StringField(_l("Tên quy tắc"), [DataRequired(_l("Ghi tên để nhận ra quy tắc này"))], filters=line(NAME_MAX))
    kinds = SelectMultipleField(
        _l("Loại ý kiến"),
        [offered],
        validate_choice=False,
        choices=lambda: [SelectChoice(kind, word) for kind, word in words.KINDS.items() if kind != DENUNCIATION],
    )
    channels = SelectMultipleField(
        _l("Đến bằng cách nào"),
        [offered],
        validate_choice=False,
        choices=lambda: [SelectChoice(channel, word) for channel, word in words.CHANNELS.items()],
    )
    field_ids = SelectMultipleField(_l("Lĩnh vực"), [offered], validate_choice=False)
    place_ids = SelectMultipleField(_l("Xã, phường"), [offered], validate_choice=False)
    words = TextAreaField(
        _l("Có một trong các từ"),
        [Optional()],
        filters=typed(WORDS_MAX),
        description=_l("Mỗi dòng một từ hoặc cụm từ; có dấu hay không dấu đều khớp. Ví dụ: mất điện"),
    )
    insider = RadioField(
        _l("Người gửi nói về nơi mình làm"),
        [offered],
        default="",
        validate_choice=False,
        choices=lambda: [
            SelectChoice("", _l("Không xét")),
            SelectChoice("yes", _l("Chỉ những ý kiến ấy")),
            SelectChoice("no", _l("Trừ những ý kiến ấy")),
        ],
    )
    target = RadioField(
        _l("Giao cho ai?"),
        [offered],
        default=TO_UNIT,
        validate_choice=False,
        choices=lambda: [
            card(TO_UNIT, _l("Một đơn vị")),
            card(TO_PLACE, _l("Ủy ban nhân dân xã, phường nơi xảy ra việc"), _l("Ý kiến không ghi xã, phường thì xét tiếp quy tắc sau.")),
        ],
    )
    unit_id = SelectField(_l("Đơn vị"), [offered], validate_choice=False, render_kw={"data-combobox": ""})
    direct = BooleanField(
        _l("Giao thẳng, không chờ bộ phận tiếp nhận xem"),
        default=True,
        description=_l("Khiếu nại và ý kiến có dấu hiệu nguy hiểm luôn được bộ phận tiếp nhận xem trước."),
    )

    def facts(self) -> RuleFacts:
        """Return what was typed, once validate() said it is fine."""
        place = self.target.data == TO_PLACE
        return RuleFacts(
            name=self.name.data or "",
            kinds=self.kinds.data or [],
            channels=self.channels.data or [],
            field_ids=[int(each) for each in self.field_ids.data or [] if each],
            place_ids=[int(each) for each in self.place_ids.data or [] if each],
            words=[each.strip() for each in (self.words.data or "").splitlines() if each.strip()],
            insider={"yes": True, "no": False}.get(self.insider.data or ""),
            unit_id=None if place else number(self.unit_id.data),
            to_place=place,
            direct=self.direct.data,
        )

    @staticmethod
    def typed(facts: RuleFacts) -> dict[str, Any]:
        """Return what the form shows of *facts*."""
        return {
            "name": facts.name,
            "kinds": list(facts.kinds),
            "channels": list(facts.channels),
            "field_ids": [str(each) for each in facts.field_ids],
            "place_ids": [str(each) for each in facts.place_ids],
            "words": "\n".join(facts.words),
            "insider": {None: "", True: "yes", False: "no"}[facts.insider],
            "target": TO_PLACE if facts.to_place else TO_UNIT,
            "unit_id": str(facts.unit_id or ""),
            "direct": facts.direct,
        }


class LetterForm(FlaskForm):
    """Words to start a letter from."""

    name = StringField(_l("Tên mẫu"), [DataRequired(_l("Ghi tên để người soạn nhận ra mẫu này"))], filters=line(NAME_MAX))
    paper_type = SelectField(
        _l("Loại văn bản"),
        [offered],
        validate_choice=False,
        choices=lambda: [SelectChoice(type_, words.PAPER_TYPES[type_]) for type_ in PaperType],
    )
    field_id = SelectField(_l("Chỉ dùng cho lĩnh vực"), [Optional(), offered], validate_choice=False)
    body = TextAreaField(
        _l("Lời văn"),
        [DataRequired(_l("Viết lời văn của mẫu"))],
        filters=typed(LETTER_MAX),
        description=_l("Chữ trơn, xuống dòng là sang đoạn. Chỗ phải điền thì đặt trong ngoặc vuông, ví dụ [tên cơ quan]."),
    )

    def validate_paper_type(self, field: SelectField) -> None:
        """Ask for one of the types."""
        if not field.data:
            raise ValidationError(_l("Chọn loại văn bản"))
