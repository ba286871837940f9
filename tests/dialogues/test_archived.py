"""Once archived a session is read-only: whatever is sent to any of its addresses, nothing of it changes but what is added."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.assignments.models import Assignment
from app.assignments.rules import Duty, State
from app.database import db
from app.files import store_ours
from app.files.content import PDF
from dialogues.models import (
    Addendum,
    AgendaItem,
    Attendance,
    ConclusionAssignment,
    DeviceEvent,
    Invitation,
    MinutesCorrection,
    Petition,
    PreparationTask,
    Question,
    Registration,
    Session,
    SessionFile,
    Theme,
)
from dialogues.rules import FilePurpose, GuestKind, Origin, Part, QuestionState, Status
from tests import factories
from tests.app.files.samples import pdf, picture
from tests.dialogues import builders
from tests.feedback.builders import at
from tests.feedback.pages import token

#: Pages and forms, one by one: what they do to the database is tested on both where it is done.
pytestmark = pytest.mark.strictest_database

#: What a form could ask for, in one: each takes what it knows.
TYPED: dict[str, Any] = {
    **dict.fromkeys(["text", "why", "title", "note", "reason", "name", "asker", "said", "words", "caption", "topic"], "Đã đổi."),
    **dict.fromkeys(["audience", "comes_from", "house_rules", "trigger_note", "subject", "address"], "Đã đổi."),
    "kind": "by_chair", "to": "complaint", "accepted": "no", "viec": "chon", "seen": "2", "part": "chair", "checked": "y", "done": "y",
    "form": "online", "public_form": "posted", "number": "99/TB-UBND", "email": "x@example.com", "phone": "0987654321", "people": "1",
    "duty": "door", "present": "1", "answer": "coming", "day": "1/12/2026", "begins": "9h", "ends": "11h", "capacity": "7",
    "due_on": ["1", "12", "2026"], "until": ["1", "10", "2026"], "link": "https://video.example.vn/x", "alt": "Hội trường", "public": "y",
    "themes-0-title": "Đã đổi", "items-0-title": "Đã đổi", "items-0-minutes": "5", "items-0-part": "floor", "guests": "Ông Lê Văn Đổi",
    "type": "notice", "conclusion": "Đã đổi.", "code": "CHONG2",
}  # fmt: skip
#: What may be taken off the public page at any time.
HIDES = {"unpublish_question", "publish_photo"}
#: Some that change a session which is not archived, so that what is typed here is known to be taken.
CHANGE = ("add_hall", "hand_task", "row_file", "themes", "concerns")
ROOM = "/can-bo/doi-thoai"


@pytest.fixture
def session(province, head, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: at(41))
    return builders.session_at(province, head, Status.ARCHIVED)


def everything() -> dict[str, list[Any]]:
    """Return every row of the tables of dialogues, but what is added, and what units do about promises, which live on."""
    lives_on = {model.__table__ for model in (Addendum, DeviceEvent, Assignment, Petition)}
    tables = {mapper.local_table for mapper in Session.registry.mappers if mapper.class_.__module__.startswith("dialogues.")}
    return {table.name: sorted(map(repr, db.session.execute(select(table)))) for table in tables - lives_on}


def post_to(wanted: Callable[[str], bool], app, client, rooms: dict[str, str], ids: list[str], page: str) -> int:
    """Post to every address of the session whose view is *wanted*; return to how many. *page* has a form with a CSRF token."""
    csrf, sent = token(client, page), 0
    words = {"to": "huy", "which": "noi-bo", "what": "chu-tri", "photo_id": rooms["file_id"], "assignment_id": rooms["promise_id"]}
    words |= rooms
    for rule in sorted(app.url_map.iter_rules(), key=str):
        view = rule.endpoint.partition("dialogue_staff.")[2]
        if not (view and wanted(view)) or "POST" not in (rule.methods or ()) or not {"code", "paper_id"} & rule.arguments:
            continue
        values = {name: words[name] for name in rule.arguments} | ({"to": "ket-thuc"} if view == "take_step" else {})
        address = app.url_map.bind("").build(rule.endpoint, _converted(rule, values))
        files = {name: (io.BytesIO(picture()), "anh.jpg") for name in ("file", "files", "proofs", "photos", "pictures")}
        answer = client.post(f"{address}?c={'&c='.join(ids)}", data={"csrf_token": csrf, "c": ids, **TYPED, **files})
        assert answer.status_code < 500, f"{view}: {answer.status_code}"
        sent += 1
    return sent


def _converted(rule: Any, values: dict[str, str]) -> dict[str, Any]:
    kinds = {"IntegerConverter": int}
    return {name: kinds.get(type(rule._converters[name]).__name__, str)(value) for name, value in values.items()}


def furnished(session: Session, province: Any, status: Status) -> tuple[dict[str, str], list[str]]:
    """Put something into every room; return what leads there, and the ids of the questions."""
    of, when = {"session_id": session.id}, at(30)
    rows: dict[str, Any] = {
        "row_id": session.chairs[0],
        "item_id": AgendaItem(position=1, part=Part.FLOOR, title="Nhân dân phát biểu", minutes=90, **of),
        "file_id": SessionFile(
            file=store_ours(pdf(), "tai-lieu.pdf", PDF, when), purpose=FilePurpose.OTHER, added_at=when, **of,
        ),
        "task_id": PreparationTask(code="x", title="Chuẩn bị hội trường", due_on=when.date(), **of),
        "guest_id": Invitation(position=1, kind=GuestKind.PERSON, name="Lê Văn Nam", check_in_code="KHACH2", link_digest="k", **of),
        "seat_id": Registration(uid=uuid.uuid4(), people=2, check_in_code="CHONG2", link_digest="c", created_at=when, **of),
        "attendance_id": Attendance(at=when, **of),
        "question_id": Question(
            origin=Origin.WEB, state=QuestionState.ACCEPTED, text="Đèn?", public_text="Đèn?", asked_at=when, **of,
        ),
        "correction_id": MinutesCorrection(text="Tên tôi là Hùng.", at=when, **of),
        "promise_id": ConclusionAssignment(
            session=session, duty=Duty.ACT, title="Nạo vét", unit=province.ward, from_unit_id=province.ward.id, state=State.OFFERED,
            opened_at=when, due_on=at(50).date(),
        ),
    }  # fmt: skip
    db.session.add_all([*rows.values(), Theme(position=1, title="Đền bù", **of)])
    session.corrections_until, session.status = at(60), status
    session.archived_at = at(40) if status == Status.ARCHIVED else None
    db.session.commit()
    ids = {name: str(row.id) for name, row in rows.items()}
    words = {"uid": str(rows["question_id"].uid), "row": "other", "code": session.code, "paper_id": str(session.papers[0].id)}
    return ids | words, [ids["question_id"]]


def test_nothing_of_an_archived_session_changes_but_what_is_added(app, client, session, province, head):
    rooms, ids = furnished(session, province, Status.ARCHIVED)
    factories.sign_in(client, head)
    before = everything()
    assert post_to(lambda view: view not in HIDES, app, client, rooms, ids, f"{ROOM}/{session.code}/ho-so/bo-sung") > len(CHANGE)
    db.session.rollback()
    assert everything() == before
    assert [each.text for each in session.addenda][-1] == "Đã đổi."


def test_the_same_would_change_a_session_that_is_not(app, client, session, province, head):
    rooms, ids = furnished(session, province, Status.READY)
    factories.sign_in(client, head)
    for view in CHANGE:
        before = everything()
        post_to(lambda each, view=view: each == view, app, client, rooms, ids, f"{ROOM}/{session.code}/hoan")
        db.session.rollback()
        assert everything() != before, view
