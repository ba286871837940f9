"""The end of somebody's second factors and a guarded role, each by two: in each state, for the matrix by state."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app.accounts import agreeing, resets
from app.accounts.models import User
from app.permissions import Role
from tests import factories
from tests.app.test_factors import give_app
from tests.bad_input.objects import Cast
from tests.bad_input.states import Kind
from tests.feedback.builders import MONDAY

LONG_AGO = MONDAY - dt.timedelta(days=60)
BYSTANDERS = (
    Role.RECEPTION, Role.OFFICER, Role.DIVISION_HEAD, Role.OFFICE, Role.HEAD, Role.RECORDS, Role.FRONT, Role.STEERING, Role.OVERSEER,
    Role.TRADE_UNION,
)  # fmt: skip


def of_accounts(cast: Cast) -> list[Kind]:
    """Return what two administrators do."""
    return [_resets(cast), _role_requests(cast)]


def _two(cast: Cast) -> tuple[User, User]:
    root = cast.site.province.root
    asker, second = (factories.make_user(unit=root, roles=[(Role.ADMINISTRATOR, None)]) for _ in range(2))
    return asker, second


def _resets(cast: Cast) -> Kind:
    asker, second = _two(cast)
    found = {}
    for state in ("asked", "asked too long ago", "agreed", "refused"):
        lost = give_app(factories.make_user(unit=cast.site.province.works, roles=[Role.OFFICER]))
        now = LONG_AGO if state == "asked too long ago" else MONDAY
        row = resets.ask(lost, reason="Mất điện thoại", actor=asker, today=MONDAY.date(), now=now)
        if state in {"agreed", "refused"}:
            resets.decide(row, agreed=state == "agreed", actor=second, today=MONDAY.date(), now=MONDAY)
        found[state] = {"user_id": str(lost.id), "reset_id": str(row.id), "answer": "dong-y"}
    how = "By the steps that people take. Who asked and who agreed are two others of the administrators."
    prefix = "/quan-tri/nguoi-dung/<int:user_id>/dat-lai-xac-nhan"
    return Kind("The end of somebody's second factors", how, prefix, "user_id", found, bystanders=BYSTANDERS)


def _role_requests(cast: Cast) -> Kind:
    asker, second = _two(cast)
    found: dict[str, Any] = {}
    for state in ("asked", "asked too long ago", "agreed", "refused"):
        user = factories.make_user(unit=cast.site.province.works, roles=[Role.OFFICER])
        now = LONG_AGO if state == "asked too long ago" else MONDAY
        row = agreeing.ask(user, Role.AUDITOR, starts_on=MONDAY.date(), actor=asker, today=MONDAY.date(), now=now)
        if state == "agreed":
            agreeing.agree(row, actor=second, today=MONDAY.date(), now=MONDAY)
        elif state == "refused":
            agreeing.refuse(row, actor=second, today=MONDAY.date(), now=MONDAY)
        found[state] = {"request_id": str(row.id), "answer": "dong-y"}
    how = (
        "By the steps that people take: the role of auditor for an officer. Who asked and who agreed are two others of the administrators."
    )
    return Kind("A guarded role", how, "/tai-khoan/giao-vai-tro/<int:request_id>", "request_id", found, bystanders=BYSTANDERS)
