"""What a report of a unit says: drafted from its data; an officer puts the words around them. Vietnamese whatever the page speaks."""

from __future__ import annotations

import datetime as dt

from app import clock
from app.assignments.rules import Duty
from app.clock import local_date
from app.formats import format_percent, upper_first
from app.permissions import Reach
from app.units.models import Unit
from dialogues.duties import Span
from dialogues.papers import parts, year
from dialogues.papers.parts import Section, Table
from dialogues.rules import AnswerKind
from feedback import words as feedback_words
from oversight import papers, reports
from oversight.figures import Dimension, Figure, Row
from oversight.models import OversightPaper, Report
from oversight.papers import Body
from oversight.reports import dialogue as reporting_dialogue
from oversight.reports import petitions, reporting
from oversight.reports.dialogue import Dialogues, Left
from oversight.reports.petitions import By
from oversight.rules import reports as rules
from oversight.rules.papers import PaperType
from oversight.rules.reports import Period, State

GROUNDS = ("Căn cứ chương trình, kế hoạch thực hiện dân chủ ở cơ sở",)
#: How many promises that are not done the section on dialogues names; the register has them all.
LEFT_MOST = 15
#: How many units that have not handed up are named in the text; the table has them all.
MISSING_MOST = 20
_WHEN = {
    State.HANDED_UP: "đã nộp, chờ tiếp nhận",
    State.ACCEPTED: "đã tiếp nhận",
    State.RETURNED: "đã trả lại, đang làm lại",
}
_COLUMNS = (
    ("carried", "Kỳ trước chuyển sang"),
    ("received", "Tiếp nhận trong kỳ"),
    ("settled", "Đã giải quyết"),
    ("guided", "Hướng dẫn"),
    ("forwarded", "Chuyển đơn"),
    ("refused", "Từ chối"),
    ("filed", "Lưu"),
    ("withdrawn", "Rút"),
    ("in_hand", "Chưa xong"),
)


def _report(paper: OversightPaper) -> Body:
    report = reports.of_paper(paper.id)
    assert report is not None  # made with it
    span, today = Span(report.first_on, report.last_on), clock.today()
    to = (report.to.name,) if report.to is not None else ()
    sections = _plan() if report.period == Period.PLAN else _sections(report, span, today)
    return Body(
        name="Kế hoạch" if report.period == Period.PLAN else "Báo cáo",
        about=_about(report, span),
        sections=sections,
        grounds=GROUNDS,
        to=to,
    )


def counted_until(report: Report, today: dt.date) -> dt.date:
    """Return the last day that the numbers of *report* are about: of its period, as long as it is not over, the day they are read.

    They are read for the last time when its paper goes to be signed.
    """
    paper = report.paper
    read = local_date(paper.sent_at) if paper is not None and paper.sent_at is not None else today
    return report.last_on if report.period == Period.PLAN else min(report.last_on, read)


def _about(report: Report, span: Span) -> str:
    if report.period == Period.HALF_YEAR:
        return f"Kết quả thực hiện dân chủ ở cơ sở 6 tháng đầu năm {report.year}"
    if report.period == Period.YEAR:
        return f"Kết quả thực hiện dân chủ ở cơ sở năm {report.year}"
    if report.period == Period.PLAN:
        return f"Thực hiện dân chủ ở cơ sở năm {report.year}"
    return f"{upper_first(report.title)} (từ {parts.short_day(span.first)} đến {parts.short_day(span.last)})"


def _plan() -> list[Section]:
    return [
        Section("purpose", "I. Mục đích, yêu cầu", parts.TO_WRITE),
        Section("tasks", "II. Nhiệm vụ, thời gian, người chịu trách nhiệm", parts.TO_WRITE),
        Section("carrying_out", "III. Tổ chức thực hiện", parts.TO_WRITE),
    ]


def _sections(report: Report, span: Span, today: dt.date) -> list[Section]:
    unit = report.unit
    body = [_leading(), _petitions(unit, span), _dialogue(unit, span, today), _promises(unit, span, today), _supervision(unit, span)]
    if (below := _below(report, span, today)) is not None:
        body.append(below)
    heads = ("", *(f"{number}. " for number in ("I", "II", "III", "IV", "V", "VI", "VII", "VIII")))
    numbered = [
        *body,
        Section("faults", "Hạn chế, nguyên nhân", parts.TO_WRITE),
        Section("next", "Phương hướng, kiến nghị", parts.TO_WRITE),
    ]
    until = parts.short_day(counted_until(report, today))
    opening = f"{unit.name} báo cáo, số liệu từ ngày {parts.short_day(span.first)} đến ngày {until}, như sau:"
    return [Section("opening", "", opening)] + [
        Section(each.name, f"{heads[place]}{each.heading}", each.text, each.table, each.fixed, each.appendix)
        for place, each in enumerate(numbered, start=1)
    ]


