"""Code and key of sealed information open what its readers wrote to who sent it. All of it is said at the one address `/tra-cuu`.

A browser's history then shows that somebody looked something up, and no more. Nothing lies on the device, no cookie either: the page
itself carries, signed and for an hour, what it was opened with. Who writes gets another page, and so another hour, but not for ever.
"""

from __future__ import annotations

import uuid
from typing import Any

from flask import current_app, render_template, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from app import clock, headers
from app.database import db
from feedback.forms.tracking import TrackForm
from feedback.sealed import thread
from feedback.sealed.forms.sending import AnswerForm
from feedback.sealed.models import SealedCase
from feedback.sealed.operations import thread as operations

OPENED = "opened"  # of the form: what the page was opened with
OPEN_FOR = 3600  # seconds
#: Seconds since code and key were given, however often was written meanwhile: an afternoon at one letter. Whoever comes by a page of it, in
#: a tab that was left open or in the memory of a machine, does not go on with it the next day.
OPEN_IN_ALL = 4 * 3600
UNPROCESSABLE = 422


def is_answer() -> bool:
    """Say whether this request comes from a page that :func:`page` made."""
    return OPENED in request.form


def page(case: SealedCase, wrong: AnswerForm | None = None, *, since: int | None = None, sent: bool = False) -> Response:
    """Show what was written, and the form to write more; *wrong* is the one that was refused. *since*: when code and key were given."""
    form = wrong or AnswerForm(formdata=None)
    form.opened.data = _signer().dumps([case.uid.hex, int(clock.now().timestamp()) if since is None else since])
    shown = render_template(
        "feedback/citizen/sealed_thread.html",
        form=form,
        received=case.heading.received_at,
        files=sum(each.message_id is None for each in thread.files(case)),
        messages=thread.messages(case),
        sent=sent,
    )
    return unkept(shown, UNPROCESSABLE if wrong else 200)


def answer() -> Any:
    """Take in what the sender writes, and show the page again in its place."""
    form = AnswerForm()
    case, since = _opened(form.opened.data or "")
    if case is None:  # an hour is over: the two codes once more, and the words stay on the page
        return unsent(form.text.data or "")
    if not form.validate_on_submit():
        return page(case, form, since=since)
    operations.answer(case, form.text.data or "", form.files.data, token=form.token.data or "", now=clock.now())
    db.session.commit()
    return page(case, since=since, sent=True)


def unsent(words: str) -> Response:
    """Ask for the two codes once more, with the words that were not sent."""
    return unkept(render_template("feedback/citizen/ask.html", form=TrackForm(formdata=None), unsent=words), UNPROCESSABLE)


def unkept(shown: str, status: int = 200) -> Response:
    """Return *shown* as an answer that no cache keeps and whose address no other page is told."""
    response = headers.unkept(shown, status)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _opened(token: str) -> tuple[SealedCase | None, int]:
    """Return what the page was opened with, while it is open, and since when."""
    try:
        uid, since = _signer().loads(token, max_age=OPEN_FOR)
        wanted = uuid.UUID(uid)
    except (BadSignature, ValueError, TypeError):
        return None, 0
    if clock.now().timestamp() - since > OPEN_IN_ALL:
        return None, 0
    return db.session.scalar(db.select(SealedCase).where(SealedCase.uid == wanted)), since


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="sealed-thread")
