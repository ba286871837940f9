"""Signing in and out, one's own account, and the notices on the site."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, Flask, abort, flash, g, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from app import clock, jobs, letters, limits, navigation, outbox
from app.access import SYSTEM, public, signed_in
from app.accounts import factors, invitations, operations, passwords, rules, signing_in, unsaved
from app.accounts.addresses import row_id
from app.accounts.commands import agree_to_role, create_admin, end_second_factor
from app.accounts.forms import ChangePasswordForm, ChoosePasswordForm, PreferencesForm, SignInForm
from app.accounts.known import known_here, remember
from app.accounts.models import User
from app.accounts.queries import delegations_of, grants_of, reach_of, user_by_email
from app.accounts.words import LANGUAGES, ROLES
from app.database import db, reading
from app.limits import Tally, limiter, network

bp = Blueprint("accounts", __name__)


def init_app(app: Flask) -> None:
    """Register the pages, the user loader and the command."""
    limits.init_app(app)
    unsaved.init_app(app)
    signing_in.init_app(app)
    app.add_template_global(invitations.link, "invitation_link")
    app.add_template_global(signing_in.key_to_enter, "key_to_enter")
    app.add_template_global(lambda: SignInForm(formdata=None, unsaved=unsaved.keep()), "sign_in_form")
    app.add_template_global(unsaved.form_of, "form_of_unsaved")
    shared: dict[str, Any] = app.jinja_env.globals
    shared["role_names"] = ROLES  # letters name roles by their codes
    app.register_blueprint(bp)
    jobs.daily(app, "accounts.sweep", "app.accounts.jobs:sweep", at=dt.time(0, 20))
    app.cli.add_command(agree_to_role)
    app.cli.add_command(create_admin)
    app.cli.add_command(end_second_factor)
    navigation.ask(app, unread=outbox.how_many_unread)
    navigation.add(
        app,
        "account",
        navigation.Entry(_l("Thông báo"), "accounts.inbox", 10, count=lambda: navigation.answer("unread")),
        navigation.Entry(_l("Tài khoản"), "accounts.own", 20),
    )


def _account() -> str:
    return request.form.get("email", "").strip().lower()[:200]


def _known() -> bool:
    return known_here(_account())


def _where_and_account() -> str:
    # Browsers that the account knows count apart, together: neither a colleague behind the same line nor a robot can use their tries up.
    return f"{'known' if _known() else network()} {_account()}"


def _failed(response: Response) -> bool:
    return response.status_code not in {200, 302, 303, 307}


#: Wrong passwords for one account, from wherever. A second factor keeps the account while it is full.
siege = Tally("50 per hour")


#: Who was wrong waits longer when it happens again: a quarter of an hour, three hours, a day.
TRIES = "6 per 15 minutes;12 per 3 hours;24 per day"


@bp.route("/dang-nhap", methods=["GET", "POST"])
@limiter.limit("100 per 15 minutes", methods=["POST"], deduct_when=_failed, exempt_when=lambda: bool(_known()))
@limiter.limit(TRIES, key_func=_where_and_account, methods=["POST"], deduct_when=_failed)
@public
def sign_in() -> Any:
    """Ask for e-mail and password; the answer does not say which of the two was wrong."""
    form = SignInForm()
    if form.validate_on_submit():
        user = _with_password(form.email.data or "", form.password.data or "")
        besieged = siege.full(_account()) and not _known()
        if user is not None and not (besieged and not factors.has_any(user)):
            return signing_in.arrive(user, to=request.args.get("next"), words=form.unsaved.data)
        if besieged:  # right or wrong: who guesses must not learn it
            raise TooManyRequests(retry_after=siege.seconds_left(_account()))
        siege.add(_account())
        form.password.errors = [_("E-mail hoặc mật khẩu không đúng")]
    # Only a form that was answered with a refusal is an error; 401 would make browsers ask by themselves.
    return render_template("accounts/sign_in.html", form=form), 422 if form.errors else 200


def _with_password(email: str, password: str) -> User | None:
    """Return who has this password. The check takes some 30 ms, so no transaction is open meanwhile.

    Whether there is such an account, the same is asked, computed and written.
    """
    with reading():
        found = user_by_email(email)
        user_id, stored = (found.id, found.password_hash) if found is not None and found.active else (None, None)
        db.session.rollback()
    fits = passwords.matches(password, stored)
    user = db.session.get(User, user_id or 0)
    if not fits:
        operations.sign_in_failed(user, actor=SYSTEM, now=clock.now())
        db.session.commit()
    return user if fits else None


@bp.get("/bat-dau")
@signed_in
def start() -> Any:
    """Go to the first page of the person's work."""
    entries = [entry for menu in ("staff", "admin") for entry in navigation.entries(menu)]
    first = next((entry for entry in entries if entry.home is not None and entry.home()), next(iter(entries), None))
    return redirect(url_for(first.endpoint if first is not None else "accounts.own"))


