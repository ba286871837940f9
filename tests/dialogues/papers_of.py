"""A session with something in every room, so that each of its papers has something to say. Plain functions; they flush."""

from __future__ import annotations

import datetime as dt

from app.accounts.models import User
from app.assignments.rules import Duty, State
from app.database import db
from app.units.models import Unit, UnitKind
from dialogues.models import (
    AgendaItem,
    Attendance,
    Chair,
    ConclusionAssignment,
    EarlierPromise,
    Hall,
    HandVote,
    Invitation,
    Question,
    Session,
    SessionPaper,
    SessionStaff,
    Theme,
)
from dialogues.rules import (
    OF_YEAR,
    SERIES,
    AnswerKind,
    CountedIn,
    GuestKind,
    Origin,
    PaperFormat,
    PaperType,
    Part,
    PublicForm,
    QuestionState,
    StaffDuty,
)
from tests import factories
from tests.dialogues import builders
from tests.dialogues.builders import DAY, Province
from tests.feedback.builders import MONDAY, at, received

#: What breaks papers: markup of three languages, a sign beyond the basic plane, no end of a name.
ODD = 'Nguyễn Đặng & "Con" <b>#panic()</b> $x$ {{ 7*7 }} 🎉'
LONG = ("Công ty trách nhiệm hữu hạn một thành viên đầu tư xây dựng và phát triển hạ tầng khu công nghiệp Quế Võ " * 2)[:200].strip()


def party_of(province: Province) -> Unit:
    """Return the ward's Party committee."""
    above = factories.make_unit(name="Tỉnh ủy Bắc Ninh", kind=UnitKind.PARTY)
    return factories.make_unit(
        parent=above, name="Đảng ủy phường Kinh Bắc", kind=UnitKind.PARTY, level="commune", place_id=province.place.id
    )


def session(province: Province, secretary: User) -> Session:
    """Return a session of the ward at which everything happened."""
    province.ward.name = "Ủy ban nhân dân phường Kinh Bắc"
    made = builders.draft(
        province,
        plan_line=builders.plan(province).lines[0],
        house_rules="Phát biểu ngắn gọn, đúng chủ đề.\nMỗi người không quá năm phút.",
        concerns="Người dân hỏi nhiều về giá đền bù đất.",
        conclusion="Phường tiếp thu đầy đủ ý kiến của Nhân dân.",
        questions_until=at(25, 17),
        begun_at=DAY,
        promises_frozen_at=MONDAY,
        held_at=DAY + dt.timedelta(hours=3),
    )
    made.halls += [Hall(position=1, name="Hội trường phường", address="số 5 đường Thiên Đức"), Hall(position=2, name="Nhà văn hóa tổ 4")]
    made.staff.append(SessionStaff(user=secretary, duty=StaffDuty.SECRETARY))
    made.chairs.append(Chair(position=3, unit=province.ward, name="Đỗ Văn Hùng", title="Bí thư Đảng ủy phường"))
    for position, (part, title, minutes) in enumerate(
        [(Part.INTRODUCTION, "Giới thiệu đại biểu", 10), (Part.FLOOR, "Nhân dân phát biểu", 90), (Part.CONCLUSION, "Kết luận", 20)]
    ):
        made.agenda.append(AgendaItem(position=position, part=part, title=title, presenter="Bà Nguyễn Thị Bình", minutes=minutes))
    for position, (kind, name, title) in enumerate(
        [(GuestKind.UNIT, "Sở Xây dựng", ""), (GuestKind.PERSON, ODD, "đại diện hộ kinh doanh"), (GuestKind.GROUP, LONG, "")]
    ):
        guest = Invitation(
            position=position, kind=kind, name=name, title=title, link_digest=f"{made.id}-{position}", check_in_code=f"K{position}"
        )
        made.invitations.append(guest)
    db.session.flush()
    theme = Theme(session_id=made.id, position=1, title="Đền bù")
    made.themes.append(theme)
    asked = [
        ("Giá đền bù đất ở là bao nhiêu?", AnswerKind.BY_CHAIR, "Theo bảng giá 2026."),
        ("Bao giờ có đèn đường ngõ 3?", AnswerKind.IN_WRITING, ""),
    ]
    for position, (words, kind, answer) in enumerate(asked):
        question = Question(
            session_id=made.id, theme=theme, origin=Origin.FLOOR, state=QuestionState.ACCEPTED, for_the_day=True, position=position,
            text=words, answer_kind=kind, answer=answer, asked_at=DAY, comes_from="tổ 4",
            rejected=position == 0, rejected_wants="bảng giá mới",
        )  # fmt: skip
        question.asker = "Trần Hữu Đức"
        made.questions.append(question)
    later = made.questions[1]
    later.feedback, later.promised_on, later.public_form = received(), dt.date(2026, 9, 15), PublicForm.SITE
    db.session.flush()
    made.promises.append(
        ConclusionAssignment(
            question=made.questions[1],
            duty=Duty.ACT,
            title="Lắp đèn đường ngõ 3",
            unit=province.works,
            from_unit_id=province.ward.id,
            state=State.OFFERED,
            opened_at=DAY,
            due_on=dt.date(2026, 12, 30),
            public_form=PublicForm.POSTED,
            supporting_ids=[province.roads.id],
        )
    )
    made.attendances.append(Attendance(session_id=made.id, invitation=made.invitations[1], at=DAY))
    come = Attendance(session_id=made.id, comes_from="thôn Đồng Tiến", people=3, at=DAY)
    come.name = "Lưu Quỹ Ẩn"
    made.attendances.append(come)
    made.hand_votes.append(
        HandVote(
            session_id=made.id, subject="Phương án tái định cư", counted_in=CountedIn.HOUSEHOLDS, agree=33, disagree=60, present=101, at=DAY
        )
    )
    db.session.flush()
    for done, title, why in ((True, "Sửa cống chợ Nhớn", ""), (False, "Trải nhựa đường Bãi", "chưa bố trí được vốn")):
        made.earlier.append(
            EarlierPromise(
                session_id=made.id,
                assignment=made.promises[0] if done else _another(made, province),
                title=title,
                unit_name="Sở Xây dựng",
                due_on=dt.date(2026, 6, 30),
                done=done,
                done_on=dt.date(2026, 6, 20) if done else None,
                why_not=why,
            )
        )
    db.session.flush()
    return made


def _another(session_: Session, province: Province) -> ConclusionAssignment:
    made = ConclusionAssignment(
        session_id=session_.id, duty=Duty.ACT, title="Trải nhựa đường Bãi", unit=province.works, from_unit_id=province.ward.id,
        state=State.CANCELLED, opened_at=DAY,
    )  # fmt: skip
    db.session.add(made)
    return made


def paper(of: Session, type_: PaperType, format_: PaperFormat, unit: Unit | None = None) -> SessionPaper:
    """Return a draft of that type; *unit* issues it, else the session's own."""
    made = SessionPaper(
        session=None if type_ in OF_YEAR else of, plan=of.plan_line.plan if type_ in OF_YEAR else None, unit=unit or of.unit, type=type_,
        format=format_, words={}, series=SERIES[type_], signer="Đỗ Văn Hùng" if unit else "Nguyễn Thị Bình",
        signer_title="Bí thư Đảng ủy phường" if unit else "Chủ tịch Ủy ban nhân dân phường", created_at=MONDAY,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made
