"""The masked copies of everything that becomes public: a form as long as the session was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Optional

from app.text import line, typed
from dialogues.models import Session
from dialogues.operations.publishing import Copies, instructions, numbered, papers_to_read, told
from dialogues.words import PAPER_TYPES
from feedback.forms.base import LINE_MAX, OwnForm
from feedback.forms.staff import LETTER_MAX


class LookForm(OwnForm):
    """The press that puts out the page that was looked at."""

    seen = HiddenField(filters=line(LINE_MAX))


class ReviewForm(LookForm):
    """What all sessions have; :func:`review_form` adds a field for every text of one."""

    session: Session

    conclusion = TextAreaField(_l("Kết luận, bản công khai"), [Optional()], filters=typed(LETTER_MAX))
    checked = BooleanField(
        _l("Đã đọc lại từng dòng: không còn tên, chỗ ở, số điện thoại, biển số của người dân"),
        [DataRequired(_l("Đọc lại bản công khai rồi đánh dấu ô này"))],
    )

    @property
    def copies(self) -> Copies:
        """Return what was typed."""
        fields = self._fields
        return Copies(
            {each.id: (fields[f"text_{each.id}"].data or "", fields[f"answer_{each.id}"].data or "") for each in told(self.session)},
            {each.id: fields[f"title_{each.id}"].data or "" for each in instructions(self.session)},
            self.conclusion.data or "",
            {each.id: fields[f"hands_{each.id}"].data or "" for each in self.session.hand_votes},
            frozenset(each.id for each in papers_to_read(self.session) if fields[f"paper_{each.id}"].data),
        )


def review_form(session: Session, begun: Mapping[str, Any]) -> ReviewForm:
    """Return the form of everything that *session* makes public, filled with *begun*."""
    fields: dict[str, Any] = {"session": session}
    for number, question in numbered(session):
        needed = DataRequired(_("Viết câu hỏi công khai"))
        fields[f"text_{question.id}"] = TextAreaField(
            _("Câu %(number)d, bản công khai", number=number), [needed], filters=typed(LETTER_MAX)
        )
        answer = TextAreaField(_("Trả lời câu %(number)d, bản công khai", number=number), [Optional()], filters=typed(LETTER_MAX))
        fields[f"answer_{question.id}"] = answer
    for number, promise in enumerate(instructions(session), start=1):
        named = DataRequired(_("Viết tên việc công khai"))
        fields[f"title_{promise.id}"] = StringField(_("Việc %(number)d, tên công khai", number=number), [named], filters=line(2 * LINE_MAX))
    for number, vote in enumerate(session.hand_votes, start=1):
        said = DataRequired(_("Viết nội dung biểu quyết công khai"))
        label = _("Biểu quyết %(number)d, nội dung công khai", number=number)
        fields[f"hands_{vote.id}"] = StringField(label, [said], filters=line(2 * LINE_MAX))
    for paper in papers_to_read(session):
        names = {"paper": PAPER_TYPES[paper.type], "number": paper.number}
        label = _("%(paper)s %(number)s: đã đọc bản in, không có tên, chỗ ở của người dân", **names)
        fields[f"paper_{paper.id}"] = BooleanField(label)
    return type("ReviewFormOfOne", (ReviewForm,), fields)(data=dict(begun))
