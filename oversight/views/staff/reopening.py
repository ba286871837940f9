"""What the superior decides: whether that which was found not right on the spot is opened again: `/can-bo/mo-lai`."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app import clock
from app.access import requires
from app.assignments.chips import open_chip
from app.assignments.rules import Duty
from app.calendar.queries import work_calendar
from app.database import db
from app.formats import format_date
from app.permissions import Permission
from oversight.checks import checked
from oversight.forms.checks import YES, DecideForm
from oversight.models import ReopeningQuestion
from oversight.operations import reopening
from oversight.rules import checks as rules
from oversight.views.staff.checks import facts_of
from oversight.views.staff.pages import REFUSALS, bp, one_form

ROOM = "oversight.reopenings"
REFUSALS |= {
    reopening.DecidedAlready: _l("Đã có quyết định về việc này, hoặc câu hỏi đã được rút. Quay lại để xem."),
    reopening.DayMissing: _l("Mở lại thì ghi ngày phải làm xong."),
    reopening.DayOutside: _l("Ngày làm xong phải sau hôm nay và không muộn hơn mức quy định cho phép."),
    reopening.OpenAnyway: _l("Việc này đã được mở lại theo cách khác. Chọn không mở lại và ghi lý do như vậy."),
}


def count() -> int:
    """Return how many wait for this person to decide, for the tab."""
    return len(checked.to_decide(current_user.reach))


def decides() -> bool:
    """Say whether this person has the room: who has nobody below is never asked."""
    return checked.ever_decides(current_user.reach)


@bp.get("/mo-lai")
@requires(Permission.OVERSIGHT_DECIDE)
def reopenings() -> str:
    """Show what waits for this person to decide."""
    found, today, calendar = checked.to_decide(current_user.reach), clock.today(), work_calendar()
    return render_template(
        "oversight/staff/reopenings.html",
        rows=[
            facts_of(each.assignment) | {"question": each, "due_chip": open_chip(each.due, asking=False, today=today, calendar=calendar)}
            for each in found
        ],
        today=today,
    )


@bp.route("/mo-lai/<int:question_id>", methods=["GET", "POST"])
@requires(Permission.OVERSIGHT_DECIDE)
def decide_reopening(question_id: int) -> Any:
    """Decide one of them."""
    question = db.session.get(ReopeningQuestion, question_id)
    reach = current_user.reach
    if question is None or not rules.may_decide(reach, checked.asked_of(question, reach)):
        abort(404)
    here = url_for(".spot_check", check_id=question.check_id)
    if request.method == "GET" and not question.is_open:
        return redirect(here)
    form, row = DecideForm(), question.assignment
    latest = reopening.latest_day(clock.today())
    if row.duty == Duty.ANSWER:  # its day follows from the rule of its kind
        del form.due_on
    elif latest is not None:
        form.due_on.description = _("Sau hôm nay, không muộn hơn %(day)s", day=format_date(latest))

    def do() -> None:
        day = form.due_on.data if "due_on" in form else None
        reopening.decide(
            question, reopened=form.reopened.data == YES, reason=form.reason.data or "", due_on=day, actor=current_user, now=clock.now()
        )

    return one_form(
        form, do, done=_("Đã ghi quyết định. Nơi kiểm tra, đơn vị và người dân được báo."), back=here,
        title=_("Có mở lại việc này không"), submit=_("Ghi quyết định"), code=row.reference, crumb=_("Kết quả kiểm tra thực tế"),
        template="oversight/staff/reopening_form.html", question=question, facts=facts_of(row),
    )  # fmt: skip
