"""Going to the other provider and coming back: to sign in, to link one's account, or to take up an invitation."""

from __future__ import annotations

import secrets
from typing import Any

import structlog
from flask import Blueprint, Flask, abort, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm

from app import clock
from app.access import NotAllowed, public, signed_in
from app.accounts import invitations, signing_in
from app.accounts.addresses import own_page
from app.accounts.rules import Factor
from app.database import begin_writing, db
from app.identities import operations, provider, queries, rules
from app.identities.models import Identity
from app.limits import limiter

log = structlog.get_logger()

bp = Blueprint("identities", __name__)

CONFIRMED_MINUTES = 15  # after which who wants another way in, or one less, is asked again who they are
ASKED = "identity"  # in the session: what was asked of the provider, until it answers


def init_app(app: Flask) -> None:
    """Register the pages; the door asks `other_provider()` for the provider's name."""
    app.register_blueprint(bp)
    app.add_template_global(_name, "other_provider")


def _name() -> str:
    """Return what the provider is called, empty without one."""
    return current_app.config["OIDC_NAME"] if provider.is_set() else ""


# --- going ------------------------------------------------------------------------------------------------------------------


@bp.get("/dang-nhap/noi-khac")
@limiter.limit("60 per 15 minutes")
@public
def begin() -> Any:
    """Go to the provider to sign in."""
    return redirect(_ask(next=own_page(request.args.get("next"))))


@bp.post("/tai-khoan/noi-khac")
@limiter.limit("20 per hour")
@signed_in
@signing_in.recent(CONFIRMED_MINUTES)
def link() -> Any:
    """Go to the provider to link one's account."""
    return _go(_ask(user_id=current_user.id))


@bp.post("/moi/<int:user_id>/<token>/noi-khac")
@limiter.limit("30 per hour")
@public
def accept(user_id: int, token: str) -> Any:
    """Go to the provider instead of choosing a password."""
    if invitations.invited(user_id, token, today=clock.today()) is None:
        return render_template("accounts/invitation_over.html"), 410
    return _go(_ask(user_id=user_id, token=token))


def _ask(**why: Any) -> str:
    """Return the provider's address for a question, kept in the session with *why* it is asked."""
    if not provider.is_set():
        abort(404)
    db.session.rollback()  # the network takes time: let go of the database
    asked = provider.ask(_return_to())
    session[ASKED] = {"state": asked.state, "nonce": asked.nonce, "verifier": asked.verifier, **why}
    return asked.url


def _go(url: str) -> str:
    # A form may only lead to this site (form-action 'self'), whose browser counts redirects too: so the last step is a link.
    return render_template("identities/go.html", url=url, name=_name())


def _return_to() -> str:
    return current_app.config["SITE_URL"] + url_for("identities.back")


# --- coming back ------------------------------------------------------------------------------------------------------------


@bp.get("/dang-nhap/noi-khac/tro-ve")
@limiter.limit("60 per 15 minutes")
@public
def back() -> Any:
    """Take the provider's answer, once."""
    if not provider.is_set():
        abort(404)
    begin_writing()
    asked = session.pop(ASKED, None)
    db.session.rollback()  # the network takes time: let go of the database
    person = provider.answer(_code(asked), nonce=asked["nonce"], verifier=asked["verifier"], return_to=_return_to(), now=clock.now())
    if "token" in asked:
        return _invited(asked, person)
    return _linked(asked, person) if "user_id" in asked else _signed_in(asked, person)


def _code(asked: Any) -> str:
    """Return the code that answers what was *asked* from this browser. :raise AnswerWrong:."""
    if "error" in request.args:
        raise provider.AnswerWrong("refused there")
    state, code = request.args.get("state", ""), request.args.get("code", "")
    if asked is None or not code or not secrets.compare_digest(asked["state"].encode(), state.encode("utf-8", "replace")):
        raise provider.AnswerWrong("state")
    # RFC 9207: which provider answers, where it says so.
    if request.args.get("iss", current_app.config["OIDC_ISSUER"]) != current_app.config["OIDC_ISSUER"]:
        raise provider.AnswerWrong("iss")
    return code


