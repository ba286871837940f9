"""A sealed case before anybody said who is accused, at sealed intake, and with the head who decides: for the matrix.

It is about Sở Y tế, where the people of "another unit" are: whatever they hold, for them there is no such case. Of the people of the units
concerned the head decides; the officer was granted all of it and the văn thư the working copy, and both declared; the office has yet to
declare; the steering committee's grant was ended.
"""

from __future__ import annotations

import uuid
from typing import Any

from app.accounts.models import User
from app.database import db
from app.files import store_ours
from app.files.content import JPEG
from app.permissions import Role
from feedback import rules
from feedback.operations.intake import PersonData
from feedback.sealed import thread
from feedback.sealed.copies import SealedCopy
from feedback.sealed.models import SealedCase
from feedback.sealed.operations import copying, identity, leading, reading
from feedback.sealed.operations.taking_in import attach
from feedback.sealed.rules import Extent
from tests.app.files import samples
from tests.bad_input.conftest import NOW
from tests.bad_input.objects import Cast, Objects, Values, photo
from tests.feedback import builders
from tests.feedback.builders import at


def of_sealed(cast: Cast) -> Objects:
    """Return the three cases, and in the last one copies, grants and who asked who wrote."""
    own, accused = cast.own, cast.site.province.health
    intake, head, officer = own[Role.SEALED_INTAKE], own[Role.HEAD], own[Role.OFFICER]

    def opened(case: SealedCase, by: User) -> SealedCase:
        reading.open_case(case, declares=True, reason="Xem", actor=by, now=NOW)
        return case

    sent, confirmed, led = (_sent(accused.id) for _ in range(3))
    for case in (confirmed, led):
        opened(case, intake)
        leading.confirm(case, unit=accused, people=(), actor=intake, now=NOW)
    opened(led, cast.site.everybody)
    given = _copy(led, intake, cast.site.everybody)
    leading.hand_to(led, head, actor=intake, now=NOW)
    opened(led, head)
    grants = {
        role: leading.grant(led, own[role], extent=extent, until=at(30).date(), why="Xác minh", why_whole="Xem sổ gốc", actor=head, now=NOW)
        for role, extent in {
            Role.OFFICER: Extent.WHOLE, Role.RECORDS: Extent.COPY, Role.OFFICE: Extent.WHOLE, Role.STEERING: Extent.WHOLE,
        }.items()
    }  # fmt: skip
    for role in (Role.OFFICER, Role.RECORDS, Role.STEERING):
        reading.declare(led, conflict="", actor=own[role], now=NOW)
    leading.end(grants[Role.STEERING], actor=head, now=NOW)
    opened(led, officer)
    copying.open_copy(given, reason="Xác minh", actor=own[Role.RECORDS], now=NOW)
    shown = identity.ask(led, reason="Hẹn gặp", actor=officer, now=NOW)
    identity.decide(shown, agree=True, reason="Cần", actor=head, now=NOW)
    asked = identity.ask(led, reason="Hẹn gặp", actor=head, now=NOW)
    cases = {"sent": sent, "at intake": confirmed, "with a head": led}
    work = {"at intake": confirmed, "with a head": led}
    in_work = {state: _begun(case, intake if case is confirmed else head) for state, case in work.items()}
    case_ = "/can-bo/to-cao/<uuid:uid>"
    copies = f"{case_}/ban-lam-viec"
    only = {name: {"with a head": _of(led) | values} for name, values in {
        "copy": {"copy_uid": str(given.uid), "page_uid": str(given.pages[0].uid)},
        "grant": {"grant_uid": str(grants[Role.OFFICE].uid)},
        "reveal": {"reveal_uid": str(asked.uid)},
        "seen": {},
    }.items()}  # fmt: skip
    pages = {state: _of(work[state]) | {"page_uid": str(copy.pages[0].uid)} for state, copy in in_work.items()}
    files = {state: _of(case) | {"file_uid": str(thread.files(case)[0].file.uid)} for state, case in cases.items()}
    return {
        case_: {state: _of(case) for state, case in work.items()},
        f"{case_}/nguoi-bi-noi-toi": {state: _of(case) for state, case in cases.items()},
        f"{case_}/tep": files,
        f"{case_}/giao-xem": only["seen"],
        f"{case_}/giao-xem/<uuid:grant_uid>": only["grant"],
        f"{case_}/khai-loi-ich": only["seen"],
        f"{case_}/nguoi-dung-dau": {"at intake": _of(confirmed)},
        f"{case_}/nguoi-bao-tin/<uuid:reveal_uid>": only["reveal"],
        copies: pages,
        f"{copies}/<uuid:copy_uid>": only["copy"],
    }


def _of(case: SealedCase) -> Values:
    return {"uid": str(case.uid)}


def _sent(accused_unit_id: int) -> SealedCase:
    said: dict[str, Any] = {"body": "Nhận phong bì", "people": (PersonData(name="Lê Thị Giấu"),), "token": uuid.uuid4().hex}
    builders.submit(kind=rules.DENUNCIATION, accused_unit_id=accused_unit_id, **said)
    db.session.flush()
    case = db.session.scalars(db.select(SealedCase).order_by(SealedCase.id.desc())).first()
    assert case is not None
    file = photo()
    db.session.add(file)
    attach(case, [file])
    return case


def _begun(case: SealedCase, actor: User) -> SealedCopy:
    return copying.begin(case, [(each, 0) for each in thread.files(case)], actor=actor, now=NOW)


def _copy(case: SealedCase, by: User, looked_again: User) -> SealedCopy:
    """Return one that was confirmed."""
    copy = _begun(case, by)
    burned = {page.id: store_ours(samples.picture(), "trang.jpg", JPEG, NOW) for page in copy.pages}
    copying.confirm(copy, burned, as_seen=copying.seen(copy), actor=looked_again, now=NOW)
    return copy
