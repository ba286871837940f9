"""Those around sessions and reception days go when their term is over: seen row by row, by who leads the unit, and not who is needed."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from app import clock
from app.access import NotAllowed
from app.assignments.rules import State
from app.audit import entries_about
from app.chain import operations as chain
from app.chain import verifying
from app.clock import LOCAL
from app.database import Base, db
from app.permissions import Role
from dialogues import links, retained, rules
from dialogues.models import Attendance, ConclusionAssignment, DeviceEvent, Follower, MinutesCorrection, Question, Speaker
from dialogues.operations import booking, inviting, receptions, registering, retaining, subscribing
from dialogues.operations.booking import Booking
from dialogues.operations.inviting import GuestData
from dialogues.operations.receptions import Hours
from dialogues.operations.registering import RegistrationData
from dialogues.rules import GuestKind, Kept, Status, VisitState
from feedback.personal import retaining as of_items
from feedback.personal.erasing import TextsChanged
from feedback.personal.models import RetentionRule
from feedback.rules import Status as ItemStatus
from tests import factories
from tests.dialogues import builders
from tests.feedback import builders as feedback
from tests.feedback import pages
from tests.feedback.builders import MONDAY, actions, at
from tests.feedback.page_forms import form_of, press

PAGE = "/can-bo/luu-giu"
HELD = builders.WAY[Status.HELD]
LAST = HELD.date().replace(year=HELD.year + 5)
LATER = dt.datetime.combine(LAST + dt.timedelta(days=1), dt.time(9), LOCAL)
TODAY = LATER.date()
NAMES = ("Hợp", "Trưởng Văn Khách", "Lan", "Văn Nói", "Hỏi", "0912345678", "hop@example.com", "theo@example.com", "Tổ dân phố 4")


@pytest.mark.parametrize(
    ("status", "ended"),
    [
        *((status, None) for status in Status if status not in {Status.PUBLISHED, Status.ARCHIVED, Status.CANCELLED}),
        (Status.PUBLISHED, "held"),
        (Status.ARCHIVED, "held"),
        (Status.CANCELLED, "cancelled"),
    ],
)
def test_the_term_is_counted_from_the_day_it_was_held_and_of_what_goes_on_from_none(status, ended):
    days = {"held": dt.date(2026, 8, 31), "cancelled": dt.date(2026, 8, 20)}
    assert rules.ended(status, **days) == days.get(ended)


def names_in() -> set[str]:
    """Return where somebody of the session or the reception day is still named: which columns of which tables."""
    found = set()
    for mapper in Base.registry.mappers:
        for row in db.session.scalars(db.select(mapper.class_)) if mapper.class_.__module__.startswith("dialogues") else ():
            said = [(name, getattr(row, name)) for name in ("name", "phone", "email", "address", "asker", "sender", "facts")
                    if hasattr(row, name)]  # fmt: skip
            said += [(column.key, getattr(row, column.key)) for column in mapper.column_attrs]
            found |= {f"{mapper.class_.__name__}.{key}" for key, value in said if any(name in str(value) for name in NAMES)}
    return found


@pytest.fixture
def session(province, head):
    """A session whose result was published, with somebody of each kind around it, five years ago."""
    of_items.load_shipped(now=MONDAY)
    retaining.load_shipped(now=MONDAY)
    made = builders.session_at(province, head, Status.ANNOUNCED)
    typed = RegistrationData(
        name="Nguyễn Thị Hợp", phone="0912345678", email="hop@example.com", comes_from="Tổ dân phố 4", people=2, token="t"
    )
    seat = registering.register(made, typed, actor=None, now=at(15))
    inviting.invite(
        made,
        [
            GuestData(kind=GuestKind.PERSON, name="Ông Trưởng Văn Khách", title="Trưởng thôn"),
            GuestData(kind=GuestKind.UNIT, name="Sở Y tế"),
        ],
        actor=head,
        now=at(15),
    )
    subscribing.ask(made, "theo@example.com", locale="vi", now=at(15))
    made.attendances += [Attendance(registration=seat, people=2, at=HELD), walked := Attendance(people=3, comes_from="thôn Đông", at=HELD)]
    walked.name = "Bà Lan"
    made.speakers.append(speaker := Speaker(uid=uuid.uuid4(), at=HELD))
    speaker.name = "Ông Lê Văn Nói"
    made.questions.append(asked := _question())
    db.session.add(said := DeviceEvent(uid=uuid.uuid4(), session=made, device="máy", user=head, kind="asked", subject=asked.uid, base=[],
                                       at=HELD, received_at=HELD, state="applied"))  # fmt: skip
    said.facts = {"name": "Trần Văn Hỏi", "phone": "0912345678", "text": "Tôi là Hỏi", "hall": ""}
    db.session.add(correction := MinutesCorrection(session=made, text="Ghi thiếu.", at=HELD, state="accepted"))
    correction.sender = "Nguyễn Thị Hợp"
    made.status, made.held_at, made.published_at = Status.PUBLISHED, HELD, at(32)
    db.session.commit()
    return made


def _question() -> Question:
    asked = Question(origin="floor", state="accepted", text="Tôi là Trần Văn Hỏi. Bao giờ chi trả?", asked_at=HELD, answer_kind="by_chair")
    asked.answer, asked.comes_from, asked.public_text = "Tháng sau.", "Tổ dân phố 4", "Bao giờ chi trả?"
    asked.asker, asked.phone = "Trần Văn Hỏi", "0912345678"
    return asked


@pytest.fixture
def day(province, secretary):
    """A reception day of the week after MONDAY: one came, one stayed away."""
    retaining.load_shipped(now=MONDAY)
    hours = Hours(begins=dt.time(8), ends=dt.time(9, 30), venue="Trụ sở phường", slot_minutes=30)
    made = receptions.add_days(province.ward, [at(7).date()], hours, actor=secretary, now=MONDAY)[0]
    for position, state in enumerate((VisitState.CAME, VisitState.STAYED_AWAY), start=1):
        who = Booking(
            position=position,
            name="Nguyễn Thị Hợp",
            subject="Bà Hợp hỏi thoát nước",
            phone=f"091234567{9 - position}",
            address="Tổ dân phố 4",
        )
        visit = booking.book(made, who, token=f"t{position}", now=MONDAY)
        receptions.write_visit(visit, state, said="", result="", code="", actor=secretary, now=at(7))
    db.session.commit()
    return made


def shown(row, today=TODAY):
    found = retained.over(row, today=today)
    return None if found is None else ([each.kind for each in found.going], [(each.kind, each.kept) for each in found.staying])


def let_go(row, actor, now=LATER):
    found = retained.over(row, today=now.date())
    free = retained.pieces(found)
    texts = [piece.suggestion for piece in free]
    retaining.let_go(row, texts, seen=retained.digest(found, free), actor=actor, now=now)


def test_the_terms_of_people_are_the_provinces_own_and_no_rule_of_items(session):
    of_people = db.session.scalars(db.select(RetentionRule).where(RetentionRule.code.in_(("LG_SESSION", "LG_RECEPTION"))))
    assert {(row.years, row.evidence, row.local) for row in of_people} == {(5, "memory", True)}
    terms = [term for term in of_items.terms_on(TODAY) if set(term.kinds) & {rules.SESSION_PEOPLE, rules.RECEPTION_PEOPLE}]
    assert len(terms) == 2
    assert not any(term.fits(kind, status) for term in terms for kind in feedback.Kind for status in ItemStatus)


def test_on_the_day_after_the_last_one_everybody_goes_once_and_what_was_said_counted_and_signed_stays(session, head):
    assert shown(session, LAST) is None
    session.status = Status.CONCLUDED
    assert shown(session) is None, "its result is still owed"
    session.status = Status.PUBLISHED
    kinds = ["registration", "invitation", "attendance", "speaker", "question", "correction", "follower"]
    assert shown(session) == (kinds, [])
    link = links.digest_of(session.registrations[0])
    chain.seal(now=MONDAY, everything=True)
    let_go(session, head)
    db.session.commit()
    with pytest.raises(NotAllowed):
        let_go_again(session, head)
    assert names_in() == set()
    assert (session.questions[0].text, session.questions[0].answer) == ("Tôi là […]. Bao giờ chi trả?", "Tháng sau.")
    assert session.questions[0].public_text == "Bao giờ chi trả?"
    assert [each.people for each in session.attendances] == [2, 3]
    assert [(each.name, each.title) for each in session.invitations] == [("", "Trưởng thôn"), ("Sở Y tế", "")]
    assert db.session.query(Follower).count() == 0
    assert session.registrations[0].link_digest != link
    assert shown(session) is None
    (told,) = [entry for entry in entries_about(session) if entry.action == "session.people_let_go"]
    assert told.facts == {"people": 7, "texts": 3, "kept": 0}
    chain.seal(now=LATER, everything=True)
    db.session.commit()
    assert {fault.kind for fault in verifying.verify((), today=TODAY).faults} <= {"grant_untold"}


def let_go_again(row, actor):
    retaining.let_go(row, [], seen="", actor=actor, now=LATER)


def test_who_is_needed_stays_until_they_are_not(session, head, province):
    item = feedback.taken(province)
    session.questions[0].feedback = item
    promise = ConclusionAssignment(session=session, unit=province.ward, title="Chi trả", duty="act", state=State.TAKEN, opened_at=HELD)
    db.session.add(promise)
    session_correction = db.session.scalars(db.select(MinutesCorrection)).one()
    session_correction.state = "open"
    db.session.flush()
    stay = [("question", Kept.OWED), ("correction", Kept.UNDECIDED), ("follower", Kept.PROMISED)]
    assert shown(session) == (["registration", "invitation", "attendance", "speaker"], stay)
    let_go(session, head)
    assert (session.questions[0].asker, session_correction.sender) == ("Trần Văn Hỏi", "Nguyễn Thị Hợp")
    assert shown(session) is None
    item.status, item.closed_at = ItemStatus.CLOSED, HELD
    for duty in (*item.assignments, promise):
        duty.state = State.DONE
    session_correction.state = "declined"
    assert shown(session) == (["question", "correction", "follower"], [])


def test_what_came_since_it_was_read_stays_and_is_read_first(session, head):
    found = retained.over(session, today=TODAY)
    texts, seen = [each.suggestion for each in retained.pieces(found)], retained.digest(found, retained.pieces(found))
    session.attendances.append(late := Attendance(at=HELD))
    late.name = "Bà Muộn"
    db.session.flush()
    with pytest.raises(TextsChanged):
        retaining.let_go(session, texts, seen=seen, actor=head, now=LATER)
    assert late.name == "Bà Muộn"


def test_of_a_reception_day_who_came_and_who_did_not_go_and_the_line_of_the_register_stays(day, head):
    last = day.day.replace(year=day.day.year + 5)
    assert shown(day, last) is None
    assert shown(day, last + dt.timedelta(days=1)) == (["visit", "visit"], [])
    let_go(day, head)
    db.session.flush()
    assert names_in() == set()
    assert [(visit.state, visit.subject) for visit in day.visits] == [(VisitState.CAME, "[…] hỏi thoát nước"), (VisitState.STAYED_AWAY, "")]
    assert "reception.people_let_go" in actions(day)
    assert shown(day) is None


@pytest.mark.strictest_database
def test_the_head_of_the_unit_sees_who_goes_and_lets_them_go_and_no_other_head_finds_it(client, session, day, head, province, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: LATER)
    monkeypatch.setattr(clock, "today", LATER.date)
    other = client.application.test_client()
    factories.sign_in(other, factories.make_user(unit=province.works, roles=[Role.HEAD]))
    factories.sign_in(client, head)
    first, second = f"{PAGE}/doi-thoai/{session.code}", f"{PAGE}/tiep-cong-dan/{day.uid}"
    listed = client.get(PAGE).text
    assert session.code in listed
    assert second in listed
    assert session.code not in other.get(PAGE).text
    for address, seen in (
        (first, ("hop@example.com", "Ông Lê Văn Nói", "Trưởng Văn Khách", "theo@example.com", "biên bản, văn bản đã ký")),
        (second, ("0912345678", "Lượt tiếp và văn bản đã ký thì giữ nguyên")),
    ):
        assert [other.get(address).status_code, pages.post(other, address, page=PAGE).status_code] == [404, 404]
        page = client.get(address)
        assert all(name in page.text for name in (*seen, "Nguyễn Thị Hợp"))
        assert page.headers["Cache-Control"] == "no-store"
        assert pages.post(client, address, page=PAGE).status_code == 422, "nobody read it"
        form = form_of(page, "")
        assert [press(client, form, to=address).location for _ in range(2)] == [PAGE, PAGE]
        assert "vừa được người khác xử lý" in client.get(PAGE).text
        assert client.get(address).status_code == 404
    assert names_in() == set()
    assert first not in client.get(PAGE).text
    assert [entry.action for entry in entries_about(day)][-2:] == ["personal_data.seen", "reception.people_let_go"]


def test_where_nobody_is_named_any_more_what_was_said_in_the_hall_is_still_read_once(session, head):
    for rows in (session.registrations, session.invitations, session.attendances, session.speakers, db.session.query(Follower).all()):
        for row in rows:
            db.session.delete(row)
    session.questions[0].asker = session.questions[0].phone = db.session.scalars(db.select(MinutesCorrection)).one().sender = None
    db.session.commit()
    assert [each.row for each in retained.all_over(head.reach, today=TODAY)] == [session]
    let_go(session, head)
    db.session.commit()
    assert names_in() == set()
    assert retained.all_over(head.reach, today=TODAY) == []
