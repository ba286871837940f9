"""`/can-bo/luu-giu/doi-thoai`, `/tiep-cong-dan`: who is kept too long of a session or a reception day, and the button by which they go."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from flask import Blueprint, Flask, abort, flash, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app import clock
from app.access import requires
from app.audit import record
from app.database import writing_first
from app.formats import format_date
from app.headers import unkept
from app.permissions import Permission, Reach
from app.steps import TOO_LATE, Steps
from dialogues import queries, receptions, retained, rules, words
from dialogues.models import ReceptionDay, Session
from dialogues.operations import retaining
from dialogues.retained import Held, Over
from dialogues.rules import Kept
from dialogues.views.staff import askers
from feedback.personal import erasing
from feedback.personal.forms import LeftForm

bp = Blueprint("dialogue_retention", "dialogues", url_prefix="/can-bo/luu-giu", template_folder="templates")

_steps = Steps(
    {erasing.TextsChanged: _l("Vừa có thêm người hoặc thêm chữ. Mở lại trang, đọc cả phần mới rồi quyết định.")},
    "dialogues/staff/retention_people.html",
)

#: What a row is, and what is left of it.
KINDS: dict[str, tuple[Any, Any]] = {
    "registration": (_l("Người đăng ký"), _l("số người, chỗ ngồi, có đến hay không")),
    "invitation": (_l("Khách mời"), _l("chức vụ, số chỗ, câu trả lời; đơn vị được mời giữ tên")),
    "attendance": (_l("Người đến"), _l("số người, giờ đến")),
    "speaker": (_l("Người xin phát biểu"), _l("giờ phát biểu")),
    "question": (_l("Người hỏi"), _l("câu hỏi, câu trả lời")),
    "correction": (_l("Người góp ý biên bản"), _l("lời góp ý, kết quả")),
    "follower": (_l("Người theo dõi"), _l("không còn gì")),
    "late": (_l("Ghi đến muộn"), ""),
    "visit": (_l("Người đặt hẹn, người đến"), _l("lượt, có đến hay không, việc gì, chỉ đạo")),
}
KEPT = {
    Kept.OWED: _l("Giữ lại: ý kiến của người này chưa xong"),
    Kept.PROMISED: _l("Giữ lại: còn việc đã hứa chưa xong"),
    Kept.UNDECIDED: _l("Giữ lại: chờ quyết định"),
}
#: What the pieces of text are, by column.
PIECES = {
    "text": _l("Lời người dân"),
    "answer": _l("Trả lời"),
    "rejected_wants": _l("Chưa đồng ý, muốn"),
    "subject": _l("Về việc"),
    "said": _l("Trình bày"),
    "result": _l("Chỉ đạo"),
}


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(bp)


def section(reach: Reach, today: dt.date) -> list[tuple[str, dict[str, Any]]]:
    """Return what the page of retention shows to whoever leads a unit that meets people."""
    if not reach.may_anywhere(Permission.DIALOGUE_LEAD):
        return []
    rows = [{"name": _called(each.row), "at": _address(each.row), "over": each} for each in retained.all_over(reach, today=today)]
    return [("dialogues/staff/_retention.html", {"rows": rows, "most": retained.MOST})]


def _called(row: Session | ReceptionDay) -> str:
    if isinstance(row, Session):
        return f"{row.code}, {row.topic}"
    return _("Tiếp công dân %(day)s, %(unit)s", day=format_date(row.day), unit=row.unit.name)


def _address(row: Session | ReceptionDay) -> str:
    return (
        url_for("dialogue_retention.session", code=row.code)
        if isinstance(row, Session)
        else url_for("dialogue_retention.reception", uid=row.uid)
    )


@bp.route("/doi-thoai/<code>", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_LEAD)
def session(code: str) -> Any:
    """Show who is kept of one session, and let them go."""
    return _decide(lambda: queries.by_code(code))


@bp.route("/tiep-cong-dan/<uuid:uid>", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_LEAD)
def reception(uid: uuid.UUID) -> Any:
    """Show who is kept of one reception day, and let them go."""
    return _decide(lambda: receptions.by_uid(uid))


def _decide(load: Any) -> Any:
    row, back = _mine(load()), url_for("retention.due")
    found = retained.over(row, today=clock.today())
    if found is None and request.method == "POST" and retained.is_decided(row):
        flash(str(TOO_LATE), "warn")
        return redirect(back, 303)
    if found is None:
        abort(404)
    if request.method == "GET":
        _look(row)
        found = retained.over(row := _mine(load()), today=clock.today()) or abort(404)
    pieces = retained.pieces(found)
    form = LeftForm(data={"texts": [piece.suggestion for piece in pieces], "seen": retained.digest(found, pieces)})

    def do() -> None:
        seen = "".join(form.seen.raw_data or ())  # what is not sent was not read: the field would say what stands there now
        retaining.let_go(row, form.left, seen=seen, actor=current_user, now=clock.now())

    name = _called(row)
    return _steps.taken(form, do, done=_("Đã bỏ thông tin cá nhân: %(name)s.", name=name), back=back) or _page(form, found, pieces, name)


def _mine(row: Session | ReceptionDay | None) -> Any:
    """Return *row*; the same 404 where there is none and where its people are not the reader's to let go."""
    if row is None or not rules.may_let_go(current_user.reach, retained.standing_of(row)):
        abort(404)
    return row


def _look(row: Session | ReceptionDay) -> None:
    """Record, in a transaction of its own, that the reader sees who they are."""
    if isinstance(row, Session):
        askers.look(row)
        return
    with writing_first():
        record(current_user, "personal_data.seen", row, at=clock.now(), reason="reception")


def _page(form: LeftForm, found: Over, pieces: list[erasing.Piece], name: str) -> Any:
    body, status = _steps.page_of(
        form,
        title=_("Còn lại gì sau khi bỏ thông tin cá nhân"),
        submit=_("Bỏ thông tin cá nhân"),
        name=name,
        over=found,
        rows=[_row(each) for each in (*found.going, *found.staying)],
        pieces=list(zip(pieces, form.texts, strict=False)),
        piece_words=PIECES,
    )
    return unkept(make_response(body, status))


def _row(each: Held) -> dict[str, Any]:
    what, left = KINDS[each.kind]
    needs = words.needs_said(each.row.needs) if each.kind == "registration" and each.row.needs else ""
    said = each.said if each.kind != "late" else ()
    return {
        "what": what,
        "said": ", ".join(filter(None, (*said, needs))),
        "left": KEPT[each.kept] if each.kept else left,
        "stays": each.kept,
    }
