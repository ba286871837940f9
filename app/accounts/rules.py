"""Who may look after whose account, who names a deputy, when a sign-in is over. Pure.

An administrator of a commune looks after the people of the units below, and hands out only what lies inside their own
scope. Otherwise they could set the password of somebody with more power, or lend that power, and so take it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Any, Protocol

from app.permissions import Permission, Reach, Role, Scope


class Factor(StrEnum):
    """What showed, besides the password, who signs in."""

    APP = "app"
    PASSKEY = "passkey"
    RECOVERY = "recovery"
    PROVIDER = "provider"  # who signs people in for us says that it asked for two


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


#: Part of the name a browser gives itself → its kind; the first that fits. They all call themselves Mozilla, most also Safari.
_BROWSERS = {
    r"\bEdg": "edge",
    r"\bOPR/|\bOpera": "opera",
    r"coc_coc_browser": "coc_coc",
    r"SamsungBrowser": "samsung",
    r"Firefox/|FxiOS/": "firefox",
    r"Chrome/|CriOS/": "chrome",
    r"Safari/": "safari",
}
_SYSTEMS = {r"Windows": "windows", r"Android": "android", r"iPhone|iPad": "ios", r"Mac OS X": "mac", r"CrOS": "chromeos", r"Linux": "linux"}
OTHER = "other"


def kind_of_browser(name: str) -> str:
    """Return the kind of a browser by the *name* it gives itself, without versions: those change while one is signed in."""
    return "/".join(next((kind for part, kind in kinds.items() if re.search(part, name)), OTHER) for kinds in (_BROWSERS, _SYSTEMS))


def is_over(*, made_at: dt.datetime, seen_at: dt.datetime, now: dt.datetime, hours: int, idle_minutes: int) -> bool:
    """Say whether a sign-in has ended: *hours* after it was made however busy, or *idle_minutes* after it was last used."""
    return now - made_at >= dt.timedelta(hours=hours) or now - seen_at >= dt.timedelta(minutes=idle_minutes)


def lacks_a_factor(*, factor: str, held: Iterable[str], required: Collection[str]) -> bool:
    """Say whether somebody who signed in by the password alone holds a role for which that is not enough."""
    return not factor and any(role in required for role in held)


class Named(Protocol):
    """Whose account it is."""

    id: Any
    name: Any
    email: Any


def may_reset(asker: Named, agreer: Named, user: Named) -> bool:
    """Say whether these two may end the second factors of that person: two people, and neither of them for themselves."""
    return not any(may_be_one(one, other) for one, other in ((asker, agreer), (asker, user), (agreer, user)))


def vouches(own: Reach, role: Role, scope: Scope, *, root_path: str | None) -> bool:
    """Say whether somebody's *own* roles let them agree that another holds *role* over *scope*: they lead the install, or hold it there."""
    leads = any(held is Role.HEAD and (each.everywhere or each.unit_path == root_path is not None) for held, each in own.holds)
    return leads or any(held is role and inside(each, scope) for held, each in own.holds)


def may_be_one(one: Named, other: Named) -> bool:
    """Say whether two accounts may be one person's: of one name, or of one mailbox (`ten+hai@` is `ten@`). Others cannot be told apart."""
    return one.id == other.id or _name(one) == _name(other) or _box(one) == _box(other)


def _name(who: Named) -> str:
    return " ".join(who.name.casefold().split())


def _box(who: Named) -> str:
    name, _at, host = who.email.casefold().partition("@")
    return f"{name.partition('+')[0]}@{host}"


def takes_hold(action: str, facts: dict[str, Any]) -> bool:
    """Say whether somebody who did that to an account may be behind it, or behind what it may agree to."""
    if action == "user.changed":
        return not {"email", "name"}.isdisjoint(facts["changed"])
    return action != "grant.given" or facts["role"] == Role.HEAD
