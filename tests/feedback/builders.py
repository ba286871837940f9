"""A small province to play in, and the ways an item comes to stand where a test needs it. Plain functions; they flush."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import current_app

from app import settings
from app.access import SENDER, SYSTEM
from app.accounts.models import Delegation, User
from app.accounts.queries import reach_of
from app.audit import entries_about as entries_about
from app.calendar.models import DeadlineRule
from app.clock import LOCAL
from app.database import Base, db
from app.files import StoredFile
from app.outbox import Notice
from app.permissions import Role
from app.units.models import Field, Place, SigningStep, Unit, UnitKind
from feedback import queries, rules, steps
from feedback.models import Attachment, Feedback, Paper, ReceiptKey, RoutingRule
from feedback.operations import desk, intake, papers, unit
from feedback.operations.intake import PersonData, Receipt, Submission
from feedback.operations.papers import PointData
from feedback.rules import Kind, Outcome, PaperType
from feedback.sealed import copies
from feedback.sealed.models import SealedCase
from feedback.sealed.operations import copying, leading, reading
from feedback.sealed.rules import Extent
from tests import factories

#: A Monday. Saturday 22/8 is worked for Monday 31/8; otherwise no day in the four weeks that follow is special.
MONDAY = dt.datetime(2026, 8, 3, 9, 0, tzinfo=LOCAL)
BODY = "Đèn đường trước số 12 tắt ba tuần nay."

_number = itertools.count(1)


def at(days: int, hour: int = 9) -> dt.datetime:
    """Return that hour of the day so many days after :data:`MONDAY`."""
    return (MONDAY + dt.timedelta(days=days)).replace(hour=hour)


@dataclass
class Province:
    """Its units, people, place and fields."""

    root: Unit
    desk: Unit
    works: Unit  # Sở Xây dựng
    roads: Unit  # a division of it
    health: Unit
    ward: Unit  # Ủy ban nhân dân of the place
    front: Unit  # MTTQ
    place: Place
    lighting: Field
    grassroots: Field  # insiders write about their own agency; the steering committee reads along
    regulation: Field
    steering: Unit
    clerk: User
    desk_head: User
    desk_records: User
    officer: User
    colleague: User
    head: User
    deputy: User
    records: User
    roads_officer: User
    health_officer: User
    health_head: User
    front_reader: User
    steering_reader: User

    def refresh(self) -> None:
        """Read everybody's reach again, as a new request does."""
        for value in vars(self).values():
            if isinstance(value, User):
                value.reach = reach_of(value, on=MONDAY.date())


def make_province() -> Province:
    """Return a stored province: a desk that gets what nobody else does, two departments, a ward, MTTQ, and their people.

    On a database that was made with one, the one that is there.
    """
    if stored := current_app.extensions.get("province"):
        return stored()
    chain = [SigningStep.SIGNER, SigningStep.RECORDS]
    root = factories.make_unit(name="Ủy ban nhân dân tỉnh", kind=UnitKind.GOVERNMENT, signing_chain=chain)
    desk_unit = factories.make_unit(parent=root, name="Ban Tiếp công dân tỉnh", kind=UnitKind.OFFICE, is_reception=True)
    works = factories.make_unit(parent=root, name="Sở Xây dựng")
    roads = factories.make_unit(parent=works, name="Phòng Hạ tầng")
    health = factories.make_unit(parent=root, name="Sở Y tế")
    place = factories.make_place(name="Kinh Bắc")
    ward = factories.make_unit(parent=root, name="Ủy ban nhân dân phường", kind=UnitKind.GOVERNMENT, level="commune", place_id=place.id)
    front = factories.make_unit(name="Ủy ban Mặt trận Tổ quốc tỉnh", kind=UnitKind.FRONT)
    steering = factories.make_unit(name="Ban Chỉ đạo thực hiện dân chủ ở cơ sở", kind=UnitKind.STEERING)
    user = factories.make_user
    province = Province(
        root=root, desk=desk_unit, works=works, roads=roads, health=health, ward=ward, front=front, place=place, steering=steering,
        lighting=factories.make_field(name="Chiếu sáng"),
        grassroots=factories.make_field(name="Dân chủ ở cơ sở", insider=True, copied_to_id=steering.id),
        regulation=factories.make_field(name="Quy định hành chính", regulation=True),
        clerk=user(unit=desk_unit, roles=[Role.RECEPTION]),
        desk_head=user(unit=desk_unit, roles=[Role.HEAD]),
        desk_records=user(unit=desk_unit, roles=[Role.RECORDS]),
        officer=user(unit=works, roles=[Role.OFFICER]),
        colleague=user(unit=works, roles=[Role.OFFICER]),
        head=user(unit=works, roles=[Role.HEAD]),
        deputy=user(unit=works, roles=[Role.OFFICER]),
        records=user(unit=works, roles=[Role.RECORDS]),
        roads_officer=user(unit=roads, roles=[Role.OFFICER]),
        health_officer=user(unit=health, roles=[Role.OFFICER]),
        health_head=user(unit=health, roles=[Role.HEAD]),
        front_reader=user(unit=front, roles=[(Role.FRONT, None)]),
        steering_reader=user(unit=steering, roles=[Role.STEERING]),
    )  # fmt: skip
    settings.change("desk_unit_id", desk_unit.id, actor=SYSTEM, now=MONDAY)
    settings.change("code_prefix", "BN", actor=SYSTEM, now=MONDAY)
    add_route(1, "Chiếu sáng về Sở Xây dựng", field_ids=[province.lighting.id], unit_id=works.id)
    add_route(99, "Còn lại ở bộ phận tiếp nhận", unit_id=desk_unit.id)
    return province


