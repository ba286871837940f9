"""Who are a unit's own people. Pure.

A role over a unit reaches all that is below it, and whoever is above reminds, supervises and judges. So what a unit says in its own name,
and what it does with its papers before they are out, asks for a role in just that unit: else the one who asks would answer for the asked.
"""

from __future__ import annotations

from app.permissions import Permission, Reach


def holds_in(reach: Reach, permission: Permission, unit_path: str) -> bool:
    """Say whether a person holds *permission* by a role in that unit itself, not by one above it or for everywhere."""
    return any(scope.unit_path == unit_path for scope in reach.scopes(permission))


def units_of(reach: Reach, *permissions: Permission) -> list[str]:
    """Return the paths of the units of which a person is for one of *permissions*: the same, for a query."""
    return sorted({scope.unit_path for each in permissions for scope in reach.scopes(each) if scope.unit_path})
