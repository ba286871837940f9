"""What administrators and auditors should look at, on their first page: roles about to hold, what needs a second person, the record.

Others add to `lines`. Each line is asked for what the reader may see; who may see nothing gets none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import clock, heartbeat, hooks
from app.accounts import agreeing, guarded, resets, rules
from app.accounts.models import Grant, User
from app.accounts.signing_in import present
from app.accounts.words import ROLES
from app.administration.views.people import may_change
from app.chain import queries as chain
from app.chain.jobs import CHECKER
from app.database import db
from app.formats import format_date, format_datetime, format_number
from app.permissions import GUARDED, Permission, Role

#: Each returns lines as `task_list` wants them.
lines: list[Callable[[], list[dict[str, Any]]]] = []


def at_hand() -> list[dict[str, Any]]:
    """Return every line for this reader."""
    return [line for each in lines for line in each()]


def _looks_after(user: User) -> bool:
    return current_user.reach.may(Permission.ACCOUNT_MANAGE, unit_path=user.unit.path)


def _roles_waiting() -> list[dict[str, Any]]:
    """Name the guarded roles that are given and do not hold yet: while they wait they can still be taken back."""
    grants = db.session.scalars(
        db.select(Grant)
        .where(Grant.role.in_(GUARDED), Grant.starts_on > clock.today(), Grant.ends_on.is_(None) | (Grant.ends_on >= Grant.starts_on))
        .order_by(Grant.starts_on, Grant.id)
    )
    return [
        {
            "title": _("%(name)s: %(role)s", name=grant.user.name, role=str(ROLES[Role(grant.role)])),
            "url": url_for("administration.user", user_id=grant.user_id)
            if _looks_after(grant.user)
            else url_for("administration.audit", ve=f"app_user:{grant.user_id}"),
            "hint": _("Có hiệu lực từ %(day)s. Giao nhầm thì thôi vai trò trước ngày ấy.", day=format_date(grant.starts_on, weekday=False)),
            "state": "todo",
            "text": _("Chưa có hiệu lực"),
        }
        for grant in grants
        if grant.is_ours and (_looks_after(grant.user) or current_user.reach.may(Permission.AUDIT_READ, unit_path=grant.user.unit.path))
    ]


def _roles_asked() -> list[dict[str, Any]]:
    """Name the roles that somebody asks for and that a second person has to agree to."""
    now, today = clock.now(), clock.today()
    return [
        {
            "title": _("%(name)s: %(role)s", name=row.user.name, role=str(ROLES[Role(row.role)])),
            "url": url_for("accounts.role_request", request_id=row.id),
            "hint": _("%(name)s đề nghị lúc %(at)s", name=row.asked_by.name, at=format_datetime(row.asked_at)),
            "state": "todo",
            "text": _("Chờ người thứ hai"),
        }
        for row in guarded.all_open(now=now)
        if agreeing.may_see(row, present(), today=today)
    ]


def _resets_waiting() -> list[dict[str, Any]]:
    """Name whose second factors somebody else asks to end: only who is told can be the second person."""
    return [
        {
            "title": _("Đặt lại xác nhận hai bước của %(name)s", name=row.user.name),
            "url": url_for("administration.reset_factors", user_id=row.user_id),
            "hint": _("%(name)s đề nghị lúc %(at)s", name=row.asked_by.name, at=format_datetime(row.asked_at)),
            "state": "todo",
            "text": _("Chờ người thứ hai"),
        }
        for row in resets.all_open(now=clock.now())
        if rules.may_reset(row.asked_by, present(), row.user) and _looks_after(row.user) and may_change(row.user)
    ]


def _record() -> list[dict[str, Any]]:
    """Say what the last check of the record came to, and how far it is anchored."""
    if not current_user.reach.may(Permission.AUDIT_READ):
        return []
    checked, first, anchors = heartbeat.last(CHECKER), chain.first_link(), chain.anchors(limit=1)
    line: dict[str, Any] = {"title": _("Khóa nhật ký"), "url": url_for("administration.anchors")}
    # Before the first check its beat says only since when it is waited for.
    if checked is None or first is None or checked.at < first.sealed_at:
        return [line | {"hint": _("Máy kiểm tra mỗi đêm."), "state": "todo", "text": _("Chưa kiểm tra lần nào")}]
    said = [_("Kiểm tra lần cuối %(at)s.", at=format_datetime(checked.at))]
    if anchors:
        said.append(_("Mốc mới nhất %(at)s, %(rows)s dòng.", at=format_datetime(anchors[0].at), rows=format_number(anchors[0].seq)))
    state = {"state": "todo", "text": _("Có lỗi, xem ngay")} if checked.faults else {"state": "done", "text": _("Nguyên vẹn")}
    return [line | {"hint": " ".join(said)} | state]


hooks.add(lines, _roles_asked, _resets_waiting, _roles_waiting, _record)
