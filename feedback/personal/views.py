"""`/tra-cuu/<code>/thong-tin-ca-nhan`, where a person asks; `/can-bo/thong-tin-ca-nhan`, where reception decides."""

from __future__ import annotations

import io
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock, csrf, navigation
from app.access import SENDER, NotAllowed, public, requires
from app.audit import record
from app.calendar.days import CalendarNotLoaded, working_days_between
from app.calendar.queries import work_calendar
from app.consents import Purpose
from app.database import db, writing_first
from app.files import discard_bytes
from app.formats import Chip, due_chip
from app.headers import unkept
from app.permissions import Permission
from app.steps import Steps
from feedback.models import Feedback, ReceiptKey
from feedback.operations import consenting
from feedback.personal import erasing, exporting, operations, queries
from feedback.personal.forms import DecideForm, EndForm, WishForm
from feedback.personal.models import DataRequest
from feedback.personal.recorded import GROUNDS, PIECES, PURPOSES
from feedback.personal.rules import Ground, RequestKind, RequestState
from feedback.views.citizen import tracking

#: Of people outside: its form checks its token itself, and its address lies where the cookie of the thread goes.
own = Blueprint("my_data", "feedback")
bp = Blueprint("personal", "feedback", url_prefix="/can-bo/thong-tin-ca-nhan")

REFUSALS: dict[type[Exception], Any] = {
    operations.StillOwed: _l("Ý kiến đang được giải quyết nên chưa xóa được: cơ quan còn phải trả lời."),
    operations.Decided: _l("Yêu cầu này vừa có người quyết định."),
    erasing.TextsChanged: _l("Vừa có thêm chữ trong ý kiến này. Mở lại trang để đọc cả phần mới, rồi quyết định."),
}
_steps = Steps(REFUSALS, "feedback/personal/decide.html")

STATES = {
    RequestState.ASKED: _l("Đang chờ"),
    RequestState.AGREED: _l("Đã đồng ý"),
    RequestState.REFUSED: _l("Không đồng ý"),
}
WISHES = {RequestKind.EXPORT: _l("Bản sao thông tin của tôi"), RequestKind.ERASURE: _l("Xóa thông tin của tôi")}
#: The same as reception reads it.
ASKED = {
    RequestKind.EXPORT: _l("Người gửi xin bản sao thông tin của mình"),
    RequestKind.ERASURE: _l("Người gửi xin xóa thông tin của mình"),
}


def init_app(app: Flask) -> None:
    """Register the pages and their menu entry, which shows while something waits."""
    csrf.exempt(own)
    app.register_blueprint(own)
    app.register_blueprint(bp)
    navigation.ask(app, data_requests=queries.waiting_count)
    waiting = navigation.Entry(
        _l("Thông tin cá nhân"), "personal.requests", 45, (Permission.FEEDBACK_TRIAGE,), count=_count, shown=lambda: _count() > 0
    )
    navigation.add(app, "staff", waiting)


def _count() -> int:
    return navigation.answer("data_requests")


def _chip(asked: DataRequest) -> Chip | None:
    """Return how long there is still to decide, or how late it is; None where no rule gives a day."""
    today = clock.today()
    if asked.due_on is None or asked.state != RequestState.ASKED:
        return None
    try:
        return due_chip(asked.due_on, today, working_days_between(today, asked.due_on, work_calendar()))
    except CalendarNotLoaded:
        return None


# --- who asks ---------------------------------------------------------------------------------------------------------------


def _opened(code: str) -> tuple[Feedback, ReceiptKey] | Response:
    """Return the item that this browser opened, whole where it was split, and its key; or where to go first."""
    opened = tracking.acting(code)
    if isinstance(opened, Response) or opened[1].feedback_id == opened[0].id:
        return opened
    return redirect(url_for("tracking.show", code=code), 303)


@own.get("/tra-cuu/<code>/thong-tin-ca-nhan")
@public
def show(code: str) -> Any:
    """Say what is kept and what can be asked, and what was asked before."""
    opened = _opened(code)
    return opened if isinstance(opened, Response) else _page(*opened, WishForm(formdata=None))


def _page(item: Feedback, key: ReceiptKey, form: WishForm | EndForm) -> Any:
    page = render_template(
        "feedback/personal/own.html",
        item=item,
        form=form,
        requests=(requests := queries.of_key(key)),
        pending={each.kind for each in requests if each.state == RequestState.ASKED},
        persons=queries.persons_of(item, key),
        owed=operations.still_owed(item),
        erased_at=queries.erased_at(item, key),
        consents=queries.consents_of(item, key),
        purposes=PURPOSES,
        wishes=WISHES,
        states=STATES,
        grounds=GROUNDS,
        chip=_chip,
    )
    return unkept(page, 422 if form.failed else 200)


