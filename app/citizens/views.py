"""`/tai-khoan-cua-toi`: an e-mail address, the code that went there, and what was sent with that address."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, session, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from app import clock, consents, limits, proof
from app.access import public
from app.accounts.signing_in import this_browser
from app.citizens import door, operations, queries
from app.citizens.forms import CodeForm, EmailForm
from app.citizens.models import CitizenAccount, CitizenCode
from app.database import db
from app.headers import unkept
from app.letters import NobodyToTell
from app.limits import limiter, network
from app.outbox import Notice

bp = Blueprint("citizens", __name__)

ASKED = "citizen_code"  # in the session: which code was asked for here; it opens nothing in another browser
UNPROCESSABLE = 422


def init_app(app: Flask) -> None:
    """Register the pages, and what the letter with the code says."""
    app.register_blueprint(bp)
    proof.asks_at(app, "citizens.ask")
    app.add_template_global(_digits, "citizen_code")


def _digits(notice: Notice) -> str:
    row = db.session.get(CitizenCode, notice.subject_id)
    # It lasted ten minutes, and no mail server took the letter; or somebody let the letter to one tell the code of another.
    if row is None or row.email != notice.address:
        raise NobodyToTell
    return queries.digits_of(row)


def _email() -> str:
    return request.form.get("email", "").strip().lower()[:200]


def _network_and_email() -> str:
    return f"{network()} {_email()}"


@bp.get("/tai-khoan-cua-toi")
@public
def own() -> Any:
    """Show what was sent with one's address, or ask for the address."""
    sign_in = door.who()
    if sign_in is None:
        return render_template("citizens/ask.html", form=EmailForm(formdata=None))
    account = sign_in.account
    page = render_template(
        "citizens/own.html",
        account=account,
        sent=queries.sent_with(account),
        form=FlaskForm(),
        sections=queries.sections,
        agreed=consents.of([account]),
    )
    return unkept(page)


# Every question sends a letter to somebody, who may not have asked: so it is counted, by whom it comes from and where it goes.
@bp.post("/tai-khoan-cua-toi")
@limiter.limit("20 per hour")
@limiter.limit("5 per hour", key_func=_network_and_email)
@limiter.limit("10 per day", key_func=_email)
@public
def ask() -> Any:
    """Send a code; the answer is the same whether the address is known or not."""
    form = EmailForm()
    if not form.validate_on_submit():
        return render_template("citizens/ask.html", form=form), UNPROCESSABLE
    language = get_locale()
    row = operations.ask(form.email.data or "", locale=language.language if language else "vi", now=clock.now())
    db.session.commit()
    session[ASKED] = row.uid.hex
    return redirect(url_for(".code"), 303)


@bp.route("/tai-khoan-cua-toi/ma", methods=["GET", "POST"])
@limits.guessing("30 per hour")
@public
def code() -> Any:
    """Ask for the code, and let in who has it."""
    asked = session.get(ASKED)
    if asked is None:
        return redirect(url_for(".own"), 303)
    form = CodeForm()
    if form.validate_on_submit():
        token = operations.come_in(uuid.UUID(asked), form.code.data or "", browser=this_browser(), now=clock.now())
        db.session.commit()
        if token is not None:
            session.pop(ASKED)
            return door.let_in(redirect(url_for(".own"), 303), token)
        limits.guessed_wrong()
        form.code.errors = [_("Mã không đúng, đã dùng hoặc quá 10 phút. Sai 5 lần thì phải xin mã khác.")]
    return render_template("citizens/code.html", form=form), UNPROCESSABLE if form.errors else 200


@bp.post("/tai-khoan-cua-toi/thoat")
@public
def leave() -> Any:
    """Go out."""
    if (sign_in := door.who()) is not None:
        operations.go_out(sign_in)
        db.session.commit()
        flash(_("Đã thoát."), "ok")
    return door.let_out(redirect(url_for(".own"), 303))


@bp.post("/tai-khoan-cua-toi/xoa")
@public
@door.who_is_in
def end(account: CitizenAccount) -> Any:
    """Delete the account; nothing that was sent goes with it."""
    operations.end_account(account, now=clock.now())
    db.session.commit()
    flash(_("Đã xóa tài khoản. Những gì đã gửi vẫn mở được bằng mã tra cứu và mã bí mật."), "ok")
    return door.let_out(redirect(url_for(".own"), 303))
