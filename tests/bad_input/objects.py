"""What the addresses of the permission matrix lead to beside items and sessions: one thing of each kind, at each state rights depend on.

An object is found by the longest beginning of an address. Whose it is decides who is let in, so it says which of the matrix's own people
made it, sent it or was granted it.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app import files
from app.accounts import agreeing, resets, rights
from app.accounts.models import Delegation, User
from app.breaches import operations as breaches
from app.database import db
from app.escalation import operations as rungs
from app.escalation.models import EscalationRule
from app.files import StoredFile, store_ours
from app.files.content import JPEG, PDF
from app.identities.models import Identity
from app.permissions import Role
from app.units.models import Place
from dialogues.models import Attendance, Hall, Question, ReceptionDay, ReceptionVisit, Session
from dialogues.operations import retaining as people
from dialogues.rules import QuestionState, ReceptionState, Status
from feedback.models import Attachment, Feedback, LetterTemplate
from feedback.operations import letters as templates
from feedback.personal import operations as personal
from feedback.personal import retaining
from feedback.personal.models import RetentionRule
from feedback.personal.rules import RequestKind
from feedback.rules import IdentityScope
from feedback.rules import Status as ItemStatus
from tests import factories
from tests.app.files import samples
from tests.app.test_factors import give_app
from tests.bad_input.conftest import Site
from tests.dialogues import builders as dialogues
from tests.feedback import builders
from tests.feedback.builders import MONDAY, at

Values = dict[str, str]
#: By the beginning of an address: arguments that lead to an object, by the state it is in. "?" is what stands behind the address.
Objects = dict[str, dict[str, Values]]
YEARS_AGO = dt.timedelta(days=365 * 6)


@dataclass(frozen=True)
class Cast:
    """Who asks: somebody with just that role in the units concerned, and in another unit."""

    site: Site
    own: Mapping[Role, User]
    other: Mapping[Role, User]


def pdf() -> StoredFile:
    return store_ours(samples.pdf(), "tai-lieu.pdf", PDF, MONDAY)


def photo() -> StoredFile:
    return store_ours(samples.picture(), "anh.jpg", JPEG, MONDAY)


def first(model: Any) -> Values:
    """Return the id of the first row, as the argument that its addresses name."""
    return {"id": str(db.session.scalars(db.select(model.id).order_by(model.id)).first())}


def of_the_install(cast: Cast) -> Objects:
    """Return what administrators keep: versions of rules, words of letters, breaches, delegations, lost second factors."""
    own, province, admin = cast.own, cast.site.province, cast.site.admin
    rungs.load_shipped(now=MONDAY)
    templates.load_shipped(now=MONDAY)
    breach = {"found_at": MONDAY, "what": "Gửi nhầm thư", "whose": "12 người ký đơn", "done": ""}
    noted, told = (breaches.note(**breach, actor=admin, now=MONDAY) for _ in range(2))
    breaches.report(told, at=MONDAY, to="Cục A05", actor=admin, now=MONDAY)
    lost = give_app(factories.make_user(unit=province.works, roles=[Role.OFFICER]))
    asker = factories.make_user(unit=province.root, roles=[(Role.ADMINISTRATOR, None)])
    reset = resets.ask(lost, reason="Mất điện thoại", actor=asker, today=MONDAY.date(), now=MONDAY)
    role = agreeing.ask(lost, Role.AUDITOR, starts_on=MONDAY.date(), actor=asker, today=MONDAY.date(), now=MONDAY)
    lent = _delegation(own[Role.HEAD], factories.make_user(unit=province.works, title="Phó Giám đốc"))
    identity = Identity(user_id=own[Role.OFFICER].id, issuer="https://vneid.example", subject="1", linked_at=MONDAY)
    place = Place(code="24", name="Bắc Ninh", kind="province", folded="bac ninh", sort_key="bac ninh")
    db.session.add_all([identity, place])
    db.session.flush()
    return {
        "/quan-tri/bac-don-doc/<int:rung_id>": {"": {"rung_id": first(EscalationRule)["id"]}},
        "/can-bo/quan-tri/mau-van-ban/<int:template_id>": {"": {"template_id": first(LetterTemplate)["id"]}},
        "/quan-tri/lich/<int:year>": {"": {"year": "2026"}},
        "/quan-tri/lo-thong-tin/<int:breach_id>": {"noted": {"breach_id": str(noted.id)}, "reported": {"breach_id": str(told.id)}},
        "/quan-tri/nguoi-dung/<int:user_id>/dat-lai-xac-nhan": {"": {"user_id": str(lost.id), "reset_id": str(reset.id)}},
        "/quan-tri/nguoi-dung/<int:user_id>/uy-quyen/<int:delegation_id>": {
            "": {"user_id": str(lent.from_id), "delegation_id": str(lent.id)}
        },
        "/quan-tri/uy-quyen/<int:delegation_id>": {"of this head": {"delegation_id": str(lent.id)}},
        "/tai-khoan/giao-vai-tro/<int:request_id>": {"": {"request_id": str(role.id)}},
        "/tai-khoan/noi-khac/<int:identity_id>": {"of this officer": {"identity_id": str(identity.id)}},
        "/quan-tri/thiet-lap/xa": {"": {"?": "tinh=24"}},
    }


def _delegation(giver: User, deputy: User) -> Delegation:
    days = {"starts_on": MONDAY.date(), "ends_on": at(30).date()}
    return rights.delegate(giver, deputy, form="KT.", **days, actor=giver, today=MONDAY.date(), now=MONDAY)


def of_items(cast: Cast) -> Objects:
    """Return what hangs on items: files as they came, what a person asked of their data, what is kept too long."""
    province, items = cast.site.province, cast.site.items
    retaining.load_shipped(now=MONDAY)
    withheld = builders.taken(province, identity_scope=IdentityScope.RECEPTION)
    of_files = {}
    for state, item in {"the unit knows who wrote": items["taken"], "kept from the unit": withheld}.items():
        kept = files.store_upload(io.BytesIO(samples.photo_with_place()), "anh.jpg", MONDAY)
        item.attachments.append(Attachment(file=kept, by_sender=True))
        db.session.flush()
        token = files.link_token(kept, f"user:{cast.own[Role.OFFICER].id}")
        of_files[state] = {"code": item.code, "uid": str(kept.uid), "token": token}
    answered = items["answered"]
    request = personal.ask(answered, builders.sender_key(answered), RequestKind.EXPORT, now=MONDAY)
    old: Feedback = builders.answered(province)
    old.status, old.closed_at = ItemStatus.CLOSED, MONDAY - YEARS_AGO
    db.session.flush()
    return {
        "/can-bo/y-kien/<code>/tep/<uuid:uid>": of_files,
        "/can-bo/y-kien/<code>/tep/<uuid:uid>/ban-goc/<token>": {"this officer's": of_files["the unit knows who wrote"]},
        "/can-bo/thong-tin-ca-nhan/<int:request_id>": {"": {"request_id": str(request.id)}},
        "/can-bo/luu-giu/<code>": {"kept too long": {"code": old.code}, "not yet": {"code": items["answered"].code}},
        "/can-bo/luu-giu/thoi-gian/<int:rule_id>": {"": {"rule_id": first(RetentionRule)["id"]}},
    }


def of_sessions(cast: Cast) -> Objects:
    """Return what addresses of sessions need beside the session: questions that were ticked, two versions to compare, a kept dossier."""
    rooms = cast.site.rooms.by_status
    ready, held, archived = rooms[Status.READY], rooms[Status.HELD], rooms[Status.ARCHIVED]
    session = db.session.scalars(db.select(Session).where(Session.code == archived["code"])).one()
    session.archive = pdf()
    waiting = db.session.scalars(
        db.select(Question.id).join(Session).where(Session.code == ready["code"], Question.state == QuestionState.WAITING)
    ).first()
    hall = db.session.scalars(db.select(Hall.id).join(Session).where(Session.code == ready["code"])).first()
    ticked, staff = ready | {"?": f"c={waiting}"}, "/can-bo/doi-thoai/<code>"
    db.session.flush()
    return {
        **_of_people(cast),
        **{f"{staff}/cau-hoi/{what}": {"ready": ticked} for what in ("chuyen", "gop", "khong-nhan")},
        f"{staff}/bien-ban/so-sanh": {"held": held | {"?": "tu=1&den=2"}},
        f"{staff}/ho-so/ho-so.zip": {"archived": archived},
        f"{staff}/chuong-trinh/tai-lieu/<int:file_id>/muc": {"ready": ready | {"file_id": ready["agenda_file_id"]}},
        f"{staff}/to-chuc/hoi-truong/<int:row_id>": {"ready": ready | {"row_id": str(hall)}},
    }


def _of_people(cast: Cast) -> Objects:
    """Return a session and a reception day whose people are kept too long, and one of each that is not over."""
    people.load_shipped(now=MONDAY)
    province, held, receptions = cast.site.province, [], []
    for ago in (YEARS_AGO, dt.timedelta()):
        session = dialogues.session_at(province, cast.own[Role.HEAD], Status.PUBLISHED)
        session.held_at = MONDAY - ago
        session.attendances.append(came := Attendance(at=MONDAY - ago))
        day = ReceptionDay(
            unit=province.ward, day=(MONDAY - ago).date(), begins=dt.time(8), ends=dt.time(9), venue="Trụ sở", state=ReceptionState.HELD
        )
        day.visits.append(visit := ReceptionVisit(position=1, code=f"TCD-26-{ago.days}", subject="", booked_at=MONDAY - ago))
        came.name = visit.name = "Nguyễn Thị Hợp"
        db.session.add(day)
        held.append(session)
        receptions.append(day)
    db.session.flush()
    states = ("kept too long", "not yet")
    return {
        "/can-bo/luu-giu/doi-thoai/<code>": {state: {"code": row.code} for state, row in zip(states, held, strict=True)},
        "/can-bo/luu-giu/tiep-cong-dan/<uuid:uid>": {state: {"uid": str(row.uid)} for state, row in zip(states, receptions, strict=True)},
    }
