"""Whoever wants to come: a seat, the answer to an invitation, the day in a telephone's calendar. `/doi-thoai/<code>/…`.

The key of a link is never in an address for longer than one redirect: a cookie then names the row, signed.
"""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Flask, abort, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from app import clock, csrf, locale, proof
from app.access import public
from app.database import begin_reading, db
from app.headers import unkept
from app.limits import limiter
from app.units.models import Place
from app.units.queries import unit_by_code
from dialogues import calendar_file, links, lists, rules, seen, words
from dialogues.forms.registering import AnswerForm, RegistrationForm, SeatForm
from dialogues.models import Invitation, Registration, Session
from dialogues.operations import inviting, registering
from dialogues.rules import GuestAnswer, Status
from dialogues.views.citizen.sessions import load
from feedback.forms.base import OwnForm
from feedback.forms.tracking import ConfirmForm

bp = Blueprint("dialogues_coming", "dialogues", url_prefix="/doi-thoai", template_folder="templates")

COOKIE = "coming"
COOKIE_AGE = 12 * 3600  # seconds
CONFLICT, UNPROCESSABLE = 409, 422

REFUSALS: dict[type[Exception], Any] = {
    registering.RegisteringOver: _l("Buổi đối thoại đã bắt đầu hoặc đã hoãn, nên không nhận và không sửa đăng ký nữa."),
    registering.RegisteredBefore: _l(
        "Số điện thoại hoặc e-mail này đã đăng ký dự buổi này."
        " Liên kết xem mã vào cửa được gửi lại tới nơi ấy; thêm người thì mở liên kết để sửa"
    ),
    registering.NoRoom: _l("Không còn đủ chỗ cho từng ấy người ở nơi này. Chỗ đã đăng ký vẫn giữ."),
    registering.Cancelled: _l("Đăng ký này đã hủy. Muốn đến thì đăng ký lại."),
    inviting.InvitingOver: _l("Buổi đối thoại đã bắt đầu hoặc đã hủy, nên không đổi câu trả lời được nữa."),
    inviting.DeputyMissing: _l("Ghi ai đi thay: họ tên, chức vụ."),
}
#: What a calendar says of a session that is not to be.
OFF = {Status.POSTPONED: _l("Hoãn: %(topic)s"), Status.CANCELLED: _l("Hủy: %(topic)s")}


def init_app(app: Flask) -> None:
    """Register the pages, and let letters make links."""
    app.register_blueprint(bp)
    proof.asks_at(app, "dialogues_coming.send_registration")
    csrf.exempt(bp)  # each form checks its token itself, so that a lost session costs one more press and never what was typed
    app.add_template_global(links.guest_link_of, "guest_link_of")
    app.add_template_global(links.seat_link_of, "seat_link_of")


@bp.context_processor
def _shared() -> dict[str, Any]:
    return {"needs_said": words.needs_said, "answer_words": words.GUEST_ANSWERS, "day_stands": seen.day_stands}


# --- a seat -------------------------------------------------------------------------------------------------------------


@bp.get("/<code>/dang-ky")
@public
def register(code: str) -> Any:
    """Show the empty form, or that no seats are taken."""
    session = load(code)
    return _show(session, RegistrationForm(formdata=None, halls=session.halls))


@bp.post("/<code>/dang-ky")
@public
@limiter.limit("60 per hour")
def send_registration(code: str) -> Any:
    """Take a seat, or a place on the waiting list; a second press finds the same one."""
    session = load(code)
    form = RegistrationForm(halls=session.halls)
    if not form.validate_on_submit():
        return _show(session, form)
    try:
        made = registering.register(session, form.registration(locale=locale() or "vi"), actor=None, now=clock.now())
    except registering.RegisteringOver:
        db.session.rollback()
        return _show(session, form)
    except registering.RegisteredBefore:
        db.session.commit()  # the code goes once more to whom it belongs, and is not shown to whoever typed the number
        form.fail("phone" if form.phone.data else "email", REFUSALS[registering.RegisteredBefore])
        return _show(session, form)
    db.session.commit()
    return _remember(made)