def _leading() -> Section:
    return Section("leading", "Lãnh đạo, chỉ đạo, tuyên truyền", parts.TO_WRITE)


def _petitions(unit: Unit, span: Span) -> Section:
    rows = petitions.tables(reporting.petitions_asked(unit, span))[By.KIND]
    whole = petitions.total(rows)
    text = (
        f"Phải giải quyết {whole['total']} phản ánh, kiến nghị, khiếu nại ({whole['carried']} từ kỳ trước chuyển sang, "
        f"{whole['received']} tiếp nhận trong kỳ). Đã giải quyết {whole['settled']}, hướng dẫn {whole['guided']}, chuyển cơ quan khác "
        f"{whole['forwarded']}, từ chối {whole['refused']}, lưu {whole['filed']}, người gửi rút {whole['withdrawn']}; "
        f"chưa giải quyết xong {whole['in_hand']}. Tố cáo báo cáo riêng theo quy định."
    )
    cells = [[upper_first(str(feedback_words.KINDS[row.key])), *(str(row[name]) for name, _head in _COLUMNS)] for row in rows]
    cells = [*cells, ["Cộng", *(str(whole[name]) for name, _head in _COLUMNS)]] if rows else []
    head = ("STT", "Loại", *(head for _name, head in _COLUMNS))
    return Section("petitions", "Tiếp nhận, giải quyết phản ánh, kiến nghị", text, parts.table(
        "Tiếp nhận, giải quyết theo loại", head, (2, 6, *(3,) * len(_COLUMNS)), cells
    ))  # fmt: skip


def _dialogue(unit: Unit, span: Span, today: dt.date) -> Section:
    """The section that Hướng dẫn 04-HD/BDVTU (Kon Tum), III, asks for: law.md §6 item 15, oversight.reports.dialogue."""
    found = reporting_dialogue.dialogues(unit, span, today)
    text = parts.lines(_organised(found, span), _said_there(found), _given_there(found), *_not_done(found.left))
    return Section("dialogue", "Công tác tiếp xúc, đối thoại với Nhân dân", text, year.table_of(found.sessions))


def _organised(found: Dialogues, span: Span) -> str:
    """II.2.1: "xây dựng chương trình, kế hoạch … định kỳ hoặc đột xuất khi có vấn đề mới phát sinh"."""
    return parts.joined(
        f"Kế hoạch trong kỳ có {found.planned} buổi; đã tổ chức {len(found.sessions)} buổi đối thoại"
        f"{f' ({found.unplanned} buổi ngoài kế hoạch), {found.people} lượt người dự' if found.sessions else ''}"
        f"{f'; hoãn hoặc hủy {found.put_off} buổi' if found.put_off else ''}.",
        f"Năm {span.last.year} có {found.owing} đơn vị phải đối thoại, {found.met} đơn vị đã đủ số buổi." if found.owing else "",
    )


def _said_there(found: Dialogues) -> str:
    """II.2.2 d: "trực tiếp trả lời hoặc phân công đại diện … trả lời … hoặc xin tiếp thu trả lời bằng văn bản"."""
    said, later = found.answers, found.answers[AnswerKind.IN_WRITING]
    if not said:
        return ""
    return (
        f"Nhân dân nêu {said.total()} ý kiến, kiến nghị: người chủ trì trả lời tại chỗ {said[AnswerKind.BY_CHAIR]}, người được phân công "
        f"trả lời tại chỗ {said[AnswerKind.BY_DELEGATE]}, tiếp thu để trả lời bằng văn bản {later} (đã trả lời {found.written}, chưa "
        f"trả lời {later - found.written}), chuyển cấp có thẩm quyền {said[AnswerKind.FORWARDED]}."
    )


def _given_there(found: Dialogues) -> str:
    """II.2.2 f and II.2.3: what the conclusion gave out, and the dossier."""
    if not found.sessions:
        return ""
    return (
        f"Đã kết luận {found.concluded} buổi, công khai kết quả {found.published} buổi, lưu đủ hồ sơ {found.archived} buổi. Việc đã cam "
        f"kết tại các buổi: {found.made}; đã thực hiện {found.kept}, chưa thực hiện {found.made - found.kept}."
    )


def _not_done(left: list[Left]) -> list[str]:
    """II.2.2 b: "nêu rõ những nội dung công việc đã thực hiện hoặc chưa (không) thực hiện (nêu rõ lý do)"."""
    if not left:
        return []
    shown = [
        f"- {upper_first(_quoted(each.what))}: {each.unit}, hạn {parts.short_day(each.due_on) if each.due_on else 'chưa định'}"
        f"{', đã quá hạn' if each.late else ''}{f'; lý do: {_quoted(each.why)}' if each.why else ''}."
        for each in left[:LEFT_MOST]
    ]
    more = f"- Và {len(left) - LEFT_MOST} việc khác trong sổ theo dõi." if len(left) > LEFT_MOST else ""
    return ["Việc chưa thực hiện:", *shown, more]


