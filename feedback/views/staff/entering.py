"""Writing something down for somebody: `/can-bo/nhap`. By phone, on paper, in person, from a voters' meeting, for workers by their union.

Whoever enters it gets the receipt to hand over; the item goes the way of every other.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, current_app, redirect, render_template, request, session, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy.exc import IntegrityError

from app import clock, csrf, navigation
from app.access import requires
from app.calendar.queries import work_calendar
from app.calendar.rules import Stage
from app.database import db
from app.headers import unkept
from app.permissions import Permission, Role
from feedback import codes, queries, rules
from feedback.forms.citizen import SIGNERS_MAX
from feedback.forms.entering import CHANNELS, EnterForm
from feedback.operations import intake
from feedback.public import answer_clock, unit_in_charge
from feedback.rules import Channel
from feedback.views.citizen import choices, summary
from feedback.views.citizen.sending import MORE_ROWS, REFUSALS, UNPROCESSABLE
from feedback.views.staff.pages import known_by_number
from feedback.why import explanation

bp = Blueprint("entering", "feedback", url_prefix="/can-bo/nhap")

ENTERED = "entered"  # of the session: the token of what was entered last


def init_app(app: Flask) -> None:
    """Register the pages and their menu entry."""
    app.register_blueprint(bp)
    csrf.exempt(bp)  # the form checks its token itself: a lost session costs one more press and never what was typed
    navigation.add(app, "staff", navigation.Entry(_l("Nhập hộ"), "entering.write", 50, (Permission.FEEDBACK_ENTER,)))


def _channels() -> tuple[Channel, ...]:
    """Return the ways this person may enter: the union only what it brings itself."""
    roles = {role for role, _scope in current_user.reach.holds}
    own = CHANNELS if roles & {Role.RECEPTION, Role.OFFICER} else ()
    return (*own, Channel.TRADE_UNION) if Role.TRADE_UNION in roles else own


@bp.route("", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_ENTER)
def write() -> Any:
    """Show the form; take it in and go to the receipt. A second press finds the same receipt."""
    today = clock.today()
    form = EnterForm(today=today, channels=_channels())
    choices.fill(form, today=today)
    if "rows" in request.form:
        for _row in range(min(MORE_ROWS, SIGNERS_MAX - len(form.signers))):
            form.signers.append_entry()
        return _show(form)
    if form.validate_on_submit() and not _referred_before(form):
        submission = form.entered(now=clock.now())
        try:
            intake.submit(submission, actor=current_user, now=clock.now())
            db.session.commit()
        except tuple(REFUSALS) as refusal:
            db.session.rollback()
            field, sentence = REFUSALS[type(refusal)]
            form.fail(field, str(sentence))
        except IntegrityError:  # somebody entered the same number a moment ago
            db.session.rollback()
            if not _referred_before(form):
                raise
        else:
            session[ENTERED] = submission.token
            return redirect(url_for(".receipt"), 303)
    return _show(form)


def _show(form: EnterForm) -> tuple[str, int]:
    choices.fill(form, today=clock.today())
    return render_template("feedback/staff/enter.html", form=form), UNPROCESSABLE if form.failed else 200


def _referred_before(form: EnterForm) -> bool:
    """Say in the form that another item has that number of that register already; it is named to who may read it."""
    source, number = form.reference_source.data, form.reference_number.data
    if not number:
        return False
    known = queries.by_reference(source, number)
    again = intake.receipt_of(form.submission_token, now=clock.now())
    if known is None or (again is not None and again.feedback is known):  # the same form once more
        return False
    form.fail("reference_number", known_by_number(known))
    return True


@bp.get("/phieu-nhan")
@requires(Permission.FEEDBACK_ENTER)
def receipt() -> Any:
    """Show the receipt of what was entered last, to print and hand over; its keys only for a day."""
    token = session.get(ENTERED)
    receipt = intake.receipt_of(token, now=clock.now()) if token else None
    if receipt is None or receipt.feedback is None or receipt.feedback.entered_by_id != current_user.id:
        return redirect(url_for(".write"))
    item = receipt.feedback
    by_link = receipt.key is not None and not item.names_kept
    calendar = work_calendar()
    answer, notice = answer_clock(item), item.clock(Stage.NOTICE)
    page = render_template(
        "feedback/staff/entered.html",
        receipt=receipt,
        item=item,
        key=codes.show_key(receipt.key) if receipt.key else None,
        link=current_app.config["SITE_URL"] + url_for("tracking.by_link", code=receipt.code, key=receipt.key) if by_link else None,
        signers=[(name, codes.show_key(each)) for name, each in receipt.signer_keys],
        unit=unit_in_charge(item),
        notice=notice,
        answer=answer,
        why_answer=explanation(answer, calendar),
        rows=summary.of_item(item),
        readable=rules.may_read(current_user.reach, queries.standing_of(item)),
    )
    return unkept(page)
