"""Reports: what one's unit owes and wrote, what was handed up, who is late, one report from its draft to its end."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, TypeVar

from flask import abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app import clock
from app.access import requires, signed_in
from app.database import db
from app.files import send_made
from app.permissions import Permission
from dialogues.duties import Span
from oversight import papers as made
from oversight import reports as queries
from oversight.forms.reports import AdHocForm, WhyForm
from oversight.models import OversightPaper, Report, ReportDuty
from oversight.operations import papers
from oversight.operations import reports as operations
from oversight.papers import names, paperwork
from oversight.papers.reports import counted_until
from oversight.reports import words, workbook
from oversight.rules import reports as rules
from oversight.rules.papers import PaperState, PaperType
from oversight.rules.reports import Standing, State
from oversight.views.staff.pages import REFUSALS, bp, one_form, press

P = Permission
Row = TypeVar("Row")
#: Who has anything to do with reports; MTTQ and heads read those of the units they look after.
HANDS = (P.OVERSIGHT_REPORT, P.OVERSIGHT_REMIND, P.REGISTER_READ)
YEARS = range(2000, 2101)
#: How many rows of the board one page shows.
PAGE = 60
REFUSALS |= {
    operations.NotOwed: _l("Năm này đơn vị không phải nộp báo cáo ấy. Cần thì lập báo cáo đột xuất."),
    operations.NobodyAbove: _l("Chưa có nơi nhận báo cáo này. Nhờ quản trị viên đặt cơ quan thường trực."),
    operations.PeriodBackwards: _l("Ngày cuối kỳ đứng trước ngày đầu kỳ. Sửa một trong hai."),
}


def _page_of_report(paper: OversightPaper) -> str | None:
    report = queries.of_paper(paper.id)
    if report is None or not queries.may_read(current_user.reach, report):
        return None
    return url_for("oversight.report", report_id=report.id)


made.ABOUT.update(dict.fromkeys((PaperType.REPORT, PaperType.UNIT_PLAN), _page_of_report))


def asked_year() -> int:
    """Return the year that the address names, this one where it names none."""
    year = request.args.get("nam", 0, type=int)
    return year if year in YEARS else clock.today().year


def paged(found: Sequence[Row]) -> tuple[Sequence[Row], dict[str, Any]]:
    """Return the rows of the page that the address names, and what the pager draws."""
    last = max(len(found) - 1, 0) // PAGE + 1
    page = min(max(request.args.get("trang", 1, type=int), 1), last)
    shown = found[(page - 1) * PAGE : page * PAGE]
    asked: dict[str, Any] = {name: request.args[name] for name in ("nam", "tinh-trang") if name in request.args}

    def url(number: int) -> str | None:
        return url_for(request.endpoint or "", trang=number, **asked) if 1 <= number <= last else None

    begin = (page - 1) * PAGE
    summary = _("%(first)s đến %(last)s trong %(total)s", first=begin + 1, last=begin + len(shown), total=len(found)) if last > 1 else ""
    return shown, {"previous_url": url(page - 1), "next_url": url(page + 1), "summary": summary}


def to_receive_count() -> int:
    """Return how many reports wait to be accepted by the person who looks, for the tab."""
    return len(queries.to_receive(current_user.reach))


@bp.get("/bao-cao")
@requires(*HANDS)
def reports() -> str:
    """Show what the person's unit owes this year, what it wrote, and what was handed up to it."""
    unit, reach, year, today = current_user.unit, current_user.reach, asked_year(), clock.today()
    writes = rules.may_write(reach, unit)
    rows = queries.board(reach, year, today)
    return render_template(
        "oversight/staff/reports.html",
        unit=unit,
        year=year,
        this_year=today.year,
        owed=queries.of_unit(unit, year, today),
        counted=_counts(rows, year) if any(row.unit.id != unit.id for row in rows) else [],
        reads=lambda row: queries.may_read(reach, row),
        written=queries.written_for(unit) if writes else [],
        received=queries.to_receive(reach),
        writes=writes,
        words=words,
        turn=_turn,
        form=FlaskForm(),
    )


def _turn(row: Report) -> str:
    """Say whose turn it is with a report."""
    return words.turn(row, paperwork.waits_for(row.paper, clock.today()) if row.paper is not None else [])


