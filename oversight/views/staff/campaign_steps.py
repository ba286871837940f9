"""The steps of a campaign of supervision: announced, carried out, its findings shown, concluded, closed; or called off."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.calendar.rules import Stage
from app.permissions import Permission
from oversight import supervision as queries
from oversight.forms.supervision import AnnounceForm, CommentsDayForm, ReasonForm
from oversight.operations import campaign_steps as operations
from oversight.rules.supervision import State
from oversight.views.staff.campaigns import campaign_address, crumb, load_to_plan
from oversight.views.staff.pages import bp, one_form, press
from oversight.views.staff.supervision import to_paper

P = Permission


@bp.route("/giam-sat/cuoc/<int:campaign_id>/thong-bao", methods=["GET", "POST"])
@requires(P.OVERSIGHT_SUPERVISE)
def announce_campaign(campaign_id: int) -> Any:
    """Begin the paper that tells the units what to prepare and by when, and go there."""
    row = load_to_plan(campaign_id, State.DRAFT)
    form, begun = AnnounceForm(prepare=row.prepare, report_due_on=row.report_due_on), []

    def do() -> None:
        by = form.report_due_on.data or dt.date.min
        begun.append(operations.draft_notice(row, prepare=form.prepare.data or "", report_due_on=by, actor=current_user, now=clock.now()))
        if by > row.starts_on:  # no rule forbids it, and where a unit checks itself it may be meant
            flash(_("Hạn gửi báo cáo sau ngày bắt đầu giám sát. Nếu không định như vậy, soạn lại với hạn sớm hơn."), "warn")

    return one_form(
        form,
        do,
        done=_("Đã soạn thông báo từ dữ liệu. Đọc lại từng phần rồi trình ký."),
        back=campaign_address(row),
        to=lambda: url_for("oversight.oversight_paper", uid=begun[0].uid),
        title=_("Thông báo cho đơn vị được giám sát"),
        submit=_("Soạn thông báo"),
        crumb=crumb(row),
        intro=[_("Thông báo được ký, có số thì đơn vị nhận được. Từ lúc trình ký không sửa đơn vị và câu hỏi.")],
    )


@bp.post("/giam-sat/cuoc/<int:campaign_id>/bat-dau")
@requires(P.OVERSIGHT_SUPERVISE)
def begin_campaign(campaign_id: int) -> Response:
    """The team goes there; or once more, after what a unit said."""
    row = load_to_plan(campaign_id, State.ANNOUNCED, State.FINDINGS)
    return press(
        lambda: operations.begin(row, actor=current_user, now=clock.now()), done=_("Đoàn bắt đầu giám sát."), back=campaign_address(row)
    )


@bp.route("/giam-sat/cuoc/<int:campaign_id>/lay-y-kien", methods=["GET", "POST"])
@requires(P.OVERSIGHT_SUPERVISE)
def show_campaign_findings(campaign_id: int) -> Any:
    """Give the units what was found, to comment on it by a day."""
    row = load_to_plan(campaign_id, State.UNDER_WAY)
    form = CommentsDayForm(data={"comments_due_on": queries.day_by_rule(Stage.CONSULT, clock.today())})
    return one_form(
        form,
        lambda: operations.show_findings(
            row, comments_due_on=form.comments_due_on.data or dt.date.min, actor=current_user, now=clock.now()
        ),
        title=_("Gửi dự thảo kết quả để đơn vị góp ý"),
        submit=_("Gửi"),
        done=_("Đã gửi. Các đơn vị đọc và góp ý được đến hết ngày hẹn."),
        back=campaign_address(row),
        crumb=crumb(row),
    )


@bp.post("/giam-sat/cuoc/<int:campaign_id>/ket-luan")
@requires(P.OVERSIGHT_SUPERVISE)
def draft_conclusion(campaign_id: int) -> Response:
    """Begin the paper of the conclusion, and go there."""
    row = load_to_plan(campaign_id, State.FINDINGS)
    return to_paper(lambda: operations.draft_conclusion(row, actor=current_user, now=clock.now()), back=campaign_address(row))


@bp.post("/giam-sat/cuoc/<int:campaign_id>/ket-thuc")
@requires(P.OVERSIGHT_SUPERVISE)
def close_campaign(campaign_id: int) -> Response:
    """Everything recommended was confirmed or decided."""
    row = load_to_plan(campaign_id, State.CONCLUDED)
    return press(
        lambda: operations.close(row, actor=current_user, now=clock.now()), done=_("Đã kết thúc theo dõi."), back=campaign_address(row)
    )


@bp.route("/giam-sat/cuoc/<int:campaign_id>/huy", methods=["GET", "POST"])
@requires(P.OVERSIGHT_SUPERVISE)
def cancel_campaign(campaign_id: int) -> Any:
    """Call it off."""
    row, form = load_to_plan(campaign_id, State.DRAFT, State.ANNOUNCED, State.UNDER_WAY), ReasonForm()
    return one_form(
        form,
        lambda: operations.cancel(row, why=form.why.data or "", actor=current_user, now=clock.now()),
        title=_("Hủy cuộc giám sát"),
        submit=_("Hủy cuộc giám sát"),
        done=_("Đã hủy. Đơn vị nào đã được thông báo thì nhận được tin."),
        back=campaign_address(row),
        crumb=crumb(row),
        danger=True,
    )
