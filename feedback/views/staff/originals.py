"""A file as it came, with all that it tells of its sender: opened for a reason that is recorded, by a link that soon ends."""

from __future__ import annotations

import uuid
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from app import clock, files
from app.access import requires
from app.accounts.models import User
from app.accounts.rules import may_be_one
from app.accounts.signing_in import present, recent
from app.database import db, writing_first
from feedback import queries, rules, words
from feedback.forms.staff import OriginalForm
from feedback.models import Attachment, Feedback
from feedback.operations import originals
from feedback.views.staff.item import READERS
from feedback.views.staff.pages import UNPROCESSABLE, bp, load

#: Minutes after which whoever asks, agrees or opens shows again who they are.
ASKED_AGAIN = 15


def may_ask(item: Feedback) -> bool:
    """Say whether who is signed in may ask for originals of the item's files."""
    return rules.may_ask_for_original(current_user.reach, queries.standing_of(item))


def _asked_for(code: str, uid: uuid.UUID) -> tuple[Feedback, Attachment]:
    item = load(code)
    found = next((each for each in item.files if each.file.uid == uid and each.file.original_size is not None), None)
    if found is None or not may_ask(item):
        abort(404)
    return item, found


@bp.route("/y-kien/<code>/tep/<uuid:uid>/ban-goc", methods=["GET", "POST"])
@requires(*READERS)
@recent(ASKED_AGAIN)
def original(code: str, uid: uuid.UUID) -> Any:
    """Ask why; record it before anything is read, and go to a link that is good for some minutes. Some need somebody else to agree."""
    item, attachment = _asked_for(code, uid)
    form, now = OriginalForm(), clock.now()
    form.reason.choices = [SelectChoice(name, word) for name, word in words.ORIGINAL_REASONS.items()]
    opens = originals.may_open(item, attachment, current_user, now=now)
    if not form.validate_on_submit():
        return _page(item, attachment, form, opens=opens), UNPROCESSABLE if form.errors else 200
    if opens and not form.agree_with.data:
        token = files.link_token(attachment.file, f"user:{current_user.id}")
        with writing_first():
            originals.opened(item, attachment, reason=form.reason.data, actor=current_user, now=now)
        return redirect(url_for(".original_by_link", code=code, uid=uid, token=token), 303)
    try:
        with writing_first():
            if form.agree_with.data:
                originals.agree(item, attachment, asker_id=form.agree_with.data, actor=current_user, now=now)
            else:
                originals.ask(item, attachment, reason=form.reason.data, actor=current_user, now=now)
    except originals.NotAsked:
        flash(_("Không còn ai đang xin mở bản gốc này."), "warn")
    return redirect(url_for(".original", code=code, uid=uid), 303)


def _page(item: Feedback, attachment: Attachment, form: OriginalForm, *, opens: bool) -> str:
    wishes = originals.asked_for(item, attachment, now=clock.now())
    others = [(db.session.get_one(User, each.user_id), words.ORIGINAL_REASONS[each.reason]) for each in wishes if not each.agreed]
    return render_template(
        "feedback/staff/original.html",
        item=item,
        form=form,
        opens=opens,
        asked=any(each.user_id == current_user.id for each in wishes),
        others=[(user, why) for user, why in others if not may_be_one(user, present())],
        minutes=files.LINK_MINUTES,
    )


@bp.get("/y-kien/<code>/tep/<uuid:uid>/ban-goc/<token>")
@requires(*READERS)
def original_by_link(code: str, uid: uuid.UUID, token: str) -> Response:
    """Send the original to whom the link was made for, while it is good."""
    item, attachment = _asked_for(code, uid)
    opens = originals.may_open(item, attachment, current_user, now=clock.now())
    if not opens or not files.link_is_good(token, attachment.file, f"user:{current_user.id}"):
        abort(404)
    return files.send_original(attachment.file, name=_("ban-goc-%(number)s", number=attachment.id))