@bp.post("/dang-xuat")
@public
def sign_out() -> Any:
    """End the session."""
    signing_in.leave()
    return redirect(url_for("accounts.sign_in"))


@bp.route("/moi/<int:user_id>/<token>", methods=["GET", "POST"])
@limiter.limit("30 per hour")
@public
def choose_password(user_id: int, token: str) -> Any:
    """Let who was invited choose a password."""
    user = invitations.invited(user_id, token, today=clock.today())
    if user is None:
        return render_template("accounts/invitation_over.html"), 410
    name, form = user.name, ChoosePasswordForm(own_words=[user.name, user.email, user.email.partition("@")[0]])
    if form.validate_on_submit():
        db.session.rollback()  # hashing takes time: let go of the database
        digest = passwords.digest(form.new.data or "")
        user = invitations.invited(user_id, token, today=clock.today()) or abort(410)
        operations.choose_password(user, digest, now=clock.now())
        db.session.commit()
        flash(_("Đã đặt mật khẩu. Đăng nhập bằng mật khẩu mới."), "ok")
        return redirect(url_for("accounts.sign_in"))
    response = make_response(render_template("accounts/choose_password.html", form=form, name=name), 422 if form.errors else 200)
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is a key
    return response


@bp.get("/tai-khoan")
@signed_in
def own() -> str:
    """Show one's own account."""
    today, path = clock.today(), current_user.unit.path
    return render_template(
        "accounts/own.html",
        today=today,
        grants=grants_of(current_user, on=today),
        delegations=delegations_of(current_user, on=today),
        leads=rules.may_name_deputy(reach_of(current_user, on=today, delegated=False), unit_path=path, deputy_path=path),
        has_factor=factors.has_any(current_user),
        roles=ROLES,
        languages=LANGUAGES,
    )


@bp.route("/tai-khoan/mat-khau", methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
@signed_in
def change_password() -> Any:
    """Change one's password; other sessions end, this one goes on."""
    form = ChangePasswordForm(own_words=[current_user.name, current_user.email, current_user.email.partition("@")[0]])
    if form.validate_on_submit():
        user_id, stored = current_user.id, current_user.password_hash
        db.session.rollback()  # hashing takes time: let go of the database
        if passwords.matches(form.current.data or "", stored):
            digest = passwords.digest(form.new.data or "")
            user = db.session.get_one(User, user_id)
            operations.set_password(user, digest, now=clock.now())
            signing_in.prove(user)
            db.session.commit()
            flash(_("Đã đổi mật khẩu. Các máy khác đã bị đăng xuất."), "ok")
            return remember(redirect(url_for(".own")), user)
        form.current.errors = [_("Mật khẩu đang dùng không đúng")]
    return render_template("accounts/change_password.html", form=form), 422 if form.errors else 200


@bp.route("/tai-khoan/tuy-chon", methods=["GET", "POST"])
@signed_in
def preferences() -> Any:
    """Choose the language and which notices go by e-mail."""
    wants = current_user.preferences
    form = PreferencesForm(locale=current_user.locale, email=wants.get("email", True), digest=wants.get("digest", True))
    if form.validate_on_submit():
        operations.set_preferences(current_user, locale=form.locale.data, email=form.email.data, digest=form.digest.data, now=clock.now())
        db.session.commit()
        session["lang"] = form.locale.data
        g.pop("locale", None)
        flash(_("Đã lưu tùy chọn."), "ok")
        response = redirect(url_for(".own"))
        response.delete_cookie("lang")  # the account's language holds from now on
        return response
    return render_template("accounts/preferences.html", form=form), 422 if form.errors else 200


@bp.get("/thong-bao")
@signed_in
def inbox() -> str:
    """Show the notices on the site, newest first."""
    before_id = row_id("truoc")
    return render_template(
        "accounts/inbox.html",
        notices=outbox.inbox(current_user, before_id=before_id),
        sentence=letters.sentence,
        later=before_id is not None,
        page_size=outbox.INBOX_PAGE,
    )


@bp.post("/thong-bao/da-doc")
@signed_in
def mark_read() -> Any:
    """Mark all notices as read."""
    outbox.mark_read(current_user, None, now=clock.now())
    db.session.commit()
    return redirect(url_for(".inbox"))
