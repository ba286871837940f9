"""Set-up of an empty install, step by step, in any order; the opening of the site, and its closing for a while."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields import SelectChoice

from app import clock, opening, settings
from app.accounts.models import User
from app.administration import setting_up, words
from app.administration.forms.choices import offered
from app.administration.forms.setup import CloseForm, CommuneForm, FieldsForm, OwnTermForm, PlaceForm
from app.administration.views.pages import bp, fault, form_page, install_wide
from app.calendar.operations import RuleAlreadyThere
from app.calendar.queries import rules_in_force
from app.database import db
from app.units.queries import fields, provinces, root_units

SECTION = "administration.setup"


@bp.get("/thiet-lap")
@install_wide
def setup() -> str:
    """Show the steps, what is still missing, and whether the site is open."""
    today = clock.today()
    missing = setting_up.missing(today)
    root = root_units()[0]
    desk = setting_up.reception(today)
    people = db.session.scalar(db.select(db.func.count()).select_from(User).where(User.active)) or 0
    deserted = len(setting_up.units_without_people(today))
    said = {
        "place": root.name,
        "desk": _("Bộ phận tiếp nhận: %(name)s", name=desk.name) if desk else "",
        "fields": _("Đã có %(count)s lĩnh vực", count=len(fields())),
        "rules": _("Đang áp dụng %(count)s quy định; hạn trả lời tự đặt ở bước sau", count=len(rules_in_force(today))),
        "own_term": _("Không tự đặt hạn") if not setting_up.has_own_term(today) else _("Có ghi tên thì có hạn trả lời"),
        "people": _("Đã có %(count)s người; mọi đơn vị giải quyết ý kiến đều có người", count=people)
        if not deserted
        else _("Đã có %(count)s người; còn %(units)s đơn vị giải quyết ý kiến chưa có ai", count=people, units=deserted),
    }
    steps = {name: _row(name, step, missing, said.get(name, "")) for name, step in setting_up.STEPS.items()}
    return render_template(
        "administration/setup.html",
        steps=list(steps.values()),
        placed="place" not in missing,
        usual_left=bool(setting_up.standard_units_left(root)),
        forbidding=[steps[name] for name in missing if setting_up.STEPS[name].needed],
        warnings=[words.STEPS[name].lacking for name in missing if not setting_up.STEPS[name].needed],
        state=opening.state(),
    )


def _row(name: str, step: setting_up.Step, missing: list[str], said: str) -> dict[str, Any]:
    """Return the line of a step: done, to do, or what has to be done before it."""
    told = words.STEPS[name]
    if name not in missing:
        return {"title": told.title, "url": url_for(told.endpoint), "hint": said, "state": "done"}
    if step.after in missing:
        first = _("Làm bước “%(step)s” trước", step=words.STEPS[step.after].title)
        return {"title": told.title, "hint": first, "state": "blocked", "text": _("Bắt buộc, làm sau") if step.needed else _("Làm sau")}
    needed = _("Bắt buộc, chưa làm") if step.needed else ""
    return {"title": told.title, "url": url_for(told.endpoint), "hint": told.lacking, "state": "todo", "text": needed}


@bp.route("/thiet-lap/noi", methods=["GET", "POST"])
@install_wide
def setup_place() -> Any:
    """Choose the province; for one commune, go on to choose it."""
    form = PlaceForm()
    form.province.choices = [SelectChoice("", _("Chọn tỉnh, thành phố")), *(SelectChoice(place.code, place.name) for place in provinces())]
    if form.validate_on_submit():
        if form.level.data == "commune":
            return redirect(url_for(".setup_commune", tinh=form.province.data))
        return _placed(form.province.data, None)
    return form_page(form, title=_("Trang này của tỉnh nào, xã nào"), back=url_for(".setup"), section=SECTION, submit=_("Tiếp"))


@bp.route("/thiet-lap/xa", methods=["GET", "POST"])
@install_wide
def setup_commune() -> Any:
    """Choose the commune of the province in the address."""
    province = request.args.get("tinh", "")
    if province not in {place.code for place in provinces()}:
        abort(404)
    form = CommuneForm()
    form.commune.choices = [SelectChoice("", _("Chọn xã, phường, đặc khu")), *offered(setting_up.communes_of(province))]
    if form.validate_on_submit():
        return _placed(province, form.commune.data)
    return form_page(form, title=_("Chọn xã, phường, đặc khu"), back=url_for(".setup_place"), section=SECTION, submit=_("Tiếp"))


def _placed(province: str, commune: str | None) -> Any:
    root = setting_up.choose_place(province, commune, actor=current_user, now=clock.now())
    db.session.commit()
    flash(_("Đã ghi: trang của %(name)s.", name=root.name), "ok")
    return redirect(url_for(".setup"))


@bp.post("/thiet-lap/don-vi-mau")
@install_wide
def setup_units() -> Any:
    """Make the usual units of the place."""
    try:
        made = setting_up.make_standard_units(actor=current_user, today=clock.today(), now=clock.now())
    except setting_up.NotReady:
        flash(_("Chọn tỉnh hoặc xã trước."), "error")
    else:
        db.session.commit()
        flash(_("Đã lập %(made)d đơn vị mẫu; sửa tên, thêm bớt ở trang Đơn vị.", made=made), "ok")
    return redirect(url_for(".setup"))


@bp.route("/thiet-lap/linh-vuc", methods=["GET", "POST"])
@install_wide
def setup_fields() -> Any:
    """Choose among the standard fields."""
    offered = setting_up.standard()["field"]
    form = FieldsForm(codes=[each["code"] for each in offered])  # all of them ticked: what is not wanted is taken out
    form.codes.choices = [SelectChoice(each["code"], each["name"], {"hint": each["hint"]}) for each in offered]
    if form.validate_on_submit():
        made = setting_up.make_standard_fields(form.codes.data or [], actor=current_user, now=clock.now())
        db.session.commit()
        flash(_("Đã thêm %(made)d lĩnh vực.", made=made), "ok")
        return redirect(url_for(".setup"))
    return form_page(form, title=_("Chọn lĩnh vực"), back=url_for(".setup"), section=SECTION, submit=_("Thêm các lĩnh vực đã chọn"))


@bp.route("/thiet-lap/han-tra-loi", methods=["GET", "POST"])
@install_wide
def setup_own_term() -> Any:
    """Decide whether a day is promised where the law sets none; what is in force is changed among the rules."""
    today, now = clock.today(), clock.now()
    if setting_up.has_own_term(today):
        return redirect(url_for(".rules"))
    form = OwnTermForm(own="no" if settings.get("no_own_term") else None)
    if form.validate_on_submit():
        if form.own.data == "no":
            setting_up.set_no_own_term(actor=current_user, now=now)
            return _decided(_("Đã ghi: không tự đặt hạn trả lời."))
        name = _("Trả lời phản ánh, kiến nghị, góp ý, hỏi đáp")
        source = form.source.data or _("Cam kết của %(authority)s", authority=settings.get("authority_name") or root_units()[0].name)
        try:
            setting_up.set_own_term(form.amount.data or 0, name=name, source=source, actor=current_user, today=today, now=now)
        except RuleAlreadyThere:
            fault(form.own, _("Đã có một hạn tự đặt, chưa đến ngày áp dụng; xem ở trang Quy định về hạn"))
        else:
            return _decided(_("Đã đặt hạn. Ý kiến nhận từ hôm nay theo hạn này; sửa ở trang Quy định về hạn."))
    return form_page(form, title=words.STEPS["own_term"].title, back=url_for(".setup"), section=SECTION)


def _decided(sentence: str) -> Any:
    db.session.commit()
    flash(sentence, "ok")
    return redirect(url_for(".setup"))


@bp.post("/thiet-lap/mo-trang")
@install_wide
def setup_finish() -> Any:
    """Open the site."""
    try:
        setting_up.finish(actor=current_user, today=clock.today(), now=clock.now())
    except setting_up.NotReady:
        flash(_("Chưa mở được: còn bước bắt buộc chưa làm."), "error")
        return redirect(url_for(".setup"))
    db.session.commit()
    flash(_("Trang đã mở. Người dân gửi được ý kiến."), "ok")
    return redirect(url_for(".setup"))


@bp.route("/thiet-lap/tam-ngung", methods=["GET", "POST"])
@install_wide
def setup_close() -> Any:
    """Ask why, then take nothing new."""
    form = CloseForm(reason=settings.get("closed_because"))
    if form.validate_on_submit():
        opening.close(form.reason.data or "", actor=current_user, now=clock.now())
        db.session.commit()
        flash(_("Trang tạm ngừng nhận ý kiến mới."), "ok")
        return redirect(url_for(".setup"))
    return form_page(
        form,
        title=_("Tạm ngừng nhận ý kiến"),
        back=url_for(".setup"),
        section=SECTION,
        submit=_("Tạm ngừng nhận"),
        intro=[_("Ý kiến mới gửi qua trang và qua API không nhận nữa. Ý kiến đã gửi vẫn tra cứu được, vẫn giải quyết, hạn vẫn tính.")],
        danger=True,
    )


@bp.post("/thiet-lap/mo-lai")
@install_wide
def setup_reopen() -> Any:
    """Take what people send again."""
    opening.reopen(actor=current_user, now=clock.now())
    db.session.commit()
    flash(_("Trang đã mở lại. Người dân gửi được ý kiến."), "ok")
    return redirect(url_for(".setup"))
