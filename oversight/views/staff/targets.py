"""The targets of a year: units × targets, what one unit declares, what the standing body confirms: `/can-bo/bao-cao/chi-tieu`."""

from __future__ import annotations

import uuid
from typing import Any

from flask import abort, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app import clock, files
from app.access import requires
from app.administration.words import EVIDENCE
from app.database import db
from app.units.models import Unit
from oversight.forms.reports import WhyForm
from oversight.forms.targets import DeclareForm
from oversight.models import Target, TargetDeclaration
from oversight.operations import targets as operations
from oversight.operations.targets import Said
from oversight.reports import standing_body, words, workbook
from oversight.reports import targets as queries
from oversight.rules import targets as rules
from oversight.rules.targets import Outcome, State
from oversight.views.staff.pages import REFUSALS, bp, one_form, press
from oversight.views.staff.reports import HANDS, YEARS, asked_year, paged, sent

REFUSALS |= {
    operations.NotBound: _l("Đơn vị không phải kê khai chỉ tiêu này."),
    operations.AlreadyDeclared: _l("Năm này đã kê khai chỉ tiêu ấy. Muốn kê khai lại thì rút bản trước."),
    operations.NoEvidence: _l("Ghi đạt thì phải có số, ngày văn bản chứng minh hoặc tệp văn bản."),
    operations.YearAhead: _l("Năm này chưa tới."),
}


@bp.get("/bao-cao/chi-tieu")
@requires(*HANDS)
def targets() -> str:
    """Show how each unit stands with each target of a year, and of how many units how many met it."""
    year, reach = asked_year(), current_user.reach
    wanted, rows = queries.of_year(year), queries.rows(reach, year, clock.today())
    shown, pages = paged(rows)
    return render_template(
        "oversight/staff/targets.html",
        texts=list(dict.fromkeys((target.source, target.article, target.evidence) for target in wanted)),
        pages=pages,
        year=year,
        targets=wanted,
        rows=shown,
        shares=queries.shares(rows, wanted),
        waiting=queries.to_confirm(reach),
        standing_body=standing_body(),
        own=current_user.unit if rules.may_declare(reach, current_user.unit) else None,
        names={target.code: target for target in wanted},
        words=words,
        evidence=EVIDENCE,
    )


@bp.get("/bao-cao/chi-tieu.xlsx")
@requires(*HANDS)
def targets_sheet() -> Response:
    """Give the same as a spreadsheet."""
    year = asked_year()
    wanted, rows = queries.of_year(year), queries.rows(current_user.reach, year, clock.today())
    lines = [[row.unit.name, *(_said(cell) for cell in row.cells)] for row in rows]
    shares = [f"{share.met}/{share.bound}" for share in queries.shares(rows, wanted)]
    head = [_("Đơn vị"), *(target.name for target in wanted)]
    title = _("Chỉ tiêu năm %(year)s", year=year)
    return sent([workbook.Sheet(title, _("Chỉ tính điều đã xác nhận"), head, [*lines, [_("Đạt"), *shares]])], f"chi-tieu-{year}.xlsx")


def _said(cell: queries.Cell | None) -> str:
    if cell is None:
        return ""
    if not cell.outcome:
        return _("chưa kê khai")
    word = str(words.OUTCOMES[cell.outcome])
    return word if cell.state == State.CONFIRMED else f"{word} ({words.DECLARED[cell.state][0]})"


def load(unit_id: int, code: str, year: int) -> tuple[Unit, Target]:
    """Return a unit and a target that binds it, for whoever may see how it stands; else 404."""
    unit = db.session.get(Unit, unit_id)
    if unit is None or year not in YEARS or not rules.may_see(current_user.reach, unit, standing_body()):
        abort(404)
    row = queries.row_of(unit, year, clock.today())
    cell = next((each for each in row.cells if each is not None and each.target.code == code), None) if row is not None else None
    if cell is None:
        abort(404)
    return unit, cell.target


def load_declaration(declaration_id: int) -> TargetDeclaration:
    """Return a declaration for whoever may see it; else 404."""
    row = db.session.get(TargetDeclaration, declaration_id)
    if row is None or not rules.may_see(current_user.reach, row.unit, standing_body()):
        abort(404)
    return row


