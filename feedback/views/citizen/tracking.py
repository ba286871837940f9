"""Where is it now: `/tra-cuu`. The code alone shows what is public; code and key open the sender's thread.

The key is never in a cookie (device.py), nor in an address for longer than one redirect.
A code stands in an address only once it was found to be of an ordinary item: a browser keeps the addresses it was at.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app import clock, navigation
from app.access import public
from app.assignments.rules import IllegalTransition
from app.database import begin_reading, db
from app.files import send as send_file
from app.files import send_made
from app.files.content import PDF
from app.headers import unkept
from app.limits import limiter
from feedback import codes, queries
from feedback.forms.base import OwnForm
from feedback.forms.tracking import AddForm, ConfirmForm, NamelessAddForm, RateForm, ReopenForm, TrackForm
from feedback.glance import glance
from feedback.models import Feedback, ReceiptKey
from feedback.operations import sender
from feedback.papers.keeping import issued_pdf
from feedback.public import answers
from feedback.rules import PaperState
from feedback.sealed import thread as sealed
from feedback.views.citizen import by_code, device, sealed_thread, thread
from feedback.views.citizen.sending import RECEIPT

bp = Blueprint("tracking", "feedback")

UNPROCESSABLE, CONFLICT = 422, 409
FORMS: dict[str, type[OwnForm]] = {"add": AddForm, "rate": RateForm, "reopen": ReopenForm}

REFUSALS: dict[type[Exception], Any] = {
    sender.KeyOnlyReads: _l("Mã này chỉ để theo dõi. Người đại diện mới trả lời, rút và mở lại được."),
    sender.TooLate: _l("Ý kiến đã sang bước sau nên không làm việc này được nữa. Dưới đây là tình trạng lúc này."),
    sender.AlreadyRated: _l("Câu trả lời này đã được đánh giá, mỗi lần trả lời một lần đánh giá."),
    sender.ReopenedBefore: _l("Ý kiến đã được mở lại một lần. Lần nữa thì gửi ý kiến mới, ghi mã này vào."),
    IllegalTransition: _l("Ý kiến đã sang bước sau nên không làm việc này được nữa. Dưới đây là tình trạng lúc này."),
}


def init_app(app: Flask) -> None:
    """Add the menu entry."""
    navigation.add(app, "citizen", navigation.Entry(_l("Tra cứu"), "tracking.ask", 20))


# --- opening ------------------------------------------------------------------------------------------------------------


# A key has 80 bits: nobody guesses one, however often they may try. So a limit is there to keep a robot from working us, not to
# keep the key; it counts wrong keys only, by the network they come from. A limit by code, or one that also turned the right key
# away, would let anybody lock the owner out: somebody behind the same carrier's address, or who merely heard the public code. So the
# limits that hold everywhere do not hold here either; only a network that does nothing else any more has to wait.
_wrong_keys = limiter.limit("40 per hour")
_opening = limiter.limit("6000 per hour")


@bp.get("/tra-cuu")
@public
def ask() -> Any:
    """Ask for code and key."""
    return render_template("feedback/citizen/ask.html", form=TrackForm(formdata=None))


@bp.post("/tra-cuu")
@limiter.exempt
@_opening
@public
def find() -> Any:
    """Open the public view with the code, the sender's thread with code and key; of sealed information the code alone opens nothing."""
    if sealed_thread.is_answer():
        return sealed_thread.answer()
    begin_reading()
    form = TrackForm()
    fine = form.validate_on_submit()
    if not form.key.data and not form.code.errors:  # what the code alone shows is anybody's: a lost session costs no second press
        return _find_alone(form)
    if not fine:
        return _ask_again(form)
    opened = _open(form.code.data, form.key.data)
    case = sealed.of_sender(form.code.data, form.key.data)  # asked whatever the other found, so that nobody learns by the clock
    if opened is not None:
        return device.remember(*opened)
    if case is not None:
        return sealed_thread.page(case)
    with _wrong_keys:
        form.key.errors = [_("Không có ý kiến nào khớp cả hai mã. So lại với phiếu nhận từng ký tự một")]
    return _ask_again(form)


