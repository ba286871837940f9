"""The sealed register: `/can-bo/to-cao`. Its lines tell no content; a case is opened with a reason, and the look is recorded first."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from itertools import islice
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock, navigation
from app.access import requires
from app.administration import setting_up
from app.administration import words as admin_words
from app.database import db
from app.formats import format_date, upper_first
from app.limits import limiter
from app.permissions import Permission
from app.units.models import Field, Place, Unit
from feedback import sealed, words
from feedback.forms.reading import DealtWithForm, LookForm, SlipForm
from feedback.operations import sealed as operations
from feedback.rules import SealedStep
from feedback.sealed import SealedCase

bp = Blueprint("sealed", "feedback", url_prefix="/can-bo/to-cao", template_folder="templates")

PAGE = 50
UNPROCESSABLE = 422
_readers = requires(Permission.SEALED_READ)


def init_app(app: Flask) -> None:
    """Register the pages and their menu entry."""
    app.register_blueprint(bp)
    entry = navigation.Entry(_l("Sổ niêm phong"), "sealed.register", 80, (Permission.SEALED_READ,), count=_unopened)
    navigation.add(app, "staff", entry)
    setting_up.STEPS["sealed"] = setting_up.Step(lambda today: sealed.all_is_readable(on=today))
    admin_words.STEPS["sealed"] = admin_words.StepWords(
        _l("Người tiếp nhận tố cáo"),
        "administration.users",
        _l(
            "Giao vai trò này, phạm vi toàn hệ thống, cho ít nhất hai người ở hai cơ quan không thuộc nhau: không ai mở được thông tin "
            "về cơ quan mình, nên thiếu thì có thông tin không ai mở được"
        ),
    )


@bp.after_request
def _unkept(response: Response) -> Response:
    """No cache, and no button Back on a shared machine, shows any of it again."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _unopened() -> int:
    return sum(1 for _case in sealed.open_to(current_user, unopened=True))


def _load(uid: uuid.UUID) -> SealedCase:
    case = sealed.by_uid(uid, current_user)
    if case is None:
        abort(404)
    return case


@bp.get("")
@_readers
def register() -> str:
    """List what the reader may know of, the newest first."""
    rows = list(islice(sealed.open_to(current_user, before=_last_shown()), PAGE + 1))
    next_url = url_for(".register", sau=rows[PAGE - 1].uid) if len(rows) > PAGE else None
    return render_template(
        "feedback/staff/sealed_register.html", rows=rows[:PAGE], next_url=next_url, steps=words.SEALED_STEPS, channels=words.CHANNELS
    )


def _last_shown() -> SealedCase | None:
    try:
        return sealed.by_uid(uuid.UUID(request.args["sau"]), current_user)
    except (KeyError, ValueError):
        return None


@bp.route("/doi-chieu", methods=["GET", "POST"])
@_readers
@limiter.limit("60 per hour", methods=["POST"])
def compare() -> Any:
    """Find the case whose two codes a caller says: then it is the sender who calls."""
    form = SlipForm()
    if form.validate_on_submit():
        case = sealed.by_code_and_key(form.code.data or "", form.key.data or "", current_user)
        if case is not None:
            flash(_("Hai mã khớp: đúng là người đã gửi thông tin này."), "ok")
            return redirect(url_for(".look", uid=case.uid), 303)
        form.fail("key", _("Không có mục nào khớp cả hai mã"))
    return _form_page(
        form,
        title=_("Đối chiếu phiếu báo tin"),
        intro=[_("Người gọi đến đọc hai mã trên phiếu. Khớp cả hai thì mới là người đã gửi.")],
        submit=_("Đối chiếu"),
    )


@bp.route("/<uuid:uid>", methods=["GET", "POST"])
@_readers
def look(uid: uuid.UUID) -> Any:
    """Ask for the reason; record the look, and only then open it."""
    case, form = _load(uid), LookForm()
    if form.validate_on_submit():
        operations.open_case(case, reason=form.reason.data or "", actor=current_user, now=clock.now())
        db.session.commit()
        return render_template("feedback/staff/sealed_case.html", case=case, **_read(case), steps=words.SEALED_STEPS)
    return _form_page(
        form,
        case=case,
        title=_("Mở thông tin đã khóa"),
        intro=[_("Mỗi lần mở được ghi lại: ai mở, lúc nào, để làm gì. Không chép ra ngoài việc tiếp nhận, không nói tên người báo tin.")],
        submit=_("Ghi lý do và mở"),
    )


@bp.route("/<uuid:uid>/viec-da-lam", methods=["GET", "POST"])
@_readers
def dealt_with(uid: uuid.UUID) -> Any:
    """Record what was done with it."""
    case, form = _load(uid), DealtWithForm()
    if form.validate_on_submit():
        try:
            operations.deal_with(case, SealedStep(form.step.data), note=form.note.data or "", actor=current_user, now=clock.now())
        except operations.NotOpened:
            flash(_("Mở đọc trước, rồi mới ghi việc đã làm."), "warn")
            return redirect(url_for(".look", uid=uid), 303)
        db.session.commit()
        flash(_("Đã ghi vào sổ niêm phong."), "ok")
        return redirect(url_for(".register"), 303)
    return _form_page(form, case=case, title=_("Ghi việc đã làm"), intro=[], submit=_("Ghi"))


def _form_page(form: Any, *, case: SealedCase | None = None, **words_: Any) -> tuple[str, int]:
    page = render_template("feedback/staff/sealed_form.html", form=form, case=case, **words_)
    return page, UNPROCESSABLE if form.failed or form.form_errors else 200


def _read(case: SealedCase) -> dict[str, Any]:
    """Return what was written, for the page: the text, and the rest as rows."""
    written = json.loads(case.body)
    place, field = _named(Place, written["place_id"]), _named(Field, written["field_id"])
    day = written["happened_on"]
    facts = [
        (_("Tóm tắt"), written["title"]),
        (_("Nơi xảy ra"), ", ".join(filter(None, [place, written["place_text"]]))),
        (_("Ngày xảy ra"), format_date(dt.date.fromisoformat(day), weekday=False) if day else ""),
        (_("Lĩnh vực"), field),
        (_("Cơ quan bị nói tới"), _named(Unit, case.heading.accused_unit_id) or _("Người gửi không chọn")),
    ]
    people = [
        [
            (_("Họ tên"), each["name"]),
            (_("Tổ chức"), each["organisation"]),
            (_("Mã số thuế"), each["tax_code"]),
            (_("Điện thoại"), each["phone"]),
            (_("E-mail"), each["email"]),
            (_("Địa chỉ"), each["address"]),
        ]
        for each in written["people"]
    ]
    return {"text": written["body"], "facts": _rows(facts), "people": [rows for rows in map(_rows, people) if rows]}


def _named(model: Any, row_id: int | None) -> str:
    row = db.session.get(model, row_id) if row_id is not None else None
    return row.name if row is not None else ""


def _rows(facts: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"key": upper_first(key), "value": value} for key, value in facts if value]
