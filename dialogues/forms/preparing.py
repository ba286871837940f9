"""What is typed while a session is prepared: the programme, who has a task, the two reports."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Form, FormField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Optional, ValidationError

from app.administration.forms.law import WholeNumberField
from app.fields import Rows
from app.files import UploadsField
from app.text import line, typed
from dialogues import words
from dialogues.forms.meanwhile import SeenForm
from dialogues.models import Session
from dialogues.operations.agenda import ItemFacts
from dialogues.rules import Part
from feedback.forms.base import LINE_MAX, OwnForm, number
from feedback.forms.staff import COMBOBOX, LETTER_MAX, TEXT_MAX, Choice, offered

MOST_ITEMS = 40
MOST_MINUTES = 600


class ItemForm(Form):
    """One item of the programme."""

    id = HiddenField()
    title = StringField(_l("Nội dung"), [DataRequired(_l("Ghi nội dung"))], filters=line(LINE_MAX))
    presenter = StringField(_l("Người trình bày"), [Optional()], filters=line(LINE_MAX))
    minutes = WholeNumberField(_l("Số phút"), [InputRequired(_l("Ghi số phút"))], least=1, most=MOST_MINUTES)
    part = SelectField(_l("Phần"), [offered(_l("Chọn phần"))], validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.part.choices = [SelectChoice(str(part), words.PARTS[part]) for part in Part]

    def validate_minutes(self, field: WholeNumberField) -> None:
        """A space is no number."""
        if field.data is None and not field.errors:
            raise ValidationError(_l("Ghi số phút"))

    def facts(self) -> ItemFacts:
        """Return what was typed."""
        return ItemFacts(
            id=number(self.id.data),
            part=Part(self.part.data),
            title=self.title.data or "",
            presenter=self.presenter.data or "",
            minutes=self.minutes.data or 0,
        )


class AgendaForm(SeenForm):
    """The whole programme."""

    items = Rows(FormField(ItemForm), max_entries=MOST_ITEMS)

    def facts(self) -> list[ItemFacts]:
        """Return the items in the order of the page."""
        return [entry.form.facts() for entry in self.items]


def rows_of(session: Session) -> list[dict[str, Any]]:
    """Return the programme of *session* as :class:`AgendaForm` shows it."""
    return [
        {"id": str(item.id), "part": item.part, "title": item.title, "presenter": item.presenter, "minutes": item.minutes}
        for item in session.agenda
    ]


class AttachForm(OwnForm):
    """Files of an item of the programme."""

    caption = StringField(_l("Tài liệu gì"), [DataRequired(_l("Ghi tên tài liệu"))], filters=line(LINE_MAX))
    files = UploadsField(_l("Tệp"))

    def validate_files(self, field: UploadsField) -> None:
        """Nothing to put there is no answer."""
        DataRequired(_l("Chọn tệp"))(self, field)


class MoveAttachedForm(OwnForm):
    """To which item of the programme a file belongs."""

    item = Choice(_l("Mục"), [offered(_l("Chọn một mục"))])


class TaskForm(OwnForm):
    """Who has a row of the checklist."""

    owner = Choice(_l("Người làm"), [Optional()], render_kw=COMBOBOX)
    note = TextAreaField(_l("Ghi chú"), [Optional()], filters=typed(TEXT_MAX))


class ConcernsForm(SeenForm):
    """The report of public concerns."""

    text = TextAreaField(_l("Nội dung báo cáo"), [DataRequired(_l("Viết nội dung"))], filters=typed(LETTER_MAX))


class WhyNotForm(OwnForm):
    """Why a promise is not done."""

    why = TextAreaField(
        _l("Vì sao chưa làm, hoặc không làm"),
        [DataRequired(_l("Ghi lý do"))],
        filters=typed(TEXT_MAX),
        description=_l("Đọc trước Nhân dân tại buổi đối thoại."),
    )
