"""What is typed about a unit's yearly plan: a meeting it names, and the number under which it was approved."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Optional, ValidationError

from app.fields import DatePartsField
from app.text import line
from dialogues import words
from dialogues.forms.meanwhile import SeenForm
from dialogues.models import PlanLine
from dialogues.operations.planning import LineData, fingerprint
from feedback.forms.base import LINE_MAX, OwnForm
from feedback.forms.staff import COMBOBOX, Choice, offered

QUARTERS = ("1", "2", "3", "4")


class LineForm(SeenForm):
    """One meeting of the plan. The view gives fields and places their choices."""

    quarter = SelectField(_l("Quý"), [offered(_l("Chọn quý"))], validate_choice=False)
    topic = StringField(
        _l("Nội dung, chủ đề"),
        [DataRequired(_l("Ghi nội dung"))],
        filters=line(LINE_MAX),
        description=_l("Ví dụ: bồi thường khi làm đường Thiên Đức"),
    )
    audience = StringField(
        _l("Với ai"), [DataRequired(_l("Ghi gặp ai"))], filters=line(LINE_MAX), description=_l("Ví dụ: các hộ dân tổ dân phố 4")
    )
    form = SelectField(_l("Hình thức"), [offered(_l("Chọn hình thức"))], validate_choice=False)
    field = Choice(_l("Lĩnh vực"), [Optional()])
    place = Choice(_l("Địa bàn"), [Optional()], render_kw=COMBOBOX)
    head = StringField(
        _l("Ai gặp dân"), [Optional()], filters=line(LINE_MAX), description=_l("Ghi chức vụ; ví dụ: Chủ tịch Ủy ban nhân dân phường")
    )

    def __init__(self, *args: Any, row: PlanLine | None = None, **kwargs: Any) -> None:
        if row is not None:
            kwargs["data"] = {
                "quarter": str(row.quarter), "topic": row.topic, "audience": row.audience, "form": row.form, "head": row.head,
                "field": str(row.field_id or ""), "place": str(row.place_id or ""), "was": fingerprint(row),
            }  # fmt: skip
        super().__init__(*args, **kwargs)
        self.quarter.choices = [SelectChoice(each, _l("Quý %(quarter)s", quarter=each)) for each in QUARTERS]
        self.form.choices = [SelectChoice(str(form), word) for form, word in words.FORMS.items()]

    def line(self) -> LineData:
        """Return the meeting, once validate() said it is fine."""
        return LineData(
            quarter=int(self.quarter.data),
            topic=self.topic.data or "",
            audience=self.audience.data or "",
            form=self.form.data,
            field_id=self.field.id_chosen,
            place_id=self.place.id_chosen,
            head=self.head.data or "",
        )


class ApproveForm(OwnForm):
    """Number and date of the plan as it was signed."""

    number = StringField(_l("Số và ký hiệu"), [DataRequired(_l("Ghi số"))], filters=line(LINE_MAX), description=_l("Ví dụ: 12/KH-UBND"))
    approved_on = DatePartsField(_l("Ngày ký"))

    def validate_approved_on(self, field: DatePartsField) -> None:
        """Ask for a day."""
        if field.data is None:
            raise ValidationError(_l("Ghi ngày ký"))
