"""Who is asked to come, and which citizens registered: `/khach-moi`, `/nguoi-du`, and the list to sign on the day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.audit import record
from app.database import db, writing_first
from app.fold import name_sort_key
from app.headers import unkept
from app.permissions import Permission
from app.units.models import Unit
from app.units.queries import by_level_and_name
from dialogues import links, queries, rules
from dialogues.forms.guests import GuestForm, GuestListForm
from dialogues.forms.registering import AnswerForm, RegistrationForm
from dialogues.models import Hall, Invitation, Registration, Session
from dialogues.operations import inviting, registering
from dialogues.rules import GuestAnswer, GuestKind, Need, RegistrationState
from dialogues.views.staff import askers
from dialogues.views.staff.pages import REFUSALS, add_room, bp, load, load_to_prepare, step
from feedback.forms.staff import PressForm

PREPARES = Permission.DIALOGUE_PREPARE
GUESTS, SEATS = "dialogue_staff.guests", "dialogue_staff.seats"
UNANSWERED = "chua"  # in the address: who has not answered

add_room(GUESTS, _l("Khách mời"), "before", 4)
add_room(SEATS, _l("Người dân dự"), "before", 5)

REFUSALS |= {
    inviting.InvitingOver: _l("Buổi đối thoại đã bắt đầu hoặc đã hủy: không mời thêm, không đổi câu trả lời."),
    inviting.NotAnnounced: _l("Thông báo buổi đối thoại rồi mới gửi lời mời."),
    inviting.GuestCame: _l("Khách này đã vào cửa, không bỏ khỏi danh sách được."),
    inviting.DeputyMissing: _l("Ghi ai đi thay: họ tên, chức vụ."),
    registering.RegisteringOver: _l("Chỉ nhận và sửa đăng ký từ khi thông báo đến trước giờ họp."),
    registering.RegisteredBefore: _l(
        "Số điện thoại hoặc e-mail này đã đăng ký. Tìm trong danh sách người dự; đổi số người thì hủy đăng ký cũ rồi ghi lại."
    ),
    registering.NoRoom: _l("Không còn đủ chỗ."),
    registering.Cancelled: _l("Đăng ký này đã hủy trước đó."),
}


# --- guests -------------------------------------------------------------------------------------------------------------


@bp.get("/<code>/khach-moi")
@requires(Permission.DIALOGUE_READ)
def guests(code: str) -> str:
    """List the guests with their answers; ?tra-loi= one answer only."""
    session, answer = load(code), request.args.get("tra-loi", "")
    counted = inviting.count(session)
    labels = {GuestAnswer.COMING: _("Sẽ đến"), GuestAnswer.DEPUTY: _("Cử người thay"), GuestAnswer.NOT_COMING: _("Không đến")}
    rows = [("", _("Tất cả"), len(session.invitations)), (UNANSWERED, _("Chưa trả lời"), counted.guests[None])]
    rows += [(given, label, counted.guests[given]) for given, label in labels.items()]
    shown = [guest for guest in session.invitations if answer in {"", guest.answer or UNANSWERED}]
    return render_template(
        "dialogues/staff/guests.html",
        session_=session,
        guests=shown,
        counts=[
            {"label": label, "number": number, "current": value == answer, "url": url_for(".guests", code=session.code, **_only(value))}
            for value, label, number in rows
        ],
        seats=sum(counted.seats.values()),
        accepted=counted.seats[GuestAnswer.COMING] + counted.seats[GuestAnswer.DEPUTY],
        untold=sum(guest.issued_at is None for guest in session.invitations),
        may_prepare=_prepares(session) and session.status in rules.INVITING,
        may_send=session.status in rules.REGISTERING,
    )


def _only(value: str) -> dict[str, Any]:
    return {"tra-loi": value} if value else {}


def _prepares(session: Session) -> bool:
    return rules.may_prepare(current_user.reach, queries.standing_of(session))


@bp.route("/<code>/khach-moi/them", methods=["GET", "POST"])
@requires(PREPARES)
def add_guest(code: str) -> Any:
    """Write one guest down."""
    session, form = load_to_prepare(code), GuestForm(units=_units())
    return step(
        session,
        form,
        lambda: inviting.invite(session, [form.guest], actor=current_user, now=clock.now()),
        title=_("Thêm khách mời"),
        submit=_("Thêm"),
        done=_("Đã thêm khách mời."),
        back=GUESTS,
    )


@bp.route("/<code>/khach-moi/dan", methods=["GET", "POST"])
@requires(PREPARES)
def paste_guests(code: str) -> Any:
    """Write many guests down from a list."""
    session, form = load_to_prepare(code), GuestListForm()
    return step(
        session,
        form,
        lambda: inviting.invite(session, form.guests, actor=current_user, now=clock.now()),
        title=_("Dán danh sách khách mời"),
        submit=_("Thêm cả danh sách"),
        done=lambda: ngettext("Đã thêm %(num)d khách mời.", "Đã thêm %(num)d khách mời.", len(form.guests)),
        back=GUESTS,
        intro=[_("Còn một dòng chưa đọc được thì chưa thêm ai: sửa dòng ấy rồi bấm lại.")],
    )


@bp.route("/<code>/khach-moi/gui", methods=["GET", "POST"])
@requires(PREPARES)
def send_invitations(code: str) -> Any:
    """Tell every guest who was not told yet."""
    session, form = load_to_prepare(code), PressForm()
    untold = [guest for guest in session.invitations if guest.issued_at is None]
    reachable = sum(bool(guest.email_sealed or guest.phone_sealed or guest.unit_id) for guest in untold)
    sent: list[int] = []
    return step(
        session,
        form,
        lambda: sent.append(inviting.send(session, actor=current_user, now=clock.now())),
        title=_("Gửi lời mời"),
        submit=_("Gửi lời mời"),
        done=lambda: ngettext("Đã gửi %(num)d lời mời.", "Đã gửi %(num)d lời mời.", sent[0]),
        back=GUESTS,
        intro=[
            _("Chưa gửi: %(all)d. Gửi được qua mạng, tin nhắn: %(reached)d. Còn lại đưa giấy mời.", all=len(untold), reached=reachable),
        ],
    )


@bp.route("/<code>/khach-moi/<int:guest_id>", methods=["GET", "POST"])
@requires(PREPARES)
def guest(code: str, guest_id: int) -> Any:
    """Show one guest with link and check-in code; write down an answer that came by telephone or on paper."""
    session = load_to_prepare(code)
    row = _guest(session, guest_id)
    form = AnswerForm()
    if request.method == "GET":
        if row.email or row.phone:
            askers.look(session)
        form.answer.data, form.note.data = row.answer, row.answer_note
    return step(
        session,
        form,
        lambda: inviting.answer(row, GuestAnswer(form.answer.data), note=form.note.data or "", actor=current_user, now=clock.now()),
        title=row.name,
        submit=_("Ghi câu trả lời"),
        done=_("Đã ghi câu trả lời."),
        back=GUESTS,
        template="dialogues/staff/guest.html",
        guest=row,
        link=links.guest_link(row),
        open=session.status in rules.INVITING,
    )


@bp.route("/<code>/khach-moi/<int:guest_id>/bo", methods=["GET", "POST"])
@requires(PREPARES)
def remove_guest(code: str, guest_id: int) -> Any:
    """Take a guest off the list."""
    session = load_to_prepare(code)
    row = _guest(session, guest_id)
    return step(
        session,
        PressForm(),
        lambda: inviting.remove(row, actor=current_user, now=clock.now()),
        title=_("Bỏ khách mời %(name)s?", name=row.name),
        submit=_("Bỏ khỏi danh sách"),
        done=_("Đã bỏ khách mời."),
        back=GUESTS,
        danger=True,
        intro=[_("Liên kết trả lời của khách này không mở được nữa. Đã gửi giấy mời thì báo cho khách.")],
    )


def _guest(session: Session, guest_id: int) -> Invitation:
    row = db.session.get(Invitation, guest_id)
    return row if row is not None and row.session_id == session.id else abort(404)


def _units() -> list[Unit]:
    today = clock.today()
    there = db.select(Unit).where(Unit.valid_from <= today, (Unit.valid_to.is_(None)) | (Unit.valid_to >= today))
    return by_level_and_name(db.session.scalars(there))


# --- citizens -----------------------------------------------------------------------------------------------------------


@bp.get("/<code>/nguoi-du")
@requires(Permission.DIALOGUE_READ)
def seats(code: str) -> Any:
    """List who registered, in the order of names; whoever only reads the session sees how many."""
    session = load(code)
    if _prepares(session) and session.registrations:
        askers.look(session)
    states, people = Counter[str](), Counter[str]()
    for each in session.registrations:
        states[each.state] += 1
        people[each.state] += each.people
    held = [each for each in session.registrations if each.state != RegistrationState.CANCELLED]
    needs = Counter(need for each in held for need in Need if need in each.needs.split(", "))
    page = render_template(
        "dialogues/staff/seats.html",
        session_=session,
        states=states,
        people=people,
        needs=needs,
        rows=_by_name(held) if _prepares(session) else None,
        open=registering.is_open(session, clock.now()),
    )
    return unkept(page)


def _by_name(registrations: Sequence[Registration]) -> list[tuple[str, Registration]]:
    """Return names and registrations as a Vietnamese list orders people; each name is opened once."""
    return sorted(((each.name or "", each) for each in registrations), key=lambda row: (name_sort_key(row[0]), row[1].id))


@bp.route("/<code>/nguoi-du/them", methods=["GET", "POST"])
@requires(PREPARES)
def add_seat(code: str) -> Any:
    """Write down somebody who registers by telephone or at the office."""
    session = load_to_prepare(code)
    form = RegistrationForm(halls=session.halls)
    del form.website  # a colleague is no robot
    made: list[Registration] = []

    def sentence() -> str:
        seat = made[0]
        if seat.state == RegistrationState.WAITING:
            return _("Chưa đủ chỗ, ghi vào danh sách chờ.")
        return _("Đã ghi. Mã vào cửa: %(code)s", code=seat.check_in_code)

    return step(
        session,
        form,
        lambda: made.append(registering.register(session, form.registration(), actor=current_user, now=clock.now())),
        title=_("Ghi đăng ký thay người dân"),
        submit=_("Ghi đăng ký"),
        done=sentence,
        back=SEATS,
    )


@bp.get("/<code>/nguoi-du/<int:seat_id>")
@requires(PREPARES)
def seat(code: str, seat_id: int) -> Response:
    """Show how to reach somebody who registered; that somebody looked is recorded."""
    session = load_to_prepare(code)
    row = _seat(session, seat_id)
    with writing_first():
        record(current_user, "personal_data.seen", session, at=clock.now(), reason="contact")
    row = _seat(session, seat_id)
    page = render_template("dialogues/staff/seat.html", session_=row.session, seat=row, open=registering.is_open(row.session, clock.now()))
    return unkept(page)


@bp.route("/<code>/nguoi-du/<int:seat_id>/huy", methods=["GET", "POST"])
@requires(PREPARES)
def cancel_seat(code: str, seat_id: int) -> Any:
    """Cancel for somebody who called."""
    session = load_to_prepare(code)
    row = _seat(session, seat_id)
    if request.method == "GET":
        askers.look(session)
    return step(
        session,
        PressForm(),
        lambda: registering.cancel(row, actor=current_user, now=clock.now()),
        title=_("Hủy đăng ký của %(name)s?", name=row.name or row.check_in_code),
        submit=_("Hủy đăng ký"),
        done=_("Đã hủy. Chỗ này dành cho người đang chờ."),
        back=SEATS,
        danger=True,
    )


def _seat(session: Session, seat_id: int) -> Registration:
    row = db.session.get(Registration, seat_id)
    return row if row is not None and row.session_id == session.id else abort(404)


# --- on paper -----------------------------------------------------------------------------------------------------------


@bp.get("/<code>/danh-sach-ky")
@requires(PREPARES)
def signing_list(code: str) -> Response:
    """Show the list to print and to sign: guests and citizens, a table a hall, in the order of names."""
    session = load_to_prepare(code)
    askers.look(session)
    tables: list[tuple[str, list[dict[str, Any]]]] = []
    asked = [each for each in session.invitations if each.answer != GuestAnswer.NOT_COMING]
    named = [(each.answer_note or each.name, each.title, each.seats) for each in asked if each.kind != GuestKind.GROUP]
    tables.append((_("Khách mời"), _lines(named)))
    blank = {"name": "", "place": "", "people": 0}  # of a group nobody knows the names yet
    tables += [(each.name, [blank] * each.seats) for each in asked if each.kind == GuestKind.GROUP]
    seated = [each for each in session.registrations if each.state == RegistrationState.SEATED]
    halls: list[Hall | None] = [*session.halls, None]
    for hall in halls:
        there = [(each.name or "", each.comes_from, each.people) for each in seated if each.hall_id == (hall.id if hall else None)]
        tables.append((hall.name if hall else _("Người dân"), _lines(there)))
    page = render_template("dialogues/staff/signing_list.html", session_=session, tables=[table for table in tables if table[1]])
    return unkept(page)


def _lines(people: list[tuple[str, str, int]]) -> list[dict[str, Any]]:
    ordered = sorted(people, key=lambda each: (name_sort_key(each[0]), each))
    return [{"name": name, "place": place, "people": number} for name, place, number in ordered]
