"""`/can-bo/luu-giu`: how long items are kept, which are over; whoever leads a desk reads each and decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm

from app import clock, navigation
from app.access import requires
from app.administration.views.pages import install_wide
from app.administration.views.versions import Table, listed
from app.administration.words import EVIDENCE
from app.database import db
from app.files import discard_bytes
from app.permissions import Permission, Reach
from app.steps import TOO_LATE, Steps
from feedback import words
from feedback.personal import erasing, retaining
from feedback.personal.forms import LeftForm, TermForm
from feedback.personal.models import RetentionRule
from feedback.personal.recorded import PIECES
from feedback.personal.views import REFUSALS

TABLE = Table(retaining.BOOK, ".due", "retention.due", _l("Sau ngày này hồ sơ loại ấy không có hạn lưu giữ: giữ mãi."))

_steps = Steps(REFUSALS, "feedback/personal/retention_item.html")

#: What else is over: called with who looks and the day, returns templates of sections with what they show as `each`.
further: list[Callable[[Reach, dt.date], list[tuple[str, dict[str, Any]]]]] = []

bp = Blueprint("retention", "feedback", url_prefix="/can-bo/luu-giu")


def init_app(app: Flask) -> None:
    """Register the pages and their entry in the menu of administrators."""
    app.register_blueprint(bp)
    entry = navigation.Entry(_l("Hết hạn lưu giữ"), "retention.due", 95, (Permission.SETTINGS_MANAGE,), install_wide=True)
    navigation.add(app, "admin", entry)  # who leads a desk comes by the page of the units


@bp.get("")
@requires(Permission.FEEDBACK_LEAD, Permission.SETTINGS_MANAGE)
def due() -> str:
    """Show the rules, and what is over at one's desks."""
    today = clock.today()
    return render_template(
        "feedback/personal/retention.html",
        **listed(retaining.all_rules(), today),
        may_manage=current_user.reach.may(Permission.SETTINGS_MANAGE),
        due=retaining.due(current_user.reach, today=today),
        most=retaining.MOST,
        further=[section for sections in further for section in sections(current_user.reach, today)],
        evidence=EVIDENCE,
        statuses=words.STATUSES,
        kinds=words.KINDS,
        form=FlaskForm(),
    )


@bp.route("/<code>", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_LEAD)
def decide(code: str) -> Any:
    """Read what would be left of each text of one item, put it right, and let the persons go out of it."""
    found = next(iter(retaining.due(current_user.reach, today=clock.today(), code=code)), None)
    if found is None and request.method == "POST" and retaining.is_done(code, current_user.reach):
        flash(str(TOO_LATE), "warn")
        return redirect(url_for(".due"), 303)
    if found is None:
        abort(404)
    item = found.item
    pieces = erasing.all_pieces(item, item.people)
    form = LeftForm(data={"texts": [piece.suggestion for piece in pieces], "seen": erasing.digest(pieces)})
    gone: list[Any] = []

    def do() -> None:
        gone.extend(retaining.decide(item, form.left, seen=form.seen.data or "", actor=current_user, now=clock.now()))

    if (answer := _steps.taken(form, do, done=_("Đã bỏ thông tin cá nhân trong %(code)s.", code=code), back=url_for(".due"))) is not None:
        for uid in gone:
            discard_bytes(uid)
        return answer
    return _steps.page_of(
        form,
        title=_("Còn lại gì sau khi bỏ thông tin cá nhân"),
        submit=_("Bỏ thông tin cá nhân"),
        item=item,
        kept_until=found.kept_until,
        pieces=list(zip(pieces, form.texts, strict=False)),
        piece_words=PIECES,
        people=len(item.people),
        files=[each.file.name for one in (item, *item.parts) for each in one.attachments if each.by_sender],
    )


# --- how long ---------------------------------------------------------------------------------------------------------------


@bp.route("/thoi-gian/<int:rule_id>/ban-moi", methods=["GET", "POST"])
@install_wide
def change(rule_id: int) -> Any:
    """Let a new version follow a rule from a day on."""
    row = db.get_or_404(RetentionRule, rule_id)
    form = TermForm(obj=row)

    def do() -> RetentionRule:
        said = {name: form[name].data for name in ("years", "source", "local", "effective_from")}
        return retaining.change(row, article=form.article.data or "", actor=current_user, now=clock.now(), **said)

    return TABLE.follow(row, form, do)


@bp.route("/thoi-gian/<int:rule_id>/ket-thuc", methods=["GET", "POST"])
@install_wide
def end(rule_id: int) -> Any:
    """Let a rule end without another in its place."""
    return TABLE.end(rule_id)


@bp.post("/thoi-gian/<int:rule_id>/da-doi-chieu")
@install_wide
def check(rule_id: int) -> Any:
    """Write down that the text itself was read."""
    return TABLE.check(rule_id)
