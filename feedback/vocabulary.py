"""What can happen to an item, for the audit: each action with the facts it must carry. The timeline is read from these."""

from __future__ import annotations

ACTIONS: dict[str, set[str]] = {
    "feedback.received": {"kind", "channel", "field_id", "place_id", "desk_unit_id"},
    "feedback.routed": {"unit_id", "rule_id"},
    "feedback.classified": {"changed"},
    "feedback.split": {"parts"},
    "feedback.merge_proposed": {"into_id"},
    "feedback.merged": {"into_id"},
    "feedback.unmerged": {"from_id"},
    "feedback.linked_repeat": {"of_id"},
    "feedback.taken": {"unit_id"},
    "feedback.given_again": {"officer_id"},
    "feedback.returned": {"unit_id", "reason"},
    "feedback.transferred": {"from_id", "to_id", "hops"},
    "feedback.asked": {"message_id", "unit_id", "pauses"},
    "feedback.question_answered": {"message_id"},
    "feedback.added": {"message_id"},
    "feedback.noted": {"message_id"},
    "feedback.told": {"message_id", "unit_id"},
    "feedback.extension_asked": {"ground", "request_id"},
    "feedback.extension_decided": {"ground", "granted", "due_on", "request_id"},
    "feedback.handling_notified": {"unit_id"},
    "feedback.case_opened": {"paper_id", "due_on"},
    "feedback.answered": {"unit_id", "paper_id"},
    "feedback.guided": {"unit_id", "paper_id"},
    "feedback.refused": {"unit_id", "paper_id", "reason"},
    "feedback.forwarded": {"unit_id", "paper_id"},
    "feedback.filed": {"unit_id", "paper_id"},
    "feedback.withdrawn": set(),
    "feedback.rated": {"score"},
    "feedback.reopened": {"round", "unit_id"},
    "feedback.closed": set(),
    "feedback.promise_made": {"assignment_id", "unit_id", "due_on"},
    "feedback.promise_kept": {"assignment_id", "unit_id"},
    "feedback.published": set(),
    "feedback.unpublished": set(),
    "feedback.referenced": {"source"},
    "paper.drafted": {"type"},
    "paper.submitted": {"type"},
    "paper.agreed": {"step"},
    "paper.sent_back": {"step"},
    "paper.signed": set(),
    "paper.signed_for": {"form"},
    "paper.numbered": {"number"},
    "paper.discarded": set(),
    "routing.changed": {"changed"},
    "template.changed": {"changed"},
    "sealed.opened": {"step_id"},
    "sealed.dealt_with": {"step_id"},
}

#: What the sender sees of it; the rest is the office's own business.
TOLD_TO_SENDER = frozenset(
    {
        "feedback.received", "feedback.routed", "feedback.split", "feedback.merge_proposed", "feedback.merged", "feedback.unmerged",
        "feedback.taken", "feedback.returned", "feedback.transferred", "feedback.asked", "feedback.question_answered", "feedback.added",
        "feedback.told", "feedback.extension_decided", "feedback.case_opened", "feedback.answered", "feedback.guided", "feedback.refused",
        "feedback.forwarded", "feedback.filed", "feedback.withdrawn", "feedback.rated", "feedback.reopened", "feedback.closed",
        "feedback.promise_made", "feedback.promise_kept", "feedback.published",
    }
)  # fmt: skip
