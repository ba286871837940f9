"""A file as it came, with all that it tells of its sender: opened for a reason that is recorded, by a link that soon ends."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import abort, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from app import clock, files
from app.access import requires
from app.audit import record
from app.database import writing_first
from feedback import queries, rules, words
from feedback.forms.staff import SeeForm
from feedback.models import Attachment, Feedback
from feedback.views.staff.item import READERS
from feedback.views.staff.pages import UNPROCESSABLE, bp, load

#: Each says whether two people agreed that the account with that id opens the original; where none does, nobody opens it alone.
agreed: list[Callable[[Feedback, Attachment, int], bool]] = []


def may_ask(item: Feedback) -> bool:
    """Say whether who is signed in may ask for originals of the item's files."""
    return rules.may_ask_for_original(current_user.reach, queries.standing_of(item))


def _asked_for(code: str, uid: uuid.UUID) -> tuple[Feedback, Attachment]:
    item = load(code)
    found = next((each for each in item.attachments if each.file.uid == uid and each.file.original_size is not None), None)
    if found is None or not may_ask(item):
        abort(404)
    return item, found


def _is_open(item: Feedback, attachment: Attachment) -> bool:
    """Say whether the one who asks opens it alone, or two people agreed."""
    return not rules.needs_two_for_original(queries.standing_of(item)) or any(each(item, attachment, current_user.id) for each in agreed)


@bp.route("/y-kien/<code>/tep/<uuid:uid>/ban-goc", methods=["GET", "POST"])
@requires(*READERS)
def original(code: str, uid: uuid.UUID) -> Any:
    """Ask why; record it before anything is read, and go to a link that is good for some minutes."""
    item, attachment = _asked_for(code, uid)
    alone = _is_open(item, attachment)
    form = SeeForm()
    form.reason.choices = [SelectChoice(name, word) for name, word in words.ORIGINAL_REASONS.items()]
    if not alone or not form.validate_on_submit():
        page = render_template("feedback/staff/original.html", item=item, form=form, alone=alone, minutes=files.LINK_MINUTES)
        return page, UNPROCESSABLE if form.errors else 200
    token = files.link_token(attachment.file, f"user:{current_user.id}")
    with writing_first():
        record(current_user, "feedback.original_opened", item, at=clock.now(), attachment_id=attachment.id, reason=form.reason.data)
    return redirect(url_for(".original_by_link", code=code, uid=uid, token=token), 303)


@bp.get("/y-kien/<code>/tep/<uuid:uid>/ban-goc/<token>")
@requires(*READERS)
def original_by_link(code: str, uid: uuid.UUID, token: str) -> Response:
    """Send the original to whom the link was made for, while it is good."""
    item, attachment = _asked_for(code, uid)
    if not _is_open(item, attachment) or not files.link_is_good(token, attachment.file, f"user:{current_user.id}"):
        abort(404)
    return files.send_original(attachment.file, name=_("ban-goc-%(number)s", number=attachment.id))
