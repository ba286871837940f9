"""`/tai-khoan-cua-toi/xin-xoa`: one press asks that everything sent with an e-mail loses the person."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, url_for
from flask_babel import ngettext

from app import clock, hooks
from app.access import public
from app.citizens import queries as citizens
from app.citizens.door import who_is_in
from app.citizens.models import CitizenAccount
from app.database import db
from feedback.personal import operations
from feedback.personal.queries import keys_of

bp = Blueprint("my_data_account", "feedback")


def init_app(app: Flask) -> None:
    """Register the page, and the button that leads there."""
    app.register_blueprint(bp)
    hooks.add(citizens.sections, "feedback/personal/everything.html")


@bp.post("/tai-khoan-cua-toi/xin-xoa")
@public
@who_is_in
def ask_everywhere(account: CitizenAccount) -> Any:
    """Ask it of each item that is over; what was asked before, or is still owed an answer, is left as it is."""
    asked, owed = operations.ask_everywhere(keys_of(account.email_index), now=clock.now())
    db.session.commit()
    flash(ngettext("Đã xin xóa trong %(num)d ý kiến.", "Đã xin xóa trong %(num)d ý kiến.", asked), "ok" if asked else "warn")
    if owed:
        said = ngettext("%(num)d ý kiến còn đang giải quyết, chưa xóa được.", "%(num)d ý kiến còn đang giải quyết, chưa xóa được.", owed)
        flash(said, "warn")
    return redirect(url_for("citizens.own"), 303)