def _counts(rows: list[queries.Row], year: int) -> list[dict[str, Any]]:
    """Return of how many reports how they stand, each with the address of these."""
    numbers = {each: sum(row.standing == each for row in rows) for each in Standing}
    return [
        {
            "label": words.STANDINGS[each][0],
            "number": number,
            "url": url_for(".reports_late", nam=year, **{"tinh-trang": each}),
            "tone": "late" if each == Standing.LATE else "",
        }
        for each, number in numbers.items()
        if number
    ]


@bp.post("/bao-cao/soan/<int:duty_id>/<int:year>")
@requires(P.OVERSIGHT_REPORT)
def begin_report(duty_id: int, year: int) -> Response:
    """Draft the report of one's unit from its data."""
    duty = db.get_or_404(ReportDuty, duty_id)
    if year not in YEARS:
        abort(404)
    if not rules.may_write(current_user.reach, current_user.unit):
        abort(403)
    found: list[Report] = []

    def do() -> None:
        found.append(operations.begin(current_user.unit, duty, year, actor=current_user, now=clock.now()))

    done = _("Đã soạn từ dữ liệu của đơn vị. Đọc lại từng phần rồi trình ký.")
    return press(do, done=done, back=url_for(".reports", nam=year), to=lambda: _paper_of(found[0]))


def _paper_of(report: Report) -> str:
    if report.paper is None:
        return _page(report.id)
    return url_for(".oversight_paper", uid=report.paper.uid)


@bp.route("/bao-cao/moi", methods=["GET", "POST"])
@requires(P.OVERSIGHT_REPORT)
def new_report() -> Any:
    """Begin a report that was asked for once."""
    if not rules.may_write(current_user.reach, current_user.unit):
        abort(403)
    form = AdHocForm()
    found: list[Report] = []

    def do() -> None:
        assert form.first_on.data is not None
        assert form.last_on.data is not None
        about = Span(form.first_on.data, form.last_on.data)
        found.append(
            operations.begin_ad_hoc(
                current_user.unit, form.title.data or "", about, due_on=form.due_on.data, actor=current_user, now=clock.now()
            )
        )

    return one_form(
        form,
        do,
        done=_("Đã soạn từ dữ liệu của đơn vị. Đọc lại từng phần rồi trình ký."),
        back=url_for(".reports"),
        to=lambda: _paper_of(found[0]),
        title=_("Báo cáo đột xuất"),
        submit=_("Soạn từ dữ liệu"),
        crumb=_("Báo cáo"),
    )


def load(report_id: int) -> Report:
    """Return a report for whoever may read it; else 404."""
    row = queries.by_id(report_id, current_user.reach)
    if row is None:
        abort(404)
    return row


@bp.get("/bao-cao/<int:report_id>")
@signed_in
def report(report_id: int) -> str:
    """Show a report: where it stands, what was done with it, and what may be done now."""
    row, reach = load(report_id), current_user.reach
    receives = rules.may_receive(reach, row.unit, row.to)
    writes = rules.may_write(reach, row.unit)
    return render_template(
        "oversight/staff/report.html",
        report=row,
        until=counted_until(row, clock.today()),
        steps=queries.history_of(row),
        words=words,
        names=names,
        turn=_turn(row),
        signs=row.paper is not None and row.paper.state == PaperState.SENT and papers.may_sign(reach, row.paper),
        numbers=row.paper is not None and row.paper.state == PaperState.SIGNED and papers.may_number(reach, row.paper, clock.today()),
        reads_paper=row.paper is not None and papers.may_read(reach, row.paper, clock.today()),
        may_read_paper=lambda paper: papers.may_read(reach, paper, clock.today()),
        may_hand_up=writes and row.state == State.SIGNED_OFF and row.to is not None,
        may_write_again=writes and row.state == State.RETURNED,
        may_decide=receives and row.state == State.HANDED_UP,
        late=row.due_on is not None and row.state not in rules.UP and clock.today() > row.due_on,
        form=FlaskForm(),
    )