def _signed_in(asked: dict[str, Any], person: provider.Person) -> Any:
    identity = queries.identity_of(person.issuer, person.subject)
    if identity is None or not identity.user.active:
        # Whoever has that e-mail address there need not be who has it here: so nothing is linked by itself.
        return render_template("identities/nobody.html", name=_name()), 403
    second_factor = rules.counts_as_second_factor(person.factors, current_app.config["OIDC_SECOND_FACTOR"].split())
    operations.used(identity, second_factor=second_factor, now=clock.now())
    return signing_in.arrive(identity.user, factor=Factor.PROVIDER if second_factor else "", to=asked.get("next"))


def _linked(asked: dict[str, Any], person: provider.Person) -> Any:
    if not current_user.is_authenticated or current_user.id != asked["user_id"]:
        raise provider.AnswerWrong("another person")
    operations.link(current_user, person, now=clock.now())
    db.session.commit()
    flash(_("Đã nối. Từ nay đăng nhập được bằng %(name)s.", name=_name()), "ok")
    return redirect(url_for(".own"))


def _invited(asked: dict[str, Any], person: provider.Person) -> Any:
    user = invitations.invited(asked["user_id"], asked["token"], today=clock.today())
    if user is None:
        return render_template("accounts/invitation_over.html"), 410
    operations.link_invited(user, person, now=clock.now())
    db.session.commit()
    flash(_("Đã nối. Từ nay đăng nhập được bằng %(name)s.", name=_name()), "ok")
    return redirect(url_for("accounts.sign_in"))


@bp.errorhandler(provider.ProviderAway)
def _away(away: provider.ProviderAway) -> Any:
    log.warning("identity_provider_away", why=str(away))
    return _refused(_("%(name)s không trả lời. Thử lại sau, hoặc đăng nhập bằng mật khẩu.", name=_name()))


@bp.errorhandler(provider.AnswerWrong)
def _wrong(wrong: provider.AnswerWrong) -> Any:
    log.warning("identity_answer_refused", why=str(wrong))
    return _refused(_("Chưa vào được bằng %(name)s. Bấm lại từ đầu, hoặc đăng nhập bằng mật khẩu.", name=_name()))


@bp.errorhandler(operations.AlreadyLinked)
def _taken(_taken: operations.AlreadyLinked) -> Any:
    return _refused(_("Tài khoản %(name)s ấy đã nối với người khác ở đây. Nói với người quản trị.", name=_name()))


def _refused(sentence: str) -> Any:
    db.session.rollback()
    session.pop(ASKED, None)
    flash(sentence, "warn")
    return redirect(url_for(".own" if current_user.is_authenticated else "accounts.sign_in"), 303)


# --- one's own ----------------------------------------------------------------------------------------------------------------


@bp.get("/tai-khoan/noi-khac")
@signed_in
def own() -> str:
    """Show which accounts of the provider open one's own."""
    return render_template(
        "identities/own.html", identities=queries.identities_of(current_user), name=_name() or abort(404), form=FlaskForm()
    )


@bp.post("/tai-khoan/noi-khac/<int:identity_id>/thoi")
@signed_in
@signing_in.recent(CONFIRMED_MINUTES)
def unlink(identity_id: int) -> Any:
    """End a link."""
    identity = db.get_or_404(Identity, identity_id)
    try:
        operations.unlink(identity, actor=current_user, now=clock.now())
        db.session.commit()
    except NotAllowed:
        abort(404)
    except operations.LastDoor:
        db.session.rollback()
        flash(_("Đây là cách vào duy nhất của tài khoản: đặt mật khẩu trước, người quản trị gửi liên kết."), "warn")
    else:
        flash(_("Đã thôi nối."), "ok")
    return redirect(url_for(".own"))
