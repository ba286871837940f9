"""The page that shows every component once: `/thanh-phan`. A new component enters here before it is used.

The people and matters on it are invented, the same story as in docs/design-language.md; they are content, so they stay
Vietnamese in both languages.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, render_template
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, EmailField, Form, MultipleFileField, RadioField, SelectField, StringField, TelField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional, ValidationError

from app.access import public
from app.fields import DatePartsField

blueprint = Blueprint("gallery", __name__)

_PHONE_DIGITS = 10


def init_app(app: Flask) -> None:
    """Register the page."""
    app.register_blueprint(blueprint)


class SampleForm(Form):
    """Every type of field once."""

    kind = RadioField(
        "Ý kiến thuộc loại nào?",
        choices=[
            SelectChoice("report", "Báo một việc chưa ổn", {"hint": "Đường hỏng, rác ứ, nước tràn…", "term": "phản ánh"}),
            SelectChoice("question", "Hỏi về quy định, thủ tục", {"hint": "Cần giấy gì, nộp ở đâu", "term": "hỏi đáp"}),
        ],
    )
    body = TextAreaField("Chuyện gì đã xảy ra?", [Length(max=5000)])
    area = SelectField(
        "Xã, phường",
        choices=[
            SelectChoice("", "Chọn một nơi"),
            *(SelectChoice(name, name, optgroup="Phường") for name in ("Bắc Giang", "Đa Mai", "Kinh Bắc", "Từ Sơn", "Việt Yên")),
            *(SelectChoice(name, name, optgroup="Xã") for name in ("Gia Bình", "Lục Ngạn", "Phúc Hòa", "Tân Yên", "Yên Phong")),
        ],
        render_kw={"data-combobox": ""},
    )
    happened_on = DatePartsField("Ngày", [Optional()])
    files = MultipleFileField("Chọn ảnh, giấy tờ", [Optional()], render_kw={"data-files": "", "data-max": "20971520", "data-most": "5"})
    name = StringField("Họ và tên", render_kw={"autocomplete": "name"})
    phone = TelField("Số điện thoại", render_kw={"autocomplete": "tel"})
    email = EmailField("Thư điện tử", [Optional()], render_kw={"autocomplete": "email"})
    consent = BooleanField("Cho đăng nội dung và câu trả lời để bà con cùng biết, sau khi bỏ tên")

    def validate_phone(self, field: TelField) -> None:
        """Show what an error looks like."""
        if len(field.data or "") < _PHONE_DIGITS:
            raise ValidationError("Số điện thoại thiếu một số: mới có 9 số, số di động có 10 số")


@blueprint.get("/thanh-phan")
@public
def show() -> str:
    """Show every component."""
    typed = {
        "kind": "report",
        "body": "Rãnh thoát nước bị đất đá lấp, mưa là nước tràn vào nhà.",
        "area": "Việt Yên",
        "happened_on": ["31", "11", "2026"],
        "phone": "090000012",
        "consent": "y",
    }
    form = SampleForm(MultiDict(typed))
    form.validate()
    return render_template(
        "components/gallery.html", sample=form, explanation=sample_explanation(), icons=_icons(), today=dt.date(2026, 12, 21)
    )


def sample_explanation() -> dict[str, Any]:
    """Return why an answer to a report received on 21/12/2026 is due on 5/1/2027."""
    start, days, number = dt.date(2026, 12, 21), [], 0
    for step in range(1, 16):
        day = start + dt.timedelta(days=step)
        holiday = (day.month, day.day) == (1, 1)
        reason = "holiday" if holiday else "weekend" if day.isoweekday() in (6, 7) else None
        number += reason is None
        days.append(
            {"date": day, "number": None if reason else number, "skipped_reason": reason, "name": "Tết Dương lịch" if holiday else ""}
        )
    return {
        "rule_name": "phản ánh được trả lời trong 10 ngày làm việc kể từ ngày nhận",
        "source": "Quy chế tiếp nhận, trả lời phản ánh, kiến nghị của tỉnh",
        "article": "",
        "local": True,
        "verified": "seen",
        "start": start,
        "start_event": "nhận",
        "due_on": dt.date(2027, 1, 5),
        "days": days,
        "rolled_from": None,
    }


def _icons() -> list[str]:
    sprite = (Path(__file__).parent / "static" / "icons.svg").read_text(encoding="utf-8")
    return [part.split('"', 1)[0] for part in sprite.split('id="i-')[1:]]