@bp.get("/bao-cao/chi-tieu/<int:unit_id>/<code>/<int:year>")
@requires(*HANDS)
def target(unit_id: int, code: str, year: int) -> str:
    """Show what a unit declared of a target, and what may be done about it."""
    unit, wanted = load(unit_id, code, year)
    said, reach = queries.declarations(unit, code, year), current_user.reach
    standing = next((row for row in said if row.state in rules.STANDING), None)
    declares = rules.may_declare(reach, unit)
    row = queries.row_of(unit, year, clock.today())
    cell = next(each for each in row.cells if each is not None and each.target.code == code) if row is not None else None
    return render_template(
        "oversight/staff/target.html",
        unit=unit,
        target=wanted,
        year=year,
        declarations=said,
        cell=cell,
        may_declare=declares and standing is None and cell is not None and not cell.counted,
        may_withdraw=standing if declares else None,
        may_decide=standing
        if standing is not None and standing.state == State.DECLARED and rules.may_confirm(reach, unit, standing_body())
        else None,
        words=words,
        evidence=EVIDENCE,
        form=FlaskForm(),
    )


@bp.route("/bao-cao/chi-tieu/<int:unit_id>/<code>/<int:year>/ke-khai", methods=["GET", "POST"])
@requires(*HANDS)
def declare_target(unit_id: int, code: str, year: int) -> Any:
    """Declare how one's unit stands, with what shows it."""
    unit, wanted = load(unit_id, code, year)
    if not rules.may_declare(current_user.reach, unit):
        abort(403)
    form = DeclareForm()

    def do() -> None:
        file = form.file.data[0] if form.file.data else None
        said = Said(Outcome(form.outcome.data), form.paper_number.data or "", form.paper_on.data, form.note.data or "", file)
        operations.declare(unit, code, year, said, actor=current_user, now=clock.now())

    return one_form(
        form,
        do,
        done=_("Đã kê khai. Cơ quan thường trực xác nhận thì mới tính."),
        back=_page(unit.id, code, year),
        title=_("Kê khai năm %(year)s: %(name)s", year=year, name=wanted.name),
        submit=_("Kê khai"),
        crumb=wanted.short_name,
        intro=[_("Ghi đạt thì nêu số, ngày văn bản hoặc đính kèm văn bản.")],
    )


@bp.post("/bao-cao/chi-tieu/ke-khai/<int:declaration_id>/xac-nhan")
@requires(*HANDS)
def confirm_target(declaration_id: int) -> Response:
    """Confirm what a unit declared."""
    row = load_declaration(declaration_id)
    if not rules.may_confirm(current_user.reach, row.unit, standing_body()):
        abort(403)
    return press(lambda: operations.confirm(row, actor=current_user, now=clock.now()), done=_("Đã xác nhận."), back=_page_of(row))


@bp.route("/bao-cao/chi-tieu/ke-khai/<int:declaration_id>/tra-lai", methods=["GET", "POST"])
@requires(*HANDS)
def return_target(declaration_id: int) -> Any:
    """Return what a unit declared, and say why."""
    row, form = load_declaration(declaration_id), WhyForm()
    if not rules.may_confirm(current_user.reach, row.unit, standing_body()):
        abort(403)
    return one_form(
        form,
        lambda: operations.send_back(row, form.why.data or "", actor=current_user, now=clock.now()),
        done=_("Đã trả lại."),
        back=_page_of(row),
        title=_("Trả lại kê khai"),
        submit=_("Trả lại"),
        crumb=row.unit.name,
    )


@bp.route("/bao-cao/chi-tieu/ke-khai/<int:declaration_id>/rut", methods=["GET", "POST"])
@requires(*HANDS)
def withdraw_target(declaration_id: int) -> Any:
    """Take back what one's unit declared."""
    row, form = load_declaration(declaration_id), WhyForm()
    if not rules.may_declare(current_user.reach, row.unit):
        abort(403)
    return one_form(
        form,
        lambda: operations.withdraw(row, form.why.data or "", actor=current_user, now=clock.now()),
        done=_("Đã rút kê khai."),
        back=_page_of(row),
        title=_("Rút kê khai"),
        submit=_("Rút kê khai"),
        crumb=row.unit.name,
        danger=True,
    )


@bp.get("/bao-cao/chi-tieu/ke-khai/<int:declaration_id>/tep/<uuid:uid>")
@requires(*HANDS)
def target_file(declaration_id: int, uid: uuid.UUID) -> Response:
    """Send the file that shows it."""
    row = load_declaration(declaration_id)
    if row.file is None or row.file.uid != uid:
        abort(404)
    return files.send(row.file)


def _page(unit_id: int, code: str, year: int) -> str:
    return url_for(".target", unit_id=unit_id, code=code, year=year)


def _page_of(row: TargetDeclaration) -> str:
    return _page(row.unit_id, row.code, row.year)
