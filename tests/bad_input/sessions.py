"""Sessions at every status with something in every room, plans and reception days: where the addresses of dialogues lead."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from app.accounts.models import User
from app.assignments.rules import Duty, State
from app.database import Base, db
from app.files import StoredFile, store_ours
from app.files.content import PDF
from app.permissions import Role
from dialogues import links
from dialogues.models import (
    Addendum,
    AgendaItem,
    Attendance,
    ConclusionAssignment,
    DeviceEvent,
    DossierRow,
    Follower,
    Hall,
    HandVote,
    Invitation,
    MeetingDuty,
    MinutesCorrection,
    MinutesVersion,
    Petition,
    PreparationTask,
    Question,
    Registration,
    Session,
    SessionFile,
    Speaker,
    Support,
    Theme,
)
from dialogues.operations import booking, papers, receptions
from dialogues.operations.booking import Booking
from dialogues.operations.receptions import Hours
from dialogues.rules import (
    DOSSIER,
    AnswerKind,
    EventKind,
    EventState,
    FilePurpose,
    GuestKind,
    Origin,
    PaperType,
    Part,
    PlanState,
    PublicForm,
    QuestionState,
    Status,
    Trigger,
)
from tests import factories
from tests.app.files import samples
from tests.dialogues import builders
from tests.dialogues.asking import question as asked
from tests.feedback.builders import MONDAY, Province, at

STATUSES = (
    Status.ANNOUNCED, Status.READY, Status.IN_SESSION, Status.HELD, Status.CONCLUDED, Status.PUBLISHED, Status.ARCHIVED,
)  # fmt: skip
#: How much earlier than builders.DAY each was held, so that it is over "now", which is MONDAY; the others are still to come.
EARLIER = {Status.IN_SESSION: dt.timedelta(days=28)} | dict.fromkeys(STATUSES[3:], dt.timedelta(days=33))

#: The staff's views that want another session than one that is ready; of the people's, the blueprint stands for all.
ELSEWHERE = {
    Status.IN_SESSION: (
        "door", "check_in", "walk_in", "take_back", "send_scans", "door_codes", "desk", "desk_state", "desk_record", "desk_events",
    ),
    Status.HELD: (
        "conclusion", "record_answer", "add_floor_question", "write_conclusion", "promise_answer", "asker_slip", "instruct",
        "withdraw_instruction", "minutes", "edit_minutes", "compare_minutes", "sign_minutes", "open_corrections", "decide_correction",
        "promise", "keep_promise", "take_promise", "return_promise", "pass_on_promise", "promise_file",
        "late_events",
    ),
    Status.CONCLUDED: ("publication", "review_publication", "publish_session"),
    Status.PUBLISHED: ("dossier_room", "dossier_file", "remove_dossier_file", "row_file", "row_absent", "archive_dossier"),
    Status.ARCHIVED: ("add_addendum", "addendum_file", "dossier_zip", "dossiers_of_year"),
}  # fmt: skip
#: What becomes of what was asked from a seat.
FLOOR = ("show_from_floor", "show_answer_from_floor", "hide_from_floor", "answer_seat_in_writing", "refuse_seat", "seat_like_another")


@dataclass(frozen=True)
class Rooms:
    """Arguments that lead somewhere, by endpoint or by blueprint, and *more* pages with forms: plain words, which outlive the rows."""

    arguments: dict[str, dict[str, str]]
    more: list[str]
    by_status: dict[str, dict[str, str]]  # of the staff's pages of a session, one for each status

    def of(self, endpoint: str) -> dict[str, str]:
        """Return those of *endpoint*; none where it is no address of dialogues."""
        return self.arguments.get(endpoint) or self.arguments.get(endpoint.partition(".")[0], {})


def make(province: Province) -> Rooms:
    """Store a session at every status, and what else dialogues has addresses for."""
    head = factories.make_user(unit=province.ward, roles=[Role.HEAD])
    made = {status: builders.session_at(province, head, status, capacity=9) for status in STATUSES}
    for status, earlier in EARLIER.items():
        _was_earlier(made[status], earlier)
    rooms = {status: _furnish(session, province, head) for status, session in made.items()}
    # What may be begun on another day with the head's word, published, archived.
    made[Status.READY].chairs[0].present = made[Status.READY].staff[0].present = True
    made[Status.CONCLUDED].names_reviewed_at = MONDAY
    full = made[Status.PUBLISHED]
    full.dossier += [DossierRow(code=row.code, position=place, absent_why="Không có.") for place, row in enumerate(DOSSIER)]
    ready, held, published, live = (rooms[each] for each in (Status.READY, Status.HELD, Status.PUBLISHED, Status.IN_SESSION))
    drafts, plans, days = _papers(made[Status.READY], head), _plans(province), _receptions(province, head)
    elsewhere: list[tuple[dict[str, str], tuple[str, ...]]] = [
        *((rooms[status], names) for status, names in ELSEWHERE.items()),
        (rooms[Status.ANNOUNCED] | {"assignment_id": held["promise_id"]}, ("say_why",)),
        (ready | {"to": "bat-dau"}, ("take_step",)),
        (ready | {"file_id": ready["agenda_file_id"]}, ("attached", "detach")),
        (held | {"promise_id": held["taken_id"], "uid": held["proof_uid"]}, ("keep_promise", "promise_file")),
        ({"promise_id": held["beyond_id"]}, ("send_petition",)),
        ({"promise_id": held["petitioned_id"]}, ("decide_petition",)),
        (live | {"uid": live["seat_uid"]}, FLOOR),
        ({"paper_id": drafts["sent"]}, ("number_paper", "take_paper_back")),
        ({"paper_id": drafts["numbered"], "which": "noi-bo"}, ("sign_paper", "open_paper")),
        ({"line_id": plans["free_line_id"]}, ("new_of_line",)),
        (days | {"uid": days["today"]}, ("reception", "reception_register", "reception_walk_in", "reception_visit", "write_up_reception")),
        ({"uid": days["to come"]}, ("move_reception", "cancel_reception")),
        ({"uid": days["held"]}, ("number_reception",)),
    ]
    found = {f"dialogue_staff.{name}": words for words, names in elsewhere for name in names}
    found["dialogue_staff"] = ready | {"paper_id": drafts["draft"], "promise_id": held["promise_id"]} | plans
    found["dialogue_staff"]["duty_id"] = _duty()
    citizen = (
        "dialogues_sessions",
        "dialogues_asking",
        "dialogues_coming",
        "dialogues_own",
        "dialogues_following",
        "dialogues_feeds",
        "api_sessions",
    )
    found |= dict.fromkeys(citizen, ready)
    found |= {"dialogues_minutes": held, "dialogues_papers": published | {"uid": published["paper_uid"]}}
    found |= {"dialogues_coming.guest_link": {"key": ready["guest_key"]}, "dialogues_coming.seat_link": {"key": ready["seat_key"]}}
    found["dialogues_receptions"] = days | {"uid": days["to come"]}
    found |= dict.fromkeys(("dialogues_live", "dialogues_seats"), live) | {"dialogues_evaluating": held}
    found |= {"dialogues_photos": published, "dialogues_following.link": {"key": ready["follower_key"]}}
    staff = "/can-bo/doi-thoai"
    more = [f"{staff}/van-ban/{drafts['sent']}", f"{staff}/van-ban/{drafts['numbered']}", f"{staff}/{ready['code']}/cau-hoi?muc=tai-buoi"]
    bare = builders.draft(province, trigger=Trigger.SUPERIOR)  # the only one without a programme
    more += [f"{staff}/{bare.code}/chuong-trinh", f"{staff}/{bare.code}/buoc/vao-ke-hoach"]
    return Rooms(found, more, {str(status): room for status, room in rooms.items()})


def _was_earlier(session: Session, earlier: dt.timedelta) -> None:
    assert session.starts_at
    assert session.ends_at
    session.starts_at, session.ends_at = session.starts_at - earlier, session.ends_at - earlier
    session.begun_at = session.starts_at
    session.held_at = session.ends_at if session.held_at else None


def _stored(*rows: Base) -> Any:
    """Store *rows* and return the last."""
    db.session.add_all(rows)
    db.session.flush()
    return rows[-1]


def _furnish(session: Session, province: Province, head: User) -> dict[str, str]:
    """Put something into every room of *session*; return what leads there."""
    of = {"session_id": session.id}

    def file() -> StoredFile:
        return store_ours(samples.pdf(), "tai-lieu.pdf", PDF, MONDAY)

    hall = _stored(Hall(position=1, name="Hội trường phường", seats=9, **of))
    item = _stored(AgendaItem(position=1, part=Part.FLOOR, title="Nhân dân phát biểu", minutes=90, **of))
    agenda_file = _stored(SessionFile(file=file(), agenda_item_id=item.id, purpose=FilePurpose.AGENDA, added_at=MONDAY, **of))
    dossier_file = _stored(SessionFile(file=file(), purpose=FilePurpose.OTHER, added_at=MONDAY, **of))
    task = _stored(PreparationTask(code="hall", title="Chuẩn bị hội trường", due_on=at(3).date(), **of))
    guest = _guest(session)
    seat = _seat(session, hall)
    came = _stored(Attendance(registration=seat, hall=hall, people=2, at=MONDAY, **of), Attendance(hall=hall, at=MONDAY, **of))
    theme = _stored(Theme(position=1, title="Đền bù", **of))
    question = _questions(session, theme)
    _stored(HandVote(subject="Phương án tái định cư", agree=33, at=MONDAY, **of), Speaker(uid=uuid.uuid4(), at=MONDAY, **of))
    for number in range(len(session.minutes) + 1, 3):
        _stored(MinutesVersion(number=number, text=f"Biên bản, bản {number}.", at=MONDAY, **of))
    correction = _stored(MinutesCorrection(text="Tên tôi là Hùng.", at=MONDAY, **of))
    session.corrections_until = at(5)
    offered, taken = (_promise(session, province, state) for state in (State.OFFERED, State.TAKEN))
    beyond, petitioned = (_promise(session, province, State.TAKEN, beyond="Sở Tài chính") for _ in range(2))
    _stored(Petition(promise=petitioned, number="3/TTr-UBND", sent_on=MONDAY.date()))
    photo = _stored(SessionFile(file=file(), purpose=FilePurpose.PHOTO, added_at=MONDAY, **of))
    late = DeviceEvent(
        uid=uuid.uuid4(), device="x", user=head, kind=EventKind.ASKED, subject=uuid.uuid4(), base=[], at=MONDAY, received_at=MONDAY,
        state=EventState.LATE, **of,
    )  # fmt: skip
    late.facts = {"text": "Đèn đường?"}
    follower = Follower(uid=uuid.uuid4(), email_index=session.code, link_digest="", at=MONDAY, **of)
    follower.email, follower.link_digest = "an@example.com", links.digest_of(follower)
    _stored(late, follower)
    proof = _stored(SessionFile(file=file(), promise_id=taken.id, purpose=FilePurpose.PROOF, added_at=MONDAY, **of))
    addendum = _stored(Addendum(text="Đính chính.", file=file(), at=MONDAY, **of))
    paper = next((each for each in session.papers if each.type == PaperType.NOTICE), None)
    ids = {
        "row_id": session.chairs[0], "item_id": item, "agenda_file_id": agenda_file, "file_id": dossier_file, "task_id": task,
        "guest_id": guest, "seat_id": seat, "attendance_id": came, "question_id": question, "correction_id": correction,
        "promise_id": offered, "taken_id": taken, "addendum_id": addendum,
        "beyond_id": beyond, "petitioned_id": petitioned, "photo_id": photo,
    }  # fmt: skip
    return {name: str(row.id) for name, row in ids.items()} | {
        "code": session.code,
        "uid": str(session.questions[0].uid),
        "row": "other",
        "proof_uid": str(proof.file.uid),
        "paper_uid": str(paper.uid) if paper else "",
        "guest_key": links.key_of(guest),
        "seat_key": links.key_of(seat),
        "follower_key": links.key_of(follower),
        "seat_uid": str(next(each.uid for each in session.questions if each.origin == Origin.SEAT)),
        "door_code": seat.check_in_code,
    }


def _guest(session: Session) -> Invitation:
    guest = Invitation(
        session_id=session.id, uid=uuid.uuid4(), position=1, kind=GuestKind.PERSON, name="Ông Lê Văn Nam", check_in_code="KHACH2",
        link_digest="",
    )  # fmt: skip
    guest.email, guest.link_digest = "nam@example.com", links.digest_of(guest)
    return _stored(guest)


def _seat(session: Session, hall: Hall) -> Registration:
    seat = Registration(
        session_id=session.id, uid=uuid.uuid4(), hall=hall, people=2, check_in_code="CHONG2", link_digest="", created_at=MONDAY
    )  # fmt: skip
    seat.name, seat.phone, seat.link_digest = "Nguyễn Thị Hợp", "0912345678", links.digest_of(seat)
    return _stored(seat)


def _questions(session: Session, theme: Theme) -> Question:
    """Store one that everyone reads and one to be screened, where it takes questions; return one from the floor, left open."""
    shown = Question(
        session_id=session.id, theme=theme, origin=Origin.WEB, state=QuestionState.ACCEPTED, for_the_day=True, text="Giá đất?",
        public_text="Giá đất?", asked_at=MONDAY, answer_kind=AnswerKind.BY_CHAIR, answer="Theo bảng giá.",
    )  # fmt: skip
    floor = Question(
        session_id=session.id, origin=Origin.FLOOR, state=QuestionState.ACCEPTED, for_the_day=True, text="Đèn?", asked_at=MONDAY,
        answer_kind=AnswerKind.IN_WRITING,
    )  # fmt: skip
    shown_there: dict[str, Any] = {"state": QuestionState.ACCEPTED, "public_text": "Nước?", "shown_at": MONDAY}
    states = ({"state": QuestionState.WAITING}, shown_there, shown_there | {"answer_kind": AnswerKind.BY_CHAIR, "answer": "Có."})
    seats = [Question(session_id=session.id, origin=Origin.SEAT, text="Nước?", asked_at=MONDAY, **each) for each in states]
    _stored(shown, floor, *seats, Support(question=shown, device_digest="x", at=MONDAY))
    if session.status in {Status.ANNOUNCED, Status.READY}:
        shown.answer_kind = floor.answer_kind = None
        asked(session, MONDAY)
    db.session.refresh(session)
    return floor


def _promise(session: Session, province: Province, state: State, beyond: str | None = None) -> ConclusionAssignment:
    unit = province.ward if state == State.OFFERED or beyond else province.works  # what came back may be passed on
    promise = ConclusionAssignment(
        session=session, duty=Duty.ACT, title="Nạo vét rãnh ngõ 12", unit=unit, from_unit_id=province.ward.id, state=state,
        opened_at=MONDAY, due_on=at(30).date(), public_form=PublicForm.SITE,
        beyond=beyond,
    )  # fmt: skip
    return _stored(promise)


def _papers(session: Session, head: User) -> dict[str, str]:
    """Return a paper in each state."""
    draft, sent = (papers.draft(session, type_, actor=head, now=MONDAY) for type_ in (PaperType.CONCERNS, PaperType.OFFICIAL_LETTER))
    sent.signer, sent.signer_title = "Nguyễn Thị Bình", "Chủ tịch Ủy ban nhân dân phường"
    papers.send(sent, actor=head, now=MONDAY)
    return {"draft": str(draft.id), "sent": str(sent.id), "numbered": str(session.papers[0].id)}


def _plans(province: Province) -> dict[str, str]:
    """Return a plan that is being written, and a line of an approved one of which no session was made."""
    free = builders.plan(province, version=9001).lines[0]
    plan = builders.plan(province, state=PlanState.DRAFT, version=9002)
    return {
        "unit_id": str(plan.unit_id), "year": str(plan.year), "plan_id": str(plan.id), "line_id": str(plan.lines[0].id),
        "free_line_id": str(free.id),
    }  # fmt: skip


def _duty() -> str:
    """Return a duty to meet the people, which the administrator keeps."""
    duty = MeetingDuty(
        code="DT", name="Đối thoại", kind="session", times=1, per="year", source="Luật", evidence="memory",
        effective_from=dt.date(2026, 1, 1), watched_from=dt.date(2026, 1, 1), unit_kinds=[], levels=[],
    )  # fmt: skip
    return str(_stored(duty).id)


def _receptions(province: Province, head: User) -> dict[str, str]:
    """Return a day to come that somebody booked for, one that is today, and one whose conclusion waits for its number."""
    hours = Hours(begins=dt.time(8), ends=dt.time(10), venue="Trụ sở phường", slot_minutes=30)
    days = [at(n).date() for n in (-5, 0, 5)]
    held, today, to_come = receptions.add_days(province.ward, days, hours, actor=head, now=at(-9))
    visits = [
        booking.book(day, Booking(position=1, name="Lê Văn Mật", subject="Đất", phone="0912345678"), token=f"x{day.id}", now=at(-8))
        for day in (today, to_come)
    ]
    receptions.write_up(held, received_by=head, minutes="Biên bản.", conclusion="Trả lời trước 1/9.", actor=head, now=MONDAY)
    return {
        "held": str(held.uid), "today": str(today.uid), "to come": str(to_come.uid), "visit_id": str(visits[0].id), "code": visits[1].code,
    }  # fmt: skip
