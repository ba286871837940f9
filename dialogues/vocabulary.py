"""What can happen to a session, for the audit: each action with the facts it must carry."""

from __future__ import annotations

from dialogues.rules import Status

ACTIONS: dict[str, set[str]] = {
    "session.created": {"unit_id", "plan_line_id", "trigger"},
    "session.changed": {"changed"},
    "session.overridden": {"guard"},
    **{f"session.{status}": set() for status in Status if status is not Status.DRAFT},
}
