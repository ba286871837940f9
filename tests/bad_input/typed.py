"""What forms of items and sessions would send if somebody had them; each form reads its own."""

from __future__ import annotations

from typing import Any

#: What their forms would send if they had them; each form reads its own.
TYPED: dict[str, Any] = {
    "text": "Lời", "note-text": "Lời", "tell-text": "Lời", "gui-lai-text": "Lời", "reason": "contact", "title": "Tên", "body": "Lời",
    "kind": "report", "ground": "complex", "granted": "yes", "report": "Xong", "source": "Sổ", "number": "1", "so-number": "9/SYT",
    "so-numbered_on": ["3", "8", "2026"], "reply": "", "checked": "y", "loai": "reply", "trinh": "1", "points-0-text": "Lời",
    "points-0-outcome": "explained", "parts-0-kind": "report", "parts-0-title": "a", "parts-0-body": "a", "parts-1-kind": "report",
    "parts-1-title": "b", "parts-1-body": "b",
}  # fmt: skip
