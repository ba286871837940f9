"""The sealed register: `/can-bo/to-cao`. Its lines tell no content; a case is opened with a reason, and the look is recorded first."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from itertools import islice
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import clock
from app.access import requires
from app.database import db
from app.formats import format_date, upper_first
from app.limits import limiter
from app.permissions import Permission
from app.units.models import Field, Place, Unit
from feedback.sealed import queries, words
from feedback.sealed.forms.reading import DealtWithForm, LookForm, SlipForm
from feedback.sealed.models import SealedCase
from feedback.sealed.operations import reading as operations
from feedback.sealed.rules import SealedStep
from feedback.sealed.views.pages import bp, form_page, load
from feedback.words import CHANNELS

PAGE = 50
_readers = requires(Permission.SEALED_READ)


@bp.get("")
@_readers
def register() -> str:
    """List what the reader may know of, the newest first."""
    rows = list(islice(queries.open_to(current_user, before=_last_shown()), PAGE + 1))
    next_url = url_for(".register", sau=rows[PAGE - 1].uid) if len(rows) > PAGE else None
    return render_template("feedback/sealed/register.html", rows=rows[:PAGE], next_url=next_url, steps=words.STEPS, channels=CHANNELS)


def _last_shown() -> SealedCase | None:
    try:
        return queries.by_uid(uuid.UUID(request.args["sau"]), current_user)
    except (KeyError, ValueError):
        return None


@bp.route("/doi-chieu", methods=["GET", "POST"])
@_readers
@limiter.limit("60 per hour", methods=["POST"])
def compare() -> Any:
    """Find the case whose two codes a caller says: then it is the sender who calls."""
    form = SlipForm()
    if form.validate_on_submit():
        case = queries.by_code_and_key(form.code.data or "", form.key.data or "", current_user)
        if case is not None:
            flash(_("Hai mã khớp: đúng là người đã gửi thông tin này."), "ok")
            return redirect(url_for(".look", uid=case.uid), 303)
        form.fail("key", _("Không có mục nào khớp cả hai mã"))
    return form_page(
        form,
        title=_("Đối chiếu phiếu báo tin"),
        intro=[_("Người gọi đến đọc hai mã trên phiếu. Khớp cả hai thì mới là người đã gửi.")],
        submit=_("Đối chiếu"),
    )


@bp.route("/<uuid:uid>", methods=["GET", "POST"])
@_readers
def look(uid: uuid.UUID) -> Any:
    """Ask for the reason; record the look, and only then open it."""
    case, form = load(uid), LookForm()
    if form.validate_on_submit():
        operations.open_case(case, reason=form.reason.data or "", actor=current_user, now=clock.now())
        db.session.commit()
        return render_template("feedback/sealed/case.html", case=case, **_read(case), steps=words.STEPS)
    return form_page(
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
    case, form = load(uid), DealtWithForm()
    if form.validate_on_submit():
        try:
            operations.deal_with(case, SealedStep(form.step.data), note=form.note.data or "", actor=current_user, now=clock.now())
        except operations.NotOpened:
            flash(_("Mở đọc trước, rồi mới ghi việc đã làm."), "warn")
            return redirect(url_for(".look", uid=uid), 303)
        db.session.commit()
        flash(_("Đã ghi vào sổ niêm phong."), "ok")
        return redirect(url_for(".register"), 303)
    return form_page(form, case=case, title=_("Ghi việc đã làm"), intro=[], submit=_("Ghi"))


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
