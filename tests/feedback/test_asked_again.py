"""What shows who somebody is, or lets somebody act for another, asks again who is there: a machine left open is nobody's word."""

from __future__ import annotations

import datetime as dt
import io

import pytest

from app import clock, files
from app.accounts.models import Delegation, SignIn
from app.audit import AuditEntry
from app.database import db
from app.permissions import Role
from feedback.models import Attachment
from feedback.sealed.operations import identity, reading
from tests import factories
from tests.app.files.samples import photo_with_place
from tests.feedback import builders
from tests.feedback.at_desk import AtDesk
from tests.feedback.pages import token
from tests.feedback.test_sealed_access import send

pytestmark = pytest.mark.strictest_database
#: What must not be written by who has not shown again who they are.
WRITES = ("sealed.identity_asked", "sealed.identity_decided", "sealed.identity_seen", "feedback.original_opened", "delegation.given")


def revealing(province):
    """Return who may look at who wrote a case, and who has to agree to another look, with the pages of each."""
    asks, agrees = (factories.make_user(unit=unit, roles=[(Role.SEALED_INTAKE, None)]) for unit in (province.front, province.steering))
    case, now = send(), clock.now()
    for reader in (asks, agrees):
        reading.open_case(case, declares=True, reason="Xem", actor=reader, now=now)
    identity.decide(identity.ask(case, reason="x", actor=asks, now=now), agree=True, reason="x", actor=agrees, now=now)
    waiting = identity.ask(case, reason="x", actor=agrees, now=now)
    page = f"/can-bo/to-cao/{case.uid}/nguoi-bao-tin"
    return {asks: [page, f"{page}/{waiting.uid}", f"{page}/xem"]}


def original(province):
    item = builders.taken(province, clock.now())
    photo = files.store_upload(io.BytesIO(photo_with_place()), "anh.jpg", clock.now())
    item.attachments.append(Attachment(file=photo, by_sender=True))
    return {province.officer: [f"/can-bo/y-kien/{item.code}/tep/{photo.uid}/ban-goc"]}


def delegations(province):
    admin = factories.make_user(unit=province.root, roles=[(Role.ADMINISTRATOR, None)])
    return {province.head: ["/quan-tri/uy-quyen"], admin: [f"/quan-tri/nguoi-dung/{province.head.id}/uy-quyen"]}


@pytest.mark.parametrize("of", [revealing, original, delegations], ids=lambda of: of.__name__)
def test_after_a_quarter_of_an_hour_it_is_asked_again_and_nothing_is_done(app, province, of):
    pages = of(province)
    day = [str(part) for part in (clock.today().day, clock.today().month, clock.today().year)]
    said = {"reason": "authenticity", "answer": "yes", "deputy_id": str(province.deputy.id), "form": "TUQ."}
    said |= {"starts_on": day, "ends_on": day}
    for user, addresses in pages.items():
        desk = AtDesk(app, user)
        csrf = token(desk.client, "/tra-cuu")
        db.session.execute(db.update(SignIn).values(confirmed_at=clock.now() - dt.timedelta(minutes=16)))
        db.session.commit()
        before = _written()
        for address in addresses:
            asked = desk.client.get(address)
            assert asked.status_code in {302, 405}, address
            assert asked.status_code == 405 or asked.location.startswith("/tai-khoan/xac-nhan"), address
            answer = desk.client.post(address, data=said | {"csrf_token": csrf})
            assert answer.status_code in {303, 401}, address
            assert answer.status_code == 401 or "/tai-khoan/xac-nhan" in answer.location, address
        assert _written() == before


def _written() -> list[int]:
    db.session.rollback()
    done = db.session.scalar(db.select(db.func.count(AuditEntry.id)).where(AuditEntry.action.in_(WRITES)))
    return [done, db.session.scalar(db.select(db.func.count(Delegation.id)))]