def remembered(province: Province) -> Callable[[], Province]:
    """Return what finds *province* again in its database, or in a copy, while nothing there has changed: a read a kind of row."""
    kinds: dict[type[Base], dict[str, int]] = {}
    for name, row in vars(province).items():
        kinds.setdefault(type(row), {})[name] = row.id
    reaches = {name: row.reach for name, row in vars(province).items() if isinstance(row, User)}

    def find() -> Province:
        found: dict[str, Any] = {}
        for kind, names in kinds.items():
            rows = {row.id: row for row in db.session.scalars(db.select(kind).where(kind.id.in_(names.values())))}
            found |= {name: rows[id_] for name, id_ in names.items()}
        for name, reach in reaches.items():
            found[name].reach = reach
        return Province(**found)

    return find


def add_route(position: int, name: str, **conditions: Any) -> RoutingRule:
    """Return a stored routing rule."""
    rule = RoutingRule(position=position, name=name, **conditions)
    db.session.add(rule)
    db.session.flush()
    return rule


def submission(**over: Any) -> Submission:
    """Return what a named person would have typed: a report with a way to answer."""
    person = PersonData(name="Trần Thị Hoa", phone="0912345678", email="hoa@example.com", address="12 Nguyễn Trãi")
    values: dict[str, Any] = {"kind": Kind.REPORT, "body": BODY, "token": f"token-{next(_number)}", "people": (person,)} | over
    return Submission(**values)


def submit(now: dt.datetime = MONDAY, **over: Any) -> Receipt:
    """Take something in as its sender would on the web."""
    return intake.submit(submission(**over), actor=SENDER, now=now)


def received(now: dt.datetime = MONDAY, **over: Any) -> Feedback:
    """Return an item as submitted; without a field it waits at the desk."""
    feedback = submit(now, **over).feedback
    assert feedback is not None
    return feedback


def offered(province: Province, now: dt.datetime = MONDAY, **over: Any) -> Feedback:
    """Return an item that the desk gave to Sở Xây dựng."""
    feedback = received(now, **over)
    desk.route_to(feedback, province.works, actor=province.clerk, now=now)
    return feedback


def taken(province: Province, now: dt.datetime = MONDAY, **over: Any) -> Feedback:
    """Return an item that an officer of Sở Xây dựng took."""
    feedback = offered(province, now, **over)
    unit.take(feedback, actor=province.officer, now=now)
    return feedback


def explained(text: str = "Sẽ có đèn mới trong đợt này.") -> PointData:
    """Return a point that gives a reason."""
    return PointData(title="Đèn đường", text=text, outcome=Outcome.EXPLAINED)


def promised(on: dt.date, unit_id: int | None = None) -> PointData:
    """Return a point that promises work by a day."""
    return PointData(title="Thay đèn", text="Thay hai bóng đèn.", outcome=Outcome.PROMISED, promised_on=on, promise_unit_id=unit_id)


def submitted_reply(province: Province, feedback: Feedback, now: dt.datetime, points: Iterable[PointData] = ()) -> Paper:
    """Return an answer that waits for the head's signature."""
    by = province.colleague if province.officer.id in steps.answered_before(feedback) else province.officer
    paper = papers.draft(feedback, PaperType.REPLY, actor=by, now=now)
    papers.write(paper, body="Sở trả lời ông, bà như sau.", points=tuple(points) or (explained(),), actor=by)
    papers.submit(paper, actor=by, now=now)
    return paper


def signed_reply(province: Province, feedback: Feedback, now: dt.datetime, points: Iterable[PointData] = ()) -> Paper:
    """Return an answer that waits for its number."""
    paper = submitted_reply(province, feedback, now, points)
    papers.agree(paper, actor=province.head, now=now)
    return paper


def answer(province: Province, feedback: Feedback, now: dt.datetime, points: Iterable[PointData] = ()) -> Paper:
    """Answer *feedback* through every hand, number included; return the paper."""
    paper = signed_reply(province, feedback, now, points)
    papers.enter_number(paper, number=f"{next(_number)}/SXD", numbered_on=now.date(), actor=province.records, now=now)
    return paper


