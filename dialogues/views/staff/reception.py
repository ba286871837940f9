"""One day on which a unit's head receives citizens: its register, minutes and conclusion; moved or cancelled with a reason."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from flask import abort, make_response, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from app import clock
from app.access import requires
from app.audit import record
from app.database import db, writing_first
from app.formats import format_date
from app.headers import unkept
from app.permissions import Permission
from dialogues import receptions as lists
from dialogues import rules
from dialogues.forms.receptions import CancelForm, MoveForm, VisitForm, VisitorForm, WriteUpForm
from dialogues.models import ReceptionDay, ReceptionVisit
from dialogues.operations import booking, receptions
from dialogues.operations.planning import standing_of
from dialogues.rules import ReceptionState, VisitState
from dialogues.views.staff.pages import bp, one_form
from dialogues.views.staff.receptions import check_bounds
from feedback.forms.base import number
from feedback.forms.staff import NumberForm
from feedback.models import Feedback

NO_DENUNCIATION = _l("Đơn tố cáo không ghi ở đây: người tiếp nhận ghi vào sổ tố cáo riêng và giữ bí mật tên người tố cáo.")


def _load(uid: uuid.UUID) -> ReceptionDay:
    """Return the day; the same 404 where there is none and where the person may not read it."""
    day = lists.by_uid(uid)
    if day is None or not rules.may_read(current_user.reach, standing_of(day.unit)):
        abort(404)
    return day


def _load_to_prepare(uid: uuid.UUID) -> ReceptionDay:
    day = _load(uid)
    if not rules.may_prepare(current_user.reach, standing_of(day.unit)):
        abort(403)
    return day


def _title(day: ReceptionDay) -> str:
    return _("Tiếp công dân %(day)s", day=format_date(day.day))


def _address(day: ReceptionDay) -> str:
    return url_for(".reception", uid=day.uid)


@bp.get("/tiep-cong-dan/<uuid:uid>")
@requires(Permission.DIALOGUE_READ)
def reception(uid: uuid.UUID) -> str:
    """Show a day: how many come, what came of it; names stand in the register only."""
    day, today = _load(uid), clock.today()
    standing = standing_of(day.unit)
    visits = [visit for visit in day.visits if visit.state != VisitState.CANCELLED]
    prepares = rules.may_prepare(current_user.reach, standing)
    return render_template(
        "dialogues/staff/reception.html",
        day=day,
        title=_title(day),
        visits=visits,
        booked=sum(visit.state == VisitState.BOOKED for visit in visits),
        came=sum(visit.state == VisitState.CAME for visit in visits),
        moved_to=db.session.get(ReceptionDay, day.moved_to_id) if day.moved_to_id else None,
        may_prepare=prepares,
        may_change=prepares and day.state == ReceptionState.PLANNED,
        may_write=prepares and _is_written(day, today),
        may_number=day.state == ReceptionState.HELD
        and day.number is None
        and bool(day.conclusion)
        and (rules.may_number(current_user.reach, standing) or rules.may_lead(current_user.reach, standing)),
    )


def _is_written(day: ReceptionDay, today: dt.date) -> bool:
    """Say whether the register of *day* is open: from the day on, until its notice has a number."""
    return day.state in {ReceptionState.PLANNED, ReceptionState.HELD} and day.number is None and day.day <= today


@bp.get("/tiep-cong-dan/<uuid:uid>/so")
@requires(Permission.DIALOGUE_PREPARE)
def reception_register(uid: uuid.UUID) -> Response:
    """Show the register with names: each look is recorded before anything is read."""
    day = _load_to_prepare(uid)
    with writing_first():
        record(current_user, "personal_data.seen", day, at=clock.now(), reason="reception")
    day = _load_to_prepare(uid)
    page = make_response(
        render_template(
            "dialogues/staff/reception_register.html",
            day=day,
            title=_title(day),
            visits=[visit for visit in day.visits if visit.state != VisitState.CANCELLED],
            slots=booking.slots_of(day),
            may_write=_is_written(day, clock.today()),
        )
    )
    return unkept(page)


@bp.route("/tiep-cong-dan/<uuid:uid>/nguoi-den", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def reception_walk_in(uid: uuid.UUID) -> Any:
    """Write down somebody who came without a booking."""
    day, form = _load_to_prepare(uid), VisitorForm()
    return one_form(
        form,
        lambda: receptions.walk_in(day, form.booking(0), actor=current_user, now=clock.now()),
        title=_("Ghi người đến không hẹn"),
        submit=_("Ghi vào sổ"),
        done=_("Đã ghi vào sổ."),
        back=url_for(".reception_register", uid=day.uid),
        crumb=_("Sổ tiếp công dân, %(day)s", day=format_date(day.day)),
        intro=[NO_DENUNCIATION],
    )


@bp.route("/tiep-cong-dan/<uuid:uid>/luot/<int:visit_id>", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def reception_visit(uid: uuid.UUID, visit_id: int) -> Any:
    """Write what one visitor brought forward, and what the head said."""
    day = _load_to_prepare(uid)
    row = _visit(day, visit_id)
    item = db.session.get(Feedback, row.feedback_id) if row.feedback_id else None
    form = VisitForm(row, item.code if item is not None else "")
    return one_form(
        form,
        lambda: receptions.write_visit(
            row,
            VisitState(form.state.data),
            said=form.said.data or "",
            result=form.result.data or "",
            code=form.code.data or "",
            actor=current_user,
            now=clock.now(),
        ),
        title=_("Ghi sổ: %(subject)s", subject=row.subject),
        submit=_("Lưu"),
        done=_("Đã ghi vào sổ."),
        back=url_for(".reception_register", uid=day.uid),
        crumb=_("Sổ tiếp công dân, %(day)s", day=format_date(day.day)),
        intro=[NO_DENUNCIATION],
    )


def _visit(day: ReceptionDay, visit_id: int) -> ReceptionVisit:
    found = next((each for each in day.visits if each.id == visit_id and each.state != VisitState.CANCELLED), None)
    if found is None:
        abort(404)
    return found


@bp.route("/tiep-cong-dan/<uuid:uid>/ket-qua", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def write_up_reception(uid: uuid.UUID) -> Any:
    """Keep who received, the minutes and the conclusion."""
    day = _load_to_prepare(uid)
    heads = {head.id: head for head in receptions.heads_of(day.unit, on=day.day)}
    received_by = str(day.received_by_id or next(iter(heads), ""))
    form = WriteUpForm(data={"received_by": received_by, "minutes": day.minutes, "conclusion": day.conclusion})
    form.received_by.choices = [SelectChoice(str(head.id), head.name) for head in heads.values()]
    return one_form(
        form,
        lambda: receptions.write_up(
            day,
            received_by=heads[number(form.received_by.data) or 0],
            minutes=form.minutes.data or "",
            conclusion=form.conclusion.data or "",
            actor=current_user,
            now=clock.now(),
        ),
        title=_("Kết quả tiếp công dân %(day)s", day=format_date(day.day)),
        submit=_("Lưu kết quả"),
        done=_("Đã lưu kết quả tiếp công dân."),
        back=_address(day),
        crumb=_title(day),
        intro=[]
        if heads
        else [_("Chưa có ai giữ vai trò lãnh đạo của %(unit)s trong ngày ấy. Quản trị ghi vai trò trước.", unit=day.unit.name)],
    )


@bp.route("/tiep-cong-dan/<uuid:uid>/ghi-so", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_NUMBER, Permission.DIALOGUE_LEAD)
def number_reception(uid: uuid.UUID) -> Any:
    """Enter number and date of the notice of conclusion."""
    day, form = _load(uid), NumberForm()
    standing = standing_of(day.unit)
    if not (rules.may_number(current_user.reach, standing) or rules.may_lead(current_user.reach, standing)):
        abort(403)
    return one_form(
        form,
        lambda: receptions.number(day, form.number.data or "", form.numbered_on.data or dt.date.max, actor=current_user, now=clock.now()),
        title=_("Ghi số thông báo kết luận"),
        submit=_("Ghi số"),
        done=_("Đã ghi số thông báo kết luận."),
        back=_address(day),
        crumb=_title(day),
        intro=[_("Ghi số xong thì sổ, biên bản và kết luận không sửa được nữa.")],
    )


@bp.route("/tiep-cong-dan/<uuid:uid>/doi-ngay", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def move_reception(uid: uuid.UUID) -> Any:
    """Receive on another day."""
    day = _load_to_prepare(uid)
    form, today = MoveForm(day), clock.today()

    def move() -> None:
        to = form.day.data or today
        check_bounds(to, today)
        receptions.move(day, to, form.hours(), why=form.why.data or "", actor=current_user, now=clock.now())

    return one_form(
        form,
        move,
        title=_("Đổi ngày tiếp công dân"),
        submit=_("Đổi ngày"),
        done=_("Đã đổi ngày. Người đã hẹn được báo và giữ nguyên thứ tự lượt."),
        back=_address(day),
        crumb=_title(day),
    )


@bp.route("/tiep-cong-dan/<uuid:uid>/huy", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def cancel_reception(uid: uuid.UUID) -> Any:
    """Receive nobody on that day."""
    day, form = _load_to_prepare(uid), CancelForm()
    return one_form(
        form,
        lambda: receptions.cancel(day, why=form.why.data or "", actor=current_user, now=clock.now()),
        title=_("Hủy ngày tiếp công dân"),
        submit=_("Hủy ngày này"),
        done=_("Đã hủy. Người đã hẹn được báo."),
        back=_address(day),
        crumb=_title(day),
        danger=True,
    )
