"""Sessions, questions, seats, what a conclusion promised, papers, plans and reception days, in each state: for the matrix by state."""

from __future__ import annotations

import uuid
from typing import Any

from app.assignments.rules import Duty, State
from app.database import Base, db
from app.permissions import Role
from dialogues.models import ConclusionAssignment, Hall, Question, Registration, Session
from dialogues.operations import booking, papers, receptions
from dialogues.operations.booking import Booking
from dialogues.operations.receptions import Hours
from dialogues.rules import (
    Origin,
    PaperState,
    PaperType,
    PlanState,
    PublicForm,
    QuestionState,
    ReceptionState,
    RegistrationState,
    Status,
    VisitState,
)
from tests import factories
from tests.bad_input import sessions
from tests.bad_input.objects import Cast, Values
from tests.bad_input.states import Kind, said
from tests.dialogues import builders
from tests.feedback.builders import MONDAY, at

BYSTANDERS = (Role.RECEPTION, Role.TRADE_UNION, Role.SEALED_INTAKE, Role.AUDITOR, Role.ADMINISTRATOR)
SESSION, STAFF = "/can-bo/doi-thoai/<code>", "/can-bo/doi-thoai"


def of_dialogues(cast: Cast) -> list[Kind]:
    """Return the kinds of dialogues that have states, each of the ward."""
    rooms = _rooms(cast)
    return [_sessions(rooms), *_questions(cast), _seats(cast), _promises(cast), _papers(cast), _plans(cast), _receptions(cast)]


def _stored(row: Base) -> Any:
    db.session.add(row)
    db.session.flush()
    return row


def _session(cast: Cast, status: Status) -> Session:
    return builders.session_at(cast.site.province, cast.own[Role.HEAD], status, capacity=9)


def _rooms(cast: Cast) -> dict[str, Values]:
    """Return what is in a session at each status: those of the site, and the four that it has not."""
    made = {each: cast.site.rooms.by_status.get(each) for each in Status}
    for status in (each for each, room in made.items() if room is None):
        put_off = status in {Status.POSTPONED, Status.CANCELLED}
        session = _session(cast, Status.ANNOUNCED if put_off else status)
        made[status] = sessions._furnish(session, cast.site.province, cast.own[Role.HEAD])
        session.status = status
    return {said(status): room for status, room in made.items() if room is not None}


def _sessions(rooms: dict[str, Values]) -> Kind:
    how = (
        "With something in every room; postponed and cancelled were set by hand in one that was announced. Whoever holds every role here "
        "was asked in each state, others once where that one was answered alike, and once for all who have the same rights to sessions."
    )
    return Kind("A session", how, SESSION, "code", rooms, by_unit_alone=True, bystanders=())


def _questions(cast: Cast) -> list[Kind]:
    """Return what was asked beforehand, and from a seat."""
    ready, live = (_session(cast, each) for each in (Status.READY, Status.IN_SESSION))
    found: dict[str, dict[str, Values]] = {"cau-hoi": {}, "tu-dien-thoai": {}}
    for place, session, origin in (("cau-hoi", ready, Origin.WEB), ("tu-dien-thoai", live, Origin.SEAT)):
        for state in QuestionState:
            question = _stored(Question(session_id=session.id, origin=origin, state=state, text="Giá đất?", asked_at=MONDAY))
            found[place][said(state)] = {"code": session.code, "uid": str(question.uid), "question_id": str(question.id)}
    how = "Of a session that {}; the state was set by hand."
    beforehand = Kind(
        "A question asked beforehand", how.format("is ready"), f"{SESSION}/cau-hoi/<uuid:uid>", "uid", found["cau-hoi"],
        bystanders=BYSTANDERS,
    )  # fmt: skip
    seat = Kind(
        "A question from a seat", how.format("is being held"), f"{SESSION}/tu-dien-thoai/<uuid:uid>", "uid", found["tu-dien-thoai"],
        bystanders=BYSTANDERS,
    )  # fmt: skip
    return [beforehand, seat]


def _seats(cast: Cast) -> Kind:
    session, found = _session(cast, Status.READY), {}
    hall = _stored(Hall(session_id=session.id, position=1, name="Hội trường phường", seats=9))
    for state in RegistrationState:
        seat = _stored(
            Registration(
                session_id=session.id, uid=uuid.uuid4(), hall=hall, people=1, check_in_code=f"CHO{len(found)}", link_digest=f"{len(found)}",
                created_at=MONDAY, state=state,
            )
        )  # fmt: skip
        found[said(state)] = {"code": session.code, "seat_id": str(seat.id)}
    how = "In a session that is ready; the state was set by hand."
    return Kind("Somebody's seat", how, f"{SESSION}/nguoi-du", "seat_id", found, bystanders=BYSTANDERS)


