"""What staff type when they sort the questions of a session."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, FormField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired

from app.fields import Rows
from app.text import line, typed
from dialogues.forms.publishing import LookForm
from dialogues.models import Question, Theme
from feedback.forms.base import LINE_MAX, OwnForm, number
from feedback.forms.staff import TEXT_MAX, Choice, offered

THEMES_MAX = 40
NEW_THEMES = 3
BEGINNING = 120  # characters of a question in a select


class RefuseForm(OwnForm):
    """Why questions are left out, in words that their askers read."""

    why = TextAreaField(
        _l("Vì sao không đưa vào buổi đối thoại"),
        [DataRequired(_l("Viết lý do, người hỏi đọc được"))],
        filters=typed(TEXT_MAX),
        description=_l("Người hỏi đọc được nguyên văn lý do này."),
    )


class TogetherForm(OwnForm):
    """With which question others are answered together."""

    other = Choice(_l("Trả lời chung với câu hỏi"), [offered(_l("Chọn một câu hỏi đã nhận"))], render_kw={"data-combobox": ""})

    def offer(self, questions: Sequence[Question]) -> None:
        """Offer these."""
        self.other.choices = [SelectChoice("", _l("Chọn một câu hỏi")), *((str(each.id), each.text[:BEGINNING]) for each in questions)]


class TurnForm(OwnForm):
    """That a question is a complaint or a denunciation, and what in it says so."""

    to = RadioField(
        _l("Nội dung câu hỏi là"),
        [offered(_l("Chọn khiếu nại hoặc tố cáo"))],
        validate_choice=False,
        choices=[SelectChoice("complaint", _l("Khiếu nại")), SelectChoice("denunciation", _l("Tố cáo"))],
    )
    why = TextAreaField(
        _l("Ghi cho bộ phận tiếp nhận"), [DataRequired(_l("Viết vì sao, để bộ phận tiếp nhận phân loại"))], filters=typed(TEXT_MAX)
    )


class MaskForm(LookForm):
    """The masked copy that everyone reads: read again here, then looked at on the page where it will stand."""

    text = TextAreaField(_l("Câu hỏi đăng công khai, đã che"), [DataRequired(_l("Viết câu hỏi sẽ đăng"))], filters=typed(TEXT_MAX))
    checked = BooleanField(
        _l("Đã đọc lại: không còn tên, chỗ ở, số điện thoại, biển số của ai"),
        [DataRequired(_l("Đọc lại bản công khai rồi đánh dấu ô này"))],
    )


class ThemeForm(Form):
    """One theme; an empty title takes it away."""

    id = HiddenField()
    title = StringField(_l("Tên chủ đề"), filters=line(LINE_MAX))


class ThemesForm(OwnForm):
    """All themes of a session, and rows for new ones."""

    themes = Rows(FormField(ThemeForm), max_entries=THEMES_MAX)

    @classmethod
    def of(cls, themes: Sequence[Theme]) -> ThemesForm:
        """Return the form with what there is, and empty rows."""
        rows: list[dict[str, Any]] = [{"id": str(theme.id), "title": theme.title} for theme in themes]
        return cls(data={"themes": rows + [{"id": "", "title": ""}] * min(NEW_THEMES, THEMES_MAX - len(rows))})

    def titles(self) -> dict[int, str]:
        """Return what the themes there are shall be called."""
        return {id_: row.title.data or "" for row in self._rows() if (id_ := number(row.id.data)) is not None}

    def new(self) -> list[str]:
        """Return the titles of new ones."""
        return [row.title.data for row in self._rows() if number(row.id.data) is None and row.title.data]

    def _rows(self) -> Iterator[Any]:
        return (entry.form for entry in self.themes)
