"""Units: the tree, one unit, its signing chain, its end and what takes its place."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields import SelectChoice

from app import clock
from app.access import require, requires
from app.accounts.addresses import row_id
from app.accounts.queries import people
from app.administration.forms import choices
from app.administration.forms.units import ChainForm, CloseForm, PartForm, UnitForm
from app.administration.views.pages import bp, fault, form_page
from app.database import db
from app.permissions import Permission, Scope
from app.units import operations, queries
from app.units.models import Field, Place, Unit
from app.units.operations import Heir, UnitFacts
from app.units.rules import ChainInvalid
from app.units.words import LEVELS, SIGNING_STEPS, UNIT_KINDS

SECTION = "administration.units"


@bp.get("/don-vi")
@requires(Permission.SETTINGS_MANAGE)
def units() -> str:
    """Show the tree of the units, or those that match what was searched."""
    words, closed = request.args.get("q", "")[:100], request.args.get("da-ket-thuc") == "co"
    rows = [
        (unit, depth)
        for unit, depth in queries.tree(on=clock.today(), closed=closed)
        if current_user.reach.may(Permission.SETTINGS_MANAGE, unit_path=unit.path)
    ]
    least = min((depth for _unit, depth in rows), default=0)
    return render_template(
        "administration/units.html",
        rows=[(unit, depth - least) for unit, depth in rows] if not words else [],
        found=queries.matching(rows, words) if words else [],
        words=words,
        closed=closed,
        kinds=UNIT_KINDS,
        today=clock.today(),
    )


@bp.get("/don-vi/<int:unit_id>")
@requires(Permission.SETTINGS_MANAGE)
def unit(unit_id: int) -> str:
    """Show one unit: what it is, what is below, who works there, how its papers are signed, what takes its place."""
    row = _unit(unit_id)
    today = clock.today()
    return render_template(
        "administration/unit.html",
        row=row,
        above=list(reversed(queries.above(row)[1:])),
        below=[each for each in queries.below(row, on=today) if each.parent_id == row.id],
        people=list(db.session.scalars(people([Scope(unit_path=row.path)], active=True, unit_path=row.path).limit(100))),
        chain=[str(SIGNING_STEPS[step]) for step in queries.signing_chain(row)],
        successions=queries.successions_of(row),
        kinds=UNIT_KINDS,
        levels=LEVELS,
        today=today,
        may_change=_is_below(row),
    )


@bp.route("/don-vi/moi", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def new_unit() -> Any:
    """Add a unit below another."""
    form = _offer(UnitForm(parent_id=row_id("cap-tren"), valid_from=clock.today()))
    if form.validate_on_submit() and _parent_named(form):
        try:
            row = operations.create_unit(_facts(form), parent=_parent(form), actor=current_user, now=clock.now())
        except operations.CodeTaken:
            fault(form.code, _("Mã này đã dùng cho đơn vị khác"))
        except operations.NameTaken:
            fault(form.name, _("Đã có đơn vị tên này dưới cùng đơn vị cấp trên"))
        else:
            db.session.commit()
            flash(_("Đã thêm %(name)s.", name=row.name), "ok")
            return redirect(url_for(".unit", unit_id=row.id))
    return form_page(form, title=_("Thêm đơn vị"), back=url_for(".units"), section=SECTION)


@bp.route("/don-vi/<int:unit_id>/sua", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def edit_unit(unit_id: int) -> Any:
    """Change a unit, or move it with all below it."""
    row = _changeable(unit_id)
    form = _offer(UnitForm(obj=row))
    if form.validate_on_submit() and _parent_named(form):
        try:
            operations.change_unit(row, _facts(form, row.code), parent=_parent(form), actor=current_user, now=clock.now())
        except operations.CodeTaken:
            fault(form.code, _("Mã này đã dùng cho đơn vị khác"))
        except operations.UnitCircle:
            fault(form.parent_id, _("Đơn vị không thể ở dưới chính nó"))
        else:
            db.session.commit()
            flash(_("Đã lưu %(name)s.", name=row.name), "ok")
            return redirect(url_for(".unit", unit_id=row.id))
    return form_page(form, title=_("Sửa %(name)s", name=row.name), back=url_for(".unit", unit_id=row.id), section=SECTION)


@bp.route("/don-vi/<int:unit_id>/chuoi-ky", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def signing_chain(unit_id: int) -> Any:
    """Set the hands a paper of the unit goes through."""
    row = _unit(unit_id)
    form = ChainForm(data=dict(zip(("first", "second", "third", "fourth"), [*row.signing_chain, "", "", "", ""], strict=False)))
    form.offer()
    if form.validate_on_submit():
        try:
            operations.set_signing_chain(row, [each.data for each in form.steps if each.data], actor=current_user, now=clock.now())
        except ChainInvalid as error:
            fault(form.first, _chain_sentence(error.why))
        else:
            db.session.commit()
            flash(_("Đã lưu các bước ký của %(name)s.", name=row.name), "ok")
            return redirect(url_for(".unit", unit_id=row.id))
    return form_page(
        form,
        title=_("Các bước ký của %(name)s", name=row.name),
        back=url_for(".unit", unit_id=row.id),
        section=SECTION,
        intro=[
            _("Chuyên viên soạn, rồi văn bản đi qua các bước dưới đây. Xã nhỏ có thể chỉ giữ hai bước: ký, rồi văn thư ghi số."),
            _("Không chọn bước nào thì theo đơn vị cấp trên."),
        ],
    )


def _chain_sentence(why: str) -> str:
    return {
        "empty": _("Đơn vị không có cấp trên phải chọn ít nhất bước ký"),
        "twice": _("Mỗi bước chỉ chọn một lần"),
        "no_signer": _("Phải có bước người có thẩm quyền ký"),
        "order": _("Văn thư ghi số, ngày là bước cuối, ngay sau khi ký"),
    }[why]


@bp.route("/don-vi/<int:unit_id>/ket-thuc", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def close_unit(unit_id: int) -> Any:
    """Let a unit end; open items move to those that take its place."""
    row = _changeable(unit_id)
    form = CloseForm(last_day=clock.today())
    others = _other_units(row)
    form.unit_id.choices = [SelectChoice("", _("Chọn đơn vị")), *others]
    for part in form.parts:
        _offer_part(part.form, others)
    if form.validate_on_submit() and (heirs := _heirs(form)) is not None:
        try:
            moved = operations.close_unit(
                row, last_day=form.last_day.data, heirs=heirs, actor=current_user, today=clock.today(), now=clock.now()
            )
        except operations.UnitStillHasUnits:
            fault(form.last_day, _("Còn đơn vị bên dưới; chuyển hoặc kết thúc các đơn vị ấy trước"))
        except operations.UnitDatesInvalid:
            fault(form.last_day, _("Ngày cuối ở trước ngày thành lập, hoặc đơn vị tiếp nhận lúc ấy chưa có"))
        except operations.UnitCircle:
            fault(form.unit_id, _("Đơn vị tiếp nhận không thể là chính nó hay đơn vị do nó tiếp nhận"))
        else:
            db.session.commit()
            flash(_("Đã ghi ngày kết thúc của %(name)s; %(moved)d việc đang mở đã chuyển.", name=row.name, moved=moved), "ok")
            return redirect(url_for(".unit", unit_id=row.id))
    return form_page(
        form,
        title=_("Kết thúc %(name)s", name=row.name),
        back=url_for(".unit", unit_id=row.id),
        section=SECTION,
        submit=_("Kết thúc đơn vị"),
        intro=[
            _("Từ ngày hôm sau việc đang mở chuyển sang đơn vị tiếp nhận. Kết quả đã có vẫn ghi cho đơn vị lúc đó; hạn trả lời không đổi."),
            _("Phần nào sang đơn vị khác thì ghi riêng theo địa bàn hoặc lĩnh vực; mọi phần còn lại sang một đơn vị."),
        ],
        danger=True,
        template="administration/close_unit.html",
    )


def _heirs(form: CloseForm) -> list[Heir] | None:
    """Return who takes over what, or None after saying in the form what is missing."""
    if not form.unit_id.data:
        fault(form.unit_id, _("Chọn đơn vị nhận phần còn lại"))
        return None
    heirs = [Heir(db.session.get_one(Unit, form.unit_id.data))]
    for part in form.parts:
        if not (part.form.unit_id.data or part.form.place_id.data or part.form.field_id.data):
            continue
        if not part.form.unit_id.data or not (part.form.place_id.data or part.form.field_id.data):
            part.form.unit_id.errors = [_("Chọn đơn vị, và địa bàn hoặc lĩnh vực")]
            form.parts.errors = [_("Có phần chưa chọn đủ")]
            return None
        heirs.append(_heir(part.form))
    return heirs


@bp.route("/don-vi/<int:unit_id>/chuyen-phan", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def hand_part_over(unit_id: int) -> Any:
    """Give an area or a field of a unit that stays to another."""
    row = _changeable(unit_id)
    form = PartForm(effective_on=clock.today())
    _offer_part(form, _other_units(row))
    if form.validate_on_submit():
        if not form.unit_id.data:
            fault(form.unit_id, _("Chọn đơn vị tiếp nhận"))
        elif not (form.place_id.data or form.field_id.data):
            fault(form.place_id, _("Chọn địa bàn hoặc lĩnh vực"))
        else:
            try:
                moved = operations.hand_part_over(
                    row, _heir(form), effective_on=form.effective_on.data, actor=current_user, today=clock.today(), now=clock.now()
                )
            except (operations.UnitDatesInvalid, operations.UnitCircle):
                fault(
                    form.unit_id,
                    _("Đơn vị này không nhận được: chưa có hoặc đã kết thúc vào ngày ấy, hay là đơn vị nhường lại chính phần này"),
                )
            else:
                db.session.commit()
                flash(_("Đã ghi; %(moved)d việc đang mở đã chuyển.", moved=moved), "ok")
                return redirect(url_for(".unit", unit_id=row.id))
    return form_page(
        form,
        title=_("Chuyển một phần việc của %(name)s", name=row.name),
        back=url_for(".unit", unit_id=row.id),
        section=SECTION,
        submit=_("Chuyển"),
    )


def _heir(form: Any) -> Heir:
    return Heir(
        db.session.get_one(Unit, form.unit_id.data),
        place=db.session.get(Place, form.place_id.data) if form.place_id.data else None,
        field=db.session.get(Field, form.field_id.data) if form.field_id.data else None,
    )


def _unit(unit_id: int) -> Unit:
    row = db.get_or_404(Unit, unit_id)
    require(current_user.reach.may(Permission.SETTINGS_MANAGE, unit_path=row.path))
    return row


def _is_below(row: Unit) -> bool:
    return operations.stands_below(current_user.reach, row)


def _changeable(unit_id: int) -> Unit:
    row = _unit(unit_id)
    require(_is_below(row))
    return row


def _other_units(row: Unit) -> list[SelectChoice]:
    return [choice for choice in choices.all_units(on=clock.today()) if choice.value != row.id]


def _offer(form: UnitForm) -> UnitForm:
    form.parent_id.choices = [
        SelectChoice("", _("Không có")),
        *choices.units(current_user.reach, Permission.SETTINGS_MANAGE, on=clock.today()),
    ]
    form.place_id.choices = [SelectChoice("", _("Không gắn với một xã, phường")), *choices.places()]
    return form


def _offer_part(form: Any, units: list[SelectChoice]) -> None:
    form.unit_id.choices = [SelectChoice("", _("Chọn đơn vị")), *units]
    form.place_id.choices = [SelectChoice("", _("Mọi địa bàn")), *choices.places()]
    form.field_id.choices = [SelectChoice("", _("Mọi lĩnh vực")), *choices.fields_of_business()]


def _parent_named(form: UnitForm) -> bool:
    if form.parent_id.data is None and not current_user.reach.may(Permission.SETTINGS_MANAGE):
        fault(form.parent_id, _("Chọn đơn vị cấp trên"))
        return False
    return True


def _parent(form: UnitForm) -> Unit | None:
    return db.session.get(Unit, form.parent_id.data) if form.parent_id.data else None


def _facts(form: UnitForm, code: str = "") -> UnitFacts:
    name = form.name.data or ""
    return UnitFacts(
        code=form.code.data or code or operations.code_for(name),
        name=name,
        short_name=form.short_name.data or name,
        kind=form.kind.data,
        level=form.level.data,
        place_id=form.place_id.data,
        is_reception=form.is_reception.data,
        handles_feedback=form.handles_feedback.data,
        email=form.email.data or None,
        phone=form.phone.data or None,
        address=form.address.data or None,
        tax_code=form.tax_code.data or None,
        valid_from=form.valid_from.data,
    )
