"""The staff's pages of the sealed register."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app import clock, hooks, navigation
from app.accounts import operations as accounts
from app.administration import setting_up
from app.administration import words as admin_words
from app.administration.views import at_hand, audit
from app.permissions import Permission
from feedback.sealed import queries
from feedback.sealed.operations import purging, taking_back
from feedback.sealed.views import copies as copies
from feedback.sealed.views import identity as identity
from feedback.sealed.views import leading as leading
from feedback.sealed.views import looks, register
from feedback.sealed.views import thread as thread
from feedback.sealed.views.pages import bp
from feedback.views.staff import queues


def init_app(app: Flask) -> None:
    """Register the pages and their menu entries."""
    app.register_blueprint(bp)
    app.register_blueprint(looks.bp)
    navigation.ask(app, sealed_given=queries.given)
    entry = navigation.Entry
    navigation.add(
        app,
        "staff",
        entry(_l("Sổ niêm phong"), "sealed.register", 80, count=register.waiting, shown=_knows_any),
        entry(_l("Nhật ký niêm phong"), "sealed_looks.looks", 905, (Permission.AUDIT_READ,)),
    )
    hooks.add(queues.elsewhere, register.told)
    hooks.add(at_hand.lines, looks.reveals)
    hooks.add(accounts.on_link, taking_back.take_back)
    hooks.add(audit.left_out, purging.tells_of_what_is_gone)
    setting_up.STEPS["sealed"] = setting_up.Step(lambda today: queries.all_is_readable(on=today))
    admin_words.STEPS["sealed"] = admin_words.StepWords(
        _l("Người tiếp nhận tố cáo"),
        "administration.users",
        _l(
            "Giao vai trò này, phạm vi toàn hệ thống, cho ít nhất hai người ở hai cơ quan không thuộc nhau: không ai mở được thông tin "
            "về cơ quan mình, nên thiếu thì có thông tin không ai mở được"
        ),
    )


def _knows_any() -> bool:
    if not current_user.is_authenticated:
        return False
    may_be = current_user.reach.may_anywhere(Permission.SEALED_READ) or navigation.answer("sealed_given")
    return bool(may_be) and queries.knows_any(current_user, on=clock.today())
