"""The door on the day: `/cua`. A code typed or scanned, somebody on no list, and what a device without network wrote down meanwhile."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

from flask import abort, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.database import db
from app.formats import format_number, format_time
from app.headers import unkept
from app.permissions import Permission
from app.text import clean_line
from dialogues import rules
from dialogues.forms.guests import MOST_SEATS, CodeForm, WalkInForm
from dialogues.models import Attendance, Session
from dialogues.operations import checking_in
from dialogues.operations.checking_in import Arrival, Scan
from dialogues.rules import GuestKind, RegistrationState
from dialogues.views.staff import askers
from dialogues.views.staff.pages import REFUSALS, UNPROCESSABLE, add_room, attempt, bp, load, step, to_room
from feedback.forms.base import LINE_MAX
from feedback.forms.staff import PressForm

DOOR = "dialogue_staff.door"
SHOWN = 12  # arrivals on the page, the last first
MOST_SCANS = 200  # sent at once
DIGEST_LENGTH = 20  # characters: enough to tell a session's codes apart

#: The door lets in readers too: whoever is assigned to it need not prepare sessions.
KEEPERS = (Permission.DIALOGUE_READ, Permission.DIALOGUE_PREPARE)

add_room(DOOR, _l("Đón tiếp"), "during", 2)

UNREADABLE = _l("Lượt này máy gửi lên không đọc được. Gõ lại mã.")
DOOR_REFUSALS: dict[type[Exception], Any] = {
    checking_in.DoorClosed: _l("Chưa đến lúc đón, hoặc đã có kết luận nên danh sách người dự đã chốt."),
    checking_in.CodeUnknown: _l("Không có mã này trong buổi đối thoại. Hỏi tên rồi ghi ở ô “Không có mã”."),
    checking_in.CodeOfGroup: _l("Giấy mời chung của một nhóm: ghi từng người, từng hộ ở ô “Không có mã”."),
    checking_in.SeatWaiting: _l("Mã này đang chờ chỗ. Còn ghế thì ghi ở ô “Không có mã”."),
    checking_in.SeatGivenBack: _l("Đăng ký này đã hủy. Còn ghế thì ghi ở ô “Không có mã”."),
}
REFUSALS |= DOOR_REFUSALS


def _at_door(code: str) -> Session:
    session = load(code)
    if not checking_in.keeps_door(session, current_user):
        abort(403)
    return session


def _forms(session: Session) -> tuple[CodeForm, WalkInForm]:
    forms = CodeForm(prefix="ma-", halls=session.halls), WalkInForm(prefix="khach-", halls=session.halls)
    for form in forms:
        if form.hall is not None and request.method == "GET" and "noi" in request.args:
            form.hall.data = request.args["noi"]
    return forms


@bp.get("/<code>/cua")
@requires(*KEEPERS)
def door(code: str) -> Response:
    """Show who came, and the two forms of the door; whoever only reads the session sees how many."""
    session = load(code)
    if session.attendances and checking_in.keeps_door(session, current_user):
        askers.look(session)
    return _page(session, *_forms(session))


def _page(session: Session, by_code: CodeForm, walked: WalkInForm, failed: Any = None) -> Response:
    keeps = checking_in.keeps_door(session, current_user)
    last = sorted(session.attendances if keeps else [], key=lambda each: (each.at, each.id), reverse=True)[:SHOWN]
    page = render_template(
        "dialogues/staff/door.html",
        session_=session,
        keeps=keeps,
        open=keeps and session.status in rules.DOOR_OPEN,
        by_code=by_code,
        walked=walked,
        present=_present(session),
        halls=_by_hall(session),
        last=[(each, _name(each)) for each in last],
        **({} if failed is None else {"form": failed}),
    )
    response = unkept(page, UNPROCESSABLE if failed is not None else 200)
    response.headers["Permissions-Policy"] = "camera=(self), geolocation=(), microphone=()"  # a telephone may scan the codes
    return response


@bp.post("/<code>/cua/ma")
@requires(*KEEPERS)
def check_in(code: str) -> Any:
    """Let in whoever has that code."""
    session = _at_door(code)
    form, other = _forms(session)
    return _let_in(
        session,
        form,
        lambda scan, now: checking_in.check_in(session, scan, form.code.data or "", actor=current_user, now=now),
        lambda: _page(session, form, other, form),
    )


@bp.post("/<code>/cua/khach")
@requires(*KEEPERS)
def walk_in(code: str) -> Any:
    """Let in somebody who is on no list."""
    session = _at_door(code)
    other, form = _forms(session)

    def come(scan: Scan, now: dt.datetime) -> Arrival:
        return checking_in.walk_in(
            session,
            scan,
            name=form.name.data or "",
            comes_from=form.comes_from.data or "",
            people=form.people_count,
            actor=current_user,
            now=now,
        )

    return _let_in(session, form, come, lambda: _page(session, other, form, form))


def _let_in(session: Session, form: Any, come: Callable[[Scan, dt.datetime], Arrival], again: Callable[[], Response]) -> Any:
    now, arrivals = clock.now(), list[Arrival]()
    scan = Scan(uid=form.scan_uid, at=now, hall=form.hall_chosen)
    if not form.validate_on_submit() or not attempt(form, lambda: arrivals.append(come(scan, now))):
        return again()
    (arrival,) = arrivals
    response = to_room(session, DOOR, _said(arrival), "warn" if arrival.again else "ok")
    if form.hall is not None:  # the next one comes in at the same place
        response = redirect(url_for(DOOR, code=session.code, noi=form.hall.data), 303)
    return response


@bp.route("/<code>/cua/<int:attendance_id>/bo", methods=["GET", "POST"])
@requires(*KEEPERS)
def take_back(code: str, attendance_id: int) -> Any:
    """Take an arrival off that was marked by mistake."""
    session = _at_door(code)
    row = db.session.get(Attendance, attendance_id)
    if row is None or row.session_id != session.id:
        abort(404)
    return step(
        session,
        PressForm(),
        lambda: checking_in.take_back(row, actor=current_user, now=clock.now()),
        title=_("Bỏ lượt ghi nhầm?"),
        submit=_("Bỏ lượt này"),
        done=_("Đã bỏ lượt ghi nhầm."),
        back=DOOR,
        danger=True,
        intro=[_("%(name)s, ghi lúc %(when)s", name=_name(row), when=format_time(row.at))],
    )


# --- a device that may be without network ---------------------------------------------------------------------------------


@bp.get("/<code>/cua/ma.json")
@requires(*KEEPERS)
def door_codes(code: str) -> Response:
    """Give the device what it needs to know a code without us: digests of the codes, how many come with each, and who came."""
    session = _at_door(code)
    people = {each.check_in_code: each.people for each in session.registrations if each.state == RegistrationState.SEATED}
    people |= {each.check_in_code: each.seats for each in session.invitations if each.kind != GuestKind.GROUP}
    came = [(each.registration or each.invitation) for each in session.attendances]
    response = make_response(
        {
            "salt": str(session.uid),
            "people": {_digest(session, each): number for each, number in people.items()},
            "came": [_digest(session, each.check_in_code) for each in came if each is not None],
        }
    )
    return unkept(response)


def _digest(session: Session, code: str) -> str:
    return hashlib.sha256(f"{session.uid}:{code}".encode()).hexdigest()[:DIGEST_LENGTH]


@bp.post("/<code>/cua/gui")
@requires(*KEEPERS)
def send_scans(code: str) -> Any:
    """Take what a device wrote down: {"scans": [{"uid", "at", "hall", "code" or "name", "comes_from", "people"}]}, each uid once."""
    session, now = _at_door(code), clock.now()
    try:
        body = request.get_json(silent=True)
    except RecursionError:  # brackets 10,000 deep
        body = None
    scans = body.get("scans") if isinstance(body, dict) else None
    if not isinstance(scans, list) or len(scans) > MOST_SCANS or not all(isinstance(each, dict) for each in scans):
        abort(400)
    results = [_take(session, each, now) for each in scans]
    db.session.commit()
    return {"results": results, "present": _present(session)}


def _take(session: Session, given: dict[str, Any], now: dt.datetime) -> dict[str, str]:
    uid = given.get("uid") if isinstance(given.get("uid"), str) else ""
    try:
        arrival = _arrive(session, given, now)
    except tuple(DOOR_REFUSALS) as refusal:
        return {"uid": str(uid), "state": "refused", "text": str(DOOR_REFUSALS[type(refusal)])}
    except (ValueError, TypeError, OverflowError):
        return {"uid": str(uid), "state": "refused", "text": str(UNREADABLE)}
    return {"uid": str(uid), "state": "again" if arrival.again else "came", "text": _said(arrival)}


def _arrive(session: Session, given: dict[str, Any], now: dt.datetime) -> Arrival:
    """:raise ValueError: :raise TypeError: :raise OverflowError: the device says what no device of ours says."""
    halls = {hall.id: hall for hall in session.halls}
    at = dt.datetime.fromisoformat(given["at"]).astimezone(dt.UTC) if given.get("at") else now
    hall_id = given.get("hall")
    hall = halls.get(hall_id) if isinstance(hall_id, int) else next(iter(halls.values()), None)
    scan = Scan(uid=uuid.UUID(hex=str(given.get("uid"))), at=at, hall=hall)
    if given.get("code"):
        return checking_in.check_in(session, scan, clean_line(given["code"], LINE_MAX), actor=current_user, now=now)
    people = given.get("people", 1)
    name = clean_line(given.get("name", ""), LINE_MAX)
    if not name or type(people) is not int or not 1 <= people <= MOST_SEATS:  # true is an int, too
        raise ValueError(people)
    comes_from = clean_line(given.get("comes_from", ""), LINE_MAX)
    return checking_in.walk_in(session, scan, name=name, comes_from=comes_from, people=people, actor=current_user, now=now)


# --- what it says -------------------------------------------------------------------------------------------------------


def _name(attendance: Attendance) -> str:
    guest = attendance.invitation
    if guest is not None:
        return guest.answer_note or guest.name
    return attendance.name or (attendance.registration.name if attendance.registration else None) or _("Không ghi tên")


def _said(arrival: Arrival) -> str:
    came = arrival.attendance
    if arrival.again:
        return _("%(name)s: mã này đã vào lúc %(when)s", name=_name(came), when=format_time(came.at))
    hall = came.hall.name if came.hall else ""
    if hall:
        return _("Mời vào: %(name)s, %(people)d người, %(hall)s", name=_name(came), people=came.people, hall=hall)
    return _("Mời vào: %(name)s, %(people)d người", name=_name(came), people=came.people)


def _present(session: Session) -> str:
    people = Counter[str]()
    for each in session.attendances:
        people["seat" if each.registration_id else "guest" if each.invitation_id else "none"] += each.people
    return _(
        "Đã vào %(all)s người: đăng ký %(seat)s, khách mời %(guest)s, không có mã %(none)s.",
        all=format_number(sum(people.values())),
        **{name: format_number(people[name]) for name in ("seat", "guest", "none")},
    )


def _by_hall(session: Session) -> list[tuple[str, int]]:
    """Return how many came into each hall, where there are several."""
    if len(session.halls) < 2:  # noqa: PLR2004
        return []
    people = Counter[int | None]()
    for each in session.attendances:
        people[each.hall_id] += each.people
    return [(hall.name, people[hall.id]) for hall in session.halls]
