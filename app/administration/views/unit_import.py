"""Units from a spreadsheet: template, upload, a report of every bad row, and the choice to import the good ones."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import xlsxwriter
from flask import Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app import clock
from app.access import requires
from app.administration.forms.units import ImportForm, ImportGoodForm
from app.administration.views.pages import bp, fault, form_page
from app.database import db
from app.files import send_made
from app.formats import format_number
from app.permissions import Permission
from app.units import importing, sheets
from app.units.words import UNIT_KINDS

SECTION = "administration.units"

HEADINGS = {
    "code": _l("Mã"),
    "name": _l("Tên"),
    "short_name": _l("Tên ngắn"),
    "kind": _l("Loại"),
    "level": _l("Cấp"),
    "parent": _l("Mã đơn vị cấp trên"),
    "place": _l("Địa bàn"),
    "is_reception": _l("Có bộ phận tiếp nhận"),
    "email": _l("E-mail"),
    "phone": _l("Điện thoại"),
    "address": _l("Địa chỉ"),
    "tax_code": _l("Mã số thuế"),
    "valid_from": _l("Từ ngày"),
}

FAULTS = {
    "missing": _l("Ô trống, cần ghi"),
    "long": _l("Dài quá mức cho phép"),
    "code": _l("Mã chỉ gồm chữ thường không dấu, số, dấu chấm, gạch nối"),
    "taken": _l("Mã này đã có trong hệ thống"),
    "repeated": _l("Mã này có ở dòng khác trong tệp"),
    "taken_name": _l("Đã có đơn vị tên này dưới cùng đơn vị cấp trên"),
    "repeated_name": _l("Dòng khác trong tệp có tên này, cùng đơn vị cấp trên"),
    "kind": _l("Không có loại đơn vị này; xem trang Hướng dẫn của tệp mẫu"),
    "level": _l("Ghi “tỉnh” hoặc “xã”"),
    "parent": _l("Không có đơn vị nào mang mã này, cả trong tệp lẫn trong hệ thống"),
    "parent_bad": _l("Đơn vị cấp trên ở dòng khác chưa nhập được"),
    "scope": _l("Ngoài phạm vi quản trị của mình; ghi mã một đơn vị mình phụ trách"),
    "place": _l("Không có xã, phường nào tên như vậy; ghi như “phường Việt Yên” hoặc mã địa bàn"),
    "two_places": _l("Có hơn một nơi cùng tên; ghi thêm “xã” hoặc “phường”, hoặc ghi mã địa bàn"),
    "yes_no": _l("Ghi “có” hoặc “không”"),
    "email": _l("Địa chỉ e-mail chưa đúng"),
    "date": _l("Ghi ngày như 1/7/2025"),
}


@bp.route("/don-vi/nhap", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def import_units() -> Any:
    """Read a spreadsheet; import it if every row is good, else say what is wrong and offer the good ones."""
    form = ImportForm()
    if form.validate_on_submit():
        content = form.file.data.read(sheets.MOST_BYTES + 1)
        try:
            rows = sheets.read(content)
        except sheets.FileUnreadable as refusal:
            fault(form.file, _file_sentence(refusal))
        else:
            report = importing.check(rows, reach=current_user.reach, today=clock.today())
            return _report(report, file_name=form.file.data.filename or "") if report.faults else _import(report)
    return form_page(
        form,
        title=_("Nhập đơn vị từ bảng tính"),
        back=url_for(".units"),
        section=SECTION,
        submit=_("Đọc tệp"),
        intro=[_("Mọi dòng đúng thì nhập ngay. Có dòng sai thì chưa nhập gì, và hiện rõ dòng nào, cột nào, sai gì.")],
        more_links=[
            (_("Tải tệp mẫu .xlsx"), url_for(".unit_template", ending="xlsx")),
            (_("Tải tệp mẫu .csv"), url_for(".unit_template", ending="csv")),
        ],
    )


@bp.post("/don-vi/nhap/dong-dung")
@requires(Permission.SETTINGS_MANAGE)
def import_good_rows() -> Any:
    """Import the good rows of a file that was read before; they are checked again."""
    form = ImportGoodForm()
    rows = _rows(form.rows.data or "") if form.validate() else None
    if rows is None:
        flash(_("Không đọc lại được các dòng; chọn tệp lần nữa."), "error")
        return redirect(url_for(".import_units"))
    return _import(importing.check(rows, reach=current_user.reach, today=clock.today()))


def _rows(text: str) -> list[dict[str, str]] | None:
    """Return the rows the report page carried, or None for anything that is not such a list."""
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):  # brackets in brackets in brackets
        return None
    known = {*sheets.COLUMNS, "row"}
    if not isinstance(rows, list) or not 0 < len(rows) <= sheets.MOST_ROWS:
        return None
    for row in rows:
        if not (isinstance(row, dict) and row.keys() <= known and all(isinstance(cell, str) for cell in row.values())):
            return None
        if not (row.get("row", "").isdecimal() and len(row["row"]) < 8):  # noqa: PLR2004 - more than a spreadsheet has
            return None
    return rows


def _import(report: importing.Report) -> Any:
    made = importing.carry_out(report, actor=current_user, now=clock.now())
    db.session.commit()
    if report.bad_rows:
        flash(_("Đã nhập %(made)s đơn vị; để lại %(bad)s dòng sai.", made=format_number(made), bad=format_number(report.bad_rows)), "warn")
    else:
        flash(_("Đã nhập %(made)s đơn vị.", made=format_number(made)), "ok")
    return redirect(url_for(".units"))


def _report(report: importing.Report, *, file_name: str) -> tuple[str, int]:
    return (
        render_template(
            "administration/import_report.html",
            report=report,
            file_name=file_name[:200],
            rows=json.dumps(report.rows, ensure_ascii=False, separators=(",", ":")),
            headings=HEADINGS,
            sentences=FAULTS,
            form=ImportGoodForm(formdata=None),
            section=SECTION,
        ),
        422,
    )


def _file_sentence(refusal: sheets.FileUnreadable) -> str:
    lacking = ", ".join(f"“{HEADINGS[column]}”" for column in refusal.detail)
    return {
        "type": _("Không đọc được tệp này. Cần bảng tính .xlsx, hoặc .csv lưu bằng mã UTF-8"),
        "large": _("Tệp nặng quá 2 MB"),
        "empty": _("Tệp không có dòng nào dưới dòng tiêu đề"),
        "rows": _("Tệp có hơn 2.000 dòng; chia thành nhiều tệp"),
        "columns": _("Dòng đầu thiếu cột %(columns)s; tệp mẫu có đủ các cột", columns=lacking),
    }[refusal.why]


@bp.get("/don-vi/nhap/mau.<any(xlsx, csv):ending>")
@requires(Permission.SETTINGS_MANAGE)
def unit_template(ending: str) -> Response:
    """Give the empty spreadsheet with its headings; the XLSX has a second sheet that explains them."""
    # The headings stay Vietnamese in both languages: they are what the reader knows.
    headings = list(HEADING_WORDS)
    if ending == "csv":
        text = io.StringIO()
        csv.writer(text).writerow(headings)
        body, kind = text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8"
    else:
        body, kind = _workbook(headings), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return send_made(body, kind, f"mau-don-vi.{ending}")


HEADING_WORDS = (
    "Mã", "Tên", "Tên ngắn", "Loại", "Cấp", "Mã đơn vị cấp trên", "Địa bàn", "Có bộ phận tiếp nhận",
    "E-mail", "Điện thoại", "Địa chỉ", "Mã số thuế", "Từ ngày",
)  # fmt: skip


def _workbook(headings: list[str]) -> bytes:
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("Đơn vị")
        sheet.write_row(0, 0, headings, bold)
        sheet.set_column(0, len(headings) - 1, 22)
        sheet.freeze_panes(1, 0)
        guide = book.add_worksheet("Hướng dẫn")
        guide.set_column(0, 0, 26)
        guide.set_column(1, 1, 90)
        for line, (heading, text) in enumerate(_guide()):
            guide.write_string(line, 0, heading, bold)
            guide.write_string(line, 1, text)
    return output.getvalue()


def _guide() -> list[tuple[str, str]]:
    kinds = "; ".join(str(word) for word in UNIT_KINDS.values())
    return [
        ("Mã", _("Chữ thường không dấu, số, gạch nối; để trống thì đặt theo tên")),
        ("Tên", _("Bắt buộc")),
        ("Loại", _("Bắt buộc, một trong: %(kinds)s", kinds=kinds)),
        ("Cấp", _("Bắt buộc: tỉnh hoặc xã")),
        ("Mã đơn vị cấp trên", _("Mã của đơn vị trong tệp này hoặc đã có trong hệ thống")),
        ("Địa bàn", _("Xã, phường phụ trách; ghi như “phường Việt Yên” hoặc mã địa bàn")),
        ("Có bộ phận tiếp nhận", _("có hoặc không")),
        ("Từ ngày", _("Như 1/7/2025; để trống là hôm nay")),
    ]
