"""The days on which heads of units receive citizens: `/doi-thoai/tiep-cong-dan`. Which there are, booking a turn, giving it back.

The code of a booking stands in no address: the session remembers which one was made or found last.
"""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.fields import SelectChoice

from app import clock, csrf, locale, navigation, opening, proof
from app.access import public
from app.administration.views.pages import row_id
from app.database import begin_reading, db
from app.headers import unkept
from app.limits import guessed_wrong, guessing, limiter
from dialogues import receptions as lists
from dialogues import words
from dialogues.forms.receptions import BookForm, FindForm
from dialogues.models import ReceptionDay, ReceptionVisit
from dialogues.operations import booking
from dialogues.rules import ReceptionState, VisitState
from feedback.forms.staff import PressForm

bp = Blueprint("dialogues_receptions", "dialogues", url_prefix="/doi-thoai/tiep-cong-dan", template_folder="templates")

UNPROCESSABLE = 422
BOOKED = "reception_code"  # of the session: the booking that was made or found last

#: Each refusal of a booking, and the field that can mend it.
REFUSALS: dict[type[Exception], tuple[str, Any]] = {
    booking.SlotTaken: ("slot", _l("Giờ này vừa có người đặt. Chọn giờ khác")),
    booking.BookedAlready: (
        "phone",
        _l("Số điện thoại hoặc e-mail này đã có một lượt trong ngày. Muốn đổi giờ thì hủy lượt ấy rồi đặt lại"),
    ),
    booking.TokenReused: ("slot", _l("Biểu mẫu này đã đặt một lượt khác. Mở lại trang để đặt lượt mới")),
}


def init_app(app: Flask) -> None:
    """Register the pages and their menu entry, and say which of them take what people send."""
    app.register_blueprint(bp)
    proof.asks_at(app, "dialogues_receptions.book")
    csrf.exempt(bp)  # each form checks its token itself, so that a lost session costs one more press and never what was typed
    opening.takes_new(app, "dialogues_receptions.book")
    app.add_template_global(booking.why_not, "why_no_reception")
    navigation.add(app, "citizen", navigation.Entry(_l("Tiếp công dân"), "dialogues_receptions.index", 45))


@bp.get("")
@public
def index() -> str:
    """List the days to come, those of one unit where it is asked for."""
    today, now, unit_id = clock.today(), clock.now(), row_id("don-vi")
    days = lists.public(today=today, unit_id=unit_id)
    return render_template(
        "dialogues/citizen/receptions.html",
        days=[(day, len(booking.free_slots(day)) if booking.is_open(day, now) else 0) for day in days],
        moved_to=_new_days(days),
        units=lists.public_units(today=today),
        chosen=unit_id,
        more=len(days) == lists.PUBLIC_PAGE,
        words=words,
        find=FindForm(formdata=None),
    )


def _new_days(days: list[ReceptionDay]) -> dict[int, ReceptionDay]:
    """Return to which day each of *days* was moved, by the id of the new one."""
    ids = [day.moved_to_id for day in days if day.moved_to_id]
    return {day.id: day for day in db.session.scalars(db.select(ReceptionDay).where(ReceptionDay.id.in_(ids)))} if ids else {}


@bp.route("/<uuid:uid>/dat-hen", methods=["GET", "POST"])
@public
@limiter.limit("30 per hour", methods=["POST"])
def book(uid: uuid.UUID) -> Any:
    """Show the form; book, and go to the slip. A second press finds the same."""
    day, form, now = lists.by_uid(uid), BookForm(), clock.now()
    if day is None:
        abort(404)
    _offer(form, day, also=form.slot.data)
    if form.validate_on_submit():
        try:
            visit = booking.book(day, form.booking(form.position, locale=locale() or "vi"), token=form.token.data or "", now=now)
        except booking.DayClosed:
            db.session.rollback()
        except tuple(REFUSALS) as refusal:
            db.session.rollback()
            field, sentence = REFUSALS[type(refusal)]
            form.fail(field, sentence)
            _offer(form, day)
        else:
            db.session.commit()
            session[BOOKED] = visit.code
            return redirect(url_for(".slip"), 303)
    if not booking.is_open(day, now):
        return render_template("dialogues/citizen/reception_closed.html", day=day, words=words), 409
    page = render_template("dialogues/citizen/book_reception.html", day=day, form=form, free=booking.free_slots(day))
    return unkept(page, UNPROCESSABLE if form.failed or form.form_errors else 200)


def _offer(form: BookForm, day: ReceptionDay, *, also: str | None = None) -> None:
    """Offer the free hours; *also* the one that was sent, which a second press of the same button has booked already."""
    free = booking.free_slots(day)
    shown = {at: begin for at, begin in booking.slots_of(day).items() if at in free or str(at) == also}
    form.slot.choices = [SelectChoice(str(at), f"{begin.hour}:{begin.minute:02}") for at, begin in shown.items()]


# A code has 31^6 forms and opens no name: the limit keeps robots from giving back what others booked.
@bp.post("/tim")
@public
@guessing("40 per hour")
def find() -> Any:
    """Find a booking by its code, and go to its slip."""
    begin_reading()
    form = FindForm()
    if form.validate_on_submit():
        visit = booking.visit_by_code(form.code.data)
        if visit is not None:
            session[BOOKED] = visit.code
            return redirect(url_for(".slip"), 303)
        guessed_wrong()
        form.code.errors = [_("Không có lượt hẹn nào mang mã này")]
    return render_template("dialogues/citizen/find_reception.html", form=form), UNPROCESSABLE


@bp.get("/tim")
@public
def ask() -> str:
    """Ask for the code of a booking."""
    return render_template("dialogues/citizen/find_reception.html", form=FindForm())


@bp.get("/luot-hen")
@public
def slip() -> Any:
    """Show the booking that this browser made or found last: when and where, and nothing of who."""
    visit = _remembered()
    if visit is None:
        return redirect(url_for(".ask"))
    page = render_template(
        "dialogues/citizen/reception_slip.html",
        visit=visit,
        day=visit.day,
        at=booking.turn(visit),
        may_cancel=visit.state == VisitState.BOOKED and booking.is_open(visit.day, clock.now()),
        may_forget=booking.may_forget(visit, clock.now()),
        called_off=visit.day.state == ReceptionState.CANCELLED,
        words=words,
        form=PressForm(),
    )
    return unkept(page)


@bp.post("/luot-hen/huy")
@public
def cancel() -> Any:
    """Give the place back; once the day is over, take out who had it."""
    visit = _remembered()
    if visit is None:
        return redirect(url_for(".ask"), 303)
    if PressForm().validate_on_submit():
        try:
            if booking.may_forget(visit, clock.now()):
                booking.forget_visit(visit, now=clock.now())
                said = _("Đã xóa.")
            else:
                booking.cancel_visit(visit, now=clock.now())
                said = _("Đã hủy lượt hẹn. Giờ này dành cho người khác.")
            db.session.commit()
            flash(said, "ok")
        except booking.DayClosed:
            db.session.rollback()
            flash(_("Lượt hẹn này không hủy được nữa. Dưới đây là tình trạng lúc này."), "warn")
    else:
        flash(_("Trang để lâu nên máy đã quên phiên làm việc. Bấm nút một lần nữa."), "warn")
    return redirect(url_for(".slip"), 303)


def _remembered() -> ReceptionVisit | None:
    code = session.get(BOOKED)
    return booking.visit_by_code(code) if isinstance(code, str) else None
