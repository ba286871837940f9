"""The staff's pages of the sealed register."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app import navigation
from app.administration import setting_up
from app.administration import words as admin_words
from app.permissions import Permission
from feedback.sealed import queries
from feedback.sealed.views import register as register
from feedback.sealed.views.pages import bp


def init_app(app: Flask) -> None:
    """Register the pages and their menu entry."""
    app.register_blueprint(bp)
    entry = navigation.Entry(_l("Sổ niêm phong"), "sealed.register", 80, (Permission.SEALED_READ,), count=_unopened)
    navigation.add(app, "staff", entry)
    setting_up.STEPS["sealed"] = setting_up.Step(lambda today: queries.all_is_readable(on=today))
    admin_words.STEPS["sealed"] = admin_words.StepWords(
        _l("Người tiếp nhận tố cáo"),
        "administration.users",
        _l(
            "Giao vai trò này, phạm vi toàn hệ thống, cho ít nhất hai người ở hai cơ quan không thuộc nhau: không ai mở được thông tin "
            "về cơ quan mình, nên thiếu thì có thông tin không ai mở được"
        ),
    )


def _unopened() -> int:
    return sum(1 for _case in queries.open_to(current_user, unopened=True))