@bp.post("/bao-cao/<int:report_id>/nop")
@requires(P.OVERSIGHT_REPORT)
def hand_up_report(report_id: int) -> Response:
    """Hand it up."""
    row = load(report_id)
    if not rules.may_write(current_user.reach, row.unit):
        abort(403)
    return press(lambda: operations.hand_up(row, actor=current_user, now=clock.now()), done=_("Đã nộp báo cáo."), back=_page(report_id))


@bp.post("/bao-cao/<int:report_id>/tiep-nhan")
@requires(P.OVERSIGHT_REPORT, P.OVERSIGHT_REMIND)
def accept_report(report_id: int) -> Response:
    """Accept what was handed up."""
    row = load(report_id)
    if not rules.may_receive(current_user.reach, row.unit, row.to):
        abort(403)
    return press(
        lambda: operations.accept(row, actor=current_user, now=clock.now()), done=_("Đã tiếp nhận báo cáo."), back=_page(report_id)
    )


@bp.route("/bao-cao/<int:report_id>/tra-lai", methods=["GET", "POST"])
@requires(P.OVERSIGHT_REPORT, P.OVERSIGHT_REMIND)
def return_report(report_id: int) -> Any:
    """Return what was handed up, and say why."""
    row = load(report_id)
    if not rules.may_receive(current_user.reach, row.unit, row.to):
        abort(403)
    form = WhyForm()
    return one_form(
        form,
        lambda: operations.send_back(row, form.why.data or "", actor=current_user, now=clock.now()),
        done=_("Đã trả lại báo cáo."),
        back=_page(report_id),
        title=_("Trả lại báo cáo"),
        submit=_("Trả lại"),
        crumb=row.title,
        intro=[_("%(unit)s soạn lại, ký và nộp bản khác.", unit=row.unit.name)],
    )


@bp.post("/bao-cao/<int:report_id>/soan-lai")
@requires(P.OVERSIGHT_REPORT)
def write_report_again(report_id: int) -> Response:
    """Begin another paper in the place of the one that was returned."""
    row = load(report_id)
    if not rules.may_write(current_user.reach, row.unit):
        abort(403)
    done = _("Đã soạn bản mới, giữ lời văn của bản trước. Số liệu lấy lại từ dữ liệu.")
    return press(lambda: operations.write_again(row, actor=current_user, now=clock.now()), done=done, back=_page(report_id))


@bp.get("/bao-cao/<int:report_id>/bang-so-lieu.xlsx")
@signed_in
def report_sheet(report_id: int) -> Response:
    """Give the tables of a report as a spreadsheet: the numbers that its paper has, frozen with it."""
    row = load(report_id)
    if row.paper is None or not papers.may_read(current_user.reach, row.paper, clock.today()):
        abort(404)
    facts = made.facts_of(row.paper)
    note = f"{row.unit.name}, {row.title}"
    sheets = [
        workbook.Sheet(section["table"]["caption"], note, section["table"]["head"], section["table"]["rows"])
        for section in facts["sections"]
        if section["table"]
    ]
    return sent(sheets or [workbook.Sheet(_("Không có bảng số liệu"), note, (), ())], f"bao-cao-{row.id}.xlsx")


def sent(sheets: list[workbook.Sheet], name: str) -> Response:
    """Return *sheets* as a file to be saved."""
    file = io.BytesIO()
    workbook.write(file, sheets)
    return send_made(file.getvalue(), workbook.MEDIA_TYPE, name)


@bp.get("/bao-cao/ai-cham")
@requires(*HANDS)
def reports_late() -> str:
    """Show each duty of each unit that the person looks after: who handed up, who is late."""
    year = asked_year()
    rows = queries.board(current_user.reach, year, clock.today())
    asked = request.args.get("tinh-trang", "")
    chosen = asked if asked in list(Standing) else ""
    found = [row for row in rows if not chosen or row.standing == chosen]
    shown, pages = paged(found)
    return render_template(
        "oversight/staff/reports_late.html",
        rows=shown,
        pages=pages,
        turn=lambda row: _turn(row.report) if row.report is not None and row.report.state in rules.UP else "",
        numbers={each: sum(row.standing == each for row in rows) for each in Standing},
        chosen=chosen,
        year=year,
        total=len(rows),
        words=words,
        reads=lambda row: row.report is not None and queries.may_read(current_user.reach, row.report),
    )


def _page(report_id: int) -> str:
    return url_for(".report", report_id=report_id)
