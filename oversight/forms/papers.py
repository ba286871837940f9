"""What is typed on a paper of oversight: its parts in the officer's words."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Optional

from app.text import typed
from dialogues.forms.papers import PART, PartsForm
from dialogues.papers.frame import COPIES, GROUNDS
from feedback.forms.staff import LETTER_MAX

#: What the parts without a heading are called, where saying that one follows the other is not enough.
_PARTS: dict[str, Any] = {"opening": _l("Mở đầu"), "reason": _l("Nội dung đề nghị"), "request": _l("Yêu cầu trả lời")}
_AROUND: dict[str, Any] = {GROUNDS: _l("Căn cứ, mỗi căn cứ một dòng"), COPIES: _l("Nơi nhận, mỗi nơi một dòng")}


class PaperForm(PartsForm):
    """A draft; its parts are added by :func:`paper_form`."""

    was = HiddenField()


def paper_form(sections: list[dict[str, Any]], texts: dict[str, str], *, was: str) -> PaperForm:
    """Return the form of a draft: a text for each of *sections* that is not fixed, and the lines around them, begun with *texts*."""
    labels: dict[str, Any] = {
        each["name"]: each["heading"] or _PARTS.get(each["name"]) or (_l("Nội dung") if first else _l("Phần tiếp theo"))
        for first, each in zip([True] + [False] * len(sections), sections, strict=False)
        if each["name"] in texts
    }
    fields = {
        f"{PART}{name}": TextAreaField(label, [Optional()], filters=typed(LETTER_MAX))
        for name, label in ({GROUNDS: _AROUND[GROUNDS]} | labels | {COPIES: _AROUND[COPIES]}).items()
    }
    begun = {f"{PART}{name}": text for name, text in texts.items()}
    return type("DraftForm", (PaperForm,), fields)(data=begun | {"was": was})
