"""What the reception desk does with an item: classify it, give it to a unit, split it, keep its number in other systems."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import clock
from app.access import requires
from app.database import db
from app.permissions import Permission
from app.units.models import Field, Place, Unit
from feedback import queries, rules, steps
from feedback.forms.letters import MOST_PARTS, SplitForm
from feedback.forms.staff import ClassifyForm, ReferenceForm, UnitForm, WordsForm
from feedback.models import Feedback
from feedback.operations import desk
from feedback.rules import Kind
from feedback.suggesting import suggestions
from feedback.views.staff import choices
from feedback.views.staff.pages import UNPROCESSABLE, bp, load_for, step, taken


def _row(model: Any, id_: int | None) -> Any:
    return db.session.get(model, id_) if id_ is not None else None


@bp.route("/y-kien/<code>/phan-loai", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_TRIAGE)
def classify(code: str) -> Any:
    """Say what the item is by its content; a new kind starts its own clocks from the same day."""
    item, today = load_for(code, "classify"), clock.today()
    ids = {"field": item.field_id, "place": item.place_id, "accused": item.accused_unit_id}
    same = {name: getattr(item, name) for name in ("kind", "title", "complex", "accused_names", "accused_outside")}
    now = same | {name: str(id_ or "") for name, id_ in ids.items()} | {"seen": desk.sorted_as(item)}
    form = ClassifyForm(data=now)
    form.field.choices = choices.fields_and_none(now=item.field)
    form.place.choices = choices.places_and_none()
    form.accused.choices = choices.units(today, first=_("Không có, hoặc không rõ"))

    def do() -> None:
        desk.classify(
            item,
            kind=Kind(form.kind.data),
            title=form.title.data or "",
            field=_row(Field, form.field.id_chosen),
            place=_row(Place, form.place.id_chosen),
            complex_=bool(form.complex.data),
            accused_unit=_row(Unit, form.accused.id_chosen),
            accused_names=form.accused_names.data or "",
            accused_outside=bool(form.accused_outside.data),
            seen=form.seen.data,
            actor=current_user,
            now=clock.now(),
        )

    def left() -> bool:
        return not rules.may_read(current_user.reach, queries.standing_of(item))

    return step(
        item,
        form,
        do,
        done=lambda: (
            _("Đã phân loại. Ý kiến nói về chính nơi này nên đã chuyển sang bộ phận tiếp nhận khác.")
            if left()
            else _("Đã phân loại. Hạn tính lại theo loại mới, vẫn đếm từ ngày nhận.")
        ),
        to=lambda: url_for(".desk_list") if left() else url_for(".item", code=code),
        title=_("Phân loại"),
        submit=_("Lưu phân loại"),
        intro=[_("Theo nội dung, không theo tên của đơn.")],
        quotes=[item.body],
    )


@bp.route("/y-kien/<code>/giao", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_TRIAGE)
def route(code: str) -> Any:
    """Give the item to a unit."""
    item, form, today = load_for(code, "route"), UnitForm(), clock.today()
    suggestion = suggestions([item], on=today).get(item.id)
    form.unit.choices = choices.receiving(item, today, suggestion=suggestion)
    intro = [_("Hạn trả lời người gửi giữ nguyên; đơn vị có hạn ngắn riêng để nhận hoặc trả lại.")]
    intro += _settled_where(item)
    if steps.settled_by_accused(item) and item.accused_unit is not None and not form.is_submitted():
        form.unit.data = str(item.accused_unit.id)
    if suggestion is not None:
        by_rule = _("Gợi ý: %(unit)s, theo quy tắc “%(rule)s”.", unit=suggestion.unit.name, rule=suggestion.rule)
        by_session = _("Gợi ý: %(unit)s, nơi tổ chức buổi đối thoại %(code)s.", unit=suggestion.unit.name, code=suggestion.session)
        intro.append(by_rule if suggestion.rule else by_session)
        if not form.is_submitted():
            form.unit.data = str(suggestion.unit.id)

    def do() -> None:
        desk.route_to(item, _row(Unit, form.unit.id_chosen), actor=current_user, now=clock.now())

    return step(
        item,
        form,
        do,
        done=lambda: _("Đã giao %(unit)s.", unit=item.open_answer.unit.name if item.open_answer else ""),
        title=_("Giao đơn vị"),
        submit=_("Giao"),
        intro=intro,
        quotes=[item.body],
    )


def _settled_where(item: Feedback) -> list[str]:
    """Return whom the law names to settle a complaint."""
    if item.kind != Kind.COMPLAINT:
        return []
    unit = item.accused_unit.name if item.accused_unit else ""
    if steps.settled_by_accused(item):
        if not unit:
            return [
                _("Khiếu nại lần đầu do chính cơ quan đã ra quyết định hoặc có người đã làm việc ấy giải quyết (Luật Khiếu nại, Điều 7).")
            ]
        return [_("Khiếu nại lần đầu do chính đơn vị bị khiếu nại giải quyết (Luật Khiếu nại, Điều 7): %(unit)s.", unit=unit)]
    if item.is_insider or not unit:
        return []
    return [_("Khiếu nại lần hai do cấp trên trực tiếp của %(unit)s giải quyết (Luật Khiếu nại, Điều 7).", unit=unit)]


@bp.route("/y-kien/<code>/thu-lai", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_TRIAGE)
def take_back(code: str) -> Any:
    """Take back what was given to the wrong unit, as long as that unit has not taken it."""
    item, form = load_for(code, "take_back"), WordsForm()
    form.text.label.text = _("Vì sao thu lại")
    return step(
        item,
        form,
        lambda: desk.take_back(item, reason=form.text.data or "", actor=current_user, now=clock.now()),
        done=_("Đã thu lại. Đơn vị được báo; giao đơn vị khác để kịp hạn."),
        title=_("Thu lại để giao nơi khác"),
        submit=_("Thu lại"),
        danger=True,
        intro=[_("Đơn vị được giao chưa nhận nên còn thu lại được. Hạn trả lời người gửi giữ nguyên.")],
    )


@bp.route("/y-kien/<code>/tach", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_TRIAGE)
def split(code: str) -> Any:
    """Split a letter with several matters: one receipt, each part its own unit and date."""
    item, today = load_for(code, "split"), clock.today()
    first = {"kind": item.kind, "field": str(item.field_id or ""), "body": item.body}
    form = SplitForm(data={"parts": [first, first | {"body": ""}]})
    if "more" in request.form and len(form.parts) < MOST_PARTS:
        form.parts.append_entry({"kind": item.kind})
    field_choices, unit_choices = choices.fields_and_none(now=item.field), choices.receiving(item, today)
    for entry in form.parts:
        entry.form.field.choices, entry.form.unit.choices = field_choices, unit_choices

    def do() -> None:
        parts = [
            desk.Part(
                kind=Kind(part.kind.data),
                title=part.title.data,
                body=part.body.data,
                field_id=part.field.id_chosen,
                unit_id=part.unit.id_chosen,
            )
            for part in (entry.form for entry in form.parts)
        ]
        desk.split(item, parts, actor=current_user, now=clock.now())

    done, back = _("Đã tách. Một phiếu nhận, mỗi phần một đơn vị và một hạn, đều đếm từ ngày nhận."), url_for("staff.item", code=code)
    if "more" not in request.form and (gone := taken(form, do, done=done, back=back)):
        return gone
    wrong = "more" not in request.form and (form.errors or form.form_errors)
    return render_template("feedback/staff/split.html", item=item, form=form, most=MOST_PARTS), UNPROCESSABLE if wrong else 200


@bp.route("/y-kien/<code>/so-ngoai", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_TRIAGE)
def reference(code: str) -> Any:
    """Keep the item's number in another system."""
    item, form = load_for(code, "reference"), ReferenceForm()

    def do() -> None:
        desk.add_reference(item, source=form.source.data or "", number=form.number.data or "", actor=current_user, now=clock.now())

    return step(item, form, do, done=_("Đã ghi số."), title=_("Số ở hệ thống khác"), submit=_("Ghi số"))
