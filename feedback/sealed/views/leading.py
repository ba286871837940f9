"""Who is accused, who decides, who may see a case."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any, cast

from flask import abort, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import clock
from app.accounts.models import User
from app.database import db
from app.units.models import Unit
from feedback.forms.base import number
from feedback.sealed import copies, queries, rules
from feedback.sealed.forms.leading import ConfirmForm, GrantForm, HandUpForm, HeadForm
from feedback.sealed.forms.reading import DeclareForm
from feedback.sealed.models import SealedCase, SealedGrant
from feedback.sealed.operations import leading as operations
from feedback.sealed.operations import reading
from feedback.sealed.rules import Extent
from feedback.sealed.views.pages import STEPS, bp, for_readers, load
from feedback.views.staff import choices


@bp.route("/<uuid:uid>/nguoi-bi-noi-toi", methods=["GET", "POST"])
@for_readers
def confirm(uid: uuid.UUID) -> Any:
    """Say who is accused. Until then nobody but intake knows of the case."""
    case, form = load(uid, rules.may_confirm), ConfirmForm()
    heading = case.heading
    if not form.is_submitted():
        form.unit.data = str(heading.accused_unit_id or "")
        form.people.data = [str(each) for each in heading.accused_ids]
    found = _people({*form.ticked, *heading.accused_ids}, (form.names.data or "").splitlines())
    kept = _kept(case)
    form.offer(choices.units(clock.today(), first="")[1:], found, [row for row in kept if row[0].by_id != current_user.id])
    page: dict[str, Any] = {
        "case": case,
        "title": _("Xác nhận người bị nói tới"),
        "submit": _("Xác nhận"),
        "intro": [
            _(
                "Người này, cơ quan này và cấp dưới của nó không mở được, không biết có thông tin này. "
                "Người đứng đầu cơ quan nào thì cơ quan ấy phải tránh."
            ),
            _(
                "Thêm người phải tránh thì một người làm được. Bỏ một người, một cơ quan đã nêu thì cần hai: "
                "vẫn phải tránh đến khi một người khác mở trang này và cũng đồng ý."
            ),
            *([_("Đã bỏ nhưng vẫn phải tránh: %(names)s.", names=", ".join(name for _row, name in kept))] if kept else []),
        ],
    }
    if form.find.data:
        return STEPS.page_of(form, back="", **page)
    chosen = [user for user in found if user.id in form.ticked]
    unit = db.session.get(Unit, form.unit.id_chosen) if form.unit.id_chosen else None
    return STEPS.one_form(
        form,
        lambda: operations.confirm(case, unit=unit, people=chosen, lifted=form.agreed, actor=current_user, now=clock.now()),
        done=_("Đã xác nhận. Những người phải tránh từ nay không biết có thông tin này."),
        back=url_for(".look", uid=uid),
        to=lambda: url_for(".look", uid=uid) if queries.may_know(current_user, case, on=clock.today()) else url_for(".register"),
        **page,
    )


def _kept(case: SealedCase) -> list[tuple[rules.Kept, str]]:
    """Return who is kept out though one person took them away, each with the name."""
    models = {"unit": Unit, "person": User}
    return [(each, db.session.get_one(models[each.kind], each.id).name) for each in case.heading.kept]


def _people(ids: Iterable[int], names: Iterable[str]) -> list[User]:
    """Return the people with these ids, then those whom one of *names* finds; each once."""
    found = {user.id: user for user in db.session.scalars(db.select(User).where(User.id.in_(set(ids))).order_by(User.name_sort))}
    for name in list(names)[:10]:
        found |= {user.id: user for user in queries.named(name) if user.id not in found}
    return list(found.values())


@bp.route("/<uuid:uid>/nguoi-dung-dau", methods=["GET", "POST"])
@for_readers
def hand(uid: uuid.UUID) -> Any:
    """Choose the head who decides; where the highest is accused, write down that it went to the superior by hand."""
    case = load(uid, rules.may_hand)
    heads = queries.heads_for(case, on=clock.today())
    if not heads:
        return _hand_up(case)
    form = HeadForm()
    form.offer(heads)
    by_id = {user.id: user for user, _unit in heads}
    return STEPS.one_form(
        form,
        lambda: operations.hand_to(case, by_id[cast("int", form.head.id_chosen)], actor=current_user, now=clock.now()),
        done=_("Đã chuyển. Từ nay người đứng đầu quyết định và giao người xem; bộ phận tiếp nhận không mở đọc được nữa."),
        back=url_for(".register"),
        case=case,
        title=_("Chuyển người đứng đầu quyết định"),
        intro=[_("Chỉ có tên những người đứng đầu không phải tránh.")],
        submit=_("Chuyển"),
    )


def _hand_up(case: SealedCase) -> Any:
    form = HandUpForm()
    return STEPS.one_form(
        form,
        lambda: operations.hand_up(case, words=form.note.data or "", actor=current_user, now=clock.now()),
        done=_("Đã ghi việc chuyển tay."),
        back=url_for(".register"),
        case=case,
        title=_("Chuyển tay lên cấp trên"),
        intro=[
            _(
                "Người đứng đầu cao nhất ở đây phải tránh, nên không ai ở đây quyết định được. "
                "In ra, chuyển tận tay cấp trên trực tiếp, rồi ghi lại."
            )
        ],
        submit=_("Ghi việc đã chuyển"),
    )


@bp.route("/<uuid:uid>/giao-xem", methods=["GET", "POST"])
@for_readers
def grants(uid: uuid.UUID) -> Any:
    """Show who may see the case, and grant it to one more."""
    case, form, today = load(uid, rules.may_lead), GrantForm(), clock.today()
    found = _people({number(form.user.data) or 0}, [form.name.data or ""])
    out = queries.excluded(case, found, on=today)
    form.offer([user for user in found if user.id not in out and user.id != current_user.id])
    page: dict[str, Any] = {
        "case": case,
        "title": _("Giao người xem"),
        "submit": _("Giao"),
        "grants": queries.grants_in(case, on=today),
        "intro": [
            _(
                "Chỉ giao người cần biết. Hết ngày là thôi; không ủy quyền lại được. "
                "Trước khi mở, người được giao phải khai có vướng lợi ích riêng không."
            ),
            _(
                "Giao bản đã bỏ tên là đủ để xác minh. Toàn bộ nội dung có thể có chỗ người báo tin tự nói mình là ai: "
                "giao toàn bộ thì ghi riêng vì sao, và người giám sát nhật ký thấy việc ấy."
            ),
        ],
        "copy_missing": not copies.is_confirmed(case),
    }
    if form.find.data:
        return STEPS.page_of(form, back="", template="feedback/sealed/grants.html", **page)
    return STEPS.one_form(
        form,
        lambda: operations.grant(
            case,
            db.session.get_one(User, number(form.user.data)),
            extent=Extent(form.extent.data),
            until=cast("dt.date", form.until.data),
            why=form.why.data or "",
            why_whole=form.why_whole.data or "",
            actor=current_user,
            now=clock.now(),
        ),
        done=_("Đã giao. Người được giao nhận tin báo, không kèm nội dung."),
        back=url_for(".grants", uid=uid),
        template="feedback/sealed/grants.html",
        **page,
    )


@bp.post("/<uuid:uid>/giao-xem/<uuid:grant_uid>/thoi")
@for_readers
def end_grant(uid: uuid.UUID, grant_uid: uuid.UUID) -> Any:
    """End a grant before its day."""
    case = load(uid, rules.may_lead)
    given = db.session.scalar(db.select(SealedGrant).where(SealedGrant.uid == grant_uid, SealedGrant.case_id == case.id))
    if given is None:
        abort(404)
    return STEPS.press(
        lambda: operations.end(given, actor=current_user, now=clock.now()), done=_("Đã thôi giao."), back=url_for(".grants", uid=uid)
    )


@bp.route("/<uuid:uid>/khai-loi-ich", methods=["GET", "POST"])
@for_readers
def declare(uid: uuid.UUID) -> Any:
    """Declare whether an interest of one's own is touched: who was granted the case before the first look, everybody later too."""
    case, form = load(uid, rules.may_declare), DeclareForm()
    return STEPS.one_form(
        form,
        lambda: reading.declare(case, conflict=form.said, actor=current_user, now=clock.now()),
        done=_("Đã ghi lời khai."),
        back=url_for(".look", uid=uid),
        to=lambda: after_conflict() if form.said else url_for(".look", uid=uid),
        case=case,
        title=_("Khai lợi ích riêng"),
        intro=[accused_line(case)],
        submit=_("Khai"),
    )


def after_conflict() -> str:
    """Return where to go who is out of a case from now on: to the register, if there is one for them."""
    return url_for(".register" if queries.knows_any(current_user, on=clock.today()) else "staff.home")


def accused_line(case: SealedCase) -> str:
    """Say about whom it is: without that nobody could tell whether an interest of theirs is touched."""
    heading = case.heading
    unit = db.session.get(Unit, heading.accused_unit_id) if heading.accused_unit_id is not None else None
    people = [user.name for user in _people(heading.accused_ids, ())]
    about = ", ".join([*people, *([unit.name] if unit is not None else [])])
    return _("Thông tin nói tới: %(about)s.", about=about) if about else _("Thông tin không nói tới ai trong hệ thống này.")