def _show(session: Session, form: RegistrationForm) -> tuple[str, int]:
    if not registering.is_open(session, clock.now()):
        return render_template("dialogues/citizen/no_seats.html", session_=session), CONFLICT if request.method == "POST" else 200
    left = None if session.capacity is None else max(0, session.capacity - registering.taken(session))
    page = render_template("dialogues/citizen/register.html", session_=session, form=form, left=left)
    return page, UNPROCESSABLE if form.failed else 200


@bp.get("/<code>/cho-ngoi")
@public
def seat(code: str) -> Any:
    """Show the seat that this browser opened: the code for the door, when and where, and how to change it."""
    registration = _own(Registration, code)
    if isinstance(registration, Response):
        return registration
    place = next((place for place, each in enumerate(registering.waiting(registration.session), 1) if each is registration), 0)
    open_ = registering.is_open(registration.session, clock.now())
    return unkept(
        render_template(
            "dialogues/citizen/seat.html",
            session_=registration.session,
            seat=registration,
            link=links.seat_link(registration),
            place=place,
            open=open_,
            free=registering.free(registration.session, registration.hall) if open_ and place else 0,
            elsewhere=registering.halls_that_fit(registration) if open_ and place else [],
        )
    )


@bp.route("/<code>/cho-ngoi/sua", methods=["GET", "POST"])
@public
def change_seat(code: str) -> Any:
    """Change how many come, where they sit, what they need."""
    registration = _own(Registration, code)
    if isinstance(registration, Response):
        return registration
    form = SeatForm(halls=registration.session.halls)
    if request.method == "GET":
        form.show(registration)
    return _do(
        registration,
        form,
        lambda now: registering.change(registration, form.seat, now=now),
        page="dialogues/citizen/change_seat.html",
        back="seat",
        done=_("Đã sửa đăng ký."),
    )


@bp.route("/<code>/cho-ngoi/huy", methods=["GET", "POST"])
@public
def cancel_seat(code: str) -> Any:
    """Ask once more, then give the seat to whoever waits."""
    registration = _own(Registration, code)
    if isinstance(registration, Response):
        return registration
    return _do(
        registration,
        ConfirmForm(),
        lambda now: registering.cancel(registration, actor=None, now=now),
        page="dialogues/citizen/cancel_seat.html",
        back="seat",
        done=_("Đã hủy đăng ký. Chỗ này dành cho người đang chờ."),
    )


# --- an invitation ------------------------------------------------------------------------------------------------------


@bp.route("/<code>/loi-moi", methods=["GET", "POST"])
@public
def invitation(code: str) -> Any:
    """Show the invitation that this browser opened, and take the answer."""
    guest = _own(Invitation, code)
    if isinstance(guest, Response):
        return guest
    form = AnswerForm()
    if request.method == "GET":
        form.answer.data, form.note.data = guest.answer, guest.answer_note
    return _do(
        guest,
        form,
        lambda now: inviting.answer(guest, GuestAnswer(form.answer.data), note=form.note.data or "", actor=None, now=now),
        page="dialogues/citizen/invitation.html",
        back="invitation",
        done=_("Đã ghi câu trả lời. Đổi ý thì mở lại liên kết này trước giờ họp."),
    )


def _do(row: links.Row, form: OwnForm, act: Any, *, page: str, back: str, done: str) -> Any:
    """Show a form about *row*, or do what it says and go *back*."""
    session = row.session
    if form.validate_on_submit():
        try:
            act(clock.now())
            db.session.commit()
        except tuple(REFUSALS) as refusal:
            db.session.rollback()
            form.form_errors.append(str(REFUSALS[type(refusal)]))
        else:
            flash(done, "ok")
            return redirect(url_for(f".{back}", code=session.code), 303)
    begun = session.status not in rules.INVITING or (session.starts_at is not None and clock.now() >= session.starts_at)
    return unkept(render_template(page, session_=session, row=row, form=form, begun=begun), UNPROCESSABLE if form.failed else 200)


# --- links --------------------------------------------------------------------------------------------------------------

# As for receipts: a key has 80 bits; only wrong ones are counted, so that nobody is locked out of what is theirs.
_wrong_keys = limiter.limit("40 per hour")


