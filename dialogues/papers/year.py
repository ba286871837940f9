"""The papers of a unit's year: the plan, and the section on dialogues of its yearly report."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import selectinload

from app.assignments.rules import State
from app.calendar.days import ONE_DAY
from app.clock import LOCAL
from app.database import db
from dialogues import board, words
from dialogues.duties import Span
from dialogues.earlier import KEPT
from dialogues.models import Question, Session, YearPlan
from dialogues.papers import parts
from dialogues.papers.parts import Body, Section, Table, Words
from dialogues.queries import raised
from dialogues.rules import DEFERRED

_QUARTERS = ("", "I", "II", "III", "IV")


def year_plan(plan: YearPlan, say: Words) -> Body:
    """Who meets whom about what in which quarter."""
    rows = [
        [
            f"Quý {_QUARTERS[line.quarter]}",
            line.topic,
            "; ".join(filter(None, (line.audience, line.place.full_name if line.place else ""))),
            line.head,
            str(words.FORMS[line.form]),
        ]
        for line in sorted(plan.lines, key=lambda line: (line.quarter, line.position))
    ]
    head = ("STT", "Thời gian", "Nội dung", "Thành phần, địa bàn", "Người đối thoại", "Hình thức")
    table = parts.table("Các buổi đối thoại trong năm", head, (1, 2, 5, 4, 3, 3), rows)
    return Body(
        name="Kế hoạch",
        about=f"Đối thoại với Nhân dân năm {plan.year}",
        sections=[
            Section("purpose", "I. Mục đích, yêu cầu", say["purpose"]),
            Section("meetings", "II. Nội dung, thời gian", "" if rows else parts.TO_WRITE, table),
            Section("carrying_out", "III. Tổ chức thực hiện", say["carrying_out"]),
        ],
    )


def year_report(plan: YearPlan, say: Words) -> Body:
    """What the year's sessions came to: "đề nghị bổ sung thêm một mục: công tác tổ chức tiếp xúc, đối thoại"."""
    sessions = held(Session.unit_id == plan.unit_id, Span(dt.date(plan.year, 1, 1), dt.date(plan.year, 12, 31)))
    made, kept = promises(sessions)
    table = table_of(sessions)
    planned = len(plan.lines)
    return Body(
        name="Báo cáo",
        about=f"Công tác tiếp xúc, đối thoại với Nhân dân năm {plan.year}",
        sections=[
            Section("results", "I. Kết quả", f"Kế hoạch năm có {planned} buổi; đã tổ chức {len(sessions)} buổi.", table),
            Section(
                "promises",
                "II. Việc đã cam kết với Nhân dân",
                f"Tổng số {made} việc được giao: đã thực hiện {kept}, chưa thực hiện {made - kept}.",
            ),
            Section("faults", "III. Hạn chế, nguyên nhân", parts.TO_WRITE),
            Section("next", "IV. Phương hướng", parts.TO_WRITE),
            Section("closing", "", say["closing"]),
        ],
    )


def _promised(session: Session) -> list[bool]:
    """Return of each promise of *session* whether it was kept."""
    instructed = [each.state in KEPT for each in session.promises if each.state != State.CANCELLED]
    return instructed + [
        each.feedback.answered_at is not None for each in raised(session) if each.feedback is not None and each.promised_on
    ]


def held(of: ColumnElement[bool], span: Span) -> list[Session]:
    """Return the sessions *of* some units which were held in *span*, those without a line of a plan too; with what a report counts."""
    query = db.select(Session).where(of, Session.status.in_(board.HELD), begins_in(span))
    query = query.options(selectinload(Session.promises), selectinload(Session.questions).selectinload(Question.feedback))
    return list(db.session.scalars(query.order_by(Session.starts_at, Session.id)))


def begins_in(span: Span) -> ColumnElement[bool]:
    """Say that a session begins on a day of *span*."""
    begin, end = (dt.datetime.combine(day, dt.time(), LOCAL) for day in (span.first, span.last + ONE_DAY))
    return and_(Session.starts_at >= begin, Session.starts_at < end)


def table_of(sessions: list[Session]) -> Table | None:
    """Return *sessions* as a report shows them: what was asked, answered there, put off, and promised."""
    rows = []
    for session in sessions:
        put = raised(session)
        later = sum(question.answer_kind in DEFERRED for question in put)
        day = parts.short_day(session.day)
        rows.append([day, session.topic, str(len(put)), str(len(put) - later), str(later), str(len(_promised(session)))])
    head = ("STT", "Ngày", "Chủ đề", "Kiến nghị", "Trả lời tại chỗ", "Trả lời sau", "Việc giao")
    return parts.table("Các buổi đối thoại", head, (2, 5, 11, 4, 4, 4, 4), rows)


def promises(sessions: list[Session]) -> tuple[int, int]:
    """Return how many promises were made in *sessions*, and how many of these were kept."""
    found = [promise for session in sessions for promise in _promised(session)]
    return len(found), sum(found)
