"""Who are a unit's own people. Pure.

A role over a unit reaches all that is below it, and whoever is above reminds, supervises and judges. So what a unit says in its own name,
and what it does with its papers before they are out, asks for a role in just that unit: else the one who asks would answer for the asked.
"""

from __future__ import annotations

from app.permissions import GRANTS, SEATS, Permission, Reach


def holds_in(reach: Reach, permission: Permission, unit_path: str) -> bool:
    """Say whether a person holds *permission* by a role in that unit itself, not by one above it or for everywhere."""
    return any(scope.unit_path == unit_path for scope in reach.scopes(permission))


def holds_at_home(reach: Reach, permission: Permission, home_path: str) -> bool:
    """Say whether a person holds *permission* so that they act with it for *home_path*, the unit where their account is.

    MTTQ of a commune looks at units that are not its own, and does so as MTTQ. But whoever leads a part of the unit, or another
    unit, speaks for that one and not for the whole where their account is.
    """
    return any(
        scope.unit_path is None
        or home_path.startswith(scope.unit_path)
        or (role not in SEATS and not scope.unit_path.startswith(home_path))
        for role, scope in reach.holds
        if permission in GRANTS[role]
    )


def bodies_of(reach: Reach, permission: Permission, home_path: str) -> list[str]:
    """Return the paths of the units for which a person acts with *permission*: their own where that counts, and where they hold a role."""
    return units_of(reach, permission) + ([home_path] if holds_at_home(reach, permission, home_path) else [])


def units_of(reach: Reach, *permissions: Permission) -> list[str]:
    """Return the paths of the units of which a person is for one of *permissions*: the same, for a query."""
    return sorted({scope.unit_path for each in permissions for scope in reach.scopes(each) if scope.unit_path})
