"""What can happen to a session, for the audit: each action with the facts it must carry."""

from __future__ import annotations

from dialogues.rules import Status

ACTIONS: dict[str, set[str]] = {
    "session.created": {"unit_id", "plan_line_id", "trigger"},
    "session.changed": {"changed"},
    "session.overridden": {"guard"},
    "session.invited": {"guests"},
    "session.invitations_sent": {"guests"},
    "session.guest_answered": {"guest_id", "answer"},
    "session.guest_removed": {"guest_id"},
    "session.registered": {"registration_id", "people"},
    "session.registration_changed": {"registration_id", "people"},
    "session.registration_cancelled": {"registration_id"},
    "session.seat_found": {"registration_id"},
    "session.came": {"attendance_id", "people"},
    "session.arrival_withdrawn": {"attendance_id"},
    **{f"session.{status}": set() for status in Status if status is not Status.DRAFT},
}
