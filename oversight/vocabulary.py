"""What the audit may say of oversight: each action with the facts that it carries."""

from __future__ import annotations

ACTIONS: dict[str, set[str]] = {
    "watch.begun": set(),
    "watch.ended": set(),
    "watch.noted": {"shared"},
    "watch.note_dropped": set(),
    "subscription.begun": set(),
    "subscription.ended": set(),
}
