"""What is typed where a unit is checked: the answers of both sides, the unit's report and comments, what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, Optional

from app.fields import DatePartsField
from app.files import UploadsField
from app.text import line, typed
from dialogues.forms.meanwhile import SeenForm
from feedback.forms.base import LINE_MAX, OwnForm
from feedback.forms.staff import TEXT_MAX, offered
from oversight.forms.supervision import choices_of
from oversight.models import CampaignAnswer, CampaignQuestion, SupervisionFinding
from oversight.operations.checking import AnswerData, FindingData, finding_seen
from oversight.rules.supervision import FindingKind
from oversight.supervision import words


class AttachedField(UploadsField):
    """Files of a form that two people may have open: they are told apart by their names."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "UploadsField"  # what the page knows

    def _value(self) -> str:
        return "; ".join(file.name for file in self.data)


class AnswersForm(SeenForm):
    """The checklist as one side answers it; the fields of each question are added by :func:`answers_form`."""

    asked: tuple[int, ...] = ()

    def said(self) -> dict[int, AnswerData]:
        """Return the answers by question.id."""
        return {id_: AnswerData(self[f"r{id_}"].data or "", self[f"n{id_}"].data or "") for id_ in self.asked}


def answers_form(questions: Sequence[CampaignQuestion], there: Mapping[int, CampaignAnswer], *, was: str, **how: Any) -> AnswersForm:
    """Return the form of the checklist, with what was answered already."""
    fields: dict[str, Any] = {"asked": tuple(question.id for question in questions)}
    data: dict[str, Any] = {"was": was}
    for number, question in enumerate(questions, 1):
        fields[f"r{question.id}"] = RadioField(
            f"{number}. {question.text}", [Optional()], choices=choices_of(words.RESULTS), validate_choice=False
        )
        fields[f"n{question.id}"] = StringField(_l("Ghi chú câu %(number)s", number=number), [Optional()], filters=line(2 * LINE_MAX))
        if (row := there.get(question.id)) is not None:
            data |= {f"r{question.id}": row.result, f"n{question.id}": row.note}
    fields["files"] = AttachedField(_l("Tài liệu kèm theo"), [Optional()])
    made: type[AnswersForm] = type("AnswersForm", (AnswersForm,), fields)
    form = made(data=data, **how)
    for id_ in form.asked:  # what is not offered is no answer
        if form[f"r{id_}"].data not in words.RESULTS:
            form[f"r{id_}"].data = None
    return form


class ReportForm(OwnForm):
    """The unit's report."""

    text = TextAreaField(_l("Báo cáo tóm tắt"), [Optional()], filters=typed(TEXT_MAX))
    files = UploadsField(_l("Tệp báo cáo, tài liệu"), [Optional()])


class CommentForm(OwnForm):
    """What the unit thinks of what was found."""

    text = TextAreaField(
        _l("Ý kiến của đơn vị"), [Optional()], filters=typed(TEXT_MAX), description=_l("Để trống nếu nhất trí với dự thảo.")
    )


class FindingForm(SeenForm):
    """What was found."""

    kind = RadioField(_l("Nhận định"), [offered(_l("Chọn đúng hoặc sai"))], validate_choice=False)
    text = TextAreaField(_l("Thấy gì"), [DataRequired(_l("Ghi đã thấy gì"))], filters=typed(TEXT_MAX))
    undemocratic = BooleanField(_l("Sai phạm do không thực hiện dân chủ ở cơ sở (phải nêu rõ trong kết luận)"))
    cause = TextAreaField(
        _l("Không thực hiện dân chủ ở việc gì"), [Optional()], filters=typed(TEXT_MAX), description=_l("Bắt buộc nếu đánh dấu ô trên")
    )
    recommendation = StringField(
        _l("Kiến nghị đơn vị làm gì"), [Optional()], filters=line(2 * LINE_MAX), description=_l("Bắt buộc nếu việc làm sai, còn thiếu")
    )
    due_on = DatePartsField(_l("Hạn thực hiện"), [Optional()])

    def __init__(self, *args: Any, row: SupervisionFinding | None = None, **kwargs: Any) -> None:
        if row is not None:
            kept = ("kind", "text", "undemocratic", "cause", "recommendation", "due_on")
            kwargs["data"] = {name: getattr(row, name) for name in kept} | {"was": finding_seen(row)}
        super().__init__(*args, **kwargs)
        self.kind.choices = choices_of(words.FINDINGS)

    def said(self) -> FindingData:
        """Return the finding, once validate() said it is fine."""
        return FindingData(
            kind=FindingKind(self.kind.data), text=self.text.data or "", undemocratic=bool(self.undemocratic.data),
            cause=self.cause.data or "", recommendation=self.recommendation.data or "", due_on=self.due_on.data,
        )  # fmt: skip
