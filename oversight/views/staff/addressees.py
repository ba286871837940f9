"""To whom the draft of a letter goes is said anew on a page of its own."""

from __future__ import annotations

from typing import Any

from flask import flash as say
from flask import redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import clock
from app.access import requires
from app.database import db
from app.units.models import Unit
from app.units.queries import by_level_and_name
from oversight import letters
from oversight.forms.letters import ReaddressForm
from oversight.models import Letter
from oversight.operations import letters as operations
from oversight.rules.letters import LetterKind
from oversight.rules.papers import PaperState
from oversight.views.staff.letters import SENDS, load_letter
from oversight.views.staff.pages import TOO_LATE, bp
from oversight.views.staff.supervision import edit_form


@bp.route("/don-doc/<int:letter_id>/noi-nhan", methods=["GET", "POST"])
@requires(*SENDS)
def readdress_letter(letter_id: int) -> Any:
    """Say anew to which units a draft goes."""
    row = load_letter(letter_id)
    back = url_for(".oversight_paper", uid=row.paper.uid)
    if row.paper.state != PaperState.DRAFT or not letters.may_send(current_user.reach, LetterKind(row.kind), row.unit):
        say(str(TOO_LATE), "warn")
        return redirect(back, 303)
    form, today = _readdressing(row), clock.today()

    def do() -> None:
        to = db.session.scalars(db.select(Unit).where(Unit.id.in_(form.unit_ids))).all()
        operations.readdress(row, to, seen=form.was.data, actor=current_user, now=clock.now())

    return edit_form(
        form,
        do,
        begins=lambda: _readdressing(row, formdata=None),
        done=_("Đã sửa nơi nhận."),
        back=back,
        title=_("Sửa nơi nhận"),
        submit=_("Lưu nơi nhận"),
        template="oversight/staff/letter_to.html",
        letter=row,
        closed=letters.closed(row, today),
    )


def _readdressing(row: Letter, **typed: Any) -> ReaddressForm:
    """Return the form of whom a draft is for, as it stands now, or as it was *typed*."""
    there = sorted(str(each.unit_id) for each in row.to)
    form = ReaddressForm(data={"units": there, "communes": there, "was": operations.seen_of(each.unit for each in row.to)}, **typed)
    offered = letters.addressable(current_user.reach, LetterKind(row.kind), row.unit, clock.today())
    if row.kind == LetterKind.FOLLOW_UP:
        reminded = letters.reminded(row.unit, [each.assignment for each in row.about], clock.today())
        offered = [unit for unit in offered if unit.id in reminded]
    form.offer(by_level_and_name(offered))
    return form
