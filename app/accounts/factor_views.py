"""Showing who one is: the second step of signing in, signing in by a passkey alone, and being asked again."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from app import clock
from app.access import SYSTEM, public, signed_in
from app.accounts import factors, passkeys, passwords, signing_in, unsaved
from app.accounts.addresses import own_page
from app.accounts.forms import PasskeyForm, ProofForm, SignInForm
from app.accounts.models import User
from app.accounts.rules import Factor
from app.accounts.views import bp
from app.database import db
from app.limits import limiter
from app.steps import UNPROCESSABLE


def _whose_code() -> str:
    """Return whose codes are guessed: from browsers known to the account counted together, from all others together.

    The cookie says it, not the database.
    """
    halfway = session.get(signing_in.HALFWAY)
    if halfway:
        return f"{halfway['user']} {'known' if halfway.get('known') else ''}"
    return f"{str(session.get('_user_id', '')).partition(':')[0]} here"


def _is_no_code() -> bool:
    return bool(request.form.get("credential"))  # nobody guesses a signature


def _wrong(response: Any) -> bool:
    return response.status_code == UNPROCESSABLE


# A million codes, three of them right: twenty tries a day hit one in forty-five years.
few_codes = limiter.limit(
    "5 per 15 minutes;20 per day", key_func=_whose_code, methods=["POST"], deduct_when=_wrong, exempt_when=_is_no_code
)


@bp.route("/dang-nhap/xac-nhan", methods=["GET", "POST"])
@few_codes
@public
def second_factor() -> Any:
    """Ask who gave the right password for the second factor."""
    halfway = signing_in.halfway()
    if halfway is None:
        return redirect(url_for(".sign_in"), 303)
    user, to = halfway
    if request.method == "GET":
        return signing_in.second_factor_page(user)
    form, now = _sent(), clock.now()
    factor = _factor_in(form, user)
    if factor is None:
        factors.failed(user, actor=SYSTEM, now=now)
        db.session.commit()
        return signing_in.second_factor_page(user, words=form.unsaved.data, said=_said(form))
    return signing_in.arrive(user, factor=factor, to=to, words=form.unsaved.data)


@bp.post("/dang-nhap/khoa-truy-cap")
@limiter.limit("60 per 15 minutes", deduct_when=_wrong)
@public
def enter_by_passkey() -> Any:
    """Sign in by a passkey alone: it is had, and its owner unlocked it."""
    form = PasskeyForm()
    try:
        user = passkeys.take(None, form.credential.data or "", now=clock.now()) if form.validate() else None
    except passkeys.PasskeyRefused:
        user = None
    if user is None:
        db.session.rollback()
        again = SignInForm(formdata=None, unsaved=form.unsaved.data)
        again.form_errors.append(_("Khóa truy cập này không dùng được ở đây. Đăng nhập bằng mật khẩu"))
        return render_template("accounts/sign_in.html", form=again), 422
    return signing_in.arrive(user, factor=Factor.PASSKEY, to=request.args.get("next"), words=form.unsaved.data)


@bp.route("/tai-khoan/xac-nhan", methods=["GET", "POST"])
@few_codes
@signed_in
def confirm() -> Any:
    """Ask again who is there, before something that a walk to the coffee machine must not open."""
    if request.method == "GET":
        return signing_in.confirm_page()
    form, user = _sent(), signing_in.present()
    has_any = factors.has_any(user)
    factor = _factor_in(form, user) if has_any else _password_in(form, user)
    if factor is None:
        factors.failed(user, actor=user, now=clock.now())
        db.session.commit()
        return signing_in.confirm_page(words=form.unsaved.data, said=_said(form) if has_any else _("Mật khẩu không đúng")), 422
    signing_in.prove(user, factor=factor)
    db.session.commit()
    if (unsaved_at := unsaved.address_for(user, form.unsaved.data)) is not None:
        return redirect(unsaved_at, 307)
    return redirect(own_page(request.args.get("next")) or url_for(".own"))


def _sent() -> Any:
    """Return the form that was sent: a code or a password, or what a passkey answered."""
    form = PasskeyForm() if _is_no_code() else ProofForm()
    form.validate()  # what it lacks is a wrong answer; a token of another session is refused before
    return form


def _said(form: Any) -> str:
    return _("Khóa truy cập này không dùng được") if "credential" in form else _("Mã không đúng, đã dùng rồi hoặc đã cũ")


def _factor_in(form: Any, user: User) -> Factor | None:
    now = clock.now()
    if "credential" not in form:
        return factors.take_code(user, form.code.data or "", now=now)
    try:
        passkeys.take(user, form.credential.data, now=now)
    except passkeys.PasskeyRefused:
        db.session.rollback()
        return None
    return Factor.PASSKEY


def _password_in(form: Any, user: User) -> str | None:
    """Return "" where the password is right: it is no second factor."""
    stored = user.password_hash
    db.session.rollback()  # hashing takes time: let go of the database
    given = (form.password.data or "") if "password" in form else ""
    return "" if passwords.matches(given, stored) else None
