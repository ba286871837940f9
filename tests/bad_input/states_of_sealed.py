"""A sealed case from the day it came until the grants to read it are over: for the matrix by state.

It is about Sở Y tế, where the people of "another unit" are. The head here decides. All of it is granted to the officer, the office and the
steering committee, the working copy to văn thư.
"""

from __future__ import annotations

from app.accounts.models import User
from app.permissions import Role
from feedback.sealed import queries, thread
from feedback.sealed.models import SealedCase
from feedback.sealed.operations import identity, leading, reading
from feedback.sealed.rules import Extent
from tests.bad_input.conftest import NOW
from tests.bad_input.objects import Cast, Values
from tests.bad_input.objects_of_sealed import _begun, _copy, _sent
from tests.bad_input.states import Kind
from tests.feedback.builders import at

BYSTANDERS = (
    Role.RECEPTION, Role.DIVISION_HEAD, Role.FRONT, Role.OVERSEER, Role.TRADE_UNION, Role.AUDITOR, Role.ADMINISTRATOR,
)  # fmt: skip
GRANTED = {Role.OFFICER: Extent.WHOLE, Role.RECORDS: Extent.COPY, Role.OFFICE: Extent.WHOLE, Role.STEERING: Extent.WHOLE}
#: Each has come further than the one before, but for the last, which went another way.
SENT, OPENED, CONFIRMED, HANDED = "sent", "opened by intake", "confirmed who is accused", "handed to the head"
UNDECLARED, DECLARED, ENDED, CONFLICT = "granted", "granted and declared", "grants ended", "who was granted it declared a conflict"
HANDED_UP = "all heads accused and handed up"
WAY = (SENT, OPENED, CONFIRMED, HANDED, UNDECLARED, DECLARED, ENDED)


def of_sealed(cast: Cast) -> list[Kind]:
    """Return the one kind there is."""
    found = {state: _at(cast, state) for state in (*WAY, CONFLICT, HANDED_UP)}
    how = (
        'By the steps that people take. It is about Sở Y tế, where the people of "another unit" are; the head here decides; all of it is '
        "granted to the officer, the office and the steering committee, the working copy to văn thư."
    )  # fmt: skip
    return [Kind("A sealed case", how, "/can-bo/to-cao/<uuid:uid>", "uid", found, bystanders=BYSTANDERS)]


def _opened(case: SealedCase, by: User) -> None:
    reading.open_case(case, declares=True, reason="Xem", actor=by, now=NOW)


def _at(cast: Cast, state: str) -> Values:
    """Return the arguments that lead to a case in that state."""
    own, accused = cast.own, cast.site.province.health
    intake, head = own[Role.SEALED_INTAKE], own[Role.HEAD]
    case = _sent(accused.id)
    found = {"uid": str(case.uid), "file_uid": str(thread.files(case)[0].file.uid)}
    place = WAY.index(state) if state in WAY else WAY.index(CONFIRMED if state == HANDED_UP else UNDECLARED)
    if place >= WAY.index(OPENED):
        _opened(case, intake)
    if place >= WAY.index(CONFIRMED):
        heads = [user for user, _unit in queries.heads_for(case, on=NOW.date())] if state == HANDED_UP else []
        leading.confirm(case, unit=accused, people=heads, actor=intake, now=NOW)
    if state == HANDED_UP:
        leading.hand_up(case, words="Giao tận tay", actor=intake, now=NOW)
    if place < WAY.index(HANDED):
        return found
    _opened(case, cast.site.everybody)
    copy = _copy(case, intake, cast.site.everybody)
    leading.hand_to(case, head, actor=intake, now=NOW)
    _opened(case, head)
    found |= {"copy_uid": str(copy.uid), "page_uid": str(_begun(case, head).pages[0].uid)}
    found["reveal_uid"] = str(identity.ask(case, reason="Hẹn gặp", actor=head, now=NOW).uid)
    if place >= WAY.index(UNDECLARED):
        until, why = at(30).date(), {"why": "Xác minh", "why_whole": "Xem sổ gốc"}
        grants = {
            role: leading.grant(case, own[role], extent=extent, until=until, **why, actor=head, now=NOW) for role, extent in GRANTED.items()
        }
        found["grant_uid"] = str(grants[Role.OFFICER].uid)
        for role in GRANTED if state in {DECLARED, ENDED, CONFLICT} else ():
            reading.declare(case, conflict="Cháu tôi" if state == CONFLICT else "", actor=own[role], now=NOW)
        if state in {DECLARED, ENDED}:
            _opened(case, own[Role.OFFICER])
        for grant in grants.values() if state == ENDED else ():
            leading.end(grant, actor=head, now=NOW)
    return found