@own.post("/tra-cuu/<code>/thong-tin-ca-nhan")
@public
def ask(code: str) -> Any:
    """Ask for it, or that it goes."""
    opened = _opened(code)
    if isinstance(opened, Response):
        return opened
    form = WishForm()
    if not form.validate_on_submit():
        return _page(*opened, form)
    try:
        operations.ask(*opened, RequestKind(form.kind.data), now=clock.now())
        db.session.commit()
    except operations.AskedBefore:
        db.session.rollback()
        flash(_("Đã nhận yêu cầu này rồi, đang chờ bộ phận tiếp nhận."), "warn")
    except operations.StillOwed:
        db.session.rollback()
        flash(str(REFUSALS[operations.StillOwed]), "warn")
    except operations.Erased:
        db.session.rollback()
        flash(_("Đã xóa rồi, không còn gì để xóa."), "warn")
    else:
        flash(_("Đã nhận yêu cầu. Kết quả hiện ở trang này."), "ok")
    return redirect(url_for(".show", code=code), 303)


@own.post("/tra-cuu/<code>/thong-tin-ca-nhan/thoi-dong-y")
@public
def end(code: str) -> Any:
    """Take back what was agreed to; it has its effect at once, and nobody decides on it."""
    opened = _opened(code)
    if isinstance(opened, Response):
        return opened
    item, key = opened
    form = EndForm()
    if not form.validate_on_submit():
        return _page(item, key, form)
    try:
        if form.purpose.data == Purpose.PUBLISH:
            consenting.take_back(item, key, now=clock.now())
        else:
            consenting.end_notices(item, queries.persons_of(item, key), now=clock.now())
        db.session.commit()
    except NotAllowed:
        db.session.rollback()
        flash(_("Chỉ người gửi rút được việc đăng công khai."), "warn")
    else:
        flash(_("Đã thôi đồng ý."), "ok")
    return redirect(url_for(".show", code=code), 303)


@own.get("/tra-cuu/<code>/thong-tin-ca-nhan.zip")
@public
def fetch(code: str) -> Any:
    """Hand out what was agreed to."""
    opened = _opened(code)
    if isinstance(opened, Response):
        return opened
    item, key = _granted(opened)
    made = exporting.archive(item, key, now=clock.now())
    return unkept(send_file(made, "application/zip", as_attachment=True, download_name=f"thong-tin-{item.code}.zip"))


@own.get("/tra-cuu/<code>/thong-tin-ca-nhan.pdf")
@public
def fetch_paper(code: str) -> Any:
    """Hand out the same to be printed."""
    opened = _opened(code)
    if isinstance(opened, Response):
        return opened
    item, key = _granted(opened)
    made = io.BytesIO(exporting.paper(exporting.facts_of(item, key)))
    return unkept(send_file(made, "application/pdf", as_attachment=True, download_name=f"thong-tin-{item.code}.pdf"))


def _granted(opened: tuple[Feedback, ReceiptKey]) -> tuple[Feedback, ReceiptKey]:
    """Return the same where a copy was agreed to, and write down that it is fetched; else 404."""
    item, key = opened
    if not any((each.kind, each.state) == (RequestKind.EXPORT, RequestState.AGREED) for each in queries.of_key(key)):
        abort(404)
    with writing_first():
        record(SENDER, "data_request.fetched", item, at=clock.now())
    return item, key


# --- who decides ------------------------------------------------------------------------------------------------------------


@bp.get("")
@requires(Permission.FEEDBACK_TRIAGE)
def requests() -> str:
    """Show what waits, the first due first."""
    return render_template("feedback/personal/requests.html", requests=queries.waiting(current_user.reach), wishes=ASKED, chip=_chip)


@bp.route("/<int:request_id>", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_TRIAGE)
def decide(request_id: int) -> Any:
    """Agree or not; before an erasure, read what is left of each text."""
    asked = db.get_or_404(DataRequest, request_id)
    if not operations.may_decide(asked, current_user):
        abort(404)
    erases = asked.kind == RequestKind.ERASURE
    pieces = erasing.pieces(asked.feedback, asked.key) if erases else []
    form = DecideForm(data={"texts": [piece.suggestion for piece in pieces], "seen": erasing.digest(pieces)})
    gone: list[Any] = []

    def do() -> None:
        if form.answer.data == "refuse":
            operations.refuse(asked, Ground(form.ground.data), actor=current_user, now=clock.now())
        else:
            gone.extend(operations.agree(asked, form.left, seen=form.seen.data or "", actor=current_user, now=clock.now()))

    if (answer := _steps.taken(form, do, done=_("Đã quyết định, người gửi được báo."), back=url_for(".requests"))) is not None:
        for uid in gone:
            discard_bytes(uid)
        return answer
    return _steps.page_of(
        form,
        title=ASKED[RequestKind(asked.kind)],
        submit=_("Quyết định"),
        asked=asked,
        chip=_chip(asked),
        item=asked.feedback,
        done=asked.state != RequestState.ASKED,
        state=STATES[RequestState(asked.state)],
        owed=erases and operations.still_owed(asked.feedback),
        pieces=list(zip(pieces, form.texts, strict=False)),
        piece_words=PIECES,
        people=sum(person.erased_at is None for person in queries.persons_of(asked.feedback, asked.key)),
        files=sum(each.by_sender for each in asked.feedback.attachments) if erases and asked.key.person_id is None else 0,
        erases=erases,
    )
