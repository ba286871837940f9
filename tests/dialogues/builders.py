"""Sessions as they stand at each status. Plain functions; they flush."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from app.accounts.models import User
from app.audit import record
from app.database import db
from dialogues.models import (
    Chair,
    DossierRow,
    MinutesSignature,
    MinutesVersion,
    PlanLine,
    Session,
    SessionPaper,
    SessionStaff,
    YearPlan,
)
from dialogues.operations import reports, steps
from dialogues.rules import DOSSIER, SERIES, ChairPart, Form, PaperFormat, PaperState, PaperType, PlanState, StaffDuty, Status
from tests.feedback.builders import MONDAY, Province, at
from tests.feedback.builders import make_province as make_province

_number = itertools.count(1)

#: Four weeks after MONDAY, in the morning.
DAY = at(28, 8)


def plan(province: Province, **over: Any) -> YearPlan:
    """Return the stored plan of the ward for a year."""
    made = _plan(province, **over)
    db.session.add(made)
    db.session.flush()
    return made


def _plan(province: Province, *, state: PlanState = PlanState.APPROVED, lines: int = 1, year: int = 2026, **over: Any) -> YearPlan:
    made = YearPlan(
        unit=province.ward, year=year, state=state, number="01/KH-UBND", approved_on=dt.date(year, 1, 15), created_at=MONDAY, **over
    )
    for position in range(1, lines + 1):
        line = PlanLine(
            position=position,
            quarter=3,
            topic="Giải phóng mặt bằng đường Thiên Đức",
            audience="Các hộ dân tổ dân phố 4",
            form=Form.IN_PERSON,
        )
        made.lines.append(line)
    return made


def draft(province: Province, **over: Any) -> Session:
    """Return a session of the ward that nothing was prepared for."""
    session = _draft(province, **over)
    db.session.add(session)
    db.session.flush()
    return session


def _draft(province: Province, **over: Any) -> Session:
    values: dict[str, Any] = {
        "code": f"BN-DT-26-{next(_number):03}",
        "topic": "Giải phóng mặt bằng đường Thiên Đức",
        "audience": "Các hộ dân tổ dân phố 4",
        "starts_at": DAY,
        "ends_at": DAY + dt.timedelta(hours=3),
        "created_at": MONDAY,
    } | over
    session = Session(unit=province.ward, place_id=province.place.id, **values)
    session.chairs.append(
        Chair(position=1, part=ChairPart.CHAIR, unit=province.ward, name="Nguyễn Thị Bình", title="Chủ tịch Ủy ban nhân dân phường")
    )
    session.chairs.append(
        Chair(position=2, part=ChairPart.CO_ORGANISER, unit=province.front, name="Trần Văn Khoa", title="Chủ tịch Ủy ban MTTQ phường")
    )
    return session


def issue(session: Session, *types: PaperType) -> None:
    """Have papers of these types numbered."""
    _issue(session, *types)
    db.session.flush()


def _issue(session: Session, *types: PaperType) -> None:
    for type_ in types:
        number = next(_number)
        session.papers.append(
            SessionPaper(
                unit=session.unit, type=type_, format=PaperFormat.STATE, state=PaperState.NUMBERED, series=SERIES[type_],
                number=f"{number}/{SERIES[type_]}-UBND", numbered_year=2026, numbered_on=MONDAY.date(), created_at=MONDAY,
            )
        )  # fmt: skip


def _prepare_for(session: Session, to: Status, province: Province) -> None:
    """Provide what the step to *to* asks for."""
    if to is Status.PLANNED:
        session.plan_line = _plan(province, version=next(_number)).lines[0]
    elif to is Status.ANNOUNCED:
        session.house_rules = "Phát biểu ngắn gọn, mỗi người không quá năm phút."
        session.staff.append(SessionStaff(user=province.officer, duty=StaffDuty.SECRETARY))
        _issue(session, PaperType.PROGRAMME, PaperType.INVITATION, PaperType.NOTICE)
    elif to is Status.READY:
        session.concerns, session.concerns_done_at = "Người dân hỏi nhiều về giá đền bù.", MONDAY
    elif to is Status.IN_SESSION:
        session.chairs[0].present = session.staff[0].present = True
    elif to is Status.CONCLUDED:
        version = MinutesVersion(number=1, text="Biên bản.", at=DAY)
        version.signatures += [MinutesSignature(part=part, user=province.officer, at=DAY) for part in ("chair", "secretary")]
        session.minutes.append(version)
        _issue(session, PaperType.CONCLUSION)
    elif to is Status.PUBLISHED:
        session.names_reviewed_at = DAY
    elif to is Status.ARCHIVED:
        session.dossier += [DossierRow(code=row.code, position=place, absent_why="Không có.") for place, row in enumerate(DOSSIER)]


#: When each step of the way is taken.
WAY = {
    Status.PLANNED: MONDAY,
    Status.ANNOUNCED: at(14),
    Status.READY: at(26),
    Status.IN_SESSION: DAY,
    Status.HELD: DAY + dt.timedelta(hours=3),
    Status.CONCLUDED: at(30),
    Status.PUBLISHED: at(32),
    Status.ARCHIVED: at(40),
}


def walked(province: Province, head: User, status: Status, **over: Any) -> Session:
    """Return a session that went the whole way to *status*, taken there by *head* step by step, as people do."""
    session = draft(province, **over)
    for to, when in _way(status):
        _prepare_for(session, to, province)
        steps.move(session, to, overrides={}, actor=head, now=when)
    assert session.status == status
    return session


def session_at(province: Province, head: User, status: Status, **over: Any) -> Session:
    """Return a session as `walked` leaves it (test_steps.py holds the two against each other), stored in one go: a tenth of the time."""
    session, first = _draft(province, **over), db.session.scalar(db.select(Session.id).where(Session.held_at.is_not(None)).limit(1)) is None
    with db.session.no_autoflush:
        for to, when in _way(status):
            _prepare_for(session, to, province)
            session.status = to
            if to in steps.STAMPS:
                setattr(session, steps.STAMPS[to], when)
    if first:  # nothing was promised yet, and looking for it takes as long as all the rest
        session.promises_frozen_at = session.ready_at
    db.session.add(session)
    db.session.flush()
    if session.ready_at and not first:
        reports.freeze_promises(session, session.ready_at)
    for to, when in _way(status):
        record(head, f"session.{to}", session, at=when)
    db.session.flush()
    return session


def _way(status: Status) -> list[tuple[Status, dt.datetime]]:
    """Return the steps to *status*, each with when it is taken."""
    return list(WAY.items())[: [Status.DRAFT, *WAY].index(status)]
