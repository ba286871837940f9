"""Asking to be told what becomes of a session: `/doi-thoai/<code>/nhan-tin`. The letter's link says yes, and ends it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import clock, csrf, locale, opening, proof
from app.access import public
from app.database import db
from app.headers import unkept
from app.limits import limiter
from dialogues import links
from dialogues.forms.following import FollowForm
from dialogues.models import Follower
from dialogues.operations import subscribing
from dialogues.views.citizen.sessions import load
from feedback.forms.tracking import ConfirmForm

bp = Blueprint("dialogues_following", "dialogues", url_prefix="/doi-thoai", template_folder="templates")

UNPROCESSABLE = 422
_wrong_keys = limiter.limit("40 per hour")


def init_app(app: Flask) -> None:
    """Register the pages, and let letters make links."""
    app.register_blueprint(bp)
    proof.asks_at(app, "dialogues_following.follow")
    csrf.exempt(bp)  # each form checks its token itself, so that a lost session costs one more press and never what was typed
    app.add_template_global(links.follower_link_of, "follower_link_of")
    opening.takes_new(app, "dialogues_following.follow")


@bp.route("/<code>/nhan-tin", methods=["GET", "POST"])
@public
@limiter.limit("20 per hour", methods=["POST"])
def follow(code: str) -> Any:
    """Ask for the address and write to it; whoever followed before is told the same, so that nobody learns who follows."""
    session, form = load(code), FollowForm()
    if form.validate_on_submit():
        subscribing.ask(session, form.email.data or "", locale=locale() or "vi", now=clock.now())
        db.session.commit()
        flash(_("Đã gửi thư tới địa chỉ vừa ghi. Mở liên kết trong thư để đồng ý nhận tin."), "ok")
        return redirect(url_for("dialogues_sessions.show", code=session.code), 303)
    page = render_template("dialogues/citizen/follow.html", session_=session, form=form)
    return page, UNPROCESSABLE if form.failed or form.form_errors else 200


@bp.route("/theo-doi/<key>", methods=["GET", "POST"])
@public
def link(key: str) -> Any:
    """Say what is followed; a button says yes, another ends it. Opening the link, as programs that check letters do, does neither."""
    follower = links.by_key(Follower, key)
    if follower is None:
        with _wrong_keys:
            return render_template("dialogues/citizen/no_link.html"), 404
    session, form = follower.session, ConfirmForm()
    if form.validate_on_submit():
        if request.form.get("viec") == "thoi":
            subscribing.end(follower, now=clock.now())
            said = _("Không gửi tin về buổi này nữa. Địa chỉ đã xóa.")
        else:
            subscribing.confirm(follower, now=clock.now())
            said = _("Có tin về buổi này sẽ gửi thư.")
        db.session.commit()
        flash(said, "ok")
        return _private(redirect(url_for("dialogues_sessions.show", code=session.code), 303))
    page = render_template("dialogues/citizen/followed.html", session_=session, follower=follower, form=form)
    return _private(make_response(page, UNPROCESSABLE if form.failed or form.form_errors else 200))


def _private(response: Response) -> Response:
    response.headers["Referrer-Policy"] = "no-referrer"  # the address opens what only its reader may do
    return unkept(response)