@bp.get("/c/<key>")
@public
def seat_link(key: str) -> Any:
    """Turn the link of a registration into a cookie, and leave the address with the key at once."""
    return _open(links.by_key(Registration, key))


@bp.get("/m/<key>")
@public
def guest_link(key: str) -> Any:
    """The same for an invitation."""
    return _open(links.by_key(Invitation, key))


def _open(row: links.Row | None) -> Any:
    if row is not None:
        return _remember(row)
    with _wrong_keys:
        return render_template("dialogues/citizen/no_link.html"), 404


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="coming")


def _remember(row: links.Row) -> Response:
    endpoint = ".seat" if isinstance(row, Registration) else ".invitation"
    response = redirect(url_for(endpoint, code=row.session.code), 303)
    response.set_cookie(
        COOKIE,
        _signer().dumps(row.uid.hex),
        max_age=COOKIE_AGE,
        path=bp.url_prefix,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    return unkept(response)


def opened(model: type[links.Either], code: str) -> links.Either | None:
    """Return the row of the session with that code whose link this browser opened."""
    try:
        uid = uuid.UUID(_signer().loads(request.cookies.get(COOKIE, ""), max_age=COOKIE_AGE))
    except (BadSignature, ValueError):
        uid = None
    row = None if uid is None else db.session.scalar(db.select(model).where(model.uid == uid))
    return row if row is not None and row.session.code == code.strip().upper() else None


def _own(model: type[links.Either], code: str) -> links.Either | Response:
    """Return what was opened, or the page that says how to open it."""
    return opened(model, code) or make_response(render_template("dialogues/citizen/no_link.html"), 404)


# --- calendars ----------------------------------------------------------------------------------------------------------


@bp.get("/<code>/lich.ics")
@public
def session_calendar(code: str) -> Response:
    """Give one session for a telephone's calendar."""
    session = load(code)
    if session.starts_at is None or not (seen.day_stands(session) or session.status in OFF):
        abort(404)
    return _calendar([session], name=session.topic, filename=f"{session.code}.ics")


@bp.get("/lich.ics")
@public
def followed_calendar() -> Response:
    """Give the announced sessions of a unit and those below it (?don-vi=its code), of an area (?noi=its code), or all: to follow."""
    begin_reading()
    unit = place = None
    if request.args.get("don-vi"):
        unit = unit_by_code(request.args["don-vi"]) or abort(404)
    if request.args.get("noi"):
        place = db.session.scalar(db.select(Place).where(Place.code == request.args["noi"])) or abort(404)
    names = ([unit.name] if unit else []) + ([place.full_name] if place else [])
    name = _("Đối thoại: %(whose)s", whose=", ".join(names)) if names else _("Các buổi đối thoại")
    return _calendar(lists.announced(unit=unit, place=place), name=name, filename="doi-thoai.ics")


def _calendar(sessions: list[Session], *, name: str, filename: str) -> Response:
    body = calendar_file.calendar([_event(session) for session in sessions], name=name, now=clock.now())
    response = make_response(body)
    response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = f'inline; filename="{filename}"'
    return response


def _event(session: Session) -> calendar_file.Event:
    off = OFF.get(Status(session.status))
    hall = next(iter(session.halls), None)
    site = current_app.config["SITE_URL"]
    assert session.announced_at is not None
    starts_at, ends_at = seen.last_told(session)
    about = [session.unit.name, "" if off else session.audience]
    if off:
        about += [session.put_off_why, _("Có ngày mới thì báo lại.") if session.status == Status.POSTPONED else ""]
    return calendar_file.Event(
        uid=f"{session.uid}@{site.partition('://')[2]}",
        starts_at=starts_at,
        ends_at=ends_at,
        title=str(off) % {"topic": session.topic} if off else session.topic,
        where=", ".join(part for part in (hall.name, hall.address) if part) if hall and not off else "",
        about="\n".join(part for part in about if part),
        address=site + url_for(".register", code=session.code),
        off=off is not None,
        # Put off it replaces the day that was announced, announced anew it replaces that.
        sequence=int(session.announced_at.timestamp()) // 60 * 2 + (off is not None),
    )