def _find_alone(form: TrackForm) -> Any:
    """Go to what the code alone shows. One of sealed information and one nobody has are answered alike, and here: at no address."""
    code = form.code.data or ""
    if queries.by_code(code) is not None:
        return redirect(url_for(".show", code=code), 303)
    form.form_errors.clear()
    form.code.errors = [_("Không có ý kiến nào khớp mã này. So lại từng ký tự một; có cả mã bí mật thì ghi cả hai mã")]
    return _ask_again(form)


def _ask_again(form: TrackForm) -> Response:
    return sealed_thread.unkept(render_template("feedback/citizen/ask.html", form=form), UNPROCESSABLE)


@bp.get("/t/<code>/<key>")
@public
def by_link(code: str, key: str) -> Any:
    """Turn a link with the key (the square code of the receipt) into a cookie, and leave the address with the key at once."""
    opened = _open(code, key)
    if opened is not None:
        return device.remember(*opened)
    with _wrong_keys:
        return sealed_thread.unkept(*_unknown())


def _open(code: str, key: str) -> tuple[Feedback, ReceiptKey] | None:
    """Return the item and its key; None alike for an unknown code and a wrong key, after the same work."""
    try:
        item = queries.by_code(codes.read_code(code))
    except codes.CodeInvalid:
        item = None
    found = queries.key_of(item or Feedback(id=0, parent_id=None), key)
    return (item, found) if item is not None and found is not None else None


def _item(code: str) -> Feedback:
    try:
        item = queries.by_code(codes.read_code(code))
    except codes.CodeInvalid:
        item = None
    if item is None:
        abort(404)
    return item


def _unknown() -> tuple[str, int]:
    return render_template("feedback/citizen/unknown.html"), 404


# --- the page -----------------------------------------------------------------------------------------------------------


@bp.get("/tra-cuu/<code>")
@public
def show(code: str) -> Any:
    """Show what is public, or the sender's thread."""
    try:
        code = codes.read_code(code)
    except codes.CodeInvalid:
        return _unknown()
    if not device.opened_anything():
        seen = glance(code)
        return _unknown() if seen is None else by_code.page(seen)
    item = queries.by_code(code)
    return _unknown() if item is None else _page(item)


def _page(item: Feedback, wrong: OwnForm | None = None) -> Any:
    """Show the item to whoever asks; *wrong* is the form that was refused, shown again with what was typed."""
    key = device.key_for(item)
    if key is None:
        seen = glance(item.code)
        assert seen is not None  # it was just read
        return by_code.page(seen)
    seen = thread.seen_by_sender(item, key, now=clock.now())
    forms = {name: wrong if isinstance(wrong, each) else each(formdata=None) for name, each in FORMS.items()}
    if item.open_question is not None:
        forms["add"].text.label.text = _("Câu trả lời")
    page = render_template("feedback/citizen/thread.html", seen=seen, item=item, wrong=wrong, **forms)
    return unkept(page, UNPROCESSABLE if wrong else 200)


# --- what the sender does -----------------------------------------------------------------------------------------------


def acting(code: str) -> tuple[Feedback, ReceiptKey] | Response:
    """Return the item and the key that acts on it, or where to type it again."""
    item = _item(code)
    key = device.key_for(item)
    if key is None:
        flash(_("Mở đã quá lâu, hoặc trình duyệt không giữ cookie. Ghi lại hai mã để làm tiếp."), "warn")
        return redirect(url_for("tracking.ask"), 303)
    return item, key


def _do(code: str, form: OwnForm, act: Callable[..., Any], sentence: str) -> Any:
    """Do one of the sender's verbs and say so, or show what is wrong with the form, or say why it cannot be done now."""
    opened = acting(code)
    if isinstance(opened, Response):
        typed = _typed(form)
        return sealed_thread.unsent(typed) if typed else opened
    item, key = opened
    if not form.validate_on_submit():
        return _ask_withdraw(item, form) if isinstance(form, ConfirmForm) else _page(item, form)
    try:
        act(item, key, now=clock.now())
    except tuple(REFUSALS) as refusal:
        db.session.rollback()
        flash(str(REFUSALS[type(refusal)]), "warn")
        if typed := _typed(form):
            flash(_("Chữ vừa ghi chưa gửi được. Chép lại nếu còn cần: %(words)s", words=typed), "warn")
            return _page(item), CONFLICT
    else:
        db.session.commit()
        flash(sentence, "ok")
    return redirect(url_for(".show", code=code), 303)


