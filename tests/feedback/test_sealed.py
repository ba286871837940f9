"""The sealed register: who may know of a case, that each look is recorded first, and that nothing of it lies anywhere in plain text."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from flask import current_app
from sqlalchemy import make_url

from app import clock
from app.access import NotAllowed
from app.accounts import rights
from app.accounts.models import Delegation
from app.accounts.queries import reach_of
from app.audit import AuditEntry
from app.database import db
from app.letters import letter, sentence
from app.outbox import Channel, Notice
from app.permissions import Role
from feedback import rules
from feedback.operations.intake import PersonData
from feedback.sealed import queries
from feedback.sealed.models import SealedCase
from feedback.sealed.operations import reading, telling
from feedback.sealed.rules import SealedStep
from tests import factories
from tests.feedback import builders
from tests.feedback.at_desk import AtDesk

SECRET = "Bà Trần Thị Kín lấy tiền cứu trợ lũ"
WHY = "Xem lần đầu, có nhắc tới bà Kín"
NOTE = "Đã vào sổ số 12 về bà Kín"
WORDS = ("Trần Thị Kín", "cứu trợ lũ", "Lê Thị Giấu", "0900000001", "bà Kín", "Xem lần đầu", "vào sổ số 12")


def send(**over) -> SealedCase:
    people = (PersonData(name="Lê Thị Giấu", phone="0900000001"),)
    builders.submit(**({"kind": rules.DENUNCIATION, "body": SECRET, "people": people, "token": "t"} | over))
    db.session.flush()
    return db.session.scalars(db.select(SealedCase).order_by(SealedCase.id.desc())).first()


# --- reading ------------------------------------------------------------------------------------------------------------


def test_a_reader_opens_a_case_with_a_reason_and_records_what_was_done(app, reader):
    case = send()
    path, code = f"/can-bo/to-cao/{case.uid}", case.heading.code
    desk = AtDesk(app, reader)

    assert code in desk.get("/can-bo/to-cao")
    assert SECRET not in desk.get("/can-bo/to-cao") + desk.get(path)
    assert "Ghi lý do rồi mới mở được" in desk.fill(path, status=422, conflict="no", reason="  ")
    assert db.session.scalar(db.select(AuditEntry).where(AuditEntry.action == "sealed.opened")) is None
    assert "Mở đọc trước" in desk.fill(f"{path}/viec-da-lam", status=422, step="booked", note=NOTE)

    opened = desk.fill(path, status=200, conflict="no", reason=WHY)
    assert all(word in opened for word in (SECRET, WHY))
    assert "Lê Thị Giấu" not in opened, "who wrote is kept apart"
    shown = desk.fill(f"{path}/viec-da-lam", step="booked", note=NOTE)
    assert "Đã ghi vào sổ tiếp nhận tố cáo" in shown
    assert NOTE not in shown
    assert NOTE in desk.fill(path, status=200, reason="Xem lại")

    entries = db.session.scalars(db.select(AuditEntry).where(AuditEntry.subject_type == "sealed_case").order_by(AuditEntry.id)).all()
    assert [(entry.action, entry.actor_id) for entry in entries] == [
        ("sealed.declared", reader.id), ("sealed.opened", reader.id), ("sealed.dealt_with", reader.id), ("sealed.opened", reader.id),
    ]  # fmt: skip


def test_a_look_is_recorded_before_the_text_is_read(app, reader, monkeypatch):
    case = send()
    path = f"/can-bo/to-cao/{case.uid}"
    desk = AtDesk(app, reader)
    monkeypatch.setattr("feedback.sealed.views.register._read", lambda _case: 1 / 0)
    app.testing, app.config["PROPAGATE_EXCEPTIONS"] = False, False
    try:
        desk.fill(path, status=500, conflict="no", reason=WHY)
    finally:
        app.testing, app.config["PROPAGATE_EXCEPTIONS"] = True, None
    db.session.rollback()
    assert [look.said for look in db.session.scalars(db.select(SealedCase)).one().looks] == [WHY]


def test_no_page_of_the_register_may_be_kept_and_each_can_be_left_at_once(app, reader):
    case = send()
    desk = AtDesk(app, reader)
    for path in ("", "/doi-chieu", f"/{case.uid}", f"/{case.uid}/viec-da-lam"):
        page = desk.client.get(f"/can-bo/to-cao{path}")
        assert page.headers["Cache-Control"] == "no-store"
        assert "data-leave" in page.text
        assert "js/leave." in page.text


def test_both_codes_of_the_slip_find_the_case_and_one_alone_does_not(app, reader):
    receipt = builders.submit(kind=rules.DENUNCIATION, body=SECRET, token="slip")
    desk = AtDesk(app, reader)
    compare = "/can-bo/to-cao/doi-chieu"
    assert "Hai mã khớp" in desk.fill(compare, code=receipt.code.lower(), key=receipt.key)
    for code, key in ((receipt.code, "X" * 20), ("BN-26-AAAAAA-A", receipt.key), ("rác", receipt.key)):
        assert "Không có mục nào khớp cả hai mã" in desk.fill(compare, status=422, code=code, key=key)


# --- who may not --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SEALED_INTAKE])
def test_no_other_role_learns_whether_a_case_exists(app, province, role):
    case = send()
    desk = AtDesk(app, factories.make_user(unit=province.root, roles=[(role, None)]))
    for path in ("", "/doi-chieu", f"/{case.uid}", f"/{case.uid}/viec-da-lam", "/00000000-0000-4000-8000-000000000000"):
        desk.get(f"/can-bo/to-cao{path}", status=404)
    assert "Sổ niêm phong" not in desk.get("/thong-bao")


#: The unit that the sender named, the reader's own unit and scope (None: everywhere), and whether they may know of it.
MAY = [
    (None, "front", None, True),
    (None, "works", "works", False),  # about anybody: only who reads for the whole install
    ("works", "front", None, True),
    ("works", "works", None, False),
    ("works", "roads", None, False),  # below the accused
    ("roads", "works", None, True),  # above the accused
    ("root", "works", None, False),
    ("roads", "works", "works", True),
    ("health", "works", "works", False),
]


@pytest.mark.parametrize(("accused", "home", "scope", "may"), MAY)
def test_nobody_of_the_accused_unit_or_below_it_knows_of_a_case(app, province, accused, home, scope, may):
    unit = getattr(province, home)
    reader = factories.make_user(unit=unit, roles=[(Role.SEALED_INTAKE, getattr(province, scope) if scope else None)])
    case = send(accused_unit_id=getattr(province, accused).id if accused else None)
    code = case.heading.code
    telling.tell_readers(clock.today(), now=clock.now())
    desk = AtDesk(app, reader)

    assert (code in desk.get("/can-bo/to-cao")) is may
    desk.get(f"/can-bo/to-cao/{case.uid}", status=200 if may else 404)
    assert bool(db.session.scalars(db.select(Notice).where(Notice.user_id == reader.id)).all()) is may
    if not may:
        with pytest.raises(NotAllowed):
            reading.open_case(case, declares=True, reason=WHY, actor=reader, now=clock.now())


def test_nobody_who_holds_a_seat_in_the_accused_unit_knows_of_a_case(app, province):
    both = factories.make_user(unit=province.front, roles=[(Role.SEALED_INTAKE, None), (Role.HEAD, province.works)])
    send(accused_unit_id=province.works.id)
    other = send(accused_unit_id=province.health.id, token="another")
    assert [case.id for case in queries.open_to(both, on=clock.today())] == [other.id]


def test_the_role_is_not_lent_by_delegation_and_nobody_gives_it_to_themselves(province, reader):
    deputy = factories.make_user(unit=reader.unit)
    today = clock.today()
    db.session.add(Delegation(giver=reader, deputy=deputy, form="KT.", starts_on=today, ends_on=today))
    db.session.flush()
    deputy.reach = reach_of(deputy, on=today)
    send()
    assert list(queries.open_to(deputy, on=clock.today())) == []

    admin = factories.make_user(unit=province.root, roles=[(Role.ADMINISTRATOR, None)])
    with pytest.raises(rights.GrantToOneself):
        rights.give_role(admin, Role.SEALED_INTAKE, starts_on=today, actor=admin, today=today, now=clock.now())


def test_set_up_asks_for_readers_until_no_unit_judges_itself(province, reader):
    today = clock.today()
    assert not queries.all_is_readable(on=today)
    factories.make_user(unit=province.front, roles=[Role.SEALED_INTAKE])
    assert not queries.all_is_readable(on=today), "not for the whole install"
    factories.make_user(unit=province.front, roles=[(Role.SEALED_INTAKE, None), (Role.HEAD, province.works)])
    assert not queries.all_is_readable(on=today), "both are of the province's departments"
    factories.make_user(unit=province.front, roles=[(Role.SEALED_INTAKE, None)])
    assert queries.all_is_readable(on=today)


# --- notices ------------------------------------------------------------------------------------------------------------


def test_the_notice_names_no_case_comes_once_a_day_and_stops_when_it_was_opened(app, reader):
    now = clock.now()
    case = send()
    for _run in range(2):
        telling.tell_readers(clock.today(), now=now)
    notices = {row.channel: row for row in db.session.scalars(db.select(Notice).where(Notice.user_id == reader.id))}
    assert sorted(notices) == [Channel.EMAIL, Channel.SITE]
    assert (notices[Channel.SITE].subject_type, notices[Channel.SITE].facts) == ("app_user", {})
    mail = letter(notices[Channel.EMAIL])
    with app.test_request_context():
        texts = (mail.subject, mail.text, mail.html, sentence(notices[Channel.SITE]))
    for text in texts:
        assert "Có thông tin mới trong sổ niêm phong" in text or text is mail.text
        for word in (*WORDS, case.heading.code, str(case.uid)):
            assert word not in text

    reading.open_case(case, declares=True, reason=WHY, actor=reader, now=now)
    telling.tell_readers(clock.today() + dt.timedelta(days=1), now=now)
    assert db.session.scalar(db.select(db.func.count(Notice.id)).where(Notice.user_id == reader.id)) == 2


# --- at rest ------------------------------------------------------------------------------------------------------------


def test_after_sending_reading_and_noting_no_word_of_it_lies_in_the_database_or_the_log(fresh_app, capfd):
    province = builders.make_province()
    unit = factories.make_unit(parent=province.root, name="Thanh tra tỉnh")
    reader = factories.make_user(unit=unit, roles=[(Role.SEALED_INTAKE, None)])
    case = send()
    code, path = case.heading.code, f"/can-bo/to-cao/{case.uid}"
    telling.tell_readers(clock.today(), now=clock.now())
    desk = AtDesk(fresh_app, reader)
    desk.fill(path, status=200, conflict="no", reason=WHY)
    desk.fill(f"{path}/viec-da-lam", step=SealedStep.BOOKED, note=NOTE)
    desk.fill(f"{path}/nguoi-bi-noi-toi", unit="0", names="bà Kín")
    desk.fill(f"{path}/ho-so-mat", number="vào sổ số 12", day=["1", "6", "2026"], holder="Lê Thị Giấu")
    desk.fill(f"{path}/nguoi-bao-tin", reason=WHY)
    db.session.rollback()

    kept = at_rest()
    assert str(case.uid).replace("-", "").encode() in kept.replace(b"-", b"")  # it is the right place to look
    out, err = capfd.readouterr()
    for word in (*WORDS, code):
        assert word.encode() not in kept
        assert word not in out + err


def at_rest() -> bytes:
    """Return every byte of the database: its files, or all rows where a server keeps them."""
    if db.engine.dialect.name == "sqlite":
        name = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"]).database
        assert name
        return b"".join(path.read_bytes() for path in sorted(Path(name).parent.glob(Path(name).name + "*")))
    tables = [db.session.execute(db.text(f'SELECT * FROM "{table.name}"')) for table in db.metadata.sorted_tables]
    values = [value for rows in tables for row in rows for value in row]
    return b"\n".join(bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode() for value in values)
