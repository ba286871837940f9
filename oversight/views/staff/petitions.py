"""The counting tables of petitions: each number opens its items, the whole is a spreadsheet: `/can-bo/bao-cao/bieu-don`."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.formats import format_date, upper_first
from app.permissions import Permission
from app.units.models import Unit
from app.units.queries import unit_by_code
from feedback import queries as feedback_queries
from feedback import rules as feedback_rules
from feedback import words as feedback_words
from feedback.rules import Kind
from oversight.figures import sealed as figures_sealed
from oversight.figures.periods import CODES, span_of
from oversight.reports import petitions, words, workbook
from oversight.reports.petitions import Asked, By
from oversight.views.staff.pages import bp
from oversight.views.staff.reports import sent

P = Permission
READS = (P.OVERSIGHT_REPORT, P.REGISTER_READ)
#: The biggest id that a database keeps.
ID_MAX = 2**63 - 1
PERIODS: dict[str, Any] = {
    "nua-nam": _l("Nửa năm này"),
    "nam": _l("Năm nay"),
    "nam-truoc": _l("Năm trước"),
    "quy": _l("Quý này"),
    "quy-truoc": _l("Quý trước"),
    "12-thang": _l("12 tháng qua"),
}
#: What a table is called, and its first column.
_HEADS: dict[By, tuple[Any, Any]] = {
    By.KIND: (_l("Theo loại"), _l("Loại")),
    By.COMPETENCE: (_l("Theo thẩm quyền"), _l("Thẩm quyền")),
    By.UNIT: (_l("Theo đơn vị giải quyết"), _l("Đơn vị")),
}
_CODES: dict[By, str] = {By.KIND: "loai", By.COMPETENCE: "tham-quyen", By.UNIT: "don-vi"}


def _period() -> str:
    code = request.args.get("ky", "")
    return code if code in CODES else "nua-nam"


def _asked() -> Asked:
    code = request.args.get("thuoc", "")
    unit = unit_by_code(code) if code else None
    return Asked(span_of(_period(), clock.today()), current_user.reach, unit)


def _arguments() -> dict[str, Any]:
    asked: dict[str, Any] = {"ky": _period(), "thuoc": request.args.get("thuoc", "")}
    return {name: value for name, value in asked.items() if value}


def label(by: By, row: petitions.Row) -> str:
    """Return what a row is called."""
    if by == By.UNIT:
        return row.thing.name
    if by == By.KIND:
        return str(feedback_words.KINDS[row.key])
    return str(words.COMPETENCES[row.key])


def _key(by: By, row: petitions.Row) -> str:
    return row.thing.code if by == By.UNIT else str(row.key)


@bp.get("/bao-cao/bieu-don")
@requires(*READS)
def counting_tables() -> str:
    """Show the tables by kind, by competence and by unit."""
    asked = _asked()
    tables = petitions.tables(asked)
    arguments = _arguments()

    def opens(by: By, row: petitions.Row | None, column: str) -> str:
        where: dict[str, Any] = {"theo": _CODES[by], "dong": _key(by, row)} if row is not None else {}
        return url_for(".counted_petitions", cot=column, **arguments, **where)

    return render_template(
        "oversight/staff/counting_tables.html",
        span=asked.span,
        unit=asked.unit,
        tables=[(by, *heads, tables[by], petitions.total(tables[by])) for by, heads in _HEADS.items()],
        columns=words.COLUMNS,
        groups=words.COLUMN_GROUPS,
        label=label,
        opens=opens,
        periods=[_choice(code, word, arguments) for code, word in PERIODS.items()],
        arguments=arguments,
        sealed=figures_sealed.received(clock.today()),
        timely={each.span: each for each in figures_sealed.timeliness(current_user.reach, clock.today()) or ()},
    )


def _choice(code: str, word: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    address: dict[str, Any] = {**arguments, "ky": code}
    return {"label": word, "url": url_for(".counting_tables", **address), "current": code == _period()}


@bp.get("/bao-cao/bieu-don.xlsx")
@requires(*READS)
def counting_sheet() -> Response:
    """Give the same tables as a spreadsheet."""
    asked = _asked()
    note = _("%(unit)s, từ ngày %(first)s đến ngày %(last)s. Mẫu biểu theo TT 02/2021 và TT 05/2021/TT-TTCP, chưa đối chiếu bản gốc.",
        unit=asked.unit.name if asked.unit is not None else _("Phần được xem"),
        first=format_date(asked.span.first, weekday=False), last=format_date(asked.span.last, weekday=False),
    )  # fmt: skip
    sheets = []
    tables = petitions.tables(asked)
    for by, (title, first) in _HEADS.items():
        rows = tables[by]
        head = [str(first), *(str(word) for word in words.COLUMNS.values())]
        lines = [[upper_first(label(by, row)), *(row[column] for column in words.COLUMNS)] for row in rows]
        whole = petitions.total(rows)
        sheets.append(workbook.Sheet(str(title), note, head, [*lines, [_("Cộng"), *(whole[column] for column in words.COLUMNS)]]))
    return sent(sheets, "bieu-tong-hop-don.xlsx")


@bp.get("/bao-cao/bieu-don/danh-sach")
@requires(*READS)
def counted_petitions() -> str:
    """List the items that one number counts; whoever may not open one sees its code alone."""
    asked, column = _asked(), request.args.get("cot", "")
    if column not in words.COLUMNS:
        abort(404)
    by, key, said = _row_asked()
    after = request.args.get("sau", 0, type=int)
    found = petitions.items(asked, by, key, column, after=min(max(after, 0), ID_MAX))
    reach = current_user.reach
    place: dict[str, Any] = {"theo": request.args.get("theo", ""), "dong": request.args.get("dong", "")} if by is not None else {}
    return render_template(
        "oversight/staff/counted_petitions.html",
        rows=[(item, feedback_rules.may_read(reach, feedback_queries.standing_of(item))) for item in found],
        span=asked.span,
        column=words.COLUMNS[column],
        said=said,
        kinds=feedback_words.KINDS,
        statuses=feedback_words.STATUSES,
        back=url_for(".counting_tables", **_arguments()),
        next=url_for(".counted_petitions", cot=column, sau=found[-1].id, **_arguments(), **place) if len(found) == petitions.PAGE else "",
    )


def _row_asked() -> tuple[By | None, Any, str]:
    """Return which row the address names, as the query takes it, and what it is called; 404 for one there is not."""
    theo, dong = request.args.get("theo", ""), request.args.get("dong", "")
    by = next((each for each, code in _CODES.items() if code == theo), None)
    if by is None:
        return None, None, ""
    if by == By.UNIT:
        unit: Unit | None = unit_by_code(dong)
        if unit is None:
            abort(404)
        return by, unit.id, unit.name
    if by == By.KIND and dong in list(Kind):
        return by, dong, str(feedback_words.KINDS[Kind(dong)])
    if by != By.COMPETENCE or dong not in petitions.COMPETENCE:
        abort(404)
    return by, dong, str(words.COMPETENCES[dong])
