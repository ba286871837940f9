"""The minutes: built, edited, compared, signed, corrected by those who were there."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.audit import record
from app.clock import LOCAL, local_date
from app.database import db, writing_first
from app.permissions import Permission
from app.text import clean_typed
from dialogues import asked, minutes_draft, queries, rules
from dialogues.forms.concluding import DecideForm
from dialogues.forms.meanwhile import lines_changed
from dialogues.forms.minutes import MINUTES_MAX, MinutesForm, UntilForm
from dialogues.models import MinutesCorrection, MinutesVersion, Session
from dialogues.operations import minutes as operations
from dialogues.rules import CorrectionState, PaperType, Signer
from dialogues.views.staff.pages import (
    MENDED_IN,
    REFUSALS,
    TOO_LATE,
    add_room,
    bp,
    form_page,
    load,
    load_to_prepare,
    press,
    step,
    taken,
    to_room,
)
from feedback.forms.base import number

ROOM = "dialogue_staff.minutes"
add_room(ROOM, _l("Biên bản"), "after", 2)
MENDED_IN |= {"minutes_not_signed": ROOM}
REFUSALS |= {
    operations.NothingChanged: _l("Chưa sửa chữ nào so với bản trước."),
    operations.SignedAlready: _l("Phần này đã ký rồi."),
    operations.OnePersonTwice: _l("Chủ trì và thư ký là hai người: một người không ký cả hai phần."),
    operations.VersionMoved: _l("Vừa có bản mới hơn. Mở bản mới nhất đọc lại rồi làm tiếp."),
}
END_OF_DAY = dt.time(23, 59, 59)


def _writing(code: str) -> Session:
    session = load_to_prepare(code)
    if session.status not in rules.MINUTES_IN:
        abort(to_room(session, ROOM, TOO_LATE, "warn"))
    return session


def _looked(session: Session) -> None:
    """Record the look at a page on which the minutes name people; what was read before is read again."""
    code = session.code
    with writing_first():
        record(current_user, "personal_data.seen", load(code), at=clock.now(), reason="letter")


@bp.get("/<code>/bien-ban")
@requires(Permission.DIALOGUE_READ)
def minutes(code: str) -> str:
    """Show the newest version, who signed it, the versions before it, and what those present proposed. The look is recorded."""
    session, now = load(code), clock.now()
    if session.minutes:
        _looked(session)
        session = load(code)  # what was read before the look was recorded may be old
    newest = session.minutes[-1] if session.minutes else None
    may_write = rules.may_prepare(current_user.reach, queries.standing_of(session)) and session.status in rules.MINUTES_IN
    signed = {each.part: each for each in newest.signatures} if newest else {}
    mine = operations.parts_of(session, current_user) if newest and session.status in rules.MINUTES_IN else []
    signed_by_me = any(each.user_id == current_user.id for each in signed.values())
    return render_template(
        "dialogues/staff/minutes.html",
        session_=session,
        newest=newest,
        versions=list(reversed(session.minutes)),
        signed=signed,
        paper=next((each for each in reversed(session.papers) if each.type == PaperType.MINUTES), None),
        may_write=may_write,
        may_sign=[] if signed_by_me else [part for part in mine if part not in signed],
        corrections=operations.corrections_of(session),
        takes_corrections=operations.takes_corrections(session, now),
        too_early=session.status in rules.EDITABLE or session.status == rules.Status.IN_SESSION,
    )


def _recorded(session: Session) -> str:
    return minutes_draft.text_of(session, asked.speakers(session, current_user))


@bp.route("/<code>/bien-ban/sua", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def edit_minutes(code: str) -> Any:
    """Write a version: the first begins with what was recorded, every other with the one before it."""
    session = _writing(code)
    if request.method == "GET":
        _looked(session)
        session = _writing(code)
    newest = session.minutes[-1] if session.minutes else None
    fresh = newest is None or request.args.get("tu") == "du-lieu"
    begun = clean_typed(_recorded(session)[:MINUTES_MAX], MINUTES_MAX) if newest is None or fresh else newest.text
    form = MinutesForm(data={"seen": str(newest.number if newest else 0), "text": begun})
    newer = None

    def do() -> None:
        now, text = clock.now(), form.text.data or ""
        if newest is None:
            # What the machine made stays as a version of its own, so that everybody sees what was changed by hand.
            operations.build(session, begun, actor=current_user, now=now)
            if text == begun:
                return
            operations.write(session, text, why=form.why.data or "", seen=form.number_seen + 1, actor=current_user, now=now)
        else:
            operations.write(session, text, why=form.why.data or "", seen=form.number_seen, actor=current_user, now=now)

    if form.validate_on_submit():
        if form.number_seen != (newest.number if newest else 0):
            newer = newest
            form.form_errors.append(
                _("Trong lúc soạn đã có bản mới hơn. So hai bản dưới đây, sửa tiếp rồi lưu; bản kia vẫn còn trong danh sách.")
            )
            form.seen.data = str(newest.number if newest else 0)
        elif gone := taken(
            form, do, done=_("Đã lưu bản mới của biên bản. Bản mới cần chủ trì và thư ký ký."), back=url_for(ROOM, code=code)
        ):
            return gone
    return form_page(
        session,
        form,
        title=_("Soạn biên bản"),
        submit=_("Lưu bản mới"),
        back=ROOM,
        template="dialogues/staff/edit_minutes.html",
        newer=newer,
        changes=lines_changed(newer.text, form.text.data or "") if newer else [],
        may_rebuild=newest is not None and not fresh,
    )


@bp.get("/<code>/bien-ban/so-sanh")
@requires(Permission.DIALOGUE_READ)
def compare_minutes(code: str) -> str:
    """Show two versions line by line."""
    _looked(load(code))
    session = load(code)
    old, new = _version(session, request.args.get("tu")), _version(session, request.args.get("den"))
    return render_template(
        "dialogues/staff/compare_minutes.html", session_=session, old=old, new=new, changes=lines_changed(old.text, new.text)
    )


def _version(session: Session, asked: str | None) -> MinutesVersion:
    wanted = number(asked)
    found = next((each for each in session.minutes if each.number == wanted), None)
    if found is None:
        abort(404)
    return found


@bp.post("/<code>/bien-ban/ky")
@requires(Permission.DIALOGUE_READ)
def sign_minutes(code: str) -> Response:
    """Sign the newest version as chair or secretary."""
    session = load(code)
    part, seen = request.form.get("part", ""), number(request.form.get("seen"))
    if part not in set(Signer) or seen is None:
        return to_room(session, ROOM, TOO_LATE, "warn")
    if Signer(part) not in operations.parts_of(session, current_user):
        abort(403)

    def do() -> None:
        operations.sign(session, Signer(part), seen=seen, actor=current_user, now=clock.now())

    return press(session, do, done=_("Đã ký biên bản."), back=ROOM)


# --- corrections by those who were there ----------------------------------------------------------------------------------


@bp.route("/<code>/bien-ban/nhan-gop-y", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def open_corrections(code: str) -> Any:
    """Say until when those present may propose corrections."""
    session = _writing(code)
    held = local_date(session.corrections_until) if session.corrections_until else None
    form = UntilForm(today=clock.today(), data={"until": held})

    def do() -> None:
        assert form.until.data is not None  # says the form
        until = dt.datetime.combine(form.until.data, END_OF_DAY, tzinfo=LOCAL)
        operations.open_corrections(session, until, actor=current_user, now=clock.now())

    return step(
        session,
        form,
        do,
        done=_("Đã mở nhận góp ý."),
        back=ROOM,
        title=_("Nhận góp ý về biên bản"),
        submit=_("Nhận góp ý"),
        intro=[_("Ai có mã vào cửa và đã có mặt thì đọc được biên bản bản mới nhất và ghi chỗ cần sửa.")],
    )


@bp.route("/<code>/bien-ban/gop-y/<int:correction_id>", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def decide_correction(code: str, correction_id: int) -> Any:
    """Accept or decline a proposed correction, with a reason."""
    session, form = _writing(code), DecideForm()
    found = db.session.get(MinutesCorrection, correction_id)
    if found is None:  # who sent it has put another in its place
        return to_room(session, ROOM, TOO_LATE, "warn")
    if found.session_id != session.id:
        abort(404)
    if found.state != CorrectionState.OPEN:
        return to_room(session, ROOM, TOO_LATE, "warn")

    def do() -> None:
        operations.decide_correction(
            found, accepted=form.accepted.data == "yes", why=form.why.data or "", actor=current_user, now=clock.now()
        )

    intro = [found.text]
    return step(session, form, do, done=_("Đã ghi."), back=ROOM, title=_("Xem góp ý về biên bản"), submit=_("Ghi quyết định"), intro=intro)
