"""The words that papers put around their data, one text a part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Optional

from app.fields import DatePartsField
from app.text import line, typed
from dialogues.forms.papers import PART, SECTIONS, PartsForm
from dialogues.papers import wording
from dialogues.rules import PaperType
from feedback.forms.base import LINE_MAX
from feedback.forms.staff import LETTER_MAX

LABELS: dict[str, Any] = SECTIONS | {
    wording.GROUNDS: _l("Căn cứ"),
    wording.TO: _l("Kính gửi"),
    wording.COPIES: _l("Nơi nhận"),
}
HINTS: dict[str, Any] = {
    wording.GROUNDS: _l("Mỗi căn cứ một dòng, không ghi dấu cuối dòng"),
    wording.TO: _l("Mỗi nơi một dòng"),
    wording.COPIES: _l("Mỗi nơi một dòng, không ghi dấu cuối dòng"),
}


class WordingForm(PartsForm):
    """From which day, by which paper, and the texts (added by :func:`wording_form`)."""

    source = StringField(
        _l("Theo văn bản nào"),
        [DataRequired(_l("Ghi văn bản hoặc người quyết định lời này"))],
        filters=line(LINE_MAX),
        description=_l("Ví dụ: mẫu kèm Công văn 12/UBND-NC của Ủy ban nhân dân tỉnh"),
    )
    effective_from = DatePartsField(
        _l("Áp dụng từ ngày"),
        [InputRequired(_l("Ghi ngày bắt đầu áp dụng"))],
        description=_l("Văn bản bắt đầu soạn từ ngày này dùng lời mới; văn bản đang soạn giữ lời cũ"),
    )

    def name_unknown(self, part: str, names: list[str]) -> None:
        """Say at a text what of it nothing fills."""
        what = ", ".join(name if name in "{}" else f"{{{name}}}" for name in names)
        self.fail(f"{PART}{part}", _("Không có dữ liệu nào tên %(names)s. Dùng đúng những tên ghi ở trên", names=what))


def wording_form(type_: PaperType, words: Mapping[str, str], **values: Any) -> WordingForm:
    """Return the form with a text for each part of a type of paper, begun with *words*."""
    texts = {
        f"{PART}{name}": TextAreaField(LABELS[name], [Optional()], filters=typed(LETTER_MAX), description=HINTS.get(name, ""))
        for name in wording.shipped(type_)
    }
    return type("TypeWordingForm", (WordingForm,), texts)(data={f"{PART}{name}": text for name, text in words.items()} | values)
