"""What a year of dialogues came to, by unit: `/can-bo/doi-thoai/thong-ke`, to read and as a table; and what those present thought."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.files import send_made
from app.permissions import Permission
from dialogues import hall, statistics, words
from dialogues.rules import AnswerKind
from dialogues.statistics import MARKS, Year
from dialogues.views.staff.board import chosen_year
from dialogues.views.staff.pages import add_room, bp, load

add_room("dialogue_staff.evaluations", _l("Đánh giá"), "after", 5)

MARK_WORDS = {"heard": _l("Được nói, được nghe"), "answered": _l("Trả lời đúng điều hỏi"), "organised": _l("Tổ chức chu đáo")}


@bp.get("/thong-ke")
@requires(Permission.DIALOGUE_READ)
def year_statistics() -> str:
    """Show a year of the units in reach."""
    today = clock.today()
    year = chosen_year(today)
    rows = statistics.of_year(current_user.reach, year, today)
    return render_template(
        "dialogues/staff/statistics.html",
        rows=rows,
        whole=statistics.total(row for _unit, row in rows),
        year=year,
        years=[{"label": each, "url": url_for(".year_statistics", nam=each), "current": each == year} for each in _years(year, today.year)],
        kinds=list(AnswerKind),
        csv_url=url_for(".year_statistics_table", nam=year),
    )


def _years(chosen: int, now: int) -> list[int]:
    return sorted({chosen, now - 1, now})


@bp.get("/thong-ke.csv")
@requires(Permission.DIALOGUE_READ)
def year_statistics_table() -> Response:
    """Give the same as a table that any spreadsheet opens."""
    today = clock.today()
    year = chosen_year(today)
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(_headings())
    for unit, row in statistics.of_year(current_user.reach, year, today):
        table.writerow([_cell(unit.name), *_figures(row)])
    data = text.getvalue().encode("utf-8-sig")  # Excel reads Vietnamese only behind this mark
    return send_made(data, "text/csv; charset=utf-8", f"doi-thoai-{year}.csv")


def _headings() -> list[str]:
    return [
        _("Đơn vị"),
        _("Số buổi theo lịch"),
        _("Số buổi đã họp"),
        _("Lượt người dự"),
        _("Số câu hỏi"),
        *(str(words.ANSWER_KINDS[kind]) for kind in AnswerKind),
        _("Không hỏi tại buổi"),
        _("Việc đã cam kết"),
        _("Đã làm xong"),
        _("Chậm"),
        _("Số phiếu đánh giá"),
        *(str(MARK_WORDS[mark]) for mark in MARKS),
    ]


def _figures(row: Year) -> list[Any]:
    marks = [f"{mean:.2f}" if (mean := row.mean(mark)) is not None else "" for mark in MARKS]
    answers = [row.answers[kind] for kind in AnswerKind]
    return [
        row.planned,
        row.held,
        row.people,
        row.asked,
        *answers,
        row.asked - row.put,
        row.promised,
        row.kept,
        row.late,
        row.evaluated,
        *marks,
    ]


def _cell(text: str) -> str:
    """A spreadsheet takes what begins like this for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


@bp.get("/<code>/danh-gia")
@requires(Permission.DIALOGUE_READ)
def evaluations(code: str) -> str:
    """Show what those present thought of a session: each mark with how many gave it, and their words."""
    session = load(code)
    found = hall.evaluations(session)
    marks = [
        {
            "label": MARK_WORDS[mark],
            "mean": sum(getattr(each, mark) for each in found) / len(found) if found else None,
            "numbers": [sum(getattr(each, mark) == value for each in found) for value in (5, 4, 3, 2, 1)],
        }
        for mark in MARKS
    ]
    return render_template(
        "dialogues/staff/evaluations.html",
        session_=session,
        found=found,
        marks=marks,
        present=hall.present(session),
        open=hall.takes_evaluations(session, clock.now()),
        until=session.held_at + hall.EVALUATED_FOR if session.held_at else None,
    )