def _promises(cast: Cast) -> Kind:
    province, found = cast.site.province, {}
    session = _session(cast, Status.CONCLUDED)
    for state in State:
        unit = province.ward if state == State.RETURNED else province.works
        promise = _stored(
            ConclusionAssignment(
                session=session, duty=Duty.ACT, title="Nạo vét rãnh ngõ 12", unit=unit, from_unit_id=province.ward.id, state=state,
                opened_at=MONDAY, due_on=at(30).date(), public_form=PublicForm.SITE,
                closed_at=None if state in {State.OFFERED, State.TAKEN} else MONDAY,
            )
        )  # fmt: skip
        found[said(state)] = {"promise_id": str(promise.id), "code": session.code}
    how = "Given by the ward's conclusion to Sở Xây dựng; the state was set by hand."
    return Kind("What a conclusion promised", how, f"{STAFF}/viec/<int:promise_id>", "promise_id", found, bystanders=BYSTANDERS)


def _papers(cast: Cast) -> Kind:
    province = cast.site.province
    head = factories.make_user(unit=province.ward, roles=[Role.HEAD])
    session = _session(cast, Status.READY)
    draft, sent = (papers.draft(session, each, actor=head, now=MONDAY) for each in (PaperType.CONCERNS, PaperType.OFFICIAL_LETTER))
    sent.signer, sent.signer_title = "Nguyễn Thị Bình", "Chủ tịch Ủy ban nhân dân phường"
    papers.send(sent, actor=head, now=MONDAY)
    made = {"draft": draft, "sent": sent, "numbered": session.papers[0]}
    assert {state: row.state for state, row in made.items()} == {str(each): each for each in PaperState}
    found = {state: {"paper_id": str(row.id), "which": "noi-bo"} for state, row in made.items()}
    how = "By the steps that people take, of a session that is ready."
    return Kind("A paper of a session", how, f"{STAFF}/van-ban/<int:paper_id>", "paper_id", found, bystanders=BYSTANDERS)


def _plans(cast: Cast) -> Kind:
    found = {}
    for state, year in zip(PlanState, (2027, 2025, 2026), strict=True):  # other years are not written any more, or not yet
        plan = builders.plan(cast.site.province, state=state, year=year)
        if state is PlanState.REPLACED:
            plan.unit = cast.site.province.works
            db.session.flush()
        found[said(state)] = {
            "unit_id": str(plan.unit_id), "year": str(plan.year), "plan_id": str(plan.id), "line_id": str(plan.lines[0].id),
        }  # fmt: skip
    how = "Of a year of its own each; the state was set by hand."
    return Kind("The plan of a year", how, f"{STAFF}/ke-hoach/<int:unit_id>/<int:year>", "year", found, bystanders=BYSTANDERS)


def _receptions(cast: Cast) -> Kind:
    ward, found = cast.site.province.ward, {}
    head = factories.make_user(unit=ward, roles=[Role.HEAD])
    hours = Hours(begins=MONDAY.time().replace(8), ends=MONDAY.time().replace(10), venue="Trụ sở phường", slot_minutes=30)
    for place, state in enumerate((*ReceptionState, "numbered")):
        over = state in {ReceptionState.HELD, "numbered"}
        [day] = receptions.add_days(ward, [at(place - 12 if over else place + 12).date()], hours, actor=head, now=at(-20))
        visit = booking.book(day, Booking(position=1, name="Lê Văn Mật", subject="Đất", phone="0912345678"), token=f"s{place}", now=at(-19))
        if over:
            receptions.write_visit(visit, VisitState.CAME, said="Đất", result="Xem lại", code="", actor=head, now=MONDAY)
            receptions.write_up(day, received_by=head, minutes="Biên bản.", conclusion="Trả lời.", actor=head, now=MONDAY)
        else:
            day.state = state
        if state == "numbered":
            receptions.number(day, "9/TB-UBND", MONDAY.date(), actor=head, now=MONDAY)
        found["held (notice numbered)" if state == "numbered" else said(state)] = {"uid": str(day.uid), "visit_id": str(visit.id)}
    how = "Moved and cancelled were set by hand."
    return Kind("A day on which the head receives", how, f"{STAFF}/tiep-cong-dan/<uuid:uid>", "uid", found, bystanders=BYSTANDERS)
