"""Who may do what to a session."""

from __future__ import annotations

from dataclasses import dataclass

from app.permissions import Permission, Reach


@dataclass(frozen=True)
class Standing:
    """Where a session belongs: the unit that holds it, those that chair or organise it along, and its area."""

    unit_path: str
    other_paths: tuple[str, ...] = ()
    place_id: int | None = None


def may_read(reach: Reach, standing: Standing) -> bool:
    """Say whether a session, before it is public, may be read: by its unit and those above, its co-chairs, MTTQ."""
    paths = (standing.unit_path, *standing.other_paths)
    return any(reach.may(Permission.DIALOGUE_READ, unit_path=path, place_id=standing.place_id) for path in paths)


def may_prepare(reach: Reach, standing: Standing) -> bool:
    """Say whether a session may be planned, prepared, recorded and written up: by the unit that holds it."""
    return reach.may(Permission.DIALOGUE_PREPARE, unit_path=standing.unit_path, place_id=standing.place_id)


def may_lead(reach: Reach, standing: Standing) -> bool:
    """Say whether a step may be taken although something is missing, and the plan approved: by the head of the unit."""
    return reach.may(Permission.DIALOGUE_LEAD, unit_path=standing.unit_path, place_id=standing.place_id)


def may_publish(reach: Reach, standing: Standing) -> bool:
    """Say whether a masked copy of a question may be put before everyone: by who publishes for the unit."""
    return reach.may(Permission.FEEDBACK_PUBLISH, unit_path=standing.unit_path, place_id=standing.place_id)


def may_number(reach: Reach, standing: Standing) -> bool:
    """Say whether numbers and dates of papers may be entered: by the unit's văn thư."""
    return reach.may(Permission.FEEDBACK_NUMBER, unit_path=standing.unit_path, place_id=standing.place_id)


def may_keep_door(reach: Reach, standing: Standing, *, assigned: bool) -> bool:
    """Say whether somebody may mark who came: who prepares the session, and whoever is *assigned* to it."""
    return may_prepare(reach, standing) or (assigned and may_read(reach, standing))


def may_record(reach: Reach, standing: Standing, *, assigned: bool) -> bool:
    """Say whether somebody may record at the desk: who prepares the session, and whoever is *assigned* to it as secretary."""
    return may_prepare(reach, standing) or (assigned and may_read(reach, standing))
