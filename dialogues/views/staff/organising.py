"""Who chairs a session, who helps, and where people sit."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.accounts.models import User
from app.database import db
from app.permissions import Permission
from dialogues import queries, rules
from dialogues.forms.sessions import ChairForm, HallForm, LinkForm, StaffForm
from dialogues.models import Chair, Hall, Session, SessionStaff
from dialogues.operations import sessions
from dialogues.views.staff import choices
from dialogues.views.staff.pages import MENDED_IN, REFUSALS, add_room, bp, load, load_to_prepare, press, step
from feedback.views.staff.choices import units

ROOM = "dialogue_staff.organising"

add_room(ROOM, lazy_pgettext("buổi đối thoại", "Tổ chức"), "before", 1)
MENDED_IN |= dict.fromkeys(("no_staff", "no_chair", "no_secretary"), ROOM)
REFUSALS |= {
    sessions.StaffTwice: _l("Người này đã được giao việc đó."),
    sessions.InUse: _l("Đã có người đăng ký hoặc đã vào đây nên không bỏ được."),
}


@bp.get("/<code>/to-chuc")
@requires(Permission.DIALOGUE_READ)
def organising(code: str) -> str:
    """Show who chairs, who helps, and where people sit."""
    found = load(code)
    prepares = rules.may_prepare(current_user.reach, queries.standing_of(found))
    return render_template(
        "dialogues/staff/organising.html",
        session_=found,
        may_prepare=prepares and found.status in rules.EDITABLE,
        may_move=prepares and found.status in rules.NOT_OVER,
    )


@bp.route("/<code>/to-chuc/chu-tri", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def add_chair(code: str) -> Any:
    """Let another body chair, or organise along."""
    found = load_to_prepare(code)
    form = ChairForm(data={"part": rules.ChairPart.CO_ORGANISER} if found.chairing else _planned_chair(found))
    _offer(form, found)

    def do() -> None:
        sessions.add_chair(found, Chair(**_typed(form)), actor=current_user, now=clock.now())

    return step(found, form, do, done=_("Đã thêm."), title=_("Thêm người chủ trì, phối hợp"), submit=_("Thêm"), back=ROOM)


@bp.route("/<code>/to-chuc/chu-tri/<int:row_id>", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def change_chair(code: str, row_id: int) -> Any:
    """Correct a body that chairs or organises along, and who speaks for it."""
    found = load_to_prepare(code)
    chair = _row(found, "chu-tri", row_id)
    assert isinstance(chair, Chair)
    ids = {"unit": str(chair.unit_id), "user": str(chair.user_id or "")}
    form = ChairForm(data=ids | {name: getattr(chair, name) for name in ("part", "name", "title", "is_deputy")})
    _offer(form, found)

    def do() -> None:
        sessions.change_chair(found, chair, actor=current_user, now=clock.now(), **_typed(form))

    return step(found, form, do, done=_("Đã lưu."), title=_("Sửa người chủ trì, phối hợp"), submit=_("Lưu"), back=ROOM)


def _offer(form: ChairForm, found: Session) -> None:
    form.unit.choices = units(clock.today(), first=_("Gõ hoặc chọn một đơn vị"))
    form.user.choices = choices.people_of(found.unit, *(chair.unit for chair in found.chairs))


def _typed(form: ChairForm) -> dict[str, Any]:
    typed = {name: form[name].data for name in ("part", "name", "title", "is_deputy")}
    return typed | {"unit_id": form.unit.id_chosen, "user_id": form.user.id_chosen}


def _planned_chair(found: Session) -> dict[str, str]:
    """Return who meets the people, as the plan says."""
    title = found.plan_line.head if found.plan_line is not None else ""
    return {"part": rules.ChairPart.CHAIR, "unit": str(found.unit_id), "title": title}


@bp.route("/<code>/to-chuc/giup-viec", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def add_staff(code: str) -> Any:
    """Give somebody a duty."""
    found = load_to_prepare(code)
    form = StaffForm(data={"duty": rules.StaffDuty.DOOR if found.staff else rules.StaffDuty.SECRETARY})
    form.user.choices = choices.people_of(found.unit, *(chair.unit for chair in found.chairs))

    def do() -> None:
        user = db.session.get(User, form.user.id_chosen)
        assert user is not None  # the form offered it
        sessions.add_staff(found, user, rules.StaffDuty(form.duty.data), actor=current_user, now=clock.now())

    return step(found, form, do, done=_("Đã phân công."), title=_("Phân công người giúp việc"), submit=_("Phân công"), back=ROOM)


@bp.route("/<code>/to-chuc/hoi-truong", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def add_hall(code: str) -> Any:
    """Add a hall."""
    found, form = load_to_prepare(code), HallForm()

    def do() -> None:
        hall = Hall(name=form.name.data, address=form.address.data, seats=form.seats.data)
        sessions.add_hall(found, hall, actor=current_user, now=clock.now())

    intro = [_("Nơi ghi đầu tiên là hội trường chính, các nơi sau là điểm cầu.")]
    return step(found, form, do, done=_("Đã thêm."), title=_("Thêm hội trường, điểm cầu"), submit=_("Thêm"), back=ROOM, intro=intro)


@bp.route("/<code>/to-chuc/hoi-truong/<int:row_id>", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def change_hall(code: str, row_id: int) -> Any:
    """Correct name, address or seats of a hall, until the session is over."""
    found = load_to_prepare(code)
    hall = _row(found, "hoi-truong", row_id)
    assert isinstance(hall, Hall)
    form = HallForm(obj=hall)

    def do() -> None:
        sessions.change_hall(
            found, hall, name=form.name.data or "", address=form.address.data or "", seats=form.seats.data,
            actor=current_user, now=clock.now(),
        )  # fmt: skip

    return step(found, form, do, done=_("Đã lưu."), title=_("Sửa hội trường, điểm cầu"), submit=_("Lưu"), back=ROOM)


@bp.route("/<code>/to-chuc/duong-dan", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def change_link(code: str) -> Any:
    """Set the address by which people take part from elsewhere, until the session is over."""
    found = load_to_prepare(code)
    form = LinkForm(obj=found)

    def do() -> None:
        sessions.change_link(found, form.online_link.data or "", actor=current_user, now=clock.now())

    return step(found, form, do, done=_("Đã lưu."), title=_("Sửa đường dẫn dự trực tuyến"), submit=_("Lưu"), back=ROOM)


@bp.post("/<code>/to-chuc/<any('chu-tri', 'giup-viec', 'hoi-truong'):what>/<int:row_id>/bo")
@requires(Permission.DIALOGUE_PREPARE)
def remove(code: str, what: str, row_id: int) -> Response:
    """Take a chair, a helper or a hall off."""
    found = load_to_prepare(code)
    row = _row(found, what, row_id)

    def do() -> None:
        if isinstance(row, Chair):
            sessions.remove_chair(found, row, actor=current_user, now=clock.now())
        elif isinstance(row, SessionStaff):
            sessions.remove_staff(found, row, actor=current_user, now=clock.now())
        else:
            sessions.remove_hall(found, row, actor=current_user, now=clock.now())

    return press(found, do, done=_("Đã bỏ."), back=ROOM)


@bp.post("/<code>/to-chuc/<any('chu-tri', 'giup-viec'):what>/<int:row_id>/co-mat")
@requires(Permission.DIALOGUE_PREPARE)
def mark_present(code: str, what: str, row_id: int) -> Response:
    """Write down that a chair or a helper has come, or (`vang`) has not."""
    found = load_to_prepare(code)
    row, present = _row(found, what, row_id), "vang" not in request.form
    assert not isinstance(row, Hall)

    def do() -> None:
        sessions.mark_present(found, row, present=present, actor=current_user, now=clock.now())

    return press(found, do, done=_("Đã ghi có mặt.") if present else _("Đã ghi chưa đến."), back=ROOM)


def _row(found: Any, what: str, row_id: int) -> Chair | SessionStaff | Hall:
    rows = {"chu-tri": found.chairs, "giup-viec": found.staff, "hoi-truong": found.halls}[what]
    return next((row for row in rows if row.id == row_id), None) or abort(404)
