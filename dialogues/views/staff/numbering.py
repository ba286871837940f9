"""Numbers of many papers at once, copied from the book of another system: `/can-bo/doi-thoai/van-ban/cho-so/nhap`."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from app import clock
from app.access import NotAllowed, requires
from app.assignments.rules import IllegalTransition
from app.database import db
from app.permissions import Permission
from dialogues import lists
from dialogues.forms.numbers import Given, NumbersForm
from dialogues.operations import papers
from dialogues.views.staff.pages import REFUSALS, TOO_LATE, bp, page_of, sentence_of


@bp.route("/van-ban/cho-so/nhap", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_NUMBER)
def import_numbers() -> Any:
    """Enter the numbers of a list; where one is refused none is written, and its line is named."""
    form = NumbersForm()
    form.waiting = {paper.id: paper for paper in lists.papers_waiting(current_user.reach)}
    if form.validate_on_submit():
        faults = _number(form.given)
        if not faults:
            db.session.commit()
            number = len(form.given)
            flash(ngettext("Đã ghi số cho %(num)d văn bản.", "Đã ghi số cho %(num)d văn bản.", number), "ok")
            return redirect(url_for(".papers_waiting"), 303)
        db.session.rollback()
        form.lines.errors = faults
    return page_of(
        form,
        title=_("Nhập số từ sổ văn bản"),
        submit=_("Ghi số cả danh sách"),
        back=url_for(".papers_waiting"),
        crumb=_("Văn bản đối thoại chờ ghi số"),
        intro=[_("Mã văn bản (VB và chữ số) có ở danh sách chờ ghi số. Còn một dòng chưa ghi được thì chưa ghi dòng nào.")],
    )


def _number(given: list[Given]) -> list[str]:
    """Write each number, in the order of the numbers so that no gap is seen where there is none; return what was refused."""
    faults = []
    for each in sorted(given, key=lambda each: (each.on.year, each.value)):
        try:
            papers.number(each.paper, each.number, on=each.on, gap_why=each.gap_why, actor=current_user, now=clock.now())
        except tuple(REFUSALS) as refusal:
            faults.append(_("Dòng %(line)d: %(fault)s", line=each.line, fault=sentence_of(refusal)))
        except (IllegalTransition, NotAllowed):
            faults.append(_("Dòng %(line)d: %(fault)s", line=each.line, fault=TOO_LATE))
    return faults
