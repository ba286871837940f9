"""What an administrator types of the checklist of a type of base."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import DataRequired, InputRequired, Optional

from app.administration.forms.choices import chosen, offered
from app.administration.words import EVIDENCE
from app.fields import DatePartsField
from app.text import line
from oversight.forms.supervision import QuestionList
from oversight.models import Checklist


class ChecklistForm(QuestionList):
    """The questions, by which text, from when."""

    source = StringField(_l("Văn bản"), [DataRequired(_l("Ghi số, ký hiệu và tên văn bản"))], filters=line(200))
    article = StringField(_l("Điều, khoản"), [Optional()], filters=line(100))
    evidence = RadioField(_l("Đã đối chiếu văn bản gốc chưa"), [chosen], choices=offered(EVIDENCE), validate_choice=False)
    local = BooleanField(_l("Quy định của địa phương, không phải luật"))
    effective_from = DatePartsField(_l("Áp dụng từ ngày"), [InputRequired(_l("Ghi ngày bắt đầu áp dụng"))])

    def __init__(self, *args: Any, row: Checklist, **kwargs: Any) -> None:
        kept = {name: getattr(row, name) for name in ("source", "article", "evidence", "local")}
        super().__init__(*args, data=kept | {"questions": "\n".join(row.questions)}, **kwargs)

    def said(self) -> dict[str, Any]:
        """Return the checklist, once validate() said it is fine."""
        kept = ("source", "evidence", "local", "effective_from")
        return {name: self[name].data for name in kept} | {"questions": self.texts, "article": self.article.data or ""}
