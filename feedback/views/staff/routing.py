"""The routing table: `/can-bo/quan-tri/dinh-tuyen`. Ordered, first match wins, and every change can be tried before it is saved."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import pgettext
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from app import clock, navigation
from app.administration import setting_up
from app.administration import words as admin_words
from app.administration.views.pages import fault, install_wide
from app.database import begin_reading, db
from app.permissions import Permission
from app.units.models import Field, Place
from app.units.queries import communes, fields, tree
from feedback import queries, trial, words
from feedback.forms.routing import RuleForm
from feedback.models import RoutingRule
from feedback.operations import routing
from feedback.routes import RuleCannotCompile

bp = Blueprint("routing", "feedback", url_prefix="/can-bo/quan-tri/dinh-tuyen")

UNPROCESSABLE = 422

#: What an operation refused: the field that can mend it, and the sentence.
REFUSALS: dict[type[Exception], tuple[str, Any]] = {
    RuleCannotCompile: ("unit_id", _l("Chọn đơn vị nhận")),
    routing.TargetGone: ("unit_id", _l("Đơn vị này không còn hoạt động hoặc không nhận ý kiến. Chọn đơn vị khác")),
    routing.DefaultTwice: ("name", _l("Đã có một quy tắc nhận mọi việc còn lại. Đặt ít nhất một điều kiện cho quy tắc này")),
    routing.DefaultNeeded: ("name", _l("Đây là quy tắc nhận mọi việc còn lại: không đặt điều kiện, và giao cho một đơn vị cố định")),
}


def init_app(app: Flask) -> None:
    """Register the pages and their menu entry."""
    app.register_blueprint(bp)
    entry = navigation.Entry(_l("Quy tắc giao việc"), "routing.index", 40, (Permission.SETTINGS_MANAGE,), install_wide=True)
    navigation.add(app, "admin", entry)
    setting_up.STEPS["routing"] = setting_up.Step(lambda _today: routing.default_rule() is not None, needed=True)
    admin_words.STEPS["routing"] = admin_words.StepWords(
        _l("Quy tắc giao việc"),
        "routing.index",
        _l("Chưa có quy tắc nhận mọi việc còn lại, giao cho một đơn vị cố định: có ý kiến không rõ giao cho ai"),
    )


@bp.get("")
@install_wide
def index() -> str:
    """Show the table in its order, and what becomes of an item that no rule takes."""
    rows = routing.all_rules()
    today = clock.today()
    gone = {row.id for row in rows if row.unit is not None and not row.unit.exists_on(today)}
    return render_template(
        "feedback/staff/routing.html",
        rows=rows,
        conditions={row.id: conditions for row, conditions in zip(rows, _conditions(rows), strict=True)},
        defaults={row.id for row in rows if routing.is_default(row)},
        gone=gone,
        desk=setting_up.reception(today),
        default=routing.default_rule(rows),
    )


@bp.route("/moi", methods=["GET", "POST"])
@install_wide
def new() -> Any:
    """Add a rule, or try it first; `con-lai` in the address begins with the one for everything that is left."""
    desk = setting_up.reception(clock.today())
    rest = routing.RuleFacts(name=_("Mọi việc còn lại"), unit_id=desk.id if desk else None, direct=False)
    form = _form(rest if "con-lai" in request.args else None)
    if form.validate_on_submit():
        if "try" in request.form:
            return _try(form, None)
        if _attempt(form, lambda: routing.create(form.facts(), actor=current_user, today=clock.today(), now=clock.now())):
            flash(_("Đã thêm quy tắc %(name)s.", name=form.name.data), "ok")
            return redirect(url_for(".index"), 303)
    return _page(form, title=_("Thêm quy tắc"))


@bp.route("/<int:rule_id>", methods=["GET", "POST"])
@install_wide
def edit(rule_id: int) -> Any:
    """Change a rule, or try the change first."""
    row = db.get_or_404(RoutingRule, rule_id)
    form = _form(routing.facts_of(row))
    if form.validate_on_submit():
        if "try" in request.form:
            return _try(form, row)
        if _attempt(form, lambda: routing.change(row, form.facts(), actor=current_user, today=clock.today(), now=clock.now())):
            flash(_("Đã lưu quy tắc %(name)s. Ý kiến đã giao vẫn ở nơi đang giữ.", name=form.name.data), "ok")
            return redirect(url_for(".index"), 303)
    return _page(form, title=_("Sửa quy tắc"))


@bp.post("/<int:rule_id>/<any(len, xuong):way>")
@install_wide
def move(rule_id: int, way: str) -> Response:
    """Move a rule one place up or down."""
    routing.move(db.get_or_404(RoutingRule, rule_id), up=way == "len", actor=current_user, now=clock.now())
    db.session.commit()
    return redirect(url_for(".index"), 303)


@bp.post("/<int:rule_id>/<any(dung, ngung):state>")
@install_wide
def switch(rule_id: int, state: str) -> Response:
    """Use a rule or not."""
    row = db.get_or_404(RoutingRule, rule_id)
    try:
        routing.switch(row, active=state == "dung", actor=current_user, today=clock.today(), now=clock.now())
        db.session.commit()
    except routing.DefaultNeeded:
        db.session.rollback()
        flash(_("Quy tắc nhận mọi việc còn lại phải luôn có."), "error")
    except (routing.TargetGone, routing.DefaultTwice, RuleCannotCompile) as refusal:
        db.session.rollback()
        flash(str(REFUSALS[type(refusal)][1]), "error")
    return redirect(url_for(".index"), 303)


def _form(facts: routing.RuleFacts | None = None) -> RuleForm:
    form = RuleForm(data=RuleForm.typed(facts) if facts else None)
    form.field_ids.choices = [SelectChoice(str(field.id), field.name) for field in fields(active=None)]
    form.place_ids.choices = [SelectChoice(str(place.id), place.full_name) for place in communes()]
    units = [unit for unit, _depth in tree(on=clock.today()) if unit.handles_feedback or unit.is_reception]
    form.unit_id.choices = [SelectChoice("", _("Gõ hoặc chọn một đơn vị")), *(SelectChoice(str(unit.id), unit.name) for unit in units)]
    return form


def _attempt(form: RuleForm, do: Any) -> bool:
    try:
        do()
        db.session.commit()
    except tuple(REFUSALS) as refusal:
        db.session.rollback()
        _refused(form, refusal)
        return False
    return True


def _refused(form: RuleForm, refusal: Exception) -> None:
    name, sentence = REFUSALS[type(refusal)]
    if str(refusal) == "words":
        name, sentence = "words", _("Mỗi dòng cần ít nhất một chữ cái hoặc chữ số")
    fault(form[name], str(sentence))


def _try(form: RuleForm, row: RoutingRule | None) -> Any:
    """Show what the typed rule would have done to the last items; nothing is saved, and what was typed stays."""
    begin_reading()
    today = clock.today()
    before = queries.routes()
    try:
        new = routing.check(form.facts(), today=today)
    except tuple(REFUSALS) as refusal:
        _refused(form, refusal)
        return _page(form, title=_("Sửa quy tắc") if row else _("Thêm quy tắc"))
    order = routing.all_rules()
    last = max((each.position for each in order if not routing.is_default(each)), default=0)
    new.id, new.position = (row.id, row.position) if row else (0, last)
    after = [route for route in before if route.id != new.id]
    result = trial.run(before, [*after, queries.as_route(new)], about=new.id, today=today)
    return _page(form, title=_("Sửa quy tắc") if row else _("Thêm quy tắc"), result=result)


def _page(form: RuleForm, *, title: str, result: trial.Trial | None = None) -> tuple[str, int]:
    earlier = [(rule.name, result.earlier[rule.id]) for rule in routing.all_rules() if rule.id in result.earlier] if result else []
    body = render_template("feedback/staff/routing_rule.html", form=form, title=title, trial=result, earlier=earlier, most=trial.SHOWN)
    return body, UNPROCESSABLE if form.errors else 200


def _conditions(rows: list[RoutingRule]) -> list[list[str]]:
    """Return what each rule asks, in words."""
    field_names = dict(db.session.execute(db.select(Field.id, Field.name)).all())
    place_ids = {id_ for row in rows for id_ in row.place_ids}
    place_names = {place.id: place.full_name for place in db.session.scalars(db.select(Place).where(Place.id.in_(place_ids)))}
    told = []
    for row in rows:
        parts = [
            (_("loại"), [str(words.KINDS[kind]) for kind in row.kinds]),
            (_("lĩnh vực"), [field_names.get(id_, "?") for id_ in row.field_ids]),
            (_("nơi"), [place_names.get(id_, "?") for id_ in row.place_ids]),
            (pgettext("đường gửi", "đến"), [str(words.CHANNELS[channel]) for channel in row.channels]),
            (_("có từ"), [f"“{word}”" for word in row.words]),
            ("", [] if row.insider is None else [_("nói về nơi mình làm") if row.insider else _("không nói về nơi mình làm")]),
        ]
        told.append([f"{head} {', '.join(each)}".strip() for head, each in parts if each])
    return told
