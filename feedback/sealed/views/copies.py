"""The working copy: `/can-bo/to-cao/<case>/ban-lam-viec`. Pages are covered by pointing at two corners, without JavaScript."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import clock
from app.database import db
from app.files import StoredFile, send, send_made, store_ours
from app.files.content import JPEG
from feedback.forms.tracking import ConfirmForm
from feedback.sealed import copies, queries, rendering, rules, thread
from feedback.sealed.copies import SealedCopy, SealedCopyPage
from feedback.sealed.covering import WHOLE, Area, Covers, at
from feedback.sealed.forms.copying import ConfirmCopyForm, CopyForm
from feedback.sealed.forms.reading import LookForm
from feedback.sealed.models import SealedCase
from feedback.sealed.operations import copying as operations
from feedback.sealed.views.pages import UNPROCESSABLE, bp, for_readers, form_page, load

SHOWN = 700  # points wide: the page is shown as wide as it is, so that a point of the picture is a point of the page

#: What the buttons beside a page do.
CHANGES: dict[str, Callable[[Covers], Covers]] = {
    "bo-o-cuoi": Covers.undone,
    "che-ca-trang": lambda covers: replace(covers, areas=(*covers.areas, Area(0, 0, WHOLE, WHOLE)), corner=None),
    "bo-trang": lambda covers: replace(covers, left_out=True),
    "lay-lai": lambda covers: replace(covers, left_out=False),
}


@bp.context_processor
def _copies() -> dict[str, Any]:
    """Let the pages of a case show its copies: _copies.html of an opened one, and what is all of it for who checks the matter."""
    return {"copies_of": copies.of_case, "copies_for": _copies_for}


def _copies_for(case: SealedCase) -> list[SealedCopy]:
    """Return the confirmed copies of *case*, as far as this reader may open them."""
    may = queries.may_read_copy(current_user, case, on=clock.today())
    return [copy for copy in copies.of_case(case) if may and copy.confirmed_at is not None]


def _working(uid: uuid.UUID) -> tuple[SealedCase, SealedCopy]:
    """Return the case and the copy in work, for who opened the case within the hour."""
    case = load(uid, rules.may_open)
    if not thread.looked_lately(case, current_user.id, now=clock.now()):
        flash(_("Mở đọc trước, ghi lý do, rồi mới làm việc này."), "warn")
        abort(redirect(url_for(".look", uid=uid), 303))
    copy = operations.in_work(case)
    if copy is None:
        abort(404)
    return case, copy


@bp.post("/<uuid:uid>/ban-lam-viec/lap")
@for_readers
def begin_copy(uid: uuid.UUID) -> Any:
    """Begin a copy, or go on with the one in work."""
    case = load(uid, rules.may_open)
    if not ConfirmForm().validate_on_submit():
        return redirect(url_for(".look", uid=uid), 303)
    files = thread.files(case)
    db.session.rollback()  # nobody's write waits while pages are counted
    pages = [(each, number) for each in files for number in range(rendering.pages(each.file))]
    try:
        operations.begin(case, pages, actor=current_user, now=clock.now())
    except operations.NotOpened:
        flash(_("Mở đọc trước, ghi lý do, rồi mới làm việc này."), "warn")
        return redirect(url_for(".look", uid=uid), 303)
    db.session.commit()
    return redirect(url_for(".work_copy", uid=uid), 303)


@bp.route("/<uuid:uid>/ban-lam-viec", methods=["GET", "POST"])
@for_readers
def work_copy(uid: uuid.UUID) -> Any:
    """Type over the text, and cover what is on the pages."""
    case, copy = _working(uid)
    form = CopyForm(text=copy.text)
    if form.validate_on_submit():
        try:
            operations.retype(copy, form.text.data or "", actor=current_user, now=clock.now())
        except operations.Confirmed:
            abort(404)
        db.session.commit()
        return redirect(url_for(".check_copy" if "xem-lai" in request.form else ".work_copy", uid=uid), 303)
    not_drawn = [each.file for each in thread.files(case) if not any(page.source_id == each.id for page in copy.pages)]
    page = render_template("feedback/sealed/copy.html", case=case, copy=copy, form=form, not_drawn=not_drawn, width=SHOWN)
    return page, UNPROCESSABLE if form.failed else 200


@bp.post("/<uuid:uid>/ban-lam-viec/che/<uuid:page_uid>")
@for_readers
def cover(uid: uuid.UUID, page_uid: uuid.UUID) -> Any:
    """Point at a corner of what is to be covered, or press a button beside the page."""
    case, copy = _working(uid)
    page = _page(case, page_uid, copy)
    change = CHANGES.get(request.form.get("lam", "")) or _pointed(page)
    if change is not None and ConfirmForm().validate_on_submit():
        try:
            operations.cover(page, change, actor=current_user, now=clock.now())
        except operations.Confirmed:
            abort(404)
        db.session.commit()
    return redirect(url_for(".work_copy", uid=uid, _anchor=f"trang-{page.uid}"), 303)


def _pointed(page: SealedCopyPage) -> Callable[[Covers], Covers] | None:
    """Return what a press on the picture itself means: browsers send where, in points of the picture as it is shown."""
    x, y = request.form.get("trang.x", type=int), request.form.get("trang.y", type=int)
    if x is None or y is None:
        return None
    height = _drawn(page).height
    return lambda covers: covers.pointed(at(x, y, SHOWN, height))


def _page(case: SealedCase, page_uid: uuid.UUID, copy: SealedCopy) -> SealedCopyPage:
    page = copies.page_of(case, page_uid)
    if page is None or page.copy_id != copy.id:
        abort(404)
    return page


def _drawn(page: SealedCopyPage) -> Any:
    try:
        return rendering.draw(_source(page), page.page, width=SHOWN)
    except rendering.NotRendered:
        abort(404)


@bp.get("/<uuid:uid>/ban-lam-viec/dang-che/<uuid:page_uid>.jpg")
@for_readers
def shown_page(uid: uuid.UUID, page_uid: uuid.UUID) -> Response:
    """Send a page as it is covered so far, to whoever covers it."""
    case, copy = _working(uid)
    page = _page(case, page_uid, copy)
    return send_made(rendering.jpeg(rendering.shown(_drawn(page), page.covers)), JPEG.media_type, "trang.jpg", inline=True)


@bp.route("/<uuid:uid>/ban-lam-viec/xem-lai", methods=["GET", "POST"])
@for_readers
def check_copy(uid: uuid.UUID) -> Any:
    """Look at it once more as it will be, and confirm it: then the covers are burned in."""
    case, copy = _working(uid)
    form = ConfirmCopyForm()
    if form.validate_on_submit():
        now = clock.now()
        try:
            burned = _burned(copy, now)
            db.session.rollback()  # drawing took seconds
            operations.confirm(copy, burned, as_seen=form.seen.data or "", actor=current_user, now=now)
        except rendering.NotRendered:
            form.form_errors.append(_("Có trang không vẽ lại được. Bỏ trang đó, rồi gõ lại chữ của nó."))
        except operations.ChangedMeanwhile:
            form.form_errors.append(_("Bản này vừa được sửa. Xem lại bản dưới đây rồi xác nhận."))
        except operations.OwnWork:
            form.form_errors.append(_("Người sửa sau cùng không tự xác nhận. Nhờ một người khác được mở thông tin này xem lại."))
        except operations.Confirmed:
            abort(404)
        else:
            db.session.commit()
            flash(_("Đã xác nhận bản làm việc. Người được giao kiểm tra chỉ mở được bản này."), "ok")
            return redirect(url_for(".register"), 303)
    form.seen.data = operations.seen(copy)
    waits = operations.waits_for_another(copy, current_user, clock.now())
    own = copy.changed_by_id == current_user.id
    page_ = render_template("feedback/sealed/copy_check.html", case=case, copy=copy, form=form, waits=waits, alone=own and not waits)
    return page_, UNPROCESSABLE if form.failed or form.form_errors else 200


def _source(page: SealedCopyPage) -> StoredFile:
    """Return the file that *page* is one of. :raise NotRendered: where it was led to another case's by hand in the database."""
    if not page.source.is_ours or page.source.case_id != page.copy.case_id:
        raise rendering.NotRendered
    return page.source.file


