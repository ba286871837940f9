"""What the year brings: a plan, what no plan names, the days on which a head receives citizens."""

from __future__ import annotations

from enum import StrEnum


class Trigger(StrEnum):
    """Why a session is held that no plan names. Luật Tổ chức chính quyền địa phương 72/2025/QH15 Điều 43."""

    VOTERS = "voters"  # at least 10 % of the commune's voters ask for it
    HOT_TOPIC = "hot_topic"  # "khi cần thiết"
    SUPERIOR = "superior"


class PlanState(StrEnum):
    """A yearly plan. Once approved it is followed by a new version, never edited."""

    DRAFT = "draft"
    APPROVED = "approved"
    REPLACED = "replaced"


class ReceptionState(StrEnum):
    """A day on which the head receives citizens."""

    PLANNED = "planned"
    HELD = "held"
    MOVED = "moved"
    CANCELLED = "cancelled"


class VisitState(StrEnum):
    """A citizen's booking for such a day."""

    BOOKED = "booked"
    CAME = "came"
    STAYED_AWAY = "stayed_away"
    CANCELLED = "cancelled"
