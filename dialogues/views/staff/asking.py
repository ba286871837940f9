"""A question for a session, written down for who came, called or wrote: its receipt is the one of every item that is entered."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import clock
from app.access import requires
from app.database import db
from app.permissions import Permission
from dialogues import queries, seen
from dialogues.forms.asking import EnterQuestionForm
from dialogues.operations import asking
from dialogues.views.citizen.asking import REFUSALS, UNPROCESSABLE
from dialogues.views.staff.pages import bp
from feedback.views.staff.entering import ENTERED


@bp.route("/<code>/cau-hoi/nhap", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_ENTER)
def enter_question(code: str) -> Any:
    """Write a question down; whoever may enter items may do it for every session that takes questions."""
    found = queries.by_code(code)
    if found is None or not seen.takes_questions(found, clock.now()):
        abort(404)
    form = EnterQuestionForm(today=clock.today())
    if form.validate_on_submit():
        entered = form.entered(found.code, now=clock.now())
        try:
            taken = asking.ask(found, entered, actor=current_user, now=clock.now())
        except asking.QuestionsClosed:  # a moment ago
            db.session.rollback()
            form.form_errors.append(_("Đã hết giờ nhận câu hỏi trước. Ghi là ý kiến, ở mục Nhập hộ."))
        except tuple(REFUSALS) as refusal:
            db.session.rollback()
            field, sentence = REFUSALS[type(refusal)]
            form.fail(field, sentence)
        else:
            db.session.commit()
            if taken.receipt is not None:
                session[ENTERED] = entered.submission.token
                return redirect(url_for("entering.receipt"), 303)
            flash(_("Đã ghi vào ý kiến đã gửi trước. Người hỏi theo dõi bằng hai mã đang có."), "ok")
            return redirect(url_for("dialogues_sessions.show", code=found.code), 303)
    wrong = form.failed or bool(form.form_errors)
    return render_template("dialogues/staff/enter_question.html", session_=found, form=form), UNPROCESSABLE if wrong else 200