def _burned(copy: SealedCopy, now: dt.datetime) -> dict[int, StoredFile]:
    """Return what the pages that are not left out become, by page. :raise NotRendered:"""
    burned: dict[int, StoredFile] = {}
    for page in copy.pages:
        if not page.covers.left_out:
            picture = rendering.covered(rendering.draw(_source(page), page.page), page.covers.areas)
            burned[page.id] = store_ours(rendering.jpeg(picture), f"trang-{len(burned) + 1}.jpg", JPEG, now)
    return burned


# --- reading it ---------------------------------------------------------------------------------------------------------


@bp.route("/<uuid:uid>/ban-lam-viec/<uuid:copy_uid>", methods=["GET", "POST"])
@for_readers
def read_copy(uid: uuid.UUID, copy_uid: uuid.UUID) -> Any:
    """Ask for the reason, record the look, and show what was confirmed."""
    case, copy = _confirmed(uid, copy_uid)
    form = LookForm()
    form.reason.description = _("Ví dụ: chuẩn bị đi xác minh; đối chiếu với sổ sách")
    if form.validate_on_submit():
        operations.open_copy(copy, reason=form.reason.data or "", actor=current_user, now=clock.now())
        db.session.commit()
        return render_template("feedback/sealed/copy_read.html", case=case, copy=copy)
    return form_page(form, case=case, title=_("Mở bản làm việc"), intro=[_("Mỗi lần mở được ghi lại.")], submit=_("Ghi lý do và mở"))


@bp.get("/<uuid:uid>/ban-lam-viec/<uuid:copy_uid>/<uuid:page_uid>.jpg")
@for_readers
def copied_page(uid: uuid.UUID, copy_uid: uuid.UUID, page_uid: uuid.UUID) -> Any:
    """Send a page of a confirmed copy, to who opened it within the hour."""
    case, copy = _confirmed(uid, copy_uid)
    page = _page(case, page_uid, copy)
    if page.file is None or not thread.looked_lately(case, current_user.id, now=clock.now(), at=rules.SealedStep.READ_COPY):
        abort(404)
    return send(page.file)


def _confirmed(uid: uuid.UUID, copy_uid: uuid.UUID) -> tuple[SealedCase, SealedCopy]:
    case = load(uid, rules.may_read_copy)
    copy = next((each for each in copies.of_case(case) if each.uid == copy_uid and each.confirmed_at is not None), None)
    if copy is None:
        abort(404)
    return case, copy
