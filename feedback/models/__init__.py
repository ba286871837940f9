"""The item and its people, the papers, the routing table: one module each."""

from __future__ import annotations

from feedback.models.item import (
    Attachment,
    DeskHolding,
    ExternalRef,
    Feedback,
    FeedbackAssignment,
    FeedbackClock,
    Message,
    MessageKind,
    Person,
    PersonRole,
    Rating,
    ReceiptKey,
)
from feedback.models.papers import LetterTemplate, Paper, PaperStep, ReplyPoint, SpentNumber
from feedback.models.routing import RoutingRule

__all__ = [
    "Attachment",
    "DeskHolding",
    "ExternalRef",
    "Feedback",
    "FeedbackAssignment",
    "FeedbackClock",
    "LetterTemplate",
    "Message",
    "MessageKind",
    "Paper",
    "PaperStep",
    "Person",
    "PersonRole",
    "Rating",
    "ReceiptKey",
    "ReplyPoint",
    "RoutingRule",
    "SpentNumber",
]
