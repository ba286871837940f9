"""What the day of a clock is reckoned from, as values: of pages that read its columns, and no row."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PauseFacts:
    """Days that do not count."""

    ground: str
    starts_on: dt.date
    ends_on: dt.date | None


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """What app.assignments.models.Clock knows of how its day comes about, under the same names."""

    rule_json: str
    variants_json: str
    extensions_json: str
    start_event: str
    started_on: dt.date
    is_running: bool
    pauses: tuple[PauseFacts, ...] = ()

    @property
    def rule(self) -> dict[str, Any]:
        return json.loads(self.rule_json)

    @property
    def variants(self) -> list[str]:
        return json.loads(self.variants_json)

    @property
    def extensions(self) -> list[dict[str, Any]]:
        return json.loads(self.extensions_json)

    @property
    def is_paused(self) -> bool:
        return self.is_running and any(pause.ends_on is None for pause in self.pauses)