def _typed(form: OwnForm) -> str:
    return next((form[name].data for name in ("text", "why", "reason") if name in form), None) or ""


@bp.post("/tra-cuu/<code>/bo-sung")
@public
def add(code: str) -> Any:
    """Add a note or a paper, or answer the open question."""
    form = NamelessAddForm() if _item(code).names_kept else AddForm()
    return _do(
        code,
        form,
        lambda *opened, now: sender.add(*opened, form.text.data or "", form.attached, now=now),
        _("Đã gửi thêm. Đơn vị đang giữ ý kiến nhận được tin."),
    )


@bp.get("/tra-cuu/<code>/rut")
@public
def ask_withdraw(code: str) -> Any:
    """Ask once more before it is withdrawn."""
    opened = acting(code)
    return opened if isinstance(opened, Response) else _ask_withdraw(opened[0], ConfirmForm())


def _ask_withdraw(item: Feedback, form: ConfirmForm) -> Any:
    return render_template("feedback/citizen/withdraw.html", item=item, form=form), UNPROCESSABLE if form.failed else 200


@bp.post("/tra-cuu/<code>/rut")
@public
def withdraw(code: str) -> Any:
    """Withdraw it."""
    return _do(code, ConfirmForm(), sender.withdraw, _("Đã rút ý kiến. Không ai phải trả lời nữa."))


@bp.post("/tra-cuu/<code>/danh-gia")
@public
def rate(code: str) -> Any:
    """Rate the answer."""
    form = RateForm()
    return _do(
        code,
        form,
        lambda *opened, now: sender.rate(*opened, score=int(form.score.data), why=form.why.data or "", now=now),
        _("Đã ghi đánh giá."),
    )


@bp.post("/tra-cuu/<code>/mo-lai")
@public
def reopen(code: str) -> Any:
    """Open an answered item again."""
    form = ReopenForm()
    return _do(
        code,
        form,
        lambda *opened, now: sender.reopen(*opened, form.reason.data or "", now=now),
        _("Đã mở lại. Người khác xem xét, có hạn trả lời mới."),
    )


@bp.post("/tra-cuu/<code>/dong")
@public
def leave(code: str) -> Any:
    """Forget the key on this device: a shared phone, a machine at the commune."""
    if not ConfirmForm().validate_on_submit():
        return redirect(url_for(".show", code=code), 303)
    session.pop(RECEIPT, None)  # its page shows the key for a day
    flash(_("Đã đóng. Máy này chỉ mở lại được khi ghi hai mã."), "ok")
    return device.forget(redirect(url_for(".ask"), 303))


# --- what the sender takes away -----------------------------------------------------------------------------------------


@bp.get("/tra-cuu/<code>/tra-loi-<int:number>.pdf")
@public
def pdf(code: str, number: int) -> Any:
    """Return an answer as a paper, counted from the first: what was signed and issued stays to be read, whatever came after."""
    item = _item(code)
    given = answers(item) if device.key_for(item) is not None else []
    if not 0 < number <= len(given):
        abort(404)
    data = issued_pdf(given[number - 1], now=clock.now())
    return send_made(data, PDF.media_type, f"tra-loi-{item.code}-{number}.pdf", inline=True)


@bp.get("/tra-cuu/<code>/tep/<uuid:uid>/<name>")
@public
def file(code: str, uid: uuid.UUID, name: str) -> Any:  # noqa: ARG001 - the name is for who saves it
    """Send a file of the thread or of the answer to its sender."""
    item = _item(code)
    if device.key_for(item) is None:
        abort(404)
    for place in (item, item.merged_into):
        for each in place.files if place is not None else ():
            if each.file.uid == uid and _may_see(each, own=place is item):
                return send_file(each.file)
    return abort(404)


def _may_see(attachment: Any, *, own: bool) -> bool:
    """Say whether the sender may have that file: their own, and the proofs of an answer that went out."""
    if attachment.by_sender:
        return own
    if attachment.point_id is None:
        return attachment.message_id is not None
    papers = attachment.feedback.papers
    return any(point.id == attachment.point_id for paper in papers if paper.state == PaperState.PUBLISHED for point in paper.points)
