"""What the audit may say of oversight: each action with the facts that it carries."""

from __future__ import annotations

ACTIONS: dict[str, set[str]] = {
    "oversight_paper.drafted": {"type"},
    "oversight_paper.written": set(),
    "oversight_paper.sent": set(),
    "oversight_paper.signed": {"form"},
    "oversight_paper.taken_back": set(),
    "oversight_paper.numbered": {"number", "gap"},
    "oversight_paper.file_replaced": {"digest"},
    "oversight_paper.discarded": {"type"},
    "watch.begun": set(),
    "watch.ended": set(),
    "watch.noted": {"shared"},
    "watch.note_dropped": set(),
    "subscription.begun": set(),
    "subscription.ended": set(),
}
