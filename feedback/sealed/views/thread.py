"""The readers' side of the talk with who sent a case, and the files that came with it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import clock
from app.database import db
from app.files import WARNINGS, send
from feedback.sealed import rules, thread
from feedback.sealed.forms.writing import WriteForm
from feedback.sealed.models import SealedCase
from feedback.sealed.operations import thread as operations
from feedback.sealed.views.pages import bp, for_readers, form_page, load


@bp.context_processor
def _talk() -> dict[str, Any]:
    """Let the page of an opened case show the talk: _thread.html."""
    return {"messages_of": thread.messages, "files_of": thread.files, "warned": WARNINGS}


@bp.route("/<uuid:uid>/nhan-tin", methods=["GET", "POST"])
@for_readers
def write(uid: uuid.UUID) -> Any:
    """Write to who sent it."""
    case, form = load(uid, rules.may_open), WriteForm()
    if form.validate_on_submit():
        try:
            operations.write(case, form.text.data or "", actor=current_user, now=clock.now())
        except operations.NotOpened:
            return _look_first(case)
        db.session.commit()
        flash(_("Đã viết. Người báo tin đọc được khi mở lại bằng hai mã."), "ok")
        return redirect(url_for(".register"), 303)
    return form_page(form, case=case, title=_("Viết cho người báo tin"), intro=[], submit=_("Gửi"))


@bp.get("/<uuid:uid>/tep/<uuid:file_uid>")
@for_readers
def file(uid: uuid.UUID, file_uid: uuid.UUID) -> Any:
    """Send a file of the case to who opened the case within the hour: that look, with its reason, is the file's too."""
    case = load(uid, rules.may_open)
    found = next((each.file for each in thread.files(case) if each.file.uid == file_uid), None)
    if found is None:
        abort(404)
    return send(found, sealed=True) if thread.looked_lately(case, current_user.id, now=clock.now()) else _look_first(case)


def _look_first(case: SealedCase) -> Any:
    flash(_("Mở đọc trước, ghi lý do, rồi mới làm việc này."), "warn")
    return redirect(url_for(".look", uid=case.uid), 303)
