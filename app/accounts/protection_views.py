"""One's own second factors: the app, the passkeys, the codes on paper."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.access import signed_in
from app.accounts import factors, passkeys, signing_in
from app.accounts.forms import AppForm, NewPasskeyForm
from app.accounts.known import remember
from app.accounts.rules import Factor
from app.accounts.signing_in import present
from app.accounts.views import bp
from app.crypto import CannotDecrypt, decrypt, encrypt
from app.database import db
from app.headers import unkept
from app.limits import limiter
from app.qr import qr_svg

ASKED_AGAIN = 15  # minutes
PAGE = "accounts.protection"


@bp.get("/tai-khoan/xac-nhan-hai-buoc")
@signed_in
def protection() -> str:
    """Show what one is asked for besides the password."""
    return render_template(
        "accounts/protection.html",
        app=factors.app_of(current_user),
        keys=passkeys.of(current_user),
        codes_left=factors.codes_left(current_user),
        codes_made=factors.CODES,
        lacks=current_user.lacks_a_factor,
        enough=len(passkeys.of(current_user)) >= passkeys.MOST,
    )


@bp.route("/tai-khoan/xac-nhan-hai-buoc/ung-dung", methods=["GET", "POST"])
@limiter.limit("20 per 15 minutes", methods=["POST"])
@signed_in
@signing_in.recent(ASKED_AGAIN)
def add_app() -> Any:
    """Show a secret to an app, and take the first code that it makes."""
    if factors.app_of(current_user) is not None:
        return redirect(url_for(PAGE))
    form = AppForm()
    secret = _opened(form.sealed.data) or factors.new_secret()
    if form.validate_on_submit():
        try:
            factors.add_app(present(), secret, form.code.data or "", now=clock.now())
        except factors.CodeWrong:
            form.code.errors = [_("Mã không đúng. Xem lại giờ trên điện thoại, rồi ghi mã đang hiện")]
        except factors.AppAlready:
            db.session.rollback()
            return redirect(url_for(PAGE))
        else:
            return _added(Factor.APP)
    # The page carries the secret, sealed for this person: nothing is stored until its first code is right.
    form.sealed.data = base64.b64encode(encrypt(secret, bound_to=_bound_to())).decode()
    qr = qr_svg(factors.address_of(secret, current_user, current_app.config["SITE_NAME"]), _("Mã vuông để ứng dụng xác thực quét"))
    return unkept(render_template("accounts/add_app.html", form=form, qr=qr, secret=secret), 422 if form.errors else 200)


@bp.post("/tai-khoan/xac-nhan-hai-buoc/ung-dung/bo")
@signed_in
@signing_in.recent(ASKED_AGAIN)
def remove_app() -> Response:
    """Take the app away."""
    factors.remove_app(present(), now=clock.now())
    db.session.commit()
    flash(_("Đã bỏ ứng dụng xác thực."), "ok")
    return remember(redirect(url_for(PAGE)), present())


@bp.route("/tai-khoan/xac-nhan-hai-buoc/khoa", methods=["GET", "POST"])
@limiter.limit("20 per 15 minutes", methods=["POST"])
@signed_in
@signing_in.recent(ASKED_AGAIN)
def add_passkey() -> Any:
    """Have the browser make a passkey, and keep its public half."""
    form = NewPasskeyForm()
    if form.validate_on_submit():
        try:
            passkeys.add(present(), form.credential.data or "", name=form.name.data or "", now=clock.now())
        except passkeys.PasskeyRefused:
            db.session.rollback()
            form.form_errors.append(_("Khóa này không dùng được. Thử lại, hoặc dùng khóa khác"))
        except passkeys.TooManyPasskeys:
            db.session.rollback()
            form.form_errors.append(_("Nhiều khóa quá rồi. Bỏ bớt khóa không dùng nữa"))
        else:
            return _added(Factor.PASSKEY)
    keys = passkeys.to_add(current_user, now=clock.now())
    return render_template("accounts/add_passkey.html", form=form, keys=keys), 422 if form.errors or form.form_errors else 200


@bp.post("/tai-khoan/xac-nhan-hai-buoc/khoa/<int:row_id>/bo")
@signed_in
@signing_in.recent(ASKED_AGAIN)
def remove_passkey(row_id: int) -> Response:
    """Take one passkey away."""
    passkeys.remove(present(), row_id, now=clock.now())
    db.session.commit()
    flash(_("Đã bỏ khóa truy cập."), "ok")
    return remember(redirect(url_for(PAGE)), present())


@bp.post("/tai-khoan/xac-nhan-hai-buoc/ma-du-phong")
@signed_in
@signing_in.recent(ASKED_AGAIN)
def renew_codes() -> Any:
    """Show new codes for paper, once; those of before are worth nothing."""
    if not factors.has_any(current_user):
        return redirect(url_for(PAGE))
    codes = factors.renew_codes(present(), now=clock.now())
    db.session.commit()
    return _codes_page(codes)


def _added(factor: Factor) -> Any:
    """Take the new factor as shown; with the first one come codes for paper, on this very answer and never again."""
    codes = [] if factors.codes_left(current_user) else factors.renew_codes(present(), now=clock.now())
    signing_in.prove(present(), factor=factor)
    db.session.commit()
    if codes:
        return remember(_codes_page(codes), present())  # what was known of this browser ended with the first factor
    flash(_("Đã thêm khóa truy cập.") if factor is Factor.PASSKEY else _("Đã thêm ứng dụng xác thực."), "ok")
    return redirect(url_for(PAGE))


def _codes_page(codes: list[str]) -> Response:
    return unkept(render_template("accounts/recovery_codes.html", codes=codes))


def _opened(sealed: str | None) -> str:
    """Return the secret that the page carried, if it was sealed for this person."""
    if request.method != "POST":
        return ""
    try:
        return decrypt(base64.b64decode(sealed or "", validate=True), bound_to=_bound_to())
    except (binascii.Error, CannotDecrypt, ValueError):
        return ""


def _bound_to() -> str:
    return f"totp:new:{current_user.id}"
