"""What is typed about supervision: the plan, a campaign, its team and checklist, its steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Optional, ValidationError

from app.fields import DatePartsField
from app.text import line, typed
from dialogues.forms.meanwhile import SeenForm
from feedback.forms.base import LINE_MAX, OwnForm
from feedback.forms.staff import COMBOBOX, TEXT_MAX, Choice, offered
from oversight.models import Campaign, SupervisionLine
from oversight.operations.campaigns import CampaignData, MemberData, fingerprint, questions_seen
from oversight.operations.supervision_plans import LineData
from oversight.operations.supervision_plans import fingerprint as line_seen
from oversight.rules.supervision import Base, Part
from oversight.supervision import words

QUARTERS = ("1", "2", "3", "4")
MOST_QUESTIONS = 60
LISTS_MAX = 12000  # characters of a checklist


def choices_of(named: Mapping[str, Any], first: Any = None) -> list[SelectChoice]:
    """Return the choices of a select or radio: words by value, after *first*, which chooses nothing."""
    begins = [SelectChoice("", first)] if first is not None else []
    return [*begins, *(SelectChoice(str(value), word) for value, word in named.items())]


def day(sentence: Any) -> Any:
    """Return the validator that asks for a day."""

    def check(_form: Any, field: DatePartsField) -> None:
        if field.data is None and not field.errors:
            raise ValidationError(sentence)

    return check


class LineForm(SeenForm):
    """One theme of the plan."""

    quarter = SelectField(_l("Quý"), [offered(_l("Chọn quý"))], validate_choice=False)
    theme = StringField(
        _l("Chuyên đề"),
        [DataRequired(_l("Ghi chuyên đề"))],
        filters=line(LINE_MAX),
        description=_l("Ví dụ: việc tiếp công dân, đối thoại của người đứng đầu"),
    )
    whom = StringField(
        _l("Đơn vị được giám sát"),
        [DataRequired(_l("Ghi đơn vị, hoặc loại đơn vị"))],
        filters=line(LINE_MAX),
        description=_l("Ví dụ: 05 Ủy ban nhân dân xã, phường"),
    )
    form = SelectField(_l("Hình thức"), [offered(_l("Chọn hình thức"))], validate_choice=False)
    lead = StringField(_l("Ai chủ trì"), [Optional()], filters=line(LINE_MAX), description=_l("Ghi tên hoặc chức vụ"))

    def __init__(self, *args: Any, row: SupervisionLine | None = None, **kwargs: Any) -> None:
        if row is not None:
            kwargs["data"] = {
                "quarter": str(row.quarter), "theme": row.theme, "whom": row.whom, "form": row.form, "lead": row.lead,
                "was": line_seen(row),
            }  # fmt: skip
        super().__init__(*args, **kwargs)
        self.quarter.choices = [SelectChoice(each, _l("Quý %(quarter)s", quarter=each)) for each in QUARTERS]
        self.form.choices = choices_of(words.FORMS)

    def said(self) -> LineData:
        """Return the theme, once validate() said it is fine."""
        return LineData(
            quarter=int(self.quarter.data), theme=self.theme.data or "", form=self.form.data, whom=self.whom.data or "",
            lead=self.lead.data or "",
        )  # fmt: skip


class CampaignForm(SeenForm):
    """What a campaign is about. *of_plan*: a line of the plan names it, no reason is asked."""

    theme = StringField(_l("Chuyên đề"), [DataRequired(_l("Ghi chuyên đề"))], filters=line(LINE_MAX))
    form = SelectField(_l("Hình thức"), [offered(_l("Chọn hình thức"))], validate_choice=False)
    base = SelectField(
        _l("Bảng câu hỏi mẫu"),
        [offered(_l("Chọn loại đơn vị"))],
        validate_choice=False,
        description=_l("Theo loại đơn vị được giám sát. Sửa được từng câu trước khi thông báo."),
    )
    trigger = SelectField(_l("Vì sao giám sát đột xuất"), [offered(_l("Chọn lý do"))], validate_choice=False)
    trigger_why = TextAreaField(_l("Nói rõ lý do"), [DataRequired(_l("Nói rõ lý do"))], filters=typed(TEXT_MAX))
    period_from = DatePartsField(_l("Thời kỳ giám sát, từ ngày"), [day(_l("Ghi ngày đầu của thời kỳ giám sát"))])
    period_to = DatePartsField(_l("Thời kỳ giám sát, đến ngày"), [day(_l("Ghi ngày cuối của thời kỳ giám sát"))])
    starts_on = DatePartsField(_l("Bắt đầu giám sát"), [day(_l("Ghi ngày bắt đầu"))])
    ends_on = DatePartsField(_l("Kết thúc giám sát"), [day(_l("Ghi ngày kết thúc"))])

    def __init__(self, *args: Any, row: Campaign | None = None, of_line: SupervisionLine | None = None, **kwargs: Any) -> None:
        if row is not None:
            kept = ("theme", "form", "trigger", "trigger_why", "period_from", "period_to", "starts_on", "ends_on")
            kwargs["data"] = {name: getattr(row, name) for name in kept} | {"was": fingerprint(row)}
        elif of_line is not None:
            kwargs["data"] = {"theme": of_line.theme, "form": of_line.form}
        super().__init__(*args, **kwargs)
        if row is not None:
            del self.base
        if of_line is not None or (row is not None and row.line_id is not None):
            del self.trigger, self.trigger_why
        else:
            self.trigger.choices = choices_of(words.TRIGGERS, _l("Chọn lý do"))
        self.form.choices = choices_of(words.FORMS)
        if self.base is not None:
            self.base.choices = choices_of(words.BASES)

    def said(self) -> CampaignData:
        """Return the campaign, once validate() said it is fine."""
        asked = self.trigger is not None
        return CampaignData(
            theme=self.theme.data or "",
            form=self.form.data,
            trigger=self.trigger.data if asked else None,
            trigger_why=(self.trigger_why.data or "") if asked else "",
            period_from=self.period_from.data or dt.date.max,
            period_to=self.period_to.data or dt.date.min,
            starts_on=self.starts_on.data or dt.date.max,
            ends_on=self.ends_on.data or dt.date.min,
        )


class UnitsForm(OwnForm):
    """Which unit is supervised, or all of a type."""

    unit = Choice(_l("Đơn vị"), render_kw=COMBOBOX)
    base = SelectField(_l("Hoặc mọi đơn vị thuộc loại"), validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.base.choices = choices_of(words.BASES, _l("Không chọn cả loại"))

    @property
    def base_chosen(self) -> str | None:
        """Return the type that was chosen, if it was offered."""
        return self.base.data if self.base.data in set(Base) else None

    def validate_unit(self, field: Choice) -> None:
        """Ask for one of both."""
        if field.id_chosen is None and self.base_chosen is None:
            raise ValidationError(_l("Chọn một đơn vị, hoặc chọn cả loại"))


class MemberForm(OwnForm):
    """Somebody of the team: one with an account, or a name."""

    user = Choice(_l("Người có tài khoản"), render_kw=COMBOBOX)
    name = StringField(_l("Hoặc ghi họ tên"), filters=line(LINE_MAX), description=_l("Người không có tài khoản ở đây"))
    title = StringField(_l("Chức vụ, đơn vị"), [Optional()], filters=line(LINE_MAX))
    part = RadioField(_l("Vai trò"), [offered(_l("Chọn vai trò"))], validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.part.choices = choices_of(words.PARTS)

    def validate_name(self, field: StringField) -> None:
        """Ask for one of both."""
        if not field.data and self.user.id_chosen is None:
            raise ValidationError(_l("Chọn người, hoặc ghi họ tên"))

    def said(self, user: Any) -> MemberData:
        """Return the member; *user* is the account that was chosen."""
        return MemberData(
            user=user, name=user.name if user else self.name.data or "", title=self.title.data or (user.title or "" if user else ""),
            part=Part(self.part.data),
        )  # fmt: skip


class QuestionList(OwnForm):
    """A checklist: a line a question."""

    questions = TextAreaField(
        _l("Câu hỏi, nội dung kiểm tra"),
        [DataRequired(_l("Ghi ít nhất một câu hỏi"))],
        filters=typed(LISTS_MAX),
        description=_l("Mỗi dòng là một câu. Viết thành câu khẳng định, để trả lời đạt hay chưa đạt."),
    )

    @property
    def texts(self) -> list[str]:
        """Return the questions, once validate() said they are fine."""
        return [text for each in (self.questions.data or "").split("\n") if (text := each.strip())]

    def validate_questions(self, field: TextAreaField) -> None:
        """Too many are no checklist."""
        if len(self.texts) > MOST_QUESTIONS:
            raise ValidationError(_l("Nhiều nhất %(most)s câu, hiện có %(have)s câu", most=MOST_QUESTIONS, have=len(self.texts)))
        if any(len(text) > 2 * LINE_MAX for text in self.texts):
            field.errors = [*field.errors, _l("Có câu quá dài. Mỗi câu nhiều nhất %(most)s chữ cái", most=2 * LINE_MAX)]
            raise ValidationError(_l("Ngắt câu dài thành nhiều dòng"))


class QuestionsForm(QuestionList, SeenForm):
    """The checklist of a campaign, which two people may have open."""

    def __init__(self, *args: Any, row: Campaign | None = None, **kwargs: Any) -> None:
        if row is not None:
            kwargs["data"] = {"questions": "\n".join(each.text for each in row.questions), "was": questions_seen(row)}
        super().__init__(*args, **kwargs)


class AnnounceForm(OwnForm):
    """What the units prepare, and by when."""

    prepare = TextAreaField(
        _l("Đơn vị chuẩn bị gì"),
        [DataRequired(_l("Ghi đơn vị phải chuẩn bị gì"))],
        filters=typed(TEXT_MAX),
        description=_l("Ví dụ: báo cáo theo bảng câu hỏi, sổ tiếp công dân, biên bản các buổi đối thoại"),
    )
    report_due_on = DatePartsField(_l("Hạn tự kiểm tra và gửi báo cáo"), [day(_l("Ghi hạn gửi báo cáo"))])


class CommentsDayForm(OwnForm):
    """Until when the units may say what they think of what was found."""

    comments_due_on = DatePartsField(_l("Hạn góp ý"), [day(_l("Ghi hạn góp ý"))])


class ReasonForm(OwnForm):
    """Why."""

    why = TextAreaField(_l("Lý do"), [DataRequired(_l("Ghi lý do"))], filters=typed(TEXT_MAX))
