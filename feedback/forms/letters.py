"""What is typed of a letter or an answer: the body, the points of an answer, the parts of a split letter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Form, FormField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Optional

from app.fields import DatePartsField, Rows
from app.files import UploadsField
from app.text import line, typed
from feedback import words
from feedback.forms.base import LINE_MAX, OwnForm
from feedback.forms.staff import COMBOBOX, LETTER_MAX, TEXT_MAX, Choice, offered
from feedback.operations.papers import Gap
from feedback.rules import COMPLAINT_REFUSALS, Kind, Outcome, RefusalReason

MOST_POINTS = 20
MOST_PARTS = 10
MOST_NAMED = 10  # blanks said where they are; all are counted

#: What a paper still lacks, by the name its gap carries: where that is typed, and its sentence.
GAPS: dict[str, tuple[str, Any]] = {
    "points": ("", _l("Văn bản trả lời cần ít nhất một ý.")),
    "reason": ("reason", _l("Ghi lý do.")),
    "recipient": ("recipient", _l("Ghi cơ quan nhận đơn.")),
    "body": ("body", _l("Viết nội dung văn bản.")),
    "blanks": ("body", _l("Còn %(count)s chỗ “…” chưa điền: %(near)s. Chấm lửng để nói còn nữa thì viết “v.v.”")),
    "text_blanks": ("text", _l("Ý %(number)s: còn %(count)s chỗ “…” chưa điền: %(near)s.")),
    "text": ("text", _l("Ý %(number)s: viết lời trả lời.")),
    "proof": ("proofs", _l("Ý %(number)s: ghi “đã làm xong” thì kèm ít nhất một ảnh hoặc văn bản làm chứng.")),
    "day": ("promised_on", _l("Ý %(number)s: ghi “hứa làm” thì ghi ngày xong, từ hôm nay trở đi.")),
}


class PaperForm(OwnForm):
    """What is typed of a paper; what it still lacks stands at the field where it is typed."""

    def name_gaps(self, gaps: Iterable[Gap]) -> None:
        """Put the sentence of each gap at its field."""
        for gap in gaps:
            name, sentence = GAPS[gap.what]
            fields, number = (self, 0) if gap.point is None else self.point(gap.point)
            if name:
                facts = {"number": number, "count": len(gap.near), "near": "; ".join(f"“{each}”" for each in gap.near[:MOST_NAMED])}
                fields[name].errors = [*fields[name].errors, sentence % facts]
            else:
                self.form_errors.append(str(sentence))

    def point(self, position: int) -> tuple[Any, int]:
        """Return the fields of a paper's point, and its number on the page: points left empty are on the page only."""
        raise NotImplementedError


def name_rows(rows: Rows, sentence: Any) -> None:
    """Say before each error inside of *rows* in which row it is."""
    for number, row in enumerate(rows, start=1):
        for field in row.form:
            if field.errors and not isinstance(field.errors, dict):
                field.errors = [sentence % {"number": number, "error": error} for error in field.errors]


class PointForm(Form):
    """One point of an answer; left empty it is dropped."""

    title = StringField(_l("Ý này nói về"), [Optional()], filters=line(LINE_MAX))
    text = TextAreaField(_l("Trả lời"), [Optional()], filters=typed(LETTER_MAX))
    outcome = SelectField(_l("Kết quả"), validate_choice=False)
    promised_on = DatePartsField(_l("Xong chậm nhất ngày"), [Optional()])
    promise_unit = Choice(_l("Đơn vị làm"), [Optional()])
    proofs = UploadsField(_l("Ảnh hoặc văn bản làm chứng"), [Optional()])
    caption = StringField(_l("Ảnh, văn bản chụp gì, ngày nào"), [Optional()], filters=line(LINE_MAX))
    kept = HiddenField()  # ids of the proofs that the point has already, with commas

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outcome.choices = [SelectChoice(str(each), words.OUTCOMES[each]) for each in Outcome]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed into it."""
        return not (self.title.data or self.text.data or self.proofs.data or self.kept.data)

    @property
    def kept_ids(self) -> set[int]:
        """The ids of the proofs it keeps."""
        return {int(each) for each in (self.kept.data or "").split(",") if each.isdecimal() and len(each) < 19}  # noqa: PLR2004


class ReplyForm(PaperForm):
    """An answer, point by point."""

    body = TextAreaField(_l("Mở đầu"), [Optional()], filters=typed(LETTER_MAX))
    points = Rows(FormField(PointForm), min_entries=1, max_entries=MOST_POINTS)

    @property
    def written(self) -> list[PointForm]:
        """The points that say something."""
        return [entry.form for entry in self.points if not entry.form.is_empty]

    def point(self, position: int) -> tuple[PointForm, int]:
        """Return the fields of that point of the paper, and its number on the page."""
        return [(entry.form, number) for number, entry in enumerate(self.points, start=1) if not entry.form.is_empty][position - 1]

    def validate(self, extra_validators: Any = None) -> bool:
        """Name the point in each of its errors."""
        fine = super().validate(extra_validators)
        name_rows(self.points, _l("Ý %(number)s: %(error)s"))
        return fine


class LetterForm(PaperForm):
    """A letter that is no answer: guide, forward, refuse, file, open a case."""

    reason = StringField(_l("Căn cứ, lý do"), [Optional()], filters=line(LINE_MAX))
    recipient = StringField(_l("Cơ quan nhận đơn"), [Optional()], filters=line(LINE_MAX))
    body = TextAreaField(_l("Nội dung"), [Optional()], filters=typed(LETTER_MAX))


class RefusalForm(LetterForm):
    """A refusal: its reason is one that the law names."""

    reason = SelectField(_l("Lý do"), [Optional()], validate_choice=False)

    def name_reasons(self, kind: Kind) -> None:
        """Offer the reasons that an item of *kind* can meet."""
        fitting = [reason for reason in RefusalReason if kind is Kind.COMPLAINT or reason not in COMPLAINT_REFUSALS]
        self.reason.choices = [
            SelectChoice("", _l("Chọn lý do")),
            *(SelectChoice(str(reason), words.REFUSAL_REASONS[reason]) for reason in fitting),
        ]


class PartForm(Form):
    """One matter of a letter with several."""

    kind = SelectField(_l("Loại"), [offered(_l("Chọn loại"))], validate_choice=False)
    title = StringField(_l("Tóm tắt, một dòng"), [DataRequired(_l("Viết một dòng tóm tắt"))], filters=line(LINE_MAX))
    body = TextAreaField(_l("Nội dung của phần này"), [DataRequired(_l("Chép nội dung của phần này"))], filters=typed(TEXT_MAX))
    field = Choice(_l("Lĩnh vực"), [Optional()])
    unit = Choice(_l("Giao cho"), [Optional()], render_kw=COMBOBOX)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [SelectChoice(str(kind), words.KINDS[kind]) for kind in Kind]


class SplitForm(OwnForm):
    """The parts that a letter is split into."""

    parts = Rows(FormField(PartForm), min_entries=2, max_entries=MOST_PARTS)

    def validate(self, extra_validators: Any = None) -> bool:
        """Name the part in each of its errors."""
        fine = super().validate(extra_validators)
        name_rows(self.parts, _l("Phần %(number)s: %(error)s"))
        return fine