def answered(province: Province, now: dt.datetime = MONDAY, **over: Any) -> Feedback:
    """Return an item that was answered at once."""
    feedback = taken(province, now, **over)
    answer(province, feedback, now)
    return feedback


def desk_paper(province: Province, feedback: Feedback, type_: PaperType, now: dt.datetime, **words: Any) -> Paper:
    """Send a paper of the desk through its chain: guide, refuse, forward, file, or open a complaint's case."""
    paper = papers.draft(feedback, type_, actor=province.clerk, now=now)
    values: dict[str, Any] = {"reason": rules.RefusalReason.NOT_CLEAR, "recipient": "Tòa án nhân dân tỉnh", "body": "Kính gửi ông, bà."}
    papers.write(paper, **(values | words), actor=province.clerk)
    papers.submit(paper, actor=province.clerk, now=now)
    papers.agree(paper, actor=province.desk_head, now=now)
    papers.enter_number(paper, number=f"{next(_number)}/TCD", numbered_on=now.date(), actor=province.desk_records, now=now)
    return paper


def open_case(province: Province, feedback: Feedback, now: dt.datetime) -> Paper:
    """Let Sở Xây dựng open the case of a complaint it has, through its chain."""
    paper = papers.draft(feedback, PaperType.OPEN_CASE, actor=province.officer, now=now)
    papers.write(paper, body="Thông báo thụ lý.", actor=province.officer)
    papers.submit(paper, actor=province.officer, now=now)
    papers.agree(paper, actor=province.head, now=now)
    papers.enter_number(paper, number=f"{next(_number)}/TB-SXD", numbered_on=now.date(), actor=province.records, now=now)
    return paper


def working_copy(case: SealedCase, actor: User, now: dt.datetime) -> copies.SealedCopy:
    """Let who is the only one to open *case* make its working copy and confirm it, text only."""
    reading.open_case(case, reason="Lập bản làm việc", actor=actor, now=now, declares=True)
    copy = copying.begin(case, [], actor=actor, now=now)
    copying.confirm(copy, {}, as_seen=copying.seen(copy), actor=actor, now=now)
    return copy


def granted(case: SealedCase, user: User, *, extent: Extent, until: dt.date, actor: User, now: dt.datetime) -> leading.SealedGrant:
    """Let the head grant *case*, who makes the working copy first where there is none."""
    if not copies.is_confirmed(case):
        working_copy(case, actor, now)
    return leading.grant(case, user, extent=extent, until=until, why="Xác minh", why_whole="Xem bản chụp sổ gốc", actor=actor, now=now)


def key_of(receipt: Receipt) -> ReceiptKey:
    """Return the sender's key of *receipt*, as the edge finds it."""
    assert receipt.feedback is not None
    assert receipt.key is not None
    key = queries.key_of(receipt.feedback, receipt.key)
    assert key is not None
    return key


def sender_key(feedback: Feedback) -> ReceiptKey:
    """Return the key that the sender of *feedback* holds."""
    key = db.session.scalar(db.select(ReceiptKey).where(ReceiptKey.feedback_id == feedback.id, ReceiptKey.person_id.is_(None)))
    assert key is not None
    return key


def proof() -> Attachment:
    """Return a photo that shows what was done, not yet in its place."""
    values = {"name": "anh.jpg", "media_type": "image/jpeg", "size": 9, "sha256": "0" * 64, "original_sha256": "0" * 64}
    file = StoredFile(**values, uploaded_at=MONDAY)
    db.session.add(file)
    db.session.flush()
    return Attachment(file=file, caption="Ảnh chụp ngày 10/8/2026")


def delegate(giver: User, to: User, *, form: str = "KT.", starts_on: dt.date, ends_on: dt.date, on: dt.date) -> None:
    """Let *to* act for *giver*, and read their reach again as of *on*."""
    db.session.add(Delegation(from_id=giver.id, to_id=to.id, form=form, starts_on=starts_on, ends_on=ends_on))
    db.session.flush()
    to.reach = reach_of(to, on=on)


def without_rule(code: str) -> None:
    """Let the province be one without that deadline rule."""
    for row in db.session.scalars(db.select(DeadlineRule).where(DeadlineRule.code == code)):
        row.active = False
    db.session.flush()


def actions(subject: Any) -> list[str]:
    """Return what happened to *subject*, oldest first."""
    db.session.flush()
    return [entry.action for entry in entries_about(subject)]


def told(subject: Any, since: int = 0) -> set[tuple[str, str]]:
    """Return who was told what about *subject*: (template's last word, "sender" or the person's name)."""
    db.session.flush()
    rows = db.session.scalars(
        db.select(Notice).where(Notice.subject_type == subject.__tablename__, Notice.subject_id == subject.id, Notice.id > since)
    )
    return {(row.template.rsplit("/", 1)[1], row.user.name if row.user else "sender") for row in rows}
