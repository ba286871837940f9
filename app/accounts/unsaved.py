"""What was typed into a form whose session had ended comes back after signing in, unsaved.

The words never wait on the server: the page that asks to sign in carries them, signed, in a hidden field, and the browser
hands them over with the sign-in. Signed in as the same person, they are sent on to the form's own address (307), where a
POST that carries them counts as a GET whose forms are filled: looking at a form stores nothing, and the next press of its
button carries a token of the new session. Who signs in another way does it in another tab, and sends the words on from the page
that has them. Files are not kept, nor anything typed on the pages of one's own account, where passwords are.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from flask import Flask, current_app, flash, g, request, session
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.datastructures import MultiDict

from app.accounts.addresses import addresses, can_be_read, own_page

FIELD = "unsaved"
ELSEWHERE = "elsewhere"  # sent beside it by who signed in in another tab
MOST = 200_000  # characters typed; more than any form of ours takes
USUAL = FlaskForm.Meta.wrap_formdata
SECONDS = 3600  # between the press that found the session ended and the form that comes back


class Unsaved(NamedTuple):
    """Whose words, the address of their form, each field's name and text, and whether files were sent along."""

    user_id: str
    address: str
    fields: list[tuple[str, str]]
    files: bool


def init_app(app: Flask) -> None:
    """Let forms be filled with the words that came with a sign-in."""
    # Before all others: what looks at a request (CSRF, the transaction's kind) is to see a GET.
    app.before_request_funcs.setdefault(None, []).insert(0, _look_at_the_form_again)
    FlaskForm.Meta.wrap_formdata = _wrap_formdata  # of every form, wherever it is made


def keep() -> str:
    """Return this request's words, signed; empty where there are none to keep or nobody to keep them for."""
    if "unsaved" in g:  # sent on from the page that has them, before anybody signed in
        return request.form[FIELD]
    user_id = str(session.get("_user_id", "")).partition(":")[0]
    fields = [(name, text) for name, text in request.form.items(multi=True) if name not in {"csrf_token", FIELD} and text]
    address = _form_address()
    if not (user_id and fields and address) or request.blueprint == "accounts" or sum(len(text) for _name, text in fields) > MOST:
        return ""
    return _signer().dumps(Unsaved(user_id, address, fields, any(each.filename for each in request.files.values())))


def address_for(user: Any, words: str | None) -> str | None:
    """Return the address of the form whose *words* came with the sign-in of *user*, or None where they are not theirs."""
    kept = _read(words)
    if kept is None or kept.user_id != str(user.id):
        return None
    _tell(kept)
    return kept.address


def form_of(words: str | None) -> str:
    """Return the address of the form whose *words* these are, empty where they are none of ours."""
    kept = _read(words)
    return kept.address if kept else ""


def _tell(kept: Unsaved) -> None:
    flash(_("Đã đăng nhập lại. Những gì đã ghi vẫn còn, chưa lưu."), "warn")
    if kept.files:
        flash(_("Tệp đã chọn không giữ được: chọn lại."), "warn")


def _form_address() -> str | None:
    """Return the address at which the form that was sent is looked at: its own, or that of the page it stood on."""
    try:
        before = urlsplit(request.referrer or "")
    except ValueError:  # no address at all, for instance http://[
        before = urlsplit("")
    here = before.netloc == request.host
    places = [request.full_path.rstrip("?"), f"{before.path}?{before.query}".rstrip("?") if here else ""]
    return next((each for each in places if own_page(each) and can_be_read(each)), None)


def _look_at_the_form_again() -> None:
    if request.method != "POST" or FIELD not in request.form or request.endpoint == "accounts.sign_in":
        return
    if (kept := _read(request.form[FIELD])) is None or kept.address != request.full_path.rstrip("?"):
        return
    request.environ["REQUEST_METHOD"] = request.method = "GET"
    rule, values = addresses().match(return_rule=True)
    request.url_rule, request.view_args = rule, dict(values)
    request.routing_exception = None
    g.unsaved = kept


def _wrap_formdata(self: Any, form: Any, formdata: Any) -> Any:
    usual = USUAL(self, form, formdata)
    if usual is None and (kept := typed()):
        return MultiDict(kept)
    return usual


def typed() -> list[tuple[str, str]]:
    """Return what this person had typed into the form looked at, each field with its text; mostly nothing."""
    kept: Unsaved | None = g.get("unsaved")
    if kept is None or not current_user.is_authenticated or kept.user_id != str(current_user.id):
        return []
    if ELSEWHERE in request.form and not g.get("told_unsaved"):
        g.told_unsaved = True
        _tell(kept)
    return kept.fields


def _read(words: str | None) -> Unsaved | None:
    try:
        user_id, address, fields, files = _signer().loads(words or "", max_age=SECONDS)
    except BadSignature:
        return None
    return Unsaved(user_id, address, [(name, text) for name, text in fields], files)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="unsaved")
