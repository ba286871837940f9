"""Who may look after whose account, and who names a deputy. Pure.

An administrator of a commune looks after the people of the units below, and hands out only what lies inside their own
scope. Otherwise they could set the password of somebody with more power, or lend that power, and so take it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from app.permissions import Permission, Reach, Scope


class SigningForm(StrEnum):
    """How the signature of who signs by delegation begins."""

    INSTEAD = "KT."
    BY_ORDER = "TL."
    BY_WARRANT = "TUQ."


def may_sign(form: SigningForm, title: str) -> bool:
    """Say whether somebody with that *title* may sign so for a head.

    NĐ 30/2020/NĐ-CP Điều 13: the head may have a deputy (cấp phó) sign KT.; TL. and TUQ. are for the heads of the units below,
    whose titles have no common beginning: the page says it, and the giver answers for it.
    """
    return form is not SigningForm.INSTEAD or title.casefold().startswith("phó ")


def inside(outer: Scope, inner: Scope) -> bool:
    """Say whether everything *inner* covers, *outer* covers too."""
    if outer.everywhere:
        return True
    if inner.everywhere:
        return False
    if inner.unit_path is not None:
        return outer.covers(unit_path=inner.unit_path, place_id=None)
    return outer.place_id is not None and outer.place_id == inner.place_id


def may_grant(reach: Reach, scope: Scope) -> bool:
    """Say whether the administrator may give a role over *scope*."""
    return any(inside(own, scope) for own in reach.scopes(Permission.ACCOUNT_MANAGE))


def may_manage(reach: Reach, *, unit_path: str, holds: Iterable[Scope]) -> bool:
    """Say whether the administrator may change the account of somebody of that unit who *holds* roles over these scopes."""
    return reach.may(Permission.ACCOUNT_MANAGE, unit_path=unit_path) and all(may_grant(reach, scope) for scope in holds)


def may_name_deputy(own: Reach, *, unit_path: str, deputy_path: str) -> bool:
    """Say whether who leads the unit by a role of their *own* may name somebody of that unit, or one below, as deputy."""
    return own.may(Permission.FEEDBACK_LEAD, unit_path=unit_path) and deputy_path.startswith(unit_path)
