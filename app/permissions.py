"""What there is to be allowed, which role allows it, and where it holds. Pure: no database, no web.

A role is held in a *scope*: a unit with what is below it, an area (commune), or the whole install (MTTQ is above no
department). A deputy acts by dated delegation, which gives the roles of the person they stand in for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property


class Permission(StrEnum):
    """What a person may do; `thing.verb`, sorted."""

    ACCOUNT_MANAGE = "account.manage"
    AUDIT_READ = "audit.read"
    DIALOGUE_LEAD = "dialogue.lead"  # approve the plan, go on without what is missing, conclude
    DIALOGUE_PREPARE = "dialogue.prepare"  # plan, prepare, sit at the secretary's desk, write the minutes
    DIALOGUE_READ = "dialogue.read"
    FEEDBACK_APPROVE = "feedback.approve"  # sign in the chain: division head, office, signer
    FEEDBACK_ENTER = "feedback.enter"  # for someone: phone, paper, in person
    FEEDBACK_HANDLE = "feedback.handle"  # take, ask, draft
    FEEDBACK_LEAD = "feedback.lead"  # hand out, transfer, decide on extensions
    FEEDBACK_NUMBER = "feedback.number"  # văn thư: number and date after signing
    FEEDBACK_PUBLISH = "feedback.publish"  # masked public copy
    FEEDBACK_READ = "feedback.read"
    FEEDBACK_TRIAGE = "feedback.triage"  # classify, route, propose
    IDENTITY_READ = "identity.read"  # names and contacts kept from the handling unit
    OVERSIGHT_DECIDE = "oversight.decide"  # whether what was found not right is opened again; only above the unit
    OVERSIGHT_PETITION = "oversight.petition"  # MTTQ's văn bản kiến nghị, its reminders about those and about letters it forwarded
    OVERSIGHT_REMIND = "oversight.remind"  # đôn đốc: the superior, the standing body, or whom the province names
    OVERSIGHT_REPORT = "oversight.report"  # write the unit's report, hand it up, declare its targets
    OVERSIGHT_SIGN = "oversight.sign"  # sign what the body's officers prepared: letters, plans, conclusions, reports
    OVERSIGHT_SUPERVISE = "oversight.supervise"  # plan supervision, carry it out, conclude
    OVERSIGHT_VERIFY = "oversight.verify"  # look on the spot whether what is reported done is right
    REGISTER_READ = "register.read"  # the promise register
    SEALED_READ = "sealed.read"  # open what was sealed: the content of a denunciation
    SETTINGS_MANAGE = "settings.manage"
    UNIT_READ_LOAD = "unit.read_load"


class Role(StrEnum):
    """What a person is in a scope."""

    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    RECEPTION = "reception"
    OFFICER = "officer"
    DIVISION_HEAD = "division_head"
    OFFICE = "office"
    HEAD = "head"
    RECORDS = "records"
    FRONT = "front"
    STEERING = "steering"
    OVERSEER = "overseer"  # a body that the province names to remind and to look: the department of home affairs
    TRADE_UNION = "trade_union"
    SEALED_INTAKE = "sealed_intake"  # người tiếp nhận tố cáo


P = Permission
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset({P.ACCOUNT_MANAGE, P.SETTINGS_MANAGE, P.AUDIT_READ}),
    Role.AUDITOR: frozenset({P.AUDIT_READ}),
    Role.RECEPTION: frozenset({P.FEEDBACK_ENTER, P.FEEDBACK_TRIAGE, P.FEEDBACK_READ, P.FEEDBACK_PUBLISH, P.IDENTITY_READ}),
    Role.OFFICER: frozenset({P.FEEDBACK_HANDLE, P.FEEDBACK_READ, P.FEEDBACK_ENTER, P.DIALOGUE_PREPARE, P.DIALOGUE_READ}),
    Role.DIVISION_HEAD: frozenset(
        {
            P.FEEDBACK_HANDLE,
            P.FEEDBACK_READ,
            P.FEEDBACK_LEAD,
            P.FEEDBACK_APPROVE,
            P.UNIT_READ_LOAD,
            P.DIALOGUE_PREPARE,
            P.DIALOGUE_READ,
        }
    ),
    Role.OFFICE: frozenset(
        {
            P.FEEDBACK_READ,
            P.FEEDBACK_APPROVE,
            P.UNIT_READ_LOAD,
            P.DIALOGUE_PREPARE,
            P.DIALOGUE_READ,
            P.OVERSIGHT_REMIND,
            P.OVERSIGHT_REPORT,
        }
    ),
    Role.HEAD: frozenset(
        {
            P.FEEDBACK_HANDLE,
            P.FEEDBACK_READ,
            P.FEEDBACK_LEAD,
            P.FEEDBACK_APPROVE,
            P.FEEDBACK_PUBLISH,
            P.UNIT_READ_LOAD,
            P.REGISTER_READ,
            P.DIALOGUE_LEAD,
            P.DIALOGUE_PREPARE,
            P.DIALOGUE_READ,
            P.OVERSIGHT_DECIDE,
            P.OVERSIGHT_REMIND,
            P.OVERSIGHT_REPORT,
            P.OVERSIGHT_SIGN,
        }
    ),
    Role.RECORDS: frozenset({P.FEEDBACK_NUMBER, P.FEEDBACK_READ, P.DIALOGUE_READ}),
    # MTTQ supervises and petitions (Luật MTTQ Việt Nam, giám sát và phản biện xã hội): it reminds nobody of their duty and decides nothing.
    Role.FRONT: frozenset(
        {
            P.REGISTER_READ,
            P.FEEDBACK_READ,
            P.UNIT_READ_LOAD,
            P.DIALOGUE_READ,
            P.OVERSIGHT_PETITION,
            P.OVERSIGHT_SUPERVISE,
            P.OVERSIGHT_VERIFY,
        }
    ),
    Role.STEERING: frozenset(
        {
            P.REGISTER_READ,
            P.FEEDBACK_READ,
            P.UNIT_READ_LOAD,
            P.DIALOGUE_READ,
            P.OVERSIGHT_DECIDE,
            P.OVERSIGHT_REMIND,
            P.OVERSIGHT_SUPERVISE,
        }
    ),
    Role.OVERSEER: frozenset({P.REGISTER_READ, P.FEEDBACK_READ, P.UNIT_READ_LOAD, P.DIALOGUE_READ, P.OVERSIGHT_REMIND, P.OVERSIGHT_VERIFY}),
    Role.TRADE_UNION: frozenset({P.FEEDBACK_ENTER}),
    Role.SEALED_INTAKE: frozenset({P.SEALED_READ}),
}

#: Who holds one of these over a unit is one of its own people; a role without them looks at that unit from elsewhere, as MTTQ does.
SERVES = frozenset({P.FEEDBACK_HANDLE, P.FEEDBACK_LEAD, P.OVERSIGHT_REPORT})
SEATS = frozenset(role for role, permissions in GRANTS.items() if permissions & SERVES)

#: Given to a person by name: no delegation passes them on, and no administrator takes them for themselves.
PERSONAL = frozenset({Role.SEALED_INTAKE})

#: Who holds one of these may open what is sealed, read the record of it, or give these roles: they begin to hold only after a while
#: (app.accounts.guarded), and a delegation, which holds at once, does not pass them on.
GUARDED = PERSONAL | {Role.ADMINISTRATOR, Role.AUDITOR}


@dataclass(frozen=True)
class Scope:
    """Where a role holds: everywhere, below a unit (by its path), or in an area (a commune's place)."""

    everywhere: bool = False
    unit_path: str | None = None
    place_id: int | None = None

    def covers(self, *, unit_path: str | None, place_id: int | None) -> bool:
        """Say whether a thing of that unit and that place lies inside."""
        if self.everywhere:
            return True
        if self.unit_path is not None and unit_path is not None and unit_path.startswith(self.unit_path):
            return True
        return self.place_id is not None and place_id == self.place_id


@dataclass(frozen=True)
class Reach:
    """What a person may do and where, on one day: their roles and those delegated to them, flattened."""

    user_id: int
    unit_id: int
    holds: tuple[tuple[Role, Scope], ...] = field(default=())
    homes: tuple[str, ...] = ()  # paths of the units of their account, and of the accounts for which they stand in
    doubtful: bool = False  # a row of that was changed by hand: what it said before is not known, so nothing sealed opens to them

    def scopes(self, permission: Permission) -> list[Scope]:
        """Return where *permission* holds."""
        return [scope for role, scope in self.holds if permission in GRANTS[role]]

    def may(self, permission: Permission, *, unit_path: str | None = None, place_id: int | None = None) -> bool:
        """Say whether *permission* holds for a thing of that unit (path) and place."""
        return any(scope.covers(unit_path=unit_path, place_id=place_id) for scope in self.scopes(permission))

    def serves(self) -> set[str]:
        """Return the paths of the units for which they handle, lead or report by a role in just that unit, wherever their account is."""
        return {scope.unit_path for role, scope in self.holds if role in SEATS and scope.unit_path}

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The paths of all units that are theirs, wherever their account is: what says something of one of them is kept from them."""
        return tuple(sorted({*self.homes, *self.serves()}))

    def is_of(self, *, unit_id: int, unit_path: str) -> bool:
        """Say whether they are one of a unit's own people: they work there, or hold a seat there. Who leads the unit above is not."""
        return self.unit_id == unit_id or unit_path in self.serves()

    def may_anywhere(self, permission: Permission) -> bool:
        """Say whether *permission* holds anywhere: enough to show a menu, never to touch an item."""
        return permission in self._anywhere

    @cached_property
    def _anywhere(self) -> frozenset[Permission]:
        return frozenset().union(*(GRANTS[role] for role, _scope in self.holds))