def _quoted(text: str) -> str:
    """Return words of others in one line, without the sign of what is still to be written, and without a full stop."""
    return " ".join(text.replace(parts.TO_WRITE, "...").split()).rstrip(".;")


def _promises(unit: Unit, span: Span, today: dt.date) -> Section:
    said = []
    for duty, word in ((Duty.ANSWER, "Việc phải trả lời"), (Duty.ACT, "Việc phải làm vì đã hứa")):
        row = reporting.promised(unit, span, duty, today)[0]
        said.append([word, *_cells(row)])
    head = ("STT", "Việc", "Đã giao trong kỳ", "Trong đó đã xong", "Chưa xong cuối kỳ", "Trong đó quá hạn", "Đúng hạn")
    text = "Số liệu từ sổ theo dõi việc đã hứa với Nhân dân; tỷ lệ đúng hạn tính trên việc đến hạn trong kỳ."
    table = parts.table("Việc đã hứa với Nhân dân", head, (2, 9, 4, 4, 4, 4, 6), said)
    return Section("promises", "Thực hiện việc đã hứa với Nhân dân", text, table)


def _cells(row: Row) -> list[str]:
    return [*(str(row[name].value) for name in ("made", "kept", "open", "overdue")), _share(row["on_time_share"])]


def _share(figure: Figure) -> str:
    if not figure.denominator:
        return "chưa có việc đến hạn"
    return f"{figure.numerator}/{figure.denominator} ({format_percent(figure.numerator or 0, figure.denominator)})"


def _supervision(unit: Unit, span: Span) -> Section:
    found = reporting.supervised(unit, span)
    text = parts.lines(
        f"Kết luận giám sát: {found.campaigns}. Kiến nghị sau giám sát: {found.recommended}, chưa thực hiện xong {found.recommended_open}.",
        f"Kiểm tra thực tế việc báo đã xong: {found.looks} lượt, chưa đúng thực tế {found.not_right}.",
        f"Văn bản đôn đốc, kiến nghị phải trả lời: {found.letters}, chưa trả lời {found.letters_open}.",
    )
    return Section("supervision", "Giám sát, kiểm tra", text)


def _below(report: Report, span: Span, today: dt.date) -> Section | None:
    """Return the table of those who report to this unit: what they handed up, and what the same queries count of each."""
    rows = reports.of_children(report.unit, report.period, report.year, today)
    if not rows:
        return None
    counted = {row.key: row for row in reporting.promised(report.unit, span, Duty.ANSWER, today, by=Dimension.UNIT_BELOW)}
    cells = []
    for each in rows:
        figures = counted.get(each.unit.id)
        numbers = _cells(figures) if figures is not None else ["0", "0", "0", "0", "chưa có việc đến hạn"]
        cells.append([each.unit.name, _standing(each), *numbers])
    missing = [row.unit.name for row in rows if not _is_up(row)]
    text = f"{len(rows) - len(missing)} trong {len(rows)} đơn vị đã nộp báo cáo."
    if len(missing) > MISSING_MOST:
        text += f" Chưa nộp: {len(missing)} đơn vị, ghi ở bảng dưới."
    elif missing:
        text += f" Chưa nộp: {'; '.join(missing)}."
    head = ("STT", "Đơn vị", "Báo cáo", "Việc trả lời giao trong kỳ", "Đã xong", "Chưa xong", "Quá hạn", "Đúng hạn")
    table: Table | None = parts.table("Báo cáo và số liệu của từng đơn vị", head, (2, 9, 6, 4, 3, 3, 3, 5), cells)
    return Section("units", "Báo cáo của các đơn vị", text, table)


def _is_up(row: reports.Row) -> bool:
    return row.report is not None and row.report.state in {State.HANDED_UP, State.ACCEPTED}


def _standing(row: reports.Row) -> str:
    if row.report is None or row.report.handed_up_at is None:
        return "chưa nộp"
    said = _WHEN.get(State(row.report.state), "đang làm lại")
    return f"{said}, nộp {parts.short_day(clock.local_date(row.report.handed_up_at))}{' (chậm)' if row.late_by else ''}"


def _reads(reach: Reach, paper: OversightPaper) -> bool:
    """A report is for whom it was handed up to, and whoever oversees; not a version that never went up."""
    report = reports.of_paper(paper.id)
    if report is None or report.handed_up_at is None:
        return False
    went_up = any(step.paper_id == paper.id and step.state == State.HANDED_UP for step in report.steps)
    return went_up and rules.may_read(reach, report.unit, report.to, up=True)


def register() -> None:
    """Let the papers of reports say this."""
    for type_ in (PaperType.REPORT, PaperType.UNIT_PLAN):
        papers.BODIES[type_] = _report
        papers.READERS[type_] = _reads
